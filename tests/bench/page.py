"""The figures of ``docs/benchmarks.md``, made from JSON: ``python -m tests.bench.page``.

The page shows what three commands have measured or counted, each of which writes JSON::

    python -m tests.bench --json docs/benchmarks/figures.json
    python -m tests.bench.calls --json docs/benchmarks/calls.json
    python -m tests.bench.instructions --json docs/benchmarks/instructions.json

This command writes their tables into the page, each between its two marks, and draws the pictures
beside the JSON. What stands around the tables is prose, and names no figure of theirs. With
``--measure`` it runs the three before that, one after another, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from tests.bench import calls, cookies, instructions_client
from tests.bench.pictures import draw, draw_all
from tests.bench.report import align, from_json, write_environment, write_rows
from tests.bench.targets import judge_all
from tests.docs.pages import TOP
from tests.docs.policies import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.bench.harness import Result

PAGE: Final = TOP / "docs" / "benchmarks.md"
FOLDER: Final = TOP / "docs" / "benchmarks"
MEASURING: Final = {
    "tests.bench": "figures.json",
    "tests.bench.calls": "calls.json",
    "tests.bench.instructions": "instructions.json",
}
MISSED: Final = 1  # The status of a command that has measured, and missed a target.
_COOKIES: Final = "cookies"  # The name of their part in the JSON, and of their mark.
CLIENTS: Final = ("sojourn", "aiohttp", "http.cookiejar", "httpx", "requests")


def write_machine(environment: dict[str, Any]) -> str:
    """Say when, where and with which versions the clock was read, and how busy the machine was."""
    loads = [f"{load:.1f}" for load in environment["load"] if load is not None]
    load = f", and a load of {' before and '.join(loads)} after it" if loads else ""
    return (
        f"Measured on {environment['date']}, in {environment['rounds']} rounds{load}: "
        f"{write_environment(environment)}."
    )


def write_scenario(result: Result, pictures: str) -> str:
    """Write the picture and the table of a scenario."""
    name = result.scenario.name
    lines = [f"![{result.title}]({pictures}/{name}.svg)", "", *align(write_rows(result))]
    if result.missing:
        lines += ["", f"Not installed, and left out: {', '.join(result.missing)}."]
    return "\n".join(lines)


def write_targets(results: Sequence[Result]) -> str:
    """Write what became of each promise."""
    return "\n".join(map(str, judge_all(results)))


def write_cookies(results: Sequence[cookies.Result]) -> str:
    """Write all scenarios of cookies as one table, medians in microseconds, and the bounds."""
    rows = [["what is done", "with", *CLIENTS, "sojourn / aiohttp"]]
    rows.append(["---", "---", *["---:"] * (len(CLIENTS) + 1)])
    for result in results:
        for what in dict.fromkeys(case.what for case in result.series):
            medians = [_median(result.series.get(cookies.Case(each, what))) for each in CLIENTS]
            ratios = result.ratios(cookies.Case("sojourn", what), cookies.Case("aiohttp", what))
            ratio = "-" if ratios is None else f"{statistics.median(ratios):.2f}"
            rows.append([result.scenario.title, what, *medians, ratio])
    verdicts = [verdict for _, verdict in cookies.judge_all(results)]
    return "\n".join([*align(rows), "", *verdicts])


def _median(series: list[float] | None) -> str:
    return "-" if series is None else f"{statistics.median(series):,.1f}"


def write_calls(values: dict[str, Any]) -> str:
    """Write all counts of calls as one table; what only we have is a dash for others."""
    everywhere = ("python", "c")
    ours = [name for name in calls.FIGURES if name not in everywhere]
    columns = len(everywhere) + len(ours)
    rows = [["scenario", "peer", *everywhere, *ours], ["---", "---", *["---:"] * columns]]
    for name, counts in values["scenarios"].items():
        for peer, figures in sorted(counts.items(), key=lambda each: each[1]["python"]):
            cells = [f"{figures[each]:,}" for each in everywhere]
            cells += [f"{figures[each]:,}" if peer == "sojourn" else "-" for each in ours]
            rows.append([f"`{name}`", peer, *cells])
    titles = [f"- `{name}`: {calls.SCENARIOS[name].title}." for name in values["scenarios"]]
    return "\n".join([*align(rows), "", *titles])


def write_instructions(values: dict[str, Any]) -> str:
    """Write thousands of instructions for each request, a line for each scenario."""
    scenarios: dict[str, dict[str, float]] = values["scenarios"]
    peers = list(dict.fromkeys(peer for figures in scenarios.values() for peer in figures))
    rows = [["K instructions a request", *peers], ["---", *["---:"] * len(peers)]]
    for name, figures in scenarios.items():
        cells = [f"{figures[peer]:,.0f}" if peer in figures else "-" for peer in peers]
        rows.append([instructions_client.find(name).title, *cells])
    lines = [*align(rows)]
    if values["growth"]:
        lines += ["", *values["growth"]]
    return "\n".join(lines)


def make_tables(folder: Path, page: Path) -> dict[str, str]:
    """Make all tables from the JSON that is in a folder, by the names of their marks."""
    tables: dict[str, str] = {}
    figures = _read(folder / "figures.json")
    if figures is not None:
        results = from_json(figures)
        pictures = folder.relative_to(page.parent).as_posix()
        tables["machine"] = write_machine(figures["environment"])
        for result in results:
            tables[result.scenario.name] = write_scenario(result, pictures)
        tables["targets"] = write_targets(results)
        if figures[_COOKIES]["scenarios"]:
            tables[_COOKIES] = write_cookies(cookies.from_json(figures[_COOKIES]))
    for name, write in (("calls", write_calls), ("instructions", write_instructions)):
        values = _read(folder / f"{name}.json")
        if values is not None:
            tables[name] = write(values)
    return tables


def measure(
    folder: Path, arguments: Sequence[str] = (), commands: Mapping[str, str] = MEASURING
) -> list[str]:
    """Run the commands that measure, and let them write their JSON into a folder.

    What one of them cannot measure, for want of nginx or valgrind, keeps the figures that it has.

    Args:
        folder: Of the JSON.
        arguments: For each of the commands, beside ``--json``.
        commands: The names of their JSON by their modules.

    Returns:
        A line for each command: how long it took, and how it ended.
    """
    told: list[str] = []
    for module, name in commands.items():
        begun, made = time.monotonic(), folder / f"new-{name}"
        command = [sys.executable, "-m", module, *arguments, "--json", str(made)]
        status = subprocess.run(command, cwd=TOP, check=False).returncode
        ended = "done" if status in (0, MISSED) else f"failed with {status}, and changes nothing"
        if status in (0, MISSED) and made.exists():
            made.replace(folder / name)
        made.unlink(missing_ok=True)
        told.append(f"{module}: {ended}, in {time.monotonic() - begun:.0f} s")
    return told


def _read(path: Path) -> dict[str, Any] | None:
    """Read JSON; None if the file is not there."""
    if not path.exists():
        return None
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def make_pictures(folder: Path) -> Iterator[tuple[Path, str]]:
    """Make the pictures of all scenarios in a folder's JSON, with the paths that they belong to."""
    figures = _read(folder / "figures.json")
    for result in from_json(figures) if figures else ():
        yield folder / f"{result.scenario.name}.svg", draw(result)


def make_page(text: str, tables: dict[str, str]) -> str:
    """Put tables into the text of a page.

    Raises:
        ValueError: The page does not have each mark of a table once.
    """
    for name, table in tables.items():
        text = replaced(text, name, table)
    return text


def main(
    arguments: Sequence[str] | None = None, *, page: Path = PAGE, folder: Path = FOLDER
) -> int:
    """Write the page and the pictures anew; return 2 if there is no JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.page",
        description="Write the tables and pictures of docs/benchmarks.md from its JSON.",
    )
    parser.add_argument(
        "--measure", action="store_true", help="measure all of it anew before that; takes a while"
    )
    if parser.parse_args(arguments).measure:
        print(*measure(folder), sep="\n")
    tables = make_tables(folder, page)
    if not tables:
        print(f"no JSON in {folder.name}")
        return 2
    page.write_text(make_page(page.read_text(encoding="utf-8"), tables), encoding="utf-8")
    figures = _read(folder / "figures.json")
    drawn = draw_all(from_json(figures), folder) if figures else []
    print(f"{page.name}: {len(tables)} tables, {len(drawn)} pictures")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
