"""The ledger of connections: who gets which, who waits, and what is closed."""

from __future__ import annotations

import gc
import weakref
from functools import partial
from math import inf

import pytest

from sojourn_core import Effects, Pool, PoolKey, PoolLimits, Slot, Ticket, parse_url
from sojourn_core.exchange.connection import Connection
from sojourn_core.exchange.departures import Gone
from sojourn_core.exchange.pool import LOOK_SECONDS_MAX, LOOK_SECONDS_MIN

A = PoolKey(parse_url("http://a.test/").origin)
B = PoolKey(parse_url("http://b.test/").origin)
C = PoolKey(parse_url("http://c.test/").origin)


def pool_with(**limits: float) -> Pool:
    return Pool(PoolLimits(**limits))  # type: ignore[arg-type]  # limits of two types, by name


def slot_of(ticket: Ticket, stream: str | None = None) -> Slot:
    """The slot that was granted, with a connection made if it has none."""
    slot = ticket.slot
    assert slot is not None
    if stream is not None:
        assert slot.connection is None
        slot.connection = Connection(slot.key, stream)
    return slot


def lease(pool: Pool, key: PoolKey, stream: str, now: float = 0.0) -> Slot:
    return slot_of(pool.request(key, now), stream)


def leave_idle(pool: Pool, key: PoolKey, *streams: str, now: float = 0.0) -> None:
    """Connections that were made and given back, in this order."""
    for slot in [lease(pool, key, stream, now) for stream in streams]:
        assert not pool.release(slot, now)


def said(effects: Effects | None) -> tuple[list[str], list[Ticket]]:
    return ([], []) if effects is None else (effects.closes, effects.wakes)


def counts(pool: Pool) -> tuple[int, int, int]:
    return pool.open_count, pool.idle_count, pool.waiting_count


