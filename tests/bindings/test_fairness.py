"""A transfer on an event loop leaves the loop to others, however fast its peer is."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

import sojourn
from sojourn.aio.stream import READS_AT_ONCE_MAX
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadContent, ReadHead, Reset, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer
    from tests.servers.steps import Step

PIECES: Final = 8
SIZE: Final = PIECES * 1024  # So little that no socket makes it wait.
LARGE: Final = b"".join(b"%08d" % number for number in range(1 << 20))


def test_other_tasks_get_a_turn_for_each_piece_of_an_upload(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), ReadContent(SIZE), Send(answer(204)), WaitClosed()])

    async def upload() -> list[int]:
        turns = 0
        seen: list[int] = []

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        def pieces() -> Iterator[bytes]:
            for _ in range(PIECES):
                seen.append(turns)
                yield bytes(SIZE // PIECES)

        ticking = asyncio.create_task(tick())
        async with sojourn.AsyncSession() as session:
            fields = {"Content-Length": str(SIZE)}
            response = await session.put(server.url(), data=pieces(), headers=fields)
        ticking.cancel()
        assert response.status_code == 204
        return seen

    seen = asyncio.run(upload())
    assert len(seen) == PIECES
    assert all(before < after for before, after in pairwise(seen))


def test_other_tasks_get_turns_while_a_large_download_is_read(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(answer(200, content=LARGE)), WaitClosed()])

    async def download() -> tuple[bytes, list[int]]:
        turns = 0
        seen: list[int] = []
        pieces: list[bytes] = []

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        async with (
            sojourn.AsyncSession() as session,
            await session.get(server.url(), stream=True) as response,
        ):
            async for piece in response.iter_content(None):
                pieces.append(piece)
                seen.append(turns)
        ticking.cancel()
        return b"".join(pieces), seen

    content, seen = asyncio.run(download())
    assert content == LARGE
    apart = READS_AT_ONCE_MAX + 1
    assert all(before < after for before, after in zip(seen, seen[apart:], strict=False))


@pytest.mark.parametrize("end", [Close(), Reset()])
def test_a_large_download_that_breaks_off_is_an_error(
    scripted: Callable[..., ScriptedServer], end: Step
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(LARGE))
    server = scripted([ReadHead(), Send(head + LARGE), end])

    async def download() -> bytes:
        content = bytearray()
        async with (
            sojourn.AsyncSession() as session,
            await session.get(server.url(), stream=True) as response,
        ):
            with pytest.raises(sojourn.exceptions.ChunkedEncodingError):
                await read_into(content, response)
        return bytes(content)

    content = asyncio.run(download())
    assert LARGE.startswith(content)
    assert content == LARGE or isinstance(end, Reset)  # A reset may discard what was not read.


async def read_into(content: bytearray, response: sojourn.AsyncResponse) -> None:
    async for piece in response.iter_content(None):
        content += piece
