"""When an upload that never has to wait looks at its peer, which may answer early."""

from __future__ import annotations

from typing import Final

LOOK_BYTES: Final = 1024 * 1024
LOOK_SECONDS: Final = 0.001


class Looks:
    """Counts what goes out, and the time, since an upload looked at its peer last.

    A look costs as much as a fifth of a piece, and a peer that takes in all of an upload at once
    seldom answers meanwhile. What has to wait for its peer, or for its content, looks each time.

    Attributes:
        next_at: When it is time to look again, at the latest.
        sent: How many bytes have gone out since.
    """

    __slots__ = ("next_at", "sent")

    def __init__(self) -> None:
        self.next_at = 0.0
        self.sent = 0

    def due(self, size: int, now: float) -> bool:
        """Count ``size`` bytes that will go out now; return True if it is time to look before."""
        self.sent += size
        return now >= self.next_at or self.sent > LOOK_BYTES

    def is_time(self, size: int, now: float) -> bool:
        """Count as ``due`` does, and begin anew where that returns True: it is looked at once."""
        if not self.due(size, now):
            return False
        self.looked(now)
        return True

    def looked(self, now: float) -> None:
        """Begin to count anew."""
        self.next_at = now + LOOK_SECONDS
        self.sent = 0
