"""requests-oauthlib at work: the server checks each signature by oauthlib, and each token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

from tests.servers.scripted import Received, response

from .answers import as_json, echo
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer


class Validator(RequestValidator):
    """Knows one client and one owner; remembers the nonces that were used."""

    enforce_ssl = False
    client_key_length = nonce_length = 1, 50
    dummy_client = "nobody"

    def __init__(self) -> None:
        super().__init__()
        self.nonces: set[str] = set()

    def check_client_key(self, client_key: str) -> bool:
        return client_key == "client"

    def validate_client_key(self, client_key: str, request: object) -> bool:
        return client_key == "client"

    def get_client_secret(self, client_key: str, request: object) -> str:
        return "client secret"

    def get_access_token_secret(self, client_key: str, token: str, request: object) -> str:
        return "owner secret"

    def validate_timestamp_and_nonce(
        self, client_key: str, timestamp: str, nonce: str, *_: object, **__: object
    ) -> bool:
        is_new = nonce not in self.nonces
        self.nonces.add(nonce)
        return is_new


def is_signed(endpoint: SignatureOnlyEndpoint, request: Received, url: str) -> bool:
    """Whether the signature is right, with the secrets of the client and the owner."""
    content_type = request.value("content-type")
    is_form = content_type == "application/x-www-form-urlencoded"
    valid, seen = endpoint.validate_request(
        url + request.target,
        request.method,
        request.content.decode() if is_form else None,
        dict(request.fields),
    )
    return valid and seen.resource_owner_key == "owner"


def test_every_request_is_signed_so_that_the_server_agrees(
    serve: Callable[..., HandlerServer],
) -> None:
    endpoint = SignatureOnlyEndpoint(Validator())
    places: list[str] = []

    def answer(request: Received) -> bytes:
        if not is_signed(endpoint, request, places[0]):
            return response(401)
        return echo(request)

    server = serve(answer)
    places.append(server.url(""))
    assert result_of("oauth.signed", server.url("")) == [200] * 6
    get, post, put, _, end, body, query = server.requests
    assert get.target == "/?q=%C3%A5+b&a=1"
    assert post.content == b"text=2+%2B+3+%3D+5&%C3%BC=%26"
    assert put.value("content-type") == "application/json"
    assert end.target == "/end"
    for signed in (get, post, put, end):
        assert (signed.value("authorization") or "").startswith("OAuth ")
    assert b"oauth_signature=" in body.content
    assert body.value("content-length") == str(len(body.content))
    assert "oauth_signature=" in query.target
    for signed in (body, query):
        assert signed.value("authorization") is None


def test_a_token_that_expired_is_refreshed(serve: Callable[..., HandlerServer]) -> None:
    def answer(request: Received) -> bytes:
        if request.target == "/token":
            form = parse_qs(request.content.decode())
            assert form["grant_type"] == ["refresh_token"]
            assert form["refresh_token"] == ["r1"]
            token = {"access_token": "new", "token_type": "Bearer", "expires_in": 3600}
            return as_json(token)
        if request.value("authorization") != "Bearer new":
            return response(401)
        return as_json(request.method)

    server = serve(answer)
    told = result_of("oauth.refreshed", server.url(""))
    assert told == [["GET", "POST"], ["new"]]
    assert [each.target for each in server.requests] == ["/token", "/me", "/me"]
