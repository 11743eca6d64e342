"""Heads of responses, cut out of what a peer sends and checked before a parser sees them.

A parser of whole heads waits for a blank line, however wrong what came first is, and says of a head
that it refuses which bytes it did not like, but not which field they stood in. So each head is cut
out here, and looked at as it grows: it begins with a status line or is refused at its first wrong
byte, and what is too long is refused where its limit says. A head that is complete goes on to the
parser in one piece, unchanged but for one thing: a Set-Cookie line with a control character is left
out with a decision, since one such cookie is no reason to lose the whole response. A reader that is
lenient makes valid heads of some that are not (``lenient_head``).

Lines that end with a bare LF are let through (RFC 9112 section 2.2), and ``bare_lf`` says so: a
connection on which sender and recipient may disagree about the end of a line is not used again.

Sources: RFC 9112 sections 2.2, 4 and 5; RFC 9110 section 5.5; RFC 6265bis section 5.6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import IncompleteHead, RemoteProtocolError

from .field_lines import field_lines, shown_name
from .lenient_head import lenient_head

if TYPE_CHECKING:
    from sojourn_core.values.fields import Fields
    from sojourn_core.values.limits import Limits

_BLANK: Final = re.compile(rb"\n\r?\n")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STATUS: Final = re.compile(rb"HTTP/[0-9]\.[0-9] [0-9]{3}[ \r\n]")
# The same, of which only the first bytes have come: each may be missing with all after it.
_STATUS_BEGINS: Final = re.compile(
    rb"(?:H(?:T(?:T(?:P(?:/(?:[0-9](?:\.(?:[0-9]"
    rb"(?: (?:[0-9](?:[0-9](?:[0-9](?:[ \r\n])?)?)?)?)?)?)?)?)?)?)?)?)?"
)
# A line that frames content, in a head that is not complete.
_FRAMED: Final = re.compile(
    rb"\n(?:content-length:[ \t]*([0-9]{1,20})|transfer-encoding:[ \t]*chunked)[ \t]*\r?\n",
    re.IGNORECASE,
)
STATUS_SIZE: Final = len("HTTP/1.1 200 ")

COOKIE_LEFT_OUT: Final = Decision(
    code="cookie.rejected.control-character",
    subject="Set-Cookie",
    reason="the line has a control character, and is left out of the response",
    section="RFC 6265bis 5.6",
)


class HeadReader:
    """Cuts one head after the other out of what comes.

    Attributes:
        bare_lf: Whether a line of any head ended with a bare LF.
        rest: What came after the last head that was cut.
        decisions: One for each field line of the last head that was left out, or read leniently.
        fields: All fields of the last head as they came, if the reader is lenient; else None.
        unclean: Some head was not valid, and was read leniently.

    Args:
        limits: What the peer may send.
        lenient: Read heads that are not quite valid.
    """

    __slots__ = (
        "_held",
        "_lenient",
        "_limits",
        "_line_end",
        "_line_start",
        "_lines",
        "bare_lf",
        "decisions",
        "fields",
        "rest",
        "unclean",
    )

    def __init__(self, limits: Limits, lenient: bool = False) -> None:
        self._limits = limits
        self._lenient = lenient
        self._held: bytearray | None = None  # A head that is not complete.
        self._line_start = 0  # The start of its last field line,
        self._line_end = 0  # the end of the complete lines,
        self._lines = 0  # and their number.
        self.bare_lf = False
        self.unclean = False
        self.fields: Fields | None = None
        self.rest = b""
        self.decisions: tuple[Decision, ...] = ()

    def feed(self, data: bytes) -> bytes | None:
        """Take in what came.

        Args:
            data: At least one byte.

        Returns:
            One head with its blank line, once it is complete; ``rest`` is what came after it.

        Raises:
            RemoteProtocolError: At the first byte that no head can have there, or beyond a limit.
        """
        held = self._held
        if held is None:
            end = data.find(b"\r\n\r\n")
            if end >= 0:
                head = data[: end + 4]
                breaks = head.count(b"\n")
                if breaks == head.count(b"\r\n"):  # Else one with a bare LF may end before.
                    self.rest = data[end + 4 :]
                    return self._checked(head, breaks)
            held = self._held = bytearray()
        start = max(len(held) - 2, 0)
        held += data
        end_of_head = _BLANK.search(held, start)
        if end_of_head is None:
            self._check_growth(held)
            return None
        head = bytes(held[: end_of_head.end()])
        self.rest = bytes(held[end_of_head.end() :])
        self._held = None
        return self._checked(head, head.count(b"\n"))

    def ended(self) -> RemoteProtocolError:
        """Build the error for a stream that has ended where a head should."""
        if not self._held:
            return RemoteProtocolError("the stream ended before the head of the response")
        said = "the stream ended within the head of the response"
        framed = _FRAMED.search(self._held)
        if framed is None:
            return RemoteProtocolError(said)
        error = IncompleteHead(said)
        error.missing = int(framed[1] or b"0")
        return error

    def _check_growth(self, held: bytearray) -> None:
        """Check a head that is not complete.

        Raises:
            RemoteProtocolError: If it cannot become one that is let through.
        """
        if self._lines == 0 and not _begins(held):
            raise not_http()
        limits = self._limits
        self._check_lines(held)
        if self._lines - 1 > limits.field_lines_max:
            raise _too_many(limits)
        if len(held) > limits.head_size_max:
            raise _too_large(limits)

    def _check_lines(self, held: bytearray | bytes) -> None:
        """Check the size of each line that came since the last time, with what is folded to it."""
        most = self._limits.field_line_size_max
        while True:
            end = held.find(b"\n", self._line_end)
            stop = len(held) if end < 0 else end + 1
            if held[self._line_end : self._line_end + 1] not in (b" ", b"\t"):
                self._line_start = self._line_end
            start = self._line_start
            if stop - start > most:
                what = f"field line {shown_name(bytes(held[start : start + 256]))}"
                if start == 0:
                    what = "the status line"
                raise RemoteProtocolError(f"{what} of the response is larger than {most} bytes")
            if end < 0:
                return
            self._lines += 1
            self._line_end = stop

    def _checked(self, head: bytes, breaks: int) -> bytes:
        """Check a complete head.

        Args:
            head: Its bytes, with the blank line.
            breaks: How many LF it has.

        Returns:
            What the parser is given.

        Raises:
            RemoteProtocolError: If it is not let through.
        """
        limits = self._limits
        if _STATUS.match(head) is None:
            raise not_http()
        # The order is that of ``_check_growth``: the error is the same however the head came.
        if len(head) > limits.field_line_size_max:
            self._check_lines(head)
        if breaks - 2 > limits.field_lines_max:
            raise _too_many(limits)
        if len(head) > limits.head_size_max:
            raise _too_large(limits)
        self._line_start = self._line_end = self._lines = 0
        self.decisions = ()
        ends = head.count(b"\r\n")
        if breaks != ends:
            self.bare_lf = True
        if head.count(b"\r") != ends or _CONTROL.search(head) is not None:
            head = self._without_bad_cookies(head)
        return self._relaxed(head) if self._lenient else head

    def _relaxed(self, head: bytes) -> bytes:
        octets, self.fields, decisions = lenient_head(head)
        if decisions:
            self.decisions += decisions
            self.unclean = True
        return octets

    def _without_bad_cookies(self, head: bytes) -> bytes:
        """Leave out each Set-Cookie with a control character, and refuse any other field with one.

        NUL and a bare CR are refused wherever they stand: they have ended lines and strings early
        in too many parsers.
        """
        kept: list[bytes] = []
        left_out: list[Decision] = []
        for index, field in enumerate(field_lines(head)):
            text = field.removesuffix(b"\n").removesuffix(b"\r")
            bad = _CONTROL.search(text) is not None
            worse = b"\0" in text or b"\r" in text.replace(b"\r\n", b"")
            if not bad and not worse:
                kept.append(field)
            elif index and not worse and text.partition(b":")[0].lower() == b"set-cookie":
                left_out.append(COOKIE_LEFT_OUT)
            else:
                what = f"field {shown_name(text)}" if index else "the status line"
                raise RemoteProtocolError(f"{what} of the response holds a control character")
        self.decisions = tuple(left_out)
        return b"".join(kept)


def without_framing(head: bytes) -> bytes:
    """Leave out the fields that frame content.

    A 2xx to CONNECT has none, and its recipient must ignore them (RFC 9110 section 9.3.6).
    """
    names = (b"content-length", b"transfer-encoding")
    lines = field_lines(head)
    return b"".join(line for line in lines if line.partition(b":")[0].lower() not in names)


def not_http() -> RemoteProtocolError:
    """Build the error for what does not begin as a response does."""
    return RemoteProtocolError("the response is not valid HTTP: illegal status line")


def _begins(held: bytearray) -> bool:
    """Bytes that a status line may begin with."""
    first = bytes(held[:STATUS_SIZE])
    found = _STATUS_BEGINS.match(first)
    return found is not None and found.end() == len(first)


def _too_large(limits: Limits) -> RemoteProtocolError:
    return RemoteProtocolError(
        f"the head of the response is larger than {limits.head_size_max} bytes"
    )


def _too_many(limits: Limits) -> RemoteProtocolError:
    return RemoteProtocolError(f"the response has more than {limits.field_lines_max} field lines")
