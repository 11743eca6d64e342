"""One fault of each scenario, drawn by a seed; ``python -m tests.torture`` plays all of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import pytest

from tests.torture.__main__ import told
from tests.torture.faults import ANY_STEP, FITTING, MEMORY, Fault
from tests.torture.pairs import BY_TRIO
from tests.torture.runs import LOOPS, Scene, loops_of, stories

if TYPE_CHECKING:
    from tests.servers.authority import Authority

SEED: Final = 19
SCENARIOS_MIN: Final = 250
HEDGES_MIN: Final = 30


@pytest.mark.parametrize("loop", [*LOOPS, BY_TRIO])
def test_one_fault_of_each_scenario(ca: Authority, loop: str) -> None:
    chance = random.Random(f"{SEED} {loop}")
    scenarios = [each for each in stories(ca).values() if loop in loops_of(each)]
    problems: list[str] = []
    broken = fired = 0
    for scenario in scenarios:
        scene = Scene(scenario, loop, ca, SEED)
        problems += told(scene.name, None, scene.plain)
        fault = scene.draw(chance)
        ran = scene.play(fault)
        broken += fault is not None
        fired += ran.fired
        problems += told(scene.name, fault, ran)
    assert problems == []
    assert broken >= (HEDGES_MIN if loop == BY_TRIO else SCENARIOS_MIN)
    assert fired > 0.9 * broken  # Memory may run out later than a reply ends.


def test_every_kind_of_step_is_met_and_every_fault_comes_to_pass(ca: Authority) -> None:
    """A command that no scenario leads to would not be tortured."""
    scenarios = stories(ca).values()
    kinds = {
        loop: {kind for each in scenarios for kind in Scene(each, loop, ca, SEED).plain.steps}
        for loop in LOOPS
    }
    assert kinds[LOOPS[0]] | kinds[LOOPS[1]] == set(FITTING)
    # What only one of them has: addresses in a race, and files that are sent by themselves.
    assert kinds[LOOPS[1]] - kinds[LOOPS[0]] == {"race", "send_file"}
    assert kinds[LOOPS[0]] - kinds[LOOPS[1]] <= {"connect"}


@pytest.mark.parametrize("name", [*ANY_STEP])
def test_a_kind_of_step_that_is_new_has_faults_too(name: str) -> None:
    assert name in {MEMORY, "timeout", "cancel", "drop", "reset", "raise"}


def test_a_fault_that_is_not_noticed_is_told(ca: Authority) -> None:
    """The judge itself: content that is cut, and claims to be whole, is found."""
    scene = Scene(stories(ca)["content until close through a tunnel"], LOOPS[0], ca, SEED)
    ran = scene.play(Fault(0, "cancel"))
    ran.contents = [("https://a.test/", 200, b"other")]
    from tests.torture.judge import judge_contents

    assert judge_contents(ran, scene.plain, Fault(0, "end"), {b"onetwo"}, set()) == [
        "https://a.test/ has b'other', which is nobody's content"
    ]
