"""Jars as JSON: nothing is lost, and what is not right is refused by name."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from sojourn_core.rules.cookies import (
    CookieFormatError,
    CookieJar,
    cookies_from_json,
    cookies_to_json,
    merge,
)
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import parse_url
from tests.core.depth import TOO_DEEP
from tests.core.rules.cookies.test_cookies_merge import jars, state

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_700_000_000.0
SECRET = "s3cr3t"


def written() -> dict[str, Any]:
    """What a jar with one cookie and one deletion is written as."""
    jar = CookieJar()
    lines = [f"a={SECRET}; Max-Age=60", "b=1; Max-Age=0"]
    jar.store(lines, parse_url("https://a.test/"), NOW)
    document: dict[str, Any] = json.loads(cookies_to_json(jar))
    return document


def test_the_format() -> None:
    assert written() == {
        "version": 1,
        "cookies": [
            {
                "name": "a",
                "domain": "a.test",
                "host_only": True,
                "path": "/",
                "value": SECRET,
                "secure": False,
                "http_only": False,
                "same_site": "",
                "expires": NOW + 60,
                "created": NOW,
                "changed": NOW,
                "revision": 0,
                "serial": 1,
            }
        ],
        "deletions": [
            {
                "name": "b",
                "domain": "a.test",
                "host_only": True,
                "path": "/",
                "changed": NOW,
                "revision": 0,
            }
        ],
    }


@given(jars(2))
def test_nothing_is_lost(given: list[CookieJar]) -> None:
    for jar in (*given, merge(*given)):
        again = cookies_from_json(cookies_to_json(jar), limits=jar.limits)
        assert cookies_to_json(again) == cookies_to_json(jar)
        assert state(again)[1:3] == state(jar)[1:3]
        assert state(merge(again, jar)) == state(merge(jar, jar))
        assert again.latest <= jar.latest


def test_octets_and_odd_places_go_through() -> None:
    jar = CookieJar({"home": "\xe4"})
    url = parse_url("http://[fe80::1%25eth0]/a;b/c")
    jar.store(['a="\x85\xff\t\\x"', "nameless", "c=1; Domain=a.test"], url, NOW)
    again = cookies_from_json(cookies_to_json(jar))
    assert again.cookie_field(url, NOW) == jar.cookie_field(url, NOW)
    assert len(again) == 3
    assert cookies_to_json(CookieJar()).count("\n") == 5


def test_a_new_jar_has_the_limits_and_the_rule_that_it_is_given() -> None:
    limits = DEFAULT_LIMITS.replace(cookies_max=1)
    jar = cookies_from_json(json.dumps(written()), limits=limits, is_public_suffix=str.isdigit)
    assert (jar.limits, jar.is_public_suffix) == (limits, str.isdigit)


@pytest.mark.parametrize("mark", ["", "\ufeff", " \r\n"])
def test_blanks_and_a_byte_order_mark_may_come_first(mark: str) -> None:
    assert len(cookies_from_json(mark + json.dumps(written()))) == 1


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Make a function that sets the member at a path to a value, the last argument."""

    def change(document: Any) -> None:
        for step in path[:-2]:
            document = document[step]
        document[path[-2]] = path[-1]

    return change


