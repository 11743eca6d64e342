"""The ledger of a pool: which connections there are, who holds them and who waits for one.

Each fact has one place that decides it, and the others can be made anew from that:

*   A slot is leased while its shelf has it among the leased ones and it says itself that it is
    held.
*   A connection is idle while both the order of all idle connections and its own shelf have it,
    and no leased slot does.
*   A ticket waits while its shelf has it and no slot was granted to it. A ticket that is granted
    has its slot first, and leaves the queues last.

An exception may come between any two lines of a step, from a signal handler. ``mend`` reads those
facts, counts anew, and lets go of connections that are neither leased nor idle.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import TYPE_CHECKING, Final

from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.pickling import NamedState
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

from .departures import Gone
from .ticket import Slot

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects

    from .connection import Connection
    from .pool_key import PoolKey
    from .ticket import Ticket


@record(frozen=True, kw_only=True)
class PoolLimits(Value, NamedState):
    """The limits of a pool: how many connections it keeps.

    Attributes:
        connections_max: Connections in all, leased and idle.
        connections_per_key_max: Of these, under one key: one origin, route and TLS setting.
        idle_max: Idle connections that are kept, the ones used last.
        idle_per_key_max: Of these, under one key; None for any number.
        idle_seconds_max: How long an idle connection is kept, or less, if the server says so in
            Keep-Alive. Servers close theirs after 5 s (Node, uvicorn) to 75 s (nginx); one that
            the server has closed meanwhile is found out before it is used.
    """

    connections_max: int = 100
    connections_per_key_max: int = 100
    idle_max: int = 100
    idle_seconds_max: float = 30.0
    idle_per_key_max: int | None = None

    def __post_init__(self) -> None:
        for name in ("connections_max", "connections_per_key_max"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)!r}")


class PoolCounts(NamedTuple):
    """The counts of a pool at one moment.

    Attributes:
        leased: Slots in use, whose connections may be in the making.
        idle: Connections that wait for a request.
        waiting: Requests that wait for a slot.
    """

    leased: int
    idle: int
    waiting: int


class Shelf:
    """The connections under one key: slots that are leased, idle connections, who waits."""

    __slots__ = ("idle", "leased", "waiting")

    def __init__(self) -> None:
        self.leased: set[Slot] = set()
        self.idle: deque[Connection] = deque()  # The one used last is at the right.
        self.waiting: OrderedDict[Ticket, None] = OrderedDict()

    @property
    def open(self) -> int:
        """Slots leased and connections idle."""
        return len(self.leased) + len(self.idle)


class Ledger:
    """The facts that a pool keeps; a step of the pool makes several changes to them.

    Args:
        limits: How many connections there may be.

    Attributes:
        limits: As given.
        gone: How many connections were let go of, by the reason. Not to be changed.
    """

    def __init__(self, limits: PoolLimits) -> None:
        self.limits: Final = limits
        self.gone: Counter[Gone] = Counter()
        self._shelves: dict[PoolKey, Shelf] = {}
        self._idle: OrderedDict[Connection, None] = OrderedDict()  # Idle for longest comes first.
        self._waiting: OrderedDict[Ticket, None] = OrderedDict()  # Those kept out by the total.
        self._open = 0
        self._sweep_at = 0.0  # No connection has been idle for too long before then.
        self._generation: int = 0  # The life of the pool; ``close`` begins another.
        # All that are open, so that none is garbage before it was closed: what an unread response
        # leads to is collected with it, the socket included, unless somebody else holds it.
        self._connections: set[Connection] = set()

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

    @property
    def counts(self) -> PoolCounts:
        """All of these counts. Steps of other threads may come in between."""
        return PoolCounts(self._open - len(self._idle), len(self._idle), self.waiting_count)

    # Letting go.

    def _close(self, connection: Connection, effects: Effects, why: Gone) -> None:
        effects.closes.append(connection.stream)
        self._connections.discard(connection)
        self.gone[why] += 1

    def _drop_oldest(self, effects: Effects, why: Gone) -> None:
        """Close what was idle for longest; it is the first of its own shelf as well."""
        self._drop(next(iter(self._idle)), effects, why)

    def _drop(self, connection: Connection, effects: Effects, why: Gone) -> None:
        """Close an idle connection. Mostly it is the first of its shelf: the others are newer."""
        del self._idle[connection]
        shelf = self._shelves[connection.key]
        shelf.idle.remove(connection)
        self._open -= 1
        self._close(connection, effects, why)
        self._forget(connection.key, shelf)

    def _end(self, slot: Slot, effects: Effects, why: Gone = Gone.USED_UP) -> None:
        """Close the connection of a slot that was leased, and serve who waits."""
        slot.held = False
        shelf = self._shelves.get(slot.key)
        if shelf is None or slot not in shelf.leased:
            return  # The step that granted it was cut short, and has been mended.
        shelf.leased.discard(slot)
        self._open -= 1
        if slot.connection is not None:
            self._close(slot.connection, effects, why)
        self._serve(shelf, effects)
        self._forget(slot.key, shelf)

    def _leave(self, ticket: Ticket) -> None:
        """Give up the place of a ticket that was not granted, if it has one."""
        self._waiting.pop(ticket, None)
        shelf = self._shelves.get(ticket.key)
        if shelf is not None:
            shelf.waiting.pop(ticket, None)
            self._forget(ticket.key, shelf)

    def _forget(self, key: PoolKey, shelf: Shelf) -> None:
        """Drop a shelf that nothing is left of, so that keys do not pile up."""
        if not shelf.leased and not shelf.idle and not shelf.waiting:
            self._shelves.pop(key, None)

    # Granting.

    def _grant(self, ticket: Ticket, shelf: Shelf, connection: Connection | None = None) -> None:
        slot = ticket.slot = Slot(ticket.key, connection, self._generation)
        shelf.leased.add(slot)

    def _grant_new(self, ticket: Ticket, shelf: Shelf) -> None:
        self._grant(ticket, shelf)
        self._open += 1

    def _served(self, ticket: Ticket, shelf: Shelf, effects: Effects) -> None:
        """Take a ticket that was granted out of the queues, and have it woken."""
        effects.wakes.append(ticket)
        self._waiting.pop(ticket, None)
        shelf.waiting.pop(ticket, None)

    def _note_time(self, connection: Connection, now: float) -> None:
        """Note until when a connection may be idle, and that the pool is to be looked at then."""
        seconds, said = self.limits.idle_seconds_max, connection.idle_seconds_max
        if said is not None and said < seconds:
            seconds = said
        until = connection.idle_until = now + seconds
        self._sweep_at = min(self._sweep_at, until)

    def _keep(self, shelf: Shelf, connection: Connection, now: float) -> None:
        self._note_time(connection, now)
        shelf.idle.append(connection)
        self._idle[connection] = None

    def _give_back(
        self, slot: Slot, shelf: Shelf, connection: Connection, now: float, effects: Effects
    ) -> None:
        """Hand a connection that may be used again to who waits for it, or keep it."""
        if slot.generation != self._generation:
            self._end(slot, effects, Gone.CLOSED)
            return
        if shelf.waiting:
            ticket = next(iter(shelf.waiting))
            slot.held = False
            shelf.leased.discard(slot)
            if ticket.fresh:  # It takes the place, but not the connection.
                self._grant(ticket, shelf)
                self._close(connection, effects, Gone.REPLACED)
            else:
                self._grant(ticket, shelf, connection)
            self._served(ticket, shelf, effects)
            return
        limits = self.limits
        per_key = limits.idle_per_key_max
        full = per_key is not None and len(shelf.idle) >= per_key
        if self._waiting or limits.idle_max < 1 or full:
            self._end(slot, effects, Gone.EVICTED if self._waiting else Gone.FULL)
            return
        if len(self._idle) >= self.limits.idle_max:
            self._drop_oldest(effects, Gone.FULL)
        slot.held = False
        shelf.leased.discard(slot)
        self._keep(shelf, connection, now)

    def _serve(self, shelf: Shelf, effects: Effects) -> None:
        """Grant one more connection, for which there is room: under this key, else under any."""
        if shelf.waiting:
            ticket = next(iter(shelf.waiting))
            self._grant_new(ticket, shelf)
            self._served(ticket, shelf, effects)
            return
        self._serve_total(effects)

    def _serve_total(self, effects: Effects) -> None:
        while self._waiting and self._open < self.limits.connections_max:
            ticket = next(iter(self._waiting))
            shelf = self._shelves[ticket.key]
            if shelf.open < self.limits.connections_per_key_max:
                self._grant_new(ticket, shelf)
                self._served(ticket, shelf, effects)
            else:  # Its own key is full by now, and serves it when there is room.
                del self._waiting[ticket]

    # Mending.

    def _mend(self, effects: Effects) -> None:
        """Set all of it right after a step that an exception has cut short.

        Costs as much as there are connections and tickets. It may be cut short itself, and is
        done again then.
        """
        shelves = self._shelves
        for shelf in shelves.values():
            self._mend_claims(shelf, effects)
        in_use = {slot.connection for shelf in shelves.values() for slot in shelf.leased}
        shelved = {connection for shelf in shelves.values() for connection in shelf.idle}
        idle = [each for each in self._idle if each in shelved and each not in in_use]
        for connection in (self._connections | shelved).difference(in_use, idle):
            self._close(connection, effects, Gone.MENDED)
        self._idle = OrderedDict.fromkeys(idle)
        for shelf in shelves.values():
            shelf.idle.clear()
        for connection in idle:
            shelves[connection.key].idle.append(connection)
        self._open = sum(shelf.open for shelf in shelves.values())
        for shelf in shelves.values():
            self._waiting |= shelf.waiting
        self._serve_total(effects)
        for key, shelf in list(shelves.items()):
            self._forget(key, shelf)

    def _mend_claims(self, shelf: Shelf, effects: Effects) -> None:
        """Set right what is leased under a key, and who waits."""
        for ticket in list(shelf.waiting):
            slot = ticket.slot
            if slot is not None:
                shelf.leased.add(slot)  # Before it leaves the queue, as it was granted.
                self._served(ticket, shelf, effects)
            elif ticket.cancelled:
                self._waiting.pop(ticket, None)
                del shelf.waiting[ticket]
        for slot in [each for each in shelf.leased if not each.held]:
            shelf.leased.discard(slot)
