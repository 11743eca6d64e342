"""The two drive loops for asyncio: what ``sync/drive.py`` does without ``await``.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, cast

from sojourn.sync.drive import carry_out
from sojourn_core import commands as c
from sojourn_core.errors import RequestException
from sojourn_core.phase import Phase

from .stream import Stream, resolve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sojourn_core.call import Call
    from sojourn_core.exchange import Exchange

    from .adapter import AsyncHTTPAdapter
    from .response import AsyncResponse
    from .session import AsyncSession


async def drive_call(session: AsyncSession, call: Call) -> AsyncResponse:
    """Drive a call until its response is there."""
    command = call.start(clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = await send(session, call, command)
                case c.Deliver():
                    return cast("AsyncResponse", command.response)
                case _:
                    command = await carry_on(session, call, command)
    except BaseException:
        call.abandon()
        raise
    finally:
        del command  # An error that is raised holds this frame, which must not hold it in turn.


async def drive_hops(
    session: AsyncSession, call: Call, response: AsyncResponse
) -> AsyncIterator[AsyncResponse]:
    """Drive a call from a response in hand: the response of each further hop, as it comes.

    What a response is followed by is sent when the next one is asked for.
    """
    known: Any = response
    command = call.resume(response, clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = await send(session, call, command)
                case c.Deliver():
                    if command.response is not known:
                        yield cast("AsyncResponse", command.response)
                    return
                case c.Discard() if command.response is not known and _leads_on(command):
                    known = command.response
                    yield known
                    command = await carry_on(session, call, command)
                case _:
                    command = await carry_on(session, call, command)
    except BaseException:
        call.abandon()
        raise
    finally:
        del command


async def send(session: AsyncSession, call: Call, command: c.Send) -> c.CallCommand:
    """Send a hop of a call, and report how it went."""
    try:
        response = await session.transmit(command, nested=call.nested)
    except RequestException as error:
        return call.lost(error, clock())
    try:
        return call.answered(response, clock())
    except BaseException:
        await response.close()  # An override raised: nobody else will.
        raise


async def carry_on(session: AsyncSession, call: Call, command: c.CallCommand) -> c.CallCommand:
    """Carry out what a call asks for between its hops, and report how it went.

    Raises:
        RequestException: If the call fails.
    """
    match command:
        case c.Hook():
            seen = cast("AsyncResponse", command.response)
            try:
                return call.hooked(await session.run_hooks(seen, call), clock())
            except BaseException as error:
                await _leave(seen, call, error)
                raise
        case c.Discard(limit=limit, deadline=deadline):
            await cast("AsyncResponse", command.response).discard(limit, deadline)
            return call.discarded(clock())
        case c.Load():
            try:
                await cast("AsyncResponse", command.response).read()
            except RequestException as error:
                return call.failed(error, clock())
            return call.loaded(clock())
        case c.Rewind(content=content):
            try:
                content.rewind()
            except RequestException as error:
                return call.failed(error, clock())
            return call.rewound(clock())
        case c.Pause(until=until):
            await asyncio.sleep(max(until - clock(), 0.0))
            return call.resumed(clock())
        case c.Fail():
            try:
                raise command.error
            finally:
                del command
        case c.Send() | c.Deliver():
            raise AssertionError("these are the loops' own")


async def _leave(response: AsyncResponse, call: Call, error: BaseException) -> None:
    """Let go of a response that a hook or an override has raised an error about.

    Whoever catches it may want the content: it is read, as it would have been without the error.
    What was to be streamed stays open, if the error has the response.
    """
    if call.settings.stream and getattr(error, "response", None) is response:
        return
    try:
        if isinstance(error, Exception) and not call.settings.stream and not response.is_redirect:
            with suppress(RequestException, RuntimeError):  # That of the hook is raised.
                await response.read()
    finally:
        await response.close()


def _leads_on(command: c.Discard) -> bool:
    """Whether it is a redirect that is drained, and no challenge."""
    return "location" in command.response.headers


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
