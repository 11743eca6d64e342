"""ASGI applications as transports: bare ones, and one of Starlette."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request  # noqa: TC002 - Starlette reads it
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

import sojourn
from sojourn.adapters import ASGIAdapter
from sojourn.exceptions import (
    ChunkedEncodingError,
    LocalProtocolError,
    ReadTimeout,
    StalledContent,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.event_loop

URL = "http://app.test"
LOG: list[str] = []


def session_with(app: Callable[..., Any], **settings: Any) -> sojourn.AsyncSession:
    session = sojourn.AsyncSession()
    session.mount("http://app.test/", ASGIAdapter(app, **settings))
    return session


def fetch(
    app: Any, url: str = URL, *, method: str = "GET", settings: Any = None, **sent: Any
) -> Any:
    async def main() -> Any:
        async with session_with(app, **settings or {}) as session:
            return await session.request(method, url, **sent)

    return asyncio.run(main())


def make_starlette() -> Starlette:
    async def who(request: Request) -> Response:
        client = request.client
        assert client is not None
        return JSONResponse(
            {"client": [*client], "url": str(request.url), "state": request.state.made}
        )

    async def login(request: Request) -> Response:
        response = RedirectResponse("/hello", 303)
        response.set_cookie("name", (await request.body()).decode())
        return response

    async def hello(request: Request) -> Response:
        return PlainTextResponse(f"hello {request.cookies['name']}")

    async def upload(request: Request) -> Response:
        sizes = [len(chunk) async for chunk in request.stream()]
        return JSONResponse(sizes)

    async def stream(request: Request) -> Response:
        async def pieces() -> AsyncIterator[str]:
            for number in range(3):
                yield str(number)

        return StreamingResponse(pieces())

    async def later(request: Request) -> Response:
        async def work() -> None:
            await asyncio.sleep(0)
            LOG.append("worked")

        return PlainTextResponse("soon", background=BackgroundTask(work))

    async def broken(request: Request) -> Response:
        raise KeyError("mine")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        LOG.append("started")
        yield {"made": "at the start"}
        LOG.append("stopped")

    handlers = [who, hello, stream, later, broken]
    routes = [Route(f"/{each.__name__}", each) for each in handlers]
    routes += [Route("/login", login, methods=["POST"]), Route("/upload", upload, methods=["POST"])]
    return Starlette(routes=routes, lifespan=lifespan)


@pytest.fixture(autouse=True)
def empty_log() -> None:
    LOG.clear()


def test_starlette_sees_the_client_the_url_and_its_state() -> None:
    settings = {"client": ("192.0.2.1", 1234)}
    seen = fetch(make_starlette(), f"{URL}/who?q=1", settings=settings).json()
    assert seen == {
        "client": ["192.0.2.1", 1234],
        "url": "http://app.test/who?q=1",
        "state": "at the start",
    }
    assert LOG == ["started", "stopped"]


def test_the_lifespan_may_be_left_out() -> None:
    assert fetch(make_starlette(), f"{URL}/stream", settings={"lifespan": False}).text == "012"
    assert LOG == []


def test_starlette_redirects_and_sets_cookies() -> None:
    response = fetch(make_starlette(), f"{URL}/login", method="POST", data=b"Ann")
    assert response.text == "hello Ann"
    assert [each.status_code for each in response.history] == [303]


def test_starlette_reads_streamed_content() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    response = fetch(make_starlette(), f"{URL}/upload", method="POST", data=pieces())
    assert [size for size in response.json() if size] == [2, 1]


def test_the_work_after_a_response_is_waited_for() -> None:
    assert fetch(make_starlette(), f"{URL}/later").text == "soon"
    assert LOG == ["started", "worked", "stopped"]


def test_what_an_application_raises_reaches_the_caller_or_is_a_500() -> None:
    with pytest.raises(KeyError, match="mine"):
        fetch(make_starlette(), f"{URL}/broken", settings={"lifespan": False})
    settings = {"raise_server_exceptions": False}
    assert fetch(make_starlette(), f"{URL}/broken", settings=settings).status_code == 500
    assert fetch(bare(KeyError("mine")), settings=settings).text == "Internal Server Error"


# --- bare applications ------------------------------------------------------------------------


START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]}


def body(data: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def bare(*events: Any) -> Callable[..., Any]:
    """An application that sends events, and raises errors among them."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        for event in events:
            if isinstance(event, Exception):
                raise event
            await send(event)

    return app


def test_the_scope_has_what_the_request_says() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.update(scope)
            await send(START)
            await send(body(b""))

    settings = {"root_path": "/app"}
    response = fetch(app, f"{URL}/app/%C3%A4?q=%20", headers={"X-B": "2"}, settings=settings)
    assert response.headers["x-a"] == "1"
    assert seen["path"] == "/app/ä"
    assert (seen["raw_path"], seen["query_string"]) == (b"/app/%C3%A4", b"q=%20")
    assert (seen["server"], seen["root_path"]) == (("app.test", 80), "/app")
    assert seen["headers"][0] == (b"host", b"app.test")
    assert (b"x-b", b"2") in seen["headers"]


@pytest.mark.parametrize(
    ("events", "error"),
    [
        ([], LocalProtocolError),
        ([body(b"x")], LocalProtocolError),
        ([START], ChunkedEncodingError),
        ([START, body(b"x", more=True)], ChunkedEncodingError),
        ([START, body(b"x", more=True), KeyError()], KeyError),
        ([START, body(b"x"), body(b"y")], LocalProtocolError),
        ([START, body(b"x"), KeyError()], KeyError),
    ],
)
def test_errors_of_an_application_are_told(events: list[Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        fetch(bare(*events))


def test_an_application_waits_for_its_reader_and_hears_when_that_has_gone() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await receive()
        await send(START)
        try:
            for number in range(1000):
                await send(body(b"x", more=True))
                LOG.append(str(number))
        except OSError:
            LOG.append((await receive())["type"])

    async def main() -> None:
        async with session_with(app) as session:
            response = await session.get(URL, stream=True)
            read = response.iter_content(None)
            assert await anext(read) == b"x"
            await asyncio.sleep(0)
            assert len(LOG) <= 3
            await response.close()
        assert LOG[-1] == "http.disconnect"

    asyncio.run(main())


def test_one_that_never_ends_is_cancelled_at_the_end() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                LOG.append("cancelled")
                raise

    with pytest.raises(ReadTimeout):
        fetch(app, timeout=0.01)
    assert LOG == ["cancelled"]


def test_times_hold_within_the_content() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START)
            await send(body(b"x", more=True))
            await asyncio.Event().wait()

    with pytest.raises(StalledContent):
        fetch(app, timeout=0.5)


@pytest.mark.parametrize("error", [KeyError("mine"), OSError("mine")])
def test_the_error_of_the_content_is_raised_as_it_is(error: Exception) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"
        raise error

    with pytest.raises(type(error)) as caught:
        fetch(make_starlette(), f"{URL}/upload", method="POST", data=pieces())
    assert caught.value is error


def test_a_response_without_content_ends_with_its_head() -> None:
    response = fetch(bare(START, body(b"ignored")), method="HEAD")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("when", ["startup", "shutdown"])
def test_a_lifespan_that_fails_is_an_error(when: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START)
            await send(body(b""))
            return
        while True:
            event = await receive()
            if event["type"] == f"lifespan.{when}":
                await send({"type": f"lifespan.{when}.failed", "message": "no database"})
                return
            await send({"type": f"{event['type']}.complete"})

    with pytest.raises(LocalProtocolError, match=f"{when} of the application failed: no database"):
        fetch(app)
