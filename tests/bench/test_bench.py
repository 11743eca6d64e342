"""The benchmark measures what it says, and judges by its numbers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from tests.bench import __main__ as command
from tests.bench import (
    cookies,
    jobs,
    layers,
    memory,
    peers_async,
    peers_sync,
    preparing,
    starting,
    targets,
    worker,
)
from tests.bench.harness import (
    FOREIGN,
    BenchmarkError,
    Processors,
    Result,
    Series,
    choose_processors,
    measure,
    running_servers,
)
from tests.bench.pictures import draw
from tests.bench.place import MEBIBYTE, Place, Site, Sizes
from tests.bench.report import describe_environment, from_json, to_json, write_table
from tests.bench.scenarios import SCENARIOS
from tests.bench.targets import TARGETS, Target, judge
from tests.conftest import need_program
from tests.servers.nginx import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.peers_sync import Client
    from tests.bench.scenarios import Scenario
    from tests.servers.nginx import Nginx

# Of the extra ``bench``; others of them are there for other tests. One that is not, has no test.
LIBRARIES = frozenset({"aiohttp", "httpx", "niquests", "pycurl", "requests", "urllib3"})
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
SYNC = BY_NAME["small_sync"]
ASYNC_1 = BY_NAME["small_async_1"]
ASYNC_64 = BY_NAME["small_async_64"]
TARGET = Target(scenario="small_sync", bases=("requests",), ratio_max=0.5)
RESULT = Result(
    scenario=SYNC,
    series={
        "requests": Series([200.0, 400.0, 300.0], [100.0, 100.0, 100.0], [0.0, 0.0, 0.0]),
        "sojourn": Series([100.0, 100.0, 150.0], [50.0, 60.0, 70.0], [0.0, 10.0, 20.0]),
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
    assert Series(memory=[0.0, 0.0]).spread("memory") == 0.0


TABLE = """\
| peer     | requests/s | wall µs | spread | CPU µs | spread | wall / requests | CPU / requests |
| -------- | ---------: | ------: | -----: | -----: | -----: | --------------: | -------------: |
| sojourn  |      10000 |   100.0 |   ±12% |   60.0 |    ±8% |            0.50 |           0.60 |
| requests |       3333 |   300.0 |   ±17% |  100.0 |    ±0% |            1.00 |           1.00 |
"""


def test_a_table_shows_the_fastest_first() -> None:
    left_out = "Left out: httpx (No module named 'httpx')"
    assert write_table(RESULT) == f"### small_sync: {SYNC.title}\n\n{TABLE}\n{left_out}"


DOWNLOAD = Result(
    scenario=BY_NAME["download"],
    series={
        "requests": Series([2e6], [1e6], [4096.0]),
        "sojourn": Series([1e6], [0.5e6], [MEBIBYTE]),
    },
    sizes=Sizes(download=1_000_000_000),
)
DOWNLOAD_TABLE = """\
| peer     | MB per CPU s | spread | MB/s | spread | growth MiB | per CPU s / requests | MB/s / requests |
| -------- | -----------: | -----: | ---: | -----: | ---------: | -------------------: | --------------: |
| sojourn  |         2000 |    ±0% | 1000 |    ±0% |       +1.0 |                 2.00 |            2.00 |
| requests |         1000 |    ±0% |  500 |    ±0% |       +0.0 |                 1.00 |            1.00 |
"""  # noqa: E501


def test_of_content_the_rate_is_shown_and_compared() -> None:
    assert write_table(DOWNLOAD).endswith(f"\n\n{DOWNLOAD_TABLE}".rstrip())


RATE = Target(scenario="download", bases=("requests",), measure="cpu", rate_min=2.0)
GROWTH = Target(scenario="download", measure="memory", most=MEBIBYTE)


@pytest.mark.parametrize(
    ("target", "good", "verdict"),
    [
        (
            TARGET,
            True,
            "- met: small_sync: sojourn / requests (wall), at most 0.50, is 0.50; 0.60 by CPU",
        ),
        (replace(TARGET, ratio_max=0.49), False, "- missed: "),
        (replace(TARGET, measure="cpu"), False, "- missed: "),
        (replace(TARGET, bases=("httpx",)), False, "- not measured: "),
        (replace(TARGET, scenario="small_async_1"), False, "- not measured: "),
        (replace(TARGET, bases=("pycurl",)), True, "- left out: "),
        (replace(TARGET, peer="httpx", bases=("pycurl",)), False, "- not measured: "),
        (
            replace(TARGET, bases=("requests", "httpx")),
            True,
            "- met: small_sync: sojourn / the best of requests, httpx (wall), at most 0.50, is 0.5",
        ),
        (
            RATE,
            True,
            "- met: download: sojourn does at least 2.00 of requests (cpu), is 2.00",
        ),
        (replace(RATE, rate_min=2.1), False, "- missed: "),
        (
            GROWTH,
            True,
            "- met: download: sojourn (memory), at most 1,048,576 bytes, is 1,048,576",
        ),
        (replace(GROWTH, most=1000), False, "- missed: "),
        (replace(GROWTH, peer="httpx"), False, "- not measured: "),
    ],
)
def test_a_target_is_met_if_it_was_measured_so(target: Target, good: bool, verdict: str) -> None:
    found = judge(target, [RESULT, DOWNLOAD])
    assert found.good is good
    assert str(found).startswith(verdict)


def test_the_best_base_is_the_one_that_is_hardest_to_beat() -> None:
    walls = {"sojourn": 10.0, "requests": 40.0, "httpx": 20.0}
    series = {peer: Series([wall], [wall]) for peer, wall in walls.items()}
    target = replace(TARGET, bases=("requests", "httpx"))
    verdict = judge(target, [Result(scenario=SYNC, series=series)])
    assert verdict.text.endswith("is 0.50 of httpx; 0.50 by CPU")


def test_json_has_every_round() -> None:
    values = json.loads(json.dumps(to_json(describe_environment(), [RESULT])))
    assert values["environment"]["versions"]["h11"]
    measured = values["scenarios"]["small_sync"]
    assert measured["peers"]["sojourn"] == {
        "wall": [100, 100, 150],
        "cpu": [50, 60, 70],
        "memory": [0, 10, 20],
    }
    assert measured["missing"] == {"httpx": "No module named 'httpx'"}
    assert from_json(values) == [RESULT]


# --- what is declared -------------------------------------------------------------------------

ADAPTERS = {
    jobs.prepare: set(preparing.PEERS),
    jobs.start_importing: set(starting.IMPORTS),
    jobs.start_getting: set(starting.FIRSTS),
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_peer_has_an_adapter(scenario: Scenario) -> None:
    adapters = ADAPTERS.get(scenario.job, {*peers_sync.PEERS, *peers_async.PEERS})
    assert set(scenario.peers) <= adapters
    assert set(scenario.bases) <= set(scenario.peers)
    assert len(set(scenario.peers)) == len(scenario.peers)
    assert any(peer.startswith("sojourn") for peer in scenario.peers)


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(SCENARIOS)
    assert not set(BY_NAME) & {"machine", "targets", "cookies", "calls", "instructions"}


def test_every_target_is_of_a_scenario_and_its_peers() -> None:
    for target in TARGETS:
        assert {target.peer, *target.bases} <= set(BY_NAME[target.scenario].peers)
        bounds = [target.ratio_max, target.rate_min, target.most]
        assert len([bound for bound in bounds if bound is not None]) == 1
        assert bool(target.bases) == (target.most is None)


def test_files_with_peers_stay_small() -> None:
    for module in (peers_sync, peers_async, preparing, starting, jobs):
        assert len(Path(module.__file__ or "").read_text().splitlines()) <= 400


# --- peers at work ----------------------------------------------------------------------------

SMALL_SIZES = Sizes(download=3 * MEBIBYTE + 1, upload=MEBIBYTE + 1, held=20, warm_up=2)
NO_PROCESSORS = Processors(server=None, clients=None)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    need_program("nginx", program())
    with running_servers(NO_PROCESSORS, SMALL_SIZES) as running:
        yield running


def can_run(peer: str) -> bool:
    """Tell whether a peer is here, and the event loop that it asks for."""
    library, _, loop = peer.partition("_")
    if library in LIBRARIES and find_spec(library) is None:
        return False
    if loop == "eager":
        return hasattr(asyncio, "eager_task_factory")
    return loop != "uvloop" or find_spec("uvloop") is not None


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        (scenario.name, peer)
        for scenario in SCENARIOS
        if scenario.kind != "process"
        for peer in scenario.peers
        if can_run(peer)
    ],
)
def test_every_peer_does_every_job(
    place: Place, name: str, peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each checks what it gets, and so it is enough that it ends."""
    for variable in FOREIGN:
        monkeypatch.delenv(variable, raising=False)
    scenario = BY_NAME[name]
    with scenario.job(scenario, peer, place) as run:
        assert run(0.0) >= 1


