"""What is known of a connection, and the head that it remembers."""

from __future__ import annotations

import weakref

from sojourn_core import PoolKey, parse_url
from sojourn_core.connection import Connection, HeadMemo

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
    assert memo.headers_for([]) is None
    lines = [("Host", "a.test")]
    headers = object()
    memo.keep(lines, headers)
    assert memo.headers_for([("Host", "a.test")]) is headers
    assert memo.headers_for([("host", "a.test")]) is None, "names go out as they are given"
    memo.keep([("Host", "b.test")], None)
    assert memo.headers_for(lines) is None


def test_what_the_memo_holds_is_not_shown() -> None:
    connection = Connection(KEY, "stream")
    connection.memo.keep([("Authorization", "Bearer hunter2")], object())
    assert "hunter2" not in repr(connection) + repr(connection.memo)
