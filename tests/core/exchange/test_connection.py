"""What is known of a connection, and the head that it remembers."""

from __future__ import annotations

import weakref

import h11
import pytest

from sojourn_core import PoolKey, parse_url
from sojourn_core.exchange.connection import Connection, HeadMemo

KEY = PoolKey(parse_url("https://u:hunter2@a.test:8443/x").origin)


def test_a_new_connection() -> None:
    stream = object()
    connection = Connection(KEY, stream)
    assert connection.stream is stream
    assert (connection.tls, connection.requests, connection.idle_since) == (None, 0, 0.0)
    assert repr(connection) == "Connection(https://a.test:8443, requests=0)"
    assert weakref.ref(connection)() is connection


def test_connections_are_told_apart_by_what_they_are_not_by_what_they_hold() -> None:
    assert Connection(KEY, "stream") != Connection(KEY, "stream")


def test_the_memo_knows_the_last_head_and_no_other() -> None:
    memo = HeadMemo()
    lines = [("Host", "a.test")]
    known = memo.request_for("GET", "/", lines)
    assert memo.request_for("GET", "/", [("Host", "a.test")]) is known
    other = memo.request_for("GET", "/", [("host", "a.test")])
    assert other is not known, "names go out as they are given"
    assert other.headers.raw_items() == [(b"host", b"a.test")]
    again = memo.request_for("GET", "/", lines)
    assert again is not known, "only the last one is kept"
    assert again == known


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/y"), ("HEAD", "/x"), ("PUT", "/y")],
)
def test_equal_field_lines_are_validated_once_for_any_start_line(method: str, target: str) -> None:
    memo = HeadMemo()
    lines = [("Host", "a.test"), ("X-Case", "y")]
    known = memo.request_for("GET", "/x", lines)
    other = memo.request_for(method, target, list(lines))
    assert (other.method, other.target) == (method.encode(), target.encode())
    assert other.headers is known.headers


def test_a_head_that_was_refused_is_not_remembered() -> None:
    memo = HeadMemo()
    lines = [("Host", "a.test")]
    known = memo.request_for("GET", "/", lines)
    with pytest.raises(h11.LocalProtocolError):
        memo.request_for("GET", "/", [*lines, ("X", "a\nb")])
    with pytest.raises(UnicodeEncodeError):
        memo.request_for("GET", "/", [*lines, ("X", "\u0107")])
    with pytest.raises(h11.LocalProtocolError):
        memo.request_for("GET", "/ y", lines)
    assert memo.request_for("GET", "/", lines) is known


def test_what_the_memo_holds_is_not_shown() -> None:
    connection = Connection(KEY, "stream")
    lines = [("Host", "a.test"), ("Authorization", "Bearer hunter2")]
    connection.memo.request_for("GET", "/", lines)
    assert "hunter2" not in repr(connection) + repr(connection.memo)
