"""How far an exchange got, and where it stands."""

from __future__ import annotations

import dataclasses

import pytest

from sojourn_core import Exchange
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import Progress
from tests.core.stages import STAGES

PHASES = {
    "checking out": Phase.CHECKING_OUT,
    "probing": Phase.PROBING,
    "closing": Phase.CLOSING_STALE,
    "resolving": Phase.RESOLVING,
    "connecting": Phase.CONNECTING,
    "writing": Phase.SENDING,
    "pulling": Phase.SENDING,
    "uploading": Phase.SENDING,
    "sending a file": Phase.SENDING,
    "awaiting 100": Phase.SENDING,
    "awaiting the head": Phase.SENDING,
    "informed": Phase.SENDING,
    "head handed up": Phase.RECEIVING,
    "content handed up": Phase.RECEIVING,
    "receiving": Phase.RECEIVING,
    "draining": Phase.RECEIVING,
    "finished": Phase.ENDED,
    "switched": Phase.SWITCHED,
    "failed": Phase.ENDED,
}


@pytest.mark.parametrize("stage", STAGES)
def test_the_phase_of_each_stage(stage: str) -> None:
    exchange, _ = STAGES[stage][1]()
    assert exchange.phase is PHASES[stage]


def test_nearly_every_phase_is_seen_there() -> None:
    """Tunnels and TLS have conversations of their own; what is new has no stage yet."""
    tunnels = {Phase.SECURING_PROXY, Phase.TUNNELING, Phase.CLOSING_REFUSED, Phase.SECURING}
    missing = {Phase.NEW, *tunnels}
    assert set(Phase) - set(PHASES.values()) == missing


def test_phases_are_told_apart_and_read_as_claims() -> None:
    assert len({phase.value for phase in Phase}) == len(Phase)
    assert f"the exchange is {Phase.CONNECTING.value}" == "the exchange is connecting"


def test_nothing_has_happened_yet() -> None:
    exchange, pool = STAGES["resolving"][1]()
    assert Exchange(exchange.plan, pool).progress == Progress()
    assert Progress() == Progress(
        reused=False, octets_written=0, octets_received=0, content_touched=False
    )


@pytest.mark.parametrize("stage", ["resolving", "connecting", "writing", "pulling"])
def test_content_is_touched_when_a_chunk_was_taken(stage: str) -> None:
    exchange, _ = STAGES[stage][1]()
    assert not exchange.progress.content_touched
    if stage == "pulling":
        exchange.pulled(b"x", 0.0)
        assert exchange.progress.content_touched


def test_progress_is_a_snapshot() -> None:
    exchange, _ = STAGES["awaiting the head"][1]()
    before = exchange.progress
    exchange.received(b"HTTP/1.1", 0.0)
    assert before.octets_received == 0
    assert exchange.progress == dataclasses.replace(before, octets_received=8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.reused = True  # type: ignore[misc]  # that it raises is the test
