"""Servers and proxies that nobody here wrote, and the client in front of each of them.

``python -m tests.interop`` starts all that this machine has, tries every case with sync, asyncio
and trio, over HTTP and HTTPS, and writes ``docs/interop.md``. The tests of this folder do the same
for those that a run of the tests may take for granted, with fewer cases.

``servers`` and ``proxies`` are the tables of what is started, ``cases`` and ``proxy_cases`` of what
is tried, ``sites`` are the applications that servers run, and ``page`` writes the page.
"""
