"""Charsets: ``requests.utils`` and ours find the same."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
import requests.utils as theirs
from hypothesis import given
from hypothesis import strategies as st

from sojourn.compat import utils as ours
from sojourn.compat.structures import CaseInsensitiveDict
from sojourn.compat.utils.charsets import DECLARATIONS_SIZE_MAX

from .sides import outcome

TYPES = [
    *["text/html", "application/json", "x/y", ";", "; ", "charset", "CharSet", "=", "utf-8"],
    *["'", '"', " ", "boundary", "text", "latin1"],
]


@given(st.lists(st.sampled_from(TYPES), max_size=7).map("".join))
def test_of_a_content_type(value: str) -> None:
    told = outcome(ours.get_encoding_from_headers, CaseInsensitiveDict({"Content-Type": value}))
    assert told == outcome(theirs.get_encoding_from_headers, {"content-type": value})
    told = outcome(ours._parse_content_type_header, value)
    assert told == outcome(theirs._parse_content_type_header, value)


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("text/html", "ISO-8859-1"),
        ("application/json", "utf-8"),
        ("image/png", None),
        ("", None),
        (None, None),
        ("text/plain; CHARSET='UTF-8'", "UTF-8"),
        ("text/plain; charset", "ISO-8859-1"),
    ],
)
def test_of_header_fields(value: str | None, charset: str | None) -> None:
    assert ours.get_encoding_from_headers({"content-type": value}) == charset
    assert ours.get_encoding_from_headers(CaseInsensitiveDict()) is None


PAGE = [
    *["<meta ", "<META ", "charset=", "content=", "text/html;", "<?xml ", "encoding="],
    *['"utf-8"', "'latin1'", '"', "'", ">", "/>", "\n", " "],
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@given(st.lists(st.sampled_from(PAGE), max_size=12).map("".join))
def test_of_a_page(content: str) -> None:
    expected = theirs.get_encodings_from_content(content)
    assert ours.get_encodings_from_content(content) == expected


def test_of_a_page_that_declares_it_late() -> None:
    late = " " * DECLARATIONS_SIZE_MAX + '<meta charset="utf-8">'
    with pytest.deprecated_call(match="get_encodings_from_content"):
        assert ours.get_encodings_from_content(late) == []


@pytest.mark.parametrize("size", range(5))
def test_of_json(size: int) -> None:
    for octets in product([0x00, 0x7B, 0xEF, 0xBB, 0xBF, 0xFF, 0xFE], repeat=size):
        data = bytes(octets)
        assert ours.guess_json_utf(data) == theirs.guess_json_utf(data), data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32-be", "utf-8-sig"])
def test_of_a_json_text(encoding: str) -> None:
    data = '{"a": "é"}'.encode(encoding)
    assert ours.guess_json_utf(data) == theirs.guess_json_utf(data) is not None


@pytest.mark.parametrize("encoding", [None, "utf-8", "latin-1", "utf-16", "ascii", "none-such", ""])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "content", ["héllo €".encode(), "h€".encode("utf-16"), b"\xff\xe2\x82", b""]
)
def test_streams(encoding: str | None, size: int, content: bytes) -> None:
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    response: Any = SimpleNamespace(encoding=encoding)
    told = outcome(ours.stream_decode_response_unicode, iter(pieces), response)
    assert told == outcome(theirs.stream_decode_response_unicode, iter(pieces), response)


def test_a_codec_that_is_no_charset_is_not_used() -> None:
    response = SimpleNamespace(encoding="unicode_escape")
    assert list(ours.stream_decode_response_unicode([b"\\u0041"], response)) == ["\\u0041"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("content", [None, b"", b"abc", "é".encode(), b"\xe9"])
@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "ascii", "none-such"])
def test_a_response_as_text(content: bytes | None, charset: str) -> None:
    headers = {"content-type": f"x/y; charset={charset}"}
    response: Any = SimpleNamespace(content=content, headers=headers)
    told = outcome(ours.get_unicode_from_response, response)
    assert told == outcome(theirs.get_unicode_from_response, response)
    response.headers = {}
    told = outcome(ours.get_unicode_from_response, response)
    assert told == outcome(theirs.get_unicode_from_response, response)


def test_a_response_as_text_is_deprecated() -> None:
    with pytest.deprecated_call(match="get_unicode_from_response"):
        ours.get_unicode_from_response(SimpleNamespace(content=None))
