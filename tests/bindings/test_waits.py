"""How a task of asyncio waits for its exchange, and goes on."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from sojourn.aio.waiter import Waiter
from sojourn_core.commands import Finish

if TYPE_CHECKING:
    from collections.abc import Callable

WHERE: ContextVar[str] = ContextVar("WHERE", default="outside")


def waiting(act: Callable[[Waiter, list[Any]], object], *, at_once: bool = True) -> list[Any]:
    """Have a task wait, and ``act`` in a callback of the loop; return what happened, in order."""
    return asyncio.run(_waiting(act, at_once))


async def _waiting(act: Callable[[Waiter, list[Any]], object], at_once: bool) -> list[Any]:
    loop = asyncio.get_running_loop()
    seen: list[Any] = []
    waiter = Waiter(loop, at_once)

    async def wait() -> None:
        WHERE.set("task")
        try:
            seen.append(await waiter)
            seen.append(WHERE.get())
        except BaseException as error:
            seen.append(type(error))
            raise

    task = asyncio.create_task(wait())
    seen.append(task)
    await asyncio.sleep(0)
    loop.call_soon(act, waiter, seen)
    await asyncio.wait([task])
    return seen[1:]


def give(waiter: Waiter, seen: list[Any]) -> None:
    waiter.give(Finish(True))
    seen.append("given")


def test_a_task_goes_on_within_the_callback_in_a_context_of_its_own() -> None:
    assert waiting(give) == [Finish(True), "task", "given"]


def test_a_task_goes_on_after_the_callback_where_another_loop_runs() -> None:
    assert waiting(give, at_once=False) == ["given", Finish(True), "task"]


def test_an_error_is_raised_after_whoever_tells_it_has_gone_on() -> None:
    def fail(waiter: Waiter, seen: list[Any]) -> None:
        seen.append(waiter.fail(ConnectionAbortedError("it was closed")))
        seen.append(waiter.fail(ConnectionAbortedError("it was closed again")))

    assert waiting(fail) == [True, False, ConnectionAbortedError]


def test_a_cancelled_task_is_told_after_whoever_cancels_has_gone_on() -> None:
    def cancel(_: Waiter, seen: list[Any]) -> None:
        seen.append(seen[0].cancel())

    assert waiting(cancel) == [True, asyncio.CancelledError]


def test_a_command_that_comes_after_the_cancellation_is_kept_for_who_leaves() -> None:
    kept: list[Any] = []

    def cancel_and_give(waiter: Waiter, seen: list[Any]) -> None:
        seen[0].cancel()
        give(waiter, seen)
        kept.append(waiter.command)

    assert waiting(cancel_and_give) == ["given", asyncio.CancelledError]
    assert kept == [Finish(True)]


def test_a_wait_that_has_ended_before_it_is_awaited_does_not_wait() -> None:
    async def wait() -> tuple[Any, bool]:
        waiter = Waiter(asyncio.get_running_loop(), at_once=True)
        waiter.give(Finish(True))
        return await waiter, waiter.cancel()

    assert asyncio.run(wait()) == (Finish(True), False)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes_through_the_callback(kind: type[BaseException]) -> None:
    async def end() -> None:
        waiter = Waiter(asyncio.get_running_loop(), at_once=True)
        asyncio.get_running_loop().call_soon(waiter.give, Finish(True))
        await waiter
        raise kind

    with pytest.raises(kind):
        asyncio.run(end())
