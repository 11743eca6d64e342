"""Content that a driver reads past the commands, and counts off: when, and how much of it.

It is what the plain codec offers; nothing is countable where h11 sees all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import Exchange, Pool
from sojourn_core.commands import Content, Fail, Finish, Head, Read
from sojourn_core.exchange.phase import Phase
from tests.core.codecs import speaking
from tests.core.exchanges import exchange_with, idle_connection, send

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


@pytest.fixture(scope="module", autouse=True)
def plain() -> Iterator[None]:
    """Have the plain codec speak, whichever is asked for."""
    with speaking("plain"):
        yield


def begun(received: bytes, pool: Pool | None = None, method: str = "GET") -> Exchange:
    """Return an exchange whose head was handed up, and the content that came with it."""
    exchange = exchange_with(pool or Pool(), method=method)
    send(exchange)
    assert isinstance(exchange.received(received, 0.0), Head)
    return exchange


def test_content_of_a_known_length_is_countable_but_for_its_last_byte() -> None:
    pool = Pool()
    exchange = begun(HEAD + b"ab", pool)
    assert exchange.countable == 0, "what has come is handed up first"
    assert exchange.proceed(0.0) == Content(b"ab")
    assert exchange.countable == 7
    before = exchange.progress.octets_received
    exchange.count_off(4)
    assert exchange.countable == 3
    exchange.count_off(3)
    assert exchange.countable == 0
    assert exchange.progress.octets_received == before + 7
    assert isinstance(exchange.proceed(0.0), Read)
    assert exchange.countable == 0, "a read is under way"
    assert exchange.received(b"j", 0.0) == Content(b"j")
    assert exchange.countable == 0
    assert exchange.proceed(0.0) == Finish(reusable=True)
    assert exchange.countable == 0
    assert pool.idle_count == 1


def test_what_was_counted_off_is_not_missing_at_an_early_end() -> None:
    exchange = begun(HEAD + b"ab")
    exchange.proceed(0.0)
    exchange.count_off(5)
    assert isinstance(exchange.proceed(0.0), Read)
    failed = exchange.received(b"", 0.0)
    assert isinstance(failed, Fail)
    assert str(failed.error) == "the content of the response ended 3 bytes early"


@pytest.mark.parametrize(
    "received",
    [
        b"HTTP/1.1 200 OK\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab",
        b"HTTP/1.1 200 OK\r\nX: folded\r\n line\r\nContent-Length: 10\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
    ],
    ids=["until close", "chunked", "read by h11", "ended", "one byte is left"],
)
def test_other_content_is_not_countable(received: bytes) -> None:
    exchange = begun(received)
    assert exchange.proceed(0.0) == Content(b"ab")
    assert exchange.countable == 0


def test_nothing_is_countable_where_h11_sees_all_of_it() -> None:
    with speaking("h11"):
        exchange = begun(HEAD + b"ab")
    assert exchange.proceed(0.0) == Content(b"ab")
    assert exchange.countable == 0


def test_nothing_is_countable_once_nobody_wants_it() -> None:
    exchange = begun(HEAD + b"ab")
    exchange.proceed(0.0)
    assert isinstance(exchange.drain(100, 1.0, 0.0), Read)
    assert exchange.countable == 0
    exchange.abandon(0.0)
    assert exchange.phase is Phase.ENDED
    assert exchange.countable == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9)), max_size=12))
def test_counting_and_commands_in_any_order_give_the_same_content(
    steps: list[tuple[bool, int]],
) -> None:
    pool = Pool()
    idle_connection(pool)
    content = b"abcdefghij"
    exchange = begun(HEAD + content[:1], pool)
    command = exchange.proceed(0.0)
    position = 1
    for counted, size in steps:
        assert isinstance(command, Content)
        if counted:
            some_size = min(size, exchange.countable)
            exchange.count_off(some_size)
            position += some_size
            continue
        command = exchange.proceed(0.0)
        if isinstance(command, Finish):
            break
        assert isinstance(command, Read)
        some = content[position : position + size]
        position += len(some)
        command = exchange.received(some, 0.0)
        assert command == Content(some)
    assert position <= len(content)
    assert (pool.idle_count == 1) is (position == len(content))
