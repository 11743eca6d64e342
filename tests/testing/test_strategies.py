"""What the strategies draw, and what it shrinks to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from sojourn.testing import BOUNDED_HOPS, DETERMINISM, HISTORY_TRUTHFUL, Situation, Trail, simulate
from sojourn.testing.strategies import (
    answers,
    challenges,
    environments,
    field_lines,
    graphs,
    hosts,
    locations,
    origins,
    policies,
    requests,
    response_heads,
    set_cookies,
    situations,
    urls,
)
from sojourn_core import Policy, Request, RequestException, parse_url


@pytest.mark.parametrize(
    ("strategy", "least"),
    [
        (hosts(), "a.test"),
        (origins(), "https://a.test"),
        (urls(), "https://a.test/"),
        (locations(), "/"),
        (set_cookies(), "sid=0"),
        (field_lines(), ()),
        (policies(), Policy()),
        (situations(), Situation()),
    ],
    ids=[
        "hosts",
        "origins",
        "urls",
        "locations",
        "set_cookies",
        "field_lines",
        "policies",
        "situations",
    ],
)
def test_the_least_value_is_the_plainest(strategy: st.SearchStrategy[Any], least: Any) -> None:
    assert find(strategy, lambda _: True) == least


@settings(max_examples=50, deadline=None)
@given(st.one_of(urls(), origins()))
def test_a_url_can_be_asked(url: str) -> None:
    assert parse_url(url).scheme in ("http", "https")


@settings(max_examples=40, deadline=None)
@given(st.lists(answers(), max_size=4), situations(), policies())
def test_what_is_drawn_can_be_played(told: list[Any], situation: Situation, policy: Policy) -> None:
    try:
        trail = simulate(told, situation, policy)
    except RequestException:  # The request itself cannot be prepared.
        return
    assert isinstance(trail, Trail)
    BOUNDED_HOPS(trail)
    DETERMINISM(trail)
    if policy.lists_challenges:
        HISTORY_TRUTHFUL(trail)


@settings(max_examples=40, deadline=None)
@given(graphs(), requests(), st.tuples(challenges(), environments(), response_heads()))
def test_requests_go_through_graphs(graph: Any, request: Request, others: Any) -> None:
    assert len(others) == 3
    simulate(graph, request, Policy())
