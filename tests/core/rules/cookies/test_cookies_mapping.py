"""The jar by hand: a mapping of names, with checks on what is put in."""

from __future__ import annotations

import copy
import http.cookiejar
import pickle
from http.cookies import SimpleCookie
from typing import Any

import pytest

from sojourn_core.rules.cookies import (
    Cookie,
    CookieConflictError,
    CookieJar,
    cookie_like,
    cookies_from,
)
from sojourn_core.rules.cookies.cookie import make_cookie
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import URL, parse_url

NOW = 1_700_000_000.0
SECRET = "s3cr3t"


def at(url: str) -> URL:
    return parse_url(url)


def two_of_a_name() -> CookieJar:
    jar = CookieJar()
    jar.set("a", "1", domain="a.test", path="/x")
    jar.set("a", "2", domain="b.test")
    jar.set("b", "3", domain="b.test")
    return jar


# Where a cookie that is set by hand goes


@pytest.mark.parametrize(
    ("url", "unscoped", "field"),
    [
        ("http://a.test/", True, "a=1"),
        ("http://b.test/", True, "a=1"),
        ("http://b.test/", False, None),
    ],
)
def test_a_cookie_without_a_domain_goes_where_the_caller_asks(
    url: str, unscoped: bool, field: str | None
) -> None:
    jar = CookieJar({"a": "1"})
    assert jar.cookie_field(at(url), NOW, unscoped=unscoped) == field
    assert len(jar.retrieve(at(url), NOW, unscoped=unscoped)) == (field is not None)


@pytest.mark.parametrize(
    ("domain", "host_only", "url", "field"),
    [
        ("a.test", False, "http://www.a.test/", "a=1"),
        (".A.Test.", False, "http://www.a.test/", "a=1"),
        ("a.test", True, "http://www.a.test/", None),
        ("a.test", True, "http://a.test/", "a=1"),
        ("a.test", False, "http://b.test/", None),
        ("127.0.0.1", False, "http://127.0.0.1/", "a=1"),
        ("[::1]", False, "http://[::1]/", "a=1"),
        ("fe80::1%Eth0", False, "http://[fe80::1%25Eth0]/", "a=1"),
    ],
)
def test_a_cookie_with_a_domain_goes_there(
    domain: str, host_only: bool, url: str, field: str | None
) -> None:
    jar = CookieJar()
    jar.set("a", "1", domain=domain, host_only=host_only)
    assert jar.cookie_field(at(url), NOW) == field


def test_an_end_set_by_hand_is_kept_to() -> None:
    jar = CookieJar()
    jar.set("a", "1", expires=NOW + 1)
    jar.set("b", "1", domain="a.test", expires=NOW + 2)
    assert jar.cookie_field(at("http://a.test/"), NOW) == "a=1; b=1"
    assert jar.cookie_field(at("http://a.test/"), NOW + 1) == "b=1"
    assert jar.cookie_field(at("http://a.test/"), NOW + 2) is None


# Checks


@pytest.mark.parametrize(
    "given",
    [
        {"name": "a;b"},
        {"name": "a=b"},
        {"name": "a\n"},
        {"name": ""},
        {"name": " a"},
        {"name": "\u20ac"},
        {"value": f"{SECRET}; Path=/"},
        {"value": f"{SECRET}\r\nX-Injected: 1"},
        {"value": f"{SECRET}\x7f"},
        {"value": f"{SECRET}\u20ac"},
        {"value": f"{SECRET} "},
        {"value": f"{SECRET};".encode()},
        {"path": "/; Domain=test"},
        {"path": "/\0"},
        {"path": "x"},
        {"path": "/ "},
        {"domain": "a.test; Secure"},
        {"domain": "a test"},
        {"domain": ".."},
        {"domain": "b\xfccher.test"},
        {"domain": "a.test:80"},
        {"same_site": "lax"},
    ],
)
def test_what_could_not_be_sent_as_meant_is_refused(given: dict[str, str]) -> None:
    jar = CookieJar()
    arguments = {"name": "sid", "value": SECRET} | given
    with pytest.raises(ValueError, match="cookie") as caught:
        jar.set(**arguments)
    assert SECRET not in str(caught.value)
    assert len(jar) == 0


@pytest.mark.parametrize(
    "cookie",
    [
        Cookie(name="a", value="1", domain="A.test"),
        Cookie(name="a", value="1", domain=".a.test"),
        Cookie(name="a", value="1", domain="a b"),
        Cookie(name="a", value="1\n"),
        Cookie(name="a", value="1", path=""),
    ],
)
def test_a_ready_cookie_is_checked_too(cookie: Cookie) -> None:
    with pytest.raises(ValueError, match="cookie 'a'"):
        CookieJar().set_cookie(cookie)


