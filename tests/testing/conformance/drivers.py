"""The drivers of the bindings, as the kit takes them."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from time import monotonic as now
from typing import TYPE_CHECKING, Any

import trio

import sojourn
import sojourn.trio
from sojourn.shared.awaited.exchange_driver import ExchangeDriver as AwaitedExchangeDriver
from sojourn.shared.effects import carry_out
from sojourn.sync.exchange_driver import ExchangeDriver
from sojourn.testing.conformance import USUAL, Driver
from sojourn_core import Effects
from tests.bindings.trio_runner import Monotonic, TrioRunner

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sojourn.testing.conformance import Job


class SyncDriver(Driver):
    """The sync binding, with a thread for each job where there are several."""

    offers = USUAL | {"interrupts", "files", "finalizes", "races"}

    def run(self, jobs: Sequence[Job]) -> None:
        if len(jobs) == 1:
            self.carry(jobs[0])
            return
        threads = [threading.Thread(target=self.carry, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def carry(self, job: Job) -> None:
        if job.own is None:
            adapter = sojourn.HTTPAdapter()
            adapter.pool = job.pool
            job.own = ExchangeDriver(adapter, job.exchange)
        with job:
            command: Any = job.begin(now())
            while command is not None:
                command = job.take(job.own.run(command), now())

    def carry_out(self, effects: Effects | None) -> None:
        carry_out(effects)

    def abandon(self, job: Job) -> None:
        job.own.abandon()


class AsyncioDriver(Driver):
    """The asyncio binding, on a loop that is kept from one run to the next."""

    offers = USUAL | {"cancels", "async content", "files", "finalizes", "races"}

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.adapter: Any = None

    def run(self, jobs: Sequence[Job]) -> None:
        self.runner.run(self.carry_all(jobs))

    async def carry_all(self, jobs: Sequence[Job]) -> None:
        await self.turn()
        await asyncio.gather(*map(self.carry, jobs), return_exceptions=True)
        await self.turn()

    async def turn(self) -> None:
        """Let the loop see what has come meanwhile, and do what it has put off."""
        for _ in range(2):
            await asyncio.sleep(0)

    async def carry(self, job: Job) -> None:
        if self.adapter is None:
            self.adapter = sojourn.AsyncHTTPAdapter()
            self.adapter.pool = job.pool
            self.adapter.backend.join()
        if job.own is None:
            job.own = AwaitedExchangeDriver(self.adapter, job.exchange)
        task = asyncio.current_task()
        assert task is not None
        job.on_cancel = task.cancel
        with job:
            command: Any = job.begin(now())
            while command is not None:
                command = job.take(await job.own.run(command), now())

    def carry_out(self, effects: Effects | None) -> None:
        async def carry_out_all() -> None:
            owed = effects or Effects()
            contents, owed.releases = owed.releases, []
            carry_out(owed)
            for content in contents:
                await content.aclose()
            await self.turn()

        self.runner.run(carry_out_all())

    def abandon(self, job: Job) -> None:
        async def give_up() -> None:
            await job.own.give_up()
            await self.turn()

        self.runner.run(give_up())

    def left_open(self) -> Iterable[str]:
        return [repr(task) for task in asyncio.all_tasks(self.runner.get_loop())]

    def close(self) -> None:
        self.runner.close()


class TrioDriver(Driver):
    """The binding for trio, on a run that is kept from one call to the next."""

    offers = USUAL | {"cancels", "async content", "finalizes"}

    def __init__(self) -> None:
        self.runner = TrioRunner(Monotonic())
        self.adapter: Any = None

    def run(self, jobs: Sequence[Job]) -> None:
        self.runner.run(partial(self.carry_all, jobs))

    async def carry_all(self, jobs: Sequence[Job]) -> None:
        await self.turn()
        async with trio.open_nursery() as nursery:
            for job in jobs:
                nursery.start_soon(self.carry, job)
                await trio.lowlevel.checkpoint()  # trio begins tasks in any order.
        await self.turn()

    async def turn(self) -> None:
        """Let the run see what has come meanwhile."""
        for _ in range(2):
            await trio.lowlevel.checkpoint()

    async def carry(self, job: Job) -> None:
        if self.adapter is None:
            self.adapter = sojourn.trio.HTTPAdapter()
            self.adapter.pool = job.pool
            self.adapter.backend.join()
        if job.own is None:
            job.own = AwaitedExchangeDriver(self.adapter, job.exchange)
        with trio.CancelScope() as scope, job:
            job.on_cancel = scope.cancel
            command: Any = job.begin(now())
            while command is not None:
                command = job.take(await job.own.run(command), now())

    def carry_out(self, effects: Effects | None) -> None:
        async def carry_out_all() -> None:
            owed = effects or Effects()
            contents, owed.releases = owed.releases, []
            carry_out(owed)
            for content in contents:
                await content.aclose()
            await self.turn()

        self.runner.run(carry_out_all)

    def abandon(self, job: Job) -> None:
        async def give_up() -> None:
            await job.own.give_up()
            await self.turn()

        self.runner.run(give_up)

    def left_open(self) -> Iterable[str]:
        return self.runner.tasks()

    def close(self) -> None:
        self.runner.close()
