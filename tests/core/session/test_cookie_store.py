"""Where jars and requests meet: which cookies go where, under each policy that differs."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import CookieJar, Fields, Limits, Policy, PreparedRequest, Request, Session
from sojourn_core.messages.preparation import Derived
from sojourn_core.session.cookie_store import COOKIE_KEEPING, cookie_url
from tests.core.conversation import WALL, codes, hop, redirect, respond, session, start

if TYPE_CHECKING:
    from sojourn_core import Call

A = "http://a.test/x"
B = "http://b.test/y"
SUB = "http://sub.a.test/"


def cookies(call: Call, *answers: Any) -> list[str | None]:
    """The Cookie field of the first request and of those that these redirects lead to."""
    found = [call.request.headers.get("cookie")]
    for answer in answers:
        location, lines = (answer, ()) if isinstance(answer, str) else (answer[0], answer[1:])
        made = redirect(307, location, *(("Set-Cookie", line) for line in lines))
        found.append(hop(call, made).headers.get("cookie"))
    return found


def owning(policy: Policy, **held: str) -> Session:
    """A session with these cookies, which have no domain."""
    owner = session(policy=policy)
    for name, value in held.items():
        owner.cookies.set(name, value)
    return owner


def test_a_session_keeps_its_cookies_by_the_rules_of_its_jar() -> None:
    assert session().keeping is COOKIE_KEEPING


# --- a cookie of the session and one of the request, with one name (Q8) -----------------------

ADDS = Policy(request_cookies_replace=False)


@pytest.mark.parametrize(
    ("policy", "held", "given", "sent"),
    [
        (Policy(), {"domain": "a.test"}, {}, "same=request"),
        (Policy(), {}, {}, "same=request"),
        (ADDS, {"domain": "a.test"}, {}, "same=session; same=request"),
        (ADDS, {"domain": "a.test"}, {"domain": "a.test"}, "same=request"),
        (ADDS, {"path": "/x"}, {}, "same=session; same=request"),
        (ADDS, {}, {}, "same=request"),  # One jar keeps one of them.
    ],
)
def test_two_cookies_of_one_name(
    policy: Policy, held: dict[str, str], given: dict[str, str], sent: str
) -> None:
    owner, own = session(policy=policy), CookieJar()
    owner.cookies.set("same", "session", **held)
    own.set("same", "request", **given)
    call = start(owner, "GET", A, cookies=own)
    assert cookies(call, "/x/y") == [sent, sent]


# --- a field given by hand (Q9) ---------------------------------------------------------------

LOSES = Policy(keeps_cookie_field=False)


@pytest.mark.parametrize(
    ("policy", "answers", "sent"),
    [
        (Policy(), ["/y", "/z"], ["hand=1", "hand=1", "hand=1"]),
        (Policy(), [("/y", "jar=1"), "/z"], ["hand=1", "hand=1; jar=1", "hand=1; jar=1"]),
        (Policy(), [("/y", "hand=2")], ["hand=1", "hand=1"]),
        (Policy(), [B, A], ["hand=1", None, None]),
        (LOSES, ["/y", "/z"], ["hand=1", None, None]),
        (LOSES, [("/y", "jar=1"), "/z"], ["hand=1", "jar=1", "jar=1"]),
        (LOSES, [("/y", "hand=2")], ["hand=1", "hand=2"]),
        (LOSES, [B, A], ["hand=1", None, None]),
    ],
)
def test_a_field_given_by_hand(policy: Policy, answers: list[Any], sent: list[str | None]) -> None:
    call = start(session(policy=policy), "GET", A, headers={"Cookie": "hand=1"})
    assert cookies(call, *answers) == sent


@pytest.mark.parametrize("given", [None, {"own": "1"}])
def test_cookies_given_beside_a_field_are_remembered_and_not_sent(given: Any) -> None:
    owner = owning(LOSES, of_session="1")
    call = start(owner, "GET", A, headers={"Cookie": "hand=1"}, cookies=given)
    later = "of_session=1; own=1" if given else "of_session=1"
    assert cookies(call, "/y") == ["hand=1", later]


# --- cookies without a domain (Q17) -----------------------------------------------------------

TRAVELS = Policy(unscoped_cookies_travel=True)


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        (Policy(), ["free=1; own=2", None, None, "free=1; own=2"]),
        (TRAVELS, ["free=1; own=2"] * 4),
    ],
)
def test_cookies_without_a_domain(policy: Policy, sent: list[str | None]) -> None:
    call = start(owning(policy, free="1"), "GET", A, cookies={"own": "2"})
    assert cookies(call, B, SUB, A) == sent


def test_cookies_with_a_domain_do_not_travel() -> None:
    owner, own = session(policy=TRAVELS), CookieJar()
    owner.cookies.set("held", "1", domain="a.test")
    own.set("own", "2", domain="a.test")
    call = start(owner, "GET", A, cookies=own)
    assert cookies(call, SUB, B, A) == ["held=1; own=2", "held=1; own=2", None, "held=1; own=2"]


# --- whose cookies they are (Q34) -------------------------------------------------------------

BY_HOST = Policy(cookies_by_host_field=True)


@pytest.mark.parametrize(
    ("policy", "url", "host", "found"),
    [
        (Policy(), A, "b.test", A),
        (BY_HOST, A, None, A),
        (BY_HOST, A, "a.test", A),
        (BY_HOST, A, "b.test", "http://b.test/x"),
        (BY_HOST, "https://a.test/x?y", "B.test:8443", "https://b.test:8443/x?y"),
        (BY_HOST, A, "no host", A),
        (BY_HOST, A, "", A),
        (BY_HOST, "mock://a.test/x", "b.test", "mock://a.test/x"),
    ],
)
def test_the_url_whose_cookies_count(
    policy: Policy, url: str, host: str | None, found: str
) -> None:
    headers = {} if host is None else {"Host": host}
    request = Request("GET", url, headers=headers).prepare()
    assert cookie_url(session(policy=policy), request).text == found


@pytest.mark.parametrize(("policy", "domain"), [(Policy(), "a.test"), (BY_HOST, "b.test")])
def test_whose_a_cookie_is_that_a_server_sets(policy: Policy, domain: str) -> None:
    owner = session(policy=policy)
    call = start(owner, "GET", A, headers={"Host": "b.test"})
    call.answered(respond(200, ("Set-Cookie", "a=1")), 0.0)
    assert [cookie.domain for cookie in owner.cookies] == [domain]
    again = owner.prepare_request(Request("GET", A, headers={"Host": "b.test"}))
    assert again.headers["Cookie"] == "a=1"


# --- storing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "has"), [([], False), ([("SET-COOKIE", "")], True), ([("X", "y")], False)]
)
def test_whether_a_response_sets_any(lines: list[tuple[str, str]], has: bool) -> None:
    call = start(session(), "GET", A)
    call.answered(respond(200, *lines), 0.0)
    assert bool(call.decisions) is has


def test_what_became_of_each_cookie() -> None:
    owner = session()
    response = respond(200, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Domain=evil.test"))
    request = Request("GET", A).prepare()
    decisions = COOKIE_KEEPING.store(owner, request, response, WALL, 3)
    assert [decision.hop for decision in decisions] == [3, 3]
    assert owner.cookies.get_dict() == {"a": "1"}


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "sent"),
    [
        (Limits(), "a=1; b=22; c=3; own=1"),
        (Limits(cookies_sent_max=3), "a=1; b=22; own=1"),
        (Limits(cookies_sent_max=1), "own=1"),
        (Limits(cookie_field_size_max=len("a=1; c=3; own=1")), "a=1; c=3; own=1"),
        (Limits(cookie_field_size_max=len("a=1; c=3; own=1") - 1), "a=1; own=1"),
        (Limits(cookie_field_size_max=1), "own=1"),  # What the caller gives is sent all the same.
    ],
)
def test_no_server_can_make_the_field_too_long(limits: Limits, sent: str) -> None:
    owner = Session(limits=limits)
    for name, value in [("a", "1"), ("b", "22"), ("c", "3")]:
        owner.cookies.set(name, value, domain="a.test")
    assert start(owner, "GET", A, cookies={"own": "1"}).request.headers["Cookie"] == sent


def test_a_request_whose_own_cookies_are_for_another_host_sends_none() -> None:
    own = CookieJar()
    own.set("own", "1", domain="b.test")
    call = start(session(), "GET", A, cookies=own)
    assert cookies(call) == [None]
    assert codes(call) == []


# --- made anew for a hop ----------------------------------------------------------------------


def rebuilt(field: str | None, made: str | None, by_hand: str | None) -> PreparedRequest:
    """The next request after one with a Cookie field, of which jars had made that."""
    old, request = Request("GET", A).prepare(), Request("GET", A).prepare()
    for each in (old, request):
        each.headers = Fields([] if field is None else [("Cookie", field)])
        if made is not None:
            each.derive("cookie", Derived(made, "jar", by_hand))
    COOKIE_KEEPING.rebuild(
        owning(Policy(), jar="1"),
        old,
        request,
        redirect(302, "/y"),
        WALL,
        at_home=True,
        same_origin=True,
    )
    return request


@pytest.mark.parametrize(
    ("field", "made", "by_hand", "sent", "kept"),
    [
        (None, None, None, "jar=1", None),
        ("old=1", "old=1", None, "jar=1", None),
        ("hand=1; old=1", "hand=1; old=1", "hand=1", "hand=1; jar=1", "hand=1"),
        ("hand=1", None, None, "hand=1; jar=1", "hand=1"),
        ("other=1", "old=1", "hand=1", "other=1; jar=1", "other=1"),  # A hook has changed it.
        ("jar=0", None, None, "jar=0", "jar=0"),
    ],
)
def test_what_was_given_by_hand_is_told_from_what_jars_made(
    field: str | None, made: str | None, by_hand: str | None, sent: str, kept: str | None
) -> None:
    request = rebuilt(field, made, by_hand)
    assert request.headers.get_all("cookie") == [sent]
    assert request.preparation.derived["cookie"] == Derived(sent, "jar", kept)


# --- cookies of a request that a response sets anew ------------------------------------------

OTHER = "https://a.test/x"


@pytest.mark.parametrize(
    ("given", "answers", "sent"),
    [
        ({"sid": "old"}, [("/y", "sid=new")], ["sid=old", "sid=new"]),
        ({"sid": "old"}, [("/y", "sid=new"), "/z"], ["sid=old", "sid=new", "sid=new"]),
        ({"sid": "old", "b": "1"}, [("/y", "sid=new")], ["sid=old; b=1", "sid=new; b=1"]),
        ({"sid": "old"}, [("/y", "sid=; Max-Age=0")], ["sid=old", None]),
        ({"sid": "old"}, [("/y", "sid=1"), ("/z", "sid=2")], ["sid=old", "sid=1", "sid=2"]),
        # The newer takes its place for the rest of the call, wherever it goes itself.
        ({"sid": "old"}, [(B, "sid=new"), A], ["sid=old", None, "sid=new"]),
        ({"sid": "old"}, [("/y", "sid=new; Path=/no")], ["sid=old", None]),
        # What the jar does not take replaces nothing.
        ({"sid": "old"}, [("/y", "sid=new; Domain=b.test")], ["sid=old", "sid=old"]),
        ({"sid": "old"}, [("/y", "sid=new; Secure")], ["sid=old", "sid=old"]),
        ({"sid": "old"}, [("/y", "sid=\x01")], ["sid=old", "sid=old"]),
        ({"sid": "old"}, [("/y", "SID=new")], ["sid=old", "SID=new; sid=old"]),
        # Nor what another host sets.
        ({"sid": "old"}, [B, (A, "sid=other")], ["sid=old", None, "sid=old"]),
    ],
)
def test_a_cookie_of_a_request_gives_way_to_a_newer_one(
    given: dict[str, str], answers: list[Any], sent: list[str | None]
) -> None:
    owner = session()
    call = start(owner, "GET", A, cookies=given)
    own = call.request.cookies
    assert cookies(call, *answers) == sent
    assert own is not None
    assert own.get_dict() == given  # The caller's request can be sent again.


@pytest.mark.parametrize("host_only", [True, False])
def test_a_cookie_of_a_request_with_a_domain_gives_way_to_that_of_the_domain(
    host_only: bool,
) -> None:
    own = CookieJar()
    own.set("sid", "old", domain="a.test", host_only=host_only)
    call = start(session(), "GET", A, cookies=own)
    assert cookies(call, ("/y", "sid=new"), SUB) == [
        "sid=old",
        "sid=new",
        None,
    ]


def test_a_policy_that_sends_both_goes_on_doing_so() -> None:
    call = start(session(policy=ADDS), "GET", A, cookies={"sid": "old"})
    assert cookies(call, ("/y", "sid=new")) == ["sid=old", "sid=new; sid=old"]


# --- a name whose value is None --------------------------------------------------------------


@pytest.mark.parametrize("policy", [Policy(), ADDS])
@pytest.mark.parametrize("given", [{"a": None, "c": "3"}, [("a", None), ("c", "3")]])
def test_none_leaves_a_cookie_of_the_session_out(policy: Policy, given: Any) -> None:
    owner = owning(policy, a="1", b="2")
    owner.cookies.set("a", "5", domain="b.test")
    owner.cookies.set("b", "6", domain="b.test")
    call = start(owner, "GET", A, cookies=given)
    assert cookies(call, "/y", B, A) == ["b=2; c=3", "b=2; c=3", "b=6", "b=2; c=3"]
    assert owner.cookies.get("a", domain="b.test") == "5"
    call = start(owner, "GET", A)
    assert cookies(call) == ["a=1; b=2"]


def test_none_alone_leaves_nothing_to_be_sent() -> None:
    owner = owning(Policy(), a="1")
    assert cookies(start(owner, "GET", A, cookies={"a": None})) == [None]
    prepared = PreparedRequest()
    prepared.prepare("GET", A, cookies={"a": None})
    assert "cookie" not in prepared.headers


def test_a_simple_cookie_is_taken_for_a_request() -> None:
    given = SimpleCookie("a=1; b=2")
    given["b"]["path"] = "/no"
    assert cookies(start(session(), "GET", A, cookies=given)) == ["a=1"]


# --- secure connections ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "url", "sent"),
    [
        (Policy(), "http://localhost/", "a=1; __Host-b=1"),
        (Policy(), "http://127.8.9.1:8080/", "a=1; __Host-b=1"),
        (Policy(), "http://[::1]/", "a=1; __Host-b=1"),
        (Policy(), "http://a.test/", None),
        (Policy(), "http://x.localhost/", None),
        (Policy(), "https://a.test/", "a=1; __Host-b=1"),
        (Policy.browser(), "http://localhost/", "a=1; __Host-b=1"),
        (Policy.curl(), "http://localhost/", "a=1; __Host-b=1"),
        (Policy.requests(), "http://localhost/", None),
        (Policy(localhost_is_secure=False), "http://localhost/", None),
    ],
)
def test_localhost_counts_as_secure_where_the_policy_says_so(
    policy: Policy, url: str, sent: str | None
) -> None:
    call = start(session(policy=policy), "GET", url)
    lines = ["a=1; Secure", "__Host-b=1; Secure; Path=/"]
    assert cookies(call, ("/y", *lines), "/z") == [None, sent, sent]
