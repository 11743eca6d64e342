"""The proxy that other tests rely on, asked with http.client."""

from __future__ import annotations

import contextlib
import http.client
import socket
from typing import TYPE_CHECKING

import pytest

from tests.servers.proxy import OPEN, ProxyServer
from tests.servers.scripted import HandlerServer, Received, response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RIGHT = "Basic cmlnaHQ6cmlnaHQ="


@pytest.fixture
def origin(serve: Callable[..., HandlerServer]) -> HandlerServer:
    def answer(request: Received) -> bytes:
        return response(200, content=f"{request.method} {request.target}".encode())

    return serve(answer)


@pytest.fixture(params=[None, {RIGHT}], ids=["open", "guarded"])
def proxy(request: pytest.FixtureRequest) -> Iterator[ProxyServer]:
    with ProxyServer(credentials=request.param) as server:
        yield server


@contextlib.contextmanager
def client_of(proxy: ProxyServer) -> Iterator[http.client.HTTPConnection]:
    made = http.client.HTTPConnection("127.0.0.1", proxy.port, 10)
    with contextlib.closing(made) as connection:
        yield connection


def test_requests_are_forwarded_on_one_connection(
    proxy: ProxyServer, origin: HandlerServer
) -> None:
    with client_of(proxy) as client:
        for content in (None, b"content", iter([b"con", b"tent"])):
            client.request(
                "POST", origin.url("/x?y"), content, {"Proxy-Authorization": RIGHT, "A": "b"}
            )
            assert client.getresponse().read() == b"POST /x?y"
    assert proxy.connections == 1
    assert [each.content for each in origin.requests] == [b"", b"content", b"content"]
    for request in origin.requests:
        assert request.value("A") == "b"
        assert request.value("Proxy-Authorization") is None
        assert request.value("Host") == f"127.0.0.1:{origin.port}"


def test_a_tunnel_is_opened_and_ends_with_either_end(
    proxy: ProxyServer, origin: HandlerServer
) -> None:
    ask = f"CONNECT a.test:{origin.port} HTTP/1.1\r\nProxy-Authorization: {RIGHT}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", proxy.port), 10) as sock:
        sock.sendall(ask.encode())
        assert sock.recv(4096) == OPEN
        sock.sendall(b"GET /y HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert b"".join(iter(lambda: sock.recv(4096), b"")).endswith(b"\r\n\r\nGET /y")
    assert proxy.tunnels == [f"a.test:{origin.port}"]
    assert [each.target for each in origin.requests] == ["/y"]


@pytest.mark.parametrize("field", [None, "Basic d3Jvbmc="])
def test_who_has_no_credentials_is_asked_for_them(origin: HandlerServer, field: str | None) -> None:
    fields = {} if field is None else {"Proxy-Authorization": field}
    with ProxyServer(credentials={RIGHT}) as proxy, client_of(proxy) as client:
        for method, target in (("GET", origin.url()), ("CONNECT", "a.test:443")):
            client.request(method, target, headers=fields)
            answer = client.getresponse()
            assert (answer.status, answer.read()) == (407, b"who?")
            assert answer.getheader("Proxy-Authenticate") == 'Basic realm="proxy"'
    assert origin.requests == []
