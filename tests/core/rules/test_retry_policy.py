"""Which requests are sent again, and after how long: tables, and what holds for all of them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import TRANSIENT_STATUSES, Attempt, Fields, Response, ResponseHead, RetryPolicy
from sojourn_core.rules.retry_policy import Again, Enough, Retries, retries_from, seconds_asked
from sojourn_core.values import errors

PLAIN = RetryPolicy(jitter=0.0)
WALL = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110.
UNSENT: dict[str, Any] = {"maybe_sent": False}
FORBIDDEN = Response(ResponseHead(403, Fields()))
REFUSAL = errors.ProxyError("the password is wrong", **UNSENT)
REFUSAL.refused = True
UNTRUSTED = errors.ProxyError("nobody vouches for the proxy", **UNSENT)
UNTRUSTED.__cause__ = errors.SSLError()
UNMADE = errors.ConnectTimeout(**UNSENT)


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        # Nothing was sent: whatever the method.
        (Attempt("GET", error=errors.ConnectionError(**UNSENT)), "retry.connection"),
        (Attempt("POST", error=errors.ConnectionError(**UNSENT)), "retry.connection"),
        (Attempt("GET", error=UNMADE), "retry.connection"),
        (Attempt("GET", error=errors.NameResolutionError(**UNSENT)), "retry.connection"),
        (Attempt("GET", error=errors.ProxyError(**UNSENT)), "retry.connection"),
        # It may have been.
        (Attempt("GET", error=errors.ConnectionError()), "retry.lost"),
        (Attempt("PUT", error=errors.ReadTimeout()), "retry.lost"),
        (Attempt("PUT", error=errors.WriteTimeout()), "retry.lost"),
        (Attempt("POST", error=errors.ConnectionError()), "retry.refused.method"),
        (Attempt("PATCH", error=errors.ReadTimeout()), "retry.refused.method"),
        # It would come again.
        (Attempt("GET", error=errors.SSLError(**UNSENT)), None),
        (Attempt("GET", error=errors.AddressRefused(**UNSENT)), None),
        (Attempt("GET", error=errors.RemoteProtocolError()), None),
        (Attempt("GET", error=errors.InvalidURL(**UNSENT)), None),
        (Attempt("GET", error=errors.PolicyRefused(**UNSENT)), None),
        (
            Attempt(
                "GET",
                error=errors.ProxyError(response=Response(ResponseHead(403, Fields())), **UNSENT),
            ),
            None,
        ),
        (Attempt("GET", error=REFUSAL), None),
        (Attempt("GET", error=UNTRUSTED), None),
        # There is no time for it.
        (Attempt("GET", error=errors.DeadlineExceeded(**UNSENT)), None),
        (Attempt("GET", error=errors.PoolTimeout(**UNSENT)), None),
        # Statuses are named.
        (Attempt("GET", status=503), "retry.status"),
        (Attempt("GET", status=500), None),
        (Attempt("GET", status=200), None),
        (Attempt("POST", status=503), "retry.refused.method"),
        # What there is too much, or too little, of.
        (Attempt("GET", 3, status=503), "retry.refused.count"),
        (Attempt("GET", 2, status=503), "retry.status"),
        (Attempt("PUT", replayable=False, status=503), "retry.refused.content"),
        (Attempt("GET", status=503, retry_after="61"), "retry.refused.retry-after"),
        (Attempt("GET", status=503, retry_after="60"), "retry.status"),
    ],
)
def test_what_is_tried_again(attempt: Attempt, code: str | None) -> None:
    verdict = PLAIN.replace(statuses={503}).decide(attempt, 0.0)
    assert (None if verdict is None else verdict.code) == code
    assert isinstance(verdict, Enough) == (code is not None and "refused" in code)


@pytest.mark.parametrize(
    ("changes", "attempt", "code"),
    [
        ({"retries_max": 0}, Attempt("GET", status=503), None),
        (
            {"failed_connections": False},
            Attempt("GET", error=errors.ConnectTimeout(**UNSENT)),
            None,
        ),
        ({"lost_responses": False}, Attempt("GET", error=errors.ReadTimeout()), None),
        ({"methods": None}, Attempt("POST", status=503), "retry.status"),
        ({"methods": {"POST"}}, Attempt("POST", error=errors.ReadTimeout()), "retry.lost"),
        ({"methods": {"POST"}}, Attempt("GET", status=503), "retry.refused.method"),
        ({"statuses": TRANSIENT_STATUSES}, Attempt("GET", status=429), "retry.status"),
    ],
)
def test_what_a_policy_says_otherwise(
    changes: dict[str, Any], attempt: Attempt, code: str | None
) -> None:
    verdict = PLAIN.replace(**{"statuses": {503}, **changes}).decide(attempt, 0.0)
    assert (None if verdict is None else verdict.code) == code


@pytest.mark.parametrize(
    ("policy", "random", "seconds"),
    [
        (RetryPolicy(retries_max=5, jitter=0.0), 0.9, [0.5, 1.0, 2.0, 4.0, 8.0]),
        (RetryPolicy(retries_max=4, jitter=0.0, backoff_max=1.5), 0.0, [0.5, 1.0, 1.5, 1.5]),
        (RetryPolicy(retries_max=3, backoff=2.0, jitter=0.5), 0.5, [1.5, 3.0, 6.0]),
        (RetryPolicy(retries_max=3, backoff=2.0, jitter=1.0), 0.75, [0.5, 1.0, 2.0]),
        (RetryPolicy(retries_max=2, backoff=0.0), 0.5, [0.0, 0.0]),
    ],
)
def test_the_back_off(policy: RetryPolicy, random: float, seconds: list[float]) -> None:
    lost = errors.ReadTimeout()
    verdicts = [policy.decide(Attempt("GET", made, error=lost), random) for made in range(20)]
    assert [each.seconds for each in verdicts if isinstance(each, Again)] == seconds


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        ("3", 3.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("9" * 400, float("9" * 12)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 10.0),
        ("Sun Nov  6 08:49:47 1994", 10.0),
        ("Sun, 06 Nov 1994 08:49:27 GMT", 0.0),
        ("soon", 0.0),
        ("-3", 0.0),
        ("1.5", 0.0),
        ("", 0.0),
        ("\N{ARABIC-INDIC DIGIT THREE}", 0.0),
    ],
)
def test_retry_after(field: str, seconds: float) -> None:
    """RFC 9110 section 10.2.3: seconds, or a date in any of its three forms (section 5.6.7)."""
    assert seconds_asked(field, WALL) == seconds


@pytest.mark.parametrize(
    ("changes", "field", "seconds"),
    [
        ({}, "3", 3.0),
        ({}, "0", 0.5),  # The back-off is longer.
        ({}, None, 0.5),
        ({"heeds_retry_after": False}, "3", 0.5),
        ({"retry_after_max": 2.0}, "3", None),
        ({}, "Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ({}, "Mon, 07 Nov 1994 08:49:47 GMT", None),
    ],
)
def test_retry_after_and_the_back_off(
    changes: dict[str, Any], field: str | None, seconds: float | None
) -> None:
    policy = PLAIN.replace(statuses={429}, **changes)
    verdict = policy.decide(Attempt("GET", status=429, retry_after=field, wall=WALL), 0.0)
    assert (verdict.seconds if isinstance(verdict, Again) else None) == seconds


@given(
    retries_max=st.integers(0, 100),
    backoff=st.floats(0.0, 1e6),
    most=st.floats(0.0, 1e6),
    jitter=st.floats(0.0, 1.0),
    random=st.floats(0.0, 1.0, exclude_max=True),
    made=st.integers(0, 10_000),
    asked=st.integers(0, 10**15) | st.text(max_size=20),
)
def test_the_wait_is_within_its_bounds(
    retries_max: int,
    backoff: float,
    most: float,
    jitter: float,
    random: float,
    made: int,
    asked: int | str,
) -> None:
    policy = RetryPolicy(
        retries_max=retries_max,
        statuses={503},
        backoff=backoff,
        backoff_max=most,
        jitter=jitter,
    )
    verdict = policy.decide(Attempt("GET", made, status=503, retry_after=str(asked)), random)
    if isinstance(verdict, Again):
        assert made < retries_max
        assert 0.0 <= verdict.seconds <= max(most, policy.retry_after_max)
        whole = min(backoff * 2.0 ** min(made, 64), most)
        assert verdict.seconds >= whole * (1.0 - jitter) - 1e-9 * whole
    waited = policy.backoff_before(made + 1, random)
    assert 0.0 <= waited <= most


@pytest.mark.parametrize(
    "fields",
    [
        {"retries_max": -1},
        {"backoff": -0.1},
        {"backoff_max": -1.0},
        {"retry_after_max": -1.0},
        {"budget": -1},
        {"jitter": 1.1},
        {"jitter": -0.1},
    ],
)
def test_numbers_out_of_range(fields: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidArgument):
        RetryPolicy(**fields)


def test_a_policy_is_a_value() -> None:
    policy = RetryPolicy(retries_max=2, statuses=frozenset({503}))
    assert policy == RetryPolicy(retries_max=2, statuses=frozenset({503}))
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_what_retries_may_be() -> None:
    class Own:
        """A rule of the user's."""

        def decide(self, attempt: Attempt, random: float) -> None:
            """Nothing is tried again."""

    own, three = retries_from(Own()), retries_from(3)
    assert own is not None
    assert isinstance(own.rule, Own)
    assert own.left is None
    assert three is not None
    assert three.rule == RetryPolicy(retries_max=3)
    assert retries_from(0) is retries_from(None) is None
    for wrong in (True, -1, 1.5, "3", [3]):
        with pytest.raises(errors.InvalidArgument, match="retries must be"):
            retries_from(wrong)


def test_a_budget_is_used_up_and_comes_back() -> None:
    retries = Retries(RetryPolicy(budget=2))
    assert [retries.take() for _ in range(3)] == [True, True, False]
    for _ in range(11):
        retries.give_back()
    assert [retries.take() for _ in range(2)] == [True, False]
    for _ in range(100):
        retries.give_back()
    assert retries.left == 2


def test_without_a_budget_nothing_is_counted() -> None:
    retries = Retries(RetryPolicy(budget=None))
    assert all(retries.take() for _ in range(1000))
    retries.give_back()
    assert retries.left is None
