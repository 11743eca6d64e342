"""Turns of requests under a limit: tables of times, and what holds in every span of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import RateLimit, Response, parse_url
from sojourn_core.rules.rate_limit import ORIGINS_MAX, Turns, rate_from
from sojourn_core.values.errors import InvalidArgument

HOME, OTHER = (parse_url(f"http://{host}.test/").origin for host in "ab")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("10/s", RateLimit(10, 1.0)),
        ("100/min", RateLimit(100, 60.0)),
        ("1000/h", RateLimit(1000, 3600.0)),
        ("3/10s", RateLimit(3, 10.0)),
        ("3 / 2min", RateLimit(3, 120.0)),
        ("server", RateLimit(None)),
        (RateLimit(2, 0.5), RateLimit(2, 0.5)),
        (None, None),
    ],
)
def test_what_a_limit_may_be(text: Any, limit: RateLimit | None) -> None:
    assert rate_from(text) == limit


@pytest.mark.parametrize("wrong", ["", "10", "10/", "/s", "0/s", "-1/s", "1/0s", "1.5/s", "9/d", 3])
def test_what_is_no_limit(wrong: Any) -> None:
    with pytest.raises(InvalidArgument):
        rate_from(wrong)


def test_text_that_is_no_limit_is_named() -> None:
    with pytest.raises(InvalidArgument, match=r"such as .*, not '10/x'$"):
        rate_from("10/x")


@pytest.mark.parametrize(
    ("limit", "asked", "turns"),
    [
        ("1/s", [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]),
        ("2/s", [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 2.0]),
        ("2/s", [0.0, 0.6, 0.7, 0.8], [0.0, 0.6, 1.0, 1.6]),
        ("2/s", [0.0, 0.0, 5.0, 5.0, 5.0], [0.0, 0.0, 5.0, 5.0, 6.0]),
        ("3/10s", [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 11.0]),
    ],
)
def test_a_table_of_turns(limit: str, asked: list[float], turns: list[float]) -> None:
    made = rate_from(limit)
    assert made is not None
    taken = Turns(made)
    assert [taken.take(HOME, now) for now in asked] == turns


def test_each_origin_has_turns_of_its_own() -> None:
    turns = Turns(RateLimit(1))
    assert [turns.take(each, 0.0) for each in (HOME, OTHER, HOME)] == [0.0, 0.0, 1.0]


@given(
    requests=st.integers(1, 5),
    seconds=st.floats(0.1, 10.0),
    pauses=st.lists(st.floats(0.0, 5.0), max_size=40),
)
def test_no_span_has_more_than_there_may_be(
    requests: int, seconds: float, pauses: list[float]
) -> None:
    turns, now, taken = Turns(RateLimit(requests, seconds)), 0.0, list[float]()
    for pause in pauses:
        now += pause
        turn = turns.take(HOME, now)
        assert turn >= now
        taken.append(turn)
    assert taken == sorted(taken)
    for first, last in zip(taken, taken[requests:], strict=False):
        assert last >= first + seconds


def heed(turns: Turns, fields: dict[str, str], now: float, status: int = 200) -> None:
    """Show a response that came at a time, at the start of which it was 08:49:37."""
    response = Response.of(status, fields)
    response.received_at = 784_111_777.0 + now
    turns.heed(HOME, response, now)


@pytest.mark.parametrize(
    ("held_max", "said", "turn"), [(60.0, 30, 31.0), (60.0, 600, 61.0), (0.0, 30, 2.0)]
)
def test_a_server_may_have_us_wait(held_max: float, said: int, turn: float) -> None:
    turns = Turns(RateLimit(100, held_max=held_max))
    turns.take(HOME, 0.0)
    heed(turns, {"ratelimit": f'"default";r=0;t={said}'}, 1.0)
    assert turns.take(HOME, 2.0) == turn
    heed(turns, {"ratelimit": '"default";r=9;t=30'}, 70.0)
    assert turns.take(HOME, 70.0) == 70.0


@pytest.mark.parametrize(
    ("status", "fields", "turn"),
    [
        (429, {"retry-after": "7"}, 8.0),
        (503, {"retry-after": "7"}, 8.0),
        (503, {"retry-after": "Sun, 06 Nov 1994 08:49:42 GMT"}, 5.0),
        (503, {"retry-after": "7", "ratelimit": '"a";r=0;t=30'}, 8.0),
        (429, {"ratelimit": '"a";r=0;t=30'}, 31.0),
        (200, {"retry-after": "7"}, 2.0),
        (301, {"retry-after": "7"}, 2.0),
        (429, {}, 2.0),
    ],
)
def test_a_server_that_is_busy_is_waited_for(
    status: int, fields: dict[str, str], turn: float
) -> None:
    turns = Turns(RateLimit(100))
    turns.take(HOME, 0.0)
    heed(turns, fields, 1.0, status)
    assert turns.take(HOME, 2.0) == turn
    assert turns.take(OTHER, 2.0) == 2.0


def test_a_response_that_says_nothing_takes_nothing_back() -> None:
    turns = Turns(RateLimit(100))
    heed(turns, {"retry-after": "7"}, 1.0, 429)
    heed(turns, {"content-type": "text/plain"}, 1.5)
    assert turns.take(HOME, 2.0) == 8.0


def test_without_a_limit_of_ones_own_only_the_server_counts() -> None:
    turns = Turns(RateLimit(None))
    assert [turns.take(HOME, 0.0) for _ in range(1000)] == [0.0] * 1000
    heed(turns, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 1.0)
    assert [turns.take(HOME, 2.0) for _ in range(3)] == [10.0] * 3


def test_origins_do_not_pile_up() -> None:
    turns = Turns(RateLimit(1, 10.0))
    for number in range(3 * ORIGINS_MAX):
        turns.take(parse_url(f"http://h{number}.test/").origin, float(number))
        told = Response.of(200, {"RateLimit": "a;r=0;t=9"})
        turns.heed(parse_url(f"http://h{number}.test/").origin, told, float(number))
    assert len(turns._begun) <= ORIGINS_MAX
    assert len(turns._held) <= ORIGINS_MAX
