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

A response that nobody reads and nobody closes is found by the garbage collector, whose finalizers
run at any time, inside anybody's locks. All that they may do is ``orphan`` the slot, which puts it
on a queue that the next step takes care of.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.effects import Effects
from sojourn_core.values.pickling import NamedState

from .ticket import Slot, Ticket

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from .connection import Connection
    from .pool_key import PoolKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits(NamedState):
    """The limits of a pool: how many connections it keeps.

    Attributes:
        connections_max: Connections in all, leased and idle.
        connections_per_key_max: Of these, under one key: one origin, route and TLS setting.
        idle_max: Idle connections that are kept, the ones used last.
        idle_seconds_max: How long an idle connection is kept. Servers close theirs after 5 s
            (Node, uvicorn) to 75 s (nginx); one that the server has closed meanwhile is found out
            before it is used.
    """

    connections_max: int = 100
    connections_per_key_max: int = 100
    idle_max: int = 100
    idle_seconds_max: float = 30.0

    def __post_init__(self) -> None:
        for name in ("connections_max", "connections_per_key_max"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)!r}")


class _Shelf:
    """The connections under one key: how many there are, those that are idle, who waits."""

    __slots__ = ("idle", "open", "waiting")

    def __init__(self) -> None:
        self.open = 0
        self.idle: deque[Connection] = deque()  # The one used last is at the right.
        self.waiting: OrderedDict[Ticket, None] = OrderedDict()


