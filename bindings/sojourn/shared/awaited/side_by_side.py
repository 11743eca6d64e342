"""Attempts side by side, of which the first success counts, on a loop that has nurseries.

They are the addresses of a host (RFC 8305), and the exchanges of a request that is hedged.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from sojourn_core.exchange.race import Race

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from sojourn_core.commands import Address, Connect
    from sojourn_core.rules.hedge import Hedge
    from sojourn_core.values.route import SocketSettings

    from .backend import ByteStream, Event


class Nurseries(Protocol):
    """A ``Backend`` whose loop has nurseries, as trio's has.

    Attributes:
        cancelled: What a cancellation is raised as.
    """

    cancelled: type[BaseException]

    def now(self) -> float:
        """Return the time of the loop's clock."""
        ...

    def event(self) -> Event:
        """Make an event."""
        ...

    def until(self, deadline: float) -> AbstractAsyncContextManager[None]:
        """Make a scope that raises ``TimeoutError`` at a time."""
        ...

    def nursery(self) -> AbstractAsyncContextManager[Any]:
        """Make a nursery."""
        ...

    def shield(self) -> AbstractContextManager[object]:
        """Make a scope that no other cancels."""
        ...

    def connect(
        self, address: Address, settings: SocketSettings | None
    ) -> Coroutine[Any, Any, ByteStream]:
        """Connect to an address."""
        ...


class Schedule(Protocol):
    """Says when attempts are due."""

    @property
    def next_at(self) -> float:
        """When the next is due."""
        ...

    @property
    def is_over(self) -> bool:
        """All have been made, and are lost."""
        ...


async def connect_first(loop: Nurseries, command: Connect) -> Any:
    """Connect to the address that answers first; all other attempts have ended by then.

    Raises:
        OSError: All attempts have failed; it is the last error.
    """
    race = Race((command.address, *command.later), command.stagger)

    def begin(now: float) -> Callable[[], Awaitable[Any]] | None:
        address = race.due(now)
        return None if address is None else partial(loop.connect, address, command.socket)

    async def close(stream: Any) -> None:
        stream.close()

    return await _first(loop, race, begin, close, (OSError, lambda _: race.lost()))


async def first_answer(
    loop: Nurseries, hedge: Hedge, attempt: Callable[[], Coroutine[Any, Any, Any]]
) -> tuple[int, Any]:
    """Return the number of the first answer, and the answer; see ``Backend.hedge``.

    Raises:
        Exception: All attempts have failed; it is the last error.
    """

    def begin(now: float) -> Callable[[], Awaitable[Any]] | None:
        return partial(numbered, hedge.begun) if hedge.due(now) else None

    async def numbered(number: int) -> tuple[int, Any]:
        return number, await attempt()

    async def close(answer: tuple[int, Any]) -> None:
        await answer[1].close()

    answered: tuple[int, Any] = await _first(loop, hedge, begin, close, (Exception, hedge.lost))
    return answered


async def _first(
    loop: Nurseries,
    schedule: Schedule,
    begin: Callable[[float], Callable[[], Awaitable[Any]] | None],
    close: Callable[[Any], Awaitable[None]],
    failures: tuple[type[Exception], Callable[[Exception], None]],
) -> Any:
    """Make the attempts that are due, and return what the first success gives.

    Args:
        loop: The event loop.
        schedule: Says when they are due.
        begin: Takes the time, and returns the attempt that is due, or None.
        close: Closes what an attempt has given too late.
        failures: The errors by which an attempt is lost, and who learns of them.

    Raises:
        BaseException: What is no loss ends all attempts. It is the very same, where a nursery would
            raise a group.
    """
    attempts = _Attempts(loop, schedule, failures)
    late = given = attempts.given
    try:
        async with loop.nursery() as nursery:
            await attempts.watch(nursery, begin)
            nursery.cancel_scope.cancel()
        if attempts.ends or not given:
            raise (attempts.ends or attempts.errors).pop(0)  # Its frames must not lead back to it.
        late = given[1:]
    finally:
        attempts.forget()
        with loop.shield():
            for each in late:
                await close(each)
    return given[0]


class _Attempts:
    """Attempts side by side, as far as they have come.

    Args:
        loop: The event loop.
        schedule: Says when they are due.
        failures: As ``_first`` takes them.

    Attributes:
        given: What those have given that had success.
        errors: The error of the last one that was lost.
        ends: What was raised otherwise, and ends them all.
    """

    __slots__ = ("_ended", "_failures", "_loop", "_schedule", "ends", "errors", "given")

    def __init__(
        self,
        loop: Nurseries,
        schedule: Schedule,
        failures: tuple[type[Exception], Callable[[Exception], None]],
    ) -> None:
        self._loop = loop
        self._schedule = schedule
        self._failures = failures
        self._ended = loop.event()
        self.given: list[Any] = []
        self.errors: list[BaseException] = []
        self.ends: list[BaseException] = []

    async def watch(
        self, nursery: Any, begin: Callable[[float], Callable[[], Awaitable[Any]] | None]
    ) -> None:
        """Begin each when it is due, until one has success or there is nothing left to wait for."""
        loop, schedule = self._loop, self._schedule
        with self._ending():
            while not (self.given or self.ends or schedule.is_over):
                attempt = begin(loop.now())
                if attempt is not None:
                    nursery.start_soon(self._run, attempt)
                with suppress(TimeoutError):
                    async with loop.until(schedule.next_at):
                        await self._ended.wait()
                self._ended = loop.event()

    async def _run(self, attempt: Callable[[], Awaitable[Any]]) -> None:
        kind, lost = self._failures
        with self._ending():
            try:
                self.given.append(await attempt())
            except kind as error:
                self.errors[:] = [error]
                lost(error)
        self._ended.set()

    @contextmanager
    def _ending(self) -> Generator[None]:
        """Note what ends all: raised in a nursery, it would come out of it in a group."""
        try:
            yield
        except self._loop.cancelled:
            raise
        except BaseException as error:  # noqa: BLE001 - it is raised once all have ended
            self.ends.append(error)

    def forget(self) -> None:
        """Let go of errors, which lead to frames that lead back to them."""
        self.errors.clear()
        self.ends.clear()
