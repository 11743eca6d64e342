"""The process that ``tests.bench.instructions`` counts: a peer that sends requests.

``python -m tests.bench.instructions_client PEER PORT SCENARIO...``. For each scenario it makes a
session, gets warm, and sends the requests that count between two marks. It loads no more than that,
because all of it runs under valgrind.

A mark is a call of ``getppid``, which nothing else here calls: valgrind writes down what it has
counted whenever that function is entered, and begins anew.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Get = Callable[[str], bytes]

CONTENT_SIZE: Final = 100
OPEN_FILES: Final = 2048
HOPS_MAX: Final = 100
PATIENCE: Final = 600.0  # Seconds: valgrind is slow, and others may keep the machine busy.
WARM_UP: Final = 20  # Requests.


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is sent, and what is there before.

    Attributes:
        title: What it is, for the table.
        number: How many requests count.
        flight: How many requests are in flight with asyncio; None for blocking peers.
        hops: Redirects before each answer.
        urls: How many URLs take turns.
        origins: How many origins have an open connection.
        cookies: How many cookies of other sites are in the jar.
        prepares: Requests are prepared, as ``preparing`` has them, and not sent.
    """

    title: str
    number: int
    flight: int | None = None
    hops: int = 0
    urls: int = 1
    origins: int = 1
    cookies: int = 0
    prepares: bool = False


SCENARIOS: Final[dict[str, Scenario]] = {
    "sync": Scenario(title="small GET, sync, one URL", number=128),
    "sync_50": Scenario(title="small GET, sync, 50 URLs in turn", number=150, urls=50),
    "async_1": Scenario(title="small GET, asyncio, 1 in flight", number=128, flight=1),
    "async_1_50": Scenario(
        title="small GET, asyncio, 1 in flight, 50 URLs in turn", number=150, flight=1, urls=50
    ),
    "async_64": Scenario(title="small GET, asyncio, 64 in flight", number=256, flight=64),
    "redirects": Scenario(title="5 redirects, sync", number=40, hops=5),
    "redirects_async": Scenario(title="5 redirects, asyncio", number=40, flight=1, hops=5),
    "prepare": Scenario(
        title="a request with fields, cookies, params and JSON, prepared and not sent",
        number=40,
        prepares=True,
    ),
}
# Only Sojourn sends these, and its session has limits that admit them.
GROWING: Final[dict[str, Scenario]] = {
    "little": Scenario(title="1 open origin and 10 cookies of other sites", number=30, cookies=10),
    "origins": Scenario(title="1,000 open origins", number=30, origins=1000),
    "cookies": Scenario(title="10,000 cookies of other sites", number=30, cookies=10_000),
    "redirects_5": Scenario(title="5 redirects in a row", number=10, hops=5),
    "redirects_30": Scenario(title="30 redirects in a row", number=10, hops=30),
}


def find(name: str) -> Scenario:
    """Return a scenario by its name."""
    return SCENARIOS.get(name) or GROWING[name]


def targets(scenario: Scenario, port: int) -> list[str]:
    """List the URLs that are asked for in turn."""
    url = f"http://127.0.0.1:{port}/hop/{scenario.hops}" if scenario.hops else ""
    url = url or f"http://127.0.0.1:{port}/small"
    if scenario.urls == 1:
        return [url]
    return [f"{url}?number={number}" for number in range(scenario.urls)]


# --- blocking peers ---------------------------------------------------------------------------


def _sojourn() -> Get:
    import sojourn

    session = sojourn.Session(timeout=PATIENCE)
    return lambda url: session.get(url).content


def _compat() -> Get:
    import sojourn.compat

    session = sojourn.compat.Session()
    return lambda url: session.get(url).content


def _requests() -> Get:
    import requests

    session = requests.Session()
    return lambda url: session.get(url).content


def _httpx() -> Get:
    import httpx

    client = httpx.Client(follow_redirects=True)
    return lambda url: client.get(url).content


def _urllib3() -> Get:
    import urllib3

    pool = urllib3.PoolManager()
    hops = urllib3.Retry(HOPS_MAX)
    return lambda url: pool.request("GET", url, retries=hops).data


