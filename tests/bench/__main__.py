"""The command: ``python -m tests.bench``; ``--help`` tells the rest."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import cookies
from tests.bench.harness import BenchmarkError, choose_processors, measure, running_server
from tests.bench.report import (
    describe_environment,
    judge,
    to_json,
    write_environment,
    write_table,
)
from tests.bench.scenarios import SCENARIOS, TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.harness import Result
    from tests.bench.scenarios import Scenario

COOKIES: Final = "cookies"  # In memory, and a command of its own too.
ROUNDS: Final = 15
ROUNDS_SHORT: Final = 3
SLICE_SECONDS: Final = 0.2


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    names = [*(scenario.name for scenario in SCENARIOS), COOKIES]
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure Sojourn and its peers in turns, against nginx on this machine.",
        epilog="Needs nginx; peers that are not installed (extra 'bench') are left out.",
    )
    parser.add_argument("--short", action="store_true", help=f"only {ROUNDS_SHORT} rounds")
    parser.add_argument("--rounds", type=_count, help=f"how many rounds (default {ROUNDS})")
    parser.add_argument(
        "--only", choices=names, action="append", metavar="SCENARIO", help=f"of {', '.join(names)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    parser.add_argument(
        "--check", action="store_true", help="end with 1 if a target is missed or not measured"
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count} is not a number of rounds")
    return count


def _measure_peers(chosen: Sequence[Scenario], rounds: int) -> list[Result]:
    """Measure scenarios against the server, and print each."""
    processors = choose_processors()
    if processors.server is None:
        print("The server and the clients share their processors.", end="\n\n")
    results: list[Result] = []
    with running_server(processors) as server:
        for scenario in chosen:
            result = measure(
                scenario, server, rounds=rounds, seconds=SLICE_SECONDS, processors=processors
            )
            results.append(result)
            print(write_table(result), end="\n\n", flush=True)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and give the exit status: 1 for a missed target, 2 if it cannot measure."""
    options = parse_arguments(arguments)
    rounds = options.rounds or (ROUNDS_SHORT if options.short else ROUNDS)
    chosen = [each for each in SCENARIOS if not options.only or each.name in options.only]
    environment = describe_environment()
    print(write_environment(environment), end="\n\n")
    try:
        results = _measure_peers(chosen, rounds) if chosen else []
    except (BenchmarkError, FileNotFoundError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2

    cookie_results: list[cookies.Result] = []
    kept = True
    if not options.only or COOKIES in options.only:
        seconds = cookies.SLICE_SECONDS_SHORT if options.short else cookies.SLICE_SECONDS
        cookie_results, kept = cookies.report(rounds=rounds, seconds=seconds)
        print()

    if options.json:
        values = to_json(environment, results)
        values[COOKIES] = cookies.to_json(environment, cookie_results)
        options.json.write_text(json.dumps(values, indent=1) + "\n")
    names = {scenario.name for scenario in chosen}
    verdicts = [judge(target, results) for target in TARGETS if target.scenario in names]
    if verdicts:
        print("### Targets", "", *(line for _, line in verdicts), sep="\n")
    return int(options.check and not (kept and all(met for met, _ in verdicts)))


if __name__ == "__main__":
    sys.exit(main())
