"""Handlers as transports: what works over sockets works over them, for both bindings."""

from __future__ import annotations

import asyncio
import gzip
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn import exceptions
from sojourn.adapters import PASS_THROUGH, AsyncMockAdapter, MockAdapter, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.event_loop

KINDS = ["sync", "aio"]


async def fetch(kind: str, handler: Callable[..., Any], url: str, **sent: Any) -> Any:
    """Send a GET by a session with nothing but the handler, and read what it gives."""
    method = sent.pop("method", "GET")
    if kind == "sync":
        with sojourn.Session() as session:
            session.mount("https://", MockAdapter(handler))
            session.mount("http://", MockAdapter(handler))
            return session.request(method, url, **sent)
    async with sojourn.AsyncSession() as session:
        session.mount("https://", AsyncMockAdapter(handler))
        session.mount("http://", AsyncMockAdapter(handler))
        return await session.request(method, url, **sent)


def run(*args: Any, **kwargs: Any) -> Any:
    return asyncio.run(fetch(*args, **kwargs))


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_becomes_a_response(kind: str) -> None:
    reply = Reply(201, [("X-A", "1"), ("X-A", "2")], json={"made": True})
    response = run(kind, lambda request: reply, "https://a.test/x")
    assert (response.status_code, response.reason) == (201, "Created")
    assert response.headers.get_all("x-a") == ["1", "2"]
    assert response.json() == {"made": True}
    assert response.url == response.request.url == "https://a.test/x"


@pytest.mark.parametrize("kind", KINDS)
def test_redirects_and_cookies_take_their_way(kind: str) -> None:
    seen = []

    def handler(request: Any) -> Reply:
        seen.append((request.url, request.headers.get("cookie"), request.headers.get("x-api-key")))
        if request.url.endswith("/start"):
            return Reply(302, {"Location": "/end", "Set-Cookie": "k=v; Path=/; Secure"})
        if request.url.endswith("/end"):
            return Reply(307, {"Location": "https://b.test/"})
        return Reply(content="done")

    headers = {"Authorization": "Bearer t", "X-Api-Key": "s"}
    response = run(kind, handler, "https://a.test/start", headers=headers)
    assert response.text == "done"
    assert [each.status_code for each in response.history] == [302, 307]
    assert seen == [
        ("https://a.test/start", None, "s"),
        ("https://a.test/end", "k=v", "s"),
        ("https://b.test/", None, None),
    ]
    assert "authorization" not in response.request.headers
    assert {each.code for each in response.decisions} >= {"redirect.followed", "cookie.stored"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_handler_has_the_content_as_bytes(kind: str) -> None:
    sent = []

    def handler(request: Any) -> Reply:
        sent.append((request.method, request.body))
        return Reply(307, {"Location": "/again"}) if len(sent) == 1 else Reply()

    def pieces() -> Iterator[bytes]:
        yield b"a"
        yield b"b"

    run(kind, handler, "https://a.test/", method="POST", data=b"ab")
    assert sent == [("POST", b"ab"), ("POST", b"ab")]
    sent.append("answered at once")
    run(kind, handler, "https://a.test/", method="POST", data=pieces())
    assert sent[-1] == ("POST", b"ab")
    del sent[:]
    with pytest.raises(exceptions.UnrewindableBodyError):
        run(kind, handler, "https://a.test/", method="POST", data=pieces())


@pytest.mark.parametrize("kind", KINDS)
def test_content_codings_are_removed(kind: str) -> None:
    reply = Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"plain"))
    assert run(kind, lambda request: reply, "https://a.test/").content == b"plain"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_some_responses_have_no_content(kind: str, method: str, status: int) -> None:
    response = run(kind, lambda request: Reply(status, (), b"x"), "https://a.test/", method=method)
    assert response.content == b""


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_handler_raises_reaches_the_caller(kind: str) -> None:
    def timeout(request: Any) -> Reply:
        raise exceptions.ConnectTimeout("slow")

    def broken(request: Any) -> Reply:
        raise KeyError("mine")

    with pytest.raises(exceptions.ConnectTimeout, match="slow") as caught:
        run(kind, timeout, "https://a.test/")
    assert caught.value.request.url == "https://a.test/"
    with pytest.raises(KeyError, match="mine"):
        run(kind, broken, "https://a.test/")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_answer_is_an_error(kind: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="not str"):
        run(kind, lambda request: "text", "https://a.test/")


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_see_the_response(kind: str) -> None:
    seen = []

    def hook(response: Any, **settings: Any) -> None:
        seen.append(response.status_code)

    run(kind, lambda request: Reply(418), "https://a.test/", hooks={"response": hook})
    assert seen == [418]


@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_whose_content_is_endless_is_drained_within_limits(kind: str) -> None:
    closed = []

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.append(True)

    def handler(request: Any) -> Reply:
        if request.url.endswith("/end"):
            return Reply()
        return Reply(302, {"Location": "/end"}, endless())

    assert run(kind, handler, "https://a.test/").status_code == 200
    assert closed == [True]


def test_pieces_are_read_when_they_are_asked_for() -> None:
    made = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"one", b"two", b"three"):
            made.append(piece)
            yield piece

    with sojourn.Session() as session:
        session.mount("https://", MockAdapter(lambda request: Reply(content=pieces())))
        response = session.get("https://a.test/", stream=True)
        assert made == []
        read = response.iter_content(None)
        assert next(read) == b"one"
        assert made == [b"one"]
        response.close()
        with session.get("https://a.test/", stream=True) as response:
            assert response.raw.read() == b"onetwothree"