SYNC_PEERS: Final[dict[str, Callable[[], Get]]] = {
    "sojourn": _sojourn,
    "sojourn_compat": _compat,
    "requests": _requests,
    "httpx": _httpx,
    "urllib3": _urllib3,
}


def _grown(scenario: Scenario, port: int) -> Get:
    """Make a session of Sojourn that has much to remember."""
    import sojourn

    limits = sojourn.Limits(cookies_max=2 * scenario.cookies + 1)
    most = 2 * scenario.origins
    pool = sojourn.PoolLimits(connections_max=most, idle_max=most, idle_seconds_max=600.0)
    session = sojourn.Session(limits=limits, pool=pool, timeout=PATIENCE)
    for number in range(1, scenario.origins):
        answer = session.get(f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/small")
        assert answer.content is not None
    for number in range(scenario.cookies):
        session.cookies.set("name", "value", domain=f"site-{number}.test", path="/")
    return lambda url: session.get(url).content


# --- peers of asyncio -------------------------------------------------------------------------


async def _get_with_sojourn(send: Callable[[Callable[[str], Awaitable[bytes]]], Any]) -> None:
    import sojourn

    async with sojourn.AsyncSession(timeout=PATIENCE) as session:

        async def get(url: str) -> bytes:
            return (await session.get(url)).content

        await send(get)


async def _get_with_aiohttp(send: Callable[[Callable[[str], Awaitable[bytes]]], Any]) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def get(url: str) -> bytes:
            async with session.get(url) as response:
                return await response.read()

        await send(get)


async def _get_with_httpx(send: Callable[[Callable[[str], Awaitable[bytes]]], Any]) -> None:
    import httpx

    async with httpx.AsyncClient(follow_redirects=True) as client:

        async def get(url: str) -> bytes:
            return (await client.get(url)).content

        await send(get)


ASYNC_PEERS: Final[dict[str, Callable[..., Any]]] = {
    "sojourn": _get_with_sojourn,
    "aiohttp": _get_with_aiohttp,
    "httpx": _get_with_httpx,
}


# --- the work ---------------------------------------------------------------------------------


def send_sync(get: Get, urls: Sequence[str], number: int) -> None:
    """Send so many requests, one after another."""
    for index in range(number):
        content = get(urls[index % len(urls)])
        assert len(content) == CONTENT_SIZE, content[:200]


async def send_async(peer: str, urls: Sequence[str], number: int, flight: int) -> None:
    """Get warm, and send so many requests, so many of them at a time."""

    async def send(get: Callable[[str], Awaitable[bytes]]) -> None:
        async def work(number: int) -> None:
            for index in range(number):
                content = await get(urls[index % len(urls)])
                assert len(content) == CONTENT_SIZE, content[:200]

        await asyncio.gather(*[work(max(WARM_UP // flight, len(urls), 2)) for _ in range(flight)])
        os.getppid()
        await asyncio.gather(*[work(number // flight) for _ in range(flight)])
        os.getppid()

    await ASYNC_PEERS[peer](send)


def prepare(peer: str, number: int) -> None:
    """Prepare so many requests, and send none of them."""
    from tests.bench import preparing

    work = preparing.PEERS[peer]()
    for _ in range(WARM_UP):
        preparing.check(peer, work())
    os.getppid()
    for _ in range(number):
        work()
    os.getppid()


def run(peer: str, name: str, port: int) -> None:
    """Run one scenario: set up and warm up, a mark, the requests that count, a mark."""
    scenario = find(name)
    if scenario.prepares:
        prepare(peer, scenario.number)
        return
    urls = targets(scenario, port)
    if scenario.flight is not None:
        asyncio.run(send_async(peer, urls, scenario.number, scenario.flight))
        return
    if name in GROWING:
        get = _grown(scenario, port)
        send_sync(get, urls, WARM_UP)
        # A full collection of garbage goes through all that is there, and happens or does not:
        # what was there before the requests stays out of its sight.
        gc.freeze()
    else:
        get = SYNC_PEERS[peer]()
        send_sync(get, urls, max(WARM_UP, len(urls)))
    os.getppid()
    send_sync(get, urls, scenario.number)
    os.getppid()


def main(peer: str, port: int, names: Sequence[str]) -> None:
    """Run scenarios, one after another."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, most), most))
    for name in names:
        run(peer, name, port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
