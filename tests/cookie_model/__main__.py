"""The command: ``python -m tests.cookie_model``; ``--help`` tells the rest."""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import Pool
from typing import TYPE_CHECKING, Final

from .compare import run, shorten
from .programs import STEPS, program, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCH: Final = 200
PROGRESS: Final = 10_000
PROCESSES: Final = 2


def first_failing(seeds: range) -> tuple[int, int | None]:
    """How many of these seeds' programs were run, and the seed that failed, if one did."""
    for count, seed in enumerate(seeds, 1):
        if run(program(seed)) is not None:
            return count, seed
    return len(seeds), None


def report(seed: int) -> None:
    """Print the program of a seed as far as it matters."""
    failure = run(program(seed))
    assert failure is not None
    print(f"\nprogram {seed} failed at its step {len(failure.program.steps)}: {failure.error!r}")
    failure = shorten(failure)
    print(f"It fails with these steps alone, and limits {failure.program.limits}:")
    for step in failure.program.steps:
        print(f"    {shown(step)}")
    print(repr(failure.error))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the status is 1 if the jar and the reference differ."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cookie_model",
        description=f"Run programs of {STEPS} steps on the cookie jar and on its reference.",
    )
    parser.add_argument("--programs", type=int, default=200_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first; each has the next one")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="(%(default)s)")
    options = parser.parse_args(arguments)

    end = options.seed + options.programs
    batches = [range(seed, min(seed + BATCH, end)) for seed in range(options.seed, end, BATCH)]
    started = time.perf_counter()
    done = 0
    with Pool(options.processes) as pool:
        for count, failed in pool.imap_unordered(first_failing, batches):
            done += count
            if failed is not None:
                report(failed)
                print(f"run again with: --programs 1 --seed {failed}")
                return 1
            if done // PROGRESS > (done - count) // PROGRESS:
                print(f"{done:,} of {options.programs:,} programs", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - started
    print(f"{done:,} programs of {STEPS} steps, no difference; {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
