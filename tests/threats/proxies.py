"""Credentials of proxies, and requests that could go past one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core import HTTPProxyDigestAuth
from sojourn_core.values.errors import ProxyError
from tests.scenarios.model import SECURE_A, SECURE_B, A, B, Seen, Setup, get, moved, ok, serve
from tests.servers.steps import Expect, ReadHead, Send, StartTLS

from .talk import ALL, PROXY, End, Talk, tunnel

if TYPE_CHECKING:
    from tests.scenarios.model import Script

SECOND: Final = "http://second.test:3128"
WITH_SECRET: Final = "http://user:SECRET-1@proxy.test:3128"
BY_TLS: Final = "https://localhost:3128"
SOCKS: Final = "http://proxy.test:1080"  # The place of one that speaks SOCKS.
SHOWN: Final = "Basic dXNlcjpTRUNSRVQtMQ=="
NONE: Final[dict[str, str | None]] = {"proxy-authorization": None, "authorization": None}
CONNECT_A: Final = "CONNECT a.test:443"
CONNECT_B: Final = "CONNECT b.test:443"
DIGEST: Final = ("Proxy-Authenticate", 'Digest realm="r", nonce="n1", qop="auth"')
WHO: Final = ok(b"who?", DIGEST, status=407)
SESSIONS: Final = ALL[1:-1]  # The bare core has no entropy, which Digest takes.


def through(proxies: dict[str, str | None], **more: Any) -> Setup:
    """A session with these proxies."""
    return Setup(attributes={"proxies": proxies, **more})


def by_socks(*answers: bytes, secure: bool = False) -> Script:
    """A connection of a proxy that asks for a user and a password, and leads to an origin."""
    opening = (
        Expect(b"\x05\x02\x00\x02"),
        Send(b"\x05\x02"),
        Expect(b"\x01\x04user\x08SECRET-1"),
        Send(b"\x01\x00"),
        Expect(b"\x06a.test" + (443 if secure else 80).to_bytes(2)),
        Send(b"\x05\x00\x00\x01" + bytes(6)),
    )
    return (*opening, *((StartTLS(),) if secure else ()), *serve(*answers))


# What opens a tunnel is for the proxy, what goes through it is for the origin.
HEADERS: Final = {
    "Authorization": "Bearer SECRET-1",
    "Cookie": "sid=SECRET-1",
    "X-Key": "SECRET-1",
    "Referer": "https://a.test/SECRET-1",
}

LEAKS: Final = (
    Talk(
        id="CVE-2003-1605",
        intents=(get(f"{SECURE_A}/x"),),
        peers={PROXY: (tunnel(ok(b"there")),)},
        ends=(End(status=200, content=b"there"),),
        seen=(
            Seen(PROXY, CONNECT_A, {"proxy-authorization": SHOWN}),
            Seen(PROXY, "GET /x", NONE),
        ),
        knows=frozenset({PROXY}),
        environ={"https_proxy": WITH_SECRET},
    ),
    Talk(
        id="CVE-2014-1830",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{B}/y")),), B: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(B, "GET /y", NONE),
        ),
        knows=frozenset({PROXY}),
        environ={"http_proxy": WITH_SECRET, "no_proxy": "b.test"},
    ),
    Talk(
        id="CVE-2015-3153",
        intents=(get(f"{SECURE_A}/x?SECRET-1", headers=HEADERS),),
        peers={PROXY: (tunnel(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(
                PROXY,
                CONNECT_A,
                {
                    **NONE,
                    "host": "a.test:443",
                    "cookie": None,
                    "x-key": None,
                    "referer": None,
                    "accept": None,
                },
            ),
            Seen(PROXY, "GET /x?SECRET-1", {"x-key": "SECRET-1", "host": "a.test"}),
        ),
        knows=frozenset({PROXY}),  # It is one peer of the test; by line it is told apart.
        environ={"https_proxy": PROXY},
    ),
    Talk(
        id="CVE-2015-3153",
        variant="a tunnel that is refused",
        intents=(get(f"{SECURE_A}/x", headers=HEADERS),),
        peers={PROXY: ((ReadHead(), Send(ok(b"no", status=403))),)},
        ends=(End(error=ProxyError, answered=403),),
        seen=(Seen(PROXY, CONNECT_A),),
        environ={"https_proxy": PROXY},
    ),
    Talk(
        id="CVE-2023-32681",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{SECURE_A}/y")), tunnel(ok()))},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(PROXY, CONNECT_A, {"proxy-authorization": SHOWN}, connection=1),
            Seen(PROXY, "GET /y", NONE, connection=1),
        ),
        knows=frozenset({PROXY}),
        environ={"all_proxy": WITH_SECRET},
    ),
    Talk(
        id="CVE-2015-3153",
        variant="a proxy that speaks TLS",
        intents=(get(f"{SECURE_A}/x?SECRET-1", headers=HEADERS),),
        peers={BY_TLS: (tunnel(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(BY_TLS, CONNECT_A, {**NONE, "cookie": None, "x-key": None, "referer": None}),
            Seen(BY_TLS, "GET /x?SECRET-1", {"x-key": "SECRET-1", "host": "a.test"}),
        ),
        knows=frozenset({BY_TLS}),
        environ={"https_proxy": BY_TLS},
    ),
    Talk(
        id="CVE-2023-32681",
        variant="a proxy that speaks TLS",
        intents=(get(f"{A}/x"),),
        peers={BY_TLS: (serve(moved(302, f"{SECURE_A}/y")), tunnel(ok()))},
        ends=(End(status=200),),
        seen=(
            Seen(BY_TLS, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(BY_TLS, CONNECT_A, {"proxy-authorization": SHOWN}, connection=1),
            Seen(BY_TLS, "GET /y", NONE, connection=1),
        ),
        knows=frozenset({BY_TLS}),
        environ={"all_proxy": BY_TLS.replace("//", "//user:SECRET-1@")},
    ),
    Talk(
        id="CVE-2023-32681",
        variant="SOCKS",
        intents=(get(f"{A}/x"),),
        peers={SOCKS: (by_socks(moved(302, f"{SECURE_A}/y")), by_socks(ok(), secure=True))},
        ends=(End(status=200),),
        seen=(
            Seen(SOCKS, "SOCKS5 user:SECRET-1 a.test:80"),
            Seen(SOCKS, "GET /x", NONE),
            Seen(SOCKS, "SOCKS5 user:SECRET-1 a.test:443", connection=1),
            Seen(SOCKS, "GET /y", NONE, connection=1),
        ),
        knows=frozenset({SOCKS}),
        environ={"all_proxy": "socks5h://user:SECRET-1@proxy.test:1080"},
    ),
    Talk(
        id="CVE-2014-1830",
        variant="SOCKS, and past it",
        intents=(get(f"{A}/x"),),
        peers={SOCKS: (by_socks(moved(302, f"{B}/y")),), B: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(SOCKS, "SOCKS5 user:SECRET-1 a.test:80"),
            Seen(SOCKS, "GET /x", NONE),
            Seen(B, "GET /y", NONE),
        ),
        knows=frozenset({SOCKS}),
        environ={"http_proxy": "socks5h://user:SECRET-1@proxy.test:1080", "no_proxy": "b.test"},
    ),
    Talk(
        id="CVE-2023-32681",
        variant="shown by the caller",
        intents=(get(f"{A}/x", headers={"Proxy-Authorization": "Basic SECRET-1"}),),
        peers={PROXY: (serve(moved(302, f"{SECURE_A}/y")), tunnel(ok()))},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": "Basic SECRET-1"}),
            Seen(PROXY, CONNECT_A, {"proxy-authorization": None}, connection=1),
            Seen(PROXY, "GET /y", NONE, connection=1),
        ),
        knows=frozenset({PROXY}),
        environ={"all_proxy": PROXY},
    ),
    Talk(
        id="CVE-2026-44486",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{SECURE_B}/y")),), SECURE_B: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(SECURE_B, "GET /y", NONE),
        ),
        knows=frozenset({PROXY}),
        environ={"http_proxy": WITH_SECRET},
    ),
    Talk(
        id="CVE-2026-6253",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{SECURE_B}/y")),), SECOND: (tunnel(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(SECOND, CONNECT_B, NONE),
            Seen(SECOND, "GET /y", NONE),
        ),
        knows=frozenset({PROXY}),
        environ={"http_proxy": WITH_SECRET, "https_proxy": SECOND},
    ),
    Talk(
        id="CVE-2026-6253",
        variant="proxies by host",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{B}/y")),), SECOND: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(SECOND, f"GET {B}/y", NONE),
        ),
        knows=frozenset({PROXY}),
        setup=through({"http://a.test": WITH_SECRET, "http": SECOND}),
        runners=("core", *SESSIONS),
    ),
    Talk(
        id="CVE-2026-7168",
        intents=(
            get(f"{A}/x", proxies={"http": PROXY}),
            get(f"{A}/y", proxies={"http": SECOND}),
        ),
        peers={PROXY: (serve(WHO, ok()),), SECOND: (serve(ok()),)},
        ends=(End(status=200), End(status=200)),
        seen=(
            Seen(PROXY, f"GET {A}/x", NONE),
            Seen(PROXY, f"GET {A}/x"),
            Seen(SECOND, f"GET {A}/y", NONE),
        ),
        knows=frozenset({PROXY}),
        setup=Setup(attributes={"auth": HTTPProxyDigestAuth("user", "SECRET-1")}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2026-7168",
        variant="in the URL of the first",
        intents=(
            get(f"{A}/x", proxies={"http": WITH_SECRET}),
            get(f"{A}/y", proxies={"http": SECOND}),
        ),
        peers={PROXY: (serve(WHO, ok()),), SECOND: (serve(WHO),)},
        ends=(End(status=200), End(status=407)),
        seen=(
            Seen(PROXY, f"GET {A}/x"),
            Seen(PROXY, f"GET {A}/x"),
            Seen(SECOND, f"GET {A}/y", NONE),
        ),
        knows=frozenset({PROXY}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2026-8927",
        intents=(get(f"{A}/x"), get(f"{SECURE_A}/y")),
        peers={PROXY: (serve(WHO, ok()),), SECOND: (tunnel(ok()),)},
        ends=(End(status=200), End(status=200)),
        seen=(
            Seen(PROXY, f"GET {A}/x"),
            Seen(PROXY, f"GET {A}/x"),
            Seen(SECOND, CONNECT_A, NONE),
            Seen(SECOND, "GET /y", NONE),
        ),
        knows=frozenset({PROXY}),
        environ={"http_proxy": WITH_SECRET, "https_proxy": SECOND},
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2026-8927",
        variant="credentials of the session",
        intents=(get(f"{A}/x"), get(f"{SECURE_A}/y")),
        peers={PROXY: (serve(WHO, ok()),), SECOND: (tunnel(ok()),)},
        ends=(End(status=200), End(status=200)),
        seen=(
            Seen(PROXY, f"GET {A}/x", NONE),
            Seen(PROXY, f"GET {A}/x"),
            Seen(SECOND, CONNECT_A, NONE),
            Seen(SECOND, "GET /y", NONE),
        ),
        knows=frozenset({PROXY}),
        setup=Setup(attributes={"auth": HTTPProxyDigestAuth("user", "SECRET-1")}),
        environ={"http_proxy": PROXY, "https_proxy": SECOND},
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2026-9079",  # What was cleared is gone.
        intents=(
            get(f"{A}/x", proxies={"http": WITH_SECRET}),
            get(f"{A}/y", proxies={"http": PROXY}),
        ),
        peers={
            PROXY: (
                serve(ok()),
                serve(ok(b"who?", ("Proxy-Authenticate", "Basic realm=x"), status=407)),
            )
        },
        ends=(End(status=200), End(status=407, content=b"who?")),
        seen=(
            Seen(PROXY, f"GET {A}/x", {"proxy-authorization": SHOWN}),
            Seen(PROXY, f"GET {A}/y", NONE, connection=1),
        ),
        knows=frozenset({PROXY}),
        runners=("core", *SESSIONS),
    ),
)

BYPASSES: Final = (
    Talk(
        id="CVE-2016-1000110",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(ok()),), "http://evil.test:3128": ()},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /x"),),
        environ={"REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil.test:3128"},
    ),
    Talk(
        id="CVE-2016-1000110",
        variant="outside of CGI",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(PROXY, f"GET {A}/x"),),
        environ={"HTTP_PROXY": PROXY},
    ),
    Talk(
        id="CVE-2016-1000110",
        variant="in lower case",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(PROXY, f"GET {A}/x"),),
        environ={
            "REQUEST_METHOD": "GET",
            "HTTP_PROXY": "http://evil.test:3128",
            "http_proxy": PROXY,
        },
    ),
    Talk(
        id="CVE-2020-28168",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{B}/y"), ok()),), B: ()},
        ends=(End(status=200),),
        seen=(Seen(PROXY, f"GET {A}/x"), Seen(PROXY, f"GET {B}/y")),
        environ={"http_proxy": PROXY},
    ),
    Talk(
        id="CVE-2020-28168",
        variant="by the session",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(moved(302, f"{SECURE_B}/y")), tunnel(ok())), SECURE_B: ()},
        ends=(End(status=200),),
        seen=(
            Seen(PROXY, f"GET {A}/x"),
            Seen(PROXY, CONNECT_B, connection=1),
            Seen(PROXY, "GET /y", connection=1),
        ),
        setup=through({"all": PROXY}),
        runners=SESSIONS,
    ),
)

TALKS: Final = (*LEAKS, *BYPASSES)
