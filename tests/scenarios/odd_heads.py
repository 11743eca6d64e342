"""Heads that are not quite valid, by ``Policy.lenient_heads``: errors, or read as Requests does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core import Policy
from sojourn_core.values.errors import ProxyError, SSLError
from tests.odd_heads import CHUNKS, OK, READ, REFUSED
from tests.scenarios.model import (
    SECURE_A,
    A,
    Outcome,
    Scenario,
    Seen,
    Setup,
    get,
    moved,
    ok,
    one,
    serve,
    serve_once,
)
from tests.servers.steps import Close, Expect, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from tests.odd_heads import OddHead

LENIENT: Final = Setup(options={"policy": Policy(lenient_heads=True)})
PROXY: Final = "http://proxy.test:3128"


def strictly(odd: OddHead) -> Scenario:
    """It is an error that names the field."""
    return one(
        f"strictly, {odd.name}",
        get(f"{A}/"),
        serve(odd.octets),
        Outcome(error=odd.error, says=odd.says),
        Seen(A, "GET /"),
    )


def leniently(odd: OddHead) -> Scenario:
    """It is read, and the next request goes out on another connection."""
    first = serve_once(odd.octets) if odd.ends else serve(odd.octets)
    fields = {name.lower(): value for name, value in odd.given}
    return Scenario(
        name=f"leniently, {odd.name}",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: (first, serve(ok(b"2")))},
        outcomes=(
            Outcome(
                status=200,
                content=b"ok",
                fields={} if len(fields) < len(odd.given) else fields,
                decisions=tuple(f"0 {each}" for each in odd.decisions),
            ),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
        setup=LENIENT,
    )


def refused(odd: OddHead) -> Scenario:
    """It can be framed in two ways, and is an error under any policy."""
    return one(
        f"leniently refused, {odd.name}",
        get(f"{A}/"),
        serve(odd.octets),
        Outcome(error=odd.error, says=odd.says),
        Seen(A, "GET /"),
        setup=LENIENT,
    )


def trailers(name: str, section: bytes, *, closes: bool = False) -> Scenario:
    """Content whose trailer section is lost."""
    octets = OK + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS[:-2] + section
    return one(
        name,
        get(f"{A}/"),
        serve_once(octets) if closes else serve(octets),
        Outcome(status=200, content=b"ok", decisions=("0 trailer.section.cut trailer section",)),
        Seen(A, "GET /"),
        setup=LENIENT,
    )


def tunnel(name: str, line: bytes, *, opens: bool) -> Scenario:
    """A proxy that answers CONNECT with an odd head; behind it nobody speaks TLS."""
    head = b"HTTP/1.1 200 Connection established\r\n" + line + b"\r\n\r\n"
    hello = (Expect(b"\x16\x03\x01"), Send(b"?" * 9)) if opens else ()
    return one(
        name,
        get(f"{SECURE_A}/", proxies={"https": PROXY}),
        {PROXY: ((ReadHead(), Send(head), *hello, WaitClosed()),)},
        Outcome(
            error=SSLError if opens else ProxyError,
            says="no TLS connection to 'a.test'" if opens else "illegal header line",
            maybe_sent=False,
            decisions=(f"0 proxy.chosen {PROXY}",),
        ),
        Seen(PROXY, "CONNECT a.test:443"),
        setup=LENIENT if opens else Setup(),
    )


SCENARIOS: Final = (
    *map(strictly, (*READ, *REFUSED)),
    *map(leniently, READ),
    *map(refused, REFUSED),
    trailers("leniently, NUL in a trailer", b"X: \0\r\n\r\n"),
    trailers("leniently, a trailer that is too long", b"X: " + b"x" * 20_000 + b"\r\n\r\n"),
    trailers("leniently, no trailer section", b"", closes=True),
    trailers("leniently, half a trailer line", b"X: 1", closes=True),
    tunnel("strictly, a tunnel opened with junk", b"X-A 1", opens=False),
    tunnel("leniently, a tunnel opened with junk", b"X-A 1", opens=True),
    tunnel("leniently, a tunnel with two lengths", b"Content-Length: 1, 2\r\nX : 1", opens=True),
    one(
        "leniently, an informational head",
        get(f"{A}/"),
        serve(b"HTTP/1.1 103 Early\r\nX : 1\r\n\r\n" + ok(b"there")),
        Outcome(status=200, content=b"there", decisions=("0 head.name.trimmed 'X'",)),
        Seen(A, "GET /"),
        setup=LENIENT,
    ),
    one(
        "leniently, a redirect and where it leads",
        get(f"{A}/"),
        {
            A: (
                serve(moved(302, "/y", ("X/Y", "1"))),
                (ReadHead(), Send(READ[0].octets), Close()),
            )
        },
        Outcome(
            status=200,
            content=b"ok",
            url=f"{A}/y",
            history=((302, f"{A}/"),),
            decisions=(
                "0 head.name.read 'X/Y'",
                f"1 redirect.followed {A}",
                "1 head.framing.read Transfer-Encoding",
            ),
        ),
        Seen(A, "GET /"),
        Seen(A, "GET /y", connection=1),
        setup=LENIENT,
    ),
)
