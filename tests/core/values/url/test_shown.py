"""URLs as people are shown them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import parse_url
from sojourn_core.values.url.shown import SHOWN_MAX, mask_userinfo, shown_text, shown_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://a.test/x", "http://a.test/x"),
        ("https://a.test:8443/x/y", "https://a.test:8443/x/y"),
        ("http://ada:SECRET@a.test/x", "http://***@a.test/x"),
        ("http://SECRET@a.test/x", "http://***@a.test/x"),
        ("http://a.test/x?token=SECRET", "http://a.test/x?token=…"),
        ("http://a.test/x?a=SECRET&b=SECRET", "http://a.test/x?a=…&b=…"),
        ("http://a.test/x?a=SECRET=SECRET", "http://a.test/x?a=…"),
        ("http://a.test/x?SECRET", "http://a.test/x?…"),
        ("http://a.test/x?a=&&b=", "http://a.test/x?a=…&&b=…"),
        ("http://a.test/x?", "http://a.test/x?"),
        ("http://a.test/x#access_token=SECRET", "http://a.test/x"),
        ("http://a.test/x?a=1#SECRET?SECRET", "http://a.test/x?a=…"),
        ("http://a.test/@x", "http://a.test/@x"),
        ("http://ada:SECRET@a.test/@x?mail=SECRET@b.test", "http://***@a.test/@x?mail=…"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(text: str, shown: str) -> None:
    assert parse_url(text).shown.replace(":80/", "/") == shown.replace(":80/", "/")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a.test/x?token=SECRET#SECRET", "a.test/x?token=…"),
        ("//ada:SECRET@a.test/x", "//***@a.test/x"),
        ("http://ada:SECRET/SECRET@a.test:x/?b=SECRET", "http://***@a.test:x/?b=…"),
        ("http://ada:SECRET?SECRET#SECRET@a.test/", "http://***@…"),
        ("ada:SECRET?SECRET@a.test/", "ada:***@…"),
        ("a.test/x?mail=SECRET@SECRET&b", "a.test/x?mail=…&…"),
        ("http://SECRET@a.test/x?mail=SECRET@SECRET", "http://***@a.test/x?mail=…"),
        ("//a.test/x#SECRET@SECRET", "//a.test/x"),
        ("http://ada:SECRET@a.test/x?mail=SECRET@SECRET", "http://***@…"),
        ("ada:SECRET\uff20a.test", "ada:***@a.test"),
        ("", ""),
        ("?SECRET", "?…"),
    ],
)
def test_text_that_may_be_no_url_is_masked_wherever_its_author_took_it_to_end(
    text: str, shown: str
) -> None:
    assert shown_url(text) == shown
    assert shown_text(text) == repr(shown)


@given(st.text(max_size=40))
def test_no_value_and_no_fragment_is_shown(text: str) -> None:
    for url in (f"http://a.test/?name={text}-SECRET", f"http://a.test/#{text}-SECRET"):
        assert "SECRET" not in shown_url(url)
    assert "SECRET" not in shown_url(f"http://{text}:SECRET@a.test/")
    assert "SECRET" not in mask_userinfo(f"{text}:SECRET@")


def test_a_long_url_is_cut() -> None:
    assert len(shown_text("x" * 1000)) == SHOWN_MAX + 1
