"""Responses that are not quite HTTP: what is let through, what is left out, what is an error.

The peers stay silent after what they have sent, so a client that waits for more would time out.
"""

from __future__ import annotations

import gzip
from typing import Any, Final

from sojourn_core.values.errors import ChunkedEncodingError, RemoteProtocolError, SSLError
from tests.scenarios.model import (
    SECURE_A,
    A,
    Outcome,
    Scenario,
    Seen,
    get,
    moved,
    ok,
    one,
    serve,
)
from tests.servers.steps import Expect, ReadHead, Send, WaitClosed

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GO_ON: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
COOKIE: Final = "cookie.rejected.control-character Set-Cookie"
TRAILER: Final = "trailer.dropped.malformed"


def refused(name: str, octets: bytes, says: str) -> Scenario:
    """A head that is refused, although the peer may have more to say."""
    return one(
        name,
        get(f"{A}/"),
        serve(octets),
        Outcome(error=RemoteProtocolError, says=says),
        Seen(A, "GET /"),
    )


def broken(name: str, octets: bytes, says: str) -> Scenario:
    """Chunks that are refused, although the peer may have more to say."""
    return one(
        name,
        get(f"{A}/"),
        serve(CHUNKED + octets),
        Outcome(error=ChunkedEncodingError, says=says, answered=200),
        Seen(A, "GET /"),
    )


def twice(name: str, first: bytes, kept: bool, *seen: str, **outcome: Any) -> Scenario:
    """Two requests, the second on the same connection if it is kept."""
    scripts = (serve(first, ok(b"2")),) if kept else (serve(first), serve(ok(b"2")))
    return Scenario(
        name=name,
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: scripts},
        outcomes=(
            Outcome(**{"status": 200, **outcome}),
            Outcome(status=200, content=b"2", decisions=seen),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=0 if kept else 1)),
        cookies=(("b", "2", "a.test"),) if seen else (),
    )


HEADS: Final = (
    refused("what is no status line fails at its first byte", b"D", "illegal status line"),
    refused("what is no status line fails at its first wrong byte", b"HTTP/1.1 2x", "illegal"),
    refused("what is no status line after a 100", GO_ON + b"Data\r\n", "illegal status line"),
    refused("half a version", b"HTTP/11", "illegal status line"),
    refused("a line without an end", OK + b"X-Long: " + b"x" * 70_000, "'X-Long' of the response"),
    refused("NUL in a cookie", OK + b"Set-Cookie: a=\0\r\n\r\n", "field 'Set-Cookie'"),
    refused("a field name with a blank", OK + b"X A: 1\r\n\r\n", "illegal header line 'X A'"),
    twice(
        "lines that end with a bare LF are taken, and the connection is not used again",
        b"HTTP/1.1 200 OK\nContent-Length: 3\n\none",
        kept=False,
        content=b"one",
    ),
    twice(
        "one bare LF among others",
        OK + b"X-A: 1\nContent-Length: 3\r\n\r\none",
        kept=False,
        content=b"one",
        fields={"x-a": "1"},
    ),
    twice(
        "a cookie with a control character is left out, and loses nothing else",
        OK + b"Set-Cookie: a=\x01\r\nSet-Cookie: b=2\r\nContent-Length: 3\r\n\r\none",
        True,
        "0 cookie.sent Cookie",
        content=b"one",
        fields={"set-cookie": "b=2"},
        decisions=(f"0 {COOKIE}", "0 cookie.stored b"),
    ),
    one(
        "a cookie left out of a redirect, and of where it leads",
        get(f"{A}/"),
        serve(moved(302, "/y", ("Set-Cookie", "a=\x7f")), ok(b"there", ("Set-Cookie", "a=\x02"))),
        Outcome(
            status=200,
            content=b"there",
            url=f"{A}/y",
            history=((302, f"{A}/"),),
            fields={"set-cookie": None},
            decisions=(f"0 {COOKIE}", f"1 redirect.followed {A}", f"1 {COOKIE}"),
        ),
        Seen(A, "GET /"),
        Seen(A, "GET /y"),
    ),
)

