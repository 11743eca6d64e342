"""A handshake with a proxy of a protocol that nobody speaks, for the states that move its bytes.

The client says where to and ``\\n``. The proxy answers ``who?\\n``, to which the client says
``me\\n``, or at once ``yes\\n``; anything else is a refusal, and
``away`` that of an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.errors import ProxyError

if TYPE_CHECKING:
    from sojourn_core.values.route import Proxy


class Toy:
    """The client's side."""

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        if host == "unspeakable.test":
            raise ProxyError("the proxy has no word for it")
        self.proxy = proxy
        self.asked = f"{host} {port}\n".encode()
        self.received = b""
        self.surplus = b""

    def start(self) -> bytes:
        return self.asked

    def receive(self, data: bytes) -> bytes | None:
        if not data:
            raise ProxyError("the proxy has gone")
        self.received += data
        line, end, rest = self.received.partition(b"\n")
        if not end:
            return b""
        self.received = rest
        if line == b"who?":
            return b"me\n"
        if line != b"yes":
            error = ProxyError(f"the proxy says {line.decode()}")
            error.unreached = line == b"away"
            raise error
        self.surplus = rest
        return None