@pytest.mark.parametrize(
    ("value", "text"), [("v", "v"), (b"v\xff", "v\xff"), (1, "1"), (1.5, "1.5"), (True, "True")]
)
def test_values_that_become_text(value: str | bytes | float, text: str) -> None:
    assert CookieJar({"a": value})["a"] == text


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="the value of cookie 'a' must be str"):
        CookieJar({"a": [SECRET]})


# The mapping


def test_reading_by_name() -> None:
    jar = two_of_a_name()
    assert jar["b"] == "3"
    assert jar.get("b") == "3"
    assert jar.get("c") is None
    assert jar.get("c", "else") == "else"
    assert jar.get("a", domain=".B.test") == "2"
    assert jar.get("a", path="/x") == "1"
    assert jar.get("a", domain="a.test", path="/") is None
    assert "a" in jar
    assert "c" not in jar
    with pytest.raises(KeyError, match="name='c'"):
        jar["c"]


def test_a_name_of_several_cookies_is_a_conflict() -> None:
    jar = two_of_a_name()
    with pytest.raises(CookieConflictError, match="2 cookies with the name 'a'"):
        jar["a"]
    with pytest.raises(CookieConflictError):
        jar.get("a")


def test_listing() -> None:
    jar = two_of_a_name()
    assert len(jar) == 3
    assert [cookie.value for cookie in jar] == ["1", "2", "3"]
    assert jar.keys() == ["a", "a", "b"]
    assert jar.values() == ["1", "2", "3"]
    assert jar.items() == [("a", "1"), ("a", "2"), ("b", "3")]
    assert jar.get_dict() == {"a": "2", "b": "3"}
    assert jar.get_dict(domain="a.test") == {"a": "1"}
    assert jar.get_dict(path="/x") == {"a": "1"}
    assert jar.list_domains() == ["a.test", "b.test"]
    assert jar.list_paths() == ["/x", "/"]
    assert jar.multiple_domains()
    assert not CookieJar({"a": "1", "b": "2"}).multiple_domains()


def test_writing_by_name() -> None:
    jar = CookieJar()
    jar["a"] = "1"
    jar["a"] = "2"
    assert jar.set("b", "3") == Cookie(name="b", value="3")
    assert jar.items() == [("a", "2"), ("b", "3")]
    jar["a"] = None
    assert jar.items() == [("b", "3")]


def test_a_value_of_none_removes_what_matches() -> None:
    jar = two_of_a_name()
    assert jar.set("a", None, domain="b.test") is None
    assert jar.values() == ["1", "3"]
    jar.set("a", None, path="/")
    assert jar.values() == ["1", "3"]
    jar.set("a", None)
    assert jar.values() == ["3"]


def test_deleting_by_name() -> None:
    jar = two_of_a_name()
    del jar["a"]
    del jar["never there"]
    assert jar.keys() == ["b"]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({}, []),
        ({"domain": "b.test"}, ["1"]),
        ({"domain": "b.test", "name": "a"}, ["1", "3"]),
        ({"path": "/x"}, ["2", "3"]),
        ({"domain": "c.test"}, ["1", "2", "3"]),
    ],
)
def test_clearing(given: dict[str, str], left: list[str]) -> None:
    jar = two_of_a_name()
    jar.clear(**given)
    assert jar.values() == left


def test_removing_is_seen_by_the_next_request() -> None:
    jar = CookieJar({"a": "1", "b": "2"})
    assert jar.cookie_field(at("http://a.test/"), NOW) == "a=1; b=2"
    del jar["a"]
    assert jar.cookie_field(at("http://a.test/"), NOW) == "b=2"


def test_the_jar_may_change_while_it_is_walked() -> None:
    jar = two_of_a_name()
    for cookie in jar:
        jar.clear(cookie.domain, cookie.path, cookie.name)
    assert len(jar) == 0


def test_updating_from_what_callers_have() -> None:
    jar = CookieJar({"a": "1"})
    jar.update([("b", "2")])
    jar.update({"a": None, "c": "3"})
    jar.update(two_of_a_name())
    assert jar.items() == [("b", "2"), ("c", "3"), ("a", "1"), ("a", "2"), ("b", "3")]
    with pytest.raises(TypeError):
        jar.update(1)


