"""Every scenario through the bare core and each binding: the same comes of it.

All of it once for each codec of HTTP/1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import bare, loopback
from tests.scenarios.stories import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios.model import Outcome, Record, Result, Scenario
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
        assert unlike(scenario, record) == [], note
        assert record.cookies == scenario.cookies, note
    for intent, outcome, result in zip(
        scenario.intents, scenario.outcomes, records["core"].results, strict=True
    ):
        if outcome.error is None:
            assert result.url == (outcome.url or intent.url)
    for runner, record in records.items():
        assert record == records["core"], runner


def differences(outcome: Outcome, result: Result) -> dict[str, Any]:
    """What a result has, where it is not what was expected."""
    expected = {
        "status": outcome.status,
        "history": outcome.history,
        "decisions": outcome.decisions,
        "error": outcome.error,
        "answered": outcome.answered,
        "trailers": tuple(outcome.trailers.items()),
    }
    found: dict[str, Any] = {name: getattr(result, name) for name in expected}
    found["decisions"] = tuple(
        f"{decision.hop} {decision.code} {decision.subject}" for decision in result.decisions
    )
    if outcome.error is None:
        if outcome.content is not None:
            expected["content"], found["content"] = outcome.content, result.content
    else:
        expected["maybe_sent"], found["maybe_sent"] = outcome.maybe_sent, result.maybe_sent
        assert result.asked is not None, "an error has its request"
        if outcome.says not in result.message:
            return {"message": result.message}
    if outcome.content_closed is not None:
        expected["content_closed"] = outcome.content_closed
        found["content_closed"] = result.content_closed
    if outcome.partial is not None:
        expected["partial"], found["partial"] = outcome.partial, result.partial
    for name, value in outcome.fields.items():
        values = [each for known, each in result.fields if known.lower() == name]
        expected[name], found[name] = value, ", ".join(values) if values else None
    return {name: found[name] for name in found if found[name] != expected[name]}


def unlike(scenario: Scenario, record: Record) -> list[str]:
    """In what the peers have seen something else than they must."""
    expected: dict[str, dict[int, list[Any]]] = {origin: {} for origin in scenario.peers}
    for seen in scenario.seen:
        expected[seen.origin].setdefault(seen.connection, []).append(seen)
    problems: list[str] = []
    for origin, connections in record.received.items():
        count = max([len(connections), *(index + 1 for index in expected[origin])])
        for index in range(count):
            requests = connections[index] if index < len(connections) else ()
            wanted = expected[origin].get(index, [])
            where = f"{origin}, connection {index}"
            if [each.line for each in requests] != [each.line for each in wanted]:
                problems.append(f"{where}: {[each.line for each in requests]}")
                continue
            for request, seen in zip(requests, wanted, strict=True):
                problems += _wrong(f"{where}, {seen.line}", request, seen.fields, seen.content)
    return problems


def _wrong(
    where: str, request: Any, fields: Mapping[str, str | None], content: bytes | None
) -> list[str]:
    problems = [
        f"{where}: {name} is {request.value(name)!r}"
        for name, value in fields.items()
        if request.value(name) != value
    ]
    if request.content != content:
        problems.append(f"{where}: content is {request.content!r}")
    return problems
