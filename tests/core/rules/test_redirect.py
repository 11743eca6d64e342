from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import (
    DELIVER,
    Answered,
    Fields,
    Follow,
    Ignore,
    Policy,
    Refuse,
    decide_redirect,
)
from sojourn_core.rules.redirect import redirect_target, resolve_target
from sojourn_core.rules.redirect_fields import SECTIONS, strips_authorization
from sojourn_core.values.errors import InvalidURL, RedirectRefused, TooManyRedirects
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.status import REDIRECT_STATUSES
from sojourn_core.values.url.url import parse_url

BASE = "http://a.test/dir/page?q=1#asked"


def decide(
    status: int = 302,
    *locations: str,
    method: str = "GET",
    url: str = BASE,
    lines: Any = (),
    content: bool = False,
    hops: int = 0,
    policy: Policy | None = None,
    **more: Any,
) -> Any:
    answered = Answered.of(
        method,
        url,
        status,
        sent=lines,
        received=[("Location", location) for location in locations],
        has_content=content,
        hops=hops,
        hops_max=more.pop("hops_max", 30),
    )
    if "next_method" in more:
        more["method"] = more.pop("next_method")
    return decide_redirect(answered, Policy() if policy is None else policy, **more)


def followed(*arguments: Any, **named: Any) -> Follow:
    verdict = decide(*arguments, **named)
    assert isinstance(verdict, Follow)
    return verdict


def refused(*arguments: Any, **named: Any) -> Refuse:
    verdict = decide(*arguments, **named)
    assert isinstance(verdict, Refuse)
    return verdict


def codes(verdict: Follow | Ignore | Refuse) -> list[str]:
    return [decision.code for decision in verdict.decisions]


# Whether it redirects: RFC 9110 section 15.4.


@pytest.mark.parametrize("status", [200, 201, 204, 300, 304, 305, 306, 309, 400, 503])
def test_other_statuses_do_not_redirect(status: int) -> None:
    assert decide(status, "/x") is DELIVER
    assert redirect_target(status, Fields([("Location", "/x")])) is None


@pytest.mark.parametrize("status", sorted(REDIRECT_STATUSES))
def test_a_redirect_takes_a_location(status: int) -> None:
    assert followed(status, "/x").url.text == "http://a.test/x#asked"
    assert redirect_target(status, Fields([("location", "/x")])) == "/x"
    for nowhere in ((), ("",)):
        assert decide(status, *nowhere) is DELIVER


def test_a_response_that_redirects_nowhere_needs_no_reason() -> None:
    assert Ignore() == DELIVER
    assert DELIVER.decisions == ()


def test_the_facts_are_built_from_text_or_given_as_they_are() -> None:
    url = parse_url(BASE)
    home = parse_url("https://home.test").origin
    by_hand = Answered.of(
        "PUT",
        BASE,
        307,
        sent={"X-A": "1"},
        received={"Location": "/x"},
        has_content=True,
        hops=2,
        hops_max=None,
        home=home,
    )
    assert by_hand == Answered(
        method="PUT",
        url=url,
        lines=(("X-A", "1"),),
        has_content=True,
        status=307,
        fields=Fields({"Location": "/x"}),
        hops=2,
        hops_max=None,
        home=home,
    )
    assert Answered.of("GET", url, 200).url is url
    with pytest.raises(InvalidURL):
        Answered.of("GET", "http://a.test:0/", 302)


# Where it leads: RFC 9110 section 10.2.2.


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/next", "http://a.test/next#asked"),
        ("/next#own", "http://a.test/next#own"),
        ("/next#", "http://a.test/next#"),
        ("//b.test/x", "http://b.test/x#asked"),
    ],
)
def test_the_fragment_is_inherited_unless_there_is_one(location: str, url: str) -> None:
    verdict = followed(302, location)
    assert verdict.url.text == url
    assert ("redirect.fragment.inherited" in codes(verdict)) is url.endswith("#asked")


