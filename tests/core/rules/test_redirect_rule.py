"""A rule of the caller's own for each redirect: what it sees, and what its answers come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    PRIVATE_NETWORKS,
    Policy,
    RedirectHop,
    RedirectVerdict,
    Request,
    Rewrite,
)
from sojourn_core.commands import Deliver, Discard, Fail
from sojourn_core.values.errors import InvalidURL, MissingSchema, RedirectRefused, TooManyRedirects
from sojourn_core.values.url.url import parse_url
from tests.core.conversation import URL, codes, hop, redirect, respond, session, start, travel

if TYPE_CHECKING:
    from sojourn_core import Call
    from sojourn_core.rules.redirect_rule import RedirectRule

FOLLOW, STOP, REFUSE = RedirectVerdict.FOLLOW, RedirectVerdict.STOP, RedirectVerdict.REFUSE


def ruled(rule: RedirectRule, method: str = "GET", *, redirects: bool = True, **given: Any) -> Call:
    """A call under a rule, which awaits the first answer."""
    owner = session(policy=given.pop("policy", Policy()).replace(on_redirect=rule))
    return start(owner, method, URL, redirects=redirects, **given)


def always(answer: Any) -> RedirectRule:
    return lambda hop: answer


# --- what it sees -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "target", "same_origin", "downgrade"),
    [
        ("http://a.test/x", "http://a.test:80/y", True, False),
        ("http://a.test/x", "http://b.test/", False, False),
        ("http://a.test/x", "https://a.test/", False, False),
        ("https://a.test/x", "http://a.test/", False, True),
        ("https://a.test/x", "https://a.test:443/", True, False),
    ],
)
def test_what_a_hop_says_of_itself(
    url: str, target: str, same_origin: bool, downgrade: bool
) -> None:
    seen = RedirectHop(
        status=302,
        url=parse_url(url),
        target=parse_url(target),
        method="GET",
        method_after="GET",
        hops=0,
    )
    assert (seen.same_origin, seen.downgrade) == (same_origin, downgrade)


def test_a_rule_sees_each_redirect_before_it_is_followed() -> None:
    seen: list[RedirectHop] = []

    def rule(hop: RedirectHop) -> RedirectVerdict:
        seen.append(hop)
        return FOLLOW

    call = ruled(rule, "POST", data=b"content")
    hop(call, redirect(303, "//b.test/y#part"))
    hop(call, redirect(307, "/z"))
    assert seen == [
        RedirectHop(
            status=303,
            url=parse_url(URL),
            target=parse_url("http://b.test/y#part"),
            method="POST",
            method_after="GET",
            hops=0,
        ),
        RedirectHop(
            status=307,
            url=parse_url("http://b.test/y#part"),
            target=parse_url("http://b.test/z"),
            method="GET",
            method_after="GET",
            hops=1,
        ),
    ]


@pytest.mark.parametrize(
    ("location", "settings", "error"),
    [
        ("//b.test/", {"max_redirects": 0}, TooManyRedirects),
        ("http://", {}, InvalidURL),
        ("ftp://a.test/", {}, RedirectRefused),
        ("//127.0.0.1/", {"policy": Policy(refused_networks=PRIVATE_NETWORKS)}, RedirectRefused),
    ],
)
def test_a_rule_is_not_asked_of_what_is_refused_anyway(
    location: str, settings: dict[str, Any], error: type[Exception]
) -> None:
    def rule(hop: RedirectHop) -> RedirectVerdict:
        pytest.fail("it was asked")

    policy = settings.pop("policy", Policy()).replace(on_redirect=rule)
    call = session(policy=policy, **settings).call(Request("GET", URL))
    assert isinstance(travel(call, lambda request: redirect(302, location)).error, error)


# --- what its answers come to -----------------------------------------------------------------


def test_follow() -> None:
    call = ruled(always(FOLLOW))
    assert hop(call, redirect(302, "/y")).url == "http://a.test/y"
    assert codes(call) == ["redirect.followed"]


def test_stop_hands_the_redirect_over() -> None:
    call = ruled(lambda hop: STOP if hop.hops else FOLLOW)
    hop(call, redirect(302, "/y"))
    response = redirect(302, "//b.test/z?secret")
    assert call.answered(response, 0.0) == Deliver(response)
    assert [each.url for each in response.history] == [URL]
    decision = call.decisions[-1]
    assert (decision.code, decision.subject) == ("redirect.rule.stopped", "http://b.test")
    assert decision.reason == "the rule of the policy hands the redirect over"


def test_refuse_fails_the_call() -> None:
    call = session(policy=Policy(on_redirect=always(REFUSE))).call(Request("GET", URL))
    journey = travel(call, lambda request: redirect(302, "//b.test/z?secret"))
    assert isinstance(journey.error, RedirectRefused)
    assert str(journey.error) == (
        "not redirected to http://b.test: the rule of the policy refuses this redirect"
    )
    assert journey.error.response is not None
    assert journey.error.request is call.request
    assert codes(call) == ["redirect.rule.refused"]
    assert journey.commands == ["Send", "Discard", "Fail"]


def test_rewrite_leads_elsewhere() -> None:
    call = ruled(always(Rewrite("https://u:p@c.test/z")), headers={"X-Api-Key": "key"})
    request = hop(call, redirect(302, "/y#part"))
    assert request.url == "https://c.test/z"
    assert "x-api-key" not in request.headers  # It is where it leads now that counts.
    assert codes(call) == [
        "redirect.rule.rewritten",
        "redirect.userinfo.dropped",
        "redirect.followed",
        "field.dropped.cross-origin",
    ]


def test_rewrite_to_ones_own_origin_keeps_what_belongs_there() -> None:
    call = ruled(lambda hop: Rewrite("http://a.test/safe"), headers={"X-Api-Key": "key"})
    request = hop(call, redirect(307, "//evil.test/"))
    assert (request.url, request.headers["X-Api-Key"]) == ("http://a.test/safe", "key")


@pytest.mark.parametrize(
    ("policy", "url", "error", "code"),
    [
        (Policy(), "/relative", MissingSchema, "redirect.refused.location"),
        (Policy(), "http://", InvalidURL, "redirect.refused.location"),
        (Policy(), "ftp://a.test/", RedirectRefused, "redirect.refused.scheme"),
        (Policy(https_only=True), "http://a.test/", RedirectRefused, "policy.refused.clear-text"),
        (
            Policy(same_origin_only=True),
            "https://c.test/",
            RedirectRefused,
            "policy.refused.cross-origin",
        ),
    ],
)
def test_a_rewritten_target_passes_the_same_checks(
    policy: Policy, url: str, error: type[Exception], code: str
) -> None:
    policy = policy.replace(on_redirect=always(Rewrite(url)))
    call = session(policy=policy).call(Request("GET", "https://a.test/"))
    journey = travel(call, lambda request: redirect(302, "/y"))
    assert isinstance(journey.error, error)
    assert journey.decisions[-1].code == code


def raised_by(call: Call) -> BaseException:
    """What a call fails with that was raised by a rule about a redirect, which is let go of."""
    command = call.answered(redirect(302, "/y"), 0.0)
    assert isinstance(command, Discard)
    assert command.limit == 0
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    return command.error


@pytest.mark.parametrize("answer", [None, True, "follow", "http://b.test/"])
def test_what_is_no_answer(answer: Any) -> None:
    error = raised_by(ruled(always(answer)))
    assert isinstance(error, TypeError)
    assert str(error).startswith("on_redirect must answer a RedirectVerdict or a Rewrite")


def test_a_rule_may_raise_what_it_likes() -> None:
    class Mine(Exception):
        pass

    def rule(hop: RedirectHop) -> RedirectVerdict:
        raise Mine

    assert isinstance(raised_by(ruled(rule)), Mine)


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        (FOLLOW, "http://a.test/y"),
        (Rewrite("http://b.test/"), "http://b.test/"),
        (STOP, None),
        (REFUSE, None),
    ],
)
def test_a_rule_says_what_the_next_request_would_be(answer: Any, url: str | None) -> None:
    call = ruled(always(answer), redirects=False)
    response = redirect(302, "/y")
    assert call.answered(response, 0.0) == Deliver(response)
    assert (None if response.next is None else response.next.url) == url


def test_what_is_no_redirect_is_no_matter_for_a_rule() -> None:
    call = ruled(always(REFUSE))
    response = respond(200)
    assert call.answered(response, 0.0) == Deliver(response)
