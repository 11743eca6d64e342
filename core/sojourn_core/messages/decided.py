"""The decisions of a call, as its responses show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Decided:
    """The part of a response that tells what was decided.

    Attributes:
        decisions: Decisions taken during the call, in order.
        left_out: Of these, the ones that came with it: about lines that its head is without, and
            about what its transport has done.
        hop: The number of the request of the call that it answers, as decisions have it.
    """

    decisions: list[Decision]
    left_out: tuple[Decision, ...] = ()
    hop: int = 0

    def explain(self) -> str:
        """Return the decisions of the call, with their reasons, as text."""
        return explain(self.decisions)

    def note(self, decisions: Iterable[Decision]) -> None:
        """Add what was decided when the content ended, about its trailers."""
        for each in decisions:
            self.noter()(each)

    def noter(self) -> Callable[[Decision], None]:
        """Return a function that adds a decision about the content, and holds no response."""
        decisions, hop = self.decisions, self.hop

        def note(decision: Decision) -> None:
            decisions.append(decision.at(hop))

        return note
