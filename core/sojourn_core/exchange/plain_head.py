"""Plain response heads, recognised without a parser.

Nearly every response head is plain, and reading one is then a matter of two regular expressions. A
head is plain if all of this holds; h11 is asked about any other:

*   it is complete, each line ends with CRLF, and none is folded;
*   it begins with ``HTTP/1.0`` or ``HTTP/1.1`` and a status from 200 to 999;
*   each field name is a token that a colon follows at once, and no value holds a control character;
*   it has one Content-Length, a number of at most 20 digits, or one ``Transfer-Encoding: chunked``,
    or neither of them, and never both.

Of what is plain, h11 would say the same: the same lines, the same framing, the same word on whether
the connection is kept. A property test holds it to that. Limits on sizes and counts are not looked
at here.

Sources: RFC 9112 sections 4 to 6 and 9.3.
"""

from __future__ import annotations

import re
from math import inf
from typing import Final, NamedTuple

from sojourn_core.values.fields import Fields
from sojourn_core.values.head import ResponseHead

_HEAD: Final = re.compile(
    rb"HTTP/(1\.[01]) ([2-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*+))?\r\n"
    rb"((?:[-!#$%&'*+.^_`|~0-9a-zA-Z]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+)\r\n"
)
_LINE: Final = re.compile("([^:\r\n]+):[ \t]*([^\r\n]*)\r\n")
# Trailing whitespace of a value. The expression above takes the leading.
_PADDED: Final = (" \r", "\t\r")
LENGTH_DIGITS_MAX: Final = 20


class PlainHead(NamedTuple):
    """A plain head, and the facts of its framing.

    Attributes:
        head: The head.
        length: Its Content-Length in bytes; None if it has none.
        chunked: Its content is chunked.
        keeps_alive: Neither version nor Connection end the connection after it.
    """

    head: ResponseHead
    length: int | None
    chunked: bool
    keeps_alive: bool


def plain_head(octets: bytes, lines_max: float = inf) -> PlainHead | None:
    """Read a head.

    Args:
        octets: A whole head, its blank line included.
        lines_max: The number of field lines that it may have.

    Returns:
        The head, or None if it is not plain or has more lines.
    """
    match = _HEAD.fullmatch(octets)
    if match is None:
        return None
    version, status, reason, block = match.groups()
    text = block.decode("latin-1")
    lines: list[tuple[str, str]] = _LINE.findall(text)
    if _PADDED[0] in text or _PADDED[1] in text:
        lines = [(name, value.rstrip(" \t")) for name, value in lines]
    if len(lines) > lines_max:
        return None
    names = {name.lower(): value for name, value in lines}
    if len(names) == len(lines):
        fields = Fields.from_lines(lines, names)
    else:  # Some repeat, and their values are joined.
        fields = Fields.from_lines(lines)
        names = fields.by_name()
    length = names.get("content-length")
    coding = names.get("transfer-encoding")
    if length is not None:
        if coding is not None or not length.isdecimal() or len(length) > LENGTH_DIGITS_MAX:
            return None
    elif coding is not None and coding != "chunked":
        return None
    keeps_alive = version == b"1.1"
    connection = names.get("connection")
    if connection is not None and connection != "keep-alive" and keeps_alive:
        options = [option.strip(" \t").lower() for option in connection.split(",")]
        keeps_alive = "close" not in options
    phrase = reason.decode("latin-1") if reason else ""
    head = ResponseHead(int(status), fields, phrase, version.decode("ascii"))
    return PlainHead(head, None if length is None else int(length), coding is not None, keeps_alive)
