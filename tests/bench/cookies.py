"""What cookies cost, beside other clients: ``python -m tests.bench.cookies``.

In memory, in one process, without a server. Within a scenario every jar of every size takes its
turn in each round, so a ratio is taken between neighbours in time. CPU time is measured, of which
other work on the machine takes none.

A bound is missed if three quarters of the rounds miss it; that is for noise, and the bound itself
has no room in it.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.bench import cookie_jars as jars
from tests.bench.report import align, describe_environment, rounded, write_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.bench.cookie_jars import Work

    Make = Callable[[], Work]

SIZES: Final = (10, 1000, 10_000)
STORING_SIZE: Final = 1000
ROUNDS: Final = 15
ROUNDS_SHORT: Final = 3
SLICE_SECONDS: Final = 0.02
SLICE_SECONDS_SHORT: Final = 0.002
BURST_SECONDS: Final = 0.001  # So long that reading the clock does not count.


class Case(NamedTuple):
    """One line of a scenario: a client, and what it deals with."""

    client: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Things that take turns; ``base`` is the client that others are compared to."""

    name: str
    title: str
    cases: dict[Case, Make]
    base: str = "aiohttp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A promise: in a scenario, ``case`` takes at most ``ratio_max`` times what ``base`` takes."""

    scenario: str
    case: Case
    base: Case
    ratio_max: float


