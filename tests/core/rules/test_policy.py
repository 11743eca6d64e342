from __future__ import annotations

import inspect
import pickle
import re
from dataclasses import FrozenInstanceError, fields
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Any

import pytest

from sojourn_core import Origin
from sojourn_core.rules.policy import DEFAULT_POLICY, Methods, Policy
from sojourn_core.values.errors import InvalidURL, MissingSchema
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS, NO_TIMEOUTS

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "BREW"]

# For each status, the methods that become GET, and those that go on without their content.
DEFAULT = {
    301: {"POST"},
    302: {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
    303: set(METHODS) - {"GET", "HEAD"},
    307: set(),
    308: set(),
}
BROWSER = {**DEFAULT, 302: {"POST"}}
REQUESTS = {**DEFAULT, 302: set(METHODS) - {"GET", "HEAD"}}
CURL = {**DEFAULT, 302: {"POST"}, 303: {"POST", "PUT"}, 300: set(), 304: set()}
ALL = {301: set(METHODS), 302: set(METHODS), 303: set(METHODS)}
ALL_BUT_UPLOADS = {**ALL, 301: set(METHODS) - {"PUT"}, 302: set(METHODS) - {"PUT"}}

PRESETS = {
    "default": (Policy(), DEFAULT, {}),
    "browser": (Policy.browser(), BROWSER, {}),
    "requests": (Policy.requests(), REQUESTS, ALL),
    "curl": (Policy.curl(), CURL, ALL_BUT_UPLOADS),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preset", PRESETS)
def test_the_method_of_the_next_hop(preset: str, method: str) -> None:
    policy, table, _ = PRESETS[preset]
    for status, becomes_get in table.items():
        expected = "GET" if method in becomes_get else method
        assert policy.method_after(status, method) == expected


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preset", PRESETS)
def test_the_content_of_the_next_hop(preset: str, method: str) -> None:
    policy, _, loses_content = PRESETS[preset]
    for status in (300, 301, 302, 303, 304, 307, 308):
        assert policy.content_goes(status, method) is (method in loses_content.get(status, ()))


# --- presets, field by field ------------------------------------------------------------------

# What a preset has otherwise than the default; tables of methods are above.
TABLES = {"becomes_get", "loses_content", "content_fields"}
OTHERWISE: dict[str, dict[str, Any]] = {
    "default": {},
    "browser": {
        "keep_authorization_on_upgrade": False,
        "keeps_content_on_downgrade": True,
        "returns_credentials": False,
        "credentials_order": ("field", "request", "session", "url"),
    },
    "requests": {
        "redirect_schemes": None,
        "keeps_location_userinfo": True,
        "cross_origin_fields": None,
        "keeps_content_on_downgrade": True,
        "keeps_host_field": True,
        "keeps_cookie_field": False,
        "returns_credentials": False,
        "credentials_order": ("request", "session", "netrc", "url", "field"),
        "netrc_on_redirects": True,
        "lists_challenges": False,
        "basic_charset": "latin-1",
        "cookie_rules": "netscape",
        "request_cookies_replace": False,
        "unscoped_cookies_travel": True,
        "cookies_by_host_field": True,
        "localhost_is_secure": False,
        "url_rules": "requests",
        "proxy_order": ("request", "environment", "session"),
        "verify_order": ("request", "environment", "session"),
        "authority_variables": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        "strict_no_proxy": False,
        "overwrites_content_length": True,
        "chunks_empty_files": True,
        "heeds_given_boundary": False,
        "hooks_add_up": False,
        "warns_of_open_mounts": False,
        "text_charset": "ISO-8859-1",
        "lenient_heads": True,
        "needs_close_notify": False,
        "heeds_expect": False,
        "timeouts": NO_TIMEOUTS,
    },
    "curl": {
        "redirect_statuses": frozenset(range(300, 400)),
        "cross_origin_fields": None,
        "keep_authorization_on_upgrade": False,
        "keeps_content_on_downgrade": True,
        "authority_variables": ("CURL_CA_BUNDLE", "SSL_CERT_FILE"),
        "expects_from": 1024 * 1024 + 1,
        "timeouts": NO_TIMEOUTS.replace(connect=300.0),
    },
}


@pytest.mark.parametrize("preset", PRESETS)
def test_what_a_preset_says_of_each_field(preset: str) -> None:
    policy, _, _ = PRESETS[preset]
    found = {
        each.name: getattr(policy, each.name)
        for each in fields(Policy)
        if each.name not in TABLES and getattr(policy, each.name) != getattr(Policy(), each.name)
    }
    assert found == OTHERWISE[preset]


@pytest.mark.parametrize(
    ("preset", "goes"),
    [
        ("default", {"content-type", "content-length", "transfer-encoding", "digest", "expect"}),
        ("browser", {"content-type", "content-length", "transfer-encoding", "digest", "expect"}),
        ("requests", {"content-type", "content-length", "transfer-encoding"}),
        ("curl", {"content-length", "transfer-encoding", "expect"}),
    ],
)
def test_which_fields_go_with_the_content(preset: str, goes: set[str]) -> None:
    asked = {"content-type", "content-length", "transfer-encoding", "digest", "expect", "accept"}
    assert PRESETS[preset][0].content_fields & asked == goes


def test_the_default_closes_nothing() -> None:
    policy = Policy()
    assert (policy.https_only, policy.same_origin_only) == (False, False)
    assert (policy.refused_hosts, policy.refused_networks) == (frozenset(), ())
    assert (policy.allowed_origins, policy.on_redirect) == (None, None)
    assert policy.timeouts == DEFAULT_TIMEOUTS


def test_each_field_is_described() -> None:
    described = re.findall(r"^    (\w+): ", inspect.getdoc(Policy) or "", re.MULTILINE)
    assert described == [each.name for each in fields(Policy)]


# --- sets of methods --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "inside", "outside"),
    [
        (Methods.only("POST", "PUT"), ["POST", "PUT"], ["GET", "post", 5]),
        (Methods.all_but("GET"), ["POST", "post"], ["GET"]),
        (Methods.only(), [], ["GET"]),
        (Methods.all_but(), ["GET"], []),
    ],
)
def test_sets_of_methods(methods: Methods, inside: list[object], outside: list[object]) -> None:
    assert all(method in methods for method in inside)
    assert all(method not in methods for method in outside)


@pytest.mark.parametrize(
    ("methods", "text"),
    [
        (Methods.only("PUT", "POST"), "POST, PUT"),
        (Methods.only(), "none"),
        (Methods.all_but("HEAD", "GET"), "all but GET, HEAD"),
        (Methods.all_but(), "all"),
    ],
)
def test_a_set_of_methods_as_text(methods: Methods, text: str) -> None:
    assert str(methods) == text


@pytest.mark.parametrize(
    ("name", "crosses", "with_content"),
    [
        ("accept", True, True),
        ("accept-language", True, True),
        ("user-agent", True, True),
        ("if-none-match", True, True),
        ("range", True, True),
        ("te", True, True),
        ("x-requested-with", True, True),
        ("content-type", False, True),
        ("content-length", False, True),
        ("digest", False, True),
        ("transfer-encoding", False, True),
        ("authorization", False, False),
        ("cookie", False, False),
        ("host", False, False),
        ("proxy-authorization", False, False),
        ("referer", False, False),
        ("origin", False, False),
        ("x-api-key", False, False),
        ("acceptable", False, False),
    ],
)
def test_what_may_go_to_another_origin(name: str, crosses: bool, with_content: bool) -> None:
    assert DEFAULT_POLICY.crosses_origins(name, with_content=False) is crosses
    assert DEFAULT_POLICY.crosses_origins(name, with_content=True) is with_content


def test_the_list_is_a_setting() -> None:
    policy = Policy().replace(
        cross_origin_fields=frozenset({"x-trace"}), cross_origin_prefixes=("x-open-",)
    )
    assert policy.crosses_origins("x-trace", with_content=False)
    assert policy.crosses_origins("x-open-id", with_content=False)
    assert not policy.crosses_origins("accept", with_content=False)
    assert policy.becomes_get == Policy().becomes_get


@pytest.mark.parametrize("preset", ["requests", "curl"])
def test_no_list_lets_everything_through(preset: str) -> None:
    policy, _, _ = PRESETS[preset]
    assert policy.crosses_origins("x-api-key", with_content=False)


# --- composing --------------------------------------------------------------------------------


def test_a_policy_is_a_value() -> None:
    assert Policy() == DEFAULT_POLICY != Policy.browser()
    with pytest.raises(FrozenInstanceError):
        Policy().basic_charset = "latin-1"  # type: ignore[misc]  # that it raises is the test


def test_two_policies_share_no_table() -> None:
    one, other = Policy.requests(), Policy.requests()
    assert one.becomes_get == other.becomes_get
    assert one.becomes_get is not other.becomes_get
    assert one.loses_content is not other.loses_content
    assert Policy().becomes_get is not Policy().becomes_get


@pytest.mark.parametrize("preset", PRESETS)
def test_a_policy_goes_through_pickle(preset: str) -> None:
    policy, _, _ = PRESETS[preset]
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_a_policy_with_some_fields_changed() -> None:
    policy = Policy.requests().replace(hooks_add_up=True)
    assert policy.hooks_add_up
    assert policy.replace(hooks_add_up=False) == Policy.requests() != policy
    with pytest.raises(TypeError, match="hooks_ad_up"):
        Policy().replace(hooks_ad_up=True)


A = Origin("https", "a.test", 443)
B = Origin("http", "b.test", 8080)


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ([], set()),
        (["https://a.test"], {A}),
        (["HTTPS://A.test:443/x?y"], {A}),
        ([A, "http://b.test:8080"], {A, B}),
        (["https://[::1]"], {Origin("https", "::1", 443)}),
    ],
)
def test_origins_that_are_allowed(given: list[Any], allowed: set[Origin]) -> None:
    assert Policy().allowing(*given).allowed_origins == allowed


