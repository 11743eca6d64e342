"""Which address of a host is started when (RFC 8305): a table of times, and every order."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import NO_TIMEOUTS, Exchange, Race, Timeouts
from sojourn_core.commands import Address, Connect, Fail, Resolve, Write
from sojourn_core.exchange.dial import literal_address
from sojourn_core.exchange.race import by_turns
from sojourn_core.values import errors
from tests.core.exchanges import exchange_with

FOUR = tuple(Address(f"192.0.2.{number}", 80) for number in range(1, 10))
SIX = tuple(Address(f"2001:db8::{number}", 80, "ipv6") for number in range(1, 10))
REFUSED = ConnectionRefusedError(111, "refused")


@pytest.mark.parametrize(
    ("found", "raced"),
    [
        (FOUR[:1], FOUR[:1]),
        (FOUR[:3], FOUR[:3]),
        (SIX[:2] + FOUR[:2], (SIX[0], FOUR[0], SIX[1], FOUR[1])),
        (FOUR[:2] + SIX[:2], (FOUR[0], SIX[0], FOUR[1], SIX[1])),
        (SIX[:4] + FOUR[:1], (SIX[0], FOUR[0], *SIX[1:4])),
        (FOUR[:1] + SIX[:3], (FOUR[0], *SIX[:3])),
        ((FOUR[0], SIX[0], FOUR[1], FOUR[2]), (FOUR[0], SIX[0], FOUR[1], FOUR[2])),
    ],
)
def test_families_take_turns(found: tuple[Address, ...], raced: tuple[Address, ...]) -> None:
    """RFC 8305 section 4: the first stays the first, and each family keeps its order."""
    assert by_turns(found) == raced


# A time, then what happens: None is a look, "lost" an attempt that fails. Then which address is to
# be started (by its place), and when the next one is due.
RACES: list[tuple[str, int, list[tuple[float, str | None, int | None, float]]]] = [
    ("one alone", 1, [(0.0, None, 0, inf), (9.0, None, None, inf)]),
    ("silence", 3, [(0.0, None, 0, 0.25), (0.25, None, 1, 0.5), (0.5, None, 2, inf)]),
    ("too early", 2, [(0.0, None, 0, 0.25), (0.2, None, None, 0.25), (0.25, None, 1, inf)]),
    ("too late", 3, [(1.0, None, 0, 1.25), (5.0, None, 1, 5.25), (5.25, None, 2, inf)]),
    ("refused at once", 2, [(0.0, None, 0, 0.25), (0.0, "lost", 1, inf)]),
    (
        "each is refused",
        3,
        [(0.0, None, 0, 0.25), (0.1, "lost", 1, 0.35), (0.2, "lost", 2, inf)],
    ),
    (
        "an early one fails late",
        4,
        [(0.0, None, 0, 0.25), (0.25, None, 1, 0.5), (0.3, "lost", 2, 0.55), (0.55, None, 3, inf)],
    ),
    ("the last one fails", 1, [(0.0, None, 0, inf), (0.1, "lost", None, inf)]),
]


@pytest.mark.parametrize(
    ("count", "steps"), [race[1:] for race in RACES], ids=[r[0] for r in RACES]
)
def test_a_table_of_times(
    count: int, steps: list[tuple[float, str | None, int | None, float]]
) -> None:
    race = Race(FOUR[:count], 0.25)
    for now, event, started, next_at in steps:
        if event is not None:
            race.lost()
        assert race.due(now) == (None if started is None else FOUR[started])
        assert race.next_at == next_at


@given(
    count=st.integers(1, 6),
    stagger=st.floats(0.01, 2.0),
    steps=st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), max_size=40),
)
def test_every_address_is_started_once_and_in_order(
    count: int, stagger: float, steps: list[tuple[float, bool]]
) -> None:
    race, started, running, now = Race(FOUR[:count], stagger), list[Address](), 0, 0.0
    last = -inf
    for pause, fails in steps:
        now += pause
        if fails and running:
            running -= 1
            race.lost()
            last = -inf  # The next one need not wait.
        address = race.due(now)
        if address is not None:
            assert now >= last + stagger
            started.append(address)
            running, last = running + 1, now
        assert race.is_over == (len(started) == count and not running)
        assert running or race.is_over or len(started) < count
    assert started == list(FOUR[: len(started)])


# --- the exchange -------------------------------------------------------------------------------


def racing(*addresses: Address, **options: Any) -> Exchange:
    """An exchange whose driver races, from time 0 on."""
    options.setdefault("timeouts", Timeouts(connect=12.0))
    exchange = exchange_with(races=True, **options)
    exchange.start(0.0)
    exchange.resolved(addresses, 0.0)
    return exchange


def test_a_driver_that_races_gets_all_addresses_at_once() -> None:
    exchange = racing(SIX[0], SIX[1], FOUR[0])
    later = (FOUR[0], SIX[1])
    assert exchange.command == Connect(SIX[0], 12.0, later=later, stagger=0.25)
    assert isinstance(exchange.connected("stream", 0.3), Write)


@pytest.mark.parametrize(
    ("timeouts", "command"),
    [
        (Timeouts(connect=2.0, stagger=0.1), Connect(FOUR[0], 2.0, None, (FOUR[1],), 0.1)),
        (Timeouts(connect=2.0, stagger=None), Connect(FOUR[0], 1.0)),
        (NO_TIMEOUTS, Connect(FOUR[0], inf, None, (FOUR[1],), 0.25)),
    ],
)
def test_the_stagger_is_a_timeout(timeouts: Timeouts, command: Connect) -> None:
    assert racing(FOUR[0], FOUR[1], timeouts=timeouts).command == command


def test_a_single_address_is_connected_to_as_ever() -> None:
    assert racing(FOUR[0]).command == Connect(FOUR[0], 12.0)


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (
            "failed",
            errors.ConnectionError,
            "cannot connect to http://a.test: [Errno 111] refused (tried 2001:db8::1, 192.0.2.1)",
        ),
        (
            "expired",
            errors.ConnectTimeout,
            "no connection to http://a.test in 12.0 s (tried 2001:db8::1, 192.0.2.1)",
        ),
    ],
)
def test_the_end_of_a_race_is_the_end(reply: str, kind: type[Exception], said: str) -> None:
    exchange = racing(SIX[0], FOUR[0])
    arguments = (REFUSED,) if reply == "failed" else ()
    command = getattr(exchange, reply)(*arguments, 12.0)
    assert isinstance(command, Fail)
    assert (type(command.error), str(command.error)) == (kind, said)
    assert not command.error.maybe_sent


def test_an_error_names_a_few_of_many_addresses() -> None:
    command = racing(*FOUR).failed(REFUSED, 0.0)
    assert isinstance(command, Fail)
    tried = "192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 5 more"
    assert str(command.error).endswith(f"(tried {tried})")


# --- hosts that are addresses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://192.0.2.1/", Address("192.0.2.1", 80)),
        ("http://192.0.2.1:8080/", Address("192.0.2.1", 8080)),
        ("http://[2001:DB8::1]/", Address("2001:db8::1", 80, "ipv6")),
        ("http://[::ffff:192.0.2.1]/", Address("::ffff:192.0.2.1", 80, "ipv6")),
        ("http://[fe80::1%25eth0]/", Address("fe80::1%eth0", 80, "ipv6")),
    ],
)
def test_a_host_that_is_an_address_is_not_resolved(url: str, address: Address) -> None:
    exchange = exchange_with(url=url)
    assert exchange.start(0.0) == Connect(address, deadline=1.0)
    assert isinstance(exchange.connected("stream", 0.0), Write)


def test_nor_is_that_of_a_proxy() -> None:
    exchange = exchange_with(proxy="http://192.0.2.9:3128")
    assert exchange.start(0.0) == Connect(Address("192.0.2.9", 3128), deadline=1.0)


@pytest.mark.parametrize("host", ["a.test", "localhost", "1.2.3.4.test", "1.2.3", "a1", "x.1"])
def test_a_name_is_resolved(host: str) -> None:
    assert literal_address(host, 80) is None
    if host not in {"x.1", "1.2.3"}:  # A URL cannot have them.
        assert exchange_with(url=f"http://{host}/").start(0.0) == Resolve(host, 80, deadline=1.0)
