"""Blocking clients, each as a class that keeps a session and its connections.

Every one is used as its own documentation says, with its defaults. ``raw_socket`` is the floor:
what the system and the server take. ``h11_by_hand`` is what a careful author would write with
h11's public interface for this one kind of request, and nothing around it. Both ask one server
for one kind of answer, and so does ``http_client``, which has no sessions.
"""

from __future__ import annotations

import io
import socket
from typing import IO, TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.place import Site

    Content = IO[bytes] | Iterator[bytes]

READ_SIZE: Final = 65536
REDIRECTS_MAX: Final = 10
TIMEOUT: Final = 600.0


class Client(Protocol):
    """A blocking client; some can ``download`` and ``upload`` as well."""

    def get(self, url: str) -> bytes:
        """Get the content of a URL."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class Transferring(Client, Protocol):
    """A client that moves much content."""

    def download(self, url: str) -> int:
        """Read content in pieces of 64 KiB, keep none of them, and count the bytes."""
        ...

    def upload(self, url: str, content: Content, size: int | None) -> bytes:
        """Post a file of that size, or an iterator; return the content of the answer."""
        ...


class Sojourn:
    """A session of this library."""

    def __init__(self, site: Site) -> None:
        from sojourn import Session

        self._session = Session()
        if site.ca:
            self._session.verify = site.ca

    def get(self, url: str) -> bytes:
        return self._session.get(url).content

    def download(self, url: str) -> int:
        with self._session.get(url, stream=True) as response:
            return sum(map(len, response.iter_content(READ_SIZE)))

    def upload(self, url: str, content: Content, size: int | None) -> bytes:
        return self._session.post(url, data=content).content

    def close(self) -> None:
        self._session.close()


class Requests:
    """Requests, or what has its interface."""

    def __init__(self, site: Site) -> None:
        self._session: Any = self._load().Session()
        if site.ca:
            self._session.verify = site.ca

    @staticmethod
    def _load() -> Any:
        import requests

        return requests

    def get(self, url: str) -> bytes:
        content: bytes = self._session.get(url).content
        return content

    def download(self, url: str) -> int:
        with self._session.get(url, stream=True) as response:
            return sum(map(len, response.iter_content(READ_SIZE)))

    def upload(self, url: str, content: Content, size: int | None) -> bytes:
        answer: bytes = self._session.post(url, data=content).content
        return answer

    def close(self) -> None:
        self._session.close()


class Compat(Requests):
    """The drop-in of this library, which has Requests' interface."""

    @staticmethod
    def _load() -> Any:
        from sojourn import compat

        return compat


class Niquests(Requests):
    """niquests, which has Requests' interface."""

    @staticmethod
    def _load() -> Any:
        import niquests

        return niquests


class Httpx:
    """A client of httpx that follows redirects, and has more time than its 5 s."""

    def __init__(self, site: Site) -> None:
        import httpx

        verify: Any = True
        if site.ca:
            import ssl

            verify = ssl.create_default_context(cafile=site.ca)
        self._client = httpx.Client(follow_redirects=True, verify=verify, timeout=TIMEOUT)

    def get(self, url: str) -> bytes:
        return self._client.get(url).content

    def download(self, url: str) -> int:
        with self._client.stream("GET", url) as response:
            return sum(map(len, response.iter_bytes()))

    def upload(self, url: str, content: Content, size: int | None) -> bytes:
        return self._client.post(url, content=content).content

    def close(self) -> None:
        self._client.close()


class Urllib3:
    """A pool of urllib3, which has no cookies and is told how many redirects to follow."""

    def __init__(self, site: Site) -> None:
        import urllib3

        fields = urllib3.make_headers(accept_encoding="gzip") if site.gzip else None
        self._pool = urllib3.PoolManager(
            headers=fields, ca_certs=site.ca, retries=urllib3.Retry(REDIRECTS_MAX)
        )

    def get(self, url: str) -> bytes:
        return self._pool.request("GET", url).data

    def download(self, url: str) -> int:
        response = self._pool.request("GET", url, preload_content=False)
        count = sum(map(len, response.stream(READ_SIZE)))
        response.release_conn()
        return count

    def upload(self, url: str, content: Content, size: int | None) -> bytes:
        fields = {} if size is None else {"Content-Length": str(size)}
        return self._pool.request("POST", url, body=content, headers=fields).data

    def close(self) -> None:
        self._pool.clear()


