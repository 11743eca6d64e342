"""Reading Set-Cookie values and their dates (RFC 6265bis 5.6, 5.1.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.rules.cookies.date import parse_date
from sojourn_core.rules.cookies.parse import SetCookie, parse_set_cookie
from tests.core.work import assert_linear

NOW = 1_700_000_000.0


def read(line: str) -> SetCookie:
    found = parse_set_cookie(line)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("a=b", "a", "b"),
        (" a\t=\t b ;x", "a", "b"),
        ("a=b=c", "a", "b=c"),
        ("a", "", "a"),
        ("=a", "", "a"),
        ("a=", "a", ""),
        ("", "", ""),
        ('a="b; c"', "a", '"b'),
        ("a=\xa0b\xa0", "a", "\xa0b\xa0"),
    ],
)
def test_name_and_value(line: str, name: str, value: str) -> None:
    found = read(line)
    assert (found.name, found.value) == (name, value)


@pytest.mark.parametrize("char", ["\0", "\x08", "\n", "\r", "\x1f", "\x7f", "\u0100"])
@pytest.mark.parametrize("line", ["a{}=b", "a=b{}", "a=b; Path=/{}", "a=b; x{}"])
def test_a_control_character_anywhere_refuses_the_line(line: str, char: str) -> None:
    assert parse_set_cookie(line.format(char)) is None


@pytest.mark.parametrize(
    ("attributes", "attribute", "expected"),
    [
        ("; PATH = /x ", "path", "/x"),
        ("; Path=/x; Path", "path", ""),
        ("; Path=x", "path", ""),
        ("; Path=/" + "x" * 1024, "path", None),
        ("; Path=/" + "x" * 1023, "path", "/" + "x" * 1023),
        ("; Domain=.A.test", "domain", "a.test"),
        ("; Domain=a.test; Domain=", "domain", ""),
        ("; secure", "secure", True),
        ("; Secure=no", "secure", True),
        ("; Secure x", "secure", False),
        ("; httponly", "http_only", True),
        ("; SameSite=STRICT", "same_site", "Strict"),
        ("; SameSite=Strict; SameSite=Bogus", "same_site", ""),
        ("; SameSite=LaxStrict", "same_site", ""),
        ("; Max-Age=60", "max_age", 60),
        ("; Max-Age=-60", "max_age", 0),
        ("; Max-Age=0", "max_age", 0),
        ("; Max-Age=-", "max_age", None),
        ("; Max-Age=+1", "max_age", None),
        ("; Max-Age=\u00b2", "max_age", None),
        ("; Max-Age=60; Max-Age=x", "max_age", 60),
        ("; Max-Age=" + "9" * 1024, "max_age", 34_560_000),
        ("; Expires=Thu, 01 Jan 1970 00:00:09 GMT; Expires=x", "expires", 9),
        (";;; =;,", "path", None),
    ],
)
def test_attributes(attributes: str, attribute: str, expected: object) -> None:
    assert getattr(read("a=b" + attributes), attribute) == expected


def test_max_age_goes_before_expires() -> None:
    past = "Expires=Thu, 01 Jan 1970 00:00:09 GMT"
    assert read(f"a=b; Max-Age=5; {past}").expires_at(NOW) == NOW + 5
    assert read(f"a=b; {past}").expires_at(NOW) == 9.0
    assert read("a=b; Max-Age=0").expires_at(NOW) == float("-inf")
    assert read("a=b").expires_at(NOW) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sun, 06-Nov-1994 08:49:37 GMT", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Foo, 06 Foo 1994 08:49:37 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:60:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:60 GMT", None),
        ("06 Nov 69 08:49:37", 3150953377),
        ("06 Nov 70 08:49:37", 26729377),
        ("06 Nov 1600 08:49:37", None),
        ("06 Nov 08:49:37", None),
        ("06 1994 08:49:37", None),
        ("Nov 1994 08:49", None),
        ("6x 08:49:37x Novx 1994x", 784111777),
        ("", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT" + " " * 51, 784111777),
        ("Sun, 06 Nov 1994 08:49:37 GMT" + " " * 52, None),
    ],
)
def test_dates(text: str, seconds: int | None) -> None:
    assert parse_date(text) == seconds


@given(st.text(st.characters(max_codepoint=255)))
def test_no_text_makes_the_date_parser_raise(text: str) -> None:
    assert parse_date(text) is None or len(text) <= 80


@pytest.mark.parametrize(
    ("start", "repeated", "end", "name"),
    [
        ("x", ";", "", ""),
        ("x", " ;", "", ""),
        ("", " ", "x", ""),
        ("a=1; Expires=1", "-", "x", "a"),
        ("a=1; Expires=1", " ", "x", "a"),
        ('c="', "\\", '"', "c"),
        ("a=1; Max-Age=", "9", "", "a"),
        ("a=1", "; Expires=1-1-1", "", "a"),
    ],
)
def test_work_grows_with_the_size_and_not_its_square(
    start: str, repeated: str, end: str, name: str
) -> None:
    assert_linear(lambda times: parse_set_cookie(start + repeated * times + end))
    # No count shows what a regular expression does: here its square would take minutes.
    found = read(start + repeated * 300_000 + end)
    assert (found.name, found.expires, found.max_age) == (name, None, None)
