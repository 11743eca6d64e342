"""Plain response heads, recognised without a parser.

Nearly every response head is plain, and most of its lines are those of an earlier one: a line that
was read before is not read anew. A head is plain if all of this holds; h11 is asked about others:

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
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sojourn_core.values.fields import Fields
from sojourn_core.values.head import ResponseHead
from sojourn_core.values.masking import SECRET_NAMES
from sojourn_core.values.named_tuple import NamedTuple

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine

    _Found: TypeAlias = tuple[ResponseHead, int | None, bool, bool]

_START: Final = re.compile(r"HTTP/(1\.[01]) ([2-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*+))?")
_LINE: Final = re.compile(r"([-!#$%&'*+.^_`|~0-9a-zA-Z]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)")
LENGTH_DIGITS_MAX: Final = 20
_SEEN_MAX: Final = 1024
_SEEN_SIZE_MAX: Final = 256


class _Seen(NamedTuple):
    """The lines that were read before, without their ends, but for those that may hold a secret.

    Nothing is ever taken out of it.

    Attributes:
        starts: Version, status and reason phrase of status lines.
        lines: Name and value of field lines.
        named: The same, with the name in lower case; it has all that ``lines`` has.
    """

    starts: dict[str, tuple[str, int, str]]
    lines: dict[str, FieldLine]
    named: dict[str, FieldLine]


class LastHead:
    """The head that came last on a connection: one that is the same is not read again.

    A server that is asked often sends many heads that differ in nothing, the second of their Date
    included. That is seen by a comparison of bytes. What a head says is kept once it has come for
    the second time, so that heads which all differ cost next to nothing more.

    Args:
        size_max: The number of bytes that a head may have.
        lines_max: As for ``plain_head``.

    Attributes:
        octets: The last head, its blank line included; empty if it was not plain.
    """

    __slots__ = ("_found", "_lines_max", "_size_max", "octets")

    def __init__(self, size_max: int, lines_max: int) -> None:
        self._size_max = size_max
        self._lines_max = lines_max
        self._found: _Found | None = None  # In the last head; its fields are nobody else's.
        self.octets = b""

    def read(self, data: bytes) -> _Found | None:
        """Read the head that a response begins with; its first bytes are in ``data``.

        Returns:
            As ``plain_head``; None too if the head is not there as a whole, or too long.
        """
        octets = self.octets
        if octets and data.startswith(octets):
            if self._found is None:
                self._found = plain_head(octets, self._lines_max)
                assert self._found is not None, "it was plain the first time"
            head, length, chunked, keeps_alive = self._found
            head = ResponseHead(head.status, head.fields.copy(), head.reason, head.version)
            return head, length, chunked, keeps_alive
        self.octets, self._found = b"", None
        size = data.find(b"\r\n\r\n") + 4
        if not 4 < size <= self._size_max:
            return None
        octets = data[:size]
        found = plain_head(octets, self._lines_max)
        if found is not None:
            self.octets = octets
        return found


_seen = _Seen({}, {}, {})  # Replaced when it is full: other threads go on with what they have.


def plain_head(octets: bytes, lines_max: float = inf) -> _Found | None:
    """Read a head.

    Args:
        octets: A whole head, its blank line included.
        lines_max: The number of field lines that it may have.

    Returns:
        The head; its Content-Length in bytes, or None if it has none; True if its content is
        chunked; True if neither version nor Connection end the connection after it. None if the
        head is not plain, or has more lines.
    """
    start, *block = octets[:-4].decode("latin-1").split("\r\n")
    if len(block) > lines_max or not octets.endswith(b"\r\n\r\n"):
        return None
    seen = _seen
    begun = seen.starts.get(start) or _read_start(start)
    lines: Any = [*map(seen.lines.get, block)]
    named: Any = map(seen.named.get, block)
    if None in lines:
        named = _read_lines(block, lines)
    if begun is None or named is None:
        return None
    names: dict[str, str] = dict(named)
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
    version, status, reason = begun
    keeps_alive = version == "1.1"
    connection = names.get("connection")
    if connection is not None and connection != "keep-alive" and keeps_alive:
        options = [option.strip(" \t").lower() for option in connection.split(",")]
        keeps_alive = "close" not in options
    head = ResponseHead(status, fields, reason, version)
    return head, None if length is None else int(length), coding is not None, keeps_alive


def _read_start(start: str) -> tuple[str, int, str] | None:
    """Read a status line that was not read before; return None if it is not plain."""
    match = _START.fullmatch(start)
    if match is None:
        return None
    version, status, reason = match.groups()
    begun = (version, int(status), reason or "")
    if len(start) <= _SEEN_SIZE_MAX:
        _room().starts[start] = begun
    return begun


def _read_lines(block: list[str], lines: list[FieldLine | None]) -> list[FieldLine] | None:
    """Read the field lines that were not read before.

    Args:
        block: All field lines of a head.
        lines: Name and value of those that were; the others' are filled in.

    Returns:
        Name in lower case and value of all lines; None if one of them is not plain.
    """
    named: list[FieldLine] = []
    for index, line in enumerate(block):
        pair = lines[index]
        if pair is None:
            match = _LINE.fullmatch(line)
            if match is None:
                return None
            pair = lines[index] = (match[1], match[2].rstrip(" \t"))
            lowered = pair[0].lower()
            if len(line) <= _SEEN_SIZE_MAX and SECRET_NAMES.search(lowered) is None:
                seen = _room()
                seen.named[line] = (lowered, pair[1])
                seen.lines[line] = pair
        named.append((pair[0].lower(), pair[1]))
    return named


def _room() -> _Seen:
    """Return what was seen, with room for more."""
    global _seen  # noqa: PLW0603  # The one place that replaces it.
    if len(_seen.lines) >= _SEEN_MAX or len(_seen.starts) >= _SEEN_MAX:
        _seen = _Seen({}, {}, {})
    return _seen
