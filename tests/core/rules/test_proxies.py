"""The choice of a proxy: by which key, whether at all, and what its URL may be."""

from __future__ import annotations

import ipaddress
import pickle
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.rules.auth.credentials import basic_credentials
from sojourn_core.rules.proxies import (
    bypasses,
    choose_proxy,
    environment_proxies,
    parse_proxy,
    proxy_authorization,
    resolve_proxies,
    select_proxy,
)
from sojourn_core.values.environment import EMPTY_ENVIRONMENT, Environment
from sojourn_core.values.errors import InvalidHeader, InvalidProxyURL
from sojourn_core.values.route import Proxy, Route
from sojourn_core.values.url.url import parse_any_url, parse_url
from tests.core.work import assert_linear

if TYPE_CHECKING:
    from collections.abc import Mapping

P = "http://p.test:3128"
Q = "http://q.test:3128"

# --- the key ----------------------------------------------------------------------------------

ALL_KEYS = {
    "http://a.test": "http://1.test",
    "http": "http://2.test",
    "all://a.test": "http://3.test",
    "all": "http://4.test",
}


@pytest.mark.parametrize(
    ("url", "proxies", "key"),
    [
        ("http://a.test/", ALL_KEYS, "http://a.test"),
        ("http://A.Test:8080/x", ALL_KEYS, "http://a.test"),
        ("http://b.test/", ALL_KEYS, "http"),
        ("https://a.test/", ALL_KEYS, "all://a.test"),
        ("https://b.test/", ALL_KEYS, "all"),
        ("http://c.a.test/", ALL_KEYS, "http"),
        ("http://user:http@b.test/", ALL_KEYS, "http"),
        ("https://b.test/", {"http": P}, None),
        ("http://[::1]:8080/", {"http://::1": P}, "http://::1"),
        ("http://a.test/", {"http://a.test:80": P}, None),
        ("http://a.test/", {"no": "a.test", "no_proxy": "a.test"}, None),
        ("http://a.test/", {}, None),
        ("ftp://a.test/", {"ftp": P, "all": Q}, "ftp"),
        ("ftp://A.test:21/", {"all://a.test": P, "all": Q}, "all://a.test"),
        ("data:,x", {"data": P, "all": Q}, "data"),
        ("data:,x", {"all://": P, "all": Q}, "all"),
        ("x://[a/", {"all": Q}, "all"),
    ],
)
def test_the_key_that_chooses(url: str, proxies: Mapping[str, str], key: str | None) -> None:
    parsed = parse_any_url(url)
    expected = None if key is None else proxies[key]
    assert select_proxy(parsed, proxies) == expected
    chosen = None if expected is None else parse_proxy(expected)
    assert choose_proxy(parsed, proxies) == (chosen, key)


@pytest.mark.parametrize("nothing", ["", None])
def test_a_key_without_a_proxy_says_to_go_directly(nothing: str) -> None:
    proxies = {"http": nothing, "all": P}
    url = parse_url("http://a.test/")
    assert select_proxy(url, proxies) == nothing
    assert choose_proxy(url, proxies) == (None, "http")


def test_only_the_proxy_chosen_has_to_be_valid() -> None:
    proxies = {"http": P, "all": "http://"}
    assert choose_proxy(parse_url("http://a.test/"), proxies) == (parse_proxy(P), "http")
    with pytest.raises(InvalidProxyURL):
        choose_proxy(parse_url("https://a.test/"), proxies)


