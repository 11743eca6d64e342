"""The way to an error: the responses that led there, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .decision import explain

if TYPE_CHECKING:
    from .decision import Decision
    from .views import ResponseView


class ErrorWay:
    """The part of an error that tells how the call came to it."""

    response: ResponseView | None
    _decisions: list[Decision] | None = None
    _history: list[Any] | None = None

    @property
    def decisions(self) -> list[Decision]:
        """Everything that was decided on the way to the error, in order; see ``Decision``."""
        if self._decisions is not None:
            return self._decisions
        return list(getattr(self.response, "decisions", None) or ())

    @property
    def history(self) -> list[Any]:
        """The responses that led to the request that failed, the oldest first."""
        if self._history is not None:
            return self._history
        return list(getattr(self.response, "history", None) or ())

    def set_way(self, decisions: list[Decision], history: list[Any]) -> None:
        """Note what a call has behind it that ends with this error."""
        self._decisions = decisions
        self._history = history

    def explain(self) -> str:
        """Return the decisions of the call with their reasons, and the error at last, as text."""
        decisions = self.decisions
        lines = [explain(decisions)] if decisions else []
        hop = len(self.history)
        if not decisions or decisions[-1].hop != hop:
            lines.append(f"request {hop + 1}")
        lines.append(f"  {type(self).__name__}: {self}")
        return "\n".join(lines)
