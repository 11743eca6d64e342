"""HTTP/1.1 as nearly every exchange speaks it, without a parser; h11 reads what is not plain.

A request head that is plain (``plain_request``) is written here, and h11 does the whole exchange if
it is not. A response head that is plain (``plain_head``) and came whole is read here, and h11 reads
it, from its first byte, if it is not. Content is counted off: by its Content-Length, by its chunk
heads (``chunk_counter``), or to the end of the stream. So nothing is accepted that ``h11_codec``
refuses, and nothing is read differently; properties and all tests of codecs hold the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import InvalidContent, RequestException

from .chunk_counter import ChunkCounter, broken_off, ended_early
from .codec import UNCHUNKED, UNFINISHED, CloseReason
from .plain_head import LastHead
from .plain_request import PlainLines, without_content

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Sequence

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.fields import FieldLine, Fields
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits

    from .codec import Codec, Message, RequestHead


class PlainCodec:
    """The messages of one HTTP/1.1 connection, one after another.

    Args:
        limits: What the peer may send.
        lenient: As for ``H11Codec``.
        marks_chunks: Note where each chunk of a content will end.

    Attributes:
        capacity: One message at a time.
        close_reason: None: a connection that is not kept is never asked for another message.
        limits: As given.
        lenient: As given.
        head_size_max: Up to this size a head needs no look at each of its lines.
        last_head: Of a response, once there was one.
        lines: Of the request head that was sent last.
        marks_chunks: As given.
    """

    __slots__ = (
        "_h11",
        "capacity",
        "close_reason",
        "head_size_max",
        "last_head",
        "lenient",
        "limits",
        "lines",
        "marks_chunks",
    )

    def __init__(
        self, limits: Limits, lenient: bool = False, *, marks_chunks: bool = False
    ) -> None:
        self.capacity = 1
        self.close_reason: CloseReason | None = None
        self.limits = limits
        self.lenient = lenient
        self.head_size_max = min(limits.head_size_max, limits.field_line_size_max)
        self.last_head: LastHead | None = None
        self.lines = PlainLines()
        self.marks_chunks = marks_chunks
        self._h11: Codec | None = None

    def open(self, head: RequestHead) -> Message:
        """Begin a message."""
        if self.lines.fits(head.method, head.target, head.lines):
            return PlainMessage(head, self)
        return self.by_h11(head)

    def by_h11(self, head: RequestHead) -> Message:
        """Begin a message that h11 does the whole of."""
        if self._h11 is None:
            from .h11_codec import H11Codec  # Most connections go without.

            self._h11 = H11Codec(self.limits, self.lenient, marks_chunks=self.marks_chunks)
        return self._h11.open(head)


class PlainMessage:
    """One request and its response. See ``codec.Message``.

    ``_reader`` is there once a response head has come that is not plain: h11 reads the response
    then, and what it finds is told here.
    """

    __slots__ = (
        "_chunked",
        "_chunks",
        "_codec",
        "_content",
        "_fault",
        "_keeps_alive",
        "_reader",
        "_remaining",
        "_request",
        "_sent",
        "_unsent",
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

    def __init__(self, request: RequestHead, codec: PlainCodec) -> None:
        lines = codec.lines
        self._request = request
        self._codec = codec
        self._chunked = lines.chunked
        self._unsent = lines.length or 0  # Bytes of content that were promised.
        self._sent = False
        self._keeps_alive = lines.keeps_alive
        self._reader: Message | None = None
        self._chunks: ChunkCounter | None = None  # Of content that is chunked.
        self._remaining: int | None = None  # Of content with a Content-Length.
        self._content: bytes | list[bytes | memoryview] | None = None  # Not taken yet.
        self._fault: CloseReason | None = None  # Seen at the end of the response.
        self.informational: list[ResponseHead] = _NO_HEADS
        self.head: ResponseHead | None = None
        self.ended = False
        self.switched = False
        self.close_reason: CloseReason | None = UNFINISHED
        self.trailers: Fields | None = None
        self.decisions: list[Decision] = _NO_DECISIONS
        self.error: RequestException | None = None

    # The request.

    def start(self, *, ends: bool = False) -> bytes:
        """Return the head of the request, and what ends the request if it ``ends`` with that."""
        request, octets = self._request, self._codec.lines.octets
        assert octets is not None
        head = f"{request.method} {request.target} HTTP/1.1\r\n".encode("ascii") + octets
        if not ends:
            return head
        if self._chunked or self._unsent:
            return head + self.end()
        self._sent = True
        return head

    def written(self) -> None:
        """Do nothing: nothing is put off."""

    def chunk(self, data: bytes) -> bytes:
        """Return a piece of the request's content, framed.

        Raises:
            InvalidContent: If it goes beyond the Content-Length that was declared.
        """
        size = len(data)
        if self._chunked:
            return b"%x\r\n%b\r\n" % (size, data) if size else b""
        self.count(size)
        return data

    def framing(self, size: int) -> tuple[bytes, bytes]:
        """Return what goes out before and after so many bytes of content."""
        if self._chunked:
            return (b"%x\r\n" % size, b"\r\n") if size else UNFRAMED
        self.count(size)
        return UNFRAMED

    def count(self, size: int) -> None:
        """Count bytes of the request's content that go out by themselves.

        Raises:
            InvalidContent: If they go beyond the Content-Length that was declared.
        """
        self._unsent -= size
        if self._unsent < 0:
            raise InvalidContent("the content is longer than its Content-Length says")

    def end(self, trailers: Sequence[FieldLine] = ()) -> bytes:
        """Return what ends the request's content.

        Raises:
            InvalidContent: If less was sent than the declared Content-Length, or if there are
                trailers and the content does not go in chunks.
        """
        if self._unsent:
            raise InvalidContent("the content is shorter than its Content-Length says")
        if trailers and not self._chunked:
            raise InvalidContent(UNCHUNKED)
        self._sent = True
        if not trailers:
            return b"0\r\n\r\n" if self._chunked else b""
        lines = "".join([f"{name}: {value}\r\n" for name, value in trailers])
        return b"0\r\n%b\r\n" % lines.encode("latin-1")

    # The response.

    def receive(self, data: bytes) -> None:
        """Take in bytes from the peer; none say that the stream has ended."""
        try:
            if self._reader is not None:
                self._read_by_h11(self._reader, data)
            elif self.head is None:
                self._begin(data)
            elif self._remaining is not None:
                self._count(data, self._remaining)
            elif self._chunks is not None:
                self._unchunk(data, self._chunks)
            elif data:
                self._add(data)
            else:
                self._end(CloseReason.STREAM_ENDED)
        except RequestException as error:
            error.__traceback__ = None  # Its frames hold this message, which holds the error.
            self.error = error

    def judge(self) -> None:
        """Renew the verdict on the connection, by what is known now."""
        if self.switched or not self.ended:
            return
        reason, reader = self._fault, self._reader
        if reader is not None:
            reason = reader.close_reason
        if reason in _FINAL:
            pass
        elif not self._sent:
            reason = CloseReason.UNSENT
        elif reason is None and not self._keeps_alive:
            reason = CloseReason.NOT_KEPT_ALIVE
        self.close_reason = reason

    def take(self) -> bytes:
        """Return the content that has come and was not taken yet."""
        if self._reader is not None:
            return self._reader.take()
        data, self._content = self._content, None
        return b"".join(data) if isinstance(data, list) else data or b""

    @property
    def has_content(self) -> bool:
        """There is content to take."""
        return self._content is not None if self._reader is None else self._reader.has_content

    @property
    def countable(self) -> int:
        """The number of bytes that come next as content, unframed, and do not end it; else 0."""
        return self._remaining - 1 if self._remaining and self._content is None else 0

    def count_off(self, size: int) -> None:
        """Count content that was read by itself."""
        assert self._remaining is not None
        self._remaining -= size

    @property
    def chunk_ends(self) -> deque[int] | None:
        """The end of each chunk of the content, if the codec notes that."""
        if self._reader is not None:
            return self._reader.chunk_ends
        return None if self._chunks is None else self._chunks.ends

    @property
    def until_close(self) -> bool:
        """Only the end of the stream ends the content (RFC 9112 section 6.3, rule 8)."""
        if self._reader is not None:
            return self._reader.until_close
        framed = self._remaining is not None or self._chunks is not None
        return self.head is not None and not self.ended and not framed

    @property
    def surplus(self) -> bytes:
        """The bytes that came after a response that switched protocols."""
        return b"" if self._reader is None else self._reader.surplus

    def _begin(self, data: bytes) -> None:  # noqa: C901 - a call would cost each response
        """Take in what came first, and choose how the content is framed (RFC 9112 section 6.3)."""
        codec = self._codec
        last = codec.last_head
        if last is None:
            last = LastHead(codec.head_size_max, codec.limits.field_lines_max)
            codec.last_head = last
        plain = last.read(data)
        if plain is None:
            self._begin_by_h11(data)
            return
        end = len(last.octets)
        size = len(data) - end  # Of what came after the head.
        self.head, length, chunked, kept = plain
        self._keeps_alive = self._keeps_alive and kept
        if self._request.method == "HEAD" or self.head.status in _NO_CONTENT_STATUSES:
            self._end(CloseReason.SURPLUS if size else None)
        elif length is not None:
            if size == length:  # All of it came with the head, as most does.
                self._remaining, self._content = 0, data[end:] or None
                self.ended, self.close_reason = True, None
                if not (self._sent and self._keeps_alive):
                    self.judge()
                return
            self._remaining = length
            if size:
                self._count(data[end:], length)
        elif chunked:
            self.decisions = []
            chunks = self._chunks = ChunkCounter(
                codec.limits,
                self.decisions,
                decode=True,
                lenient=codec.lenient,
                marks=codec.marks_chunks,
            )
            if size:
                self._unchunk(data, chunks, end)
        elif size:
            self._add(data[end:])

    def _begin_by_h11(self, data: bytes) -> None:
        """Have h11 read the response, from its first byte."""
        reader = self._reader = self._codec.by_h11(without_content(self._request))
        reader.start()
        reader.end()
        reader.written()
        self.informational, self.decisions = reader.informational, reader.decisions
        self._read_by_h11(reader, data)

    def _read_by_h11(self, reader: Message, data: bytes) -> None:
        reader.receive(data)
        self.head, self.trailers, self.error = reader.head, reader.trailers, reader.error
        self.ended, self.switched = reader.ended, reader.switched
        if self.switched:
            self.close_reason = reader.close_reason
        elif self.ended:
            self.judge()

    def _add(self, data: bytes | list[bytes | memoryview]) -> None:
        known = self._content
        self._content = data if known is None else [*_parts(known), *_parts(data)]

    def _count(self, data: bytes, remaining: int) -> None:
        """Take in content with a Content-Length, of which ``remaining`` bytes are to come."""
        size = len(data)
        if size > remaining:
            data = data[:remaining]
        elif not data and remaining:
            raise ended_early(remaining)
        self._remaining = max(remaining - size, 0)
        if data:
            self._add(data)
        if not self._remaining:
            self._end(CloseReason.SURPLUS if size > remaining else None)

    def _unchunk(self, data: bytes, chunks: ChunkCounter, position: int = 0) -> None:
        """Take in chunked content, which begins at a position of what came."""
        if not data:
            if chunks.end_trailers() is None:
                raise broken_off(chunks)
            self.trailers = chunks.trailers
            self._end(CloseReason.STREAM_ENDED)
            return
        content = chunks.pass_on(data, position)
        if content:
            self._add(content if len(content) < _PARTS_MAX else b"".join(content))
        if chunks.error is not None:
            raise chunks.error
        if chunks.ended:
            self.trailers = chunks.trailers
            self._end(chunks.fault)

    def _end(self, fault: CloseReason | None) -> None:
        self.ended = True
        self._fault = fault
        if fault is None and self._sent and self._keeps_alive:
            self.close_reason = None
        else:
            self.judge()


def _parts(data: bytes | list[bytes | memoryview]) -> list[bytes | memoryview]:
    return [data] if isinstance(data, bytes) else data


_PARTS_MAX: Final = 64  # Of content; what comes in more is joined, lest the parts outweigh it.
UNFRAMED: Final = (b"", b"")
_FINAL: Final = frozenset(
    {CloseReason.SURPLUS, CloseReason.STREAM_ENDED, CloseReason.BARE_LF, CloseReason.UNCLEAN}
)
_NO_CONTENT_STATUSES: Final = frozenset({204, 304})
# Of messages that have none. Nothing is ever added to them.
_NO_HEADS: Final[list[ResponseHead]] = []
_NO_DECISIONS: Final[list[Decision]] = []
