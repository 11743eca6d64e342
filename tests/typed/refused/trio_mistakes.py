"""Mistakes in programs for trio."""

import sojourn
import sojourn.trio

URL = "http://127.0.0.1:8000/"


def seen(response: sojourn.AsyncResponse) -> None:
    print(response)


async def run(session: sojourn.trio.Session, response: sojourn.trio.Response) -> None:
    print(session.get(URL).status_code)  # refused: attribute
    await session.get(URL, timeoutt=3)  # refused: keyword
    for piece in response.iter_content(10):  # refused: iteration
        print(piece)
    await session.get(URL, hooks={"response": seen})  # refused: argument
    session.mount("http://", sojourn.AsyncHTTPAdapter())  # refused: argument
    session.mount("http://", sojourn.HTTPAdapter())  # refused: argument
