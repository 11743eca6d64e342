"""Deadlines are times of trio's clock: with a ``MockClock`` each of them is reached at once.

The clock jumps when every task waits and no byte has moved for some real time. Time that has passed
is counted on it, and so is exact.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio
import trio.testing

import sojourn
import sojourn.trio
from sojourn.exceptions import (
    DeadlineExceeded,
    PoolTimeout,
    StalledContent,
    WriteTimeout,
)
from tests.bindings.clients import pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.servers.scripted import ScriptedServer

HOUR: Final = 3600.0
HALF: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nfirst\n"
ONE: Final = sojourn.PoolLimits(connections_max=1)
NEVER: Final = sojourn.Timeouts(connect=None, read=None, write=None, pool=None)


class Silence(trio.abc.HostnameResolver):
    """Never finds an address."""

    async def getaddrinfo(self, *_: Any) -> Any:
        """Wait for ever."""
        await trio.sleep_forever()

    async def getnameinfo(self, *_: Any) -> Any:
        """Likewise."""
        await trio.sleep_forever()


async def stalling() -> AsyncIterator[bytes]:
    yield b"one"
    await trio.sleep_forever()


async def resolve(session: Any, url: str) -> None:
    trio.socket.set_custom_hostname_resolver(Silence())
    await session.get("http://a.test/", timeout=NEVER.replace(connect=HOUR))


async def read(session: Any, url: str) -> None:
    await session.get(url, timeout=NEVER.replace(read=HOUR))


async def write(session: Any, url: str) -> None:
    content = iter([bytes(1_000_000)] * 100)
    await session.post(url, data=content, timeout=NEVER.replace(write=HOUR))


async def all_of_it(session: Any, url: str) -> None:
    await session.post(url, data=stalling(), timeout=NEVER.replace(total=HOUR))


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (resolve, sojourn.ConnectTimeout),
        (read, sojourn.ReadTimeout),
        (write, WriteTimeout),
        (all_of_it, DeadlineExceeded),
    ],
)
def test_each_timeout_is_one_of_the_clock(act: Any, error: type[Exception]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # It takes no connection from its queue.
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"

        async def main() -> float:
            async with sojourn.trio.Session() as session:
                began = trio.current_time()
                with pytest.raises(error):
                    await act(session, url)
                ended = trio.current_time()
                assert pool_of(session).open_count == 0
                return ended - began

        assert trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0.01)) == HOUR


async def read_on(session: Any, held: Any) -> None:
    await held.read()


async def wait(session: Any, held: Any) -> None:
    await session.get(held.url, timeout=NEVER.replace(pool=HOUR))


@pytest.mark.parametrize(("act", "error"), [(read_on, StalledContent), (wait, PoolTimeout)])
def test_so_is_each_one_after_a_response_has_begun(
    scripted: Callable[..., ScriptedServer], act: Any, error: type[Exception]
) -> None:
    server = scripted([ReadHead(), Send(HALF), WaitClosed()])
    clock = trio.testing.MockClock()

    async def main() -> float:
        async with sojourn.trio.Session(pool=ONE) as session:
            timeout = NEVER.replace(read=HOUR)
            async with await session.get(server.url(), stream=True, timeout=timeout) as held:
                began = trio.current_time()
                clock.autojump_threshold = 0.01
                with pytest.raises(error):
                    await act(session, held)
                return trio.current_time() - began

    assert trio.run(main, clock=clock) == HOUR


def test_an_idle_connection_is_closed_when_its_time_is_over_on_the_clock(
    scripted: Callable[..., ScriptedServer],
) -> None:
    script = [ReadHead(), Send(answer(200)), WaitClosed()]
    server = scripted(script, script)
    clock = trio.testing.MockClock()

    async def main() -> None:
        limits = sojourn.PoolLimits(idle_seconds_max=HOUR)
        async with sojourn.trio.Session(pool=limits) as session:
            await session.get(server.url())
            clock.jump(HOUR + 1)
            response = await session.get(server.url())
            assert response.elapsed.total_seconds() == 0.0  # No time has passed on the clock.

    trio.run(main, clock=clock)


def test_a_session_of_another_clock_has_the_time_of_day() -> None:
    async def main() -> sojourn.trio.Session:
        async with sojourn.trio.Session() as session:
            adapter = Answering()
            session.mount("https://a.test/", adapter)
            await session.get("https://a.test/")
            assert [each.name for each in session.cookies] == ["kept"]
            await session.get("https://a.test/")
            assert adapter.asked == [None, "kept=1"]
            return session

    trio.run(main, clock=trio.testing.MockClock())


class Answering(sojourn.trio.BaseAdapter):
    """Sets a cookie that lasts for a minute, by the time of day."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def send(self, request: Any, *_: Any, **__: Any) -> sojourn.trio.Response:
        """Answer."""
        await trio.lowlevel.checkpoint()
        self.asked.append(request.headers.get("Cookie"))
        fields = {"Set-Cookie": "kept=1; Max-Age=60"}
        return sojourn.trio.Response.of(200, fields, request=request)

    async def close(self) -> None:
        """Close nothing."""
