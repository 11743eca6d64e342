"""Scenarios that need more of a driver than the others: proxies, pauses, files, large uploads."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import HTTPBasicAuth, HTTPDigestAuth, Policy, RetryPolicy, Timeouts
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Intent,
    Outcome,
    Scenario,
    Setup,
    answer,
    get,
    moved,
    ok,
    serve,
)
from tests.servers.steps import Close, Expect, ReadHead, Send, StartTLS, WaitClosed
from tests.torture.hedges import hedged
from tests.torture.users import users

if TYPE_CHECKING:
    from tests.scenarios.model import Script
    from tests.servers.authority import Authority

PROXY: Final = "http://proxy.test:3128"
OPENED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
LARGE: Final = bytes(range(256)) * 1200
CHUNKED: Final = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b"5\r\nfirst\r\n6\r\nsecond\r\n0\r\nX-Sum: 11\r\n\r\n"
)
UNTIL_CLOSE: Final = b"HTTP/1.1 200 OK\r\n\r\n"
BUSY: Final = ok(b"not now", ("Retry-After", "3"), status=503)
CHALLENGE: Final = 'Digest realm="r", nonce="n", qop="auth"'
OK: Final = Outcome(status=200, content=None)


def routes(authority: Authority) -> tuple[Scenario, ...]:
    """Return the scenarios; peers behind a tunnel are vouched for by the authority."""
    return (
        *proxied(authority),
        *by_tls(authority),
        *by_socks(authority),
        *in_turn(authority),
        *secure(),
        *repeated(),
        *uploaded(),
        *followed(),
        *users(story),
        *hedged(story, authority),
    )


def story(
    name: str, *intents: Intent, peers: Any, policy: Policy | None = None, **attributes: Any
) -> Scenario:
    """Make a scenario of which nothing is compared."""
    options = {} if policy is None else {"policy": policy}
    names = attributes.pop("names", {})
    return Scenario(
        name=name,
        intents=intents,
        peers=peers,
        outcomes=(OK,) * len(intents),
        seen=(),
        setup=Setup(attributes=attributes, options=options),
        names=names,
    )


def proxied(authority: Authority) -> tuple[Scenario, ...]:
    """Requests by way of a proxy."""
    tls = StartTLS(authority.server_context())
    proxies = {"http": PROXY, "https": PROXY}

    def tunnel(*answers: bytes | Script) -> Script:
        return (ReadHead(), Send(OPENED), tls, *serve(*answers))

    refused = ok(b"no", status=403)
    asked = ok(b"who", ("Proxy-Authenticate", 'Basic realm="r"'), status=407)
    digest = ok(b"who", ("Proxy-Authenticate", CHALLENGE), status=407)
    named = {"http": "http://u:p@proxy.test:3128", "https": "http://u:p@proxy.test:3128"}
    return (
        story("a proxy forwards", get(f"{A}/"), peers={PROXY: (serve(ok(b"a")),)}, proxies=proxies),
        story(
            "a proxy forwards to two hosts on one connection",
            get(f"{A}/"),
            get(f"{B}/"),
            peers={PROXY: (serve(ok(b"a"), CHUNKED),)},
            proxies=proxies,
        ),
        story(
            "a proxy forwards a redirect",
            get(f"{A}/"),
            peers={PROXY: (serve(moved(302, f"{B}/"), ok(b"b")),)},
            proxies=proxies,
        ),
        story(
            "a proxy with a credential forwards",
            get(f"{A}/"),
            peers={PROXY: (serve(ok(b"a")),)},
            proxies=named,
        ),
        story(
            "a proxy asks who it is",
            get(f"{A}/"),
            peers={PROXY: (serve(asked, ok(b"a")),)},
            proxies=proxies,
        ),
        story(
            "a tunnel",
            get(f"{SECURE_A}/"),
            peers={PROXY: (tunnel(ok(b"a")),)},
            proxies=proxies,
        ),
        story(
            "a tunnel that is used again",
            get(f"{SECURE_A}/1"),
            get(f"{SECURE_A}/2"),
            peers={PROXY: (tunnel(CHUNKED, ok(b"2")),)},
            proxies=proxies,
        ),
        story(
            "a tunnel with a credential",
            get(f"{SECURE_A}/1"),
            peers={PROXY: (tunnel(ok(b"2")),)},
            proxies=named,
        ),
        story(
            "content until close through a tunnel",
            get(f"{SECURE_A}/"),
            peers={
                PROXY: (
                    (ReadHead(), Send(OPENED), tls, *answer(UNTIL_CLOSE, b"one", b"two"), Close()),
                )
            },
            proxies=proxies,
        ),
        story(
            "a tunnel that is refused",
            get(f"{SECURE_A}/"),
            peers={PROXY: ((*answer(refused), Close()),)},
            proxies=proxies,
        ),
        story(
            "a tunnel for which Digest is asked",
            get(f"{SECURE_A}/"),
            peers={PROXY: ((*answer(digest), Close()), tunnel(ok(b"a")))},
            proxies=named,
        ),
        story(
            "an upload through a tunnel",
            Intent("POST", f"{SECURE_A}/", content=pieces),
            peers={
                PROXY: (
                    (
                        ReadHead(),
                        Send(OPENED),
                        tls,
                        ReadHead(),
                        Expect(b"0\r\n\r\n"),
                        Send(ok(b"x")),
                    ),
                )
            },
            proxies=proxies,
        ),
    )


def by_tls(authority: Authority) -> tuple[Scenario, ...]:
    """Requests by way of a proxy that speaks TLS."""
    tls = StartTLS(authority.server_context())
    proxy = "https://localhost:3128"
    proxies = {"http": proxy, "https": proxy}
    tunnel = (ReadHead(), Send(OPENED), tls)
    return (
        story(
            "a proxy that speaks TLS forwards",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={proxy: (serve(ok(b"a"), CHUNKED),)},
            proxies=proxies,
        ),
        story(
            "a tunnel by TLS, in TLS",
            get(f"{SECURE_A}/1"),
            get(f"{SECURE_A}/2"),
            peers={proxy: ((*tunnel, *serve(ok(b"a"), CHUNKED)),)},
            proxies=proxies,
        ),
        story(
            "content until close by TLS, in TLS",
            get(f"{SECURE_A}/"),
            peers={proxy: ((*tunnel, *answer(UNTIL_CLOSE, b"one", b"two"), Close()),)},
            proxies=proxies,
        ),
    )


def by_socks(authority: Authority) -> tuple[Scenario, ...]:
    """Requests by way of a proxy that speaks SOCKS (RFC 1928, RFC 1929)."""
    tls = StartTLS(authority.server_context())
    place = "socks5h://proxy.test:1080"
    peer = "http://proxy.test:1080"
    opened = Send(b"\x05\x00\x00\x01" + bytes(6))
    asked = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"))
    plain = (*asked, Expect(b"\x03\x06a.test\x00\x50"), opened)
    secured = (*asked, Expect(b"\x03\x06a.test\x01\xbb"), opened, tls)
    known = (
        Expect(b"\x00\x02"),
        Send(b"\x05\x02"),
        Expect(b"\x01\x01u\x01p"),
        Send(b"\x01\x00"),
        Expect(b"\x03\x06a.test\x00\x50"),
        opened,
    )
    refusal = (*asked, Expect(b"\x00\x50"), Send(b"\x05\x05\x00\x01" + bytes(6)), Close())
    return (
        story(
            "SOCKS, used again",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={peer: ((*plain, *serve(ok(b"1"), CHUNKED)),)},
            proxies={"http": place},
        ),
        story(
            "SOCKS with a user",
            get(f"{A}/1"),
            peers={peer: ((*known, *serve(ok(b"1"))),)},
            proxies={"http": place.replace("proxy.test", "u:p@proxy.test")},
        ),
        story(
            "SOCKS, and TLS in it",
            get(f"{SECURE_A}/1"),
            peers={peer: ((*secured, *serve(ok(b"1"))),)},
            proxies={"https": place},
        ),
        story(
            "SOCKS that refuses",
            get(f"{A}/1"),
            peers={peer: (refusal,)},
            proxies={"http": place},
        ),
    )


def in_turn(authority: Authority) -> tuple[Scenario, ...]:
    """Requests by a SOCKS proxy that is told one address after another."""
    tls = StartTLS(authority.server_context())
    peer = "http://proxy.test:1080"
    names = {"a.test": ("192.0.2.6", "192.0.2.7", "192.0.2.8")}
    anybody = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"))
    user = (
        Expect(b"\x00\x02"),
        Send(b"\x05\x02"),
        Expect(b"\x01\x01u\x01p"),
        Send(b"\x01\x00"),
    )
    opened = Send(b"\x05\x00\x00\x01" + bytes(6))
    unreached = (Send(b"\x05\x04\x00\x01" + bytes(6)), Close())

    def first(port: bytes, *greeting: Any) -> Script:
        return (*greeting, Expect(b"\xc0\x00\x02\x06" + port), *unreached)

    def then(port: bytes, *greeting: Any) -> Script:
        return (*greeting, Expect(b"\xc0\x00\x02\x07" + port), opened)

    by_name = {"http": "socks5://proxy.test:1080", "https": "socks5://proxy.test:1080"}
    return (
        story(
            "the next address by SOCKS, used again",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={
                peer: (
                    first(b"\x00\x50", *anybody),
                    (*then(b"\x00\x50", *anybody), *serve(ok(b"1"), CHUNKED)),
                )
            },
            proxies=by_name,
            names=names,
        ),
        story(
            "the next address by SOCKS with a user, and TLS in it",
            get(f"{SECURE_A}/1"),
            peers={
                peer: (
                    first(b"\x01\xbb", *user),
                    (*then(b"\x01\xbb", *user), tls, *serve(ok(b"1"))),
                )
            },
            proxies={"https": "socks5://u:p@proxy.test:1080"},
            names=names,
        ),
        story(
            "the next address by SOCKS4",
            get(f"{A}/1"),
            peers={
                peer: (
                    (
                        Expect(b"\x00\x50\xc0\x00\x02\x06\x00"),
                        Send(b"\x00\x5b" + bytes(6)),
                        Close(),
                    ),
                    (
                        Expect(b"\x00\x50\xc0\x00\x02\x07\x00"),
                        Send(b"\x00\x5a" + bytes(6)),
                        *serve(ok(b"1")),
                    ),
                )
            },
            proxies={"http": "socks4://proxy.test:1080"},
            names=names,
        ),
        story(
            "the next address by SOCKS, where the first is silent",
            get(f"{A}/1"),
            peers={
                peer: (
                    (*anybody, Expect(b"\xc0\x00\x02\x06\x00\x50"), WaitClosed()),
                    (*then(b"\x00\x50", *anybody), *serve(ok(b"1"))),
                )
            },
            proxies=by_name,
            names=names,
        ),
        story(
            "the next address by SOCKS, and an upload",
            Intent("POST", f"{A}/1", content=pieces),
            peers={
                peer: (
                    first(b"\x00\x50", *anybody),
                    (
                        *then(b"\x00\x50", *anybody),
                        ReadHead(),
                        Expect(b"0\r\n\r\n"),
                        Send(ok(b"in")),
                        *serve(),
                    ),
                )
            },
            proxies=by_name,
            names=names,
        ),
    )


def secure() -> tuple[Scenario, ...]:
    """Requests by TLS."""
    return (
        story(
            "TLS, used again and again",
            *(get(f"{SECURE_A}/{n}") for n in range(3)),
            peers={SECURE_A: (serve(ok(b"0"), CHUNKED, ok(LARGE)),)},
        ),
        story(
            "TLS until close",
            get(f"{SECURE_A}/"),
            peers={SECURE_A: ((*answer(UNTIL_CLOSE, b"one", b"two"), Close()),)},
        ),
        story(
            "TLS until close, whose end may be missing",
            get(f"{SECURE_A}/"),
            peers={SECURE_A: ((*answer(UNTIL_CLOSE, b"one", b"two"), Close(notify=False)),)},
            policy=Policy.requests(),
        ),
        story(
            "a redirect from TLS to TLS",
            get(f"{SECURE_A}/"),
            peers={SECURE_A: (serve(moved(302, f"{SECURE_A}/2", content=b"away"), ok(b"2")),)},
        ),
        story(
            "a large upload by TLS",
            Intent("PUT", f"{SECURE_A}/", {"data": LARGE}),
            peers={SECURE_A: (serve(answer(ok(b"in"), content=len(LARGE))),)},
        ),
        story(
            "a large upload by TLS that is refused early",
            Intent("PUT", f"{SECURE_A}/", {"data": LARGE * 4}),
            peers={
                SECURE_A: (
                    (
                        ReadHead(),
                        Send(ok(b"no", ("Connection", "close"), status=413)),
                        WaitClosed(),
                    ),
                )
            },
        ),
    )


def repeated() -> tuple[Scenario, ...]:
    """Requests that are sent again, or that wait."""
    policy = RetryPolicy(retries_max=3, statuses=frozenset({503}), jitter=0.0)
    return (
        story(
            "a pause, and again",
            get(f"{A}/"),
            peers={A: (serve(BUSY, BUSY, ok(b"now")),)},
            retries=policy,
        ),
        story(
            "a pause after a lost connection",
            get(f"{A}/"),
            peers={A: ((ReadHead(), Close()), serve(ok(b"now")))},
            retries=policy,
        ),
        story(
            "a pause, and content again",
            Intent("PUT", f"{A}/", content=on_disk),
            peers={
                A: (
                    serve(
                        answer(BUSY, content=len(LARGE)),
                        answer(ok(b"now"), content=len(LARGE)),
                    ),
                )
            },
            retries=policy,
        ),
        story(
            "a pause that would be too long",
            get(f"{A}/", timeout=Timeouts(total=2.0)),
            peers={A: (serve(BUSY),)},
            retries=policy,
        ),
        story(
            "requests at a rate",
            *(get(f"{A}/{n}") for n in range(3)),
            peers={A: (serve(ok(b"0"), ok(b"1"), ok(b"2")),)},
            limit="1/s",
        ),
        story(
            "a connection that goes stale, and again",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={A: ((*answer(ok(b"1")), ReadHead(), Close()), serve(ok(b"2")))},
        ),
        story(
            "a connection that ends while it is idle",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={A: ((*answer(ok(b"1")), Close()), serve(ok(b"2")))},
        ),
    )


def pieces() -> Any:
    """Give content in pieces."""
    yield b"first"
    yield b"second" * 1000
    yield b"third"


@cache
def large_file() -> Path:
    """Write a large file, once."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "large"
    path.write_bytes(LARGE)
    return path