class Pool:
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
        self.limits: Final = PoolLimits() if limits is None else limits
        self._guard: AbstractContextManager[Any] = nullcontext() if guard is None else guard
        self._shelves: dict[PoolKey, _Shelf] = {}
        self._idle: OrderedDict[Connection, None] = OrderedDict()  # Idle for longest comes first.
        self._waiting: OrderedDict[Ticket, None] = OrderedDict()  # Those kept out by the total.
        self._open = 0
        self._generation = 0
        # All that are open, so that none is garbage before it was closed: what an unread response
        # leads to is collected with it, the socket included, unless somebody else holds it.
        self._connections: set[Connection] = set()
        self._orphans: deque[Slot | Ticket] = deque()

    # Counts, for tests and for whoever is curious.

    @property
    def open_count(self) -> int:
        """Slots leased and connections idle."""
        return self._open

    @property
    def idle_count(self) -> int:
        """Idle connections."""
        return len(self._idle)

    @property
    def waiting_count(self) -> int:
        """Tickets that wait, under all keys."""
        return sum(len(shelf.waiting) for shelf in self._shelves.values())

    # Steps.

    def request(self, key: PoolKey, now: float, *, fresh: bool = False) -> Ticket:
        """Ask for a slot; the ticket says whether it was granted at once."""
        ticket = Ticket(key, fresh)
        with self._guard:
            if self._orphans:
                self._bury(self._effects_of(ticket))
            shelf = self._shelves.get(key)
            if shelf is None:
                shelf = self._shelves[key] = _Shelf()
            oldest_allowed = now - self.limits.idle_seconds_max
            while shelf.idle:
                connection = shelf.idle.pop()
                del self._idle[connection]
                if not fresh and connection.idle_since > oldest_allowed:
                    ticket.slot = Slot(key, connection, self._generation)
                    return ticket
                self._drop(shelf, connection, self._effects_of(ticket))
            if shelf.open >= self.limits.connections_per_key_max:
                shelf.waiting[ticket] = None
            elif self._open < self.limits.connections_max or self._evict(ticket):
                self._grant_new(ticket, shelf)
            else:
                shelf.waiting[ticket] = None
                self._waiting[ticket] = None
        return ticket

    def release(self, slot: Slot, now: float) -> Effects | None:
        """Give back a slot whose connection may be used again."""
        with self._guard:
            if not slot.held:
                return None
            slot.held = False
            connection = slot.connection
            assert connection is not None, "a slot without a connection is discarded"
            shelf = self._shelves[slot.key]
            if (
                slot.generation == self._generation
                and not shelf.waiting
                and not self._waiting
                and len(self._idle) < self.limits.idle_max
                and not self._orphans
            ):
                connection.idle_since = now
                shelf.idle.append(connection)
                self._idle[connection] = None
                return None
            effects = Effects()
            self._bury(effects)
            self._give_back(slot, shelf, connection, now, effects)
            return effects

    def discard(self, slot: Slot, now: float) -> Effects | None:
        """Give back a slot whose connection is of no more use; its stream is to be closed."""
        with self._guard:
            if not slot.held:
                return None
            slot.held = False
            effects = Effects()
            self._bury(effects)
            self._bury_one(slot, effects)
            return effects

    def cancel(self, ticket: Ticket, now: float) -> Effects | None:
        """Give up a ticket, granted or not. A granted slot goes to whoever is next."""
        with self._guard:
            ticket.cancelled = True
            slot = ticket.slot
            if slot is None:
                self._leave(ticket)
                return None
        if slot.connection is None:
            return self.discard(slot, now)
        return self.release(slot, now)

    def expire(self, now: float) -> Effects | None:
        """Let go of connections that were idle for too long, and of orphans."""
        with self._guard:
            effects = Effects()
            self._bury(effects)
            oldest_allowed = now - self.limits.idle_seconds_max
            while self._idle:
                connection = next(iter(self._idle))
                if connection.idle_since > oldest_allowed:
                    break
                self._drop_oldest(effects)
            self._serve_total(effects)
            return effects or None

    def close(self) -> Effects | None:
        """Let go of all idle connections. Those in use are closed when their exchange has ended.

        The pool can be used afterwards, as a Requests session can.
        """
        with self._guard:
            effects = Effects()
            self._generation += 1
            self._bury(effects)
            while self._idle:
                self._drop_oldest(effects)
            self._serve_total(effects)
            return effects or None

    def orphan(self, held: Slot | Ticket) -> None:
        """Leave what nobody holds any more to the next step.

        Takes no lock: it is called by finalizers.
        """
        self._orphans.append(held)

    def opened(self, connection: Connection) -> None:
        """Hold on to the connection that a slot has got, until its stream is closed."""
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """Let go of a connection whose stream was closed by the owner of its slot."""
        self._connections.discard(connection)

    # Parts of the steps. The guard is held in all of them.

    def _close(self, connection: Connection, effects: Effects) -> None:
        self._connections.discard(connection)
        effects.closes.append(connection.stream)

    @staticmethod
    def _effects_of(ticket: Ticket) -> Effects:
        if ticket.effects is None:
            ticket.effects = Effects()
        return ticket.effects

    def _grant_new(self, ticket: Ticket, shelf: _Shelf) -> None:
        shelf.open += 1
        self._open += 1
        ticket.slot = Slot(ticket.key, None, self._generation)

    def _leave(self, ticket: Ticket) -> None:
        """Give up the place of a ticket that was not granted, if it has one."""
        self._waiting.pop(ticket, None)
        shelf = self._shelves.get(ticket.key)
        if shelf is not None:
            shelf.waiting.pop(ticket, None)
            self._forget(ticket.key, shelf)

    def _drop(self, shelf: _Shelf, connection: Connection, effects: Effects) -> None:
        """Close an idle connection that is off its shelf already."""
        shelf.open -= 1
        self._open -= 1
        self._close(connection, effects)

    def _drop_oldest(self, effects: Effects) -> None:
        connection, _ = self._idle.popitem(last=False)
        shelf = self._shelves[connection.key]
        # The connection that was idle for longest is the first of its own shelf as well.
        dropped = shelf.idle.popleft()
        assert dropped is connection
        self._drop(shelf, connection, effects)
        self._forget(connection.key, shelf)

    def _forget(self, key: PoolKey, shelf: _Shelf) -> None:
        """Drop a shelf that nothing is left of, so that keys do not pile up."""
        if not shelf.open and not shelf.waiting:
            self._shelves.pop(key, None)

    def _evict(self, ticket: Ticket) -> bool:
        """Make room under the total by closing what was idle for longest."""
        if not self._idle:
            return False
        self._drop_oldest(self._effects_of(ticket))
        return True

    def _bury(self, effects: Effects) -> None:
        if not self._orphans:
            return
        orphans = [self._orphans.popleft() for _ in range(len(self._orphans))]
        for held in orphans:  # First of all, so that none of them is granted what is left.
            if isinstance(held, Ticket) and held.slot is None:
                self._leave(held)
        for held in orphans:
            slot = held.slot if isinstance(held, Ticket) else held
            if slot is not None and slot.held:
                slot.held = False
                self._bury_one(slot, effects)

    def _bury_one(self, slot: Slot, effects: Effects) -> None:
        shelf = self._shelves[slot.key]
        if slot.connection is not None:
            self._close(slot.connection, effects)
        shelf.open -= 1
        self._open -= 1
        self._serve(shelf, effects)
        self._forget(slot.key, shelf)

    def _give_back(
        self, slot: Slot, shelf: _Shelf, connection: Connection, now: float, effects: Effects
    ) -> None:
        if slot.generation != self._generation:
            self._bury_one(slot, effects)
            return
        if shelf.waiting:
            ticket, _ = shelf.waiting.popitem(last=False)
            self._waiting.pop(ticket, None)
            if ticket.fresh:  # It takes the place, but not the connection.
                self._close(connection, effects)
                ticket.slot = Slot(slot.key, None, self._generation)
            else:
                ticket.slot = Slot(slot.key, connection, self._generation)
            effects.wakes.append(ticket)
            return
        if self._waiting or self.limits.idle_max < 1:
            self._bury_one(slot, effects)
            return
        if len(self._idle) >= self.limits.idle_max:
            self._drop_oldest(effects)
        connection.idle_since = now
        shelf.idle.append(connection)
        self._idle[connection] = None

    def _serve(self, shelf: _Shelf, effects: Effects) -> None:
        """Grant one more connection, for which there is room: under this key, else under any."""
        if shelf.waiting:
            ticket, _ = shelf.waiting.popitem(last=False)
            self._waiting.pop(ticket, None)
            self._grant_new(ticket, shelf)
            effects.wakes.append(ticket)
            return
        self._serve_total(effects)

    def _serve_total(self, effects: Effects) -> None:
        while self._waiting and self._open < self.limits.connections_max:
            ticket, _ = self._waiting.popitem(last=False)
            shelf = self._shelves[ticket.key]
            if shelf.open >= self.limits.connections_per_key_max:
                continue  # Its own key is full by now, and serves it when there is room.
            shelf.waiting.pop(ticket, None)
            self._grant_new(ticket, shelf)
            effects.wakes.append(ticket)
