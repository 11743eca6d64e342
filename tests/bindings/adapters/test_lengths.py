"""A declared length, and an answer in the process that does not keep it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn import exceptions
from sojourn.adapters import (
    ASGIAdapter,
    AsyncMockAdapter,
    MockAdapter,
    Reply,
    WSGIAdapter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.event_loop

Answer = tuple[int, list[tuple[str, str]], list[bytes]]


def by_reply(answer: Answer) -> Any:
    return MockAdapter(lambda _: Reply(answer[0], answer[1], b"".join(answer[2])))


def by_pieces(answer: Answer) -> Any:
    return MockAdapter(lambda _: Reply(answer[0], answer[1], iter(answer[2])))


def by_wsgi(answer: Answer) -> Any:
    def app(_: Any, start: Any) -> list[bytes]:
        start(f"{answer[0]} Some", answer[1])
        return answer[2]

    return WSGIAdapter(app)


def by_awaited_reply(answer: Answer) -> Any:
    return AsyncMockAdapter(lambda _: Reply(answer[0], answer[1], b"".join(answer[2])))


def by_awaited_pieces(answer: Answer) -> Any:
    return AsyncMockAdapter(lambda _: Reply(answer[0], answer[1], iter(answer[2])))


def by_asgi(answer: Answer) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            lines = [(name.encode(), value.encode()) for name, value in answer[1]]
            await send({"type": "http.response.start", "status": answer[0], "headers": lines})
            for piece in answer[2]:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})

    return ASGIAdapter(app)


BLOCKING = [by_reply, by_pieces, by_wsgi]
AWAITED = [by_awaited_reply, by_awaited_pieces, by_asgi]


def fetch(make: Callable[[Answer], Any], answer: Answer, method: str = "GET") -> bytes:
    """Return the content of the answer, read as a whole."""
    if make in BLOCKING:
        with sojourn.Session() as session:
            session.mount("http://", make(answer))
            return session.request(method, "http://a.test/").content

    async def fetched() -> bytes:
        async with sojourn.AsyncSession() as session:
            session.mount("http://", make(answer))
            return (await session.request(method, "http://a.test/")).content

    return asyncio.run(fetched())


@pytest.mark.parametrize("make", [*BLOCKING, *AWAITED])
@pytest.mark.parametrize(
    ("answer", "method", "content"),
    [
        ((200, [("Content-Length", "5")], [b"ab", b"cde"]), "GET", b"abcde"),
        ((200, [("Content-Length", "5, 5")], [b"abcde"]), "GET", b"abcde"),
        ((200, [("Content-Length", "0")], []), "GET", b""),
        ((200, [], [b"abc"]), "GET", b"abc"),
        (
            (200, [("Content-Length", "9"), ("Transfer-Encoding", "chunked")], [b"abc"]),
            "GET",
            b"abc",
        ),
        ((200, [("Content-Length", "5")], []), "HEAD", b""),
        ((304, [("Content-Length", "5")], []), "GET", b""),
    ],
)
def test_what_keeps_to_it(
    make: Callable[[Answer], Any], answer: Answer, method: str, content: bytes
) -> None:
    assert fetch(make, answer, method) == content


@pytest.mark.parametrize("make", [*BLOCKING, *AWAITED])
@pytest.mark.parametrize(
    ("pieces", "missing"), [([b"abc"], 2), ([], 5), ([b"ab", b"cd"], 1)], ids=repr
)
def test_less_is_an_early_end(
    make: Callable[[Answer], Any], pieces: list[bytes], missing: int
) -> None:
    with pytest.raises(exceptions.ChunkedEncodingError, match=f"{missing} bytes early") as caught:
        fetch(make, (200, [("Content-Length", "5")], pieces))
    assert caught.value.missing == missing


@pytest.mark.parametrize("make", [*BLOCKING, *AWAITED])
@pytest.mark.parametrize("pieces", [[b"abcdef"], [b"abc", b"def"], [b"abcde", b"f"]], ids=repr)
def test_more_breaks_the_protocol(make: Callable[[Answer], Any], pieces: list[bytes]) -> None:
    with pytest.raises(sojourn.exceptions.LocalProtocolError, match="more content than"):
        fetch(make, (200, [("Content-Length", "5")], pieces))
