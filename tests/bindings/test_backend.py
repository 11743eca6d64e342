"""The event loop of a transport is its backend: another takes its place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import sojourn
from sojourn.aio.backend import AsyncioBackend
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.aio.stream import Stream
    from sojourn_core.commands import Address
    from tests.servers.scripted import HandlerServer


class Noted(AsyncioBackend):
    """asyncio's, which keeps a list of what it is asked for, and knows one more name."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        self.asked.append(f"resolve {host}")
        return await super().resolve("127.0.0.1", port)

    async def connect(self, address: Address, settings: Any) -> Stream:
        self.asked.append(f"connect {address.host}")
        return await super().connect(address, settings)

    def until(self, deadline: float) -> asyncio.Timeout:
        self.asked.append("until")
        return super().until(deadline)

    def event(self) -> asyncio.Event:
        self.asked.append("event")
        return super().event()


class NotedAdapter(sojourn.AsyncHTTPAdapter):
    """A transport with that backend."""

    backend_class = Noted


def test_a_transport_asks_its_backend_for_everything_but_transfers(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda _: answer(200, content=b"here"))
    url = f"http://nowhere.test:{server.port}/"
    asked: list[str] = []

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            adapter = NotedAdapter(pool=sojourn.PoolLimits(connections_max=1))
            session.mount("http://", adapter)
            first, second = await asyncio.gather(session.get(url), session.get(url))
            assert (first.content, second.content) == (b"here", b"here")
            assert isinstance(adapter.backend, Noted)
            asked.extend(adapter.backend.asked)

    asyncio.run(main())
    begun = ["until", "resolve nowhere.test"]
    assert [each for each in asked if each != "event"][:2] == begun
    assert sorted(set(asked)) == ["connect 127.0.0.1", "event", "resolve nowhere.test", "until"]
    assert asked.count("connect 127.0.0.1") == 1
