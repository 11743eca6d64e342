"""What is measured, with whom, and the ratios that are promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Measure = Literal["wall", "cpu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing to do over and over.

    Attributes:
        name: Its name on the command line and in reports.
        target: Path on the server; every response there is the 100 octets of ``SMALL``.
        flight: How many requests are in flight at once; None is blocking code.
        peers: Names of the clients, in the order of the rounds.
        bases: The peers that the others are compared to.
    """

    name: str
    target: str = "/small"
    flight: int | None = None
    peers: tuple[str, ...]
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A promise: in that scenario, peer takes at most ``ratio_max`` times what ``base`` takes."""

    scenario: str
    peer: str
    base: str
    measure: Measure
    ratio_max: float


ASYNC_PEERS: Final = ("sojourn", "httpx", "aiohttp", "h11_by_hand")
ASYNC_BASES: Final = ("aiohttp", "h11_by_hand")

SCENARIOS: Final = (
    Scenario(
        name="small_sync",
        peers=("sojourn", "requests", "httpx", "urllib3", "h11_by_hand", "raw_socket"),
        bases=("requests", "h11_by_hand", "raw_socket"),
    ),
    Scenario(name="small_async_1", flight=1, peers=ASYNC_PEERS, bases=ASYNC_BASES),
    Scenario(name="small_async_64", flight=64, peers=ASYNC_PEERS, bases=ASYNC_BASES),
)

# At 64 in flight a ratio of wall time is that of the throughputs, turned over.
TARGETS: Final = (
    Target(
        scenario="small_sync", peer="sojourn", base="h11_by_hand", measure="wall", ratio_max=1.5
    ),
    Target(scenario="small_sync", peer="sojourn", base="requests", measure="wall", ratio_max=0.33),
    Target(
        scenario="small_async_1", peer="sojourn", base="aiohttp", measure="wall", ratio_max=1.05
    ),
    Target(
        scenario="small_async_64", peer="sojourn", base="aiohttp", measure="wall", ratio_max=1.0
    ),
)
