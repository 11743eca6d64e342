"""A connection: one byte stream to an origin or its proxy, and what is known of it.

The stream itself is the driver's: the core keeps its handle, and hands it back with the slot and
in effects. TLS is the core's, pumped over memory (``tls``), so that a driver sees octets only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fields import FieldLine
    from .route import PoolKey
    from .tls import TlsLayer


class HeaderMemo:
    """The last head that went out on a connection, validated by h11.

    Requests on one connection mostly differ in their target only. Validating and lower-casing the
    same lines anew costs more than sending them. The memo is the connection's own, because it holds
    credentials.
    """

    __slots__ = ("_headers", "_lines")

    def __init__(self) -> None:
        self._lines: list[FieldLine] | None = None
        self._headers: Any = None

    def headers_for(self, lines: list[FieldLine]) -> Any:
        """What h11 validated these lines to, if they are the ones of last time; else None."""
        return self._headers if lines == self._lines else None

    def keep(self, lines: list[FieldLine], headers: Any) -> None:
        """Remember them. ``lines`` must not be changed afterwards."""
        self._lines = lines
        self._headers = headers


class Connection:
    """One connection.

    Attributes:
        key: What it may be shared for.
        stream: The driver's handle of the byte stream.
        tls: The TLS layer on it, if any.
        memo: The head that was sent last.
        requests: How many requests it was used for.
        idle_since: When it was last given back; the pool's.
    """

    __slots__ = ("__weakref__", "idle_since", "key", "memo", "requests", "stream", "tls")

    def __init__(self, key: PoolKey, stream: Any) -> None:
        self.key = key
        self.stream = stream
        self.tls: TlsLayer | None = None
        self.memo = HeaderMemo()
        self.requests = 0
        self.idle_since = 0.0

    def __repr__(self) -> str:
        return f"Connection({self.key.origin}, requests={self.requests})"
