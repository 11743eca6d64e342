"""A redirect that is followed by hand: without a session, from ``decide_redirect`` alone.

Whoever sends the field lines whose names are not in ``Follow.dropped`` sends no credential, no
cookie and no field of the caller's own to an origin that a server named; and each field that does
not go along has its decision. The model below says so a second time, without the library's code.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest

from sojourn_core import Answered, Follow, Ignore, Policy, Refuse, decide_redirect
from sojourn_core.errors import DowngradeRefused
from sojourn_core.values.status import REDIRECT_STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME, OTHER, UPGRADE = "same origin", "other origin", "upgrade"

RELATIONS: Final = {
    "another path": ("http://a.test/x", "http://a.test/y", SAME),
    "the default port, written out": ("http://a.test/x", "http://a.test:80/y", SAME),
    "the default port, left out": ("https://a.test:443/x", "https://a.test/y", SAME),
    "the host in capitals": ("http://a.test/x", "HTTP://A.TEST/y", SAME),
    "a relative reference": ("https://a.test:8443/x", "y?z", SAME),
    "user info before the same host": ("http://a.test/x", "http://u:p@a.test/y", SAME),
    "one address in two spellings": ("http://[::1]/x", "http://[0:0:0:0:0:0:0:1]/y", SAME),
    "another host": ("http://a.test/x", "http://b.test/y", OTHER),
    "another host without a scheme": ("https://a.test/x", "//b.test/y", OTHER),
    "a subdomain": ("https://a.test/x", "https://www.a.test/y", OTHER),
    "the domain above": ("https://www.a.test/x", "https://a.test/y", OTHER),
    "a name that ends alike": ("https://a.test/x", "https://evil-a.test/y", OTHER),
    "a trailing dot": ("https://a.test/x", "https://a.test./y", OTHER),
    "user info that looks like the host": ("http://a.test/x", "http://a.test@b.test/y", OTHER),
    "another port": ("http://a.test/x", "http://a.test:8080/y", OTHER),
    "https to http": ("https://a.test/x", "http://a.test/y", OTHER),
    "https to http, one port": ("https://a.test:8080/x", "http://a.test:8080/y", OTHER),
    "http to https": ("http://a.test/x", "https://a.test/y", UPGRADE),
    "http to https, ports written out": ("http://a.test:80/x", "https://a.test:443/y", UPGRADE),
    "http to https from another port": ("http://a.test:8080/x", "https://a.test/y", OTHER),
    "http to https on another port": ("http://a.test/x", "https://a.test:8443/y", OTHER),
    "http to https, one port": ("http://a.test:443/x", "https://a.test:443/y", OTHER),
    "http to https of another host": ("http://a.test/x", "https://b.test/y", OTHER),
    "a name to an address": ("http://localhost/x", "http://127.0.0.1/y", OTHER),
    "an address to a name": ("http://127.0.0.1/x", "http://localhost/y", OTHER),
    "an address to another": ("http://127.0.0.1/x", "http://127.0.0.2/y", OTHER),
    "IPv4 to IPv6": ("http://127.0.0.1/x", "http://[::1]/y", OTHER),
    "IPv4 to itself in IPv6": ("http://127.0.0.1/x", "http://[::ffff:127.0.0.1]/y", OTHER),
    "an address by https": ("http://127.0.0.1/x", "https://127.0.0.1/y", UPGRADE),
}
DOWNGRADES: Final = {"https to http", "https to http, one port"}
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")

LISTED: Final = ("Accept", "ACCEPT-language", "User-Agent", "Range", "If-None-Match", "TE")
OF_CONTENT: Final = ("Content-Type", "content-encoding", "Content-LENGTH", "Digest")
UNLISTED: Final = ("X-Api-Key", "x-api-key", "Referer", "Origin", "X-Forwarded-For", "API-TOKEN")
SECRET: Final = (
    "Authorization",
    "AUTHORIZATION",
    "Proxy-Authorization",
    "Cookie",
    "cookie",
    "Host",
)
SENT: Final = tuple((name, "secret") for name in (*LISTED, *OF_CONTENT, *UNLISTED, *SECRET))

PRESETS: Final = {
    "default": Policy(),
    "browser": Policy.browser(),
    "requests": Policy.requests(),
    "curl": Policy.curl(),
}
KEEPS_UPGRADED: Final = {"default", "requests"}  # Their keep_authorization_on_upgrade.
HOLDS_A_LIST: Final = {"default", "browser"}  # Their cross_origin_fields.


# For each preset, the methods (with content) that each status keeps with their content, keeps
# without it, and turns into GET. What Policy.curl() says was seen of curl itself: a POST of --data,
# a PUT of --upload-file, and any other method by -X with --data.
METHODS_AFTER: Final = {
    "default": {
        301: ("HEAD PUT PATCH DELETE OPTIONS QUERY", "", "POST"),
        302: ("HEAD QUERY", "", "POST PUT PATCH DELETE OPTIONS"),
        303: ("HEAD", "", "POST PUT PATCH DELETE OPTIONS QUERY"),
    },
    "browser": {
        301: ("HEAD PUT PATCH DELETE OPTIONS QUERY", "", "POST"),
        302: ("HEAD PUT PATCH DELETE OPTIONS QUERY", "", "POST"),
        303: ("HEAD", "", "POST PUT PATCH DELETE OPTIONS QUERY"),
    },
    "requests": {
        301: ("", "HEAD PUT PATCH DELETE OPTIONS QUERY", "POST"),
        302: ("", "HEAD", "POST PUT PATCH DELETE OPTIONS QUERY"),
        303: ("", "HEAD", "POST PUT PATCH DELETE OPTIONS QUERY"),
    },
    "curl": {
        301: ("PUT", "HEAD PATCH DELETE OPTIONS QUERY", "POST"),
        302: ("PUT", "HEAD PATCH DELETE OPTIONS QUERY", "POST"),
        303: ("", "HEAD PATCH DELETE OPTIONS QUERY", "POST PUT"),
    },
}


REFUSES_DOWNGRADES: Final = {"default"}  # Those without keeps_content_on_downgrade.


def decide(
    relation: str, preset: str, status: int, method: str, *, content: bool
) -> Follow | Ignore | Refuse:
    asked, location, _ = RELATIONS[relation]
    answered = Answered.of(
        method, asked, status, sent=SENT, received={"Location": location}, has_content=content
    )
    return decide_redirect(answered, PRESETS[preset])


def follow(relation: str, preset: str, status: int, method: str, *, content: bool) -> Follow:
    verdict = decide(relation, preset, status, method, content=content)
    assert isinstance(verdict, Follow)
    return verdict


def follows(relation: str, preset: str) -> Iterator[tuple[Follow, int, str, bool]]:
    """The plans of every status and method, with content and without it, but for the refused."""
    for status, method, content in EVERY:
        if not (content and is_in_clear(relation, preset, status, method)):
            plan = follow(relation, preset, status, method, content=content)
            yield plan, status, method, content


def is_in_clear(relation: str, preset: str, status: int, method: str) -> bool:
    """Whether content would go from https to http, by a preset that does not allow it."""
    if preset not in REFUSES_DOWNGRADES or relation not in DOWNGRADES:
        return False
    _, emptied, turned = METHODS_AFTER[preset].get(status, ("", "", ""))
    return method not in f"{emptied} {turned}".split()


def lowered(names: tuple[str, ...]) -> set[str]:
    return {name.lower() for name in names}


def sent_by_hand(plan: Follow) -> set[str]:
    """The names of the field lines that a plan leaves, in lower case."""
    return {name.lower() for name, _ in SENT if name.lower() not in plan.dropped}


def may_be_sent(kind: str, preset: str, *, content: bool) -> set[str]:
    """The names of the fields that may go along, content aside."""
    allowed = lowered(LISTED) | lowered(OF_CONTENT)
    if kind == SAME:
        return allowed | lowered(UNLISTED) | {"authorization", "cookie", "host"}
    if preset in HOLDS_A_LIST and not content:
        allowed -= lowered(OF_CONTENT)
    if preset not in HOLDS_A_LIST:
        allowed |= lowered(UNLISTED)
    if preset == "requests":
        allowed.add("host")
    if kind == UPGRADE and preset in KEEPS_UPGRADED:
        allowed.add("authorization")
    return allowed


EVERY: Final = list(product(sorted(REDIRECT_STATUSES), METHODS, (False, True)))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_what_goes_along_is_what_may(relation: str, preset: str) -> None:
    kind = RELATIONS[relation][2]
    for plan, status, method, content in follows(relation, preset):
        found = sent_by_hand(plan)
        allowed = may_be_sent(kind, preset, content=plan.keeps_content)
        assert found <= allowed, (status, method, content)
        assert found >= allowed - lowered(OF_CONTENT), (status, method, content)
        assert plan.same_origin is (kind == SAME)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("relation", [each for each in RELATIONS if RELATIONS[each][2] != SAME])
def test_no_secret_goes_to_another_origin(relation: str, preset: str) -> None:
    kind = RELATIONS[relation][2]
    for plan, *_ in follows(relation, preset):
        found = sent_by_hand(plan)
        assert found.isdisjoint({"proxy-authorization", "cookie"})
        assert ("authorization" in found) is (kind == UPGRADE and preset in KEEPS_UPGRADED)
        if preset in HOLDS_A_LIST:
            assert found.isdisjoint(lowered(UNLISTED) | {"host"})


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_each_field_that_is_dropped_has_its_decision(relation: str, preset: str) -> None:
    for plan, *_ in follows(relation, preset):
        told = [
            each
            for each in plan.decisions
            if each.code.startswith(("field.dropped.", "auth.stripped.", "cookie.stripped."))
        ]
        assert sorted(each.subject.lower() for each in told) == sorted(plan.dropped)
        assert all(each.reason for each in told)
        assert "secret" not in repr(plan.decisions)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_credentials_say_where_from_and_where_to(relation: str, preset: str) -> None:
    kind = RELATIONS[relation][2]
    plan = follow(relation, preset, 302, "GET", content=False)
    told = [each for each in plan.decisions if each.subject == "Authorization"]
    if kind == SAME:
        assert told == []
        return
    (decision,) = told
    kept = kind == UPGRADE and preset in KEEPS_UPGRADED
    assert decision.code == ("auth.kept.upgrade" if kept else "auth.stripped.cross-origin")
    assert decision.section == ("" if kept else "RFC 9110 15.4")
    assert decision.before is not None
    assert urlsplit(decision.before).scheme == urlsplit(RELATIONS[relation][0]).scheme
    assert decision.after == str(plan.url.origin)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_content_that_is_gone_is_described_by_nothing(relation: str, preset: str) -> None:
    purged = lowered(OF_CONTENT) & PRESETS[preset].content_fields
    assert "content-length" in purged
    for plan, _, method, content in follows(relation, preset):
        changed = plan.method != method
        assert plan.keeps_content <= content
        if changed:
            assert plan.method == "GET"
            assert not plan.keeps_content
            assert plan.dropped >= purged
        told = {each.code for each in plan.decisions if each.subject == "content"}
        kept = "redirect.content.kept" if plan.keeps_content else "redirect.content.dropped"
        assert told == ({kept} if content else set())


@pytest.mark.parametrize("status", sorted(REDIRECT_STATUSES))
@pytest.mark.parametrize("preset", PRESETS)
def test_what_becomes_of_a_method_and_its_content(preset: str, status: int) -> None:
    everything = " ".join(METHODS)
    kept, emptied, turned = METHODS_AFTER[preset].get(status, (everything, "", ""))
    for method in METHODS:
        plan = follow("another path", preset, status, method, content=True)
        if method == "GET":
            assert plan.method == "GET"
        elif method in turned.split():
            assert (plan.method, plan.keeps_content) == ("GET", False), method
        elif method in emptied.split():
            assert (plan.method, plan.keeps_content) == (method, False), method
        else:
            assert method in kept.split()
            assert (plan.method, plan.keeps_content) == (method, True), method


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_content_of_https_goes_nowhere_in_clear_text(relation: str, preset: str) -> None:
    for status, method in product(sorted(REDIRECT_STATUSES), METHODS):
        verdict = decide(relation, preset, status, method, content=True)
        if not is_in_clear(relation, preset, status, method):
            assert isinstance(verdict, Follow), (status, method)
            continue
        assert isinstance(verdict, Refuse), (status, method)
        assert type(verdict.error) is DowngradeRefused
        assert "Policy.keeps_content_on_downgrade" in str(verdict.error)
        (decision,) = verdict.decisions
        assert (decision.code, decision.subject, decision.section) == (
            "redirect.refused.downgrade",
            RELATIONS[relation][1].removesuffix("/y"),
            "RFC 9110 4.2.2",
        )
        assert isinstance(decide(relation, preset, status, method, content=False), Follow)


def test_what_goes_to_a_new_origin_by_default() -> None:
    plan = follow("another host", "default", 307, "POST", content=True)
    assert sent_by_hand(plan) == lowered(LISTED) | lowered(OF_CONTENT)
    assert [(each.code, each.subject) for each in plan.decisions] == [
        ("redirect.followed", "http://b.test"),
        ("redirect.content.kept", "content"),
        ("field.dropped.cross-origin", "X-Api-Key"),
        ("field.dropped.cross-origin", "Referer"),
        ("field.dropped.cross-origin", "Origin"),
        ("field.dropped.cross-origin", "X-Forwarded-For"),
        ("field.dropped.cross-origin", "API-TOKEN"),
        ("auth.stripped.proxy", "Proxy-Authorization"),
        ("cookie.stripped.cross-origin", "Cookie"),
        ("field.dropped.host", "Host"),
        ("auth.stripped.cross-origin", "Authorization"),
    ]
