"""What a call leaves behind goes when the last reference to it goes, without the collector.

Each situation is run with the collector off. What the collector finds afterwards was part of a
circle: nothing of Sojourn's may be among it, nor an open socket. asyncio's own transports are
circles of their own once they are closed, and are not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import threading
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
import trio

import sojourn
import sojourn.trio
import sojourn_core
from sojourn import compat
from tests.servers.proxy import ProxyServer
from tests.servers.scripted import HandlerServer
from tests.servers.scripted import response as answer
from tests.servers.server import PeerClosedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from tests.servers.authority import Authority
    from tests.servers.microsocks import Microsocks
    from tests.servers.scripted import Received
    from tests.servers.server import Connection

REFUSED: Final = "http://127.0.0.1:1/"  # Nobody listens there.
OURS: Final = tuple(str(Path(each.__file__ or "").parent) for each in (sojourn, sojourn_core))
LARGE: Final = answer(200, content=b"a line of text\n" * 300_000)
FRAMES: Final = {
    types.FrameType: "f_code",
    types.GeneratorType: "gi_code",
    types.CoroutineType: "cr_code",
    types.AsyncGeneratorType: "ag_code",
}
ANSWERS: Final = {
    "/": answer(200, content=b"ok"),
    "/bad": b"HTTP/1.1 2x0 OK\r\n\r\n",
    "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "/cookie": answer(200, ("Set-Cookie", "a=b"), content=b"ok"),
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nshort",
    "/away": answer(302, ("Location", "ftp://a.test/")),
    "/digest": answer(401, ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')),
    "/gzip": answer(200, ("Content-Encoding", "gzip"), content=b"no gzip"),
    "/large": LARGE,
    "/loop": answer(302, ("Location", "/loop")),
    "/missing": answer(404, content=b"no"),
    "/redirect": answer(302, ("Location", "/")),
    "/stall": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    "/unavailable": answer(503, ("Retry-After", "0")),
}


class PatientServer(HandlerServer):
    """Takes clients that go away, or that never spoke HTTP, for what they are."""

    def _play_requests(self, connection: Connection) -> None:
        with contextlib.suppress(PeerClosedError, OSError, ValueError):
            super()._play_requests(connection)


@pytest.fixture(scope="module")
def server() -> Iterator[HandlerServer]:
    over = threading.Event()

    def handler(request: Received) -> bytes | None:
        if request.target == "/silence":
            over.wait()
            return None
        return ANSWERS[request.target]

    with PatientServer(handler) as made:
        yield made
        over.set()


# --- what is counted ----------------------------------------------------------------------------


def is_ours(found: object) -> bool:
    """Whether it is Sojourn's, runs its code, or is a socket that is open."""
    if isinstance(found, socket.socket):
        return found.fileno() != -1
    code = FRAMES.get(type(found))
    if code is not None:
        name: str = getattr(found, code).co_filename
        return name.startswith(OURS)
    return type(found).__module__.partition(".")[0] in {"sojourn", "sojourn_core"}


def left_in_circles(act: Callable[[], object]) -> list[str]:
    """The kinds of what only the collector finds after an act; caches are filled by a first one."""
    act()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        act()
        gc.collect()
        return sorted(type(each).__qualname__ for each in gc.garbage if is_ours(each))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.collect()


# --- situations ---------------------------------------------------------------------------------


class Situation(NamedTuple):
    """A request, and how its response is read.

    Attributes:
        path: Of the URL; one without a slash is a URL of its own.
        options: Arguments of the call.
        read: "all", or "nothing", or how a part of it is read.
    """

    path: str
    options: dict[str, Any] = {}  # noqa: RUF012 - it is never changed
    read: str = "all"


def raising(*_: object, **__: object) -> None:
    raise ValueError("a hook of the caller's")


