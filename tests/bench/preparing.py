"""Preparing a request that has everything: fields, cookies, parameters, and JSON.

Ten fields and twenty cookies are the session's. Nothing is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

URL: Final = "http://api.example.com/v1/orders"
FIELDS: Final = {f"X-Field-{number}": f"value {number}" for number in range(10)}
COOKIES: Final = {f"cookie{number}": f"value{number}" for number in range(20)}
PARAMS: Final = {"page": "2", "sort": "desc", "q": "two words"}
JSON: Final = {"name": "ada", "numbers": list(range(10)), "nested": {"yes": True}}


def _sojourn() -> Callable[[], Any]:
    import sojourn

    session = sojourn.Session()
    session.headers.update(FIELDS)
    for name, value in COOKIES.items():
        session.cookies.set(name, value, domain="api.example.com", path="/")
    return lambda: session.prepare_request(sojourn.Request("POST", URL, params=PARAMS, json=JSON))


def _with_requests(library: Any) -> Callable[[], Any]:
    session = library.Session()
    session.headers.update(FIELDS)
    for name, value in COOKIES.items():
        session.cookies.set(name, value, domain="api.example.com", path="/")
    return lambda: session.prepare_request(library.Request("POST", URL, params=PARAMS, json=JSON))


def _requests() -> Callable[[], Any]:
    import requests

    return _with_requests(requests)


def _niquests() -> Callable[[], Any]:
    import niquests

    return _with_requests(niquests)


def _httpx() -> Callable[[], Any]:
    import httpx

    client = httpx.Client(headers=FIELDS)
    for name, value in COOKIES.items():
        client.cookies.set(name, value, domain="api.example.com", path="/")
    return lambda: client.build_request("POST", URL, params=PARAMS, json=JSON)


PEERS: Final[dict[str, Callable[[], Callable[[], Any]]]] = {
    "sojourn": _sojourn,
    "requests": _requests,
    "niquests": _niquests,
    "httpx": _httpx,
}


def check(peer: str, request: Any) -> None:
    """Assert that a request has everything."""
    fields = request.headers
    assert fields["X-Field-9"] == "value 9", peer
    assert all(f"{name}={value}" in fields["Cookie"] for name, value in COOKIES.items()), peer
    assert "json" in fields["Content-Type"], peer
    assert "page=2" in str(request.url), peer
