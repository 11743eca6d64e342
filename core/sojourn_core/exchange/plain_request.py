"""Plain request heads, written without a parser.

A head is plain if all of this holds; h11 writes any other:

*   the method is a token and not CONNECT, and the target is of visible ASCII characters;
*   each field name is a token, and no value holds a control character, or begins or ends with
    blanks;
*   there is one Host, and no Upgrade;
*   there is one Content-Length, a number of at most 20 digits, or one ``Transfer-Encoding:
    chunked``, or neither of them, and never both.

Its bytes are those that h11 would write, Host first (RFC 9110 section 7.2); a property test holds
it to that. The last head's lines are kept with the connection, because the next one's are mostly
the same. They hold credentials, so no other connection has them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.record import replace

from .plain_head import LENGTH_DIGITS_MAX

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine

    from .codec import RequestHead

_METHOD: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_TARGET: Final = re.compile(r"[\x21-\x7e]+")
_VALUE: Final = r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?"
# Names, or values, of all lines at once, joined by LF, which none of them may hold.
_NAMES: Final = re.compile(rf"{_METHOD.pattern}(?:\n{_METHOD.pattern})*")
_VALUES: Final = re.compile(rf"{_VALUE}(?:\n{_VALUE})*")
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
# Fields that say something of the connection or the framing. Of these there is one line each.
_SINGLE: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class PlainLines:
    """The field lines of the last head that went out on a connection.

    Attributes:
        octets: The lines as bytes, blank line included; None if they are not plain.
        length: Their Content-Length in bytes; None if there is none.
        chunked: They say that the content is chunked.
        keeps_alive: They do not ask for the connection to be closed.
    """

    __slots__ = ("_known", "_targets", "chunked", "keeps_alive", "length", "octets")

    def __init__(self) -> None:
        self._known: list[FieldLine] | None = None
        self._targets = ("", "")  # The last start that was found plain.
        self.octets: bytes | None = None
        self.length: int | None = None
        self.chunked = False
        self.keeps_alive = True

    def fits(self, method: str, target: str, lines: list[FieldLine]) -> bool:
        """Learn the lines of a head, and say if all of it is plain.

        Args:
            method: The method.
            target: The request-target.
            lines: Its field lines, which must not be changed afterwards.
        """
        if lines is not self._known and lines != self._known:
            self._learn(lines)
        if self.octets is None:
            return False
        start = (method, target)
        if start == self._targets:
            return True
        if (
            _METHOD.fullmatch(method) is None
            or method == "CONNECT"
            or _TARGET.fullmatch(target) is None
        ):
            return False
        self._targets = start
        return True

    def _learn(self, lines: list[FieldLine]) -> None:
        self._known, self.octets = lines, None
        names = [name.lower() for name, _ in lines]
        found = dict(zip(names, [value for _, value in lines], strict=True))
        if len(found) != len(names) and any(names.count(name) > 1 for name in _SINGLE):
            return
        if "host" not in found or "upgrade" in found or not _is_plain(lines):
            return
        length, coding = found.get("content-length"), found.get("transfer-encoding")
        if length is not None:
            number = length.isascii() and length.isdecimal() and len(length) <= LENGTH_DIGITS_MAX
            if coding is not None or not number:
                return
        elif coding is not None and coding != "chunked":
            return
        host = names.index("host")
        ordered = [lines[host], *lines[:host], *lines[host + 1 :]]
        text = "".join([f"{name}: {value}\r\n" for name, value in ordered])
        options = [option.strip(" \t").lower() for option in found.get("connection", "").split(",")]
        self.length = None if length is None else int(length)
        self.chunked = coding is not None
        self.keeps_alive = "close" not in options
        self.octets = text.encode("latin-1") + b"\r\n"


def without_content(request: RequestHead) -> RequestHead:
    """Return the head of a request whose content is no matter: only its response is to be read."""
    kept = [line for line in request.lines if line[0].lower() not in _FRAMING]
    return replace(request, lines=kept)


def _is_plain(lines: list[FieldLine]) -> bool:
    """Tell whether each name is a token and each value one that a field may have."""
    names = "\n".join([name for name, _ in lines])
    values = "\n".join([value for _, value in lines])
    breaks = len(lines) - 1
    return (
        names.count("\n") == values.count("\n") == breaks
        and _NAMES.fullmatch(names) is not None
        and _VALUES.fullmatch(values) is not None
    )
