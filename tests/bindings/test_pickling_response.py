"""Responses that travel to another process, and what stays behind."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import Response
from sojourn.compat.models import Request as CompatRequest
from sojourn.compat.models import Response as CompatResponse
from tests.bindings.clients import Binding
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received

# What another process says of what it was sent.
READER: Final = """
import pickle, sys
r = pickle.load(sys.stdin.buffer)
sys.stdout.write(repr([
    r.status_code, r.reason, r.url, r.headers.lines, r.content, r.text, r.encoding, r.raw,
    r.connection, r.elapsed, [h.status_code for h in r.history], r.history[0].content,
    r.request.method, r.request.url, r.request.headers.lines, r.request.body,
    [(c.name, c.value) for c in r.cookies], [d.code for d in r.decisions], r.http_version,
]))
"""


def handle(request: Received) -> bytes:
    if request.target == "/from":
        return answer(302, ("Location", "/to"), content=b"moved")
    fields = (("Content-Type", "text/plain; charset=utf-8"), ("Set-Cookie", "a=1"))
    return answer(200, *fields, content="grün".encode())


def said_by(response: Any) -> list[Any]:
    return [
        response.status_code,
        response.reason,
        response.url,
        response.headers.lines,
        response.content,
        response.text,
        response.encoding,
        None,
        None,
        response.elapsed,
        [hop.status_code for hop in response.history],
        b"moved",
        response.request.method,
        response.request.url,
        response.request.headers.lines,
        response.request.body,
        [(cookie.name, cookie.value) for cookie in response.cookies],
        [decision.code for decision in response.decisions],
        "1.1",
    ]


def test_another_process_gets_the_same(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    response = binding.run(
        binding.session().post(serve(handle).url("/from"), data={"a": "b"}, auth=("u", "p"))
    )
    response.history[0]._content = b"moved"
    done = subprocess.run(
        [sys.executable, "-c", READER],
        input=pickle.dumps(response),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == repr(said_by(response))


def test_what_was_not_read_is_read_first(serve: Callable[..., HandlerServer]) -> None:
    with sojourn.Session() as session:
        response = session.get(serve(handle).url("/to"), stream=True)
        again = pickle.loads(pickle.dumps(response))
    assert again.text == "grün"
    assert list(again.iter_content(2)) == [b"gr", b"\xc3\xbc", b"n"]
    assert again.raw is None


def test_what_was_streamed_is_gone(serve: Callable[..., HandlerServer]) -> None:
    with sojourn.Session() as session:
        response = session.get(serve(handle).url("/to"), stream=True)
        list(response.iter_content())
        again = pickle.loads(pickle.dumps(response))
    with pytest.raises(RuntimeError, match="consumed"):
        _ = again.content


def test_an_async_response_is_read_by_its_owner(serve: Callable[..., HandlerServer]) -> None:
    binding = Binding("asyncio")
    try:
        response = binding.run(binding.session().get(serve(handle).url("/to"), stream=True))
        with pytest.raises(RuntimeError, match="not read yet"):
            pickle.dumps(response)
        binding.run(response.read())
        assert pickle.loads(pickle.dumps(response)).text == "grün"
    finally:
        binding.close()


def see(response: Any, **arguments: Any) -> None:
    """A hook that can be found by its name."""


def test_streams_and_credentials_stay_behind(serve: Callable[..., HandlerServer]) -> None:
    def sign(request: Any) -> Any:
        request.headers["X-Signed"] = "yes"
        return request

    with sojourn.Session() as session:
        response = session.post(
            serve(handle).url("/to"), data=iter([b"a", b"b"]), auth=sign, hooks={"response": see}
        )
    again = pickle.loads(pickle.dumps(response))
    assert again.request.body is None
    assert again.request.auth is None
    assert again.request.headers["X-Signed"] == "yes"
    assert again.request.hooks == {"response": [see]}
    assert response.request.body is not None


class Extended(Response):
    """A class that a program has derived."""

    __attrs__ = [*Response.__attrs__, "extra"]  # noqa: RUF012 - as programs write it
    extra = "no"


@pytest.mark.parametrize("kind", [Response, CompatResponse, Extended])
def test_the_state_may_be_of_another_version(kind: type[Response]) -> None:
    made = kind()
    made.status_code = 201
    made._content = b"x"
    state = made.__getstate__()
    assert set(state) >= {"_content", "status_code", "request", "_version"}
    older = {"_content": b"old", "status_code": 204, "elapsed": timedelta(seconds=2)}
    newer = {**state, "_version": 99, "invented": 1, "ok": False}
    for given, status in ((older, 204), (newer, 201)):
        again = kind.__new__(kind)
        again.__setstate__(given)
        assert again.status_code == status
        assert again.raw is None
        assert again.ok


def test_a_subclass_names_what_else_goes_along() -> None:
    made = Extended()
    made._content = b""
    made.extra = "yes"
    assert pickle.loads(pickle.dumps(made)).extra == "yes"


class StandIn:
    """Stands for a request, as requests-mock's does: it has the attributes of the one within."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_request"], name)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def test_what_stands_for_a_request_travels_as_it_is() -> None:
    response = CompatResponse()
    response.status_code = 200
    # The silenced check: a transport may put there what stands for a request.
    response.request = StandIn(CompatRequest("GET", "http://a.test/x").prepare())  # type: ignore[assignment]
    came = pickle.loads(pickle.dumps(response))
    assert type(came.request) is StandIn
    assert came.request.url == "http://a.test/x"