# --- no_proxy ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "no_proxy", "expected"),
    [
        # The list.
        ("http://a.test/", "", False),
        ("http://a.test/", " , ,, ", False),
        ("http://a.test/", "b.test,a.test", True),
        ("http://a.test/", "b.test a.test", True),
        ("http://a.test/", "b.test,\ta.test\n", True),
        ("http://a.test/", "*", True),
        ("http://[::1]/", "b.test, *", True),
        ("http://127.0.0.1/", "*", True),
        ("http://a.test/", "*.test", False),
        # Names.
        ("http://example.com/", "example.com", True),
        ("http://www.example.com/", "example.com", True),
        ("http://www.example.com/", "com", True),
        ("http://example.com/", "ample.com", False),
        ("http://example.com/", ".ample.com", False),
        ("http://example.com/", "www.example.com", False),
        ("http://example.com.evil.test/", "example.com", False),
        ("http://example.com/", ".example.com", True),
        ("http://www.example.com/", "..example.com", True),
        ("http://EXAMPLE.com/", "Example.COM", True),
        ("http://example.com./", "example.com", True),
        ("http://example.com/", "example.com.", True),
        ("http://www.example.com./", ".example.com.", True),
        ("http://example.com/", "example..com", False),
        ("http://example.com/", "example.com..", False),
        ("http://example.com/", ".", False),
        ("http://xn--bcher-kva.test/", "bücher.test", True),
        ("http://bücher.test/", "xn--bcher-kva.test", True),
        # Ports.
        ("http://a.test:8080/", "a.test:8080", True),
        ("http://b.a.test:8080/", ".a.test:8080", True),
        ("http://a.test:8080/", "a.test", True),
        ("http://a.test:8081/", "a.test:8080", False),
        ("http://a.test/", "a.test:80", True),
        ("https://a.test/", "a.test:443", True),
        ("https://a.test/", "a.test:80", False),
        ("http://a.test/", "a.test:00080", True),
        ("http://a.test/", "a.test:", False),
        ("http://a.test/", "a.test:0", False),
        ("http://a.test/", "a.test:65616", False),  # 80 and 65536.
        ("http://a.test/", "a.test:80x", False),
        ("http://a.test/", "a.test:80/8", False),
        ("http://a.test/", "http://a.test", False),
        # IPv4.
        ("http://127.0.0.1/", "127.0.0.1", True),
        ("http://127.0.0.1:8080/", "127.0.0.1", True),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080", True),
        ("http://127.0.0.1:8081/", "127.0.0.1:8080", False),
        ("http://127.0.0.1/", "0.0.1", False),
        ("http://127.0.0.1/", ".0.0.1", False),
        ("http://127.0.0.1/", "127.1", False),
        ("http://127.0.0.1/", "127.0.0.01", False),
        ("http://127.0.0.1/", "x.127.0.0.1", False),
        ("http://10.1.2.3/", "10.0.0.0/8", True),
        ("http://10.1.2.3/", "10.9.9.9/8", True),
        ("http://10.1.2.3/", "10.0.0.0/8:80", True),
        ("http://10.1.2.3/", "10.0.0.0/8:81", False),
        ("http://11.1.2.3/", "10.0.0.0/8", False),
        ("http://11.1.2.3/", "0.0.0.0/0", True),
        ("http://10.1.2.3/", "10.1.2.3/32", True),
        ("http://10.1.2.3/", "10.0.0.0/33", False),
        ("http://10.1.2.3/", "10.0.0.0/255.0.0.0", False),
        ("http://10.1.2.3/", "10.0.0.0/", False),
        ("http://10.1.2.3/", "10.0.0.0/-8", False),
        ("http://10.1.2.3/", "10/8", False),
        ("http://10.1.2.3/", "10.0.0.0/8/8", False),
        ("http://a.test/", "0.0.0.0/0,::/0", False),
        ("http://a.test/", "a.test/8", False),
        # IPv6.
        ("http://[::1]/", "::1", True),
        ("http://[::1]/", "[::1]", True),
        ("http://[::1]/", "0:0::0:1", True),
        ("http://[::1]:8080/", "[::1]:8080", True),
        ("http://[::1]:8081/", "[::1]:8080", False),
        ("http://[::1:8080]/", "::1:8080", True),
        ("http://[::1]:8080/", "::1:8080", False),
        ("http://[2001:DB8::1]/", "2001:db8::/32", True),
        ("http://[2001:db8::1]/", "[2001:db8::]/32", True),
        ("http://[2001:db8::1]/", "[2001:db8::/32]", True),
        ("http://[2001:db8::1]/", "[2001:db8::/32]:80", True),
        ("http://[2001:db8::1]/", "[2001:db8::]/32:81", False),
        ("http://[2001:db8::1]/", "[2001:db8::/32]/32", False),
        ("http://[2001:db9::1]/", "2001:db8::/32", False),
        ("http://[2001:db8::1]/", "2001:db8::/129", False),
        ("http://[2001:db8::1]/", "0.0.0.0/0", False),
        ("http://[::1]/", "[::1", False),
        ("http://[::1]/", "::1]", False),
        ("http://[::1]/", ":::1", False),
        ("http://[::1]/", "1", False),
        ("http://[fe80::1%25en0]/", "fe80::/10", True),
        ("http://127.0.0.1/", "[127.0.0.1]", False),
        # The loopback interface is one place by all of its names.
        ("http://localhost/", "a.test", False),
        ("http://LOCALHOST./", "127.0.0.1", True),
        ("http://a.localhost/", "::1", True),
        ("http://[::1]/", "localhost", True),
        ("http://[::1]/", "127.0.0.0/8", True),
        ("http://127.9.9.9/", "localhost", True),
        ("http://[::ffff:127.0.0.1]/", "localhost", True),
        ("http://127.0.0.1:81/", "localhost:80", False),
        ("http://localhost.a.test/", "127.0.0.1", False),
        ("http://10.0.0.1/", "localhost", False),
        ("http://localhost/", "127.0.0.1", True),
        ("http://localhost/", "localhost", True),
        ("http://127.0.0.1/", "<local>,localhost", True),
        ("http://127.0.0.1/", "<local>", False),
        # Other schemes.
        ("ftp://a.test:21/", "a.test", True),
        ("ftp://a.test:21/", "a.test:21", False),
        ("ftp://b.test/", "a.test", False),
        ("ftp://[fe80::1%25en0]/", "fe80::/10", True),
        ("data:,x", "", True),
        ("x://[a/", "", True),
    ],
)
def test_who_goes_without(url: str, no_proxy: str, expected: bool) -> None:
    assert bypasses(parse_any_url(url), no_proxy) is expected


