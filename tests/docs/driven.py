"""The drivers of the documentation, as the conformance kit takes them."""

from __future__ import annotations

import runpy
import threading
from contextlib import suppress
from functools import cache, partial
from time import monotonic as now
from typing import TYPE_CHECKING, Any

from sojourn import machine
from sojourn.testing.conformance import USUAL, Driver
from sojourn_core import carry_out, carry_out_async, drive, drive_async

from .pages import TOP
from .test_embedding import made

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from sojourn.testing.conformance import Job
    from sojourn_core import Call, Effects, Pool

FOLDER = TOP / "docs" / "examples" / "drivers"


@cache
def example(name: str) -> dict[str, Any]:
    """The names of an example."""
    return runpy.run_path(str(FOLDER / f"{name}_driver.py"))


class Blocking(Driver):
    """A driver over ``drive``, with a thread for each job where there are several."""

    offers = USUAL - {"watches"} | {"interrupts"}

    def __init__(self) -> None:
        self.transport = self.make_transport()

    def make_transport(self) -> Any:
        return made({})["Sockets"]()

    def warm_up(self) -> None:
        """Have its library open what it keeps."""
        self.transport.resolve("localhost", 80, now() + 10)

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
        with job:
            command: Any = job.begin(now())
            while command is not None:
                command = job.take(drive(job.exchange, command, self.transport), now())

    def carry_out(self, effects: Effects | None) -> None:
        carry_out(effects, self.transport)

    def fetch(self, calls: Sequence[Call], pool: Pool) -> list[Any]:
        """Carry out calls, and return the response or the error of each."""
        return [self.outcome(call, pool) for call in calls]

    def outcome(self, call: Call, pool: Pool) -> Any:
        try:
            return machine.fetch(call, pool, self.transport)
        except Exception as error:  # noqa: BLE001 - it is looked at
            return error


class Gevent(Blocking):
    """gevent: a greenlet for each job."""

    offers = USUAL | {"cancels"}

    def make_transport(self) -> Any:
        return example("gevent")["Sockets"]()

    def run(self, jobs: Sequence[Job]) -> None:
        import gevent

        greenlets = []
        for job in jobs:
            greenlet = gevent.Greenlet(self.carry, job)
            job.on_cancel = lambda greenlet=greenlet: greenlet.kill(block=False)
            greenlets.append(greenlet)
            greenlet.start()
        gevent.joinall(greenlets)

    def fetch(self, calls: Sequence[Call], pool: Pool) -> list[Any]:
        import gevent

        running = [gevent.spawn(self.outcome, call, pool) for call in calls]
        return [each.get() for each in running]


class Awaited(Driver):
    """A driver over ``drive_async``; ``complete`` runs coroutines to their end."""

    offers = USUAL | {"cancels", "async content"}
    transport: Any

    def complete(self, *coroutines: Coroutine[Any, Any, Any]) -> None:
        raise NotImplementedError

    def run(self, jobs: Sequence[Job]) -> None:
        self.complete(*(self.carry(job) for job in jobs))

    async def carry(self, job: Job) -> None:
        job.on_cancel = self.canceller()
        with job:
            command: Any = job.begin(now())
            while command is not None:
                command = job.take(await self.drive(job, command), now())

    async def drive(self, job: Job, command: Any) -> Any:
        return await drive_async(job.exchange, command, self.transport)

    def canceller(self) -> Any:
        raise NotImplementedError

    def warm_up(self) -> None:
        self.complete(self.transport.resolve("localhost", 80, now() + 10))

    def carry_out(self, effects: Effects | None) -> None:
        self.complete(carry_out_async(effects, self.transport))

    def fetch(self, calls: Sequence[Call], pool: Pool) -> list[Any]:
        """Carry out calls side by side, and return the response or the error of each."""
        came: dict[Call, Any] = {}

        async def one(call: Call) -> None:
            try:
                came[call] = await machine.fetch_async(call, pool, self.transport)
            except Exception as error:  # noqa: BLE001 - it is looked at
                came[call] = error

        self.complete(*map(one, calls))
        return [came[call] for call in calls]


