"""google-auth at work: tokens that are refreshed, time that is limited, certificates of clients."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from tests.servers.scripted import Received, response
from tests.servers.steps import Hold, ReadHead

from .answers import as_json
from .process import result_of
from .site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer


def tokens(request: Received) -> bytes | None:
    """``/token/N`` is for the bearer of token-N; ``/oauth`` hands out token-7."""
    path = request.target.partition("?")[0]
    if path == "/oauth":
        return as_json({"access_token": "token-7", "expires_in": 3600})
    if not path.startswith("/token/"):
        return site(request)
    wanted = f"Bearer token-{path.removeprefix('/token/')}"
    admitted = request.value("authorization") == wanted
    return response(200 if admitted else 401, content=b"yes" if admitted else b"no")


def test_its_transport_gives_status_fields_and_content(
    serve: Callable[..., HandlerServer], scripted: Callable[..., ScriptedServer], nobody: str
) -> None:
    silent = scripted([ReadHead(), Hold()])
    told = result_of("google.requested", serve(site).url(""), nobody, silent.url("/"))
    assert told == {
        "answer": [200, "application/json", True],
        "missing": [404, "status 404"],
        "refused": ["TransportError", "TransportError"],
        "plain": [200, 18890],
        "is a": [True, True],
    }


def test_a_401_refreshes_the_token(serve: Callable[..., HandlerServer]) -> None:
    server = serve(tokens)
    assert result_of("google.refreshed", server.url("")) == {
        "/token/0": [200, "yes", 0],
        "/token/1": [200, "yes", 1],
        "/token/2": [200, "yes", 2],
        "/token/9": [401, 4],
        "by a page": [200, "yes"],
        "own code": [418, 1],
    }
    sent = [each.content for each in server.requests if each.target == "/token/2"]
    assert sent == [b"text", b"text"]


def test_a_user_has_a_refresh_token(serve: Callable[..., HandlerServer]) -> None:
    server = serve(tokens)
    assert result_of("google.user", server.url("")) == [200, "yes", "token-7", True]
    assert [each.target for each in server.requests] == ["/oauth", "/token/7?a=b"]


def test_time_is_limited_for_each_request_and_for_all(
    serve: Callable[..., HandlerServer], scripted: Callable[..., ScriptedServer]
) -> None:
    silent = scripted([ReadHead(), Hold()])
    told = result_of("google.timed", serve(site).url(""), silent.url("/"))
    assert told == [200, 200, "ReadTimeout", "Timeout", "Timeout", "none"]


def test_the_certificate_of_a_client_is_in_the_adapters_own_context(
    serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    context = ca.server_context()
    context.load_verify_locations(ca.path)
    context.verify_mode = ssl.CERT_REQUIRED
    server = serve(site, context=context)
    told = result_of("google.mutual", server.url(""), ca.path, ca.client_certificate)
    assert told == [
        True,
        "_MutualTlsAdapter",
        "SSLError",
        [200, 200],
        "MutualTLSChannelError",
        ["_MutualTlsAdapter", "HTTPAdapter"],
    ]
