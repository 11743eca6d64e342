"""Sockets that are set up as asked for, and stand-ins of sockets that test tools put in place."""

from __future__ import annotations

import io
import socket
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn_core import DIRECT, NO_TIMEOUTS, Request
from sojourn_core.commands import Send
from sojourn_core.messages.settings import SendSettings
from sojourn_core.values.errors import ConnectionError
from sojourn_core.values.route import Route, SocketSettings
from tests.bindings.clients import Binding, idle_streams, pool_of
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.scripted import HandlerServer

KEEPALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def get(binding: Binding, session: Any, url: str, settings: SocketSettings | None) -> Any:
    """What a request by a socket with these settings gives."""
    route = DIRECT if settings is None else Route(None, settings)
    command = Send(Request("GET", url).prepare(), route, SendSettings(timeouts=NO_TIMEOUTS))
    response = binding.run(session.get_adapter(url).carry(command))
    if binding.name == "asyncio":
        binding.run(response.read())
    return response.content


def socket_of(stream: Any) -> Any:
    """The socket of a kept stream."""
    transport = getattr(stream, "_transport", None)
    return stream.sock if transport is None else transport.get_extra_info("socket")


def test_a_socket_is_bound_and_has_its_options_before_it_connects(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200, content=b"ok"))
    session = binding.session()
    settings = SocketSettings(("127.0.0.2", 0), (KEEPALIVE,))
    for _ in range(2):
        assert get(binding, session, server.url(), settings) == b"ok"
    assert server.connections == 1
    [stream] = idle_streams(session)
    assert socket_of(stream).getsockname()[0] == "127.0.0.2"
    assert socket_of(stream).getsockopt(*KEEPALIVE[:2])


@pytest.mark.parametrize(
    ("settings", "sends_at_once"),
    [
        (None, True),
        (SocketSettings(("127.0.0.2", 0)), True),
        (SocketSettings(None, ()), False),
        (SocketSettings(None, (KEEPALIVE,)), False),
    ],
)
def test_small_writes_do_not_wait_for_each_other_unless_the_options_are_the_users(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    settings: SocketSettings | None,
    sends_at_once: bool,
) -> None:
    server = serve(lambda request: answer(200, content=b"ok"))
    session = binding.session()
    assert get(binding, session, server.url(), settings) == b"ok"
    [stream] = idle_streams(session)
    found = socket_of(stream).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert bool(found) is sends_at_once


def test_connections_are_shared_by_those_who_ask_for_the_same(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200, content=b"ok"))
    session = binding.session()
    for settings in (None, SocketSettings(("127.0.0.2", 0)), SocketSettings(("127.0.0.3", 0))):
        for _ in range(2):
            assert get(binding, session, server.url(), settings) == b"ok"
    assert server.connections == 3
    assert pool_of(session).idle_count == 3


def test_a_socket_that_cannot_be_bound(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200))
    with pytest.raises(ConnectionError):
        get(binding, binding.session(), server.url(), SocketSettings(("192.0.2.1", 0)))
    assert server.connections == 0


class StandIn:
    """A socket as tools for tests make one: its file is another, and it is always ready."""

    sent: bytes = b""

    def __init__(self, *arguments: Any) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the stand-in
        type(self).sent = b""

    def fileno(self) -> int:
        return self._file.fileno()

    def connect(self, address: Any) -> None:
        assert address == ("192.0.2.1", 80)

    def settimeout(self, seconds: Any) -> None:
        pass

    def setsockopt(self, *arguments: Any) -> None:
        pass

    def send(self, data: Any) -> int:
        type(self).sent += bytes(data)
        return len(data)

    def recv(self, limit: int) -> bytes:
        return answer(200, content=b"played")

    def close(self) -> None:
        self._file.close()


class Fileless(StandIn):
    """A stand-in that has no file at all."""

    def fileno(self) -> int:
        raise OSError("there is no real socket")


def addresses(
    host: Any, port: Any, family: Any = None, kind: Any = None, proto: Any = None, /
) -> Any:
    """Answer as ``getaddrinfo``, by position only."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]


@pytest.mark.parametrize("kind", [StandIn, Fileless])
def test_a_stand_in_of_a_socket_is_not_asked_whether_it_can_be_polled(
    kind: type[StandIn], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content = b"x" * 300_000
    monkeypatch.setattr(socket, "socket", kind)
    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    with sojourn.Session() as session:
        for _ in range(2):
            response = session.post("http://a.test/", data=io.BytesIO(content))
            assert response.content == b"played"
            assert kind.sent.endswith(content)
        path = tmp_path / "file"
        path.write_bytes(content)
        with path.open("rb") as file:
            assert session.post("http://a.test/", data=file).content == b"played"
        assert kind.sent.endswith(content)
