"""What a request comes to on the wire."""

from __future__ import annotations

import ssl
from math import inf
from typing import Any

import pytest

from sojourn_core import (
    DIRECT,
    Limits,
    PoolKey,
    Proxy,
    Request,
    Route,
    SendSettings,
    Timeouts,
    parse_url,
)
from sojourn_core.commands import Send
from sojourn_core.exchange.plan import ExchangePlan, plan_exchange
from sojourn_core.exchange.pool_key import TlsIdentity
from sojourn_core.values.errors import InvalidProxyURL, InvalidSchema, LocalProtocolError
from sojourn_core.values.route import SocketSettings
from sojourn_core.values.url.url import parse_any_url


def plan_of(
    url: str,
    *,
    context: Any = None,
    route: Route = DIRECT,
    cert: Any = ("c.pem", "k.pem"),
    **request: Any,
) -> ExchangePlan:
    prepared = Request(request.pop("method", "GET"), url, **request).prepare()
    settings = SendSettings(timeouts=Timeouts(read=7.0), verify="ca.pem", cert=cert)
    return plan_exchange(
        Send(prepared, route, settings, 9.0, fresh=True), limits=Limits(), tls_context=context
    )


@pytest.mark.parametrize(
    ("url", "target", "host_field", "host", "port", "server_name"),
    [
        ("http://a.test", "/", "a.test", "a.test", 80, "a.test"),
        ("http://a.test:80/x?y#z", "/x?y", "a.test", "a.test", 80, "a.test"),
        ("http://a.test:8080/?", "/?", "a.test:8080", "a.test", 8080, "a.test"),
        ("http://user:pass@A.test/x", "/x", "a.test", "a.test", 80, "a.test"),
        ("http://a.test./x", "/x", "a.test.", "a.test.", 80, "a.test"),
        ("http://[::1]:81/", "/", "[::1]:81", "::1", 81, "::1"),
        ("http://[fe80::1%25eth0]/", "/", "[fe80::1]", "fe80::1%eth0", 80, "fe80::1"),
        (
            "http://b\u00fccher.test/\u00fc",
            "/%C3%BC",
            "xn--bcher-kva.test",
            "xn--bcher-kva.test",
            80,
            "xn--bcher-kva.test",
        ),
    ],
)
def test_where_a_request_goes(
    url: str, target: str, host_field: str, host: str, port: int, server_name: str
) -> None:
    """The origin form of the target, and the Host field first (RFC 9112 3.2.1, RFC 9110 7.2)."""
    plan = plan_of(url)
    assert plan.request.target == target
    assert plan.request.lines[0] == ("Host", host_field)
    assert (plan.host, plan.port, plan.server_name) == (host, port, server_name)


def test_what_a_plan_takes_over() -> None:
    plan = plan_of("http://a.test/x", method="POST", data=b"hello", headers={"X": "y"})
    assert plan.request.method == "POST"
    assert plan.request.lines == [("Host", "a.test"), ("X", "y"), ("Content-Length", "5")]
    assert plan.content == b"hello"
    assert plan.timeouts.read == 7.0
    assert (plan.deadline, plan.fresh, plan.limits) == (9.0, True, Limits())
    assert plan.place == "http://a.test"


def test_content_that_is_streamed_is_the_request_s_own() -> None:
    request = Request("PUT", "http://a.test/", data=iter([b"x"])).prepare()
    send = Send(request, DIRECT, SendSettings(), inf)
    plan = plan_exchange(send, limits=Limits(), tls_context=None)
    assert plan.content is request.content


@pytest.mark.parametrize("name", ["Host", "host", "HOST"])
def test_a_host_field_that_was_given_comes_first_as_it_is(name: str) -> None:
    plan = plan_of("http://a.test/", headers={"X": "y", name: "b.test", "Z": "z"})
    assert plan.request.lines == [(name, "b.test"), ("X", "y"), ("Z", "z")]
    assert plan.host == "a.test", "it is not where the request goes"


def test_connections_are_shared_under_equal_settings_only() -> None:
    """TLS settings are part of the key, and so are the proxy and its credential."""
    plain = plan_of("http://a.test/x")
    assert plain.key == PoolKey(parse_url("http://A.test:80/y").origin, DIRECT, None)
    assert plain.tls_context is None
    context = ssl.create_default_context()
    secure = plan_of("https://a.test/x", context=context)
    identity = TlsIdentity("ca.pem", ("c.pem", "k.pem"), context)
    assert secure.key == PoolKey(parse_url("https://a.test/").origin, DIRECT, identity)
    assert secure.tls_context is context
    other = plan_of("https://a.test/x", context=ssl.create_default_context())
    assert other.key != secure.key, "a file that it was made from has changed"
    proxies = [Route(Proxy(parse_url(f"http://{user}@p.test"))) for user in ("me", "you")]
    bound = Route(None, SocketSettings(("127.0.0.1", 0)))
    keys = {plan_of("http://a.test/", route=route).key for route in [DIRECT, bound, *proxies]}
    assert len(keys) == 4


def test_a_certificate_may_be_given_as_a_list() -> None:
    context = ssl.create_default_context()
    listed = plan_of("https://a.test/", context=context, cert=["c.pem", "k.pem"])
    assert listed.key == plan_of("https://a.test/", context=context).key


