"""The drive loop of an exchange for an event loop, whichever ``Backend`` stands for it."""

from __future__ import annotations

from collections.abc import Coroutine
from inspect import isawaitable
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from sojourn.shared.addresses import addresses_from, ask, own_timeout
from sojourn.shared.cut import Cut
from sojourn.shared.effects import carry_out
from sojourn.shared.exchange_driver_base import ExchangeDriverBase, Transport
from sojourn_core import commands as c
from sojourn_core.messages.effects import Effects

from .backend import OF_RESPONSE, TRANSFERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.exchange.ticket import Ticket
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.head import ResponseHead

    from .backend import Backend, ByteStream, Event


class LoopTransport(Transport, Protocol):
    """Likewise, with the event loop that it belongs to."""

    backend: Backend

    def tidy_soon(self) -> None:
        """Have the pool look after responses that nobody holds."""
        ...

    def open(self, command: c.Send) -> Exchange:
        """Make the exchange that carries a ``Send`` out."""
        ...

    async def inform(self, head: ResponseHead, request: PreparedRequest) -> None:
        """Show an informational response to the hooks of its request."""
        ...

    def answer(self, head: c.Head, request: PreparedRequest, driver: ExchangeDriver) -> Any:
        """Make the response to a request, whose content the driver has still to read."""
        ...

    def switch(self, switch: c.Switch, request: PreparedRequest, driver: ExchangeDriver) -> Any:
        """Make the response to a request whose stream was handed over."""
        ...


async def grant(ticket: Ticket, ready: Event) -> None:
    """Wait until the pool has granted a slot."""
    ticket.wake = ready.set
    while not ticket.ready:
        await ready.wait()


async def pull(chunks: AsyncIterator[bytes]) -> bytes | Exception | None:
    """Return the next chunk of a request, None at its end, or what the user's code raises."""
    try:
        return await anext(chunks, None)
    except Exception as error:  # noqa: BLE001 - it is the user's
        return error


