"""A server that holds requests: ``/hold/N`` is answered when N of them have arrived."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING

from tests.servers.nginx import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n" + SMALL


class _Holding(asyncio.Protocol):
    """One connection; all of them share what is held, and what is open."""

    def __init__(self, held: list[asyncio.Transport], opened: set[asyncio.Transport]) -> None:
        self._received = b""
        self._held = held
        self._opened = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._opened.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._opened.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._held.append(self._transport)
            if len(self._held) >= int(head.split(b" ", 2)[1].removeprefix(b"/hold/")):
                for transport in self._held:
                    transport.write(_ANSWER)
                self._held.clear()


@contextmanager
def running() -> Iterator[str]:
    """Run the server in a thread; give the beginning of its URLs."""
    bound: Queue[tuple[int, Callable[[], object]]] = Queue()

    async def serve() -> None:
        over = asyncio.Event()
        held: list[asyncio.Transport] = []
        opened: set[asyncio.Transport] = set()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Holding(held, opened), "127.0.0.1", 0, backlog=1024
        )
        bound.put((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(over.set)))
        await over.wait()
        server.close()
        for transport in opened:
            transport.abort()
        await asyncio.sleep(0)  # They close their sockets in the next turn.

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    port, end = bound.get()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        end()
        thread.join()
