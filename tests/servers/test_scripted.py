"""The scripted servers do what they are told, record it, and fail for what went wrong."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.servers import server as server_module
from tests.servers.scripted import HandlerServer, Received, ScriptedServer, response
from tests.servers.server import Connection, PeerClosedError
from tests.servers.steps import (
    Close,
    Expect,
    Hold,
    Offer,
    ReadContent,
    ReadHead,
    Reset,
    Send,
    Sleep,
    StartTLS,
    Step,
    WaitClosed,
)
from tests.servers.tls import TLSStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.server import Server

HEAD = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
OK = response(200, content=b"ok")


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 10)


def read_all(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))


def errors_of(server: Server) -> tuple[Exception, ...]:
    with pytest.raises(ExceptionGroup) as caught:
        server.close()
    return caught.value.exceptions


# Scripts.


def test_scripts_are_played_in_the_order_of_accept(scripted: Callable[..., Server]) -> None:
    server = scripted(
        [ReadHead(), ReadContent(3), Send(b"one")],
        [Expect(b"STOP"), Send(b"two"), WaitClosed()],
    )
    with connect(server) as sock:
        sock.sendall(HEAD[:9])
        sock.sendall(HEAD[9:] + b"a")
        sock.sendall(b"bc")
        assert read_all(sock) == b"one"
    with connect(server) as sock:
        sock.sendall(b"ST")
        sock.sendall(b"STOP, and more")
        assert sock.recv(9) == b"two"
        sock.sendall(b" still")
    server.close()
    assert server.received == [HEAD + b"abc", b"STSTOP, and more still"]
    assert server.connections == 2


def test_a_reset_is_a_reset(scripted: Callable[..., Server]) -> None:
    server = scripted([ReadHead(), Reset()])
    with connect(server) as sock:
        sock.sendall(HEAD)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_close_ends_the_script_before_its_last_step(scripted: Callable[..., Server]) -> None:
    server = scripted([Send(b"x"), Close(), Sleep(0)])
    with connect(server) as sock:
        assert read_all(sock) == b"x"


def test_an_offer_need_not_be_taken(scripted: Callable[..., Server]) -> None:
    server = scripted([ReadHead(), Offer(b"x" * 50_000_000)], [ReadHead(), Offer(b"taken")])
    with connect(server) as sock:
        sock.sendall(HEAD)
        assert sock.recv(1) == b"x"
    with connect(server) as sock:
        sock.sendall(HEAD)
        assert read_all(sock) == b"taken"


def test_sleep_comes_between_two_steps_and_ends_by_itself(
    scripted: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[object] = []
    send, wait = Connection.send, Connection.wait

    def recorded_send(self: Connection, data: bytes) -> None:
        events.append(data)
        send(self, data)

    def recorded_wait(self: Connection, seconds: float | None = None) -> None:
        events.append(seconds)
        wait(self, seconds)
        events.append("stopped" if self.stopping else "slept")

    monkeypatch.setattr(Connection, "send", recorded_send)
    monkeypatch.setattr(Connection, "wait", recorded_wait)
    server = scripted([Send(b"a"), Sleep(0.05), Send(b"b")])
    with connect(server) as sock:
        assert read_all(sock) == b"ab"
    assert events == [b"a", 0.05, "slept", b"b"]


# Each would last for an hour if closing the server did not end it.
@pytest.mark.parametrize("step", [Hold(), Sleep(3600), ReadHead(), WaitClosed(), ReadContent(9)])
def test_closing_the_server_ends_what_waits(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    close = Connection.close

    def recorded_close(self: Connection, *, notify: bool = True) -> None:
        events.append("script ends")
        close(self, notify=notify)

    monkeypatch.setattr(server_module, "SECONDS_MAX", 3600)
    monkeypatch.setattr(Connection, "close", recorded_close)
    before = set(threading.enumerate())  # One of another test may end meanwhile.
    server = ScriptedServer([Send(b"x"), step])
    with connect(server) as sock:
        assert sock.recv(1) == b"x"
        events.append("server closes")
        server.close()
        server.close()
        events.append("server is closed")
        assert sock.recv(1) == b""
    assert events == ["server closes", "script ends", "server is closed"]
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_closing_the_server_ends_a_blocked_send() -> None:
    server = ScriptedServer([Send(b"x" * 50_000_000)])
    with connect(server) as sock:
        assert sock.recv(1) == b"x"
        server.close()


def test_a_peer_that_leaves_early_fails_the_test() -> None:
    server = ScriptedServer([ReadHead()])
    with connect(server) as sock:
        sock.sendall(HEAD[:10])
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""
    (error,) = errors_of(server)
    assert isinstance(error, PeerClosedError)
    assert error.__notes__ == [f"on connection 0 of port {server.port}"]


def test_a_peer_that_takes_nothing_fails_the_test() -> None:
    server = ScriptedServer([ReadHead(), Send(b"x" * 50_000_000)])
    with connect(server) as sock:
        sock.sendall(HEAD)
        assert sock.recv(1) == b"x"
    server.await_end(0)
    (error,) = errors_of(server)
    assert "before it took" in str(error)


def test_a_peer_that_says_nothing_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "SECONDS_MAX", 0.01)
    server = ScriptedServer([ReadHead()], [Send(b"x" * 50_000_000)])
    with connect(server) as first, connect(server):
        assert read_all(first) == b""
        server.await_end(1)
    assert [type(error) for error in errors_of(server)] == [TimeoutError, TimeoutError]


def test_a_connection_without_a_script_fails_the_test() -> None:
    server = ScriptedServer([ReadHead()])
    with connect(server) as first, connect(server) as second:
        first.sendall(HEAD)
        assert read_all(first) + read_all(second) == b""
    (error,) = errors_of(server)
    assert str(error) == "one connection more than the 1 scripts"


def test_errors_are_raised_at_the_end_of_the_with_block() -> None:
    with pytest.raises(ExceptionGroup), ScriptedServer() as server, connect(server) as sock:
        read_all(sock)


def test_the_error_of_the_test_comes_first() -> None:
    def fail() -> None:
        with ScriptedServer() as server, connect(server) as sock:
            read_all(sock)
            raise ValueError("the test's own")

    with pytest.raises(ValueError, match="the test's own") as caught:
        fail()
    assert "failed too" in caught.value.__notes__[0]


def test_an_ipv6_address(scripted: Callable[..., Server]) -> None:
    try:
        server = scripted([Send(b"six")], address="::1")
    except OSError:
        pytest.skip("no IPv6 on the loopback interface")
    assert server.url() == f"http://[::1]:{server.port}/"
    with socket.create_connection(("::1", server.port), 10) as sock:
        assert read_all(sock) == b"six"


# TLS.


def test_tls_records_what_was_encrypted(scripted: Callable[..., Server], ca: Authority) -> None:
    server = scripted([ReadHead(), Send(OK), WaitClosed()], context=ca.server_context())
    assert server.url("/x", host="a.test") == f"https://a.test:{server.port}/x"
    with (
        connect(server) as sock,
        ca.client_context().wrap_socket(sock, server_hostname="a.test") as secure,
    ):
        secure.sendall(HEAD)
        assert secure.recv(4096) == OK
    server.close()
    assert server.received == [HEAD]
    assert server.handshake_errors == []


@pytest.mark.parametrize("notify", [True, False])
def test_tls_ends_with_or_without_close_notify(
    scripted: Callable[..., Server], ca: Authority, notify: bool
) -> None:
    server = scripted([Send(b"x"), Close(notify=notify)], context=ca.server_context())
    with (
        connect(server) as sock,
        ca.client_context().wrap_socket(
            sock, server_hostname="a.test", suppress_ragged_eofs=False
        ) as secure,
    ):
        assert secure.recv(1) == b"x"
        if notify:
            assert secure.recv(1) == b""
        else:
            with pytest.raises(ssl.SSLEOFError):
                secure.recv(1)


def test_a_client_that_does_not_trust_is_no_error(
    scripted: Callable[..., Server], ca: Authority
) -> None:
    server = scripted([ReadHead()], context=ca.server_context())
    with connect(server) as sock, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(sock, server_hostname="a.test")
    server.await_end(0)
    assert len(server.handshake_errors) == 1
    assert isinstance(server.handshake_errors[0].__cause__, ssl.SSLError)


def test_a_handshake_that_the_server_ends_is_no_error(ca: Authority) -> None:
    server = ScriptedServer([ReadHead()], context=ca.server_context())
    with connect(server) as sock:
        sock.sendall(b"\x16")
        while not server.connections:
            pass
        server.close()
    assert server.handshake_errors == []


def test_tls_begins_where_the_script_says_inside_tls_too(
    scripted: Callable[..., Server], ca: Authority
) -> None:
    tunnel = b"HTTP/1.1 200 OK\r\n\r\n"
    inner = [StartTLS(ca.server_context()), ReadHead(), Send(OK), WaitClosed()]
    server = scripted([ReadHead(), Send(tunnel), *inner], context=ca.server_context())
    with (
        connect(server) as sock,
        ca.client_context().wrap_socket(sock, server_hostname="a.test") as outer,
    ):
        outer.sendall(HEAD)
        assert outer.recv(4096) == tunnel
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = ca.client_context().wrap_bio(incoming, outgoing, server_hostname="b.test")
        layer = TLSStream.__new__(TLSStream)  # The same pump, from the other side.
        layer._below, layer._incoming, layer._outgoing, layer._tls = outer, incoming, outgoing, tls
        layer.do_handshake()
        layer.sendall(HEAD)
        assert layer.recv(4096) == OK
        layer.end()
    server.close()
    assert server.received == [HEAD + HEAD]


# Handlers.


def test_a_handler_answers_requests_on_one_connection(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=f"{request.target}!".encode()))
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as client:
        for target in ("/a?b=c", "/d"):
            client.request("GET", target)
            assert client.getresponse().read() == f"{target}!".encode()
        client.request("HEAD", "/e")
        assert client.getresponse().headers["Content-Length"] == "3"
    assert [request.target for request in server.requests] == ["/a?b=c", "/d", "/e"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("fields", "sent", "content"),
    [
        (b"Content-Length: 4", b"abcd", b"abcd"),
        (b"Transfer-Encoding: chunked", b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: v\r\n\r\n", b"abc"),
        (b"X: y", b"", b""),
    ],
)
def test_a_request_comes_parsed(
    serve: Callable[..., HandlerServer], fields: bytes, sent: bytes, content: bytes
) -> None:
    server = serve(lambda _: OK)
    with connect(server) as sock:
        sock.sendall(b"PUT /x HTTP/1.1\r\nA:1\r\na:  2 \r\n" + fields + b"\r\n\r\n" + sent)
        assert sock.recv(4096) == OK
        sock.sendall(HEAD)
        assert sock.recv(4096) == OK
    name, _, value = fields.decode().partition(": ")
    assert server.requests[0] == Received(
        method="PUT",
        target="/x",
        fields=(("A", "1"), ("a", "2"), (name, value)),
        content=content,
        connection=0,
    )
    assert server.requests[0].values("a") == ["1", "2"]
    assert server.requests[1].value("host") == "a.test"
    assert server.requests[1].value("cookie") is None
    with pytest.raises(AssertionError, match="field a occurs 2 times"):
        server.requests[0].value("a")


def test_content_is_asked_for_if_the_client_waits(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=request.content))
    with connect(server) as sock:
        sock.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"ab")
        assert sock.recv(4096).endswith(b"\r\n\r\nab")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nto the end",
        response(200, ("Connection", "close"), content=b"x"),
        None,
    ],
)
def test_an_answer_may_end_the_connection(
    serve: Callable[..., HandlerServer], answer: bytes | None
) -> None:
    server = serve(lambda _: answer)
    with connect(server) as sock:
        sock.sendall(HEAD)
        assert read_all(sock) == (answer or b"")


def test_a_request_may_end_the_connection(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda _: OK)
    with connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert read_all(sock) == OK


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_need_no_framing(serve: Callable[..., HandlerServer], status: int) -> None:
    server = serve(lambda _: response(status))
    with connect(server) as sock:
        for _ in range(2):
            sock.sendall(HEAD)
            assert sock.recv(4096) == response(status)
    assert b"Content-Length" not in response(status)


def test_a_handler_s_error_fails_the_test() -> None:
    def fail(request: Received) -> bytes:
        raise ValueError(request.target)

    server = HandlerServer(fail)
    with connect(server) as sock:
        sock.sendall(HEAD)
        assert read_all(sock) == b""
    (error,) = errors_of(server)
    assert (type(error), str(error)) == (ValueError, "/")


def test_half_a_request_fails_the_test() -> None:
    server = HandlerServer(lambda _: OK)
    with connect(server) as sock:
        sock.sendall(HEAD[:-2])
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""
    assert [type(error) for error in errors_of(server)] == [PeerClosedError]


def test_a_handler_may_speak_tls(serve: Callable[..., HandlerServer], ca: Authority) -> None:
    server = serve(lambda _: OK, context=ca.server_context())
    with closing(
        http.client.HTTPSConnection("localhost", server.port, context=ca.client_context())
    ) as client:
        client.request("GET", "/")
        assert client.getresponse().read() == b"ok"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (response(200), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (response(299, content=b"x"), b"HTTP/1.1 299 \r\nContent-Length: 1\r\n\r\nx"),
        (
            response(200, ("transfer-encoding", "chunked"), content=b"0\r\n\r\n"),
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            response(302, ("Location", "/é")),
            b"HTTP/1.1 302 Found\r\nLocation: /\xe9\r\nContent-Length: 0\r\n\r\n",
        ),
    ],
)
def test_a_response_is_written_with_its_length(written: bytes, expected: bytes) -> None:
    assert written == expected