@pytest.mark.parametrize(
    ("name", "peer", "other"),
    [
        ("small_sync", "sojourn", "raw_socket"),
        ("small_async_64", "sojourn_async", "h11_async"),
        ("memory", "sojourn_async", "h11_async"),
        ("download", "sojourn", "http_client"),
        ("imports", "sojourn", "bare"),
        ("first_response", "sojourn", "http_client"),
    ],
)
def test_peers_are_measured_in_turns(place: Place, name: str, peer: str, other: str) -> None:
    scenario = replace(BY_NAME[name], peers=(peer, other))
    result = measure(scenario, place, rounds=2, seconds=0.01, processors=NO_PROCESSORS)
    assert list(result.series) == [peer, other]
    for series in result.series.values():
        assert len(series.wall) == len(series.cpu) == len(series.memory) == 2
        assert min(series.wall) > 1  # A microsecond for a request would be a mistake.
    assert result.sizes == SMALL_SIZES
    assert "NaN" not in json.dumps(to_json(describe_environment(), [result]))


def test_the_server_and_the_clients_get_processors_of_their_own() -> None:
    processors = choose_processors()
    assert processors == NO_PROCESSORS or processors.server != processors.clients
    need_program("nginx", program())
    with running_servers(processors, SMALL_SIZES) as place:
        result = measure(
            replace(SYNC, peers=("raw_socket",)),
            place,
            rounds=1,
            seconds=0.01,
            processors=processors,
        )
    assert len(result.series["raw_socket"].wall) == 1


