"""How far an exchange got before it failed: what a decision to send again depends on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an exchange had got.

    Attributes:
        reused: Whether its connection had served a request before.
        octets_written: Octets of the request that were handed to the stream.
        octets_received: Octets that came from the peer.
        content_touched: Whether a chunk was taken from content that is streamed.
    """

    reused: bool = False
    octets_written: int = 0
    octets_received: int = 0
    content_touched: bool = False
