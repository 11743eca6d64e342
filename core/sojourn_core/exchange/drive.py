"""The loop of a driver: each command of an exchange carried out by a transport, and reported.

The loop is written once, as a generator (see ``values.steps``). A reply follows its step at once:
nothing is awaited between bytes that have come and the exchange that is told of them.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from sojourn_core.messages.effects import Effects
from sojourn_core.messages.fail import Fail
from sojourn_core.values.steps import awaited, end_of

from .commands import Close, Connect, Probe, Pull, Read, Resolve, Wait, Write, WriteFile

if TYPE_CHECKING:
    from collections.abc import Generator

    from sojourn_core.values.content.content import Content as RequestContent

    from .commands import ExchangeCommand, HandedUp
    from .exchange import Exchange
    from .transport import AsyncTransport, Clock, Transport


def drive(exchange: Exchange, command: ExchangeCommand, transport: Transport) -> HandedUp:
    """Carry out commands of an exchange until one is for the caller, and return that one.

    Effects are carried out before their command. A ``TimeoutError`` of the transport is reported as
    ``expired``, and any other ``OSError`` as ``failed``. Whatever breaks out of the loop, an
    interrupt say, gives the exchange up: its stream is closed, and its place in the pool is free.

    Args:
        exchange: What is driven.
        command: Its next command: what ``start`` or ``proceed`` has returned.
        transport: Does the transfers.

    Returns:
        ``Inform``, ``Head``, ``Content``, ``Switch`` or ``Finish``; ``proceed`` goes on after all
        but the last two.

    Raises:
        RequestException: The exchange has failed.
        Exception: The iterator of the request's content has raised it, and it is the very same.
    """
    steps = _steps(exchange, command, transport, waits=False)
    del command  # The error of a Fail leads to this frame.
    handed: HandedUp = end_of(steps)
    return handed


async def drive_async(
    exchange: Exchange, command: ExchangeCommand, transport: AsyncTransport
) -> HandedUp:
    """Carry out commands as ``drive`` does, and await what the transport's methods return.

    A cancellation gives the exchange up as any other error does. An async generator that is the
    content of the request is closed (``aclose``) when nothing more is taken from it.
    """
    steps = _steps(exchange, command, transport, waits=True)
    del command
    handed: HandedUp = await awaited(steps)
    return handed


def carry_out(effects: Effects | None, transport: Transport) -> None:
    """Carry out the effects of a step that ``drive`` did not see: ``abandon``, or the pool's own.

    Args:
        effects: Streams to close, tickets to wake, content to release; they are taken off it.
        transport: Closes the streams.
    """
    end_of(_settle(effects, transport, waits=False))


async def carry_out_async(effects: Effects | None, transport: AsyncTransport) -> None:
    """Carry out effects as ``carry_out`` does, and close async generators that were content."""
    await awaited(_settle(effects, transport, waits=True))


def _steps(
    exchange: Exchange, command: ExchangeCommand, transport: Any, *, waits: bool
) -> Generator[Any, Any, HandedUp]:
    now = transport.now
    begun: Any = None
    came: Any = None
    try:
        while True:
            if command.effects is not None:
                yield from _settle(command.effects, transport, waits=waits)
            match command:
                case Probe():
                    quiet = _is_quiet(transport, exchange.stream)
                    command = exchange.quiet(now()) if quiet else exchange.readable(0, now())
                case Close():
                    transport.close(exchange.stream)
                    command = exchange.closed(now())
                case Fail():
                    raise command.error
                case Wait() | Resolve() | Connect() | Write() | WriteFile() | Read() | Pull():
                    came = None
                    try:
                        begun = _transfer(exchange.stream, command, transport, waits=waits)
                        came = (yield begun) if waits else begun
                    except TimeoutError:  # Before OSError: it is one.
                        command = exchange.expired(now())
                    except OSError as error:
                        command = exchange.failed(error, now())
                    else:
                        if isinstance(command, Write) and not _watches(command, transport):
                            came = None  # It may be a number, as ``socket.send`` gives one.
                        command = _report(exchange, command, came, now())
                case _:
                    return command
    except GeneratorExit:  # Nobody awaits any more: an async generator is left to its event loop.
        end_of(_settle(_owed(exchange, command, came, now()), transport, waits=False))
        raise
    except BaseException:
        yield from _settle(_owed(exchange, command, came, now()), transport, waits=waits)
        raise
    finally:
        del command, begun, came  # An error in them leads to this frame.


def _transfer(stream: Any, command: ExchangeCommand, transport: Any, *, waits: bool) -> Any:
    """Begin what a command asks for: return its outcome, or an awaitable of that."""
    match command:
        case Read():
            return transport.receive(stream, command.limit, command.deadline)
        case Write() if _watches(command, transport):
            return transport.send_watching(stream, command.data, command.deadline)
        case Write():
            return transport.send(stream, command.data, command.deadline)
        case WriteFile(file, offset, size, deadline):
            return transport.send_file(stream, file, offset, size, deadline)
        case Pull() if not waits:
            return _take(command.content)
        case Pull(content, deadline):
            taking = _take_async(content)
            return taking if deadline == inf else transport.within(taking, deadline)
        case Wait():
            return transport.wait(command.ticket, command.deadline)
        case Resolve():
            return transport.resolve(command.host, command.port, command.deadline)
        case Connect(address, deadline, socket, later=()):
            return transport.connect(address, deadline, socket)
        case Connect(address, deadline, socket, later, stagger):
            return transport.race((address, *later), stagger, deadline, socket)
        case _:
            raise AssertionError("it is no transfer")


def _watches(command: Write, transport: Any) -> bool:
    return command.watch and hasattr(transport, "send_watching")


def _report(exchange: Exchange, command: ExchangeCommand, came: Any, now: float) -> ExchangeCommand:
    """Reply with the outcome of a transfer."""
    match command:
        case Read():
            return exchange.received(came, now)
        case Write():
            return exchange.written(now) if came is None else exchange.readable(came, now)
        case WriteFile(size=size):
            if came is None:
                return exchange.pulled(None, now)
            return exchange.written(now) if came == size else exchange.readable(came, now)
        case Pull():
            failed = isinstance(came, Exception)
            return exchange.failed(came, now) if failed else exchange.pulled(came, now)
        case Wait():
            return exchange.woken(now)
        case Resolve():
            return exchange.resolved((*came,), now)
        case Connect():
            return exchange.connected(came, now)
        case _:
            raise AssertionError("it is no transfer")


def _take(content: RequestContent) -> bytes | Exception | None:
    """Return the next chunk, None at the end, or what the user's iterator raises."""
    try:
        return content.take()
    except Exception as error:  # noqa: BLE001 - it is the user's
        return error


