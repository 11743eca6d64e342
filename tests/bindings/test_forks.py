"""A process that is forked has sessions of its own: no connection serves both sides."""

from __future__ import annotations

import asyncio
import os
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from tests.bindings.clients import pool_of
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

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
