"""Redirects: where they lead, and what the method and the content become."""

from __future__ import annotations

from typing import Any, Final

from sojourn_core import Policy
from tests.scenarios.model import (
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

FOLLOWED_A: Final = "1 redirect.followed http://a.test"
FOLLOWED_B: Final = "1 redirect.followed http://b.test"
REWRITTEN: Final = "1 redirect.method.rewritten method"
KEPT: Final = "1 redirect.content.kept content"
INHERITED: Final = "1 redirect.fragment.inherited fragment"
# What a request with octets has to say of its content, and loses with it.
DROPPED: Final = (
    "1 redirect.content.dropped content",
    "1 field.dropped.content Content-Length",
)


def within(
    name: str, status: int, method: str, becomes: str, *, policy: Policy | None = None
) -> Scenario:
    """A redirect within one origin: a request with content is turned into GET, or repeated."""
    turned = becomes != method
    decisions = (FOLLOWED_A, REWRITTEN, *DROPPED) if turned else (FOLLOWED_A, KEPT)
    final = answer(ok(b"there"), content=0 if turned else 2)
    return one(
        name,
        Intent(method, f"{A}/from", {"data": b"ab"}),
        serve(answer(moved(status, "/to"), content=2), final),
        Outcome(
            status=200,
            content=b"there",
            url=f"{A}/to",
            history=((status, f"{A}/from"),),
            decisions=decisions,
        ),
        Seen(A, f"{method} /from", content=b"ab"),
        Seen(
            A,
            f"{becomes} /to",
            {"content-length": None if turned else "2"},
            b"" if turned else b"ab",
        ),
        setup=Setup(options={} if policy is None else {"policy": policy}),
    )


def leads(name: str, location: str, url: str, seen: Seen, *before: str, **more: Any) -> Scenario:
    """A Location that leads from ``http://a.test/dir/page?q`` to ``url``."""
    target = {A: FOLLOWED_A, B: FOLLOWED_B, SECURE_B: "1 redirect.followed https://b.test"}
    first = moved(302, location)
    if seen.origin == A:
        peers = {A: (serve(first, ok(b"there")),)}
    else:
        peers = {A: (serve(first),), seen.origin: (serve(ok(b"there")),)}
    asked = more.get("asked", f"{A}/dir/page?q")
    return one(
        name,
        get(asked),
        peers,
        Outcome(
            status=200,
            content=b"there",
            url=url,
            history=((302, asked),),
            decisions=(*before, target[seen.origin]),
        ),
        Seen(A, "GET /dir/page?q"),
        seen,
    )


METHODS: Final = (
    *(
        one(
            f"GET stays GET after {status}",
            get(f"{A}/from"),
            serve(moved(status, "/to"), ok(b"there")),
            Outcome(
                status=200,
                content=b"there",
                url=f"{A}/to",
                history=((status, f"{A}/from"),),
                decisions=(FOLLOWED_A,),
            ),
            Seen(A, "GET /from"),
            Seen(A, "GET /to"),
        )
        for status in (301, 302, 303, 307, 308)
    ),
    one(
        "HEAD stays HEAD after 303",
        Intent("HEAD", f"{A}/from"),
        serve(moved(303, "/to"), b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"),
        Outcome(
            status=200,
            url=f"{A}/to",
            history=((303, f"{A}/from"),),
            decisions=(FOLLOWED_A,),
        ),
        Seen(A, "HEAD /from"),
        Seen(A, "HEAD /to"),
    ),
    within("301 turns POST into GET", 301, "POST", "GET"),
    within("302 turns POST into GET", 302, "POST", "GET"),
    within("303 turns POST into GET", 303, "POST", "GET"),
    within("307 repeats POST", 307, "POST", "POST"),
    within("308 repeats POST", 308, "POST", "POST"),
    within("301 repeats PUT", 301, "PUT", "PUT"),
    within("302 turns PUT into GET, as Requests does", 302, "PUT", "GET"),
    within("302 repeats PUT, as browsers do", 302, "PUT", "PUT", policy=Policy.browser()),
    within("303 turns DELETE into GET", 303, "DELETE", "GET"),
    within("308 repeats PATCH", 308, "PATCH", "PATCH"),
    one(
        "fields that describe the content go with it",
        Intent(
            "POST",
            f"{A}/from",
            {
                "json": 1,
                "headers": {"Content-Language": "de", "Expect": "it", "X-Kept": "1"},
            },
        ),
        serve(answer(moved(303, "/to"), content=1), ok()),
        Outcome(
            status=200,
            url=f"{A}/to",
            history=((303, f"{A}/from"),),
            decisions=(
                FOLLOWED_A,
                REWRITTEN,
                "1 redirect.content.dropped content",
                "1 field.dropped.content Content-Language",
                "1 field.dropped.content Expect",
                "1 field.dropped.content Content-Length",
                "1 field.dropped.content Content-Type",
            ),
        ),
        Seen(A, "POST /from", {"content-language": "de"}, b"1"),
        Seen(
            A,
            "GET /to",
            {"content-language": None, "content-type": None, "expect": None, "x-kept": "1"},
        ),
    ),
    one(
        "a POST without content that is repeated still says so",
        Intent("POST", f"{A}/from"),
        serve(moved(307, "/to"), ok()),
        Outcome(status=200, url=f"{A}/to", history=((307, f"{A}/from"),), decisions=(FOLLOWED_A,)),
        Seen(A, "POST /from", {"content-length": "0"}),
        Seen(A, "POST /to", {"content-length": "0"}),
    ),
    one(
        "content goes to another origin with what describes it",
        Intent("POST", f"{A}/from", {"json": [1]}),
        {
            A: (serve(answer(moved(307, f"{B}/to"), content=3)),),
            B: (serve(answer(ok(b"there"), content=3)),),
        },
        Outcome(
            status=200,
            content=b"there",
            url=f"{B}/to",
            history=((307, f"{A}/from"),),
            decisions=(FOLLOWED_B, KEPT),
        ),
        Seen(A, "POST /from", content=b"[1]"),
        Seen(
            B,
            "POST /to",
            {"host": "b.test", "content-type": "application/json", "content-length": "3"},
            b"[1]",
        ),
    ),
)

LOCATIONS: Final = (
    leads("an absolute path", "/x", f"{A}/x", Seen(A, "GET /x")),
    leads("a relative path", "x", f"{A}/dir/x", Seen(A, "GET /dir/x")),
    leads("a path with dots", "../x/./y", f"{A}/x/y", Seen(A, "GET /x/y")),
    leads("a query only", "?p=1", f"{A}/dir/page?p=1", Seen(A, "GET /dir/page?p=1")),
    leads("another origin", f"{B}/x?y", f"{B}/x?y", Seen(B, "GET /x?y", {"host": "b.test"})),
    leads("a host, the scheme being the same", "//b.test/x", f"{B}/x", Seen(B, "GET /x")),
    leads("http to https", "https://b.test/", f"{SECURE_B}/", Seen(SECURE_B, "GET /")),
    leads("an origin without a path", "http://b.test", f"{B}/", Seen(B, "GET /")),
    leads("a scheme in capitals", "HTTP://B.TEST/x", f"{B}/x", Seen(B, "GET /x")),
    leads("blanks in a path", "/a b", f"{A}/a%20b", Seen(A, "GET /a%20b")),
    leads("octets beyond ASCII", "/\xc3\xbc", f"{A}/%C3%BC", Seen(A, "GET /%C3%BC")),
    leads("what is encoded stays so", "/%2F%7e", f"{A}/%2F~", Seen(A, "GET /%2F~")),
    leads("a fragment of its own", "/x#new", f"{A}/x#new", Seen(A, "GET /x")),
    leads(
        "a fragment that is inherited",
        "/x",
        f"{A}/x#old",
        Seen(A, "GET /x"),
        INHERITED,
        asked=f"{A}/dir/page?q#old",
    ),
    leads(
        "a fragment that is replaced",
        f"{B}/x#new",
        f"{B}/x#new",
        Seen(B, "GET /x"),
        asked=f"{A}/dir/page?q#old",
    ),
    leads(
        "a fragment only, which asks the same again",
        "#new",
        f"{A}/dir/page?q#new",
        Seen(A, "GET /dir/page?q"),
        asked=f"{A}/dir/page?q#old",
    ),
    one(
        "the first of two Locations counts",
        get(f"{A}/"),
        serve(moved(302, "/x", ("Location", "/y")), ok(b"x")),
        Outcome(
            status=200,
            content=b"x",
            url=f"{A}/x",
            history=((302, f"{A}/"),),
            decisions=("1 redirect.location.repeated Location", FOLLOWED_A),
        ),
        Seen(A, "GET /"),
        Seen(A, "GET /x"),
    ),
)

SCENARIOS: Final = (*METHODS, *LOCATIONS)
