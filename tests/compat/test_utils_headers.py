"""Header fields: ``requests.utils`` and ours say the same."""

from __future__ import annotations

from typing import Any

import pytest
import requests.utils as theirs
from hypothesis import given
from hypothesis import strategies as st

from sojourn.compat import utils as ours
from sojourn.compat.structures import CaseInsensitiveDict
from sojourn_core import __version__
from sojourn_core.values.errors import InvalidHeader

from .sides import outcome

PIECES = [
    *["a", "b c", "=", "==", ",", ", ", ";", "; ", '"', '\\"', "\\\\", "\\", "'", " ", "\t"],
    *["<http://a.test/>", "<", ">", "rel=next", 'rel="next"', "title='x'", "é", "a=1", 'b="x, y"'],
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@pytest.mark.parametrize(
    "name", ["parse_header_links", "parse_list_header", "parse_dict_header", "unquote_header_value"]
)
@given(value=TEXT)
def test_any_value(name: str, value: str) -> None:
    assert outcome(getattr(ours, name), value) == outcome(getattr(theirs, name), value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "<http:/.../front.jpeg>",
        "<http:/.../front.jpeg>;",
        '<http:/.../front.jpeg>; rel=front; type="image/jpeg"',
        '<http:/.../front.jpeg>; type="image/jpeg",<http://.../back.jpeg>; type="image/jpeg";',
        '</a?x=1;y=2>; rel="next", </b>; rel=prev; title=a=b; after=1',
        "no link at all",
    ],
)
def test_links(value: str) -> None:
    assert ours.parse_header_links(value) == theirs.parse_header_links(value)


@pytest.mark.parametrize("is_filename", [True, False])
@pytest.mark.parametrize(
    "value", ['"\\\\host\\share"', '"C:\\\\x"', '"a\\"b"', '"', '""', "a", "", '"a', 'a"']
)
def test_quotes(value: str, is_filename: bool) -> None:
    told = outcome(ours.unquote_header_value, value, is_filename)
    assert told == outcome(theirs.unquote_header_value, value, is_filename)


PARTS: list[Any] = [
    *["X", "X-A", " X", "X ", "X:", "", "é", "X\r", "X\n", "a\n b", "v ", " v", "\tv", "\u00a0v"],
    *["v\r\nx: y", "\n", "a: b", "\x00"],
]
PARTS += [part.encode() for part in PARTS] + [None, 5, ["a"]]


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("value", PARTS)
def test_validity(name: Any, value: Any) -> None:
    told = outcome(ours.check_header_validity, (name, value))
    assert told == outcome(theirs.check_header_validity, (name, value))


@pytest.mark.parametrize("value", [" secret", b"secret\r\nX: y", ["secret"]])
def test_a_refusal_names_the_field_and_not_its_value(value: Any) -> None:
    with pytest.raises(InvalidHeader, match="'Authorization'") as caught:
        ours.check_header_validity(("Authorization", value))
    assert "secret" not in str(caught.value)


def test_validators_by_type() -> None:
    assert ours.HEADER_VALIDATORS.keys() == theirs.HEADER_VALIDATORS.keys()


def test_default_fields_are_those_of_requests_but_for_the_product() -> None:
    told, expected = ours.default_headers(), theirs.default_headers()
    assert isinstance(told, CaseInsensitiveDict)
    assert told.pop("user-agent") == f"sojourn/{__version__}"
    expected.pop("user-agent")
    assert list(told.items()) == list(expected.items())
    assert ours.default_user_agent("x") == f"x/{__version__}"


def test_default_fields_are_fresh_each_time() -> None:
    ours.default_headers()["X"] = "y"
    assert "x" not in ours.default_headers()


@pytest.mark.parametrize(
    "arguments", [("a",), (b"a",), (b"\xe9",), (b"\xe9", "latin-1"), ("é",), (5,)]
)
def test_native_strings(arguments: Any) -> None:
    told = outcome(ours.to_native_string, *arguments)
    assert told == outcome(theirs.to_native_string, *arguments)