@pytest.mark.parametrize(
    ("url", "no_proxy", "strict", "as_requests"),
    [
        ("http://a.test/", "b.test a.test", True, False),
        ("http://a.test/", "b.test,*", True, False),
        ("http://a.test/", "a.test:80", True, False),
        ("http://a.test:80/", "A.Test:80", True, False),
        ("http://a.test./", "a.test", True, False),
        ("http://127.0.0.1:80/", "127.0.0.1:80", True, False),
        ("http://127.0.0.1/", "0.0.1", False, True),
        ("http://127.0.0.1/", "0.0.0.0/0", True, False),
        ("http://127.0.0.1/", "127.0.0.1/255.0.0.0", False, False),
        ("http://127.0.0.1/", "127.0.0.0/+8", False, True),  # int() reads it.
        ("http://127.0.0.1/", "127.0.0.1/8", True, True),
        ("http://127.0.0.1/", "127.0.0.1", True, True),
        ("http://127.0.0.1/", "*", True, True),
        ("http://[::1]/", "::1", True, True),
        ("http://[::1]/", "[::1]", True, False),
        ("http://[::1]/", "::/0", True, False),
        ("http://[::1]/", ":", False, True),  # urllib takes the last group for a port.
        ("http://[fe80::]/", "fe80:", False, True),
        ("http://a.test/", "ample, a.test", True, True),
        ("http://example.com/", "ample.com", False, False),
        ("ftp://a.test/", "a.test", True, True),
    ],
)
def test_where_the_two_ways_to_match_differ(
    url: str, no_proxy: str, strict: bool, as_requests: bool
) -> None:
    parsed = parse_any_url(url)
    assert bypasses(parsed, no_proxy) is strict
    assert bypasses(parsed, no_proxy, strict=False) is as_requests


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32), st.integers(0, 32))
def test_ipv4_networks(
    host: ipaddress.IPv4Address, address: ipaddress.IPv4Address, prefix: int, kept: int
) -> None:
    near = ipaddress.IPv4Address(int(host) ^ (int(address) >> kept))  # The first bits are equal.
    network = ipaddress.IPv4Network((near, prefix), strict=False)
    url = parse_url(f"http://{host}/")
    assert bypasses(url, f"{near}/{prefix}") is (host in network)
    assert bypasses(url, f"{near}/{prefix}", strict=False) is (host in network and prefix > 0)
    assert bypasses(url, str(near)) is (host == near)


