"""A run of trio that goes on between the calls of a test, as ``asyncio.Runner`` has it for asyncio.

The test is the host of the run, in trio's "guest mode": it lets the run go on while it waits for
something to be done in it, and no longer.
"""

from __future__ import annotations

import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Monotonic(trio.abc.Clock):
    """The monotonic clock itself: trio's own begins at any number."""

    def start_clock(self) -> None:
        """Do nothing: it goes."""

    def current_time(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Return the seconds until then."""
        return deadline - time.monotonic()


class TrioRunner:
    """One run of trio, and the tasks that a test runs in it.

    Args:
        clock: Of the run; trio's own if it is not given.
    """

    def __init__(self, clock: trio.abc.Clock | None = None) -> None:
        self._due: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._ended: list[Any] = []
        trio.lowlevel.start_guest_run(
            self._main,
            run_sync_soon_threadsafe=self._due.put,
            done_callback=self._ended.append,
            host_uses_signal_set_wakeup_fd=True,
            clock=clock,
        )
        self._ready: list[trio.lowlevel.TrioToken] = []
        while not self._ready:
            self._due.get()()

    async def _main(self) -> None:
        async with trio.open_nursery() as self._nursery:
            self._over = trio.Event()
            self._ready.append(trio.lowlevel.current_trio_token())
            await self._over.wait()

    def run(self, function: Callable[[], Awaitable[Any]]) -> Any:
        """Run a function in a task of its own, and give what it returns or raise what it raises."""
        done: list[Callable[[], Any]] = []

        def fail(error: BaseException) -> Any:
            raise error

        async def task() -> None:
            try:
                value = await function()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                done.append(lambda error=error: fail(error))
            else:
                done.append(lambda: value)

        self._ready[0].run_sync_soon(self._nursery.start_soon, task)
        while not done:
            self._due.get()()
        return done.pop()()

    def tasks(self) -> list[str]:
        """Name the tasks that go on, the run's own left out."""
        return [task.name for task in self._nursery.child_tasks]

    def close(self) -> None:
        """End the run."""
        self._ready[0].run_sync_soon(self._over.set)
        while not self._ended:
            self._due.get()()
        self._ended.pop().unwrap()
