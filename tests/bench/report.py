"""Results as a table of Markdown, and as JSON, from which they can be read again."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from tests.bench.harness import Result, Series
from tests.bench.place import MEBIBYTE, Sizes
from tests.bench.scenarios import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.scenarios import Kind, Measure

PACKAGES: Final = (
    "sojourn",
    "h11",
    "requests",
    "urllib3",
    "httpx",
    "httpcore",
    "aiohttp",
    "niquests",
    "pycurl",
)
DIGITS: Final = 5  # Significant ones, in JSON: a clock has no more.


# --- where ------------------------------------------------------------------------------------


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


def read_load() -> float | None:
    """Read how many processes wanted a processor in the last minute; None where nobody counts."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


# --- figures ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of one operation, as people read it.

    Attributes:
        measure: What it is made of.
        unit: Its unit, and the head of its column.
        short: What stands for it in the head of a ratio.
        scale: What the measure is divided by.
        is_rate: Whether it says how much gets done in a time, so that more is better.
        digits: How many digits stand behind the point.
    """

    measure: Measure
    unit: str
    short: str
    scale: float = 1.0
    is_rate: bool = False
    digits: int = 1

    def value(self, amount: float, size: int = 1) -> float:
        """Turn a median of the measure into the figure; ``size`` is what one operation moves."""
        return size / amount / self.scale if self.is_rate else amount / self.scale

    def show(self, amount: float, size: int = 1) -> str:
        """Write the figure."""
        return f"{self.value(amount, size):.{self.digits}f}"


WALL: Final = Figure(measure="wall", unit="wall µs", short="wall")
CPU: Final = Figure(measure="cpu", unit="CPU µs", short="CPU")
# A byte each microsecond is a megabyte each second.
PER_CPU: Final = Figure(
    measure="cpu", unit="MB per CPU s", short="per CPU s", is_rate=True, digits=0
)
PER_SECOND: Final = Figure(measure="wall", unit="MB/s", short="MB/s", is_rate=True, digits=0)
HELD: Final = Figure(measure="memory", unit="KiB each", short="KiB", scale=1024)
GROWTH: Final = Figure(measure="memory", unit="growth MiB", short="growth", scale=MEBIBYTE)
# The first figure of a kind is the one that its picture shows.
FIGURES: Final[dict[Kind, tuple[Figure, ...]]] = {
    "request": (WALL, CPU),
    "download": (PER_CPU, PER_SECOND),
    "upload": (PER_CPU, PER_SECOND),
    "held": (HELD, WALL, CPU),
    "process": (
        Figure(measure="wall", unit="wall ms", short="wall", scale=1000),
        Figure(measure="cpu", unit="CPU ms", short="CPU", scale=1000),
    ),
}


def size_of(result: Result) -> int:
    """Return how many bytes one operation of a scenario moves; 1 if that is not measured."""
    return {"download": result.sizes.download, "upload": result.sizes.upload}.get(
        result.scenario.kind, 1
    )


def best_first(result: Result) -> list[str]:
    """List the peers that were measured, by their first figure."""
    measure = FIGURES[result.scenario.kind][0].measure
    return sorted(result.series, key=lambda peer: (result.series[peer].median(measure), peer))


def write_table(result: Result) -> str:
    """Write a scenario under its name, with the peers that were left out."""
    lines = [f"### {result.scenario.name}: {result.title}", "", *align(write_rows(result))]
    if result.missing:
        lines += ["", *(f"Left out: {peer} ({why})" for peer, why in result.missing.items())]
    return "\n".join(lines)


def write_rows(result: Result) -> list[list[str]]:
    """Write the cells of a table: medians, spreads, and ratios to the bases."""
    kind, size = result.scenario.kind, size_of(result)
    figures = FIGURES[kind]
    compared = [each for each in figures if each.measure == "memory" or kind != "held"]
    bases = [base for base in result.scenario.bases if base in result.series]
    header = ["peer"]
    if kind == "request":
        header.append("requests/s")
    for figure in figures:
        header += [figure.unit, "spread"]
    if kind == "download":
        header.append(GROWTH.unit)
    header += [f"{figure.short} / {base}" for base in bases for figure in compared]
    rows = [header, ["---", *["---:"] * (len(header) - 1)]]
    for peer in best_first(result):
        series = result.series[peer]
        row = [peer]
        if kind == "request":
            row.append(f"{1e6 / series.median('wall'):.0f}")
        for figure in figures:
            median = series.median(figure.measure)
            row += [figure.show(median, size), f"±{series.spread(figure.measure):.0%}"]
        if kind == "download":
            row.append(f"{GROWTH.value(series.median('memory')):+.1f}")
        row += [_ratio(result, peer, base, figure) for base in bases for figure in compared]
        rows.append(row)
    return rows


def _ratio(result: Result, peer: str, base: str, figure: Figure) -> str:
    ratio = result.ratio(peer, base, figure.measure)
    assert ratio is not None
    return f"{1 / ratio if figure.is_rate else ratio:.2f}"


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


# --- JSON -------------------------------------------------------------------------------------


def to_json(environment: dict[str, Any], results: Iterable[Result]) -> dict[str, Any]:
    """Give everything that was measured, each round included, in plain values."""
    return {
        "environment": environment,
        "unit": "microseconds, and bytes of memory, for each operation, in each round",
        "scenarios": {
            result.scenario.name: {
                "title": result.title,
                "sizes": asdict(result.sizes),
                "missing": result.missing,
                "peers": {
                    peer: {measure: rounded(values) for measure, values in asdict(series).items()}
                    for peer, series in result.series.items()
                },
            }
            for result in results
        },
    }


def rounded(values: Iterable[float]) -> list[float]:
    """Round to what a clock can tell."""
    return [float(f"{value:.{DIGITS}g}") for value in values]


def from_json(values: dict[str, Any]) -> list[Result]:
    """Read what ``to_json`` has given."""
    return [
        Result(
            scenario=find(name),
            series={peer: Series(**series) for peer, series in each["peers"].items()},
            missing=each["missing"],
            sizes=Sizes(**each["sizes"]),
        )
        for name, each in values["scenarios"].items()
    ]
