"""Faults of drivers: each a plain driver of which one thing is wrong."""

from __future__ import annotations

import asyncio
import socket
import time
from math import inf
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import commands as c
from tests.testing.conformance.plain import PlainDriver, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sojourn.testing.conformance import Job
    from sojourn_core import Effects, Exchange
    from sojourn_core.commands import Address, ExchangeCommand


class LosesWakeUps(PlainDriver):
    """A waiter is not woken."""

    def wake(self, ticket: Any) -> None:
        pass


class KeepsSlotOnCancel(PlainDriver):
    """A job that is cancelled does not give its slot back."""

    async def give_up(self, exchange: Exchange) -> None:
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            await super().give_up(exchange)


class KeepsStreamOnCancel(PlainDriver):
    """A job that is cancelled is given up, and the effects of that are forgotten."""

    async def give_up(self, exchange: Exchange) -> None:
        exchange.abandon(self.now())


class IgnoresReadDeadlines(PlainDriver):
    """A read waits for ever."""

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        return await super().read(exchange, c.Read(command.limit, inf))


class IgnoresWriteDeadlines(PlainDriver):
    """A write waits for ever."""

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        return await super().write(exchange, c.Write(command.data, inf, command.watch))


class IgnoresPoolDeadlines(PlainDriver):
    """The pool is waited for for ever."""

    async def wait(self, exchange: Exchange, command: c.Wait) -> ExchangeCommand:
        return await super().wait(exchange, c.Wait(command.ticket, inf))


class ExpiresEarly(PlainDriver):
    """A deadline passes when a tenth of its time is over."""

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        deadline = 0.9 * self.now() + 0.1 * command.deadline
        return await super().read(exchange, c.Read(command.limit, deadline))


class FailsForExpired(PlainDriver):
    """A deadline that has passed is told as a failure."""

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        try:
            done = self.carry_command(exchange, command)
            return await super().step(exchange, command) if done is None else await done
        except OSError as error:
            return exchange.failed(error, self.now())


class LeavesTimers(PlainDriver):
    """The timer of a read closes the stream, also when it rings for the next exchange."""

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        stream, loop = exchange.stream, asyncio.get_running_loop()
        if command.deadline - self.now() < 1:
            loop.call_at(command.deadline, self.end, stream)
        return await super().read(exchange, command)

    def end(self, stream: socket.socket) -> None:
        """End what the peer sends."""
        if stream.fileno() >= 0:
            stream.shutdown(0)


class WritesShort(PlainDriver):
    """The bytes that go out at once are told as all of them."""

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        stream, data = exchange.stream, memoryview(command.data)
        # A large buffer of the kernel may happen to be full just where a write ends.
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        try:
            self.send(stream, data)
        except BlockingIOError:
            async with until(command.deadline):
                await self.can_go_on(stream, reads=False)
            self.send(stream, data)
        return exchange.written(self.now())


class CountsWrong(PlainDriver):
    """Of a write that is cut short, all bytes are told to have gone out."""

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        stream, rest = exchange.stream, memoryview(command.data)
        async with until(command.deadline):
            while rest:
                if command.watch and self.is_readable(stream):
                    return exchange.readable(len(command.data), self.now())
                try:
                    rest = rest[self.send(stream, rest) :]
                except BlockingIOError:
                    await self.can_go_on(stream, reads=command.watch)
        return exchange.written(self.now())


class LosesWatchedBytes(PlainDriver):
    """A task receives while content is sent, and is cancelled with what it has received."""

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        if not command.watch:
            return await super().write(exchange, command)
        loop = asyncio.get_running_loop()
        watching = asyncio.ensure_future(loop.sock_recv(exchange.stream, 65536))
        try:
            await asyncio.sleep(0)
            return await super().write(exchange, c.Write(command.data, command.deadline))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


