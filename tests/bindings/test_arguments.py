"""Arguments of a wrong type fail before anything is connected to; one sentence names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import sojourn
import sojourn.compat
from sojourn.exceptions import InvalidArgument
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer

CASES: list[tuple[dict[str, Any], str]] = [
    ({"cookies": "a=1"}, "cookies"),
    ({"cookies": 3}, "cookies"),
    ({"headers": 3}, "headers"),
    ({"headers": "X-A: 1"}, "headers"),
    ({"params": 3}, "params"),
    ({"auth": "user:password"}, "auth"),
    ({"hooks": 3}, "hooks"),
    ({"cert": {}}, "cert"),
    ({"cert": 3}, "cert"),
    ({"timeout": "5"}, "timeout"),
    ({"timeout": (1, 2, 3)}, "timeout"),
    ({"timeout": 0}, "timeout"),
]


@pytest.mark.parametrize(("given", "name"), CASES)
def test_one_sentence_names_the_argument(
    binding: Binding, serve: Callable[..., HandlerServer], given: dict[str, Any], name: str
) -> None:
    server = serve(lambda request: answer(200))
    with pytest.raises(InvalidArgument, match=name) as caught:
        binding.run(binding.session().get(server.url(), **given))
    assert not caught.value.maybe_sent
    assert server.connections == 0


@pytest.mark.parametrize(("given", "name"), CASES)
def test_the_drop_in_does_so_too(
    serve: Callable[..., HandlerServer], given: dict[str, Any], name: str
) -> None:
    server = serve(lambda request: answer(200))
    with pytest.raises(InvalidArgument, match=f"(?i){name}"):
        sojourn.compat.get(server.url(), **given)
    assert server.connections == 0


@pytest.mark.parametrize("module", [sojourn, sojourn.compat], ids=lambda module: module.__name__)
@pytest.mark.parametrize(("name", "given"), [("method", ("PUT",)), ("verify", 3)])
def test_what_is_looked_at_for_each_request_is_named_too(
    serve: Callable[..., HandlerServer], module: Any, name: str, given: Any
) -> None:
    server = serve(lambda request: answer(200))
    arguments = {"method": "GET", "url": server.url().replace("http:", "https:"), name: given}
    with module.Session() as session, pytest.raises(InvalidArgument, match=f"^{name} must be"):
        session.request(**arguments)
    assert server.connections == 0


def test_a_hook_returns_a_response_or_nothing(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200, content=b"abc"))
    session = binding.session()
    with pytest.raises(InvalidArgument, match="a response hook must return a response") as caught:
        binding.run(session.get(server.url(), hooks={"response": lambda response, **_: 5}))
    response = caught.value.response
    assert response is not None
    assert response.content == b"abc"
    assert caught.value.maybe_sent
    assert binding.run(session.get(server.url())).content == b"abc"
    assert server.connections == 1


def test_a_hook_of_the_drop_in_returns_a_response_or_nothing(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda request: answer(200, content=b"abc"))
    with (
        sojourn.compat.Session() as session,
        pytest.raises(InvalidArgument, match="a response hook must return a response"),
    ):
        session.get(server.url(), hooks={"response": lambda response, **_: 5})
