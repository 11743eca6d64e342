"""asyncio's session on other event loops than the standard one, and with tasks that begin at once.

uvloop fills a buffer and reads a socket in its own way; an eager task (Python 3.12) runs up to its
first wait before whoever made it goes on.
"""

from __future__ import annotations

import asyncio
import importlib.util
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from tests.core.work import assert_linear
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

    Loop = Callable[[], asyncio.AbstractEventLoop]

LARGE: Final = b"".join(b"%08d" % number for number in range(1 << 19))


def eager_loop() -> asyncio.AbstractEventLoop:
    """Make a loop whose tasks begin at once."""
    loop: Any = asyncio.new_event_loop()
    known: Any = asyncio
    loop.set_task_factory(known.eager_task_factory)
    # The silenced check: uvloop has no types where it is not installed.
    return loop  # type: ignore[no-any-return]


LOOPS: Final[dict[str, Loop]] = {"standard": asyncio.new_event_loop}
if importlib.util.find_spec("uvloop") is not None:
    LOOPS["uvloop"] = import_module("uvloop").new_event_loop
if hasattr(asyncio, "eager_task_factory"):
    LOOPS["eager"] = eager_loop

every_loop = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)


def run(loop: Loop, main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a loop of its own."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main)


@every_loop
def test_many_requests_at_a_time(loop: Loop, serve: Callable[..., HandlerServer]) -> None:
    def told(request: Received) -> bytes:
        if request.target == "/away":
            return answer(302, ("Location", "/there"))
        return answer(200, content=request.target.encode())

    server = serve(told)

    async def main() -> list[str]:
        pool = sojourn.PoolLimits(connections_max=4, connections_per_key_max=4)
        async with sojourn.AsyncSession(pool=pool) as session:
            targets = [f"/{number}" if number % 3 else "/away" for number in range(32)]
            sent = [asyncio.create_task(session.get(server.url(each))) for each in targets]
            return [(await each).text for each in sent]

    expected = [f"/{number}" if number % 3 else "/there" for number in range(32)]
    assert run(loop, main()) == expected


@every_loop
def test_large_content_in_both_directions(
    loop: Loop, serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    server = serve(lambda request: answer(200, content=request.content or LARGE))
    path = tmp_path / "large"
    path.write_bytes(LARGE)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(LARGE), 100_000):
            yield LARGE[start : start + 100_000]

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            assert (await session.post(server.url(), data=pieces())).content == LARGE
            with path.open("rb") as file:
                assert (await session.post(server.url(), data=file)).content == LARGE
            found = b""
            async with await session.get(server.url(), stream=True) as response:
                async for piece in response.iter_content(None):
                    found += piece
            assert found == LARGE
            assert (await session.get(server.url())).content == LARGE

    run(loop, main())


@every_loop
def test_a_reader_that_is_cancelled_gives_its_connection_up(
    loop: Loop, scripted: Callable[..., ScriptedServer]
) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"
    server = scripted(
        [ReadHead(), Send(begun), WaitClosed()],
        [ReadHead(), Send(answer(200, content=b"there")), WaitClosed()],
    )

    async def main() -> bytes:
        async with sojourn.AsyncSession(pool=sojourn.PoolLimits(connections_max=1)) as session:
            response = await session.get(server.url(), stream=True)
            reading = asyncio.create_task(response.read())
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            return (await session.get(server.url())).content

    assert run(loop, main()) == b"there"


@every_loop
def test_an_answer_that_comes_before_the_end_of_an_upload(
    loop: Loop, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(answer(413, content=b"too much")), Close()])

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield bytes(64 * 1024)

    async def main() -> int:
        async with sojourn.AsyncSession() as session:
            return (await session.post(server.url(), data=pieces())).status_code

    assert run(loop, main()) == 413


def test_the_work_of_a_loop_grows_with_its_tasks_and_not_with_their_square(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda request: answer(204))

    def send(size: int) -> None:
        async def main() -> None:
            pool = sojourn.PoolLimits(connections_max=2, connections_per_key_max=2)
            async with sojourn.AsyncSession(pool=pool) as session:
                await asyncio.gather(*[session.get(server.url()) for _ in range(size)])

        asyncio.run(main())

    send(1)
    assert_linear(send, 100)
