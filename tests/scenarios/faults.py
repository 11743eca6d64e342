"""Peers that are not there, go away, fall silent, or cannot be trusted."""

from __future__ import annotations

from typing import Any, Final

from sojourn_core import Timeouts
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import (
    DeadlineExceeded,
    NameResolutionError,
    ReadTimeout,
    SSLError,
    StalledContent,
)
from tests.scenarios.model import (
    REFUSED,
    SECURE_A,
    A,
    B,
    Intent,
    Outcome,
    Scenario,
    Seen,
    answer,
    get,
    moved,
    ok,
    one,
    serve,
)
from tests.scenarios.uploads import chunks
from tests.servers.steps import Close, Expect, ReadHead, Reset, Send, WaitClosed

SILENT: Final = (ReadHead(), WaitClosed())
# The connection may take its time: it is the silence after it that is measured.
SHORT: Final = (10, 0.1)
# Long enough for what is sent at once, on a machine that is busy.
LONGER: Final = (10, 1.0)
OTHER: Final = "https://c.test"


def within(**seconds: float | None) -> Timeouts:
    """Timeouts of which only these count."""
    return Timeouts(**{"connect": None, "read": None, "write": None, "pool": None, **seconds})


def unsent(name: str, url: str, peers: Any, says: str, **more: Any) -> Scenario:
    """A request that certainly did not reach anybody."""
    error = more.pop("error", LostConnection)
    return one(name, get(url), peers, Outcome(error=error, says=says, maybe_sent=False), **more)


ABSENT: Final = (
    unsent("a port where nobody listens", A, {A: REFUSED}, "cannot connect to http://a.test:"),
    unsent(
        "a name that nobody has",
        "http://nope.test/",
        {},
        "host 'nope.test' cannot be resolved",
        error=NameResolutionError,
    ),
    one(
        "a redirect to where nobody listens",
        get(f"{A}/x"),
        {A: (serve(moved(302, f"{B}/y")),), B: REFUSED},
        Outcome(
            error=LostConnection,
            says="cannot connect to http://b.test",
            maybe_sent=False,
            decisions=("1 redirect.followed http://b.test",),
        ),
        Seen(A, "GET /x"),
    ),
    one(
        "a redirect to a name that nobody has",
        get(f"{A}/x"),
        serve(moved(307, "http://nope.test/y")),
        Outcome(
            error=NameResolutionError,
            says="'nope.test'",
            maybe_sent=False,
            decisions=("1 redirect.followed http://nope.test",),
        ),
        Seen(A, "GET /x"),
    ),
)