@given(st.ip_addresses(v=6), st.ip_addresses(v=6), st.integers(0, 128), st.integers(0, 128))
def test_ipv6_networks(
    host: ipaddress.IPv6Address, address: ipaddress.IPv6Address, prefix: int, kept: int
) -> None:
    near = ipaddress.IPv6Address(int(host) ^ (int(address) >> kept))
    network = ipaddress.IPv6Network((near, prefix), strict=False)
    url = parse_url(f"http://[{host}]/")
    for entry in (f"{near}/{prefix}", f"[{near}]/{prefix}", f"[{near.exploded}/{prefix}]"):
        assert bypasses(url, entry) is (host in network)
    assert bypasses(url, str(near)) is (host == near)


LABELS = st.lists(st.sampled_from(["a", "b", "ab", "test"]), min_size=1, max_size=4)


@given(LABELS, LABELS)
def test_names_match_whole_labels(host: list[str], entry: list[str]) -> None:
    expected = host[-len(entry) :] == entry
    url = parse_url(f"http://{'.'.join(host)}/")
    assert bypasses(url, ".".join(entry)) is expected
    assert bypasses(url, ".".join(entry), strict=False) is expected


@given(st.text(alphabet="*.,:/[] 0189afx\tü\x00²%@-_"))
def test_no_list_makes_it_raise(no_proxy: str) -> None:
    for text in ("http://a.test:8/", "http://1.2.3.4/", "http://[fe80::1%25x]/", "x:y"):
        for strict in (True, False):
            assert isinstance(bypasses(parse_any_url(text), no_proxy, strict=strict), bool)


@pytest.mark.parametrize("unit", [",", "a.", "1:", "[", ":", "/", "a,", "1.", "::,", "1/8,"])
def test_reading_a_list_is_linear(unit: str) -> None:
    url = parse_url("http://a.test/")
    assert_linear(lambda times: bypasses(url, unit * times))
    assert not bypasses(url, unit * 100_000)


# --- the environment --------------------------------------------------------------------------

AROUND = Environment(
    proxies={"http": P, "all": Q, "no": "a.test,10.0.0.0/8"}, no_proxy="a.test,10.0.0.0/8"
)


@pytest.mark.parametrize(
    ("url", "no_proxy", "expected"),
    [
        ("http://b.test/", None, AROUND.proxies),
        ("http://a.test/", None, {}),
        ("http://10.0.0.1/", None, {}),
        ("http://a.test/", "b.test", AROUND.proxies),  # What is given replaces what is around.
        ("http://b.test/", "b.test", {}),
        ("http://a.test/", "", AROUND.proxies),
        ("data:,x", None, {}),
    ],
)
def test_proxies_of_the_environment(
    url: str, no_proxy: str | None, expected: Mapping[str, str]
) -> None:
    found = environment_proxies(parse_any_url(url), AROUND, no_proxy)
    assert found == expected
    found["http"] = "changed"
    assert AROUND.proxies["http"] == P


@pytest.mark.parametrize(
    ("url", "proxies", "expected"),
    [
        ("http://b.test/", None, {"http": P}),
        ("http://b.test/", {}, {"http": P}),
        ("https://b.test/", {}, {"https": Q}),
        ("http://b.test/", {"http": "given"}, {"http": "given"}),
        ("http://b.test/", {"https": "given"}, {"https": "given", "http": P}),
        ("http://b.test/", {"all": "given"}, {"all": "given", "http": P}),  # As in Requests.
        ("http://b.test/", {"http": ""}, {"http": ""}),
        ("http://a.test/", {}, {}),
        ("http://a.test/", {"http": "given"}, {"http": "given"}),  # no_proxy is not for these.
        ("http://a.test/", {"no_proxy": "b.test"}, {"no_proxy": "b.test", "http": P}),
        ("http://b.test/", {"no_proxy": "b.test"}, {"no_proxy": "b.test"}),
    ],
)
def test_what_is_given_and_what_is_around(
    url: str, proxies: dict[str, str] | None, expected: dict[str, str]
) -> None:
    given_before = None if proxies is None else dict(proxies)
    parsed = parse_url(url)
    found = resolve_proxies(parsed, proxies, AROUND, trust_env=True)
    assert found == expected
    assert found is not proxies
    assert proxies == given_before
    for environment, trust_env in ((AROUND, False), (None, True), (EMPTY_ENVIRONMENT, True)):
        assert resolve_proxies(parsed, proxies, environment, trust_env) == (proxies or {})


