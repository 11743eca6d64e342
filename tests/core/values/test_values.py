"""The values that hold and do nothing: ``settings``, ``limits``, ``head`` and ``route``."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import DIRECT, Fields, Limits, PoolKey, Proxy, ResponseHead, Route, SendSettings
from sojourn_core.exchange.pool_key import TlsIdentity
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS
from sojourn_core.values.url.url import parse_url

PROXY = Route(Proxy(parse_url("http://user:secret@proxy.test:3128")))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (SendSettings(), "verify"),
        (DEFAULT_LIMITS, "head_size_max"),
        (DIRECT, "proxy"),
        (Proxy(parse_url("http://p.test")), "url"),
    ],
)
def test_values_do_not_change(value: Any, name: str) -> None:
    with pytest.raises(AttributeError):  # Of which FrozenInstanceError is one.
        setattr(value, name, None)


def test_settings_that_nobody_set() -> None:
    settings = SendSettings()
    assert settings == SendSettings(
        timeouts=DEFAULT_TIMEOUTS, timeout=None, stream=False, verify=True, cert=None, proxies={}
    )


def test_the_credentials_of_a_proxy_are_not_shown() -> None:
    settings = SendSettings(proxies={"http": "http://user:secret@proxy.test"})
    assert "secret" not in repr(settings)
    assert "secret" not in repr(PROXY)


def test_limits_with_some_changed() -> None:
    limits = DEFAULT_LIMITS.replace(cookies_max=5)
    assert limits.cookies_max == 5
    assert limits.replace(cookies_max=3000) == DEFAULT_LIMITS == Limits()


HEAD = ResponseHead(200, Fields([("A", "b"), ("Set-Cookie", "secret=1")]), "OK")


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        (ResponseHead(200, Fields(HEAD.fields.lines), "OK"), True),
        (ResponseHead(201, HEAD.fields, "OK"), False),
        (ResponseHead(200, Fields([("a", "b"), ("Set-Cookie", "secret=1")]), "OK"), False),
        (ResponseHead(200, HEAD.fields, "Fine"), False),
        (ResponseHead(200, HEAD.fields, "OK", "1.0"), False),
        ("200 OK", False),
    ],
)
def test_heads_compare_by_content(other: object, equal: bool) -> None:
    assert (other == HEAD) is equal


def test_a_head_shows_no_cookie_and_has_no_hash() -> None:
    shown = "ResponseHead(200, Fields([('A', 'b'), ('Set-Cookie', '***')]), 'OK', '1.1')"
    assert repr(HEAD) == shown
    with pytest.raises(TypeError, match="unhashable"):
        hash(HEAD)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("http://a.test/x", "http://a.test:80/y", True),
        ("http://u:p@a.test/", "http://a.test/", True),
        ("http://a.test/", "https://a.test/", False),
        ("http://a.test/", "http://a.test:81/", False),
        ("http://a.test/", "http://b.test/", False),
        ("http://[fe80::1%25eth0]/", "http://[fe80::1%25eth1]/", False),
    ],
)
def test_what_may_share_a_connection(one: str, other: str, shared: bool) -> None:
    assert (PoolKey(parse_url(one).origin) == PoolKey(parse_url(other).origin)) is shared


def test_a_connection_is_shared_only_under_the_same_route_and_tls() -> None:
    origin = parse_url("https://a.test").origin
    strict, lax = TlsIdentity(True, None), TlsIdentity(False, None)
    keys = {
        PoolKey(origin, DIRECT, strict),
        PoolKey(origin, Route(), TlsIdentity(True, None)),
        PoolKey(origin, DIRECT, lax),
        PoolKey(origin, DIRECT, TlsIdentity(True, "client.pem")),
        PoolKey(origin, PROXY, strict),
        PoolKey(origin, Route(Proxy(parse_url("http://proxy.test:3128"))), strict),
    }
    assert len(keys) == 5
