"""One way to write a test for all bindings: what is awaited there is run here on a loop.

``binding.run(session.get(url))`` is a blocking call with either. A test that is about threads,
tasks or the loop itself uses the binding it is about, and no go-between.
"""

from __future__ import annotations

import asyncio
import inspect
import select
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import trio

import sojourn
import sojourn.trio
from tests.bindings.trio_runner import TrioRunner

if TYPE_CHECKING:
    from collections.abc import Callable

BINDINGS: Final = ("sync", "asyncio")
EVERY_BINDING: Final = (*BINDINGS, "trio")
SESSIONS: Final[dict[str, Any]] = {
    "sync": sojourn.Session,
    "asyncio": sojourn.AsyncSession,
    "trio": sojourn.trio.Session,
}
SECONDS_MAX: Final = 30.0  # A test that hangs fails instead.


class Binding:
    """One of the bindings, and the sessions that a test makes with it.

    Attributes:
        name: ``sync``, ``asyncio`` or ``trio``.
    """

    def __init__(self, name: str) -> None:
        """Have a loop ready, if the binding needs one."""
        self.name: Final = name
        self._runner: Any = None
        if name == "asyncio":
            self._runner = asyncio.Runner()
        elif name == "trio":
            self._runner = TrioRunner()
        self._sessions: list[Any] = []

    def session(self, **options: Any) -> Any:
        """Make a session that is closed with the test."""
        made: Any = SESSIONS[self.name](**options)
        self._sessions.append(made)
        return made

    def run(self, outcome: Any) -> Any:
        """Give what a method returned; wait for it if it is to be awaited."""
        if not inspect.isawaitable(outcome):
            return outcome
        assert self._runner is not None
        if self.name == "trio":
            return self._runner.run(partial(_finish, outcome))
        return self._runner.run(_finish(outcome))

    def collect(self, pieces: Any) -> list[Any]:
        """List what an iterator, sync or async, gives."""
        return list(pieces) if self._runner is None else self.run(_collect(pieces))

    def first(self, pieces: Any) -> Any:
        """Give what an iterator gives next."""
        return next(pieces) if self._runner is None else self.run(anext(pieces))

    def turn(self) -> None:
        """Let a loop do what it was told to do soon."""
        if self._runner is not None:
            self.run(self.pause())
            self.run(self.pause())

    async def pause(self) -> None:
        """Let other tasks run."""
        if self.name == "asyncio":
            await asyncio.sleep(0)
        else:
            await trio.lowlevel.checkpoint()

    def upload(self, pieces: Callable[[], Any]) -> Any:
        """Make content for an upload from a generator: an async one for asyncio."""
        return pieces() if self._runner is None else _as_async(pieces(), self.pause)

    def wait_until_told(self, stream: Any) -> None:
        """Return when this end of an idle connection knows what its peer did last."""
        if self._runner is None:
            assert select.select([stream._socket], [], [], SECONDS_MAX)[0]
        else:
            self.run(_unquiet(stream, self.pause))

    def close(self) -> None:
        """Close all sessions, and the loop."""
        for session in self._sessions:
            self.run(session.close())
        if self._runner is not None:
            self._runner.close()


def pool_of(session: Any) -> Any:
    """The ledger behind a session's own transport."""
    return session.get_adapter("http://a.test/").pool


async def _unquiet(stream: Any, pause: Callable[[], Any]) -> None:
    until = time.monotonic() + SECONDS_MAX
    while stream.is_quiet():
        assert time.monotonic() < until
        await pause()


def idle_streams(session: Any) -> list[Any]:
    """The streams of its idle connections, the one used last at the end."""
    return [connection.stream for connection in pool_of(session)._idle]


async def _finish(awaitable: Any) -> Any:
    return await awaitable


async def _collect(pieces: Any) -> list[Any]:
    return [piece async for piece in pieces]


async def _as_async(pieces: Any, pause: Callable[[], Any]) -> Any:
    try:
        for piece in pieces:
            await pause()
            yield piece
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
