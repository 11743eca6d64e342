"""asyncio's event loop, as much of it as the binding needs."""

from __future__ import annotations

import asyncio
import socket
from contextvars import Context
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sojourn.shared.addresses import addresses_of
from sojourn.shared.awaited.backend import Backend
from sojourn.shared.file_sending import HAS_SENDFILE
from sojourn_core.values.errors import LocalProtocolError

from .common import Common
from .connecting import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sojourn.shared.clock import Clock
    from sojourn_core.commands import Address, Connect
    from sojourn_core.rules.hedge import Hedge
    from sojourn_core.values.route import SocketSettings

    from .stream import Stream

# By it Python 3.11 knows what is a coroutine function without being an ``async def``.
OLDER_MARK: Final[Any] = getattr(asyncio.coroutines, "_is_coroutine", None)


async def resolve(host: str, port: int) -> tuple[Address, ...]:
    """Return the addresses of a host, in the order in which the system prefers them.

    Raises:
        OSError: If there are none.
    """
    loop = asyncio.get_running_loop()
    return addresses_of(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))


class AsyncioBackend(Backend):
    """asyncio's event loop, or one that has its interface."""

    sends_files = HAS_SENDFILE
    races = True
    hands_over = True
    now: ClassVar[Clock] = clock

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._common: Common | None = None  # Of its streams, once there is a loop.

    def join(self) -> None:
        running = asyncio.get_running_loop()
        known = self._loop
        if known is None:
            self._loop = running
            self._common = Common(running, self.told)
        elif known is not running:
            raise _elsewhere()

    def check(self) -> None:
        known = self._loop
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return
        if known is not None and running is not known:
            raise _elsewhere()

    def who(self) -> str:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            return "code outside of the loop"
        return "a callback of the loop" if task is None else f"task {task.get_name()!r}"

    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        return await resolve(host, port)

    def connect(
        self, address: Address, settings: SocketSettings | None
    ) -> Coroutine[Any, Any, Stream]:
        assert self._common is not None, "an exchange was opened on the loop"
        return connect(address, self._common, settings)

    async def race(self, command: Connect) -> Stream:
        from .racing import connect_first  # Few hosts have several addresses.

        return await connect_first(command, self.connect)

    async def hedge(
        self, hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]]
    ) -> tuple[int, Any]:
        from .hedging import first_answer  # Few sessions have any.

        return await first_answer(hedge, attempt)

    def event(self) -> asyncio.Event:
        return asyncio.Event()

    def until(self, deadline: float) -> asyncio.Timeout:
        left = deadline - clock()
        return asyncio.timeout(None if left == inf else left)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def later(self, seconds: float, function: Callable[[], object]) -> Callable[[], object] | None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return None
        # In a context of its own: that of whoever happens to connect is not kept for it.
        return loop.call_later(seconds, function, context=Context()).cancel

    def call_soon(self, function: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function)


def _elsewhere() -> LocalProtocolError:
    return LocalProtocolError(
        "this AsyncSession belongs to another event loop; make one for each loop",
        maybe_sent=False,
    )
