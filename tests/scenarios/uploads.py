"""Content that is read while it is sent, and peers that answer before they have it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import InvalidContent, InvalidContentType, UnrewindableBodyError
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Intent,
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAST_CHUNK: Final = b"0\r\n\r\n"
PIECE: Final = b"." * 65536


def chunks(*pieces: bytes | str) -> Callable[[], Iterator[bytes | str]]:
    """Make a generator of these."""

    def generate() -> Iterator[bytes | str]:
        yield from pieces

    return generate


def endless() -> Iterator[bytes]:
    """More than any buffer holds, so that only an answer ends it; and not without end."""
    for _ in range(4096):
        yield PIECE


def file(octets: bytes, start: int = 0) -> Callable[[], io.BytesIO]:
    """Make a file that stands there."""

    def opened() -> io.BytesIO:
        made = io.BytesIO(octets)
        made.seek(start)
        return made

    return opened


def read_chunked(*answers: bytes) -> tuple[ReadHead | Expect | Send, ...]:
    """Read a request with chunked content, and answer."""
    return (ReadHead(), Expect(LAST_CHUNK), *(Send(each) for each in answers))


SCENARIOS: Final = (
    one(
        "an iterator goes in chunks, and is closed at its end",
        Intent("POST", f"{A}/", content=chunks(b"one", b"", "zwölf")),
        serve(read_chunked(ok(b"got"))),
        Outcome(status=200, content=b"got", content_closed=True),
        Seen(
            A,
            "POST /",
            {"transfer-encoding": "chunked", "content-length": None},
            "onezwölf".encode(),
        ),
    ),
    one(
        "an iterator that gives nothing is content without octets",
        Intent("PUT", f"{A}/", content=chunks()),
        serve(read_chunked(ok())),
        Outcome(status=200),
        Seen(A, "PUT /", {"transfer-encoding": "chunked"}),
    ),
    one(
        "an iterator over TLS",
        Intent("POST", f"{SECURE_A}/", content=chunks(b"one", PIECE, b"two")),
        {SECURE_A: (serve(read_chunked(ok())),)},
        Outcome(status=200),
        Seen(SECURE_A, "POST /", content=b"one" + PIECE + b"two"),
    ),
    one(
        "a file goes with its length, from where it stands, and stays open",
        Intent("PUT", f"{A}/", content=file(b"0123456789", 4)),
        serve((ReadHead(), Expect(b"456789"), Send(ok(status=201)))),
        Outcome(status=201, content_closed=False),
        Seen(A, "PUT /", {"content-length": "6", "transfer-encoding": None}, b"456789"),
    ),
    one(
        "a file larger than a piece",
        Intent("PUT", f"{A}/", content=file(PIECE * 5)),
        serve((ReadHead(), Expect(PIECE * 5), Send(ok()))),
        Outcome(status=200),
        Seen(A, "PUT /", {"content-length": "327680"}, PIECE * 5),
    ),
    one(
        "an iterator whose length the caller knows",
        Intent(
            "POST", f"{A}/", {"headers": {"Content-Length": "6"}}, content=chunks(b"abc", b"def")
        ),
        serve((ReadHead(), Expect(b"abcdef"), Send(ok()))),
        Outcome(status=200),
        Seen(A, "POST /", {"content-length": "6", "transfer-encoding": None}, b"abcdef"),
    ),
    one(
        "an iterator that gives more than was promised",
        Intent(
            "POST", f"{A}/", {"headers": {"Content-Length": "4"}}, content=chunks(b"abc", b"def")
        ),
        (ReadHead(), WaitClosed()),
        Outcome(
            error=InvalidContent,
            says="longer than its Content-Length",
            maybe_sent=True,
            content_closed=True,
        ),
        Seen(A, "POST /", content=None),
    ),
    one(
        "an iterator that gives less than was promised",
        Intent("POST", f"{A}/", {"headers": {"Content-Length": "9"}}, content=chunks(b"abc")),
        (ReadHead(), WaitClosed()),
        Outcome(error=InvalidContent, says="shorter than its Content-Length"),
        Seen(A, "POST /", content=None),
    ),
    one(
        "an iterator that goes on after what was promised",
        Intent(
            "POST",
            f"{A}/",
            {"headers": {"Content-Length": "6"}},
            content=chunks(b"abc", b"def", b"g"),
        ),
        (ReadHead(), WaitClosed()),
        Outcome(error=InvalidContent, says="longer than", content_closed=True),
        Seen(A, "POST /", content=None),
    ),
    one(
        "an iterator that was to be empty",
        Intent("POST", f"{A}/", {"headers": {"Content-Length": "0"}}, content=chunks(b"abc")),
        (WaitClosed(),),
        Outcome(error=InvalidContent, says="longer than", maybe_sent=False, content_closed=True),
    ),
    one(
        "a chunk that is neither octets nor text",
        Intent("POST", f"{A}/", content=chunks(b"abc", 7)),
        (ReadHead(), WaitClosed()),
        Outcome(error=InvalidContentType, says="of type int", content_closed=True),
        Seen(A, "POST /", content=None),
    ),
    Scenario(
        name="an answer that refuses cuts the upload short, and the connection is not used again",
        intents=(Intent("POST", f"{A}/", content=endless), get(f"{A}/2")),
        peers={
            A: ((ReadHead(), Send(ok(b"too large", status=413)), WaitClosed()), serve(ok(b"2")))
        },
        outcomes=(
            Outcome(status=413, content=b"too large", content_closed=True),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "POST /", content=None), Seen(A, "GET /2", connection=1)),
    ),
    Scenario(
        name="an answer that refuses octets at hand cuts them short",
        intents=(Intent("PUT", f"{A}/", {"data": PIECE * 512}), get(f"{A}/2")),
        peers={A: ((ReadHead(), Send(ok(status=403)), WaitClosed()), serve(ok(b"2")))},
        outcomes=(Outcome(status=403), Outcome(status=200, content=b"2")),
        seen=(Seen(A, "PUT /", content=None), Seen(A, "GET /2", connection=1)),
    ),
    one(
        "an answer that refuses over TLS",
        Intent("POST", f"{SECURE_A}/", content=endless),
        {SECURE_A: ((ReadHead(), Send(ok(b"no", status=401)), WaitClosed()),)},
        Outcome(status=401, content=b"no", content_closed=True),
        Seen(SECURE_A, "POST /", content=None),
    ),
    Scenario(
        name="an early success lets the upload go on, and the connection is used again",
        intents=(Intent("POST", f"{A}/", content=chunks(b"a", PIECE, b"z")), get(f"{A}/2")),
        peers={
            A: (
                serve(
                    (ReadHead(), Send(ok(b"reading on")), Expect(LAST_CHUNK)),
                    ok(b"2"),
                ),
            )
        },
        outcomes=(
            Outcome(status=200, content=b"reading on"),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "POST /", content=b"a" + PIECE + b"z"), Seen(A, "GET /2")),
    ),
    one(
        "an answer that begins before the upload has ended, and ends after it",
        Intent("POST", f"{A}/", content=chunks(b"a", PIECE, b"z")),
        serve((ReadHead(), Send(ok(b"done")[:-2]), Expect(LAST_CHUNK), Send(b"ne"))),
        Outcome(status=200, content=b"done", content_closed=True),
        Seen(A, "POST /", content=b"a" + PIECE + b"z"),
    ),
    one(
        "an answer over TLS that begins before the upload has ended",
        Intent("POST", f"{SECURE_A}/", content=chunks(b"a", PIECE, b"z")),
        {SECURE_A: (serve((ReadHead(), Send(ok(b"done")[:-2]), Expect(LAST_CHUNK), Send(b"ne"))),)},
        Outcome(status=200, content=b"done", content_closed=True),
        Seen(SECURE_A, "POST /", content=b"a" + PIECE + b"z"),
    ),
    Scenario(
        name="a complete answer whose peer closes ends the upload",
        intents=(Intent("POST", f"{A}/", content=endless), get(f"{A}/2")),
        peers={
            A: (
                (ReadHead(), Send(ok(b"enough", ("Connection", "close"))), WaitClosed()),
                serve(ok(b"2")),
            )
        },
        outcomes=(
            Outcome(status=200, content=b"enough", content_closed=True),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "POST /", content=None), Seen(A, "GET /2", connection=1)),
    ),
    one(
        "an informational answer lets the upload go on",
        Intent("POST", f"{A}/", content=chunks(b"a", PIECE, b"z")),
        serve(
            (
                ReadHead(),
                Send(b"HTTP/1.1 100 Continue\r\n\r\n"),
                Expect(LAST_CHUNK),
                Send(ok(b"done")),
            )
        ),
        Outcome(status=200, content=b"done"),
        Seen(A, "POST /", content=b"a" + PIECE + b"z"),
    ),
    one(
        "a redirect that keeps the content rewinds a file",
        Intent("PUT", f"{A}/", content=file(b"0123456789", 2)),
        {
            A: (serve((ReadHead(), Expect(b"23456789"), Send(moved(307, f"{B}/y")))),),
            B: (serve((ReadHead(), Expect(b"23456789"), Send(ok(b"stored")))),),
        },
        Outcome(
            status=200,
            content=b"stored",
            url=f"{B}/y",
            history=((307, f"{A}/"),),
            decisions=("1 redirect.followed http://b.test", "1 redirect.content.kept content"),
            content_closed=False,
        ),
        Seen(A, "PUT /", content=b"23456789"),
        Seen(B, "PUT /y", {"content-length": "8"}, b"23456789"),
    ),
    one(
        "a redirect that keeps the content of an iterator is refused",
        Intent("POST", f"{A}/", content=chunks(b"once")),
        serve(read_chunked(moved(308, "/y"))),
        Outcome(
            error=UnrewindableBodyError,
            says="cannot be sent again",
            answered=308,
            decisions=(
                "1 redirect.followed http://a.test",
                "1 redirect.content.kept content",
                "1 redirect.refused.request POST",
            ),
        ),
        Seen(A, "POST /", content=b"once"),
    ),
    one(
        "a redirect that drops the content lets an iterator go",
        Intent("POST", f"{A}/", content=chunks(b"once")),
        serve(read_chunked(moved(303, "/y")), ok(b"seen")),
        Outcome(
            status=200,
            content=b"seen",
            url=f"{A}/y",
            history=((303, f"{A}/"),),
            decisions=(
                "1 redirect.followed http://a.test",
                "1 redirect.method.rewritten method",
                "1 redirect.content.dropped content",
                "1 field.dropped.content Transfer-Encoding",
            ),
        ),
        Seen(A, "POST /", content=b"once"),
        Seen(A, "GET /y", {"transfer-encoding": None, "content-length": None}),
    ),
    one(
        "an upload that is redirected while it goes on is cut short",
        Intent("POST", f"{A}/", content=endless),
        {
            A: (
                (ReadHead(), Send(moved(303, "/y")), WaitClosed()),
                serve(ok(b"elsewhere")),
            )
        },
        Outcome(
            status=200,
            content=b"elsewhere",
            url=f"{A}/y",
            history=((303, f"{A}/"),),
            decisions=(
                "1 redirect.followed http://a.test",
                "1 redirect.method.rewritten method",
                "1 redirect.content.dropped content",
                "1 field.dropped.content Transfer-Encoding",
            ),
            content_closed=True,
        ),
        Seen(A, "POST /", content=None),
        Seen(A, "GET /y", connection=1),
    ),
)