SITUATIONS: Final = {
    "success": Situation("/"),
    "a cookie": Situation("/cookie"),
    "a redirect": Situation("/redirect"),
    "a refused connection": Situation("refused"),
    "a refused connection to a proxy": Situation("/", {"proxies": "http:"}),
    "a refused connection to a SOCKS proxy": Situation("/", {"proxies": "socks5h:"}),
    "SOCKS that nobody answers": Situation("/", {"proxies": "socks5:here", "timeout": 0.05}),
    "TLS with a proxy that nobody answers": Situation(
        "/", {"proxies": "https:here", "timeout": 0.05}
    ),
    "a host without an address": Situation("http://a.invalid/"),
    "no URL": Situation("http://"),
    "TLS that nobody answers": Situation("https", {"timeout": 0.05}),
    "a bad head": Situation("/bad"),
    "a bad chunk": Situation("/bad-chunk"),
    "content that is cut": Situation("/cut"),
    "content that is no gzip": Situation("/gzip"),
    "an endless redirect": Situation("/loop"),
    "a redirect that is not followed": Situation("/away"),
    "a challenge": Situation("/digest", {"auth": sojourn.HTTPDigestAuth("u", "p")}),
    "an error status": Situation("/missing", {}, "status"),
    "no JSON": Situation("/", {}, "json"),
    "a hook that raises": Situation("/", {"hooks": {"response": raising}}),
    "silence": Situation("/silence", {"timeout": 0.05}),
    "content that stalls": Situation("/stall", {"timeout": 0.05}),
    "nothing read": Situation("/large", {}, "nothing"),
    "a piece read": Situation("/large", {}, "piece"),
    "a line read": Situation("/large", {}, "line"),
    "the raw file read": Situation("/large", {}, "raw"),
    "the raw file looked at": Situation("/cookie", {}, "original"),
    "a file read to a bad end": Situation("/bad-chunk", {}, "raw"),
    "closed": Situation("/large", {}, "close"),
}


def arguments(situation: Situation, server: HandlerServer) -> dict[str, Any]:
    """The arguments of ``get``."""
    place = situation.path
    if place.startswith("/"):
        place = server.url(place)
    elif place == "refused":
        place = REFUSED
    elif place == "https":
        place = server.url().replace("http:", "https:")
    options = dict(situation.options)
    if "proxies" in options:
        scheme, _, where = options["proxies"].partition(":")
        by = server.url() if where == "here" else REFUSED
        options["proxies"] = {"http": by.replace("http:", f"{scheme}:")}
    return {"url": place, "stream": situation.read != "all", **options}


def read(response: Any, how: str) -> None:
    """Read a response of blocking code as a situation wants it."""
    match how:
        case "status":
            response.raise_for_status()
        case "json":
            response.json()
        case "piece":
            next(response.iter_content(10))
        case "line":
            next(response.iter_lines(10))
        case "raw":
            response.raw.read(10)
        case "original":
            assert response.raw._original_response.msg
        case "close":
            response.close()


async def aread(response: Any, how: str) -> None:
    """The same for asyncio."""
    match how:
        case "status":
            response.raise_for_status()
        case "json":
            await response.read()
            response.json()
        case "piece":
            await anext(response.iter_content(10))
        case "line":
            await anext(response.iter_lines(10))
        case "raw":
            await response.raw.read(10)
        case "original":
            assert response.raw._original_response.msg
        case "close":
            await response.close()


@pytest.mark.parametrize("module", [sojourn, compat], ids=lambda module: module.__name__)
@pytest.mark.parametrize("name", SITUATIONS)
def test_blocking_code_leaves_no_circle(server: HandlerServer, module: Any, name: str) -> None:
    situation = SITUATIONS[name]

    def act() -> None:
        with module.Session() as session, contextlib.suppress(Exception):
            read(session.get(**arguments(situation, server)), situation.read)

    assert left_in_circles(act) == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_asyncio_leaves_no_circle(server: HandlerServer, name: str) -> None:
    situation = SITUATIONS[name]

    async def call() -> None:
        async with sojourn.AsyncSession() as session:
            with contextlib.suppress(Exception):
                await aread(await session.get(**arguments(situation, server)), situation.read)

    with asyncio.Runner() as runner:
        assert left_in_circles(lambda: runner.run(call())) == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_trio_leaves_no_circle(server: HandlerServer, name: str) -> None:
    situation = SITUATIONS[name]

    async def call() -> None:
        async with sojourn.trio.Session() as session:
            with contextlib.suppress(Exception):
                response = await session.get(**arguments(situation, server))
                pieces = {"piece": response.iter_content, "line": response.iter_lines}
                if situation.read in pieces:  # trio warns of generators that are not closed.
                    async with contextlib.aclosing(pieces[situation.read](10)) as reading:
                        await anext(reading)
                else:
                    await aread(response, situation.read)

    assert left_in_circles(lambda: trio.run(call)) == []


