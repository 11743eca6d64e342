"""HTTP/1.1 by h11: the one module that knows it.

h11 writes the request, and parses heads, chunked and close-delimited content. Content with a
Content-Length is counted off here, because handing each piece through a parser that does nothing
but count costs more than all the rest of a large download: the bytes after the head are taken as
``trailing_data``, and the next message begins with a fresh ``h11.Connection``.

After the end of a response nothing may be left over. h11 would keep surplus bytes as the start of
the next head, and one response would answer another's request (RFC 9112 section 9.2 and its
security considerations); a connection with surplus bytes is never used again.
"""

from __future__ import annotations

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

from .codec import CloseReason
from .response_checks import check_overhead, check_sizes, decode_lines, without_quotes

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.limits import Limits

    from .codec import RequestHead

END: Final = h11.EndOfMessage()
_NO_CONTENT_STATUSES: Final = frozenset({204, 304})


class HeadMemo:
    """The last head that went out on a connection, as h11 validated it.

    Requests on one connection mostly have the same field lines, and often the same target too.
    Validating and lower-casing these anew costs more than sending them. The memo is the
    connection's own, because it holds credentials.

    Attributes:
        written: The bytes that h11 made of the head, if the request had no content; else None.
    """

    __slots__ = ("_lines", "_request", "_start", "written")

    def __init__(self) -> None:
        self.written: bytes | None = None
        self._start = ("", "")
        self._lines: list[FieldLine] | None = None
        self._request: h11.Request | None = None

    def request_for(self, method: str, target: str, lines: list[FieldLine]) -> h11.Request:
        """Return the event for a head; ``lines`` must not be changed afterwards.

        Raises:
            h11.LocalProtocolError, UnicodeEncodeError: If it cannot be sent.
        """
        known = self._request
        start = (method, target)
        if known is not None and lines == self._lines:
            if start == self._start:
                return known
            made = h11.Request(method=method, target=target, headers=known.headers)
        else:
            encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
            made = h11.Request(method=method, target=target, headers=encoded)
        self.written = None
        self._start, self._lines, self._request = start, lines, made
        return made


class H11Codec:
    """The messages of one HTTP/1.1 connection, one after another.

    Args:
        limits: What the peer may send.
        lenient: Let heads through that are not quite valid. h11 knows of no such thing.

    Attributes:
        capacity: One message at a time.
        close_reason: None: a connection that is not kept is never asked for another message.
        memo: The head that was sent last.
    """

    __slots__ = ("capacity", "close_reason", "limits", "memo")

    def __init__(self, limits: Limits, lenient: bool = False) -> None:
        self.capacity = 1
        self.close_reason: CloseReason | None = None
        self.limits = limits
        self.memo = HeadMemo()

    def open(self, head: RequestHead) -> H11Message:
        """Begin a message."""
        return H11Message(head, self.limits, self.memo)


