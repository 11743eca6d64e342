"""The pool: a ledger of connections, of who holds which and who waits.

The ledger does no I/O and never waits. Asking it for a slot gives a ticket, which is either granted
at once or waits; every step returns effects, which its driver carries out once the step is over:
streams to close and tickets to wake.

Three invariants hold after each step:

*   A slot has exactly one owner: the exchange that holds it, or the ticket that it was granted
    to. Giving it back a second time does nothing.
*   Leased slots and idle connections together never exceed a limit, neither those of one key nor
    all of them.
*   Nobody waits while there is room for them. A cancelled ticket that was granted already grants
    its slot on.

Each step costs the same whatever the number of connections and waiters. No list is scanned but that
of the idle connections, now and then, for those whose time is over; ``look_at`` says when that is
due though nobody asks for a connection. A guard handed in makes the steps safe among threads; it is
held within this module only.

A signal handler may raise between any two lines of a step. The step then leaves behind that it was
begun, and the next one mends the ledger before it does anything else. Who asked for a slot and was
interrupted leaves its ticket as an orphan.

A response that nobody reads and nobody closes is found by the garbage collector, whose finalizers
run at any time, inside anybody's locks. All that they may do is ``orphan`` the slot, which puts it
on a queue that the next step takes care of. Where a finalizer was cut short as well, the pool finds
out by itself that the owner of a slot is gone, if it was told to ``watch``.
"""

from __future__ import annotations

from collections import deque
from contextlib import nullcontext
from math import inf
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.effects import Effects

from .departures import Gone
from .leases import Leases
from .ledger import Ledger, PoolLimits, Shelf
from .ticket import Slot, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .connection import Connection
    from .leases import Refer
    from .pool_key import PoolKey

__all__ = ["Pool", "PoolLimits"]

SWEEP_SECONDS_MIN: Final = 0.25  # Between two sweeps that somebody who asks has to wait for.
LOOK_SECONDS_MIN: Final = 0.05
LOOK_SECONDS_MAX: Final = 2.0  # Servers keep idle connections for 5 s at least, mostly.


