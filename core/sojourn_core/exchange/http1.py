"""One HTTP/1.1 message pair: h11 for what must be parsed, counting for what need not be.

h11 writes the request, and parses heads, chunked and close-delimited content. Content with a
Content-Length is counted off here, because handing each piece through a parser that does nothing
but count costs more than all the rest of a large download: the octets after the head are taken as
``trailing_data``, and the next exchange begins with a fresh ``h11.Connection``.

After the end of a response nothing may be left over. h11 would keep surplus octets as the start of
the next head, and one response would answer another's request (RFC 9112 section 9.2 and its
security considerations); a connection with surplus octets is never used again.

h11 checks the size of heads that are not complete yet, and leaves control characters in values
alone; both are checked here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import h11

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    InvalidContent,
    InvalidHeader,
    RemoteProtocolError,
    RequestException,
)
from sojourn_core.values.fields import Fields
from sojourn_core.values.head import ResponseHead

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.limits import Limits

    from .connection import HeadMemo

END: Final = h11.EndOfMessage()
# What RFC 9110 section 5.5 does not let a value hold, and h11 does.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # LF separates lines already.
_NO_CONTENT_STATUSES: Final = frozenset({204, 304})


class Message:
    """The HTTP/1.1 side of one exchange. Each method does its work at once.

    Attributes:
        informational: Informational heads that nobody took yet.
        head: The final head, once it is there.
        ended: Whether the response has ended.
        reusable: Whether, as far as this message goes, its connection may serve another.
        reason: Why it may not, in a few words.
        trailers: Fields that came after chunked content.
        switched: Whether what follows on the stream is not HTTP any more.
        error: What is wrong with the response. What came before it is good: heads and content are
            handed up first, so that it does not matter how the octets were cut on their way.
    """

    __slots__ = (
        "_closed",
        "_content",
        "_deferred",
        "_fed",
        "_h11",
        "_informational_count",
        "_informational_size",
        "_limits",
        "_memo",
        "_method",
        "_octets",
        "_remaining",
        "_surplus",
        "_taken",
        "ended",
        "error",
        "head",
        "informational",
        "reason",
        "reusable",
        "switched",
        "trailers",
    )

    def __init__(self, method: str, limits: Limits) -> None:
        self._method = method
        self._limits = limits
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.head_size_max)
        self._memo: HeadMemo | None = None  # Where to keep the head, if it is all there is.
        self._octets = b""
        self._deferred: h11.Request | None = None
        self._content: bytes | None = None
        self._remaining = -1  # Octets that a Content-Length still promises; -1: h11 frames.
        self._closed = False
        self._surplus = False
        self._fed = 0
        self._taken = 0
        self._informational_count = 0
        self._informational_size = 0
        self.informational: list[ResponseHead] = []
        self.head: ResponseHead | None = None
        self.ended = False
        self.reusable = False
        self.switched = False
        self.reason = "the response has not ended"
        self.trailers: Fields | None = None
        self.error: RequestException | None = None

    # The request.

    def start(self, target: str, lines: list[FieldLine], memo: HeadMemo) -> bytes:
        """The head of the request.

        Args:
            target: The request-target.
            lines: Field lines, Host included, in the order to send them in.
            memo: Of this connection: what an earlier, equal head was validated to.

        Raises:
            InvalidHeader: If h11 does not let the head through. It is the last to look.
        """
        try:
            request = memo.request_for(self._method, target, lines)
            if memo.octets is not None:
                self._deferred = request
                return memo.octets
            octets = self._h11.send(request) or b""
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            # h11 names the octets that it refuses; of a value these may be a secret.
            said = _without_octets(error)
            raise InvalidHeader(f"the head of the request cannot be sent: {said}") from None
        self._memo, self._octets = memo, octets
        return octets

    def catch_up(self) -> None:
        """Tell h11 of a head that it wrote before.

        The octets of an equal head need not be written again, so they can go out at once; h11
        hears of them while they are on their way to the peer.
        """
        request, self._deferred = self._deferred, None
        if request is not None:
            self._h11.send(request)
            self._h11.send(END)

    def chunk(self, data: bytes) -> bytes:
        """A piece of the request's content, framed.

        Raises:
            InvalidContent: If it goes beyond the Content-Length that was declared.
        """
        self._memo = None
        request, self._deferred = self._deferred, None
        try:
            if request is not None:
                self._h11.send(request)
            return self._h11.send(h11.Data(data=data)) or b""
        except h11.LocalProtocolError:
            raise InvalidContent("the content is longer than its Content-Length says") from None

    def end(self) -> bytes:
        """The end of the request's content.

        Raises:
            InvalidContent: If less was sent than the declared Content-Length.
        """
        if self._deferred is not None:
            return b""
        try:
            rest = self._h11.send(END) or b""
        except h11.LocalProtocolError:
            raise InvalidContent("the content is shorter than its Content-Length says") from None
        if self._memo is not None and not rest:
            self._memo.octets = self._octets
        return rest

    # The response.

    def receive(self, data: bytes) -> None:
        """Take in octets from the peer; none say that the stream has ended.

        What is wrong with them is left in ``error``: a RemoteProtocolError if the head is not one,
        or beyond a limit; a ChunkedEncodingError if the content ends early, or its framing is
        broken.
        """
        if self._deferred is not None:
            self.catch_up()
        try:
            if self._remaining >= 0:
                self._count(data)
                return
            if not data:
                self._close()
            self._fed += len(data)
            self._h11.receive_data(data)
            if self.head is None and not self._parse_head():
                return
            if self._remaining < 0:
                self._parse_content()
        except h11.RemoteProtocolError as error:
            self.error = self._complaint(error)
        except RequestException as error:
            self.error = error

    def judge(self) -> None:
        """Say whether the connection may serve another request, by what is known now."""
        head = self.head
        if self.switched or not self.ended or head is None:
            return
        if self._surplus:
            self.reason = "octets came after the response"
        elif self._closed:
            self.reason = "the end of the stream ended the content"
        elif (state := self._h11.our_state) is h11.DONE:
            names = head.fields.by_name()
            if "transfer-encoding" in names and "content-length" in names:
                # RFC 9112 section 6.3: "ought to be handled as an error"; chunked wins, once.
                self.reason = "the response has both Transfer-Encoding and Content-Length"
            else:
                self.reusable = True
                self.reason = ""
        elif state is h11.MUST_CLOSE:
            self.reason = "the connection is not kept alive"
        else:
            self.reason = "the request was not sent to its end"

    def take(self) -> bytes:
        """The content that has come and was not taken yet."""
        data, self._content = self._content, None
        return data or b""

    @property
    def has_content(self) -> bool:
        """Whether there is content to take."""
        return self._content is not None

    @property
    def until_close(self) -> bool:
        """Whether only the end of the stream ends the content (RFC 9112 section 6.3, rule 8)."""
        fields = None if self.head is None else self.head.fields
        return (
            fields is not None
            and not self.ended
            and self._remaining < 0
            and "transfer-encoding" not in fields
        )

    @property
    def surplus(self) -> bytes:
        """What came after a response that switched protocols."""
        return self._h11.trailing_data[0]

    def _close(self) -> None:
        self._closed = True
        if self.head is None:
            within = self._h11.trailing_data[0]
            raise RemoteProtocolError(
                f"the stream ended {'within' if within else 'before'} the head of the response"
            )

    def _complaint(self, error: h11.RemoteProtocolError) -> RequestException:
        where = "the head" if self.head is None else "a chunk head or the trailer section"
        if error.error_status_hint == 431:
            said = f"{where} of the response is larger than {self._limits.head_size_max} octets"
        else:
            said = _without_octets(error)
        if self.head is not None:
            return ChunkedEncodingError(f"the content of the response broke off: {said}")
        if error.error_status_hint == 431:
            return RemoteProtocolError(said)
        return RemoteProtocolError(f"the response is not valid HTTP: {said}")

    def _parse_head(self) -> bool:
        while True:
            event = self._h11.next_event()
            if isinstance(event, h11.Response):
                break
            if not isinstance(event, h11.InformationalResponse):
                return False
            self._inform(event)
            if self.switched:
                return False
        head = self.head = self._head_of(event)
        names = head.fields.by_name()
        length = names.get("content-length")
        if (
            length is not None
            and "transfer-encoding" not in names
            and self._method != "HEAD"
            and head.status not in _NO_CONTENT_STATUSES
            and not (self._method == "CONNECT" and head.status < 300)
        ):
            # h11 has seen to it that all lines and members of Content-Length agree.
            self._remaining = int(length.split(",", 1)[0])
            surplus = self._h11.trailing_data[0]
            if surplus or not self._remaining:
                self._count(surplus)
        return True

    def _head_of(self, event: h11.Response | h11.InformationalResponse) -> ResponseHead:
        lines = self._lines_of(event.headers.raw_items())
        limits = self._limits
        if self._fed > limits.field_line_size_max or self._fed > limits.head_size_max:
            size = self._fed - len(self._h11.trailing_data[0]) - self._informational_size
            self._check_sizes(lines, size, event.reason)
        return ResponseHead(
            event.status_code,
            Fields.from_lines(lines),
            event.reason.decode("latin-1"),
            event.http_version.decode("latin-1"),
        )

    def _lines_of(self, items: list[tuple[bytes, bytes]]) -> list[FieldLine]:
        limits = self._limits
        if len(items) > limits.field_lines_max:
            raise RemoteProtocolError(
                f"the response has more than {limits.field_lines_max} field lines"
            )
        # All lines at once: decoding and searching each costs more than all the rest of a head.
        text = b"\n".join([part for item in items for part in item]).decode("latin-1")
        parts = text.split("\n") if items else []
        each = iter(parts)
        lines = list(zip(each, each, strict=True))
        if _CONTROL.search(text) is not None:
            name = next(name for name, value in lines if _CONTROL.search(value) is not None)
            raise RemoteProtocolError(
                f"field {name[:64]!r} of the response holds a control character"
            )
        return lines

    def _check_sizes(self, lines: list[FieldLine], total: int, reason: bytes = b"") -> None:
        """h11 looks at heads that are not complete; one that came at once may be larger."""
        limits = self._limits
        for name, value in lines:
            if len(name) + len(value) + 4 > limits.field_line_size_max:
                raise RemoteProtocolError(
                    f"field line {name[:64]!r} of the response is larger than "
                    f"{limits.field_line_size_max} octets"
                )
        if total > limits.head_size_max or len(reason) > limits.field_line_size_max:
            raise RemoteProtocolError(
                f"the head of the response is larger than {limits.head_size_max} octets"
            )

    def _inform(self, event: h11.InformationalResponse) -> None:
        head = self._head_of(event)
        limits = self._limits
        self._informational_count += 1
        self._informational_size = self._fed - len(self._h11.trailing_data[0])
        if (
            self._informational_count > limits.informational_heads_max
            or self._informational_size > limits.informational_size_max
        ):
            raise RemoteProtocolError("there are too many informational responses")
        self.informational.append(head)
        if head.status == 101:
            self.switched = True
            self.ended = True
            self.reason = "the connection was switched to another protocol"

    def _parse_content(self) -> None:
        """Chunked and close-delimited content, and responses that have none: h11's."""
        pieces: list[bytes] = []
        try:
            while isinstance(event := self._h11.next_event(), h11.Data):
                pieces.append(bytes(event.data))
        finally:
            if pieces:
                data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
                self._taken += len(data)
                self._content = data if self._content is None else self._content + data
        limits = self._limits
        overhead_max = limits.head_size_max + limits.chunk_overhead_free
        overhead_max += limits.chunk_overhead_ratio * self._taken
        if event is h11.NEED_DATA and self._fed - self._taken > overhead_max:
            raise ChunkedEncodingError("the content has more framing than content")
        if isinstance(event, h11.EndOfMessage):
            if event.headers:
                lines = self._lines_of(event.headers.raw_items())
                self._check_sizes(lines, sum(len(name) + len(value) + 4 for name, value in lines))
                self.trailers = Fields.from_lines(lines)
            self._finish(bool(self._h11.trailing_data[0]))
        elif event is h11.PAUSED:  # A 2xx to CONNECT: the stream is a tunnel from here on.
            self.switched = True
            self.ended = True
            self.reason = "the connection became a tunnel"

    def _count(self, data: bytes) -> None:
        """Content with a Content-Length."""
        size = len(data)
        if not data and self._remaining:
            raise ChunkedEncodingError(
                f"the content of the response ended {self._remaining} octets early"
            )
        surplus = size > self._remaining
        if surplus:
            data = data[: self._remaining]
            size = self._remaining
        self._remaining -= size
        if data:
            self._content = data if self._content is None else self._content + data
        if not self._remaining:
            self._finish(surplus)

    def _finish(self, surplus: bool) -> None:
        self.ended = True
        self._surplus = surplus
        self.judge()


def _without_octets(error: Exception) -> str:
    """A complaint without the octets that it quotes, which may be secret or hostile."""
    if isinstance(error, UnicodeEncodeError):
        return "a character is outside ISO-8859-1"
    text = str(error)
    for quote in ("b'", 'b"', "bytearray("):
        text = text.partition(quote)[0]
    return text.rstrip(" :(,")[:128] or type(error).__name__
