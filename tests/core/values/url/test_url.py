"""URLs: what they consist of, which are refused, and where references lead."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core.values.errors import InvalidSchema, InvalidURL, MissingSchema
from sojourn_core.values.limits import DEFAULT_LIMITS, MIB
from sojourn_core.values.url import url as url_module
from sojourn_core.values.url.plain import PLAIN_URL
from sojourn_core.values.url.url import URL, Origin, parse_any_url, parse_url
from tests.core.work import assert_linear

from .texts import TEXTS, everything, outcome, result

# What a URL consists of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "http://a.test",
            {
                "text": "http://a.test/",
                "scheme": "http",
                "host": "a.test",
                "zone": None,
                "port": 80,
                "explicit_port": None,
                "userinfo": None,
                "path": "/",
                "query": None,
                "fragment": None,
                "target": "/",
                "host_field": "a.test",
                "authority": "a.test:80",
                "origin": Origin("http", "a.test", 80),
            },
        ),
        (
            "HTTPS://U%c5%a1:p%40@A.Test:443/a/./b%7e/../c d?x y#z[",
            {
                "text": "https://U%c5%a1:p%40@a.test:443/a/c%20d?x%20y#z%5B",
                "scheme": "https",
                "host": "a.test",
                "port": 443,
                "explicit_port": 443,
                "userinfo": ("Uš", "p@"),
                "path": "/a/c%20d",
                "query": "x%20y",
                "fragment": "z%5B",
                "target": "/a/c%20d?x%20y",
                "host_field": "a.test",
                "authority": "a.test:443",
                "origin": Origin("https", "a.test", 443),
            },
        ),
        (
            "http://[FE80:0::1%25en0]:8080?",
            {
                "text": "http://[fe80:0::1%25en0]:8080/?",
                "host": "fe80::1",
                "zone": "en0",
                "port": 8080,
                "query": "",
                "target": "/?",
                "host_field": "[fe80:0::1]:8080",
                "authority": "[fe80:0::1]:8080",
                "origin": Origin("http", "fe80::1%en0", 8080),
            },
        ),
        (
            "http://u@[::1]/#",
            {
                "text": "http://u@[::1]/#",
                "host": "::1",
                "userinfo": ("u", ""),
                "fragment": "",
                "target": "/",
                "host_field": "[::1]",
                "authority": "[::1]:80",
            },
        ),
        (
            "http://127.0.0.1:443//x//y",
            {
                "text": "http://127.0.0.1:443//x//y",
                "target": "//x//y",
                "host_field": "127.0.0.1:443",
            },
        ),
        (
            "http://bücher.test:00080/š?š#š",
            {
                "text": "http://xn--bcher-kva.test:80/%C5%A1?%C5%A1#%C5%A1",
                "host": "xn--bcher-kva.test",
                "host_field": "xn--bcher-kva.test",
            },
        ),
        (
            "http://a.test/%2f%c3%a4?sig=a%2bb%3d&x=%2F",
            {"path": "/%2f%c3%a4", "target": "/%2f%c3%a4?sig=a%2bb%3d&x=%2F"},
        ),
        (
            "HTTP://a.test/%2f%41/../x y?sig=a%2bb%3d%7e",
            {"text": "http://a.test/x%20y?sig=a%2bb%3d~"},
        ),
        ("http://a.test./", {"host": "a.test.", "host_field": "a.test."}),
        ("http://a.test#@b.test/x", {"text": "http://a.test/#@b.test/x", "host": "a.test"}),
        ("http://a.test?@b.test/x", {"text": "http://a.test/?@b.test/x", "host": "a.test"}),
        ("http://a.test/\\@b.test/x", {"text": "http://a.test/%5C@b.test/x", "host": "a.test"}),
        ("http://a.test/\r\nX: 1", {"text": "http://a.test/%0D%0AX:%201"}),
        ("http://@a.test/", {"text": "http://a.test/", "userinfo": None}),
    ],
)
def test_the_parts_of_a_url(text: str, expected: dict[str, Any]) -> None:
    url = parse_url(text)
    assert {name: getattr(url, name) for name in expected} == expected
    assert parse_url(str(url)) == url
    assert url_module._parse_any(text).endpoint == url.endpoint


@pytest.mark.parametrize("around", ["{} ", " \t\r\n\f\v{}", "\xa0\u3000{}\u2028"])
def test_blanks_around_are_taken_off(around: str) -> None:
    assert parse_url(around.format("http://a.test/")).text == "http://a.test/"


def test_octets_are_utf_8() -> None:
    assert parse_url("http://bücher.test/š".encode()).text == "http://xn--bcher-kva.test/%C5%A1"
    with pytest.raises(InvalidURL, match=r"^invalid URL 'http://\*\*\*@a.test/ÿ': not UTF-8$"):
        parse_url(b"http://u:SECRET-1@a.test/\xff")


def test_other_objects_are_read_as_their_text() -> None:
    class Text(str):
        __slots__ = ()

    url = parse_url(Text("http://a.test/"))
    assert url.text.__class__ is str
    assert parse_url(url) == url  # type: ignore[arg-type]  # a str-like object is the test
    with pytest.raises(MissingSchema, match="'None'"):
        parse_url(None)  # type: ignore[arg-type]  # that it raises is the test


# What is refused


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "a.test/x",
            MissingSchema,
            "invalid URL 'a.test/x': no scheme supplied; perhaps you meant https://a.test/x?",
        ),
        (
            "//u:SECRET-1@a.test/x",
            MissingSchema,
            (
                "invalid URL '//***@a.test/x': no scheme supplied; "
                "perhaps you meant https://***@a.test/x?"
            ),
        ),
        ("", MissingSchema, "invalid URL '': no scheme supplied; perhaps you meant https://?"),
        (
            "ftp://a.test/",
            InvalidSchema,
            "invalid URL 'ftp://a.test/': the scheme 'ftp' is neither http nor https",
        ),
        (
            "user:SECRET-1@a.test",
            InvalidSchema,
            "invalid URL 'user:***@a.test': the scheme 'user' is neither http nor https",
        ),
        ("http:a.test", InvalidURL, "invalid URL 'http:a.test': no host supplied"),
        ("http:/a.test", InvalidURL, "invalid URL 'http:/a.test': no host supplied"),
        ("http:////b.test/x", InvalidURL, "invalid URL 'http:////b.test/x': no host supplied"),
        (
            "http://x@//b.test:1/",
            InvalidURL,
            "invalid URL 'http://***@//b.test:1/': the host is empty",
        ),
        (
            "http://u:SECRET-1@a.test:99999/",
            InvalidURL,
            "invalid URL 'http://***@a.test:99999/': the port is not in 1..65535",
        ),
        (
            "http://u:SECRET-1/2@a.test/@x",
            InvalidURL,
            "invalid URL 'http://***@x': the authority is not a host with or without a port",
        ),
        (
            "http:\\\\u:SECRET-1@a.test/",
            InvalidURL,
            "invalid URL 'http:***@a.test/': no host supplied",
        ),
        (
            "http://u:SECRET-1\uff20a.test/",
            InvalidURL,
            "invalid URL 'http://***@a.test/': U+FF20 stands for a delimiter",
        ),
        ("http://a.test/\ud800", InvalidURL, "it has a lone surrogate"),
        ("http://u\ud800@a.test/", InvalidURL, "it has a lone surrogate"),
        ("http://a\ud800.test/", InvalidURL, "not an internationalised name of IDNA 2008"),
        ("http://a.test:65536/", InvalidURL, "the port is not in 1..65535"),
        ("http://" + "a." * 127 + "test/", InvalidURL, "longer than 253 characters"),
        ("http://[x]//b.test/", InvalidURL, "brackets must hold an IPv6 address"),
        ("http://a.test;@b.test/", InvalidURL, "must be written as %3B"),
        ("http://a.test\\@b.test/", InvalidURL, "the authority has a backslash"),
        ("http://a.te\nst/", InvalidURL, "a blank or a control character"),
        # Controls are not blanks: nothing is removed to find a scheme.
        ("\x00http://a.test/", MissingSchema, "perhaps you meant https://\\x00http://a.test/?"),
        ("\x1fhttp://a.test/", MissingSchema, "perhaps you meant https://\\x1fhttp://a.test/?"),
        ("ht\ntp://a.test/", MissingSchema, "perhaps you meant https://ht\\ntp://a.test/?"),
        ("1http://a.test/", MissingSchema, "perhaps you meant https://1http://a.test/?"),
    ],
)
def test_what_is_refused(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        parse_url(text)
    assert type(caught.value) is error
    assert str(caught.value).endswith(message)
    assert "SECRET" not in str(caught.value)


def test_a_second_reader_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(url_module, "rfc3986_reads", lambda *_: False)
    with pytest.raises(InvalidURL, match="it can be read in more than one way"):
        parse_url("http://read.twice.test/%")


def test_a_url_has_a_longest_length() -> None:
    most = DEFAULT_LIMITS.url_size_max
    start = "http://a.test/"
    longest = start + "x" * (most - len(start))
    assert parse_url(longest).text == longest
    message = f"longer than {most} characters"
    for text in [longest + "x", start + "š" * (most // 4)]:  # As given, and as encoded.
        with pytest.raises(InvalidURL, match=message):
            parse_url(text)
    with pytest.raises(InvalidURL, match=message):
        parse_url(longest).with_fragment("")


def test_messages_are_short() -> None:
    with pytest.raises(InvalidURL) as caught:
        parse_url("http://a b.test/" + "x" * 10_000)
    assert len(str(caught.value)) < 400


# URLs as values


def test_a_url_is_equal_by_text() -> None:
    url = parse_url("http://a.test")
    assert url == parse_url("http://a.test/")
    assert hash(url) == hash(parse_url("http://a.test/"))
    assert url != parse_url("http://a.test/#")
    assert url != "http://a.test/"


def test_a_url_cannot_be_changed() -> None:
    url = parse_url("http://a.test/")
    with pytest.raises(AttributeError, match="a URL cannot be changed: host"):
        url.host = "b.test"
    with pytest.raises(AttributeError, match="a URL cannot be changed: host"):
        del url.host
    with pytest.raises(AttributeError):
        url.other = 1  # type: ignore[attr-defined]  # that it raises is the test
    assert url.host == "a.test"


def test_a_url_is_made_by_reading_one() -> None:
    assert everything(URL("HTTP://A.test")) == everything(parse_url("http://a.test/"))
    with pytest.raises(MissingSchema):
        URL("a.test")


@pytest.mark.parametrize("text", ["http://u:p@a.test/x?y#z", "http://[fe80::1%25en0]/"])
def test_a_url_can_be_copied(text: str) -> None:
    url = parse_url(text)
    for made in (copy.copy(url), copy.deepcopy(url), pickle.loads(pickle.dumps(url))):
        assert everything(made) == everything(url)


def test_a_userinfo_is_not_shown() -> None:
    assert repr(parse_url("http://u:SECRET-1@a.test/@x")) == "URL('http://***@a.test/@x')"
    assert repr(parse_url("http://a.test/@x")) == "URL('http://a.test/@x')"


def test_without_userinfo() -> None:
    url = parse_url("https://u:p@a.test:1/x?y#z")
    assert everything(url.without_userinfo()) == everything(parse_url("https://a.test:1/x?y#z"))
    bare = url.without_userinfo()
    assert bare.without_userinfo() is bare


def test_with_fragment() -> None:
    url = parse_url("http://a.test/x?y")
    assert url.with_fragment("z š#").text == "http://a.test/x?y#z%20%C5%A1%23"
    assert url.with_fragment("").text == "http://a.test/x?y#"
    assert url.with_fragment("z").with_fragment(None) == url
    with pytest.raises(InvalidURL, match="its fragment has a lone surrogate"):
        url.with_fragment("\ud800")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://u:p@a.test:80/x?y#z", "http://a.test/x?y"),
        ("https://[fe80::1%25en0]:1", "https://[fe80::1]:1/"),
    ],
)
def test_absolute_form(text: str, expected: str) -> None:
    assert parse_url(text).absolute_form() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://u@a.test:80/x", "http://a.test"),
        ("https://a.test:80/x", "https://a.test:80"),
        ("http://[0::1]:8080/", "http://[::1]:8080"),
        ("https://[fe80::1%en0]/", "https://[fe80::1%25en0]"),
    ],
)
def test_an_origin_as_text(text: str, expected: str) -> None:
    assert str(parse_url(text).origin) == expected
    assert parse_url(expected).origin == parse_url(text).origin


def test_an_origin_of_another_scheme_as_text() -> None:
    assert str(Origin("ftp", "a.test", 21)) == "ftp://a.test:21"
    assert str(Origin("http+unix", "a.sock", 0)) == "http+unix://a.sock"  # There is no port.


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.test/x", "http://u@A.test:80/y", True),
        ("http://[::1]/", "http://[0:0::1]/", True),
        ("http://[::ffff:1.2.3.4]/", "http://[::ffff:102:304]/", True),
        ("http://bücher.test/", "http://XN--BCHER-KVA.test/", True),
        ("http://a.test/", "https://a.test/", False),
        ("http://a.test/", "http://a.test:8080/", False),
        ("http://a.test/", "http://a.test./", False),
        ("http://[fe80::1%25en0]/", "http://[fe80::1%25en1]/", False),
        ("http://[fe80::1%25en0]/", "http://[fe80::1]/", False),
    ],
)
def test_same_origin(one: str, other: str, *, same: bool) -> None:
    assert (parse_url(one).origin == parse_url(other).origin) is same


def test_urls_are_kept_if_they_are_short() -> None:
    short = "http://kept.test/x"
    assert parse_url(short) is parse_url(short)
    long = "http://kept.test/" + "x" * 2048
    assert parse_url(long) == parse_url(long)
    assert parse_url(long) is not parse_url(long)
    assert url_module._cached.cache_info().maxsize == 1024


# URLs of other schemes


@pytest.mark.parametrize(
    ("text", "host", "target", "fragment"),
    [
        ("file:///etc/hosts", "", "/etc/hosts", None),
        ("HTTP+unix://u@Run/x?y#z", "run", "/x?y", "z"),
        ("mailto:user@a.test", "", "user@a.test", None),
    ],
)
def test_other_schemes_are_taken_as_they_are(
    text: str, host: str, target: str, fragment: str | None
) -> None:
    url = parse_any_url(text)
    assert (url.text, url.target, url.fragment) == (text, target, fragment)
    assert url.origin == Origin(text.partition(":")[0].lower(), host, 0)
    with pytest.raises(InvalidSchema):
        parse_url(text)


@pytest.mark.parametrize("text", ["http://a.test", "HTTPS://A.test/x"])
def test_urls_of_http_are_normalised_among_other_schemes(text: str) -> None:
    assert parse_any_url(text) is parse_url(text)


# Properties

PLAIN_TEXTS = st.from_regex(PLAIN_URL, fullmatch=True)


@given(TEXTS | PLAIN_TEXTS)
@example("http://" + "a." * 126 + "ab/")
@example("http://" + "a." * 126 + "a/")
@example("http://" + "a" * 63 + ".test")
@example("http://a.test\n")
@example("http://0x7f/")
def test_the_short_way_and_the_long_way_give_the_same(text: str) -> None:
    assert result(url_module._parse, text) == result(url_module._parse_any, text)


@given(PLAIN_TEXTS)
def test_plain_texts_are_normal_already(text: str) -> None:
    try:
        url = url_module._parse_any(text)
    except InvalidURL:  # Too long a host, or too high a port.
        return
    if "/." not in text:
        after = text.partition("://")[2]
        place = min(after.find(mark) % (len(after) + 1) for mark in "/?#")
        start = len(text) - len(after) + place
        assert url.text == (
            text if text[start : start + 1] == "/" else text[:start] + "/" + text[start:]
        )


@given(st.text(max_size=30) | TEXTS)
def test_a_url_reads_back_as_itself(text: str) -> None:
    for prefix in ("", "http://", "http://a.test"):
        try:
            url = parse_url(prefix + text)
        except (InvalidURL, InvalidSchema, MissingSchema):
            continue
        assert url.text.isascii()
        assert url.text.isprintable()
        assert " " not in url.text
        for made in (url_module._parse(url.text), url_module._parse_any(url.text)):
            assert everything(made) == everything(url)


# Work


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
    def text(size: int) -> str:
        return start + repeated * (size // len(repeated)) + "\t"

    assert_linear(lambda size: outcome(url_module._parse, text(size)), 8 * 1024)
    # No count shows what a regular expression does: here its square would take minutes. What is
    # a URL at a smaller size may be too long then, and nothing else changes.
    assert outcome(url_module._parse, text(300_000)) in {
        outcome(url_module._parse, text(8 * 1024)),
        InvalidURL,
    }


@pytest.mark.parametrize(
    ("start", "refused"),
    [
        ("data:text/plain,", InvalidSchema),
        ("DATA:", InvalidSchema),
        ("ftp://a.test/", InvalidSchema),
        ("ftp://me:secret@a.test/", InvalidSchema),
        ("http://a.test/", InvalidURL),
        ("http://me@a.test/", InvalidURL),
        ("", InvalidURL),
        ("http:", InvalidURL),
    ],
)
def test_a_huge_text_is_refused_without_a_copy_of_it(start: str, refused: type[Exception]) -> None:
    text = start + "a" * (16 * MIB)
    tracemalloc.start()
    try:
        with pytest.raises(refused) as caught:
            parse_url(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB // 4
    assert type(caught.value) is refused
    assert len(str(caught.value)) < 400
    assert "secret" not in str(caught.value)
