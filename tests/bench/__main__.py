"""The command: ``python -m tests.bench``; ``--help`` tells the rest."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import cookies
from tests.bench.harness import BenchmarkError, choose_processors, measure, running_servers
from tests.bench.pictures import draw_all
from tests.bench.place import MEBIBYTE, Sizes
from tests.bench.report import (
    describe_environment,
    from_json,
    read_load,
    to_json,
    write_environment,
    write_table,
)
from tests.bench.scenarios import SCENARIOS
from tests.bench.targets import TARGETS, judge_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.harness import Result
    from tests.bench.scenarios import Scenario

COOKIES: Final = "cookies"  # In memory, and a command of its own too.
ROUNDS: Final = 15
ROUNDS_SHORT: Final = 2
SLICE_SECONDS: Final = 0.2
SLICE_SECONDS_SHORT: Final = 0.02
SIZES_SHORT: Final = Sizes(download=8 * MEBIBYTE, upload=2 * MEBIBYTE, held=100, warm_up=3)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    names = [*(scenario.name for scenario in SCENARIOS), COOKIES]
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure Sojourn and its peers in turns, against nginx on this machine.",
        epilog="Needs nginx; peers that are not installed (extra 'bench') are left out.",
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help=f"only {ROUNDS_SHORT} rounds, less to move, and the peers that matter most",
    )
    parser.add_argument("--rounds", type=_count, help=f"how many rounds (default {ROUNDS})")
    parser.add_argument(
        "--only", choices=names, action="append", metavar="SCENARIO", help=f"of {', '.join(names)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="draw each scenario, as SVG, into FOLDER"
    )
    parser.add_argument(
        "--from", type=Path, metavar="FILE", dest="source", help="measure nothing: read that JSON"
    )
    parser.add_argument(
        "--check", action="store_true", help="end with 1 if a target is missed or not measured"
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count} is not a number of rounds")
    return count


def shortened(scenario: Scenario) -> Scenario:
    """Leave out the peers that nobody is compared to: a process for each is most of the time."""
    wanted = set(scenario.bases)
    for target in TARGETS:
        if target.scenario == scenario.name and len(target.bases) == 1:
            wanted.update(target.bases)
    peers = [peer for peer in scenario.peers if peer.startswith("sojourn") or peer in wanted]
    return replace(scenario, peers=tuple(peers))


def _measure_peers(
    chosen: Sequence[Scenario], rounds: int, *, short: bool, results: list[Result]
) -> None:
    """Measure scenarios against the servers, print each, and add it to the results."""
    processors = choose_processors()
    if processors.server is None:
        print("The server and the clients share their processors.", end="\n\n")
    seconds = SLICE_SECONDS_SHORT if short else SLICE_SECONDS
    with running_servers(processors, SIZES_SHORT if short else Sizes()) as place:
        for scenario in chosen:
            result = measure(scenario, place, rounds=rounds, seconds=seconds, processors=processors)
            results.append(result)
            print(write_table(result), end="\n\n", flush=True)


def _measure(options: argparse.Namespace) -> tuple[list[Result], bool]:
    """Measure what was asked for, print it, and write JSON; the flag is for bounds on cookies.

    What was measured before a peer fails is written all the same.
    """
    rounds = options.rounds or (ROUNDS_SHORT if options.short else ROUNDS)
    chosen = [each for each in SCENARIOS if not options.only or each.name in options.only]
    if options.short:
        chosen = [shortened(scenario) for scenario in chosen]
    environment = describe_environment()
    print(write_environment(environment), end="\n\n")
    environment["date"] = datetime.now(UTC).date().isoformat()
    environment["rounds"] = rounds
    environment["load"] = [read_load()]
    results: list[Result] = []
    cookie_results: list[cookies.Result] = []
    kept = True
    try:
        if chosen:
            _measure_peers(chosen, rounds, short=options.short, results=results)
        if not options.only or COOKIES in options.only:
            seconds = cookies.SLICE_SECONDS_SHORT if options.short else cookies.SLICE_SECONDS
            cookie_results, kept = cookies.report(rounds=rounds, seconds=seconds)
            print()
    finally:
        environment["load"].append(read_load())
        if options.json:
            values = to_json(environment, results)
            values[COOKIES] = cookies.to_json(environment, cookie_results)
            options.json.write_text(json.dumps(values) + "\n")
    return results, kept


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and give the exit status: 1 for a missed target, 2 if it cannot measure."""
    options = parse_arguments(arguments)
    if options.source:
        results, kept = from_json(json.loads(options.source.read_text())), True
        for result in results:
            print(write_table(result), end="\n\n")
    else:
        try:
            results, kept = _measure(options)
        except (BenchmarkError, FileNotFoundError) as error:
            print(f"cannot measure: {error}", file=sys.stderr)
            return 2
    if options.pictures:
        draw_all(results, options.pictures)
    verdicts = judge_all(results)
    if verdicts:
        print("### Targets", "", *verdicts, sep="\n")
    return int(options.check and not (kept and all(verdict.good for verdict in verdicts)))


if __name__ == "__main__":
    sys.exit(main())