@pytest.mark.parametrize("kept", [True, False], ids=["one is there", "none is there"])
@pytest.mark.parametrize("by", ["sync", "asyncio", "trio"])
def test_a_race_of_addresses_leaves_no_circle(server: HandlerServer, by: str, kept: bool) -> None:
    """Two addresses are refused, and the third is that of the server, or is refused too."""
    port = server.port if kept else 1
    found = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
    url = f"http://a.test:{port}/"

    async def call(kind: Any) -> None:
        async with kind(resolver=lambda *_: found) as session:
            with contextlib.suppress(sojourn.RequestException):
                await session.get(url)

    def act() -> None:
        if by == "asyncio":
            asyncio.run(call(sojourn.AsyncSession))
        elif by == "trio":
            trio.run(call, sojourn.trio.Session)
        else:
            quiet = contextlib.suppress(sojourn.RequestException)
            with sojourn.Session(resolver=lambda *_: found) as session, quiet:
                session.get(url)

    assert left_in_circles(act) == []


def test_socks_leaves_no_circle(server: HandlerServer, microsocks: Microsocks) -> None:
    """A tunnel that is opened, and one that is refused."""
    by = {"http": f"socks5h://127.0.0.1:{microsocks.port}"}

    async def ask(session: Any) -> None:
        for url in (server.url(host="localhost"), "http://localhost:1/"):
            with contextlib.suppress(sojourn_core.errors.ProxyError):
                await session.get(url, proxies=by)

    async def by_asyncio() -> None:
        async with sojourn.AsyncSession() as session:
            await ask(session)

    async def by_trio() -> None:
        async with sojourn.trio.Session() as session:
            await ask(session)

    def blocking() -> None:
        with sojourn.Session() as session:
            for url in (server.url(host="localhost"), "http://localhost:1/"):
                with contextlib.suppress(sojourn_core.errors.ProxyError):
                    session.get(url, proxies=by)

    assert left_in_circles(blocking) == []
    with asyncio.Runner() as runner:
        assert left_in_circles(lambda: runner.run(by_asyncio())) == []
    assert left_in_circles(lambda: trio.run(by_trio)) == []


def test_retries_leave_no_circle(server: HandlerServer) -> None:
    def act() -> None:
        for url in (server.url("/unavailable"), server.url("/bad"), REFUSED):
            with compat.Session() as session, contextlib.suppress(Exception):
                session.mount("http://", compat.adapters.HTTPAdapter(max_retries=1))
                session.get(url, proxies={"http": None})

    assert left_in_circles(act) == []


def test_an_upload_that_raises_leaves_no_circle(server: HandlerServer) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"first"
        raise ValueError("the caller's own")

    def act() -> None:
        with sojourn.Session() as session, contextlib.suppress(Exception):
            session.post(server.url(), data=pieces())

    assert left_in_circles(act) == []


def test_unread_responses_let_go_of_their_sockets_at_once(server: HandlerServer) -> None:
    """Each is dropped with the collector off, and makes room for the next one."""

    def act() -> None:
        with sojourn.Session(pool=sojourn.PoolLimits(connections_max=1)) as session:
            for _ in range(20):
                assert session.get(server.url("/large"), stream=True).ok

    assert left_in_circles(act) == []


# --- cancellation -------------------------------------------------------------------------------


async def cancelled(awaitable: Coroutine[Any, Any, Any]) -> None:
    """Cancel what waits for a peer, once it does."""
    task = asyncio.ensure_future(awaitable)
    await asyncio.sleep(0.02)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def for_a_head(session: Any, server: HandlerServer) -> None:
    await cancelled(session.get(server.url("/silence")))


async def for_content(session: Any, server: HandlerServer) -> None:
    await cancelled(session.get(server.url("/stall")))


async def for_streamed_content(session: Any, server: HandlerServer) -> None:
    response = await session.get(server.url("/stall"), stream=True)
    await cancelled(response.read())


async def for_the_raw_file(session: Any, server: HandlerServer) -> None:
    response = await session.get(server.url("/stall"), stream=True)
    await cancelled(response.raw.read())


async def for_a_place_in_the_pool(session: Any, server: HandlerServer) -> None:
    async with await session.get(server.url("/stall"), stream=True):
        await cancelled(session.get(server.url()))


async def for_content_of_the_caller(session: Any, server: HandlerServer) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(60)

    await cancelled(session.post(server.url(), data=pieces()))


async def for_content_that_another_closes(session: Any, server: HandlerServer) -> None:
    response = await session.get(server.url("/stall"), stream=True)
    task = asyncio.ensure_future(response.read())
    await asyncio.sleep(0.02)
    await response.close()
    with contextlib.suppress(sojourn.RequestException):
        await task
    del task


