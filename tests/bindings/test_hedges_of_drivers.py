"""Hedged requests by drivers of one's own: ``fetch_async`` where the transport can, else once."""

from __future__ import annotations

import asyncio
import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from sojourn import machine
from sojourn_core import Hedge, Pool, Request, Timeouts, carry_out, carry_out_async, errors
from sojourn_core.values.timeouts import UNSET
from tests.servers.scripted import HandlerServer

from .test_hedges import LATE, SOON, Slow, codes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sojourn import HedgePolicy
    from sojourn_core import Call
    from sojourn_core.commands import Address


class Transfers:
    """asyncio's streams, as little of them as it takes.

    Attributes:
        streams: Those that are open.
    """

    def __init__(self) -> None:
        self.streams: set[Any] = set()

    def now(self) -> float:
        return monotonic()

    def is_quiet(self, stream: Any) -> bool:
        return not stream[0].at_eof()

    def close(self, stream: Any) -> None:
        self.streams.discard(stream)
        stream[1].close()

    async def resolve(self, host: str, port: int, deadline: float) -> list[Address]:
        raise OSError("there are no names")

    async def connect(self, address: Address, deadline: float, socket: Any) -> Any:
        stream = await asyncio.open_connection(address.host, address.port)
        self.streams.add(stream)
        return stream

    async def send(self, stream: Any, data: bytes, deadline: float) -> None:
        stream[1].write(data)

    async def receive(self, stream: Any, limit: int, deadline: float) -> bytes:
        async with asyncio.timeout(deadline - monotonic()):
            data: bytes = await stream[0].read(limit)
            return data

    async def wait(self, ticket: Any, deadline: float) -> None:
        raise AssertionError("there is room for both")

    async def within(self, step: Awaitable[Any], deadline: float) -> Any:
        return await step

    async def sleep_until(self, when: float) -> None:
        await asyncio.sleep(when - monotonic())


class Hedging(Transfers):
    """The same, by two tasks."""

    async def hedge(self, hedge: Hedge, attempt: Callable[[], Awaitable[Any]]) -> tuple[int, Any]:
        running: dict[asyncio.Task[Any], int] = {}
        try:
            while True:
                if hedge.due(monotonic()):
                    # What ``attempt`` returns is typed as an awaitable, and is a coroutine.
                    running[asyncio.ensure_future(attempt())] = hedge.begun  # type: ignore[arg-type]
                left = max(hedge.next_at - monotonic(), 0.0)
                seconds = None if left == float("inf") else left
                await asyncio.wait(running, timeout=seconds, return_when="FIRST_COMPLETED")
                for task in [each for each in running if each.done()]:
                    number = running.pop(task)
                    error = task.exception()
                    if error is None:
                        return number, task.result()
                    assert isinstance(error, Exception)
                    hedge.lost(error)
                    if hedge.is_over:
                        raise error
        finally:
            for each in running:
                each.cancel()
            if running:
                await asyncio.wait(running)


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.over.set()


@pytest.fixture
def server(slow: Slow) -> Iterator[HandlerServer]:
    with HandlerServer(slow) as made:
        yield made
        slow.over.set()


def call_for(url: str, timeout: Any = UNSET, hedge: HedgePolicy = SOON) -> Call:
    session = machine.LocalSession(timeout=timeout)
    session.hedge = hedge
    return session.call(Request("GET", url))


def run(transport: Transfers, call: Call, pool: Pool) -> Any:
    async def main() -> Any:
        try:
            return await machine.fetch_async(call, pool, transport)
        finally:
            assert pool.open_count == pool.idle_count
            assert len(transport.streams) == pool.idle_count
            await carry_out_async(pool.close(), transport)
            await asyncio.sleep(0)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("path", "hedge", "text", "told"),
    [("/quick", LATE, "1", []), ("/slow-quick", SOON, "2", ["hedge.sent"])],
)
def test_a_transport_that_can_hedge(
    server: HandlerServer, path: str, hedge: HedgePolicy, text: str, told: list[str]
) -> None:
    response = run(Hedging(), call_for(server.url(path), hedge=hedge), Pool())
    assert (response.text, codes(response)) == (text, told)


def test_a_transport_that_cannot(server: HandlerServer, slow: Slow) -> None:
    response = run(Transfers(), call_for(server.url("/quick")), Pool())
    assert (response.text, codes(response)) == ("1", ["hedge.refused.driver"])
    assert slow.seen == ["/quick"]


def test_both_are_lost(server: HandlerServer) -> None:
    call = call_for(server.url("/slow-slow"), Timeouts(read=0.2))
    with pytest.raises(errors.ReadTimeout) as caught:
        run(Hedging(), call, Pool())
    assert caught.value.maybe_sent


class Sockets:
    """Blocking sockets, as little of them as it takes."""

    now = staticmethod(monotonic)
    sleep_until = staticmethod(machine.sleep_until)

    def is_quiet(self, stream: Any) -> bool:
        return True

    def close(self, stream: Any) -> None:
        stream.close()

    def connect(self, address: Address, deadline: float, settings: Any) -> socket.socket:
        return socket.create_connection((address.host, address.port), 10)

    def send(self, stream: Any, data: bytes, deadline: float) -> None:
        stream.sendall(data)

    def receive(self, stream: Any, limit: int, deadline: float) -> Any:
        return stream.recv(limit)


def test_code_that_blocks_sends_once(server: HandlerServer) -> None:
    pool, transport = Pool(), Sockets()
    made: Any = transport  # No name is resolved, and nothing waits for the pool.
    response = machine.fetch(call_for(server.url("/quick")), pool, made)
    assert (response.text, codes(response)) == ("1", ["hedge.refused.driver"])
    carry_out(pool.close(), made)
