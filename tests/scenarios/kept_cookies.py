"""Cookies: stored from responses, sent back where they belong, and nowhere else."""

from __future__ import annotations

from typing import Final

from tests.scenarios.model import (
    SECURE_A,
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

SENT: Final = "0 cookie.sent Cookie"


def sets(*lines: str, content: bytes = b"") -> bytes:
    """A response that sets cookies."""
    return ok(content, *(("Set-Cookie", line) for line in lines))


STORED: Final = (
    Scenario(
        name="a cookie comes back",
        intents=(get(f"{A}/"), get(f"{A}/x")),
        peers={A: (serve(sets("sid=1; Path=/; HttpOnly"), ok()),)},
        outcomes=(
            Outcome(status=200, decisions=("0 cookie.stored sid",)),
            Outcome(status=200, decisions=(SENT,)),
        ),
        seen=(Seen(A, "GET /", {"cookie": None}), Seen(A, "GET /x", {"cookie": "sid=1"})),
        cookies=(("sid", "1", "a.test"),),
    ),
    Scenario(
        name="cookies of several lines come back in one field, longer paths first",
        intents=(get(f"{A}/dir/"), get(f"{A}/dir/x")),
        peers={A: (serve(sets("a=1; Path=/", "b=2; Path=/dir", "c=3"), ok()),)},
        outcomes=(
            Outcome(
                status=200,
                decisions=("0 cookie.stored a", "0 cookie.stored b", "0 cookie.stored c"),
            ),
            Outcome(status=200, decisions=(SENT,)),
        ),
        seen=(Seen(A, "GET /dir/"), Seen(A, "GET /dir/x", {"cookie": "b=2; c=3; a=1"})),
        cookies=(("a", "1", "a.test"), ("b", "2", "a.test"), ("c", "3", "a.test")),
    ),
    Scenario(
        name="a cookie of one path is not sent to another",
        intents=(get(f"{A}/dir/x"), get(f"{A}/other")),
        peers={A: (serve(sets("a=1"), ok()),)},
        outcomes=(Outcome(status=200, decisions=("0 cookie.stored a",)), Outcome(status=200)),
        seen=(Seen(A, "GET /dir/x"), Seen(A, "GET /other", {"cookie": None})),
        cookies=(("a", "1", "a.test"),),
    ),
    Scenario(
        name="a cookie of one host is not sent to another",
        intents=(get(f"{A}/"), get(f"{B}/")),
        peers={A: (serve(sets("a=1")),), B: (serve(ok()),)},
        outcomes=(Outcome(status=200, decisions=("0 cookie.stored a",)), Outcome(status=200)),
        seen=(Seen(A, "GET /"), Seen(B, "GET /", {"cookie": None})),
        cookies=(("a", "1", "a.test"),),
    ),
    Scenario(
        name="a cookie of a domain is sent to its hosts",
        intents=(get("http://x.shop.test/"), get("http://y.shop.test/")),
        peers={
            "http://x.shop.test": (serve(sets("a=1; Domain=shop.test")),),
            "http://y.shop.test": (serve(ok()),),
        },
        outcomes=(
            Outcome(status=200, decisions=("0 cookie.stored a",)),
            Outcome(status=200, decisions=(SENT,)),
        ),
        seen=(
            Seen("http://x.shop.test", "GET /"),
            Seen("http://y.shop.test", "GET /", {"cookie": "a=1"}),
        ),
        cookies=(("a", "1", "shop.test"),),
    ),
    Scenario(
        name="a Secure cookie is sent over TLS only",
        intents=(get(f"{SECURE_A}/"), get(f"{SECURE_A}/"), get(f"{A}/")),
        peers={SECURE_A: (serve(sets("a=1; Secure"), ok()),), A: (serve(ok()),)},
        outcomes=(
            Outcome(status=200, decisions=("0 cookie.stored a",)),
            Outcome(status=200, decisions=(SENT,)),
            Outcome(status=200),
        ),
        seen=(
            Seen(SECURE_A, "GET /"),
            Seen(SECURE_A, "GET /", {"cookie": "a=1"}),
            Seen(A, "GET /", {"cookie": None}),
        ),
        cookies=(("a", "1", "a.test"),),
    ),
    Scenario(
        name="a cookie is replaced, and then deleted",
        intents=(get(f"{A}/1"), get(f"{A}/2"), get(f"{A}/3"), get(f"{A}/4")),
        peers={A: (serve(sets("a=1"), sets("a=2"), sets("a=; Max-Age=0"), ok()),)},
        outcomes=(
            Outcome(status=200, decisions=("0 cookie.stored a",)),
            Outcome(status=200, decisions=(SENT, "0 cookie.replaced a")),
            Outcome(status=200, decisions=(SENT, "0 cookie.deleted a")),
            Outcome(status=200),
        ),
        seen=(
            Seen(A, "GET /1", {"cookie": None}),
            Seen(A, "GET /2", {"cookie": "a=1"}),
            Seen(A, "GET /3", {"cookie": "a=2"}),
            Seen(A, "GET /4", {"cookie": None}),
        ),
    ),
    one(
        "cookies that must not be set are not",
        get(f"{A}/"),
        serve(
            sets(
                "a=1; Domain=b.test",
                "b=1; Secure",
                "__Host-c=1; Path=/x",
                "=; Path=/",
                "d=1; Domain=test",
            )
        ),
        Outcome(
            error=None,
            status=200,
            decisions=(
                "0 cookie.rejected.domain-mismatch a",
                "0 cookie.rejected.secure b",
                "0 cookie.rejected.prefix __Host-c",
                "0 cookie.rejected.empty ",
                "0 cookie.rejected.public-suffix d",
            ),
        ),
        Seen(A, "GET /"),
    ),
    one(
        "an answer that is an error sets cookies too",
        get(f"{A}/"),
        serve(ok(b"", ("Set-Cookie", "a=1"), status=500)),
        Outcome(status=500, decisions=("0 cookie.stored a",)),
        Seen(A, "GET /"),
        cookies=(("a", "1", "a.test"),),
    ),
)

GIVEN: Final = (
    one(
        "cookies of the request are for it alone",
        get(f"{A}/", cookies={"a": "1", "b": "2"}),
        serve(ok()),
        Outcome(status=200, decisions=(SENT,)),
        Seen(A, "GET /", {"cookie": "a=1; b=2"}),
    ),
    one(
        "cookies of the request replace the jar's of their name",
        get(f"{A}/", cookies={"a": "request"}),
        serve(ok()),
        Outcome(status=200, decisions=(SENT,)),
        Seen(A, "GET /", {"cookie": "b=jar; a=request"}),
        setup=Setup(
            cookies=(("a", "jar", {"domain": "a.test"}), ("b", "jar", {"domain": "a.test"}))
        ),
        cookies=(("a", "jar", "a.test"), ("b", "jar", "a.test")),
    ),
    one(
        "a Cookie field given by hand wins over the jar",
        get(f"{A}/", headers={"Cookie": "by=hand"}),
        serve(ok()),
        Outcome(status=200),
        Seen(A, "GET /", {"cookie": "by=hand"}),
        setup=Setup(cookies=(("a", "1", {"domain": "a.test"}),)),
        cookies=(("a", "1", "a.test"),),
    ),
    one(
        "a cookie without a domain goes where the caller asks, and no further",
        get(f"{A}/x"),
        {A: (serve(moved(302, f"{B}/y")),), B: (serve(ok(b"there")),)},
        Outcome(
            status=200,
            content=b"there",
            url=f"{B}/y",
            history=((302, f"{A}/x"),),
            decisions=(
                SENT,
                "1 redirect.followed http://b.test",
                "1 cookie.stripped.cross-origin Cookie",
            ),
        ),
        Seen(A, "GET /x", {"cookie": "everywhere=1"}),
        Seen(B, "GET /y", {"cookie": None}),
        setup=Setup(cookies=(("everywhere", "1", {}),)),
        cookies=(("everywhere", "1", ""),),
    ),
)

HOPS: Final = (
    one(
        "a login: the cookie of the redirect is sent on its next hop",
        Intent("POST", f"{A}/login", {"data": {"user": "u"}}),
        serve(
            answer(moved(303, "/in", ("Set-Cookie", "sid=9; Path=/")), content=6),
            ok(b"welcome"),
        ),
        Outcome(
            status=200,
            content=b"welcome",
            url=f"{A}/in",
            history=((303, f"{A}/login"),),
            decisions=(
                "0 cookie.stored sid",
                "1 redirect.followed http://a.test",
                "1 redirect.method.rewritten method",
                "1 redirect.content.dropped content",
                "1 field.dropped.content Content-Length",
                "1 field.dropped.content Content-Type",
                "1 cookie.sent Cookie",
            ),
        ),
        Seen(A, "POST /login", {"cookie": None}, b"user=u"),
        Seen(A, "GET /in", {"cookie": "sid=9"}),
        cookies=(("sid", "9", "a.test"),),
    ),
    one(
        "each hop gets the cookies of its own host",
        get(f"{A}/x"),
        {A: (serve(moved(302, f"{B}/y")),), B: (serve(ok(b"there")),)},
        Outcome(
            status=200,
            content=b"there",
            url=f"{B}/y",
            history=((302, f"{A}/x"),),
            decisions=(
                SENT,
                "1 redirect.followed http://b.test",
                "1 cookie.stripped.cross-origin Cookie",
                "1 cookie.sent Cookie",
            ),
        ),
        Seen(A, "GET /x", {"cookie": "a=1"}),
        Seen(B, "GET /y", {"cookie": "b=2"}),
        setup=Setup(cookies=(("a", "1", {"domain": "a.test"}), ("b", "2", {"domain": "b.test"}))),
        cookies=(("a", "1", "a.test"), ("b", "2", "b.test")),
    ),
    one(
        "a Cookie field given by hand never goes to another origin",
        get(f"{A}/x", headers={"Cookie": "by=hand"}),
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
                "1 redirect.followed http://b.test",
                "1 cookie.stripped.cross-origin Cookie",
                "2 redirect.followed http://a.test",
            ),
        ),
        Seen(A, "GET /x", {"cookie": "by=hand"}),
        Seen(B, "GET /y", {"cookie": None}),
        Seen(A, "GET /z", {"cookie": None}),
    ),
    one(
        "cookies of the request come back with the chain",
        get(f"{A}/x", cookies={"own": "1"}),
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
                SENT,
                "1 redirect.followed http://b.test",
                "1 cookie.stripped.cross-origin Cookie",
                "2 redirect.followed http://a.test",
                "2 cookie.sent Cookie",
            ),
        ),
        Seen(A, "GET /x", {"cookie": "own=1"}),
        Seen(B, "GET /y", {"cookie": None}),
        Seen(A, "GET /z", {"cookie": "own=1"}),
    ),
    one(
        "a redirect deletes a cookie before its next hop",
        get(f"{A}/x"),
        serve(moved(302, "/y", ("Set-Cookie", "a=; Domain=a.test; Max-Age=0")), ok()),
        Outcome(
            status=200,
            url=f"{A}/y",
            history=((302, f"{A}/x"),),
            decisions=(SENT, "0 cookie.deleted a", "1 redirect.followed http://a.test"),
        ),
        Seen(A, "GET /x", {"cookie": "a=1"}),
        Seen(A, "GET /y", {"cookie": None}),
        setup=Setup(cookies=(("a", "1", {"domain": "a.test"}),)),
    ),
)

SCENARIOS: Final = (*STORED, *GIVEN, *HOPS)
