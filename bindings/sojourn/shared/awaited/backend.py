"""The event loop, as much of it as a binding needs.

Whoever writes a binding for another loop writes a ``Backend`` and a ``ByteStream``, and derives
from ``AwaitedAdapter``, ``AwaitedPieces``, ``AwaitedResponse`` and ``AwaitedSession``, which name
no loop themselves. ``sojourn.aio`` and ``sojourn.trio`` are two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from sojourn_core.commands import Content, Finish, Head, Read, Write, WriteFile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

    from sojourn.shared.clock import Clock
    from sojourn_core.commands import Address, Connect, ExchangeCommand
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.messages.effects import Effects
    from sojourn_core.rules.hedge import Hedge
    from sojourn_core.values.route import SocketSettings

TRANSFERS: Final = (Write, Read, WriteFile)
OF_RESPONSE: Final = (Content, Finish, Head)  # Most are the first.


class Event(Protocol):
    """An event that one task waits for, and another sets."""

    def set(self) -> object:
        """Wake who waits."""
        ...

    async def wait(self) -> object:
        """Wait until it is set."""
        ...


class ByteStream(Protocol):
    """A connection that moves bytes until a deadline.

    It may have a ``read_now(most)`` as well, which gives what has come of large content, or None,
    and never waits. And it may have a ``pass_on(passing, chunk)``, which frames a chunk of content
    and sends it without waiting and with no command for it. It returns the bytes that were not
    taken; None if there is more to do, and the chunk was not framed. Then ``turn()`` lets the loop
    look at its sockets, and if that was all, the chunk is taken the next time.
    """

    def transfer(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        """Carry out writes and reads until the exchange asks for something else; that is given.

        If a transfer must wait, it is given itself; then ``wait`` has what comes after it.
        """
        ...

    def wait(self) -> Awaitable[ExchangeCommand]:
        """Return what gives the next command. It may be a transfer if nothing was missed so."""
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
        told: Its streams call it when they end while nobody waits for them, if they find out.
        hands_over: Whether its streams have a ``hand_over``, which gives a ``Channel`` of
            ``awaited.upgraded``; if not, no response switches protocols.
        now: The loop's monotonic clock, in seconds: deadlines are times of it.
    """

    sends_files = False
    races = False
    told: Callable[[], None] | None = None
    hands_over = False
    now: ClassVar[Clock]

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

    @abstractmethod
    async def hedge(
        self, hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]]
    ) -> tuple[int, Any]:
        """Make attempts side by side when they are due, and return the first that is answered.

        The others are cancelled, and have ended by then.

        Args:
            hedge: When they are due.
            attempt: Makes one attempt; what it returns has a ``close``.

        Returns:
            Its number, counted from 1, and what it has returned.

        Raises:
            Exception: All have failed; it is the last error.
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
        """Make a scope that raises ``TimeoutError`` at a time of the clock ``now``."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Let others run, for so long at least."""

    async def closed(self) -> None:
        """Let streams that were closed let go of their sockets, which may take a turn."""
        await self.sleep(0)

    def later(self, seconds: float, function: Callable[[], object]) -> Callable[[], object] | None:
        """Call a function after a time, and return what prevents that.

        The loop is not kept running for it. Where a loop has nothing for it, None is returned, and
        idle connections are closed as others are asked for.
        """
        return None

    @abstractmethod
    def call_soon(self, function: Callable[[], object]) -> None:
        """Have the loop call a function, unless it is closed. Any thread may ask for it."""
