"""Jobs: what a peer does over and over in one scenario.

A job is a context manager that makes a peer ready and gives its slice: a function that works for
so many seconds, at least once, and says how many operations it did. What comes back is checked
when the peer gets warm, and by its length afterwards.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench import peers_async, peers_sync, preparing, starting
from tests.bench.place import Site
from tests.servers.nginx import SMALL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from tests.bench.peers_async import AsyncClient
    from tests.bench.place import Place
    from tests.bench.scenarios import Scenario

    Slice = Callable[[float], int]

PIECE: Final = bytes(65536)


def repeating(operate: Callable[[], object]) -> Slice:
    """Make a slice that does one thing again and again."""

    def run(seconds: float) -> int:
        until = time.perf_counter() + seconds
        count = 0
        while True:
            operate()
            count += 1
            if time.perf_counter() >= until:
                return count

    return run


def _check(peer: str, content: bytes, expected: bytes) -> None:
    assert content == expected, f"{peer} read {content[:200]!r}"


def _site(scenario: Scenario, place: Place) -> Site:
    return Site(
        base=place.https if scenario.secure else place.http,
        ca=place.ca if scenario.secure else None,
        gzip=scenario.gzip,
    )


async def _open(peer: str, site: Site) -> AsyncClient:
    return peers_async.PEERS[peer](site)  # Most need the loop when they are made.


@contextmanager
def _opened(peer: str, site: Site) -> Iterator[tuple[asyncio.Runner, Any]]:
    """Open a client in a loop that is kept; between slices it rests, for less than any timer."""
    with asyncio.Runner(loop_factory=lambda: peers_async.loop_of(peer)) as runner:
        client = runner.run(_open(peer, site))
        try:
            yield runner, client
        finally:
            runner.run(client.close())


# --- getting ----------------------------------------------------------------------------------


@contextmanager
def get(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Get URLs in turn over kept connections, so many at a time as the scenario says."""
    site = _site(scenario, place)
    urls = [site.base + path for path in scenario.paths]
    warm_up = max(place.sizes.warm_up, len(urls) // scenario.flight)
    if peer in peers_async.PEERS:
        with _opened(peer, site) as (runner, client):
            getting = _Getting(client.get, urls, scenario.flight)
            for content in runner.run(getting.warm_up(warm_up)):
                _check(peer, content, scenario.expected)
            yield lambda seconds: runner.run(getting.run(seconds))
    else:
        with closing(peers_sync.PEERS[peer](site)) as blocking:
            turns = cycle(urls)
            for _ in range(warm_up):
                _check(peer, blocking.get(next(turns)), scenario.expected)
            yield repeating(lambda: blocking.get(next(turns)))


class _Getting:
    """Tasks that get URLs in turn, each from another one on."""

    def __init__(
        self, get: Callable[[str], Awaitable[bytes]], urls: list[str], flight: int
    ) -> None:
        self._get = get
        starts = [number % len(urls) for number in range(flight)]
        self._turns = [cycle(urls[start:] + urls[:start]) for start in starts]

    async def warm_up(self, count: int) -> list[bytes]:
        """Let each task get so many; return all contents."""

        async def work(turns: Iterator[str]) -> list[bytes]:
            return [await self._get(next(turns)) for _ in range(count)]

        contents = await asyncio.gather(*map(work, self._turns))
        return [content for each in contents for content in each]

    async def run(self, seconds: float) -> int:
        """Let each task get what it can in so many seconds; return the number."""
        until = time.perf_counter() + seconds

        async def work(turns: Iterator[str]) -> int:
            count = 0
            while True:
                await self._get(next(turns))
                count += 1
                if time.perf_counter() >= until:
                    return count

        return sum(await asyncio.gather(*map(work, self._turns)))


@contextmanager
def cold(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Make a session, get one URL over TLS, and close it; the process has had a session before.

    The authorities are those of the usual bundle, and the server's.
    """
    site = Site(base=place.https, ca=place.bundle)
    url = site.base + scenario.paths[0]
    if peer in peers_async.PEERS:

        async def once_async() -> bytes:
            client = await _open(peer, site)
            try:
                return await client.get(url)
            finally:
                await client.close()

        with asyncio.Runner() as runner:
            _check(peer, runner.run(once_async()), scenario.expected)
            yield repeating(lambda: runner.run(once_async()))
    else:

        def once() -> bytes:
            with closing(peers_sync.PEERS[peer](site)) as client:
                return client.get(url)

        _check(peer, once(), scenario.expected)
        yield repeating(once)


# --- much content -----------------------------------------------------------------------------


@contextmanager
def download(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Read a large file in pieces, and keep none of them."""
    site = _site(scenario, place)
    url = site.base + scenario.paths[0]

    def check(count: int) -> None:
        assert count == place.sizes.download, f"{peer} read {count} bytes"

    if peer in peers_async.PEERS:
        with _opened(peer, site) as (runner, client):
            _check(peer, runner.run(client.get(f"{site.base}/small")), SMALL)
            yield repeating(lambda: check(runner.run(client.download(url))))
    else:
        blocking: Any = peers_sync.PEERS[peer](site)
        with closing(blocking):
            _check(peer, blocking.get(f"{site.base}/small"), SMALL)
            yield repeating(lambda: check(blocking.download(url)))


@contextmanager
def upload_file(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Post a large file; the answer says how much has arrived."""

    def send(client: Any, url: str) -> bytes:
        with Path(place.upload).open("rb") as file:
            answer: bytes = client.upload(url, file, place.sizes.upload)
            return answer

    async def send_async(client: Any, url: str) -> bytes:
        with Path(place.upload).open("rb") as file:  # noqa: ASYNC230 - as users do, for all alike.
            answer: bytes = await client.upload(url, file)
            return answer

    with _uploading(scenario, peer, place, send, send_async) as run:
        yield run


@contextmanager
def upload_iterator(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Post as much from an iterator of pieces of 64 KiB, without saying how much it is."""
    whole, rest = divmod(place.sizes.upload, len(PIECE))

    def pieces() -> Iterator[bytes]:
        for _ in range(whole):
            yield PIECE
        if rest:
            yield PIECE[:rest]

    async def pieces_async() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    def send(client: Any, url: str) -> bytes:
        answer: bytes = client.upload(url, pieces(), None)
        return answer

    async def send_async(client: Any, url: str) -> bytes:
        answer: bytes = await client.upload(url, pieces_async())
        return answer

    with _uploading(scenario, peer, place, send, send_async) as run:
        yield run


@contextmanager
def _uploading(
    scenario: Scenario,
    peer: str,
    place: Place,
    send: Callable[[Any, str], bytes],
    send_async: Callable[[Any, str], Awaitable[bytes]],
) -> Iterator[Slice]:
    site = _site(scenario, place)
    url = site.base + scenario.paths[0]

    def check(answer: bytes) -> None:
        assert answer == b"%d" % place.sizes.upload, f"of {peer} arrived {answer[:200]!r}"

    if peer in peers_async.PEERS:
        with _opened(peer, site) as (runner, client):
            _check(peer, runner.run(client.get(f"{site.base}/small")), SMALL)

            async def once() -> bytes:
                return await send_async(client, url)

            yield repeating(lambda: check(runner.run(once())))
    else:
        with closing(peers_sync.PEERS[peer](site)) as blocking:
            _check(peer, blocking.get(f"{site.base}/small"), SMALL)
            yield repeating(lambda: check(send(blocking, url)))


# --- the rest ---------------------------------------------------------------------------------


@contextmanager
def prepare(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Prepare a request that has everything, and send nothing."""
    make = preparing.PEERS[peer]()
    for _ in range(place.sizes.warm_up):
        preparing.check(peer, make())
    yield repeating(make)


@contextmanager
def hold(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Have many requests in flight at once, none of which is answered before all have arrived."""
    held = place.sizes.held
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(held + 100, most), most))
    with _opened(peer, Site(base=place.holding, flight=held)) as (runner, client):
        _check(peer, runner.run(client.get(f"{place.holding}/hold/1")), scenario.expected)

        async def once() -> int:
            url = f"{place.holding}/hold/{held}"
            contents = await asyncio.gather(*(client.get(url) for _ in range(held)))
            return len(contents)

        yield lambda _: runner.run(once())


def _process(statement: str, peer: str, url: str) -> Callable[[], None]:
    command = [sys.executable, "-c", statement, url]

    def start() -> None:
        subprocess.run(command, check=True, stderr=subprocess.PIPE)

    try:
        start()  # It leaves bytecode.
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode()
        if "ModuleNotFoundError" in said:
            raise ModuleNotFoundError(said.splitlines()[-1].partition(": ")[2]) from None
        raise AssertionError(f"{peer}: {said[-2000:]}") from None
    return start


@contextmanager
def start_importing(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Start an interpreter that imports the peer, and wait for its end."""
    yield repeating(_process(starting.IMPORTS[peer], peer, ""))


@contextmanager
def start_getting(scenario: Scenario, peer: str, place: Place) -> Iterator[Slice]:
    """Start an interpreter that gets one URL, and wait for its end."""
    url = place.http + scenario.paths[0]
    yield repeating(_process(starting.FIRSTS[peer], peer, url))
