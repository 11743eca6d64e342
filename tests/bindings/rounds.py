"""Rounds of many tasks on a small pool, each of which is cancelled at some await.

``python -m tests.bindings.rounds --rounds 10000`` plays them with asyncio and with trio. In each
round 200 tasks share a pool of ten connections, and each is cancelled at an await that is drawn, or
not at all. After it the slots of the pool are those of the exchanges that live, and a plain request
succeeds. Each answer echoes its request, so that a response that is another's is found at once.

The server is a thread of this process, as small as can be.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import TYPE_CHECKING, Any, Final

import trio

import sojourn
import sojourn.trio
from tests.bindings.clients import pool_of
from tests.servers.quick import QuickServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Sequence

BINDINGS: Final = ("asyncio", "trio")
TASKS: Final = 200
CONNECTIONS: Final = 10
AWAITS: Final = 5  # Most requests have about as many.
HELD_MAX: Final = 3  # Responses that live through the end of a round.
LARGE: Final = bytes(range(256)) * 1024  # More than a connection holds that nobody reads.


# --- the answers ----------------------------------------------------------------------------------


def answer(head: bytes) -> bytes:
    """Answer with the target, in pieces or by way of a redirect if it says so."""
    target = head.split(b" ")[1]
    if target.startswith(b"/away"):
        there = target.replace(b"/away", b"/there")
        return b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 4\r\n\r\naway" % there
    if target == b"/large":
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(LARGE), LARGE)
    if target.startswith(b"/chunks"):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        return head + b"%x\r\n%b\r\n1\r\n!\r\n0\r\n\r\n" % (len(target), target)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target)


# --- cancellation -------------------------------------------------------------------------------


class CancelledAt:
    """Awaits something, and is cancelled as it comes to its await number ``at``."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, None], at: int, cancel: Callable[[], object]
    ) -> None:
        """Nothing is awaited yet."""
        self._coroutine = coroutine
        self._left = at
        self._cancel = cancel

    def __await__(self) -> Generator[Any, Any, None]:
        """Hand its awaits on, one by one."""
        steps = self._coroutine.__await__()
        resume: Callable[[], Any] = lambda: steps.send(None)  # noqa: E731
        while True:
            try:
                awaited = resume()
            except StopIteration:
                return
            if self._left == 0:
                self._cancel()
            self._left -= 1
            try:
                came = yield awaited
            except BaseException as error:  # noqa: BLE001 - it is handed on
                resume = _throws(steps, error)
            else:
                resume = _sends(steps, came)


def _throws(steps: Any, error: BaseException) -> Callable[[], Any]:
    return lambda: steps.throw(error)


def _sends(steps: Any, came: Any) -> Callable[[], Any]:
    return lambda: steps.send(came)


# --- the tasks ----------------------------------------------------------------------------------


async def get(session: Any, url: str, name: str) -> None:
    """Get something small."""
    assert (await session.get(f"{url}/{name}")).content == f"/{name}".encode()


async def redirected(session: Any, url: str, name: str) -> None:
    """Get it elsewhere."""
    assert (await session.get(f"{url}/away/{name}")).content == f"/there/{name}".encode()


async def in_pieces(session: Any, url: str, name: str) -> None:
    """Get it in pieces."""
    async with await session.get(f"{url}/chunks/{name}", stream=True) as response:
        pieces = [piece async for piece in response.iter_content(5)]
    assert b"".join(pieces) == f"/chunks/{name}!".encode()


async def upload(session: Any, url: str, name: str) -> None:
    """Send something that is made on the way."""
    ended: list[bool] = []

    async def source() -> AsyncIterator[bytes]:
        ended.append(False)
        try:
            yield b"one"
            yield b"two"
        finally:
            ended[0] = True

    try:
        assert (await session.post(f"{url}/{name}", data=source())).content == f"/{name}".encode()
    finally:
        assert all(ended), "the user's generator is closed"


ACTS: Final = (get, get, redirected, in_pieces, upload)


