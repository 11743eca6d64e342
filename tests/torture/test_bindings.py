"""The bindings, on sockets: a scenario whose peers break off within what they send.

Each script is cut at a step that is drawn, and ends there: in silence and by a close, by a reset,
without close_notify, or in garbage. What must hold is what holds of the bare core.
"""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn_core import Timeouts
from tests.scenarios import loopback
from tests.scenarios.stories import SCENARIOS
from tests.servers.steps import (
    Close,
    Offer,
    Reset,
    Send,
    Sleep,
    Step,
)
from tests.torture.faults import garbage
from tests.torture.judge import DECLARED
from tests.torture.runs import whole_contents

if TYPE_CHECKING:
    from tests.scenarios.model import Record, Scenario
    from tests.servers.authority import Authority

SEED: Final = 23
PLAYED: Final = 30  # Of the scenarios, for each binding.
KINDS: Final = ("end", "reset", "unclean", "garbage")
PATIENCE: Final = Timeouts(connect=5.0, read=0.2, write=0.2, pool=5.0)
RUNNERS: Final = {
    "sync": loopback.run_sync,
    "asyncio": loopback.run_asyncio,
    "trio": loopback.run_trio,
}


def sends(script: tuple[Step, ...]) -> list[int]:
    """The places of a script at which something is sent."""
    return [index for index, step in enumerate(script) if isinstance(step, Send | Offer)]


def broken(script: tuple[Step, ...], kind: str, chance: random.Random) -> tuple[Step, ...]:
    """Cut a script within one of its answers."""
    at = chance.choice(sends(script))
    step: Any = script[at]
    part = step.data[: chance.randrange(len(step.data))]
    ends: dict[str, tuple[Step, ...]] = {
        "end": (Close(),),
        "reset": (Reset(),),
        "unclean": (Close(notify=False),),
        "garbage": (Offer(garbage(chance)), Close()),
    }
    return (*script[:at], Offer(part), *ends[kind])


def drawn() -> list[tuple[Scenario, str]]:
    """Scenarios of one request and one connection, and what breaks them."""
    chance = random.Random(SEED)
    fitting = [
        each
        for each in SCENARIOS
        if len(each.intents) == 1
        and sum(len(scripts) for scripts in each.peers.values()) == 1
        and all(sends(script) for scripts in each.peers.values() for script in scripts)
        and each.outcomes[0].error is None
        and not any(
            isinstance(step, Sleep)
            for scripts in each.peers.values()
            for script in scripts
            for step in script
        )
    ]
    chosen = chance.sample(fitting, PLAYED)
    made: list[tuple[Scenario, str]] = []
    for number, each in enumerate(chosen):
        kind = KINDS[number % len(KINDS)]
        peers = {
            origin: tuple(broken(script, kind, chance) for script in scripts)
            for origin, scripts in each.peers.items()
        }
        attributes = {**each.setup.attributes, "timeouts": PATIENCE}
        setup = replace(each.setup, attributes=attributes)
        made.append((replace(each, peers=peers, setup=setup), kind))
    return made


DRAWN: Final = drawn()
WHOLE: Final = {
    each.name: set(whole_contents(each)) | {each.outcomes[0].content} for each in SCENARIOS
}


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


@pytest.mark.parametrize(
    ("scenario", "kind"), DRAWN, ids=[f"{each.name}-{kind}" for each, kind in DRAWN]
)
@pytest.mark.parametrize("runner", RUNNERS)
def test_a_peer_that_breaks_off(ca: Authority, runner: str, scenario: Scenario, kind: str) -> None:
    before = threading.active_count()
    record: Record = RUNNERS[runner](scenario, ca)  # It looks at the pool itself.
    (result,) = record.results
    assert threading.active_count() <= before + 1, "trio keeps a thread for look-ups"
    if result.error is not None:
        assert issubclass(result.error, DECLARED)
        return
    names = {name.lower() for name, _ in result.fields}
    if kind == "garbage" or not names & {"content-length", "transfer-encoding"}:
        return  # It cannot be told from what the peer meant.
    assert result.content in WHOLE[scenario.name]
