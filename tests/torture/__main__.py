"""Play every fault at every step of every scenario.

``python -m tests.torture`` does it on all processors, and ends with 1 if something does not hold;
each line of its output that begins with ``--only`` plays that run again. ``--seed`` changes what is
left to chance: how much comes before a fault, and what garbage is.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.core.codecs import CODECS, speaking
from tests.servers.authority import Authority
from tests.torture.faults import Fault
from tests.torture.runs import Scene, loops_of, stories, torture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.torture.judge import Ran


class Share(NamedTuple):
    """Which part of all scenes a process plays, and how.

    Attributes:
        number: Of the share, from 0.
        count: How many shares there are.
        seed: Of what is left to chance.
        codec: The codec of HTTP/1.1; empty for the usual one.
        like: A part of the names of the scenarios that are played; empty for all.
    """

    number: int
    count: int
    seed: int
    codec: str
    like: str


class Tally(NamedTuple):
    """What has come of a scene.

    Attributes:
        scene: Its name.
        runs: How many runs there were.
        ends: How they ended.
        told: What does not hold, a line each.
    """

    scene: str
    runs: int
    ends: Counter[str]
    told: list[str]


def play_share(share: Share) -> Iterator[Tally]:
    """Play each scene of a share."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-"))
        authority = Authority(Path(folder))
        if share.codec:
            stack.enter_context(speaking(share.codec))
        chosen = [each for each in stories(authority).values() if share.like in each.name]
        pairs = [(each, loop) for each in chosen for loop in loops_of(each)]
        gc.collect()
        gc.freeze()
        for scenario, loop in pairs[share.number :: share.count]:
            scene = Scene(scenario, loop, authority, share.seed)
            tally = Tally(scene.name, 0, Counter(), [])
            runs = 0
            for fault, ran in torture(scene, share.seed):
                runs += 1
                tally.ends.update(ran.ends)
                tally.told.extend(told(scene.name, fault, ran))
            yield tally._replace(runs=runs)


def told(scene: str, fault: Fault | None, ran: Ran) -> list[str]:
    """Return a line for each thing that does not hold."""
    where = f'--only "{scene}:{fault}"'
    return [f"{where}: {each}" for each in dict.fromkeys(ran.problems)]


def play_one(which: str, seed: int, codec: str) -> int:
    """Play one run, and print all of it; the exit status."""
    name, step, fault_name = which.rsplit(":", 2)
    scenario_name, _, loop = name.rpartition("/")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-"))
        authority = Authority(Path(folder))
        if codec:
            stack.enter_context(speaking(codec))
        scene = Scene(stories(authority)[scenario_name], loop, authority, seed)
        print("without a fault:", *scene.plain.ends, scene.plain.steps, sep="\n  ")
        ran = scene.play(Fault(int(step), fault_name))
    print("with it:", *ran.ends, ran.steps, sep="\n  ")
    print("the fault has come" if ran.fired else "the fault has not come")
    for error in ran.errors:
        print(f"  {type(error).__name__}: {error}")
    print(*(ran.problems or ["all is well"]), sep="\n")
    return 1 if ran.problems else 0


def _work(share: Share, results: multiprocessing.Queue[Tally | None]) -> None:
    try:
        for tally in play_share(share):
            results.put(tally)
    finally:
        results.put(None)


def play_all(processes: int, seed: int, codec: str, like: str) -> int:
    """Play everything, or all scenarios of a kind; the exit status."""
    results: multiprocessing.Queue[Tally | None] = multiprocessing.Queue()
    workers = [
        multiprocessing.Process(
            target=_work, args=(Share(n, processes, seed, codec, like), results)
        )
        for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    begun = shown = time.monotonic()
    scenes = runs = working = 0
    working, ends, problems = processes, Counter[str](), 0
    while working:
        tally = results.get()
        if tally is None:
            working -= 1
            continue
        scenes, runs = scenes + 1, runs + tally.runs
        ends += tally.ends
        problems += len(tally.told)
        for line in tally.told:
            print(line, flush=True)
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"{scenes} scenes, {runs} runs, {shown - begun:.0f} s", file=sys.stderr)
    for worker in workers:
        worker.join()
    died = any(worker.exitcode for worker in workers)
    said = f"{scenes} scenes, {runs} runs in {time.monotonic() - begun:.0f} s, seed {seed}"
    print(f"{said}: {problems} problems")
    print(", ".join(f"{name} {count}" for name, count in ends.most_common()))
    return 1 if problems or died else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--codec", choices=sorted(CODECS), default="")
    parser.add_argument("--like", default="", metavar="TEXT", help="scenarios with it in the name")
    parser.add_argument("--only", metavar="SCENARIO:STEP:FAULT", help="play one run")
    chosen = parser.parse_args(arguments)
    if chosen.only:
        return play_one(chosen.only, chosen.seed, chosen.codec)
    return play_all(chosen.processes, chosen.seed, chosen.codec, chosen.like)


if __name__ == "__main__":
    raise SystemExit(main())
