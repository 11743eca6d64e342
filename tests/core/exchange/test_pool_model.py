"""The pool against a naive reference: any interleaving of steps keeps its invariants."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sojourn_core import Effects, Pool, PoolKey, PoolLimits, Slot, Ticket, parse_url
from sojourn_core.exchange.connection import Connection

KEYS = [PoolKey(parse_url(f"http://{name}.test/").origin) for name in "abc"]


class Ledger(RuleBasedStateMachine):
    """What is known from outside alone: tickets that wait, slots that are held, open streams.

    The reference is a list of all of them, looked through from end to end at each step.
    """

    @initialize(
        total=st.integers(1, 4),
        per_key=st.integers(1, 3),
        idle=st.integers(0, 3),
        idle_per_key=st.none() | st.integers(0, 2),
    )
    def begin(self, total: int, per_key: int, idle: int, idle_per_key: int | None) -> None:
        self.limits = PoolLimits(
            connections_max=total,
            connections_per_key_max=per_key,
            idle_max=idle,
            idle_seconds_max=10.0,
            idle_per_key_max=idle_per_key,
        )
        self.pool = Pool(self.limits)
        self.now = 0.0
        self.streams = 0
        self.waiting: list[Ticket] = []
        self.leased: list[Slot] = []
        self.orphans: list[Any] = []
        self.tickets: list[Ticket] = []
        self.doomed: set[str] = set()  # Streams that were in use when the pool was closed.
        self.open: set[str] = set()  # Streams that were connected and not closed.

    # What a driver does about a step's effects, and what it must be able to rely on.

    def granted(self, ticket: Ticket) -> None:
        slot = ticket.slot
        assert slot is not None
        assert slot.held
        assert slot.key == ticket.key
        assert all(slot is not other for other in self.leased), "a slot has one owner"
        if slot.connection is None:
            self.streams += 1
            slot.connection = Connection(slot.key, f"stream {self.streams}")
            self.open.add(slot.connection.stream)
        else:
            assert not ticket.fresh, "a fresh ticket gets a connection of its own"
            assert slot.connection.stream in self.open, "no closed stream is handed out"
            assert slot.connection.stream not in self.doomed
            mine = [other for other in self.leased if other.connection is slot.connection]
            assert not mine, "a connection has one owner"
        self.leased.append(slot)

    def carry_out(self, effects: Effects | None) -> None:
        if effects is None:
            return
        for stream in effects.closes:
            self.open.remove(stream)  # It is closed once.
        for ticket in effects.wakes:
            assert ticket in self.waiting
            keys = [other for other in self.waiting if other.key == ticket.key]
            assert keys[0] is ticket, "those of one key are served in their order"
            self.waiting.remove(ticket)
            self.granted(ticket)

    def carry_out_one(self, effects: Effects | None) -> None:
        """Of a step that may have found nothing to do, and then has not looked at the orphans."""
        if effects is not None:
            self.bury()
            self.carry_out(effects)

    def bury(self) -> None:
        """Any step but ``orphan`` looks after the orphans."""
        for held in self.orphans:
            if isinstance(held, Ticket):
                self.waiting = [other for other in self.waiting if other is not held]
                slot = held.slot
            else:
                slot = held
            self.leased = [other for other in self.leased if other is not slot]
        self.orphans.clear()

    # The steps.

    @rule(key=st.sampled_from(KEYS), fresh=st.sampled_from([False, False, False, True]))
    def request(self, key: PoolKey, fresh: bool) -> None:
        ticket = self.pool.request(key, self.now, fresh=fresh)
        self.bury()
        # Who was granted a slot while it was asked for comes before who asked.
        effects, ticket.effects = ticket.effects, None  # Who carries them out takes them.
        self.carry_out(effects)
        self.tickets.append(ticket)
        if ticket.slot is None:
            self.waiting.append(ticket)
        else:
            self.granted(ticket)

    @precondition(lambda self: self.leased)
    @rule(index=st.integers(0, 9))
    def release(self, index: int) -> None:
        slot = self.leased.pop(index % len(self.leased))
        self.carry_out_one(self.pool.release(slot, self.now))
        assert self.pool.release(slot, self.now) is None, "it is given back once"

    @precondition(lambda self: self.leased)
    @rule(index=st.integers(0, 9), seconds=st.sampled_from([None, 0.5, 3.0, 60.0]))
    def hint(self, index: int, seconds: float | None) -> None:
        """The server says how long it keeps the connection."""
        connection = self.leased[index % len(self.leased)].connection
        assert connection is not None
        connection.idle_seconds_max = seconds

    @precondition(lambda self: self.leased)
    @rule(index=st.integers(0, 9))
    def discard(self, index: int) -> None:
        slot = self.leased.pop(index % len(self.leased))
        self.carry_out_one(self.pool.discard(slot, self.now))
        assert self.pool.discard(slot, self.now) is None, "it is given back once"

    @precondition(lambda self: self.tickets)
    @rule(index=st.integers(0, 30))
    def cancel(self, index: int) -> None:
        """Any ticket: one that waits, one that was granted, one that was cancelled before."""
        ticket = self.tickets[index % len(self.tickets)]
        effects = self.pool.cancel(ticket, self.now)
        self.waiting = [other for other in self.waiting if other is not ticket]
        self.leased = [other for other in self.leased if other is not ticket.slot]
        self.carry_out_one(effects)

    @precondition(lambda self: self.tickets)
    @rule(index=st.integers(0, 30), whole=st.booleans())
    def orphan(self, index: int, whole: bool) -> None:
        ticket = self.tickets[index % len(self.tickets)]
        held = ticket if whole or ticket.slot is None else ticket.slot
        self.pool.orphan(held)
        self.orphans.append(held)

    @rule(ended=st.none() | st.integers(1, 3))
    def expire(self, ended: int | None) -> None:
        def is_quiet(stream: str) -> bool:
            return not ended or int(stream.removeprefix("stream ")) % ended > 0

        effects = self.pool.expire(self.now, None if ended is None else is_quiet)
        self.bury()
        self.carry_out(effects)
        for connection in self.pool._idle:
            assert self.now < connection.idle_until <= self.now + 10.0
            assert ended is None or is_quiet(connection.stream)
            assert self.pool.look_at(self.now) <= max(connection.idle_until, self.now + 0.05)

    @rule()
    def close(self) -> None:
        effects = self.pool.close()
        self.bury()
        self.carry_out(effects)
        assert self.pool.idle_count == 0
        self.doomed |= self.open

    @rule(seconds=st.sampled_from([1.0, 5.0, 11.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # What holds after each of them.

    @invariant()
    def all_is_counted(self) -> None:
        if not hasattr(self, "pool"):
            return
        assert self.pool.open_count == len(self.leased) + self.pool.idle_count
        assert self.pool.open_count == len(self.open), "no stream is forgotten"
        assert self.pool.waiting_count == len(self.waiting)

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        if not hasattr(self, "pool"):
            return
        assert self.pool.open_count <= self.limits.connections_max
        assert self.pool.idle_count <= self.limits.idle_max
        for key in KEYS:
            leased = sum(slot.key == key for slot in self.leased)
            assert leased <= self.limits.connections_per_key_max

    @invariant()
    def nobody_waits_while_there_is_room(self) -> None:
        if not hasattr(self, "pool"):
            return
        for ticket in self.waiting:
            leased = sum(slot.key == ticket.key for slot in self.leased)
            full = len(self.leased) >= self.limits.connections_max
            assert full or leased >= self.limits.connections_per_key_max

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        for ticket in list(self.waiting):
            self.cancel(self.tickets.index(ticket))
        while self.leased:
            self.discard(0)
        self.close()
        assert self.pool.open_count == 0
        assert not self.open
        assert not self.pool._shelves
        assert not self.pool._waiting


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=150, stateful_step_count=50)
