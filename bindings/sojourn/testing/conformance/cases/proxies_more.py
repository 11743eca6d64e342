"""Proxies that take more than plain HTTP: TLS, a handshake of their own, and tunnels for http."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import (
    ANSWER,
    NEW,
    Ask,
    Cancel,
    Case,
    GivenUp,
    Got,
    Raised,
    Run,
)
from sojourn.testing.conformance.steps import (
    End,
    Expect,
    Gone,
    ReadHead,
    Reset,
    Secure,
    Send,
    Trickle,
)
from sojourn_core.errors import (
    ChunkedEncodingError,
    ConnectTimeout,
    ProxyError,
    ReadTimeout,
    RemoteProtocolError,
    SSLError,
)

from .parts import OK, ONE, head, ok, within

ESTABLISHED: Final = head(200)
LARGE: Final = bytes(range(251)) * 4000
UNSENT: Final = Raised(error=ProxyError, maybe_sent=False)
WAY: Final = f"{NEW}Write Read( Read)* (Write |Read )+{ANSWER}"

# --- a handshake of their own ---------------------------------------------------------------------

ASKED: Final = ReadHead(b"TO a.test 80\r\n\r\n")
ASKED_SECURE: Final = ReadHead(b"TO a.test 443\r\n\r\n")
YES: Final = b"OK\r\n\r\n"
WHO: Final = b"WHO\r\n\r\n"
SERVE: Final = (ReadHead(b"GET / HTTP/1.1\r\nHost: a.test\r\n"), Send(OK))
OPENED: Final = (ASKED, Send(YES))


def socks(expect: Any = None, **more: Any) -> Ask:
    """Return a request by a proxy with a handshake of its own."""
    more = {"proxy_scheme": "socks5h", **more}
    return Ask(expect=Got(way=WAY) if expect is None else expect, proxy="p", **more)


def by_socks(name: str, *asks: Ask, scripts: Any, idle: int = 1) -> Case:
    """Return a case of exchanges by such a proxy, one after the other."""
    return Case(
        name=f"by a handshake: {name}",
        peers={"p": scripts},
        phases=tuple(Run((each,)) for each in asks),
        limits=ONE,
        idle=idle,
    )


def breaks(name: str, *steps: Any, expect: Raised = UNSENT, **more: Any) -> Case:
    """Return a case of a tunnel that is not opened, and of one that is."""
    return by_socks(
        name,
        socks(expect, **more),
        socks(name="next"),
        scripts=(steps, (*OPENED, *SERVE)),
    )


SOCKS: Final = (
    by_socks("a tunnel for http", socks(), scripts=((*OPENED, *SERVE),)),
    by_socks(
        "the tunnel is used again",
        socks(),
        socks(Got(reused=True), name="again"),
        scripts=((*OPENED, *SERVE, *SERVE),),
    ),
    by_socks(
        "it goes to and fro, byte by byte",
        socks(),
        scripts=((ASKED, Trickle(WHO), ReadHead(b"ME"), Trickle(YES), *SERVE),),
    ),
    by_socks(
        "TLS with the origin in the tunnel",
        socks(secure=True),
        scripts=((ASKED_SECURE, Send(YES), Secure(), ReadHead(), Send(OK)),),
    ),
    by_socks(
        "content is sent, and comes",
        socks(Got(content=LARGE), method="POST", content=LARGE),
        scripts=((*OPENED, ReadHead(), Expect(LARGE), Send(ok(LARGE))),),
    ),
    by_socks(
        "the origin is resolved first, and then the proxy",
        socks(
            Got(way=f"Resolve {WAY}"),
            proxy_scheme="socks5",
        ),
        scripts=((ReadHead(b"TO "), Send(YES), *SERVE),),
    ),
    breaks("a refusal", ASKED, Send(b"NO\r\n\r\n"), Gone()),
    breaks("the proxy closes", ASKED, Send(YES[:3]), End(), Gone()),
    breaks("the proxy resets", ASKED, Reset()),
    breaks(
        "the proxy is silent",
        ASKED,
        Gone(),
        expect=Raised(error=ConnectTimeout, maybe_sent=False),
        timeouts=within(connect=0.3),  # There must be time to ask the proxy.
    ),
    breaks(
        "bytes come before the request",
        ASKED,
        Send(YES + b"220 hello\r\n"),
        Gone(),
        expect=Raised(error=RemoteProtocolError, maybe_sent=False),
    ),
    breaks(
        "silence in the tunnel",
        *OPENED,
        ReadHead(),
        Gone(),
        expect=Raised(error=ReadTimeout),
        timeouts=within(read=0.04),
    ),
)

# --- TLS with the proxy ---------------------------------------------------------------------------

FORWARDED: Final = (ReadHead(b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n"), Send(OK))
CONNECT: Final = (ReadHead(b"CONNECT a.test:443 HTTP/1.1\r\n"), Send(ESTABLISHED))
TUNNELED: Final = (Secure(), *CONNECT, Secure())


def https(expect: Any = None, **more: Any) -> Ask:
    """Return a request by an https proxy."""
    more = {"proxy_scheme": "https", **more}
    return Ask(expect=Got() if expect is None else expect, proxy="b", **more)


def by_https(name: str, *asks: Ask, scripts: Any, idle: int = 1) -> Case:
    """Return a case of exchanges by such a proxy, one after the other."""
    return Case(
        name=f"by a proxy within TLS: {name}",
        peers={"b": scripts},
        phases=tuple(Run((each,)) for each in asks),
        limits=ONE,
        idle=idle,
    )


HTTPS: Final = (
    by_https(
        "a request in absolute form, and another",
        https(),
        https(Got(reused=True), name="again"),
        scripts=((Secure(), *FORWARDED, *FORWARDED),),
    ),
    by_https(
        "TLS in TLS, used again",
        https(secure=True),
        https(Got(reused=True), secure=True, name="again"),
        scripts=((*TUNNELED, ReadHead(), Send(OK), ReadHead(), Send(OK)),),
    ),
    by_https(
        "the answer to CONNECT comes byte by byte",
        https(secure=True),
        scripts=((Secure(), ReadHead(), Trickle(ESTABLISHED), Secure(), ReadHead(), Send(OK)),),
    ),
    by_https(
        "content is sent, and comes",
        https(Got(content=LARGE), secure=True, method="POST", content=LARGE),
        scripts=((*TUNNELED, ReadHead(), Expect(LARGE), Send(ok(LARGE))),),
    ),
    by_https(
        "a tunnel for http",
        https(tunnels=True),
        scripts=(
            (Secure(), ReadHead(b"CONNECT a.test:80 HTTP/1.1\r\n"), Send(ESTABLISHED), *SERVE),
        ),
    ),
    by_https(
        "the proxy refuses a tunnel",
        https(UNSENT, secure=True),
        https(name="next"),
        scripts=((Secure(), ReadHead(), Send(ok(b"no", 403)), Gone()), (Secure(), *FORWARDED)),
    ),
    by_https(
        "the certificate of the proxy is not trusted",
        https(UNSENT, trusts_proxy=False),
        scripts=((Secure(fails=True), Gone()),),
        idle=0,
    ),
    by_https(
        "the certificate of the origin is not trusted",
        https(Raised(error=SSLError, maybe_sent=False), secure=True, trusts=False),
        scripts=((Secure(), *CONNECT, Secure(fails=True), Gone()),),
        idle=0,
    ),
    by_https(
        "the proxy closes within its handshake",
        https(UNSENT),
        https(name="next"),
        scripts=((Expect(b"\x16"), End(), Gone()), (Secure(), *FORWARDED)),
    ),
    by_https(
        "content is cut",
        https(Raised(error=ChunkedEncodingError, status=200, content=b"begun"), secure=True),
        scripts=((*TUNNELED, ReadHead(), Send(head(200) + b"begun"), End(notify=False), Gone()),),
        idle=0,
    ),
    by_https(
        "the proxy is silent in its handshake",
        https(Raised(error=ConnectTimeout, maybe_sent=False), timeouts=within(connect=0.3)),
        https(name="next"),
        scripts=((Expect(b"\x16"), Gone()), (Secure(), *FORWARDED)),
    ),
)


def cancelled(where: str, proxy: str, script: Any, ask: Ask) -> Case:
    """Return a case of an exchange that is cancelled on its way, and of one that is not."""
    serve = {"b": (Secure(), *FORWARDED), "p": (*OPENED, *SERVE)}[proxy]
    following = {"b": https, "p": socks}[proxy]
    return Case(
        name=f"cancelled {where}",
        peers={proxy: (script, serve)},
        phases=(Run((ask,)), Run((following(name="next"),))),
        limits=ONE,
        needs=frozenset({"cancels"}),
        idle=1,
    )


CANCELLED: Final = (
    cancelled(
        "within the TLS handshake with a proxy",
        "b",
        (Expect(b"\x16"), Gone()),
        https(GivenUp(), cancel=Cancel("Read")),
    ),
    cancelled(
        "as a proxy within TLS is asked for a tunnel",
        "b",
        (Secure(), ReadHead(), Gone()),
        https(GivenUp(), secure=True, cancel=Cancel("Read", 3)),
    ),
    cancelled(
        "within a handshake that a proxy has of its own",
        "p",
        (ASKED, Gone()),
        socks(GivenUp(), cancel=Cancel("Read")),
    ),
    cancelled(
        "in the tunnel of such a proxy",
        "p",
        (*OPENED, ReadHead(), Gone()),
        socks(GivenUp(), cancel=Cancel("Read", 2)),
    ),
)

# --- tunnels for http -----------------------------------------------------------------------------

TUNNELS: Final = (
    Case(
        name="by a proxy: a tunnel for http, used again",
        peers={
            "p": (
                (
                    ReadHead(b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n"),
                    Send(ESTABLISHED),
                    *SERVE,
                    *SERVE,
                ),
            )
        },
        phases=(
            Run((Ask(expect=Got(), proxy="p", tunnels=True),)),
            Run((Ask(expect=Got(reused=True), proxy="p", tunnels=True, name="again"),)),
        ),
        limits=ONE,
        idle=1,
    ),
)

CASES: Final = (*SOCKS, *HTTPS, *CANCELLED, *TUNNELS)
