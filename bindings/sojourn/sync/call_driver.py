"""The drive loop of a call for blocking code.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

from time import monotonic as clock
from typing import TYPE_CHECKING, cast

from sojourn_core import commands as c
from sojourn_core.call.ports import Mode
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.call.call import Call

    from .response import Response
    from .session import Session


def drive_call(session: Session, call: Call) -> Response:
    """Drive a call until its response is there."""
    command = call.start(clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = send(session, call, command)
                case c.Deliver():
                    return handed(command)
                case _:
                    command = carry_on(session, call, command)
    except BaseException:
        give_up(call)
        raise
    finally:
        del command  # An error that is raised holds this frame, which must not hold it in turn.


def drive_hops(session: Session, call: Call, response: Response) -> Iterator[Response]:
    """Drive a call from a response in hand: the response of each further hop, as it comes.

    What a response is followed by is sent when the next one is asked for.
    """
    command = call.resume(response, clock())
    try:
        while True:
            match command:
                case c.Send():
                    command = send(session, call, command)
                case c.Deliver():
                    if command.response is not response:
                        yield handed(command)
                    return
                case c.Discard() if command.follows and command.response is not response:
                    yield cast("Response", command.response)
                    command = carry_on(session, call, command)
                case _:
                    command = carry_on(session, call, command)
    except BaseException:
        give_up(call)
        raise
    finally:
        del command


def send(session: Session, call: Call, command: c.Send) -> c.CallCommand:
    """Send a hop of a call, and report how it went."""
    try:
        response = session.transmit(command, nested=call.mode is Mode.NESTED)
    except RequestException as error:
        return call.lost(error, clock())
    try:
        return call.answered(response, clock())
    except BaseException:
        response.close()  # Somebody has interrupted it: nobody else will.
        raise


def carry_on(session: Session, call: Call, command: c.CallCommand) -> c.CallCommand:
    """Carry out what a call asks for between its hops, and report how it went.

    Raises:
        Exception: If the call fails.
    """
    match command:
        case c.Discard(limit=limit, deadline=deadline):
            cast("Response", command.response).discard(limit, deadline)
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
                return ask_user(session, call, command)
            except Exception as error:  # noqa: BLE001 - it may be the user's
                return call.failed(error, clock())
        case c.Send() | c.Deliver():
            raise AssertionError("these are the loops' own")


def ask_user(session: Session, call: Call, command: c.Hook | c.Load | c.Delegate) -> c.CallCommand:
    """Run what may be the user's own code: a hook, a reader, a method that is overridden."""
    response = cast("Response", command.response)
    match command:
        case c.Hook():
            made = command.hook(response, **command.arguments)
            return call.hooked(made, clock())
        case c.Load():
            _ = response.content
            return call.loaded(clock())
        case c.Delegate():
            hops = session.resolve_redirects(response, command.request, **command.arguments)
            return call.followed(list(hops), clock())


def handed(command: c.Deliver) -> Response:
    """Return the response that a call has come to, its content read if that is asked for."""
    response = cast("Response", command.response)
    if command.load:
        try:
            _ = response.content
        except BaseException:
            response.close()
            raise
    return response


def give_up(call: Call) -> None:
    """Abandon a call, and close the response that nobody will have."""
    left = call.abandon()
    if left is not None:
        cast("Response", left).close()
