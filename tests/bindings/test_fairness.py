"""An upload on an event loop leaves the loop to others, however fast its peer takes it."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import sojourn
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadContent, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer

PIECES: Final = 8
SIZE: Final = PIECES * 1024  # So little that no socket makes it wait.


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