class Pool(Ledger):
    """The ledger of connections.

    Args:
        limits: How many connections there may be.
        guard: Held for each step; a lock if steps may come from several threads.

    Attributes:
        on_idle: Called when a connection becomes idle and the pool is not ``watched``, so that its
            driver has it looked at (``look_at``). It must not raise.
        watched: Somebody looks at the pool when it is time to.
    """

    def __init__(
        self,
        limits: PoolLimits | None = None,
        guard: AbstractContextManager[Any] | None = None,
    ) -> None:
        super().__init__(PoolLimits() if limits is None else limits)
        self._guard: AbstractContextManager[Any] = nullcontext() if guard is None else guard
        self._torn = False  # Set while a step is under way, and left so by one that was cut short.
        self._orphans: deque[Slot | Ticket] = deque()
        self._leases = Leases()
        self.on_idle: Callable[[], object] | None = None
        self.watched = False

    # Steps.

    def request(self, key: PoolKey, now: float, *, fresh: bool = False) -> Ticket:
        """Ask for a slot; the ticket says whether it was granted at once."""
        ticket = Ticket(key, fresh)
        self.ask(ticket, now)
        return ticket

    def ask(self, ticket: Ticket, now: float) -> None:
        """Ask for a slot with a new ticket, which says afterwards whether it was granted at once.

        Whoever may be interrupted meanwhile has the ticket already, and leaves it as an orphan.
        """
        key = ticket.key
        with self._guard:
            if self._orphans or self._torn:
                self._tidy(self._effects_of(ticket))
            if now >= self._sweep_at:
                self._torn = True
                for connection in self._expired(now):
                    self._drop(connection, self._effects_of(ticket), Gone.IDLE_TOO_LONG)
                self._sweep_at = max(self._sweep_at, now + SWEEP_SECONDS_MIN)
            self._torn = True
            shelf = self._shelves.get(key)
            if shelf is None:
                shelf = self._shelves[key] = Shelf()
            while shelf.idle:
                connection = shelf.idle.pop()
                del self._idle[connection]
                if not ticket.fresh and connection.idle_until > now:
                    slot = ticket.slot = Slot(key, connection, self._generation)
                    shelf.leased.add(slot)
                    self._torn = False
                    return
                self._open -= 1
                why = Gone.REPLACED if connection.idle_until > now else Gone.IDLE_TOO_LONG
                self._close(connection, self._effects_of(ticket), why)
            if shelf.open >= self.limits.connections_per_key_max:
                shelf.waiting[ticket] = None
            elif self._open < self.limits.connections_max or self._evict(ticket):
                self._grant_new(ticket, shelf)
            else:
                shelf.waiting[ticket] = None
                self._waiting[ticket] = None
            self._torn = False
            if ticket.slot is None and self._leases.gone:
                self._tidy(self._effects_of(ticket))  # It may make room, also for this one.

    def release(self, slot: Slot, now: float) -> Effects | None:
        """Give back a slot whose connection may be used again."""
        with self._guard:
            if not slot.held:
                return None
            connection = slot.connection
            assert connection is not None, "a slot without a connection is discarded"
            effects: Effects | None = None
            if self._orphans or self._torn:
                effects = Effects()
                self._tidy(effects)
                if not slot.held:
                    return effects
            self._torn = True
            shelf = self._shelves[slot.key]
            per_key = self.limits.idle_per_key_max
            if (
                slot.generation == self._generation
                and not shelf.waiting
                and not self._waiting
                and len(self._idle) < self.limits.idle_max
                and (per_key is None or len(shelf.idle) < per_key)
            ):
                slot.held = False
                shelf.leased.discard(slot)
                if connection.idle_seconds_max is None:
                    connection.idle_until = now + self.limits.idle_seconds_max
                else:
                    self._note_time(connection, now)
                shelf.idle.append(connection)
                self._idle[connection] = None
                self._torn = False
                if not self.watched and self.on_idle is not None:
                    self._tell(self.on_idle)
            else:
                effects = Effects() if effects is None else effects
                self._give_back(slot, shelf, connection, now, effects)
            self._torn = False
            return effects

    def discard(self, slot: Slot, now: float) -> Effects | None:
        """Give back a slot whose connection is of no more use; its stream is to be closed."""
        with self._guard:
            if not slot.held:
                return None
            effects = Effects()
            self._tidy(effects)
            if slot.held:
                self._torn = True
                self._end(slot, effects)
                self._torn = False
            return effects

    def cancel(self, ticket: Ticket, now: float) -> Effects | None:
        """Give up a ticket, granted or not. A granted slot goes to whoever is next."""
        with self._guard:
            ticket.cancelled = True
            slot = ticket.slot
            if slot is None:
                torn, self._torn = self._torn, True
                self._leave(ticket)
                self._torn = torn
                return None
            shelf = self._shelves.get(slot.key)
            if shelf is None or slot not in shelf.leased:
                slot.held = False  # It was given back, or asking for it was interrupted.
                return None
        if slot.connection is None:
            return self.discard(slot, now)
        return self.release(slot, now)

    def expire(self, now: float, is_quiet: Callable[[Any], bool] | None = None) -> Effects | None:
        """Let go of connections that were idle for too long, and of orphans.

        Costs as much as there are idle connections.

        Args:
            now: The time.
            is_quiet: Looks once at the stream of an idle connection, without waiting: False if its
                peer has ended it or has sent something, so that it is of no use. None to look at
                none. The guard is held meanwhile, so that nobody else uses the stream.
        """
        with self._guard:
            effects = Effects()
            self._tidy(effects)
            self._torn = True
            for connection in self._expired(now):
                self._drop(connection, effects, Gone.IDLE_TOO_LONG)
            if is_quiet is not None:
                for connection in list(self._idle):
                    if not is_quiet(connection.stream):
                        self._drop(connection, effects, Gone.ENDED)
            self._serve_total(effects)
            self._torn = False
            return effects or None

    def look_at(self, now: float) -> float:
        """Return when somebody should ``expire`` next, though nobody asks for a connection.

        It is when the first idle connection has been idle for too long, and soon enough to find
        those that their peers end meanwhile; ``math.inf`` while none is open. The pool is not
        ``watched`` then any more, and calls ``on_idle`` when one is idle. One that is in use may be
        idle soon: whoever sends one request after another would else be told again after each.
        """
        with self._guard:
            self.watched = self.open_count > 0
            if not self.watched:
                return inf
            first = min((each.idle_until for each in self._idle), default=inf)
            return max(min(first, now + LOOK_SECONDS_MAX), now + LOOK_SECONDS_MIN)

    def begin_anew(self, guard: AbstractContextManager[Any] | None = None) -> list[Any]:
        """Forget everything, as a process does that was forked: all of it is its parent's.

        What was leased is given back by nobody, and who waited is not served.

        Args:
            guard: Another lock: a thread that there is no more may hold the old one.

        Returns:
            The streams that there were. Nothing may be sent on them, not even a farewell.
        """
        self._guard = nullcontext() if guard is None else guard
        streams = [each.stream for each in self._connections]
        for shelf in self._shelves.values():
            for slot in shelf.leased:
                slot.held = False
        generation = self._generation + 1
        Ledger.__init__(self, self.limits)
        self._generation = generation
        self._torn = False
        self._orphans = deque()
        self._leases = Leases()
        self.watched = False
        return streams

    def close(self) -> Effects | None:
        """Let go of all idle connections. Those in use are closed when their exchange has ended.

        The pool can be used afterwards, as a Requests session can.
        """
        with self._guard:
            self._generation += 1
            effects = Effects()
            self._tidy(effects)
            self._torn = True
            while self._idle:
                self._drop_oldest(effects, Gone.CLOSED)
            self.watched = False
            self._serve_total(effects)
            self._torn = False
            return effects or None

    def orphan(self, held: Slot | Ticket) -> None:
        """Leave what nobody holds any more to the next step.

        Takes no lock: it is called by finalizers.
        """
        self._orphans.append(held)

    def watch(self, slot: Slot, refer: Refer) -> None:
        """Take a slot back once its owner is gone, whether or not it leaves the slot as an orphan.

        Costs as much as owners have gone since the last time.

        Args:
            slot: The slot.
            refer: Makes a weak reference to the owner, ``partial(weakref.ref, owner)``.
        """
        with self._guard:
            self._leases.reap(self._orphans)
            self._leases.add(slot, refer)

    def opened(self, connection: Connection) -> None:
        """Hold on to the connection that a slot has got, until its stream is closed."""
        self._connections.add(connection)

    def closed(self, connection: Connection, reason: Gone = Gone.ENDED) -> None:
        """Let go of a connection whose stream was closed by the owner of its slot, who keeps that.

        Args:
            connection: The connection.
            reason: Why it is of no use; it has gone stale, mostly.
        """
        self._connections.discard(connection)
        self.gone[reason] += 1

    # Parts of the steps. The guard is held in all of them.

    def _tell(self, on_idle: Callable[[], object]) -> None:
        """Have a driver look at the pool. An interrupted one is told again."""
        try:
            self.watched = True
            on_idle()
        except BaseException:
            self.watched = False
            raise

    @staticmethod
    def _effects_of(ticket: Ticket) -> Effects:
        if ticket.effects is None:
            ticket.effects = Effects()
        return ticket.effects

    def _expired(self, now: float) -> list[Connection]:
        """Return what was idle for too long, whoever it was for, and note when to look again."""
        left = [each.idle_until for each in self._idle if each.idle_until > now]
        self._sweep_at = min(left, default=now + self.limits.idle_seconds_max)
        if len(left) == len(self._idle):
            return []
        return [each for each in self._idle if each.idle_until <= now]

    def _evict(self, ticket: Ticket) -> bool:
        """Make room under the total by closing what was idle for longest."""
        if not self._idle:
            return False
        self._drop_oldest(self._effects_of(ticket), Gone.EVICTED)
        return True

    def _tidy(self, effects: Effects) -> None:
        """Mend what an interrupted step has left behind, and see to the orphans."""
        if self._torn:
            self._mend(effects)
            self._torn = False
        if self._leases.gone:
            self._leases.reap(self._orphans)
        if self._orphans:
            self._torn = True
            self._bury(effects)
            self._torn = False

    def _bury(self, effects: Effects) -> None:
        orphans = list(self._orphans)
        for held in orphans:  # First of all, so that none of them is granted what is left.
            if isinstance(held, Ticket):
                effects.add(held.effects)  # Nobody has carried them out, or all of them are done.
                if held.slot is None:
                    self._leave(held)
        for held in orphans:
            slot = held.slot if isinstance(held, Ticket) else held
            if slot is not None and slot.held:
                self._end(slot, effects, Gone.DROPPED)
        for _ in orphans:  # Last, so that one that is interrupted is buried by the next step.
            self._orphans.popleft()
