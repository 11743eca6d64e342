"""The benchmark measures what it says, and judges by its numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from tests.bench import __main__ as command
from tests.bench import cookies, layers, peers_async, peers_sync, worker
from tests.bench.harness import (
    BenchmarkError,
    Processors,
    Result,
    Series,
    choose_processors,
    measure,
)
from tests.bench.report import describe_environment, judge, to_json, write_table
from tests.bench.scenarios import SCENARIOS, TARGETS, Target

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.scenarios import Scenario
    from tests.servers.nginx import Nginx

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
SYNC = BY_NAME["small_sync"]
ASYNC_1 = BY_NAME["small_async_1"]
ASYNC_64 = BY_NAME["small_async_64"]
TARGET = Target(
    scenario="small_sync", peer="sojourn", base="requests", measure="wall", ratio_max=0.5
)
RESULT = Result(
    scenario=SYNC,
    series={
        "requests": Series([200.0, 400.0, 300.0], [100.0, 100.0, 100.0]),
        "sojourn": Series([100.0, 100.0, 150.0], [50.0, 60.0, 70.0]),
    },
    missing={"httpx": "No module named 'httpx'"},
)


def test_a_ratio_is_taken_within_each_round() -> None:
    assert RESULT.ratio("sojourn", "requests", "wall") == 0.5  # Of 0.5, 0.25 and 0.5.
    assert RESULT.ratio("sojourn", "requests", "cpu") == 0.6
    assert RESULT.ratio("sojourn", "httpx", "wall") is None
    assert RESULT.ratio("httpx", "requests", "wall") is None


def test_the_spread_is_half_the_range_between_the_quartiles() -> None:
    assert Series([100.0, 110.0, 120.0, 130.0, 140.0]).spread("wall") == pytest.approx(10 / 120)
    assert Series([100.0]).spread("wall") == 0.0


TABLE = """\
| peer     | requests/s | wall µs | spread | CPU µs | spread | wall / requests | CPU / requests |
| -------- | ---------: | ------: | -----: | -----: | -----: | --------------: | -------------: |
| sojourn  |      10000 |   100.0 |   ±12% |   60.0 |    ±8% |            0.50 |           0.60 |
| requests |       3333 |   300.0 |   ±17% |  100.0 |    ±0% |            1.00 |           1.00 |
"""


def test_a_table_shows_the_fastest_first() -> None:
    left_out = "Left out: httpx (No module named 'httpx')"
    assert write_table(RESULT) == f"### small_sync\n\n{TABLE}\n{left_out}"


@pytest.mark.parametrize(
    ("target", "met", "verdict"),
    [
        (TARGET, True, "- met: small_sync: sojourn / requests (wall), at most 0.50, is 0.50"),
        (replace(TARGET, ratio_max=0.49), False, "- missed: "),
        (replace(TARGET, measure="cpu"), False, "- missed: "),
        (replace(TARGET, base="httpx"), False, "- not measured: "),
        (replace(TARGET, scenario="small_async_1"), False, "- not measured: "),
    ],
)
def test_a_target_is_met_if_it_was_measured_so(target: Target, met: bool, verdict: str) -> None:
    result, line = judge(target, [RESULT])
    assert result is met
    assert line.startswith(verdict)


def test_json_has_every_round() -> None:
    values = json.loads(json.dumps(to_json(describe_environment(), [RESULT])))
    assert values["environment"]["versions"]["h11"]
    measured = values["scenarios"]["small_sync"]
    assert measured["peers"]["sojourn"] == {"wall": [100, 100, 150], "cpu": [50, 60, 70]}
    assert measured["missing"] == {"httpx": "No module named 'httpx'"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_peer_has_an_adapter(scenario: Scenario) -> None:
    adapters = peers_sync.PEERS if scenario.flight is None else peers_async.PEERS
    assert set(scenario.peers) == set(adapters)
    assert set(scenario.bases) <= set(scenario.peers)


def test_every_target_is_of_a_scenario_and_its_peers() -> None:
    for target in TARGETS:
        assert {target.peer, target.base} <= set(BY_NAME[target.scenario].peers)


@pytest.mark.parametrize(
    "scenario",
    [
        replace(SYNC, peers=("raw_socket", "h11_by_hand")),
        replace(ASYNC_1, peers=("h11_by_hand",)),
        replace(ASYNC_64, peers=("h11_by_hand",)),
    ],
    ids=lambda scenario: scenario.name,
)
def test_peers_are_measured_in_turns(nginx: Nginx, scenario: Scenario) -> None:
    result = measure(
        scenario, nginx, rounds=2, seconds=0.01, processors=Processors(server=None, clients=None)
    )
    assert list(result.series) == list(scenario.peers)
    for series in result.series.values():
        assert len(series.wall) == len(series.cpu) == 2
        assert min(series.wall) > 1  # A microsecond for a request would be a mistake.


def test_the_server_and_the_clients_get_processors_of_their_own(nginx: Nginx) -> None:
    processors = choose_processors()
    assert processors == Processors(None, None) or processors.server != processors.clients
    result = measure(
        replace(SYNC, peers=("raw_socket",)), nginx, rounds=1, seconds=0.01, processors=processors
    )
    assert len(result.series["raw_socket"].wall) == 1


def test_a_peer_that_fails_is_named(nginx: Nginx, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = replace(SYNC, peers=("raw_socket",), target="/hello.txt")
    with pytest.raises(BenchmarkError, match="raw_socket in small_sync ended"):
        measure(wrong, nginx, rounds=1, seconds=0.01, processors=Processors(None, None))
    assert "raw_socket read b'hello, world" in capfd.readouterr().err


def test_a_peer_that_is_not_installed_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def import_it(url: str) -> None:
        raise ModuleNotFoundError("No module named 'httpx'", name="httpx")

    monkeypatch.setitem(peers_sync.PEERS, "httpx", import_it)
    worker.main("small_sync", "httpx", "http://a.test/", "-")
    assert capsys.readouterr().out == "missing: No module named 'httpx'\n"


@pytest.fixture
def fake_measure(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Measures nothing: what was asked for, as rounds, is in the list."""
    rounds_asked: list[int] = []

    def fake(scenario: Scenario, server: object, *, rounds: int, **_: object) -> Result:
        rounds_asked.append(rounds)
        return replace(RESULT, scenario=scenario)

    def fake_report(*, rounds: int, seconds: float) -> tuple[list[cookies.Result], bool]:
        rounds_asked.append(rounds)
        return [], True

    monkeypatch.setattr(command, "measure", fake)
    monkeypatch.setattr(command.cookies, "report", fake_report)
    monkeypatch.setattr(command, "TARGETS", [TARGET, replace(TARGET, scenario="small_async_1")])
    return rounds_asked


