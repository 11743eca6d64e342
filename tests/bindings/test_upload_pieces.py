"""The bytes of an upload, whatever pieces its iterator gives and its peer takes."""

from __future__ import annotations

import asyncio
import random
import select
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest

import sojourn
from sojourn.aio import stream as aio_stream
from sojourn.shared.looks import LOOK_BYTES
from sojourn_core.exchange.passing import JOINED_MAX
from tests.bindings.clients import EVERY_BINDING as BINDINGS
from tests.bindings.clients import Binding
from tests.bindings.test_loops import every_loop, run
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Expect, Reset, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.bindings.test_loops import Loop
    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer

__all__ = ["BINDINGS"]  # The fixture reads it.

PIECE: Final = b"sojourn." * 8192
TOO_LARGE: Final = answer(413, ("Connection", "close"), content=b"too large")
# More in all than a socket holds, so that it is full again and again.
SIZES: Final = (1, JOINED_MAX - 1, JOINED_MAX, JOINED_MAX + 1, 64 * 1024, 300_000, 7) * 24
RANDOM: Final = random.Random(17).randbytes(max(SIZES) + len(SIZES))
PIECES: Final = [RANDOM[number : number + size] for number, size in enumerate(SIZES)]


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("awaited", [False, True])
def test_pieces_of_all_sizes_arrive_as_they_were_given(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    ca: Authority,
    *,
    awaited: bool,
    declared: bool,
    secure: bool,
) -> None:
    if awaited and binding.name == "sync":
        pytest.skip("a blocking session awaits nothing")
    server = serve(lambda _: answer(204), context=ca.server_context() if secure else None)
    session = binding.session()
    session.verify = str(ca.path)
    fields = {"Content-Length": str(sum(SIZES))} if declared else {}

    async def pieces() -> AsyncIterator[bytes]:
        for piece in PIECES:
            yield piece

    data = pieces() if awaited else iter(PIECES)
    sent = binding.run(session.post(server.url(), data=data, headers=fields))
    assert sent.status_code == 204
    assert server.requests[0].content == b"".join(PIECES)


@every_loop
def test_pieces_arrive_in_order_on_every_loop(
    loop: Loop, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda _: answer(204))

    async def pieces() -> AsyncIterator[bytes]:
        for number, piece in enumerate(PIECES):
            if number % 16 == 15:
                await asyncio.sleep(0)
            yield piece

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            for _ in "12":  # The second time on a connection that has sent some by itself.
                assert (await session.post(server.url(), data=pieces())).status_code == 204

    run(loop, main())
    assert [each.content for each in server.requests] == [b"".join(PIECES)] * 2


@every_loop
def test_an_answer_is_seen_while_an_awaited_iterator_never_waits(
    loop: Loop, scripted: Callable[..., ScriptedServer]
) -> None:
    """The iterator gives as fast as it can, from the moment that the answer is there."""
    server = scripted([Expect(PIECE), Send(TOO_LARGE), WaitClosed()])
    transports: list[asyncio.BaseTransport] = []
    made = aio_stream.Stream.connection_made
    after = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal after
        yield PIECE
        incoming = select.poll()
        incoming.register(transports[0].get_extra_info("socket").fileno(), select.POLLIN)
        incoming.poll()
        for after in count(1):  # noqa: B007 - it is looked at when all is over
            yield PIECE

    async def main() -> int:
        async with sojourn.AsyncSession() as session:
            status: int = (await session.post(server.url(), data=pieces())).status_code
            return status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            aio_stream.Stream,
            "connection_made",
            lambda self, transport: (transports.append(transport), made(self, transport))[1],
        )
        assert run(loop, main()) == 413
    # A turn of the loop, in which the answer may come after the task, is between two looks.
    assert after <= 2 * (LOOK_BYTES // len(PIECE) + 1)


@pytest.mark.parametrize("end", [Close(), Reset()], ids=["close", "reset"])
def test_a_peer_that_leaves_within_an_awaited_upload_is_an_error(
    scripted: Callable[..., ScriptedServer], end: Close | Reset
) -> None:
    server = scripted([Expect(PIECE), end])

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield PIECE

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            with pytest.raises(sojourn.exceptions.ConnectionError):
                await session.post(server.url(), data=pieces())

    asyncio.run(main())
