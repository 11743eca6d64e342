"""A clock that is a number, and tasks that wait for it: whatever is due next happens at once.

Times are whole ticks, so that many things are due at the same time; which of them is first is left
to the seed. That is the order of readiness, which no event loop promises.
"""

from __future__ import annotations

from contextlib import suppress
from heapq import heappop, heappush
from math import ceil, inf
from types import coroutine
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from random import Random

TICKS: Final = 1024  # In a second.


class Cancelled(BaseException):
    """Raised where a task waits that is cancelled."""


class Late(BaseException):
    """Raised where a task waits within a deadline that has passed."""


@coroutine
def suspended() -> Any:
    """Wait until the task is taken up again."""
    return (yield)


class Task:
    """A coroutine that runs in steps.

    Attributes:
        turn: Counts the steps, so that whoever would wake it for an earlier one comes too late.
        late: The deadline within which it runs, as an object; None without one.
        user: Whose task it is.
        done: It has ended.
    """

    __slots__ = ("_cancelled", "_running", "done", "late", "loop", "turn", "user")

    def __init__(self, loop: Loop, running: Coroutine[Any, Any, Any], user: Any) -> None:
        self.loop = loop
        self.user = user
        self.turn = 0
        self.done = False
        self.late: object = None
        self._cancelled = False
        self._running = running

    def wake(self) -> None:
        """Have it look again at what it waits for."""
        self.loop.at(self.loop.now, self.step, self.turn)

    def cancel(self) -> None:
        """Raise ``Cancelled`` where it waits."""
        if not self.done:
            self._cancelled = True
            self.loop.at(self.loop.now, self.step, self.turn)

    def forget(self) -> bool:
        """Do without it, if it has not begun; return False if it has."""
        if self.turn:
            return False
        self.close()
        self.loop.forget(self)
        return True

    def close(self) -> None:
        """End it where it waits."""
        self.done = True
        self._running.close()

    def expire(self, late: object) -> None:
        """Raise ``Late`` where it waits, unless it is past that."""
        if self.late is late:
            self.step(self.turn, Late())

    def step(self, turn: int, outcome: BaseException | None = None) -> None:
        """Run until it waits again."""
        if turn != self.turn or self.done:
            return
        self.turn += 1
        loop = self.loop
        loop.current = self
        if self._cancelled:
            self._cancelled = False
            outcome = Cancelled()
        try:
            if outcome is None:
                self._running.send(None)
            else:
                self._running.throw(outcome)
        except StopIteration:
            self.done = True
            loop.forget(self)
        loop.stepped(self)


class Loop:
    """What happens, in order.

    Args:
        random: Says which of several things that are due is first.

    Attributes:
        now: The time in seconds.
        events: How many have happened.
        current: The task that runs, or ran last.
        stepped: Called with each task after its step.
        until: The event before which it stops.
        trace: Called with a line about each event, if it is not None.
    """

    def __init__(self, random: Random) -> None:
        self.now = 0.0
        self.events = 0
        self.current: Task | None = None
        self.stepped: Callable[[Task], None] = lambda _: None
        self.until = inf
        self.trace: Callable[[str], None] | None = None
        self._due: list[Any] = []
        self._tasks: dict[Task, None] = {}
        self._random = random.random
        self._count = 0

    def at(self, when: float, act: Callable[..., object], *given: Any) -> None:
        """Do something at a time: at the next whole tick."""
        self._count += 1
        when = ceil(when * TICKS) / TICKS
        heappush(self._due, (when, self._random(), self._count, act, given))

    def spawn(self, running: Coroutine[Any, Any, Any], user: Any = None) -> Task:
        """Have a coroutine begin at once."""
        task = Task(self, running, user)
        self._tasks[task] = None
        task.wake()
        return task

    def run(self) -> bool:
        """Let happen all that is due; return False if it was stopped before."""
        due = self._due
        while due:
            if self.events >= self.until:
                return False
            self.now, _, _, act, given = heappop(due)
            self.events += 1
            act(*given)
        return True

    def forget(self, task: Task) -> None:
        """Know of a task no more."""
        self._tasks.pop(task, None)

    def close(self) -> None:
        """Let nothing happen any more: tasks end where they wait, and nobody asks with what."""
        while self._tasks:
            task, _ = self._tasks.popitem()
            with suppress(Exception):
                task.close()

    def say(self, *words: object) -> None:
        """Tell the trace."""
        if self.trace is not None:
            self.trace(f"{self.events:>8} {self.now:12.4f} {' '.join(map(str, words))}")

    async def wait(self, when: float) -> None:
        """Wait until a time, or until somebody wakes the task."""
        task = self.current
        assert task is not None
        if when < inf:
            self.at(when, task.step, task.turn)
        await suspended()

    async def sleep(self, when: float) -> None:
        """Wait until a time."""
        while self.now < when:
            await self.wait(when)