CHUNKS: Final = (
    broken("a chunk head with a bare LF", b"3\none\n", "illegal chunk header"),
    broken("a chunk that ends with a bare LF", b"3\r\none\n", "malformed chunk footer"),
    broken("a size of 17 digits", b"1" * 17, "over 16 digits"),
    broken("a chunk head without an end", b"1;" + b"x" * 17_000, "more framing than content"),
    broken("one byte in each chunk", (b"1;" + b"x" * 99 + b"\r\nx\r\n") * 200, "more framing"),
    one(
        "a size with leading zeros",
        get(f"{A}/"),
        serve(CHUNKED + b"0" * 20 + b"3\r\none\r\n0\r\n\r\n"),
        Outcome(status=200, content=b"one"),
        Seen(A, "GET /"),
    ),
)

TRAILERS: Final = (
    twice(
        "a trailer line that is none is left out, and the content is given",
        CHUNKED + b"3\r\none\r\n0\r\njunk\r\nX : 1\r\nX-Sum: 3\r\n\r\n",
        kept=True,
        content=b"one",
        trailers={"X-Sum": "3"},
        decisions=(f"0 {TRAILER} trailer", f"0 {TRAILER} 'X '"),
    ),
    one(
        "a trailer line that is none, where a redirect leads",
        get(f"{A}/"),
        serve(moved(302, "/y"), CHUNKED + b"3\r\none\r\n0\r\nX: \x01\r\n\r\n"),
        Outcome(
            status=200,
            content=b"one",
            url=f"{A}/y",
            history=((302, f"{A}/"),),
            decisions=(f"1 redirect.followed {A}", f"1 {TRAILER} 'X'"),
        ),
        Seen(A, "GET /"),
        Seen(A, "GET /y"),
    ),
    one(
        "NUL in a trailer",
        get(f"{A}/"),
        serve(CHUNKED + b"3\r\none\r\n0\r\nX: \0\r\n\r\n"),
        Outcome(error=RemoteProtocolError, says="trailer field 'X' of", answered=200),
        Seen(A, "GET /"),
    ),
    one(
        "a bare LF in the trailer section",
        get(f"{A}/"),
        serve(CHUNKED + b"3\r\none\r\n0\r\nX: 1\n\n"),
        Outcome(status=200, content=b"one", trailers={"X": "1"}),
        Seen(A, "GET /"),
    ),
)

PROXY: Final = "http://proxy.test:3128"


def tunnel(name: str, *lines: bytes) -> Scenario:
    """A proxy that opens a tunnel with these lines; at its end nobody speaks TLS."""
    head = b"\r\n".join((b"HTTP/1.1 200 Connection established", *lines, b"", b""))
    return one(
        name,
        get(f"{SECURE_A}/", proxies={"https": PROXY}),
        {PROXY: ((ReadHead(), Send(head), Expect(b"\x16\x03\x01"), Send(b"?" * 9), WaitClosed()),)},
        Outcome(
            error=SSLError,
            says="no TLS connection to 'a.test'",
            maybe_sent=False,
            decisions=(f"0 proxy.chosen {PROXY}",),
        ),
        Seen(PROXY, "CONNECT a.test:443"),
    )


TUNNELS: Final = (
    tunnel("a tunnel, which has no framing", b"X-A: 1"),
    tunnel("a tunnel opened with a transfer coding", b"Transfer-Encoding: identity"),
    tunnel("a tunnel opened with two lengths", b"Content-Length: 1", b"Content-Length: 2"),
)

CODINGS: Final = (
    one(
        "bytes after gzip, where a redirect leads",
        get(f"{A}/"),
        serve(
            moved(302, "/y"), ok(gzip.compress(b"there") + b"\r\n", ("Content-Encoding", "gzip"))
        ),
        Outcome(
            status=200,
            content=b"there",
            url=f"{A}/y",
            history=((302, f"{A}/"),),
            decisions=(f"1 redirect.followed {A}", "1 content.surplus.ignored gzip"),
        ),
        Seen(A, "GET /"),
        Seen(A, "GET /y"),
    ),
)

SCENARIOS: Final = (*HEADS, *CHUNKS, *TRAILERS, *TUNNELS, *CODINGS)
