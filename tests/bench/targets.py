"""Promises: ratios within one run, and a few figures that stand for themselves.

At 64 in flight a ratio of wall time is that of the throughputs, turned over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.bench.place import MEBIBYTE
from tests.bench.scenarios import OPTIONAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.bench.harness import Result
    from tests.bench.scenarios import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A promise about one peer in one scenario. Just one of the three bounds is set.

    Attributes:
        scenario: Name of the scenario.
        peer: Who keeps it.
        bases: Whom it is compared to: the best one of them that was measured.
        measure: What is compared.
        ratio_max: It takes at most so many times what the base takes.
        rate_min: It gets at least so many times as much done as the base, in the same time.
        most: It takes at most so much, in the unit of the measure.
    """

    scenario: str
    peer: str = "sojourn"
    bases: tuple[str, ...] = ()
    measure: Measure = "wall"
    ratio_max: float | None = None
    rate_min: float | None = None
    most: float | None = None

    @property
    def promise(self) -> str:
        """The promise in words."""
        start = f"{self.scenario}: {self.peer}"
        if self.most is not None:
            return f"{start} ({self.measure}), at most {self.most:,.0f} bytes"
        base = self.bases[0] if not self.bases[1:] else f"the best of {', '.join(self.bases)}"
        if self.rate_min is not None:
            return f"{start} does at least {self.rate_min:.2f} of {base} ({self.measure})"
        return f"{start} / {base} ({self.measure}), at most {self.ratio_max:.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The end of a promise: ``met``, ``missed``, ``not measured`` or ``left out``."""

    word: str
    text: str

    @property
    def good(self) -> bool:
        """True if it is met, or if it is about a peer that nobody needs to have."""
        return self.word in ("met", "left out")

    def __str__(self) -> str:
        return f"- {self.word}: {self.text}"


TARGETS: Final = (
    Target(scenario="small_sync", bases=("http_client",), ratio_max=0.85),
    Target(scenario="small_sync", bases=("urllib3",), ratio_max=0.55),
    Target(scenario="small_sync", bases=("requests",), ratio_max=0.20),
    Target(scenario="small_async_1", peer="sojourn_async", bases=("aiohttp",), ratio_max=0.90),
    Target(scenario="small_async_64", peer="sojourn_async", bases=("aiohttp",), ratio_max=0.85),
    Target(scenario="https_small", peer="sojourn_async", bases=("aiohttp",), ratio_max=0.95),
    Target(scenario="https_small", bases=("urllib3",), ratio_max=0.80),
    Target(scenario="redirects", bases=("aiohttp",), ratio_max=1.0),
    Target(scenario="redirects", peer="sojourn_async", bases=("aiohttp",), ratio_max=1.0),
    Target(scenario="chunked", bases=("urllib3",), ratio_max=1.0),
    Target(scenario="chunked", peer="sojourn_async", bases=("aiohttp",), ratio_max=1.0),
    Target(scenario="gzip", bases=("urllib3",), ratio_max=0.95),
    Target(scenario="prepare", bases=("requests",), ratio_max=0.08),
    Target(scenario="download", bases=("requests",), measure="cpu", rate_min=1.1),
    Target(
        scenario="download",
        peer="sojourn_async",
        bases=("aiohttp",),
        measure="cpu",
        rate_min=1.4,
    ),
    Target(scenario="download", measure="memory", most=2 * MEBIBYTE),
    Target(scenario="download", peer="sojourn_async", measure="memory", most=2 * MEBIBYTE),
    Target(
        scenario="upload_file",
        bases=("requests", "httpx", "urllib3", "http_client", "niquests", "aiohttp"),
        measure="cpu",
        rate_min=1.0,
    ),
    Target(
        scenario="upload_iterator",
        bases=("requests", "httpx", "urllib3", "http_client", "niquests", "aiohttp", "httpx_async"),
        measure="cpu",
        rate_min=0.95,
    ),
    Target(scenario="https_cold", bases=("niquests",), ratio_max=0.57),
    Target(scenario="memory", peer="sojourn_async", measure="memory", most=9 * 1024),
    Target(scenario="imports", bases=("requests",), ratio_max=0.7),
    Target(scenario="first_response", bases=("requests",), ratio_max=0.75),
)


def judge(target: Target, results: Iterable[Result]) -> Verdict:
    """Say whether a target is met, and how. One whose peers were not measured is not."""
    result = next((each for each in results if each.scenario.name == target.scenario), None)
    is_there = result is not None and target.peer in result.series
    measured = [base for base in target.bases if result and base in result.series]
    if result is None or not is_there or (target.bases and not measured):
        optional = is_there and target.bases and set(target.bases) <= OPTIONAL
        return Verdict(word="left out" if optional else "not measured", text=target.promise)
    if target.most is not None:
        median = result.series[target.peer].median(target.measure)
        word = "met" if median <= target.most else "missed"
        return Verdict(word=word, text=f"{target.promise}, is {median:,.0f}")
    ratio, base = max(
        (result.ratio(target.peer, base, target.measure) or 0.0, base) for base in measured
    )
    whom = f" of {base}" if target.bases[1:] else ""
    if target.rate_min is not None:
        word = "met" if 1 / ratio >= target.rate_min else "missed"
        return Verdict(word=word, text=f"{target.promise}, is {1 / ratio:.2f}{whom}")
    assert target.ratio_max is not None
    word = "met" if ratio <= target.ratio_max else "missed"
    by_cpu = result.ratio(target.peer, base, "cpu")
    beside = f"; {by_cpu:.2f} by CPU" if target.measure == "wall" else ""
    return Verdict(word=word, text=f"{target.promise}, is {ratio:.2f}{whom}{beside}")


def judge_all(results: Iterable[Result]) -> list[Verdict]:
    """Judge the targets of all scenarios that were measured."""
    results = list(results)
    names = {result.scenario.name for result in results}
    return [judge(target, results) for target in TARGETS if target.scenario in names]
