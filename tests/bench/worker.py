"""The process of one peer: ``python -m tests.bench.worker SCENARIO PEER URL CPU``.

It prints ``ready`` when it is warm, or ``missing: WHY``. Then it runs a slice for each line on
standard input, which is the number of seconds, and prints a line of JSON for it. At the end of the
input it closes what it has and ends. CPU is the number of a processor, or ``-``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Final

from tests.bench import peers_async, peers_sync
from tests.bench.scenarios import SCENARIOS, Scenario
from tests.servers.nginx import SMALL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WARM_UP: Final = 50  # Requests, for each one in flight: caches are full, branches are taken.


def _say(line: str) -> None:
    print(line, flush=True)


def _measured(run: Callable[[float], int], seconds: float) -> str:
    """Run one slice; give what it took, as JSON: requests, and seconds of wall and CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    requests = run(wall + seconds)
    return json.dumps(
        {
            "requests": requests,
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,  # Of every thread, in user and system mode.
        }
    )


def _work(run: Callable[[float], int]) -> None:
    _say("ready")
    for line in sys.stdin:
        _say(_measured(run, float(line)))


def _work_sync(peer: str, url: str) -> None:
    with ExitStack() as stack:
        get = stack.enter_context(peers_sync.PEERS[peer](url))
        for _ in range(WARM_UP):
            content = get()
            assert content == SMALL, f"{peer} read {content[:200]!r}"

        def run(until: float) -> int:
            count = 0
            while time.perf_counter() < until:
                get()
                count += 1
            return count

        _work(run)


def _work_async(peer: str, url: str, flight: int) -> None:
    async def warm_up(get: Callable[[], Awaitable[bytes]]) -> None:
        for _ in range(WARM_UP):
            for content in await asyncio.gather(*(get() for _ in range(flight))):
                assert content == SMALL, f"{peer} read {content[:200]!r}"

    async def run_slice(get: Callable[[], Awaitable[bytes]], until: float) -> int:
        async def run_one() -> int:
            count = 0
            while time.perf_counter() < until:
                await get()
                count += 1
            return count

        return sum(await asyncio.gather(*(run_one() for _ in range(flight))))

    # One loop for all slices; between them it rests, and no keep-alive timer is that short.
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        get = runner.run(stack.enter_async_context(peers_async.PEERS[peer](url)))
        runner.run(warm_up(get))
        _work(lambda until: runner.run(run_slice(get, until)))
        runner.run(stack.aclose())


def _find_scenario(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def main(name: str, peer: str, url: str, cpu: str) -> None:
    """Work as one peer in one scenario until the input ends."""
    if cpu != "-":
        os.sched_setaffinity(0, {int(cpu)})
    flight = _find_scenario(name).flight
    try:
        if flight is None:
            _work_sync(peer, url)
        else:
            _work_async(peer, url, flight)
    except ModuleNotFoundError as error:  # Any other ImportError is a fault of the peer.
        _say(f"missing: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
