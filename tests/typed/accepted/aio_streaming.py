"""Content that is read with ``async for``."""

import sojourn


async def download(session: sojourn.AsyncSession, url: str) -> bytes:
    async with await session.get(url, stream=True) as response:
        pieces = [piece async for piece in response.iter_content(65536)]
    return b"".join(pieces)


async def events(session: sojourn.AsyncSession, url: str) -> list[str]:
    async with await session.get(url, stream=True) as response:
        lines = response.aiter_lines(decode_unicode=True)
        return [line.removeprefix("data: ") async for line in lines]


async def read(response: sojourn.AsyncResponse) -> int:
    content = await response.read()
    async for piece in response:
        content += piece
    await response.aclose()
    return len(content)
