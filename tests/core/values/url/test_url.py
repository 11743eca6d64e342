"""URLs: what they consist of, which are refused, and where references lead."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core.values.errors import InvalidSchema, InvalidURL, MissingSchema
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url import url as url_module
from sojourn_core.values.url.url import (
    URL,
    Origin,
    parse_url,
    prepare_url,
    resolve_location,
    with_params,
)
from tests.core.work import assert_linear

if TYPE_CHECKING:
    from collections.abc import Callable

ATTRIBUTES = [
    "text",
    "scheme",
    "host",
    "zone",
    "port",
    "explicit_port",
    "userinfo",
    "path",
    "query",
    "fragment",
    "target",
    "host_field",
    "authority",
    "origin",
    "place",
]


def everything(url: URL) -> dict[str, Any]:
    return {name: getattr(url, name) for name in ATTRIBUTES}


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
                "text": "https://U%C5%A1:p%40@a.test:443/a/c%20d?x%20y#z%5B",
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
    assert url_module._parse_any(text).place == url.place


@pytest.mark.parametrize("around", ["{} ", " \t\r\n\f\v{}", "\xa0\u3000{}\u2028"])
def test_blanks_around_are_taken_off(around: str) -> None:
    assert parse_url(around.format("http://a.test/")).text == "http://a.test/"
    assert prepare_url(around.format("http://a.test/")) == "http://a.test/"


def test_octets_are_utf_8() -> None:
    assert parse_url("http://bücher.test/š".encode()).text == "http://xn--bcher-kva.test/%C5%A1"
    assert prepare_url("http://a.test/š".encode()) == "http://a.test/%C5%A1"
    for read in (parse_url, prepare_url):
        with pytest.raises(InvalidURL, match=r"^invalid URL 'http://\*\*\*@a.test/ÿ': not UTF-8$"):
            read(b"http://u:SECRET-1@a.test/\xff")


def test_other_objects_are_read_as_their_text() -> None:
    class Text(str):
        __slots__ = ()

    url = parse_url(Text("http://a.test/"))
    assert url.text.__class__ is str
    assert parse_url(url) == url  # type: ignore[arg-type]  # a str-like object is the test
    assert prepare_url(url) == url.text  # type: ignore[arg-type]  # a str-like object is the test
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
        with_params(parse_url(longest), {"a": "b"})
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


# Params, and the URL of a request


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
        ("HTTP+unix://%2Frun%2fx/a%7E/../š#f", None, "http+unix://%2Frun%2Fx/a~/../%C5%A1#f"),
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


# Where a Location leads


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/x?y#z", "http://a.test:8080/x?y#z"),
        ("/a/./b/../c", "http://a.test:8080/a/c"),
        ("/%2e%2e/%7e%c5", "http://a.test:8080/~%C5"),
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


# Properties

HOSTS = st.sampled_from(
    [
        "a.test",
        "b-c_d.e",
        "1.a",
        "127.0.0.1",
        "xn--bcher-kva.x",
        "a.test.",
        "[::1]",
        "A.test",
        "a.1x",
    ]
)
PIECES = st.sampled_from(
    [*"/?#.%@:;=&~-_aZ09", "/..", "/.", "//", "%2F", "%7E", "%e9", "%41", "%5B", "%", "š", " "]
)
TAILS = st.lists(PIECES, max_size=12).map("".join)
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":65535", ":65536", ":", ":080", ":0"])
SCHEMES = st.sampled_from(["http", "https"])
USERINFO = st.sampled_from(["", "", "u@", "u:p@", "%40:@"])
TEXTS = st.builds(
    lambda scheme, userinfo, host, port, tail: f"{scheme}://{userinfo}{host}{port}{tail}",
    SCHEMES,
    USERINFO,
    HOSTS,
    PORTS,
    st.just("") | TAILS.map("/".__add__) | TAILS.map("?".__add__) | TAILS.map("#".__add__),
)
PLAIN_TEXTS = st.from_regex(url_module._PLAIN, fullmatch=True)


def result(read: Callable[..., URL], *arguments: Any) -> object:
    """All of a URL, or the error."""
    try:
        return everything(read(*arguments))
    except (InvalidURL, InvalidSchema, MissingSchema) as error:
        return type(error), str(error)


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


BASES = ["http://a.test/", "https://u:p@a.test:8080/x/y?z#f", "http://[fe80::1%25en0]//p/"]


@given(st.sampled_from(BASES).map(parse_url), TAILS | TAILS.map("/".__add__))
@example(parse_url("http://a.test/"), "//b.test")
@example(parse_url("http://a.test/"), "/x\n")
def test_both_ways_to_resolve_give_the_same(base: URL, location: str) -> None:
    location = location.strip(" \t")
    assert result(resolve_location, base, location) == result(url_module._resolve, base, location)


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


@given(TEXTS, st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text("aé&# ")))
def test_params_change_nothing_but_the_query(text: str, params: dict[str, str]) -> None:
    try:
        url = parse_url(text)
    except InvalidURL:
        return
    made = with_params(url, params)
    assert everything(parse_url(made.text)) == everything(made)
    assert (made.place, made.path, made.fragment) == (url.place, url.path, url.fragment)


# Work


def outcome(read: Callable[[str], object], text: str) -> type:
    """What reading a text comes to: a URL, or the error that refuses it."""
    try:
        return type(read(text))
    except (InvalidURL, InvalidSchema, MissingSchema) as error:
        return type(error)


BASE = parse_url("http://a.test/x/y")


@pytest.mark.parametrize("read", [url_module._parse, lambda text: resolve_location(BASE, text)])
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
def test_work_is_linear(read: Callable[[str], object], start: str, repeated: str) -> None:
    def text(size: int) -> str:
        return start + repeated * (size // len(repeated)) + "\t"

    assert_linear(lambda size: outcome(read, text(size)), 8 * 1024)
    # No count shows what a regular expression does: here its square would take minutes. What is
    # a URL at a smaller size may be too long then, and nothing else changes.
    assert outcome(read, text(300_000)) in {outcome(read, text(8 * 1024)), InvalidURL}
