"""What of a request goes along with a redirect: a table of fields, for each policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Answered, Policy
from sojourn_core.rules.redirect_fields import SECTIONS, decide_carried, strips_authorization
from sojourn_core.values.status import REDIRECT_STATUSES
from sojourn_core.values.url.url import parse_any_url

if TYPE_CHECKING:
    from sojourn_core.rules.redirect_fields import Carried

A = "http://a.test/x"
B = "http://b.test/y"
UPGRADED = "https://a.test/x"

PRESETS = {
    "default": Policy(),
    "browser": Policy.browser(),
    "requests": Policy.requests(),
    "curl": Policy.curl(),
}


def carry(
    *names: str,
    status: int = 307,
    method: str = "POST",
    after: str | None = None,
    old: str = A,
    new: str = B,
    content: bool = True,
    policy: Policy | None = None,
) -> Carried:
    answered = Answered.of(
        method, old, status, sent=[(name, "value") for name in names], has_content=content
    )
    after = method if after is None else after
    return decide_carried(answered, parse_any_url(new), after, policy or Policy())


# --- fields -----------------------------------------------------------------------------------

# For each field and each preset, where it goes along: "s" within the origin, "c" across origins,
# with content; "S" and "C" the same where the content is gone.
FIELDS = {
    "Accept": ("sScC", "sScC", "sScC", "sScC"),
    "Accept-Language": ("sScC", "sScC", "sScC", "sScC"),
    "If-None-Match": ("sScC", "sScC", "sScC", "sScC"),
    "Range": ("sScC", "sScC", "sScC", "sScC"),
    "Referer": ("sS", "sS", "sScC", "sScC"),
    "X-Api-Key": ("sS", "sS", "sScC", "sScC"),
    "Host": ("sS", "sS", "sScC", "sS"),
    "Cookie": ("sS", "sS", "sS", "sS"),  # What becomes of it is the jar's matter.
    "Authorization": ("sS", "sS", "sS", "sS"),
    "Proxy-Authorization": ("", "", "", ""),
    "Content-Type": ("sc", "sc", "sc", "sScC"),
    "Content-Length": ("sc", "sc", "sc", "sc"),
    "Content-Encoding": ("sc", "sc", "sScC", "sScC"),
    "Content-Unheard-Of": ("sSc", "sSc", "sScC", "sScC"),
    "Digest": ("sc", "sc", "sScC", "sScC"),
    "Last-Modified": ("s", "s", "sScC", "sScC"),
    "Transfer-Encoding": ("sc", "sc", "sc", "sc"),
    "Expect": ("sc", "sc", "sScC", "sc"),
}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", FIELDS)
def test_where_a_field_goes_along(name: str, preset: str) -> None:
    expected = FIELDS[name][list(PRESETS).index(preset)]
    found = ""
    for mark, status, after, new in [
        ("s", 307, "POST", A),
        ("S", 303, "GET", A),
        ("c", 307, "POST", B),
        ("C", 303, "GET", B),
    ]:
        carried = carry(name, status=status, after=after, new=new, policy=PRESETS[preset])
        assert carried.dropped <= {name.lower()}
        if not carried.dropped:
            found += mark
    assert found == expected


@pytest.mark.parametrize(
    ("name", "given", "code", "reason", "section"),
    [
        (
            "Proxy-Authorization",
            {"new": A},
            "auth.stripped.proxy",
            "it belongs to a proxy, and each hop has its own",
            "RFC 9110 11.7.2",
        ),
        (
            "content-Type",
            {"status": 303, "after": "GET"},
            "field.dropped.content",
            "it describes content, which is gone",
            "RFC 9110 15.4",
        ),
        ("HOST", {}, "field.dropped.host", "it named the host before", "RFC 9110 7.2"),
        (
            "Cookie",
            {},
            "cookie.stripped.cross-origin",
            "it was given for another origin, or is made anew from the jar",
            "Fetch 4.4",
        ),
        (
            "Authorization",
            {},
            "auth.stripped.cross-origin",
            "it belongs to the origin that it was given for",
            "RFC 9110 15.4",
        ),
        (
            "X-Api-Key",
            {},
            "field.dropped.cross-origin",
            "it is not on the list of fields that may go to http://b.test",
            "",
        ),
    ],
)
def test_each_field_that_is_dropped_has_a_reason(
    name: str, given: dict[str, Any], code: str, reason: str, section: str
) -> None:
    carried = carry(name, "Accept", name, **given)
    (said,) = [d for d in carried.decisions if not d.code.startswith("redirect.")]
    assert (said.code, said.subject, said.reason, said.section) == (code, name, reason, section)
    assert carried.dropped == {name.lower()}


LISTED = Policy().replace(
    cross_origin_fields=Policy().cross_origin_fields
    | {"x-api-key", "content-type", "last-modified"}
)
PREFIXED = Policy(cross_origin_prefixes=("accept-", "if-", "x-trace-"))


@pytest.mark.parametrize(
    ("policy", "name", "given", "told"),
    [
        (LISTED, "X-Api-Key", {}, "kept"),
        (LISTED, "x-API-KEY", {"content": False}, "kept"),
        (LISTED, "X-Api-Key", {"new": A}, None),
        (LISTED, "X-Other", {}, "dropped"),
        (LISTED, "Accept", {}, None),  # An entry that everybody has is not worth a word.
        (LISTED, "If-Match", {}, None),
        (LISTED, "Content-Type", {}, None),  # It goes along with content anyway,
        (LISTED, "Content-Type", {"content": False}, "kept"),  # and without it by the entry.
        (LISTED, "Last-Modified", {}, "kept"),
        (LISTED, "Last-Modified", {"status": 303, "after": "GET"}, "dropped"),
        (PREFIXED, "X-Trace-Id", {}, "kept"),
        (PREFIXED, "X-Trace", {}, "dropped"),
        (Policy(cross_origin_fields=frozenset({"x-a"})), "X-A", {}, "kept"),
        (Policy(cross_origin_fields=frozenset({"x-a"})), "Accept", {}, "dropped"),
        (Policy().replace(), "X-Api-Key", {}, "dropped"),
        (Policy.browser(), "Accept", {}, None),
        (Policy.requests(), "X-Api-Key", {}, None),  # There is no list.
        (Policy.requests().replace(cross_origin_fields=frozenset({"x-a"})), "X-A", {}, "kept"),
    ],
)
def test_what_a_list_lets_through_is_told(
    policy: Policy, name: str, given: dict[str, Any], told: str | None
) -> None:
    carried = carry(name, "Accept-Language", name, policy=policy, **given)
    found = [d for d in carried.decisions if d.code.startswith("field.") and d.subject == name]
    codes = [d.code.split(".")[1] for d in found]
    assert codes == ([] if told is None else [told])
    if told == "kept":
        (said,) = found
        assert said.code == "field.kept.cross-origin"
        assert said.reason == "an entry of the policy lets it go to http://b.test"
    assert (name.lower() in carried.dropped) is (told == "dropped")


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "Host", "Proxy-Authorization"])
def test_no_list_lets_credentials_through(name: str) -> None:
    policy = Policy(cross_origin_fields=frozenset({name.lower()}))
    carried = carry(name, policy=policy)
    assert carried.dropped == {name.lower()}
    assert "field.kept.cross-origin" not in [d.code for d in carried.decisions]


# --- content and method -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "status", "method", "after", "keeps"),
    [
        ("default", 301, "PUT", "PUT", True),
        ("default", 303, "PUT", "GET", False),
        ("default", 303, "PUT", "HEAD", False),
        ("default", 303, "PUT", "POST", True),  # An override of the session wants it so.
        ("default", 307, "PUT", "PUT", True),
        ("requests", 301, "PUT", "PUT", False),
        ("requests", 302, "QUERY", "QUERY", False),
        ("requests", 308, "PUT", "PUT", True),
        ("curl", 301, "PUT", "PUT", True),
        ("curl", 302, "PUT", "PUT", True),
        ("curl", 303, "PUT", "GET", False),
        ("curl", 302, "PATCH", "PATCH", False),
        ("curl", 303, "DELETE", "DELETE", False),
        ("curl", 304, "PATCH", "PATCH", True),
    ],
)
def test_where_content_goes_along(
    preset: str, status: int, method: str, after: str, keeps: bool
) -> None:
    policy = PRESETS[preset]
    carried = carry(status=status, method=method, after=after, policy=policy)
    assert carried.keeps_content is keeps
    found = [d.code for d in carried.decisions]
    assert found == [f"redirect.content.{'kept' if keeps else 'dropped'}"]
    assert not carry(status=status, after=after, content=False, policy=policy).keeps_content


def test_no_section_speaks_of_other_statuses() -> None:
    assert set(SECTIONS) == REDIRECT_STATUSES
    (said,) = carry(status=300).decisions
    assert said.section == ""


# --- credentials ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "strips", "without_upgrade"),
    [
        (A, "http://a.test:80/", False, False),
        (A, UPGRADED, False, True),
        ("http://a.test:80/", "https://a.test:443/", False, True),
        (A, "https://a.test:8443/", True, True),
        ("http://a.test:8080/", UPGRADED, True, True),
        ("http://a.test:443/", "https://a.test:443/", True, True),
        (A, "https://b.test/", True, True),
        (UPGRADED, A, True, True),
        (A, B, True, True),
        (A, "ftp://a.test/", True, True),
        ("mock://a.test/", "mock://a.test/x", False, False),
    ],
)
def test_where_credentials_may_go(old: str, new: str, strips: bool, without_upgrade: bool) -> None:
    for policy in PRESETS.values():
        expected = strips if policy.keep_authorization_on_upgrade else without_upgrade
        assert strips_authorization(parse_any_url(old), parse_any_url(new), policy) is expected


@pytest.mark.parametrize(
    ("preset", "new", "kept", "said"),
    [
        ("default", A, True, False),
        ("default", UPGRADED, True, True),
        ("default", B, False, False),
        ("browser", UPGRADED, False, False),
        ("requests", UPGRADED, True, True),
        ("curl", UPGRADED, False, False),
    ],
)
def test_credentials_that_go_along_an_upgrade(
    preset: str, new: str, kept: bool, said: bool
) -> None:
    carried = carry("AUTHORIZATION", new=new, content=False, policy=PRESETS[preset])
    assert carried.dropped == (set() if kept else {"authorization"})
    assert ("auth.kept.upgrade" in [d.code for d in carried.decisions]) is said
    assert carry(new=UPGRADED, content=False).decisions == []