class AwaitsClose(PlainDriver):
    """A stream is closed once the peer has ended its side, for which it is waited."""

    async def close_stream(self, stream: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            stream.shutdown(1)
            while await loop.sock_recv(stream, 65536):
                pass
        except OSError:
            pass
        finally:
            stream.close()


class LateEffects(PlainDriver):
    """Effects are carried out after their command."""

    async def course(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        try:
            while True:
                following = await self.step(exchange, command)
                if following is None:
                    asyncio.get_running_loop().call_soon(self.settle_late, command.effects)
                    return command
                await self.settle(command.effects)
                command = following
        except BaseException:
            await self.give_up(exchange)
            raise

    def settle_late(self, effects: Effects | None) -> None:
        """Carry out what could be."""
        for stream in effects.closes if effects else ():
            stream.close()
        for ticket in effects.wakes if effects else ():
            self.wake(ticket)


class ForgetsEffectsOfFail(PlainDriver):
    """The error of a Fail is raised before its effects are carried out."""

    async def settle(self, effects: Effects | None) -> None:
        pass

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        if not isinstance(command, c.Fail):
            await super().settle(command.effects)
        return await super().step(exchange, command)

    async def give_up(self, exchange: Exchange) -> None:
        await super().settle(exchange.abandon(self.now()))

    def carry_out(self, effects: Effects | None) -> None:
        self.runner.run(super().settle(effects))


class KeepsContentOpen(PlainDriver):
    """The content of a request is not closed."""

    async def release(self, content: Any) -> None:
        pass


class ClosesContentAsSync(PlainDriver):
    """Content is closed as a sync iterator is, also if it is an async one."""

    async def release(self, content: Any) -> None:
        content.close()


class WrapsErrorsOfContent(PlainDriver):
    """An error of the user's iterator is told as another one."""

    async def pull(self, exchange: Exchange, command: c.Pull) -> ExchangeCommand:
        try:
            chunk = await command.content.atake()
        except Exception as error:  # noqa: BLE001 - it is the user's
            wrapped = RuntimeError("the content cannot be read")
            wrapped.__cause__ = error
            return exchange.failed(wrapped, self.now())
        return exchange.pulled(chunk, self.now())


class TakesContentsTimeouts(PlainDriver):
    """A timeout of the user's iterator is taken for that of the call."""

    async def pull(self, exchange: Exchange, command: c.Pull) -> ExchangeCommand:
        return exchange.pulled(await command.content.atake(), self.now())


class TrustsIdleStreams(PlainDriver):
    """A connection that is to be used again is not looked at."""

    async def probe(self, exchange: Exchange) -> ExchangeCommand:
        return exchange.quiet(self.now())


class DistrustsIdleStreams(PlainDriver):
    """A connection is never used again."""

    async def probe(self, exchange: Exchange) -> ExchangeCommand:
        return exchange.readable(0, self.now())


class LeavesStaleStreams(PlainDriver):
    """A stale stream is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[socket.socket] = []

    async def close_stale(self, exchange: Exchange) -> ExchangeCommand:
        self.kept.append(exchange.stream)
        return exchange.closed(self.now())


class RemembersStreams(PlainDriver):
    """The stream that a job began with is remembered, also when another one has come."""

    def __init__(self) -> None:
        super().__init__()
        self.probed: dict[Exchange, socket.socket] = {}

    async def probe(self, exchange: Exchange) -> ExchangeCommand:
        self.probed[exchange] = exchange.stream
        return await super().probe(exchange)

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        stream = self.probed.get(exchange, exchange.stream)
        await asyncio.get_running_loop().sock_sendall(stream, command.data)
        return exchange.written(self.now())


class TakesEndForFailure(PlainDriver):
    """The end of a stream is told as a failure."""

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        loop = asyncio.get_running_loop()
        async with until(command.deadline):
            data = await loop.sock_recv(exchange.stream, command.limit)
        if not data:
            raise ConnectionResetError("the peer has closed")
        return exchange.received(data, self.now())


class TakesFailureForEnd(PlainDriver):
    """A reset is told as the end of the stream."""

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        try:
            return await super().read(exchange, command)
        except ConnectionError:
            return exchange.received(b"", self.now())


class RaisesFailures(PlainDriver):
    """A failure of the network is raised, and not told to the exchange."""

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        if isinstance(command, c.Fail):
            raise command.error
        try:
            done = self.carry_command(exchange, command)
            return None if done is None else await done
        except TimeoutError:
            return exchange.expired(self.now())


class LeavesFailedSockets(PlainDriver):
    """A socket that does not connect is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[socket.socket] = []

    async def open(self, address: Address) -> socket.socket:
        stream = socket.socket()
        self.made.append(stream)
        stream.setblocking(False)
        await asyncio.get_running_loop().sock_connect(stream, (address.host, address.port))
        return stream


class ReadsAhead(PlainDriver):
    """Everything that comes is read, whether or not anybody asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[Any, bytearray] = {}

    async def read(self, exchange: Exchange, command: c.Read) -> ExchangeCommand:
        stream = exchange.stream
        held = self.came.setdefault(stream, bytearray())
        while not held:
            try:
                data = stream.recv(65536)
            except BlockingIOError:
                async with until(command.deadline):
                    await self.can_read(stream)
                continue
            if not data:
                break
            held += data
        asyncio.get_running_loop().add_reader(stream, self.take, stream)
        data, self.came[stream] = bytes(held), bytearray()
        return exchange.received(data, self.now())

    async def can_read(self, stream: socket.socket) -> None:
        """Wait for more."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(stream, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(stream)

    def take(self, stream: socket.socket) -> None:
        """Take all that has come."""
        loop = asyncio.get_running_loop()
        try:
            while data := stream.recv(1 << 20):
                self.came[stream] += data
        except OSError:
            return
        loop.remove_reader(stream)

    async def close_stream(self, stream: socket.socket) -> None:
        if stream.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(stream)
        await super().close_stream(stream)


class RunsInTurn(PlainDriver):
    """One job is run after the other."""

    async def carry_all(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            await self.carry(job)


class LeavesTasks(PlainDriver):
    """A task watches each connection, and never ends."""

    async def open(self, address: Address) -> socket.socket:
        self.task = asyncio.ensure_future(asyncio.Event().wait())
        return await super().open(address)


class IgnoresWatch(PlainDriver):
    """A write is not cut short by an answer, though the driver says so."""

    async def write(self, exchange: Exchange, command: c.Write) -> ExchangeCommand:
        return await super().write(exchange, c.Write(command.data, command.deadline))


class ShieldsFromCancel(PlainDriver):
    """A job that is cancelled goes on all the same."""

    async def course(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        going = asyncio.ensure_future(super().course(exchange, command))
        while not going.done():
            try:
                await asyncio.shield(going)
            except asyncio.CancelledError:
                continue
            except Exception:  # noqa: BLE001 - it is raised below
                break
        return going.result()


class UsesAnotherClock(PlainDriver):
    """The replies tell the time of day, and not that of the clock of the deadlines."""

    def now(self) -> float:
        return time.time()


class PassesOverInformational(PlainDriver):
    """Informational heads are not handed up."""

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        if isinstance(command, c.Inform):
            return exchange.proceed(self.now())
        return await super().step(exchange, command)


class ClosesAtTheEnd(PlainDriver):
    """The stream is closed at the end of each response, though it is kept by the pool."""

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        if isinstance(command, c.Head) and exchange.came_by is not None:
            self.last = exchange.came_by.stream
        if isinstance(command, c.Finish):
            self.last.close()
        return await super().step(exchange, command)


class ResolvesToNothing(PlainDriver):
    """A name that nobody has is told to have no addresses, and not to have failed."""

    async def resolve(self, exchange: Exchange, command: c.Resolve) -> ExchangeCommand:
        try:
            return await super().resolve(exchange, command)
        except OSError:
            return exchange.resolved((), self.now())


class RaisesOtherErrors(PlainDriver):
    """The error of a Fail is raised as one of the driver's own."""

    async def step(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand | None:
        if isinstance(command, c.Fail):
            raise ConnectionError(str(command.error))
        return await super().step(exchange, command)


# Each fault, and a case that catches it.
CAUGHT: Final[dict[type[PlainDriver], str]] = {
    LosesWakeUps: "a waiter gets the connection of the one before",
    KeepsSlotOnCancel: "cancelled before the head of the response",
    KeepsStreamOnCancel: "cancelled before the head of the response",
    IgnoresReadDeadlines: "silence instead of an answer",
    IgnoresWriteDeadlines: "the peer takes in nothing more",
    IgnoresPoolDeadlines: "a waiter gives up when its time has passed, and the one before goes on",
    ExpiresEarly: "the whole call takes too long within the content",
    FailsForExpired: "silence instead of an answer",
    LeavesTimers: "the deadline of one exchange is not that of the next on its connection",
    WritesShort: "large content to a peer that pauses",
    CountsWrong: "half of the response is there before any of the request",
    LosesWatchedBytes: "half of the response is there before any of the request",
    AwaitsClose: "cancelled within large content that is sent",
    LateEffects: "a waiter gets the connection of the one before",
    ForgetsEffectsOfFail: "a waiter makes a connection where the one before was lost",
    KeepsContentOpen: "the peer rejects large chunks as soon as it has the head",
    ClosesContentAsSync: "the peer rejects large chunks of an async iterator",
    WrapsErrorsOfContent: "the iterator raises an error of its own",
    TakesContentsTimeouts: "the iterator raises a TimeoutError",
    TrustsIdleStreams: "the peer ends its side while a connection is idle",
    DistrustsIdleStreams: "a connection is used again",
    LeavesStaleStreams: "the peer ends its side while a connection is idle",
    RemembersStreams: "the peer ends its side while a connection is idle",
    TakesEndForFailure: "content until the peer ends its side",
    TakesFailureForEnd: "the peer resets within content that has no length",
    RaisesFailures: "nobody listens at the only address",
    LeavesFailedSockets: "nobody listens at the only address",
    ReadsAhead: "what nobody asks for is not read",
    RunsInTurn: "two exchanges side by side",
    LeavesTasks: "a response with its length",
    IgnoresWatch: "the peer rejects large chunks as soon as it has the head",
    ShieldsFromCancel: "cancelled within the content",
    UsesAnotherClock: "silence instead of an answer",
    PassesOverInformational: "a 103 is handed up",
    ClosesAtTheEnd: "a connection is used again",
    ResolvesToNothing: "a name that nobody has",
    RaisesOtherErrors: "silence instead of an answer",
}