class ExchangeDriver(ExchangeDriverBase[LoopTransport, Coroutine[Any, Any, c.HandedUp]]):
    """Drives one exchange, from its start to whatever is handed up next."""

    __slots__ = ()

    async def run(self, command: c.ExchangeCommand | c.Send) -> Any:
        """Carry out commands until one is for whoever reads the response.

        Args:
            command: The first; or a ``Send``, whose response is returned in place of its head.
                Each coroutine around this one would be held by each request in flight.
        """
        request, clock = None, self.adapter.clock
        if isinstance(command, c.Send):
            request = command.request
            self.exchange = self.adapter.open(command)
            command = self.exchange.start(clock())
        exchange = self.exchange
        stream: ByteStream = exchange.stream
        waiter: Awaitable[c.ExchangeCommand] | None = None
        try:
            while True:
                if command.effects is not None:
                    await self._settle(command.effects)
                # Each request asks for these: they come first, and by their very types. A pattern
                # takes longer, and so does ``isinstance`` where it is not so.
                kind = type(command)
                if kind is c.Probe:
                    quiet = stream.is_quiet()
                    command = exchange.quiet(clock()) if quiet else exchange.readable(0, clock())
                    continue
                if kind in TRANSFERS:
                    command = stream.transfer(exchange, command)
                    if type(command) in TRANSFERS:  # It must wait.
                        waiter = stream.wait()
                        command = await waiter
                        waiter = None
                    continue
                if isinstance(command, c.Head) and request is not None:
                    return self.adapter.answer(command, request, self)
                if kind in OF_RESPONSE:
                    return command
                if isinstance(command, c.Pull) and command.deadline == inf:
                    command = await self._upload(command, stream)
                    continue
                match command:
                    case c.Inform() if request is not None:
                        await self.adapter.inform(command.head, request)
                        command = exchange.proceed(clock())
                    case c.Switch() if request is not None:
                        return self.adapter.switch(command, request, self)
                    case c.Switch() | c.Inform():
                        return command
                    case c.Wait() | c.Resolve() | c.Connect() | c.Pull():
                        try:
                            async with self.adapter.backend.until(command.deadline):
                                came = await self._waits_for(command)
                                command = self._came(command, came)
                            stream = exchange.stream
                        except TimeoutError:  # Before OSError: it is one.
                            command = exchange.expired(clock())
                        except OSError as error:
                            command = exchange.failed(error, clock())
                    case c.Close():
                        stream.close()
                        command = exchange.closed(clock())
                    case c.Fail():
                        raise command.error
                    case _:
                        raise AssertionError("each of these has its own line above")
        except BaseException:
            # Nobody else will carry out what the exchange had asked for.
            owed = Effects().add(command.effects)
            if waiter is not None:
                owed.add(stream.leave(waiter))
            await self._settle(owed.add(exchange.abandon(clock())))
            raise
        finally:
            del command, waiter  # The error of a Fail leads to this frame.

    async def _upload(self, command: c.Pull, stream: Any) -> c.ExchangeCommand:
        """Pull, and go on so while chunks go out with no reply for each."""
        content = command.content
        chunks = self._chunks = self._chunks or content.achunks()
        passing = self.exchange.passing if content.awaits and hasattr(stream, "pass_on") else None
        if passing is None:
            return self._pulled(await pull(chunks))
        came: bytes | Exception | None = None
        rest: bytes | None = None
        try:
            async for came in chunks:
                rest = None
                if type(came) is bytes and (rest := stream.pass_on(passing, came)) is None:
                    await stream.turn()
                    rest = stream.pass_on(passing, came)
                if rest != b"":
                    break
            else:
                came = None
        except Exception as error:  # noqa: BLE001 - it is the user's
            came, rest = error, None
        try:
            return passing.held_up(rest, self.adapter.clock()) if rest else self._pulled(came)
        finally:
            del came  # An error of the user's leads to this frame.

    def _waits_for(
        self, command: c.Wait | c.Resolve | c.Connect | c.Pull
    ) -> Coroutine[Any, Any, Any]:
        """Return what a command waits for, itself: a coroutine around it would be held, too."""
        backend = self.adapter.backend
        match command:
            case c.Wait(ticket=ticket):
                return grant(ticket, backend.event())
            case c.Resolve(host=host, port=port):
                return self._resolve(host, port)
            case c.Connect(address=address, socket=settings, later=()):
                return backend.connect(address, settings)
            case c.Connect():
                return backend.race(command)
            case c.Pull(content=content):
                chunks = self._chunks = self._chunks or content.achunks()
                return pull(chunks)

    def _came(
        self, command: c.Wait | c.Resolve | c.Connect | c.Pull, came: Any
    ) -> c.ExchangeCommand:
        """Go on with what a command has waited for."""
        clock = self.adapter.clock
        match command:
            case c.Wait():
                return self.exchange.woken(clock())
            case c.Resolve():
                return self.exchange.resolved(came, clock())
            case c.Connect():
                return self.exchange.connected(came, clock())
            case c.Pull():
                return self._pulled(came)

    async def _settle(self, effects: Effects) -> None:
        """Carry effects out, async iterators included: what takes no await comes first.

        A generator of ours is not left to the collector, which trio would report.
        """
        contents, effects.releases = effects.releases, []
        carry_out(effects)
        chunks = self._chunks
        if contents and chunks is not None:
            self._chunks = None
            await chunks.aclose()
        for content in contents:
            await content.aclose()

    async def _resolve(self, host: str, port: int) -> tuple[c.Address, ...]:
        resolver, found = self.adapter.resolver, None
        if resolver is not None:
            try:
                found = ask(resolver, host, port)
                if isawaitable(found):
                    found = await found
            except TimeoutError as error:
                raise own_timeout(error) from error
        if found is None:
            return await self.adapter.backend.resolve(host, port)
        return addresses_from(found, port)

    async def give_up(self) -> None:
        """Give up as ``abandon`` does, async iterators of the request included."""
        self._end_reader()
        self._note_cut()
        await self._settle(self.exchange.abandon(self.adapter.clock()) or Effects())

    def _cut(self) -> Cut:
        who = self.adapter.backend.who
        return Cut(who, who())

    def _tell_pool(self) -> None:
        self.adapter.tidy_soon()

    # --- one reader at a time -------------------------------------------------------------------

    def refuse_others(self) -> None:
        """Refuse another event loop too."""
        self.adapter.backend.check()
        super().refuse_others()

    async def gather(self) -> None:
        """Wait until all of the content is at hand, or much of it, or an error is near."""
        if self.exchange.gather():
            await self.proceed()

    def read_counted(self, most: int) -> bytes | None:
        """Return content that has come by now, without waiting for more."""
        exchange = self.exchange
        if exchange.countable < most:
            return None
        self.refuse_others()
        read_now = getattr(exchange.stream, "read_now", None)
        return None if read_now is None else self._counted(read_now(most))

    async def proceed(self) -> c.HandedUp:
        self.refuse_others()
        self._reader = 1
        handed: c.HandedUp | None = None
        try:
            handed = await self.run(self.exchange.proceed(self.adapter.clock()))
        except Exception:
            if self._reader == 1:
                raise
        finally:
            if self._reader == 1:
                self._reader = None
        if handed is None or self._reader is not None:
            raise self._closed()
        return handed

    def abandon(self) -> None:
        """Give up. Whoever waits for more is woken with an error.

        Raises:
            LocalProtocolError: On another event loop; nothing was touched.
        """
        self._end_reader()
        super().abandon()

    def _end_reader(self) -> None:
        """Note who closes what somebody else reads; they wake up as the stream is closed."""
        self.adapter.backend.check()
        if self.is_read_by_others():
            self._reader = self.adapter.backend.who()
