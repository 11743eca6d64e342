"""Store and retrieve: what a server may set, and what it gets back (RFC 6265bis 5.7, 5.8.3)."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.rules.cookies import (
    Cookie,
    CookieJar,
    cookies_to_json,
    format_cookies_txt,
    merge,
)
from sojourn_core.values.url.url import URL, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_700_000_000.0
SECRET = "s3cr3t"


def at(url: str) -> URL:
    return parse_url(url)


def jar_of(url: str, *lines: str, now: float = NOW) -> CookieJar:
    jar = CookieJar()
    jar.store(lines, at(url), now)
    return jar


def codes(url: str, *lines: str, jar: CookieJar | None = None) -> list[str]:
    jar = CookieJar() if jar is None else jar
    return [decision.code for decision in jar.store(lines, at(url), NOW)]


def sent(jar: CookieJar, url: str, now: float = NOW) -> str | None:
    return jar.cookie_field(at(url), now)


def through_pickle(jar: CookieJar) -> CookieJar:
    again: CookieJar = pickle.loads(pickle.dumps(jar))
    return again


class Guard:
    """A reentrant lock that says how often it was taken, and whether it is held."""

    def __init__(self) -> None:
        self.taken = self.depth = 0

    @property
    def held(self) -> bool:
        return self.depth > 0

    def __enter__(self) -> None:
        self.taken += 1
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


# What a cookie is, once stored


def test_a_response_without_cookies_changes_nothing() -> None:
    jar = jar_of("http://a.test/", "a=1")
    assert jar.store([], at("http://a.test/"), NOW) == []
    assert sent(jar, "http://a.test/") == "a=1"


def test_a_stored_cookie_has_what_the_line_said() -> None:
    line = "sid=1; Domain=.A.test; Path=/x; Max-Age=60; Secure; HttpOnly; SameSite=lax"
    assert list(jar_of("https://www.a.test/y/z", line)) == [
        Cookie(
            name="sid",
            value="1",
            domain="a.test",
            path="/x",
            secure=True,
            http_only=True,
            same_site="Lax",
            expires=NOW + 60,
            created=NOW,
        )
    ]


def test_a_bare_cookie_belongs_to_its_host_and_directory() -> None:
    (cookie,) = jar_of("http://www.a.test/y/z", "sid=1")
    assert (cookie.domain, cookie.host_only, cookie.path) == ("www.a.test", True, "/y")
    assert (cookie.expires, cookie.same_site) == (None, "")


def test_a_decision_names_the_cookie_and_never_its_value() -> None:
    jar = CookieJar()
    lines = [
        f"a={SECRET}",
        f"b={SECRET}\x01",
        f"{SECRET}\x01",
        f"{SECRET}",
        f"c={SECRET}; Domain=b.test",
        f"d={SECRET}; Secure",
        f"__Host-e={SECRET}",
        f"f={SECRET * 1000}",
        f"a={SECRET}; Max-Age=0",
    ]
    decisions = jar.store(lines, at("http://a.test/"), NOW, hop=2)
    assert [(decision.code, decision.subject) for decision in decisions] == [
        ("cookie.stored", "a"),
        ("cookie.rejected.control-character", "b"),
        ("cookie.rejected.control-character", ""),
        ("cookie.stored", ""),
        ("cookie.rejected.domain-mismatch", "c"),
        ("cookie.rejected.secure", "d"),
        ("cookie.rejected.prefix", "__Host-e"),
        ("cookie.rejected.size", "f"),
        ("cookie.deleted", "a"),
    ]
    assert {decision.hop for decision in decisions} == {2}
    assert all(decision.section.startswith("RFC 6265bis 5.") for decision in decisions)
    assert SECRET not in repr(decisions) + repr(jar)


def test_a_long_or_strange_name_is_cut_and_escaped_in_a_decision() -> None:
    jar = CookieJar()
    decisions = jar.store(["n" * 100 + "=1", "\x9bm\xe9=1"], at("http://a.test/"), NOW)
    assert [decision.subject for decision in decisions] == ["n" * 64 + "…", "\\x9bm\\xe9"]


def test_replacing_deleting_and_expiring_are_told_apart() -> None:
    jar = jar_of("http://a.test/", "a=1")
    assert codes("http://a.test/", "a=2", "a=; Max-Age=0", "a=; Max-Age=0", jar=jar) == [
        "cookie.replaced",
        "cookie.deleted",
        "cookie.expired",
    ]
    assert len(jar) == 0


# Domains


@pytest.mark.parametrize(
    ("url", "line", "code"),
    [
        ("http://ample.test/", "a=1; Domain=ample.test", "cookie.stored"),
        ("http://example.test/", "a=1; Domain=ample.test", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=b.test", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=x.a.test", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=..", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=...", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=\xe4.test", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=a.test.", "cookie.rejected.domain-mismatch"),
        ("http://a.test./", "a=1; Domain=test.", "cookie.rejected.domain-mismatch"),
        ("http://a.test/", "a=1; Domain=test", "cookie.rejected.public-suffix"),
        ("http://a.test/", "a=1; Domain=.TEST", "cookie.rejected.public-suffix"),
        ("http://a.test./", "a=1; Domain=.test", "cookie.rejected.public-suffix"),
        ("http://evil.co.uk/", "a=1; Domain=co.uk", "cookie.rejected.public-suffix"),
        ("http://127.0.0.1/", "a=1; Domain=0.0.1", "cookie.rejected.domain-mismatch"),
        ("http://127.0.0.1/", "a=1; Domain=.0.0.1", "cookie.rejected.domain-mismatch"),
        ("http://127.0.0.1/", "a=1; Domain=127.0.0.1", "cookie.stored"),
        ("http://[::1]/", "a=1; Domain=[::1]", "cookie.stored"),
        ("http://[::1]/", "a=1; Domain=::1", "cookie.stored"),
        ("http://[::1]/", "a=1; Domain=[::2]", "cookie.rejected.domain-mismatch"),
    ],
)
def test_what_a_domain_attribute_may_name(url: str, line: str, code: str) -> None:
    assert codes(url, line) == [code]


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://[::1]/", "[::1]"),
        ("http://localhost/", "localhost"),
        ("http://a.test/", "."),
    ],
)
def test_a_domain_without_names_of_its_own_below_is_host_only(url: str, domain: str) -> None:
    (cookie,) = jar_of(url, f"a=1; Domain={domain}")
    assert cookie.host_only
    assert sent(jar_of(url, f"a=1; Domain={domain}"), url) == "a=1"


def test_a_list_of_public_suffixes_takes_the_place_of_the_rule() -> None:
    jar = CookieJar(is_public_suffix=frozenset({"github.io"}).__contains__)
    assert codes("http://me.github.io/", "a=1; Domain=github.io", jar=jar) == [
        "cookie.rejected.public-suffix"
    ]
    assert codes("http://a.test/", "a=1; Domain=test", jar=jar) == ["cookie.stored"]


@pytest.mark.parametrize("domain", ["", "; Domain=a.test"])
def test_a_trailing_dot_makes_no_other_host(domain: str) -> None:
    jar = jar_of("http://a.test./", f"a=1{domain}")
    assert sent(jar, "http://a.test/") == "a=1"
    assert sent(jar, "http://a.test./") == "a=1"


@pytest.mark.parametrize(
    ("domain", "url", "field"),
    [
        ("", "http://a.test/", "a=1"),
        ("", "http://www.a.test/", None),
        ("", "http://test/", None),
        ("; Domain=a.test", "http://a.test/", "a=1"),
        ("; Domain=a.test", "http://x.y.a.test/", "a=1"),
        ("; Domain=a.test", "http://ba.test/", None),
        ("; Domain=a.test", "http://test/", None),
    ],
)
def test_which_hosts_get_a_cookie(domain: str, url: str, field: str | None) -> None:
    assert sent(jar_of("http://a.test/", f"a=1{domain}"), url) == field


# Paths


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("http://a.test/any", "a=1"),
        ("http://a.test/any/x", "a=1"),
        ("http://a.test/any?x", "a=1"),
        ("http://a.test/anybad", None),
        ("http://a.test/", None),
    ],
)
def test_a_path_ends_at_a_slash(url: str, field: str | None) -> None:
    assert sent(jar_of("http://a.test/", "a=1; Path=/any"), url) == field


# Secure


def test_a_plain_response_cannot_touch_secure_cookies() -> None:
    jar = jar_of("https://a.test/", "sid=GOOD; Secure; Path=/login", "sid=GOOD; Secure; Path=/")
    assert codes("http://a.test/", "sid=EVIL; Path=/", "sid=; Max-Age=0", jar=jar) == [
        "cookie.rejected.secure",
        "cookie.rejected.secure",
    ]
    assert sent(jar, "https://a.test/") == "sid=GOOD"
    assert sent(jar, "http://a.test/") is None


@pytest.mark.parametrize(
    ("secure_at", "secure_domain", "plain_at", "plain_domain", "code"),
    [
        ("a.test", "", "a.test", "", "cookie.rejected.secure"),
        ("www.a.test", "a.test", "www.a.test", "", "cookie.rejected.secure"),
        ("www.a.test", "", "www.a.test", "a.test", "cookie.rejected.secure"),
        ("www.a.test", "", "a.test", "", "cookie.rejected.secure"),
        ("www.a.test", "", "shop.a.test", "", "cookie.stored"),
        ("1.2.3.4.5.6.test", "", "2.3.4.5.6.test", "", "cookie.rejected.secure"),
        ("1.2.3.4.5.6.test", "", "9.3.4.5.6.test", "", "cookie.stored"),
        ("a.test", "", "1.2.3.4.5.a.test", "", "cookie.rejected.secure"),
        ("127.0.0.1", "", "127.0.0.1", "", "cookie.rejected.secure"),
        ("127.0.0.1", "", "127.0.0.2", "", "cookie.stored"),
    ],
)
def test_which_domains_a_secure_cookie_protects(
    secure_at: str, secure_domain: str, plain_at: str, plain_domain: str, code: str
) -> None:
    jar = jar_of(f"https://{secure_at}/", f"a=1; Secure; Domain={secure_domain}")
    assert codes(f"http://{plain_at}/", f"a=2; Domain={plain_domain}", jar=jar) == [code]


def test_the_protection_keeps_up_with_the_jar() -> None:
    jar = CookieJar()
    assert codes("http://a.test/", "a=plain", jar=jar) == ["cookie.stored"]
    assert codes("https://a.test/", "a=1; Secure", "a=2; Secure", jar=jar) == [
        "cookie.replaced",
        "cookie.replaced",
    ]
    jar.store(["a=3; Secure; Path=/x"], at("https://www.a.test/"), NOW)
    assert codes("http://a.test/", "a=plain", jar=jar) == ["cookie.rejected.secure"]
    assert codes("http://a.test/x/", "a=plain; Path=/x", jar=jar) == ["cookie.rejected.secure"]
    assert codes("https://a.test/", "a=; Max-Age=0", jar=jar) == ["cookie.deleted"]
    assert codes("http://a.test/", "a=plain", jar=jar) == ["cookie.stored"]
    assert codes("http://a.test/x/", "a=plain; Path=/x", jar=jar) == ["cookie.rejected.secure"]
    assert codes("https://www.a.test/x", "a=; Max-Age=0; Path=/x", jar=jar) == ["cookie.deleted"]
    assert codes("http://a.test/x/", "a=plain; Path=/x", jar=jar) == ["cookie.stored"]


# Prefixes


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("__Secure-a=1; Secure", "cookie.stored"),
        ("__sEcUrE-a=1", "cookie.rejected.prefix"),
        ("__Host-a=1; Secure; Path=/", "cookie.stored"),
        ("__hOsT-a=1; Path=/", "cookie.rejected.prefix"),
        ("__Host-a=1; Secure", "cookie.rejected.prefix"),
        ("__Host-a=1; Secure; Path=/x", "cookie.rejected.prefix"),
        ("__Host-a=1; Secure; Path=/; Domain=a.test", "cookie.rejected.prefix"),
        ("=__Host-a=1; Secure; Path=/", "cookie.rejected.prefix"),
        ("__Secure-a; Secure", "cookie.rejected.prefix"),
        ("__class__=1", "cookie.stored"),
        ("", "cookie.rejected.empty"),
        ("=; Path=/", "cookie.rejected.empty"),
    ],
)
def test_names_that_promise_something(line: str, code: str) -> None:
    assert codes("https://a.test/", line) == [code]


# SameSite


@pytest.mark.parametrize(
    ("same_site", "top_level", "method", "expected"),
    [
        (True, False, "POST", "abcd"),
        (False, True, "GET", "bcd"),
        (False, True, "HEAD", "bcd"),
        (False, True, "POST", "c"),
        (False, False, "GET", "c"),
    ],
)
def test_which_same_site_values_cross_sites(
    same_site: bool, top_level: bool, method: str, expected: str
) -> None:
    lines = (
        "a=1; SameSite=Strict",
        "b=1; SameSite=Lax",
        "c=1; SameSite=None; Secure",
        "d=1; SameSite=xNone",  # Not a value, so as if unsaid.
    )
    jar = jar_of("https://a.test/", *lines)
    cookies = jar.retrieve(
        at("https://a.test/"), NOW, same_site=same_site, top_level=top_level, method=method
    )
    assert "".join(cookie.name for cookie in cookies) == expected


def test_a_cookie_of_the_callers_crosses_sites() -> None:
    jar = CookieJar({"a": "1"})
    cookies = jar.retrieve(at("http://a.test/"), NOW, same_site=False, top_level=False)
    assert [cookie.name for cookie in cookies] == ["a"]


@pytest.mark.parametrize(
    ("line", "top_level", "code"),
    [
        ("a=1; SameSite=None", True, "cookie.rejected.same-site"),
        ("a=1; SameSite=None; Secure", False, "cookie.stored"),
        ("a=1; SameSite=Lax", False, "cookie.rejected.same-site"),
        ("a=1", False, "cookie.rejected.same-site"),
        ("a=1; SameSite=Strict", True, "cookie.stored"),
    ],
)
def test_what_a_cross_site_response_may_set(line: str, top_level: bool, code: str) -> None:
    jar = CookieJar()
    url = at("https://a.test/")
    (decision,) = jar.store([line], url, NOW, same_site=False, top_level=top_level)
    assert decision.code == code


# Order and time


def test_longer_paths_go_first_then_older_cookies() -> None:
    jar = jar_of("http://a.test/", "b=1; Path=/", "a=1; Path=/", "c=1; Path=/x", "b=2; Path=/")
    assert sent(jar, "http://a.test/x") == "c=1; b=2; a=1"


def test_a_cookie_ends_at_its_time() -> None:
    jar = jar_of("http://a.test/", "a=1; Max-Age=10", "b=1")
    assert sent(jar, "http://a.test/", NOW + 9.9) == "a=1; b=1"
    assert sent(jar, "http://a.test/", NOW + 10) == "b=1"
    assert [cookie.name for cookie in jar.retrieve(at("http://a.test/"), NOW + 10)] == ["b"]
    assert len(jar) == 1


def test_retrieve_lets_ended_cookies_go() -> None:
    jar = jar_of("http://a.test/", "a=1; Max-Age=10")
    assert jar.retrieve(at("http://a.test/"), NOW + 10) == []
    assert len(jar) == 0


@pytest.mark.parametrize("value", ["34560001", "9" * 30, "9" * 1000])
def test_no_cookie_outlives_400_days(value: str) -> None:
    (cookie,) = jar_of("http://a.test/", f"a=1; Max-Age={value}")
    assert cookie.expires == NOW + 400 * 86400


def test_a_refreshed_cookie_ends_at_its_new_time() -> None:
    jar = jar_of("http://a.test/", "a=1; Max-Age=10")
    jar.store(["a=2; Max-Age=10"], at("http://a.test/"), NOW + 5)
    assert sent(jar, "http://a.test/", NOW + 14) == "a=2"
    assert sent(jar, "http://a.test/", NOW + 15) is None


def test_a_cookie_refreshed_very_often_is_one_cookie() -> None:
    jar = CookieJar()
    for _ in range(500):
        assert jar.store(["a=1; Expires=Wed, 21 Oct 2065 07:28:00 GMT"], at("http://a.test/"), NOW)
    assert len(jar) == 1
    assert sent(jar, "http://a.test/", NOW + 401 * 86400) is None


# Octets


def test_a_value_comes_back_byte_for_byte() -> None:
    value = '"x%0d%0aX-Inj:1\t,\\\\ \xff\x80"'
    assert sent(jar_of("http://a.test/", f"a={value}"), "http://a.test/") == f"a={value}"


def test_two_lines_with_commas_are_two_cookies() -> None:
    jar = jar_of("http://a.test/", "a=1; Expires=Wed, 21 Oct 2065 07:28:00 GMT", "b=2")
    assert sent(jar, "http://a.test/") == "a=1; b=2"


@given(
    st.lists(
        st.lists(
            st.sampled_from(";=, \t\x00\x7f\xffabA.-/:019\u20ac")
            | st.sampled_from(["Domain=", "Path=/", "Max-Age=", "Expires=", "__Host-", "Secure"])
        ).map("".join),
        max_size=8,
    ),
    st.sampled_from(
        ["http://a.test/", "https://www.a.test/x/y", "http://127.0.0.1/", "http://[::1]/"]
    ),
)
def test_nothing_that_a_server_sends_raises_or_spoils_a_request(lines: list[str], url: str) -> None:
    jar = CookieJar()
    assert len(jar.store(lines, at(url), NOW)) == len(lines)
    field = jar.cookie_field(at(url), NOW)
    assert field is None or (field == field.strip(" \t") and field.encode("latin-1"))
    assert not any(char in (field or "") for char in "\r\n\0\x7f")
    assert CookieJar(jar).keys() == jar.keys()  # Each passes the checks on cookies by hand.


# Connections that count as secure (5.8.3: the client says which)


def test_a_connection_may_count_as_secure_that_is_not_by_its_scheme() -> None:
    jar, url = CookieJar(), at("http://localhost/x")
    lines = ["a=1; Secure", "__Host-b=1; Secure; Path=/", "__Secure-c=1; Secure", "d=1"]
    refused = ["cookie.rejected.secure"] * 3
    assert codes("http://localhost/x", *lines) == [*refused, "cookie.stored"]
    found = jar.store(lines, url, NOW, secure=True)
    assert [decision.code for decision in found] == ["cookie.stored"] * 4
    assert jar.cookie_field(url, NOW) == "d=1"
    every = "a=1; __Host-b=1; __Secure-c=1; d=1"
    assert jar.cookie_field(url, NOW, secure=True) == every
    assert "; ".join(cookie.pair for cookie in jar.retrieve(url, NOW, secure=True)) == every
    assert jar.cookie_field(url, NOW) == "d=1"  # No answer is remembered for the other.


# A host's own cookie and one that was set by hand

HOST = "http://www.one.test/x/y"


@pytest.mark.parametrize("host_only", [True, False])
@pytest.mark.parametrize("line", ["sid=new", "sid=new; Domain=www.one.test"])
def test_a_host_replaces_what_was_set_by_hand_for_it(line: str, host_only: bool) -> None:
    jar = CookieJar()
    jar.set("sid", "old", domain="www.one.test", path="/x", host_only=host_only)
    jar.store(["other=1"], at(HOST), NOW)
    assert codes(HOST, line, jar=jar) == ["cookie.replaced"]
    assert sent(jar, HOST) == "sid=new; other=1"  # In the old one's position.
    kept = jar.copy()
    assert codes(HOST, line, jar=kept) == ["cookie.replaced"]
    assert len(kept) == 2
    assert codes(HOST, f"{line}; Max-Age=0", jar=jar) == ["cookie.deleted"]
    assert sent(jar, HOST) == "other=1"


@pytest.mark.parametrize("host_only", [True, False])
def test_a_host_deletes_what_was_set_by_hand_for_it(host_only: bool) -> None:
    jar = CookieJar()
    jar.set("sid", "old", domain="www.one.test", path="/x", host_only=host_only)
    assert codes(HOST, "sid=; Max-Age=0", jar=jar) == ["cookie.deleted"]
    assert len(jar) == 0


@pytest.mark.parametrize(
    ("by_hand", "line", "field"),
    [
        (
            {"domain": "one.test", "path": "/x"},
            "sid=new",
            "sid=old; sid=new",
        ),  # It goes to others, too.
        ({"domain": "www.one.test", "path": "/x/y"}, "sid=new", "sid=old; sid=new"),
        ({"domain": "one.test", "host_only": True}, "sid=new; Domain=one.test", "sid=new"),
        ({"domain": "www.one.test", "path": "/x"}, "SID=new", "sid=old; SID=new"),
        # One without a domain is for the origin that the caller asks for, be it this or another.
        ({"path": "/x"}, "sid=new", "sid=old; sid=new"),
    ],
)
def test_what_a_host_does_not_replace(by_hand: dict[str, Any], line: str, field: str) -> None:
    jar = CookieJar()
    jar.set("sid", "old", **by_hand)
    assert codes(HOST, line, jar=jar) == ["cookie.stored"]
    assert sent(jar, HOST) == field
    assert len(jar) == 2


@pytest.mark.parametrize("again", [lambda jar: jar, CookieJar.copy, through_pickle])
def test_two_that_servers_set_stay_apart(again: Callable[[CookieJar], CookieJar]) -> None:
    jar = jar_of(HOST, "sid=1; Domain=www.one.test")
    assert codes(HOST, "sid=2", jar=jar) == ["cookie.stored"]
    jar = CookieJar()
    jar.set("sid", "0", domain="www.one.test", path="/x")
    # From now on it is the server's, though it is as old as the one before.
    assert codes(HOST, "sid=1; Domain=www.one.test", jar=jar) == ["cookie.replaced"]
    jar = again(jar)
    assert codes(HOST, "sid=2", jar=jar) == ["cookie.stored"]
    assert sent(jar, HOST) == "sid=1; sid=2"


def test_a_plain_response_does_not_replace_a_secure_one_set_by_hand() -> None:
    jar = CookieJar()
    jar.set("sid", "old", domain="www.one.test", path="/x", secure=True)
    assert codes(HOST, "sid=new", jar=jar) == ["cookie.rejected.secure"]
    assert jar["sid"] == "old"


# Control characters (5.6 step 1)


@pytest.mark.parametrize("place", ["a{}=1", "a=1{}2", "a=1; Path=/{}", "a=1; Domain=a.test{}"])
@pytest.mark.parametrize("code", [*range(0x09), *range(0x0A, 0x20), 0x7F])
def test_a_line_with_a_control_character_is_ignored_with_a_decision(place: str, code: int) -> None:
    jar = CookieJar()
    found = jar.store(["x=1", place.format(chr(code)), "y=1"], at("http://a.test/"), NOW)
    assert [decision.code for decision in found] == [
        "cookie.stored",
        "cookie.rejected.control-character",
        "cookie.stored",
    ]
    assert found[1].section == "RFC 6265bis 5.6"
    assert found[1].subject.isprintable()
    assert jar.keys() == ["x", "y"]


# What a caller has running


def test_no_rule_of_the_callers_runs_under_the_guard() -> None:
    guard = Guard()
    asked: list[bool] = []

    def rule(_domain: str) -> bool:
        asked.append(guard.held)
        return False

    jar = CookieJar(guard=guard, is_public_suffix=rule)
    jar.store(["a=1; Domain=a.test", "b=1; Domain=b.test"], at("http://x.a.test/"), NOW)
    assert asked == [False]
    assert guard.taken == 1


@pytest.mark.parametrize(
    "step",
    [
        lambda jar: jar.store(["a=2"], at("http://a.test/"), NOW),
        lambda jar: jar.retrieve(at("http://a.test/"), NOW),
        lambda jar: jar.cookie_field(at("http://a.test/"), NOW),
        lambda jar: jar.set("b", "1"),
        lambda jar: jar.set("a", None),
        lambda jar: jar.update({"b": "1"}),
        lambda jar: jar.clear(),
        lambda jar: jar.pop("a"),
        lambda jar: jar.setdefault("b", "1"),
        lambda jar: jar.__delitem__("a"),
        lambda jar: jar.copy(),
        pickle.dumps,
        list,
        lambda jar: jar.items(),
        lambda jar: jar.by_use(),
        lambda jar: jar.deletions(),
        lambda jar: jar.get_dict(),
        lambda jar: merge(jar, CookieJar()),
        cookies_to_json,
        format_cookies_txt,
    ],
)
def test_each_step_takes_the_guard(step: Callable[[CookieJar], object]) -> None:
    guard = Guard()
    jar = CookieJar({"a": "1"}, guard=guard)
    before = guard.taken
    step(jar)
    assert guard.taken > before
    assert not guard.held
