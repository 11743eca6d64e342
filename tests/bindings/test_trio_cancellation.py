"""A task of trio may be cancelled at each of its awaits: at the first, at the second, to the end.

An instrument of trio cancels the scope of the task as it has come to wait. Whatever the moment, the
pool is right afterwards, what was in flight is closed, and the session works.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio

import sojourn
import sojourn.trio
from tests.bindings.clients import SECONDS_MAX, pool_of
from tests.servers.scripted import HandlerServer
from tests.servers.scripted import response as answer
from tests.servers.server import PeerClosedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.servers.scripted import Received
    from tests.servers.server import Connection

AWAITS_MAX: Final = 500  # Of a task that is not cancelled; each has some dozens.
CONTENT: Final = b"0123456789" * 40_000  # More than one read gives.
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
    len(CONTENT),
    CONTENT,
)


def handler(request: Received) -> bytes:
    if request.target == "/redirect":
        return answer(302, ("Location", "/"), content=b"away" * 1000)
    if request.target == "/chunked":
        return CHUNKED
    return answer(200, content=CONTENT)


class PatientServer(HandlerServer):
    """Takes requests that break off for what they are: the client was cancelled."""

    def _play_requests(self, connection: Connection) -> None:
        with contextlib.suppress(PeerClosedError, OSError):
            super()._play_requests(connection)


class CancelAtAwait(trio.abc.Instrument):
    """Cancels a scope when its task has come to wait for the n-th time."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.task: Any = None
        self.scope: Any = None

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        """Count, and cancel."""
        if task is self.task:
            if self.left == 0:
                self.scope.cancel()
            self.left -= 1

    async def run(self, act: Callable[[], Any]) -> bool:
        """Run something until it is cancelled; return whether it was not."""
        with trio.CancelScope() as scope:
            self.scope, self.task = scope, trio.lowlevel.current_task()
            try:
                await act()
            finally:
                self.task = None
        return not scope.cancelled_caught


async def get(session: Any, url: str) -> None:
    assert (await session.get(url)).content == CONTENT


async def redirected(session: Any, url: str) -> None:
    assert (await session.get(f"{url}redirect")).content == CONTENT


async def upload(session: Any, url: str) -> None:
    begun = ended = 0

    async def source() -> AsyncIterator[bytes]:
        nonlocal begun, ended
        begun += 1
        try:
            for _ in range(3):
                await trio.lowlevel.checkpoint()
                yield bytes(100_000)
        finally:
            ended += 1

    try:
        assert (await session.post(url, data=source())).content == CONTENT
    finally:
        assert begun == ended


async def read_in_pieces(session: Any, url: str) -> None:
    async with await session.get(f"{url}chunked", stream=True) as response:
        pieces = [piece async for piece in response.iter_content(50_000)]
    assert b"".join(pieces) == CONTENT


async def read_lines(session: Any, url: str) -> None:
    async with await session.get(f"{url}chunked", stream=True) as response:
        assert [line async for line in response.iter_lines()] == [CONTENT]


async def use_again(session: Any, url: str) -> None:
    for _ in range(3):
        await get(session, url)


ACTS: Final = [get, redirected, upload, read_in_pieces, read_lines, use_again]


async def check_all_is_well(session: Any, url: str) -> None:
    """Nothing is in flight, nothing is left open but what is idle, and the session works."""
    pool = pool_of(session)
    assert pool.open_count == pool.idle_count
    assert pool.waiting_count == 0
    await get(session, url)
    assert pool.open_count == pool.idle_count == 1


async def each_await(
    options: dict[str, Any], verify: str, url: str, scene: Callable[[Any, Any], Any]
) -> int:
    """Play a scene with a new session, cancelled at its await 0, 1, ...; how many there were."""
    for count in range(AWAITS_MAX):
        cancel = CancelAtAwait(count)
        trio.lowlevel.add_instrument(cancel)
        with trio.fail_after(SECONDS_MAX):
            async with sojourn.trio.Session(**options) as session:
                session.verify = verify
                done = await scene(session, cancel)
                trio.lowlevel.remove_instrument(cancel)
                await check_all_is_well(session, url)
            assert pool_of(session).open_count == 0
        if done:
            return count
    raise AssertionError("it is never done")


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_call_may_be_cancelled_at_each_await(
    ca: Any, act: Callable[[Any, str], Any], secure: bool
) -> None:
    with PatientServer(handler, context=ca.server_context() if secure else None) as server:

        async def scene(session: Any, cancel: CancelAtAwait) -> bool:
            return await cancel.run(lambda: act(session, server.url()))

        moments = trio.run(each_await, {}, str(ca.path), server.url(), scene)
    assert moments >= 4


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_those_who_wait_are_served_whoever_is_cancelled(victim: int) -> None:
    async def scene(session: Any, cancel: CancelAtAwait) -> bool:
        done = False

        async def one(number: int) -> None:
            nonlocal done
            if number == victim:
                done = await cancel.run(lambda: get(session, server.url()))
            else:
                await get(session, server.url())

        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(one, number)
        return done

    options = {"pool": sojourn.PoolLimits(connections_max=1)}
    with PatientServer(handler) as server:
        assert trio.run(each_await, options, "", server.url(), scene) >= 4


def test_the_end_of_a_session_that_is_cancelled_closes_its_sockets() -> None:
    async def main(server: PatientServer) -> None:
        with trio.CancelScope() as scope:
            async with sojourn.trio.Session() as session:
                own = sojourn.trio.HTTPAdapter()
                session.mount(f"{server.url()}other/", own)
                await get(session, server.url())
                await get(session, f"{server.url()}other/")
                response = await session.get(f"{server.url()}chunked", stream=True)
                scope.cancel()
                async with response:
                    await response.read()
        assert scope.cancelled_caught
        assert own.pool.open_count == pool_of(session).open_count == 0

    with PatientServer(handler) as server:
        trio.run(main, server)
