"""Where a server could send a client: other schemes, closed networks, and round in circles."""

from __future__ import annotations

from typing import Final

from sojourn_core import Limits, Policy, parse_url
from sojourn_core.values.errors import (
    ContentTooLarge,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    PolicyRefused,
    RedirectRefused,
    TooManyRedirects,
)
from tests.scenarios.model import (
    SECURE_A,
    SECURE_B,
    A,
    B,
    Intent,
    Seen,
    Setup,
    get,
    moved,
    ok,
    serve,
)
from tests.servers.steps import Offer, ReadHead, WaitClosed

from .talk import ALL, End, Talk

SESSIONS: Final = ALL[:-1]
OURS: Final = ("core", "sync", "asyncio")
LARGE: Final = bytes(1_000_000)


def offers(*answers: bytes) -> tuple[object, ...]:
    """Answer one request with more than anybody may want to have."""
    return (ReadHead(), *(Offer(each) for each in answers), WaitClosed())


def refused(which: str, location: str, says: str = "", **more: object) -> Talk:
    """A redirect that is refused: nothing else is asked, and no file is opened."""
    return Talk(
        id=which,
        variant=location,
        intents=(get(f"{A}/x", headers={"Authorization": "Bearer SECRET-1"}),),
        peers={A: (serve(moved(302, location)),), B: ()},
        ends=(End(error=RedirectRefused, says=says, answered=302),),
        seen=(Seen(A, "GET /x"),),
        knows=frozenset({A}),
        **more,  # type: ignore[arg-type]
    )


SCHEMES: Final = (
    *(
        refused("CVE-2009-0037", location, location.partition(":")[0])
        for location in (
            "file:///etc/passwd",
            "ftp://b.test/x",
            "gopher://b.test/x",
            "dict://b.test/x",
            "scp://b.test/x",
            "javascript:alert(1)",
            "data:text/plain,x",
            "blob:http://b.test/x",
            "about:blank",
        )
    ),
    *(
        refused("CVE-2019-9948", location)
        for location in (
            "local-file:///etc/passwd",
            "FILE:///etc/passwd",
            "file:/etc/passwd",
            "file:etc/passwd",
            "url:file:///etc/passwd",
            "jar:http://b.test/x!/",
            "netdoc:/etc/passwd",
            "php://filter/x",
            "httpx://b.test/x",
            "http2://b.test/x",
            "ws://b.test/x",
            "x-http://b.test/x",
        )
    ),
    *(
        refused("CVE-2022-33987", location)
        for location in (
            "unix:///var/run/docker.sock",
            "unix:/var/run/docker.sock:/x",
            "http+unix://%2Fvar%2Frun%2Fdocker.sock/x",
            "https+unix://%2Fvar%2Frun%2Fdocker.sock/x",
            "npipe:////./pipe/docker_engine",
            "vsock://2:80/x",
        )
    ),
    Talk(
        id="CVE-2022-33987",
        variant="a socket in place of a port",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(moved(302, "http://b.test:/var/run/docker.sock:/x")),), B: (serve(ok()),)},
        ends=(End(status=200),),  # It is a path, and no more than that.
        seen=(Seen(A, "GET /x"), Seen(B, "GET /var/run/docker.sock:/x")),
    ),
    *(
        Talk(
            id="CVE-2025-58754",
            variant=f"{name} {url[:22]}",
            intents=(get(url),),
            peers={A: ()},
            ends=(End(error=error),),
            runners=("core", "sync", "asyncio", "compat"),
        )
        for name, url, error in (
            ("asked", "data:text/plain,x", InvalidSchema),
            ("asked", f"data:text/plain;base64,{'QQ' * 100_000}", InvalidSchema),
            ("asked", "file:///etc/passwd", InvalidSchema),
        )
    ),
    refused("CVE-2025-58754", f"data:text/plain;base64,{'QQ' * 2000}", "data"),
)

CLOSED: Final = Setup(options={"policy": Policy(refused_networks=("127.0.0.2/32",))})

