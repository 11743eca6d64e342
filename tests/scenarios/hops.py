"""Redirects: chains of them, those that are refused, and those that are none."""

from __future__ import annotations

from typing import Any, Final

from sojourn_core import Limits, Policy
from sojourn_core.values.errors import (
    DowngradeRefused,
    InvalidURL,
    RedirectRefused,
    TooManyRedirects,
)
from tests.scenarios.model import (
    A8080,
    SECURE_A,
    SECURE_B,
    A,
    B,
    Intent,
    Outcome,
    Scenario,
    Seen,
    Setup,
    get,
    moved,
    ok,
    one,
    serve,
)
from tests.servers.steps import Expect, Offer, ReadHead, Send, WaitClosed

TOO_MANY: Final = "redirect.refused.too-many Location"
LARGE: Final = bytes(400_000)  # Beyond what is drained to keep a connection.


def refused(name: str, location: str, code: str, error: type[Exception], says: str) -> Scenario:
    """A Location that is not followed: the call fails, and has the response."""
    return one(
        name,
        get(f"{A}/x"),
        serve(moved(302, location)),
        Outcome(
            error=error,
            says=says,
            answered=302,
            decisions=(f"0 redirect.refused.{code} Location",),
        ),
        Seen(A, "GET /x"),
    )


def delivered(name: str, octets: bytes, status: int, **outcome: Any) -> Scenario:
    """A response that looks like a redirect and is none."""
    return one(
        name,
        get(f"{A}/x"),
        serve(octets),
        Outcome(status=status, **outcome),
        Seen(A, "GET /x"),
    )


def followed(hop: int, origin: str) -> str:
    """The decision to follow."""
    return f"{hop} redirect.followed {origin}"


CHAINS: Final = (
    one(
        "five hops over one connection",
        get(f"{A}/0"),
        serve(*(moved(302, f"/{hop}", content=b"moved") for hop in range(1, 6)), ok(b"end")),
        Outcome(
            status=200,
            content=b"end",
            url=f"{A}/5",
            history=tuple((302, f"{A}/{hop}") for hop in range(5)),
            decisions=tuple(followed(hop, A) for hop in range(1, 6)),
        ),
        *(Seen(A, f"GET /{hop}") for hop in range(6)),
    ),
    one(
        "a chain through four origins and back",
        get(f"{A}/1"),
        {
            A: (serve(moved(301, f"{B}/2"), ok(b"home")),),
            B: (serve(moved(302, f"{SECURE_B}/3")),),
            SECURE_B: (serve(moved(307, f"{A8080}/4")),),
            A8080: (serve(moved(308, f"{A}/5")),),
        },
        Outcome(
            status=200,
            content=b"home",
            url=f"{A}/5",
            history=(
                (301, f"{A}/1"),
                (302, f"{B}/2"),
                (307, f"{SECURE_B}/3"),
                (308, f"{A8080}/4"),
            ),
            decisions=(
                followed(1, B),
                followed(2, SECURE_B),
                followed(3, A8080),
                followed(4, A),
            ),
        ),
        Seen(A, "GET /1", {"host": "a.test"}),
        Seen(B, "GET /2", {"host": "b.test"}),
        Seen(SECURE_B, "GET /3", {"host": "b.test"}),
        Seen(A8080, "GET /4", {"host": "a.test:8080"}),
        Seen(A, "GET /5", {"host": "a.test"}),
    ),
    one(
        "a loop ends after so many hops",
        get(f"{A}/x"),
        serve(*[moved(302, "/x")] * 4),
        Outcome(
            error=TooManyRedirects,
            says="Exceeded 3 redirects.",
            answered=302,
            history=((302, f"{A}/x"),) * 3,
            decisions=(*(followed(hop, A) for hop in (1, 2, 3)), f"3 {TOO_MANY}"),
        ),
        *[Seen(A, "GET /x")] * 4,
        setup=Setup(attributes={"max_redirects": 3}),
    ),
    one(
        "no hops are allowed",
        get(f"{A}/x"),
        serve(moved(302, "/y")),
        Outcome(
            error=TooManyRedirects,
            says="Exceeded 0 redirects.",
            answered=302,
            decisions=(f"0 {TOO_MANY}",),
        ),
        Seen(A, "GET /x"),
        setup=Setup(attributes={"max_redirects": 0}),
    ),
    one(
        "redirects are delivered if the caller says so",
        get(f"{A}/x", allow_redirects=False),
        serve(moved(302, "/y", content=b"moved")),
        Outcome(status=302, content=b"moved", fields={"location": "/y"}),
        Seen(A, "GET /x"),
    ),
    Scenario(
        name="each call counts its hops anew",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={
            A: (serve(moved(302, "/1a"), ok(b"1"), moved(302, "/2a"), ok(b"2")),),
        },
        outcomes=(
            Outcome(
                status=200,
                content=b"1",
                url=f"{A}/1a",
                history=((302, f"{A}/1"),),
                decisions=(followed(1, A),),
            ),
            Outcome(
                status=200,
                content=b"2",
                url=f"{A}/2a",
                history=((302, f"{A}/2"),),
                decisions=(followed(1, A),),
            ),
        ),
        seen=tuple(Seen(A, f"GET /{path}") for path in ("1", "1a", "2", "2a")),
        setup=Setup(attributes={"max_redirects": 1}),
    ),
)

