"""The head of a response: its status and its field lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .decision import Decision
    from .fields import Fields


class ResponseHead:
    """Start of a response: everything but its content. A value, which must not be changed.

    Attributes:
        status: Three-digit status code.
        fields: Field lines in wire order; names keep their case and may repeat.
        reason: Reason phrase; for display, never for decisions.
        version: HTTP version as ``"1.1"``.
        decisions: One for each line of the head that was left out of ``fields``, or read leniently.
    """

    __slots__ = ("decisions", "fields", "reason", "status", "version")

    def __init__(
        self,
        status: int,
        fields: Fields,
        reason: str = "",
        version: str = "1.1",
        decisions: tuple[Decision, ...] = (),
    ) -> None:
        self.decisions = decisions
        self.status = status
        self.fields = fields
        self.reason = reason
        self.version = version

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ResponseHead):
            return NotImplemented
        return (
            self.status == other.status
            and self.fields.lines == other.fields.lines
            and self.reason == other.reason
            and self.version == other.version
            and self.decisions == other.decisions
        )

    __hash__ = None  # type: ignore[assignment]  # Its fields are mutable.

    def __repr__(self) -> str:
        return f"ResponseHead({self.status}, {self.fields!r}, {self.reason!r}, {self.version!r})"
