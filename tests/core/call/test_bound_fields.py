"""Fields that a policy binds to origins, and hosts that it allows, over whole calls."""

from __future__ import annotations

import pickle

import pytest

from sojourn_core import Answered, Policy, Request, Session, decide_redirect
from sojourn_core.values.errors import PolicyRefused, RedirectRefused
from tests.core.conversation import redirect, respond, travel

API, WWW, ELSE = "https://api.corp.test", "https://www.corp.test", "https://else.test"
POLICY = Policy(field_origins={"X-Api-Key": {API}})
KEY = {"X-Api-Key": "k", "Accept": "text/html"}


def keys(*places: str, policy: Policy = POLICY) -> list[list[str]]:
    """The keys that go out with each request of a chain through these places."""
    session = Session(policy=policy)
    left = [redirect(307, place) for place in places[1:]]
    request = Request("GET", places[0], headers=KEY)
    journey = travel(session.call(request), lambda _: left.pop(0) if left else respond(200))
    assert journey.error is None
    return [sent.values("x-api-key") for sent in journey.sent]


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ((API,), [["k"]]),
        ((WWW,), [[]]),
        ((WWW, API), [[], ["k"]]),
        ((API, WWW, API), [["k"], [], ["k"]]),
        ((API, ELSE, WWW, API), [["k"], [], [], ["k"]]),
        ((API, API + ":8443/", "http://api.corp.test"), [["k"], [], []]),
    ],
)
def test_a_field_goes_to_its_origins_and_nowhere_else(
    places: tuple[str, ...], found: list[list[str]]
) -> None:
    assert keys(*places) == found
    assert keys(*places, policy=POLICY.replace(cross_origin_fields=None)) == found


def test_each_change_is_a_decision_and_the_request_of_the_caller_stays() -> None:
    session = Session(policy=POLICY)
    prepared = session.prepare_request(Request("GET", WWW, headers=KEY))
    left = [redirect(302, API), redirect(302, ELSE)]
    journey = travel(session.call(prepared), lambda _: left.pop(0) if left else respond(200))
    told = [(d.code, d.subject, d.hop) for d in journey.decisions if d.code.startswith("field.")]
    assert told == [
        ("field.dropped.origin", "X-Api-Key", 0),
        ("field.returned.origin", "X-Api-Key", 1),
        ("field.dropped.origin", "X-Api-Key", 2),
    ]
    assert prepared.headers["x-api-key"] == "k"


def test_the_plan_of_a_redirect_names_a_bound_field() -> None:
    sent = [("X-Api-Key", "k")]
    for place, dropped in ((ELSE, {"x-api-key"}), (WWW, {"x-api-key"}), (API, set())):
        answered = Answered.of("GET", WWW, 302, sent=sent, received={"Location": place})
        assert set(decide_redirect(answered, POLICY).dropped) == dropped


def test_only_hosts_that_are_allowed_are_asked() -> None:
    session = Session(policy=Policy(allowed_hosts=frozenset({".Corp.test", "corp.test"})))
    for url in ("https://else.test", "https://xcorp.test", "https://corp.test.else.test"):
        refused = travel(session.call(Request("GET", url)), lambda _: respond(200))
        assert isinstance(refused.error, PolicyRefused)
        assert refused.sent == []
        led = travel(session.call(Request("GET", WWW)), lambda _, url=url: redirect(302, url))
        assert isinstance(led.error, RedirectRefused)
        assert "policy.refused.host" in [decision.code for decision in led.decisions]
    for url in ("https://corp.test", "http://a.b.corp.test:8080"):
        assert travel(session.call(Request("GET", url)), lambda _: respond(200)).error is None
    nowhere = Session(policy=Policy(allowed_hosts=frozenset()))
    assert travel(nowhere.call(Request("GET", WWW)), lambda _: respond(200)).sent == []


@pytest.mark.parametrize(
    "given",
    [
        {"field_origins": {"Authorization": {API}}},
        {"field_origins": {"x-api-key": API}},
        {"field_origins": {"x-api-key": {"nowhere"}}},
        {"allowed_hosts": "corp.test"},
        {"allowed_hosts": {""}},
    ],
)
def test_what_binds_nothing_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Policy(**given)


def test_a_policy_with_bindings_travels() -> None:
    assert pickle.loads(pickle.dumps(POLICY)) == POLICY
    assert Policy(field_origins={"x-api-key": [API + "/"]}) == POLICY
