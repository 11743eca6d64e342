"""The drive loop of a call that is awaited: the one of all bindings, and what it waits for."""

from __future__ import annotations

from inspect import isawaitable
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.call_driver import Ways

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from sojourn.shared.call_driver import Course


async def run(steps: Course) -> Any:
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
        response: Any = end.value
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


WAYS: Final[Ways[Coroutine[Any, Any, Any], AsyncIterator[Any]]] = Ways(
    waits=True, load=methodcaller("read"), collect=collect, run=run, hops=hops
)
