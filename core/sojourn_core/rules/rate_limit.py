"""A limit on the rate of requests to one origin, and the turns that they get by it.

Nothing here waits: a request is told when its turn is. In any span of the limit's seconds no more
requests begin than it says; they may begin all at once, and then have to wait. What a server says
of its own limit counts too: by Retry-After of a 429 or 503 (RFC 6585 section 4, RFC 9110 section
10.2.3), which goes before the fields of draft-ietf-httpapi-ratelimit-headers, as that asks.
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import nullcontext
from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core.values.errors import InvalidArgument, not_taken
from sojourn_core.values.pickling import NamedState
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

from .rate_fields import seconds_held
from .retry_policy import seconds_asked

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sojourn_core.values.fields import Fields
    from sojourn_core.values.url.endpoint import Origin

BUSY_STATUSES: Final = frozenset({429, 503})
REQUESTS_MAX: Final = 10_000  # That many times are kept for each origin.
ORIGINS_MAX: Final = 1024
_TEXT: Final = re.compile(r"([0-9]{1,6}) */ *([0-9]{0,6})(s|min|h)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600}


@record(frozen=True)
class RateLimit(Value, NamedState):
    """The most requests that begin in a time, for each origin.

    Attributes:
        requests: How many; None for any number, so that only the server's word counts.
        seconds: In how many seconds.
        held_max: How many seconds a server may have us wait, by its RateLimit fields or its
            Retry-After; 0 ignores them.

    Raises:
        InvalidArgument: A number is out of its range.
    """

    requests: int | None
    seconds: float = 1.0
    held_max: float = 60.0

    def __post_init__(self) -> None:
        requests = 1 if self.requests is None else self.requests
        if not 1 <= requests <= REQUESTS_MAX or not 0 < self.seconds < inf:
            said = f"a rate is of 1 to {REQUESTS_MAX} requests, in a time above zero"
            raise InvalidArgument(said, maybe_sent=False)


def rate_from(given: Any) -> RateLimit | None:
    """Read the ``limit`` of a session.

    Args:
        given: Text such as "10/s", "100/min", "1000/h" or "3/10s"; "server" for what the server
            says alone; a ``RateLimit``; or None.

    Raises:
        InvalidArgument: It is none of these.
    """
    if given is None or isinstance(given, RateLimit):
        return given
    if given == "server":
        return RateLimit(None)
    match = _TEXT.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        if isinstance(given, str):
            said = f'limit must be text such as "10/s", "100/min" or "3/10s", not {given!r}'
            raise InvalidArgument(said, maybe_sent=False)
        raise not_taken("limit", 'a RateLimit, or text such as "10/s"', given)
    requests, count, unit = match.groups()
    return RateLimit(int(requests), float(count or 1) * _SECONDS[unit])


class Answer(Protocol):
    """The part of a response that says something of a limit."""

    @property
    def status_code(self) -> int | None:
        """Its status."""
        ...

    @property
    def headers(self) -> Fields:
        """Its fields."""
        ...

    @property
    def received_at(self) -> float:
        """Seconds since 1970 as it came."""
        ...


class Turns:
    """The turns of requests, origin by origin.

    Args:
        limit: How many there are in a time.
        guard: Held for each step; a lock if several threads take turns.

    Attributes:
        limit: As given.
    """

    __slots__ = ("_begun", "_guard", "_held", "limit")

    def __init__(self, limit: RateLimit, guard: AbstractContextManager[Any] | None = None) -> None:
        self.limit = limit
        self._guard: AbstractContextManager[Any] = nullcontext() if guard is None else guard
        self._begun: dict[Origin, deque[float]] = {}
        self._held: dict[Origin, float] = {}

    def take(self, origin: Origin, now: float) -> float:
        """Take the next turn, and return when it is. It is not given back."""
        with self._guard:
            turn = self._next(origin, now)
            self._note(origin, turn, now)
            return turn

    def take_now(self, origin: Origin, now: float) -> float:
        """Take the next turn if it is now; return when it is, and leave it if that is later."""
        with self._guard:
            turn = self._next(origin, now)
            if turn <= now:
                self._note(origin, turn, now)
            return turn

    def _next(self, origin: Origin, now: float) -> float:
        turn = max(now, self._held.get(origin, now))
        begun = self._begun.get(origin)
        if not begun:
            return turn
        turn = max(turn, begun[-1])
        if len(begun) == self.limit.requests:  # Never, if there may be any number.
            turn = max(turn, begun[0] + self.limit.seconds)
        return turn

    def _note(self, origin: Origin, turn: float, now: float) -> None:
        begun = self._begun.get(origin)
        if begun is None:
            if len(self._begun) >= ORIGINS_MAX:
                self._forget(now)
            begun = self._begun[origin] = deque(maxlen=self.limit.requests or 1)
        begun.append(turn)

    def heed(self, origin: Origin, response: Answer, now: float) -> None:
        """Hold an origin's requests back if it says that none is left, or that it is busy.

        A response that says nothing of it changes nothing: it may be older than one that does.

        Args:
            origin: Whose response it is.
            response: The response.
            now: When it came.
        """
        fields, wall = response.headers.by_name(), response.received_at
        asked = fields.get("retry-after") if response.status_code in BUSY_STATUSES else None
        seconds = seconds_held(fields, wall) if asked is None else seconds_asked(asked, wall)
        if seconds is None:
            return
        self._held.pop(origin, None)
        if seconds and self.limit.held_max:
            if len(self._held) >= ORIGINS_MAX:
                self._held = {each: until for each, until in self._held.items() if until > now}
            if len(self._held) < ORIGINS_MAX:
                self._held[origin] = now + min(seconds, self.limit.held_max)

    def _forget(self, now: float) -> None:
        """Forget origins whose last turn matters no more; all, if there is none."""
        over = now - self.limit.seconds
        old = [each for each, begun in self._begun.items() if begun[-1] <= over]
        for origin in old or list(self._begun):
            del self._begun[origin]
            self._held.pop(origin, None)
