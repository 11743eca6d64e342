"""HTTP/1.1 by h11: the one module that knows it.

h11 writes the request, and parses heads, chunked and close-delimited content. Content with a
Content-Length is counted off here, because handing each piece through a parser that does nothing
but count costs more than all the rest of a large download: the bytes after the head are taken as
``trailing_data``, and the next message begins with a fresh ``h11.Connection``.

Heads and chunk heads are looked at before h11 sees them (``head_reader``, ``chunk_counter``).

After the end of a response nothing may be left over. h11 would keep surplus bytes as the start of
the next head, and one response would answer another's request (RFC 9112 section 9.2 and its
security considerations); a connection with surplus bytes is never used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import h11

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    InvalidContent,
    InvalidHeader,
    RequestException,
)

from .chunk_counter import ChunkCounter, ended_early
from .codec import UNCHUNKED, CloseReason
from .h11_events import END, end_with, fields_of, head_of
from .h11_faults import illegal, informed_too_much, without_quotes
from .head_reader import HeadReader, without_framing

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Mapping, Sequence

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.fields import FieldLine, Fields
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits

    from .codec import RequestHead

_NO_CONTENT_STATUSES: Final = frozenset({204, 304})


class H11Codec:
    """The messages of one HTTP/1.1 connection, one after another.

    Args:
        limits: What the peer may send.
        lenient: Read heads and trailer sections that are not quite valid.
        marks_chunks: Note where each chunk of a content will end.

    Attributes:
        capacity: One message at a time.
        close_reason: None: a connection that is not kept is never asked for another message.
        limits: As given.
        lenient: As given.
    """

    __slots__ = ("capacity", "close_reason", "lenient", "limits", "marks_chunks")

    def __init__(
        self, limits: Limits, lenient: bool = False, *, marks_chunks: bool = False
    ) -> None:
        self.capacity = 1
        self.close_reason: CloseReason | None = None
        self.limits = limits
        self.lenient = lenient
        self.marks_chunks = marks_chunks

    def open(self, head: RequestHead) -> H11Message:
        """Begin a message."""
        return H11Message(head, self)


class H11Message:
    """One request and its response. Each method does its work at once. See ``codec.Message``."""

    __slots__ = (
        "_chunks",
        "_closed",
        "_content",
        "_h11",
        "_informed",
        "_lenient",
        "_limits",
        "_marks_chunks",
        "_reader",
        "_remaining",
        "_request",
        "_surplus",
        "close_reason",
        "decisions",
        "ended",
        "error",
        "head",
        "informational",
        "switched",
        "trailers",
    )

    deferred = False
    countable = 0

    def __init__(self, request: RequestHead, codec: H11Codec) -> None:
        self._request = request
        self._marks_chunks = codec.marks_chunks
        limits = self._limits = codec.limits
        lenient = self._lenient = codec.lenient
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.head_size_max)
        self._reader = HeadReader(limits, lenient)
        self._chunks: ChunkCounter | None = None  # Of content that is chunked.
        self._content: bytes | None = None
        self._remaining: int | None = None  # Promised by Content-Length; None: h11 frames.
        self._closed = False
        self._surplus = False
        self._informed = (0, 0)  # Informational heads and their bytes.
        self.informational: list[ResponseHead] = []
        self.head: ResponseHead | None = None
        self.ended = False
        self.switched = False
        self.decisions: list[Decision] = []
        self.close_reason: CloseReason | None = CloseReason.UNFINISHED
        self.trailers: Fields | None = None
        self.error: RequestException | None = None

    # The request.

    def start(self, *, ends: bool = False) -> bytes:
        """Return the head of the request. h11 is the last to look at it.

        Raises:
            InvalidHeader: If h11 does not let it through.
            InvalidContent: If content was declared, and the request ends without.
        """
        start, lines = self._request, self._request.lines
        try:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
            request = h11.Request(method=start.method, target=start.target, headers=headers)
            head = self._h11.send(request) or b""
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            # h11 names the bytes that it refuses; of a value these may be a secret.
            said = without_quotes(error)
            raise InvalidHeader(f"the head of the request cannot be sent: {said}") from None
        return head + self.end() if ends else head

    def written(self) -> None:
        """Do nothing: nothing is put off."""

    def chunk(self, data: bytes) -> bytes:
        """Return a piece of the request's content, framed.

        Raises:
            InvalidContent: If it goes beyond the Content-Length that was declared.
        """
        try:
            return self._h11.send(h11.Data(data=data)) or b""
        except h11.LocalProtocolError:
            raise InvalidContent("the content is longer than its Content-Length says") from None

    def framing(self, size: int) -> tuple[bytes, bytes]:
        """Return what goes out before and after so many bytes of content."""
        pieces = self._pass(size)
        return (pieces[0], pieces[-1]) if len(pieces) == 3 else (b"", b"")

    def count(self, size: int) -> None:
        """Count bytes of the request's content that go out by themselves.

        Raises:
            InvalidContent: If they go beyond the Content-Length that was declared.
        """
        self._pass(size)

    def _pass(self, size: int) -> list[Any]:
        passed: Any = range(size)  # h11 asks it for its length, and hands it back.
        try:
            return self._h11.send_with_data_passthrough(h11.Data(data=passed)) or []
        except h11.LocalProtocolError:
            raise InvalidContent("the content is longer than its Content-Length says") from None

    def end(self, trailers: Sequence[FieldLine] = ()) -> bytes:
        """Return what ends the request's content.

        Raises:
            InvalidContent: If less was sent than the declared Content-Length, or if there are
                trailers and the content does not go in chunks.
        """
        try:
            return self._h11.send(end_with(trailers) if trailers else END) or b""
        except h11.LocalProtocolError:
            said = UNCHUNKED if trailers else "the content is shorter than its Content-Length says"
            raise InvalidContent(said) from None

    # The response.

    def receive(self, data: bytes) -> None:
        """Take in bytes from the peer; none say that the stream has ended."""
        try:
            if self._remaining is not None:
                self._count(data)
            elif not data:
                self._end_stream()
            elif self.head is None:
                self._parse_heads(data)
            else:
                self._parse_framed(data)
        except h11.RemoteProtocolError as error:
            error.__traceback__ = None
            said = without_quotes(error)
            broken = ChunkedEncodingError(f"the content of the response broke off: {said}")
            if self._closed and self._chunks is not None:
                broken.missing = self._chunks.missing
            self.error = broken
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
        elif self._reader.bare_lf or (self._chunks is not None and self._chunks.bare_lf):
            reason = CloseReason.BARE_LF  # The two sides may disagree about the end of a line.
        elif self._reader.unclean or (self._chunks is not None and self._chunks.unclean):
            reason = CloseReason.UNCLEAN
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

    def count_off(self, size: int) -> None:
        """Do nothing: nothing is countable where a parser sees all of it."""

    @property
    def chunk_ends(self) -> deque[int] | None:
        """The end of each chunk of the content, if the codec notes that."""
        return None if self._chunks is None else self._chunks.ends

    @property
    def until_close(self) -> bool:
        """Only the end of the stream ends the content (RFC 9112 section 6.3, rule 8)."""
        framed = self._remaining is not None or self._chunks is not None
        return self.head is not None and not self.ended and not framed

    @property
    def surplus(self) -> bytes:
        """The bytes that came after a response that switched protocols."""
        return self._reader.rest

    def _end_stream(self) -> None:
        self._closed = True
        if self.head is None:
            raise self._reader.ended()
        trailers = None if self._chunks is None else self._chunks.end_trailers()
        if trailers:
            self._h11.receive_data(trailers)
        else:
            self._h11.receive_data(b"")
        self._parse_content()

    def _parse_heads(self, data: bytes) -> None:
        """Take in heads, and the content that came with the final one."""
        reader = self._reader
        while data and (octets := reader.feed(data)) is not None:
            data = reader.rest
            if self._request.method == "CONNECT" and octets[9:10] == b"2":
                octets = without_framing(octets)
            self._h11.receive_data(octets)
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                error.__traceback__ = None  # One of h11's frames holds the error: a circle.
                self.error = illegal(error, octets)
                return
            assert isinstance(event, (h11.InformationalResponse, h11.Response))
            fields = fields_of(event)
            if isinstance(event, h11.InformationalResponse):
                self.decisions += reader.decisions  # Nobody may ask for this head.
                self._inform(head_of(event, reader.fields or fields, reader), len(octets))
                if self.switched:
                    return
                continue
            self.head = head_of(event, reader.fields or fields, reader)
            self._begin_content(self.head.status, fields.by_name())
            if self._remaining is None:
                self._parse_framed(data)
            elif data or not self._remaining:
                self._count(data)
            return

    def _begin_content(self, status: int, names: Mapping[str, str]) -> None:
        """Choose how the content is framed (RFC 9112 section 6.3), by fields as h11 read them."""
        method = self._request.method
        if (
            method == "HEAD"
            or status in _NO_CONTENT_STATUSES
            or (method == "CONNECT" and status < 300)
        ):
            return
        if "transfer-encoding" in names:
            self._chunks = ChunkCounter(
                self._limits, self.decisions, lenient=self._lenient, marks=self._marks_chunks
            )
        elif (length := names.get("content-length")) is not None:
            # h11 has seen to it that all lines and members of Content-Length agree.
            self._remaining = int(length.split(",", 1)[0])

    def _inform(self, head: ResponseHead, size: int) -> None:
        limits = self._limits
        count, total = self._informed[0] + 1, self._informed[1] + size
        self._informed = count, total
        if count > limits.informational_heads_max or total > limits.informational_size_max:
            raise informed_too_much(limits)
        self.informational.append(head)
        if head.status == 101:
            self._switch(CloseReason.SWITCHED)

    def _parse_framed(self, data: bytes) -> None:
        """Take in content that h11 frames; chunk heads are counted along before it sees them."""
        chunks = self._chunks
        if chunks is not None:
            data = chunks.feed(data)
        if data and not self.switched:
            self._h11.receive_data(data)
        self._parse_content()
        if chunks is not None and chunks.error is not None:
            raise chunks.error

    def _parse_content(self) -> None:
        """Let h11 read chunked and close-delimited content, and responses that have none."""
        pieces: list[bytes] = []
        try:
            while isinstance(event := self._h11.next_event(), h11.Data):
                pieces.append(bytes(event.data))
        finally:
            if pieces:
                data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
                self._content = data if self._content is None else self._content + data
        if isinstance(event, h11.EndOfMessage):
            if event.headers:
                self.trailers = fields_of(event)
            self._surplus = bool(self._h11.trailing_data[0])
            self.ended = True
            self.judge()
        elif event is h11.PAUSED:  # A 2xx to CONNECT: the stream is a tunnel from here on.
            self._switch(CloseReason.TUNNEL)

    def _switch(self, reason: CloseReason) -> None:
        self.switched = self.ended = True
        self.close_reason = reason

    def _count(self, data: bytes) -> None:
        """Count off content with a Content-Length."""
        size, remaining = len(data), self._remaining
        assert remaining is not None
        if not data and remaining:
            raise ended_early(remaining)
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
