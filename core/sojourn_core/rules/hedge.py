"""A policy for hedged requests, as a value; and the times at which each of two is sent.

A server that is slow once is seldom slow twice in a row. So a request that has had no answer for
some time is sent a second time, by another connection, and whichever answer comes first is taken;
the other exchange is given up, and its connection closed (J. Dean, L. A. Barroso, "The Tail at
Scale", Communications of the ACM 56, 2013). The server may act on both, which is why the method has
to be idempotent (RFC 9110 section 9.2.2).

Nothing here waits, and nothing here sends: ``Hedge`` says to a driver what is due, as ``Race``
does.
"""

from __future__ import annotations

from contextlib import nullcontext
from math import inf
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import InvalidArgument, RequestException, not_taken
from sojourn_core.values.pickling import NamedState
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

from .retry import IDEMPOTENT_METHODS

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager

    from sojourn_core.values.url.endpoint import Origin

    from .rate_limit import Turns

BUDGET_SHARE: Final = 0.1  # Given back by each request that is answered without a second one.
METHOD: Final = "hedge.refused.method"
CONTENT: Final = "hedge.refused.content"
CREDENTIALS: Final = "hedge.refused.credentials"
BUDGET: Final = "hedge.refused.budget"
LIMIT: Final = "hedge.refused.limit"
DRIVER: Final = "hedge.refused.driver"
SENT: Final = "hedge.sent"
_REASONS: Final = {
    CONTENT: "its content cannot be had twice at the same time",
    CREDENTIALS: "its credentials are made for one request at a time",
    BUDGET: "the session has used its budget of second requests up",
    LIMIT: "the limit on the rate of requests left no turn for a second one",
    DRIVER: "its driver sends one request at a time",
}


@record(frozen=True, kw_only=True)
class HedgePolicy(Value, NamedState):
    """When a request is sent a second time, for the answer that comes first.

    Attributes:
        after: Seconds without an answer before the second one is sent. The time within which 95 of
            100 requests are answered is usual: then five of 100 are sent twice.
        methods: Methods of requests that may be sent twice; all of them are idempotent.
        budget: Second requests that a session may begin with; each takes one, and each request that
            needs none gives back a tenth. None for no budget.

    Raises:
        InvalidArgument: A number is out of its range, or a method is not idempotent.
    """

    after: float = 0.5
    methods: AbstractSet[str] = IDEMPOTENT_METHODS
    budget: int | None = 10

    def __post_init__(self) -> None:
        if not 0 < self.after < inf or (self.budget or 0) < 0:
            said = "the time of a HedgePolicy is above 0, and its budget is not below"
            raise InvalidArgument(said, maybe_sent=False)
        if not self.methods <= IDEMPOTENT_METHODS:
            said = "a HedgePolicy is for idempotent methods alone"
            raise InvalidArgument(said, maybe_sent=False)


class Hedges:
    """The hedges of a session: its policy, and what is left of its budget.

    Args:
        policy: When there are any.
        guard: Held for each step; a lock if several threads send.
        turns: The turns of the session, if it limits the rate of its requests.

    Attributes:
        policy: As given.
        left: What is left of the budget; None without one.
        turns: As given. A session sets it when its limit changes.
    """

    __slots__ = ("_guard", "left", "policy", "turns")

    def __init__(
        self,
        policy: HedgePolicy,
        guard: AbstractContextManager[Any] | None = None,
        turns: Turns | None = None,
    ) -> None:
        self.policy = policy
        self.left: float | None = policy.budget
        self.turns = turns
        self._guard: AbstractContextManager[Any] = nullcontext() if guard is None else guard

    def refusal(self, method: str, *, at_hand: bool, one_by_one: bool) -> str | None:
        """Return the code of the decision not to send a request twice; None if it may be.

        Args:
            method: Of the request.
            at_hand: Its content is bytes, or there is none.
            one_by_one: Its credentials are a conversation (``AuthFlow``), such as Digest, whose
                count a second request would repeat.
        """
        if method not in self.policy.methods:
            return METHOD
        if not at_hand:
            return CONTENT
        return CREDENTIALS if one_by_one else None

    @property
    def is_used_up(self) -> bool:
        """Nothing is left of the budget."""
        return self.left is not None and self.left < 1

    def take(self) -> bool:
        """Take one from the budget; return False if there is none."""
        with self._guard:
            if self.is_used_up:
                return False
            if self.left is not None:
                self.left -= 1
            return True

    def give_back(self) -> None:
        """Give back a tenth: a request was answered without a second one."""
        with self._guard:
            if self.left is not None and self.policy.budget is not None:
                self.left = min(self.left + BUDGET_SHARE, self.policy.budget)