def test_more_origins_may_be_allowed() -> None:
    policy = Policy(https_only=True).allowing(A)
    assert policy.allowing(B).allowed_origins == {A, B}
    assert policy.allowed_origins == {A}
    assert policy.https_only


@pytest.mark.parametrize(
    ("given", "error"), [("a.test", MissingSchema), ("http://", InvalidURL), ("", MissingSchema)]
)
def test_what_is_no_origin(given: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Policy().allowing(given)


def test_refused_places_are_brought_into_one_form() -> None:
    policy = Policy(
        refused_hosts=frozenset({"A.test", ".B.test", "c.test.", "[::1]"}),
        refused_networks=("10.0.0.0/8", "::1", IPv4Address("127.0.0.1")),
    )
    assert policy.refused_hosts == {"a.test", ".b.test", "c.test", "::1"}
    assert policy.refused_networks == (
        IPv4Network("10.0.0.0/8"),
        IPv6Network("::1/128"),
        IPv4Network("127.0.0.1/32"),
    )


@pytest.mark.parametrize(
    "given",
    [
        {"refused_hosts": "a.test"},
        {"refused_hosts": {5}},
        {"refused_hosts": {""}},
        {"refused_networks": "10.0.0.0/8"},
        {"refused_networks": ["10.0.0.1/8"]},
        {"refused_networks": ["a.test"]},
        {"credentials_order": "field"},
        {"credentials_order": ("header",)},
        {"proxy_order": ("call",)},
        {"verify_order": ("call",)},
    ],
)
def test_what_would_never_fit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - ipaddress has messages of its own
        Policy(**given)