def test_the_way_to_match_is_handed_down() -> None:
    around = Environment(proxies={"http": P}, no_proxy="b.test *")
    url = parse_url("http://a.test/")
    assert environment_proxies(url, around) == {}
    assert environment_proxies(url, around, strict=False) == {"http": P}
    assert resolve_proxies(url, {}, around, trust_env=True) == {}
    assert resolve_proxies(url, {}, around, trust_env=True, strict=False) == {"http": P}


def test_an_environment_without_a_proxy_for_this_scheme() -> None:
    around = Environment(proxies={"ftp": P})
    assert resolve_proxies(parse_url("http://a.test/"), {}, around, trust_env=True) == {}


# --- the URL of a proxy -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://p.test:3128", "http://p.test:3128/"),
        ("HTTP://P.test:3128/", "http://p.test:3128/"),
        ("p.test:3128", "http://p.test:3128/"),
        ("p.test", "http://p.test/"),
        ("localhost:3128", "http://localhost:3128/"),
        ("127.0.0.1:3128", "http://127.0.0.1:3128/"),
        ("[::1]:3128", "http://[::1]:3128/"),
        ("//p.test:3128", "http://p.test:3128/"),
        (" http://p.test:3128\n", "http://p.test:3128/"),
        ("http://p.test/path?query#fragment", "http://p.test/"),
        ("user:secret@p.test:3128", "http://user:secret@p.test:3128/"),
        ("http://user@p.test", "http://user@p.test/"),
        ("http://us%40er:se%2Fcret@p.test", "http://us%40er:se%2Fcret@p.test/"),
    ],
)
def test_urls_of_proxies(text: str, expected: str) -> None:
    proxy = parse_proxy(text)
    assert proxy == Proxy(parse_url(expected))
    assert proxy.url.text == expected
    assert parse_proxy(text) is proxy


def test_a_url_in_hand_is_read_by_its_text() -> None:
    assert parse_proxy(parse_url("http://p.test:3128/x")) == parse_proxy("p.test:3128")  # type: ignore[arg-type]  # Callers give what has a text.


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "http:",
        "http://",
        "https://",
        "http:/p.test:3128",
        "http:p.test:3128",
        "http:///p.test:3128",
        "http://:3128",
        ":3128",
        "/p.test",
        "http://user:secret@",
        "http://user:secret@:3128",
        "socks5://",
        "http:\\\\p.test",
    ],
)
def test_a_url_without_a_host(text: str) -> None:
    with pytest.raises(InvalidProxyURL) as caught:
        parse_proxy(text)
    assert str(caught.value) == (
        "Please check proxy URL. It is malformed and could be missing the host."
    )


@pytest.mark.parametrize("scheme", ["ftp", "http+unix", "socks", "socks6", "SOCKS5S"])
def test_other_schemes_are_refused_by_name(scheme: str) -> None:
    with pytest.raises(InvalidProxyURL) as caught:
        parse_proxy(f"{scheme}://user:secret@p.test:1080")
    assert str(caught.value) == f"proxies of scheme {scheme.lower()!r} are not supported"


@pytest.mark.parametrize(
    ("text", "origin", "port", "resolves"),
    [
        ("https://p.test", "https://p.test", 443, True),
        ("HTTPS://p.test:3128/x", "https://p.test:3128", 3128, True),
        ("socks4://p.test", "socks4://p.test:1080", 1080, False),
        ("socks4a://P.test:9050", "socks4a://p.test:9050", 9050, True),
        ("socks5://192.0.2.1/", "socks5://192.0.2.1:1080", 1080, False),
        ("SOCKS5H://[::1]:81?x", "socks5h://[::1]:81", 81, True),
        ("socks5h://b\u00fccher.test", "socks5h://xn--bcher-kva.test:1080", 1080, True),
        ("socks5h://[fe80::1%25en0]", "socks5h://[fe80::1%25en0]:1080", 1080, True),
    ],
)
def test_proxies_that_do_not_speak_plain_http(
    text: str, origin: str, port: int, resolves: bool
) -> None:
    proxy = parse_proxy(text)
    assert (str(proxy.url.origin), proxy.url.port, proxy.resolves) == (origin, port, resolves)
    assert proxy.is_socks is text.lower().startswith("socks")
    assert proxy == parse_proxy(text)
    assert pickle.loads(pickle.dumps(proxy)) == proxy


