"""The retries of a call: each attempt is shown to the rule, and each verdict is a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.rules.retry_policy import Again, Attempt
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.retry_policy import Retries
    from sojourn_core.values.errors import RequestException

    from .chain import Chain
    from .hop import Hop


class Retrying:
    """The retries of one call.

    Args:
        retries: Those of the session, or of the call alone.
        chain: Takes the decisions.

    Attributes:
        made: How often something was sent again.
    """

    __slots__ = ("_chain", "_retries", "made")

    def __init__(self, retries: Retries, chain: Chain) -> None:
        self._retries = retries
        self._chain = chain
        self.made = 0

    def after_loss(
        self, hop: Hop, error: RequestException, now: float, deadline: float
    ) -> float | None:
        """Return when a request is sent again that had no response; None if it is not."""
        return self._settle(hop, self._attempt(hop)._replace(error=error), now, deadline)

    def after_response(
        self, hop: Hop, response: Response, now: float, deadline: float
    ) -> float | None:
        """Return when a request is sent again that had this response; None if it is not."""
        attempt = self._attempt(hop)._replace(
            status=response.status_code or 0,
            retry_after=response.headers.first("retry-after"),
            wall=response.received_at,
        )
        until = self._settle(hop, attempt, now, deadline)
        hop.reached = hop.reached or until is not None
        return until

    def ended(self) -> None:
        """Note that the call has got its response."""
        if not self.made:
            self._retries.give_back()

    def _attempt(self, hop: Hop) -> Attempt:
        content = hop.request.content
        replayable = not isinstance(content, Content) or content.rewindable or not content.touched
        return Attempt(hop.request.method or "", self.made, replayable)

    def _settle(self, hop: Hop, attempt: Attempt, now: float, deadline: float) -> float | None:
        entropy = hop.request.preparation.entropy
        random = 0.0 if entropy is None else int.from_bytes(entropy(4)) / 2**32
        verdict = self._retries.rule.decide(attempt, random)
        if verdict is None:
            return None
        code, reason, until = verdict.code, verdict.reason, None
        if isinstance(verdict, Again):
            until = now + verdict.seconds
            if until >= deadline:
                code, until = "retry.refused.deadline", None
                reason += ", which is later than the call may take"
            elif not self._retries.take():
                code, until = "retry.refused.budget", None
                reason += ", and the session has used its budget of retries up"
            else:
                self.made += 1
        decision = Decision(code=code, subject=str(hop.url.origin), reason=reason)
        if code == "retry.status":
            decision.section = "RFC 9110 10.2.3"
        elif code in ("retry.connection", "retry.lost", "retry.refused.method"):
            decision.section = "RFC 9110 9.2.2"
        self._chain.log((decision,))
        return until
