"""Where a Location leads, whatever is in it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core.values.errors import InvalidSchema, InvalidURL
from sojourn_core.values.url.location import resolve_any, resolve_location
from sojourn_core.values.url.url import URL, parse_url
from tests.core.work import assert_linear

from .texts import TAILS, everything, outcome, result

BASES = ["http://a.test/", "https://u:p@a.test:8080/x/y?z#f", "http://[fe80::1%25en0]//p/"]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/x?y#z", "http://a.test:8080/x?y#z"),
        ("/a/./b/../c", "http://a.test:8080/a/c"),
        ("/%2e%2e/%7e%c5", "http://a.test:8080/~%c5"),
        (
            "/a%2fb%c3%a4?sig=a%2bb%3d&x=%2f#%c3",
            "http://a.test:8080/a%2fb%c3%a4?sig=a%2bb%3d&x=%2f#%c3",
        ),
        ("/a%2fb c?sig=a%2bb%3d%41", "http://a.test:8080/a%2fb%20c?sig=a%2bb%3dA"),
        ("x%2fy?sig=%2b", "http://a.test:8080/dir/x%2fy?sig=%2b"),
        ("//b.test/%2f?%3d", "http://b.test/%2f?%3d"),
        ("https://b.test/%2f/../%c3?%3d%7e", "https://b.test/%c3?%3d~"),
        ("x", "http://a.test:8080/dir/x"),
        ("../x", "http://a.test:8080/x"),
        ("..", "http://a.test:8080/"),
        ("", "http://a.test:8080/dir/page?q"),
        ("?", "http://a.test:8080/dir/page?"),
        ("#", "http://a.test:8080/dir/page?q#"),
        ("#\xe9 z", "http://a.test:8080/dir/page?q#%E9%20z"),
        ("?\xc5\xa1[", "http://a.test:8080/dir/page?%C5%A1%5B"),
        ("/..//b.test/x", "http://a.test:8080//b.test/x"),
        ("\\\\b.test\\x", "http://a.test:8080/dir/%5C%5Cb.test%5Cx"),
        ("/\\b.test", "http://a.test:8080/%5Cb.test"),
        ("12:30/x y", "http://a.test:8080/dir/12:30/x%20y"),
        ("x/\ty:z", "http://a.test:8080/dir/x/%09y:z"),
        ("\x00//b.test/", "http://a.test:8080/dir/%00//b.test/"),
        ("//b.test", "http://b.test/"),
        ("//b.test?x", "http://b.test/?x"),
        ("//v:w@b.test/../x", "http://v:w@b.test/x"),
        ("HTTPS://B.test:443/a/../b", "https://b.test:443/b"),
        ("http://b\xc3\xbccher.test/\xe9?\xe9#\xe9", "http://xn--bcher-kva.test/%E9?%E9#%E9"),
        (" \t/x \t", "http://a.test:8080/x"),
    ],
)
def test_a_location_leads_to(location: str, expected: str) -> None:
    base = parse_url("http://u:SECRET-1@a.test:8080/dir/page?q#f")
    url = resolve_location(base, location)
    assert url.text == expected
    assert everything(parse_url(url.text)) == everything(url)


@pytest.mark.parametrize(
    ("location", "error", "message"),
    [
        ("http:next", InvalidURL, "no host supplied"),
        ("http:/x", InvalidURL, "no host supplied"),
        ("http:", InvalidURL, "no host supplied"),
        ("http:///x", InvalidURL, "no host supplied"),
        ("///b.test/x", InvalidURL, "no host supplied"),
        ("//", InvalidURL, "no host supplied"),
        ("//u:SECRET-1@b.test:0/", InvalidURL, "the port is not in 1..65535"),
        ("//b\xff.test/", InvalidURL, "its authority is not UTF-8"),
        ("//b\xef\xbc\x8f.test/", InvalidURL, "U+FF0F stands for a delimiter"),
        ("/\u0161", InvalidURL, "a field value has one code point for each octet"),
        ("ht\ttp://b.test/", InvalidURL, "a blank or control character is where a scheme would be"),
        (
            "\x00http://b.test/",
            InvalidURL,
            "a blank or control character is where a scheme would be",
        ),
        ("ftp://b.test/", InvalidSchema, "the scheme 'ftp' is neither http nor https"),
        ("FILE:///etc/passwd", InvalidSchema, "the scheme 'file' is neither http nor https"),
        ("local_file:x", None, ""),
        ("data:,x", InvalidSchema, "the scheme 'data' is neither http nor https"),
        ("http+unix://x/", InvalidSchema, "the scheme 'http+unix' is neither http nor https"),
    ],
)
def test_a_location_leads_nowhere(
    location: str, error: type[Exception] | None, message: str
) -> None:
    base = parse_url("http://a.test/dir/page")
    if error is None:  # "_" is in no scheme: this is a path.
        assert resolve_location(base, location).origin == base.origin
        return
    with pytest.raises(error) as caught:
        resolve_location(base, location)
    assert str(caught.value).endswith(message)
    assert "SECRET" not in str(caught.value)


@given(st.sampled_from(BASES).map(parse_url), TAILS | TAILS.map("/".__add__))
@example(parse_url("http://a.test/"), "//b.test")
@example(parse_url("http://a.test/"), "/x\n")
def test_both_ways_to_resolve_give_the_same(base: URL, location: str) -> None:
    location = location.strip(" \t")
    assert result(resolve_location, base, location) == result(resolve_any, base, location)


@given(
    st.sampled_from(BASES).map(parse_url),
    st.text(st.characters(max_codepoint=0xFF), max_size=30) | TAILS,
)
def test_a_target_reads_back_and_resolves_to_itself(base: URL, location: str) -> None:
    try:
        url = resolve_location(base, location)
    except (InvalidURL, InvalidSchema):
        return
    assert everything(parse_url(url.text)) == everything(url)
    assert everything(resolve_location(base, url.text)) == everything(url)
    if url.userinfo is not None:
        assert url.userinfo[0] in location


BASE = parse_url("http://a.test/x/y")


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        ("http://", "@"),
        ("http://", "a@"),
        ("http://", "a\u0300".encode().decode("latin-1")),
        ("http://", "a."),
        ("http://", "a" * 64),
        ("http://", "-"),
        ("http://[", ":"),
        ("http://u:", "%"),
        ("http://a.test:", "0"),
        ("http://a.test/", "../"),
        ("http://a.test", "/a/.."),
        ("http://a.test/", "%41%e9%zz"),
        ("http://a.test/?", "%"),
        ("http://a.test/", "%2F"),
        ("/", "../"),
        ("", "../"),
        ("", "\x00"),
        ("", "a:"),
        ("a", "//"),
        ("/a", "%2Fa/"),
    ],
)
def test_work_is_linear(start: str, repeated: str) -> None:
    def resolve(location: str) -> object:
        return resolve_location(BASE, location)

    def text(size: int) -> str:
        return start + repeated * (size // len(repeated)) + "\t"

    assert_linear(lambda size: outcome(resolve, text(size)), 8 * 1024)
    # No count shows what a regular expression does: here its square would take minutes. What is
    # a URL at a smaller size may be too long then, and nothing else changes.
    assert outcome(resolve, text(300_000)) in {outcome(resolve, text(8 * 1024)), InvalidURL}
