"""Content that is gathered for a reader who wants all of it: when the head is handed up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import Exchange, Pool
from sojourn_core.commands import Content, Fail, Finish, Head, Pull, Read, Write
from sojourn_core.exchange.cycle import GATHERED_SIZE
from sojourn_core.values.errors import ChunkedEncodingError, StalledContent
from tests.core.exchanges import connect, exchange_with, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.commands import ExchangeCommand

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def gathering(received: bytes, pool: Pool | None = None) -> Exchange:
    """Return an exchange that has handed its head up, and gathers the content."""
    exchange = exchange_with(pool or Pool())
    send(exchange)
    assert isinstance(exchange.received(received, 0.0), Head)
    assert exchange.gather()
    return exchange


@pytest.mark.usefixtures("each_codec")
def test_all_of_the_content_is_at_hand_once_it_has_come() -> None:
    pool = Pool()
    exchange = gathering(CHUNKED + b"3\r\nabc\r\n", pool)
    assert isinstance(exchange.proceed(0.0), Read)
    assert isinstance(exchange.received(b"2\r\nde\r\n1\r\n", 0.0), Read)
    again = exchange.received(b"f\r\n0\r\nX: y\r\n\r\n", 0.0)
    assert isinstance(again, Head)
    assert pool.idle_count == 1
    found = exchange.at_hand()
    assert found is not None
    content, trailers, decisions = found
    assert (content, trailers, decisions) == (b"abcdef", {"X": "y"}, [])


@pytest.mark.usefixtures("each_codec")
def test_content_that_is_not_taken_at_hand_is_read_as_ever() -> None:
    exchange = gathering(LENGTH + b"abc")
    exchange.proceed(0.0)
    assert isinstance(exchange.received(b"defghij", 0.0), Head)
    assert exchange.proceed(0.0) == Content(b"abcdefghij")
    assert exchange.proceed(0.0) == Finish(reusable=True)


def test_only_who_has_the_head_and_nothing_else_may_gather() -> None:
    exchange = exchange_with()
    assert not exchange.gather()
    send(exchange)
    assert not exchange.gather()
    exchange.received(LENGTH + b"abc", 0.0)
    exchange.proceed(0.0)
    assert not exchange.gather(), "content was handed up"
    exchange.abandon(0.0)
    assert not exchange.gather()


def test_nothing_is_gathered_while_the_request_is_being_sent() -> None:
    exchange = exchange_with(method="POST", data=iter([b"a", b"b"]))
    command = connect(exchange)
    while not isinstance(command, Pull):
        command = exchange.written(0.0)
    command = exchange.pulled(b"a", 0.0)
    assert isinstance(command, Write)
    command = exchange.readable(len(command.data), 0.0)
    assert isinstance(command, Read)
    assert isinstance(exchange.received(LENGTH + b"abc", 0.0), Head)
    assert not exchange.gather()
    assert exchange.proceed(0.0) == Content(b"abc")


@pytest.mark.usefixtures("each_codec")
def test_much_content_is_handed_up_before_its_end() -> None:
    exchange = gathering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    half = bytes(GATHERED_SIZE // 2)
    exchange.proceed(0.0)
    assert isinstance(exchange.received(half, 0.0), Read)
    assert isinstance(exchange.received(half, 0.0), Head)
    assert exchange.at_hand() is None
    assert exchange.proceed(0.0) == Content(half + half)
    assert isinstance(exchange.proceed(0.0), Read)
    assert exchange.received(b"more", 0.0) == Content(b"more"), "it gathers no longer"


ENDS: dict[str, tuple[Callable[[Exchange], ExchangeCommand], type[Exception]]] = {
    "the stream ends": (lambda exchange: exchange.received(b"", 0.0), ChunkedEncodingError),
    "the framing is broken": (lambda exchange: exchange.received(b"?", 0.0), ChunkedEncodingError),
    "silence": (lambda exchange: exchange.expired(9.0), StalledContent),
    "the stream breaks": (
        lambda exchange: exchange.failed(ConnectionResetError(), 0.0),
        ChunkedEncodingError,
    ),
}


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize("end", ENDS)
def test_what_was_gathered_comes_before_an_error(end: str) -> None:
    pool = Pool()
    exchange = gathering(CHUNKED + b"3\r\nabc\r\n", pool)
    exchange.proceed(0.0)
    happens, kind = ENDS[end]
    assert isinstance(happens(exchange), Head)
    assert exchange.at_hand() is None
    assert exchange.proceed(0.0) == Content(b"abc")
    failed = exchange.proceed(0.0)
    assert isinstance(failed, Fail)
    assert isinstance(failed.error, kind)
    assert pool.open_count == 0


def test_draining_ends_the_gathering() -> None:
    exchange = gathering(LENGTH + b"abc")
    assert isinstance(exchange.drain(100, 1.0, 0.0), Read)
    assert exchange.received(b"defghij", 0.0) == Finish(reusable=True)


@pytest.mark.usefixtures("each_codec")
@given(st.lists(st.integers(1, 60), max_size=10), st.lists(st.integers(1, 30), max_size=12))
def test_content_does_not_depend_on_how_it_comes(sizes: list[int], splits: list[int]) -> None:
    chunks = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    exchange = gathering(CHUNKED)
    command = exchange.proceed(0.0)
    for size in splits:
        if not isinstance(command, Read) or not framed[size:]:
            break
        command = exchange.received(framed[:size], 0.0)
        framed = framed[size:]
    assert isinstance(command, Read)
    assert isinstance(exchange.received(framed, 0.0), Head)
    found = exchange.at_hand()
    assert found is not None
    assert found[0] == b"".join(chunks)
