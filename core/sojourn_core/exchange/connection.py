"""A connection: one byte stream to an origin or its proxy, and what is known of it.

The stream itself is the driver's: the core keeps its handle, and hands it back with the slot and
in effects. TLS is the core's, pumped over memory (``tls``), so that a driver sees octets only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine

    from .pool_key import PoolKey
    from .tls import TlsLayer


class HeadMemo:
    """The last head that went out on a connection, as h11 validated it.

    Requests on one connection mostly have the same field lines, and often the same target too.
    Validating and lower-casing these anew costs more than sending them. The memo is the
    connection's own, because it holds credentials.

    Attributes:
        octets: What h11 made of the head, if the request had no content; else None.
    """

    __slots__ = ("_lines", "_request", "_start", "octets")

    def __init__(self) -> None:
        self.octets: bytes | None = None
        self._start = ("", "")
        self._lines: list[FieldLine] | None = None
        self._request: h11.Request | None = None

    def request_for(self, method: str, target: str, lines: list[FieldLine]) -> h11.Request:
        """The event for a head; ``lines`` must not be changed afterwards.

        Raises:
            h11.LocalProtocolError, UnicodeEncodeError: If it cannot be sent.
        """
        known = self._request
        start = (method, target)
        if known is not None and lines == self._lines:
            if start == self._start:
                return known
            made = h11.Request(method=method, target=target, headers=known.headers)
        else:
            octets = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
            made = h11.Request(method=method, target=target, headers=octets)
        self.octets = None
        self._start, self._lines, self._request = start, lines, made
        return made


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
        self.memo = HeadMemo()
        self.requests = 0
        self.idle_since = 0.0

    def __repr__(self) -> str:
        return f"Connection({self.key.origin}, requests={self.requests})"
