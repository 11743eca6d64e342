"""A process that is forked has sessions of its own: no connection serves both sides."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import compat
from sojourn.compat.cookies import RequestsCookieJar
from sojourn.local import tls_contexts
from tests.bindings.clients import pool_of
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, Received

FORKS: Final = 10
BINDINGS: Final = pytest.mark.parametrize("kind", [sojourn.Session, sojourn.AsyncSession])


@pytest.fixture
def server(serve: Callable[..., HandlerServer]) -> HandlerServer:
    """A server that answers with what it was asked for."""

    def handle(request: Received) -> bytes:
        return answer(200, content=request.target.encode())

    return serve(handle)


async def get(session: Any, url: str) -> bytes:
    """The content of a response, of either binding."""
    got = session.get(url)
    content: bytes = (await got if hasattr(got, "__await__") else got).content
    return content


def in_child(work: Callable[[], bytes]) -> Callable[[], bytes]:
    """Do it in a child; what is returned waits for it, and gives what it gave."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # The server's threads stay behind.
        child = os.fork()
    if child == 0:
        try:
            os.write(writing, work())
        finally:
            os._exit(0)
    os.close(writing)

    def wait() -> bytes:
        with os.fdopen(reading, "rb") as told:
            found = told.read()
        os.waitpid(child, 0)
        return found

    return wait


@BINDINGS
def test_contents_are_never_mixed(kind: Any, server: HandlerServer) -> None:
    session = kind()
    with asyncio.Runner() as runner:
        runner.run(get(session, server.url("/warm")))
        assert pool_of(session).counts.idle == 1
        children = [
            in_child(lambda number=number: asyncio.run(get(session, server.url(f"/{number}"))))
            for number in range(FORKS)
        ]
        mine = [runner.run(get(session, server.url(f"/mine/{number}"))) for number in range(FORKS)]
        assert [child() for child in children] == [b"/%d" % number for number in range(FORKS)]
        assert mine == [b"/mine/%d" % number for number in range(FORKS)]
        used = {each.target: each.connection for each in server.requests}
        ours = {place for target, place in used.items() if not target.strip("/").isdecimal()}
        theirs = [place for target, place in used.items() if target.strip("/").isdecimal()]
        assert len(ours) == 1
        assert len(set(theirs)) == FORKS
        assert ours.isdisjoint(theirs)
        if kind is sojourn.AsyncSession:
            runner.run(session.close())
        else:
            session.close()


@BINDINGS
def test_a_child_starts_with_nothing_and_closes_nothing_of_its_parents(
    kind: Any, server: HandlerServer
) -> None:
    session = kind(pool=sojourn.PoolLimits(connections_max=1))
    with asyncio.Runner() as runner:
        runner.run(get(session, server.url("/a")))

        def look() -> bytes:
            counts = pool_of(session).counts
            session.close() if kind is sojourn.Session else asyncio.run(session.close())
            return repr(tuple(counts)).encode()

        assert in_child(look)() == b"(0, 0, 0)"
        assert runner.run(get(session, server.url("/b"))) == b"/b"
        assert server.connections == 1
        if kind is sojourn.AsyncSession:
            runner.run(session.close())
        else:
            session.close()


# --- locks ------------------------------------------------------------------------------------


@contextmanager
def held_by_another_thread(lock: Any) -> Iterator[None]:
    """Hold a lock in a thread that is not there in a child."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()


def jar_of_session() -> tuple[Any, Callable[[], object]]:
    session = sojourn.Session()
    return session.cookies.guard, lambda: session.cookies.set("a", "1", domain="a.test")


def jar_of_async_session() -> tuple[Any, Callable[[], object]]:
    session = sojourn.AsyncSession()
    return session.cookies.guard, lambda: session.cookies.set("a", "1", domain="a.test")


def jar_of_compat() -> tuple[Any, Callable[[], object]]:
    jar = compat.Session().cookies
    return getattr(jar, "guard", None) or jar._cookies_lock, lambda: jar.set("a", "1")


def jar_of_requests() -> tuple[Any, Callable[[], object]]:
    jar = RequestsCookieJar()
    return jar._cookies_lock, lambda: jar.set("a", "1")


def contexts() -> tuple[Any, Callable[[], object]]:
    return tls_contexts._lock, lambda: tls_contexts.context_for(True, None)


def handing_over() -> tuple[Any, Callable[[], object]]:
    adapter = sojourn.HTTPAdapter()

    def work() -> None:
        with adapter.handing_over:
            pass

    return adapter.handing_over, work


def pool() -> tuple[Any, Callable[[], object]]:
    adapter = sojourn.HTTPAdapter()

    def work() -> None:
        adapter.pool.close()

    return adapter.pool._guard, work


@pytest.mark.parametrize(
    "make",
    [
        jar_of_session,
        jar_of_async_session,
        jar_of_compat,
        jar_of_requests,
        contexts,
        handing_over,
        pool,
    ],
    ids=lambda make: make.__name__,
)
def test_a_lock_that_a_thread_holds_is_free_in_a_child(
    make: Callable[[], tuple[Any, Callable[[], object]]],
) -> None:
    lock, work = make()

    def child() -> bytes:
        signal.alarm(60)  # One that waits for ever is ended.
        work()
        return b"done"

    with held_by_another_thread(lock):
        assert in_child(child)() == b"done"
