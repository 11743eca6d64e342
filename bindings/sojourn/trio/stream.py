"""A socket of trio that carries out the transfers of an exchange.

Each transfer is a checkpoint, as trio has it: others may run, and a scope that was cancelled ends
it. No byte is lost by that: a socket gives none to a task that is cancelled, and what it gives is
reported to the exchange before the task waits again.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import trio

from sojourn.shared.addresses import new_socket, place_of
from sojourn_core.commands import Read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from sojourn_core.commands import Address, ExchangeCommand, Write
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.values.route import SocketSettings


class Stream:
    """A connected socket, and the transfer that it was asked for last."""

    def __init__(self, connected: trio.socket.SocketType) -> None:
        self._socket = connected
        self._closed = False
        self._asked: Any = None
        self._poll: Any = None  # Of uploads.

    @classmethod
    async def connect(cls, address: Address, settings: SocketSettings | None = None) -> Stream:
        """Connect to an address, by a socket that is set up as asked for.

        Raises:
            OSError: If it does not answer.
        """
        made = trio.socket.from_stdlib_socket(new_socket(address, settings))
        try:
            await made.connect(place_of(address))
        except BaseException:
            made.close()
            raise
        return cls(made)

    def transfer(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        """Take a transfer, and give it back: each of them waits, for a checkpoint at least."""
        self._asked = exchange, command
        return command

    def wait(self) -> Coroutine[Any, Any, ExchangeCommand]:
        """Return what carries out the transfer, and gives the command that follows it."""
        asked, self._asked = self._asked, None  # The exchange leads to this stream.
        return self._carry_out(*asked)

    def leave(self, waiter: object) -> None:
        """Do nothing: who waits replies by itself, so nobody misses a command."""

    async def _carry_out(self, exchange: Exchange, command: Read | Write) -> ExchangeCommand:
        data, sent = b"", 0
        try:
            with trio.CancelScope(deadline=command.deadline) as scope:
                if isinstance(command, Read):
                    data = await self._socket.recv(command.limit)
                else:
                    sent = await self._send(command)
        except (OSError, trio.ClosedResourceError) as error:
            self._refuse_closed(error)
            return exchange.failed(error, trio.current_time())
        self._refuse_closed()
        now = trio.current_time()
        if scope.cancelled_caught:
            return exchange.expired(now)
        if isinstance(command, Read):
            return exchange.received(data, now)
        return exchange.written(now) if sent == len(command.data) else exchange.readable(sent, now)

    async def _send(self, command: Write) -> int:
        """Send data, until the peer sends something if that is watched; return how much went."""
        rest = memoryview(command.data)
        while rest:
            if command.watch:
                readable, writable = self._look()
                if not readable and not writable:
                    await self._ready()
                    readable, _ = self._look()
                if readable:
                    break
            rest = rest[await self._socket.send(rest) :]
        return len(command.data) - len(rest)

    def _look(self) -> tuple[bool, bool]:
        """Return whether bytes can be received, and whether they can be sent, without waiting."""
        if self._closed:
            return False, True  # The transfer that follows finds it.
        if not hasattr(select, "poll"):
            return self._socket.is_readable(), False
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self._socket.fileno(), select.POLLIN | select.POLLOUT)
        mask = sum(events for _, events in self._poll.poll(0))
        return bool(mask & select.POLLIN), bool(mask & ~select.POLLIN)

    async def _ready(self) -> None:
        """Wait until bytes can be received, or sent."""
        async with trio.open_nursery() as nursery:

            async def wait(for_one: Callable[[Any], Awaitable[None]]) -> None:
                # The transfer that follows finds it, also a socket that was closed before this task
                # ran (a ValueError). What a task raises, its nursery would raise in a group.
                with suppress(trio.ClosedResourceError, OSError, ValueError):
                    await for_one(self._socket)
                nursery.cancel_scope.cancel()

            nursery.start_soon(wait, trio.lowlevel.wait_readable)
            nursery.start_soon(wait, trio.lowlevel.wait_writable)

    def _refuse_closed(self, cause: Exception | None = None) -> None:
        """Refuse to report to an exchange that somebody else has abandoned meanwhile."""
        if self._closed:
            raise ConnectionAbortedError("the stream was closed") from cause

    def hand_over(self) -> Stream:
        """Leave the socket to somebody else: ``send`` and ``receive`` are all that it takes."""
        return self

    async def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            OSError: The socket is broken, or was closed.
        """
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[await self._socket.send(rest) :]
        except trio.ClosedResourceError as error:
            self._refuse_closed(error)
        self._refuse_closed()

    async def receive(self, limit: int) -> bytes:
        """Return some bytes, at most ``limit``; none at the end.

        Raises:
            OSError: The socket is broken, or was closed.
        """
        try:
            return await self._socket.recv(limit)
        except trio.ClosedResourceError as error:
            raise ConnectionAbortedError("the stream was closed") from error

    def is_quiet(self) -> bool:
        """Return whether the stream is open and nothing came that nobody asked for."""
        return not self._closed and not self._socket.is_readable()

    def close(self) -> None:
        """Close the socket, and end the wait of whoever waits for it. Never waits."""
        self._closed = True
        self._asked = None
        if trio.lowlevel.in_trio_run():
            self._socket.close()
        elif (left := self._socket.detach()) >= 0:  # Nobody waits for it any more.
            socket.close(left)
