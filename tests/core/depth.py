"""How deep JSON must be for every interpreter to give up on it."""

from __future__ import annotations

from typing import Final

# CPython 3.11 counts to 1,000, 3.12 and 3.13 to some thousands. From 3.14 on it measures the stack:
# a level takes more than 8 bytes of the 8 MiB that a process has by default.
TOO_DEEP: Final = 1_000_000
