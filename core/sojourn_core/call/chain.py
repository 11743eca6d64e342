"""The chain of a call: what it went through, and what was decided on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sojourn_core.messages.response import Response
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.url.endpoint import Origin

    from .hop import Hop

_CHALLENGES: Final = frozenset({401, 407})


class Chain:
    """The responses and decisions that a call has behind it.

    Args:
        lists_challenges: As in ``Policy``.

    Attributes:
        history: The responses that led here, each of them read or closed.
        decisions: Everything that was decided so far, in order.
        redirects: How many redirects were followed.
        lists_challenges: As given.
    """

    __slots__ = ("decisions", "history", "lists_challenges", "redirects")

    def __init__(self, lists_challenges: bool) -> None:
        self.lists_challenges = lists_challenges
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
        whole = self.lists_challenges or response.status_code in _CHALLENGES
        response.history = self.history[:] if whole else self.before_redirect()
        self.history.append(response)

    def tell(self, error: RequestException, hop: Hop) -> None:
        """Tell the error that the call fails with of the way to it."""
        if error.request is None:
            error.request = hop.request
        if hop.reached and error.request is hop.request:
            error.maybe_sent = True
        response = error.response
        led = self.history[:]
        if led and led[-1] is response:  # It is the error's own.
            led.pop()
        error.set_way(self.decisions, led)

    def before_redirect(self) -> list[Response]:
        """Return the responses that led here, as a redirect or what follows one lists them."""
        if self.lists_challenges:
            return self.history[:]
        return [each for each in self.history if each.status_code not in _CHALLENGES]
