"""A request calls no more of our functions than it is allowed to, and the counts are right."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from sojourn_core import parse_url
from tests.bench import calls
from tests.bench.calls import BOUNDS, FIGURES, SCENARIOS, Counts, Profile, count, running_servers
from tests.core.codecs import speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


# The extra "bench" has them all, the extra "test" all but httpx.
INSTALLED = [peer for peer in ("requests", "httpx", "urllib3") if find_spec(peer) is not None]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_servers() as url:
        yield url


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_request_calls_no_more_than_its_bound(server: str, name: str) -> None:
    """The bounds are those of the codec that every program gets, whichever the tests speak."""
    with speaking("plain"):
        counts = count(name, "sojourn", server).figures()
    assert {each: counts[each] for each in BOUNDS[name] if counts[each] > BOUNDS[name][each]} == {}


def test_bounds_are_on_figures_of_scenarios() -> None:
    assert set(BOUNDS) == set(SCENARIOS)
    assert all(set(bounds) <= set(FIGURES) for bounds in BOUNDS.values())


@pytest.mark.parametrize("name", ["get", "redirect", "answered"])
def test_a_count_is_the_same_each_time(server: str, name: str) -> None:
    assert count(name, "sojourn", server) == count(name, "sojourn", server)


def profiled(work: Callable[[], object]) -> Counts:
    profile = Profile()
    profile.start()
    work()
    return profile.stop()


def test_a_url_that_was_read_before_is_one_call_and_one_reading() -> None:
    parse_url("http://a.test/calls")
    counts = profiled(lambda: parse_url("http://a.test/calls"))
    assert (counts.python, counts.own, counts.files, counts.readings) == (1, 1, 1, 1)


def test_functions_of_the_benchmark_do_not_count() -> None:
    assert set(profiled(lambda: len("text")).figures().values()) == {0}


def test_the_core_calling_up_is_told_from_a_binding_calling_down(server: str) -> None:
    counts = count("get", "sojourn", server)
    assert 0 <= counts.up < counts.crossings
    assert count("answered", "sojourn", server).crossings == 0


def test_the_table_and_json_have_every_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "counts.json"
    assert calls.main(["--only", "answered", "--json", str(path)]) == 0
    figures = json.loads(path.read_text())["scenarios"]["answered"]["sojourn"]
    assert set(figures) == set(FIGURES)
    row = [figures["python"], figures["c"], figures["own"], figures["files"]]
    cells = [cell.strip() for cell in capsys.readouterr().out.splitlines()[-2].split("|")]
    assert cells[1:6] == ["sojourn", *map(str, row)]


def test_a_peer_that_is_not_installed_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def import_it() -> None:
        raise ModuleNotFoundError("No module named 'httpx'", name="httpx")

    for peer in ("requests", "httpx", "urllib3"):
        monkeypatch.setitem(calls.CLIENTS, peer, import_it)
    assert calls.main(["--only", "get"]) == 0
    out = capsys.readouterr().out
    assert "Left out: httpx (No module named 'httpx')" in out
    assert "| sojourn" in out


@pytest.mark.parametrize("peer", INSTALLED)
@pytest.mark.parametrize("name", ["get", "redirect", "chain"])
def test_a_peer_is_counted_as_a_whole(server: str, name: str, peer: str) -> None:
    counts = count(name, peer, server)
    assert counts.python > 0
    assert counts.own == counts.files == counts.crossings == 0


def test_our_functions_are_listed_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert calls.main(["--only", "answered", "--functions"]) == 0
    assert "    1 sojourn_core/call/call.py: Call.answered\n" in capsys.readouterr().out
