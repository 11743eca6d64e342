"""trio's event loop, as much of it as the binding needs."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import trio
from trio import socket

from sojourn.shared.addresses import addresses_of
from sojourn.shared.awaited.backend import Backend
from sojourn_core.values.errors import LocalProtocolError

from .stream import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

    from sojourn_core.commands import Address, Connect
    from sojourn_core.rules.hedge import Hedge
    from sojourn_core.values.route import SocketSettings


def now() -> float:
    """Return the time of trio's clock, which may be a ``MockClock``, or of any outside of a run."""
    if trio.lowlevel.in_trio_run():
        return trio.current_time()
    return time.monotonic()


@asynccontextmanager
async def until(deadline: float) -> AsyncGenerator[None]:
    """Make a scope that raises ``TimeoutError`` at a time of trio's clock."""
    with trio.CancelScope(deadline=deadline) as scope:
        yield
    if scope.cancelled_caught:
        raise TimeoutError


class Event:
    """An event of trio. A task that is cancelled as it is set does not take it for its turn."""

    def __init__(self) -> None:
        self._event = trio.Event()
        self.set = self._event.set

    async def wait(self) -> None:
        await self._event.wait()
        await trio.lowlevel.checkpoint_if_cancelled()


class TrioBackend(Backend):
    """trio's event loop. It is known by its token."""

    races = True
    hands_over = True
    cancelled: type[BaseException] = trio.Cancelled
    now = staticmethod(now)

    def __init__(self) -> None:
        self._token: trio.lowlevel.TrioToken | None = None

    def join(self) -> None:
        if self._token is None:
            self._token = trio.lowlevel.current_trio_token()
        self.check()

    def check(self) -> None:
        known = self._token
        if known is None or not trio.lowlevel.in_trio_run():
            return
        if trio.lowlevel.current_trio_token() is not known:
            where = "this session belongs to another run of trio; make one for each run"
            raise LocalProtocolError(where, maybe_sent=False)

    def who(self) -> str:
        if not trio.lowlevel.in_trio_task():
            return "code outside of a task"
        return f"task {trio.lowlevel.current_task().name!r}"

    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        try:
            found = await socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            error.__traceback__ = None  # It leads to frames of trio that lead back to it.
            raise
        return addresses_of(found)

    async def connect(self, address: Address, settings: SocketSettings | None) -> Stream:
        return await Stream.connect(address, settings)

    async def race(self, command: Connect) -> Stream:
        from sojourn.shared.awaited.side_by_side import connect_first  # Rarely needed, as below.

        stream: Stream = await connect_first(self, command)
        return stream

    async def hedge(
        self, hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]]
    ) -> tuple[int, Any]:
        from sojourn.shared.awaited.side_by_side import first_answer

        return await first_answer(self, hedge, attempt)

    def nursery(self) -> AbstractAsyncContextManager[trio.Nursery]:
        return trio.open_nursery()

    def shield(self) -> trio.CancelScope:
        return trio.CancelScope(shield=True)

    def event(self) -> Event:
        return Event()

    def until(self, deadline: float) -> AbstractAsyncContextManager[None]:
        return until(deadline)

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def closed(self) -> None:
        """Do nothing: a socket is closed at once, even by a task that is cancelled."""

    def later(self, seconds: float, function: Callable[[], object]) -> Callable[[], object] | None:
        if not trio.lowlevel.in_trio_run():
            return None
        scope = trio.CancelScope()

        async def wait() -> None:
            with scope:
                await trio.sleep(seconds)
                function()

        trio.lowlevel.spawn_system_task(wait)  # It ends with the run.
        return scope.cancel

    def call_soon(self, function: Callable[[], object]) -> None:
        if self._token is not None:
            with suppress(trio.RunFinishedError):
                self._token.run_sync_soon(function)
