"""The addresses of a host are tried in their order, each for its share of the time."""

from __future__ import annotations

from math import inf

import pytest

from sojourn_core import NO_TIMEOUTS, Exchange, Timeouts
from sojourn_core.commands import Address, Connect, Fail, Write
from sojourn_core.exchange.dial import Dial
from sojourn_core.exchange.phase import Phase
from sojourn_core.values import errors
from sojourn_core.values.route import SocketSettings
from tests.core.exchanges import exchange_with

ONE, TWO, THREE = (Address(f"192.0.2.{number}", 80) for number in (1, 2, 3))
REFUSED = ConnectionRefusedError(111, "refused")
UNREACHABLE = OSError(113, "no route")


def connecting(
    *addresses: Address, deadline: float = inf, seconds: float | None = 12.0
) -> Exchange:
    """An exchange that tries the first of these, from time 0 on."""
    timeouts = NO_TIMEOUTS if seconds is None else Timeouts(connect=seconds)
    exchange = exchange_with(timeouts=timeouts, deadline=deadline)
    exchange.start(0.0)
    exchange.resolved(addresses, 0.0)
    return exchange


def failure(command: object) -> errors.RequestException:
    assert isinstance(command, Fail)
    return command.error


@pytest.mark.parametrize(
    ("count", "now", "deadline"),
    [(1, 0.0, 12.0), (2, 0.0, 6.0), (3, 0.0, 4.0), (3, 6.0, 8.0), (2, 12.0, 12.0)],
)
def test_each_address_has_its_share_of_what_is_left(
    count: int, now: float, deadline: float
) -> None:
    dial = Dial((ONE, TWO, THREE)[:count], 12.0)
    assert dial.next(now) == Connect(ONE, deadline)
    assert dial.is_over == (count == 1)


def test_every_address_is_tried_by_a_socket_that_is_set_up_alike() -> None:
    settings = SocketSettings(("192.0.2.9", 0), ((1, 9, 1),))
    dial = Dial((ONE, TWO), 12.0, settings)
    assert dial.next(0.0) == Connect(ONE, 6.0, settings)
    assert dial.next(6.0) == Connect(TWO, 12.0, settings)


def test_what_an_address_leaves_is_for_the_next_ones() -> None:
    exchange = connecting(ONE, TWO, THREE)
    assert exchange.command == Connect(ONE, deadline=4.0)
    assert exchange.failed(REFUSED, 0.0) == Connect(TWO, deadline=6.0)
    assert exchange.expired(6.0) == Connect(THREE, deadline=12.0)
    assert exchange.phase is Phase.CONNECTING
    assert isinstance(exchange.connected("stream", 7.0), Write)
    assert exchange.stream == "stream"


def test_without_a_deadline_each_address_has_all_the_time() -> None:
    exchange = connecting(ONE, TWO, seconds=None)
    assert exchange.command == Connect(ONE, deadline=inf)
    assert exchange.failed(REFUSED, 5.0) == Connect(TWO, deadline=inf)


def test_the_last_error_is_the_one_that_is_told() -> None:
    exchange = connecting(ONE, TWO)
    exchange.failed(REFUSED, 0.0)
    error = failure(exchange.failed(UNREACHABLE, 0.0))
    assert type(error) is errors.ConnectionError
    assert error.__cause__ is UNREACHABLE
    assert not error.maybe_sent


def test_silence_of_the_last_address_is_a_timeout() -> None:
    exchange = connecting(ONE, TWO)
    exchange.failed(REFUSED, 0.0)
    assert type(failure(exchange.expired(12.0))) is errors.ConnectTimeout


@pytest.mark.parametrize("reply", ["failed", "expired"])
def test_no_address_is_tried_when_the_time_is_over(reply: str) -> None:
    exchange = connecting(ONE, TWO)
    arguments = (REFUSED,) if reply == "failed" else ()
    command = getattr(exchange, reply)(*arguments, 12.0)
    assert type(failure(command)) is errors.ConnectTimeout


def test_the_deadline_of_the_call_is_shared_too() -> None:
    exchange = connecting(ONE, TWO, deadline=3.0)
    assert exchange.command == Connect(ONE, deadline=1.5)
    assert exchange.expired(1.5) == Connect(TWO, deadline=3.0)
    assert type(failure(exchange.expired(3.0))) is errors.DeadlineExceeded


def test_an_error_that_is_no_network_s_ends_the_dialling() -> None:
    ours = errors.InvalidURL("no")
    assert failure(connecting(ONE, TWO).failed(ours, 0.0)) is ours
