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
from sojourn_core.plan import ExchangePlan, plan_exchange
from sojourn_core.route import TlsIdentity


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
    assert plan.target == target
    assert plan.lines[0] == ("Host", host_field)
    assert (plan.host, plan.port, plan.server_name) == (host, port, server_name)


def test_what_a_plan_takes_over() -> None:
    plan = plan_of("http://a.test/x", method="POST", data=b"hello", headers={"X": "y"})
    assert plan.method == "POST"
    assert plan.lines == [("Host", "a.test"), ("X", "y"), ("Content-Length", "5")]
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
    assert plan.lines == [(name, "b.test"), ("X", "y"), ("Z", "z")]
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
    keys = {plan_of("http://a.test/", route=route).key for route in [DIRECT, *proxies]}
    assert len(keys) == 3


def test_a_certificate_may_be_given_as_a_list() -> None:
    context = ssl.create_default_context()
    listed = plan_of("https://a.test/", context=context, cert=["c.pem", "k.pem"])
    assert listed.key == plan_of("https://a.test/", context=context).key
