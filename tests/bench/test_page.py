"""The page of benchmarks shows what its JSON says, in tables and in pictures."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.bench import page
from tests.bench.harness import Result, Series
from tests.bench.pictures import OURS_AT_LEAST, draw, draw_all
from tests.bench.place import MEBIBYTE
from tests.bench.report import describe_environment, to_json
from tests.bench.scenarios import SCENARIOS, find
from tests.bench.test_bench import DOWNLOAD, RESULT

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
TEXT = page.PAGE.read_text(encoding="utf-8")


# --- the page as it stands --------------------------------------------------------------------


def test_the_page_has_the_tables_of_its_json() -> None:
    tables = page.make_tables(page.FOLDER, page.PAGE)
    assert page.make_page(TEXT, tables) == TEXT, "run python -m tests.bench.page"


def test_the_pictures_are_those_of_the_json() -> None:
    made = dict(page.make_pictures(page.FOLDER))
    assert set(page.FOLDER.glob("*.svg")) == set(made)
    for path, picture in made.items():
        assert path.read_text(encoding="utf-8") == picture, "run python -m tests.bench.page"


def test_the_page_has_a_place_for_every_scenario() -> None:
    marks = re.findall(r"^<!-- generated: (.+) -->$", TEXT, re.MULTILINE)
    everything = {"machine", "targets", "cookies", "calls", "instructions"}
    assert set(marks) == {*everything, *(scenario.name for scenario in SCENARIOS)}
    assert len(marks) == len(set(marks))


# --- making it --------------------------------------------------------------------------------

COOKIES = {
    "scenarios": {
        "field": {
            "missing": {},
            "cases": [
                {"client": "sojourn", "with": "10 cookies", "rounds": [1.0, 2.0]},
                {"client": "aiohttp", "with": "10 cookies", "rounds": [4.0, 4.0]},
                {"client": "sojourn", "with": "1,000 cookies", "rounds": [1500.0]},
            ],
        }
    }
}
FIGURES: dict[str, Any] = {
    **to_json(
        {**describe_environment(), "date": "2026-11-29", "rounds": 3, "load": [1.5, 2.25]},
        [RESULT, DOWNLOAD],
    ),
    "cookies": COOKIES,
}
CALLS = {
    "scenarios": {
        "get": {
            "requests": dict.fromkeys(page.calls.FIGURES, 2000),
            "sojourn": dict.fromkeys(page.calls.FIGURES, 100),
        }
    }
}
INSTRUCTIONS = {
    "scenarios": {"sync": {"sojourn": 290.4}, "async_1": {"sojourn": 300.6, "aiohttp": 334.0}},
    "growth": ["- kept: that"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page that has all marks, beside a folder of JSON."""
    names = ["machine", "small_sync", "download", "targets", "cookies", "calls", "instructions"]
    marks = [f"<!-- generated: {name} -->\n<!-- end of {name} -->\n" for name in names]
    (tmp_path / "page.md").write_text("Prose.\n" + "".join(marks))
    folder = tmp_path / "figures"
    folder.mkdir()
    (folder / "figures.json").write_text(json.dumps(FIGURES))
    (folder / "calls.json").write_text(json.dumps(CALLS))
    (folder / "instructions.json").write_text(json.dumps(INSTRUCTIONS))
    return folder


def test_the_command_writes_all_that_there_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.parent / "page.md"
    for _ in range(2):  # The second time nothing changes.
        assert page.main([], page=path, folder=folder) == 0
    assert capsys.readouterr().out == "page.md: 7 tables, 2 pictures\n" * 2
    text = re.sub(" +", " ", path.read_text())
    assert text.startswith("Prose.\n<!-- generated: machine -->\n\nMeasured on 2026-11-29, in 3 ")
    for line in (
        "rounds, and a load of 1.5 before and 2.2 after it: CPython ",
        f"![{RESULT.title}](figures/small_sync.svg)",
        "| requests | 3333 |",
        "Not installed, and left out: httpx.",
        "- missed: small_sync: sojourn / requests (wall), at most 0.20, is 0.50; 0.60 by CPU",
        "| 10 cookies | 1.5 | 4.0 | - | - | - | 0.38 |",
        "| 1,000 cookies | 1,500.0 | - |",
        "- met: field: sojourn with 10 cookies / aiohttp, at most 1.00, is 0.38",
        "- not measured: field: sojourn with 1,000 cookies / aiohttp, at most 1.00",
        "| `get` | sojourn | 100 | 100 |",
        "| `get` | requests | 2,000 | 2,000 | - |",
        "- `get`: GET of 100 bytes over a kept connection.",
        "| small GET, sync, one URL | 290 | - |",
        "- kept: that",
    ):
        assert line in text
    assert (folder / "small_sync.svg").read_text() == draw(RESULT)


