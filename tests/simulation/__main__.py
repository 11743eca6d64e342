"""Simulate sessions on a network that loses, delays, cuts off, drips and restarts, by a seed.

``python -m tests.simulation --exchanges 1000000`` begins that many exchanges, in worlds of a
thousand each: hosts, proxies, sessions and users that share one pool and one simulated clock. All
of it is in one process, and nothing waits. After each event the books are compared, and at the end
of each world everything has to be given back; it ends with 1 at the first thing found.

The same seed gives the same run. What is found names its world and its event:
``--seed 7 --world 12 --until 3456 --trace 100`` runs that world alone, as far as before that event,
and prints the last hundred things that happened.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import deque
from math import inf
from typing import TYPE_CHECKING, Final

from .world import Tally, World

if TYPE_CHECKING:
    from collections.abc import Sequence

EXCHANGES: Final = 1000  # Of one world, about: who has begun goes on to the end.


def simulate(
    exchanges: int,
    seed: int = 1,
    *,
    only: int | None = None,
    until: float = inf,
    lines: int = 0,
    told: float = inf,
) -> Tally:
    """Simulate world after world.

    Args:
        exchanges: How many are begun in all.
        seed: Draws all of it.
        only: The number of the one world to run; None for all.
        until: The event before which that one stops.
        lines: How many of the last things that happened are printed if something is found, or if
            it is stopped.
        told: Seconds between reports on how far it is.

    Raises:
        AssertionError: Something was found; it is told which world to look at.
    """
    tally, number, last = Tally(), 0 if only is None else only, time.monotonic()
    while tally.exchanges < exchanges:
        world = World(f"{seed}:{number}", EXCHANGES, tally)
        trace: deque[str] = deque(maxlen=lines)
        world.loop.until = until
        world.loop.trace = trace.append if lines else None
        try:
            whole = world.run()
        except BaseException as error:
            event = world.loop.events
            error.add_note(f"look at it by: --seed {seed} --world {number} --until {event + 1}")
            print(*trace, sep="\n")
            world.loop.close()
            raise
        if not whole or only is not None:
            print(*trace, sep="\n")
            world.loop.close()  # A task that has not begun would warn.
            break
        number += 1
        if time.monotonic() > last + told:
            last = time.monotonic()
            print(f"{tally.exchanges:,} exchanges", file=sys.stderr, flush=True)
    return tally


def report(tally: Tally, seed: int, seconds: float) -> str:
    """Return the figures as text."""
    rows = [
        ("seed", seed),
        ("exchanges", f"{tally.exchanges:,}"),
        ("calls", f"{tally.calls:,}"),
        ("connections", f"{tally.lines:,}"),
        ("events", f"{tally.events:,}"),
        ("simulated seconds", f"{tally.seconds:,.0f}"),
        ("seconds of CPU", f"{seconds:,.0f}"),
        ("digest", f"{tally.digest:08x}"),
    ]
    for title, counted in (("faults", tally.faults), ("endings", tally.endings)):
        rows.append((title, f"{sum(counted.values()):,}"))
        rows += [(f"  {name}", f"{count:,}") for name, count in sorted(counted.items())]
    return "\n".join(f"{name:<28}{value:>16}" for name, value in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, and print its figures."""
    parser = argparse.ArgumentParser(prog="tests.simulation", description=__doc__)
    parser.add_argument("--exchanges", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int, help="run this world alone")
    parser.add_argument("--until", type=float, default=inf, help="stop before this event")
    parser.add_argument("--trace", type=int, default=0, help="print the last things that happened")
    given = parser.parse_args(arguments)
    print("seed", given.seed, flush=True)
    gc.freeze()
    began = time.process_time()
    try:
        tally = simulate(
            given.exchanges,
            given.seed,
            only=given.world,
            until=given.until,
            lines=given.trace,
            told=30.0,
        )
    except AssertionError as error:
        print(f"found: {error}", *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        return 1
    print(report(tally, given.seed, time.process_time() - began))
    return 0


if __name__ == "__main__":
    sys.exit(main())