def test_a_url_without_fragment_has_none_to_give() -> None:
    verdict = followed(302, "/next", url="http://a.test/")
    assert verdict.url.text == "http://a.test/next"
    assert codes(verdict) == ["redirect.followed"]


def test_the_user_info_of_the_request_does_not_go_along() -> None:
    assert followed(302, "/x", url="http://user:secret@a.test/").url.text == "http://a.test/x"


@pytest.mark.parametrize(
    ("locations", "repeated"), [(("/one", "/two"), True), (("/one", "/one"), False)]
)
def test_the_first_of_several_targets_counts(locations: tuple[str, ...], repeated: bool) -> None:
    verdict = followed(302, *locations)
    assert verdict.url.path == "/one"
    assert ("redirect.location.repeated" in codes(verdict)) is repeated


@pytest.mark.parametrize(
    ("location", "error", "code"),
    [
        ("ftp://a.test/x", RedirectRefused, "redirect.refused.scheme"),
        ("javascript:alert(1)", RedirectRefused, "redirect.refused.scheme"),
        ("http:///x", InvalidURL, "redirect.refused.location"),
        ("http://a.test:99999/", InvalidURL, "redirect.refused.location"),
        ("/" + "x" * DEFAULT_LIMITS.location_size_max, InvalidURL, "redirect.refused.location"),
    ],
)
def test_a_location_that_leads_nowhere(location: str, error: type[Exception], code: str) -> None:
    verdict = refused(302, location)
    assert type(verdict.error) is error
    assert codes(verdict) == [code]


def test_the_longest_location() -> None:
    limits = DEFAULT_LIMITS.replace(location_size_max=5)
    assert followed(302, "/1234", limits=limits).url.path == "/1234"
    verdict = refused(302, "/12345", limits=limits)
    assert str(verdict.error) == "the Location is longer than 5 bytes"


def test_a_target_is_resolved_whatever_its_scheme() -> None:
    base = parse_url(BASE)
    for location, url in [
        ("?r", "http://a.test/dir/page?r"),
        (" ftp://f.test/x ", "ftp://f.test/x"),
    ]:
        found = resolve_target(base, location, Policy())
        assert not isinstance(found, Refuse)
        assert found.text == url
    assert isinstance(resolve_target(base, "http:///x", Policy()), Refuse)


def test_there_is_a_limit_of_redirects_unless_it_is_none() -> None:
    assert isinstance(decide(302, "/x", hops=10**6, hops_max=None), Follow)


@pytest.mark.parametrize(("hops", "most", "follows"), [(0, 1, True), (1, 1, False), (0, 0, False)])
def test_there_are_only_so_many_redirects(hops: int, most: int, follows: bool) -> None:
    verdict = decide(302, "/x", hops=hops, hops_max=most)
    assert isinstance(verdict, Follow) is follows
    if not follows:
        assert isinstance(verdict.error, TooManyRedirects)
        assert str(verdict.error) == f"Exceeded {most} redirects."
        assert codes(verdict) == ["redirect.refused.too-many"]


def test_a_subclass_may_say_where_it_leads() -> None:
    verdict = followed(302, "/theirs", target="/ours")
    assert verdict.url.path == "/ours"
    assert codes(verdict)[0] == "redirect.target.overridden"
    assert "redirect.target.overridden" not in codes(followed(302, "/x", target="/x"))


@pytest.mark.parametrize("status", [302, 200])
def test_a_subclass_may_say_that_it_leads_nowhere(status: int) -> None:
    verdict = decide(status, "/theirs", target="")
    assert isinstance(verdict, Ignore)
    assert codes(verdict) == (["redirect.target.overridden"] if status == 302 else [])
    assert decide(302, target="") is DELIVER


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_subclass_may_follow_another_status(method: str) -> None:
    verdict = followed(300, method=method, target="/x", content=method == "POST")
    assert verdict.method == method
    assert {decision.section for decision in verdict.decisions} == {"", "RFC 9110 10.2.2"}


