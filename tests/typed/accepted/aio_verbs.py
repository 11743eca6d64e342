"""Each verb of a session for asyncio."""

from collections.abc import AsyncIterator, Coroutine
from typing import Any

import sojourn

URL = "http://127.0.0.1:8000/"


async def chunks() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


async def every_verb(session: sojourn.AsyncSession) -> list[sojourn.AsyncResponse]:
    return [
        await session.get(URL, headers={"Accept": "*/*"}),
        await session.options(URL),
        await session.head(URL, allow_redirects=True),
        await session.post(URL, json={"a": [1, 2]}),
        await session.post(URL, data=chunks()),
        await session.put(URL, b"bytes"),
        await session.patch(URL, {"a": "1"}, auth=("user", "secret")),
        await session.delete(URL, cookies={"sid": "1"}),
        await session.request("PURGE", URL, verify=False),
    ]


def not_yet(session: sojourn.AsyncSession) -> Coroutine[Any, Any, sojourn.AsyncResponse]:
    return session.get(URL)
