"""asyncio clients, each as an asynchronous context manager around one GET.

The GET may be awaited by up to ``flight`` tasks at once; connections are kept, and there are never
more than that. ``h11_by_hand`` uses asyncio's streams and h11's public interface, with a list of
idle connections for a pool.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    import h11

    Get = Callable[[], Awaitable[bytes]]

READ_SIZE: Final = 65536
POOL_SIZE: Final = 64


@asynccontextmanager
async def sojourn(url: str) -> AsyncIterator[Get]:
    from sojourn import AsyncSession

    async with AsyncSession() as session:

        async def get() -> bytes:
            response = await session.get(url)
            return response.content

        yield get


@asynccontextmanager
async def httpx(url: str) -> AsyncIterator[Get]:
    import httpx

    limits = httpx.Limits(max_connections=POOL_SIZE, max_keepalive_connections=POOL_SIZE)
    async with httpx.AsyncClient(limits=limits) as client:

        async def get() -> bytes:
            return (await client.get(url)).content

        yield get


@asynccontextmanager
async def aiohttp(url: str) -> AsyncIterator[Get]:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=POOL_SIZE)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def get() -> bytes:
            async with session.get(url) as response:
                return await response.read()

        yield get


@asynccontextmanager
async def h11_by_hand(url: str) -> AsyncIterator[Get]:
    import h11

    parts = urlsplit(url)
    target = parts.path.encode()
    end = h11.EndOfMessage()
    fields = [
        (b"Host", parts.netloc.encode()),
        (b"User-Agent", b"h11-by-hand/1"),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"gzip, deflate"),
        (b"Connection", b"keep-alive"),
    ]
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, h11.Connection]] = []

    async def get() -> bytes:
        if idle:
            reader, writer, connection = idle.pop()
        else:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            connection = h11.Connection(h11.CLIENT)
        head = connection.send(h11.Request(method=b"GET", target=target, headers=fields))
        writer.write(head + connection.send(end))
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
        idle.append((reader, writer, connection))
        return b"".join(pieces)

    try:
        yield get
    finally:
        for _, writer, _ in idle:
            writer.close()
        for _, writer, _ in idle:
            await writer.wait_closed()


PEERS: Final[dict[str, Callable[[str], AbstractAsyncContextManager[Get]]]] = {
    "sojourn": sojourn,
    "httpx": httpx,
    "aiohttp": aiohttp,
    "h11_by_hand": h11_by_hand,
}
