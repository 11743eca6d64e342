"""The drive loop of a call for blocking code: the one of both bindings, which never waits here."""

from __future__ import annotations

import time
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.call_driver import Ways, course

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.shared.call_driver import Course, Sender
    from sojourn_core.call.call import Call

    from .response import Response


def run(steps: Course) -> Response:
    """Run a course to its end, and return the response that it comes to."""
    try:
        next(steps)
    except StopIteration as end:
        outcome: Response | StopIteration = end.value
    else:
        raise AssertionError("code that blocks awaits nothing")
    if isinstance(outcome, StopIteration):
        raise outcome
    return outcome


def hops(steps: Course) -> Iterator[Response]:
    """Run a course as its hops are asked for."""
    return steps


def hand(given: Any) -> Any:
    """Hand it over as it is: nothing else is yielded."""
    return given


def pause(session: Sender, until: float) -> None:
    """Do nothing until a time of the session's clock."""
    time.sleep(max(until - session.clock(), 0.0))


WAYS: Final[Ways[Response, Iterator[Response]]] = Ways(
    waits=False,
    load=attrgetter("content"),
    collect=list,
    pause=pause,
    run=run,
    hops=hops,
    hand=hand,
)


def drive_call(session: Sender, call: Call) -> Response:
    """Drive a call until its response is there."""
    return run(course(session, WAYS, lambda: call))
