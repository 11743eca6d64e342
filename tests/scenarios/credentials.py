"""Credentials and other fields of the caller's: where they go, and where they never do."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

from sojourn_core import BearerAuth, Policy
from sojourn_core.values.errors import InvalidHeader
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
    answer,
    get,
    moved,
    ok,
    one,
    serve,
)

ADDED: Final = "0 auth.added Authorization"
BASIC: Final = "Basic " + b64encode(b"user:secret").decode()
USER: Final = ("user", "secret")


def hop(
    name: str,
    start: str,
    end: str,
    arguments: dict[str, Any],
    at_start: dict[str, str | None],
    at_end: dict[str, str | None],
    *decisions: str,
    setup: Setup | None = None,
) -> Scenario:
    """A redirect from one origin to another: what is sent to the first, and to the second."""
    peers = {start: (serve(moved(302, f"{end}/y")),), end: (serve(ok(b"there")),)}
    if start == end:
        peers = {start: (serve(moved(302, f"{end}/y"), ok(b"there")),)}
    return one(
        name,
        get(f"{start}/x", **arguments),
        peers,
        Outcome(
            status=200,
            content=b"there",
            url=f"{end}/y",
            history=((302, f"{start}/x"),),
            decisions=decisions,
        ),
        Seen(start, "GET /x", at_start),
        Seen(end, "GET /y", at_end),
        setup=setup or Setup(),
    )


def followed(origin: str, number: int = 1) -> str:
    """The decision to follow."""
    return f"{number} redirect.followed {origin}"


STRIPPED: Final = "1 auth.stripped.cross-origin Authorization"
HERE: Final[dict[str, str | None]] = {"authorization": BASIC}
NOT_THERE: Final[dict[str, str | None]] = {"authorization": None}

SENT: Final = (
    one(
        "a user and a password",
        get(f"{A}/", auth=USER),
        serve(ok()),
        Outcome(status=200, decisions=(ADDED,)),
        Seen(A, "GET /", HERE),
    ),
    one(
        "a user and a password beyond ASCII",
        get(f"{A}/", auth=("Jürgen", "€")),
        serve(ok()),
        Outcome(status=200, decisions=(ADDED,)),
        Seen(A, "GET /", {"authorization": "Basic " + b64encode("Jürgen:€".encode()).decode()}),
    ),
    one(
        "a bearer token",
        get(f"{SECURE_A}/", auth=BearerAuth("t0ken")),
        {SECURE_A: (serve(ok()),)},
        Outcome(status=200, decisions=(ADDED,)),
        Seen(SECURE_A, "GET /", {"authorization": "Bearer t0ken"}),
    ),
    one(
        "credentials in the URL",
        get("http://user:secret@a.test/"),
        serve(ok()),
        Outcome(status=200, decisions=(ADDED,)),
        Seen(A, "GET /", {"host": "a.test", **HERE}),
    ),
    one(
        "credentials of the session",
        get(f"{A}/"),
        serve(ok()),
        Outcome(status=200, decisions=(ADDED,)),
        Seen(A, "GET /", HERE),
        setup=Setup(attributes={"auth": USER}),
    ),
    one(
        "a field given by hand wins over all of them",
        get("http://not:this@a.test/", headers={"Authorization": "Custom x"}, auth=("nor", "that")),
        serve(ok()),
        Outcome(status=200),
        Seen(A, "GET /", {"authorization": "Custom x"}),
    ),
    one(
        "a 401 is an answer",
        get(f"{A}/", auth=USER),
        serve(ok(b"no", ("WWW-Authenticate", 'Basic realm="x"'), status=401)),
        Outcome(status=401, content=b"no", decisions=(ADDED,)),
        Seen(A, "GET /", HERE),
    ),
    one(
        "a user name with a colon cannot be sent",
        get(f"{A}/", auth=("us:er", "secret")),
        {},
        Outcome(error=InvalidHeader, says="user name", maybe_sent=False),
    ),
    one(
        "credentials for a proxy never go to the origin",
        get(f"{A}/", headers={"Proxy-Authorization": "Basic cA=="}),
        serve(ok()),
        Outcome(status=200, decisions=("0 auth.stripped.proxy Proxy-Authorization",)),
        Seen(A, "GET /", {"proxy-authorization": None}),
    ),
)

HOPS: Final = (
    hop(
        "credentials stay on a hop within their origin",
        A,
        A,
        {"auth": USER},
        HERE,
        HERE,
        ADDED,
        followed(A),
    ),
    hop(
        "credentials are shed on a hop to another host",
        A,
        B,
        {"auth": USER},
        HERE,
        NOT_THERE,
        ADDED,
        followed(B),
        STRIPPED,
    ),
    hop(
        "credentials are shed on a hop to another port",
        A,
        A8080,
        {"auth": USER},
        HERE,
        NOT_THERE,
        ADDED,
        followed(A8080),
        STRIPPED,
    ),
    hop(
        "credentials are shed on a hop away from TLS",
        SECURE_A,
        A,
        {"auth": USER},
        HERE,
        NOT_THERE,
        ADDED,
        followed(A),
        STRIPPED,
    ),
    hop(
        "credentials stay on the upgrade to TLS",
        A,
        SECURE_A,
        {"auth": USER},
        HERE,
        HERE,
        ADDED,
        followed(SECURE_A),
        "1 auth.kept.upgrade Authorization",
    ),
    hop(
        "credentials are shed on that upgrade too, as browsers do",
        A,
        SECURE_A,
        {"auth": USER},
        HERE,
        NOT_THERE,
        ADDED,
        followed(SECURE_A),
        STRIPPED,
        setup=Setup(options={"policy": Policy.browser()}),
    ),
    hop(
        "credentials of the session are not for the origin that a server names",
        A,
        SECURE_B,
        {},
        HERE,
        NOT_THERE,
        ADDED,
        followed(SECURE_B),
        STRIPPED,
        setup=Setup(attributes={"auth": USER}),
    ),
    hop(
        "an Authorization given by hand is shed alike",
        A,
        B,
        {"headers": {"authorization": "Custom x"}},
        {"authorization": "Custom x"},
        NOT_THERE,
        followed(B),
        STRIPPED,
    ),
    hop(
        "only fields that say nothing of the caller go to another origin",
        A,
        B,
        {
            "headers": {
                "X-Api-Key": "k",
                "X-Requested-With": "XMLHttpRequest",
                "Accept-Language": "de",
                "If-None-Match": '"1"',
                "Referer": f"{A}/secret",
                "Origin": A,
            }
        },
        {"x-api-key": "k", "referer": f"{A}/secret", "origin": A},
        {
            "x-api-key": None,
            "referer": None,
            "origin": None,
            "x-requested-with": "XMLHttpRequest",
            "accept-language": "de",
            "if-none-match": '"1"',
            "accept": "*/*",
        },
        followed(B),
        "1 field.dropped.cross-origin X-Api-Key",
        "1 field.dropped.cross-origin Referer",
        "1 field.dropped.cross-origin Origin",
    ),
    hop(
        "all fields stay within the origin",
        A,
        A,
        {"headers": {"X-Api-Key": "k", "Cookie": "by=hand"}},
        {"x-api-key": "k", "cookie": "by=hand"},
        {"x-api-key": "k", "cookie": "by=hand"},
        followed(A),
    ),
    hop(
        "a Host given by hand is for its origin",
        A,
        B,
        {"headers": {"Host": "virtual.test"}},
        {"host": "virtual.test"},
        {"host": "b.test"},
        followed(B),
        "1 field.dropped.host Host",
    ),
    one(
        "user info in a Location is not taken for credentials",
        get(f"{A}/x"),
        {A: (serve(moved(302, "http://mallory:pw@b.test/y")),), B: (serve(ok(b"there")),)},
        Outcome(
            status=200,
            content=b"there",
            url=f"{B}/y",
            history=((302, f"{A}/x"),),
            decisions=("1 redirect.userinfo.dropped user info", followed(B)),
        ),
        Seen(A, "GET /x"),
        Seen(B, "GET /y", {"authorization": None, "host": "b.test"}),
    ),
    one(
        "credentials in the URL are shed, and not inherited",
        get("http://user:secret@a.test/x"),
        {A: (serve(moved(302, "/y"), moved(302, f"{B}/z")),), B: (serve(ok(b"there")),)},
        Outcome(
            status=200,
            content=b"there",
            url=f"{B}/z",
            history=((302, "http://user:secret@a.test/x"), (302, f"{A}/y")),
            decisions=(
                ADDED,
                followed(A),
                followed(B, 2),
                "2 auth.stripped.cross-origin Authorization",
            ),
        ),
        Seen(A, "GET /x", HERE),
        Seen(A, "GET /y", HERE),
        Seen(B, "GET /z", NOT_THERE),
    ),
    one(
        "credentials come back with the chain, and fields given by hand do not",
        get(f"{A}/x", auth=USER, headers={"X-Api-Key": "k"}),
        {
            A: (serve(moved(302, f"{B}/y"), ok(b"home")),),
            B: (serve(moved(302, f"{A}/z")),),
        },
        Outcome(
            status=200,
            content=b"home",
            url=f"{A}/z",
            history=((302, f"{A}/x"), (302, f"{B}/y")),
            decisions=(
                ADDED,
                followed(B),
                "1 field.dropped.cross-origin X-Api-Key",
                STRIPPED,
                followed(A, 2),
                "2 auth.added Authorization",
            ),
        ),
        Seen(A, "GET /x", {**HERE, "x-api-key": "k"}),
        Seen(B, "GET /y", {**NOT_THERE, "x-api-key": None}),
        Seen(A, "GET /z", {**HERE, "x-api-key": None}),
    ),
    one(
        "an Authorization given by hand does not come back",
        get(f"{A}/x", headers={"Authorization": "Custom x"}),
        {
            A: (serve(moved(302, f"{B}/y"), ok(b"home")),),
            B: (serve(moved(302, f"{A}/z")),),
        },
        Outcome(
            status=200,
            content=b"home",
            url=f"{A}/z",
            history=((302, f"{A}/x"), (302, f"{B}/y")),
            decisions=(followed(B), STRIPPED, followed(A, 2)),
        ),
        Seen(A, "GET /x", {"authorization": "Custom x"}),
        Seen(B, "GET /y", NOT_THERE),
        Seen(A, "GET /z", NOT_THERE),
    ),
    one(
        "a POST that logs in: its content and its credentials stay at home",
        Intent("POST", f"{SECURE_A}/login", {"data": {"pw": "secret"}, "auth": USER}),
        {
            SECURE_A: (serve(answer(moved(303, f"{SECURE_B}/in"), content=9)),),
            SECURE_B: (serve(ok(b"in")),),
        },
        Outcome(
            status=200,
            content=b"in",
            url=f"{SECURE_B}/in",
            history=((303, f"{SECURE_A}/login"),),
            decisions=(
                ADDED,
                followed(SECURE_B),
                "1 redirect.method.rewritten method",
                "1 redirect.content.dropped content",
                "1 field.dropped.content Content-Length",
                "1 field.dropped.content Content-Type",
                STRIPPED,
            ),
        ),
        Seen(SECURE_A, "POST /login", HERE, b"pw=secret"),
        Seen(SECURE_B, "GET /in", {**NOT_THERE, "content-type": None}),
    ),
)

SCENARIOS: Final = (*SENT, *HOPS)