def test_cookies_of_a_server_pass_from_jar_to_jar_unchanged() -> None:
    jar = CookieJar()
    jar.store(
        ["a=1; Secure; HttpOnly; SameSite=Lax; Max-Age=60; Path=/x", "nameless"],
        at("https://a.test/"),
        NOW,
    )
    other = CookieJar({"z": "0"})
    other.update(jar)
    assert list(other)[1:] == list(jar)
    assert other.cookie_field(at("https://www.a.test/x"), NOW) == "z=0"


def test_cookies_from() -> None:
    jar = CookieJar()
    assert cookies_from(jar) is jar
    assert len(cookies_from(None)) == 0
    assert cookies_from({"a": "1"}).items() == [("a", "1")]
    assert cookies_from([("a", "1")]).items() == [("a", "1")]


# Jars of others


def test_the_jar_of_requests_keeps_its_domains() -> None:
    made = pytest.importorskip("requests").cookies.RequestsCookieJar
    given = made()
    given.set("a", "1", domain="a.test", path="/x")
    given.set("b", "2")
    assert {(cookie.name, cookie.domain, cookie.path) for cookie in cookies_from(given)} == {
        ("a", "a.test", "/x"),
        ("b", "", "/"),
    }
    assert len(cookies_from(made())) == 0


def standard(**changes: object) -> http.cookiejar.Cookie:
    given: dict[str, object] = {
        "version": 0,
        "name": "a",
        "value": "1",
        "port": None,
        "port_specified": False,
        "domain": ".a.test",
        "domain_specified": True,
        "domain_initial_dot": True,
        "path": "/",
        "path_specified": True,
        "secure": False,
        "expires": None,
        "discard": True,
        "comment": None,
        "comment_url": None,
        "rest": {},
    }
    # Values of many types, by name.
    # The silenced check: values of many types, by name.
    return http.cookiejar.Cookie(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"domain": "a.test", "domain_specified": False}, {"host_only": True}),
        ({"rest": {"HttpOnly": None, "SameSite": "LAX"}}, {"http_only": True, "same_site": "Lax"}),
        ({"rest": {"SameSite": "bogus"}}, {}),
        ({"secure": True, "expires": 9}, {"secure": True, "expires": 9}),
        ({"value": None}, {"value": ""}),
        ({"domain": "", "domain_specified": False}, {"domain": ""}),
    ],
)
def test_a_cookie_of_the_standard_library(
    changes: dict[str, object], expected: dict[str, object]
) -> None:
    made = {"name": "a", "value": "1", "domain": "a.test"} | expected
    # The silenced check: values of many types, by name.
    assert cookie_like(standard(**changes)) == Cookie(**made)


def test_a_jar_of_the_standard_library() -> None:
    given = http.cookiejar.CookieJar()
    given.set_cookie(standard())
    assert list(cookies_from(given)) == [Cookie(name="a", value="1", domain="a.test")]


# Copies


def full_jar() -> CookieJar:
    jar = CookieJar(
        {"u": "0"},
        limits=DEFAULT_LIMITS.replace(cookies_per_domain_max=2),
        is_public_suffix=frozenset({"test"}).__contains__,
    )
    jar.store(
        ["a=1; Max-Age=60; Secure; HttpOnly; SameSite=Strict; Path=/x", "b=2"],
        at("https://a.test/"),
        NOW,
    )
    jar.retrieve(at("https://a.test/x"), NOW)
    jar.retrieve(at("https://a.test/"), NOW)
    return jar


@pytest.mark.parametrize(
    "again",
    [CookieJar.copy, copy.copy, copy.deepcopy, lambda jar: pickle.loads(pickle.dumps(jar))],
    ids=["method", "copy", "deepcopy", "pickle"],
)
def test_a_copy_is_whole_and_apart(again) -> None:
    jar = full_jar()
    other = again(jar)
    assert list(other) == list(jar)
    assert other.limits == jar.limits
    assert other.is_public_suffix("test")
    # The order of use and of creation goes along: b was used last, and secure stays longer.
    (_, evicted) = other.store(["c=3; Secure"], at("https://a.test/"), NOW)
    assert evicted.subject == "b"
    assert other.cookie_field(at("https://a.test/x"), NOW) == "a=1; u=0; c=3"
    assert jar.cookie_field(at("https://a.test/x"), NOW) == "a=1; u=0; b=2"
    assert other.cookie_field(at("https://a.test/x"), NOW + 60) == "u=0; c=3"


def test_host_only_cookies_stay_host_only_in_a_copy() -> None:
    jar = pickle.loads(pickle.dumps(full_jar()))
    assert jar.cookie_field(at("https://sub.a.test/x"), NOW, unscoped=False) is None


