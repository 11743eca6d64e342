"""The Keep-Alive field: how long the server keeps a connection, and for how many requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sojourn_core import Exchange, Pool
from sojourn_core.commands import Finish, Head, Probe, Resolve
from sojourn_core.exchange.codec import CloseReason
from sojourn_core.exchange.keep_alive import keep_alive
from tests.core.exchanges import connect, exchange_with

if TYPE_CHECKING:
    from sojourn_core.commands import ExchangeCommand

pytestmark = pytest.mark.usefixtures("each_codec")


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("timeout=5", (4.0, None)),
        ("timeout=5, max=100", (4.0, 100)),
        ("max=100,timeout=20", (19.0, 100)),
        ("Timeout = 5 , MAX=1", (4.0, 1)),
        ('timeout="5"', (4.0, None)),
        ("timeout=5; max=7", (4.0, 7)),
        ("timeout=2", (1.0, None)),
        ("timeout=1", (0.5, None)),
        ("timeout=0", (0.0, None)),
        ("max=0", (None, 0)),
        ("timeout=60, timeout=5, max=9, max=3", (4.0, 3)),
        ("", (None, None)),
        ("300", (None, None)),
        ("timeout=soon", (None, None)),
        ("timeout=-5", (None, None)),
        ("timeout=5s, max=1", (4.0, 1)),
        ("idle-timeout=5, xmax=1", (None, None)),
        ("timeout=1234567890", (None, None)),
    ],
)
def test_what_the_field_says(field: str, found: tuple[float | None, int | None]) -> None:
    assert keep_alive(field) == found


def answered(field: str) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n"
        b"Keep-Alive: %b\r\n\r\n" % field.encode()
    )


def hear_of(exchange: Exchange, data: bytes) -> ExchangeCommand:
    """What an exchange asks for, once that has come as the answer."""
    connect(exchange)
    exchange.written(0.0)
    return exchange.received(data, 0.0)


@pytest.mark.parametrize("field", ["timeout=0", "max=0", "timeout=5, max=0"])
def test_a_connection_that_takes_no_more_requests_is_not_kept(field: str) -> None:
    pool = Pool()
    exchange = exchange_with(pool)
    assert isinstance(hear_of(exchange, answered(field)), Head)
    reason = CloseReason.NO_MORE_REQUESTS.explanation
    assert exchange.proceed(0.0) == Finish(reusable=False, reason=reason)
    assert pool.open_count == 0


def test_a_connection_is_kept_for_as_long_as_the_server_says() -> None:
    pool = Pool()
    exchange = exchange_with(pool)
    assert isinstance(hear_of(exchange, answered("timeout=5, max=1")), Head)
    assert exchange.proceed(0.0) == Finish(reusable=True)
    assert isinstance(exchange_with(pool).start(3.9), Probe)


def test_it_is_not_used_as_the_time_runs_out() -> None:
    pool = Pool()
    exchange = exchange_with(pool)
    assert isinstance(hear_of(exchange, answered("timeout=5")), Head)
    command = exchange_with(pool).start(4.0)
    assert isinstance(command, Resolve)
    assert command.effects is not None
    assert command.effects.closes == ["stream"]
