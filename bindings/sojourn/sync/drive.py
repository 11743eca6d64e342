"""The two drive loops for blocking code: what ``aio/drive.py`` does with ``await``.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import threading
import time
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import commands as c
from sojourn_core.errors import RequestException

from .stream import Stream, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.call import Call
    from sojourn_core.exchange import Exchange
    from sojourn_core.pool import Effects, Pool

    from .response import Response
    from .session import Session

WAIT_SLICE: Final = 0.5  # Seconds after which a waiter looks for responses that nobody holds.


def drive_call(session: Session, call: Call) -> Response:
    """Drive a call until its response is there."""
    command = call.start(clock())
    try:
        while True:
            match command:
                case c.Send():
                    try:
                        response = session.transmit(command)
                    except RequestException as error:
                        command = call.lost(error, clock())
                    else:
                        command = call.answered(response, clock())
                case c.Hook(response=response):
                    response = session.run_hooks(response, call)
                    command = call.hooked(response, clock())
                case c.Discard(response=response, limit=limit, deadline=deadline):
                    response.discard(limit, deadline)
                    command = call.discarded(clock())
                case c.Rewind(content=content):
                    try:
                        content.rewind()
                    except RequestException as error:
                        command = call.failed(error, clock())
                    else:
                        command = call.rewound(clock())
                case c.Pause(until=until):
                    time.sleep(max(until - clock(), 0.0))
                    command = call.resumed(clock())
                case c.Deliver(response=response):
                    return response
                case c.Fail(error=error):
                    raise error
    except BaseException:
        call.abandon()
        raise


class ExchangeDriver:
    """Drives one exchange, from its start to whatever is handed up next."""

    __slots__ = ("_chunks", "exchange", "pool", "stream")

    def __init__(self, exchange: Exchange, pool: Pool) -> None:
        self.exchange = exchange
        self.pool = pool
        self.stream: Stream | None = None
        self._chunks: Iterator[bytes] | None = None

    def run(self, command: c.ExchangeCommand) -> c.HandedUp:
        """Carry out commands until one is for whoever reads the response.

        Raises:
            RequestException: If the exchange fails.
        """
        exchange = self.exchange
        try:
            while True:
                match command:
                    case c.Write() | c.Read() | c.Resolve() | c.Connect() | c.Pull():
                        try:
                            command = self._transfer(command)
                        except TimeoutError:  # Before OSError: it is one.
                            command = exchange.expired(clock())
                        except OSError as error:
                            command = exchange.failed(error, clock())
                    case c.Head() | c.Content() | c.Finish():
                        carry_out(command.effects)
                        return command
                    case c.Probe():
                        connection = exchange.connection
                        assert connection is not None
                        self.stream = connection.stream
                        reply = exchange.quiet if connection.stream.is_quiet() else exchange.stale
                        command = reply(clock())
                    case c.Checkout():
                        command = self._wait(command)
                    case c.Close():
                        assert self.stream is not None
                        self.stream.close()
                        command = exchange.closed(clock())
                    case c.Inform() | c.Switch():
                        return command
                    case c.Fail(error=error, effects=effects):
                        carry_out(effects)
                        raise error
        except BaseException:
            self.abandon()
            raise

    def _transfer(
        self, command: c.Write | c.Read | c.Resolve | c.Connect | c.Pull
    ) -> c.ExchangeCommand:
        exchange, stream = self.exchange, self.stream
        match command:
            case c.Write(data=data, deadline=deadline, watch=False):
                assert stream is not None
                stream.write(data, deadline)
                return exchange.written(clock())
            case c.Read(limit=limit, deadline=deadline):
                assert stream is not None
                return exchange.received(stream.read(limit, deadline), clock())
            case c.Write(data=data, deadline=deadline):
                assert stream is not None
                sent = stream.write_watching(data, deadline)
                return exchange.written(clock()) if sent is None else exchange.readable(sent, clock())
            case c.Pull(content=content):
                if self._chunks is None:
                    self._chunks = content.chunks()
                return exchange.pulled(next(self._chunks, None), clock())
            case c.Resolve(host=host, port=port):
                return exchange.resolved(resolve(host, port), clock())
            case c.Connect(addresses=addresses, deadline=deadline):
                self.stream = Stream.connect(addresses, deadline)
                return exchange.connected(self.stream, clock())

    def _wait(self, command: c.Checkout) -> c.ExchangeCommand:
        granted = threading.Event()
        ticket = command.ticket
        ticket.wake = granted.set
        while ticket.slot is None:
            left = command.deadline - clock()
            if left <= 0:
                return self.exchange.expired(clock())
            if not granted.wait(min(left, WAIT_SLICE)):
                carry_out(self.pool.expire(clock()))
        return self.exchange.checked_out(clock())

    def proceed(self) -> c.HandedUp:
        """Whoever reads asks for more."""
        return self.run(self.exchange.proceed(clock()))

    def drain(self, limit: int, deadline: float) -> None:
        """Nobody wants the rest: keep the connection if that is cheap."""
        self.run(self.exchange.drain(limit, deadline, clock()))

    def abandon(self) -> None:
        """Give up: the connection is closed unless the response has ended."""
        carry_out(self.exchange.abandon(clock()))

    def __del__(self) -> None:
        # Runs whenever the collector likes, maybe inside the pool's own lock: only leave a note.
        self.exchange.orphan()


def carry_out(effects: Effects | None) -> None:
    """Close the streams and wake the tickets that a step left to be closed and woken."""
    if effects is None:
        return
    for stream in effects.closes:
        stream.close()
    for ticket in effects.wakes:
        wake: Any = ticket.wake
        if wake is not None:
            wake()