@dataclass(slots=True, kw_only=True)
class Result:
    """One scenario, measured.

    Attributes:
        scenario: What was measured.
        series: Microseconds for each operation, in the order of the rounds.
        missing: Clients that were left out, and why.
    """

    scenario: Scenario
    series: dict[Case, list[float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def ratios(self, case: Case, base: Case) -> list[float] | None:
        """What one took for each unit that the other took, in each round."""
        if case not in self.series or base not in self.series:
            return None
        pairs = zip(self.series[case], self.series[base], strict=True)
        return [ours / theirs for ours, theirs in pairs]


# --- what is measured ---------------------------------------------------------------------------


def _size(size: int) -> str:
    return f"{size:,} cookies"


def _by_size(makers: dict[str, Callable[[int], Work]]) -> dict[Case, Make]:
    return {
        Case(client, _size(size)): lambda make=make, size=size: make(size)
        for size in SIZES
        for client, make in makers.items()
    }


_STORING: Final[dict[str, Callable[[str, int], jars.Storing]]] = {
    "sojourn": jars.sojourn_storing,
    "aiohttp": jars.aiohttp_storing,
    "http.cookiejar": jars.standard_storing,
}


def _by_shape(do: Callable[[jars.Storing, str], Work]) -> dict[Case, Make]:
    return {
        Case(client, shape): lambda make=make, shape=shape: do(make(shape, STORING_SIZE), shape)
        for shape in jars.SHAPES
        for client, make in _STORING.items()
    }


def _exchange(make: Callable[[str, int], jars.Storing]) -> Callable[[int], Work]:
    return lambda size: jars.exchanging(make("session", size), "session")


SCENARIOS: Final = (
    Scenario(
        name="request",
        title="preparing a request to one site, from the text of its URL",
        cases=_by_size(
            {
                "sojourn": jars.sojourn_request,
                "requests": jars.requests_request,
                "httpx": jars.httpx_request,
                "aiohttp": jars.aiohttp_request,
            }
        ),
    ),
    Scenario(
        name="prepared",
        title="the same, to aiohttp's filter_cookies alone",
        cases=_by_size({"sojourn": jars.sojourn_request, "aiohttp": jars.aiohttp_field}),
    ),
    Scenario(
        name="field",
        title="asking the jar for the cookies of one site, nothing having changed",
        cases=_by_size(
            {
                "sojourn": jars.sojourn_field,
                "aiohttp": jars.aiohttp_field,
                "http.cookiejar": jars.standard_field,
            }
        ),
    ),
    Scenario(
        name="turns",
        title="asking the jar for the cookies of each site in turn",
        cases=_by_size({"sojourn": jars.sojourn_turns, "aiohttp": jars.aiohttp_turns}),
    ),
    Scenario(
        name="exchange",
        title="storing a cookie anew, and then asking for the cookies of its site",
        cases=_by_size(
            {
                "sojourn": _exchange(jars.sojourn_storing),
                "aiohttp": _exchange(jars.aiohttp_storing),
                "http.cookiejar": _exchange(jars.standard_storing),
            }
        ),
    ),
    Scenario(
        name="replace",
        title=f"storing a cookie in the place of another, in a jar of {_size(STORING_SIZE)}",
        cases=_by_shape(jars.replacing),
    ),
    Scenario(
        name="add",
        title=f"storing a cookie of a new name, in a jar of {_size(STORING_SIZE)}",
        cases=_by_shape(jars.adding),
    ),
)

BOUNDS: Final = (
    *(
        Bound(
            scenario=scenario,
            case=Case("sojourn", _size(SIZES[-1])),
            base=Case("sojourn", _size(SIZES[0])),
            ratio_max=1.5,
        )
        for scenario in ("request", "field")
    ),
    # aiohttp's jar holds no more than 3,300, so it has less to look at in the last line.
    *(
        Bound(
            scenario="prepared",
            case=Case("sojourn", _size(size)),
            base=Case("aiohttp", _size(size)),
            ratio_max=ratio_max,
        )
        for size, ratio_max in zip(SIZES, (1.2, 1.2, 0.8), strict=True)
    ),
    *(
        Bound(
            scenario=scenario.name,
            case=case,
            base=Case("aiohttp", case.what),
            ratio_max=1.0,
        )
        for scenario in SCENARIOS
        if scenario.name != "prepared"
        for case in scenario.cases
        if case.client == "sojourn"
    ),
)


# --- measuring ----------------------------------------------------------------------------------


def _burst(work: Work, runs: int) -> float:
    """CPU seconds that so many runs take."""
    run = work.run
    turns = range(runs)
    start = time.process_time()
    for _ in turns:
        run()
    return time.process_time() - start


def _runs_of(work: Work) -> int:
    """How many runs are timed together: one, if each needs a reset."""
    runs = 1
    if work.reset is None:
        while _burst(work, runs) < BURST_SECONDS:
            runs *= 2
    return runs


def _slice(work: Work, runs: int, seconds: float) -> float:
    """Microseconds for each operation, over a slice of that length."""
    spent, bursts = 0.0, 0
    while spent < seconds:
        if work.reset is not None:
            work.reset()
        spent += _burst(work, runs)
        bursts += 1
    return spent / (bursts * runs * work.operations) * 1e6


def measure(scenario: Scenario, *, rounds: int, seconds: float) -> Result:
    """Measure one scenario: every case once in each round, in slices of that length."""
    result = Result(scenario=scenario)
    works: dict[Case, tuple[Work, int]] = {}
    for case, make in scenario.cases.items():
        try:
            work = make()
        except ModuleNotFoundError as error:
            result.missing[case.client] = str(error)
            continue
        if work.reset is not None:
            work.reset()
        works[case] = work, _runs_of(work)
        result.series[case] = []
    gc.collect()
    gc.freeze()  # Else every collection would walk through the jars of all the others.
    try:
        for _ in range(rounds):
            for case, (work, runs) in works.items():
                result.series[case].append(_slice(work, runs, seconds))
    finally:
        gc.unfreeze()
    return result


# --- reporting ----------------------------------------------------------------------------------


def write_table(result: Result) -> str:
    """Write a scenario as a table: least and median, and the ratio to the base."""
    base = result.scenario.base
    rows = [["client", "with", "least µs", "median µs", f"/ {base}"]]
    rows.append(["---", *["---:"] * (len(rows[0]) - 1)])
    for case, series in result.series.items():
        ratios = result.ratios(case, Case(base, case.what))
        ratio = "-" if ratios is None else f"{statistics.median(ratios):.2f}"
        rows.append([*case, f"{min(series):.2f}", f"{statistics.median(series):.2f}", ratio])
    lines = [f"### {result.scenario.name}: {result.scenario.title}", "", *align(rows)]
    if result.missing:
        lines += ["", *(f"Left out: {client} ({why})" for client, why in result.missing.items())]
    return "\n".join(lines)


def judge(bound: Bound, results: Iterable[Result]) -> tuple[bool, str]:
    """Say whether a bound is kept, and how; one that was not measured is not."""
    case, base = bound.case, bound.base
    told = base.client if base.what == case.what else f"with {base.what}"
    promise = (
        f"{bound.scenario}: {case.client} with {case.what} / {told}, at most {bound.ratio_max:.2f}"
    )
    found = [each.ratios(case, base) for each in results if each.scenario.name == bound.scenario]
    if not found or not found[0]:
        return False, f"- not measured: {promise}"
    ratios = found[0]
    median = statistics.median(ratios)
    if median <= bound.ratio_max:
        return True, f"- met: {promise}, is {median:.2f}"
    low = statistics.quantiles(ratios, n=4, method="inclusive")[0] if ratios[1:] else median
    if low <= bound.ratio_max:
        return True, f"- within noise: {promise}, is {median:.2f}"
    return False, f"- missed: {promise}, is {median:.2f}"


def judge_all(results: Sequence[Result]) -> list[tuple[bool, str]]:
    """Judge the bounds on all scenarios that were measured."""
    names = {result.scenario.name for result in results}
    return [judge(bound, results) for bound in BOUNDS if bound.scenario in names]


def to_json(environment: dict[str, Any], results: Iterable[Result]) -> dict[str, Any]:
    """Give everything that was measured, each round included, in plain values."""
    return {
        "environment": environment,
        "unit": "microseconds of CPU time for each operation, in each round",
        "scenarios": {
            result.scenario.name: {
                "missing": result.missing,
                "cases": [
                    {"client": case.client, "with": case.what, "rounds": rounded(series)}
                    for case, series in result.series.items()
                ],
            }
            for result in results
        },
    }


def from_json(values: dict[str, Any]) -> list[Result]:
    """Read what ``to_json`` has given."""
    by_name = {scenario.name: scenario for scenario in SCENARIOS}
    return [
        Result(
            scenario=by_name[name],
            series={
                Case(case["client"], case["with"]): case["rounds"] for case in scenario["cases"]
            },
            missing=scenario["missing"],
        )
        for name, scenario in values["scenarios"].items()
    ]


def report(
    scenarios: Iterable[Scenario] = SCENARIOS, *, rounds: int, seconds: float
) -> tuple[list[Result], bool]:
    """Measure and print; give the results, and whether every bound on them is kept."""
    results: list[Result] = []
    for scenario in scenarios:
        results.append(measure(scenario, rounds=rounds, seconds=seconds))
        print(write_table(results[-1]), end="\n\n", flush=True)
    verdicts = judge_all(results)
    print("### Bounds on cookies", "", *(line for _, line in verdicts), sep="\n")
    return results, all(kept for kept, _ in verdicts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and give the exit status: 1 for a missed bound that was to be checked."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.cookies",
        description="Measure Sojourn's cookie jar and its peers in turns, in memory.",
        epilog="Peers that are not installed (extra 'bench') are left out.",
    )
    parser.add_argument(
        "--short", action="store_true", help=f"only {ROUNDS_SHORT} rounds, and shorter ones"
    )
    parser.add_argument(
        "--only", choices=names, action="append", metavar="SCENARIO", help=f"of {', '.join(names)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    parser.add_argument(
        "--check", action="store_true", help="end with 1 if a bound is missed or not measured"
    )
    options = parser.parse_args(arguments)
    environment = describe_environment()
    print(write_environment(environment), end="\n\n")
    results, kept = report(
        [each for each in SCENARIOS if not options.only or each.name in options.only],
        rounds=ROUNDS_SHORT if options.short else ROUNDS,
        seconds=SLICE_SECONDS_SHORT if options.short else SLICE_SECONDS,
    )
    if options.json:
        options.json.write_text(json.dumps(to_json(environment, results), indent=1) + "\n")
    return int(options.check and not kept)


if __name__ == "__main__":
    sys.exit(main())
