"""A proxy that forwards requests and opens tunnels, and tells what it was asked."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .scripted import Received, read_request, response
from .server import SECONDS_MAX, Connection, Server

if TYPE_CHECKING:
    from collections.abc import Collection

CHALLENGE: Final = ("Proxy-Authenticate", 'Basic realm="proxy"')
OPEN: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
# What is for the proxy alone. Each request goes on by a connection of its own.
HOP_BY_HOP: Final = frozenset({"connection", "proxy-authorization", "transfer-encoding"})


class ProxyServer(Server):
    """A proxy for origins on the loopback interface, whatever name they are given.

    Attributes:
        requests: Every request that was for the proxy, those with CONNECT among them. What goes
            through a tunnel is not seen.
    """

    def __init__(self, *, credentials: Collection[str] | None = None) -> None:
        """Listen.

        Args:
            credentials: The Proxy-Authorization fields that open it; None if it asks for none.
        """
        self.requests: list[Received] = []
        self._credentials: Final = credentials
        super().__init__(self._serve)

    @property
    def tunnels(self) -> list[str]:
        """Where tunnels were asked for, in order."""
        return [each.target for each in self.requests if each.method == "CONNECT"]

    def _serve(self, connection: Connection) -> None:
        while (request := read_request(connection)) is not None:
            self.requests.append(request)
            if not self._admits(request):
                connection.send(response(407, CHALLENGE, content=b"who?"))
            elif request.method == "CONNECT":
                self._open(connection, request)
                return
            else:
                connection.send(self._forward(request))

    def _admits(self, request: Received) -> bool:
        known = self._credentials
        return known is None or request.value("Proxy-Authorization") in known

    def _open(self, connection: Connection, request: Received) -> None:
        port = int(request.target.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as origin:
            connection.send(OPEN)
            connection.relay(origin)
            with contextlib.suppress(OSError):  # Whichever end is left sees the end of the other.
                origin.shutdown(socket.SHUT_RDWR)

    def _forward(self, request: Received) -> bytes:
        url = urlsplit(request.target)
        assert url.scheme == "http", f"{request.target} is not in absolute form"
        assert request.value("Host") == url.netloc
        target = url._replace(scheme="", netloc="").geturl() or "/"
        lines = [
            f"{request.method} {target} HTTP/1.1",
            *(
                f"{name}: {value}"
                for name, value in request.fields
                if name.lower() not in HOP_BY_HOP
            ),
            "Connection: close",
        ]
        if request.value("Transfer-Encoding") is not None:
            lines.append(f"Content-Length: {len(request.content)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        with socket.create_connection(("127.0.0.1", url.port or 80), SECONDS_MAX) as origin:
            origin.sendall(head.encode("latin-1") + request.content)
            return b"".join(iter(lambda: origin.recv(65536), b""))
