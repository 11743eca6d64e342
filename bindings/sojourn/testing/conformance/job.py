"""A job: one exchange, and what its caller does."""

from __future__ import annotations

import threading
from math import inf
from typing import TYPE_CHECKING, Any, Final, Self

from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import RequestException

from .watched import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.exchange.pool import Pool

    from .case import Ask
    from .source import Source
    from .watched import Watch

TURN_SECONDS: Final = 3.0


class Turn:
    """The beginning of a job in a run, which follows that of the job before it.

    Threads begin in any order, and the cases rely on the order of the jobs. So a job waits for the
    one before it where it has a thread of its own; where one thread runs all of them, as a loop
    does, nothing would come of waiting.

    Args:
        before: That of the job before it, or None.
        thread: The thread that has called ``run``.
    """

    def __init__(self, before: Turn | None, thread: int) -> None:
        self._before = before
        self._thread = thread
        self._over = threading.Event()

    def wait(self) -> None:
        """Wait until the job before has begun, but not for ever: it may have failed before that."""
        if self._before is not None and threading.get_ident() != self._thread:
            self._before._over.wait(TURN_SECONDS)

    def end(self) -> None:
        """Note that the job has begun."""
        self._over.set()


class Job:
    """One exchange that a driver carries out, and what its caller does.

    ::

        with job:
            command = job.begin(now())
            while command is not None:
                handed = drive(job.exchange, command)
                command = job.take(handed, now())

    Attributes:
        exchange: The exchange. A driver replies to it as to any other.
        pool: Its pool, for drivers that look after it while they wait.
        name: Its name in the case.
        own: For the driver: what belongs to the job from one ``run`` to the next.
        turn: Its place among the jobs of a run.
    """

    def __init__(self, ask: Ask, exchange: Exchange, pool: Pool, watch: Watch) -> None:
        self.exchange = exchange
        self.pool = pool
        self.name = ask.name
        self.own: Any = None
        self.turn: Turn | None = None
        self.ask = ask
        self.watch = watch
        self.status: int | None = None
        self.content = bytearray()
        self.informed: list[int] = []
        self.finish: c.Finish | None = None
        self.switch: c.Switch | None = None
        self.error: BaseException | None = None
        self.reused = False
        self.cancels: Sequence[Job] = ()
        self.source: Source | None = None
        self._began = False
        self._held = False
        self._stopped = False
        self._counts: dict[str, int] = {}

    @property
    def on_cancel(self) -> Callable[[], object] | None:
        """The way to cancel the job; a driver that offers "cancels" sets it."""
        return self.watch.on_cancel

    @on_cancel.setter
    def on_cancel(self, cancel: Callable[[], object] | None) -> None:
        self.watch.on_cancel = cancel

    @property
    def rests(self) -> bool:
        """The job has ended, or is held until another run."""
        return self._held or self.exchange.phase is Phase.ENDED

    # --- what a driver calls --------------------------------------------------------------------

    def begin(self, now: float) -> c.ExchangeCommand:
        """Start, or go on with what was held; return the first command.

        In a thread of its own, a job waits here until the jobs before it have begun.
        """
        turn = self.turn
        if turn is None:
            return self._begin(now)
        turn.wait()
        try:
            return self._begin(now)
        finally:
            turn.end()

    def take(self, handed: c.ExchangeCommand, now: float) -> c.ExchangeCommand | None:
        """Take what is handed up, and return the next command.

        Never waits.

        Args:
            handed: An ``Inform``, ``Head``, ``Content``, ``Switch``, ``Finish`` or ``Fail``.
            now: The driver's clock.

        Returns:
            None if there is nothing more to do in this run.
        """
        self.watch.taken(handed)
        match handed:
            case c.Inform(head=head):
                self.informed.append(head.status)
            case c.Head(head=head):
                self.status = head.status
                self.reused = self.exchange.reused
                for job in self.cancels:
                    job.watch.cancel()
            case c.Content(data=data):
                self.content += data
            case c.Finish():
                self.finish = handed
                return None
            case c.Switch():
                self.switch = handed
                self._held = True
                return None
            case c.Fail(error=error):
                self.error = error
                return None
            case _:
                self.watch.faults.append(f"{handed!r} is not for the caller")
                return None
        return self._go_on(type(handed).__name__, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            return False
        if isinstance(error, RequestException) or error is self.watch.error:
            if error is not self.watch.error:
                self.watch.faults.append(f"{error!r} is raised, and was never told by a Fail")
            self.watch.settle("before the error was raised")
            self.error = error
            return True
        if isinstance(error, Interrupted):
            return True
        if isinstance(error, Exception):
            self.watch.faults.append(f"the driver raises {error!r}")
            return True
        return False

    # --- the caller -----------------------------------------------------------------------------

    def _begin(self, now: float) -> c.ExchangeCommand:
        if self._began:
            self._held = False
            return self.exchange.proceed(now)
        self._began = True
        total = self.ask.timeouts.total
        self.exchange.plan.deadline = inf if total is None else now + total
        return self.exchange.start(now)

    def _go_on(self, name: str, now: float) -> c.ExchangeCommand | None:
        count = self._counts[name] = self._counts.get(name, 0) + 1
        stop = self.ask.stop
        if stop is None or self._stopped or (stop.at, stop.nth) != (name, count):
            return self.exchange.proceed(now)
        self._stopped = True
        if stop.then == "drain":
            return self.exchange.drain(stop.limit, now + stop.seconds, now)
        self._held = True
        return None
