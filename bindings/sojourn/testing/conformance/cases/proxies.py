"""Proxies: requests in absolute form, and tunnels."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import ANSWER, NEW, Ask, Case, Got, Raised, Run
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
from sojourn_core.errors import ConnectionError, ProxyError, ReadTimeout, SSLError

from .parts import OK, ONE, PLAIN, head, ok, within

ESTABLISHED: Final = head(200)
TUNNELED: Final = f"{NEW}Write Read( Read)* (Write |Read )+{ANSWER}"
LARGE: Final = bytes(range(251)) * 4000
FORWARDED: Final = b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n"
CONNECT: Final = b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"
CREDENTIAL: Final = "Basic dTpw"


def ask(expect: Any = None, **more: Any) -> Ask:
    """Return a request by a proxy."""
    return Ask(expect=Got(way=PLAIN) if expect is None else expect, proxy="p", **more)


def tunneled(expect: Any = None, **more: Any) -> Ask:
    """Return a request through a tunnel."""
    expect = Got(way=TUNNELED) if expect is None else expect
    return Ask(expect=expect, proxy="p", secure=True, **more)


def by_proxy(name: str, *asks: Ask, scripts: Any, idle: int = 1) -> Case:
    """Return a case of exchanges by a proxy, one after the other."""
    return Case(
        name=f"by a proxy: {name}",
        peers={"p": scripts},
        phases=tuple(Run((each,)) for each in asks),
        limits=ONE,
        idle=idle,
    )


SERVE: Final = (ReadHead(FORWARDED), Send(OK))
OPEN: Final = (ReadHead(CONNECT), Send(ESTABLISHED), Secure())
SERVE_IN_TUNNEL: Final = (*OPEN, ReadHead(), Send(OK))
NO_TUNNEL: Final = Raised(error=ProxyError, maybe_sent=False)


def refuses(name: str, *steps: Any, expect: Raised = NO_TUNNEL) -> Case:
    """Return a case of a tunnel that is not opened, and of one that is."""
    return by_proxy(
        name,
        tunneled(expect),
        tunneled(name="next"),
        scripts=((ReadHead(CONNECT), *steps, Gone()), SERVE_IN_TUNNEL),
    )


CASES: Final = (
    by_proxy("a request in absolute form", ask(), scripts=(SERVE,)),
    by_proxy(
        "the connection is used again",
        ask(),
        ask(Got(reused=True), name="again"),
        scripts=((*SERVE, *SERVE),),
    ),
    by_proxy(
        "content is sent",
        ask(method="POST", content=LARGE, expect=Got()),
        scripts=((ReadHead(), Expect(LARGE), Send(OK)),),
    ),
    by_proxy(
        "the proxy closes without an answer",
        ask(Raised(error=ConnectionError)),
        ask(name="next"),
        scripts=((ReadHead(), End()), SERVE),
    ),
    by_proxy("a tunnel, and TLS in it", tunneled(), scripts=(SERVE_IN_TUNNEL,)),
    by_proxy(
        "a tunnel is used again",
        tunneled(),
        tunneled(Got(reused=True), name="again"),
        scripts=((*SERVE_IN_TUNNEL, ReadHead(), Send(OK)),),
    ),
    by_proxy(
        "the answer to CONNECT comes byte by byte",
        tunneled(),
        scripts=((ReadHead(), Trickle(ESTABLISHED), Secure(), ReadHead(), Send(OK)),),
    ),
    by_proxy(
        "large content through a tunnel",
        tunneled(Got(content=LARGE)),
        scripts=((*OPEN, ReadHead(), Send(ok(LARGE))),),
    ),
    by_proxy(
        "content is sent through a tunnel",
        tunneled(Got(), method="POST", content=LARGE),
        scripts=((*OPEN, ReadHead(), Expect(LARGE), Send(OK)),),
    ),
    refuses("the proxy refuses a tunnel", Send(ok(b"no", 403))),
    refuses("the proxy wants a credential", Send(ok(b"who?", 407))),
    refuses("the proxy closes instead of opening a tunnel", End()),
    refuses("the proxy answers CONNECT with what is no HTTP", Send(b"nonsense\r\n\r\n")),
    by_proxy(
        "the proxy resets instead of opening a tunnel",
        tunneled(NO_TUNNEL),
        tunneled(name="next"),
        scripts=((ReadHead(), Reset()), SERVE_IN_TUNNEL),
    ),
    by_proxy(
        "the tunnel is closed within the TLS handshake",
        tunneled(Raised(error=SSLError, maybe_sent=False)),
        tunneled(name="next"),
        scripts=((ReadHead(), Send(ESTABLISHED), Expect(b"\x16"), End(), Gone()), SERVE_IN_TUNNEL),
    ),
    by_proxy(
        "silence in the tunnel",
        tunneled(Raised(error=ReadTimeout), timeouts=within(read=0.04)),
        tunneled(name="next"),
        scripts=((*OPEN, ReadHead(), Gone()), SERVE_IN_TUNNEL),
    ),
    Case(
        name="by a proxy: nobody listens there",
        peers={"p": ()},
        phases=(Run((ask(Raised(error=ProxyError, maybe_sent=False)),)),),
    ),
    by_proxy(
        "the credential is for the proxy",
        tunneled(proxy_authorization=CREDENTIAL),
        scripts=(
            (
                ReadHead(CONNECT, b"\r\nProxy-Authorization: " + CREDENTIAL.encode() + b"\r\n"),
                Send(ESTABLISHED),
                Secure(),
                ReadHead(),
                Send(OK),
            ),
        ),
    ),
)
