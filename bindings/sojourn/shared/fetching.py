"""A whole call over a transport of somebody's own, for blocking code and for event loops.

The loop is a generator, as that of ``sojourn_core.drive`` is: what has to be awaited is yielded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.local.tls_contexts import context_for
from sojourn_core import commands as c
from sojourn_core.exchange.drive import (
    awaited,
    carry_out,
    carry_out_async,
    drive,
    drive_async,
    end_of,
)
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator

    from sojourn_core.call.call import Call
    from sojourn_core.exchange.pool import Pool
    from sojourn_core.exchange.transport import AsyncTransport, Transport
    from sojourn_core.messages.response import Response

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
    return context_for(settings.verify, settings.cert, given=settings.context)


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
    response: Response = end_of(_Fetch(call, pool, transport, waits=False).steps())
    return response


async def fetch_async(call: Call, pool: Pool, transport: AsyncTransport) -> Response:
    """Go through a call as ``fetch`` does, and await what the transport's methods return.

    A cancellation gives up the exchange that is under way.
    """
    response: Response = await awaited(_Fetch(call, pool, transport, waits=True).steps())
    return response


class _Fetch:
    """One call, and the exchange that is under way."""

    def __init__(self, call: Call, pool: Pool, transport: Any, *, waits: bool) -> None:
        self._call = call
        self._pool = pool
        self._transport = transport
        self._waits = waits
        self._exchange: Any = None

    def steps(self) -> Steps:
        """Carry out the commands of the call; return its response."""
        call, now = self._call, self._transport.now
        command = call.start(now())
        try:
            while True:
                match command:
                    case c.Send():
                        try:
                            head = yield from self._begin(command)
                        except RequestException as error:
                            command = call.lost(error, now())
                        else:
                            command = call.answered(call.respond(head), now())
                    case c.Discard():
                        if self._has_more:
                            left = self._exchange.drain(command.limit, command.deadline, now())
                            yield from self._drive(left)
                        command = call.discarded(now())
                    case c.Hook() | c.Load() | c.Rewind():
                        try:
                            command = yield from self._ask(command)
                        except Exception as error:  # noqa: BLE001 - it may be the user's
                            command = call.failed(error, now())
                    case c.Deliver():
                        yield from self._read(command.response)
                        return command.response
                    case c.Fail():
                        raise command.error
                    case c.Delegate():
                        raise AssertionError("a call asks it of its session alone")
        finally:
            call.abandon()
            yield from self._give_up()
            del command  # Its error leads to this frame.

    @property
    def _has_more(self) -> bool:
        return isinstance(self._exchange.command, (c.Head, c.Content))

    def _drive(self, command: c.ExchangeCommand) -> Steps:
        go: Any = drive_async if self._waits else drive
        step = go(self._exchange, command, self._transport)
        return (yield step) if self._waits else step

    def _begin(self, send: c.Send) -> Steps:
        context = tls_context(send)
        plan = plan_exchange(send, limits=self._call.limits, tls_context=context)
        self._exchange = Exchange(plan, self._pool)
        handed = yield from self._drive(self._exchange.start(self._transport.now()))
        return handed.head

    def _read(self, response: Response) -> Steps:
        exchange, receiver = self._exchange, response.receiver()
        while self._has_more:
            handed = yield from self._drive(exchange.proceed(self._transport.now()))
            if isinstance(handed, c.Content):
                receiver.feed(handed.data)
            else:
                response.note(handed.decisions)
        receiver.finish(exchange.trailers)

    def _ask(self, command: c.Hook | c.Load | c.Rewind) -> Steps:
        """Run a hook, load the response, or rewind the content; return the next command."""
        call, now = self._call, self._transport.now
        match command:
            case c.Hook():
                return call.hooked(command.run(), now())
            case c.Load():
                yield from self._read(command.response)
                return call.loaded(now())
            case c.Rewind():
                command.content.rewind()
                return call.rewound(now())

    def _give_up(self) -> Steps:
        exchange = self._exchange
        if exchange is None:
            return
        effects = exchange.abandon(self._transport.now())
        if self._waits:
            yield carry_out_async(effects, self._transport)
        else:
            carry_out(effects, self._transport)