class Game:
    """Rounds on one session.

    Attributes:
        cancelled: How many tasks were.
        finished: How many were not.
    """

    def __init__(self, session: Any, url: str, seed: int) -> None:
        """Nothing was played."""
        self.cancelled = self.finished = 0
        self._session = session
        self._url = url
        self._random = random.Random(seed)
        self._number = 0

    async def play(self, run: Callable[[list[Any]], Awaitable[int]]) -> None:
        """Play one round.

        Args:
            run: Runs tasks side by side, each made of an act and the number of the await at which
                it is cancelled, and returns how many were cancelled.
        """
        held = [
            await self._session.get(f"{self._url}/large", stream=True)
            for _ in range(self._random.randrange(HELD_MAX + 1))
        ]
        tasks = [self._draw() for _ in range(TASKS)]
        cancelled = await run(tasks)
        self.cancelled += cancelled
        self.finished += TASKS - cancelled
        pool = pool_of(self._session)
        counts = pool.counts
        assert (counts.leased, counts.waiting) == (len(held), 0), counts
        assert pool.open_count == len(held) + pool.idle_count <= CONNECTIONS
        await get(self._session, self._url, f"after/{self._number}")
        for response in held:
            assert await response.read() == LARGE

    def _draw(self) -> tuple[Callable[[], Coroutine[Any, Any, None]], int]:
        self._number += 1
        act, name = self._random.choice(ACTS), str(self._number)
        # The first awaits are drawn most: they cost least, and in them places are waited for.
        at = min(self._random.randrange(AWAITS) for _ in range(3))
        return lambda: act(self._session, self._url, name), at


async def side_by_side_in_asyncio(tasks: list[Any]) -> int:
    """Run tasks of asyncio."""

    async def one(act: Callable[[], Any], at: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        await CancelledAt(act(), at, task.cancel)

    made = [asyncio.create_task(one(act, at)) for act, at in tasks]
    ended = await asyncio.gather(*made, return_exceptions=True)
    for each in ended:
        if each is not None and not isinstance(each, asyncio.CancelledError):
            raise each
    return sum(each is not None for each in ended)


async def side_by_side_in_trio(tasks: list[Any]) -> int:
    """Run tasks of trio."""
    cancelled = 0

    async def one(act: Callable[[], Any], at: int) -> None:
        nonlocal cancelled
        with trio.CancelScope() as scope:
            await CancelledAt(act(), at, scope.cancel)
        cancelled += scope.cancelled_caught

    async with trio.open_nursery() as nursery:
        for act, at in tasks:
            nursery.start_soon(one, act, at)
    return cancelled


LIMITS: Final = sojourn.PoolLimits(
    connections_max=CONNECTIONS, connections_per_key_max=CONNECTIONS, idle_max=CONNECTIONS
)

# A machine that has other things to do may leave a process alone for longer than usual timeouts.
PATIENCE: Final = sojourn.Timeouts(connect=600.0, read=600.0, write=600.0, pool=600.0)


async def in_asyncio(url: str, rounds: int, seed: int) -> Game:
    """Play rounds with asyncio."""
    async with sojourn.AsyncSession(pool=LIMITS, timeout=PATIENCE) as session:
        game = Game(session, url, seed)
        for _ in range(rounds):
            await game.play(side_by_side_in_asyncio)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks are left: {left}"
    assert pool_of(session).open_count == 0
    return game


async def in_trio(url: str, rounds: int, seed: int) -> Game:
    """Play rounds with trio."""
    async with sojourn.trio.Session(pool=LIMITS, timeout=PATIENCE) as session:
        game = Game(session, url, seed)
        for _ in range(rounds):
            await game.play(side_by_side_in_trio)
    assert pool_of(session).open_count == 0
    return game


def play(binding: str, rounds: int, seed: int) -> Game:
    """Play rounds with one binding."""
    with QuickServer(answer) as server:
        if binding == "asyncio":
            return asyncio.run(in_asyncio(server.url, rounds, seed))
        game: Game = trio.run(in_trio, server.url, rounds, seed)
        return game


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bindings.rounds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binding", choices=BINDINGS, help="play them with this one alone")
    chosen = parser.parse_args(arguments)
    for binding in (chosen.binding,) if chosen.binding else BINDINGS:
        begun = time.monotonic()
        game = play(binding, chosen.rounds, chosen.seed)
        said = f"{chosen.rounds} rounds, {game.cancelled} tasks cancelled, {game.finished} not"
        print(
            f"{binding}: {said}, {time.monotonic() - begun:.0f} s, seed {chosen.seed}", flush=True
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
