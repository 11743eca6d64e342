"""Servers that the tests and the benchmark talk to, on the loopback interface only.

``nginx`` is a real server with fixed locations, ``apache`` one that asks who it is, ``scripted``
plays bytes that no real server would send, and ``authority`` issues the certificates.
"""
