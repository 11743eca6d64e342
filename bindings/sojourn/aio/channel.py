"""A transport of asyncio that was handed over: what comes is held until somebody asks for it."""

from __future__ import annotations

import asyncio
from typing import Any, Final

HELD_MAX: Final = 256 * 1024  # Bytes that nobody has asked for, beyond which the peer must wait.


class Channel(asyncio.Protocol):
    """The protocol of a transport whose bytes are the user's; see ``awaited.upgraded.Channel``.

    Args:
        transport: The transport, whose protocol it becomes.
        held: What has come by now.
        ended: Whether the peer has ended its side.
        error: What the transport was lost with.
        paused: Whether the transport takes no more at the moment.
    """

    def __init__(
        self, transport: Any, held: bytes, *, ended: bool, error: Exception | None, paused: bool
    ) -> None:
        self._transport = transport
        self._held = bytearray(held)
        self._ended = ended
        self._lost: Exception | None = error
        self._reading_paused = False
        self._came = asyncio.Event()
        self._writable = asyncio.Event()
        if held or ended:
            self._came.set()
        if not paused:
            self._writable.set()
        transport.set_protocol(self)
        if not transport.is_closing():
            transport.resume_reading()

    async def send(self, data: bytes) -> None:
        """Send all of it, and wait while the peer is behind."""
        self._refuse_lost()
        self._transport.write(data)
        await self._writable.wait()
        self._refuse_lost()

    async def receive(self, limit: int) -> bytes:
        """Return what has come, none at the end."""
        while not self._held:
            self._refuse_lost(if_reset=True)
            if self._ended:
                return b""
            self._came.clear()
            await self._came.wait()
        data = bytes(self._held[:limit])
        del self._held[:limit]
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    def _refuse_lost(self, *, if_reset: bool = False) -> None:
        if self._lost is not None:
            raise self._lost
        if self._transport.is_closing() and not (if_reset and self._ended):
            raise ConnectionAbortedError("the stream was closed")

    # --- asyncio's callbacks --------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Hold what came, and let the peer wait if that is much."""
        self._held += data
        if len(self._held) > HELD_MAX and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()
        self._came.set()

    def eof_received(self) -> bool:
        """Note that the peer has ended its side; ours stays open."""
        self._ended = True
        self._came.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits: the transport is gone."""
        if exc is not None:
            self._lost = exc
        elif not self._ended:
            self._lost = ConnectionAbortedError("the stream was closed")
        self._ended = True
        self._came.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """Note that the peer is behind."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on: the peer has caught up."""
        self._writable.set()
