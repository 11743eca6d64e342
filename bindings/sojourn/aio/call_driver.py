"""The drive loop of a call for asyncio: the one of both bindings, and what it waits for."""

from __future__ import annotations

from inspect import isawaitable
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.call_driver import Ways, course
from sojourn.shared.times import seconds_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from sojourn.shared.call_driver import Course, Sender
    from sojourn_core.call.call import Call

    from .backend import Backend
    from .response import AsyncResponse


async def run(steps: Course) -> AsyncResponse:
    """Await what a course waits for, to its end, and return the response that it comes to."""
    outcome: Any = None
    step: Any = steps.send
    try:
        while True:
            awaited = step(outcome)
            try:
                outcome = await awaited
                step = steps.send
            except BaseException as error:  # noqa: BLE001 - the course raises it again
                outcome, step = error, steps.throw
    except StopIteration as end:
        response: AsyncResponse | StopIteration = end.value
        if isinstance(response, StopIteration):
            raise RuntimeError("a hook or a transport raised StopIteration") from response
        return response
    finally:
        del outcome  # An error holds this frame, and must not be held by it.


async def hops(steps: Course) -> AsyncIterator[Any]:
    """Await what a course waits for, as its hops are asked for."""
    outcome: Any = None
    step: Any = steps.send
    try:
        while True:
            given = step(outcome)
            step, outcome = steps.send, None
            try:
                if isawaitable(given):
                    outcome = await given
                else:
                    yield given
            except BaseException as error:  # noqa: BLE001 - the course raises it again
                outcome, step = error, steps.throw
    except StopIteration:
        return
    finally:
        del outcome


async def collect(given: AsyncIterator[Any]) -> list[Any]:
    """Make a list of what an asynchronous iterator gives."""
    return [each async for each in given]


async def pause(session: Any, until: float) -> None:
    """Let others run until a time of the monotonic clock, on the event loop of the session."""
    loop: Backend = session.adapter_class.backend_class()
    await loop.sleep(seconds_until(until) or 0.0)


WAYS: Final[Ways[Coroutine[Any, Any, AsyncResponse], AsyncIterator[Any]]] = Ways(
    waits=True, load=methodcaller("read"), collect=collect, pause=pause, run=run, hops=hops
)


async def drive_call(session: Sender, call: Call) -> AsyncResponse:
    """Drive a call until its response is there."""
    return await run(course(session, WAYS, lambda: call))
