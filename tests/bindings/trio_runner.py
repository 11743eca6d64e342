"""A run of trio that goes on between the calls of a test, as ``asyncio.Runner`` has it for asyncio.

The test is the host of the run, in trio's "guest mode": it lets the run go on while it waits for
something to be done in it, and no longer.
"""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class TrioRunner:
    """One run of trio, and the tasks that a test runs in it."""

    def __init__(self) -> None:
        """Begin the run."""
        self._due: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._ended: list[Any] = []
        trio.lowlevel.start_guest_run(
            self._main,
            run_sync_soon_threadsafe=self._due.put,
            done_callback=self._ended.append,
            host_uses_signal_set_wakeup_fd=True,
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

    def close(self) -> None:
        """End the run."""
        self._ready[0].run_sync_soon(self._over.set)
        while not self._ended:
            self._due.get()()
        self._ended.pop().unwrap()
