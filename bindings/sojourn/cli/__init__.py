"""The command line: ``sojourn get`` makes a request and tells why, ``sojourn demo`` shows it off.

``arguments`` is what can be said, ``program`` leads from there to the exit code (``codes``),
``get`` and ``demo`` (with its servers, ``origins``) are what is done. ``story`` turns a call into
lines that people read, ``output`` writes them, and ``sink`` is a file that is whole or not there.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