@pytest.mark.parametrize("scheme", ["https", "socks5", "socks4a"])
def test_credentials_of_these(scheme: str) -> None:
    """Those of SOCKS are no field of HTTP."""
    proxy = parse_proxy(f"{scheme}://us%40er:p%3Ass@p.test")
    assert proxy.url.userinfo == ("us@er", "p:ss")
    assert "ss@" not in repr(proxy)
    shown = proxy_authorization(proxy, "utf-8")
    assert shown == (basic_credentials("us@er", "p:ss", "utf-8") if scheme == "https" else None)


@pytest.mark.parametrize(
    ("proxy", "tunnels", "forwards"),
    [
        ("http://p.test", False, True),
        ("https://p.test", False, True),
        ("http://p.test", True, False),
        ("https://p.test", True, False),
        ("socks5://p.test", False, False),
        (None, False, False),
    ],
)
def test_which_proxies_forward(proxy: str | None, tunnels: bool, forwards: bool) -> None:
    route = Route(None if proxy is None else parse_proxy(proxy), tunnels=tunnels)
    assert route.forwards("http") is forwards
    assert route.forwards("https") is False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://user:secret@p.test:99999", "the port is not in"),
        ("http://user:secret@p.test:port", "not a host with or without a port"),
        ("http://user:secret@p .test", "a blank or a control character"),
        ("http://user:secret@p.test\\x", "a backslash"),
        ("http://user:sec@ret@p.test", "must be written as %40"),
        ("http://user:1/secret@p.test", "must be percent-encoded"),
        ("http://user:1?secret@p.test", "must be percent-encoded"),
        ("http://user:1#secret@p.test", "must be percent-encoded"),
        ("http://user:secret\uff20p.test", "stands for a delimiter"),
        ("http://user:secret@127.1", "must be a dotted quad"),
        ("user:secret@[::1", "not a host with or without a port"),
        ("a" * 300, "longer than"),
    ],
)
def test_what_no_request_can_be_sent_to(text: str, reason: str) -> None:
    with pytest.raises(InvalidProxyURL, match=reason) as caught:
        parse_proxy(text)
    shown = str(caught.value) + repr(caught.value)
    assert "sec" not in shown
    assert "user:" not in shown
    assert caught.value.__cause__ is None


@given(st.text(alphabet="htps:/@?#[]%.u1 \\\uff20é"))
def test_every_text_is_a_proxy_or_is_refused(text: str) -> None:
    try:
        proxy = parse_proxy(text)
    except InvalidProxyURL:
        return
    assert proxy.url.scheme == "http"
    assert proxy.url.host
    assert proxy.url.target == "/"


def test_no_secret_is_shown() -> None:
    proxy = parse_proxy("http://user:secret@p.test:3128")
    assert "secret" not in repr(proxy)
    assert "user" not in repr(proxy)


# --- its credentials --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "charset", "credentials"),
    [
        ("http://p.test", "utf-8", None),
        ("http://@p.test", "utf-8", None),
        ("http://:@p.test", "utf-8", None),
        ("http://user:secret@p.test", "utf-8", b"user:secret"),
        ("http://user@p.test", "utf-8", b"user:"),
        ("http://:secret@p.test", "utf-8", b":secret"),
        ("http://us%40er:se%3Acret%2F@p.test", "utf-8", b"us@er:se:cret/"),
        ("http://m%C3%BCller:stra%C3%9Fe@p.test", "utf-8", "müller:straße".encode()),
        ("http://m%C3%BCller:stra%C3%9Fe@p.test", "latin-1", "müller:straße".encode("latin-1")),
    ],
)
def test_credentials_of_a_proxy(text: str, charset: str, credentials: bytes | None) -> None:
    expected = None if credentials is None else f"Basic {b64encode(credentials).decode()}"
    assert proxy_authorization(parse_proxy(text), charset) == expected


@pytest.mark.parametrize("userinfo", ["us%3Aer:secret", "user:secret%0A", "user:secret%E2%82%AC"])
def test_credentials_that_cannot_be_sent(userinfo: str) -> None:
    with pytest.raises(InvalidHeader) as caught:
        proxy_authorization(parse_proxy(f"http://{userinfo}@p.test"), "latin-1")
    assert "secret" not in str(caught.value)
