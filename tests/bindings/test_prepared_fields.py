"""Fields that are set on a prepared request: nothing is connected to for what cannot be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import sojourn
import sojourn.compat
from sojourn.exceptions import InvalidContent, InvalidHeader, RequestException
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer

CASES: list[tuple[str, Any, type[RequestException]]] = [
    ("X-A", "a\nb", InvalidHeader),
    ("X A", "a", InvalidHeader),
    ("X-A", 7, InvalidHeader),
    ("X-A", None, InvalidHeader),
    ("Host", "a.test/x", InvalidHeader),
    ("Host", "a b", InvalidHeader),
    ("Host", "u@a.test", InvalidHeader),
    ("Host", "a.test,b.test", InvalidHeader),
    ("Transfer-Encoding", "chunked", InvalidContent),
    ("Content-Length", "three", InvalidHeader),
    ("Content-Length", "2", InvalidContent),
    ("Content-Length", "7", InvalidContent),
]


def prepared(module: Any, url: str, name: str, value: Any) -> Any:
    request = module.Request("POST", url, data=b"abc").prepare()
    request.headers[name] = value
    return request


@pytest.mark.parametrize(("name", "value", "error"), CASES)
def test_nothing_is_connected_to(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    name: str,
    value: Any,
    error: type[RequestException],
) -> None:
    server = serve(lambda request: answer(200))
    session = binding.session()
    request = prepared(sojourn, server.url(), name, value)
    with pytest.raises(error) as caught:
        binding.run(session.send(request))
    assert not caught.value.maybe_sent
    assert caught.value.request is request
    assert server.connections == 0
    assert binding.run(session.get(server.url())).status_code == 200


# In Requests a number set by hand is a value: mostly that of Content-Length.
OF_THE_DROP_IN = [("X-A", [7], InvalidHeader), *(each for each in CASES if each[1] != 7)]


@pytest.mark.parametrize(("name", "value", "error"), OF_THE_DROP_IN)
def test_nor_by_the_drop_in_or_an_adapter_alone(
    serve: Callable[..., HandlerServer], name: str, value: Any, error: type[RequestException]
) -> None:
    server = serve(lambda request: answer(200))
    with sojourn.compat.Session() as session:
        request = prepared(sojourn.compat, server.url(), name, value)
        for send in (session.send, session.get_adapter(server.url()).send):
            with pytest.raises(error) as caught:
                send(request)
            assert not caught.value.maybe_sent
    assert server.connections == 0


@pytest.mark.parametrize("data", [None, b""])
def test_nothing_is_connected_to_for_a_length_without_content(
    binding: Binding, serve: Callable[..., HandlerServer], data: bytes | None
) -> None:
    server = serve(lambda request: answer(200))
    session = binding.session()
    with pytest.raises(InvalidContent, match="shorter than its Content-Length"):
        binding.run(session.post(server.url(), data=data, headers={"Content-Length": "7"}))
    with sojourn.compat.Session() as requests, pytest.raises(InvalidContent):
        requests.post(server.url(), data=data, headers={"Content-Length": "7"})
    assert server.connections == 0


def test_blanks_at_the_end_of_a_value_stay_here(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200, content=dict(request.fields)["X-A"].encode()))
    session = binding.session()
    request = prepared(sojourn, server.url(), "X-A", "a \t")
    assert binding.run(session.send(request)).content == b"a"
    alone = binding.run(session.get_adapter(server.url()).send(request))
    assert binding.collect(alone.iter_content(9)) == [b"a"]
    assert request.headers["X-A"] == "a \t"


def test_fields_of_a_session_are_checked_when_a_request_is_prepared() -> None:
    with sojourn.Session() as session:
        session.headers["Host"] = "a.test/x"
        with pytest.raises(InvalidHeader, match="not a host"):
            session.prepare_request(sojourn.Request("GET", "http://a.test/"))