def test_a_decision_shows_no_query_and_no_user_info() -> None:
    verdict = followed(302, "http://u:secret@b.test/p?secret#secret", url="http://a.test/?secret")
    *_, decision = verdict.decisions
    assert (decision.before, decision.after) == ("http://a.test/?…", "http://b.test/p?…")
    assert decision.subject == "http://b.test"
    assert "secret" not in repr(verdict.decisions)


def test_the_user_info_of_a_location_is_left_out() -> None:
    verdict = followed(302, "http://user:password@b.test/p", url="http://a.test/")
    assert verdict.url.text == "http://b.test/p"
    assert [decision.code for decision in verdict.decisions] == [
        "redirect.userinfo.dropped",
        "redirect.followed",
    ]


# By which method, and with what.

CONTENT_LINES = [("Content-Type", "text/plain"), ("CONTENT-LENGTH", "3"), ("Digest", "x")]


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "POST", "GET"),
        (301, "PUT", "PUT"),
        (302, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (303, "DELETE", "GET"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
    ],
)
def test_content_goes_with_its_method(status: int, method: str, expected: str) -> None:
    verdict = followed(status, "/x", method=method, content=True, lines=CONTENT_LINES)
    assert verdict.method == expected
    changed = expected != method
    assert verdict.keeps_content is not changed
    assert verdict.dropped == ({"content-type", "content-length", "digest"} if changed else set())
    found = codes(verdict)
    assert ("redirect.method.rewritten" in found) is changed
    assert ("redirect.content.dropped" in found) is changed
    assert ("redirect.content.kept" in found) is not changed
    assert found.count("field.dropped.content") == len(verdict.dropped)


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD"])
@pytest.mark.parametrize("status", sorted(REDIRECT_STATUSES))
def test_a_method_that_changes_says_why(status: int, method: str) -> None:
    verdict = followed(status, "/x", method=method)
    said = [d for d in verdict.decisions if d.code == "redirect.method.rewritten"]
    assert bool(said) is (verdict.method != method)
    for each in said:
        assert (each.before, each.after, each.section) == (method, "GET", SECTIONS[status])
        assert each.reason == f"status {status} turns {method} into GET"


def test_without_content_there_is_nothing_to_say_of_it() -> None:
    verdict = followed(303, "/x", method="POST", lines=[("Content-Length", "0")])
    assert not verdict.keeps_content
    assert codes(verdict) == [
        "redirect.fragment.inherited",
        "redirect.followed",
        "redirect.method.rewritten",
        "field.dropped.content",
    ]


# Which fields.

LINES = [
    ("Accept", "*/*"),
    ("Host", "other.test"),
    ("Cookie", "a=1"),
    ("X-Api-Key", "secret"),
    ("x-api-key", "again"),
    ("Authorization", "secret"),
    ("Content-Type", "text/plain"),
]
ELSEWHERE = {"host", "cookie", "x-api-key", "authorization"}


@pytest.mark.parametrize(
    ("location", "content", "dropped"),
    [
        ("/x", False, set()),
        ("http://a.test:80/x", False, set()),
        ("http://b.test/x", False, {*ELSEWHERE, "content-type"}),
        ("http://b.test/x", True, ELSEWHERE),
        ("http://a.test:81/x", True, ELSEWHERE),
        ("https://a.test/x", True, {"host", "cookie", "x-api-key"}),
    ],
)
def test_fields_stay_with_the_origin(location: str, content: bool, dropped: set[str]) -> None:
    verdict = followed(307, location, method="POST", content=content, lines=LINES)
    assert verdict.dropped == dropped
    assert verdict.same_origin is not bool(dropped)
    subjects = {d.subject for d in verdict.decisions if "dropped." in d.code}
    assert "X-Api-Key" in subjects or not dropped
    assert "secret" not in repr(verdict.decisions)


