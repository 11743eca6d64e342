"""How a response says where its content ends, and what stands around it."""

from __future__ import annotations

import gzip
import zlib
from typing import Any, Final

from tests.scenarios.model import (
    SECURE_A,
    A,
    Ended,
    Intent,
    Outcome,
    Scenario,
    Seen,
    get,
    ok,
    one,
    serve,
    serve_once,
    trickle,
)
from tests.servers.steps import Close, ReadHead, Send

TEXT: Final = b"All that is gold does not glitter. " * 40
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
EMPTY_LINE: Final = b"\r\n"
DEFLATED: Final = zlib.compress(TEXT)
BARE_DEFLATED: Final = DEFLATED[2:-4]  # Without the frame of RFC 1950, as some send it.


def coded(coding: str, content: bytes) -> bytes:
    """A response with content in this coding."""
    return ok(content, ("Content-Encoding", coding))


def shows(name: str, *octets: bytes, **outcome: Any) -> Scenario:
    """A GET answered with these octets, and content that is whole."""
    given: dict[str, Any] = {"status": 200, "content": TEXT, **outcome}
    return one(name, get(f"{A}/"), serve(_play(octets)), Outcome(**given), Seen(A, "GET /"))


def _play(octets: tuple[bytes, ...]) -> tuple[ReadHead | Send, ...]:
    return (ReadHead(), *(Send(each) for each in octets))


