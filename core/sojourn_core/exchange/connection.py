"""A connection: one byte stream to an origin or its proxy, and what is known of it.

The stream itself is the driver's: the core keeps its handle, and hands it back with the slot and
in effects. TLS is the core's, pumped over memory (``tls``), so that a driver sees bytes only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .codec import Codec
    from .pool_key import PoolKey
    from .tls import TlsLayer


class Connection:
    """One connection.

    Attributes:
        key: What it may be shared for.
        stream: The driver's handle of the byte stream.
        tls: The TLS layer on it, if any.
        codec: Makes its messages. It is there once TLS is done, which decides on the protocol.
        requests: How many requests it was used for.
        idle_until: When it has been idle for too long, once it was given back; the pool's.
        idle_seconds_max: How long its peer keeps it idle, by its last Keep-Alive field; or None.
    """

    __slots__ = (
        "__weakref__",
        "codec",
        "idle_seconds_max",
        "idle_until",
        "key",
        "requests",
        "stream",
        "tls",
    )

    codec: Codec

    def __init__(self, key: PoolKey, stream: Any) -> None:
        self.key = key
        self.stream = stream
        self.tls: TlsLayer | None = None
        self.requests = 0
        self.idle_until = 0.0
        self.idle_seconds_max: float | None = None

    def __repr__(self) -> str:
        return f"Connection({self.key.origin}, requests={self.requests})"
