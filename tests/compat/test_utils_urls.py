"""URLs as text: ``requests.utils`` and ours say the same."""

from __future__ import annotations

import pytest
import requests.utils as theirs
from hypothesis import given
from hypothesis import strategies as st

from sojourn.compat import utils as ours
from sojourn_core.values.errors import InvalidURL

from .sides import outcome

PIECES = [
    *["http", "https", "socks5", "ftp", ":", "//", "/", "?", "#", "@", "..", ".", "a", "B.c"],
    *["%41", "%7E", "%7e", "%2f", "%zz", "%e", "%٣٤", "é", "ü.test", "[::1]", "[FE80::1%25eth0]"],
    *["80", "080", "99999", "user:p", "~", " ", '"', "'", ",", ";", "=", "<", ">", "\\", "\t"],
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
FUNCTIONS = ["requote_uri", "unquote_unreserved", "urldefragauth", "get_auth_from_url"]


@pytest.mark.parametrize("name", FUNCTIONS)
@given(url=TEXT)
def test_any_text(name: str, url: str) -> None:
    assert outcome(getattr(ours, name), url) == outcome(getattr(theirs, name), url)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/fiz?buz=%25ppicture",
        "http://example.com/fiz?buz=%ppicture",
        "http://example.com/?a=%--",
        "http://example.com/?a=%300",
        "http://u%20ser:pass%20pass@complex.url.com/path?query=yes#f",
        "http://user:pass%23pass@a.test/path",
        "http://user@a.test/",
        "http://:@a.test",
        "//u:p@a.test/p;x=1#f",
        "example.com/path#fragment",
        "http://[::1",
        b"http://u:p@a.test/",
    ],
)
def test_urls(name: str, url: object) -> None:
    assert outcome(getattr(ours, name), url) == outcome(getattr(theirs, name), url)


def test_no_url_has_no_credentials() -> None:
    assert ours.get_auth_from_url(None) == theirs.get_auth_from_url(None) == ("", "")


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
@pytest.mark.parametrize(
    "url",
    [
        *["", "localhost", "localhost:80", "example.com", "EXAMPLE.com:080/a", "/foo?x", "//host"],
        *["http:///p", "mailto:x", "http:host", "http:/host", "http://:80", "http://host:"],
        *["u:p@host:3128", "http://u:p@host/a%7eb", "http://u%20:%7e@host", "u:p%@host/"],
        *["socks5://u@HOST:1/", "socks5h://host/../a", "foo://[::1]/..", "ftp://Host/%7e?%7e"],
        *["http://[::1]:80", "[::1]:3128", "http://[FE80::1%25eth0]/", "http://[fe80::1%eth0]"],
        *["http://ü.test/ü?ü#ü", "http://host/a/../b/./c", "host/..?x=/..#y/..", "h/p q"],
        *["http://1.2.3.4:80", "host?x", "host#x", "HTTP://H/", "http://host:0", "host;x=1"],
        *["http://host:99999", "http://host:x", "http://a b/", "http://[::g]/", "http://[::1]x"],
        *["http://host:999999999999999999999999", "http://[]/", "ht tp://host", "http://\x00/"],
    ],
)
def test_a_scheme_is_prepended(url: str, scheme: str) -> None:
    told = outcome(ours.prepend_scheme_if_needed, url, scheme)
    assert told == outcome(theirs.prepend_scheme_if_needed, url, scheme)


@given(start=st.sampled_from(["", "http://", "https://", "socks5://", "//"]), rest=TEXT)
def test_a_scheme_is_prepended_to_any_text_or_it_is_refused(start: str, rest: str) -> None:
    told = outcome(ours.prepend_scheme_if_needed, start + rest, "http")
    if told != ("raised", "InvalidURL"):
        assert told == outcome(theirs.prepend_scheme_if_needed, start + rest, "http")


@pytest.mark.parametrize(
    "url", ["http://a\\b/", "http://%61.test/", "http://user@/", "http://u@:80@", "socks5://a%41"]
)
def test_what_not_all_read_in_the_same_way_is_refused(url: str) -> None:
    with pytest.raises(InvalidURL):
        ours.prepend_scheme_if_needed(url, "http")


def test_a_refusal_does_not_show_a_password() -> None:
    with pytest.raises(InvalidURL) as caught:
        ours.prepend_scheme_if_needed("http://user:secret@host:99999/", "http")
    assert "secret" not in str(caught.value)
    assert "99999" in str(caught.value)


def test_constants() -> None:
    assert ours.UNRESERVED_SET == theirs.UNRESERVED_SET
    assert ours.DEFAULT_PORTS == theirs.DEFAULT_PORTS
    assert ours.DEFAULT_CA_BUNDLE_PATH == theirs.DEFAULT_CA_BUNDLE_PATH
