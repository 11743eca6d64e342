"""Nothing in a pool grows with the square of the connections, or of who waits for one.

Steps are counted, as ``tests.core.work`` does, and not time.
"""

from __future__ import annotations

from sojourn_core import Pool, PoolKey, PoolLimits, parse_url
from sojourn_core.exchange.connection import Connection
from tests.core.work import assert_linear

KEY = PoolKey(parse_url("http://a.test/").origin)
SIZE = 500


def key_of(number: int) -> PoolKey:
    return PoolKey(parse_url(f"http://{number}.test/").origin)


def test_waiters_are_served_one_after_another() -> None:
    def run(size: int) -> None:
        pool = Pool(PoolLimits(connections_max=1))
        tickets = [pool.request(KEY, 0.0) for _ in range(size)]
        for ticket in tickets:
            slot = ticket.slot
            assert slot is not None
            slot.connection = slot.connection or Connection(KEY, "stream")
            pool.release(slot, 0.0)
        assert (pool.waiting_count, pool.idle_count) == (0, 1)

    assert_linear(run, SIZE)


def test_waiters_for_as_many_origins_are_served_one_after_another() -> None:
    def run(size: int) -> None:
        pool = Pool(PoolLimits(connections_max=1))
        tickets = [pool.request(key_of(number), 0.0) for number in range(size)]
        for ticket in tickets:
            slot = ticket.slot
            assert slot is not None
            slot.connection = Connection(ticket.key, "stream")
            pool.release(slot, 0.0)
        assert (pool.waiting_count, pool.open_count) == (0, 1)

    assert_linear(run, SIZE)


def test_waiters_leave_from_wherever_they_stand() -> None:
    def run(size: int) -> None:
        pool = Pool(PoolLimits(connections_max=1))
        pool.request(KEY, 0.0)
        waiting = [pool.request(KEY, 0.0) for _ in range(size)]
        for ticket in [*waiting[1::2], *reversed(waiting[::2])]:
            pool.cancel(ticket, 0.0)
        assert pool.waiting_count == 0

    assert_linear(run, SIZE)


def test_waiters_that_are_dropped_are_buried_together() -> None:
    def run(size: int) -> None:
        pool = Pool(PoolLimits(connections_max=1))
        pool.request(KEY, 0.0)
        for _ in range(size):
            pool.orphan(pool.request(KEY, 0.0))
        pool.expire(0.0)
        assert pool.waiting_count == 0

    assert_linear(run, SIZE)


def test_connections_to_as_many_origins_are_opened_kept_and_closed() -> None:
    def run(size: int) -> None:
        pool = Pool(PoolLimits(connections_max=size, idle_max=size // 2))
        slots = [pool.request(key_of(number), 0.0).slot for number in range(size)]
        for number, slot in enumerate(slots):
            assert slot is not None
            slot.connection = Connection(slot.key, f"stream {number}")
            pool.opened(slot.connection)
            pool.release(slot, 0.0)
        assert pool.idle_count == size // 2
        effects = pool.expire(1000.0)
        assert effects is not None
        assert len(effects.closes) == size // 2
        assert pool.open_count == 0

    assert_linear(run, SIZE)