def on_disk() -> Any:
    """Give content in a file on a disk."""
    return large_file().open("rb")


def uploaded() -> tuple[Scenario, ...]:
    """Uploads that take many steps."""
    end = Expect(b"0\r\n\r\n")
    refusal = ok(b"no", ("Connection", "close"), status=413)
    return (
        story(
            "an upload in chunks",
            Intent("POST", f"{A}/", content=pieces),
            peers={A: ((ReadHead(), end, Send(ok(b"in")), *serve()),)},
        ),
        story(
            "an upload in chunks, answered early",
            Intent("POST", f"{A}/", content=pieces),
            peers={A: ((ReadHead(), Send(ok(b"in")), end, WaitClosed()),)},
        ),
        story(
            "an upload in chunks, refused early",
            Intent("POST", f"{A}/", content=pieces),
            peers={A: ((ReadHead(), Send(refusal), WaitClosed()),)},
        ),
        story(
            "a large upload",
            Intent("PUT", f"{A}/", {"data": LARGE}),
            peers={A: (serve(answer(CHUNKED, content=len(LARGE))),)},
        ),
        story(
            "a large upload, refused early",
            Intent("PUT", f"{A}/", {"data": LARGE * 4}),
            peers={A: ((ReadHead(), Send(refusal), WaitClosed()),)},
        ),
        story(
            "a file",
            Intent("PUT", f"{A}/", content=on_disk),
            get(f"{A}/"),
            peers={A: (serve(answer(ok(b"in"), content=len(LARGE)), ok(b"out")),)},
        ),
        story(
            "a file, refused early",
            Intent("PUT", f"{A}/", content=on_disk),
            peers={A: ((ReadHead(), Send(refusal), WaitClosed()),)},
        ),
        story(
            "a file that is sent again for Digest",
            Intent("PUT", f"{A}/", {"auth": HTTPDigestAuth("u", "p")}, content=on_disk),
            peers={
                A: (
                    serve(
                        answer(
                            ok(b"who", ("WWW-Authenticate", CHALLENGE), status=401),
                            content=len(LARGE),
                        ),
                        answer(ok(b"in"), content=len(LARGE)),
                    ),
                )
            },
        ),
        story(
            "an upload that is sent again elsewhere",
            Intent("PUT", f"{A}/", content=on_disk),
            peers={
                A: (serve(answer(moved(307, f"{B}/"), content=len(LARGE))),),
                B: (serve(answer(ok(b"in"), content=len(LARGE))),),
            },
        ),
    )


