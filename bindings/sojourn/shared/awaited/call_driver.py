"""The drive loop of a call that is awaited: the one of all bindings, which awaits here."""

from __future__ import annotations

from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.call_driver import Ways

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Generator

    from sojourn.shared.call_driver import Course

    from .backend import Backend


class Handed:
    """A thing that a course hands over, among all that the event loop is yielded."""

    __slots__ = ("given",)

    def __init__(self, given: Any) -> None:
        self.given = given


class _Passed:
    """A thing that a course has yielded for the event loop, to be awaited."""

    __slots__ = ("_yielded",)

    def __init__(self, yielded: Any) -> None:
        self._yielded = yielded

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._yielded)


async def run(steps: Course) -> Any:
    """Await a course to its end, and return the response that it comes to."""
    course: Any = steps
    return await course


async def hops(steps: Course) -> AsyncIterator[Any]:
    """Run a course as its hops are asked for."""
    outcome: Any = None
    step: Any = steps.send
    try:
        while True:
            given = step(outcome)
            step, outcome = steps.send, None
            try:
                if isinstance(given, Handed):
                    yield given.given
                else:
                    outcome = await _Passed(given)
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
    """Let others run until a time of the session's clock."""
    loop: Backend = session.adapter_class.backend_class()
    await loop.sleep(max(until - session.clock(), 0.0))


WAYS: Final[Ways[Coroutine[Any, Any, Any], AsyncIterator[Any]]] = Ways(
    waits=True,
    load=methodcaller("read"),
    collect=collect,
    pause=pause,
    run=run,
    hops=hops,
    hand=Handed,
)
