"""Every scenario through the bare core and each binding: the same comes of it.

All of it once for each codec of HTTP/1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios import bare, loopback
from tests.scenarios.comparing import differences, unlike
from tests.scenarios.stories import SCENARIOS

if TYPE_CHECKING:
    from tests.scenarios.model import Scenario
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

RUNNERS = {
    "core": bare.run,
    "sync": loopback.run_sync,
    "asyncio": loopback.run_asyncio,
    "trio": loopback.run_trio,
}


def test_there_is_a_name_for_each_scenario_and_no_two_are_called_alike() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names) >= 70


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, ca: Authority) -> None:
    records = {runner: run(scenario, ca) for runner, run in RUNNERS.items()}
    for runner, record in records.items():
        note = f"in {runner}"
        for outcome, result in zip(scenario.outcomes, record.results, strict=True):
            assert differences(outcome, result) == {}, note
        assert unlike(scenario.seen, record) == [], note
        assert record.cookies == scenario.cookies, note
    for intent, outcome, result in zip(
        scenario.intents, scenario.outcomes, records["core"].results, strict=True
    ):
        if outcome.error is None:
            assert result.url == (outcome.url or intent.url)
    for runner, record in records.items():
        assert record == records["core"], runner
