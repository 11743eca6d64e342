"""Which replies fit, and that an exchange may be given up wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import Exchange, Pool
from sojourn_core.commands import EXCHANGE_REPLIES, Fail, Wait
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import LocalProtocolError
from tests.core.exchanges import ADDRESSES, closes, exchange_with, pool_of
from tests.core.stages import STAGES

pytestmark = pytest.mark.usefixtures("each_codec")

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "woken": (),
    "quiet": (),
    "resolved": (ADDRESSES,),
    "connected": ("another stream",),
    "written": (),
    "readable": (0,),
    "received": (b"",),
    "pulled": (None,),
    "proceed": (),
    "drain": (10, 1.0),
    "closed": (),
    "expired": (),
    "failed": (OSError("no"),),
}


def state_of(exchange: Exchange, pool: Pool) -> tuple[Any, ...]:
    return (
        exchange.phase,
        exchange.command,
        exchange.connection,
        exchange.reused,
        exchange.progress,
        pool.open_count,
        pool.idle_count,
        pool.waiting_count,
    )


def test_every_reply_of_the_table_is_tried_here() -> None:
    assert set().union(*EXCHANGE_REPLIES.values()) == set(ARGUMENTS)
    assert {command for command, _ in STAGES.values()} == set(EXCHANGE_REPLIES)


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        (stage, reply)
        for stage, (command, _) in STAGES.items()
        for reply in ARGUMENTS
        if reply not in EXCHANGE_REPLIES[command]
    ],
)
def test_a_reply_that_does_not_fit_is_refused_and_changes_nothing(stage: str, reply: str) -> None:
    exchange, pool = STAGES[stage][1]()
    before = state_of(exchange, pool)
    with pytest.raises(LocalProtocolError, match=f"^'{reply}' does not fit"):
        getattr(exchange, reply)(*ARGUMENTS[reply], 0.0)
    assert state_of(exchange, pool) == before


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        (stage, reply)
        for stage, (command, _) in STAGES.items()
        for reply in sorted(EXCHANGE_REPLIES[command] - {"readable"})
    ],
)
def test_a_reply_that_fits_gives_the_next_command(stage: str, reply: str) -> None:
    """What a peer, a network or a clock does never raises."""
    exchange, _ = STAGES[stage][1]()
    command = getattr(exchange, reply)(*ARGUMENTS[reply], 0.0)
    assert type(command) in EXCHANGE_REPLIES
    assert exchange.command is (None if isinstance(command, Fail) else command)


@pytest.mark.parametrize("reply", ARGUMENTS)
@pytest.mark.parametrize("begun", [False, True])
def test_nothing_fits_before_the_start_or_after_the_end(begun: bool, reply: str) -> None:
    exchange, pool = STAGES["resolving"][1]()
    if begun:
        exchange.abandon(0.0)
    else:
        exchange = Exchange(exchange.plan, pool)
    with pytest.raises(LocalProtocolError):
        getattr(exchange, reply)(*ARGUMENTS[reply], 0.0)


@pytest.mark.parametrize("stage", STAGES)
def test_an_exchange_may_be_abandoned_at_any_point(stage: str) -> None:
    exchange, pool = STAGES[stage][1]()
    had_stream = exchange.connection is not None
    open_before, idle_before = pool.open_count, pool.idle_count
    had_slot = exchange.phase is not Phase.ENDED and stage != "checking out"
    effects = exchange.abandon(0.0)
    assert exchange.phase is Phase.ENDED
    assert exchange.connection is None
    assert exchange.command is None
    assert closes(effects) == (["stream"] if had_stream else [])
    assert pool.open_count == open_before - had_slot
    assert pool.idle_count == idle_before
    assert pool.waiting_count == 0, "its ticket is gone"


@pytest.mark.parametrize("stage", STAGES)
def test_an_exchange_may_be_forgotten_at_any_point(stage: str) -> None:
    """Its finalizer leaves what it held; the next step of the pool looks after that."""
    exchange, pool = STAGES[stage][1]()
    had_stream = exchange.connection is not None
    others = 1 if stage == "checking out" else pool.idle_count
    left = exchange.orphan()
    assert left == (stage not in {"finished", "failed"})
    assert closes(pool.expire(0.0)) == (["stream"] if had_stream else [])
    assert (pool.open_count, pool.waiting_count) == (others, 0)


def test_a_granted_ticket_that_is_abandoned_grants_its_slot_on() -> None:
    pool = pool_of(1)
    first, second, third = (exchange_with(pool) for _ in range(3))
    first.start(0.0)
    granted, waiting = second.start(0.0), third.start(0.0)
    assert isinstance(granted, Wait)
    assert isinstance(waiting, Wait)
    effects = first.abandon(0.0)
    assert effects is not None
    assert effects.wakes == [granted.ticket]
    effects = second.abandon(0.0)
    assert effects is not None
    assert effects.wakes == [waiting.ticket]
    assert pool.open_count == 1
