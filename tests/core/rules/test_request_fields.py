"""The fields of a request as they are about to go out."""

from __future__ import annotations

import pytest

from sojourn_core import Fields
from sojourn_core.rules.request_fields import check_fields, check_host
from sojourn_core.values.errors import InvalidContent, InvalidHeader
from sojourn_core.values.url.url import parse_url

Lines = list[tuple[str, str]]

SENDABLE: list[Lines] = [
    [],
    [("X-A", "1"), ("X-A", "2")],
    [("X-A", ""), ("x-a", "b")],
    [("Cookie", "a=1"), ("cookie", "b=2")],
    [("Host", "a.test"), ("Content-Length", "0")],
    [("Content-Length", "18446744073709551615")],
    [("Transfer-Encoding", "Chunked")],
]
REFUSED: list[tuple[Lines, str]] = [
    ([("X-A", "a\nb")], "'X-A' has a line break"),
    ([("X-A", "a\x00b")], "'X-A' has a control character"),
    ([("X-A", "1"), ("X-A", "a\rb")], "'X-A' has a line break"),
    ([("X-A", " a")], "'X-A' starts with a blank"),
    ([("X A", "a")], "field name 'X A' is not a token"),
    ([("X-A:", "a")], "field name 'X-A:' is not a token"),
    ([("", "a")], "field name '' is not a token"),
    ([("X-A", "€")], "'X-A' has a character outside ISO-8859-1"),
    ([("X-A", 1)], "'X-A' must be str or bytes, not int"),  # type: ignore[list-item]  # as it says
    ([("Host", "a.test"), ("host", "b.test")], "'Host' occurs more than once"),
    ([("Authorization", "x"), ("authorization", "x")], "'Authorization' occurs more than once"),
    ([("Content-Length", "5"), ("content-length", "5")], "'Content-Length' occurs more than once"),
    ([("Content-Length", "-1")], "Content-Length '-1'"),
    ([("Content-Length", "1_0")], "Content-Length '1_0'"),
    ([("Content-Length", "5, 5")], "Content-Length '5, 5'"),
    ([("Content-Length", "²")], "Content-Length '²'"),
    ([("Content-Length", "")], "Content-Length ''"),
    ([("Content-Length", "1" * 21)], "Content-Length"),
    ([("Transfer-Encoding", "gzip, chunked")], "Transfer-Encoding 'gzip, chunked'"),
    ([("Transfer-Encoding", "identity")], "Transfer-Encoding 'identity'"),
]
HOSTS = [
    "a.test",
    "a.test:8080",
    "A.Test.",
    "[::1]",
    "[::1]:80",
    "127.0.0.1",
    "a_b.test",
    "a.test:",
]
NO_HOSTS = [
    "",
    "a.test/x",
    "a b",
    "u@a.test",
    "@a.test",
    "a.test,b.test",
    "a.test, b.test",
    "a.test:x",
    "a.test:65536",
    "a.test?x",
    "a.test#x",
    "a.test\\x",
    "http://a.test",
    "::1",
    "[fe80::1%25eth0]",
    "bücher.test",
    "a%2etest",
    "127.1",
]


@pytest.mark.parametrize("lines", SENDABLE)
def test_what_may_be_sent(lines: Lines) -> None:
    check_fields(Fields(lines), {})


@pytest.mark.parametrize(
    ("lines", "trailing"),
    [
        ([("X-A", "a"), ("X-B", "b ")], True),
        ([("X-A", "a\t"), ("X-A", "b")], True),
        ([("X-A", "a"), ("X-A", "b")], False),
    ],
)
def test_blanks_at_the_end_of_a_value_are_told(lines: Lines, trailing: bool) -> None:
    fields = Fields(lines)
    assert check_fields(fields, {}) is trailing
    assert fields.lines == lines


@pytest.mark.parametrize(("lines", "says"), REFUSED)
def test_what_may_not_be_sent(lines: Lines, says: str) -> None:
    with pytest.raises(InvalidHeader) as caught:
        check_fields(Fields(lines), {})
    assert says in str(caught.value)


def test_a_length_and_a_coding_exclude_each_other() -> None:
    lines = [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]
    with pytest.raises(InvalidContent, match="exclude each other"):
        check_fields(Fields(lines), {})


def test_what_was_checked_before_counts_as_long_as_it_is_the_same() -> None:
    fields = Fields([("X-A", "1"), ("X-B", "2")])
    known = dict(fields.by_name())
    fields["X-B"] = "2\n"
    with pytest.raises(InvalidHeader, match="'X-B'"):
        check_fields(fields, known)


def test_a_field_without_a_value_is_not_one_that_nobody_knew() -> None:
    fields = Fields([("X-A", "1")])
    fields["X-B"] = None
    with pytest.raises(InvalidHeader, match="'X-B' must be str or bytes, not NoneType"):
        check_fields(fields, {"x-a": "1"})


@pytest.mark.parametrize("value", HOSTS)
def test_a_host_with_or_without_a_port(value: str) -> None:
    check_host(value)
    assert parse_url(f"http://{value}/")


@pytest.mark.parametrize("value", NO_HOSTS)
def test_what_is_no_host(value: str) -> None:
    with pytest.raises(InvalidHeader, match="is not a host with or without a port"):
        check_host(value)
