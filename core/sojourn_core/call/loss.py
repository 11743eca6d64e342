"""A request that was lost: it is sent again, or the call fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.rules.retry import may_resend
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import ProxyError

if TYPE_CHECKING:
    from sojourn_core.values.errors import RequestException

    from .journey import Journey
    from .states import Step


def after_loss(journey: Journey, error: RequestException, now: float) -> Step:
    """Return the step after a request that had no response.

    A challenge of its proxy is answered, a stale connection is replaced at once, and anything else
    is for the rule for retries, if there is one. Content that cannot be had again is not resent.
    """
    hop, challenges = journey.hop, journey.challenges
    content = hop.request.content
    other = error.request is not None and error.request is not hop.request  # Of the content's.
    if other or (isinstance(content, Content) and content.touched and not content.rewindable):
        return journey.fail(error)
    asked: Any = error.response if isinstance(error, ProxyError) else None
    if challenges is not None and challenges.answers_proxy(asked, hop):
        return journey.replay(hop, now)
    if error.maybe_sent:
        hop.reached = True  # Whatever becomes of it when it is sent again.
    if may_resend(hop.request.method or "", error, hop.resends):
        hop.resends += 1
        hop.fresh = True
        journey.chain.note_resend(hop.url.origin)
        return journey.replay(hop, now)
    if journey.retrying is None:
        return journey.fail(error)
    until = journey.retrying.after_loss(hop, error, now, journey.deadline)
    return journey.fail(error) if until is None else journey.pause(hop, until, now)
