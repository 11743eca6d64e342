"""The two drive loops for blocking code: what ``aio/drive.py`` does with ``await``.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn_core import commands as c
from sojourn_core.errors import RequestException
from sojourn_core.phase import Phase

from .stream import Stream, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.call import Call
    from sojourn_core.exchange import Exchange
    from sojourn_core.pool import Effects

    from .adapter import HTTPAdapter
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
                    command = send(session, call, command)
                case c.Deliver():
                    return cast("Response", command.response)
                case _:
                    command = carry_on(session, call, command)
    except BaseException:
        call.abandon()
        raise
    finally:
        del command  # An error that is raised holds this frame, which must not hold it in turn.


def drive_hops(session: Session, call: Call, response: Response) -> Iterator[Response]:
    """Drive a call from a response in hand: the response of each further hop, as it comes.

    What a response is followed by is sent when the next one is asked for.
    """
    known: Any = response
    command = call.resume(response, clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = send(session, call, command)
                case c.Deliver():
                    if command.response is not known:
                        yield cast("Response", command.response)
                    return
                case c.Discard() if command.response is not known and _leads_on(command):
                    known = command.response
                    yield known
                    command = carry_on(session, call, command)
                case _:
                    command = carry_on(session, call, command)
    except BaseException:
        call.abandon()
        raise
    finally:
        del command


def send(session: Session, call: Call, command: c.Send) -> c.CallCommand:
    """Send a hop of a call, and report how it went."""
    try:
        response = session.transmit(command, nested=call.nested)
    except RequestException as error:
        return call.lost(error, clock())
    try:
        return call.answered(response, clock())
    except BaseException:
        response.close()  # An override raised: nobody else will.
        raise


def carry_on(session: Session, call: Call, command: c.CallCommand) -> c.CallCommand:
    """Carry out what a call asks for between its hops, and report how it went.

    Raises:
        RequestException: If the call fails.
    """
    match command:
        case c.Hook():
            seen = cast("Response", command.response)
            try:
                return call.hooked(session.run_hooks(seen, call), clock())
            except BaseException as error:
                _leave(seen, call, error)
                raise
        case c.Discard(limit=limit, deadline=deadline):
            cast("Response", command.response).discard(limit, deadline)
            return call.discarded(clock())
        case c.Load():
            try:
                _ = command.response.content
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
            time.sleep(max(until - clock(), 0.0))
            return call.resumed(clock())
        case c.Fail():
            try:
                raise command.error
            finally:
                del command
        case c.Send() | c.Deliver():
            raise AssertionError("these are the loops' own")


def _leave(response: Response, call: Call, error: BaseException) -> None:
    """Let go of a response that a hook or an override has raised an error about.

    Whoever catches it may want the content: it is read, as it would have been without the error.
    What was to be streamed stays open, if the error has the response.
    """
    if call.settings.stream and getattr(error, "response", None) is response:
        return
    try:
        if isinstance(error, Exception) and not call.settings.stream and not response.is_redirect:
            with suppress(RequestException, RuntimeError):  # That of the hook is raised.
                _ = response.content
    finally:
        response.close()


def _leads_on(command: c.Discard) -> bool:
    """Whether it is a redirect that is drained, and no challenge."""
    return "location" in command.response.headers


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
