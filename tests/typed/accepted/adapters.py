"""Transports without sockets, as tests mount them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

import sojourn
from sojourn.adapters import (
    ASGIAdapter,
    AsyncMockAdapter,
    MockAdapter,
    Reply,
    Route,
    Router,
    WSGIAdapter,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable


def handler(request: sojourn.PreparedRequest) -> Reply:
    return Reply(200, {"X-Method": request.method or ""}, json={"url": request.url})


async def ahandler(request: sojourn.PreparedRequest) -> Reply | sojourn.AsyncResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"

    if request.method == "GET":
        return Reply(content=pieces())
    return sojourn.AsyncResponse.of(200, {"A": "b"}, pieces(), request=request)


def wsgi_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b""]


async def asgi_app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    await send({"type": "http.response.start", "status": 200})


class Own(sojourn.AsyncBaseAdapter):
    async def send(self, request: Any, *args: Any, **kwargs: Any) -> sojourn.AsyncResponse:
        return sojourn.AsyncResponse.of(204, request=request)

    async def close(self) -> None:
        pass


def mounts() -> None:
    router = Router()
    assert_type(router.get("https://a.test/{id}").respond(200, json=[1]), Route)
    session = sojourn.Session()
    session.mount("https://a.test/", MockAdapter(handler))
    session.mount("https://b.test/", MockAdapter(router, passes_to=sojourn.HTTPAdapter()))
    session.mount("https://c.test/", WSGIAdapter(wsgi_app, client=("192.0.2.1", 1)))
    assert_type(sojourn.Response.of(200, [("A", "b")], [b"a"]), sojourn.Response)


def amounts() -> None:
    session = sojourn.AsyncSession()
    session.mount("https://a.test/", AsyncMockAdapter(ahandler))
    session.mount("https://b.test/", AsyncMockAdapter(Router()))
    session.mount("https://c.test/", ASGIAdapter(asgi_app, lifespan=False))
    session.mount("https://d.test/", Own())
