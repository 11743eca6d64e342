"""Attributes of a session and arguments of a request: what they take, and what None stands for."""

from __future__ import annotations

import pickle
from typing import Any, Final, cast

import pytest

from sojourn_core import CookieJar, Fields, Limits, Policy, Request, Session, Timeouts
from sojourn_core.commands import Send
from sojourn_core.values.errors import InvalidArgument, RequestException
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS
from tests.core.conversation import URL, redirect, session, start


def first(response: Any) -> None: ...


# --- None, and what cannot be taken ------------------------------------------------------------

JAR: Final = "a jar, a mapping, or pairs of names and values"

MADE: Final = {
    "headers": Fields(),
    "auth": None,
    "proxies": {},
    "hooks": {"response": []},
    "params": {},
    "stream": None,
    "verify": None,
    "cert": None,
    "max_redirects": 30,
    "trust_env": None,
    "adapters": {},
    "policy": Policy(),
    "limits": Limits(),
    "timeouts": DEFAULT_TIMEOUTS,
    "retries": None,
    "limit": None,
    "hedge": None,
}


def test_every_attribute_has_a_meaning_for_none() -> None:
    assert {*MADE, "cookies"} == {*Session.__attrs__}


@pytest.mark.parametrize("name", Session.__attrs__)
def test_none_leaves_nothing_set(name: str) -> None:
    owner = session()
    owner.mount("http://", "transport")
    setattr(owner, name, None)
    if name == "cookies":
        assert isinstance(owner.cookies, CookieJar)
        assert (len(owner.cookies), owner.cookies.guard) == (0, owner.guard)
    else:
        assert getattr(owner, name) == MADE[name]
    call = start(owner, "GET", URL, hooks={"response": first}, cookies={"a": "1"})
    call.answered(redirect(302, "/y", ("Set-Cookie", "b=2")), 1.0)
    assert call.hooked(None, 1.0)
    assert isinstance(call.discarded(1.0), Send)
    copied = pickle.loads(pickle.dumps(owner))
    assert name == "cookies" or getattr(copied, name) == getattr(owner, name)


def test_a_policy_with_timeouts_has_them_again() -> None:
    owner = Session(policy=Policy(timeouts=Timeouts(read=7)), timeout=3)
    owner.timeouts = cast("Any", None)
    assert owner.timeouts.read == 7


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("headers", 3, "a mapping, or pairs of names and values, not int"),
        ("headers", "a: secret", "a mapping, or pairs of names and values, not str"),
        ("proxies", "http://secret", "a mapping of proxy URLs by scheme, not str"),
        ("hooks", first, 'a mapping such as {"response": function}, not function'),
        ("hooks", {"response": 3}, 'a mapping such as {"response": function}, not dict'),
        ("params", 3, "a mapping, pairs, or text, not int"),
        ("max_redirects", "5", "a whole number, not str"),
        ("cookies", "a=secret", "a CookieJar, or a jar of http.cookiejar, not str"),
        ("cookies", {"a": "1"}, "a CookieJar, or a jar of http.cookiejar, not dict"),
        ("adapters", ["http://"], "a mapping of transports by URL prefix, not list"),
        ("policy", "requests", "a Policy, not str"),
        ("limits", 3, "Limits, not int"),
        ("timeouts", 3, "Timeouts, not int"),
    ],
)
def test_what_an_attribute_does_not_take(name: str, value: Any, taken: str) -> None:
    owner = Session()
    before = getattr(owner, name)
    with pytest.raises(InvalidArgument) as caught:
        setattr(owner, name, value)
    assert str(caught.value) == f"session.{name} must be {taken}"
    assert not caught.value.maybe_sent
    assert getattr(owner, name) is before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"headers": 3}, "headers must be a mapping, or pairs of names and values, not int"),
        ({"headers": "a: b"}, "headers must be a mapping, or pairs of names and values, not str"),
        (
            {"headers": [("a",)]},
            "headers must be a mapping, or pairs of names and values, and an item is none",
        ),
        (
            {"cookies": "a=1"},
            "cookies must be a jar, a mapping, or pairs of names and values, not str",
        ),
        ({"cookies": 3}, "cookies must be a jar, a mapping, or pairs of names and values, not int"),
        (
            {"cookies": [1]},
            "cookies must be a jar, a mapping, or pairs of names and values, and an item is none",
        ),
        ({"params": 3}, "params must be a mapping, pairs, str or bytes, not int"),
        ({"params": [3]}, "an item of the params is a int, no pair"),
        ({"auth": 3}, "auth must be (user, password) or a callable, not int"),
    ],
)
def test_what_a_request_does_not_take(given: dict[str, Any], said: str) -> None:
    request = Request("GET", URL, **given)
    with pytest.raises(InvalidArgument) as caught:
        Session().prepare_request(request)
    assert (str(caught.value), caught.value.request) == (said, request)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, RequestException)
    if "auth" not in given:
        with pytest.raises(InvalidArgument):
            request.prepare()


def test_hooks_are_a_mapping() -> None:
    with pytest.raises(InvalidArgument, match=r"^hooks must be a mapping"):
        Request("GET", URL, hooks=first)


def test_a_field_of_the_session_that_is_no_pair() -> None:
    owner = Session()
    owner.headers = [1]
    with pytest.raises(InvalidArgument, match=r"^session\.headers must be .*, and an item is none"):
        owner.prepare_request(Request("GET", URL))
