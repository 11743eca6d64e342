"""The Squid that other tests rely on, asked with http.client."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
from typing import TYPE_CHECKING

import pytest

from tests.servers.scripted import HandlerServer, response
from tests.servers.squid import NAMES, PASSWORD, USER, Squid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RIGHT = f"{USER}:{PASSWORD}"


@pytest.fixture
def origin(serve: Callable[..., HandlerServer]) -> HandlerServer:
    return serve(lambda request: response(200, content=request.target.encode()))


@pytest.fixture(params=[False, True], ids=["open", "guarded"])
def client(squid: Squid, request: pytest.FixtureRequest) -> Iterator[http.client.HTTPConnection]:
    port = squid.guarded_port if request.param else squid.port
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, 10)) as connection:
        yield connection


def authorization(credentials: str) -> dict[str, str]:
    return {"Proxy-Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


@pytest.mark.parametrize("host", [*NAMES, "127.0.0.1"])
def test_a_request_is_forwarded(
    client: http.client.HTTPConnection, origin: HandlerServer, host: str
) -> None:
    for _ in range(2):  # On one connection.
        client.request("GET", origin.url("/x", host=host), headers=authorization(RIGHT))
        answer = client.getresponse()
        assert (answer.status, answer.read()) == (200, b"/x")
        assert "squid.test" in (answer.getheader("Via") or "")


@pytest.mark.parametrize("name", NAMES)
def test_a_tunnel_is_opened(squid: Squid, origin: HandlerServer, name: str) -> None:
    with socket.create_connection(("127.0.0.1", squid.port), 10) as sock:
        sock.sendall(f"CONNECT {name}:{origin.port} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")
        sock.sendall(b"GET /y HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert sock.recv(4096).endswith(b"\r\n\r\n/y")
    assert origin.requests[0].value("Via") is None


@pytest.mark.parametrize("credentials", [None, f"{USER}:wrong"])
def test_the_guarded_port_asks_for_a_password(
    squid: Squid, origin: HandlerServer, credentials: str | None
) -> None:
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", squid.guarded_port, 10)
    ) as client:
        fields = authorization(credentials) if credentials else {}
        client.request("GET", origin.url(host="a.test"), headers=fields)
        answer = client.getresponse()
        assert answer.status == 407
        assert answer.getheader("Proxy-Authenticate") == 'Basic realm="squid"'
    assert origin.requests == []


def test_the_digest_port_takes_no_basic(squid: Squid, origin: HandlerServer) -> None:
    for fields in ({}, authorization(RIGHT), authorization(f"{USER}:wrong")):
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", squid.digest_port, 10)
        ) as client:
            client.request("GET", origin.url(host="a.test"), headers=fields)
            answer = client.getresponse()
            assert answer.status == 407
            challenges = answer.headers.get_all("Proxy-Authenticate")
            assert [each.partition(",")[0] for each in challenges] == ['Digest realm="squid"']
    assert origin.requests == []