def test_asynchronous_pieces_and_handlers() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(0)
        yield b"b"

    async def handler(request: Any) -> sojourn.AsyncResponse:
        await asyncio.sleep(0)
        return sojourn.AsyncResponse.of(200, {"X": "y"}, pieces())

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            session.mount("https://", AsyncMockAdapter(handler))
            response = await session.get("https://a.test/")
            assert response.content == b"ab"
            async with await session.get("https://a.test/", stream=True) as streamed:
                assert [each async for each in streamed.iter_content(None)] == [b"a", b"b"]

    asyncio.run(main())


def test_timeouts_hold_for_awaited_handlers() -> None:
    async def never(request: Any) -> Reply:
        await asyncio.Event().wait()
        return Reply()

    async def stalls() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.Event().wait()

    with pytest.raises(exceptions.ReadTimeout, match=r"no answer from https://a\.test in 0\.01 s"):
        run("aio", never, "https://a.test/", timeout=0.01)
    with pytest.raises(exceptions.DeadlineExceeded):
        run("aio", never, "https://a.test/", timeout=sojourn.Timeouts(total=0.01))
    with pytest.raises(exceptions.StalledContent):
        run("aio", lambda request: Reply(content=stalls()), "https://a.test/", timeout=0.5)


def test_timeouts_hold_for_handlers_that_block_once_they_return() -> None:
    def slow(request: Any) -> Reply:
        time.sleep(0.02)
        return Reply()

    with pytest.raises(exceptions.ReadTimeout):
        run("sync", slow, "https://a.test/", timeout=0.001)


def test_a_timeout_of_the_handler_is_its_own() -> None:
    async def handler(request: Any) -> Reply:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        run("aio", handler, "https://a.test/", timeout=60)


@pytest.mark.parametrize("kind", KINDS)
def test_requests_that_pass_are_sent_by_another_transport(kind: str) -> None:
    def real(request: Any) -> Reply:
        return Reply(content=f"real {request.body!r}")

    async def main() -> Any:
        content = {"data": b"x"}
        if kind == "sync":
            passing: Any = MockAdapter(lambda request: PASS_THROUGH, passes_to=MockAdapter(real))
            with sojourn.Session() as session:
                session.mount("https://", passing)
                return session.post("https://a.test/", **content)
        passing = AsyncMockAdapter(lambda _: PASS_THROUGH, passes_to=AsyncMockAdapter(real))
        async with AsyncExitStack() as stack:
            asession = await stack.enter_async_context(sojourn.AsyncSession())
            asession.mount("https://", passing)
            return await asession.post("https://a.test/", **content)

    assert asyncio.run(main()).text == "real b'x'"


# --- responses made by hand -------------------------------------------------------------------


@pytest.mark.parametrize("made", [sojourn.Response, sojourn.AsyncResponse])
def test_a_response_of_whole_content_is_read_at_once(made: Any) -> None:
    response = made.of(404, {"Content-Type": "text/plain"}, b"gone")
    assert (response.status_code, response.reason, response.text) == (404, "Not Found", "gone")
    with pytest.raises(exceptions.HTTPError):
        response.raise_for_status()


def test_a_response_of_pieces_is_read_piece_by_piece() -> None:
    response = sojourn.Response.of(200, (), iter([b"a", b"b"]))
    assert list(response.iter_content(None)) == [b"a", b"b"]
    with pytest.raises(exceptions.StreamConsumedError):
        list(response.iter_content(None))


def test_a_response_knows_the_request_that_it_is_given() -> None:
    request = sojourn.Request("GET", "https://a.test/").prepare()
    response = sojourn.Response.of(200, {"Set-Cookie": "a=1"}, request=request)
    assert response.url == "https://a.test/"
    assert response.cookies.get("a") == "1"


def test_a_response_of_the_drop_in_can_be_made_too() -> None:
    from sojourn import compat

    assert compat.Response.of(200, (), b"x").content == b"x"


def test_json_and_content_exclude_each_other() -> None:
    with pytest.raises(TypeError, match="either content or json"):
        Reply(content=b"x", json=1)


class Later:
    """An object that can be awaited, and is neither a coroutine nor a future."""

    def __init__(self, steps: Any) -> None:
        self._steps = steps

    def __await__(self) -> Any:
        return self._steps.__await__()


@pytest.mark.parametrize("wrap", [asyncio.ensure_future, Later], ids=["future", "object"])
def test_whatever_a_transport_gives_is_awaited(wrap: Callable[[Any], Any]) -> None:
    class Transport(AsyncMockAdapter):
        def send(self, *args: Any, **kwargs: Any) -> Any:
            return wrap(super().send(*args, **kwargs))

    async def handler(request: Any) -> Reply:
        await asyncio.sleep(0)
        if request.url.endswith("/start"):
            return Reply(302, {"Location": "/end"})
        return Reply(200, content=b"the end")

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            session.mount("https://", Transport(handler))
            response = await session.get("https://a.test/start")
            assert (response.content, len(response.history)) == (b"the end", 1)
            first = await session.get("https://a.test/start", allow_redirects=False)
            hops = [hop async for hop in session.resolve_redirects(first, first.request)]
            assert [hop.url for hop in hops] == ["https://a.test/end"]

    asyncio.run(main())