DISCARDED: Final = (
    one(
        "a redirect that closes leads on over a new connection",
        get(f"{A}/x"),
        {A: (serve(moved(302, "/y", ("Connection", "close"))), serve(ok(b"y")))},
        Outcome(
            status=200,
            content=b"y",
            url=f"{A}/y",
            history=((302, f"{A}/x"),),
            decisions=(followed(1, A),),
        ),
        Seen(A, "GET /x"),
        Seen(A, "GET /y", connection=1),
    ),
    one(
        "a redirect with much content costs its connection",
        get(f"{A}/x"),
        {
            A: (
                (ReadHead(), Offer(moved(302, "/y", content=LARGE)), WaitClosed()),
                serve(ok(b"y")),
            )
        },
        Outcome(
            status=200,
            content=b"y",
            url=f"{A}/y",
            history=((302, f"{A}/x"),),
            decisions=(followed(1, A),),
        ),
        Seen(A, "GET /x"),
        Seen(A, "GET /y", connection=1),
    ),
    one(
        "a redirect whose content does not come costs its connection",
        get(f"{A}/x"),
        {
            A: (
                (ReadHead(), Send(moved(302, "/y", content=b"0123456789")[:-5]), WaitClosed()),
                serve(ok(b"y")),
            )
        },
        Outcome(
            status=200,
            content=b"y",
            url=f"{A}/y",
            history=((302, f"{A}/x"),),
            decisions=(followed(1, A),),
        ),
        Seen(A, "GET /x"),
        Seen(A, "GET /y", connection=1),
    ),
    one(
        "a redirect whose content is broken leads on all the same",
        get(f"{A}/x"),
        {
            A: (
                serve(moved(302, "/y", ("Transfer-Encoding", "chunked"), content=b"zz\r\n")),
                serve(ok(b"y")),
            )
        },
        Outcome(
            status=200,
            content=b"y",
            url=f"{A}/y",
            history=((302, f"{A}/x"),),
            decisions=(followed(1, A),),
        ),
        Seen(A, "GET /x"),
        Seen(A, "GET /y", connection=1),
    ),
    one(
        "a redirect whose coding is a lie leads on, for nobody decodes it",
        get(f"{A}/x"),
        serve(moved(302, "/y", ("Content-Encoding", "gzip"), content=b"no"), ok(b"y")),
        Outcome(
            status=200,
            content=b"y",
            url=f"{A}/y",
            history=((302, f"{A}/x"),),
            decisions=(followed(1, A),),
        ),
        Seen(A, "GET /x"),
        Seen(A, "GET /y"),
    ),
)

