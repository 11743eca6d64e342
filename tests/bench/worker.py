"""The process of one peer: ``python -m tests.bench.worker SCENARIO PEER PLACE CPU``.

It prints ``ready`` when it is warm, or ``missing: WHY``. Then it runs a slice for each line on
standard input, which is the number of seconds, and prints a line of JSON for it. At the end of the
input it closes what it has and ends. PLACE is a line that ``Place.to_text`` has written, and CPU
is the number of a processor, or ``-``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import TYPE_CHECKING

from tests.bench import memory
from tests.bench.place import Place
from tests.bench.scenarios import find

if TYPE_CHECKING:
    from tests.bench.jobs import Slice


def _say(line: str) -> None:
    print(line, flush=True)


def _cpu() -> float:
    """Seconds of every thread, and of children that have ended, in user and system mode."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure(run: Slice, seconds: float, held: int) -> str:
    """Run one slice; give what it took, as JSON.

    That is the number of operations, seconds of wall and of CPU time, and by how many bytes the
    most memory that was held up to its end is above ``held``.
    """
    wall, cpu = time.perf_counter(), _cpu()
    operations = run(seconds)
    return json.dumps(
        {
            "operations": operations,
            "wall": time.perf_counter() - wall,
            "cpu": _cpu() - cpu,
            "memory": memory.peak() - held,
        }
    )


def main(name: str, peer: str, place: str, cpu: str) -> None:
    """Work as one peer in one scenario until the input ends."""
    if cpu != "-":
        os.sched_setaffinity(0, {int(cpu)})
    scenario = find(name)
    try:
        with scenario.job(scenario, peer, Place.of_text(place)) as run:
            held = memory.start()
            _say("ready")
            for line in sys.stdin:
                _say(measure(run, float(line), held))
    except ModuleNotFoundError as error:  # Any other ImportError is a fault of the peer.
        _say(f"missing: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
