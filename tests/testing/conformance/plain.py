"""A plain driver, for faults to be put into: asyncio and bare sockets, a method for each step."""

from __future__ import annotations

import asyncio
import select
import socket
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from sojourn.testing.conformance import USUAL, Driver
from sojourn_core import commands as c

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from sojourn.testing.conformance import Job
    from sojourn_core import Effects, Exchange
    from sojourn_core.commands import Address, ExchangeCommand


def until(deadline: float) -> Any:
    """Return a scope that raises ``TimeoutError`` once a deadline has passed."""
    return asyncio.timeout_at(None if deadline == inf else deadline)


class PlainDriver(Driver):
    """Drives exchanges by tasks of one event loop, which is kept from one run to the next."""

    offers = USUAL | {"cancels", "async content"}

    def __init__(self) -> None:
        self.runner = asyncio.Runner()

    # --- what the kit asks ----------------------------------------------------------------------

    def run(self, jobs: Sequence[Job]) -> None:
        self.runner.run(self.carry_all(jobs))

    async def carry_all(self, jobs: Sequence[Job]) -> None:
        await asyncio.gather(*map(self.carry, jobs), return_exceptions=True)

    async def carry(self, job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None
        job.on_cancel = task.cancel
        with job:
            command: Any = job.begin(self.now())
            while command is not None:
                command = job.take(await self.course(job.exchange, command), self.now())

    def carry_out(self, effects: Effects | None) -> None:
        self.runner.run(self.settle(effects))

    def left_open(self) -> Iterable[str]:
        return [repr(task) for task in asyncio.all_tasks(self.runner.get_loop())]

    def close(self) -> None:
        self.runner.close()

    # --- the loop -------------------------------------------------------------------------------

    async def course(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        """Carry out commands until one is for the caller."""
        try:
            while True:
                await self.settle(command.effects)
                following = await self.step(exchange, command)
                if following is None:
                    return command
                command = following
        except BaseException:
            await self.give_up(exchange)
            raise

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        """Carry one command out and report it; None if it is for the caller."""
        if isinstance(command, c.Fail):
            raise command.error
        try:
            done = self.carry_command(exchange, command)
            return None if done is None else await done
        except TimeoutError:  # Before OSError: it is one.
            return exchange.expired(self.now())
        except OSError as error:
            return exchange.failed(error, self.now())

    def carry_command(
        self, exchange: Exchange, command: ExchangeCommand
    ) -> Coroutine[Any, Any, ExchangeCommand] | None:
        """Begin to carry a command out; None if it is for the caller."""
        match command:
            case c.Wait():
                return self.wait(exchange, command)
            case c.Probe():
                return self.probe(exchange)
            case c.Close():
                return self.close_stale(exchange)
            case c.Resolve():
                return self.resolve(exchange, command)
            case c.Connect():
                return self.connect(exchange, command)
            case c.Write():
                return self.write(exchange, command)
            case c.Read():
                return self.read(exchange, command)
            case c.Pull():
                return self.pull(exchange, command)
            case _:
                return None

    async def give_up(self, exchange: Exchange) -> None:
        """Give the exchange up, as one that something has broken out of."""
        await self.settle(exchange.abandon(self.now()))

    def now(self) -> float:
        """Return the time."""
        return monotonic()

    # --- effects --------------------------------------------------------------------------------

    async def settle(self, effects: Effects | None) -> None:
        """Carry effects out."""
        if effects is None:
            return
        for stream in effects.closes:
            await self.close_stream(stream)
        for ticket in effects.wakes:
            self.wake(ticket)
        for content in effects.releases:
            await self.release(content)

    async def close_stream(self, stream: socket.socket) -> None:
        """Close a stream."""
        stream.close()

    def wake(self, ticket: Any) -> None:
        """Wake who waits for a ticket."""
        if ticket.wake is not None:
            ticket.wake()

    async def release(self, content: Any) -> None:
        """Close the content of a request."""
        await content.aclose()

    # --- steps ----------------------------------------------------------------------------------

    async def wait(self, exchange: Exchange, command: c.Wait) -> ExchangeCommand:
        """Wait for the pool."""
        ready = asyncio.Event()
        command.ticket.wake = ready.set
        async with until(command.deadline):
            while not command.ticket.ready:
                await ready.wait()
        return exchange.woken(self.now())

    async def probe(self, exchange: Exchange) -> ExchangeCommand:
        """Look at a connection that is to be used again."""
        if self.is_readable(exchange.stream):
            return exchange.readable(0, self.now())
        return exchange.quiet(self.now())

    def is_readable(self, stream: socket.socket) -> bool:
        """Return whether there is anything to read."""
        return bool(select.select([stream], [], [], 0)[0])

    async def close_stale(self, exchange: Exchange) -> ExchangeCommand:
        """Close a stale connection."""
        await self.close_stream(exchange.stream)
        return exchange.closed(self.now())

    async def resolve(self, exchange: Exchange, command: c.Resolve) -> ExchangeCommand:
        """Find the addresses of a host."""
        loop = asyncio.get_running_loop()
        async with until(command.deadline):
            found = await loop.getaddrinfo(
                command.host, command.port, family=socket.AF_INET, type=socket.SOCK_STREAM
            )
        addresses = tuple(c.Address(*place) for *_, place in found)
        return exchange.resolved(addresses, self.now())

    async def connect(self, exchange: Exchange, command: c.Connect) -> ExchangeCommand:
        """Connect."""
        async with until(command.deadline):
            stream = await self.open(command.address)
        return exchange.connected(stream, self.now())

    async def open(self, address: Address) -> socket.socket:
        """Make a connected socket."""
        stream = socket.socket()
        try:
            stream.setblocking(False)
            await asyncio.get_running_loop().sock_connect(stream, (address.host, address.port))
        except BaseException:
            stream.close()
            raise
        return stream

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        """Send all of it, unless the peer answers before."""
        stream, rest = exchange.stream, memoryview(command.data)
        async with until(command.deadline):
            while rest:
                if command.watch and self.is_readable(stream):
                    return exchange.readable(len(command.data) - len(rest), self.now())
                try:
                    rest = rest[self.send(stream, rest) :]
                except BlockingIOError:
                    await self.can_go_on(stream, reads=command.watch)
        return exchange.written(self.now())

    def send(self, stream: socket.socket, data: memoryview) -> int:
        """Send some bytes, and return how many."""
        return stream.send(data)

    async def can_go_on(self, stream: socket.socket, *, reads: bool) -> None:
        """Wait until bytes can be sent, or received too."""
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_writer(stream, ready.set)
        if reads:
            loop.add_reader(stream, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_writer(stream)
            loop.remove_reader(stream)

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        """Receive some bytes."""
        loop = asyncio.get_running_loop()
        async with until(command.deadline):
            data = await loop.sock_recv(exchange.stream, command.limit)
        return exchange.received(data, self.now())

    async def pull(self, exchange: Exchange, command: c.Pull) -> ExchangeCommand:
        """Take the next chunk of the request's content."""
        try:
            async with until(command.deadline):
                chunk = await command.content.atake()
        except Exception as error:  # noqa: BLE001 - it is the user's
            return exchange.failed(error, self.now())
        return exchange.pulled(chunk, self.now())
