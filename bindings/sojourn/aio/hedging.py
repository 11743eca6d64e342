"""Two exchanges of one request, by tasks of asyncio."""

from __future__ import annotations

import asyncio
from time import monotonic as clock
from typing import TYPE_CHECKING, Any

from sojourn.shared.times import seconds_until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sojourn_core.rules.hedge import Hedge

    Running = dict[asyncio.Task[Any], int]


async def first_answer(
    hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]]
) -> tuple[int, Any]:
    """Make the attempts that are due, and return the number of the first answer, and the answer.

    All other attempts have ended by then, and their connections are closed.

    Raises:
        Exception: All attempts have failed; it is the last error.
    """
    running: Running = {}
    answer: Any = None
    try:
        answer = await _first(hedge, attempt, running)
        await _end(running)
    except BaseException:
        if answer is not None:
            await answer[1].close()
        await _end(running)
        raise
    number, response = answer
    return number, response


async def _first(
    hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]], running: Running
) -> tuple[int, Any]:
    """Begin and await; ``running`` has the attempts that have not been looked at yet."""
    while True:
        if hedge.due(clock()):
            running[asyncio.create_task(attempt())] = hedge.begun
        await asyncio.wait(
            running,
            timeout=seconds_until(hedge.next_at),
            return_when=asyncio.FIRST_COMPLETED,
        )
        for each in [each for each in running if each.done()]:
            number = running.pop(each)
            try:
                return number, each.result()
            except Exception as error:
                hedge.lost(error)
                if hedge.is_over:
                    raise
            finally:
                del each  # Its error leads to this frame.


async def _end(running: Running) -> None:
    """Cancel attempts, and see them end; close what has been answered all the same."""
    tasks = list(running)
    running.clear()
    for each in tasks:
        each.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for each in tasks:
        if not each.cancelled() and each.exception() is None:
            await each.result().close()
