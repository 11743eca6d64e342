"""What went wrong once, through both bindings, and must not again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn_core import DIRECT, Request, plan_exchange
from sojourn_core.commands import Send
from sojourn_core.messages.settings import SendSettings
from sojourn_core.values.errors import LocalProtocolError, UnrewindableBodyError
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received

ONE = sojourn.PoolLimits(connections_max=1)


class Refused(Exception):
    """Raised by a hook."""


def refuse(response: Any, **settings: Any) -> None:
    raise Refused


def large(request: Received) -> bytes:
    return response(200, content=b"x" * 500_000)


def test_a_hook_that_raises_leaves_no_slot_behind(serve: Callable[..., HandlerServer]) -> None:
    server = serve(large)
    with sojourn.Session(pool=ONE, timeout=5) as session:
        with pytest.raises(Refused):
            session.get(server.url("/"), hooks={"response": refuse})
        assert len(session.get(server.url("/")).content or b"") == 500_000


def test_nor_with_asyncio(serve: Callable[..., HandlerServer]) -> None:
    server = serve(large)

    async def main() -> int:
        async with sojourn.AsyncSession(pool=ONE, timeout=5) as session:
            with pytest.raises(Refused):
                await session.get(server.url("/"), hooks={"response": refuse})
            return len((await session.get(server.url("/"))).content or b"")

    assert asyncio.run(main()) == 500_000


def test_a_hook_may_raise_what_ends_a_generator(serve: Callable[..., HandlerServer]) -> None:
    raised = StopIteration("no more")

    def exhausted(response: Any, **settings: Any) -> None:
        raise raised

    server = serve(large)
    with sojourn.Session(pool=ONE, timeout=5) as session:
        with pytest.raises(StopIteration) as caught:
            session.get(server.url("/"), hooks={"response": exhausted})
        assert caught.value is raised
        assert len(session.get(server.url("/")).content or b"") == 500_000


def test_no_coroutine_raises_what_ends_one(serve: Callable[..., HandlerServer]) -> None:
    raised = StopIteration("no more")

    def exhausted(response: Any, **settings: Any) -> None:
        raise raised

    async def main() -> int:
        server = serve(large)
        async with sojourn.AsyncSession(pool=ONE, timeout=5) as session:
            with pytest.raises(RuntimeError, match="a hook or a transport") as caught:
                await session.get(server.url("/"), hooks={"response": exhausted})
            assert caught.value.__cause__ is raised
            return len((await session.get(server.url("/"))).content or b"")

    assert asyncio.run(main()) == 500_000


def test_https_in_capitals_is_not_sent_in_clear_text() -> None:
    request = Request("GET", "https://a.test/").prepare()
    request.url = "HTTPS://a.test/"
    send = Send(request, DIRECT, SendSettings())
    with pytest.raises(LocalProtocolError, match="does not fit the TLS context"):
        plan_exchange(send, limits=DEFAULT_LIMITS, tls_context=None)


def test_a_request_with_used_content_is_not_sent_empty(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=request.content))
    with sojourn.Session() as session:
        request = session.prepare_request(
            sojourn.Request("POST", server.url("/"), data=iter([b"once"]))
        )
        assert session.send(request).content == b"once"
        with pytest.raises(UnrewindableBodyError):
            session.send(request)


@pytest.mark.parametrize("verify", [0, 5, 1.5])
def test_verify_is_no_number(verify: float) -> None:
    with sojourn.Session() as session, pytest.raises(ValueError, match="verify must be"):
        session.get("https://a.test/", verify=verify)


def test_auth_that_is_none() -> None:
    with sojourn.Session() as session, pytest.raises(TypeError, match="auth must be"):
        session.get("http://a.test/", auth="secret")


@pytest.mark.parametrize("location", ["ftp://b.test/?token=SECRET#SECRET", "http://:1/?SECRET"])
def test_a_refused_redirect_is_explained_without_its_query(
    location: str, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: response(302, ("Location", location)))
    with sojourn.Session() as session, pytest.raises(sojourn.RequestException) as caught:
        session.get(server.url("/"))
    found: Any = caught.value.response
    assert "redirect.refused" in found.explain()
    assert "SECRET" not in found.explain()
