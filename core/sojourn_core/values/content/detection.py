"""Detection of charsets by charset-normalizer, if it is installed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def detector() -> Callable[[bytes], str | None] | None:
    """Return the function that guesses a charset; None without the ``charset`` extra."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return None

    def guess(content: bytes) -> str | None:
        best = from_bytes(content).best()
        return None if best is None else best.encoding.replace("_", "-")

    return guess
