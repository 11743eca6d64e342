"""Refusals at the edges: what looks right until it is put together."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import DIRECT, Request, SendSettings, Session, plan_exchange
from sojourn_core.commands import Send
from sojourn_core.exchange.failures import unspoken_switch
from sojourn_core.values.errors import InvalidURL, LocalProtocolError
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import parse_url


def plan(url: str, **settings: Any) -> object:
    send = Send(Request("GET", url).prepare(), DIRECT, SendSettings(**settings))
    return plan_exchange(send, limits=DEFAULT_LIMITS, tls_context=None)


def test_a_host_that_is_too_long_only_as_a_labels() -> None:
    host = ".".join(["\u00fc" * 30] * 8)
    assert len(host) <= 253
    with pytest.raises(InvalidURL, match="longer than 253"):
        parse_url(f"http://{host}/")


def test_what_asks_for_tls_is_not_planned_in_clear_text() -> None:
    with pytest.raises(LocalProtocolError, match=r"https://a\.test does not fit"):
        plan("https://a.test/")


@pytest.mark.parametrize("auth", ["secret", ("one", "two", "three")])
def test_auth_is_a_pair_or_a_callable(auth: object) -> None:
    with pytest.raises(TypeError, match="auth must be"):
        Session().prepare_request(Request("GET", "http://a.test/", auth=auth))


def test_a_switch_that_nobody_speaks() -> None:
    send = Send(Request("GET", "http://a.test/").prepare(), DIRECT, SendSettings())
    error = unspoken_switch(plan_exchange(send, limits=DEFAULT_LIMITS, tls_context=None))
    assert str(error).startswith("http://a.test switched to another protocol")
    assert error.maybe_sent
