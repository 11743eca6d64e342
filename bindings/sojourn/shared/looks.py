"""When an upload that never has to wait looks at its peer, which may answer early."""

from __future__ import annotations

from typing import Final

LOOK_BYTES: Final = 1024 * 1024
LOOK_SECONDS: Final = 0.001


class Looks:
    """Counts what goes out, and the time, since an upload looked at its peer last.

    A look costs as much as a fifth of a piece, and a peer that takes in all of an upload at once
    seldom answers meanwhile. What has to wait for its peer, or for its content, looks each time.
    """

    __slots__ = ("_at", "_sent")

    def __init__(self) -> None:
        self._at = 0.0
        self._sent = 0

    def due(self, size: int, now: float) -> bool:
        """Count ``size`` bytes that will go out now; return True if it is time to look before."""
        self._sent += size
        return now >= self._at or self._sent > LOOK_BYTES

    def looked(self, now: float) -> None:
        """Begin to count anew."""
        self._at = now + LOOK_SECONDS
        self._sent = 0