GONE: Final = (
    one(
        "a peer that resets the connection instead of an answer",
        get(f"{A}/"),
        (ReadHead(), Reset()),
        Outcome(error=LostConnection, says="the connection to http://a.test was lost"),
        Seen(A, "GET /"),
    ),
    one(
        "a peer that closes after the content of a POST",
        Intent("POST", f"{A}/", {"data": b"ab"}),
        (*answer(content=2), Close()),
        Outcome(error=LostConnection, says="http://a.test closed the connection"),
        Seen(A, "POST /", content=b"ab"),
    ),
    one(
        "a TLS peer that closes instead of an answer",
        get(f"{SECURE_A}/"),
        {SECURE_A: ((ReadHead(), Close()),)},
        Outcome(error=LostConnection, says="https://a.test closed the connection"),
        Seen(SECURE_A, "GET /"),
    ),
    Scenario(
        name="after a lost connection comes a new one",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: ((ReadHead(), Close()), serve(ok(b"2")))},
        outcomes=(
            Outcome(error=LostConnection, says="without answering"),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
)

SLOW: Final = (
    one(
        "silence instead of an answer",
        get(f"{A}/", timeout=SHORT),
        SILENT,
        Outcome(error=ReadTimeout, says="no answer from http://a.test in 0.1 s"),
        Seen(A, "GET /"),
    ),
    one(
        "silence after half a head",
        get(f"{A}/", timeout=SHORT),
        (ReadHead(), Send(b"HTTP/1.1 200 OK\r\nX-"), WaitClosed()),
        Outcome(error=ReadTimeout, says="http://a.test"),
        Seen(A, "GET /"),
    ),
    one(
        "silence after an informational head",
        get(f"{A}/", timeout=SHORT),
        (ReadHead(), Send(b"HTTP/1.1 102 Processing\r\n\r\n"), WaitClosed()),
        Outcome(error=ReadTimeout, says="http://a.test"),
        Seen(A, "GET /"),
    ),
    one(
        "silence after an upload",
        Intent("POST", f"{A}/", {"timeout": SHORT}, content=chunks(b"a", b"b")),
        (ReadHead(), WaitClosed()),
        Outcome(error=ReadTimeout, says="no answer", content_closed=True),
        Seen(A, "POST /", content=b"ab"),
    ),
    one(
        "silence within the content",
        get(f"{A}/", timeout=LONGER),
        (ReadHead(), Send(ok(b"0123456789")[:-5]), WaitClosed()),
        Outcome(error=StalledContent, says="was silent for 1.0 s", answered=200),
        Seen(A, "GET /"),
    ),
    one(
        "silence within the content, over TLS",
        get(f"{SECURE_A}/", timeout=LONGER),
        {SECURE_A: ((ReadHead(), Send(ok(b"0123456789")[:-5]), WaitClosed()),)},
        Outcome(error=StalledContent, says="https://a.test was silent", answered=200),
        Seen(SECURE_A, "GET /"),
    ),
    one(
        "the whole call takes too long",
        get(f"{A}/", timeout=within(total=0.5)),
        SILENT,
        Outcome(error=DeadlineExceeded, says="took longer than it may in all"),
        Seen(A, "GET /"),
    ),
    one(
        "the whole call takes too long in its content",
        get(f"{A}/", timeout=within(total=1.0)),
        (ReadHead(), Send(ok(b"0123456789")[:-5]), WaitClosed()),
        Outcome(error=DeadlineExceeded, says="took longer than it may in all", answered=200),
        Seen(A, "GET /"),
    ),
    one(
        "the whole call takes too long on its second hop",
        get(f"{A}/x", timeout=within(total=1.0)),
        {A: (serve(moved(302, f"{B}/y")),), B: (SILENT,)},
        Outcome(
            error=DeadlineExceeded,
            says="the call to http://b.test took longer",
            decisions=("1 redirect.followed http://b.test",),
        ),
        Seen(A, "GET /x"),
        Seen(B, "GET /y"),
    ),
    Scenario(
        name="after a timeout comes a new connection, and another call has time of its own",
        intents=(get(f"{A}/1", timeout=SHORT), get(f"{A}/2")),
        peers={A: (SILENT, serve(ok(b"2")))},
        outcomes=(
            Outcome(error=ReadTimeout, says="no answer"),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
)

UNTRUSTED: Final = (
    unsent(
        "a certificate for another host",
        OTHER,
        {OTHER: (SILENT,)},
        "no TLS connection to 'c.test'",
        error=SSLError,
    ),
    one(
        "a certificate of an authority that is not trusted",
        get(SECURE_A, verify=True),
        {SECURE_A: (SILENT,)},
        Outcome(error=SSLError, says="no TLS connection to 'a.test'", maybe_sent=False),
    ),
    one(
        "a certificate that nobody looks at",
        get(f"{OTHER}/", verify=False),
        {OTHER: (serve(ok(b"whoever")),)},
        Outcome(status=200, content=b"whoever"),
        Seen(OTHER, "GET /"),
    ),
    Scenario(
        name="a connection made without a look is not used where one is asked for",
        intents=(get(f"{SECURE_A}/1", verify=False), get(f"{SECURE_A}/2")),
        peers={SECURE_A: (serve(ok(b"1")), serve(ok(b"2")))},
        outcomes=(Outcome(status=200, content=b"1"), Outcome(status=200, content=b"2")),
        seen=(Seen(SECURE_A, "GET /1"), Seen(SECURE_A, "GET /2", connection=1)),
    ),
    one(
        "a redirect to a host with the wrong certificate",
        get(f"{A}/x", auth=("user", "secret")),
        {A: (serve(moved(302, f"{OTHER}/y")),), OTHER: (SILENT,)},
        Outcome(
            error=SSLError,
            says="'c.test'",
            maybe_sent=False,
            decisions=(
                "0 auth.added Authorization",
                "1 redirect.followed https://c.test",
                "1 auth.stripped.cross-origin Authorization",
            ),
        ),
        Seen(A, "GET /x"),
    ),
    unsent(
        "a peer that speaks no TLS",
        SECURE_A,
        {SECURE_A: ((Send(ok(b"what?", status=400)), WaitClosed()),)},
        "no TLS connection to 'a.test'",
        error=SSLError,
        plain=frozenset({SECURE_A}),
    ),
    unsent(
        "a peer that closes within the handshake",
        SECURE_A,
        {SECURE_A: ((Expect(b"\x16"), Close()),)},  # All of the client's hello was read.
        "TLS handshake",
        error=SSLError,
        plain=frozenset({SECURE_A}),
    ),
)

SCENARIOS: Final = (*ABSENT, *GONE, *SLOW, *UNTRUSTED)
