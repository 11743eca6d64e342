"""Two exchanges of one request, by the loops that the bindings have for them.

These are the very loops of ``sojourn.sync.hedging``, ``sojourn.aio.hedging`` and, for trio,
``sojourn.shared.awaited.side_by_side``. What they wait by is replaced: time only jumps, also that
of the event loops. Each transfer takes a while, so that two exchanges meet in every order.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager, suppress
from math import inf
from random import Random
from types import coroutine
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import trio
from trio._core import _run  # Draws the order in which tasks run: a run has to be played again.
from trio.testing import MockClock

import sojourn.aio.hedging as by_asyncio
import sojourn.shared.awaited.hedging as by_tasks
import sojourn.sync.hedging as by_blocking
from sojourn.shared.awaited.side_by_side import first_answer as first_in_nursery
from sojourn.sync.waiting import Until
from sojourn.trio.backend import TrioBackend
from tests.torture.faults import Cancelled, Endless

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator

    from sojourn_core import commands
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.rules.hedge import Hedge, Hedges
    from tests.torture.stage import Answer, Line, Stage

TICK: Final = 0.125  # Seconds that a transfer takes.
BY_TRIO: Final = "drive_async in nurseries"  # A third way to play a scenario that has hedges.


class Silence(BaseException):
    """Nothing comes of a transfer for now; no error of the network.

    Attributes:
        deadline: How long it lasts.
        ticket: What may end it, if it is a place in the pool that is waited for.
    """

    def __init__(self, deadline: float, ticket: Any = None) -> None:
        super().__init__()
        self.deadline = deadline
        self.ticket = ticket


def transfer(line: Line, name: str, arguments: tuple[Any, ...]) -> Generator[Until, Any, Any]:
    """Do what a line does, beside others: each wait is handed up."""
    yield Until({}, line.time + TICK)
    try:
        return getattr(line, name)(*arguments)
    except Silence as silence:
        deadline, ticket = silence.deadline, silence.ticket
    while ticket is not None and not ticket.ready and line.time < deadline:
        yield Until({ticket: 1}, deadline)
    if ticket is None:
        yield Until({}, deadline)
    if ticket is None or not ticket.ready:
        raise TimeoutError("nothing has come")
    return None


# --- blocking code ------------------------------------------------------------------------------


class Transfers:
    """What ``sojourn.sync.hedging`` has sockets for."""

    def __init__(self, stage: Stage) -> None:
        """Stand on the line of a stage."""
        line = self._line = stage.line
        self.now, self.is_quiet, self.close = line.now, line.is_quiet, line.close

    def __getattr__(self, name: str) -> Any:
        """Make any other method one whose waits are yielded."""

        @coroutine
        def call(*arguments: Any) -> Generator[Until, Any, Any]:
            return (yield from transfer(self._line, name, arguments))

        return call


class Driver:
    """What a driver of blocking code is to ``sojourn.sync.hedging``."""

    def __init__(self, adapter: Stage, exchange: Exchange) -> None:
        """Nothing has begun."""
        self.adapter = adapter
        self.exchange = exchange
        adapter.tape.take("start")
        adapter.tape.done()

    def run(self, command: Any) -> commands.HandedUp:
        """Drive it alone."""
        return self.adapter.drive_alone(self.exchange, command)

    def abandon(self) -> None:
        """Give it up."""
        stage = self.adapter
        stage.carry_out(self.exchange.abandon(stage.line.time))


def wait_for(line: Line, waits: Iterable[Until], deadline: float) -> dict[Any, int]:
    """Let time pass until a place is there, or the first of the times."""
    waits = [*waits]
    ready = {each: 1 for until in waits for each in until.sockets if each.ready}
    if ready:
        return ready
    first = min([deadline, *(each.deadline for each in waits)])
    if first == inf:
        raise Endless("both exchanges wait, and nothing ends that")
    line.time = max(line.time, first)
    return {}


# --- event loops --------------------------------------------------------------------------------


class AwaitedDriver:
    """What a driver is to ``sojourn.shared.awaited.hedging``."""

    def __init__(self, adapter: Stage) -> None:
        """Nothing has begun."""
        self._stage = adapter

    async def run(self, command: commands.Send) -> Answer:
        """Go as far as the head of a response."""
        return await self._stage.attempt(command)


class JumpingLoop(asyncio.BaseEventLoop):
    """An event loop of asyncio without a socket, in the time of a line."""

    def __init__(self, line: Line) -> None:
        """Begin at its time."""
        super().__init__()
        self._line = line
        self._selector = self
        self.told: list[str] = []
        self.set_exception_handler(lambda _, context: self.told.append(str(context["message"])))

    def time(self) -> float:
        """Return the time of the line."""
        return self._line.time

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass: that is all that there is to wait for."""
        if timeout is None:
            raise Endless("all tasks wait, and nothing ends that")
        self._line.time += max(timeout, 0.0)
        return []

    def _process_events(self, events: list[Any]) -> None: ...

    def _write_to_self(self) -> None: ...


