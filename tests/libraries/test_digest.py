"""Digest in the way of Requests, by hooks, where an authentication of one's own is built on it."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest
import requests

import sojourn.compat
from tests.servers.scripted import Received, response

from .answers import CHALLENGE, digest_is_right

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer

BOTH = pytest.mark.parametrize("package", [requests, sojourn.compat], ids=["requests", "sojourn"])


def answer(request: Received) -> bytes:
    """401 without right credentials; ``/away`` leads on."""
    if not digest_is_right(request, "authorization"):
        return response(401, ("WWW-Authenticate", CHALLENGE), ("Set-Cookie", "c=d"), content=b"no")
    if request.target == "/away":
        return response(302, ("Location", "/end"))
    return response(200, content=request.content)


@pytest.fixture
def server(serve: Callable[..., HandlerServer]) -> HandlerServer:
    """Asks for Digest."""
    return serve(answer)


def delegating(package: Any, password: str = "secret") -> Any:
    """An authentication that calls Requests' own."""

    class Delegating(package.auth.AuthBase):
        def __init__(self) -> None:
            self.inner = package.auth.HTTPDigestAuth("user", password)

        def __call__(self, r: Any) -> Any:
            r.headers["X-Own"] = "yes"
            return self.inner(r)

    return Delegating()


def overriding(package: Any) -> Any:
    """A subclass that overrides what Requests calls, and notes that it was called."""

    class Overriding(package.auth.HTTPDigestAuth):
        def __init__(self) -> None:
            super().__init__("user", "secret")
            self.called: list[str] = []

        def build_digest_header(self, method: str, url: str) -> str | None:
            self.called.append(method)
            return super().build_digest_header(method, url)

    return Overriding()


@BOTH
@pytest.mark.parametrize("kind", [delegating, overriding])
def test_the_challenge_is_answered_once_and_then_unasked(
    package: Any, kind: Callable[[Any], Any], server: HandlerServer
) -> None:
    with package.Session() as session:
        session.auth = auth = kind(package)
        first = session.post(server.url("/a?b"), data=b"content")
        second = session.get(server.url("/a"))
    assert [first.status_code, first.content, second.status_code] == [200, b"content", 200]
    assert [each.status_code for each in first.history] == [401]
    assert second.history == []
    fields = [each.value("authorization") or "" for each in server.requests]
    assert fields[0] == ""
    assert ["nc=00000001" in fields[1], "nc=00000002" in fields[2]] == [True, True]
    assert server.requests[1].value("cookie") == "c=d"
    assert getattr(auth, "called", ["POST", "GET"]) == ["POST", "GET"]


@BOTH
@pytest.mark.parametrize("kind", [delegating, overriding])
def test_a_file_is_sent_again_from_where_it_began(
    package: Any, kind: Callable[[Any], Any], server: HandlerServer
) -> None:
    file = io.BytesIO(b"0123456789")
    file.seek(4)
    got = package.put(server.url("/"), data=file, auth=kind(package))
    assert [got.status_code, got.content] == [200, b"456789"]
    assert [each.content for each in server.requests] == [b"456789", b"456789"]


@BOTH
def test_wrong_credentials_are_sent_once(package: Any, server: HandlerServer) -> None:
    got = package.get(server.url("/"), auth=delegating(package, "wrong"))
    assert [got.status_code, got.text, len(server.requests)] == [401, "no", 2]


@BOTH
def test_each_hop_is_answered(package: Any, server: HandlerServer) -> None:
    got = package.get(server.url("/away"), auth=overriding(package))
    assert [got.status_code, got.url] == [200, server.url("/end")]
    assert [each.status_code for each in got.history][-1] == 302


def test_hooks_are_those_of_one_sending(server: HandlerServer) -> None:
    package = sojourn.compat
    with package.Session() as session:
        auth = overriding(package)
        prepared = session.prepare_request(package.Request("GET", server.url("/"), auth=auth))
        before = len(prepared.hooks["response"])
        statuses = [session.send(prepared).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert len(prepared.hooks["response"]) == before


@BOTH
@pytest.mark.parametrize(
    ("challenge", "answered"),
    [
        ({"realm": "r", "nonce": "n"}, True),
        ({"realm": "r", "nonce": "n", "qop": "auth"}, True),
        ({"realm": "r", "nonce": "n", "qop": "auth-int"}, False),
        ({"realm": "r", "nonce": "n", "algorithm": "SHA-256", "qop": "auth,auth-int"}, True),
        ({"realm": "r", "nonce": "n", "algorithm": "UNKNOWN"}, False),
    ],
)
def test_a_field_is_built_from_a_challenge(
    package: Any, challenge: dict[str, str], answered: bool
) -> None:
    auth = package.auth.HTTPDigestAuth("user", "secret")
    auth.init_per_thread_state()
    auth._thread_local.chal = challenge
    field = auth.build_digest_header("GET", "http://a.test/a?b")
    assert (field is not None) is answered
    if field is not None:
        assert field.startswith('Digest username="user", realm="r", nonce="n", uri="/a?b", resp')


def test_it_is_pickled_without_its_state() -> None:
    auth = sojourn.compat.auth.HTTPDigestAuth("user", "secret")
    auth.init_per_thread_state()
    auth._thread_local.last_nonce = "n"
    copied = pickle.loads(pickle.dumps(auth))
    assert copied == auth
    copied.init_per_thread_state()
    assert copied._thread_local.last_nonce == ""
