from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from sojourn_core.policy import DEFAULT_POLICY, Methods, Policy

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "BREW"]

# For each status, the methods that become GET.
DEFAULT = {
    301: {"POST"},
    302: {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
    303: set(METHODS) - {"GET", "HEAD"},
    307: set(),
    308: set(),
}
BROWSER = {**DEFAULT, 302: {"POST"}}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("policy", "table"),
    [(Policy(), DEFAULT), (Policy.browser(), BROWSER)],
    ids=["default", "fetch"],
)
def test_the_method_of_the_next_hop(
    policy: Policy, table: dict[int, set[str]], method: str
) -> None:
    for status, becomes_get in table.items():
        expected = "GET" if method in becomes_get else method
        assert policy.method_after(status, method) == expected


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


def test_browsers_take_no_credential_to_a_new_origin() -> None:
    assert Policy().keep_authorization_on_upgrade
    assert not Policy.browser().keep_authorization_on_upgrade


def test_a_policy_is_a_value() -> None:
    assert Policy() == DEFAULT_POLICY != Policy.browser()
    with pytest.raises(FrozenInstanceError):
        Policy().basic_charset = "latin-1"  # type: ignore[misc]  # that it raises is the test