NETWORKS: Final = (
    *(
        Talk(
            id="CVE-2023-28155",
            variant=f"{start} {location}",
            intents=(get(f"{start}/x"),),
            peers={start: (serve(moved(302, location)),)},
            ends=(End(error=RedirectRefused, answered=302),),
            seen=(Seen(start, "GET /x"),),
            setup=CLOSED,
            runners=SESSIONS[1:],  # The core's peers in memory have names for addresses.
        )
        for start in (A, SECURE_A)
        for location in (
            "https://127.0.0.2/",
            "http://127.0.0.2/",
            "https://127.0.0.2:8443/",
            "//127.0.0.2/",
            "http://[::ffff:127.0.0.2]/",
            "http://[64:ff9b::7f00:2]/",
        )
    ),
)

# No session has a base; what is bound to an origin does not leave it.
BOUND: Final = Setup(
    attributes={
        "headers": {"X-API-Key": "SECRET-1"},
        "auth": {A: ("user", "SECRET-1")},
    },
    options={"policy": Policy(field_origins={"X-API-Key": [A]})},
)
NOTHING: Final[dict[str, str | None]] = {"x-api-key": None, "authorization": None, "cookie": None}

BASES: Final = (
    Talk(
        id="CVE-2025-27152",
        intents=(get(f"{B}/x"), get(f"{A}/x")),
        peers={A: (serve(ok()),), B: (serve(ok()),)},
        ends=(End(status=200), End(status=200)),
        seen=(Seen(B, "GET /x", NOTHING), Seen(A, "GET /x", {"x-api-key": "SECRET-1"})),
        knows=frozenset({A}),
        setup=BOUND,
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2026-25765",
        intents=(get("//b.test/steal"), get("/steal"), get("b.test/steal"), get("\\\\b.test/x")),
        peers={A: (), B: ()},
        ends=(End(error=MissingSchema),) * 4,
        setup=BOUND,
        runners=OURS,
    ),
    *(
        Talk(
            id="CVE-2026-33637",
            variant=name,
            intents=(Intent("GET", url),),
            peers={B: (serve(ok()),)},
            ends=(End(status=200),),
            seen=(Seen(B, "GET /x", NOTHING),),
            setup=BOUND,
            runners=OURS,
        )
        for name, url in (("bytes", b"http://b.test/x"), ("URL", parse_url("http://b.test/x")))
    ),
)

