"""An exchange that watches its driver: each reply, the order of effects, and the clock."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn_core.commands import Fail, Resolve
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.values.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sojourn_core.commands import Address, ExchangeCommand, Write
    from sojourn_core.exchange.passing import Passing
    from sojourn_core.exchange.plan import ExchangePlan
    from sojourn_core.exchange.pool import Pool
    from sojourn_core.messages.effects import Effects

    from .case import Ask
    from .peer import Flags
    from .source import Source

LOOPBACK: Final = "127.0.0.1"
TOO_EARLY: Final = 0.02  # Seconds by which timers may ring before their time.


class Interrupted(BaseException):
    """An interruption as by a signal handler: out of a reply, before it has changed anything."""


class WatchedWaiter:
    """A ticket in effects, which notes that its waiter was woken.

    Args:
        ticket: The ticket.
    """

    def __init__(self, ticket: Any) -> None:
        self._ticket = ticket
        self._called = False

    @property
    def wake(self) -> Callable[[], object] | None:
        """The function to call, if anybody waits."""
        return None if self._ticket.wake is None else self._wake

    @property
    def is_done(self) -> bool:
        """The waiter was woken, or there is none yet."""
        return self._called or self._ticket.wake is None

    def _wake(self) -> object:
        self._called = True
        wake = self._ticket.wake
        return None if wake is None else wake()


class Owed:
    """The effects of one step that the driver has still to carry out."""

    def __init__(self, effects: Effects, by: str, source: Source | None) -> None:
        self.by = by
        self.wakes = [WatchedWaiter(each) for each in effects.wakes]
        effects.wakes[:] = cast("list[Any]", self.wakes)
        self.source = source if effects.releases else None

    def faults(self) -> list[str]:
        """Tell what was not carried out."""
        found = [f"a waiter that {self.by} was to wake" for each in self.wakes if not each.is_done]
        if self.source is not None and not self.source.is_closed:
            found.append(f"the request's content that {self.by} was to release")
        return found


class Watch:
    """All that is noted of one exchange.

    Args:
        ask: What is asked.
        flags: The flags of the case.
        log: The events of the case, in their order.
        addresses: The addresses of the host.
        source: The content of the request, if it is the kit's own.

    Attributes:
        commands: The names of the commands that came.
        faults: What the driver has done wrong, in words.
        handed: The last command that is for the caller; None if there is none.
        reused: Whether the connection had served a request before.
        on_cancel: How the driver cancels the job.
        cancelled: Whether it was, and has not been interrupted yet.
        streams: The streams that it got: none of them is closed by the garbage collector.
    """

    def __init__(
        self,
        ask: Ask,
        flags: Flags,
        log: list[str],
        addresses: Sequence[Address],
        source: Source | None,
    ) -> None:
        self.commands: list[str] = []
        self.faults: list[str] = []
        self.handed: ExchangeCommand | None = None
        self.on_cancel: Callable[[], object] | None = None
        self.cancelled = False
        self.streams: list[Any] = []
        self._ask = ask
        self._flags = flags
        self._log = log
        self._addresses = tuple(addresses)
        self._source = source
        self._counts: Counter[str] = Counter()
        self._owed: list[Owed] = []
        self._last = float("-inf")
        self._inside = threading.Lock()

    # --- what the exchange tells ----------------------------------------------------------------

    def step(
        self, command: ExchangeCommand | None, reply: str, call: Callable[..., Any], *args: Any
    ) -> Any:
        """Give a reply, and note what is wrong with it."""
        if not self._inside.acquire(blocking=False):
            self.faults.append(f"two replies at a time, one of them {reply!r}")
            return call(*args)
        try:
            self._judge(command, reply, args)
            try:
                following = call(*args)
            except LocalProtocolError as error:
                self.faults.append(f"a reply that does not fit: {error}")
                raise
            self._came(following)
        finally:
            self._inside.release()
        return following

    def passed(self) -> None:
        """Note a chunk that goes out with no command, as if there were a ``Write`` of it."""
        self._count("Write")

    def interrupt(self) -> None:
        """Interrupt the driver, if that is due.

        Raises:
            Interrupted: It is.
        """
        cancel = self._ask.cancel
        if self.cancelled and cancel is not None and cancel.interrupts:
            self.cancelled = False
            raise Interrupted

    def abandoned(self, effects: Effects | None) -> Effects | None:
        """Note the effects of giving up."""
        self._log.append(f"{self._ask.name}.abandon")
        self._owe(effects, "abandon()")
        return effects

    def substitute(self, addresses: Sequence[Address]) -> tuple[Address, ...]:
        """Judge the addresses that the driver has found, and return those of the case."""
        if not any(each.host == LOOPBACK for each in addresses):
            self.faults.append(f"127.0.0.1 was resolved to {addresses!r}")
        return self._addresses

    # --- what the job tells ---------------------------------------------------------------------

    def taken(self, handed: object) -> None:
        """Note that something is handed up to the caller."""
        if handed is not self.handed:
            self.faults.append(f"{handed!r} is handed up, and the last command was {self.handed!r}")
        self.settle("before the command was handed up")

    def settle(self, when: str) -> None:
        """Note effects that were not carried out by now."""
        for owed in self._owed:
            self.faults += [f"{each} is not carried out {when}" for each in owed.faults()]
        self._owed.clear()

    # --- parts ----------------------------------------------------------------------------------

    def _judge(self, command: ExchangeCommand | None, reply: str, args: tuple[Any, ...]) -> None:
        now = args[-1]
        self._log.append(f"{self._ask.name}.{reply}")
        if now < self._last:
            self.faults.append(f"the clock went back by {self._last - now} s at {reply!r}")
        self._last = now
        self.settle(f"before the reply {reply!r} to {type(command).__name__}")
        if reply == "expired":
            deadline = getattr(command, "deadline", now)
            if now < deadline - TOO_EARLY:
                self.faults.append(f"{type(command).__name__} expired {deadline - now} s too early")
        if reply != "abandon":
            self.interrupt()

    def _came(self, command: ExchangeCommand) -> None:
        name = type(command).__name__
        self._owe(command.effects, name)
        self.handed = command
        if isinstance(command, Resolve):
            command.host = self._ask.resolves or LOOPBACK
        self._count(name)

    def _count(self, name: str) -> None:
        self.commands.append(name)
        self._log.append(f"{self._ask.name} {name}")
        self._counts[name] += 1
        at = f"{name} {self._counts[name]}"
        flag = self._ask.marks.get(at)
        if flag is not None:
            self._flags.set(flag)
        cancel = self._ask.cancel
        if cancel is not None and cancel.by is None and at == f"{cancel.at} {cancel.nth}":
            self.cancel()

    def cancel(self) -> None:
        """Cancel the job, at once or by its next reply."""
        self.cancelled = True
        cancel = self._ask.cancel
        if cancel is not None and not cancel.interrupts:
            if self.on_cancel is None:
                self.faults.append("the driver has not set on_cancel")
            else:
                self.on_cancel()

    def _owe(self, effects: Effects | None, by: str) -> None:
        if effects is not None:
            self._owed.append(Owed(effects, by, self._source))

    @property
    def error(self) -> Exception | None:
        """The error of the last command, if that is a ``Fail``."""
        return self.handed.error if isinstance(self.handed, Fail) else None


class WatchedPassing:
    """The framing of chunks that go out with no command; each of them is noted."""

    def __init__(self, passing: Passing, watch: Watch) -> None:
        self._passing = passing
        self._watch = watch

    def frame(self, chunk: bytes) -> tuple[int, tuple[bytes, ...]] | None:
        """Frame a chunk, and note it."""
        self._watch.interrupt()
        framed = self._passing.frame(chunk)
        if framed is not None:
            self._watch.passed()
        return framed

    def held_up(self, rest: bytes, now: float) -> Write:
        """Return the ``Write`` of the rest of a chunk, which was noted."""
        return self._passing.held_up(rest, now)


class WatchedExchange(Exchange):
    """An exchange whose replies are watched."""

    __slots__ = ("notes",)

    def __init__(self, plan: ExchangePlan, pool: Pool, watch: Watch) -> None:
        super().__init__(plan, pool)
        self.notes = watch

    @property
    def passing(self) -> Any:
        """The framing of chunks, watched as well."""
        passing = super().passing
        return None if passing is None else WatchedPassing(passing, self.notes)

    def start(self, now: float) -> Any:
        return self.notes.step(None, "start", super().start, now)

    def woken(self, now: float) -> Any:
        return self.notes.step(self.command, "woken", super().woken, now)

    def quiet(self, now: float) -> Any:
        return self.notes.step(self.command, "quiet", super().quiet, now)

    def closed(self, now: float) -> Any:
        return self.notes.step(self.command, "closed", super().closed, now)

    def resolved(self, addresses: tuple[Address, ...], now: float) -> Any:
        found = self.notes.substitute(addresses)
        return self.notes.step(self.command, "resolved", super().resolved, found, now)

    def connected(self, stream: Any, now: float) -> Any:
        following = self.notes.step(self.command, "connected", super().connected, stream, now)
        self.notes.streams.append(stream)
        return following

    def written(self, now: float) -> Any:
        return self.notes.step(self.command, "written", super().written, now)

    def readable(self, sent: int, now: float) -> Any:
        return self.notes.step(self.command, "readable", super().readable, sent, now)

    def received(self, data: bytes, now: float) -> Any:
        return self.notes.step(self.command, "received", super().received, data, now)

    def pulled(self, chunk: bytes | None, now: float) -> Any:
        return self.notes.step(self.command, "pulled", super().pulled, chunk, now)

    def proceed(self, now: float) -> Any:
        return self.notes.step(self.command, "proceed", super().proceed, now)

    def drain(self, limit: int, deadline: float, now: float) -> Any:
        return self.notes.step(self.command, "drain", super().drain, limit, deadline, now)

    def expired(self, now: float) -> Any:
        return self.notes.step(self.command, "expired", super().expired, now)

    def failed(self, error: BaseException, now: float) -> Any:
        return self.notes.step(self.command, "failed", super().failed, error, now)

    def abandon(self, now: float) -> Effects | None:
        return self.notes.abandoned(super().abandon(now))
