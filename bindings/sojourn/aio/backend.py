"""The event loop, as much of it as the binding needs; asyncio's is one.

Whoever writes another, for trio say, writes a ``Backend`` and a ``ByteStream``, and derives from
``AsyncHTTPAdapter`` and ``AsyncSession``, which name no loop themselves.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn.shared.file_sending import HAS_SENDFILE
from sojourn_core.values.errors import LocalProtocolError

from .stream import BUFFER_SIZE, Stream, resolve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

    from sojourn_core.commands import Address, Connect, ExchangeCommand
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.route import SocketSettings

FILLS_AT_ONCE: Final = ("asyncio.unix_events", "asyncio.selector_events", "uvloop")


# By it Python 3.11 knows what is a coroutine function without being an ``async def``.
OLDER_MARK: Final[Any] = getattr(asyncio.coroutines, "_is_coroutine", None)


class Event(Protocol):
    """An event that one task waits for, and another sets."""

    def set(self) -> object:
        """Wake who waits."""
        ...

    async def wait(self) -> object:
        """Wait until it is set."""
        ...


class ByteStream(Protocol):
    """A connection that moves bytes until a deadline."""

    def transfer(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        """Carry out writes and reads until the exchange asks for something else; that is given.

        If a transfer must wait, it is given itself; then ``wait`` has what comes after it.
        """
        ...

    def wait(self) -> Awaitable[ExchangeCommand]:
        """Return what gives the next command that is not a transfer."""
        ...

    def leave(self, waiter: Any) -> Effects | None:
        """Leave, as one whose wait was cancelled, and return the effects of a missed command."""
        ...

    def is_quiet(self) -> bool:
        """Return whether the stream is open and nothing came that nobody asked for."""
        ...

    def close(self) -> None:
        """Close the connection, and end the wait for it with an ``OSError``. Never waits."""
        ...


class Backend(ABC):
    """An event loop; each transport has its own, which belongs to the loop it is first used on.

    Attributes:
        sends_files: Whether its streams take ``WriteFile``.
        races: Whether it has a ``race``; if not, addresses are tried one after another.
    """

    sends_files = False
    races = False

    @abstractmethod
    def join(self) -> None:
        """Bind the adapter to the running loop, from the first use on.

        Raises:
            LocalProtocolError: On another loop than the first.
        """

    @abstractmethod
    def check(self) -> None:
        """Refuse another loop than the first; where no loop runs, nothing is waited for.

        Raises:
            LocalProtocolError: On another loop than the first.
        """

    @abstractmethod
    def who(self) -> str:
        """Name what runs at the moment, such as ``task 'Task-1'``."""

    @abstractmethod
    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the addresses of a host, in the order in which the system prefers them.

        Raises:
            OSError: If there are none.
        """

    @abstractmethod
    def connect(
        self, address: Address, settings: SocketSettings | None
    ) -> Coroutine[Any, Any, ByteStream]:
        """Connect to an address, by a socket that is set up as asked for.

        Raises:
            OSError: If it does not answer.
        """

    async def race(self, command: Connect) -> ByteStream:
        """Connect to the first of several addresses that answers, by the rules of ``Race``.

        Raises:
            OSError: All attempts have failed; it is the last error.
        """
        raise NotImplementedError

    @abstractmethod
    def event(self) -> Event:
        """Make an event that is not set."""

    @abstractmethod
    def until(self, deadline: float) -> AbstractAsyncContextManager[object]:
        """Make a scope that raises ``TimeoutError`` at a time of the monotonic clock."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Let others run, for so long at least."""

    @abstractmethod
    def call_soon(self, function: Callable[[], object]) -> None:
        """Have the loop call a function, unless it is closed. Any thread may ask for it."""


class AsyncioBackend(Backend):
    """asyncio's event loop, or one that has its interface."""

    sends_files = HAS_SENDFILE
    races = True

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._buffer: memoryview | None = None  # One for all streams, if the loop allows it.

    def join(self) -> None:
        running = asyncio.get_running_loop()
        known = self._loop
        if known is None:
            self._loop = running
            if type(running).__module__.startswith(FILLS_AT_ONCE):
                self._buffer = memoryview(bytearray(BUFFER_SIZE))
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
        return Stream.connect(address, self._buffer, settings)

    async def race(self, command: Connect) -> Stream:
        from .racing import connect_first  # Few hosts have several addresses.

        return await connect_first(command, self.connect)

    def event(self) -> asyncio.Event:
        return asyncio.Event()

    def until(self, deadline: float) -> asyncio.Timeout:
        left = deadline - clock()
        return asyncio.timeout(None if left == inf else left)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def call_soon(self, function: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function)


def _elsewhere() -> LocalProtocolError:
    return LocalProtocolError(
        "this AsyncSession belongs to another event loop; make one for each loop",
        maybe_sent=False,
    )