class H11Message:
    """One request and its response. Each method does its work at once. See ``codec.Message``."""

    __slots__ = (
        "_closed",
        "_content",
        "_deferred",
        "_fed",
        "_h11",
        "_informed",
        "_limits",
        "_memo",
        "_remaining",
        "_request",
        "_surplus",
        "_taken",
        "_written",
        "close_reason",
        "ended",
        "error",
        "head",
        "informational",
        "switched",
        "trailers",
    )

    def __init__(self, request: RequestHead, limits: Limits, memo: HeadMemo) -> None:
        self._request = request
        self._limits = limits
        self._memo: HeadMemo | None = memo  # Until the request is written.
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.head_size_max)
        self._written = b""  # The head, while it may turn out to be all there is.
        self._deferred: h11.Request | None = None
        self._content: bytes | None = None
        self._remaining: int | None = None  # What a Content-Length promises; None: h11 frames.
        self._closed = False
        self._surplus = False
        self._fed = 0
        self._taken = 0
        self._informed = (0, 0)  # Informational heads and their bytes.
        self.informational: list[ResponseHead] = []
        self.head: ResponseHead | None = None
        self.ended = False
        self.switched = False
        self.close_reason: CloseReason | None = CloseReason.UNFINISHED
        self.trailers: Fields | None = None
        self.error: RequestException | None = None

    # The request.

    def start(self) -> bytes:
        """Return the head of the request. h11 is the last to look at it.

        Raises:
            InvalidHeader: If h11 does not let it through.
        """
        memo = self._memo
        assert memo is not None
        method, _, _, target, lines = self._request
        try:
            request = memo.request_for(method, target, lines)
            if memo.written is not None:
                # The bytes of an equal head need not be written again, so they can go out at
                # once; h11 hears of them while they are on their way to the peer.
                self._deferred = request
                return memo.written
            self._written = self._h11.send(request) or b""
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            # h11 names the bytes that it refuses; of a value these may be a secret.
            said = without_quotes(error)
            raise InvalidHeader(f"the head of the request cannot be sent: {said}") from None
        return self._written

    def written(self) -> None:
        """Tell h11 of a head that it wrote before."""
        request, self._deferred = self._deferred, None
        if request is not None:
            self._h11.send(request)
            self._h11.send(END)

    def chunk(self, data: bytes) -> bytes:
        """Return a piece of the request's content, framed.

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
        """Return what ends the request's content.

        Raises:
            InvalidContent: If less was sent than the declared Content-Length.
        """
        memo, self._memo = self._memo, None
        if self._deferred is not None:
            return b""
        try:
            rest = self._h11.send(END) or b""
        except h11.LocalProtocolError:
            raise InvalidContent("the content is shorter than its Content-Length says") from None
        if memo is not None and not rest:
            memo.written = self._written
        return rest

    # The response.

    def receive(self, data: bytes) -> None:
        """Take in bytes from the peer; none say that the stream has ended."""
        if self._deferred is not None:
            self.written()
        try:
            if self._remaining is not None:
                self._count(data)
                return
            if not data:
                self._closed = True
                if self.head is None:
                    within = "within" if self._h11.trailing_data[0] else "before"
                    raise RemoteProtocolError(f"the stream ended {within} the head of the response")
            self._fed += len(data)
            self._h11.receive_data(data)
            if self.head is None and not self._parse_head():
                return
            if self._remaining is None:
                self._parse_content()
        except h11.RemoteProtocolError as error:
            error.__traceback__ = None  # One of h11's frames holds the error: a circle.
            self.error = self._complaint(error)
        except RequestException as error:
            error.__traceback__ = None  # Its frames hold this message, which holds the error.
            self.error = error

    def judge(self) -> None:
        """Renew the verdict on the connection, by what is known now."""
        head = self.head
        if self.switched or not self.ended or head is None:
            return
        reason: CloseReason | None = None
        if self._surplus:
            reason = CloseReason.SURPLUS
        elif self._closed:
            reason = CloseReason.STREAM_ENDED
        elif (state := self._h11.our_state) is h11.DONE:
            names = head.fields.by_name()
            if "transfer-encoding" in names and "content-length" in names:
                # RFC 9112 section 6.3: "ought to be handled as an error"; chunked wins, once.
                reason = CloseReason.TWO_FRAMINGS
        elif state is h11.MUST_CLOSE:
            reason = CloseReason.NOT_KEPT_ALIVE
        else:
            reason = CloseReason.UNSENT
        self.close_reason = reason

    def take(self) -> bytes:
        """Return the content that has come and was not taken yet."""
        data, self._content = self._content, None
        return data or b""

    @property
    def has_content(self) -> bool:
        """There is content to take."""
        return self._content is not None

    @property
    def until_close(self) -> bool:
        """Only the end of the stream ends the content (RFC 9112 section 6.3, rule 8)."""
        head = self.head
        if head is None or self.ended or self._remaining is not None:
            return False
        return "transfer-encoding" not in head.fields

    @property
    def surplus(self) -> bytes:
        """The bytes that came after a response that switched protocols."""
        return self._h11.trailing_data[0]

    def _complaint(self, error: h11.RemoteProtocolError) -> RequestException:
        most = self._limits.head_size_max
        said = without_quotes(error)
        if self.head is None:
            if error.error_status_hint == 431:
                said = f"the head of the response is larger than {most} bytes"
                return RemoteProtocolError(said)
            return RemoteProtocolError(f"the response is not valid HTTP: {said}")
        if error.error_status_hint == 431:
            where = "a chunk head or the trailer section of the response"
            said = f"{where} is larger than {most} bytes"
        return ChunkedEncodingError(f"the content of the response broke off: {said}")

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
        method = self._request[0]
        if (
            length is not None
            and "transfer-encoding" not in names
            and method != "HEAD"
            and head.status not in _NO_CONTENT_STATUSES
            and not (method == "CONNECT" and head.status < 300)
        ):
            # h11 has seen to it that all lines and members of Content-Length agree.
            self._remaining = int(length.split(",", 1)[0])
            surplus = self._h11.trailing_data[0]
            if surplus or not self._remaining:
                self._count(surplus)
        return True

    def _head_of(self, event: h11.Response | h11.InformationalResponse) -> ResponseHead:
        limits = self._limits
        lines = decode_lines(event.headers.raw_items(), limits)
        if self._fed > limits.field_line_size_max or self._fed > limits.head_size_max:
            size = self._fed - len(self._h11.trailing_data[0]) - self._informed[1]
            check_sizes(lines, size, event.reason, limits)
        return ResponseHead(
            event.status_code,
            Fields.from_lines(lines),
            event.reason.decode("latin-1"),
            event.http_version.decode("latin-1"),
        )

    def _inform(self, event: h11.InformationalResponse) -> None:
        head = self._head_of(event)
        limits = self._limits
        count, size = self._informed[0] + 1, self._fed - len(self._h11.trailing_data[0])
        self._informed = count, size
        if count > limits.informational_heads_max or size > limits.informational_size_max:
            raise RemoteProtocolError("there are too many informational responses")
        self.informational.append(head)
        if head.status == 101:
            self._switch(CloseReason.SWITCHED)

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
        if event is h11.NEED_DATA:
            check_overhead(self._fed - self._taken, self._taken, self._limits)
        elif isinstance(event, h11.EndOfMessage):
            if event.headers:
                lines = decode_lines(event.headers.raw_items(), self._limits)
                size = sum(len(name) + len(value) + 4 for name, value in lines)
                check_sizes(lines, size, b"", self._limits)
                self.trailers = Fields.from_lines(lines)
            self._surplus = bool(self._h11.trailing_data[0])
            self.ended = True
            self.judge()
        elif event is h11.PAUSED:  # A 2xx to CONNECT: the stream is a tunnel from here on.
            self._switch(CloseReason.TUNNEL)

    def _switch(self, reason: CloseReason) -> None:
        self.switched = self.ended = True
        self.close_reason = reason

    def _count(self, data: bytes) -> None:
        """Content with a Content-Length."""
        size, remaining = len(data), self._remaining
        assert remaining is not None
        if not data and remaining:
            raise ChunkedEncodingError(f"the content of the response ended {remaining} bytes early")
        if size > remaining:
            self._surplus = True
            data = data[:remaining]
            size = remaining
        self._remaining = remaining = remaining - size
        if data:
            self._content = data if self._content is None else self._content + data
        if not remaining:
            self.ended = True
            self.judge()
