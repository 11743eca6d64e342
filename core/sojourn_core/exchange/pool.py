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

Each step costs the same whatever the number of connections and waiters: no list is scanned. A
guard handed in makes the steps safe among threads; it is held within this module only.

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
from typing import TYPE_CHECKING, Any

from sojourn_core.messages.effects import Effects

from .leases import Leases
from .ledger import Ledger, PoolLimits, Shelf
from .ticket import Slot, Ticket

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from .connection import Connection
    from .leases import Refer
    from .pool_key import PoolKey

__all__ = ["Pool", "PoolLimits"]


class Pool(Ledger):
    """The ledger of connections.

    Args:
        limits: How many connections there may be.
        guard: Held for each step; a lock if steps may come from several threads.
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
                self._sweep(now, ticket)
            self._torn = True
            shelf = self._shelves.get(key)
            if shelf is None:
                shelf = self._shelves[key] = Shelf()
            oldest_allowed = now - self.limits.idle_seconds_max
            while shelf.idle:
                connection = shelf.idle.pop()
                del self._idle[connection]
                if not ticket.fresh and connection.idle_since > oldest_allowed:
                    slot = ticket.slot = Slot(key, connection, self._generation)
                    shelf.leased.add(slot)
                    self._torn = False
                    return
                self._open -= 1
                self._close(connection, self._effects_of(ticket))
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
                connection.idle_since = now
                shelf.idle.append(connection)
                self._idle[connection] = None
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

    def expire(self, now: float) -> Effects | None:
        """Let go of connections that were idle for too long, and of orphans."""
        with self._guard:
            effects = Effects()
            self._tidy(effects)
            self._torn = True
            while self._has_expired(now):
                self._drop_oldest(effects)
            self._serve_total(effects)
            self._torn = False
            return effects or None

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
                self._drop_oldest(effects)
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

    def closed(self, connection: Connection) -> None:
        """Let go of a connection whose stream was closed by the owner of its slot."""
        self._connections.discard(connection)

    # Parts of the steps. The guard is held in all of them.

    @staticmethod
    def _effects_of(ticket: Ticket) -> Effects:
        if ticket.effects is None:
            ticket.effects = Effects()
        return ticket.effects

    def _sweep(self, now: float, ticket: Ticket) -> None:
        """Close what was idle for too long, whoever it was for, and note when to look again."""
        self._torn = True
        while self._has_expired(now):
            self._drop_oldest(self._effects_of(ticket))
        first = next(iter(self._idle), None)
        begun = now if first is None else first.idle_since
        self._sweep_at = begun + self.limits.idle_seconds_max
        self._torn = False

    def _has_expired(self, now: float) -> bool:
        """Say whether some connection was idle for too long."""
        first = next(iter(self._idle), None)
        return first is not None and first.idle_since <= now - self.limits.idle_seconds_max

    def _evict(self, ticket: Ticket) -> bool:
        """Make room under the total by closing what was idle for longest."""
        if not self._idle:
            return False
        self._drop_oldest(self._effects_of(ticket))
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
                self._end(slot, effects)
        for _ in orphans:  # Last, so that one that is interrupted is buried by the next step.
            self._orphans.popleft()