def test_representations_show_no_value() -> None:
    jar = CookieJar({"a": SECRET})
    (cookie,) = jar
    assert repr(cookie) == "Cookie(name='a', domain='', path='/')"
    assert repr(jar) == "<CookieJar [Cookie(name='a', domain='', path='/')]>"


# Cookies of http.cookies


def morsels(text: str = "a=1; b=2", **attributes: Any) -> SimpleCookie:
    made = SimpleCookie(text)
    for morsel in made.values():
        for name, value in attributes.items():
            morsel[name.replace("_", "-")] = value
    return made


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, {}),
        ({"domain": ".A.test"}, {"domain": "a.test"}),
        ({"domain": "127.0.0.1"}, {"domain": "127.0.0.1", "host_only": True}),
        ({"path": "/x"}, {"path": "/x"}),
        ({"secure": True, "httponly": True}, {"secure": True, "http_only": True}),
        ({"samesite": "lax"}, {"same_site": "Lax"}),
        ({"max_age": "60"}, {"expires": NOW + 60}),
        ({"max_age": 60}, {"expires": NOW + 60}),
        ({"expires": 60}, {"expires": NOW + 60}),
        ({"expires": "Wed, 21 Oct 2065 07:28:00 GMT"}, {"expires": 3_023_335_680.0}),
        ({"expires": "Wed, 21 Oct 2065 07:28:00 GMT", "max_age": 60}, {"expires": NOW + 60}),
    ],
)
def test_a_morsel_is_taken_with_all_it_says(
    attributes: dict[str, Any], expected: dict[str, Any]
) -> None:
    given = morsels(**attributes)
    every = [make_cookie(name, value, **expected) for name, value in (("a", "1"), ("b", "2"))]
    jar = CookieJar(wall=lambda: NOW)
    jar.update(given)
    assert list(jar) == every
    jar = CookieJar(given, wall=lambda: NOW)
    assert list(jar) == every
    jar = CookieJar(wall=lambda: NOW)
    jar["a"] = given["a"]
    assert jar.set("b", given["b"]) == every[1]
    assert list(jar) == every
    jar = CookieJar(given.values(), wall=lambda: NOW)
    assert list(jar) == every
    assert list(cookies_from(given, NOW)) == every


def test_a_morsel_that_has_ended_removes() -> None:
    jar = CookieJar({"a": "1", "b": "2"})
    jar.update(morsels("a=", max_age=0))
    assert jar.items() == [("b", "2")]


def test_without_a_clock_a_lifetime_begins_at_the_latest_time_told() -> None:
    jar = CookieJar()
    jar.update(morsels("a=1", max_age=60))
    assert [cookie.expires for cookie in jar] == [None]
    jar.retrieve(parse_url("http://a.test/"), NOW)
    jar.update(morsels("a=1", max_age=60))
    assert [cookie.expires for cookie in jar] == [NOW + 60]


@pytest.mark.parametrize(
    "attributes", [{"max_age": "soon"}, {"expires": "soon"}, {"samesite": "other"}, {"path": "x"}]
)
def test_a_morsel_that_cannot_be_taken(attributes: dict[str, Any]) -> None:
    jar = CookieJar()
    with pytest.raises(ValueError, match="cookie 'a'"):
        jar.update(morsels("a=s3cr3t", **attributes))
    assert len(jar) == 0


# As mappings have it


def test_pop() -> None:
    jar = CookieJar({"a": "1", "b": "2"})
    assert jar.pop("a") == "1"
    assert jar.pop("a", None) is None
    with pytest.raises(KeyError, match="a"):
        jar.pop("a")
    jar.set("b", "3", domain="a.test")
    with pytest.raises(CookieConflictError):
        jar.pop("b")
    assert len(jar) == 2
    assert [deletion.name for deletion in jar.deletions()] == ["a"]


def test_setdefault() -> None:
    jar = CookieJar({"a": "1"})
    assert jar.setdefault("a", "2") == "1"
    assert jar.setdefault("b", "2") == "2"
    assert jar.setdefault("c") is None
    assert jar.items() == [("a", "1"), ("b", "2")]


def test_names_to_leave_out() -> None:
    jar = cookies_from({"a": None, "b": "1"})
    assert jar.left_out == {"a"}
    assert jar.copy().left_out == {"a"}
    assert jar.items() == [("b", "1")]
    own = CookieJar({"a": "1"})
    del own["a"]
    assert cookies_from(own).left_out == set()
