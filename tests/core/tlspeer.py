"""The server's side of TLS over memory, and a count of what the client's side asks of OpenSSL."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sojourn_core.exchange.tls import TlsLayer


class TlsPeer:
    """A TLS server whose octets are carried by hand.

    Attributes:
        established: Whether the handshake is done.
        received: All the plain octets that came.
        closed: Whether the client has sent close_notify.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False
        self.received = b""
        self.closed = False

    def take(self, data: bytes) -> None:
        """Take in octets of the client."""
        self._incoming.write(data)
        try:
            if not self.established:
                self._tls.do_handshake()
                self.established = True
            while piece := self._tls.read(65536):
                self.received += piece
            self.closed = True
        except ssl.SSLWantReadError:
            pass

    def flush(self) -> bytes:
        """What TLS itself has to say: its part of the handshake, then session tickets."""
        return self._outgoing.read()

    def say(self, data: bytes) -> bytes:
        """The records for some plain octets, behind what TLS itself has to say."""
        self._tls.write(data)
        return self.flush()

    def end(self) -> bytes:
        """The server's close_notify."""
        with contextlib.suppress(ssl.SSLWantReadError):  # It waits for the client's.
            self._tls.unwrap()
        return self.flush()


class CountedObject:
    """Stands in for the ``SSLObject`` of a layer, and counts.

    Attributes:
        writes: Calls of ``write``.
        reads: Calls of ``read``.
        vain: Of these, those that found nothing.
    """

    def __init__(self, layer: TlsLayer) -> None:
        """Take the place of the layer's own object."""
        self._tls: Any = layer._object
        self.writes = self.reads = self.vain = 0
        stand_in: Any = self
        layer._object = stand_in

    def __getattr__(self, name: str) -> Any:
        """Everything else is the object's."""
        return getattr(self._tls, name)

    def write(self, data: Any) -> int:
        """Count, and write."""
        self.writes += 1
        return self._tls.write(data)

    def read(self, *arguments: Any) -> Any:
        """Count, and read."""
        self.reads += 1
        try:
            return self._tls.read(*arguments)
        except ssl.SSLWantReadError:
            self.vain += 1
            raise