@pytest.mark.parametrize("name", ["connections_max", "connections_per_key_max"])
@pytest.mark.parametrize("value", [0, -1])
def test_limits_that_would_let_nobody_through(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be at least 1, not {value}$"):
        PoolLimits(**{name: value})


# --- idle for too long, and gone ---


def idle_for(pool: Pool, key: PoolKey, stream: str, seconds: float | None, now: float) -> None:
    """A connection of a server that has said how long it keeps one."""
    slot = lease(pool, key, stream, now)
    assert slot.connection is not None
    slot.connection.idle_seconds_max = seconds
    assert not pool.release(slot, now)


def test_what_the_server_says_shortens_the_time_and_never_lengthens_it() -> None:
    pool = pool_with(idle_seconds_max=30.0)
    idle_for(pool, A, "long", 60.0, 0.0)
    idle_for(pool, B, "short", 4.0, 0.0)
    idle_for(pool, C, "silent", None, 0.0)
    assert pool.expire(3.9) is None
    assert said(pool.expire(4.0)) == (["short"], [])
    assert pool.expire(29.9) is None
    assert said(pool.expire(30.0)) == (["long", "silent"], [])


def test_connections_of_one_origin_whose_times_differ() -> None:
    pool = pool_with(idle_seconds_max=30.0)
    first, second = lease(pool, A, "first"), lease(pool, A, "second")
    assert second.connection is not None
    second.connection.idle_seconds_max = 4.0
    pool.release(first, 0.0)
    pool.release(second, 0.0)
    assert said(pool.expire(5.0)) == (["second"], [])
    assert slot_of(pool.request(A, 5.0)).connection is first.connection


def test_who_asks_for_another_host_has_them_closed_when_it_is_time() -> None:
    pool = pool_with(idle_seconds_max=30.0)
    idle_for(pool, A, "short", 4.0, 0.0)
    assert pool.request(B, 3.9).effects is None
    assert said(pool.request(B, 4.0).effects) == (["short"], [])


def test_when_somebody_should_look() -> None:
    pool = pool_with(idle_seconds_max=30.0)
    assert pool.look_at(0.0) == inf, "none is open"
    slot = lease(pool, A, "one")
    assert pool.look_at(0.0) == LOOK_SECONDS_MAX, "it may be idle soon"
    pool.release(slot, 0.0)
    assert pool.look_at(0.0) == LOOK_SECONDS_MAX, "the peer may have ended it"
    assert pool.look_at(29.5) == 30.0
    assert pool.look_at(30.0) == 30.0 + LOOK_SECONDS_MIN
    idle_for(pool, B, "short", 1.0, 0.0)
    assert pool.look_at(0.0) == 1.0
    pool.expire(30.0)
    assert pool.look_at(30.0) == inf


def test_a_driver_is_told_of_the_first_idle_connection_once() -> None:
    told: list[int] = []
    pool = Pool()
    pool.on_idle = lambda: told.append(pool.idle_count)
    leave_idle(pool, A, "one", "two")
    assert told == [1]
    pool.expire(31.0)
    leave_idle(pool, A, "three", now=31.0)
    assert told == [1], "it is looked at again in any case"
    pool.expire(62.0)
    assert pool.look_at(62.0) == inf
    leave_idle(pool, A, "four", now=62.0)
    assert told == [1, 1]
    pool.close()
    leave_idle(pool, A, "five", now=63.0)
    assert told == [1, 1, 1]


def test_one_request_after_another_tells_a_driver_once() -> None:
    told: list[int] = []
    pool = Pool()
    pool.on_idle = lambda: told.append(pool.idle_count)
    leave_idle(pool, A, "one")
    for now in range(5):
        slot = pool.request(A, now).slot
        assert slot is not None
        assert pool.look_at(now) < inf, "whoever looks finds it in use"
        pool.release(slot, now)
    assert told == [1]


def test_a_driver_that_was_interrupted_is_told_again() -> None:
    pool = Pool()
    told: list[None] = []

    def on_idle() -> None:
        told.append(None)
        if len(told) == 1:
            raise KeyboardInterrupt

    pool.on_idle = on_idle
    slot = lease(pool, A, "one")
    with pytest.raises(KeyboardInterrupt):
        pool.release(slot, 0.0)
    assert counts(pool) == (1, 1, 0)
    leave_idle(pool, B, "two")
    assert len(told) == 2


def test_idle_connections_that_are_not_quiet_are_let_go_of() -> None:
    pool = Pool()
    leave_idle(pool, A, "quiet", "ended")
    lease(pool, B, "in use")
    looked: list[str] = []

    def is_quiet(stream: str) -> bool:
        looked.append(stream)
        return stream == "quiet"

    assert said(pool.expire(0.0, is_quiet)) == (["ended"], [])
    assert looked == ["quiet", "ended"], "nobody looks at what is in use"
    assert counts(pool) == (2, 1, 0)


def test_it_is_counted_why_connections_went() -> None:
    pool = pool_with(connections_max=2, idle_seconds_max=30.0)
    leave_idle(pool, A, "old")
    pool.expire(30.0)
    leave_idle(pool, A, "replaced", now=30.0)
    slot = slot_of(pool.request(A, 30.0, fresh=True), "broken")
    pool.discard(slot, 30.0)
    leave_idle(pool, A, "evicted", "ended", now=30.0)
    slot = lease(pool, B, "dropped", now=30.0)
    pool.expire(30.0, lambda stream: False)
    pool.orphan(slot)
    leave_idle(pool, A, "closed", now=30.0)
    pool.close()
    assert pool.gone == {
        Gone.IDLE_TOO_LONG: 1,
        Gone.REPLACED: 1,
        Gone.USED_UP: 1,
        Gone.EVICTED: 1,
        Gone.ENDED: 1,
        Gone.DROPPED: 1,
        Gone.CLOSED: 1,
    }
    assert all(reason.value for reason in Gone)


# --- reuse ------------------------------------------------------------------------------------


def test_the_connection_that_was_used_last_is_used_first() -> None:
    pool = Pool()
    leave_idle(pool, A, "one", "two", "three")
    # The silenced check: each slot has one here.
    streams = [slot_of(pool.request(A, 1.0)).connection.stream for _ in range(3)]
    assert streams == ["three", "two", "one"]
    assert slot_of(pool.request(A, 1.0)).connection is None


def test_a_connection_is_used_under_its_own_key_only() -> None:
    pool = Pool()
    leave_idle(pool, A, "one")
    assert slot_of(pool.request(B, 1.0)).connection is None
    assert counts(pool) == (2, 1, 0)


def test_a_connection_that_was_idle_for_too_long_is_closed() -> None:
    pool = pool_with(idle_seconds_max=30.0)
    leave_idle(pool, A, "old", now=0.0)
    leave_idle(pool, B, "new", now=10.0)
    ticket = pool.request(A, 30.0)
    assert slot_of(ticket).connection is None
    assert said(ticket.effects) == (["old"], [])
    ticket = pool.request(B, 39.9)
    assert slot_of(ticket).connection is not None
    assert ticket.effects is None


def test_a_fresh_ticket_takes_none_that_is_there() -> None:
    pool = Pool()
    leave_idle(pool, A, "one", "two")
    ticket = pool.request(A, 1.0, fresh=True)
    assert slot_of(ticket).connection is None
    assert said(ticket.effects) == (["two", "one"], [])
    assert counts(pool) == (1, 0, 0)


def test_expiry_closes_what_was_idle_for_longest() -> None:
    pool = pool_with(idle_seconds_max=30.0)
    slots = [lease(pool, A, "one"), lease(pool, B, "two"), lease(pool, A, "three")]
    for now, slot in enumerate(slots):
        pool.release(slot, float(now))
    assert pool.expire(29.0) is None
    assert said(pool.expire(31.0)) == (["one", "two"], [])
    assert said(pool.expire(32.0)) == (["three"], [])
    assert counts(pool) == (0, 0, 0)


def test_only_so_many_idle_connections_are_kept() -> None:
    pool = pool_with(idle_max=2)
    slots = [lease(pool, key, stream) for key, stream in ((A, "1"), (B, "2"), (C, "3"))]
    assert pool.release(slots[0], 0.0) is None
    assert pool.release(slots[1], 1.0) is None
    assert said(pool.release(slots[2], 2.0)) == (["1"], []), "those used last are kept"
    assert counts(pool) == (2, 2, 0)


def test_only_so_many_idle_connections_of_one_key_are_kept() -> None:
    pool = pool_with(idle_per_key_max=1)
    slots = [lease(pool, key, stream) for key, stream in ((A, "1"), (A, "2"), (B, "3"))]
    assert pool.release(slots[0], 0.0) is None
    assert said(pool.release(slots[1], 1.0)) == (["2"], []), "as urllib3 discards it"
    assert pool.release(slots[2], 2.0) is None
    assert counts(pool) == (2, 2, 0)


def test_a_pool_that_keeps_nothing() -> None:
    pool = pool_with(idle_max=0)
    assert said(pool.release(lease(pool, A, "one"), 0.0)) == (["one"], [])
    assert counts(pool) == (0, 0, 0)


# --- limits and waiting -----------------------------------------------------------------------


def test_tickets_are_granted_in_their_order() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    first, second, third = pool.request(A, 0.0), pool.request(A, 0.0), pool.request(A, 0.0)
    assert counts(pool) == (1, 0, 3)
    for ticket in (first, second, third):
        assert said(pool.release(slot, 0.0)) == ([], [ticket])
        slot = slot_of(ticket)
        assert slot.connection is not None
        assert slot.connection.stream == "one"
    assert pool.release(slot, 0.0) is None


def test_a_key_has_a_limit_of_its_own() -> None:
    pool = pool_with(connections_per_key_max=1)
    slot = lease(pool, A, "one")
    waiting = pool.request(A, 0.0)
    assert waiting.slot is None
    assert slot_of(pool.request(B, 0.0)).connection is None
    assert said(pool.discard(slot, 0.0)) == (["one"], [waiting])
    assert slot_of(waiting).connection is None


def test_an_idle_connection_makes_room_for_another_key() -> None:
    pool = pool_with(connections_max=2)
    leave_idle(pool, A, "old")
    leave_idle(pool, B, "new", now=1.0)
    ticket = pool.request(C, 2.0)
    assert slot_of(ticket).connection is None
    assert said(ticket.effects) == (["old"], [])
    assert counts(pool) == (2, 1, 0)


def test_a_connection_given_back_makes_room_for_another_key() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    waiting = pool.request(B, 0.0)
    assert said(pool.release(slot, 0.0)) == (["one"], [waiting])
    assert slot_of(waiting, "two").key is B
    assert counts(pool) == (1, 0, 0)


def test_a_fresh_ticket_that_waited_takes_the_place_but_not_the_connection() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    waiting = pool.request(A, 0.0, fresh=True)
    assert said(pool.release(slot, 0.0)) == (["one"], [waiting])
    assert slot_of(waiting).connection is None
    assert counts(pool) == (1, 0, 0)


def test_a_ticket_whose_key_became_full_meanwhile_waits_for_its_key() -> None:
    pool = pool_with(connections_max=1, connections_per_key_max=1)
    slot = lease(pool, A, "one")
    first, second, third = pool.request(B, 0.0), pool.request(B, 0.0), pool.request(C, 0.0)
    assert said(pool.discard(slot, 0.0)) == (["one"], [first])
    assert said(pool.discard(slot_of(first, "two"), 0.0)) == (["two"], [second])
    assert said(pool.discard(slot_of(second, "three"), 0.0)) == (["three"], [third])


def test_a_total_that_grows_serves_nobody_whose_key_is_full() -> None:
    pool = pool_with(connections_max=2, connections_per_key_max=1)
    slots = [lease(pool, A, "one"), lease(pool, B, "two")]
    waiting = [pool.request(C, 0.0), pool.request(C, 0.0)]
    assert said(pool.discard(slots[0], 0.0)) == (["one"], [waiting[0]])
    assert said(pool.discard(slots[1], 0.0)) == (["two"], [])
    assert counts(pool) == (1, 0, 1)
    assert said(pool.discard(slot_of(waiting[0], "three"), 0.0)) == (["three"], [waiting[1]])


# --- giving back and giving up ----------------------------------------------------------------


def test_a_slot_is_given_back_once() -> None:
    pool = pool_with(connections_max=2)
    slot = lease(pool, A, "one")
    assert pool.release(slot, 0.0) is None
    assert pool.release(slot, 0.0) is None
    assert pool.discard(slot, 0.0) is None
    pool.orphan(slot)
    assert pool.expire(0.0) is None
    assert counts(pool) == (1, 1, 0)


def test_a_slot_whose_connection_was_never_made() -> None:
    pool = Pool()
    assert said(pool.discard(slot_of(pool.request(A, 0.0)), 0.0)) == ([], [])
    assert counts(pool) == (0, 0, 0)


def test_a_ticket_that_is_cancelled_leaves_the_queue() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    first, second = pool.request(B, 0.0), pool.request(A, 0.0)
    assert pool.cancel(first, 0.0) is None
    assert first.cancelled
    assert said(pool.release(slot, 0.0)) == ([], [second])
    assert pool.cancel(first, 0.0) is None
    assert counts(pool) == (1, 0, 0)


def test_a_granted_ticket_that_is_cancelled_grants_its_connection_on() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    first, second = pool.request(A, 0.0), pool.request(A, 0.0)
    pool.release(slot, 0.0)
    assert said(pool.cancel(first, 0.0)) == ([], [second])
    assert slot_of(second).connection is slot.connection
    assert pool.cancel(first, 0.0) is None


def test_a_granted_ticket_that_is_cancelled_grants_its_place_on() -> None:
    pool = pool_with(connections_max=1)
    first, second = pool.request(A, 0.0), pool.request(B, 0.0)
    assert said(pool.cancel(first, 0.0)) == ([], [second])
    assert slot_of(second).connection is None


def test_a_closed_pool_lets_go_of_what_is_idle_and_of_the_rest_when_it_comes_back() -> None:
    pool = pool_with(connections_max=3)
    busy = lease(pool, A, "busy")
    leave_idle(pool, A, "one")
    leave_idle(pool, B, "two")
    assert said(pool.close()) == (["one", "two"], [])
    assert counts(pool) == (1, 0, 0)
    assert said(pool.release(busy, 0.0)) == (["busy"], [])
    assert counts(pool) == (0, 0, 0)
    assert pool.close() is None


def test_a_closed_pool_can_be_used_again() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    waiting = pool.request(A, 0.0)
    assert pool.close() is None
    assert said(pool.release(slot, 0.0)) == (["one"], [waiting])
    assert pool.release(slot_of(waiting, "two"), 0.0) is None
    assert counts(pool) == (1, 1, 0)


@pytest.mark.parametrize("step", ["request", "release", "discard", "expire", "close"])
def test_orphans_are_seen_to_by_the_next_step(step: str) -> None:
    pool = pool_with(connections_max=3)
    forgotten, other = lease(pool, A, "forgotten"), lease(pool, B, "other")
    pool.orphan(forgotten)
    assert counts(pool) == (2, 0, 0)
    match step:
        case "request":
            effects = pool.request(C, 0.0).effects
        case "release":
            effects = pool.release(other, 0.0)
        case "discard":
            effects = pool.discard(other, 0.0)
        case "expire":
            effects = pool.expire(0.0)
        case _:
            effects = pool.close()
    closed, woken = said(effects)
    assert closed == ["forgotten", *(["other"] if step == "discard" else [])]
    assert woken == []
    assert not forgotten.held


def test_an_orphan_makes_room_for_who_waits() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    waiting = pool.request(B, 0.0)
    pool.orphan(slot)
    late = pool.request(C, 0.0)
    assert said(late.effects) == (["one"], [waiting]), "who came first is served first"
    assert late.slot is None


def test_forgotten_tickets_leave_the_queue() -> None:
    pool = pool_with(connections_max=1)
    slot = lease(pool, A, "one")
    forgotten, waiting = pool.request(A, 0.0), pool.request(A, 0.0)
    pool.orphan(forgotten)
    assert said(pool.release(slot, 0.0)) == ([], [waiting])
    pool.orphan(forgotten)
    assert pool.expire(0.0) is None


class Owner:
    """Somebody who has a slot, and may vanish without a word."""


@pytest.mark.parametrize("step", ["request", "watch", "discard", "expire", "close"])
def test_a_slot_whose_owner_is_gone_is_taken_back(step: str) -> None:
    pool = pool_with(connections_max=2)
    forgotten, other = lease(pool, A, "forgotten"), lease(pool, B, "other")
    owner, next_owner = Owner(), Owner()
    pool.watch(forgotten, partial(weakref.ref, owner))
    assert pool.expire(0.0) is None
    assert forgotten.held
    del owner
    match step:
        case "request":
            ticket = pool.request(C, 0.0)
            assert ticket.slot is not None, "there is room for it"
            effects = ticket.effects
        case "watch":
            pool.watch(other, partial(weakref.ref, next_owner))
            assert forgotten.held, "a note, and no step"
            effects = pool.request(C, 0.0).effects
        case "discard":
            effects = pool.discard(other, 0.0)
        case "expire":
            effects = pool.expire(0.0)
        case _:
            effects = pool.close()
    assert "forgotten" in said(effects)[0]
    assert not forgotten.held


def test_an_owner_who_is_gone_makes_room_for_who_came_first() -> None:
    pool = pool_with(connections_max=1)
    slot, owner = lease(pool, A, "one"), Owner()
    pool.watch(slot, partial(weakref.ref, owner))
    waiting = pool.request(B, 0.0)
    del owner
    late = pool.request(C, 0.0)
    assert said(late.effects) == (["one"], [waiting])
    assert (waiting.slot is None, late.slot is None) == (False, True)


@pytest.mark.parametrize("ends", ["release", "discard", "orphan"])
def test_an_owner_who_has_given_back_its_slot_may_go(ends: str) -> None:
    pool = pool_with(connections_max=1)
    for _ in range(3):
        slot, owner = lease_again(pool), Owner()
        pool.watch(slot, partial(weakref.ref, owner))
        if ends == "orphan":
            pool.orphan(slot)
        else:
            getattr(pool, ends)(slot, 0.0)
        del owner
    pool.expire(0.0)
    assert pool.open_count == pool.idle_count
    assert len(pool._leases) == len(pool._leases.gone) == 0


def lease_again(pool: Pool) -> Slot:
    """A slot with a connection, a kept one if there is any."""
    slot = slot_of(pool.request(A, 0.0))
    if slot.connection is None:
        slot.connection = Connection(A, "stream")
    return slot


def test_those_who_are_gone_do_not_pile_up() -> None:
    pool = pool_with(connections_max=1)
    for _ in range(10):
        slot, owner = lease_again(pool), Owner()
        pool.watch(slot, partial(weakref.ref, owner))
        pool.release(slot, 0.0)
        del owner
        assert len(pool._leases) <= 2


def test_an_open_connection_is_held_on_to_until_it_is_closed() -> None:
    """What nobody reads is garbage; its stream must be closed before it is collected."""
    pool = Pool()
    slot = lease(pool, A, "one")
    assert slot.connection is not None
    pool.opened(slot.connection)
    known = weakref.ref(slot.connection)
    slot.connection = None
    gc.collect()
    connection = known()
    assert connection is not None
    pool.closed(connection)
    del connection
    gc.collect()
    assert known() is None


def test_a_connection_that_was_discarded_is_let_go_of() -> None:
    pool = Pool()
    slot = lease(pool, A, "one")
    assert slot.connection is not None
    pool.opened(slot.connection)
    known = weakref.ref(slot.connection)
    pool.discard(slot, 0.0)
    del slot
    gc.collect()
    assert known() is None


def test_nothing_is_kept_of_keys_that_nobody_uses() -> None:
    pool = Pool()
    for number in range(100):
        key = PoolKey(parse_url(f"http://{number}.test/").origin)
        slot = lease(pool, key, "one")
        if number % 2:
            pool.release(slot, 0.0)
        else:
            pool.discard(slot, 0.0)
    pool.close()
    assert pool._shelves == {}


class Guard:
    """A lock that counts, and is not held twice."""

    def __init__(self) -> None:
        self.held = False
        self.count = 0

    def __enter__(self) -> None:
        assert not self.held
        self.held = True
        self.count += 1

    def __exit__(self, *exc: object) -> None:
        self.held = False


def test_each_step_holds_the_guard_once_at_a_time_and_orphaning_does_not() -> None:
    guard = Guard()
    pool = Pool(PoolLimits(connections_max=1), guard)
    first, second = pool.request(A, 0.0), pool.request(A, 0.0)
    pool.cancel(first, 0.0)
    pool.discard(slot_of(second), 0.0)
    pool.release(lease(pool, A, "one"), 0.0)
    pool.expire(0.0)
    pool.close()
    steps = guard.count
    assert not guard.held
    pool.orphan(slot_of(second))
    assert guard.count == steps


def test_what_there_is_can_be_shown() -> None:
    pool = Pool()
    ticket = pool.request(A, 0.0)
    slot = slot_of(ticket, "one")
    assert "http://a.test" in repr(slot.connection)
    assert "held=True" in repr(slot)
    assert repr(slot) in repr(ticket)
    effects = pool.discard(slot, 0.0)
    assert repr(effects) == "Effects(closes=['one'], wakes=[], releases=[])"
    assert effects
    assert not Effects()


# --- what was idle for too long, counts, and forks ----------------------------------------------


def kept(pool: Pool, name: str, now: float) -> None:
    """Leave an idle connection to this host."""
    ticket = pool.request(PoolKey(parse_url(f"http://{name}.test/").origin), now)
    slot = ticket.slot
    assert slot is not None
    slot.connection = Connection(slot.key, name)
    pool.opened(slot.connection)
    assert pool.release(slot, now) is None


def test_asking_for_one_host_closes_what_was_idle_for_too_long_at_others() -> None:
    pool = Pool(PoolLimits(idle_seconds_max=10.0))
    for number, name in enumerate("abc"):
        kept(pool, name, float(number))
    key = PoolKey(parse_url("http://d.test/").origin)
    ticket = pool.request(key, 11.0)
    assert ticket.effects is not None
    assert ticket.effects.closes == ["a", "b"]
    assert pool.counts == (1, 1, 0)
    assert pool.request(key, 11.5).effects is None
    later = pool.request(key, 12.0).effects
    assert later is not None
    assert later.closes == ["c"]


def test_a_connection_that_is_used_again_is_not_closed_with_those_of_its_age() -> None:
    pool = Pool(PoolLimits(idle_seconds_max=10.0))
    kept(pool, "a", 0.0)
    kept(pool, "b", 0.0)
    slot = pool.request(PoolKey(parse_url("http://a.test/").origin), 8.0).slot
    assert slot is not None
    pool.release(slot, 9.0)
    ticket = pool.request(PoolKey(parse_url("http://c.test/").origin), 12.0)
    assert ticket.effects is not None
    assert ticket.effects.closes == ["b"]


def test_counts_tell_who_has_what() -> None:
    pool = Pool(PoolLimits(connections_max=2))
    kept(pool, "a", 0.0)
    assert pool.counts == (0, 1, 0)
    for _ in range(3):
        pool.request(PoolKey(parse_url("http://b.test/").origin), 0.0)
    assert pool.counts == (2, 0, 1)


def test_a_pool_that_begins_anew_knows_nothing_and_takes_nothing_back() -> None:
    pool = Pool(PoolLimits(connections_max=2))
    kept(pool, "a", 0.0)
    slot = pool.request(PoolKey(parse_url("http://b.test/").origin), 0.0).slot
    assert slot is not None
    slot.connection = Connection(slot.key, "b")
    pool.opened(slot.connection)
    assert sorted(pool.begin_anew()) == ["a", "b"]
    assert pool.counts == (0, 0, 0)
    assert pool.release(slot, 1.0) is None
    assert pool.discard(slot, 1.0) is None
    assert pool.counts == (0, 0, 0)
    assert pool.request(PoolKey(parse_url("http://a.test/").origin), 1.0).slot is not None
