"""The drive loop of an exchange for asyncio.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any

from sojourn.shared.effects import carry_out
from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase

from .stream import Stream, resolve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sojourn_core.exchange.exchange import Exchange

    from .adapter import AsyncHTTPAdapter


class ExchangeDriver:
    """Drives one exchange, from its start to whatever is handed up next."""

    __slots__ = ("_chunks", "adapter", "exchange", "stream")

    def __init__(self, exchange: Exchange, adapter: AsyncHTTPAdapter) -> None:
        self.exchange = exchange
        self.adapter = adapter
        self.stream: Any = None  # The one of the exchange's connection, before any transfer.
        self._chunks: AsyncIterator[bytes] | None = None

    async def run(self, command: c.ExchangeCommand) -> c.HandedUp:
        """Carry out commands until one is for whoever reads the response.

        Raises:
            RequestException: If the exchange fails.
        """
        exchange = self.exchange
        stream: Stream = self.stream
        waiter: asyncio.Future[c.ExchangeCommand] | None = None
        try:
            while True:
                match command:
                    case c.Write() | c.Read():
                        command = stream.transfer(exchange, command)
                        if isinstance(command, (c.Write, c.Read)):  # It must wait.
                            waiter = stream.wait()
                            command = await waiter
                    case c.Head() | c.Content() | c.Finish():
                        if command.effects is not None:
                            carry_out(command.effects)
                        return command
                    case c.Probe():
                        connection = exchange.connection
                        assert connection is not None
                        stream = self.stream = connection.stream
                        reply = exchange.quiet if stream.is_quiet() else exchange.stale
                        command = reply(clock())
                    case c.Checkout() | c.Resolve() | c.Connect() | c.Pull():
                        try:
                            left = command.deadline - clock()
                            async with asyncio.timeout(None if left == inf else left):
                                command = await self._wait(command)
                            stream = self.stream
                        except TimeoutError:  # Before OSError: it is one.
                            command = exchange.expired(clock())
                        except OSError as error:
                            command = exchange.failed(error, clock())
                    case c.Close():
                        stream.close()
                        command = exchange.closed(clock())
                    case c.Inform() | c.Switch():
                        return command
                    case c.Fail():
                        carry_out(command.effects)
                        raise command.error
        except BaseException:
            if waiter is not None:
                # What the exchange had asked for already reaches nobody else any more.
                carry_out(stream.leave(waiter))
            self.abandon()
            raise
        finally:
            del command, waiter  # As above.

    async def _wait(
        self, command: c.Checkout | c.Resolve | c.Connect | c.Pull
    ) -> c.ExchangeCommand:
        exchange = self.exchange
        match command:
            case c.Checkout(ticket=ticket):
                granted = asyncio.Event()
                ticket.wake = granted.set
                while ticket.slot is None:
                    await granted.wait()
                return exchange.checked_out(clock())
            case c.Resolve(host=host, port=port):
                return exchange.resolved(await resolve(host, port), clock())
            case c.Connect(addresses=addresses, deadline=deadline):
                self.stream = await Stream.connect(addresses, deadline, self.adapter.buffer)
                return exchange.connected(self.stream, clock())
            case c.Pull(content=content):
                if self._chunks is None:
                    self._chunks = content.achunks()
                return exchange.pulled(await anext(self._chunks, None), clock())

    async def proceed(self) -> c.HandedUp:
        """Whoever reads asks for more."""
        return await self.run(self.exchange.proceed(clock()))

    async def drain(self, limit: int, deadline: float) -> None:
        """Nobody wants the rest: keep the connection if that is cheap."""
        await self.run(self.exchange.drain(limit, deadline, clock()))

    def abandon(self) -> None:
        """Give up: the connection is closed unless the response has ended."""
        carry_out(self.exchange.abandon(clock()))

    def __del__(self) -> None:
        # Runs whenever the collector likes, on any thread: only leave a note, and have it read.
        exchange: Exchange | None = getattr(self, "exchange", None)
        if exchange is not None and exchange.phase is not Phase.ENDED and exchange.orphan():
            self.adapter.tidy_soon()
