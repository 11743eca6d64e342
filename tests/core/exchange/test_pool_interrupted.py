"""A step of the pool that a signal handler interrupts, between any two of its lines.

What holds afterwards, once whoever was interrupted has given up or is gone: nothing is lost, nobody
waits while there is room for them, and every step works.
"""

from __future__ import annotations

import gc
import sys
import weakref
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import pytest

from sojourn_core import Effects, Pool, PoolKey, PoolLimits, Slot, Ticket, parse_url
from sojourn_core.exchange import leases, ledger, pool
from sojourn_core.exchange.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

FILES: Final = frozenset({str(Path(module.__file__ or "")) for module in (leases, ledger, pool)})
A, B, C = (PoolKey(parse_url(f"http://{name}.test/").origin) for name in "abc")
LINES_MAX: Final = 500  # Of one step; each has some dozens.


class Interrupted(BaseException):
    """What the handler of a signal raises."""


class Interrupter:
    """Raises in place of one line of the pool, counted from the start."""

    def __init__(self, line: int) -> None:
        self.left = line
        self._before = sys.gettrace()

    def __enter__(self) -> Self:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            if self.left == 0:
                self.left = -1
                raise Interrupted
            self.left -= 1
        return self._trace


class Owner:
    """Somebody who has a slot, and may vanish without a word."""


class World:
    """A pool, its guard, and everybody else who holds something of it or waits for it."""

    def __init__(self, **limits: float) -> None:
        self.pool = Pool(PoolLimits(**limits))  # type: ignore[arg-type]  # limits of two types
        self.others: list[Ticket] = []
        self.owners: list[Owner] = []  # Those of the others who are watched.
        self.known: list[weakref.ref[Connection]] = []

    def connect(self, slot: Slot) -> None:
        """Do as an exchange does when its stream is there."""
        if slot.connection is None:
            slot.connection = Connection(slot.key, f"stream {len(self.known)}")
            self.known.append(weakref.ref(slot.connection))
            self.pool.opened(slot.connection)

    def lease(self, key: PoolKey) -> Slot:
        slot = self.pool.request(key, 0.0).slot
        assert slot is not None
        self.connect(slot)
        return slot

    def idle(self, *keys: PoolKey) -> None:
        for slot in [self.lease(key) for key in keys]:
            self.pool.release(slot, 0.0)

    def other(self, key: PoolKey, *, fresh: bool = False) -> None:
        """Have somebody else ask, who is not interrupted."""
        ticket = self.pool.request(key, 0.0, fresh=fresh)
        if ticket.slot is not None:
            self.connect(ticket.slot)
        self.others.append(ticket)


class Act(NamedTuple):
    """A step, and what whoever takes it holds."""

    step: Callable[[], object]
    held: Slot | Ticket | None = None


def ask(world: World, key: PoolKey, *, fresh: bool = False, now: float = 1.0) -> Act:
    ticket = Ticket(key, fresh)
    return Act(lambda: world.pool.ask(ticket, now), ticket)


def ask_for_the_first(world: World) -> Act:
    return ask(world, A)


def ask_for_an_idle_one(world: World) -> Act:
    world.idle(A, A, B)
    return ask(world, A)


def ask_when_all_are_old(world: World) -> Act:
    world.idle(A, A, B)
    return ask(world, A, now=99.0)


def ask_for_a_fresh_one(world: World) -> Act:
    world.idle(A, A)
    return ask(world, A, fresh=True)


def ask_when_another_must_go(world: World) -> Act:
    world.idle(A, B, C)
    return ask(world, PoolKey(parse_url("http://d.test/").origin))


def ask_when_the_key_is_full(world: World) -> Act:
    world.other(A)
    world.other(A)
    return ask(world, A)


def ask_when_all_is_full(world: World) -> Act:
    for key in (A, A, B):
        world.other(key)
    return ask(world, C)


def ask_with_an_orphan(world: World) -> Act:
    for key in (B, C, C, A):
        world.other(key)
    world.pool.orphan(world.others.pop(0))
    return ask(world, A)