REFUSED: Final = (
    refused("a scheme for files", "file:///etc/passwd", "scheme", RedirectRefused, "'file'"),
    refused("a scheme for scripts", "javascript:alert(1)", "scheme", RedirectRefused, "javascript"),
    refused("a scheme for transfers", "ftp://a.test/x", "scheme", RedirectRefused, "'ftp'"),
    refused("a scheme without a host", "http:///x", "location", InvalidURL, "no host supplied"),
    refused("a port that is none", "http://b.test:99999/", "location", InvalidURL, "port"),
    refused(
        "a blank in the host of a Location",
        "http://b .test/",
        "location",
        InvalidURL,
        "invalid URL",
    ),
    refused("an address that is none", "http://[::g]/", "location", InvalidURL, "invalid URL"),
    refused("a backslash in a host", "http://a.test\\@b.test/", "location", InvalidURL, "invalid"),
    one(
        "a Location that is too long",
        get(f"{A}/x"),
        serve(moved(302, "/" + "a" * 100)),
        Outcome(
            error=InvalidURL,
            says="longer than 50 bytes",
            answered=302,
            decisions=("0 redirect.refused.location Location",),
        ),
        Seen(A, "GET /x"),
        setup=Setup(options={"limits": Limits(location_size_max=50)}),
    ),
    Scenario(
        name="a refused redirect leaves its connection as good as it was",
        intents=(get(f"{A}/x"), get(f"{A}/y")),
        peers={A: (serve(moved(302, "ftp://a.test/", content=b"moved"), ok(b"y")),)},
        outcomes=(
            Outcome(
                error=RedirectRefused,
                says="not redirected",
                answered=302,
                decisions=("0 redirect.refused.scheme Location",),
            ),
            Outcome(status=200, content=b"y"),
        ),
        seen=(Seen(A, "GET /x"), Seen(A, "GET /y")),
    ),
    one(
        "content that was sent by https goes nowhere in clear text",
        Intent("PUT", f"{SECURE_A}/x", {"data": b"secret"}),
        {SECURE_A: (serve((ReadHead(), Expect(b"secret"), Send(moved(301, f"{A}/y")))),), A: ()},
        Outcome(
            error=DowngradeRefused,
            says="keeps_content_on_downgrade",
            answered=301,
            decisions=("0 redirect.refused.downgrade http://a.test",),
        ),
        Seen(SECURE_A, "PUT /x", content=b"secret"),
    ),
    one(
        "a method without content is repeated in clear text",
        Intent("DELETE", f"{SECURE_A}/x"),
        {SECURE_A: (serve(moved(307, f"{A}/y")),), A: (serve(ok(b"y")),)},
        Outcome(
            status=200,
            content=b"y",
            url=f"{A}/y",
            history=((307, f"{SECURE_A}/x"),),
            decisions=(followed(1, A), "1 field.dropped.cross-origin Content-Length"),
        ),
        Seen(SECURE_A, "DELETE /x"),
        Seen(A, "DELETE /y"),
    ),
    one(
        "content goes along in clear text where the policy says so",
        Intent("PUT", f"{SECURE_A}/x", {"data": b"public"}),
        {
            SECURE_A: (serve((ReadHead(), Expect(b"public"), Send(moved(302, f"{A}/y")))),),
            A: (serve((ReadHead(), Expect(b"public"), Send(ok(b"stored")))),),
        },
        Outcome(
            status=200,
            content=b"stored",
            url=f"{A}/y",
            history=((302, f"{SECURE_A}/x"),),
            decisions=(followed(1, A), "1 redirect.content.kept content"),
        ),
        Seen(SECURE_A, "PUT /x", content=b"public"),
        Seen(A, "PUT /y", content=b"public"),
        setup=Setup(options={"policy": Policy.curl()}),
    ),
    one(
        "the second hop is refused",
        get(f"{A}/x"),
        {
            A: (serve(moved(302, f"{SECURE_A}/y")),),
            SECURE_A: (serve(moved(302, "gopher://a.test/")),),
        },
        Outcome(
            error=RedirectRefused,
            says="gopher",
            answered=302,
            history=((302, f"{A}/x"),),
            decisions=(followed(1, SECURE_A), "1 redirect.refused.scheme Location"),
        ),
        Seen(A, "GET /x"),
        Seen(SECURE_A, "GET /y"),
    ),
)

NONE_AT_ALL: Final = (
    delivered("a redirect without a Location", ok(b"lost", status=302), 302, content=b"lost"),
    delivered("a redirect with an empty Location", moved(302, ""), 302),
    delivered("a 300 with a Location", moved(300, "/y"), 300),
    delivered("a 304 with a Location", moved(304, "/y"), 304),
    delivered("a 305 with a Location", moved(305, "/y"), 305),
    delivered("a 201 with a Location", moved(201, "/y"), 201),
    delivered("a 200 with a Location", moved(200, "/y", content=b"here"), 200, content=b"here"),
    one(
        "an OPTIONS that is redirected by 307",
        Intent("OPTIONS", f"{A}/x"),
        serve(moved(307, "/y"), ok(status=204)),
        Outcome(status=204, url=f"{A}/y", history=((307, f"{A}/x"),), decisions=(followed(1, A),)),
        Seen(A, "OPTIONS /x"),
        Seen(A, "OPTIONS /y"),
    ),
)

SCENARIOS: Final = (*CHAINS, *DISCARDED, *REFUSED, *NONE_AT_ALL)