@pytest.mark.parametrize(
    "wait",
    [
        for_a_head,
        for_content,
        for_streamed_content,
        for_the_raw_file,
        for_a_place_in_the_pool,
        for_content_of_the_caller,
        for_content_that_another_closes,
    ],
    ids=lambda wait: wait.__name__,
)
def test_a_cancelled_call_leaves_no_circle(
    server: HandlerServer, wait: Callable[[Any, HandlerServer], Coroutine[Any, Any, None]]
) -> None:
    async def call() -> None:
        limits = sojourn.PoolLimits(connections_max=1)
        async with sojourn.AsyncSession(pool=limits) as session:
            await wait(session, server)

    with asyncio.Runner() as runner:
        assert left_in_circles(lambda: runner.run(call())) == []


async def cancelled_in_trio(call: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Cancel what waits for a peer, once it does."""
    with trio.move_on_after(0.02) as scope:
        await call()
    assert scope.cancelled_caught


@pytest.mark.parametrize("wait", ["a head", "content", "streamed content", "a place", "an upload"])
def test_a_cancelled_call_leaves_no_circle_in_trio(server: HandlerServer, wait: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await trio.sleep_forever()

    async def call() -> None:
        limits = sojourn.PoolLimits(connections_max=1)
        async with sojourn.trio.Session(pool=limits) as session:
            match wait:
                case "a head":
                    await cancelled_in_trio(lambda: session.get(server.url("/silence")))
                case "content":
                    await cancelled_in_trio(lambda: session.get(server.url("/stall")))
                case "streamed content":
                    response = await session.get(server.url("/stall"), stream=True)
                    await cancelled_in_trio(response.read)
                case "a place":
                    async with await session.get(server.url("/stall"), stream=True):
                        await cancelled_in_trio(lambda: session.get(server.url()))
                case _:
                    await cancelled_in_trio(lambda: session.post(server.url(), data=pieces()))

    assert left_in_circles(lambda: trio.run(call)) == []


# --- routes -------------------------------------------------------------------------------------


class PatientProxy(ProxyServer):
    """Takes clients that go away for what they are."""

    def _serve(self, connection: Connection) -> None:
        with contextlib.suppress(PeerClosedError, OSError, ValueError):
            super()._serve(connection)


ROUTES: Final = ("TLS", "a forward proxy", "a tunnel")


@pytest.fixture(scope="module")
def secure_server(ca: Authority) -> Iterator[HandlerServer]:
    with PatientServer(
        lambda request: ANSWERS[request.target], context=ca.server_context()
    ) as made:
        yield made


@pytest.fixture(scope="module")
def proxy() -> Iterator[ProxyServer]:
    with PatientProxy() as made:
        yield made


@pytest.mark.parametrize("kind", [sojourn.Session, sojourn.AsyncSession, sojourn.trio.Session])
@pytest.mark.parametrize("end", ["/", "/bad", "/cut", "/redirect", "cancelled"])
@pytest.mark.parametrize("route", ROUTES)
def test_no_route_leaves_a_circle(
    route: str,
    end: str,
    kind: Any,
    *,
    server: HandlerServer,
    secure_server: HandlerServer,
    proxy: ProxyServer,
    ca: Authority,
) -> None:
    origin = server if route == "a forward proxy" else secure_server
    url = origin.url("/stall" if end == "cancelled" else end)
    options: dict[str, Any] = {"verify": str(ca.path)}
    if route != "TLS":
        options["proxies"] = {"http": proxy.url(), "https": proxy.url()}

    def blocking() -> None:
        with sojourn.Session() as session, contextlib.suppress(sojourn.RequestException):
            session.get(url, timeout=0.5, **options)

    async def call() -> None:
        async with kind() as session:
            if end != "cancelled":  # The proxy itself waits for the rest of what is cut.
                with contextlib.suppress(sojourn.RequestException):
                    await session.get(url, timeout=0.5, **options)
            elif kind is sojourn.AsyncSession:
                await cancelled(session.get(url, **options))
            else:
                await cancelled_in_trio(lambda: session.get(url, **options))

    if kind is sojourn.Session:
        assert left_in_circles(blocking) == []
    elif kind is sojourn.AsyncSession:
        with asyncio.Runner() as runner:
            assert left_in_circles(lambda: runner.run(call())) == []
    else:
        assert left_in_circles(lambda: trio.run(call)) == []


def test_a_circle_is_found() -> None:
    """The measure itself: a response that leads to itself."""

    def act() -> None:
        response: Any = sojourn.Response()
        response.own = response

    assert "Response" in left_in_circles(act)
