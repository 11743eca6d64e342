"""Fields by which servers tell of a limit on the rate of requests, in all their forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.rules.rate_fields import seconds_held

WALL = 1_700_000_000.0


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        # A List of Structured Fields.
        ({"ratelimit": '"default";r=0;t=30'}, 30.0),
        ({"ratelimit": '"default";t=30;r=0'}, 30.0),
        ({"ratelimit": "default; r=0; t=30"}, 30.0),
        ({"ratelimit": '"default";r=5;t=30'}, 0.0),
        ({"ratelimit": '"default";r=0;t=0'}, 0.0),
        ({"ratelimit": '"default";t=30'}, None),
        ({"ratelimit": '"default";r=0'}, None),
        ({"ratelimit": '"default";r=0.5;t=30'}, None),
        ({"ratelimit": '"default";r=-1;t=30'}, None),
        ({"ratelimit": '"minute";r=3;t=5, "day";r=0;t=600'}, 600.0),
        ({"ratelimit": '"minute";r=0;t=5 , "day";r=0;t=600'}, 600.0),
        ({"ratelimit": '"minute";r=0;t=5,"day";r=8;t=600'}, 5.0),
        ({"ratelimit": '"a;r=0;t=9, ";r=1;t=2'}, 0.0),
        ({"ratelimit": '"a\\";r=0;t=9";r=1;t=2'}, 0.0),
        ({"ratelimit": '"a";r=0;t=9;pk=:c2VjcmV0:'}, 9.0),
        ({"ratelimit": '"a";r=1;r=0;t=9'}, 9.0),  # The last one counts (RFC 9651 section 3.1.2).
        # What does not parse counts as not given.
        ({"ratelimit": '"default;r=0;t=30'}, None),
        ({"ratelimit": '"default";r=0;t=30,'}, None),
        ({"ratelimit": '"default";r=0;t=30 "x"'}, None),
        ({"ratelimit": '"default";R=0;T=30'}, None),
        ({"ratelimit": ""}, None),
        ({"ratelimit": "\u00b2;r=\u00b2"}, None),
        # The policy says nothing of what is left.
        ({"ratelimit-policy": '"default";q=0;w=60'}, None),
        # A Dictionary, up to the seventh draft.
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, 50.0),
        ({"ratelimit": "limit=100, remaining=1, reset=50"}, 0.0),
        ({"ratelimit": "limit=100;w=60, remaining=0;a=1, reset=50"}, 50.0),
        ({"ratelimit": "remaining=0"}, None),
        # A field for each number.
        ({"ratelimit-remaining": "0", "ratelimit-reset": "7"}, 7.0),
        ({"ratelimit-remaining": " 0 ", "ratelimit-reset": " 7 "}, 7.0),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "7"}, 0.0),
        ({"ratelimit-remaining": "0"}, None),
        ({"ratelimit-remaining": "none", "ratelimit-reset": "soon"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "1" * 13}, None),
        # With an X, where the reset may be the time of day.
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}, 7.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000012"}, 12.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600000000"}, 0.0),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "1700000012"}, 0.0),
        # The newer ones go first.
        ({"ratelimit": '"a";r=1;t=2', "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}, 0.0),
    ],
)
def test_what_a_server_says_of_its_limit(fields: dict[str, str], seconds: float | None) -> None:
    assert seconds_held(fields, WALL) == seconds


@given(st.text(alphabet='"abrt=0;, :\\', max_size=60))
def test_any_text_is_read(text: str) -> None:
    held = seconds_held({"ratelimit": text}, WALL)
    assert held is None or held >= 0


@pytest.mark.parametrize("piece", ['"', "a;", ";r=0", "a,", '"\\', "=", "r=0,", " "])
def test_long_fields_take_a_short_time(piece: str) -> None:
    """Each place of the text is read a bounded number of times: this ends."""
    seconds_held({"ratelimit": piece * 20_000}, WALL)
