"""The rules that a policy has URLs prepared, read and redirected by."""

from __future__ import annotations

import pytest

from sojourn_core import Policy
from sojourn_core.rules.urls import location_text, parse_by, prepare_by, read_by
from sojourn_core.values.errors import InvalidURL, MissingSchema

AS_IS = Policy(path_as_is=True)
REQUESTS = Policy.requests()
GIVEN = "http://A.test/a/../%2f%7e?#"


@pytest.mark.parametrize(
    ("policy", "prepared", "target"),
    [
        (Policy(), "http://a.test/%2f~?#", "/%2f~?"),
        (AS_IS, GIVEN, "/a/../%2f%7e?"),
        (REQUESTS, "http://a.test/%2F~", "/%2F~"),
        (REQUESTS.replace(path_as_is=True), GIVEN, "/a/../%2f%7e?"),
    ],
)
def test_a_url_that_is_given(policy: Policy, prepared: str, target: str) -> None:
    text = str(prepare_by(policy, GIVEN))
    assert text == prepared
    assert read_by(policy, text).target == target
    assert parse_by(policy, GIVEN).origin == ("http", "a.test", 80)


@pytest.mark.parametrize("policy", [Policy(), AS_IS, REQUESTS])
def test_a_plain_url_is_the_same_for_all(policy: Policy) -> None:
    for text in ("http://a.test/x?y#z", b"http://a.test/x?y#z"):
        assert str(prepare_by(policy, text)) == "http://a.test/x?y#z"
    assert str(prepare_by(policy, "http://a.test/x", {"a": "b"})) == "http://a.test/x?a=b"


def test_what_is_set_by_hand_has_a_scheme_but_under_requests_rules() -> None:
    assert read_by(REQUESTS, "10.0.0.1:3128/").text == "10.0.0.1:3128/"
    with pytest.raises(MissingSchema):
        read_by(Policy(), "10.0.0.1:3128/")
    assert read_by(REQUESTS, "http://a.test/x y").target == "/x%20y"
    with pytest.raises(InvalidURL):
        read_by(Policy(), "http://a.test/x y")
    assert parse_by(Policy(), "http://a.test/x y").target == "/x%20y"


@pytest.mark.parametrize(
    ("policy", "value", "expected"),
    [
        (Policy(), "/\xc3\xa9", "/\xc3\xa9"),
        (REQUESTS, "/\xc3\xa9", "/é"),
        (REQUESTS, "/\xe9", "/%E9"),
        (REQUESTS, "/x", "/x"),
        (REQUESTS, None, None),
    ],
)
def test_a_location_as_text(policy: Policy, value: str | None, expected: str | None) -> None:
    assert location_text(policy, value) == expected


def test_there_are_two_rules() -> None:
    with pytest.raises(ValueError, match="there are no url_rules 'whatwg'"):
        Policy(url_rules="whatwg")  # type: ignore[arg-type]  # it is the mistake that is tested
