"""A byte stream over an asyncio transport: it moves bytes until a deadline, and knows no more.

The exchange is driven from within the transport's callbacks: what arrives is given to it where it
arrives, and the task that waits is woken when it asks for something else than a transfer, which for
a small response is once. That works because a reply never raises for what a peer did.

Bytes arrive in one buffer for all streams of an adapter. asyncio's selector loops, and uvloop,
fill it and report it in one go; on a loop that does not, each stream has its own.
"""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, Self

from sojourn.shared.awaited.backend import TRANSFERS
from sojourn.shared.effects import carry_out
from sojourn.shared.file_sending import send_some, some_of
from sojourn_core.commands import Read, Write, WriteFile

from .aside import Aside
from .beside import left_behind, read_now
from .common import OWN_BUFFER_SIZE
from .waiter import Waiter

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sojourn_core.commands import ExchangeCommand
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.exchange.passing import Passing
    from sojourn_core.messages.effects import Effects

    from .alarms import Alarm
    from .channel import Channel
    from .common import Common

SALVAGED_MAX: Final = 16  # Buffers; what comes early is small.
READS_AT_ONCE_MAX: Final = 8  # Beside the loop, before it looks at its other sockets again.


class Stream(asyncio.BufferedProtocol):
    """A connected transport, and the exchange that uses it."""

    __slots__ = (
        "_alarm",
        "_aside",
        "_buffer",
        "_command",
        "_common",
        "_ended",
        "_error",
        "_exchange",
        "_file_sent",
        "_pending",
        "_reading_paused",
        "_reads_left",
        "_rings_at",
        "_transport",
        "_turned",
        "_waiter",
        "_writing_paused",
    )

    def __init__(self, common: Common) -> None:
        self._common = common
        self._buffer = common.buffer()
        self._transport: Any = None
        self._exchange: Exchange | None = None
        self._command: Write | WriteFile | Read | None = None
        self._turned: Write | WriteFile | None = None  # The last that waited for its turn.
        self._file_sent = 0  # Bytes of a ``WriteFile``.
        self._aside: Aside | None = None  # Most streams upload nothing.
        self._waiter: Waiter | None = None
        self._alarm: Alarm | None = None
        self._rings_at = inf
        self._reads_left = 0  # Beside the loop.
        self._pending: list[bytes] | None = None  # Bytes that came while nobody was reading.
        self._reading_paused = False
        self._writing_paused = False
        self._ended = False
        self._error: Exception | None = None

    # --- what the drive loop asks ---------------------------------------------------------------

    def transfer(self, exchange: Exchange, command: ExchangeCommand) -> ExchangeCommand:
        """Go on with an exchange; see ``ByteStream``."""
        self._exchange = exchange
        while True:
            if command.effects is not None and isinstance(command, (Write, Read)):
                carry_out(command.effects)
            if type(command) is Write:
                if self._error is not None or self._transport.is_closing():
                    command = exchange.failed(self._broken(), clock())
                    continue
                if command is not self._command:
                    self._command = command
                    self._transport.write(command.data)
                if not command.watch and not self._writing_paused:
                    command = exchange.written(clock())
                    continue
                if command.watch and self._pending:
                    command = exchange.readable(len(command.data), clock())
                    continue
                if self._writing_paused:
                    self._arm(command.deadline)
                    return command
                if command.watch and self._must_turn(exchange, command):
                    self._common.loop.call_soon(self._turn, command)
                    return command
                command = exchange.written(clock())
            elif type(command) is Read:
                if self._pending:
                    data = b"".join(self._pending)
                    self._pending = None
                    self._resume()  # Else nobody would see the peer answer early, or go away.
                    command = exchange.received(data, clock())
                elif self._error is not None:
                    command = exchange.failed(self._error, clock())
                elif self._ended:
                    command = exchange.received(b"", clock())
                elif self._reads_left:
                    if found := self.read_now(command.limit):
                        command = exchange.received(found, clock())
                else:
                    self._command = command
                    if self._reading_paused:
                        self._resume()
                    if command.deadline < self._rings_at:
                        self._arm(command.deadline)
                    return command
            elif isinstance(command, WriteFile):
                following = self._write_file(exchange, command)
                if following is None:
                    return command
                command = following
            else:
                self._exchange = self._command = None
                return command

    def _write_file(self, exchange: Exchange, command: WriteFile) -> ExchangeCommand | None:
        """Send a part of a file, as much as the socket takes; None if the rest must wait.

        It goes out beside the transport, which must have nothing to write meanwhile. What finds the
        socket full is written to the transport, which tells when there is room again.
        """
        transport = self._transport
        if self._error is not None or transport.is_closing():
            return exchange.failed(self._broken(), clock())
        if command is not self._command:
            self._command = command
            self._file_sent = 0
            transport.set_write_buffer_limits(0)
        if self._pending:
            return exchange.readable(self._file_sent, clock())
        own = transport.get_extra_info("socket").fileno()
        while self._file_sent < command.size and not self._writing_paused:
            offset, left = command.offset + self._file_sent, command.size - self._file_sent
            try:
                try:
                    sent = send_some(own, command.file, offset, left)
                except BlockingIOError:
                    data = some_of(command.file, offset, left)
                    sent = len(data)
                    transport.write(data)
            except (OSError, ValueError) as error:  # ValueError: somebody has closed the file.
                return exchange.failed(error, clock())
            if not sent:
                return exchange.pulled(None, clock())
            self._file_sent += sent
        if self._writing_paused:
            self._arm(command.deadline)
            return None
        if command is not self._turned:
            self._common.loop.call_soon(self._turn, command)
            return None
        return exchange.written(clock())

    def read_now(self, most: int) -> bytes | None:
        """Return what has come of large content by now, without a turn of the loop.

        None leaves it to a transfer, which waits, or tells what is wrong.
        """
        if not self._reads_left or self._pending or self._ended or self._error:
            return None
        try:
            data = read_now(self._transport, most)
        except OSError as error:
            data, self._error = None, error
        self._reads_left = self._reads_left - 1 if data else 0
        return data

    def wait(self) -> Waiter:
        """Return what waits for the next command that is not a transfer."""
        common = self._common
        waiter = self._waiter = Waiter(common.loop, common.at_once)
        return waiter

    def leave(self, waiter: Waiter) -> Effects | None:
        """Leave, as one who waited and was cancelled, and return the effects of a missed command.

        Once an exchange has ended, the stream may belong to the next one before the task of the
        first runs again: its state is touched only if it is this waiter's.
        """
        if self._waiter is waiter:
            self._exchange = self._command = self._waiter = None
        missed = waiter.command
        return None if missed is None else missed.effects

    def is_quiet(self) -> bool:
        """Return whether the stream is open and nothing came that nobody asked for."""
        return not (self._ended or self._pending or self._error)

    def hand_over(self) -> Channel:
        """Leave the transport to somebody else, with what has come by now."""
        from .channel import Channel  # Few responses switch protocols.

        held = b"".join(self._pending or ())
        paused, error = self._writing_paused, self._error
        return Channel(self._transport, held, ended=self._ended, error=error, paused=paused)

    def close(self) -> None:
        """Close the transport, and end the wait of whoever waits for it. Never waits."""
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            self._common.alarms.silence(alarm)
        self._transport.abort()
        waiter, self._waiter = self._waiter, None
        self._exchange = self._command = self._aside = None
        if waiter is not None:
            waiter.fail(ConnectionAbortedError("the stream was closed"))

    # --- how transfers go on --------------------------------------------------------------------

    def _broken(self) -> Exception:
        return self._error or ConnectionResetError("the connection is closed")

    def _go_on(self, command: ExchangeCommand) -> None:
        """Go on after a transfer has made progress, and wake the task if it is wanted."""
        waiter, exchange = self._waiter, self._exchange
        assert waiter is not None
        assert exchange is not None
        if type(command) in TRANSFERS:
            command = self.transfer(exchange, command)
        if type(command) not in TRANSFERS:
            self._exchange = self._command = self._waiter = None
            waiter.give(command)

    def _must_turn(self, exchange: Exchange, command: Write) -> bool:
        """Return True if the loop must look at its other sockets before the next piece.

        An upload to a peer that takes all of it at once would keep the loop to itself, which then
        would not see the peer answer early. Content that is awaited may let others run by itself.
        """
        if command is self._turned:
            return False
        if not getattr(exchange.plan.content, "awaits", False):
            return True
        if self._aside is None:
            self._aside = Aside(self._transport)
        return self._aside.looks.is_time(len(command.data), clock())

    def pass_on(self, passing: Passing, chunk: bytes) -> bytes | None:
        """Send a chunk of content beside the transport; see ``ByteStream``."""
        if self._aside is None or self._writing_paused or self._pending or self._error is not None:
            return None
        return self._aside.pass_on(passing, chunk)

    def turn(self) -> Awaitable[None]:
        """Return what lets the loop look at its sockets."""
        return asyncio.sleep(0)

    def _turn(self, command: Write | WriteFile) -> None:
        """Go on: the loop has looked at its other sockets since ``command`` was written."""
        if command is self._command and self._waits():
            self._turned = command
            self._go_on(command)

    def _waits(self) -> bool:
        return self._waiter is not None and self._waiter.error is None

    # --- deadlines ------------------------------------------------------------------------------

    def _arm(self, deadline: float) -> None:
        """See to it that the timer does not ring later than this.

        It is moved forward when it rings, not each time that a deadline moves: deadlines move with
        each transfer, and almost none is ever reached.
        """
        if deadline >= self._rings_at:
            return
        alarms, alarm = self._common.alarms, self._alarm
        if alarm is not None:
            self._alarm = None
            alarms.silence(alarm)
        self._rings_at = deadline
        self._alarm = alarms.set(deadline, self)

    def ring(self) -> None:
        """Go on: a deadline has come, which may have moved since."""
        self._alarm = None
        self._rings_at = inf
        command, exchange = self._command, self._exchange
        if command is None or exchange is None or not self._waits():
            return
        now = clock()
        if now < command.deadline:
            self._arm(command.deadline)
        else:
            self._go_on(exchange.expired(now))

    # --- asyncio's callbacks --------------------------------------------------------------------

    def itself(self) -> Self:
        """Return the protocol of the connection that is made for it."""
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the place for what arrives."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Give what has arrived to the exchange, or hold it."""
        data = bytes(self._buffer[:nbytes])
        command, exchange, waiter = self._command, self._exchange, self._waiter
        if nbytes > OWN_BUFFER_SIZE and type(command) is Read and command.limit > OWN_BUFFER_SIZE:
            self._reads_left = READS_AT_ONCE_MAX  # Of large content, more has come by now.
        if exchange is None or waiter is None or waiter.error is not None:
            # Nobody reads: hold what came, and let the peer wait.
            self._hold([data])
            self._pause()
        elif type(command) is Read:
            following = exchange.received(data, clock())
            if type(following) in TRANSFERS:
                self._go_on(following)
            else:
                self._exchange = self._command = self._waiter = None
                waiter.give(following)
        else:
            self._hold([data])
            if isinstance(command, WriteFile) or (isinstance(command, Write) and command.watch):
                self._go_on(command)
            else:
                self._pause()

    def _hold(self, pieces: list[bytes]) -> None:
        """Hold what came while nobody was reading."""
        self._pending = pieces if self._pending is None else self._pending + pieces

    def _pause(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    def eof_received(self) -> bool:
        """Note that the peer has ended its side; ours is closed when the exchange says so."""
        self._ended = True
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the transport is gone."""
        if exc is not None and not self._ended:
            self._hold(left_behind(self._transport, SALVAGED_MAX - len(self._pending or ())))
        self._ended = True
        self._error = exc
        self._aside = None  # Its socket will be closed, and the number be another's.
        self._wake()

    def _wake(self) -> None:
        command = self._command
        if command is not None and self._exchange is not None and self._waits():
            self._go_on(command)
        elif self._common.told is not None:
            self._common.told()

    def pause_writing(self) -> None:
        """Note that the peer takes in more slowly than we send."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """Go on: the peer has caught up."""
        self._writing_paused = False
        if self._aside is not None:
            self._aside.looks.looked(clock())
        if isinstance(self._command, (Write, WriteFile)):
            self._wake()
