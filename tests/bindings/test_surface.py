"""The surface that both bindings promise: the same names, the same arguments, short drive loops."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn.shared import call_driver
from sojourn.shared.awaited import call_driver as aio_call
from sojourn.shared.awaited import exchange_driver as aio_exchange
from sojourn.sync import call_driver as sync_call
from sojourn.sync import exchange_driver as sync_exchange
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer, Received

VERBS = ("get", "options", "head", "post", "put", "patch", "delete")
# What reads, and the names for it that users of other asyncio clients look for.
AWAITING_ONLY = {"read", "aread", "aclose", "aiter_content", "aiter_lines"}


def handler(request: Received) -> bytes:
    if request.target == "/moved":
        return answer(301, ("Location", "/here?a=1"), content=b"over there")
    return answer(
        200,
        ("Content-Type", "application/json; charset=utf-8"),
        ("Link", '</2>; rel="next"'),
        ("Set-Cookie", "kept=1; Path=/"),
        content=b'{"method": "%s"}' % request.method.encode(),
    )


def public(owner: object) -> set[str]:
    """The names that are for users."""
    return {name for name in dir(owner) if not name.startswith("_")}


def test_each_attribute_of_a_response(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    site = serve(handler).url().rstrip("/")
    session = binding.session()
    response = binding.run(session.get(f"{site}/moved#top"))
    response.raise_for_status()
    assert (response.status_code, response.reason, response.ok) == (200, "OK", True)
    assert response.url == f"{site}/here?a=1#top"
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.encoding == "utf-8"
    assert response.content == b'{"method": "GET"}'
    assert response.text == '{"method": "GET"}'
    assert response.json() == {"method": "GET"}
    assert response.links["next"]["url"] == "/2"
    assert response.cookies.get_dict() == {"kept": "1"}
    assert response.request.url == response.url
    assert isinstance(response.elapsed, timedelta)
    assert (response.is_redirect, response.is_permanent_redirect) == (False, False)
    assert response.next is None
    (moved,) = response.history
    assert (moved.status_code, moved.is_redirect, moved.is_permanent_redirect) == (301, True, True)
    assert moved.history == []


def test_a_redirect_that_is_not_followed_knows_what_comes_next(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    site = serve(handler).url().rstrip("/")
    session = binding.session()
    moved = binding.run(session.get(f"{site}/moved", allow_redirects=False))
    assert (moved.is_redirect, moved.is_permanent_redirect) == (True, True)
    assert (moved.next.method, moved.next.url) == ("GET", f"{site}/here?a=1")
    assert binding.run(session.send(moved.next)).json() == {"method": "GET"}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_sends_its_method(
    binding: Binding, serve: Callable[..., HandlerServer], verb: str
) -> None:
    server = serve(handler)
    session = binding.session()
    response = binding.run(getattr(session, verb)(server.url()))
    assert response.request.method == verb.upper()
    assert [request.method for request in server.requests] == [verb.upper()]


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_a_function_without_a_session(
    serve: Callable[..., HandlerServer], verb: str
) -> None:
    server = serve(handler)
    with getattr(sojourn, verb)(server.url()) as response:
        assert response.status_code == 200
    assert [request.method for request in server.requests] == [verb.upper()]


def test_only_head_leaves_redirects_to_the_caller(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    url = f"{serve(handler).url().rstrip('/')}/moved"
    session = binding.session()
    found = {verb: binding.run(getattr(session, verb)(url)).status_code for verb in VERBS}
    assert found == dict.fromkeys(VERBS, 200) | {"head": 301}


def test_sessions_have_the_same_names_and_arguments() -> None:
    names = public(sojourn.Session)
    assert names == public(sojourn.AsyncSession)
    for name in sorted(names):
        sync, aio = getattr(sojourn.Session, name), getattr(sojourn.AsyncSession, name)
        if inspect.isfunction(sync):
            assert arguments(sync) == arguments(aio), name


def test_responses_have_the_same_names_and_arguments() -> None:
    names = public(sojourn.Response)
    assert public(sojourn.AsyncResponse) - names == AWAITING_ONLY
    assert names <= public(sojourn.AsyncResponse)
    for name in sorted(names):
        sync, aio = getattr(sojourn.Response, name), getattr(sojourn.AsyncResponse, name)
        if inspect.isfunction(sync):
            assert arguments(sync) == arguments(aio), name


def arguments(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Name, kind and default of each argument."""
    return [
        (each.name, each.kind, each.default)
        for each in inspect.signature(function).parameters.values()
    ]


LOOPS = {
    "call": call_driver.course,
    "sync call": sync_call.run,
    "asyncio call": aio_call.run,
    "asyncio hops": aio_call.hops,
    "sync exchange": sync_exchange.ExchangeDriver.run,
    "asyncio exchange": aio_exchange.ExchangeDriver.run,
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_each_drive_loop_is_shorter_than_80_lines(loop: Callable[..., Any]) -> None:
    assert len(inspect.getsource(loop).splitlines()) < 80
