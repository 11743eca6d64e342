"""Checks of a response that hold whichever parser has read it.

A parser behind the codec may let through field lines that are too long, too many or hold what no
value may hold, and framing without end. It may also quote what it refuses.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import ChunkedEncodingError, RemoteProtocolError

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.limits import Limits

# RFC 9110 section 5.5 does not let a value hold these. LF separates lines already.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_search_control: Final = _CONTROL.search


def decode_lines(items: list[tuple[bytes, bytes]], limits: Limits) -> list[FieldLine]:
    """Decode field lines as ISO-8859-1, the only way that loses nothing.

    Raises:
        RemoteProtocolError: If there are too many, or if one holds a control character.
    """
    if len(items) > limits.field_lines_max:
        raise RemoteProtocolError(
            f"the response has more than {limits.field_lines_max} field lines"
        )
    # All lines at once: decoding and searching each costs more than all the rest of a head.
    text = b"\n".join(chain.from_iterable(items)).decode("latin-1")
    each = iter(text.split("\n") if items else ())
    lines = list(zip(each, each, strict=True))
    if _search_control(text) is not None:
        name = next(name for name, value in lines if _search_control(value) is not None)
        raise RemoteProtocolError(f"field {name[:64]!r} of the response holds a control character")
    return lines


def check_sizes(lines: list[FieldLine], total: int, reason: bytes, limits: Limits) -> None:
    """Hold a head, or a trailer section, to its limits.

    A parser looks at the size of what is not complete yet; what came at once may be larger.

    Args:
        lines: Its field lines.
        total: The size of all of it, in bytes.
        reason: The reason phrase; empty for trailers.
        limits: What the peer may send.

    Raises:
        RemoteProtocolError: If a line, or all of it, is too large.
    """
    for name, value in lines:
        if len(name) + len(value) + 4 > limits.field_line_size_max:
            raise RemoteProtocolError(
                f"field line {name[:64]!r} of the response is larger than "
                f"{limits.field_line_size_max} bytes"
            )
    if total > limits.head_size_max or len(reason) > limits.field_line_size_max:
        raise RemoteProtocolError(
            f"the head of the response is larger than {limits.head_size_max} bytes"
        )


def check_overhead(framing: int, content: int, limits: Limits) -> None:
    """Hold the framing of content that has not ended to its limit.

    Args:
        framing: Bytes that were no content so far, the head among them.
        content: Bytes that were.
        limits: What the peer may send.

    Raises:
        ChunkedEncodingError: If the framing is out of proportion.
    """
    most = limits.head_size_max + limits.chunk_overhead_free
    if framing > most + limits.chunk_overhead_ratio * content:
        raise ChunkedEncodingError("the content has more framing than content")


def without_quotes(error: Exception) -> str:
    """Return a complaint without the bytes that it quotes, which may be secret or hostile."""
    if isinstance(error, UnicodeEncodeError):
        return "a character is outside ISO-8859-1"
    text = str(error)
    for quote in ("b'", 'b"', "bytearray("):
        text = text.partition(quote)[0]
    return text.rstrip(" :(,")[:128] or type(error).__name__
