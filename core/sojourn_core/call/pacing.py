"""Requests that wait for their turn, where a session limits the rate of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import DeadlineExceeded

from .commands import Pause
from .ports import NESTED
from .states import Pausing

if TYPE_CHECKING:
    from sojourn_core.rules.rate_limit import Turns

    from .journey import Journey, Step


def wait_for_turn(journey: Journey, turns: Turns, now: float) -> Step | None:
    """Return the step of a request whose turn is later; None if it goes out now."""
    hop = journey.hop
    if journey.mode is NESTED:
        return None  # Each hop has a call of its own, which waits.
    if hop.paced:
        hop.paced = False  # If it is sent once more, it takes another turn.
        return None
    origin = hop.url.origin
    turn = turns.take(origin, now)
    if turn <= now:
        return None
    limit = turns.limit
    reason = f"{limit.requests} requests in {limit.seconds:g} s, or what the server says, are begun"
    late = turn >= journey.deadline
    code = "rate.refused.deadline" if late else "rate.paused"
    said = f"{reason}; the next turn is in {turn - now:.3g} s"
    journey.chain.log((Decision(code=code, subject=str(origin), reason=said),))
    if late:
        message = f"the next turn of {origin} is later than the call may take in all"
        return journey.fail(DeadlineExceeded(message, maybe_sent=False))
    hop.paced = True
    return Pausing(hop), Pause(turn)
