"""RFC 9110 section 9.2.2: what may be sent again, unasked, after a connection was lost."""

from __future__ import annotations

import pytest

from sojourn_core.rules.retry import IDEMPOTENT_METHODS, RESENDS_MAX, may_resend
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import (
    ConnectTimeout,
    InvalidContent,
    Progress,
    ProxyError,
    ReadTimeout,
    RemoteProtocolError,
    RequestException,
    SSLError,
)


def lost(error: type[RequestException] = LostConnection, **progress: int) -> RequestException:
    made = error("lost")
    made.progress = Progress(**{"reused": True, "octets_written": 100, **progress})
    return made


@pytest.mark.parametrize(
    ("reused", "written", "received", "unprocessed", "idempotent", "otherwise"),
    [
        (True, 0, 0, True, True, True),
        (True, 100, 0, False, True, False),
        (True, 100, 1, False, False, False),
        (True, 0, 1, False, False, False),
        (False, 0, 0, False, False, False),
        (False, 100, 0, False, False, False),
        (False, 100, 1, False, False, False),
        (False, 100, 0, True, True, True),  # A peer may say so, under HTTP/2.
    ],
)
def test_what_is_sent_again(
    reused: bool, written: int, received: int, unprocessed: bool, idempotent: bool, otherwise: bool
) -> None:
    error = lost(
        reused=reused,
        octets_written=written,
        octets_received=received,
        unprocessed=unprocessed,
    )
    for method in IDEMPOTENT_METHODS:
        assert may_resend(method, error, 0) is idempotent
    for method in ("POST", "PATCH", "LOCK", "get", ""):
        assert may_resend(method, error, 0) is otherwise


def test_the_methods_that_do_the_same_twice() -> None:
    # RFC 9110 section 9.2.2, RFC 4918 and 3253 for WebDAV's, RFC 10008 for QUERY.
    assert {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"} <= IDEMPOTENT_METHODS
    assert not {"POST", "PATCH", "CONNECT"} & IDEMPOTENT_METHODS


def test_once_is_enough() -> None:
    assert RESENDS_MAX == 1
    assert may_resend("GET", lost(), 0)
    assert not may_resend("GET", lost(), 1)


def test_an_error_that_knows_nothing_of_an_exchange() -> None:
    assert not may_resend("GET", LostConnection("lost"), 0)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (LostConnection, True),
        (SSLError, True),
        (ProxyError, True),
        (RemoteProtocolError, False),
        (ReadTimeout, False),
        (ConnectTimeout, False),
        (InvalidContent, False),
        (RequestException, False),
    ],
)
def test_only_a_lost_connection_counts(error: type[RequestException], again: bool) -> None:
    assert may_resend("GET", lost(error), 0) is again
