"""The drive loop of a call for blocking code.

Each arm carries one command out and reports how it went. What is to be done, and what a failure
means, the core decides.
"""

from __future__ import annotations

import time
from contextlib import suppress
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, cast

from sojourn_core import commands as c
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
