"""Measure the peers of a scenario side by side.

Machines drift: a processor gets warm, a neighbour gets busy. So each peer has a process of its
own, kept alive, and they take turns (A B C A B C ...) in slices short enough that a drift meets
all of them. A ratio is taken within each round, between neighbours in time, and reported as the
median over the rounds. The server has one processor to itself where there are two, and the peers
share another.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.servers.nginx import Nginx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.scenarios import Measure, Scenario

ROOT: Final = Path(__file__).parents[2]
STOP_SECONDS_MAX: Final = 10.0
# Settings that a client would take from the environment, and that would change what it does.
FOREIGN: Final = frozenset(
    {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"}
)


class BenchmarkError(Exception):
    """A peer did not do what it was asked; the message says which."""


@dataclass(slots=True)
class Series:
    """What one peer took in each round, in microseconds for each request."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def of(self, measure: Measure) -> list[float]:
        """Give the series of one measure."""
        return self.wall if measure == "wall" else self.cpu

    def median(self, measure: Measure) -> float:
        """Median over the rounds, in microseconds."""
        return statistics.median(self.of(measure))

    def spread(self, measure: Measure) -> float:
        """Half the range between the quartiles, as a fraction of the median."""
        values = self.of(measure)
        if len(values) < 2:
            return 0.0
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return (high - low) / 2 / self.median(measure)


@dataclass(slots=True, kw_only=True)
class Result:
    """One scenario, measured.

    Attributes:
        scenario: What was measured.
        series: What each peer took, in the order of the rounds.
        missing: Peers that were left out, and why.
    """

    scenario: Scenario
    series: dict[str, Series]
    missing: dict[str, str]

    def ratio(self, peer: str, base: str, measure: Measure) -> float | None:
        """Median over the rounds of what peer took for each unit that base took."""
        if peer not in self.series or base not in self.series:
            return None
        pairs = zip(self.series[peer].of(measure), self.series[base].of(measure), strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Processors:
    """Processors to run on; None where they cannot be chosen, or there is only one."""

    server: int | None
    clients: int | None


def choose_processors() -> Processors:
    """Choose two of the processors that this process may use."""
    if not hasattr(os, "sched_setaffinity"):
        return Processors(None, None)
    allowed = sorted(os.sched_getaffinity(0))
    return Processors(allowed[0], allowed[1]) if len(allowed) > 1 else Processors(None, None)


@contextmanager
def running_server(processors: Processors) -> Iterator[Nginx]:
    """Run nginx, without a log, on its own processor."""
    with tempfile.TemporaryDirectory() as folder, Nginx(Path(folder), logged=False) as server:
        if processors.server is not None:
            os.sched_setaffinity(server.pid, {processors.server})
        yield server


class Worker:
    """The process of one peer."""

    def __init__(self, scenario: Scenario, peer: str, url: str, cpu: int | None) -> None:
        """Start it; ``get_ready`` comes next."""
        self._name: Final = f"{peer} in {scenario.name}"
        module = f"{__package__}.worker"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                module,
                scenario.name,
                peer,
                url,
                "-" if cpu is None else str(cpu),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_clean_environment(),
        )

    def get_ready(self) -> str | None:
        """Wait until it is warm; None, or why the peer is missing."""
        line = self._read()
        return None if line == "ready" else line.removeprefix("missing: ")

    def run(self, seconds: float, series: Series) -> None:
        """Run one slice, and add what it took to the series."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        took = json.loads(self._read())
        series.wall.append(took["wall"] / took["requests"] * 1e6)
        series.cpu.append(took["cpu"] / took["requests"] * 1e6)

    def close(self) -> None:
        """End it, and wait until it is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise BenchmarkError(f"{self._name} ended; what it wrote is above")
        return line


def _clean_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.lower().endswith("_proxy")
    }


def measure(
    scenario: Scenario, server: Nginx, *, rounds: int, seconds: float, processors: Processors
) -> Result:
    """Measure one scenario.

    Args:
        scenario: What to measure.
        server: The running server.
        rounds: How many slices each peer gets.
        seconds: Length of a slice.
        processors: Where to run.

    Raises:
        BenchmarkError: A peer failed.
    """
    url = server.url(scenario.target)
    result = Result(scenario=scenario, series={}, missing={})
    workers: dict[str, Worker] = {}
    with ExitStack() as stack:
        for peer in scenario.peers:
            worker = Worker(scenario, peer, url, processors.clients)
            stack.callback(worker.close)
            missing = worker.get_ready()
            if missing is None:
                workers[peer] = worker
                result.series[peer] = Series()
            else:
                result.missing[peer] = missing
        for _ in range(rounds):
            for peer, worker in workers.items():
                worker.run(seconds, result.series[peer])
    return result
