"""The clock that a binding's deadlines are times of."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """A function of no arguments that gives monotonic seconds."""

    def __call__(self) -> float:
        """Return the time, in seconds since any moment."""
        ...
