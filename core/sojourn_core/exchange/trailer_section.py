"""The trailer section of chunked content (RFC 9112 section 7.1.2), read line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import RemoteProtocolError

from .field_lines import NAME_SHOWN_MAX, is_field_line, unfolded
from .plain_head import LENGTH_DIGITS_MAX

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.limits import Limits


class TrailerSection:
    """The trailer section, line by line: a field counts once all that is folded to it has come.

    A field that says how content is framed is left out (RFC 9110 section 6.5.1): the content has
    been framed by then, and a parser would take it for one of the head. One Content-Length that is
    a number does no harm.

    Attributes:
        passed: Fields as they came, and the blank line, for a parser.
        lines: The same, read.
        lenient: As for ``ChunkCounter``.
        was_cut: The section was not read to its end.
    """

    __slots__ = (
        "_count",
        "_decisions",
        "_field",
        "_limits",
        "_size",
        "lenient",
        "lines",
        "passed",
        "was_cut",
    )

    def __init__(self, limits: Limits, decisions: list[Decision], lenient: bool) -> None:
        self._limits = limits
        self.lenient = lenient
        self.was_cut = False
        self._decisions = decisions
        self._field = b""  # The last field line, with what is folded to it.
        self._size = 0
        self._count = 0
        self.passed: list[bytes] = []
        self.lines: list[FieldLine] = []

    def check(self, line: bytes) -> None:
        """Hold a line, which may not be complete, to the limits of a head.

        Raises:
            RemoteProtocolError: If it is beyond one of them.
        """
        limits = self._limits
        size = len(line)
        if line[:1] in (b" ", b"\t"):
            size += len(self._field)
        if size > limits.field_line_size_max:
            name = (self._field or line).partition(b":")[0][:NAME_SHOWN_MAX].decode("latin-1")
            raise RemoteProtocolError(
                f"field line {name!r} of the response is larger than "
                f"{limits.field_line_size_max} bytes"
            )
        if self._size + len(line) > limits.head_size_max:
            raise RemoteProtocolError(
                f"the trailer section of the response is larger than {limits.head_size_max} bytes"
            )
        if self._count > limits.field_lines_max:
            raise RemoteProtocolError(
                f"the response has more than {limits.field_lines_max} field lines"
            )

    def add(self, line: bytes) -> bool:
        """Take a complete line; true if it is the blank one that ends the section."""
        self._size += len(line)
        if line[:1] in (b" ", b"\t") and self._field:
            self._field += line
            return False
        field, self._field = self._field, line
        if field:
            self._take(field)
        if line in (b"\r\n", b"\n"):
            self.passed.append(line)
            return True
        self._count += 1
        return False

    def cut(self, line: bytes) -> None:
        """Leave out the last field, unless a ``line`` that is not folded to it shows its end."""
        self._decisions.append(_TRAILERS_CUT)
        self.was_cut = True
        if line[:1] in (b"", b" ", b"\t") or b"\0" in self._field:
            self._field = b""

    def _is_of_framing(self, lowered: bytes, value: bytes) -> bool:
        if lowered != b"content-length":
            return lowered == b"transfer-encoding"
        another = any(name.lower() == "content-length" for name, _ in self.lines)
        return another or not value.isdigit() or len(value) > LENGTH_DIGITS_MAX

    def _take(self, field: bytes) -> None:
        line = unfolded(field)
        name, colon, value = line.partition(b":")
        shown = repr(name[:NAME_SHOWN_MAX].decode("latin-1")) if colon else "trailer"
        if b"\0" in field:
            what = f"trailer field {shown}" if colon else "a trailer line"
            raise RemoteProtocolError(f"{what} of the response holds a control character")
        framing = self._is_of_framing(name.lower(), value.strip(b" \t"))
        if is_field_line(line) and not framing:
            self.passed.append(field)
            self.lines.append((name.decode("ascii"), value.strip(b" \t").decode("latin-1")))
            return
        self._decisions.append(
            Decision(
                code="trailer.dropped.malformed",
                subject=shown,
                reason=_SAYS_FRAMING if framing else _NO_FIELD,
                section="RFC 9110 6.5.1" if framing else "RFC 9112 7.1.2",
            )
        )


_SAYS_FRAMING: Final = "it says how content is framed, which a trailer field may not"
_NO_FIELD: Final = "it is no field line, and the content before it is complete"
_TRAILERS_CUT: Final = Decision(
    code="trailer.section.cut",
    subject="trailer section",
    reason="it is not read to its end; the content before it is complete (lenient_heads)",
    section="RFC 9112 7.1.2",
)
