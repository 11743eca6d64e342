"""Pools that note how far a request got, which errors must say and urllib3's do not."""

from __future__ import annotations

import threading
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool


class Attempt:
    """The progress of one request in urllib3.

    Attributes:
        reused: Its connection had served a request before.
        secured: The TLS handshake is over.
        written: Bytes of content that urllib3 was given.
        touched: A chunk was taken from streamed content.
    """

    __slots__ = ("reused", "secured", "touched", "written")

    def __init__(self) -> None:
        self.reused = False
        self.secured = False
        self.written = 0
        self.touched = False


class _Current(threading.local):
    attempt = Attempt()  # A pool is used in the thread that has begun the attempt.


_current: Final = _Current()


def begin_attempt() -> Attempt:
    """Begin to note how far the next request of this thread gets."""
    attempt = _current.attempt = Attempt()
    return attempt


class NotedHTTP(HTTPConnectionPool):
    """A pool that notes whether a connection is used again."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        _current.attempt.reused = getattr(connection, "sock", None) is not None
        return connection


class NotedHTTPS(HTTPSConnectionPool):
    """The same, which also notes the end of the handshake."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        _current.attempt.reused = getattr(connection, "sock", None) is not None
        return connection

    def _validate_conn(self, conn: Any) -> None:
        super()._validate_conn(conn)
        _current.attempt.secured = True