def test_measuring_replaces_the_json_of_what_can_be_measured(folder: Path) -> None:
    before = (folder / "figures.json").read_text()
    commands = {"tests.bench.calls": "calls.json", "tests.bench": "figures.json"}
    told = page.measure(folder, ("--only", "answered"), commands)  # The clock has no such scenario.
    assert "tests.bench.calls: done, in " in told[0]
    assert "tests.bench: failed with 2, and changes nothing, in " in told[1]
    assert list(json.loads((folder / "calls.json").read_text())["scenarios"]) == ["answered"]
    assert (folder / "figures.json").read_text() == before
    assert not list(folder.glob("new-*"))


def test_what_was_not_measured_is_left_as_it_is(folder: Path) -> None:
    path = folder.parent / "page.md"
    page.main([], page=path, folder=folder)
    text = path.read_text()
    (folder / "calls.json").unlink()
    (folder / "instructions.json").unlink()
    page.main([], page=path, folder=folder)
    assert path.read_text() == text
    (folder / "figures.json").unlink()
    assert page.main([], page=path, folder=folder) == 2
    assert path.read_text() == text


def test_a_page_without_a_mark_is_an_error(folder: Path) -> None:
    empty = folder.parent / "empty.md"
    empty.write_text("Prose.\n")
    with pytest.raises(ValueError, match="the marks of 'machine'"):
        page.main([], page=empty, folder=folder)
    assert empty.read_text() == "Prose.\n"


# --- pictures ---------------------------------------------------------------------------------


def bars(result: Result) -> dict[str, float]:
    """The lengths of the bars, by the names beside them."""
    root = ET.fromstring(draw(result))
    names = [text.text or "" for text in root.iter(f"{SVG}text") if _is(text, "name")]
    lengths = [float(each.get("width", "")) for each in root.iter(f"{SVG}rect") if _is(each, "bar")]
    return dict(zip(names, lengths, strict=True))


def _is(element: ET.Element, name: str) -> bool:
    return name in element.get("class", "").split()


def test_a_bar_is_as_long_as_its_figure() -> None:
    lengths = bars(RESULT)
    assert list(lengths) == ["sojourn", "requests"]
    assert lengths["sojourn"] / lengths["requests"] == pytest.approx(1 / 3, rel=1e-3)


def test_of_a_rate_the_longest_bar_is_the_best() -> None:
    lengths = bars(DOWNLOAD)
    assert list(lengths) == ["sojourn", "requests"]
    assert lengths["sojourn"] / lengths["requests"] == pytest.approx(2, rel=1e-3)


def test_a_bar_that_is_far_too_long_is_cut_and_its_figure_is_not() -> None:
    series = {"sojourn": Series([10.0]), "requests": Series([40.0]), "httpx": Series([12_345.0])}
    result = Result(scenario=find("small_sync"), series=series)
    lengths = bars(result)
    assert lengths["httpx"] / lengths["sojourn"] == pytest.approx(OURS_AT_LEAST, rel=1e-2)
    picture = draw(result)
    assert picture.count('class="cut"') == 2
    assert ">12,345.0<" in picture


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_scenario_can_be_drawn(scenario: Any) -> None:
    """Peers that took nothing, or had no growth, too."""
    for amount in (0.0, 1.0, 1e6):
        if amount == 0.0 and scenario.kind in ("download", "upload"):
            continue  # Nothing is moved in no time.
        series = {peer: Series([amount], [amount], [amount]) for peer in scenario.peers}
        result = Result(scenario=scenario, series=series)
        assert len(bars(result)) == len(scenario.peers)
        assert "nan" not in draw(result)


def test_a_picture_is_for_light_and_for_dark_pages_and_for_those_who_hear_it() -> None:
    picture = draw(RESULT)
    assert "@media (prefers-color-scheme: dark)" in picture
    root = ET.fromstring(picture)
    assert root.findtext(f"{SVG}title") == RESULT.title
    assert root.findtext(f"{SVG}desc") == ("wall µs, less is better: sojourn 100.0, requests 300.0")


def test_a_picture_follows_from_the_results_alone() -> None:
    turned = dict(reversed(RESULT.series.items()))
    assert draw(RESULT) == draw(replace(RESULT, series=turned))


def test_a_scenario_that_nobody_was_measured_in_is_not_drawn(tmp_path: Path) -> None:
    empty = Result(scenario=find("prepare"), missing={"httpx": "No module named 'httpx'"})
    assert draw_all([RESULT, empty], tmp_path) == [tmp_path / "small_sync.svg"]


def test_memory_is_drawn_in_kibibytes() -> None:
    series = {"sojourn_async": Series([1.0], [1.0], [float(MEBIBYTE)])}
    assert ">1,024.0<" in draw(Result(scenario=find("memory"), series=series))
