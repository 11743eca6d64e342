"""Streams that a response has handed over, on real sockets: ``response.upgraded``."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio

import sojourn
import sojourn.trio
from sojourn.exceptions import ConnectionError as SojournConnectionError
from sojourn.exceptions import ReadTimeout
from sojourn_core.errors import LocalProtocolError
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import (
    Close,
    Expect,
    Hold,
    ReadContent,
    ReadHead,
    Reset,
    Send,
    Until,
    WaitClosed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import ScriptedServer

BINDINGS = EVERY_BINDING
UPGRADE: Final = {"Upgrade": "echo", "Connection": "upgrade"}
SWITCHING: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"
)
OPENED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
MUCH: Final = bytes(range(251)) * 1200


def received(binding: Binding, stream: Any, size: int) -> bytes:
    """So many bytes of a stream, or fewer at its end."""
    data = b""
    while len(data) < size and (piece := binding.run(stream.receive())):
        data += piece
    return data


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("early", [b"", b"early"], ids=["alone", "with bytes of the protocol"])
def test_a_101_hands_the_stream_over(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
    secure: bool,
    early: bytes,
) -> None:
    server = scripted(
        [ReadHead(), Send(SWITCHING + early), Expect(b"ping"), Send(b"pong"), Close()],
        context=ca.server_context() if secure else None,
    )
    session = binding.session()
    session.verify = str(ca.path)
    response = binding.run(session.get(server.url(), headers=UPGRADE))
    assert response.status_code == 101
    assert (response.content, response.raw, response.headers["upgrade"]) == (b"", None, "echo")
    stream = response.upgraded
    assert received(binding, stream, len(early)) == early
    binding.run(stream.send(b"ping"))
    assert received(binding, stream, 4) == b"pong"
    assert binding.run(stream.receive()) == b""
    assert binding.run(stream.receive()) == b""
    assert pool_of(session).counts.leased == 1
    binding.run(stream.close())
    assert stream.closed
    assert pool_of(session).open_count == 0


def test_connect_hands_the_stream_over(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(OPENED), Expect(b"ping"), Send(b"pong"), WaitClosed()])
    session = binding.session()
    response = binding.run(session.request("CONNECT", server.url()))
    assert (response.status_code, response.content) == (200, b"")
    binding.run(response.upgraded.send(b"ping"))
    assert received(binding, response.upgraded, 4) == b"pong"
    binding.run(response.close())
    assert response.upgraded.closed
    assert pool_of(session).open_count == 0
    authority = server.url().removeprefix("http://").rstrip("/")
    assert server.received[0].startswith(
        f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}".encode()
    )


def test_the_server_may_decline(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Send(answer(426, content=b"no")), WaitClosed()])
    session = binding.session()
    response = binding.run(session.get(server.url(), headers=UPGRADE))
    assert (response.status_code, response.content, response.upgraded) == (426, b"no", None)
    assert pool_of(session).counts.idle == 1


def test_a_101_that_nobody_asked_for_is_an_error(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), WaitClosed()])
    session = binding.session()
    with pytest.raises(SojournConnectionError, match="which no Upgrade has asked it for"):
        binding.run(session.get(server.url()))
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_much_in_both_directions(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority, secure: bool
) -> None:
    server = scripted(
        [ReadHead(), Send(SWITCHING + MUCH), ReadContent(len(MUCH)), Send(b"done"), WaitClosed()],
        context=ca.server_context() if secure else None,
    )
    session = binding.session()
    session.verify = str(ca.path)
    response = binding.run(session.get(server.url(), headers=UPGRADE))
    assert received(binding, response.upgraded, len(MUCH)) == MUCH
    binding.run(response.upgraded.send(MUCH))
    assert received(binding, response.upgraded, 4) == b"done"
    binding.run(response.close())


def test_a_small_limit_loses_nothing(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(SWITCHING + b"abcdef"), Close()])
    response = binding.run(binding.session().get(server.url(), headers=UPGRADE))
    stream = response.upgraded
    pieces = [binding.run(stream.receive(4)) for _ in range(3)]
    assert b"".join(pieces) == b"abcdef"
    assert max(map(len, pieces)) <= 4
    binding.run(response.close())


def test_a_silent_peer(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), Expect(b"x"), Send(b"late"), WaitClosed()])
    response = binding.run(binding.session().get(server.url(), headers=UPGRADE))
    stream = response.upgraded
    stream.timeouts = stream.timeouts.replace(read=0.02)
    with pytest.raises(ReadTimeout, match=r"silent for 0\.02 s"):
        binding.run(stream.receive())
    stream.timeouts = stream.timeouts.replace(read=None)
    binding.run(stream.send(b"x"))
    assert received(binding, stream, 4) == b"late"
    binding.run(response.close())


def test_a_stream_that_is_reset(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    go = threading.Event()
    server = scripted([ReadHead(), Send(SWITCHING), Until(go), Reset()])
    response = binding.run(binding.session().get(server.url(), headers=UPGRADE))
    go.set()
    with pytest.raises(SojournConnectionError):
        binding.run(response.upgraded.receive())
    binding.run(response.close())


def test_a_stream_that_was_closed(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(SWITCHING + b"unread"), WaitClosed()])
    response = binding.run(binding.session().get(server.url(), headers=UPGRADE))
    stream = response.upgraded
    binding.run(stream.close())
    binding.run(stream.close())
    with pytest.raises(LocalProtocolError, match="closed"):
        binding.run(stream.receive())
    with pytest.raises(LocalProtocolError, match="closed"):
        binding.run(stream.send(b"x"))


def test_a_stream_that_nobody_holds_gives_its_slot_back(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), WaitClosed()])
    session = binding.session()
    response = binding.run(session.get(server.url(), headers=UPGRADE))
    stream, response = response.upgraded, None
    gc.collect()
    assert pool_of(session).counts.leased == 1  # It is the stream that holds it.
    del stream, response
    gc.collect()
    binding.turn()
    pool = pool_of(session)
    effects = pool.expire(0.0)
    for each in effects.closes if effects is not None else ():
        each.close()
    assert pool.open_count == 0


# --- one sends while another receives -------------------------------------------------------------


def test_threads(scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), Expect(b"ping"), Send(b"pong"), WaitClosed()])
    with sojourn.Session() as session, session.get(server.url(), headers=UPGRADE) as response:
        stream, got = response.upgraded, []
        reader = threading.Thread(target=lambda: got.append(stream.receive()))
        reader.start()
        stream.send(b"ping")
        reader.join()
        assert got == [b"pong"]


def test_a_thread_that_closes_wakes_the_one_that_receives(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), Hold()])
    with sojourn.Session() as session:
        response = session.get(server.url(), headers=UPGRADE)
        raised: list[BaseException] = []

        def receive() -> None:
            try:
                response.upgraded.receive()
            except LocalProtocolError as error:
                raised.append(error)

        reader = threading.Thread(target=receive)
        reader.start()
        response.upgraded.close()
        reader.join()
        assert [str(error) for error in raised] == ["the stream was closed"]


def test_tasks_of_asyncio(scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), Expect(b"ping"), Send(b"pong"), Hold()])

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            response = await session.get(server.url(), headers=UPGRADE)
            stream = response.upgraded
            reader = asyncio.create_task(stream.receive())
            await asyncio.sleep(0)
            await stream.send(b"ping")
            assert await reader == b"pong"
            reader = asyncio.create_task(stream.receive())
            await asyncio.sleep(0)
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            reader = asyncio.create_task(stream.receive())
            await asyncio.sleep(0)
            await response.close()
            with pytest.raises(LocalProtocolError, match="closed"):
                await reader

    asyncio.run(main())


def test_tasks_of_trio(scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Send(SWITCHING), Expect(b"ping"), Send(b"pong"), Hold()])

    async def main() -> None:
        async with sojourn.trio.Session() as session:
            response = await session.get(server.url(), headers=UPGRADE)
            stream, got = response.upgraded, []

            async def receive() -> None:
                got.append(await stream.receive())

            async with trio.open_nursery() as nursery:
                nursery.start_soon(receive)
                await trio.lowlevel.checkpoint()
                await stream.send(b"ping")
            assert got == [b"pong"]
            with trio.move_on_after(0):
                await stream.receive()

            async def is_closed() -> None:
                with pytest.raises(LocalProtocolError, match="closed"):
                    await stream.receive()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(is_closed)
                await trio.lowlevel.checkpoint()
                await response.close()

    trio.run(main)
