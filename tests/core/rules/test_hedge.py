"""Hedged requests, by a clock that is a number: when each exchange begins, and what is told."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import Call, Hedge, HedgePolicy, HTTPDigestAuth, Request, Session
from sojourn_core.call.ports import Mode
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.hedge import BUDGET, LIMIT, METHOD, SENT, Hedges, hedges_from, refused
from sojourn_core.values.errors import ConnectionError, InvalidArgument
from sojourn_core.values.url.url import parse_url

ORIGIN = "https://a.test"
A = parse_url(ORIGIN).origin


def hedges(**fields: Any) -> Hedges:
    return Hedges(HedgePolicy(**fields))


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        (None, None),
        (2, HedgePolicy(after=2)),
        (0.25, HedgePolicy(after=0.25)),
        (HedgePolicy(budget=None), HedgePolicy(budget=None)),
    ],
)
def test_what_a_hedge_may_be(given: Any, policy: HedgePolicy | None) -> None:
    session = Session()
    session.hedge = given
    assert session.hedge == policy
    made = session.settings_for().hedges
    assert (None if made is None else made.policy) == policy


@pytest.mark.parametrize("wrong", [0, -1, inf, True, "1", {"after": 1}, float("nan")], ids=str)
def test_what_is_no_hedge(wrong: Any) -> None:
    with pytest.raises(InvalidArgument):
        hedges_from(wrong)


def test_a_policy_is_for_idempotent_methods() -> None:
    with pytest.raises(InvalidArgument, match="idempotent"):
        HedgePolicy(methods=frozenset({"GET", "POST"}))


@pytest.mark.parametrize(
    ("method", "at_hand", "one_by_one", "code"),
    [
        ("GET", True, False, None),
        ("PUT", True, False, None),
        ("POST", True, False, "hedge.refused.method"),
        ("PATCH", True, False, "hedge.refused.method"),
        ("PUT", False, False, "hedge.refused.content"),
        ("GET", True, True, "hedge.refused.credentials"),
    ],
)
def test_a_table_of_requests(
    method: str, at_hand: bool, one_by_one: bool, code: str | None
) -> None:
    assert hedges().refusal(method, at_hand=at_hand, one_by_one=one_by_one) == code


def test_digest_is_a_conversation() -> None:
    assert isinstance(HTTPDigestAuth("u", "p"), AuthFlow)


def test_the_second_begins_when_the_first_has_had_its_time() -> None:
    hedge = Hedge(hedges(after=0.5))
    assert hedge.due(10.0)
    assert (hedge.begun, hedge.next_at) == (1, 10.5)
    assert not hedge.due(10.4)
    assert hedge.due(10.5)
    assert (hedge.begun, hedge.next_at) == (2, inf)
    assert not hedge.due(99.0)


@pytest.mark.parametrize("number", [1, 2])
def test_the_answer_that_comes_first_is_told(number: int) -> None:
    hedge = Hedge(hedges(after=0.5))
    hedge.due(0.0)
    hedge.due(0.5)
    (told,) = hedge.answered(number, ORIGIN)
    which = {1: "first", 2: "second"}[number]
    assert (told.code, told.subject) == (SENT, ORIGIN)
    assert told.reason == f"no answer came within 0.5 s; of two requests the {which} was answered"


def test_a_request_that_is_answered_in_time_has_nothing_to_tell() -> None:
    hedge = Hedge(hedges())
    hedge.due(0.0)
    assert hedge.answered(1, ORIGIN) == ()


def test_a_failure_before_the_second_ends_it() -> None:
    hedge = Hedge(hedges())
    hedge.due(0.0)
    assert not hedge.is_over
    hedge.lost()
    assert hedge.is_over
    assert not hedge.due(9.0)


def test_a_failure_of_one_leaves_the_other() -> None:
    hedge = Hedge(hedges(after=0.5))
    hedge.due(0.0)
    hedge.due(0.5)
    hedge.lost()
    assert not hedge.is_over
    hedge.lost()
    assert hedge.is_over


def test_a_budget_is_used_up_and_comes_back() -> None:
    known = hedges(after=1.0, budget=1)
    for told in ([SENT], [BUDGET]):
        hedge = Hedge(known)
        hedge.due(0.0)
        hedge.due(1.0)
        assert [each.code for each in hedge.answered(1, ORIGIN)] == told
    for _ in range(10):
        hedge = Hedge(known)
        hedge.due(0.0)
        hedge.answered(1, ORIGIN)
    assert known.left == pytest.approx(1.0)


@given(budget=st.none() | st.integers(0, 5), slow=st.lists(st.booleans(), max_size=60))
def test_no_more_are_sent_twice_than_the_budget_allows(
    budget: int | None, slow: list[bool]
) -> None:
    known, twice = hedges(after=1.0, budget=budget), 0
    for number, is_slow in enumerate(slow):
        hedge = Hedge(known)
        assert hedge.due(0.0)
        twice += is_slow and hedge.due(1.0)
        assert hedge.begun <= 2
        hedge.answered(1, ORIGIN)
        if budget is not None:
            assert twice <= budget + (number + 1 - twice) / 10 + 1e-9


# --- with a limit on the rate -------------------------------------------------------------------


def limited(limit: str, **fields: Any) -> Hedges:
    session = Session()
    session.limit = limit
    session.hedge = HedgePolicy(**fields)
    made = session.settings_for().hedges
    assert made is not None
    return made


def test_a_session_gives_its_hedges_its_turns_whatever_is_set_first() -> None:
    session = Session()
    session.hedge = 1
    made = session.settings_for().hedges
    assert made is not None
    assert made.turns is None
    session.limit = "1/s"
    assert made.turns is not None
    assert made.turns.limit == session.limit
    session.limit = None
    assert made.turns is None


def test_a_second_request_takes_its_turn() -> None:
    known = limited("2/s", after=0.25)
    assert known.turns is not None
    known.turns.take(A, 0.0)  # That of the first one.
    hedge = Hedge(known, A)
    assert hedge.due(0.0)
    assert hedge.due(0.25)
    assert [each.code for each in hedge.answered(2, ORIGIN)] == [SENT]
    assert known.turns.take(A, 0.25) == 1.0  # Two have begun within the second.


def test_a_second_request_waits_for_a_turn_and_takes_none_before() -> None:
    known = limited("1/s", after=0.25)
    assert known.turns is not None
    known.turns.take(A, 0.0)
    hedge = Hedge(known, A)
    assert hedge.due(0.0)
    assert not hedge.due(0.25)
    assert hedge.next_at == 1.0
    assert known.turns.take(A, 0.5) == 1.0  # Another request is not held back by it,
    assert not hedge.due(1.0)
    assert hedge.next_at == 2.0  # and goes first.
    assert hedge.due(2.0)
    assert hedge.next_at == inf
    assert [each.code for each in hedge.answered(1, ORIGIN)] == [SENT]


def test_an_answer_that_comes_before_there_is_a_turn() -> None:
    known = limited("1/s", after=0.25, budget=1)
    assert known.turns is not None
    known.turns.take(A, 0.0)
    hedge = Hedge(known, A)
    hedge.due(0.0)
    assert not hedge.due(0.25)
    assert [each.code for each in hedge.answered(1, ORIGIN)] == [LIMIT]
    assert known.left == 1  # Nothing was taken from the budget.


def test_a_budget_that_is_used_up_takes_no_turn() -> None:
    known = limited("5/s", after=0.25, budget=0)
    assert known.turns is not None
    hedge = Hedge(known, A)
    hedge.due(0.0)
    assert not hedge.due(0.25)
    assert [each.code for each in hedge.answered(1, ORIGIN)] == [BUDGET]
    assert known.turns.take(A, 0.25) == 0.25


def test_a_driver_that_names_no_origin_has_no_turn() -> None:
    hedge = Hedge(limited("5/s", after=0.25))
    hedge.due(0.0)
    assert not hedge.due(0.25)
    assert hedge.next_at == inf
    assert [each.code for each in hedge.answered(1, ORIGIN)] == [LIMIT]


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [(True, False, True), (False, True, True), (False, False, False), (True, True, True)],
)
def test_the_last_error_knows_whether_the_request_may_have_been_sent(
    first: bool, second: bool, told: bool
) -> None:
    hedge = Hedge(hedges(after=0.5))
    hedge.due(0.0)
    hedge.due(0.5)
    hedge.lost(ConnectionError("reset", maybe_sent=first))
    last = ConnectionError("refused", maybe_sent=second)
    hedge.lost(last)
    assert hedge.is_over
    assert last.maybe_sent is told


# --- a request that has a hedge of its own ------------------------------------------------------


def hedges_of(call: Call) -> HedgePolicy | None:
    made = call.settings.hedges
    return None if made is None else made.policy


def test_a_call_may_have_a_hedge_of_its_own() -> None:
    session = Session()
    session.limit = "1/s"
    call = session.call(Request("GET", ORIGIN))
    assert hedges_of(call) is None
    call.hedge_by(2)
    assert hedges_of(call) == HedgePolicy(after=2)
    assert call.settings.hedges is not None
    assert call.settings.hedges.turns is not None
    assert session.hedge is None
    session.hedge = 3
    call = session.call(Request("GET", ORIGIN))
    assert hedges_of(call) == HedgePolicy(after=3)
    call.hedge_by(None)
    assert hedges_of(call) is None
    with pytest.raises(InvalidArgument):
        call.hedge_by(True)


def test_a_call_whose_hops_are_calls_of_their_own_leaves_its_hedge_to_them() -> None:
    call = Session().call(Request("GET", ORIGIN), mode=Mode.NESTED)
    call.hedge_by(2)
    assert hedges_of(call) is None


def test_a_method_is_named() -> None:
    assert refused(METHOD, ORIGIN, "POST").reason == "POST may have effects"
