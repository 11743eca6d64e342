"""Requests on each route: by proxies of every kind, who are told what is theirs, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core import Policy
from sojourn_core.errors import ProxyError
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Outcome,
    Scenario,
    Seen,
    Setup,
    get,
    moved,
    ok,
    serve,
)
from tests.servers.steps import Close, Expect, ReadHead, Send, StartTLS

if TYPE_CHECKING:
    from tests.scenarios.model import Script

PROXY: Final = "http://proxy.test:3128"
BY_TLS: Final = "https://localhost:3128"
SOCKS: Final = "http://proxy.test:1080"  # The place of one, as peers are listed.
FIELD: Final = "Basic dTpw"  # u:p
NO_PROXY: Final[dict[str, str | None]] = {"proxy-authorization": None}
TUNNEL: Final = (ReadHead(), Send(b"HTTP/1.1 200 Connection established\r\n\r\n"))
NAMES: Final = {"a.test": ("192.0.2.7",)}
USER: Final = (Expect(b"\x00\x02"), Send(b"\x05\x02"), Expect(b"\x01u\x01p"), Send(b"\x01\x00"))
ANYBODY: Final = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"))
GRANTED_4: Final = Send(b"\x00\x5a" + bytes(6))
GRANTED_5: Final = Send(b"\x05\x00\x00\x01" + bytes(6))
PORT: Final = b"\x00\x50"


def by(
    name: str, proxy: str, url: str, peer: str, script: Script, *seen: Seen, **more: Any
) -> Scenario:
    """Two requests, on one connection to a proxy."""
    shown = proxy.replace("u:p@", "").replace("u@", "")
    return Scenario(
        name=name,
        intents=(get(f"{url}/1"), get(f"{url}/2")),
        peers={peer: (script,)},
        outcomes=tuple(
            Outcome(
                status=200,
                content=each,
                decisions=(f"0 proxy.chosen {shown}", *more.get("told", ())),
            )
            for each in (b"1", b"2")
        ),
        seen=seen,
        setup=Setup(
            attributes={"proxies": {"http": proxy, "https": proxy}},
            options=more.get("options", {}),
        ),
        names=more.get("names", {}),
    )


def asked(peer: str, *first: str, target: str = "", **fields: str | None) -> tuple[Seen, ...]:
    """What a proxy and the origin behind it see: what opens the way, and both requests."""
    own = {name.replace("_", "-"): value for name, value in fields.items()}
    return (
        *(Seen(peer, line, own if line.startswith("CONNECT") else {}) for line in first),
        *(Seen(peer, f"GET {target}/{n}", NO_PROXY if first else own) for n in (1, 2)),
    )


BOTH: Final = serve(ok(b"1"), ok(b"2"))
TUNNELS: Final = Policy(tunnel_http=True)

HTTP: Final = (
    by(
        "a proxy forwards",
        "http://u:p@proxy.test:3128",
        A,
        PROXY,
        BOTH,
        *asked(PROXY, target=A, proxy_authorization=FIELD),
    ),
    by(
        "a tunnel for https",
        "http://u:p@proxy.test:3128",
        SECURE_A,
        PROXY,
        (*TUNNEL, StartTLS(), *BOTH),
        *asked(PROXY, "CONNECT a.test:443", proxy_authorization=FIELD),
    ),
    by(
        "a tunnel for http, which is asked for",
        "http://u:p@proxy.test:3128",
        A,
        PROXY,
        (*TUNNEL, *BOTH),
        *asked(PROXY, "CONNECT a.test:80", proxy_authorization=FIELD),
        options={"policy": TUNNELS},
        told=(f"0 proxy.tunneled {A}",),
    ),
    by(
        "a proxy that speaks TLS forwards",
        "https://u:p@localhost:3128",
        A,
        BY_TLS,
        BOTH,
        *asked(BY_TLS, target=A, proxy_authorization=FIELD),
    ),
    by(
        "a tunnel for https through a proxy that speaks TLS",
        "https://u:p@localhost:3128",
        SECURE_A,
        BY_TLS,
        (*TUNNEL, StartTLS(), *BOTH),
        *asked(BY_TLS, "CONNECT a.test:443", proxy_authorization=FIELD),
    ),
    by(
        "a tunnel for http through a proxy that speaks TLS",
        "https://u:p@localhost:3128",
        A,
        BY_TLS,
        (*TUNNEL, *BOTH),
        *asked(BY_TLS, "CONNECT a.test:80", proxy_authorization=FIELD),
        options={"policy": TUNNELS},
        told=(f"0 proxy.tunneled {A}",),
    ),
)

BY_SOCKS: Final = (
    by(
        "SOCKS4, which is told an address",
        "socks4://u@proxy.test:1080",
        A,
        SOCKS,
        (Expect(b"u\x00"), GRANTED_4, *BOTH),
        *asked(SOCKS, "SOCKS4 u 192.0.2.7:80"),
        names=NAMES,
    ),
    by(
        "SOCKS4A, which is told a name",
        "socks4a://u@proxy.test:1080",
        A,
        SOCKS,
        (Expect(b"a.test\x00"), GRANTED_4, *BOTH),
        *asked(SOCKS, "SOCKS4A u a.test:80"),
    ),
    by(
        "SOCKS5, which is told an address",
        "socks5://u:p@proxy.test:1080",
        A,
        SOCKS,
        (*USER, Expect(b"\xc0\x00\x02\x07" + PORT), GRANTED_5, *BOTH),
        *asked(SOCKS, "SOCKS5 u:p 192.0.2.7:80"),
        names=NAMES,
    ),
    by(
        "SOCKS5H, which is told a name",
        "socks5h://u:p@proxy.test:1080",
        A,
        SOCKS,
        (*USER, Expect(b"a.test" + PORT), GRANTED_5, *BOTH),
        *asked(SOCKS, "SOCKS5 u:p a.test:80"),
    ),
    by(
        "SOCKS5H, and TLS with the origin",
        "socks5h://proxy.test:1080",
        SECURE_A,
        SOCKS,
        (*ANYBODY, Expect(b"a.test\x01\xbb"), GRANTED_5, StartTLS(), *BOTH),
        *asked(SOCKS, "SOCKS5 a.test:443"),
    ),
)


def refused(name: str, proxy: str, peer: str, script: Script, line: str, says: str) -> Scenario:
    """A proxy that leads nowhere."""
    url = f"{A}/"
    return Scenario(
        name=name,
        intents=(get(url),),
        peers={peer: ((*script, Close()),)},
        outcomes=(
            Outcome(
                error=ProxyError,
                says=says,
                maybe_sent=False,
                decisions=(f"0 proxy.chosen {proxy}",),
            ),
        ),
        seen=(Seen(peer, line),),
        setup=Setup(attributes={"proxies": {"http": proxy}}),
    )


REFUSED: Final = (
    refused(
        "SOCKS4A that refuses",
        "socks4a://proxy.test:1080",
        SOCKS,
        (Expect(b"a.test\x00"), Send(b"\x00\x5d" + bytes(6))),
        "SOCKS4A a.test:80",
        "refuses a connection to a.test:80: 93",
    ),
    refused(
        "SOCKS5 that refuses",
        "socks5h://proxy.test:1080",
        SOCKS,
        (*ANYBODY, Expect(b"a.test" + PORT), Send(b"\x05\x02\x00\x01" + bytes(6))),
        "SOCKS5 a.test:80",
        "refuses a connection to a.test:80: 2 (not allowed by its rules)",
    ),
)

SEVERAL: Final = {"a.test": ("192.0.2.6", "192.0.2.7", "192.0.2.8")}
LAST: Final = b"\xc0\x00\x02"  # And one byte more: the addresses of these.


def unreached(last: bytes, code: int = 5) -> Script:
    """A connection to a SOCKS5 proxy, on which it does not reach an address."""
    refusal = Send(b"\x05" + bytes([code]) + b"\x00\x01" + bytes(6))
    return (*ANYBODY, Expect(LAST + last + PORT), refusal, Close())


def told_in_turn(name: str, scripts: tuple[Script, ...], outcome: Outcome, *seen: str) -> Scenario:
    """A proxy that is told one address of an origin after another.

    Args:
        name: What it shows.
        scripts: One for each connection to it.
        outcome: What comes of a request.
        seen: The line of each request to it, and on which connection it came, from 0.
    """
    return Scenario(
        name=name,
        intents=(get(f"{A}/1"),),
        peers={SOCKS: scripts},
        outcomes=(outcome,),
        seen=tuple(
            Seen(SOCKS, line, connection=int(number))
            for number, _, line in (each.partition(" ") for each in seen)
        ),
        setup=Setup(attributes={"proxies": {"http": "socks5://proxy.test:1080"}}),
        names=SEVERAL,
    )


CHOSEN: Final = "0 proxy.chosen socks5://proxy.test:1080"
NEXT: Final = f"0 proxy.next.address {A}"
IN_TURN: Final = (
    told_in_turn(
        "SOCKS5 that does not reach the first address is told the next",
        (
            unreached(b"\x06"),
            (*ANYBODY, Expect(LAST + b"\x07" + PORT), GRANTED_5, *serve(ok(b"1"))),
        ),
        Outcome(status=200, content=b"1", decisions=(CHOSEN, NEXT)),
        "0 SOCKS5 192.0.2.6:80",
        "1 SOCKS5 192.0.2.7:80",
        "1 GET /1",
    ),
    told_in_turn(
        "SOCKS5 that reaches the last of three addresses",
        (
            unreached(b"\x06", 4),
            unreached(b"\x07", 8),
            (*ANYBODY, Expect(LAST + b"\x08" + PORT), GRANTED_5, *serve(ok(b"1"))),
        ),
        Outcome(status=200, content=b"1", decisions=(CHOSEN, NEXT, NEXT)),
        "0 SOCKS5 192.0.2.6:80",
        "1 SOCKS5 192.0.2.7:80",
        "2 SOCKS5 192.0.2.8:80",
        "2 GET /1",
    ),
    told_in_turn(
        "SOCKS5 that reaches none of three addresses",
        (unreached(b"\x06"), unreached(b"\x07"), unreached(b"\x08", 3)),
        Outcome(
            error=ProxyError,
            says="192.0.2.8:80: 3 (network unreachable) (tried 192.0.2.6, 192.0.2.7, 192.0.2.8)",
            maybe_sent=False,
            decisions=(CHOSEN,),
        ),
        "0 SOCKS5 192.0.2.6:80",
        "1 SOCKS5 192.0.2.7:80",
        "2 SOCKS5 192.0.2.8:80",
    ),
    told_in_turn(
        "SOCKS5 whose rules forbid an address is told no other",
        (unreached(b"\x06", 2),),
        Outcome(
            error=ProxyError,
            says="refuses a connection to 192.0.2.6:80: 2 (not allowed by its rules)",
            maybe_sent=False,
            decisions=(CHOSEN,),
        ),
        "0 SOCKS5 192.0.2.6:80",
    ),
)

LED: Final = (
    Scenario(
        name="a redirect by SOCKS, to another origin",
        intents=(get(f"{A}/", headers={"Authorization": "Bearer t"}),),
        peers={
            SOCKS: (
                (*ANYBODY, Expect(b"a.test" + PORT), GRANTED_5, *serve(moved(302, f"{B}/2"))),
                (*ANYBODY, Expect(b"b.test" + PORT), GRANTED_5, *serve(ok(b"2"))),
            )
        },
        outcomes=(
            Outcome(
                status=200,
                content=b"2",
                url=f"{B}/2",
                history=((302, f"{A}/"),),
                decisions=(
                    "0 proxy.chosen socks5h://proxy.test:1080",
                    f"1 redirect.followed {B}",
                    "1 auth.stripped.cross-origin Authorization",
                    "1 proxy.chosen socks5h://proxy.test:1080",
                ),
            ),
        ),
        seen=(
            Seen(SOCKS, "SOCKS5 a.test:80"),
            Seen(SOCKS, "GET /", {"authorization": "Bearer t"}),
            Seen(SOCKS, "SOCKS5 b.test:80", connection=1),
            Seen(SOCKS, "GET /2", {"authorization": None}, connection=1),
        ),
        setup=Setup(attributes={"proxies": {"http": "socks5h://proxy.test:1080"}}),
    ),
)

SCENARIOS: Final = (*HTTP, *BY_SOCKS, *REFUSED, *IN_TURN, *LED)
