"""Instructions are counted as the module says, and growth is judged by its shape."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.bench import instructions, instructions_client
from tests.bench.harness import BenchmarkError
from tests.bench.instructions import GROWTHS, judge, peers_of, read_total
from tests.bench.instructions_client import GROWING, SCENARIOS, find, targets
from tests.conftest import need_program

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = GROWTHS[0]


@pytest.mark.parametrize(
    ("much", "kept", "verdict"),
    [(220.0, True, "- kept: "), (221.0, False, "- broken: "), (100.0, True, "- kept: ")],
)
def test_growth_is_judged_by_its_ratio(much: float, kept: bool, verdict: str) -> None:
    counts = {LIMIT.little: {"sojourn": 200.0}, LIMIT.much: {"sojourn": much}}
    ended, said = judge(replace(LIMIT, ratio_max=1.1), counts)
    assert ended is kept
    assert said.startswith(verdict)


def test_promises_are_on_scenarios_of_growth() -> None:
    named = {name for growth in GROWTHS for name in (growth.little, growth.much)}
    assert named == set(GROWING)
    assert not named & set(SCENARIOS)


def test_the_total_is_read_from_a_dump() -> None:
    assert read_total("desc: Trigger\nsummary: 12\n\ntotals: 12345\n") == 12345
    with pytest.raises(BenchmarkError, match="how many instructions"):
        read_total("events: Ir\n")


def test_urls_take_turns() -> None:
    assert targets(find("sync"), 80) == ["http://127.0.0.1:80/small"]
    assert targets(find("redirects"), 80) == ["http://127.0.0.1:80/hop/5"]
    assert len(set(targets(find("sync_50"), 80))) == 50


def test_a_peer_sends_what_it_can() -> None:
    assert peers_of("sync", ["aiohttp", "sojourn"]) == ["sojourn"]
    assert peers_of("async_64", ["aiohttp", "sojourn"]) == ["sojourn", "aiohttp"]


@pytest.mark.parametrize("name", [*SCENARIOS, "little", "redirects_30"])
def test_a_scenario_sends_its_requests_between_two_marks(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    marks: list[None] = []
    monkeypatch.setattr(instructions_client.os, "getppid", lambda: marks.append(None))
    with instructions.running_server() as port:
        instructions_client.run("sojourn", name, port)
    assert len(marks) == 2


def test_without_valgrind_nothing_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(instructions, "find_valgrind", lambda: None)
    assert instructions.main([]) == 2
    assert "valgrind is not installed" in capsys.readouterr().err


def test_a_request_is_counted_by_valgrind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need_program("valgrind", shutil.which("valgrind"))
    path = tmp_path / "counts.json"
    arguments = ["--only", "sync", "--peer", "sojourn", "--json", str(path)]
    assert instructions.main(arguments) == 0
    figure = json.loads(path.read_text())["scenarios"]["sync"]["sojourn"]
    assert f" {figure:,.1f} |" in capsys.readouterr().out