LOOPS: Final = (
    *(
        Talk(
            id="CVE-2025-50181",
            variant=f"max_redirects={most} {given}",
            intents=(get(f"{A}/x", **given),),
            peers={A: (serve(moved(302, "/y"), *([ok()] if follows else [])),)},
            ends=(end,),
            seen=(Seen(A, "GET /x"), *([Seen(A, "GET /y")] if follows else [])),
            setup=Setup(attributes={"max_redirects": most}),
            runners=SESSIONS,
        )
        for most, given, end, follows in (
            (0, {}, End(error=TooManyRedirects, answered=302), False),
            (0, {"allow_redirects": False}, End(status=302), False),
            (0, {"allow_redirects": True}, End(error=TooManyRedirects, answered=302), False),
            (1, {}, End(status=200), True),
            (1, {"allow_redirects": False}, End(status=302), False),
            (30, {"allow_redirects": False}, End(status=302), False),
        )
    ),
    *(
        Talk(  # Everybody tells the same story of a chain.
            id="CVE-2025-50182",
            variant=f"{status}",
            intents=(get(f"{A}/x"), get(f"{A}/z", allow_redirects=False)),
            peers={
                A: (serve(moved(status, f"{B}/y"), moved(status, f"{B}/y")),),
                B: (serve(ok(b"there")),),
            },
            ends=(
                End(status=200, content=b"there", codes=(f"redirect.followed {B}",)),
                End(status=status, not_codes=("redirect.followed",)),
            ),
            seen=(Seen(A, "GET /x"), Seen(B, "GET /y"), Seen(A, "GET /z")),
            runners=SESSIONS,
        )
        for status in (301, 302, 303, 307, 308)
    ),
    Talk(
        id="SJ-13",
        variant="A to A",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(*[moved(302, "/x")] * 31),)},
        ends=(End(error=TooManyRedirects, answered=302),),
        seen=(Seen(A, "GET /x"),) * 31,
    ),
    Talk(
        id="SJ-13",
        variant="A to B to A",
        intents=(get(f"{A}/x"),),
        peers={
            A: (serve(*[moved(302, f"{B}/x")] * 16),),
            B: (serve(*[moved(302, f"{A}/x")] * 15),),
        },
        ends=(End(error=TooManyRedirects, answered=302),),
        seen=(*[Seen(A, "GET /x")] * 16, *[Seen(B, "GET /x")] * 15),
    ),
    Talk(
        id="SJ-13",
        variant="distinct hops",
        intents=(get(f"{A}/0"),),
        peers={A: (serve(*(moved(302, f"/{index + 1}") for index in range(31))),)},
        ends=(End(error=TooManyRedirects, answered=302),),
        seen=tuple(Seen(A, f"GET /{index}") for index in range(31)),
    ),
    Talk(
        id="SJ-13",
        variant="a Location of 9 KiB",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(moved(302, "/" + "y" * 9000)),)},
        ends=(End(error=InvalidURL, answered=302),),
        seen=(Seen(A, "GET /x"),),
    ),
    Talk(
        id="SJ-13",
        variant="dot segments",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(moved(302, "../" * 2700 + "y"), ok()),)},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /x"), Seen(A, "GET /y")),
    ),
    Talk(
        id="SJ-13",
        variant="two Locations that differ",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(moved(302, "/y", ("Location", f"{B}/z")), ok()),), B: ()},
        ends=(End(status=200, codes=("redirect.location.repeated",)),),
        seen=(Seen(A, "GET /x"), Seen(A, "GET /y")),
    ),
    Talk(
        id="SJ-13",
        variant="each hop with 1 MB",
        intents=(get(f"{A}/x"),),
        peers={
            A: (
                offers(moved(302, "/1", content=LARGE)),
                offers(moved(302, "/2", content=LARGE)),
                serve(ok(b"there")),
            )
        },
        ends=(End(status=200, content=b"there"),),
        seen=(
            Seen(A, "GET /x"),
            Seen(A, "GET /1", connection=1),
            Seen(A, "GET /2", connection=2),
        ),
    ),
    Talk(
        id="CVE-2020-15168",
        variant="behind a redirect",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(moved(302, f"{B}/big")),), B: (offers(ok(LARGE)),)},
        ends=(End(error=ContentTooLarge, answered=200),),
        seen=(Seen(A, "GET /x"), Seen(B, "GET /big")),
        setup=Setup(options={"limits": Limits(content_size_max=1000)}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2020-15168",
        variant="1,001 bytes in chunks",
        intents=(get(f"{A}/x"),),
        peers={
            A: (serve(moved(302, f"{B}/big")),),
            B: (
                offers(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                    b"3e9\r\n" + bytes(1001) + b"\r\n0\r\n\r\n",
                ),
            ),
        },
        ends=(End(error=ContentTooLarge, answered=200),),
        seen=(Seen(A, "GET /x"), Seen(B, "GET /big")),
        setup=Setup(options={"limits": Limits(content_size_max=1000)}),
        runners=OURS,  # The drop-in has the limits of Requests, which has none.
    ),
    Talk(
        id="CVE-2020-15168",
        variant="the redirect itself",
        intents=(get(f"{A}/x"),),
        peers={A: (offers(moved(302, f"{B}/y", content=LARGE)),), B: (serve(ok(bytes(1000))),)},
        ends=(End(status=200, content=bytes(1000)),),
        seen=(Seen(A, "GET /x"), Seen(B, "GET /y")),
        setup=Setup(options={"limits": Limits(content_size_max=1000)}),
        runners=SESSIONS,
    ),
    Talk(  # There is no automatic Referer.
        id="CVE-2021-22876",
        intents=(get("http://u:SECRET-1@a.test/p?q#frag"),),
        peers={A: (serve(moved(302, f"{B}/y")),), B: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /p?q", {"referer": None}), Seen(B, "GET /y", {"referer": None})),
        knows=frozenset({A}),
    ),
    *(
        Talk(
            id="CVE-2021-22876",
            variant=f"given by hand, {start} {end}",
            intents=(get(f"{start}/x", headers={"Referer": "https://u:SECRET-1@c.test/p#frag"}),),
            peers={start: (serve(moved(302, f"{end}/y")),), end: (serve(ok()),)},
            ends=(End(status=200, codes=("field.dropped.cross-origin Referer",)),),
            seen=(Seen(start, "GET /x"), Seen(end, "GET /y", {"referer": None})),
            knows=frozenset({start}),
        )
        for start, end in ((A, B), (SECURE_A, A), (SECURE_A, SECURE_B))
    ),
    Talk(
        id="CVE-2026-9546",
        variant="by the request",
        intents=(
            get(f"{A}/x", headers={"Referer": "http://c.test/SECRET-1"}),
            get(f"{A}/y"),
            get(f"{A}/z", headers={"Referer": None}),
        ),
        peers={A: (serve(ok(), ok(), ok()),)},
        ends=(End(status=200),) * 3,
        seen=(
            Seen(A, "GET /x", {"referer": "http://c.test/SECRET-1"}),
            Seen(A, "GET /y", {"referer": None}),
            Seen(A, "GET /z", {"referer": None}),
        ),
        knows=frozenset({A}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2026-9546",
        variant="taken out of the session's",
        intents=(
            get(f"{A}/x"),
            get(f"{A}/y", headers={"Referer": None}),
            get(f"{A}/z", headers={"referer": None, "X-Key": None}),
        ),
        peers={A: (serve(ok(), ok(), ok()),)},
        ends=(End(status=200),) * 3,
        seen=(
            Seen(A, "GET /x", {"referer": "http://c.test/SECRET-1"}),
            Seen(A, "GET /y", {"referer": None, "x-key": "SECRET-1"}),
            Seen(A, "GET /z", {"referer": None, "x-key": None}),
        ),
        knows=frozenset({A}),
        setup=Setup(
            attributes={"headers": {"Referer": "http://c.test/SECRET-1", "X-Key": "SECRET-1"}}
        ),
        runners=SESSIONS,
    ),
    *(
        Talk(
            id="CVE-2024-2004",
            variant=name,
            intents=(get(f"{A}/x"),),
            peers={A: (serve(moved(302, f"{B}/y")),), B: ()},
            ends=(End(error=RedirectRefused, answered=302),),
            seen=(Seen(A, "GET /x"),),
            setup=Setup(options={"policy": policy}),
            runners=SESSIONS,
        )
        for name, policy in (
            ("no schemes", Policy(redirect_schemes=frozenset())),
            ("no origins", Policy(allowed_origins=frozenset())),
            ("another scheme", Policy(redirect_schemes=frozenset({"https"}))),
        )
    ),
    Talk(
        id="CVE-2024-2004",
        variant="no hosts",
        intents=(get(f"{A}/x"),),
        peers={A: ()},
        ends=(End(error=PolicyRefused),),
        setup=Setup(options={"policy": Policy(allowed_hosts=frozenset())}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2024-2004",
        variant="no fields go along",
        intents=(get(f"{A}/x", headers={"Accept-Language": "de"}),),
        peers={A: (serve(moved(302, f"{B}/y")),), B: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /x"), Seen(B, "GET /y", {"accept-language": None})),
        setup=Setup(
            options={"policy": Policy(cross_origin_fields=frozenset(), cross_origin_prefixes=())}
        ),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2024-2004",
        variant="no credentials",
        intents=(get("http://u:SECRET-1@a.test/x"), get(f"{A}/x", auth=("u", "SECRET-1"))),
        peers={A: (serve(ok(), ok()),)},
        ends=(End(status=200),) * 2,
        seen=(Seen(A, "GET /x", {"authorization": None}),) * 2,
        setup=Setup(options={"policy": Policy(credentials_order=())}),
        runners=OURS,
    ),
)

TALKS: Final = (*SCHEMES, *NETWORKS, *BASES, *LOOPS)