@pytest.mark.parametrize(
    ("arguments", "rounds"),
    [
        ([], [15] * (len(SCENARIOS) + 1)),  # And the cookies.
        (["--short"], [3] * (len(SCENARIOS) + 1)),
        (["--only", "cookies"], [15]),
        (["--rounds", "2", "--only", "small_sync", "--only", "small_async_64"], [2, 2]),
    ],
)
def test_the_command_line(
    nginx: Nginx, fake_measure: list[int], arguments: list[str], rounds: list[int]
) -> None:
    assert command.main(arguments) == 0
    assert fake_measure == rounds


def test_json_is_written(nginx: Nginx, fake_measure: list[int], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert command.main(["--json", str(path), "--only", "small_sync"]) == 0
    assert list(json.loads(path.read_text())["scenarios"]) == ["small_sync"]


@pytest.mark.parametrize(("ratio_max", "status"), [(0.5, 0), (0.4, 1)])
def test_check_ends_with_1_for_a_missed_target(
    nginx: Nginx,
    fake_measure: list[int],
    monkeypatch: pytest.MonkeyPatch,
    ratio_max: float,
    status: int,
) -> None:
    monkeypatch.setattr(command, "TARGETS", [replace(TARGET, ratio_max=ratio_max)])
    assert command.main(["--check"]) == status
    assert command.main([]) == 0


@pytest.mark.parametrize(("kept", "status"), [(True, 0), (False, 1)])
def test_check_ends_with_1_for_a_missed_bound_on_cookies(
    monkeypatch: pytest.MonkeyPatch, kept: bool, status: int
) -> None:
    monkeypatch.setattr(cookies, "report", lambda **_: ([], kept))
    assert command.main(["--check", "--only", "cookies"]) == status
    assert command.main(["--only", "cookies"]) == 0


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--only", "nothing"]])
def test_a_wrong_command_line_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2


def test_without_nginx_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.servers.nginx.program", lambda: None)
    assert command.main(["--short"]) == 2
    assert "cannot measure: nginx is not installed" in capsys.readouterr().err


def test_every_layer_does_its_work() -> None:
    for name, work in layers.layers().items():
        assert work() is not None, name
    with mock.patch.multiple(layers, SLICE=1, SLICES=1):
        assert layers.whole() > 0
