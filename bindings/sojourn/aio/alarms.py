"""The deadlines of the streams of a loop, with one timer of the loop for all of them.

A timer of asyncio is an object with a context, a bound method and a place in the loop's own queue:
more than a stream need hold that waits for an answer, since almost no deadline is ever reached.
"""

from __future__ import annotations

from contextvars import Context
from heapq import heapify, heappop, heappush
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from weakref import ref

if TYPE_CHECKING:
    import asyncio

SILENCED_MAX: Final = 64  # Beyond it, those that are silenced may not be the greater part.

# When it rings, a number that tells it from others of the same time, and for whom; or None.
Alarm: TypeAlias = "list[Any]"


class Sleeper(Protocol):
    """Whoever asks to be woken."""

    def ring(self) -> object:
        """Go on: the time has come."""
        ...


class Alarms:
    """The deadlines of those who wait on a loop.

    To set one takes the logarithm of their number, and to silence one takes the same whatever it
    is.

    Args:
        loop: The event loop.
    """

    __slots__ = ("__weakref__", "_alarms", "_loop", "_number", "_rings_at", "_silenced", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._alarms: list[Alarm] = []  # A heap.
        self._number = 0
        self._silenced = 0  # The number of those among them that are to pass by.
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf

    def __len__(self) -> int:
        return len(self._alarms)

    def set(self, deadline: float, sleeper: Sleeper) -> Alarm:
        """Have somebody woken at a time of the clock, and return what silences it."""
        self._number += 1
        alarm: Alarm = [deadline, self._number, sleeper]
        heappush(self._alarms, alarm)
        if deadline < self._rings_at:
            self._wind()
        return alarm

    def silence(self, alarm: Alarm) -> None:
        """Let an alarm pass by. It must not have rung."""
        alarm[2] = None
        self._silenced += 1
        if self._silenced == len(self._alarms):
            self._alarms.clear()
            self._silenced = 0
            self._wind()
        elif self._silenced > SILENCED_MAX and 2 * self._silenced > len(self._alarms):
            self._alarms[:] = [each for each in self._alarms if each[2] is not None]
            heapify(self._alarms)
            self._silenced = 0

    def _wind(self) -> None:
        """Set the timer by the first alarm."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._rings_at = inf
        if self._alarms:
            first = self._rings_at = self._alarms[0][0]
            left = max(first - monotonic(), 0.0)
            # In a context of its own: that of whoever happens to wait is not kept for it.
            self._timer = self._loop.call_later(left, _ring, ref(self), context=Context())

    def ring(self) -> None:
        """Wake all whose time has come."""
        self._timer = None
        self._rings_at = -inf  # The timer is wound once, after all that is due.
        now = monotonic()
        try:
            while self._alarms and self._alarms[0][0] <= now:
                sleeper = heappop(self._alarms)[2]
                if sleeper is None:
                    self._silenced -= 1
                else:
                    sleeper.ring()
        finally:  # One that is woken may end the process.
            self._wind()


def _ring(alarms: ref[Any]) -> None:
    """Wake all whose time has come. The loop may end before, and must not be in a circle then."""
    itself = alarms()
    if itself is not None:
        itself.ring()