def _remove(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


def _twice(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        document[path[0]].append(document[path[0]][0])

    return change


def _deleted_too(document: dict[str, Any]) -> None:
    document["deletions"][0]["name"] = "a"


@pytest.mark.parametrize(
    ("change", "member"),
    [
        (_set("version", 2), "version"),
        (_set("version", True), "version"),
        (_set("version", "1"), "version"),
        (_remove("version"), "version"),
        (_remove("deletions"), "deletions"),
        (_set("more", 1), ""),
        (_set("cookies", {}), "cookies"),
        (_set("cookies", 0, []), "cookies[0]"),
        (_set("cookies", 0, "more", SECRET), "cookies[0]"),
        (_remove("cookies", 0, "serial"), "cookies[0].serial"),
        (_set("cookies", 0, "value", 1), "cookies[0].value"),
        (_set("cookies", 0, "value", None), "cookies[0].value"),
        (_set("cookies", 0, "value", f"{SECRET}\n"), "cookies[0]"),
        (_set("cookies", 0, "value", f"{SECRET}\u20ac"), "cookies[0]"),
        (_set("cookies", 0, "value", f"{SECRET}\ud800"), "cookies[0]"),
        (_set("cookies", 0, "value", f"{SECRET};"), "cookies[0]"),
        (_set("cookies", 0, "name", "a=b"), "cookies[0]"),
        (_set("cookies", 0, "domain", "A.test"), "cookies[0]"),
        (_set("cookies", 0, "domain", ".a.test"), "cookies[0]"),
        (_set("cookies", 0, "path", ""), "cookies[0]"),
        (_set("cookies", 0, "same_site", "lax"), "cookies[0]"),
        (_set("cookies", 0, "secure", 1), "cookies[0].secure"),
        (_set("cookies", 0, "host_only", None), "cookies[0].host_only"),
        (_set("cookies", 0, "expires", "1"), "cookies[0].expires"),
        (_set("cookies", 0, "expires", True), "cookies[0].expires"),
        (_set("cookies", 0, "expires", 10**400), "cookies[0].expires"),
        (_set("cookies", 0, "created", None), "cookies[0].created"),
        (_set("cookies", 0, "revision", -1), "cookies[0].revision"),
        (_set("cookies", 0, "revision", 1.0), "cookies[0].revision"),
        (_set("cookies", 0, "serial", True), "cookies[0].serial"),
        (_set("deletions", 0, "value", SECRET), "deletions[0]"),
        (_set("deletions", 0, "changed", None), "deletions[0].changed"),
        (_set("deletions", 0, "path", "x"), "deletions[0]"),
        (_twice("cookies"), "cookies[1]"),
        (_twice("deletions"), "deletions[1]"),
        (_deleted_too, "deletions[0]"),
    ],
)
def test_what_is_not_right_is_named_and_no_value_is_shown(
    change: Callable[[dict[str, Any]], None], member: str
) -> None:
    document = written()
    change(document)
    with pytest.raises(CookieFormatError) as raised:
        cookies_from_json(json.dumps(document))
    assert (raised.value.member, raised.value.line) == (member, None)
    assert str(raised.value).startswith(f"{member}: " if member else "it has")
    assert SECRET not in repr(raised.value)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.member, again.line) == (str(raised.value), member, None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        (f'{{"version": 1,\n"cookies": [\n"{SECRET}\n', 3),
        (f'{{"version": 1}} {SECRET}', 1),
        ('{"version": 1, "version": 1}', None),
        ('{"version": NaN}', None),
        ('{"version": -Infinity}', None),
        ("[" * TOO_DEEP, None),
        ('{"version": ' + "1" * 10_000 + "}", None),
        ("[]", None),
        ("null", None),
    ],
)
def test_what_is_not_json_of_a_jar_is_refused(text: str, line: int | None) -> None:
    with pytest.raises(CookieFormatError) as raised:
        cookies_from_json(text)
    assert raised.value.line == line
    assert SECRET not in repr(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_too_great_is_none(number: str) -> None:
    text = json.dumps(written()).replace(str(NOW + 60), number)
    with pytest.raises(CookieFormatError, match=r"cookies\[0\]\.expires: it is no time or null"):
        cookies_from_json(text)


@pytest.mark.parametrize("time", [float("inf"), float("-inf"), float("nan")])
def test_no_cookie_has_a_time_that_could_not_be_written(time: float) -> None:
    jar = CookieJar()
    with pytest.raises(ValueError, match=r"a time of cookie 'a' is .*, which is no time"):
        jar.set("a", SECRET, expires=time)
    assert len(jar) == 0
