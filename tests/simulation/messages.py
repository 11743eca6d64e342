"""The messages of one errand: its exchanges, and where it is sent twice, two at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.shared.proxies import proxy_handshake
from sojourn.shared.socket_routes import by_socket
from sojourn.testing.conformance.certificate import trusting_context
from sojourn_core import (
    AuthFlow,
    ContentError,
    Exchange,
    SocketSettings,
    carry_out_async,
    drive_async,
    drive_call_async,
    plan_exchange,
)
from sojourn_core import commands as c
from sojourn_core.errors import RequestException
from sojourn_core.rules.hedge import Hedge

from .errands import Errand, UserError
from .loop import Cancelled
from .network import Found, Transfers

if TYPE_CHECKING:
    from sojourn_core.call.call import Call
    from sojourn_core.exchange.plan import ExchangePlan
    from sojourn_core.messages.response import Response

    from .loop import Task
    from .world import World


class Held:
    """What a task holds of the pool, for the books."""

    __slots__ = ("exchange", "holds")

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self.holds = False


class Messages:
    """Carries the messages of one errand, and gives its exchanges to the books.

    Args:
        world: Where it is.
        errand: The errand.
        transfers: The transport.
        held: What its task holds.
    """

    def __init__(self, world: World, errand: Errand, transfers: Transfers, held: Held) -> None:
        self.world = world
        self.errand = errand
        self.transfers = transfers
        self._held = held
        self.now = transfers.now
        self.sleep_until = transfers.sleep_until

    async def fetch(self, call: Call) -> Response:
        """Go through a call."""
        response = await drive_call_async(call, self)
        if self.errand.streams:
            exchange = self._held.exchange
            if exchange is not None and isinstance(exchange.command, c.Head | c.Content):
                await drive_async(exchange, exchange.proceed(self.now()), self.transfers)
        return response

    async def send(self, call: Call, command: c.Send) -> Response:
        world, errand, held = self.world, self.errand, self._held
        if held.exchange is not None and held.exchange.holds:
            raise Found(f"errand {errand.number} begins an exchange, and holds another")
        errand.sends += 1
        most = (len(errand.hops) + errand.tries) * 2 + errand.declined
        if errand.sends > most:
            raise Found(f"errand {errand.number} is sent {errand.sends} times")
        world.note_pace(errand, command, was_held=self.transfers.slept)
        self.transfers.slept = False
        hedges, told = command.settings.hedges, ()
        if hedges is None or hedges.refusal(
            command.request.method or "",
            at_hand=isinstance(command.request.content, bytes | None),
            one_by_one=isinstance(command.request.auth, AuthFlow),
        ):
            world.exchanges += 1
            exchange = held.exchange = Exchange(self.plan(call, command), world.pool)
            try:
                handed = await drive_async(exchange, exchange.start(self.now()), self.transfers)
            except UserError as error:
                raise ContentError(error) from None
        else:
            hedge = Hedge(hedges, command.request.parsed_url.origin)
            pair = _Pair(self, call, command, hedge)
            first = await pair.run()
            handed = first.handed
            held.exchange, first.held.exchange = first.held.exchange, None
            held.holds, first.held.holds = first.held.holds, False
            told = hedge.answered(first.number, str(command.request.parsed_url.origin))
            world.note_hedge(errand.session, hedge, told)
        assert isinstance(handed, c.Head)
        for decision in handed.head.decisions:
            if decision.code == "proxy.next.address":
                world.fault("proxy: next address", quietly=True)
        world.note_limit(errand, command, handed.head)
        response = call.respond(handed.head)
        response.left_out = (*response.left_out, *told)
        return response

    def plan(self, call: Call, command: c.Send) -> ExchangePlan:
        if self.errand.way == "unix":  # As one transport is mounted for each origin.
            origin = command.request.parsed_url.origin
            place = self.world.place_by_address[origin.host, origin.port]
            command = by_socket(command, SocketSettings(unix_path=place.socket))
        proxy = command.route.proxy
        by_tls = proxy is not None and proxy.url.scheme == "https"
        secure = command.request.parsed_url.scheme == "https"
        return plan_exchange(
            command,
            limits=call.limits,
            tls_context=trusting_context() if secure else None,
            races=self.world.races,
            proxy_tls_context=trusting_context() if by_tls else None,
            handshake=proxy_handshake(command),
        )

    async def load(self, response: Response) -> None:
        exchange = self._held.exchange
        assert exchange is not None
        receiver = response.receiver()
        while isinstance(exchange.command, (c.Head, c.Content)):
            step = drive_async(exchange, exchange.proceed(self.now()), self.transfers)
            handed = await step
            if isinstance(handed, c.Content):
                receiver.feed(handed.data)
        receiver.finish(exchange.trailers)

    async def discard(self, response: Response, limit: int, deadline: float) -> None:
        exchange = self._held.exchange
        assert exchange is not None
        if isinstance(exchange.command, (c.Head, c.Content)):
            command = exchange.drain(limit, deadline, self.now())
            await drive_async(exchange, command, self.transfers)

    def drop(self) -> None:
        """Forget the exchange, as a response is that nobody closes: a finalizer sees to it."""
        exchange = self._held.exchange
        if exchange is not None and exchange.orphan():
            self.world.fault("dropped", quietly=True)

    async def give_up(self) -> None:
        """Give up the exchange that is under way."""
        exchange = self._held.exchange
        if exchange is not None:
            await carry_out_async(exchange.abandon(self.now()), self.transfers)


class _Attempt:
    """One of the exchanges of a request, in a task of its own.

    Attributes:
        number: Counted from 1.
        held: What its task holds.
        handed: The head of the response, once it is there.
        error: What it has failed with.
        done: It has ended.
    """

    def __init__(self, number: int, held: Held, waiting: Task) -> None:
        self.number = number
        self.held = held
        self.handed: Any = None
        self.error: Exception | None = None
        self.done = False
        self.task: Any = None
        self._waiting = waiting

    async def run(self, exchange: Exchange, transfers: Transfers) -> None:
        """Go as far as the head."""
        self.held.exchange = exchange
        try:
            self.handed = await drive_async(exchange, exchange.start(transfers.now()), transfers)
        except RequestException as error:
            self.error = error
        except Cancelled:
            await carry_out_async(exchange.abandon(transfers.now()), transfers)
        finally:
            self.done = True
            self._waiting.wake()


class _Pair:
    """The two exchanges of a request that may be sent twice, for the answer that comes first."""

    def __init__(self, messages: Messages, call: Call, command: c.Send, hedge: Hedge) -> None:
        self._messages = messages
        self._world = messages.world
        self._asked = call, command
        self._hedge = hedge
        self._transfers = messages.transfers
        self._running: list[_Attempt] = []

    async def run(self) -> _Attempt:
        """Return the attempt that is answered first; the other one has ended by then."""
        first: _Attempt | None = None
        try:
            first = await self._first()
            await self._end()
        except (Exception, Cancelled):
            if first is not None:
                await self._let_go(first)
            await self._end()
            raise
        return first

    async def _first(self) -> _Attempt:
        hedge, loop = self._hedge, self._world.loop
        while True:
            if hedge.due(loop.now):
                self._begin()
            ended = next((each for each in self._running if each.done), None)
            if ended is None:
                await loop.wait(hedge.next_at)
                continue
            self._running.remove(ended)
            if ended.error is None:
                return ended
            hedge.lost(ended.error)
            if hedge.is_over:
                raise ended.error

    def _begin(self) -> None:
        world = self._world
        task = world.loop.current
        assert task is not None
        world.exchanges += 1
        if self._hedge.begun > 1:
            world.note_pace(self._messages.errand, self._asked[1], was_held=False)
        attempt = _Attempt(self._hedge.begun, Held(), task)
        transfers = self._transfers.beside()
        exchange = Exchange(self._messages.plan(*self._asked), world.pool)
        running = attempt.run(exchange, transfers)
        attempt.task = world.loop.spawn(running, attempt.held)
        self._running.append(attempt)

    async def _end(self) -> None:
        """Cancel what still runs, and see it end; what was answered all the same is given up."""
        for each in self._running:
            if each.task.forget():
                each.done = True
            elif not each.done:
                self._world.fault("hedge: given up", quietly=True)
                each.task.cancel()
        while not all(each.done for each in self._running):
            await self._world.loop.wait(float("inf"))
        while self._running:
            await self._let_go(self._running.pop())

    async def _let_go(self, attempt: _Attempt) -> None:
        exchange = attempt.held.exchange
        if exchange is not None:
            now = self._world.loop.now
            await carry_out_async(exchange.abandon(now), self._transfers)
        self._world.release(attempt.held)
