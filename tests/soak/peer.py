"""The server of the soak, in a process of its own: it does what the path says.

``python -m tests.soak.peer CERTIFICATE SOCKET`` prints three ports, for plain text, for TLS and for
SOCKS 5, and serves until its standard input ends. It listens at a Unix socket too.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import sys
from typing import Final

LINE: Final = b"a line of the soak\n"
SIZES: Final = (0, 19, 190, 1900, 19_000)
PACKED: Final = gzip.compress(LINE * 500)


def content(size: int, *fields: str) -> bytes:
    """Return a response with so much content."""
    head = "".join(f"{each}\r\n" for each in fields)
    body = (LINE * (size // len(LINE) + 1))[:size]
    return f"HTTP/1.1 200 OK\r\n{head}Content-Length: {size}\r\n\r\n".encode() + body


ANSWERS: Final = {
    **{f"/size/{size}": content(size) for size in SIZES},
    "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"13\r\n%b\r\n" % LINE * 3
    + b"0\r\n\r\n",
    "/cookie": content(19, "Set-Cookie: a=b", "Set-Cookie: c=d; Max-Age=60"),
    "/gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
    % (len(PACKED), PACKED),
    "/redirect": b"HTTP/1.1 302 Found\r\nLocation: /size/19\r\nContent-Length: 0\r\n\r\n",
    "/large": content(2_000_000),
    "/closing": content(19, "Connection: close"),
    "/late": content(19),
    # Faults.
    "/busy": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    "/loop": b"HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n",
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    "/reset": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    "/bad": b"HTTP/1.1 2x0 OK\r\n\r\n",
    "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "/stall": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    "/silence": b"",
    "/gone": b"",
}
_CLOSING: Final = frozenset({"/cut", "/bad", "/bad-chunk", "/gone", "/closing"})
LATE: Final = 0.05  # Seconds: by then a request that is hedged has been sent twice.
UNREACHED: Final = bytes((127, 0, 0, 9))  # An address that the proxy does not reach.


class Talk(asyncio.Protocol):
    """One connection: requests without chunks are read, and answered by their path."""

    def __init__(self) -> None:
        self._buffer = b""
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        while buffer:
            taken = min(self._left, len(buffer))
            buffer, self._left = buffer[taken:], self._left - taken
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                break
            head, buffer = buffer[:end], buffer[end + 4 :]
            self._answer(head)
        self._buffer = buffer

    def _answer(self, head: bytes) -> None:
        transport = self._transport
        at = head.lower().find(b"\r\ncontent-length:")
        if at >= 0:
            self._left = int(head[at + 17 :].split(b"\r\n", 1)[0])
        path = head.split(b" ", 2)[1].decode()
        if path == "/late":
            asyncio.get_running_loop().call_later(LATE, transport.write, ANSWERS[path])
            return
        transport.write(ANSWERS[path])
        if path in _CLOSING:
            transport.close()
        elif path == "/reset":
            transport.abort()


class SocksTalk(Talk):
    """One connection of a proxy by SOCKS 5, which is the server as well: it knows IPv4 alone."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = b""
        self._greeted = self._opened = False

    def data_received(self, data: bytes) -> None:
        if self._opened:
            super().data_received(data)
            return
        self._asked += data
        if not self._greeted and len(self._asked) >= 3:  # No user is known.
            self._asked, self._greeted = self._asked[3:], True
            self._transport.write(b"\x05\x00")
        if self._greeted and len(self._asked) >= 10:
            self._opened = self._asked[4:8] != UNREACHED
            self._transport.write(b"\x05" + (b"\x00" if self._opened else b"\x04") + b"\x00\x01")
            self._transport.write(bytes(6))
            if not self._opened:
                self._transport.close()


async def serve(certificate: str, path: str) -> None:
    """Listen on three ports and at a path, and serve until standard input ends."""
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    plain = await loop.create_server(Talk, "127.0.0.1", 0)
    secure = await loop.create_server(Talk, "127.0.0.1", 0, ssl=context)
    socks = await loop.create_server(SocksTalk, "127.0.0.1", 0)
    await loop.create_unix_server(Talk, path)
    ports = (each.sockets[0].getsockname()[1] for each in (plain, secure, socks))
    print(*ports, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
