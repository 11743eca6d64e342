from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from sojourn_core.values.errors import InvalidArgument
from sojourn_core.values.timeouts import (
    DEFAULT_TIMEOUTS,
    NO_TIMEOUTS,
    UNSET,
    Timeouts,
    check_seconds,
    deadline_at,
    timeouts_from,
)

SESSION = Timeouts(connect=1.0, read=2.0, write=3.0, pool=4.0, total=5.0)


@pytest.mark.parametrize(
    ("given", "timeouts"),
    [
        (UNSET, SESSION),
        (None, NO_TIMEOUTS),
        (7, Timeouts(connect=7, read=7, write=7, pool=7, total=None)),
        (0.5, Timeouts(connect=0.5, read=0.5, write=0.5, pool=0.5, total=None)),
        ((3, 9), Timeouts(connect=3, read=9, write=9, pool=3, total=None)),
        ((None, 9), Timeouts(connect=None, read=9, write=9, pool=None, total=None)),
        ((3, None), Timeouts(connect=3, read=None, write=None, pool=3, total=None)),
        (DEFAULT_TIMEOUTS, DEFAULT_TIMEOUTS),
    ],
)
def test_each_form_of_the_argument(given: Any, timeouts: Timeouts) -> None:
    assert timeouts_from(given, SESSION) == timeouts


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0, "the connect and read timeout must be above zero, not 0"),
        (-1.5, "the connect and read timeout must be above zero, not -1.5"),
        (nan, "the connect and read timeout must be above zero, not nan"),
        (True, "the connect and read timeout must be a number of seconds or None, not True"),
        ("5", "the connect and read timeout must be a number of seconds or None, not '5'"),
        ((0, 1), "the connect timeout must be above zero, not 0"),
        ((1, -1), "the read timeout must be above zero, not -1"),
        ((1, "x"), "the read timeout must be a number of seconds or None, not 'x'"),
        (10**400, "the connect and read timeout is too large; None waits for ever"),
        (
            (1, 2, 3),
            (
                "invalid timeout (1, 2, 3): pass a (connect, read) timeout tuple, "
                "or a single number to set both to the same value"
            ),
        ),
    ],
)
def test_what_is_no_timeout(given: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        timeouts_from(given, SESSION)
    assert str(caught.value) == message
    assert isinstance(caught.value, InvalidArgument)


@pytest.mark.parametrize("name", ["connect", "read", "write", "pool", "total"])
def test_each_phase_is_checked(name: str) -> None:
    assert getattr(Timeouts().replace(**{name: 1}), name) == 1
    assert getattr(Timeouts().replace(**{name: None}), name) is None
    with pytest.raises(ValueError, match=f"^the {name} timeout must be above zero, not 0$"):
        Timeouts().replace(**{name: 0})


def test_a_time_without_end_can_be_asked_for() -> None:
    check_seconds("read", inf)
    check_seconds("read", None)


def test_what_is_waited_for_without_being_told() -> None:
    assert Timeouts() == DEFAULT_TIMEOUTS
    assert (DEFAULT_TIMEOUTS.connect, DEFAULT_TIMEOUTS.read) == (10.0, 60.0)
    assert DEFAULT_TIMEOUTS.total is None


@pytest.mark.parametrize(
    ("now", "seconds", "most", "deadline"),
    [
        (5.0, 2.0, inf, 7.0),
        (5.0, None, inf, inf),
        (5.0, None, 6.0, 6.0),
        (5.0, 2.0, 6.0, 6.0),
        (5.0, 2.0, 8.0, 7.0),
    ],
)
def test_deadlines(now: float, seconds: float | None, most: float, deadline: float) -> None:
    assert deadline_at(now, seconds, most) == deadline


def test_what_was_not_given_shows_itself() -> None:
    assert repr(UNSET) == "UNSET"
