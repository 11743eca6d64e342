"""Requests of HTTP/1.0: what they say, and when a connection is kept."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sojourn_core import Pool, WithTrailers
from sojourn_core.commands import Content, Fail, Finish, Head, Read, Write
from sojourn_core.exchange.codec import HTTP_1_1
from sojourn_core.exchange.h11_codec import H11Codec
from sojourn_core.exchange.http10_codec import Http10Codec
from sojourn_core.exchange.plain_codec import PlainCodec
from sojourn_core.values.errors import InvalidContent
from tests.core.exchange.test_exchange_splits import RESPONSES
from tests.core.exchanges import connect, exchange_with, hear, send, told

KEEP = {"Connection": "keep-alive"}
CODECS: dict[str, Any] = {
    "plain": Http10Codec,
    "h11": partial(Http10Codec, inner=H11Codec),
}


@pytest.fixture(params=CODECS)
def codec(request: pytest.FixtureRequest) -> Any:
    return CODECS[request.param]


def speaking(codec: Any, pool: Pool | None = None, **plan: Any) -> Any:
    exchange = exchange_with(pool, **plan)
    exchange.plan.codecs = {HTTP_1_1: codec}
    return exchange


def answer(*lines: bytes, version: bytes = b"1.0") -> bytes:
    head = b"\r\n".join([b"HTTP/" + version + b" 200 OK", *lines, b"Content-Length: 2"])
    return head + b"\r\n\r\nok"


def finish(exchange: Any, octets: bytes) -> Any:
    assert isinstance(exchange.received(octets, 0.0), Head)
    command = exchange.proceed(0.0)
    assert command == Content(b"ok")
    return exchange.proceed(0.0)


@pytest.mark.parametrize("headers", [{}, {"Upgrade": "h2c"}])
def test_the_head_says_so_and_has_host(codec: Any, headers: dict[str, str]) -> None:
    command = connect(speaking(codec, headers=headers, method="POST", data=b"tea HTTP/1.1\r\n"))
    assert isinstance(command, Write)
    assert command.data.startswith(b"POST /x HTTP/1.0\r\nHost: a.test\r\n")
    assert command.data.endswith(b"\r\n\r\ntea HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("headers", "octets", "kept"),
    [
        (KEEP, answer(b"Connection: keep-alive"), True),
        (KEEP, answer(b"Connection: Keep-Alive", version=b"1.1"), True),
        (KEEP, answer(), False),
        (KEEP, answer(version=b"1.1"), False),
        (KEEP, answer(b"Connection: close", version=b"1.1"), False),
        ({}, answer(b"Connection: keep-alive"), False),
        ({}, answer(b"Connection: keep-alive", version=b"1.1"), False),
    ],
)
def test_a_connection_is_kept_where_both_have_said_so(
    codec: Any, headers: dict[str, str], octets: bytes, kept: bool
) -> None:
    pool = Pool()
    exchange = speaking(codec, pool, headers=headers)
    send(exchange)
    command = finish(exchange, octets)
    assert isinstance(command, Finish)
    assert command.reusable is kept
    assert command.reason == ("" if kept else "the connection is not kept alive")
    assert (pool.open_count, pool.idle_count) == (int(kept), int(kept))


def test_a_connection_to_a_proxy_is_not_kept(codec: Any) -> None:
    pool = Pool()
    exchange = speaking(codec, pool, headers=KEEP, proxy="http://proxy.test")
    write = connect(exchange)
    assert isinstance(write, Write)
    assert write.data.startswith(b"GET http://a.test/x HTTP/1.0\r\n")
    exchange.written(0.0)
    assert not finish(exchange, answer(b"Connection: keep-alive")).reusable
    assert pool.open_count == 0


@pytest.mark.parametrize("data", [iter([b"x"]), WithTrailers(b"x", {"X": "1"})])
def test_content_without_a_length_is_refused_before_a_byte_is_sent(codec: Any, data: Any) -> None:
    pool = Pool()
    command = connect(speaking(codec, pool, method="POST", data=data))
    assert isinstance(command, Fail)
    assert type(command.error) is InvalidContent
    assert command.error.maybe_sent is False
    assert "HTTP/1.0, which has no chunks" in str(command.error)
    assert pool.idle_count == 1  # Nothing was sent on it.


def test_content_does_not_wait(codec: Any) -> None:
    exchange = speaking(codec, method="POST", data=b"tea", headers={"Expect": "100-continue"})
    command = connect(exchange)
    written = b""
    while isinstance(command, Write):
        written += command.data
        command = exchange.written(0.0)
    assert isinstance(command, Read)
    assert written.endswith(b"\r\n\r\ntea")
    assert b"Expect" not in written


@pytest.mark.parametrize("name", RESPONSES)
def test_responses_are_read_as_ever(codec: Any, name: str) -> None:
    octets, ended = RESPONSES[name]
    seen = [
        told(hear(speaking(each), [octets] if octets else [], ended=ended))
        for each in (codec, PlainCodec)
    ]
    assert [str(each) for each in seen[0][:-1]] == [str(each) for each in seen[1][:-1]]
