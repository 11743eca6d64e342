"""The chain of a call: what it went through, and what was decided on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sojourn_core.messages.response import Response
    from sojourn_core.values.url.endpoint import Origin


class Chain:
    """The responses and decisions that a call has behind it.

    Attributes:
        history: The responses that led here, each of them read or closed.
        decisions: Everything that was decided so far, in order.
        redirects: How many redirects were followed.
    """

    __slots__ = ("decisions", "history", "redirects")

    def __init__(self) -> None:
        self.history: list[Response] = []
        self.decisions: list[Decision] = []
        self.redirects = 0

    def log(self, decisions: Iterable[Decision]) -> None:
        """Note decisions on the hop that is under way."""
        hop = len(self.history)
        for decision in decisions:
            self.decisions.append(decision if decision.hop == hop else decision.at(hop))

    def note_resend(self, origin: Origin) -> None:
        """Note that a request is sent again after a stale connection."""
        decision = Decision(
            code="retry.stale-connection",
            subject=str(origin),
            reason="the peer had closed a connection that was used before",
            section="RFC 9110 9.2.2",
        )
        self.log((decision,))

    def note_refused_request(self, method: str) -> None:
        """Note that the request which a redirect leads to cannot be made."""
        reason = "the request that it leads to cannot be made"
        self.log((Decision(code="redirect.refused.request", subject=method, reason=reason),))

    def append(self, response: Response) -> None:
        """Note a response that leads on; it knows those before it."""
        response.history = self.history[:]
        self.history.append(response)
