"""A messenger of one's own, blocking and awaited, that drives a call."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import assert_type

from sojourn_core import (
    AsyncMessenger,
    Call,
    Content,
    ContentError,
    Fields,
    Messenger,
    Request,
    Response,
    ResponseHead,
    Session,
    drive_call,
    drive_call_async,
    shielded,
    shielded_async,
)
from sojourn_core import commands as c


class Own:
    def now(self) -> float:
        return monotonic()

    def send(self, call: Call, command: c.Send) -> Response:
        content = command.request.content
        if isinstance(content, Content):
            assert_type(b"".join(shielded(content)), bytes)
        return call.respond(ResponseHead(200, Fields()))

    def load(self, response: Response) -> None:
        response.give(b"content")

    def discard(self, response: Response, limit: int, deadline: float) -> None:
        pass

    def sleep_until(self, when: float) -> None:
        pass


class OwnAsync:
    def now(self) -> float:
        return monotonic()

    async def send(self, call: Call, command: c.Send) -> Response:
        content = command.request.content
        if isinstance(content, Content):
            assert_type(shielded_async(content), AsyncIterator[bytes])
        return call.respond(ResponseHead(200, Fields()))

    async def load(self, response: Response) -> None:
        response.give(b"content")

    async def discard(self, response: Response, limit: int, deadline: float) -> None:
        pass

    async def sleep_until(self, when: float) -> None:
        pass


def ask(url: str, messenger: Messenger) -> Response:
    try:
        return assert_type(drive_call(Session().call(Request("GET", url)), messenger), Response)
    except ContentError as error:
        raise error.error from None


async def ask_async(url: str, messenger: AsyncMessenger) -> Response:
    return await drive_call_async(Session().call(Request("GET", url)), messenger)


def run(url: str) -> Response:
    return ask(url, Own())


async def run_async(url: str) -> Response:
    return await ask_async(url, OwnAsync())