class Selectors(Awaited):
    """The loop over ``selectors``."""

    def __init__(self) -> None:
        names = example("selectors")
        self.loop = names["Loop"]()
        self.transport = names["Transfers"](self.loop)

    def complete(self, *coroutines: Coroutine[Any, Any, Any]) -> None:
        for outcome in self.loop.run(*coroutines):
            if isinstance(outcome, Exception):
                raise outcome

    def canceller(self) -> Any:
        return self.loop.current.cancel

    def left_open(self) -> list[str]:
        return [repr(key) for key in self.loop.selector.get_map().values()]

    def close(self) -> None:
        self.loop.selector.close()


class Stopped(BaseException):
    """A task of Twisted's was cancelled."""


class Twisted(Awaited):
    """Twisted's reactor, turned by hand: it can be run once only in a process."""

    def __init__(self) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        self.transport = example("twisted")["Transfers"]()
        self.current: Any = None
        # The silenced checks: the module of the reactor has the methods of what is installed.
        if not reactor._started:  # type: ignore[attr-defined]
            reactor.startRunning(installSignalHandlers=False)  # type: ignore[attr-defined]
            pool = reactor.getThreadPool()  # type: ignore[attr-defined]
            # The process does not wait for its thread: this reactor is never stopped.
            pool.threadFactory = partial(threading.Thread, daemon=True)
            pool.adjustPoolsize(1, 1)

    def complete(self, *coroutines: Coroutine[Any, Any, Any]) -> None:
        from twisted.internet.defer import Deferred, ensureDeferred

        self.turn()
        running: list[Deferred[Any]] = []
        for each in coroutines:
            self.holder: list[Any] = []
            holder = self.holder
            deferred = ensureDeferred(self.kept(each, holder))
            holder.append(deferred)
            running.append(deferred)
        while not all(each.called for each in running):
            self.reactor.iterate(0.05)
        failures: list[Any] = []
        for each in running:
            each.addErrback(failures.append)
        self.turn()
        for failure in failures:
            failure.raiseException()

    async def carry(self, job: Job) -> None:
        with suppress(Stopped):
            await super().carry(job)

    async def drive(self, job: Job, command: Any) -> Any:
        from twisted.internet.defer import CancelledError
        from twisted.internet.error import ConnectingCancelledError

        try:
            return await super().drive(job, command)
        except (CancelledError, ConnectingCancelledError) as error:  # An ``Exception`` in Twisted.
            raise Stopped from error

    async def kept(self, coroutine: Any, holder: list[Any]) -> Any:
        return await coroutine

    def turn(self) -> None:
        for _ in range(2):
            self.reactor.iterate(0)

    def canceller(self) -> Any:
        holder = self.holder
        return lambda: self.reactor.callLater(0, lambda: [each.cancel() for each in holder])

    def left_open(self) -> list[str]:
        self.turn()
        return [repr(each) for each in self.reactor.getDelayedCalls()]


@cache
def interpreter() -> Any:
    """The interpreter of Tcl: one, that no other thread collects as garbage."""
    import tkinter as tk

    return tk.Tcl()


class Tk(Awaited):
    """Tk's event loop, without a window."""

    def __init__(self) -> None:
        self.root = interpreter()
        self.names = example("tk")
        self.transport = self.names["Transfers"]()

    def complete(self, *coroutines: Coroutine[Any, Any, Any]) -> None:
        for outcome in self.names["run"](self.root, *coroutines):
            if isinstance(outcome, Exception):
                raise outcome

    async def carry(self, job: Job) -> None:
        self.task = await self.names["this_task"]()
        await super().carry(job)

    def canceller(self) -> Any:
        return self.task.cancel

    def left_open(self) -> list[str]:
        return [*self.root.tk.splitlist(self.root.tk.call("after", "info"))]
