"""URLs as Requests writes and reads them; the texts are what Requests 2.34 makes of each."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import example, given

from sojourn_core.values.errors import InvalidURL, MissingSchema, RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.as_requests import (
    plain_as_requests,
    prepare_as_requests,
    read_as_requests,
    resolve_as_requests,
    utf_8_text,
)
from sojourn_core.values.url.url import URL

from .texts import TEXTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a.test", "http://a.test/"),
        (" \x1fHTTP://A.Test:080/X ", "http://a.test:80/X%20"),
        ("http://a.test/x?#", "http://a.test/x"),
        ("http://a.test/%2f%7e?%2b#%3d", "http://a.test/%2F~?%2B#%3D"),
        ("http://a.test/%3F%", "http://a.test/%253F%25"),
        ("http://a.test/%41?%zz=%41#%41", "http://a.test/A?%25zz=%2541#A"),
        ("http://a.test\\@b.test/", "http://a.test/%5C@b.test/"),
        ("http://u:p@ss@a.test/", "http://u:p%40ss@a.test/"),
        ("http://@a.test/", "http://a.test/"),
        ("http://a.test:0/", "http://a.test/"),
        ("http://a.test:?x", "http://a.test/?x"),
        ("http://127.1/", "http://127.1/"),
        ("http://%61%2f.test/", "http://a%2F.test/"),
        ("http://bücher.Test/ä b", "http://xn--bcher-kva.test/%C3%A4%20b"),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        ("http://[fe80::1%25en0]/", "http://[fe80::1%25en0]/"),
        ("http://a.test/..//x/./y/..", "http://a.test/x/"),
        ("http://a.test/a/%2e%2e/b", "http://a.test/a/../b"),
        ("httpx://A.test/a b?%7e", "httpx://A.test/a%20b?~"),
        ("httpx://ä.test/", "httpx://xn--4ca.test/"),
        ("10.0.0.1:3128/", "10.0.0.1:3128/"),
        ("mailto:a b", "mailto:a b"),
    ],
)
def test_what_is_made_of_a_url_that_is_given(text: str, expected: str) -> None:
    assert prepare_as_requests(text) == expected
    assert prepare_as_requests(text.encode()) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"a": "/ b", "c": None}, "http://a.test/?x&a=%2F+b#f"),
        ("a[]=1&#b", "http://a.test/?x&a[]=1&#b#f"),
        (b"a=%7e", "http://a.test/?x&a=~#f"),
        ({}, "http://a.test/?x#f"),
        (None, "http://a.test/?x#f"),
    ],
)
def test_params_are_added(params: Any, expected: str) -> None:
    assert prepare_as_requests("http://a.test?x#f", params) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a.test/x", MissingSchema),
        ("//*.test/x", MissingSchema),
        ("", MissingSchema),
        ("http://", InvalidURL),
        ("http:///x", InvalidURL),
        ("http://:80/x", InvalidURL),
        ("http://u@:80/x", InvalidURL),
        ("http://*.test/", InvalidURL),
        ("http://.test/", InvalidURL),
        ("http://a b.test/", InvalidURL),
        ("http://a%0A.test/", InvalidURL),
        ("http://a.test:65536/", InvalidURL),
        ("http://a.test:x/", InvalidURL),
        ("http://[::1/", InvalidURL),
        ("http://[::x]/", InvalidURL),
        ("http://[fe80::1%]/", InvalidURL),
        ("http://\u2260.test/", InvalidURL),
        ("httpx://\u2260\u200d.test/", InvalidURL),
        (b"http://a.test/\xff", InvalidURL),
    ],
)
def test_what_is_refused_as_it_is_given(text: str | bytes, error: type[RequestException]) -> None:
    with pytest.raises(error):
        prepare_as_requests(text)


@pytest.mark.parametrize("params", [b"\xff", {"a": "\ud800"}])
def test_params_that_cannot_be_encoded(params: Any) -> None:
    with pytest.raises(InvalidURL):
        prepare_as_requests("http://a.test/", params)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://A.test", {"target": "/", "host": "a.test", "host_field": "a.test"}),
        ("http://a.test./", {"host": "a.test.", "host_field": "a.test"}),
        ("http://a.test.:81/", {"host_field": "a.test:81", "port": 81}),
        ("http://[::1]:81/", {"host_field": "[::1]:81"}),
        ("http://a.test/a/../%2f?", {"target": "/a/../%2F", "query": None}),
        ("http://a.test//x y?%zz", {"target": "//x%20y?%25zz"}),
        ("http://u:p@ss@a.test/", {"userinfo": ("u", "p@ss"), "host": "a.test"}),
        ("http://u%40:@a.test/", {"userinfo": ("u@", "")}),
        ("http://u@a.test/", {"userinfo": None}),
        ("http://a.test/#", {"fragment": None}),
        ("http:/a.test/", {"scheme": "", "host": ""}),
        ("10.0.0.1:3128/", {"scheme": "", "host": ""}),
        ("Mine://A/x", {"scheme": "mine", "host": "a"}),
    ],
)
def test_what_is_asked(text: str, expected: dict[str, Any]) -> None:
    url = read_as_requests(text)
    assert url.text == text
    assert {name: getattr(url, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "http:///x",
        "http://*.test/",
        "http://a%41.test/",
        "http://a.test\\@b.test/",
        "http://127.1/",
        "http://[::1/",
        "http://a.test:99999/",
        "http://a.test/" + "%" * DEFAULT_LIMITS.url_size_max,
    ],
)
def test_nothing_is_asked_of_what_can_be_read_in_two_ways(text: str) -> None:
    with pytest.raises(InvalidURL):
        read_as_requests(text)


@pytest.mark.parametrize(
    ("text", "target", "host"),
    [
        ("http://A.test:80/a/../b?%2f", "http://a.test:80/b?%2F", "a.test:80"),
        ("http://u:p@a.test.?x#f", "http://a.test.?x", "a.test."),
        ("http://[fe80::1%25en0]/x", "http://[fe80::1%en0]/x", "[fe80::1]"),
        ("http://a.test/x", "http://a.test/x", "a.test"),
    ],
)
def test_what_a_proxy_is_told(text: str, target: str, host: str) -> None:
    url = read_as_requests(text)
    assert (url.absolute_form(), url.forwarded_host) == (target, host)


BASE = "http://u:p@A.test/d/e?q#f"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/x", "http://u:p@A.test/x#f"),
        ("x#", "http://u:p@A.test/d/x#f"),
        ("x?#g", "http://u:p@A.test/d/x#g"),
        ("http:///x", "http://u:p@A.test/x#f"),
        ("HTTP://B.test", "http://B.test#f"),
        ("//B.test/%2f%7e", "http://B.test/%2f~#f"),
        ("//b.test/%3F%zz", "http://b.test/%253F%25zz#f"),
        ("//b.test/%3F%", "http://b.test/%3F%#f"),
        ("//b.test/a/../b", "http://b.test/a/../b#f"),
        ("a/../b", "http://u:p@A.test/d/b#f"),
        ("\\x", "http://u:p@A.test/d/%5Cx#f"),
        ("ftp://b.test/x", "ftp://b.test/x#f"),
    ],
)
def test_where_a_location_leads(location: str, expected: str) -> None:
    assert resolve_as_requests(read_as_requests(BASE), location).text == expected


@pytest.mark.parametrize("location", ["http://[::1/", "//*.test/", "//a.test\\@b.test/", "/\ud800"])
def test_locations_that_lead_nowhere(location: str) -> None:
    with pytest.raises(InvalidURL):
        resolve_as_requests(read_as_requests(BASE), location)


@pytest.mark.parametrize(
    "location", ["/x", "/x?y", "/x?y#z", "http://b.test/x", "/x;", "/%41", "/a/./b", "/x?"]
)
def test_the_short_way_gives_the_same(location: str) -> None:
    plain = read_as_requests("http://a.test/d/e")
    assert type(plain) is URL
    long_way = read_as_requests("http://A.test/d/e")
    found, expected = (resolve_as_requests(base, location) for base in (plain, long_way))
    assert found.text == expected.text.replace("A.test", "a.test")
    assert (found.target, found.origin) == (expected.target, expected.origin)


def test_a_location_is_utf_8_or_escaped() -> None:
    assert utf_8_text("/caf\xc3\xa9") == "/café"
    assert utf_8_text("/caf\xe9") == "/caf%E9"
    assert utf_8_text("/日") == "/日"


def test_it_travels() -> None:
    url = read_as_requests("http://A.test./x?")
    for found in (pickle.loads(pickle.dumps(url)), copy.copy(url), url.with_fragment(None)):
        assert (type(found), found.text, found.host_field) == (type(url), url.text, "a.test")
    assert url.with_fragment("f").text == "http://A.test./x?#f"


@given(TEXTS)
@example("http://a.test/..//")
def test_what_was_prepared_is_not_changed_again_but_for_escapes(text: str) -> None:
    try:
        made = prepare_as_requests(text)
        again = prepare_as_requests(made)
    except RequestException:
        return
    assert made.isascii() or ":" in made
    plain = plain_as_requests(made)
    if plain is not None:
        assert again == made == plain.text
        read = read_as_requests(made)
        assert (read.target, read.origin) == (plain.target, plain.origin)