def test_a_peer_that_fails_is_named(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = replace(place, sizes=replace(SMALL_SIZES, download=5))
    scenario = replace(BY_NAME["download"], peers=("http_client",))
    with pytest.raises(BenchmarkError, match="http_client in download ended"):
        measure(scenario, wrong, rounds=1, seconds=0.01, processors=NO_PROCESSORS)
    assert f"http_client read {SMALL_SIZES.download} bytes" in capfd.readouterr().err


def test_a_peer_that_is_not_installed_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: Place
) -> None:
    def import_it(site: Site) -> Client:
        raise ModuleNotFoundError("No module named 'httpx'", name="httpx")

    monkeypatch.setitem(peers_sync.PEERS, "httpx", import_it)
    worker.main("small_sync", "httpx", place.to_text(), "-")
    monkeypatch.setitem(starting.IMPORTS, "httpx", "import no_such_module")
    worker.main("imports", "httpx", place.to_text(), "-")
    assert capsys.readouterr().out == (
        "missing: No module named 'httpx'\nmissing: No module named 'no_such_module'\n"
    )


def test_a_process_that_fails_is_no_measurement(
    monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    monkeypatch.setitem(starting.FIRSTS, "bare", "raise SystemExit('it broke')")
    with pytest.raises(AssertionError, match="bare: it broke"):
        worker.main("first_response", "bare", place.to_text(), "-")


def test_memory_is_watched_from_its_start() -> None:
    held = memory.start()
    taken = bytearray(64 * MEBIBYTE)
    taken[:] = bytes(len(taken))
    assert memory.peak() - held >= 60 * MEBIBYTE


def test_a_place_travels_as_text(place: Place) -> None:
    assert Place.of_text(place.to_text()) == place


# --- the command ------------------------------------------------------------------------------


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
    both = [TARGET, replace(TARGET, scenario="small_async_1")]
    monkeypatch.setattr(targets, "TARGETS", both)
    return rounds_asked


@pytest.mark.parametrize(
    ("arguments", "rounds"),
    [
        ([], [15] * (len(SCENARIOS) + 1)),  # And the cookies.
        (["--short"], [2] * (len(SCENARIOS) + 1)),
        (["--only", "cookies"], [15]),
        (["--rounds", "2", "--only", "small_sync", "--only", "small_async_64"], [2, 2]),
    ],
)
def test_the_command_line(
    nginx: Nginx, fake_measure: list[int], arguments: list[str], rounds: list[int]
) -> None:
    assert command.main(arguments) == 0
    assert fake_measure == rounds


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_short_form_has_us_and_whom_we_are_compared_to(scenario: Scenario) -> None:
    peers = command.shortened(scenario).peers
    assert set(scenario.bases) < set(peers) <= set(scenario.peers)
    for target in TARGETS:
        if target.scenario == scenario.name:
            assert target.peer in peers
            assert not target.bases or set(target.bases) & set(peers)


def test_json_is_written(nginx: Nginx, fake_measure: list[int], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert command.main(["--json", str(path), "--only", "small_sync"]) == 0
    assert list(json.loads(path.read_text())["scenarios"]) == ["small_sync"]


def test_what_was_measured_before_a_peer_fails_is_written(
    nginx: Nginx, fake_measure: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = command.measure

    def fail(scenario: Scenario, *arguments: Any, **keywords: Any) -> Result:
        if scenario.name == "small_async_1":
            raise BenchmarkError("aiohttp in small_async_1 ended")
        return measured(scenario, *arguments, **keywords)

    monkeypatch.setattr(command, "measure", fail)
    path = tmp_path / "results.json"
    assert command.main(["--json", str(path)]) == 2
    assert list(json.loads(path.read_text())["scenarios"]) == ["small_sync", "small_sync_50"]


def test_what_was_measured_is_shown_and_drawn_from_json(
    nginx: Nginx, fake_measure: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.json"
    first = ["--json", str(path), "--only", "small_sync", "--pictures", str(tmp_path / "first")]
    assert command.main(first) == 0
    said = capsys.readouterr().out
    assert command.main(["--from", str(path), "--pictures", str(tmp_path / "second")]) == 0
    assert capsys.readouterr().out == said[said.index("###") :]
    assert len(fake_measure) == 1
    drawn = [(tmp_path / each / "small_sync.svg").read_text() for each in ("first", "second")]
    assert drawn[0] == drawn[1] == draw(RESULT)


@pytest.mark.parametrize(("ratio_max", "status"), [(0.5, 0), (0.4, 1)])
def test_check_ends_with_1_for_a_missed_target(
    nginx: Nginx,
    fake_measure: list[int],
    monkeypatch: pytest.MonkeyPatch,
    ratio_max: float,
    status: int,
) -> None:
    monkeypatch.setattr(targets, "TARGETS", [replace(TARGET, ratio_max=ratio_max)])
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
    with layers.everything() as works, mock.patch.multiple(layers, SLICE=1, SLICES=1):
        for name, work in works.items():
            assert work() is not None, name
            assert layers.least(work) > 0, name
