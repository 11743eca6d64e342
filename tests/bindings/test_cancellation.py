"""A task may be cancelled at any await: after each turn of the loop, until it is done by itself.

The server runs on the same loop, and names are resolved on it, so that every run takes the same
turns. Whatever the moment, the pool is right afterwards, what was in flight is closed, and the
session works.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final, Self

import pytest

import sojourn
from tests.bindings.clients import SECONDS_MAX, pool_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

TURNS_MAX: Final = 500  # Of a task that is not cancelled; each takes some dozens.
TURNS_TO_SETTLE: Final = 30  # Both ends see that a connection is closed.
CONTENT: Final = b"0123456789" * 100


class LoopServer:
    """An HTTP server on the running loop, for the targets that ``_answer`` knows.

    Attributes:
        url: Of its root.
        open: Connections that the client has not closed.
    """

    def __init__(self, context: ssl.SSLContext | None) -> None:
        """Prepare; ``async with`` starts it."""
        self.open = 0
        self.url = ""
        self._context = context

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        scheme = "http" if self._context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"Transfer-Encoding" in head:
                    await reader.readuntil(b"0\r\n\r\n")
                await self._answer(head.split(b" ")[1], writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _answer(self, target: bytes, writer: asyncio.StreamWriter) -> None:
        if target == b"/redirect":
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 4\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(b"away")
        elif target == b"/chunked":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in range(0, len(CONTENT), 250):
                await writer.drain()
                await asyncio.sleep(0)
                writer.write(b"fa\r\n" + CONTENT[start : start + 250] + b"\r\n")
            await asyncio.sleep(0)
            writer.write(b"0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT) + CONTENT)
        await writer.drain()


class Source:
    """Content from an async generator that says what became of it."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    async def __call__(self) -> AsyncIterator[bytes]:
        self.begun += 1
        try:
            for _ in range(3):
                await asyncio.sleep(0)
                yield b"piece"
        finally:
            self.ended += 1


async def get(session: Any, url: str) -> None:
    assert (await session.get(url)).content == CONTENT


async def redirected(session: Any, url: str) -> None:
    assert (await session.get(f"{url}redirect")).content == CONTENT


async def upload(session: Any, url: str) -> None:
    source = Source()
    try:
        assert (await session.post(url, data=source())).content == CONTENT
    finally:
        assert source.begun == source.ended


async def read_in_pieces(session: Any, url: str) -> None:
    async with await session.get(f"{url}chunked", stream=True) as response:
        pieces = [piece async for piece in response.iter_content(100)]
    assert b"".join(pieces) == CONTENT


async def use_again(session: Any, url: str) -> None:
    for _ in range(3):
        await get(session, url)


ACTS: Final = [get, redirected, upload, read_in_pieces, use_again]


async def resolve_soon(host: str, port: int, **_: Any) -> list[Any]:
    """What the loop's own ``getaddrinfo`` does, without the thread it does it in."""
    await asyncio.sleep(0)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def until(settled: Callable[[], bool]) -> None:
    """Let the loop turn until it is so: a system that is busy tells late what a peer has done."""
    async with asyncio.timeout(SECONDS_MAX):
        while not settled():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)


async def cancel_after(turns: int, task: asyncio.Task[None]) -> bool:
    """Cancel a task after so many turns of the loop; whether it was done before."""
    for _ in range(turns):
        if task.done():
            break
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True


async def check_all_is_well(session: Any, server: LoopServer) -> None:
    """Nothing is in flight, nothing is left open but what is idle, and the session works."""
    pool = pool_of(session)
    await turn(TURNS_TO_SETTLE)
    await until(lambda: pool.open_count == pool.idle_count == server.open)
    assert pool.waiting_count == 0
    await get(session, server.url)
    assert pool.open_count == pool.idle_count == server.open == 1


async def every_moment(
    server: LoopServer,
    limits: sojourn.PoolLimits,
    verify: str,
    scene: Callable[[Any, int], Awaitable[bool]],
) -> int:
    """Play a scene with a new session, cancelling after 0, 1, 2, ... turns; how many there were."""
    # The loop of this test alone.
    # The silenced check: the loop of this test alone.
    asyncio.get_running_loop().getaddrinfo = resolve_soon
    async with server:
        for turns in range(TURNS_MAX):
            async with sojourn.AsyncSession(pool=limits) as session:
                session.verify = verify
                done = await scene(session, turns)
                await check_all_is_well(session, server)
            await until(lambda: server.open == 0)
            if done:
                return turns
    raise AssertionError("it is never done")


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_call_may_be_cancelled_at_any_moment(
    ca: Any, act: Callable[[Any, str], Any], secure: bool
) -> None:
    server = LoopServer(ca.server_context() if secure else None)

    async def scene(session: Any, turns: int) -> bool:
        return await cancel_after(turns, asyncio.create_task(act(session, server.url)))

    moments = asyncio.run(every_moment(server, sojourn.PoolLimits(), str(ca.path), scene))
    assert moments > 5


@pytest.mark.parametrize("victim", [0, 1, 2])
@pytest.mark.parametrize(
    "limits",
    [sojourn.PoolLimits(connections_max=1), sojourn.PoolLimits(connections_per_key_max=1)],
    ids=["one in all", "one per origin"],
)
@pytest.mark.parametrize("act", [get, read_in_pieces], ids=lambda act: act.__name__)
def test_those_who_wait_are_served_whoever_is_cancelled(
    ca: Any, act: Callable[[Any, str], Any], limits: sojourn.PoolLimits, victim: int
) -> None:
    server = LoopServer(None)

    async def scene(session: Any, turns: int) -> bool:
        tasks = [asyncio.create_task(act(session, server.url)) for _ in range(3)]
        done = await cancel_after(turns, tasks[victim])
        async with asyncio.timeout(10):
            await asyncio.gather(*(task for task in tasks if task is not tasks[victim]))
        return done

    moments = asyncio.run(every_moment(server, limits, str(ca.path), scene))
    assert moments > 5


def test_a_timeout_of_the_caller_is_a_cancellation(ca: Any) -> None:
    server = LoopServer(None)

    async def scene(session: Any, turns: int) -> bool:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as scope:
                await turn(turns % 2)
                loop.call_soon(lambda: scope.reschedule(loop.time() - 1) if turns < 3 else None)
                await get(session, server.url)
        except TimeoutError:
            return False
        return True

    assert asyncio.run(every_moment(server, sojourn.PoolLimits(), "", scene)) == 3
