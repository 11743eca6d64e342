"""URLs that are read as they stand."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given

from sojourn_core.values.errors import InvalidURL, MissingSchema, RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.as_is import read_url
from sojourn_core.values.url.location import resolve_location
from sojourn_core.values.url.prepare import prepare_as_is
from sojourn_core.values.url.url import parse_any_url, parse_url

from .texts import TEXTS

PLACE = "http://a.test"


@pytest.mark.parametrize(
    "target",
    [
        "/a/../b",
        "/./..//x/.",
        "/%7e%41%2f%2F%zz%",
        "/%2e%2e/",
        '/"<>[]{}|^`\\',
        "/?",
        "/x?%7e/../[]'\"",
        "/?a=b?c",
        "//b.test/x",
    ],
)
def test_path_and_query_are_sent_as_they_stand(target: str) -> None:
    url = read_url(PLACE + target)
    assert (url.text, url.target) == (PLACE + target, target)
    assert url.absolute_form() == PLACE + target
    assert url.host == "a.test"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("http://a.test?x=/..", "/?x=/.."),
        ("HTTP://u:p@A.Test:080/../x#/../f", "/../x"),
        ("http://[fe80::1%25en0]/./", "/./"),
        ("http://bücher.test/š/../?š", "/%C5%A1/../?%C5%A1"),
    ],
)
def test_what_has_no_place_in_a_target_is_not_sent(text: str, target: str) -> None:
    url = read_url(text)
    assert (url.text, url.target) == (text, target)
    assert url.origin == parse_url(text).origin
    assert url.userinfo == parse_url(text).userinfo


@pytest.mark.parametrize("char", [" ", "\t", "\r", "\n", "\0", "\x1f", "\x7f"])
@pytest.mark.parametrize(
    "around", ["http://a.test/{}x", "http://a.test/?{}", "{}http://a.test/.", "http://a.test/.#{}"]
)
def test_blanks_and_control_characters_are_refused(around: str, char: str) -> None:
    with pytest.raises((InvalidURL, MissingSchema)):
        read_url(around.format(char))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("/a/../b", MissingSchema),
        ("", MissingSchema),
        ("http:///../x", InvalidURL),
        ("http:/x", InvalidURL),
        ("http://a.test\\@b.test/../", InvalidURL),
        ("http://u@b@a.test/../", InvalidURL),
        ("http://a.test/../\ud800", InvalidURL),
        ("http://a.test/../" + "x" * DEFAULT_LIMITS.url_size_max, InvalidURL),
    ],
)
def test_what_is_refused(text: str, error: type[RequestException]) -> None:
    with pytest.raises(error):
        read_url(text)


def test_a_fragment_can_be_exchanged_and_user_info_left_out() -> None:
    url = read_url("HTTP://u:SECRET@A.test/a/../b#x")
    assert url.with_fragment("y z").text == "HTTP://u:SECRET@A.test/a/../b#y%20z"
    assert url.with_fragment(None).text == "HTTP://u:SECRET@A.test/a/../b"
    assert url.without_userinfo().text == "http://a.test/a/../b#x"
    assert repr(url) == "URL('http://***@a.test/a/../b#x')"
    assert url.shown == "http://***@a.test/a/../b"


@pytest.mark.parametrize("text", ["http://a.test/a/../b?%zz", "mock:x/../y", "http://a.test/x"])
def test_it_travels_as_it_stands(text: str) -> None:
    url = read_url(text)
    for found in (pickle.loads(pickle.dumps(url)), copy.deepcopy(url)):
        assert found == url
        assert (found.text, found.target, found.origin) == (text, url.target, url.origin)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("", "http://a.test/a/../%7e?%zz"),
        ("?y", "http://a.test/a/../%7e?y"),
        ("x", "http://a.test/x"),
        ("./x?%7e", "http://a.test/x?~"),
        ("/./x", "http://a.test/x"),
    ],
)
def test_a_location_is_resolved_against_the_text_that_was_sent(
    location: str, expected: str
) -> None:
    assert resolve_location(read_url("http://a.test/a/../%7e?%zz"), location).text == expected


def test_params_are_added() -> None:
    given = " HTTP://a.test/a/../b?x%2f "
    assert prepare_as_is(given) == "HTTP://a.test/a/../b?x%2f"
    assert prepare_as_is(given, {"y": "/"}) == "http://a.test/a/../b?x%2f&y=%2F"
    assert prepare_as_is("mock:../x") == "mock:../x"


@given(TEXTS)
def test_normal_texts_are_read_alike(text: str) -> None:
    try:
        url = parse_url(text)
    except RequestException:
        return
    read = read_url(url.text)
    assert read == url
    for name in ("target", "origin", "userinfo", "fragment", "host_field", "authority", "path"):
        assert getattr(read, name) == getattr(url, name)
    assert parse_any_url(url.text) == url
