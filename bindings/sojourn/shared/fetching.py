"""A whole call over a transport of somebody's own, for blocking code and for event loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.local.tls_contexts import context_for
from sojourn_core import commands as c
from sojourn_core.call.drive_call import drive_call, drive_call_async
from sojourn_core.exchange.drive import carry_out, carry_out_async, drive, drive_async
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.values.content.shielded import ContentError
from sojourn_core.values.errors import RequestException
from sojourn_core.values.steps import awaited, end_of

from .hedging import hedge_for
from .proxies import proxy_handshake, proxy_tls_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator

    from sojourn_core.call.call import Call
    from sojourn_core.exchange.plan import ExchangePlan
    from sojourn_core.exchange.pool import Pool
    from sojourn_core.exchange.transport import AsyncTransport, Transport
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.hedge import Hedge
    from sojourn_core.values.decision import Decision

    Steps = Generator[Any, Any, Any]


def tls_context(send: c.Send) -> ssl.SSLContext | None:
    """Return the TLS context for a request, as ``plan_exchange`` takes it.

    It is made of ``verify`` and ``cert`` of the request's settings, once for each setting, and made
    anew when a file has changed.

    Args:
        send: The command that is carried out.

    Returns:
        None if the URL is not an https one.

    Raises:
        OSError: A file is not there.
        SSLError: A file holds nothing of use.
        InvalidArgument: A setting is none of those that there are.
    """
    if send.request.parsed_url.scheme != "https":
        return None
    settings = send.settings
    return context_for(
        settings.verify, settings.cert, given=settings.context, key_log=settings.key_log
    )


def fetch(call: Call, pool: Pool, transport: Transport) -> Response:
    """Go through a call over a transport: to its response, with all of its content.

    Args:
        call: As ``LocalSession.call`` makes it; it has not begun.
        pool: The ledger of connections. Its streams are the transport's.
        transport: Does the transfers.

    Raises:
        RequestException: The call has failed.
        Exception: Code of the user's has raised it: a hook, an iterator of content.
    """
    messenger = _Messenger(pool, transport)
    try:
        response = drive_call(call, messenger)
        messenger.load(response)  # It may be one that was to be streamed.
        return response
    finally:
        messenger.give_up()


async def fetch_async(call: Call, pool: Pool, transport: AsyncTransport) -> Response:
    """Go through a call as ``fetch`` does, and await what the transport's methods return.

    A cancellation gives up the exchange that is under way.

    Args:
        call: As ``LocalSession.call`` makes it; it has not begun.
        pool: The ledger of connections. Its streams are the transport's.
        transport: Does the transfers.
    """
    messenger = _Messenger(pool, transport, waits=True)
    try:
        response = await drive_call_async(call, messenger)
        await messenger.load(response)
        return response
    finally:
        await messenger.give_up()


class _Messenger:
    """Carries the messages of one call, by one exchange after another.

    Its methods give what they come to where code blocks, and an awaitable of that where not.
    """

    def __init__(self, pool: Pool, transport: Any, *, waits: bool = False) -> None:
        self._pool = pool
        self._transport = transport
        self._exchange: Any = None
        self._drive: Any = drive_async if waits else drive
        self._carry_out: Any = carry_out_async if waits else carry_out
        self._run: Callable[[Steps], Any] = awaited if waits else end_of
        self._waits = waits
        self.now: Callable[[], float] = transport.now
        self.sleep_until: Callable[[float], Any] = transport.sleep_until

    def send(self, call: Call, command: c.Send, /) -> Any:
        return self._run(self._send(call, command))

    def load(self, response: Response, /) -> Any:
        return self._run(self._load(response))

    def discard(self, response: Response, limit: int, deadline: float, /) -> Any:
        return self._run(self._discard(limit, deadline))

    def give_up(self) -> Any:
        exchange = self._exchange
        effects = None if exchange is None else exchange.abandon(self.now())
        return self._carry_out(effects, self._transport)

    @property
    def _has_more(self) -> bool:
        return isinstance(self._exchange.command, (c.Head, c.Content))

    def _go(self, command: c.ExchangeCommand) -> Steps:
        step = self._drive(self._exchange, command, self._transport)
        return (yield step) if self._waits else step

    def _send(self, call: Call, command: c.Send) -> Steps:
        plan = plan_exchange(
            command,
            limits=call.limits,
            tls_context=tls_context(command),
            proxy_tls_context=proxy_tls_context(command),
            handshake=proxy_handshake(command),
        )
        self._exchange = Exchange(plan, self._pool)
        hedge: Hedge | None = None
        told: tuple[Decision, ...] = ()
        if command.settings.hedges is not None:
            can = self._waits and hasattr(self._transport, "hedge")
            hedge, told = hedge_for(command, command.settings.hedges, can_hedge=can)
        try:
            if hedge is None:
                handed = yield from self._go(self._exchange.start(self.now()))
            else:
                number, handed = yield self._first_answer(plan, hedge)
                told = hedge.answered(number, str(plan.origin))
        except RequestException:
            raise
        except Exception as error:  # noqa: BLE001 - the exchange raises nothing else of its own
            raise ContentError(error) from None
        response = call.respond(handed.head)
        response.left_out = (*response.left_out, *told)
        return response

    async def _first_answer(self, plan: ExchangePlan, hedge: Hedge) -> tuple[int, Any]:
        """Have the transport make the exchanges that are due; give up all but the first answered.

        Returns:
            The number of that one, counted from 1, and what it was handed up.
        """
        begun: list[Exchange] = []
        answered: Exchange | None = None

        async def attempt() -> Any:
            exchange = Exchange(plan, self._pool) if begun else self._exchange
            begun.append(exchange)
            return exchange, await drive_async(
                exchange, exchange.start(self.now()), self._transport
            )

        try:
            number, (answered, handed) = await self._transport.hedge(hedge, attempt)
            self._exchange = answered
        finally:
            for each in begun:
                if each is not answered:
                    await carry_out_async(each.abandon(self.now()), self._transport)
        return number, handed

    def _load(self, response: Response) -> Steps:
        receiver = response.receiver()
        while self._has_more:
            handed = yield from self._go(self._exchange.proceed(self.now()))
            if isinstance(handed, c.Content):
                receiver.feed(handed.data)
            else:
                response.note(handed.decisions)
        receiver.finish(self._exchange.trailers)

    def _discard(self, limit: int, deadline: float) -> Steps:
        if self._has_more:
            yield from self._go(self._exchange.drain(limit, deadline, self.now()))
