"""What is asked for, with content that is at hand; and connections that are used again."""

from __future__ import annotations

from typing import Final

from sojourn_core.values.errors import InvalidHeader
from tests.scenarios.model import (
    A8080,
    SECURE_A,
    SECURE_B,
    A,
    B,
    Ended,
    Intent,
    Outcome,
    Scenario,
    Seen,
    Setup,
    answer,
    get,
    ok,
    one,
    serve,
    serve_once,
)

FORM: Final = "application/x-www-form-urlencoded"
LARGE: Final = bytes(range(256)) * 1200  # 300 KiB, which no single write takes.

REQUESTS: Final = (
    one(
        "a GET says what it accepts and nothing of content",
        get(f"{A}/x"),
        serve(ok(b"hello")),
        Outcome(status=200, content=b"hello", fields={"content-length": "5"}),
        Seen(
            A,
            "GET /x",
            {
                "host": "a.test",
                "accept": "*/*",
                "connection": "keep-alive",
                "content-length": None,
                "content-type": None,
                "transfer-encoding": None,
            },
        ),
    ),
    one(
        "params are added to the query, and the fragment stays here",
        get(f"{A}/x?a=1#top", params={"b": ["2", "ü"], "c": None}),
        serve(ok()),
        Outcome(status=200, url=f"{A}/x?a=1&b=2&b=%C3%BC#top"),
        Seen(A, "GET /x?a=1&b=2&b=%C3%BC"),
    ),
    one(
        "params of the session come first",
        get(A, params={"q": "1"}),
        serve(ok()),
        Outcome(status=200, url=f"{A}/?key=k&q=1"),
        Seen(A, "GET /?key=k&q=1"),
        setup=Setup(attributes={"params": {"key": "k"}}),
    ),
    one(
        "a host is sent as it is resolved",
        get("http://BÜCHER.test/ä b"),
        {"http://xn--bcher-kva.test": (serve(ok()),)},
        Outcome(status=200, url="http://xn--bcher-kva.test/%C3%A4%20b"),
        Seen("http://xn--bcher-kva.test", "GET /%C3%A4%20b", {"host": "xn--bcher-kva.test"}),
    ),
    one(
        "a port that is not the scheme's is part of Host",
        get(f"{A8080}/"),
        {A8080: (serve(ok()),)},
        Outcome(status=200),
        Seen(A8080, "GET /", {"host": "a.test:8080"}),
    ),
    one(
        "a Host given by hand is sent as it is",
        get(f"{A}/", headers={"Host": "virtual.test"}),
        serve(ok()),
        Outcome(status=200),
        Seen(A, "GET /", {"host": "virtual.test"}),
    ),
    one(
        "fields of the request win over the session's, and None removes",
        get(f"{A}/", headers={"x-one": "request", "ACCEPT": None, "User-Agent": "mine"}),
        serve(ok()),
        Outcome(status=200),
        Seen(A, "GET /", {"x-one": "request", "x-two": "2", "accept": None, "user-agent": "mine"}),
        setup=Setup(attributes={"headers": {"X-One": "session", "X-Two": "2"}}),
    ),
    one(
        "a POST without content says so",
        Intent("POST", f"{A}/"),
        serve(ok(status=201)),
        Outcome(status=201),
        Seen(A, "POST /", {"content-length": "0", "content-type": None}),
    ),
    one(
        "octets go as they are, with no type",
        Intent("POST", f"{A}/", {"data": b"\x00\xff"}),
        serve(answer(ok(b"got"), content=2)),
        Outcome(status=200, content=b"got"),
        Seen(A, "POST /", {"content-length": "2", "content-type": None}, b"\x00\xff"),
    ),
    one(
        "text goes as UTF-8",
        Intent("PATCH", f"{A}/", {"data": "ü", "headers": {"Content-Type": "text/plain"}}),
        serve(answer(ok(), content=2)),
        Outcome(status=200),
        Seen(A, "PATCH /", {"content-length": "2", "content-type": "text/plain"}, b"\xc3\xbc"),
    ),
    one(
        "a form",
        Intent("POST", f"{A}/", {"data": {"name": "a b", "tags": ["x", "y"]}}),
        serve(answer(ok(), content=22)),
        Outcome(status=200),
        Seen(A, "POST /", {"content-type": FORM}, b"name=a+b&tags=x&tags=y"),
    ),
    one(
        "JSON",
        Intent("PUT", f"{A}/", {"json": {"a": [1, None, "ü"]}}),
        serve(answer(ok(b'{"ok": true}', ("Content-Type", "application/json")), content=26)),
        Outcome(status=200, content=b'{"ok": true}'),
        Seen(A, "PUT /", {"content-type": "application/json"}, b'{"a": [1, null, "\\u00fc"]}'),
    ),
    one(
        "content of a DELETE",
        Intent("DELETE", f"{A}/x", {"json": []}),
        serve(answer(ok(status=202), content=2)),
        Outcome(status=202),
        Seen(A, "DELETE /x", {"content-length": "2"}, b"[]"),
    ),
    one(
        "a method of one's own goes in upper case",
        Intent("propfind", f"{A}/", {"headers": {"Depth": "0"}}),
        serve(ok(status=207)),
        Outcome(status=207),
        Seen(A, "PROPFIND /", {"depth": "0", "content-length": "0"}),
    ),
    one(
        "OPTIONS",
        Intent("OPTIONS", f"{A}/"),
        serve(ok(b"", ("Allow", "GET"))),
        Outcome(status=200, fields={"allow": "GET"}),
        Seen(A, "OPTIONS /"),
    ),
    one(
        "content too large for one write",
        Intent("POST", f"{A}/", {"data": LARGE}),
        serve(answer(ok(), content=len(LARGE))),
        Outcome(status=200),
        Seen(A, "POST /", {"content-length": str(len(LARGE))}, LARGE),
    ),
    one(
        "content over TLS, too large for one record",
        Intent("POST", f"{SECURE_A}/", {"data": LARGE}),
        {SECURE_A: (serve(answer(ok(LARGE), content=len(LARGE))),)},
        Outcome(status=200, content=LARGE),
        Seen(SECURE_A, "POST /", {"host": "a.test"}, LARGE),
    ),
    one(
        "an answer that is an error is an answer",
        get(f"{A}/"),
        serve(ok(b"no", status=404)),
        Outcome(status=404, content=b"no"),
        Seen(A, "GET /"),
    ),
)

