"""Blocking clients, each as a context manager around one GET that keeps its connection.

Every one is used as its own documentation says, with its defaults. ``raw_socket`` is the floor:
what the system and the server take. ``h11_by_hand`` is what a careful author would write with
h11's public interface for this one kind of request, and nothing around it.
"""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Get = Callable[[], bytes]

READ_SIZE: Final = 65536


def _connect(url: str) -> tuple[socket.socket, bytes, bytes]:
    """Connect; return the socket, the authority and the target of the request."""
    parts = urlsplit(url)
    sock = socket.create_connection((parts.hostname, parts.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock, parts.netloc.encode(), parts.path.encode()


@contextmanager
def sojourn(url: str) -> Iterator[Get]:
    from sojourn import Session

    with Session() as session:
        yield lambda: session.get(url).content


@contextmanager
def requests(url: str) -> Iterator[Get]:
    import requests

    with requests.Session() as session:
        yield lambda: session.get(url).content


@contextmanager
def httpx(url: str) -> Iterator[Get]:
    import httpx

    with httpx.Client() as client:
        yield lambda: client.get(url).content


@contextmanager
def urllib3(url: str) -> Iterator[Get]:
    import urllib3

    with urllib3.PoolManager() as pool:
        yield lambda: pool.request("GET", url).data


@contextmanager
def h11_by_hand(url: str) -> Iterator[Get]:
    import h11

    sock, authority, target = _connect(url)
    connection = h11.Connection(h11.CLIENT)
    end = h11.EndOfMessage()
    fields = [
        (b"Host", authority),
        (b"User-Agent", b"h11-by-hand/1"),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"gzip, deflate"),
        (b"Connection", b"keep-alive"),
    ]

    def get() -> bytes:
        head = connection.send(h11.Request(method=b"GET", target=target, headers=fields))
        sock.sendall(head + connection.send(end))
        pieces = []
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(sock.recv(READ_SIZE))
            elif isinstance(event, h11.Data):
                pieces.append(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.Response):
                assert event.status_code == 200
        connection.start_next_cycle()
        return b"".join(pieces)

    with closing(sock):
        yield get


@contextmanager
def raw_socket(url: str) -> Iterator[Get]:
    sock, authority, target = _connect(url)
    request = b"GET %b HTTP/1.1\r\nHost: %b\r\nAccept: */*\r\n\r\n" % (target, authority)

    def get() -> bytes:
        sock.sendall(request)
        data = sock.recv(READ_SIZE)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += sock.recv(READ_SIZE)
        start = data.index(b"Content-Length: ") + 16
        size = int(data[start : data.index(b"\r", start)])
        content = data[end + 4 :]
        while len(content) < size:
            content += sock.recv(READ_SIZE)
        return content

    with closing(sock):
        yield get


PEERS: Final[dict[str, Callable[[str], AbstractContextManager[Get]]]] = {
    "sojourn": sojourn,
    "requests": requests,
    "httpx": httpx,
    "urllib3": urllib3,
    "h11_by_hand": h11_by_hand,
    "raw_socket": raw_socket,
}
