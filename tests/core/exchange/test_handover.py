"""Streams that are HTTP no more: after a 101, and after a 2xx to CONNECT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import Pool, Request, Session
from sojourn_core.commands import Connect, Fail, Finish, Head, Read, Resolve, Switch, Write
from sojourn_core.exchange.handover import Handover
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import ConnectionError as SojournConnectionError
from sojourn_core.values.errors import (
    LocalProtocolError,
    ReadTimeout,
    RemoteProtocolError,
    WriteTimeout,
)
from tests.core.exchange.test_exchange_splits import pieces_of
from tests.core.exchanges import ADDRESSES, OK, closes, connect, exchange_with, send
from tests.core.tlspeer import TlsPeer

if TYPE_CHECKING:
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

UPGRADE = {"Upgrade": "echo", "Connection": "upgrade"}
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"
OPENED = b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"


def asking(pool: Pool | None = None, **plan: Any) -> Any:
    """An exchange that has asked for a tunnel."""
    exchange = exchange_with(pool, method="CONNECT", **plan)
    assert isinstance(connect(exchange), Write)
    exchange.written(0.0)
    return exchange


def written(**plan: Any) -> bytes:
    exchange = exchange_with(method="CONNECT", **plan)
    command = connect(exchange)
    assert isinstance(command, Write)
    return command.data


def test_connect_asks_for_the_authority_of_its_url() -> None:
    data = written(url="http://a.test/ignored?query")
    assert data.startswith(b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n")
    data = written(url="http://a.test:8080/", headers={"Host": "mine.test"})
    assert data.startswith(b"CONNECT a.test:8080 HTTP/1.1\r\nHost: mine.test\r\n")


def test_connect_has_no_content_and_says_nothing_of_its_length() -> None:
    """RFC 9110 section 9.3.6."""
    assert written(url="http://a.test/") == b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n"
    request = Request("CONNECT", "http://a.test/").prepare()
    assert "Content-Length" not in request.headers
    prepared = Session().prepare_request(Request("CONNECT", "http://a.test/"))
    assert "Content-Length" not in prepared.headers


@pytest.mark.parametrize("switches", [True, False])
def test_a_101_that_nobody_has_asked_for(switches: bool) -> None:
    """RFC 9110 section 7.8: a server must not switch to what the request did not name."""
    exchange = exchange_with(switches=switches)
    send(exchange)
    end = exchange.received(SWITCHING, 0.0)
    assert isinstance(end, Fail)
    assert isinstance(end.error, RemoteProtocolError)
    said = "the peer switches to another protocol (101), which no Upgrade has asked it for"
    assert str(end.error) == f"http://a.test: {said}"


def test_connect_may_be_asked_of_a_proxy() -> None:
    exchange = exchange_with(
        method="CONNECT",
        url="http://a.test:22/",
        proxy="http://proxy.test:3128",
        proxy_authorization="Basic x",
    )
    command = exchange.start(0.0)
    assert isinstance(command, Resolve)
    assert command.host == "proxy.test"
    exchange.resolved(ADDRESSES, 0.0)
    command = exchange.connected("stream", 0.0)
    assert isinstance(command, Write)
    assert command.data.startswith(b"CONNECT a.test:22 HTTP/1.1\r\nHost: a.test:22\r\n")
    assert b"\r\nProxy-Authorization: Basic x\r\n" in command.data


def test_where_nobody_takes_streams_connect_is_a_method_as_any_other() -> None:
    exchange = exchange_with(method="CONNECT", switches=False)
    command = connect(exchange)
    assert isinstance(command, Write)
    assert command.data.startswith(b"CONNECT /x HTTP/1.1\r\n")
    exchange.written(0.0)
    assert isinstance(exchange.received(OPENED, 0.0), Head)
    command = exchange.proceed(0.0)
    assert command == Finish(
        reusable=False, reason="the connection became a tunnel", effects=command.effects
    )


@pytest.mark.parametrize("status", [b"200 OK", b"204 No Content", b"299 X"])
def test_any_2xx_to_connect_hands_the_stream_up(status: bytes) -> None:
    pool = Pool()
    exchange = asking(pool)
    answer = b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\n\r\nhello"
    command = exchange.received(answer, 0.0)
    assert isinstance(command, Switch)
    assert command.leftover == b"hello"
    assert (exchange.phase, exchange.stream) == (Phase.SWITCHED, "stream")
    assert (pool.open_count, pool.idle_count) == (1, 0)
    assert closes(exchange.abandon(0.0)) == ["stream"]
    assert pool.open_count == 0


def test_a_refusal_of_connect_is_a_response() -> None:
    pool = Pool()
    exchange = asking(pool)
    assert isinstance(exchange.received(REFUSED, 0.0), Head)
    exchange.proceed(0.0)
    assert exchange.proceed(0.0) == Finish(reusable=True)
    assert pool.idle_count == 1


@pytest.mark.parametrize(
    ("plan", "answer"),
    [
        ({"headers": UPGRADE}, SWITCHING),
        ({"headers": UPGRADE}, b"HTTP/1.1 103 Early Hints\r\n\r\n" + SWITCHING),
        ({"method": "CONNECT"}, OPENED),
    ],
)
@given(at=st.lists(st.integers(0, 120), max_size=6))
def test_any_split_hands_up_the_same(plan: dict[str, Any], answer: bytes, at: list[int]) -> None:
    exchange = exchange_with(informs=False, **plan)
    connect(exchange)
    command: Any = exchange.written(0.0)
    left = pieces_of(answer + b"more", at)
    while isinstance(command, Read):
        command = exchange.received(left.pop(0), 0.0)
    assert isinstance(command, Switch)
    assert command.leftover + b"".join(left) == b"more"


def test_a_101_that_nobody_takes_is_an_error() -> None:
    exchange = exchange_with(switches=False)
    connect(exchange)
    exchange.written(0.0)
    assert isinstance(exchange.received(SWITCHING, 0.0), Fail)


# --- what is left to the core ---------------------------------------------------------------------


def switched(pool: Pool | None = None, **plan: Any) -> Any:
    exchange = asking(pool, **plan)
    exchange.received(OPENED + b"hello", 0.0)
    return exchange


def test_a_plain_stream_is_the_callers_as_it_is() -> None:
    over = Handover(switched())
    assert (over.stream, over.leftover, over.ended) == ("stream", b"hello", False)
    assert (over.encode(b"x"), over.decode(b"y"), over.decode(b"")) == (b"x", b"y", b"")


@pytest.mark.parametrize("exchange", [exchange_with(), asking()])
def test_there_is_nothing_to_take_before(exchange: Any) -> None:
    with pytest.raises(LocalProtocolError, match="no stream"):
        Handover(exchange)


def test_there_is_nothing_to_take_after_it_was_given_up() -> None:
    exchange = switched()
    exchange.abandon(0.0)
    with pytest.raises(LocalProtocolError):
        Handover(exchange)


def test_errors_name_the_place() -> None:
    over = Handover(switched())
    late = over.timed_out(writing=False)
    assert (type(late), str(late)) == (ReadTimeout, "http://a.test was silent for 2.0 s")
    late = over.timed_out(writing=True)
    assert (type(late), str(late)) == (WriteTimeout, "http://a.test took in nothing for 3.0 s")
    cause = OSError("gone")
    lost = over.lost(cause)
    assert type(lost) is SojournConnectionError
    assert lost.__cause__ is cause
    assert str(lost) == "the connection to http://a.test was lost: gone"


def test_tls_goes_on(ca: Authority) -> None:
    peer = TlsPeer(ca.server_context())
    exchange = exchange_with(
        url="https://a.test/x", tls_context=ca.client_context(), headers=UPGRADE
    )
    exchange.start(0.0)
    assert isinstance(exchange.resolved(ADDRESSES, 0.0), Connect)
    command: Any = exchange.connected("stream", 0.0)
    while exchange.phase is Phase.SECURING:
        if isinstance(command, Write):
            peer.take(command.data)
            command = exchange.written(0.0)
        else:
            command = exchange.received(peer.flush(), 0.0)
    assert isinstance(command, Write)
    peer.take(command.data)
    exchange.written(0.0)
    command = exchange.received(peer.say(SWITCHING + b"early"), 0.0)
    while isinstance(command, Read):
        command = exchange.received(peer.flush(), 0.0)
    assert isinstance(command, Switch)
    over = Handover(exchange)
    assert over.leftover == b"early"
    records = peer.say(b"pong")
    assert over.decode(records[:3]) == b""
    assert over.decode(records[3:]) == b"pong"
    assert b"ping" not in over.encode(b"ping")
    assert OK not in over.encode(OK)
