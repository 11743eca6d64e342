"""Results as a table of Markdown, as JSON, and against the targets."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.harness import Result
    from tests.bench.scenarios import Measure, Target

MEASURES: Final[tuple[Measure, ...]] = ("wall", "cpu")
PACKAGES: Final = ("sojourn", "h11", "requests", "urllib3", "httpx", "httpcore", "aiohttp")


def describe_environment() -> dict[str, Any]:
    """Say what was measured on: the interpreter, the machine, the versions of the peers."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "versions": versions,
    }


def write_environment(environment: dict[str, Any]) -> str:
    """Write that as one line."""
    versions = ", ".join(f"{name} {value}" for name, value in environment["versions"].items())
    return (
        f"{environment['python']}, {environment['system']}, "
        f"{environment['processors']} processors; {versions}"
    )


def write_table(result: Result) -> str:
    """Write a scenario as a table: medians, spreads, and ratios to the bases by wall and CPU."""
    bases = [base for base in result.scenario.bases if base in result.series]
    header = ["peer", "requests/s", "wall µs", "spread", "CPU µs", "spread"]
    header += [f"{measure} / {base}" for base in bases for measure in ("wall", "CPU")]
    rows = [header, ["---", *["---:"] * (len(header) - 1)]]
    fastest_first = sorted(result.series, key=lambda peer: result.series[peer].median("wall"))
    for peer in fastest_first:
        series = result.series[peer]
        row = [peer, f"{1e6 / series.median('wall'):.0f}"]
        for measure in MEASURES:
            row += [f"{series.median(measure):.1f}", f"±{series.spread(measure):.0%}"]
        ratios = [result.ratio(peer, base, measure) for base in bases for measure in MEASURES]
        rows.append([*row, *(f"{ratio:.2f}" for ratio in ratios if ratio is not None)])
    lines = [f"### {result.scenario.name}", "", *align(rows)]
    if result.missing:
        lines += ["", *(f"Left out: {peer} ({why})" for peer, why in result.missing.items())]
    return "\n".join(lines)


def align(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Write rows of cells as lines of Markdown; the second row has the dashes."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *others = (
            f"-{'-' * (width - 2)}{cell[-1]}" if cell.startswith("---") else cell
            for cell, width in zip(row, widths, strict=True)
        )
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield f"| {' | '.join([first.ljust(widths[0]), *cells])} |"


def judge(target: Target, results: Iterable[Result]) -> tuple[bool, str]:
    """Say whether a target is met, and how. One whose peers were not measured is not."""
    promise = (
        f"{target.scenario}: {target.peer} / {target.base} ({target.measure}), "
        f"at most {target.ratio_max:.2f}"
    )
    ratios = [
        result.ratio(target.peer, target.base, target.measure)
        for result in results
        if result.scenario.name == target.scenario
    ]
    if not ratios or ratios[0] is None:
        return False, f"- not measured: {promise}"
    met = ratios[0] <= target.ratio_max
    return met, f"- {'met' if met else 'missed'}: {promise}, is {ratios[0]:.2f}"


def to_json(environment: dict[str, Any], results: Iterable[Result]) -> dict[str, Any]:
    """Give everything that was measured, each round included, in plain values."""
    return {
        "environment": environment,
        "unit": "microseconds for each request, in each round",
        "scenarios": {
            result.scenario.name: {
                "missing": result.missing,
                "peers": {
                    peer: {"wall": series.wall, "cpu": series.cpu}
                    for peer, series in result.series.items()
                },
            }
            for result in results
        },
    }
