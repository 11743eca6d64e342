"""Two exchanges of one request by blocking code, in the thread of the caller.

Both are driven by the loop of the core, over sockets that do not block, and one selector waits for
both. So whatever ends the call, Ctrl-C for one, ends both at once, and no thread is left. A name is
looked up in a thread of its own, as always: nothing can interrupt that.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from time import monotonic as clock
from types import coroutine
from typing import TYPE_CHECKING, Any, cast

from sojourn.shared.effects import carry_out
from sojourn.shared.hedging import hedge_for
from sojourn_core import commands as c
from sojourn_core.exchange.drive import drive_async
from sojourn_core.exchange.exchange import Exchange

from .connecting import has_file, resolve
from .exchange_driver import WAIT_SLICE, ExchangeDriver
from .racing import race
from .resolving import by, look_up
from .response import Response
from .waiting import Bell, Until, wait

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sojourn_core.exchange.ticket import Ticket
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.hedge import Hedge, Hedges
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.route import SocketSettings

    from .exchange_driver import LockedTransport
    from .stream import Stream
    from .waiting import Steps

    Answer = tuple[ExchangeDriver, c.HandedUp]


def run_hedged(
    driver: ExchangeDriver, command: c.Send, hedges: Hedges
) -> tuple[ExchangeDriver, c.HandedUp, tuple[Decision, ...]]:
    """Carry out a ``Send``, by two exchanges if the first is slow.

    Args:
        driver: Of the first one, which has not begun.
        command: What is sent.
        hedges: Those of its settings.

    Returns:
        The driver of the exchange that was answered, what it was handed up, and what is to be told.
        The other one is given up.

    Raises:
        RequestException: There is no answer; if both were sent, it is the last error.
    """
    hedge, told = hedge_for(command, hedges)
    if hedge is None:
        return driver, driver.run(driver.exchange.start(clock())), told
    begun: list[ExchangeDriver] = []

    def begin() -> ExchangeDriver:
        adapter, plan = driver.adapter, driver.exchange.plan
        made = ExchangeDriver(adapter, Exchange(plan, adapter.pool)) if begun else driver
        begun.append(made)
        return made

    try:
        answered, handed = _first_answer(hedge, begin, command.request)
        for each in begun:
            if each is not answered:
                each.abandon()
        told = hedge.answered(begun.index(answered) + 1, str(command.request.parsed_url.origin))
        return answered, handed, told  # noqa: TRY300 - an interrupt comes here too
    except BaseException:
        for each in begun:
            each.abandon()
        raise


def _first_answer(
    hedge: Hedge, begin: Callable[[], ExchangeDriver], request: PreparedRequest
) -> Answer:
    """Begin each exchange when it is due, carry on with whichever can go on, and return the first.

    Args:
        hedge: Says when one is due.
        begin: Makes the driver of the next one.
        request: Whose informational hooks are asked.
    """
    steps: dict[ExchangeDriver, Any] = {}
    waits: dict[ExchangeDriver, Until | None] = {}
    ready: dict[Any, int] = {}
    try:
        while True:
            if hedge.due(clock()):
                driver = begin()
                steps[driver] = _answer(driver, request)
                waits[driver] = None
            for driver in [each for each, awaited in waits.items() if _can_go_on(awaited, ready)]:
                try:
                    waits[driver] = steps[driver].send(None if waits[driver] is None else ready)
                except StopIteration as end:
                    return driver, end.value
                except Exception as error:
                    del steps[driver], waits[driver]
                    hedge.lost(error)
                    if hedge.is_over:
                        raise
            ready = wait([each for each in waits.values() if each is not None], hedge.next_at)
    finally:
        for each in steps.values():
            each.close()


def _can_go_on(awaited: Until | None, ready: dict[Any, int]) -> bool:
    if awaited is None:
        return True  # It has not begun.
    return clock() >= awaited.deadline or not ready.keys().isdisjoint(awaited.sockets)


@coroutine
def _answer(driver: ExchangeDriver, request: PreparedRequest) -> Steps[c.HandedUp]:
    """Drive an exchange to the head of its response."""
    exchange, transfers = driver.exchange, Transfers(driver.adapter)
    # To a type checker a coroutine is no generator. It is made and begun in one line: one that
    # Ctrl-C keeps from beginning would warn.
    drive: Callable[..., Steps[c.HandedUp]] = cast("Any", drive_async)
    handed = yield from drive(exchange, exchange.start(clock()), transfers)
    while isinstance(handed, c.Inform):
        from sojourn.shared.informing import informed  # Few requests ask.

        for _ in informed(Response, handed.head, request):
            pass
        handed = yield from drive(exchange, exchange.proceed(clock()), transfers)
    return handed


class Transfers:
    """The transfers of an exchange that shares its thread; an ``AsyncTransport`` of the core."""

    def __init__(self, adapter: LockedTransport) -> None:
        self._adapter = adapter

    def now(self) -> float:
        return clock()

    def is_quiet(self, stream: Stream, /) -> bool:
        return stream.is_quiet()

    def close(self, stream: Stream, /) -> None:
        stream.close()

    @coroutine
    def resolve(self, host: str, port: int, deadline: float, /) -> Steps[tuple[c.Address, ...]]:
        resolver = self._adapter.resolver
        asked = resolve if resolver is None else by(resolver, resolve)
        with Bell() as bell:
            found = look_up(partial(asked, host, port), bell.ring)
            if not (yield from bell.until(deadline)):
                raise TimeoutError
            return found()

    @coroutine
    def connect(
        self, address: c.Address, deadline: float, socket: SocketSettings | None, /
    ) -> Steps[Stream]:
        return (yield from race((address,), 0.0, deadline, socket))

    @coroutine
    def race(
        self,
        addresses: tuple[c.Address, ...],
        stagger: float,
        deadline: float,
        socket: SocketSettings | None,
        /,
    ) -> Steps[Stream]:
        return (yield from race(addresses, stagger, deadline, socket))

    @coroutine
    def send(self, stream: Stream, data: bytes, deadline: float, /) -> Steps[None]:
        yield from self._send(stream, data, deadline, EVENT_WRITE)

    @coroutine
    def send_watching(self, stream: Stream, data: bytes, deadline: float, /) -> Steps[int | None]:
        return (yield from self._send(stream, data, deadline, EVENT_READ | EVENT_WRITE))

    def _send(self, stream: Stream, data: bytes, deadline: float, events: int) -> Steps[int | None]:
        if not has_file(stream.sock):  # It is a stand-in, which blocks.
            stream.write(data, deadline)
            return None
        rest = memoryview(data)
        while rest:
            ready = yield from _ready(stream, events, deadline)
            if ready & EVENT_READ:
                return len(data) - len(rest)
            if ready:
                with suppress(BlockingIOError):
                    rest = rest[stream.sock.send(rest) :]
        return None

    @coroutine
    def receive(self, stream: Stream, limit: int, deadline: float, /) -> Steps[bytes]:
        if not has_file(stream.sock):  # It is a stand-in, which blocks.
            return stream.read(limit, deadline)
        while True:
            with suppress(BlockingIOError):
                return stream.sock.recv(limit)
            yield from _ready(stream, EVENT_READ, deadline)

    @coroutine
    def wait(self, ticket: Ticket, deadline: float, /) -> Steps[None]:
        with Bell() as bell:
            ticket.wake = bell.ring
            while not ticket.ready:
                now = clock()
                if now >= deadline:
                    raise TimeoutError
                if not (yield from bell.until(min(deadline, now + WAIT_SLICE))):
                    carry_out(self._adapter.pool.expire(clock()))

    @coroutine
    def within(self, step: Awaitable[Any], deadline: float, /) -> Steps[Any]:
        return (yield from step.__await__())  # The user's content: that is bytes here.

    @coroutine
    def sleep_until(self, when: float, /) -> Steps[None]:
        yield Until({}, when)


def _ready(stream: Stream, events: int, deadline: float) -> Steps[int]:
    """Wait until a stream can be read, or written; return which of these.

    Raises:
        TimeoutError: The deadline has passed.
    """
    ready = yield Until({stream.sock: events}, deadline)
    if not ready and clock() >= deadline:
        raise TimeoutError
    return ready.get(stream.sock, 0)
