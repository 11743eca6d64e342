"""What is known of a connection."""

from __future__ import annotations

import weakref

from sojourn_core import PoolKey, parse_url
from sojourn_core.exchange.connection import Connection
from sojourn_core.exchange.plain_codec import PlainCodec
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.codecs import HOST, head_for

KEY = PoolKey(parse_url("https://u:hunter2@a.test:8443/x").origin)


def test_a_new_connection() -> None:
    stream = object()
    connection = Connection(KEY, stream)
    assert connection.stream is stream
    assert (connection.tls, connection.requests, connection.idle_until) == (None, 0, 0.0)
    assert repr(connection) == "Connection(https://a.test:8443, requests=0)"
    assert weakref.ref(connection)() is connection


def test_connections_are_told_apart_by_what_they_are_not_by_what_they_hold() -> None:
    assert Connection(KEY, "stream") != Connection(KEY, "stream")


def test_what_a_codec_holds_is_not_shown() -> None:
    connection = Connection(KEY, "stream")
    codec = connection.codec = PlainCodec(DEFAULT_LIMITS)
    head = head_for("GET", "/hunter2", [HOST, ("Authorization", "Bearer hunter2")])
    message = codec.open(head)
    message.start()
    shown = (connection, codec, codec.lines, head, message)
    assert "hunter2" not in " ".join(map(repr, shown))
