"""Loops that are written once, for code that blocks and for event loops.

Such a loop is a generator. Where code blocks, each step is done when its method returns, and
nothing is yielded; on an event loop, what a method returns is yielded to be awaited, and its
outcome is sent in or thrown in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


def end_of(steps: Generator[Any, Any, Any]) -> Any:
    """Run a loop that awaits nothing, and return what it returns."""
    try:
        next(steps)
    except StopIteration as end:
        return end.value
    raise AssertionError("code that blocks awaits nothing")


async def awaited(steps: Generator[Any, Any, Any]) -> Any:
    """Await what a loop yields, and return what it returns."""
    try:
        step = next(steps)
        while True:
            try:
                came = await step
            except BaseException as error:  # noqa: BLE001 - the loop decides what becomes of it
                step = steps.throw(error)
            else:
                step = steps.send(came)
    except StopIteration as end:
        return end.value
