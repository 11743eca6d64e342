"""Idle connections are closed when their time is over, though nobody asks for any."""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio

import sojourn
import sojourn.trio
import sojourn_core.exchange.pool
from sojourn.shared.effects import carry_out
from sojourn.sync import idling
from sojourn.sync.idling import watcher
from sojourn_core.exchange.departures import Gone
from tests.bindings.clients import EVERY_BINDING, SECONDS_MAX, Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, ScriptedServer

BINDINGS = EVERY_BINDING
SHORT: Final = sojourn.PoolLimits(idle_seconds_max=0.1)
OK: Final = answer(200, content=b"ok")


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools want to be looked at more often than they do for users."""
    monkeypatch.setattr(sojourn_core.exchange.pool, "LOOK_SECONDS_MAX", 0.1)


def wait_for(binding: Binding, condition: Callable[[], bool]) -> None:
    """Return when it holds, and fail if it never does. Loops run meanwhile."""
    until = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        if binding.name == "sync":
            time.sleep(0.01)
        else:
            binding.run(_sleep(binding.name))


async def _sleep(name: str) -> None:
    if name == "asyncio":
        await asyncio.sleep(0.01)
    else:
        await trio.sleep(0.01)


def is_watched() -> bool:
    """The thread for idle connections is there."""
    return watcher.runs


def until_unwatched() -> None:
    until = time.monotonic() + SECONDS_MAX
    while is_watched():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_idle_connections_are_closed_though_the_session_is_not_used(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    servers = [serve(lambda request: OK) for _ in range(3)]
    session = binding.session(pool=SHORT)
    for server in servers:
        assert binding.run(session.get(server.url())).content == b"ok"
    pool = pool_of(session)
    wait_for(binding, lambda: pool.open_count == 0)
    assert pool.gone == {Gone.IDLE_TOO_LONG: 3}
    assert binding.run(session.get(servers[0].url())).content == b"ok"
    assert servers[0].connections == 2
    wait_for(binding, lambda: pool.open_count == 0)  # The next ones are looked after, too.


def test_the_connection_that_a_peer_has_ended_is_closed(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(OK), Close()])
    session = binding.session(pool=sojourn.PoolLimits(idle_seconds_max=3600.0))
    assert binding.run(session.get(server.url())).content == b"ok"
    pool = pool_of(session)
    wait_for(binding, lambda: pool.open_count == 0)
    assert pool.gone == {Gone.ENDED: 1}


def test_what_the_server_says_of_idle_connections_counts(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    kept = answer(200, ("Keep-Alive", "timeout=1"), content=b"ok")
    server = scripted([ReadHead(), Send(kept), WaitClosed()])
    session = binding.session()
    assert binding.run(session.get(server.url())).content == b"ok"
    pool = pool_of(session)
    assert pool.idle_count == 1 or pool.gone, "the second may be over by now"
    wait_for(binding, lambda: pool.open_count == 0)
    assert pool.gone == {Gone.IDLE_TOO_LONG: 1}


def test_a_session_that_is_dropped_is_not_kept_alive(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: OK)
    kind: Any = {"sync": sojourn.Session, "asyncio": sojourn.AsyncSession}.get(
        binding.name, sojourn.trio.Session
    )
    session = kind()
    assert binding.run(session.get(server.url())).content == b"ok"
    gone, pool = weakref.ref(session.get_adapter(server.url())), pool_of(session)
    del session
    binding.turn()
    if binding.name == "sync":
        wait_for(binding, lambda: gone() is None)  # Unless the thread looks at it just now.
    assert gone() is None
    carry_out(pool.close())
    binding.turn()


def test_the_thread_ends_as_the_last_session_is_closed(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda request: OK)
    with sojourn.Session() as first, sojourn.Session() as second:
        assert first.get(server.url()).content == b"ok"
        assert second.get(server.url()).content == b"ok"
        first.close()
        assert is_watched()
    until_unwatched()


def test_sessions_that_follow_each_other_share_the_thread(
    serve: Callable[..., HandlerServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda request: OK)
    until_unwatched()  # By sessions of other tests.
    monkeypatch.setattr(idling, "LINGER_SECONDS", SECONDS_MAX)
    begun: list[object] = []
    start: Any = idling._thread.start_new_thread
    monkeypatch.setattr(
        idling._thread,
        "start_new_thread",
        lambda run, given: begun.append(run) or start(run, given),
    )
    for _ in range(3):
        with sojourn.Session() as session:
            assert session.get(server.url()).content == b"ok"
        assert is_watched()
    assert begun.count(watcher._run) == 1
    watcher.stop()
    assert not is_watched()


def test_there_is_no_thread_if_none_is_wanted(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: OK)
    until_unwatched()  # By sessions of other tests.
    with sojourn.Session(pool=SHORT) as session:
        pool = pool_of(session)
        session.get_adapter(server.url()).looks_after_idle = False
        assert session.get(server.url()).content == b"ok"
        assert not is_watched()
        assert pool.idle_count == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_fork_does_not_see_the_thread_and_both_processes_go_on(
    serve: Callable[..., HandlerServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda request: OK)
    monkeypatch.setattr(idling, "LINGER_SECONDS", SECONDS_MAX)  # A fork may take long.
    with sojourn.Session(pool=sojourn.PoolLimits(idle_seconds_max=1.0)) as session:
        assert session.get(server.url()).content == b"ok"
        child = os.fork()
        if not child:
            alone = not is_watched()
            answered = session.get(server.url()).content == b"ok" and is_watched()
            os._exit(0 if alone and answered else 1)
        assert is_watched()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        until = time.monotonic() + SECONDS_MAX
        while pool_of(session).open_count:
            assert time.monotonic() < until
            time.sleep(0.01)
    watcher.stop()


def test_a_loop_ends_though_connections_are_idle(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: OK)

    pools: list[Any] = []

    async def get(session: Any) -> bytes:
        pools.append(pool_of(session))
        content: bytes = (await session.get(server.url())).content
        assert pools[-1].idle_count == 1
        return content

    async def by_asyncio() -> bytes:
        content = await get(sojourn.AsyncSession())
        carry_out(pools[0].close())  # Else asyncio would warn of a transport that is left open.
        await asyncio.sleep(0)
        return content

    async def by_trio() -> bytes:
        return await get(sojourn.trio.Session())

    begun = time.monotonic()
    assert asyncio.run(by_asyncio()) == trio.run(by_trio) == b"ok"
    assert time.monotonic() - begun < SECONDS_MAX
    carry_out(pools[1].close())
