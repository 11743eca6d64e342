"""Chunked content, counted along before a parser sees it (RFC 9112 section 7.1).

A parser that waits for whole lines waits for ever on a line that ends with a bare LF, believes a
size of twenty digits, and loses complete content for a trailer line that it cannot read. So each
byte of the framing is looked at here when it comes: the first that cannot be right is an error, and
so is framing beyond its limit. The parser is given the same stream, up to the error if there is
one; only trailer lines that are no field lines are left out, with a decision, since the content is
complete by then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import ChunkedEncodingError

if TYPE_CHECKING:
    from sojourn_core.values.limits import Limits

SIZE_DIGITS_MAX: Final = 16  # Of a size, leading zeros not counted: up to 2 ** 64 - 1.
NAME_SHOWN_MAX: Final = 64
# A chunk head as far as it has come. Blanks may stand after the size, as h11 has it; an extension
# goes on to the end of the line.
_HEAD: Final = re.compile(rb"0*+([0-9A-Fa-f]*+)[ \t]*+(?:;[^\r\n\0]*+)?(\r\n?)?")
# A field line of the trailer section, without its end, as h11 reads it; control characters apart.
_FIELD: Final = re.compile(
    rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+:[ \t]*"
    rb"(?:[\x21-\x7e\x80-\xff]+(?:[ \t]+[\x21-\x7e\x80-\xff]+)*)?[ \t]*"
)


class ChunkCounter:
    """Follows one chunked content from its first chunk head to the end of its trailer section.

    Attributes:
        content_size: Bytes of content that have come.
        decisions: One for each trailer line that was left out.
        ended: The content and its trailer section are complete.
        bare_lf: A line of the trailer section ended with a bare LF.
        error: The first thing that is wrong with the framing; no more is taken in after it.
    """

    __slots__ = (
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
        "error",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._read = self._read_head
        self._line = b""  # What has come of a line of framing.
        self._left = 0  # Bytes of the chunk that are still to come.
        self._framing = 0  # Bytes of framing that have come, trailer section apart.
        self._trailers = _Trailers(limits)
        self.content_size = 0
        self.decisions = self._trailers.decisions
        self.bare_lf = False
        self.ended = False
        self.error: ChunkedEncodingError | None = None

    def feed(self, data: bytes) -> bytes:
        """Follow what came.

        Args:
            data: Bytes of the content, framed, in pieces of any size.

        Returns:
            What the parser is given: all that is right, and after the end whatever came.
        """
        passed: list[bytes] = []
        position = 0
        try:
            while position < len(data):
                if self.ended:
                    passed.append(data[position:])
                    break
                position = self._read(data, position, passed)
        except ChunkedEncodingError as error:
            self.error = error
        return passed[0] if len(passed) == 1 else b"".join(passed)

    # Each takes what it can from ``position`` on, and says where it stopped.

    def _read_head(self, data: bytes, position: int, passed: list[bytes]) -> int:
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._frame(stop - position)
        line = self._line = self._line + data[position:stop]
        match = _HEAD.match(line)
        assert match is not None  # It matches nothing as well.
        digits, ending = match.groups()
        wrong = match.end() if match.end(1) else 0  # Without a digit nothing else can stand there.
        if wrong < len(line):
            raise _broken(f"a chunk head cannot have {line[wrong : wrong + 1]!r} here")
        if len(digits) > SIZE_DIGITS_MAX:
            raise _broken(f"a chunk size has more than {SIZE_DIGITS_MAX} digits")
        if ending == b"\r\n":
            passed.append(line)
            self._line = b""
            self._left = int(digits or b"0", 16)
            self._read = self._read_content if self._left else self._read_trailers
        return stop

    def _read_content(self, data: bytes, position: int, passed: list[bytes]) -> int:
        size = min(self._left, len(data) - position)
        self._left -= size
        self.content_size += size
        passed.append(data[position : position + size])
        if not self._left:
            self._read = self._read_end_of_chunk
        return position + size

    def _read_end_of_chunk(self, data: bytes, position: int, passed: list[bytes]) -> int:
        line = self._line + data[position : position + 2 - len(self._line)]
        if not b"\r\n".startswith(line):
            raise _broken("a chunk is longer than its size says")
        stop = position + len(line) - len(self._line)
        self._frame(stop - position)
        self._line = line
        if line == b"\r\n":
            passed.append(line)
            self._line = b""
            self._read = self._read_head
        return stop

    def _read_trailers(self, data: bytes, position: int, passed: list[bytes]) -> int:
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._line += data[position:stop]
        self._trailers.check(self._line)
        if end >= 0:
            line, self._line = self._line, b""
            self.bare_lf = self.bare_lf or not line.endswith(b"\r\n")
            self.ended = self._trailers.add(line, passed)
        return stop

    def _frame(self, size: int) -> None:
        limits = self._limits
        self._framing += size
        most = limits.chunk_overhead_free + limits.chunk_overhead_ratio * self.content_size
        if self._framing > most:
            raise ChunkedEncodingError("the content has more framing than content")


class _Trailers:
    """The trailer section, line by line: each is passed on when what is folded to it has come."""

    __slots__ = ("_count", "_field", "_limits", "_size", "decisions")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._field = b""  # The last field line, with what is folded to it.
        self._size = 0
        self._count = 0
        self.decisions: list[Decision] = []

    def check(self, line: bytes) -> None:
        """Hold a line, which may not be complete, to the limits of a head."""
        limits = self._limits
        if len(line) > limits.field_line_size_max or len(self._field) > limits.field_line_size_max:
            raise _broken(
                f"a field line of the trailer section is larger than "
                f"{limits.field_line_size_max} bytes"
            )
        if self._size + len(line) > limits.head_size_max:
            raise _broken(f"the trailer section is larger than {limits.head_size_max} bytes")
        if self._count > limits.field_lines_max:
            raise _broken(f"the trailer section has more than {limits.field_lines_max} field lines")

    def add(self, line: bytes, passed: list[bytes]) -> bool:
        """Take a complete line; true if it is the blank one that ends the section."""
        self._size += len(line)
        if line[:1] in (b" ", b"\t") and self._field:
            self._field += line
            return False
        field, self._field = self._field, line
        if field:
            self._pass_on(field, passed)
        if line in (b"\r\n", b"\n"):
            passed.append(line)
            return True
        self._count += 1
        return False

    def _pass_on(self, field: bytes, passed: list[bytes]) -> None:
        unfolded = b" ".join(part.strip(b" \t\r") for part in field.split(b"\n")[:-1])
        if b"\0" in field:
            raise _broken("a field line of the trailer section holds NUL")
        if _FIELD.fullmatch(unfolded) is not None:
            passed.append(field)
            return
        name, colon, _ = unfolded.partition(b":")
        self.decisions.append(
            Decision(
                code="trailer.dropped.malformed",
                subject=repr(name[:NAME_SHOWN_MAX].decode("latin-1")) if colon else "trailer",
                reason="it is no field line, and the content before it is complete",
                section="RFC 9112 7.1.2",
            )
        )


def _broken(said: str) -> ChunkedEncodingError:
    return ChunkedEncodingError(f"the content of the response broke off: {said}")
