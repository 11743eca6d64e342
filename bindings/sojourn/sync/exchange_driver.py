"""The drive loop of an exchange for blocking code.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import threading
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn.shared.effects import carry_out
from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase

from .stream import Stream, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.exchange.exchange import Exchange

    from .adapter import HTTPAdapter

WAIT_SLICE: Final = 0.5  # Seconds after which a waiter looks for responses that nobody holds.


class ExchangeDriver:
    """Drives one exchange, from its start to whatever is handed up next."""

    __slots__ = ("_chunks", "adapter", "exchange", "stream")

    def __init__(self, exchange: Exchange, adapter: HTTPAdapter) -> None:
        self.exchange = exchange
        self.adapter = adapter  # Kept, so that it is not gone before it hears of an orphan.
        self.stream: Any = None  # The one of the exchange's connection, before any transfer.
        self._chunks: Iterator[bytes] | None = None

    def run(self, command: c.ExchangeCommand) -> c.HandedUp:
        """Carry out commands until one is for whoever reads the response.

        Raises:
            RequestException: If the exchange fails.
        """
        exchange, stream = self.exchange, self.stream
        try:
            while True:
                try:
                    match command:
                        case c.Write(watch=False):
                            stream.write(command.data, command.deadline)
                            command = exchange.written(clock())
                        case c.Read():
                            data = stream.read(command.limit, command.deadline)
                            command = exchange.received(data, clock())
                        case c.Head() | c.Content() | c.Finish():
                            break
                        case c.Probe():
                            connection = exchange.connection
                            assert connection is not None
                            stream = self.stream = connection.stream
                            reply = exchange.quiet if stream.is_quiet() else exchange.stale
                            command = reply(clock())
                        case c.Write():
                            sent = stream.write_watching(command.data, command.deadline)
                            command = (
                                exchange.written(clock())
                                if sent is None
                                else exchange.readable(sent, clock())
                            )
                        case c.Pull():
                            if self._chunks is None:
                                self._chunks = command.content.chunks()
                            command = exchange.pulled(next(self._chunks, None), clock())
                        case c.Resolve():
                            found = resolve(command.host, command.port)
                            command = exchange.resolved(found, clock())
                        case c.Connect():
                            stream = Stream.connect(command.addresses, command.deadline)
                            self.stream = stream
                            command = exchange.connected(stream, clock())
                        case c.Checkout():
                            command = self._wait(command)
                        case c.Close():
                            stream.close()
                            command = exchange.closed(clock())
                        case c.Fail() | c.Inform() | c.Switch():
                            break
                except TimeoutError:  # Before OSError: it is one.
                    command = exchange.expired(clock())
                except OSError as error:
                    command = exchange.failed(error, clock())
        except BaseException:
            self.abandon()
            carry_out(getattr(command, "effects", None))
            raise
        try:
            return self._hand_up(command)
        finally:
            del command  # As above.

    def _wait(self, command: c.Checkout) -> c.ExchangeCommand:
        granted = threading.Event()
        ticket = command.ticket
        ticket.wake = granted.set
        while ticket.slot is None:
            left = command.deadline - clock()
            if left <= 0:
                return self.exchange.expired(clock())
            if not granted.wait(min(left, WAIT_SLICE)):
                carry_out(self.adapter.pool.expire(clock()))
        return self.exchange.checked_out(clock())

    def _hand_up(self, command: c.ExchangeCommand) -> c.HandedUp:
        if (
            isinstance(command, (c.Head, c.Content, c.Finish, c.Fail))
            and command.effects is not None
        ):
            carry_out(command.effects)
        if isinstance(command, c.Fail):
            self.abandon()
            try:
                raise command.error
            finally:
                del command
        return cast("c.HandedUp", command)

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
        exchange: Exchange | None = getattr(self, "exchange", None)
        if exchange is not None and exchange.phase is not Phase.ENDED:
            exchange.orphan()
