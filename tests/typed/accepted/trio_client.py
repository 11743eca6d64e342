"""A program for trio, and a transport of one's own."""

from collections.abc import AsyncIterator
from typing import Any, assert_type

import trio

import sojourn
import sojourn.trio

URL = "http://127.0.0.1:8000/"


async def pieces() -> AsyncIterator[bytes]:
    yield b"one"


async def seen(response: sojourn.trio.Response, **_: Any) -> None:
    await trio.lowlevel.checkpoint()
    print(response.status_code)


class Logging(sojourn.trio.HTTPAdapter):
    async def send(
        self,
        request: sojourn.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> sojourn.trio.Response:
        return await super().send(request, stream, timeout, verify, cert, proxies)


class Canned(sojourn.trio.BaseAdapter):
    async def send(self, request: Any, *_: Any, **__: Any) -> sojourn.trio.Response:
        return sojourn.trio.Response.of(200, {"A": "1"}, pieces(), request=request)

    async def close(self) -> None:
        pass


async def fetch(session: sojourn.trio.Session, found: dict[int, str], number: int) -> None:
    response = await session.get(URL, params={"n": str(number)})
    assert_type(response, sojourn.trio.Response)
    found[number] = response.text


async def main() -> None:
    found: dict[int, str] = {}
    pool = sojourn.PoolLimits(connections_max=10)
    async with sojourn.trio.Session(pool=pool) as session:
        session.mount("http://", Logging())
        session.mount("canned://", Canned())
        async with trio.open_nursery() as nursery:
            for number in range(100):
                nursery.start_soon(fetch, session, found, number)
        with trio.move_on_after(3):
            await session.post(URL, data=pieces(), hooks={"response": seen})
        async with await session.get(URL, stream=True) as response:
            async for piece in response.iter_content(65536):
                assert_type(piece, bytes)
            async for line in response.iter_lines(decode_unicode=True):
                assert_type(line, str)


trio.run(main)