LENGTHS: Final = (
    shows("content with its length", ok(TEXT)),
    shows("content that comes in pieces", ok(TEXT)[:40], ok(TEXT)[40:90], ok(TEXT)[90:]),
    one(
        "a head that comes octet by octet",
        get(f"{A}/"),
        serve((ReadHead(), *trickle(ok(b"slow", ("X-A", "1"))))),
        Outcome(status=200, content=b"slow", fields={"x-a": "1"}),
        Seen(A, "GET /"),
    ),
    one(
        "content to the end of the connection",
        get(f"{A}/"),
        serve_once(b"HTTP/1.1 200 OK\r\n\r\n", TEXT[:100], TEXT[100:]),
        Outcome(status=200, content=TEXT),
        Seen(A, "GET /"),
    ),
    one(
        "content to the end of a TLS connection that says so",
        get(f"{SECURE_A}/"),
        {SECURE_A: (serve_once(b"HTTP/1.1 200 OK\r\n\r\n", TEXT),)},
        Outcome(status=200, content=TEXT),
        Seen(SECURE_A, "GET /"),
    ),
    shows("a length of nothing", ok(b""), content=b""),
    shows(
        "a 204 has no content, whatever it says",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        status=204,
        content=b"",
    ),
    shows(
        "a 304 has no content, whatever it says",
        b'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n',
        status=304,
        content=b"",
        fields={"etag": '"x"', "content-length": "5"},
    ),
    one(
        "an answer to HEAD has no content, whatever it says",
        Intent("HEAD", f"{A}/"),
        serve(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
        Outcome(status=200, fields={"content-length": "99"}),
        Seen(A, "HEAD /"),
    ),
    one(
        "an answer to HEAD may say chunked, or gzip",
        Intent("HEAD", f"{A}/"),
        serve(CHUNKED + b"Content-Encoding: gzip\r\n\r\n"),
        Outcome(status=200, fields={"content-encoding": "gzip"}),
        Seen(A, "HEAD /"),
    ),
    shows(
        "the same length said twice is one length",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        content=b"ab",
    ),
    shows(
        "a status line without a reason",
        b"HTTP/1.1 299 \r\nContent-Length: 2\r\n\r\nab",
        status=299,
        content=b"ab",
    ),
    shows(
        "fields that repeat, and octets beyond ASCII",
        b"HTTP/1.1 200 OK\r\nVary: a\r\nvary: b\r\nX-Name: M\xfcller\r\nContent-Length: 0\r\n\r\n",
        content=b"",
        fields={"vary": "a, b", "x-name": "Müller"},
    ),
    shows(
        "a field folded over two lines",
        b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\nContent-Length: 0\r\n\r\n",
        content=b"",
        fields={"x-long": "one two"},
    ),
)

CHUNKS: Final = (
    shows(
        "chunks",
        CHUNKED + EMPTY_LINE,
        b"4\r\nfour\r\n",
        b"3;x=y\r\n+ 3\r\n0\r\n\r\n",
        content=b"four+ 3",
    ),
    one(
        "chunks that come octet by octet",
        get(f"{A}/"),
        serve(
            (
                ReadHead(),
                Send(CHUNKED + EMPTY_LINE),
                *trickle(b"00a\r\n0123456789\r\n1\r\n!\r\n0\r\n\r\n"),
            )
        ),
        Outcome(status=200, content=b"0123456789!"),
        Seen(A, "GET /"),
    ),
    shows(
        "chunks with trailer fields",
        CHUNKED + b"Trailer: X-Sum\r\n\r\n4\r\nfour\r\n0\r\nX-Sum: 4\r\nX-More: yes\r\n\r\n",
        content=b"four",
        trailers={"X-Sum": "4", "X-More": "yes"},
        fields={"x-sum": None},
    ),
    shows("no chunk but the last", CHUNKED + b"\r\n0\r\n\r\n", content=b""),
    Scenario(
        name="chunks win over a length, and the connection is not trusted again",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={
            A: (
                serve(CHUNKED + b"Content-Length: 99\r\n\r\n3\r\none\r\n0\r\n\r\n"),
                serve(ok(b"two")),
            )
        },
        outcomes=(Outcome(status=200, content=b"one"), Outcome(status=200, content=b"two")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
)

INFORMATION: Final = (
    shows(
        "a 100 before the answer",
        b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"then"),
        content=b"then",
    ),
    shows(
        "early hints, which are not the answer",
        b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n",
        ok(b"then", ("X-A", "2")),
        content=b"then",
        fields={"x-a": "2", "link": None},
    ),
)

CODINGS: Final = (
    shows("gzip", coded("gzip", gzip.compress(TEXT)), fields={"content-encoding": "gzip"}),
    shows("gzip under its old name, in any case", coded("X-GZip", gzip.compress(TEXT))),
    shows(
        "gzip of two members",
        coded("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    ),
    one(
        "gzip that comes octet by octet",
        get(f"{A}/"),
        serve(
            (
                ReadHead(),
                Send(coded("gzip", gzip.compress(TEXT))[:-60]),
                *trickle(gzip.compress(TEXT)[-60:]),
            )
        ),
        Outcome(status=200, content=TEXT),
        Seen(A, "GET /"),
    ),
    shows("gzip of no content at all", coded("gzip", b""), content=b""),
    shows("deflate in its frame", coded("deflate", DEFLATED)),
    shows("deflate without its frame", coded("deflate", BARE_DEFLATED)),
    shows(
        "two codings, taken off in turn",
        coded("deflate, gzip", gzip.compress(DEFLATED)),
    ),
    shows("identity is no coding", coded("identity", TEXT)),
    shows("a coding that nobody knows is left on", coded("x-rot13", b"Nyy"), content=b"Nyy"),
    one(
        "gzip in chunks",
        get(f"{A}/"),
        serve(
            CHUNKED
            + b"Content-Encoding: gzip\r\n\r\n"
            + f"{len(gzip.compress(TEXT)):x}\r\n".encode()
            + gzip.compress(TEXT)
            + b"\r\n0\r\n\r\n"
        ),
        Outcome(status=200, content=TEXT),
        Seen(A, "GET /"),
    ),
)

SURPLUS: Final = (
    Scenario(
        name="octets after a response never answer the next request",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: (serve(ok(b"one") + ok(b"poison")), serve(ok(b"two")))},
        outcomes=(Outcome(status=200, content=b"one"), Outcome(status=200, content=b"two")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
    Scenario(
        name="octets after the last chunk never answer the next request",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={
            A: (
                serve(CHUNKED + b"\r\n3\r\none\r\n0\r\n\r\n" + ok(b"poison")),
                serve(ok(b"two")),
            )
        },
        outcomes=(Outcome(status=200, content=b"one"), Outcome(status=200, content=b"two")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
    Scenario(
        name="octets after a 204 never answer the next request",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: (serve(ok(status=204) + ok(b"poison")), serve(ok(b"two")))},
        outcomes=(Outcome(status=204), Outcome(status=200, content=b"two")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
    Scenario(
        name="octets on an idle connection never answer the next request",
        intents=(get(f"{A}/1"), Intent("GET", f"{A}/2", after=Ended(A))),
        peers={
            A: (
                (ReadHead(), Send(ok(b"one")), Send(ok(b"poison")), Close()),
                serve(ok(b"two")),
            )
        },
        outcomes=(Outcome(status=200, content=b"one"), Outcome(status=200, content=b"two")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
)

SCENARIOS: Final = (*LENGTHS, *CHUNKS, *INFORMATION, *CODINGS, *SURPLUS)
