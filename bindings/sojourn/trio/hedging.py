"""Two exchanges of one request, by tasks of trio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sojourn_core.rules.hedge import Hedge


async def first_answer(
    hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]]
) -> tuple[int, Any]:
    """Make the attempts that are due, and return the number of the first answer, and the answer.

    All other attempts have ended by then, and their connections are closed.

    Raises:
        Exception: All attempts have failed; it is the last error.
    """
    answers: list[tuple[int, Any]] = []
    errors: list[Exception] = []
    ended = trio.Event()

    async def run(number: int) -> None:
        try:
            answers.append((number, await attempt()))
        except Exception as error:  # noqa: BLE001 - the last of them is raised below
            errors[:] = [error]
            hedge.lost()
        ended.set()

    try:
        async with trio.open_nursery() as nursery:
            while not (answers or hedge.is_over):
                if hedge.due(trio.current_time()):
                    nursery.start_soon(run, hedge.begun)
                with trio.CancelScope(deadline=hedge.next_at):
                    await ended.wait()
                ended = trio.Event()
            nursery.cancel_scope.cancel()
    except BaseException:
        errors.clear()
        await _close(answers)
        raise
    await _close(answers[1:])
    if not answers:
        raise errors.pop()  # Its frames must not lead back to it.
    errors.clear()
    return answers[0]


async def _close(answers: list[tuple[int, Any]]) -> None:
    with trio.CancelScope(shield=True):
        for _, response in answers:
            await response.close()
