"""Content as a terminal may show it: text, whose control characters are written as escapes.

A terminal carries out what control characters tell it: to change its title, to clear the screen, to
answer as if somebody had typed. Whoever asks a server for text did not ask for that.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# C0 but tab and newline, DEL, and C1 (ISO 6429). The CR of a line end that is CRLF is none.
_CONTROLS: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]")
_ERRORS: Final = "backslashreplace"


class BinaryContentError(Exception):
    """The content is no text: it has a NUL."""


def shown(pieces: Iterable[bytes], charset: str | None) -> Iterator[str]:
    """Turn content into text that is harmless for a terminal.

    Args:
        pieces: The content as it comes.
        charset: What it says to be in; UTF-8 is taken if it says nothing, or nothing known.

    Raises:
        BinaryContentError: It has a NUL; what came before it was given.
    """
    decoder = _decoder(charset)
    held = ""  # A CR may be the first half of a line end.
    for piece in pieces:
        text = held + decoder.decode(piece)
        held = "\r" if text.endswith("\r") else ""
        yield from _harmless(text.removesuffix("\r"))
    yield from _harmless(held + decoder.decode(b"", final=True))


def _decoder(charset: str | None) -> codecs.IncrementalDecoder:
    try:
        b"x".decode(charset or "utf-8", _ERRORS)  # It fails for a codec that is none of text.
        return codecs.getincrementaldecoder(charset or "utf-8")(_ERRORS)
    except (LookupError, ValueError):  # ValueError: a name with a NUL.
        return codecs.getincrementaldecoder("utf-8")(_ERRORS)


def _harmless(text: str) -> Iterator[str]:
    if "\0" in text:
        raise BinaryContentError
    if text:
        yield _CONTROLS.sub(_escape, text.replace("\r\n", "\n"))


def _escape(control: re.Match[str]) -> str:
    return control[0].encode("unicode_escape").decode("ascii")
