"""The benchmark of cookies measures what it says, and judges by its numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.bench import cookie_jars, cookies
from tests.bench.cookies import BOUNDS, SCENARIOS, Bound, Case, Result, Scenario

if TYPE_CHECKING:
    from pathlib import Path

OURS, THEIRS, OTHERS = Case("sojourn", "x"), Case("aiohttp", "x"), Case("httpx", "x")
WORK = cookie_jars.Work(run=lambda: None)
SCENARIO = Scenario(
    name="field", title="asking", cases={case: lambda: WORK for case in (OURS, THEIRS, OTHERS)}
)
RESULT = Result(
    scenario=SCENARIO,
    series={OURS: [1.0, 2.0, 1.0, 3.0], THEIRS: [2.0, 2.0, 2.0, 2.0]},
    missing={"httpx": "No module named 'httpx'"},
)
BOUND = Bound(scenario="field", case=OURS, base=THEIRS, ratio_max=0.75)

TABLE = """\
### field: asking

| client  | with | least µs | median µs | / aiohttp |
| ------- | ---: | -------: | --------: | --------: |
| sojourn |    x |     1.00 |      1.50 |      0.75 |
| aiohttp |    x |     2.00 |      2.00 |      1.00 |

Left out: httpx (No module named 'httpx')"""


def test_a_table_has_the_least_the_median_and_the_ratio() -> None:
    assert cookies.write_table(RESULT) == TABLE


@pytest.mark.parametrize(
    ("bound", "kept", "verdict"),
    [
        (BOUND, True, "- met: field: sojourn with x / aiohttp, at most 0.75, is 0.75"),
        (replace(BOUND, ratio_max=0.7), True, "- within noise: "),  # A quarter of the rounds: 0.5.
        (replace(BOUND, ratio_max=0.49), False, "- missed: "),
        (replace(BOUND, case=OTHERS), False, "- not measured: "),
        (replace(BOUND, base=OTHERS), False, "- not measured: "),
        (replace(BOUND, scenario="turns"), False, "- not measured: "),
    ],
)
def test_a_bound_is_missed_if_most_rounds_miss_it(bound: Bound, kept: bool, verdict: str) -> None:
    result, line = cookies.judge(bound, [RESULT])
    assert result is kept
    assert line.startswith(verdict)


def test_one_round_has_no_noise() -> None:
    once = replace(RESULT, series={OURS: [2.0], THEIRS: [2.0]})
    assert cookies.judge(replace(BOUND, ratio_max=1.0), [once])[0]
    assert not cookies.judge(BOUND, [once])[0]


def test_every_bound_is_on_what_is_measured() -> None:
    cases = {scenario.name: scenario.cases for scenario in SCENARIOS}
    for bound in BOUNDS:
        assert {bound.case, bound.base} <= set(cases[bound.scenario])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_case_does_its_work(scenario: Scenario) -> None:
    """Makers look at what is sent and counted; jars of 10,000 take other clients too long."""
    cases = {case: make for case, make in scenario.cases.items() if "10,000" not in case.what}
    result = cookies.measure(replace(scenario, cases=cases), rounds=1, seconds=1e-6)
    measured = {case for case in cases if case.client not in result.missing}
    assert set(result.series) == measured
    assert all(series[0] > 0 for series in result.series.values())


def test_the_largest_jars_have_the_same_cookies_for_the_site() -> None:
    site = [each for each in cookie_jars.given_cookies(10_000) if each.site == 0]
    assert len(site) == 10
    assert cookie_jars.given_cookies(10_000)[-10:] == site  # So aiohttp's jar keeps them.
    cookie_jars.sojourn_field(10_000)


def test_a_peer_that_is_not_installed_is_missing() -> None:
    def make() -> cookie_jars.Work:
        raise ModuleNotFoundError("No module named 'httpx'", name="httpx")

    scenario = replace(SCENARIO, cases={**SCENARIO.cases, OTHERS: make})
    result = cookies.measure(scenario, rounds=2, seconds=1e-6)
    assert result.missing == {"httpx": "No module named 'httpx'"}
    assert {case: len(series) for case, series in result.series.items()} == {OURS: 2, THEIRS: 2}


def test_work_with_a_reset_is_measured_without_it() -> None:
    done: list[str] = []
    work = cookie_jars.Work(
        run=lambda: done.append("run"), operations=2, reset=lambda: done.append("reset")
    )
    scenario = replace(SCENARIO, cases={OURS: lambda: work})
    cookies.measure(scenario, rounds=1, seconds=1e-9)
    assert done[-2:] == ["reset", "run"]
    assert done.count("reset") >= done.count("run")


@pytest.fixture
def one_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookies, "SCENARIOS", (SCENARIO,))
    monkeypatch.setattr(cookies, "measure", lambda scenario, **_: RESULT)


@pytest.mark.usefixtures("one_scenario")
@pytest.mark.parametrize(("ratio_max", "status"), [(0.75, 0), (0.4, 1)])
def test_check_ends_with_1_for_a_missed_bound(
    monkeypatch: pytest.MonkeyPatch, ratio_max: float, status: int
) -> None:
    monkeypatch.setattr(cookies, "BOUNDS", (replace(BOUND, ratio_max=ratio_max),))
    assert cookies.main(["--check", "--short"]) == status
    assert cookies.main(["--short"]) == 0


@pytest.mark.usefixtures("one_scenario")
def test_json_has_every_round(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert cookies.main(["--json", str(path), "--only", "field"]) == 0
    measured = json.loads(path.read_text())["scenarios"]["field"]
    assert measured["cases"][0] == {"client": "sojourn", "with": "x", "rounds": [1, 2, 1, 3]}
    assert measured["missing"] == {"httpx": "No module named 'httpx'"}
