from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core.values.content.content import Content, prepare_content
from sojourn_core.values.content.forms import encode_form, encode_json
from sojourn_core.values.errors import InvalidContent, InvalidJSONError
from sojourn_core.values.fields import Fields
from tests.core.depth import TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

FORM = "application/x-www-form-urlencoded"


class Reader:
    """Nothing but read()."""

    def read(self, size: int) -> bytes:
        raise AssertionError(size)


class AsyncContainer:
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"a"


def generator() -> Iterator[bytes]:
    yield b"a"


async def async_generator() -> AsyncIterator[bytes]:
    yield b"a"


# Forms and JSON. What Requests 2.34 sends for the same is the expectation.


@pytest.mark.parametrize(
    ("data", "form"),
    [
        ({"a": 1, "b": "é x&y"}, b"a=1&b=%C3%A9+x%26y"),
        ({"a": None, "b": [1, 2]}, b"b=1&b=2"),
        ({"a": [None, 1]}, b"a=1"),
        ({"a": []}, b""),
        ({"a": ""}, b"a="),
        ({"a": b"\xff", b"k": "v"}, b"a=%FF&k=v"),
        ({"a": (1, b"x", "y")}, b"a=1&a=x&a=y"),
        ({"a": {"x": 1}}, b"a=x"),
        ({"a": range(2)}, b"a=0&a=1"),
        ({1: True, None: 2.5}, b"1=True&None=2.5"),
        ([("a", "b"), ("a", None), ("a", ["c", "d"])], b"a=b&a=c&a=d"),
        ((("a", "b"), ["c", "d"]), b"a=b&c=d"),
        (Fields([("A", "b")]), b"A=b"),
    ],
)
def test_a_form(data: Any, form: bytes) -> None:
    assert encode_form(data) == form
    if data:
        assert prepare_content(data) == (form, FORM)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([("a",)], "item 0 of the form data, of type tuple, is not a pair"),
        ([("a", "b"), 5], "item 1 of the form data, of type int, is not a pair"),
        (["ab"], "item 0 of the form data, of type str, is not a pair"),
        ([("a", "b"), b"cd"], "item 1 of the form data, of type bytes, is not a pair"),
        ({"a": "\ud800"}, "form data cannot be encoded as UTF-8: surrogates not allowed"),
    ],
)
def test_what_is_no_form(data: Any, message: str) -> None:
    with pytest.raises(InvalidContent, match=f"^{message}$"):
        prepare_content(data)


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ({}, b"{}"),
        (0, b"0"),
        (False, b"false"),
        ("", b'""'),
        ({"a": [1, None], "é": "\ud800"}, b'{"a": [1, null], "\\u00e9": "\\ud800"}'),
    ],
)
def test_json(value: Any, content: bytes) -> None:
    assert encode_json(value) == content
    assert prepare_content(None, value) == (content, "application/json")


def _nested() -> list[Any]:
    value: list[Any] = []
    for _ in range(TOO_DEEP):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1}, b"x", object(), {(1,): 1}, _nested()]
)
def test_what_is_no_json(value: Any) -> None:
    with pytest.raises(InvalidJSONError, match=r"^value cannot be encoded as JSON: "):
        encode_json(value)


def test_what_contains_itself_is_no_json() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidJSONError, match="Circular"):
        encode_json(value)


# data= and json=


@pytest.mark.parametrize(
    "data", [None, "", b"", bytearray(), memoryview(b""), {}, [], (), 0, False]
)
def test_empty_data_is_no_content(data: Any) -> None:
    assert prepare_content(data) == (None, None)
    assert prepare_content(data, {"a": 1}) == (b'{"a": 1}', "application/json")


@pytest.mark.parametrize(
    ("data", "content"),
    [
        ("é", "é".encode()),
        (b"abc", b"abc"),
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abcdef")[::2], b"ace"),
    ],
)
def test_octets_and_text_have_no_type(data: Any, content: bytes) -> None:
    assert prepare_content(data) == (content, None)
    assert prepare_content(data, 1) == (content, None)  # data counts before json.


def test_text_that_is_not_unicode_cannot_be_sent() -> None:
    with pytest.raises(InvalidContent, match="text cannot be encoded as UTF-8"):
        prepare_content("a\ud800")


@pytest.mark.parametrize(
    "data",
    [
        io.BytesIO(b"abc"),
        io.BytesIO(b""),
        io.StringIO("abc"),
        Reader(),
        generator(),
        iter([b"a"]),
        [b"a", b"b"],
        (b"a", bytearray(b"b")),
        {b"a", b"b"},
        async_generator(),
        AsyncContainer(),
    ],
    ids=lambda data: type(data).__name__,
)
def test_streams_are_left_as_they_are(data: Any) -> None:
    body, content_type = prepare_content(data, {"not": "used"})
    assert body is data
    assert content_type is None


@pytest.mark.parametrize("data", [5, True, 2.5, object(), len, Exception()])
def test_data_of_another_type_cannot_be_sent(data: Any) -> None:
    message = f"^content cannot be of type {type(data).__name__}$"
    with pytest.raises(InvalidContent, match=message):
        prepare_content(data)
    with pytest.raises(InvalidContent, match=message):
        Content(data)
