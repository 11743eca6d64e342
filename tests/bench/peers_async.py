"""asyncio clients, each as a class that keeps a session and its connections.

They are made within the event loop, and their methods may be awaited by up to ``flight`` tasks at
once; there are never more connections than that. ``h11_async`` uses asyncio's streams and h11's
public interface, with a list of idle connections for a pool.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import h11

    from tests.bench.place import Site

    Content = IO[bytes] | AsyncIterator[bytes]

READ_SIZE: Final = 65536
TIMEOUT: Final = 600.0  # 1,000 in flight take httpx 18 s and more.


class AsyncClient(Protocol):
    """A client of asyncio; some can ``download`` and ``upload`` as well."""

    async def get(self, url: str) -> bytes:
        """Get the content of a URL."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class AsyncTransferring(AsyncClient, Protocol):
    """A client that moves much content."""

    async def download(self, url: str) -> int:
        """Read content in pieces as they come, keep none of them, and count the bytes."""
        ...

    async def upload(self, url: str, content: Content) -> bytes:
        """Post a file, or an asynchronous iterator; return the content of the answer."""
        ...


def _trusting(site: Site) -> Any:
    """Make a TLS context that trusts what the site says."""
    import ssl

    return ssl.create_default_context(cafile=site.ca)


class Sojourn:
    """A session of this library."""

    def __init__(self, site: Site) -> None:
        from sojourn import AsyncSession, PoolLimits

        if site.flight > PoolLimits().connections_max:
            most = site.flight
            pool = PoolLimits(connections_max=most, connections_per_key_max=most, idle_max=most)
            self._session = AsyncSession(pool=pool)
        else:
            self._session = AsyncSession()
        if site.ca:
            self._session.verify = site.ca

    async def get(self, url: str) -> bytes:
        response = await self._session.get(url)
        return response.content

    async def download(self, url: str) -> int:
        count = 0
        async with await self._session.get(url, stream=True) as response:
            async for piece in response.iter_content(None):
                count += len(piece)
        return count

    async def upload(self, url: str, content: Content) -> bytes:
        return (await self._session.post(url, data=content)).content

    async def close(self) -> None:
        await self._session.close()


class Aiohttp:
    """A session of aiohttp."""

    def __init__(self, site: Site) -> None:
        import aiohttp

        tls = {"ssl": _trusting(site)} if site.ca else {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=site.flight, **tls)
        )

    async def get(self, url: str) -> bytes:
        async with self._session.get(url) as response:
            return await response.read()

    async def download(self, url: str) -> int:
        count = 0
        async with self._session.get(url) as response:
            async for piece in response.content.iter_any():
                count += len(piece)
        return count

    async def upload(self, url: str, content: Content) -> bytes:
        async with self._session.post(url, data=content) as response:
            return await response.read()

    async def close(self) -> None:
        await self._session.close()


class Httpx:
    """A client of httpx that follows redirects, and has more time than its 5 s."""

    def __init__(self, site: Site) -> None:
        import httpx

        most = site.flight
        self._client = httpx.AsyncClient(
            follow_redirects=True,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
            verify=_trusting(site) if site.ca else True,
        )

    async def get(self, url: str) -> bytes:
        return (await self._client.get(url)).content

    async def download(self, url: str) -> int:
        count = 0
        async with self._client.stream("GET", url) as response:
            async for piece in response.aiter_bytes():
                count += len(piece)
        return count

    async def upload(self, url: str, content: Content) -> bytes:
        return (await self._client.post(url, content=content)).content

    async def close(self) -> None:
        await self._client.aclose()


class Niquests:
    """niquests' session for asyncio."""

    def __init__(self, site: Site) -> None:
        import niquests

        most = site.flight
        self._session: Any = niquests.AsyncSession(pool_connections=most, pool_maxsize=most)
        if site.ca:
            self._session.verify = site.ca

    async def get(self, url: str) -> bytes:
        content: bytes = (await self._session.get(url)).content
        return content

    async def close(self) -> None:
        await self._session.close()


class H11ByHand:
    """h11's public interface on asyncio's streams."""

    def __init__(self, site: Site) -> None:
        import h11

        parts = urlsplit(site.base)
        self._h11 = h11
        self._endpoint = parts.hostname, parts.port
        self._start: Final = len(site.base)
        self._end = h11.EndOfMessage()
        self._fields = [
            (b"Host", parts.netloc.encode()),
            (b"User-Agent", b"h11-by-hand/1"),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"Connection", b"keep-alive"),
        ]
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, h11.Connection]] = []

    async def get(self, url: str) -> bytes:
        h11 = self._h11
        if self._idle:
            reader, writer, connection = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection(*self._endpoint)
            connection = h11.Connection(h11.CLIENT)
        target = url[self._start :]
        head = connection.send(h11.Request(method=b"GET", target=target, headers=self._fields))
        writer.write(head + connection.send(self._end))
        await writer.drain()
        pieces = []
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(READ_SIZE))
            elif isinstance(event, h11.Data):
                pieces.append(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.Response):
                assert event.status_code == 200
        connection.start_next_cycle()
        self._idle.append((reader, writer, connection))
        return b"".join(pieces)

    async def close(self) -> None:
        for _, writer, _ in self._idle:
            writer.close()
        for _, writer, _ in self._idle:
            await writer.wait_closed()


PEERS: Final[dict[str, Callable[[Site], AsyncClient]]] = {
    "sojourn_async": Sojourn,
    "aiohttp": Aiohttp,
    "httpx_async": Httpx,
    "niquests_async": Niquests,
    "h11_async": H11ByHand,
    "sojourn_uvloop": Sojourn,
    "aiohttp_uvloop": Aiohttp,
    "sojourn_eager": Sojourn,
    "aiohttp_eager": Aiohttp,
}


def loop_of(peer: str) -> asyncio.AbstractEventLoop:
    """Make the event loop of a peer: the standard one, uvloop, or one whose tasks begin at once.

    Raises:
        ModuleNotFoundError: uvloop is not installed, or Python is older than 3.12.
    """
    if peer.endswith("_uvloop"):
        uvloop: Any = import_module("uvloop")
        return cast("asyncio.AbstractEventLoop", uvloop.new_event_loop())
    loop = asyncio.new_event_loop()
    if peer.endswith("_eager"):
        factory: Any = getattr(asyncio, "eager_task_factory", None)
        if factory is None:
            loop.close()
            raise ModuleNotFoundError("eager tasks come with Python 3.12")
        loop.set_task_factory(factory)
    return loop