class HttpClient:
    """One connection of ``http.client``."""

    def __init__(self, site: Site) -> None:
        import http.client

        parts = urlsplit(site.base)
        assert parts.hostname is not None
        if parts.scheme == "https":
            import ssl

            context = ssl.create_default_context(cafile=site.ca)
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port)
        self._start: Final = len(site.base)

    def get(self, url: str) -> bytes:
        self._connection.request("GET", url[self._start :])
        return self._connection.getresponse().read()

    def download(self, url: str) -> int:
        self._connection.request("GET", url[self._start :])
        response = self._connection.getresponse()
        return sum(iter(lambda: len(response.read(READ_SIZE)), 0))

    def upload(self, url: str, content: Content, size: int | None) -> bytes:
        framing = {"Transfer-Encoding": "chunked"} if size is None else {}
        fields = framing or {"Content-Length": str(size)}
        self._connection.request(
            "POST", url[self._start :], body=content, headers=fields, encode_chunked=size is None
        )
        return self._connection.getresponse().read()

    def close(self) -> None:
        self._connection.close()


class Pycurl:
    """One handle of pycurl, with libcurl's own pool."""

    def __init__(self, site: Site) -> None:
        import pycurl

        self._pycurl = pycurl
        self._curl = curl = pycurl.Curl()
        curl.setopt(pycurl.FOLLOWLOCATION, True)
        curl.setopt(pycurl.COOKIEFILE, "")  # Cookies are kept in memory.
        if site.ca:
            curl.setopt(pycurl.CAINFO, site.ca)
        if site.gzip:
            curl.setopt(pycurl.ACCEPT_ENCODING, "gzip")

    def get(self, url: str) -> bytes:
        content = io.BytesIO()
        self._perform(url, content.write)
        return content.getvalue()

    def download(self, url: str) -> int:
        sizes: list[int] = []
        self._perform(url, lambda piece: sizes.append(len(piece)))
        return sum(sizes)

    def _perform(self, url: str, write: Callable[[bytes], object]) -> None:
        self._curl.setopt(self._pycurl.URL, url)
        self._curl.setopt(self._pycurl.WRITEFUNCTION, write)
        self._curl.perform()

    def close(self) -> None:
        self._curl.close()


def _connect(site: Site) -> tuple[socket.socket, bytes]:
    """Connect; return the socket and the authority."""
    parts = urlsplit(site.base)
    sock = socket.create_connection((parts.hostname, parts.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock, parts.netloc.encode()


class H11ByHand:
    """h11's public interface on a socket."""

    def __init__(self, site: Site) -> None:
        import h11

        self._h11 = h11
        self._sock, authority = _connect(site)
        self._start: Final = len(site.base)
        self._connection = h11.Connection(h11.CLIENT)
        self._end = h11.EndOfMessage()
        self._fields = [
            (b"Host", authority),
            (b"User-Agent", b"h11-by-hand/1"),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"Connection", b"keep-alive"),
        ]

    def get(self, url: str) -> bytes:
        h11, connection = self._h11, self._connection
        target = url[self._start :]
        head = connection.send(h11.Request(method=b"GET", target=target, headers=self._fields))
        self._sock.sendall(head + connection.send(self._end))
        pieces = []
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(self._sock.recv(READ_SIZE))
            elif isinstance(event, h11.Data):
                pieces.append(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.Response):
                assert event.status_code == 200
        connection.start_next_cycle()
        return b"".join(pieces)

    def close(self) -> None:
        self._sock.close()


class RawSocket:
    """A socket, and as little around it as one kind of answer takes."""

    def __init__(self, site: Site) -> None:
        self._sock, authority = _connect(site)
        self._start: Final = len(site.base)
        self._rest = b" HTTP/1.1\r\nHost: %b\r\nAccept: */*\r\n\r\n" % authority

    def get(self, url: str) -> bytes:
        self._sock.sendall(b"GET " + url[self._start :].encode() + self._rest)
        data = self._sock.recv(READ_SIZE)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._sock.recv(READ_SIZE)
        start = data.index(b"Content-Length: ") + 16
        size = int(data[start : data.index(b"\r", start)])
        content = data[end + 4 :]
        while len(content) < size:
            content += self._sock.recv(READ_SIZE)
        return content

    def close(self) -> None:
        self._sock.close()


PEERS: Final[dict[str, Callable[[Site], Client]]] = {
    "sojourn": Sojourn,
    "sojourn_compat": Compat,
    "requests": Requests,
    "niquests": Niquests,
    "httpx": Httpx,
    "urllib3": Urllib3,
    "http_client": HttpClient,
    "pycurl": Pycurl,
    "h11_by_hand": H11ByHand,
    "raw_socket": RawSocket,
}