@pytest.mark.parametrize("location", ["/x", "http://b.test/x"])
def test_credentials_of_a_proxy_go_nowhere(location: str) -> None:
    verdict = followed(302, location, lines=[("Proxy-Authorization", "secret")])
    assert verdict.dropped == {"proxy-authorization"}
    assert "auth.stripped.proxy" in codes(verdict)


def test_another_origin_is_named_in_the_reason() -> None:
    verdict = followed(302, "http://b.test:81/x", lines=[("X-A", "1")])
    (reason,) = [d.reason for d in verdict.decisions if d.code == "field.dropped.cross-origin"]
    assert reason == "it is not on the list of fields that may go to http://b.test:81"


@pytest.mark.parametrize(
    ("old", "new", "strips", "in_browsers"),
    [
        ("http://a.test/x", "http://a.test:80/y", False, False),
        ("http://a.test", "https://a.test", False, True),
        ("http://a.test:80", "https://a.test:443", False, True),
        ("https://a.test", "http://a.test", True, True),
        ("http://a.test:8080", "https://a.test", True, True),
        ("http://a.test", "https://a.test:8443", True, True),
        ("http://a.test", "https://b.test", True, True),
        ("http://a.test", "http://a.test:81", True, True),
        ("https://a.test", "https://sub.a.test", True, True),
        ("https://a.test", "https://a.test.", True, True),
    ],
)
def test_where_credentials_may_go(old: str, new: str, strips: bool, in_browsers: bool) -> None:
    assert strips_authorization(parse_url(old), parse_url(new), Policy()) is strips
    assert strips_authorization(parse_url(old), parse_url(new), Policy.browser()) is in_browsers
    verdict = followed(302, new, url=old, lines=[("Authorization", "secret")])
    assert ("authorization" in verdict.dropped) is strips
    assert ("auth.stripped.cross-origin" in codes(verdict)) is strips
    upgrade = not strips and not verdict.same_origin
    assert ("auth.kept.upgrade" in codes(verdict)) is upgrade


def test_an_upgrade_without_credentials_is_not_worth_a_word() -> None:
    assert "auth.kept.upgrade" not in codes(followed(302, "https://a.test/", lines=LINES[:1]))


# A method that a subclass chooses.


def test_a_method_that_stays_as_it_was() -> None:
    verdict = followed(
        303, "/x", method="POST", content=True, lines=CONTENT_LINES, next_method="POST"
    )
    assert (verdict.method, verdict.keeps_content, verdict.dropped) == ("POST", True, frozenset())
    assert codes(verdict) == [
        "redirect.fragment.inherited",
        "redirect.followed",
        "redirect.method.overridden",
        "redirect.content.kept",
    ]


def test_a_method_of_its_own() -> None:
    verdict = followed(
        303,
        "/x",
        "/y",
        method="POST",
        content=True,
        lines=CONTENT_LINES,
        target="/z",
        next_method="HEAD",
    )
    assert (verdict.method, verdict.keeps_content) == ("HEAD", False)
    assert verdict.dropped == {"content-type", "content-length", "digest"}
    assert verdict.url.path == "/z"
    assert codes(verdict) == [
        "redirect.target.overridden",
        "redirect.location.repeated",
        "redirect.fragment.inherited",
        "redirect.followed",
        "redirect.method.overridden",
        "redirect.content.dropped",
        *["field.dropped.content"] * 3,
    ]
    (overridden,) = [d for d in verdict.decisions if d.code == "redirect.method.overridden"]
    assert (overridden.before, overridden.after) == ("GET", "HEAD")


@pytest.mark.parametrize(("status", "method"), [(303, "GET"), (307, "POST")])
def test_a_method_that_is_the_policys_is_no_override(status: int, method: str) -> None:
    plain = followed(status, "/x", method="POST", content=True)
    assert followed(status, "/x", method="POST", content=True, next_method=method) == plain


def test_a_verdict_is_a_value() -> None:
    assert decide(302, "/x", lines=LINES) == decide(302, "/x", lines=LINES)
    assert decide(302, "/x") != decide(302, "/y")
