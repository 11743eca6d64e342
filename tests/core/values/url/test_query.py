from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.errors import InvalidURL
from sojourn_core.values.url.query import encode_pairs, encode_params

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (None, ""),
        ({}, ""),
        ((), ""),
        ("", ""),
        (b"", ""),
        (0, ""),
        ({"a": "b", "c": "d e"}, "a=b&c=d+e"),
        ({"a": ["1", None, 2], "b": ()}, "a=1&a=2"),
        ({"a": None}, ""),
        ([("a", "1"), ("a", "2"), ("b", None)], "a=1&a=2"),
        (iter([("a", "1")]), "a=1"),
        ({"a": (x for x in "xy")}, "a=x&a=y"),
        ({"a": [["x", "y"], ("z",)]}, "a=x&a=y&a=z"),
        ({"a": True, "b": 1.5, 3: 0}, "a=True&b=1.5&3=0"),
        ({b"a ": b"\xff", "ž": "&="}, "a+=%FF&%C5%BE=%26%3D"),
        ({"a": [b"x"]}, "a=x"),
        ({"a": "/?:~-._*'"}, "a=%2F%3F%3A~-._%2A%27"),
        ("a=b c&d=%41%zz#e", "a=b%20c&d=A%25zz%23e"),
        ("?a", "?a"),
        ("š".encode(), "%C5%A1"),
    ],
)
def test_params_become_a_query(params: Any, expected: str) -> None:
    assert encode_params(params) == expected


@pytest.mark.parametrize("params", ["\ud800", b"\xff", {"a": "\ud800"}, {"\udfff": "a"}])
def test_params_that_are_not_utf_8(params: Any) -> None:
    with pytest.raises(InvalidURL, match="params are not text that can be encoded as UTF-8"):
        encode_params(params)


@pytest.mark.parametrize("params", [5, object()])
def test_params_of_another_type(params: Any) -> None:
    with pytest.raises(TypeError, match=f"not {type(params).__name__}"):
        encode_params(params)


@pytest.mark.parametrize("item", [5, ("a",), ("a", "b", "c"), "abc"])
def test_an_item_that_is_no_pair(item: Any) -> None:
    with pytest.raises(ValueError, match=f"is a {type(item).__name__}, no pair"):
        encode_params([item])


def test_what_goes_wrong_in_a_value_stays_what_it_is() -> None:
    class Broken:
        def __str__(self) -> str:
            raise TypeError("of its own")

    with pytest.raises(TypeError, match="of its own"):
        encode_params({"a": Broken()})


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_pairs_come_back(pairs: list[tuple[str, str]]) -> None:
    encoded = encode_pairs(pairs)
    assert encoded == urlencode(pairs)
    assert parse_qsl(encoded, keep_blank_values=True) == pairs


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_encoded_pairs_are_a_query_already(pairs: list[tuple[str, str]]) -> None:
    assert encode_params(encode_pairs(pairs)) == encode_pairs(pairs)
