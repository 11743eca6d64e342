"""The SOCKS proxies of other people do what the fixtures say, to a client of nobody's."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.servers.microsocks import PASSWORD, USER
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.dante import Dante
    from tests.servers.microsocks import Microsocks
    from tests.servers.scripted import HandlerServer

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


@pytest.fixture
def origin(serve: Callable[..., HandlerServer]) -> HandlerServer:
    return serve(lambda request: response(200, content=b"ok"))


def place(port: int) -> bytes:
    return b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2, "big")


def test_microsocks_takes_everybody(microsocks: Microsocks, origin: HandlerServer) -> None:
    with socket.create_connection(("127.0.0.1", microsocks.port), 10.0) as client:
        client.sendall(b"\x05\x01\x00")
        assert client.recv(2) == b"\x05\x00"
        client.sendall(place(origin.port))
        assert client.recv(10)[:2] == b"\x05\x00"
        client.sendall(GET)
        assert client.recv(8) == b"HTTP/1.1"


def test_microsocks_wants_a_password(guarded_microsocks: Microsocks) -> None:
    for password, answer in ((PASSWORD, b"\x01\x00"), ("wrong", b"\x01\x02")):
        with socket.create_connection(("127.0.0.1", guarded_microsocks.port), 10.0) as client:
            client.sendall(b"\x05\x01\x02")
            assert client.recv(2) == b"\x05\x02"
            parts = (each.encode() for each in (USER, password))
            client.sendall(b"\x01" + b"".join(bytes([len(each)]) + each for each in parts))
            assert client.recv(2) == answer


def test_dante_speaks_socks_4(dante: Dante, origin: HandlerServer) -> None:
    port = origin.port.to_bytes(2, "big")
    for address, code in ((b"\x7f\x00\x00\x01", 90), (b"\x7f\x00\x00\x09", 91)):
        with socket.create_connection(("127.0.0.1", dante.port), 10.0) as client:
            client.sendall(b"\x04\x01" + port + address + b"\x00")
            assert client.recv(8)[:2] == bytes([0, code])