class Hedge:
    """The two exchanges of one request, and when each of them begins.

    A driver begins an exchange whenever one is ``due``, and then waits until ``next_at`` or until
    an exchange ends. It says ``lost`` of each that has failed, and ``answered`` of the first that
    is answered: it gives up the other. A failure before the second one begins ends it all: what is
    sent again then, the rule for retries decides.

    Where the session limits the rate of its requests, the second exchange needs a turn of its own.
    It waits for one behind all others, and takes none before it begins: what is answered meanwhile
    has used up one turn.

    Args:
        hedges: Those of the session.
        origin: Whom the request asks. Without it there is no turn for a second exchange.

    Attributes:
        begun: How many have begun.
        next_at: When the next one is due; ``-inf`` for at once, ``inf`` if there is none.
    """

    __slots__ = ("_code", "_hedges", "_maybe_sent", "_origin", "_running", "begun", "next_at")

    def __init__(self, hedges: Hedges, origin: Origin | None = None) -> None:
        self._hedges = hedges
        self._origin = origin
        self._running = 0
        self._code: str | None = None  # The reason against a second one, if any is known.
        self._maybe_sent = False
        self.begun = 0
        self.next_at = -inf

    @property
    def is_over(self) -> bool:
        """All that have begun have failed."""
        return self.begun > 0 and not self._running

    def due(self, now: float) -> bool:
        """Begin one more exchange, if it is time; return whether it is."""
        if now < self.next_at:
            return False
        if not self.begun:
            self.next_at = now + self._hedges.policy.after
        elif not self._may_be_second(now):
            return False
        self.begun += 1
        self._running += 1
        return True

    def _may_be_second(self, now: float) -> bool:
        """Take what a second exchange needs, or else set when to look again."""
        hedges, turns = self._hedges, self._hedges.turns
        self.next_at, self._code = inf, BUDGET
        if hedges.is_used_up:
            return False
        if turns is not None:
            turn = inf if self._origin is None else turns.take_now(self._origin, now)
            if turn > now:
                self.next_at, self._code = turn, LIMIT
                return False
        if not hedges.take():  # Another thread was faster.
            return False
        self._code = None
        return True

    def lost(self, error: Exception | None = None) -> None:
        """Note that an exchange has failed.

        Args:
            error: The error of it. If it is the last, it is the request's: it is told whether the
                request may have been sent by an exchange that was lost before.
        """
        self._running -= 1
        self.next_at = inf
        if isinstance(error, RequestException):
            self._maybe_sent = error.maybe_sent = error.maybe_sent or self._maybe_sent

    def answered(self, number: int, origin: str) -> tuple[Decision, ...]:
        """Note which exchange was answered first, counted from 1; return what there is to tell.

        Args:
            number: The exchange.
            origin: Whom it asked.
        """
        if self._code is not None:
            return (refused(self._code, origin),)
        if self.begun < 2:
            self._hedges.give_back()
            return ()
        which = "first" if number == 1 else "second"
        seconds = self._hedges.policy.after
        reason = f"no answer came within {seconds:g} s; of two requests the {which} was answered"
        return (Decision(code=SENT, subject=origin, reason=reason, section="RFC 9110 9.2.2"),)


def refused(code: str, origin: str, method: str = "") -> Decision:
    """Return the decision that a request is not sent a second time.

    Args:
        code: Why not.
        origin: Whom it asks.
        method: Its method, if that is why.
    """
    reason = f"{method} may have effects" if code == METHOD else _REASONS[code]
    section = "RFC 9110 9.2.2" if code == METHOD else ""
    return Decision(code=code, subject=origin, reason=reason, section=section)


def hedges_from(
    given: Any,
    guard: AbstractContextManager[Any] | None = None,
    turns: Turns | None = None,
) -> Hedges | None:
    """Read the ``hedge`` of a session, or of a request.

    Args:
        given: Seconds under the default policy, a ``HedgePolicy``, or None for no hedges.
        guard: As ``Hedges`` takes it.
        turns: As ``Hedges`` takes them.

    Raises:
        InvalidArgument: It is none of these.
    """
    if given is None:
        return None
    if isinstance(given, HedgePolicy):
        return Hedges(given, guard, turns)
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise not_taken("hedge", "seconds, or a HedgePolicy", given)
    return Hedges(HedgePolicy(after=given), guard, turns)
