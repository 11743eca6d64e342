"""Mistakes in programs for asyncio."""

import sojourn

URL = "http://127.0.0.1:8000/"


def seen(response: sojourn.Response) -> None:
    print(response)


async def run(session: sojourn.AsyncSession, response: sojourn.AsyncResponse) -> None:
    print(session.get(URL).status_code)  # refused: attribute
    await session.get(URL, timeoutt=3)  # refused: keyword
    print(response.statuscode)  # refused: attribute
    for piece in response.iter_content(10):  # refused: iteration
        print(piece)
    await session.post(URL, headers=3)  # refused: argument
    await session.get(URL, hooks={"response": seen})  # refused: argument
    session.mount("http://", sojourn.HTTPAdapter())  # refused: argument
    async for line in response.iter_lines(decode_unicode=True):
        print(line + b"")  # refused: operator