SENT = "Basic c2VudA=="
BY_HAND = [("Proxy-Authorization", "Basic aGFuZA=="), ("proxy-authorization", "x")]


@pytest.mark.parametrize(
    ("url", "target", "host_field"),
    [
        ("http://a.test", "http://a.test/", "a.test"),
        ("http://a.test:80/x?y#z", "http://a.test/x?y", "a.test"),
        ("http://user:pass@A.test:81/?", "http://a.test:81/?", "a.test:81"),
        ("http://[::1]:81/", "http://[::1]:81/", "[::1]:81"),
    ],
)
def test_what_a_proxy_forwards(url: str, target: str, host_field: str) -> None:
    """The absolute form of the target, the proxy's place, the origin's Host (RFC 9112 3.2.2)."""
    proxy = parse_url("http://me:secret@proxy.test:3128")
    plan = plan_of(url, route=Route(Proxy(proxy)))
    assert (plan.request.target, plan.request.lines[0]) == (target, ("Host", host_field))
    assert (plan.host, plan.port) == ("proxy.test", 3128)
    assert (plan.tunnel, plan.proxy) == (None, "http://proxy.test:3128")
    assert plan.origin == parse_url(url).origin
    assert plan.key == PoolKey(proxy.origin, Route(Proxy(proxy)))
    assert plan.place == f"{plan.origin} through the proxy http://proxy.test:3128"


def test_what_goes_through_a_tunnel() -> None:
    proxy = parse_url("http://[::1]")
    context = ssl.create_default_context()
    plan = plan_of("https://[2001:db8::1]/x?y", context=context, route=Route(Proxy(proxy)))
    assert (plan.request.target, plan.request.lines) == ("/x?y", [("Host", "[2001:db8::1]")])
    assert (plan.host, plan.port, plan.server_name) == ("::1", 80, "2001:db8::1")
    assert (plan.tunnel and plan.tunnel.authority, plan.proxy) == (
        "[2001:db8::1]:443",
        "http://[::1]",
    )
    assert plan.key.origin == plan.origin == parse_url("https://[2001:db8::1]").origin


@pytest.mark.parametrize(
    ("url", "route", "credential", "expected"),
    [
        ("http://a.test/", DIRECT, None, []),
        ("http://a.test/", DIRECT, SENT, []),
        ("https://a.test/", DIRECT, SENT, []),
        ("http://a.test/", Route(Proxy(parse_url("http://p.test"))), None, BY_HAND),
        (
            "http://a.test/",
            Route(Proxy(parse_url("http://p.test"))),
            SENT,
            [("Proxy-Authorization", SENT)],
        ),
        ("https://a.test/", Route(Proxy(parse_url("http://p.test"))), None, []),
        ("https://a.test/", Route(Proxy(parse_url("http://p.test"))), SENT, []),
    ],
)
def test_credentials_for_a_proxy_go_to_the_proxy(
    url: str, route: Route, credential: str | None, expected: list[tuple[str, str]]
) -> None:
    """RFC 9110 section 11.7.2. Those of the route go before those that were given by hand."""
    prepared = Request("GET", url, headers=BY_HAND).prepare()
    plan = plan_exchange(
        Send(prepared, route, SendSettings(), proxy_authorization=credential),
        limits=Limits(),
        tls_context=ssl.create_default_context() if url.startswith("https") else None,
    )
    assert plan.request.lines[1:] == expected
    assert prepared.headers.lines == BY_HAND, "the request itself is not changed"


@pytest.mark.parametrize("url", ["https://me:secret@p.test", "socks5://me:secret@p.test:1080"])
@pytest.mark.parametrize("secure", [False, True])
def test_a_proxy_is_never_spoken_to_in_another_way_than_asked(url: str, secure: bool) -> None:
    context = ssl.create_default_context() if secure else None
    with pytest.raises(InvalidProxyURL, match="is not supported by this transport") as caught:
        plan_of(
            "https://a.test" if secure else "http://a.test",
            context=context,
            route=Route(Proxy(parse_any_url(url))),
        )
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("route", [DIRECT, Route(Proxy(parse_url("http://p.test")))])
@pytest.mark.parametrize(
    ("url", "context"), [("https://a.test", None), ("http://a.test", ssl.create_default_context())]
)
def test_what_asks_for_tls_is_never_sent_in_clear_text(
    url: str, context: Any, route: Route
) -> None:
    with pytest.raises(LocalProtocolError, match="does not fit the TLS context"):
        plan_of(url, context=context, route=route)


def test_proxies_among_the_settings_decide_nothing() -> None:
    settings = SendSettings(proxies={"http": "http://p.test"})
    prepared = Request("GET", "http://a.test/").prepare()
    plan = plan_exchange(Send(prepared, DIRECT, settings), limits=Limits(), tls_context=None)
    assert (plan.host, plan.request.target, plan.key.route) == ("a.test", "/", DIRECT)


def test_other_schemes_take_a_transport_of_their_own() -> None:
    with pytest.raises(InvalidSchema, match="'mock' URLs take a transport of their own"):
        plan_of("mock://a.test/x")