def followed() -> tuple[Scenario, ...]:
    """Redirects whose responses have content, and are drained."""
    away = moved(302, f"{A}/2", content=b"away" * 100)
    chunked = away.replace(b"Content-Length: 400", b"Transfer-Encoding: chunked")
    chunked = chunked.replace(b"away" * 100, b"4\r\naway\r\n0\r\n\r\n")
    endless = b"HTTP/1.1 302 Found\r\nLocation: /2\r\nContent-Length: 9000000\r\n\r\nabc"
    return (
        story("a hop is drained", get(f"{A}/"), peers={A: (serve(away, ok(b"2")),)}),
        story("a hop in chunks is drained", get(f"{A}/"), peers={A: (serve(chunked, CHUNKED),)}),
        story(
            "a hop that is too long to be drained",
            get(f"{A}/"),
            peers={A: ((*answer(endless), WaitClosed()), serve(ok(b"2")))},
        ),
        story(
            "a challenge is drained",
            get(f"{A}/", auth=HTTPBasicAuth("u", "p")),
            get(f"{A}/"),
            peers={A: (serve(ok(b"1"), ok(b"2")),)},
        ),
        story(
            "HEAD, 204 and 304",
            Intent("HEAD", f"{A}/1"),
            get(f"{A}/2"),
            get(f"{A}/3"),
            peers={
                A: (
                    serve(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                        b"HTTP/1.1 204 No Content\r\n\r\n",
                        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
                    ),
                )
            },
        ),
        story(
            "informational heads come first",
            get(f"{A}/1"),
            peers={
                A: (
                    serve(
                        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                        b"HTTP/1.1 102 Processing\r\n\r\n" + ok(b"1")
                    ),
                )
            },
        ),
    )
