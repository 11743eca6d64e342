"""One way to write a test for both bindings: what is awaited there is run here on a loop.

``binding.run(session.get(url))`` is a blocking call with either. A test that is about threads,
tasks or the loop itself uses the binding it is about, and no go-between.
"""

from __future__ import annotations

import asyncio
import inspect
import select
from typing import TYPE_CHECKING, Any, Final

import sojourn

if TYPE_CHECKING:
    from collections.abc import Callable

BINDINGS: Final = ("sync", "asyncio")
SECONDS_MAX: Final = 10.0  # A test that hangs fails instead.


class Binding:
    """One of the bindings, and the sessions that a test makes with it.

    Attributes:
        name: ``sync`` or ``asyncio``.
    """

    def __init__(self, name: str) -> None:
        """Have a loop ready, if the binding needs one."""
        self.name: Final = name
        self._runner: Final = asyncio.Runner() if name == "asyncio" else None
        self._sessions: list[Any] = []

    def session(self, **options: Any) -> Any:
        """Make a session that is closed with the test."""
        made: Any = (sojourn.Session if self._runner is None else sojourn.AsyncSession)(**options)
        self._sessions.append(made)
        return made

    def run(self, outcome: Any) -> Any:
        """Give what a method returned; wait for it if it is to be awaited."""
        if not inspect.isawaitable(outcome):
            return outcome
        assert self._runner is not None
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
            self.run(asyncio.sleep(0))
            self.run(asyncio.sleep(0))

    def upload(self, pieces: Callable[[], Any]) -> Any:
        """Make content for an upload from a generator: an async one for asyncio."""
        return pieces() if self._runner is None else _as_async(pieces())

    def wait_until_told(self, stream: Any) -> None:
        """Return when this end of an idle connection knows what its peer did last."""
        if self._runner is None:
            assert select.select([stream._socket], [], [], SECONDS_MAX)[0]
        else:
            self.run(_unquiet(stream))

    def close(self) -> None:
        """Close all sessions, and the loop."""
        for session in self._sessions:
            self.run(session.close())
        if self._runner is not None:
            self._runner.close()


def pool_of(session: Any) -> Any:
    """The ledger behind a session's own transport."""
    return session.get_adapter("http://a.test/").pool


async def _unquiet(stream: Any) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while stream.is_quiet():  # noqa: ASYNC110 - there is nothing else to wait for
            await asyncio.sleep(0.001)


def idle_streams(session: Any) -> list[Any]:
    """The streams of its idle connections, the one used last at the end."""
    return [connection.stream for connection in pool_of(session)._idle]


async def _finish(awaitable: Any) -> Any:
    return await awaitable


async def _collect(pieces: Any) -> list[Any]:
    return [piece async for piece in pieces]


async def _as_async(pieces: Any) -> Any:
    try:
        for piece in pieces:
            await asyncio.sleep(0)
            yield piece
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
