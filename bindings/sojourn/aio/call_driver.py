"""The drive loop of a call for asyncio.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

from inspect import isawaitable
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, cast

from sojourn_core import commands as c
from sojourn_core.call.ports import Mode
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sojourn_core.call.call import Call

    from .response import AsyncResponse
    from .session import AsyncSession


async def drive_call(session: AsyncSession, call: Call) -> AsyncResponse:
    """Drive a call until its response is there."""
    command = call.start(clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = await send(session, call, command)
                case c.Deliver():
                    return await handed(command)
                case _:
                    command = await carry_on(session, call, command)
    except BaseException:
        await give_up(call)
        raise
    finally:
        del command  # An error that is raised holds this frame, which must not hold it in turn.


async def drive_hops(
    session: AsyncSession, call: Call, response: AsyncResponse
) -> AsyncIterator[AsyncResponse]:
    """Drive a call from a response in hand: the response of each further hop, as it comes.

    What a response is followed by is sent when the next one is asked for.
    """
    command = call.resume(response, clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = await send(session, call, command)
                case c.Deliver():
                    if command.response is not response:
                        yield await handed(command)
                    return
                case c.Discard() if command.follows and command.response is not response:
                    yield cast("AsyncResponse", command.response)
                    command = await carry_on(session, call, command)
                case _:
                    command = await carry_on(session, call, command)
    except BaseException:
        await give_up(call)
        raise
    finally:
        del command


async def send(session: AsyncSession, call: Call, command: c.Send) -> c.CallCommand:
    """Send a hop of a call, and report how it went."""
    try:
        response = await session.transmit(command, nested=call.mode is Mode.NESTED)
    except RequestException as error:
        return call.lost(error, clock())
    try:
        return call.answered(response, clock())
    except BaseException:
        await response.close()  # Somebody has interrupted it: nobody else will.
        raise


async def carry_on(session: AsyncSession, call: Call, command: c.CallCommand) -> c.CallCommand:
    """Carry out what a call asks for between its hops, and report how it went.

    Raises:
        Exception: If the call fails.
    """
    match command:
        case c.Discard(limit=limit, deadline=deadline):
            await cast("AsyncResponse", command.response).discard(limit, deadline)
            return call.discarded(clock())
        case c.Rewind(content=content):
            try:
                content.rewind()
            except RequestException as error:
                return call.failed(error, clock())
            return call.rewound(clock())
        case c.Fail():
            try:
                raise command.error
            finally:
                del command
        case c.Hook() | c.Load() | c.Delegate():
            try:
                return await ask_user(session, call, command)
            except Exception as error:  # noqa: BLE001 - it may be the user's
                return call.failed(error, clock())
        case c.Send() | c.Deliver():
            raise AssertionError("these are the loops' own")


async def ask_user(
    session: AsyncSession, call: Call, command: c.Hook | c.Load | c.Delegate
) -> c.CallCommand:
    """Run what may be the user's own code: a hook, a reader, a method that is overridden."""
    response = cast("AsyncResponse", command.response)
    match command:
        case c.Hook():
            made: Any = command.hook(response, **command.arguments)
            if isawaitable(made):
                made = await made
            return call.hooked(made, clock())
        case c.Load():
            await response.read()
            return call.loaded(clock())
        case c.Delegate():
            hops = session.resolve_redirects(response, command.request, **command.arguments)
            return call.followed([hop async for hop in hops], clock())


async def handed(command: c.Deliver) -> AsyncResponse:
    """Return the response that a call has come to, its content read if that is asked for."""
    response = cast("AsyncResponse", command.response)
    if command.load:
        try:
            await response.read()
        except BaseException:
            await response.close()
            raise
    return response


async def give_up(call: Call) -> None:
    """Abandon a call, and close the response that nobody will have."""
    left = call.abandon()
    if left is not None:
        await cast("AsyncResponse", left).close()
