"""Transports: the part of a driver that waits, as ``drive`` and ``drive_async`` ask for it.

A stream is whatever ``connect`` returns: a socket, an object of a library, a number. The core keeps
it and hands it back, and looks at nothing in it. Deadlines are absolute, on the clock of ``now``,
and ``math.inf`` is none.

Each method that waits tells of trouble in two ways. ``TimeoutError`` says that the deadline has
passed, and any other ``OSError`` that the network has failed. What else it raises, a cancellation
say, ends the exchange and goes on to whoever drives.

A transport may have more methods than these, each for something that a driver may leave out:

* ``send_watching(stream, data, deadline)`` sends ``data``, but stops when the peer has sent
  something. It returns None if all went out, else how many bytes did. Where it is missing, an early
  answer is seen once the upload has ended, or broken.
* ``send_file(stream, file, offset, size, deadline)`` sends a part of a file on a disk, as
  ``os.sendfile`` does, and stops when the peer has sent something. It returns how many bytes went
  out, or None if the file ended before. It is asked only if the plan ``writes_files``.
* ``race(addresses, stagger, deadline, socket)`` connects to the first of several addresses that
  answers, as ``Race`` says, and closes the others; if all fail it raises the last error. It is
  asked only if the plan ``races``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from sojourn_core.values.route import SocketSettings

    from .commands import Address
    from .ticket import Ticket

T = TypeVar("T")


class Clock(Protocol):
    """The methods that never wait, whatever the transport is."""

    def now(self) -> float:
        """Return the time in seconds, on a clock that only goes forward."""
        ...

    def is_quiet(self, stream: Any, /) -> bool:
        """Return True if the stream is open and has nothing to read, without waiting."""
        ...

    def close(self, stream: Any, /) -> None:
        """Close the stream at once. It never waits, and a task that is cancelled can call it."""
        ...


class Transport(Clock, Protocol):
    """Transfers of a driver whose code blocks."""

    def resolve(self, host: str, port: int, deadline: float, /) -> Iterable[Address]:
        """Return the addresses of the host, the preferred ones first."""
        ...

    def connect(self, address: Address, deadline: float, socket: SocketSettings | None, /) -> Any:
        """Connect a byte stream to the address, and return it.

        Args:
            address: A numeric address.
            deadline: When to give up.
            socket: How the socket is set up before it connects; None for as always.
        """
        ...

    def send(self, stream: Any, data: bytes, deadline: float, /) -> None:
        """Send all of ``data``."""
        ...

    def receive(self, stream: Any, limit: int, deadline: float, /) -> bytes:
        """Receive some bytes, at most about ``limit``; none are the end of the stream."""
        ...

    def wait(self, ticket: Ticket, deadline: float, /) -> None:
        """Wait until the ticket is ready.

        Set ``ticket.wake`` to what ends the wait, look at ``ticket.ready`` after that, and then
        wait. It may return before the ticket is ready, and is then called again.
        """
        ...

    def sleep_until(self, when: float, /) -> None:
        """Wait until ``when``: between two requests of a call that tries again."""
        ...


class AsyncTransport(Clock, Protocol):
    """Transfers of a driver on an event loop; see ``Transport`` for what each of them does.

    A transfer that is cancelled has received nothing, or returns what it has received: bytes that
    are lost in between are missing from the stream.
    """

    async def resolve(self, host: str, port: int, deadline: float, /) -> Iterable[Address]: ...

    async def connect(
        self, address: Address, deadline: float, socket: SocketSettings | None, /
    ) -> Any: ...

    async def send(self, stream: Any, data: bytes, deadline: float, /) -> None: ...

    async def receive(self, stream: Any, limit: int, deadline: float, /) -> bytes: ...

    async def wait(self, ticket: Ticket, deadline: float, /) -> None: ...

    async def sleep_until(self, when: float, /) -> None: ...

    async def within(self, step: Awaitable[T], deadline: float, /) -> T:
        """Await ``step``, and cancel it when the deadline has passed.

        It is asked where the user's iterator has to end with the call, and so only in calls that
        have a timeout in all.

        Raises:
            TimeoutError: The deadline has passed.
        """
        ...
