"""The last look at a request, and what becomes of a field that is for a proxy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Fields, Policy, Request
from sojourn_core.call.final_check import inspect, without_proxy_field
from sojourn_core.call.hop import Hop
from sojourn_core.messages.preparation import Derived
from sojourn_core.values.errors import (
    InvalidHeader,
    InvalidMethod,
    InvalidURL,
    MissingSchema,
    PolicyRefused,
)
from sojourn_core.values.url.url import parse_url
from tests.core.conversation import URL

if TYPE_CHECKING:
    from sojourn_core import Decision, PreparedRequest

HOME = parse_url(URL).origin


def prepared(*lines: tuple[str, str], **given: Any) -> PreparedRequest:
    request = Request("GET", URL, headers=Fields(list(lines))).prepare()
    for name, value in given.items():
        setattr(request, name, value)
    return request


def look(request: PreparedRequest, policy: Policy | None = None) -> list[Decision]:
    """What the gate decides of a request."""
    decisions: list[Decision] = []
    inspect(Hop(request, parse_url(URL), HOME), policy or Policy(), decisions)
    return decisions


@pytest.mark.parametrize("method", [None, "", "GE T", "GET\r\nX: y", "\u0130"])
def test_a_method_is_a_token(method: str | None) -> None:
    with pytest.raises(InvalidMethod):
        look(prepared(method=method))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (None, MissingSchema),
        ("", MissingSchema),
        ("http://", InvalidURL),
        ("http://a b.test/", InvalidURL),
    ],
)
def test_a_url_is_needed(url: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        look(prepared(url=url))


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (Policy(https_only=True), "policy.refused.clear-text"),
        (Policy(refused_hosts=frozenset({"a.test"})), "policy.refused.host"),
        (Policy(refused_hosts=frozenset({"b.test"})), None),
    ],
)
def test_a_closed_place(policy: Policy, code: str | None) -> None:
    decisions: list[Decision] = []
    if code is None:
        assert look(prepared(), policy) == []
        return
    with pytest.raises(PolicyRefused, match=r"^not sent to http://a\.test: the policy"):
        inspect(Hop(prepared(), parse_url(URL), HOME), policy, decisions)
    assert [decision.code for decision in decisions] == [code]


@pytest.mark.parametrize("headers", [{"X-A": "1"}, [("X-A", "1")]])
def test_a_mapping_that_somebody_set_becomes_fields(headers: Any) -> None:
    request = prepared(headers=headers)
    assert look(request) == []
    assert isinstance(request.headers, Fields)
    assert request.headers.lines == [("X-A", "1")]


@pytest.mark.parametrize(
    ("lines", "repeated"),
    [
        ([("X-A", "1"), ("X-A", "2")], None),
        ([("Host", "a.test"), ("X-A", "1")], None),
        ([("Host", "a.test"), ("host", "b.test")], "Host"),
        ([("Authorization", "x"), ("AUTHORIZATION", "x")], "Authorization"),
        ([("Cookie", "a=1"), ("cookie", "b=2")], None),
    ],
)
def test_fields_that_may_occur_once(lines: list[tuple[str, str]], repeated: str | None) -> None:
    request = prepared(*lines)
    if repeated is None:
        assert look(request) == []
        return
    with pytest.raises(InvalidHeader, match=f"field '{repeated}' occurs more than once"):
        look(request)


@pytest.mark.parametrize(
    ("url", "field", "jar_field", "overridden"),
    [
        ("http://b.test/", "a=1", None, True),
        ("http://b.test/", "a=1", "a=2", True),
        ("http://b.test/", "a=1", "a=1", False),
        ("http://b.test/", None, None, False),
        (URL, "a=1", None, False),
    ],
)
def test_a_cookie_for_another_origin_that_no_jar_gave(
    url: str, field: str | None, jar_field: str | None, overridden: bool
) -> None:
    lines = [] if field is None else [("Cookie", field)]
    request = prepared(*lines, url=url)
    request.derive("cookie", None if jar_field is None else Derived(jar_field, "jar"))
    codes = [d.code for d in look(request)]
    assert codes == (["cookie.overridden"] if overridden else [])


def test_a_field_for_a_proxy_is_taken_off_a_copy() -> None:
    request = prepared(
        ("Proxy-Authorization", "Basic x"), ("X-A", "1"), ("proxy-authorization", "y")
    )
    bare = without_proxy_field(request)
    assert bare.headers.lines == [("X-A", "1")]
    assert len(request.headers.lines) == 3
    assert (bare.method, bare.url) == (request.method, request.url)


def test_a_request_without_it_stays_itself() -> None:
    request = prepared(("X-A", "1"))
    assert without_proxy_field(request) is request
