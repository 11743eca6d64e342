"""The command line: ``sojourn get`` makes a request and tells why, ``sojourn demo`` shows it off.

``arguments`` defines what can be typed, and ``program`` leads from there to the exit code
(``codes``). ``get`` and ``demo`` (with its servers, ``origins``) carry the two commands out:
``address`` completes a URL, ``content`` reads what is sent, ``sink`` and ``terminal`` take what
came back. ``story`` turns a call into lines that people read, and ``output`` writes them.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