def release(world: World) -> Act:
    world.idle(B)
    slot = world.lease(A)
    return Act(lambda: world.pool.release(slot, 1.0), slot)


def release_to_a_waiter(world: World) -> Act:
    slot = world.lease(A)
    for _ in range(3):
        world.other(A)
    return Act(lambda: world.pool.release(slot, 1.0), slot)


def release_to_a_waiter_for_a_fresh_one(world: World) -> Act:
    slot = world.lease(A)
    world.other(A)
    world.other(A, fresh=True)
    return Act(lambda: world.pool.release(slot, 1.0), slot)


def release_to_a_waiter_of_another_key(world: World) -> Act:
    slot = world.lease(A)
    for key in (B, B, C, A):
        world.other(key)
    return Act(lambda: world.pool.release(slot, 1.0), slot)


def release_of_an_earlier_life(world: World) -> Act:
    slot = world.lease(A)
    world.pool.close()
    return Act(lambda: world.pool.release(slot, 1.0), slot)


def release_with_an_orphan(world: World) -> Act:
    slot = world.lease(A)
    world.pool.orphan(world.lease(A))
    world.other(A)
    return Act(lambda: world.pool.release(slot, 1.0), slot)


def discard(world: World) -> Act:
    slot = world.lease(A)
    for key in (A, A, B, C):
        world.other(key)
    return Act(lambda: world.pool.discard(slot, 1.0), slot)


def discard_for_another_key(world: World) -> Act:
    slot = world.lease(A)
    for key in (B, B, C):
        world.other(key)
    return Act(lambda: world.pool.discard(slot, 1.0), slot)


def cancel_while_it_waits(world: World) -> Act:
    world.other(A)
    world.other(A)
    ticket = world.pool.request(A, 0.0)
    return Act(lambda: world.pool.cancel(ticket, 1.0), ticket)


def cancel_what_was_granted(world: World) -> Act:
    ticket = world.pool.request(A, 0.0)
    for _ in range(2):
        world.other(A)
    return Act(lambda: world.pool.cancel(ticket, 1.0), ticket)


def expire(world: World) -> Act:
    world.idle(A, A, B)
    return Act(lambda: world.pool.expire(99.0))


def expire_with_orphans(world: World) -> Act:
    for key in (A, B, B, C, A):
        world.other(key)
    world.pool.orphan(world.others.pop(0))
    world.pool.orphan(world.others.pop(0))
    return Act(lambda: world.pool.expire(1.0))


def expire_with_an_owner_gone(world: World) -> Act:
    for key in (A, B, B, C):
        world.other(key)
    slot, owner = world.others.pop(0).slot, Owner()
    assert slot is not None
    world.pool.watch(slot, partial(weakref.ref, owner))
    del owner
    return Act(lambda: world.pool.expire(1.0))


def watch_with_an_owner_gone(world: World) -> Act:
    act = expire_with_an_owner_gone(world)
    mine = world.others[0].slot
    assert mine is not None
    world.owners.append(Owner())
    return act._replace(step=lambda: world.pool.watch(mine, partial(weakref.ref, world.owners[0])))


def ask_with_an_owner_gone(world: World) -> Act:
    expire_with_an_owner_gone(world)
    return ask(world, A)


def close(world: World) -> Act:
    world.idle(A, A)
    world.other(B)
    return Act(world.pool.close)


def mend(world: World) -> Act:
    """A step after one that was interrupted in its midst."""
    slot = world.lease(A)
    for key in (A, A, B, C):
        world.other(key)
    with pytest.raises(Interrupted), Interrupter(13):
        world.pool.discard(slot, 1.0)
    return Act(lambda: world.pool.expire(1.0))


