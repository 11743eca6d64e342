"""A limit on the rate of requests to one origin, and the turns that they get by it.

Nothing here waits: a request is told when its turn is. In any span of the limit's seconds no more
requests begin than it says; they may begin all at once, and then have to wait. What a server says
of its own limit counts too, by the fields of draft-ietf-httpapi-ratelimit-headers.
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import nullcontext
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import InvalidArgument, not_taken
from sojourn_core.values.pickling import NamedState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from sojourn_core.values.url.endpoint import Origin

REQUESTS_MAX: Final = 10_000  # That many times are kept for each origin.
ORIGINS_MAX: Final = 1024
_TEXT: Final = re.compile(r"([0-9]{1,6}) */ *([0-9]{0,6})(s|min|h)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600}
_REMAINING: Final = re.compile(r";\s*r=([0-9]{1,12})(?![0-9.])")
_RESET: Final = re.compile(r";\s*t=([0-9]{1,12})(?![0-9.])")


@dataclass(frozen=True, slots=True)
class RateLimit(NamedState):
    """The most requests that begin in a time, for each origin.

    Attributes:
        requests: How many.
        seconds: In how many seconds.
        held_max: How many seconds a server may have us wait, by its RateLimit fields; 0 ignores
            them.

    Raises:
        InvalidArgument: A number is out of its range.
    """

    requests: int
    seconds: float = 1.0
    held_max: float = 60.0

    def __post_init__(self) -> None:
        if not 1 <= self.requests <= REQUESTS_MAX or not 0 < self.seconds < inf:
            said = f"a rate is of 1 to {REQUESTS_MAX} requests, in a time above zero"
            raise InvalidArgument(said, maybe_sent=False)


def rate_from(given: Any) -> RateLimit | None:
    """Read the ``limit`` of a session.

    Args:
        given: Text such as "10/s", "100/min", "1000/h" or "3/10s"; a ``RateLimit``; or None.

    Raises:
        InvalidArgument: It is none of these.
    """
    if given is None or isinstance(given, RateLimit):
        return given
    match = _TEXT.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise not_taken("limit", 'a RateLimit, or text such as "10/s"', given)
    requests, count, unit = match.groups()
    return RateLimit(int(requests), float(count or 1) * _SECONDS[unit])


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
            return self._take(origin, now)

    def _take(self, origin: Origin, now: float) -> float:
        limit = self.limit
        begun = self._begun.get(origin)
        if begun is None:
            if len(self._begun) >= ORIGINS_MAX:
                self._forget(now)
            begun = self._begun[origin] = deque(maxlen=limit.requests)
        turn = max(now, begun[-1]) if begun else now
        if len(begun) == limit.requests:
            turn = max(turn, begun[0] + limit.seconds)
        turn = max(turn, self._held.get(origin, now))
        begun.append(turn)
        return turn

    def heed(self, origin: Origin, fields: Mapping[str, str], now: float) -> None:
        """Hold an origin's requests back if it says that none is left.

        Args:
            origin: Whose response it is.
            fields: Its fields, by names in lower case.
            now: When it came.
        """
        seconds = seconds_held(fields)
        most = self.limit.held_max
        if seconds and most:
            self._held[origin] = now + min(seconds, most)
        else:
            self._held.pop(origin, None)

    def _forget(self, now: float) -> None:
        """Forget origins whose last turn matters no more; all, if there is none."""
        over = now - self.limit.seconds
        old = [each for each, begun in self._begun.items() if begun[-1] <= over]
        for origin in old or list(self._begun):
            del self._begun[origin]
            self._held.pop(origin, None)


def seconds_held(fields: Mapping[str, str]) -> float:
    """Return for how many seconds a server has no request left; 0 if it has, or does not say.

    Its RateLimit field says so, or RateLimit-Remaining and RateLimit-Reset of earlier drafts.
    """
    said = fields.get("ratelimit", "")
    left, reset = _REMAINING.search(said), _RESET.search(said)
    if left is not None and reset is not None:
        return float(reset[1]) if not int(left[1]) else 0.0
    remaining = fields.get("ratelimit-remaining", "").strip()
    after = fields.get("ratelimit-reset", "").strip()
    if remaining.isdecimal() and not int(remaining[:12]) and after.isdecimal():
        return float(after[:12])
    return 0.0
