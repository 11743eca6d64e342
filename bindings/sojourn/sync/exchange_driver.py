"""The drive loop of an exchange for blocking code.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import threading
from functools import partial
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from sojourn.shared.cut import Cut
from sojourn.shared.effects import carry_out
from sojourn.shared.exchange_driver_base import ExchangeDriverBase, Transport
from sojourn_core import commands as c
from sojourn_core.values.errors import InvalidContent
from sojourn_core.values.timeouts import deadline_at

from .connecting import connect, resolve, stream_over
from .resolving import by, in_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .stream import Stream

Handed = TypeVar("Handed")
WAIT_SLICE: Final = 0.5  # Seconds after which a waiter looks for responses that nobody holds.


def _who() -> str:
    return f"thread {threading.current_thread().name!r}"


class LockedTransport(Transport, Protocol):
    """A transport whose responses may be read and closed by several threads.

    Attributes:
        handing_over: Held while a reader begins or ends, and while somebody else closes what it
            reads. Reentrant, as the pool's lock is, for a thread that is interrupted as it lets go.
    """

    handing_over: AbstractContextManager[Any]


class ExchangeDriver(ExchangeDriverBase[LockedTransport, c.HandedUp]):
    """Drives one exchange, from its start to whatever is handed up next."""

    __slots__ = ()

    def run(self, command: c.ExchangeCommand) -> c.HandedUp:
        exchange = self.exchange
        stream = exchange.stream
        try:
            while True:
                if command.effects is not None:
                    carry_out(command.effects)
                try:
                    # Each request asks for these: they come first, and not by a pattern, which
                    # takes longer.
                    if isinstance(command, c.Probe):
                        quiet = stream.is_quiet()
                        command = (
                            exchange.quiet(clock()) if quiet else exchange.readable(0, clock())
                        )
                        continue
                    if isinstance(command, c.Write) and not command.watch:
                        stream.write(command.data, command.deadline)
                        command = exchange.written(clock())
                        continue
                    if isinstance(command, c.Read):
                        data = stream.read(command.limit, command.deadline)
                        command = exchange.received(data, clock())
                        continue
                    if isinstance(command, c.Head):
                        return command
                    match command:
                        case c.Content() | c.Finish():
                            return command
                        case c.Write():
                            command = self._write_watching(command, stream)
                        case c.WriteFile():
                            sent = stream.write_file(command)
                            command = self._wrote_file(sent, command.size)
                        case c.Pull():
                            command = self._upload(command, stream)
                        case c.Resolve():
                            command = self._resolve(command)
                        case c.Connect(later=()):
                            made = connect(command.address, command.deadline, command.socket)
                            stream = stream_over(made)
                            command = exchange.connected(stream, clock())
                        case c.Connect():
                            from .racing import connect_first  # Few hosts have several addresses.

                            stream = connect_first(command)
                            command = exchange.connected(stream, clock())
                        case c.Wait():
                            command = self._wait(command)
                            stream = exchange.stream
                        case c.Close():
                            stream.close()
                            command = exchange.closed(clock())
                        case c.Inform() | c.Switch():
                            return command
                        case c.Fail():
                            break
                except TimeoutError:  # Before OSError: it is one.
                    command = exchange.expired(clock())
                except OSError as error:
                    command = exchange.failed(error, clock())
            raise command.error
        except BaseException:
            carry_out(command.effects)
            self.abandon()
            raise
        finally:
            del command  # Its error leads to this frame.

    def _resolve(self, command: c.Resolve) -> c.ExchangeCommand:
        resolver = self.adapter.resolver
        asked = resolve if resolver is None else by(resolver, resolve)
        found = in_time(partial(asked, command.host, command.port), command.deadline)
        return self.exchange.resolved(found, clock())

    def _write_watching(
        self, command: c.Write, stream: Stream, *, full: bool = False
    ) -> c.ExchangeCommand:
        """Send data, unless the peer answers before; ``full`` as for the stream."""
        sent = stream.write_watching(command.data, command.deadline, full=full)
        if sent is None:
            return self.exchange.written(clock())
        return self.exchange.readable(sent, clock())

    def _upload(self, command: c.Pull, stream: Stream) -> c.ExchangeCommand:
        """Take chunks of content, and send those that can be sent with no reply for each."""
        try:
            chunks = self._chunks = self._chunks or command.content.chunks()
        except InvalidContent as error:
            return self._pulled(error)
        passing = self.exchange.passing if stream.sends_pieces else None
        if passing is None:
            try:
                came = next(chunks, None)
            except Exception as error:  # noqa: BLE001 - it is the user's
                return self._pulled(error)
            return self._pulled(came)
        while True:
            came, held_up = stream.pass_on(chunks, passing)
            if held_up is None:
                try:
                    return self._pulled(came)
                finally:
                    del came  # An error of the user's leads to this frame.
            following = self._write_watching(held_up, stream, full=True)
            if following is not command:
                return following

    def _wait(self, command: c.Wait) -> c.ExchangeCommand:
        ready = threading.Event()
        ticket = command.ticket
        ticket.wake = ready.set
        while not ticket.ready:
            left = command.deadline - clock()
            if left <= 0:
                return self.exchange.expired(clock())
            if not ready.wait(min(left, WAIT_SLICE)):
                carry_out(self.adapter.pool.expire(clock()))
        return self.exchange.woken(clock())

    # --- one reader at a time -------------------------------------------------------------------

    def proceed(self) -> c.HandedUp:
        return self._reading(lambda: self.run(self.exchange.proceed(clock())))

    def read_counted(self, most: int) -> bytes | None:
        """Read content that needs no more than counting, as ``Read`` would."""
        if self.exchange.countable < most:
            return None
        return self._reading(partial(self._count_off, most)) or None

    def _count_off(self, most: int) -> bytes | None:
        exchange, plan = self.exchange, self.exchange.plan
        if exchange.countable < most:
            return b""
        deadline = deadline_at(clock(), plan.timeouts.read, plan.deadline)
        try:
            data: bytes = exchange.stream.read(most, deadline)
        except OSError as error:
            exchange.proceed(clock())  # It asks for the same read, and is told what became of it.
            late = isinstance(error, TimeoutError)
            self.run(exchange.expired(clock()) if late else exchange.failed(error, clock()))
            return b""
        return self._counted(data)

    def _reading(self, step: Callable[[], Handed]) -> Handed:
        """Read as the only one, and give up if somebody else has closed the response meanwhile."""
        me = threading.get_ident()
        with self.adapter.handing_over:
            self.refuse_others()
            self._reader = me
        handed: Handed | None = None
        try:
            handed = step()
        except Exception:
            if self._reader == me:
                raise
        finally:
            with self.adapter.handing_over:
                if self._reader == me:
                    self._reader = None
        if handed is None or self._reader is not None:
            super().abandon()
            raise self._closed()
        return handed

    def _cut(self) -> Cut:
        return Cut(threading.get_ident, _who())

    def is_read_by_others(self) -> bool:
        return super().is_read_by_others() and self._reader != threading.get_ident()

    def abandon(self) -> None:
        """Give up. What another thread waits for is left to that thread, which is woken."""
        with self.adapter.handing_over:
            if self.is_read_by_others():
                self._reader = _who()
                stream = self.exchange.stream
                if stream is not None:
                    stream.interrupt()
                return
        super().abandon()
