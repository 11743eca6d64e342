from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.url.percent import (
    comparable,
    encode_octets,
    encode_path,
    encode_query,
    encode_reference,
    encode_userinfo,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ENCODERS = [encode_path, encode_query, encode_userinfo, encode_reference]
UNRESERVED = string.ascii_letters + string.digits + "-._~"
SUB_DELIMS = "!$&'()*+,;="


@pytest.mark.parametrize(
    ("encode", "kept"),
    [
        (encode_path, SUB_DELIMS + ":@/"),
        (encode_query, SUB_DELIMS + ":@/?"),
        (encode_userinfo, SUB_DELIMS + ":"),
        (encode_reference, SUB_DELIMS + ":@/?#[]"),
    ],
)
def test_only_what_a_component_may_hold_stays(encode: Callable[[str], str], kept: str) -> None:
    for char in map(chr, range(128)):
        assert encode(char) == (char if char in UNRESERVED + kept else f"%{ord(char):02X}")


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%7E%41%2d%5f", "~A-_"),  # Unreserved.
        ("%2f%3A%25", "%2f%3A%25"),  # Not unreserved: nothing changes, a signature may cover it.
        ("%ff%C5%A1", "%ff%C5%A1"),
        ("%c3%A4%7e", "%c3%A4~"),
        ("100%", "100%25"),
        ("%%41%4", "%25A%254"),
        ("%zz%\uff11\uff11", "%25zz%25%EF%BC%91%EF%BC%91"),  # Digits are ASCII ones.
        ("š日", "%C5%A1%E6%97%A5"),
        ("a\r\nb\x7f\t", "a%0D%0Ab%7F%09"),
    ],
)
def test_escapes(encode: Callable[[str], str], text: str, expected: str) -> None:
    assert encode(text) == expected


@pytest.mark.parametrize("encode", ENCODERS)
def test_a_lone_surrogate_is_an_error(encode: Callable[[str], str]) -> None:
    with pytest.raises(UnicodeEncodeError):
        encode("a\ud800")


@pytest.mark.parametrize("encode", ENCODERS)
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("%/?#A7")))
def test_encoding_twice_is_encoding_once(encode: Callable[[str], str], text: str) -> None:
    assert encode(encode(text)) == encode(text)
    assert encode(text).isascii()


def test_octets_are_escaped_one_by_one() -> None:
    assert encode_octets("a%/\x7f\x80\xc5\xa1\xff") == "a%/\x7f%80%C5%A1%FF"


def test_equivalent_texts_compare_equal() -> None:
    assert comparable("/%c3%A4%2f%zz%a") == "/%C3%A4%2F%zz%a"
