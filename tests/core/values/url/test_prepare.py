"""The URL of a request: params are appended, and other schemes are left to their adapters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.errors import InvalidURL, MissingSchema
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.prepare import prepare_url, with_params
from sojourn_core.values.url.url import parse_url

from .texts import TEXTS, everything


@pytest.mark.parametrize("around", ["{} ", " \t\r\n\f\v{}", "\xa0\u3000{}\u2028"])
def test_blanks_around_are_taken_off(around: str) -> None:
    assert prepare_url(around.format("http://a.test/")) == "http://a.test/"


def test_octets_are_utf_8() -> None:
    assert prepare_url("http://a.test/š".encode()) == "http://a.test/%C5%A1"
    with pytest.raises(InvalidURL, match=r"^invalid URL 'http://\*\*\*@a.test/ÿ': not UTF-8$"):
        prepare_url(b"http://u:SECRET-1@a.test/\xff")


def test_other_objects_are_prepared_as_their_text() -> None:
    url = parse_url("http://a.test/")
    assert prepare_url(url) == url.text  # type: ignore[arg-type]  # a str-like object is the test


def test_a_url_with_params_has_a_longest_length() -> None:
    most = DEFAULT_LIMITS.url_size_max
    start = "http://a.test/"
    longest = parse_url(start + "x" * (most - len(start)))
    with pytest.raises(InvalidURL, match=f"longer than {most} characters"):
        with_params(longest, {"a": "b"})


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("http://a.test", {"a": "b"}, "http://a.test/?a=b"),
        ("http://a.test/?", {"a": "b"}, "http://a.test/?a=b"),
        ("http://u@a.test/x?y&#z", {"a": ["b", "ž"]}, "http://u@a.test/x?y&&a=b&a=%C5%BE#z"),
        ("http://a.test/?y", {"a": None}, "http://a.test/?y"),
        ("http://a.test/#z", "b#c?", "http://a.test/?b%23c?#z"),
    ],
)
def test_params_are_appended(text: str, params: Any, expected: str) -> None:
    assert prepare_url(text, params) == expected
    assert everything(with_params(parse_url(text), params)) == everything(parse_url(expected))


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("mailto:user@a.test", {"a": "b"}, "mailto:user@a.test"),
        ("localhost:3128", None, "localhost:3128"),
        (" ftp://a.test/%7E ", None, "ftp://a.test/%7E"),
        ("?x=http://a.test/", None, "?x=http://a.test/"),
        ("HTTP+unix://%2Frun%2fx/a%7E/../š#f", None, "http+unix://%2Frun%2fx/a~/../%C5%A1#f"),
        ("http+unix://x", {"a": "b"}, "http+unix://x/?a=b"),
        ("http+unix://[::1]:1?y[]#z", "a", "http+unix://[::1]:1/?y%5B%5D&a#z"),
    ],
)
def test_urls_for_other_adapters(text: str, params: Any, expected: str) -> None:
    assert prepare_url(text, params) == expected


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("httpbin", MissingSchema, "perhaps you meant https://httpbin?"),
        ("httpbin.test:8080/x", MissingSchema, "perhaps you meant https://httpbin.test:8080/x?"),
        ("http+unix:///x", InvalidURL, "no host supplied"),
        ("http+unix://x/\ud800", InvalidURL, "it has a lone surrogate"),
        ("http://\ud800/", InvalidURL, "not an internationalised name of IDNA 2008"),
    ],
)
def test_urls_that_cannot_be_prepared(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        prepare_url(text)
    assert str(caught.value).endswith(message)


@given(TEXTS, st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text("aé&# ")))
def test_params_change_nothing_but_the_query(text: str, params: dict[str, str]) -> None:
    try:
        url = parse_url(text)
    except InvalidURL:
        return
    made = with_params(url, params)
    assert everything(parse_url(made.text)) == everything(made)
    assert (made.endpoint, made.path, made.fragment) == (url.endpoint, url.path, url.fragment)
