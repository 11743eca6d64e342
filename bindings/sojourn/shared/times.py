"""Times of the monotonic clock, as what waits takes them."""

from __future__ import annotations

from math import inf
from time import monotonic as clock


def seconds_until(time: float) -> float | None:
    """Return the seconds until a time of the monotonic clock, at least 0; None for ever."""
    return None if time == inf else max(time - clock(), 0.0)
