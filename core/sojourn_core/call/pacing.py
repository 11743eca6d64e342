"""Requests that wait for their turn, where a session limits the rate of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import DeadlineExceeded

if TYPE_CHECKING:
    from sojourn_core.rules.rate_limit import Turns

    from .chain import Chain
    from .hop import Hop


def turn_of(turns: Turns, hop: Hop, chain: Chain, now: float, deadline: float) -> float:
    """Return when the request of a hop may be sent, and note it if that is later.

    Raises:
        DeadlineExceeded: It is later than the call may take.
    """
    if hop.paced:
        hop.paced = False  # If it is sent once more, it takes another turn.
        return now
    origin, limit = hop.url.origin, turns.limit
    turn = turns.take(origin, now)
    if turn <= now:
        return now
    late = turn >= deadline
    hop.paced = not late
    code = "rate.refused.deadline" if late else "rate.paused"
    said = "as many requests as the server allows"
    if limit.requests is not None:
        said = f"{limit.requests} requests in {limit.seconds:g} s, or what the server says,"
    reason = f"{said} are begun; the next turn is in {turn - now:.3g} s"
    chain.log((Decision(code=code, subject=str(origin), reason=reason),))
    if late:
        message = f"the next turn of {origin} is later than the call may take in all"
        raise DeadlineExceeded(message, maybe_sent=False)
    return turn