ACTS: Final = (
    ask_for_the_first,
    ask_for_an_idle_one,
    ask_when_all_are_old,
    ask_for_a_fresh_one,
    ask_when_another_must_go,
    ask_when_the_key_is_full,
    ask_when_all_is_full,
    ask_with_an_orphan,
    release,
    release_to_a_waiter,
    release_to_a_waiter_for_a_fresh_one,
    release_to_a_waiter_of_another_key,
    release_of_an_earlier_life,
    release_with_an_orphan,
    discard,
    discard_for_another_key,
    cancel_while_it_waits,
    cancel_what_was_granted,
    expire,
    expire_with_orphans,
    expire_with_an_owner_gone,
    watch_with_an_owner_gone,
    ask_with_an_owner_gone,
    close,
    mend,
)


def give_up(world: World, held: Slot | Ticket | None) -> None:
    """What a driver does that was interrupted and catches it."""
    if isinstance(held, Ticket):
        world.pool.cancel(held, 2.0)
    elif held is not None:
        world.pool.discard(held, 2.0)


def forget(world: World, held: Slot | Ticket | None) -> None:
    """What the finalizer does of a driver that was interrupted and is gone."""
    if held is not None:
        world.pool.orphan(held)


def leave_then_give_up(world: World, held: Slot | Ticket | None) -> None:
    """What an exchange does that was interrupted while it asked, and its driver after that."""
    forget(world, held)
    give_up(world, held)


def everything_is_right(world: World) -> None:
    """Hold the pool against what everybody else has of it."""
    world.pool.expire(2.0)
    leased = [ticket.slot for ticket in world.others if ticket.slot is not None]
    assert all(slot.held for slot in leased)
    assert world.pool.open_count == len(leased) + world.pool.idle_count
    waiting = [ticket for ticket in world.others if ticket.slot is None]
    assert world.pool.waiting_count == len(waiting)
    limits = world.pool.limits
    for ticket in waiting:
        of_its_key = sum(slot.key == ticket.key for slot in leased)
        full = len(leased) == limits.connections_max
        assert full or of_its_key == limits.connections_per_key_max, "somebody waits for nothing"
    streams = [slot.connection.stream for slot in leased if slot.connection is not None]
    assert len(set(streams)) == len(streams), "a connection has one owner"


def it_works_on(world: World) -> None:
    """Give back all that others have, those that waited too, and use the pool to its limit."""
    while world.others:
        ticket = next(each for each in world.others if each.slot is not None)
        world.others.remove(ticket)
        slot = ticket.slot
        assert slot is not None
        world.connect(slot)
        world.pool.release(slot, 3.0)
        everything_is_right(world)
    world.owners.clear()
    assert world.pool.open_count == world.pool.idle_count
    slots = [world.lease(A), world.lease(A), world.lease(B)]
    waiting = world.pool.request(B, 4.0)
    assert waiting.slot is None, "the limit stands"
    world.pool.cancel(waiting, 4.0)
    for slot in slots:
        world.pool.discard(slot, 4.0)


@pytest.mark.parametrize("after", [give_up, forget, leave_then_give_up])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_an_interrupted_step_leaves_nothing_behind(
    act: Callable[[World], Act], after: Callable[[World, Slot | Ticket | None], None]
) -> None:
    for line in range(LINES_MAX):
        world = World(connections_max=3, connections_per_key_max=2)
        step, held = act(world)
        interrupter = Interrupter(line)
        try:
            with interrupter:
                step()
        except Interrupted:
            pass
        after(world, held)
        everything_is_right(world)
        it_works_on(world)
        world.pool.close()
        assert world.pool.open_count == 0
        del step, held
        if interrupter.left >= 0:
            assert line > 5
            break
    else:
        raise AssertionError("it is never done")
    gc.collect()
    assert not [known for known in world.known if known() is not None], "a connection is kept"


def test_those_who_wait_are_woken_by_the_step_after_one_that_was_interrupted() -> None:
    world = World(connections_max=1)
    slot = world.lease(A)
    ticket = world.pool.request(A, 0.0)
    woken: list[Any] = []
    line = 0
    while not woken:
        with pytest.raises(Interrupted), Interrupter(line):
            world.pool.discard(slot, 1.0)
        line += 1
        effects = world.pool.discard(slot, 1.0) or world.pool.expire(1.0) or Effects()
        woken += effects.wakes
    assert woken[0] is ticket
    assert ticket.ready