class ByAsyncio:
    """asyncio, as far as a hedge needs it."""

    def __init__(self, stage: Stage) -> None:
        """Nothing runs yet."""
        self._stage = stage

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a task to its end; a cancellation of the scenario's cancels it."""
        stage, line = self._stage, self._stage.line
        loop = JumpingLoop(line)
        task = loop.create_task(work)
        line.cancel = task.cancel
        try:
            return loop.run_until_complete(task)
        except asyncio.CancelledError:
            raised = stage.tape.raised
            if not isinstance(raised, Cancelled):
                raise
            raise raised from None
        finally:
            line.cancel = None
            left = asyncio.all_tasks(loop)
            stage.left += [f"a task is left: {each.get_coro()!r}" for each in left]
            for each in left:
                each.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left))
            del task, left
            loop.close()
            stage.left += loop.told

    async def hedge(self, hedge: Hedge, attempt: Callable[[], Any]) -> tuple[int, Any]:
        """Make two attempts."""
        return await by_asyncio.first_answer(hedge, attempt)

    async def until(self, until: Until) -> None:
        """Wait for a place, or a time."""
        line = self._stage.line
        if not until.sockets:
            if until.deadline == inf:
                raise Endless("the peer is silent, and nothing ends that")
            await asyncio.sleep(max(until.deadline - line.time, 0.0))
            return
        (ticket,) = until.sockets
        granted = asyncio.Event()
        ticket.wake = granted.set
        with suppress(TimeoutError):
            async with asyncio.timeout_at(None if until.deadline == inf else until.deadline):
                while not ticket.ready:
                    await granted.wait()


class ByTrio:
    """trio, as far as a hedge needs it; its clock is set to the time of the line."""

    def __init__(self, stage: Stage) -> None:
        """Nothing runs yet."""
        self._stage = stage
        self._clock = MockClock(autojump_threshold=0)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a task to its end; a cancellation of the scenario's cancels it."""
        stage, line = self._stage, self._stage.line

        async def main() -> Any:
            with trio.CancelScope() as scope:
                line.cancel = scope.cancel
                result = await work
                if scope.cancel_called:  # The answer was there before the task heard of it.
                    stage.tape.raised = None
                return result
            assert stage.tape.raised is not None
            raise stage.tape.raised

        order = Random(stage.tape.seed)
        try:
            self._follow()
            with mock.patch.multiple(_run, _ALLOW_DETERMINISTIC_SCHEDULING=True, _r=order):
                return trio.run(main, clock=self._clock)
        finally:
            line.cancel = None

    async def hedge(self, hedge: Hedge, attempt: Callable[[], Any]) -> tuple[int, Any]:
        """Make two attempts."""
        return await first_in_nursery(TrioBackend(), hedge, attempt)

    async def until(self, until: Until) -> None:
        """Wait for a place, or a time."""
        self._follow()
        line = self._stage.line
        with trio.move_on_at(until.deadline):
            if not until.sockets:
                await trio.sleep_forever()
            (ticket,) = until.sockets
            granted = trio.Event()
            ticket.wake = granted.set
            if not ticket.ready:
                await granted.wait()
        line.time = max(line.time, self._clock.current_time())

    def _follow(self) -> None:
        """Set the clock to the time of the line, which may have jumped."""
        behind = self._stage.line.time - self._clock.current_time()
        if behind > 0:
            self._clock.jump(behind)


# --- a request ----------------------------------------------------------------------------------


@contextmanager
def jumping(stage: Stage) -> Iterator[None]:
    """Have the loops of the bindings wait in the time of a stage."""
    line = stage.line

    def wait(waits: Iterable[Until], deadline: float = inf) -> dict[Any, int]:
        return wait_for(line, waits, deadline)

    def seconds_until(time: float) -> float | None:
        return None if time == inf else max(time - line.time, 0.0)

    with (
        mock.patch.multiple(
            by_blocking, clock=line.now, wait=wait, Transfers=Transfers, ExchangeDriver=Driver
        ),
        mock.patch.multiple(by_asyncio, clock=line.now, seconds_until=seconds_until),
        mock.patch.object(by_tasks, "ExchangeDriver", AwaitedDriver),
    ):
        line.shared = True
        try:
            yield
        finally:
            line.shared = False


def send_blocking(
    stage: Stage, exchange: Exchange, command: commands.Send, hedges: Hedges
) -> tuple[Exchange, commands.HandedUp, Any]:
    """Carry out a ``Send`` as blocking code does.

    Returns:
        The exchange that was answered, what it was handed up, and what there is to tell.
    """
    with jumping(stage):
        driver: Any = Driver(stage, exchange)
        answered, handed, told = by_blocking.run_hedged(driver, command, hedges)
        sys.setprofile(None)  # What comes now is no reply.
        return answered.exchange, handed, told


async def send_awaited(stage: Stage, command: commands.Send, hedges: Hedges) -> Answer:
    """Carry out a ``Send`` as tasks do."""
    with jumping(stage):
        adapter: Any = stage
        answer: Answer = await by_tasks.send_hedged(adapter, command, hedges)
        sys.setprofile(None)
        return answer
