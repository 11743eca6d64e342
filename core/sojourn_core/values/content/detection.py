"""Detection of charsets by charset-normalizer, if it is installed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Any two bytes are a character of UTF-16: without a mark that guess is never wrong.
_NOT_GUESSED: Final = ["utf_16_be", "utf_16_le", "utf_32_be", "utf_32_le"]


@cache
def detector() -> Callable[[bytes], str | None] | None:
    """Return the function that guesses a charset; None without the ``charset`` extra."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return None

    def guess(content: bytes) -> str | None:
        best = from_bytes(content, cp_exclusion=_NOT_GUESSED).best()
        return None if best is None else best.encoding.replace("_", "-")

    return guess