async def _take_async(content: RequestContent) -> bytes | Exception | None:
    try:
        return await content.atake()
    except Exception as error:  # noqa: BLE001 - it is the user's
        return error


def _is_quiet(transport: Clock, stream: Any) -> bool:
    try:
        return transport.is_quiet(stream)
    except OSError:  # It is broken.
        return False


def _owed(exchange: Exchange, command: ExchangeCommand, came: Any, now: float) -> Effects:
    """Give the exchange up; return what that asks for, and what its last command still does."""
    owed = Effects().add(command.effects)
    if isinstance(command, Connect) and came is not None and exchange.stream is not came:
        owed.closes.append(came)  # The exchange was interrupted before it knew of the stream.
    return owed.add(exchange.abandon(now))


def _let_go(effects: Effects, transport: Clock) -> None:
    """Close streams and wake tickets: what takes no await, and others wait for."""
    while effects.closes:
        transport.close(effects.closes.pop(0))
    while effects.wakes:
        wake = effects.wakes.pop(0).wake
        if wake is not None:
            wake()


def _settle(effects: Effects | None, transport: Clock, *, waits: bool) -> Generator[Any, Any, None]:
    if effects is None:
        return
    _let_go(effects, transport)
    while effects.releases:
        content = effects.releases[0]
        if waits:
            yield content.aclose()
        else:
            content.close()
        del effects.releases[:1]  # Not before: what is interrupted is done again.