CONNECTIONS: Final = (
    Scenario(
        name="requests to one origin share a connection",
        intents=(
            get(f"{A}/1"),
            Intent("POST", f"{A}/2", {"data": b"two"}),
            Intent("HEAD", f"{A}/3"),
            get(f"{A}/4"),
            get(f"{A}/5"),
        ),
        peers={
            A: (
                serve(
                    ok(b"one"),
                    answer(ok(b"two"), content=3),
                    ok(status=200).replace(b"Length: 0", b"Length: 5"),
                    ok(status=204),
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfive\r\n0\r\n\r\n",
                ),
            )
        },
        outcomes=(
            Outcome(status=200, content=b"one"),
            Outcome(status=200, content=b"two"),
            Outcome(status=200),
            Outcome(status=204),
            Outcome(status=200, content=b"five"),
        ),
        seen=(
            Seen(A, "GET /1"),
            Seen(A, "POST /2", content=b"two"),
            Seen(A, "HEAD /3"),
            Seen(A, "GET /4"),
            Seen(A, "GET /5"),
        ),
    ),
    Scenario(
        name="each origin has its own connection, by scheme, host and port",
        intents=(
            get(f"{A}/1"),
            get(f"{A8080}/2"),
            get(f"{SECURE_A}/3"),
            get(f"{B}/4"),
            get(f"{A}:80/5"),
        ),
        peers={
            A: (serve(ok(b"1"), ok(b"5")),),
            A8080: (serve(ok(b"2")),),
            SECURE_A: (serve(ok(b"3")),),
            B: (serve(ok(b"4")),),
        },
        outcomes=(
            Outcome(status=200, content=b"1"),
            Outcome(status=200, content=b"2"),
            Outcome(status=200, content=b"3"),
            Outcome(status=200, content=b"4"),
            Outcome(status=200, content=b"5"),
        ),
        seen=(
            Seen(A, "GET /1"),
            Seen(A8080, "GET /2"),
            Seen(SECURE_A, "GET /3"),
            Seen(B, "GET /4"),
            Seen(A, "GET /5"),
        ),
    ),
    Scenario(
        name="a TLS connection is used again too",
        intents=(get(f"{SECURE_B}/1"), get(f"{SECURE_B}/2")),
        peers={SECURE_B: (serve(ok(b"1"), ok(b"2")),)},
        outcomes=(Outcome(status=200, content=b"1"), Outcome(status=200, content=b"2")),
        seen=(Seen(SECURE_B, "GET /1"), Seen(SECURE_B, "GET /2")),
    ),
    Scenario(
        name="a server that says close gets a new connection",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: (serve(ok(b"1", ("Connection", "close"))), serve(ok(b"2")))},
        outcomes=(Outcome(status=200, content=b"1"), Outcome(status=200, content=b"2")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
    Scenario(
        name="a caller who says close gets a new connection",
        intents=(get(f"{A}/1", headers={"Connection": "close"}), get(f"{A}/2")),
        peers={A: (serve(ok(b"1")), serve(ok(b"2")))},
        outcomes=(Outcome(status=200, content=b"1"), Outcome(status=200, content=b"2")),
        seen=(
            Seen(A, "GET /1", {"connection": "close"}),
            Seen(A, "GET /2", {"connection": "keep-alive"}, connection=1),
        ),
    ),
    Scenario(
        name="HTTP/1.0 ends with its connection",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={
            A: (
                serve(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1"),
                serve_once(b"HTTP/1.0 200 OK\r\n\r\n2"),
            )
        },
        outcomes=(Outcome(status=200, content=b"1"), Outcome(status=200, content=b"2")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
    Scenario(
        name="a request that could not be sent leaves the connection as good as it was",
        intents=(
            get(f"{A}/1"),
            Intent("GET", f"{A}/2", {"headers": {"Transfer-Encoding": "gzip"}}),
            get(f"{A}/3"),
        ),
        peers={A: (serve(ok(b"1"), ok(b"3")),)},
        outcomes=(
            Outcome(status=200, content=b"1"),
            Outcome(error=InvalidHeader, says="'gzip' is not 'chunked'", maybe_sent=False),
            Outcome(status=200, content=b"3"),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /3")),
    ),
    Scenario(
        name="an idle connection that its server has closed is replaced without a word",
        intents=(get(f"{A}/1"), Intent("POST", f"{A}/2", after=Ended(A))),
        peers={A: (serve_once(ok(b"1")), serve(ok(b"2")))},
        outcomes=(Outcome(status=200, content=b"1"), Outcome(status=200, content=b"2")),
        seen=(Seen(A, "GET /1"), Seen(A, "POST /2", connection=1)),
    ),
)

SCENARIOS: Final = (*REQUESTS, *CONNECTIONS)
