"""Chunks of an upload, written to the socket beside its transport, on the thread of the loop."""

from __future__ import annotations

import os
import select
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.looks import LOOK_BYTES, Looks

if TYPE_CHECKING:
    from sojourn_core.exchange.passing import Passing

HAS_WRITEV: Final = hasattr(os, "writev")


class Aside:
    """Sends chunks of content past a transport, which must hold nothing back meanwhile.

    Args:
        transport: It is told to say so as soon as it holds anything.

    Attributes:
        looks: When an upload lets the loop look at its sockets.
    """

    __slots__ = ("_incoming", "_own", "looks")

    def __init__(self, transport: Any) -> None:
        transport.set_write_buffer_limits(0)
        self._own: int = transport.get_extra_info("socket").fileno()
        self._incoming: Any = None
        if hasattr(select, "poll"):
            self._incoming = select.poll()
            self._incoming.register(self._own, select.POLLIN)
        self.looks = Looks()

    def pass_on(self, passing: Passing, chunk: bytes) -> bytes | None:
        """Send a chunk without waiting.

        The loop is to have a turn each millisecond. Before that the socket alone is looked at.

        Returns:
            The bytes that were not taken, which the transport is to write: it finds out if the
            stream is broken. None if the chunk was not framed: the loop is to have a turn, or the
            chunk is to be replied.
        """
        looks, now = self.looks, monotonic()
        if now >= looks.next_at:
            looks.looked(now)
            return None
        looks.sent += len(chunk)
        if looks.sent > LOOK_BYTES:
            if self._incoming is None or self._incoming.poll(0):
                return None
            looks.sent = 0
        framed = passing.frame(chunk)
        return None if framed is None else self._write(*framed)

    def _write(self, size: int, pieces: tuple[bytes, ...]) -> bytes:
        """Write what is in pieces, and return the rest."""
        if HAS_WRITEV:
            try:
                sent = os.writev(self._own, pieces)
            except OSError:
                sent = 0
            if sent == size:
                return b""
            return b"".join(pieces)[sent:]
        return b"".join(pieces)
