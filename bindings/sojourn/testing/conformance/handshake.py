"""A handshake with a proxy of the kit's own protocol, whose bytes a driver moves as any others.

The client says ``TO host port`` and an empty line. The proxy answers ``WHO``, to which the client
says ``ME``, or ``OK``, or anything else to refuse, each with an empty line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import ProxyError

if TYPE_CHECKING:
    from sojourn_core.values.route import Proxy

END: Final = b"\r\n\r\n"


class KitHandshake:
    """The client's side.

    Args:
        proxy: Whom it is with.
        host: Of the origin.
        port: Of the origin.

    Attributes:
        surplus: As in ``ProxyHandshake``.
    """

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        self._proxy = str(proxy.url.origin)
        self._asked = f"TO {host} {port}".encode() + END
        self._received = b""
        self.surplus = b""

    def start(self) -> bytes:
        """Say where to."""
        return self._asked

    def receive(self, data: bytes) -> bytes | None:
        """Take in some of an answer.

        Raises:
            ProxyError: It is a refusal, or the end of the stream.
        """
        if not data:
            raise ProxyError(f"the proxy {self._proxy} has closed before there was a tunnel")
        self._received += data
        answer, end, rest = self._received.partition(END)
        if not end:
            return b""
        self._received = rest
        if answer == b"WHO":
            return b"ME" + END
        if answer != b"OK":
            raise ProxyError(f"the proxy {self._proxy} refuses a tunnel")
        self.surplus = rest
        return None
