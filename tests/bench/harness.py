"""Measure the peers of a scenario side by side.

Machines drift: a processor gets warm, a neighbour gets busy. So each peer has a process of its
own, kept alive, and they take turns (A B C A B C ...) in slices short enough that a drift meets
all of them. A ratio is taken within each round, between neighbours in time, and reported as the
median over the rounds. The server has one processor to itself where there are two, and the peers
share another. Where memory is measured, each round has new processes.
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
from typing import TYPE_CHECKING, Final, Self

from tests.bench import holding
from tests.bench.place import MEBIBYTE, Place, Sizes
from tests.servers.authority import Authority
from tests.servers.nginx import Nginx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.scenarios import Measure, Scenario

ROOT: Final = Path(__file__).parents[2]
STOP_SECONDS_MAX: Final = 10.0
FRESH_ROUNDS_MAX: Final = 3  # What needs new processes takes long, and varies little.
# Settings that a client would take from the environment, and that would change what it does.
FOREIGN: Final = frozenset(
    {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"}
)


class BenchmarkError(Exception):
    """A peer did not do what it was asked; the message says which."""


@dataclass(slots=True)
class Series:
    """The rounds of one peer.

    Attributes:
        wall: Wall time in microseconds for each operation.
        cpu: CPU time in microseconds for each operation.
        memory: Bytes by which memory grew: for each operation where many are in flight, else from
            the first slice to the end of this one.
    """

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def of(self, measure: Measure) -> list[float]:
        """Give the series of one measure."""
        if measure == "memory":
            return self.memory
        return self.wall if measure == "wall" else self.cpu

    def median(self, measure: Measure) -> float:
        """Median over the rounds, in the unit of the measure."""
        return statistics.median(self.of(measure))

    def spread(self, measure: Measure) -> float:
        """Half the range between the quartiles, as a fraction of the median."""
        low, high = self.quartiles(measure)
        median = self.median(measure)
        return (high - low) / 2 / median if median else 0.0

    def quartiles(self, measure: Measure) -> tuple[float, float]:
        """Lower and upper quartile over the rounds, in the unit of the measure."""
        values = self.of(measure)
        if len(values) < 2:
            return values[0], values[0]
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return low, high


@dataclass(slots=True, kw_only=True)
class Result:
    """One scenario, measured.

    Attributes:
        scenario: What was measured.
        series: What each peer took, in the order of the rounds.
        missing: Peers that were left out, and why.
        sizes: How much there was to do.
    """

    scenario: Scenario
    series: dict[str, Series] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)

    @property
    def title(self) -> str:
        """The title of the scenario, with the sizes of this run."""
        sizes = self.sizes
        return self.scenario.title.format(
            download=f"{sizes.download / MEBIBYTE:.0f} MiB",
            upload=f"{sizes.upload / MEBIBYTE:.0f} MiB",
            held=f"{sizes.held:,}",
        )

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
def running_servers(processors: Processors, sizes: Sizes) -> Iterator[Place]:
    """Run nginx, without a log, on its own processor, and the server that holds requests."""
    with tempfile.TemporaryDirectory() as name, holding.running() as held:
        folder = Path(name)
        authority = Authority(folder)
        bundle = folder / "bundle.pem"
        bundle.write_text(authority.path.read_text() + _usual_authorities())
        (folder / "nginx").mkdir()
        server = Nginx(folder / "nginx", certificate=authority.certificate, logged=False)
        for path, size in (("nginx/files/huge", sizes.download), ("upload", sizes.upload)):
            with Path(folder, path).open("wb") as file:
                file.truncate(size)  # Sparse: it takes no room.
        with server:
            if processors.server is not None:
                os.sched_setaffinity(server.pid, {processors.server})
            yield Place(
                http=server.url(""),
                https=server.url("", scheme="https"),
                holding=held,
                ca=str(authority.path),
                bundle=str(bundle),
                upload=str(folder / "upload"),
                bytecode=str(folder / "bytecode"),
                sizes=sizes,
            )


def _usual_authorities() -> str:
    """Read the bundle that clients bring along, if it is installed."""
    try:
        import certifi
    except ModuleNotFoundError:
        return ""
    return Path(certifi.where()).read_text(encoding="utf-8")


class Worker:
    """The process of one peer."""

    def __init__(self, scenario: Scenario, peer: str, place: Place, cpu: int | None) -> None:
        """Start it; ``get_ready`` comes next."""
        self._name: Final = f"{peer} in {scenario.name}"
        self._each: Final = scenario.kind == "held"
        module = f"{__package__}.worker"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                module,
                scenario.name,
                peer,
                place.to_text(),
                "-" if cpu is None else str(cpu),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_make_environment(place),
        )

    def get_ready(self) -> str | None:
        """Wait until it is warm; None, or why the peer is missing."""
        line = self._read()
        return None if line == "ready" else line.removeprefix("missing: ")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, seconds: float, series: Series) -> None:
        """Run one slice, and add what it took to the series."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        took = json.loads(self._read())
        operations = took["operations"]
        series.wall.append(took["wall"] / operations * 1e6)
        series.cpu.append(took["cpu"] / operations * 1e6)
        series.memory.append(took["memory"] / (operations if self._each else 1))

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


def _make_environment(place: Place) -> dict[str, str]:
    """Make the environment of a peer: without proxies and the like, and with bytecode for all."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.lower().endswith("_proxy")
    }
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": place.bytecode}


def measure(
    scenario: Scenario, place: Place, *, rounds: int, seconds: float, processors: Processors
) -> Result:
    """Measure one scenario.

    Args:
        scenario: What to measure.
        place: The running servers, and how much there is to do.
        rounds: How many slices each peer gets.
        seconds: Length of a slice.
        processors: Where to run.

    Raises:
        BenchmarkError: A peer failed.
    """
    result = Result(scenario=scenario, sizes=place.sizes)
    workers: dict[str, Worker] = {}
    with ExitStack() as stack:
        started = {
            peer: stack.enter_context(Worker(scenario, peer, place, processors.clients))
            for peer in scenario.peers
        }
        for peer, worker in started.items():
            missing = worker.get_ready()
            if missing is None:
                workers[peer] = worker
                result.series[peer] = Series()
            else:
                result.missing[peer] = missing
        for number in range(min(rounds, FRESH_ROUNDS_MAX) if scenario.fresh else rounds):
            for peer, worker in workers.items():
                if scenario.fresh and number:
                    with Worker(scenario, peer, place, processors.clients) as fresh:
                        fresh.get_ready()
                        fresh.run(seconds, result.series[peer])
                else:
                    worker.run(seconds, result.series[peer])
    return result
