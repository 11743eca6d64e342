"""Chunked content, counted along before a parser sees it (RFC 9112 section 7.1).

A parser that waits for whole lines waits for ever on a line that ends with a bare LF, believes a
size of twenty digits, and loses complete content for a trailer line that it cannot read. So each
byte of the framing is looked at here when it comes: the first that cannot be right is an error, and
so is framing beyond its limit. The parser is given the same stream, up to the error if there is
one; only trailer lines that are no field lines, or say how content is framed, are left out, with a
decision, since the content is complete by then.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    RemoteProtocolError,
    RequestException,
)
from sojourn_core.values.expressions import expression
from sojourn_core.values.fields import Fields

from .codec import CloseReason
from .trailer_section import TrailerSection

if TYPE_CHECKING:
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits

    Passed = list[bytes | memoryview]

SIZE_DIGITS_MAX: Final = 16  # Of a size, leading zeros not counted: up to 2 ** 64 - 1.
VIEWED_SIZE: Final = 1024  # From this size on, a view of a chunk is smaller than its copy.
PARSED_DIGITS_MAX: Final = 20  # Of a size, leading zeros counted, which h11 does.
# A chunk head as far as it has come, as h11 reads it: an extension, which goes on to the end of the
# line, stands right after the size, or else there may be blanks.
_HEAD: Final = expression(rb"0*+([0-9A-Fa-f]*+)(?:;[^\r\n\0]*+|[ \t]*+)(\r\n?)?")
_PLAIN_HEAD: Final = expression(rb"([0-9A-Fa-f]{1,8})\r\n")


class ChunkCounter:
    """Follows one chunked content from its first chunk head to the end of its trailer section.

    Args:
        limits: What the peer may send.
        decisions: Where to note what was left out.
        decode: Give the content, and keep the trailers; else give what a parser is to read.
        marks: Note where each chunk will end.
        lenient: Lose no content for its trailer section, whatever is wrong with that.

    Attributes:
        content_size: Bytes of content that have come.
        decisions: As given, with one for each trailer line that was left out.
        ended: The content and its trailer section are complete.
        trailers: The fields of the trailer section, if it has any and content is decoded.
        surplus: Something came after the end, if content is decoded.
        bare_lf: A line of the trailer section ended with a bare LF.
        error: The first thing that is wrong with the framing; no more is taken in after it.
        ends: Where each chunk that has begun will end, in bytes of content from its start; whoever
            reads takes out what is behind. None if no ends are noted.
    """

    __slots__ = (
        "_decode",
        "_framing",
        "_left",
        "_limits",
        "_line",
        "_read",
        "_trailers",
        "bare_lf",
        "content_size",
        "decisions",
        "ended",
        "ends",
        "error",
        "surplus",
        "trailers",
    )

    def __init__(
        self,
        limits: Limits,
        decisions: list[Decision],
        *,
        decode: bool = False,
        marks: bool = False,
        lenient: bool = False,
    ) -> None:
        self._limits = limits
        self._decode = decode
        self._read = _READ_HEAD
        self._line = b""  # The part of a line of framing that has come.
        self._left = 0  # Bytes of the chunk that are still to come.
        self._framing = 0  # Bytes of framing that have come, trailer section apart.
        self._trailers = TrailerSection(limits, decisions, lenient)
        self.decisions = decisions
        self.content_size = 0
        self.ended = False
        self.trailers: Fields | None = None
        self.surplus = False
        self.bare_lf = False
        self.error: RequestException | None = None
        self.ends: deque[int] | None = deque() if marks else None

    @property
    def missing(self) -> int:
        """Bytes of the chunk that are still to come; 0 if none is known of."""
        return self._left

    @property
    def in_trailers(self) -> bool:
        """A field of the trailer section has come, and not the end of the section."""
        return bool(self._trailers.passed or self._trailers.lines) and not self.ended

    @property
    def unclean(self) -> bool:
        """The trailer section was beyond what is let through, and was read leniently."""
        return self._trailers.was_cut

    @property
    def fault(self) -> CloseReason | None:
        """The reason not to keep the connection after this content, if content is decoded."""
        if self.surplus:
            return CloseReason.SURPLUS
        if self.bare_lf:
            return CloseReason.BARE_LF
        return CloseReason.UNCLEAN if self.unclean else None

    def feed(self, data: bytes) -> bytes:
        """Follow what came.

        Args:
            data: Bytes of the content, framed, in pieces of any size.

        Returns:
            The content in it; or what the parser is given, which is all that is right, and after
            the end whatever came.
        """
        return b"".join(self.pass_on(data))

    def pass_on(self, data: bytes, position: int = 0) -> Passed:
        """Follow what came from a position on, as ``feed`` does; return parts of it, not joined."""
        passed: Passed = []
        size = len(data)
        try:
            while position < size:
                if self.ended:
                    self._pass_surplus(data[position:], passed)
                    break
                if self._read is _READ_HEAD and not self._line:
                    position = self._read_whole_chunks(data, position, passed)
                    if position == size:
                        break
                position = self._read(self, data, position, passed)
        except RequestException as error:
            error.__traceback__ = None
            self.error = error
        return passed

    def _pass_surplus(self, data: bytes, passed: Passed) -> None:
        self.surplus = True
        if not self._decode:
            passed.append(data)

    # Each takes what it can from ``position`` on, and says where it stopped.

    def _read_whole_chunks(self, data: bytes, position: int, passed: Passed) -> int:
        """Take chunks that are there from head to end and are plain, as most are."""
        decode, ends, large = self._decode, self.ends, memoryview(data)
        free, ratio = self._limits.chunk_overhead_free, self._limits.chunk_overhead_ratio
        framing, content = self._framing, self.content_size
        while (head := _PLAIN_HEAD.match(data, position)) is not None:
            begin = head.end()
            size = int(head[1], 16)
            end = begin + size
            if not size or not data.startswith(b"\r\n", end):
                break
            framed = framing + begin - position
            if max(framed - ratio * content, framed + 2 - ratio * (content + size)) > free:
                break  # It is too much, as is found out where the chunk is taken bit by bit.
            framing, content = framed + 2, content + size
            source = data if size < VIEWED_SIZE else large
            passed.append(source[begin:end] if decode else source[position : end + 2])
            if ends is not None:
                ends.append(content)
            position = end + 2
        self._framing, self.content_size = framing, content
        return position

    def read_head(self, data: bytes, position: int, passed: Passed) -> int:
        """Take a chunk head, as far as it has come."""
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._frame(stop - position)
        line = self._line = self._line + data[position:stop]
        most = self._limits.field_line_size_max
        if len(line) > most:
            raise _broken(f"a chunk head is larger than {most} bytes")
        match = _HEAD.match(line)
        assert match is not None  # It matches nothing as well.
        digits, ending = match.groups()
        wrong = match.end() if match.end(1) else 0  # Without a digit nothing else can stand there.
        if wrong < len(line):
            raise _broken(f"illegal chunk header: {line[wrong : wrong + 1]!r} cannot stand here")
        if len(digits) > SIZE_DIGITS_MAX:
            raise _broken(f"illegal chunk header: the size has over {SIZE_DIGITS_MAX} digits")
        if ending == b"\r\n":
            if not self._decode:
                fits = match.end(1) <= PARSED_DIGITS_MAX
                passed.append(line if fits else (digits or b"0") + line[match.end(1) :])
            self._line = b""
            self._left = int(digits or b"0", 16)
            self._read = _READ_CONTENT if self._left else _READ_TRAILERS
            if self.ends is not None and self._left:
                self.ends.append(self.content_size + self._left)
        return stop

    def read_content(self, data: bytes, position: int, passed: Passed) -> int:
        """Take the content of a chunk."""
        size = min(self._left, len(data) - position)
        self._left -= size
        self.content_size += size
        whole = size == len(data)
        passed.append(data if whole else memoryview(data)[position : position + size])
        if not self._left:
            self._read = _READ_END_OF_CHUNK
        return position + size

    def read_end_of_chunk(self, data: bytes, position: int, passed: Passed) -> int:
        """Take the CRLF that ends a chunk."""
        line = self._line + data[position : position + 2 - len(self._line)]
        if not b"\r\n".startswith(line):
            raise _broken("malformed chunk footer: the chunk is longer than its size says")
        stop = position + len(line) - len(self._line)
        self._frame(stop - position)
        self._line = line
        if line == b"\r\n":
            if not self._decode:
                passed.append(line)
            self._line = b""
            self._read = _READ_HEAD
        return stop

    def read_trailers(self, data: bytes, position: int, passed: Passed) -> int:
        """Take a line of the trailer section."""
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._line += data[position:stop]
        try:
            self._trailers.check(self._line)
            if end >= 0:
                line, self._line = self._line, b""
                self.bare_lf = self.bare_lf or not line.endswith(b"\r\n")
                self._add_trailer(line, passed)
        except RemoteProtocolError:
            if not self._trailers.lenient:
                raise
            self._cut_trailers(passed)
        return stop

    def end_trailers(self) -> bytes | None:
        """End the content where the stream has, if it is complete but for its trailer section.

        Returns:
            What is left for a parser; None if that is not let through.
        """
        if not self._trailers.lenient or self._read is not _READ_TRAILERS:
            return None
        passed: Passed = []
        self._cut_trailers(passed)
        return b"".join(passed)

    def _add_trailer(self, line: bytes, passed: Passed) -> None:
        trailers = self._trailers
        self.ended = trailers.add(line)
        if not self._decode:
            passed += trailers.passed
            trailers.passed.clear()
        elif self.ended and trailers.lines:
            self.trailers = Fields.from_lines(trailers.lines)

    def _cut_trailers(self, passed: Passed) -> None:
        """Leave out the rest of the trailer section, which cannot be read, or does not come."""
        self._trailers.cut(self._line)
        self._add_trailer(b"\r\n", passed)

    def _frame(self, size: int) -> None:
        limits = self._limits
        self._framing += size
        most = limits.chunk_overhead_free + limits.chunk_overhead_ratio * self.content_size
        if self._framing > most:
            said = f"the content has more framing than content: over {most} bytes"
            raise ChunkedEncodingError(said)


# The next steps are functions, since methods bound to the counter would make it hold itself.
_READ_HEAD: Final = ChunkCounter.read_head
_READ_CONTENT: Final = ChunkCounter.read_content
_READ_END_OF_CHUNK: Final = ChunkCounter.read_end_of_chunk
_READ_TRAILERS: Final = ChunkCounter.read_trailers


def ended_early(missing: int) -> ChunkedEncodingError:
    """Build the error for content of which so many bytes did not come."""
    error = ChunkedEncodingError(f"the content of the response ended {missing} bytes early")
    error.missing = missing
    return error


def broken_off(chunks: ChunkCounter) -> ChunkedEncodingError:
    """Build the error for chunked content whose stream has ended before it."""
    said = "peer closed connection without sending complete message body (incomplete chunked read)"
    error = _broken("peer unexpectedly closed connection" if chunks.in_trailers else said)
    error.missing = chunks.missing
    return error


def _broken(said: str) -> ChunkedEncodingError:
    return ChunkedEncodingError(f"the content of the response broke off: {said}")
