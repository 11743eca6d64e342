"""Credentials that a redirect could carry to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core import BearerAuth, HTTPDigestAuth, Policy
from sojourn_core.values.errors import InvalidHeader, RedirectRefused
from tests.scenarios.model import (
    A8080,
    SECURE_A,
    SECURE_B,
    A,
    B,
    Seen,
    Setup,
    get,
    moved,
    ok,
    serve,
)

from .talk import ALL, End, Talk, hop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core import PreparedRequest

BEARER: Final = "Bearer SECRET-1"
BASIC: Final = "Basic dXNlcjpTRUNSRVQtMQ=="
USER: Final = ("user", "SECRET-1")
NONE: Final[dict[str, str | None]] = {
    "authorization": None,
    "cookie": None,
    "proxy-authorization": None,
    "proxy-authenticate": None,
}
STRIPPED: Final = ("auth.stripped.cross-origin Authorization",)
SESSIONS: Final = ALL[:-1]
BINDINGS: Final = ("sync", "asyncio", "compat")  # A cnonce of Digest is random.
BY_DIGEST: Final = 'Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256'
ITS_SPACE: Final = f'{BY_DIGEST}, domain="/ http://b.test/"'
STATUSES: Final = (301, 302, 303, 307, 308)

# One origin, and another that only looks like it, by what was once compared.
ELSEWHERE: Final[dict[str, tuple[str, str, str]]] = {
    "host": (A, B, ""),
    "port": (A, A8080, ""),
    "scheme down": (SECURE_A, A, ""),
    "scheme up, another port": (A, "https://a.test:8443", ""),
    "scheme up, another host": (A, SECURE_B, ""),
    "subdomain": (A, "http://sub.a.test", ""),
    "parent": ("http://sub.a.test", A, ""),
    "longer name": (A, "http://xa.test", ""),
    "name as prefix": (A, "http://a.test.b.test", ""),
    "trailing dot": (A, "http://a.test.", ""),
    "relative to the scheme": (A, B, "//b.test/y"),
    "user info": (A, B, "http://a.test@b.test/y"),
    "user info with a port": (A, B, "http://a.test:80@b.test/y"),
}


# Fields that are credentials somewhere, or tell who asks and whence.
SENSITIVE: Final = (
    "Authorization",
    "Cookie",
    "Proxy-Authorization",
    "WWW-Authenticate",
    "X-Auth",
    "X-Csrf-Token",
    "X-Forwarded-For",
    "X-Real-Ip",
    "Forwarded",
    "Origin",
    "Referer",
    "From",
    "Set-Cookie",
    "Signature",
    "Private-Token",
)


def each_way(
    which: str, arguments: Mapping[str, Any], codes: tuple[str, ...] = (), **more: Any
) -> tuple[Talk, ...]:
    """The same request, redirected in every way in which an origin can be another."""
    return tuple(
        hop(
            which,
            start,
            end,
            arguments,
            at_end=NONE,
            codes=codes,
            location=location,
            variant=f"{more.get('variant', '')} {name}".strip(),
            **{key: value for key, value in more.items() if key != "variant"},
        )
        for name, (start, end, location) in ELSEWHERE.items()
    )


def registered(request: PreparedRequest) -> PreparedRequest:
    """A callable that sets its credential whenever it is called."""
    request.headers["Authorization"] = BEARER
    return request


def challenged(which: str, *, variant: str = "", **given: Any) -> Talk:
    """A redirect to an origin that challenges by Digest: nobody answers it there."""
    return Talk(
        id=which,
        variant=variant,
        intents=(get(f"{A}/x", **given),),
        peers={
            A: (serve(moved(302, f"{B}/y")),),
            B: (serve(ok(b"who?", ("WWW-Authenticate", BY_DIGEST), status=401)),),
        },
        ends=(End(status=401, content=b"who?"),),
        seen=(Seen(A, "GET /x", NONE), Seen(B, "GET /y", NONE)),
        knows=frozenset({A}),
        runners=BINDINGS,
    )


CHANNELS: Final = (
    *each_way("CVE-2018-1000007", {"headers": {"Authorization": "Basic SECRET-1"}}, STRIPPED),
    hop("CVE-2018-1000007", A, B, {"auth": USER}, at_end=NONE, codes=STRIPPED, variant="auth="),
    hop(
        "CVE-2018-1000007",
        A,
        B,
        {},
        setup=Setup(attributes={"headers": {"Authorization": BEARER}}),
        at_start={"authorization": BEARER},
        at_end=NONE,
        codes=STRIPPED,
        runners=SESSIONS,
        variant="fields of the session",
    ),
    Talk(
        id="CVE-2018-1000007",
        variant="URL",
        intents=(get("http://user:SECRET-1@a.test/x"),),
        peers={A: (serve(moved(302, f"{B}/y")),), B: (serve(ok()),)},
        ends=(End(status=200, codes=STRIPPED),),
        seen=(Seen(A, "GET /x"), Seen(B, "GET /y", NONE)),
        knows=frozenset({A}),
    ),
    hop("CVE-2018-18074", SECURE_A, A, {"auth": USER}, at_end=NONE, codes=STRIPPED),
    *(
        hop(
            "CVE-2018-20060",
            A,
            B,
            {"headers": {"Authorization": BEARER}},
            at_start={"authorization": BEARER},
            at_end=NONE,
            codes=STRIPPED,
            status=status,
            variant=str(status),
        )
        for status in STATUSES
    ),
    *(
        hop(
            "CVE-2018-25091",
            A,
            B,
            {"headers": {name: BEARER}},
            at_end={name.lower(): None},
            variant=name,
        )
        for name in (
            "authorization",
            "AUTHORIZATION",
            "aUTHORIZATION",
            "cookie",
            "COOKIE",
            "pROXY-aUTHORIZATION",
            "X-api-KEY",
        )
    ),
    hop(
        "CVE-2021-41125",
        A,
        B,
        {},
        setup=Setup(attributes={"auth": USER}),
        at_end=NONE,
        codes=STRIPPED,
        runners=SESSIONS,
        variant="redirect",
    ),
    Talk(
        id="CVE-2021-41125",
        variant="the caller's own requests",
        intents=(get(f"{A}/x"), get(f"{B}/x")),
        peers={A: (serve(ok()),), B: (serve(ok()),)},
        ends=(End(status=200, codes=("auth.added Authorization",)),) * 2,
        seen=(Seen(A, "GET /x"), Seen(B, "GET /x")),
        knows=frozenset({A, B}),
        setup=Setup(attributes={"auth": USER}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2021-41125",
        variant="credentials by origin",
        intents=(get(f"{A}/x"), get(f"{B}/x"), get(f"{A8080}/x")),
        peers={A: (serve(ok()),), B: (serve(ok()),), A8080: (serve(ok()),)},
        ends=(End(status=200), End(status=200), End(status=200)),
        seen=(Seen(A, "GET /x"), Seen(B, "GET /x", NONE), Seen(A8080, "GET /x", NONE)),
        knows=frozenset({A}),
        setup=Setup(attributes={"auth": {"http://a.test:80": USER}}),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2021-41125",
        variant="credentials by origin, on a redirect",
        intents=(get(f"{A}/x"),),
        peers={
            A: (serve(moved(302, f"{B}/y"), ok()),),
            B: (serve(moved(302, f"{A8080}/z")),),
            A8080: (serve(moved(302, f"{A}/home")),),
        },
        ends=(End(status=200),),
        seen=(
            Seen(A, "GET /x", {"authorization": BASIC}),
            Seen(B, "GET /y", {"authorization": "Basic Ym9iOm90aGVy"}),
            Seen(A8080, "GET /z", NONE),
            Seen(A, "GET /home", {"authorization": BASIC}),
        ),
        knows=frozenset({A}),
        setup=Setup(attributes={"auth": {A: USER, B: ("bob", "other")}}),
        runners=SESSIONS,
    ),
    hop("CVE-2022-0155", A, B, {"headers": {"Cookie": "sid=SECRET-1"}}, at_end=NONE),
    hop(
        "CVE-2022-0235",
        A,
        B,
        {"headers": {"Authorization": BEARER, "Cookie": "sid=SECRET-2"}},
        at_end=NONE,
        codes=(*STRIPPED, "cookie.stripped.cross-origin Cookie"),
    ),
    hop("CVE-2022-0536", SECURE_A, A, {"headers": {"Authorization": BEARER}}, at_end=NONE),
    hop(
        "CVE-2022-0577",
        A,
        B,
        {"cookies": {"sid": "SECRET-1"}},
        at_start={"cookie": "sid=SECRET-1"},
        at_end=NONE,
        runners=SESSIONS,
    ),
    hop(
        "CVE-2022-21712",
        A,
        B,
        {},
        setup=Setup(attributes={"headers": {"Authorization": BEARER, "Cookie": "sid=SECRET-2"}}),
        at_end=NONE,
        codes=STRIPPED,
        runners=SESSIONS,
    ),
    hop("CVE-2022-27774", A, A8080, {"auth": USER}, at_end=NONE, codes=STRIPPED),
    *each_way(
        "CVE-2022-27776",
        {"headers": {"Authorization": BEARER, "Cookie": "sid=SECRET-2", "X-Token": "SECRET-1"}},
    ),
    hop(
        "CVE-2022-31033",
        A,
        A8080,
        {},
        setup=Setup(attributes={"headers": {"Authorization": BEARER, "X-Token": "SECRET-2"}}),
        at_end={**NONE, "x-token": None},
        codes=STRIPPED,
        status=308,
        runners=SESSIONS,
    ),
    hop("CVE-2022-31042", SECURE_A, A, {"headers": {"Cookie": "sid=SECRET-1"}}, at_end=NONE),
    *(
        hop(
            "CVE-2022-31043",
            SECURE_A,
            A,
            arguments,
            at_end=NONE,
            codes=STRIPPED,
            status=status,
            variant=f"{name} {status}",
        )
        for status in STATUSES
        for name, arguments in (
            ("by hand", {"headers": {"Authorization": BEARER}}),
            ("auth=", {"auth": USER}),
        )
    ),
    challenged("CVE-2022-31090", auth=HTTPDigestAuth("user", "SECRET-1")),
    hop("CVE-2022-31091", A, A8080, {"auth": USER}, at_end=NONE, codes=STRIPPED),
    *(
        Talk(
            id="CVE-2022-31091",
            variant=f"{origin} is {A}",
            intents=(get(f"{A}/x", auth=USER),),
            peers={A: (serve(moved(302, f"{origin}/y"), ok()),)},
            ends=(End(status=200, not_codes=("auth.stripped.cross-origin",)),),
            seen=(
                Seen(A, "GET /x"),
                Seen(A, "GET /y", {"authorization": BASIC}),
            ),
            knows=frozenset({A}),
        )
        for origin in ("http://a.test:80", "HTTP://A.TEST", "http://a.test:")
    ),
    *(
        hop(
            "CVE-2022-31151",
            A,
            B,
            {"headers": given},
            at_start={"cookie": "sid=SECRET-1"},
            at_end=NONE,
            codes=("cookie.stripped.cross-origin",),
            status=301,
            variant=name,
        )
        for name, given in (
            ("dict", {"Cookie": "sid=SECRET-1"}),
            ("pairs", [("Cookie", "sid=SECRET-1")]),
            ("bytes", {b"Cookie": b"sid=SECRET-1"}),
        )
    ),
    hop(
        "CVE-2023-43804",
        A,
        B,
        {"headers": {"Cookie": "sid=SECRET-1"}},
        at_start={"cookie": "sid=SECRET-1"},
        at_end=NONE,
    ),
    *each_way(
        "CVE-2023-45143",
        {"headers": {"Cookie": "sid=SECRET-1"}},
        ("cookie.stripped.cross-origin Cookie",),
    ),
    *(
        hop(
            "CVE-2023-45289",
            A,
            end,
            {"headers": {"Authorization": BEARER, "Cookie": "sid=SECRET-2"}},
            at_end=NONE,
            variant=end,
        )
        for end in ("http://b.test.a.test", "http://xa.test", "http://a.test.b.test")
    ),
    *(
        hop(
            "CVE-2024-24758",
            A,
            B,
            {"headers": {"Proxy-Authorization": "Basic SECRET-1"}},
            at_start={"proxy-authorization": None},  # There is no proxy, so nobody may have it.
            at_end=NONE,
            codes=("auth.stripped.proxy Proxy-Authorization",),
            knows=frozenset[str](),
            status=status,
            variant=str(status),
        )
        for status in STATUSES
    ),
    hop(
        "CVE-2024-28849",
        A,
        B,
        {"headers": {"Proxy-Authorization": "Basic SECRET-1", "Authorization": BEARER}},
        at_end=NONE,
        status=303,
    ),
    *each_way(
        "CVE-2024-37891",
        {"headers": {"Proxy-Authorization": "Basic SECRET-1"}},
        ("auth.stripped.proxy Proxy-Authorization",),
        knows=frozenset[str](),
    ),
    hop(
        "CVE-2025-4673",
        A,
        B,
        {
            "headers": {
                b"Proxy-Authorization": b"Basic SECRET-1",
                b"Proxy-Authenticate": b"Basic SECRET-2",
            }
        },
        at_end=NONE,
    ),
    hop(
        "CVE-2026-34518",
        A,
        B,
        {
            "headers": {
                "Authorization": BEARER,
                "Cookie": "sid=SECRET-1",
                "Proxy-Authorization": "Basic SECRET-1",
            }
        },
        at_end=NONE,
    ),
    hop(
        "CVE-2026-40895",
        A,
        B,
        {
            "headers": {
                "X-API-Key": "SECRET-1",
                "X-Auth-Token": "SECRET-1",
                "Api-Key": "SECRET-1",
                "Token": "SECRET-1",
                "X-Amz-Security-Token": "SECRET-1",
                "Accept-Language": "de",
                "Range": "bytes=0-1",
                "If-None-Match": '"x"',
            }
        },
        at_start={"x-api-key": "SECRET-1"},
        at_end={"accept-language": "de", "range": "bytes=0-1", "if-none-match": '"x"'},
        codes=tuple(
            f"field.dropped.cross-origin {name}"
            for name in ("X-API-Key", "X-Auth-Token", "Api-Key", "Token", "X-Amz-Security-Token")
        ),
    ),
    hop(
        "CVE-2026-40895",
        A,
        B,
        {"headers": {"X-Trace": "7"}},
        setup=Setup(
            options={
                "policy": Policy(
                    cross_origin_fields=frozenset(
                        {*(Policy().cross_origin_fields or ()), "x-trace"}
                    )
                )
            }
        ),
        at_end={"x-trace": "7"},
        codes=("field.kept.cross-origin X-Trace",),
        runners=SESSIONS,
        variant="a field that the caller calls safe",
    ),
    *(
        hop(
            "CVE-2026-47265",
            A,
            B,
            {"cookies": given},
            at_start={"cookie": "sid=SECRET-1"},
            at_end=NONE,
            status=status,
            runners=SESSIONS,
            variant=f"{name} {status}",
        )
        for status in (302, 307)
        for name, given in (("dict", {"sid": "SECRET-1"}), ("pairs", [("sid", "SECRET-1")]))
    ),
    *each_way(
        "CVE-2026-54171",
        {"headers": dict.fromkeys(SENSITIVE, "SECRET-1")},
    ),
    Talk(
        id="CVE-2026-54171",
        variant="fields that the caller names",
        intents=(get(f"{A}/x", headers={"Accept-Token": "SECRET-1"}),),
        peers={A: (serve(moved(302, f"{B}/y")),), B: (serve(ok()),)},
        ends=(End(status=200, codes=("field.dropped.origin Accept-Token",)),),
        seen=(Seen(A, "GET /x", {"accept-token": "SECRET-1"}), Seen(B, "GET /y")),
        knows=frozenset({A}),
        setup=Setup(options={"policy": Policy(field_origins={"Accept-Token": [A]})}),
        runners=SESSIONS,
    ),
    *each_way("CVE-2026-63481", {"cookies": {"sid": "SECRET-1"}}, runners=SESSIONS),
)

CHAINS: Final = (
    Talk(
        id="CVE-2024-45336",
        variant="within the second origin",
        intents=(get(f"{A}/x", headers={"Authorization": BEARER, "X-Key": "SECRET-2"}),),
        peers={A: (serve(moved(302, f"{B}/1")),), B: (serve(moved(302, "/2"), ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(A, "GET /x", {"authorization": BEARER}),
            Seen(B, "GET /1", NONE),
            Seen(B, "GET /2", NONE),
        ),
        knows=frozenset({A}),
    ),
    Talk(
        id="CVE-2024-45336",
        variant="and back to the first",
        intents=(get(f"{A}/x", headers={"Authorization": BEARER, "X-Key": "SECRET-2"}),),
        peers={A: (serve(moved(302, f"{B}/1"), ok()),), B: (serve(moved(302, f"{A}/2")),)},
        ends=(End(status=200),),
        seen=(
            Seen(A, "GET /x", {"authorization": BEARER}),
            Seen(B, "GET /1", NONE),
            Seen(A, "GET /2", {**NONE, "x-key": None}),
        ),
        knows=frozenset({A}),
    ),
    *(
        challenged("AIOHTTP-12825", variant=name, **given)
        for name, given in (("auth=", {"auth": HTTPDigestAuth("user", "SECRET-1")}),)
    ),
    Talk(
        id="AIOHTTP-12825",
        variant="a session that knows the space of the challenge",
        intents=(get(f"{A}/x"), get(f"{A}/z")),
        peers={
            A: (
                serve(
                    ok(
                        b"",
                        ("WWW-Authenticate", f'{BY_DIGEST}, domain="/ http://b.test/"'),
                        status=401,
                    ),
                    ok(),
                    moved(302, f"{B}/y"),
                ),
            ),
            B: (serve(ok(b"", ("WWW-Authenticate", BY_DIGEST), status=401)),),
        },
        ends=(End(status=200), End(status=401)),
        seen=(
            Seen(A, "GET /x", NONE),
            Seen(A, "GET /x"),
            Seen(A, "GET /z"),
            Seen(B, "GET /y", NONE),
        ),
        knows=frozenset({A}),
        setup=Setup(attributes={"auth": HTTPDigestAuth("user", "SECRET-1")}),
        runners=BINDINGS,
    ),
    *(
        Talk(
            id="AIOHTTP-13180",
            variant=name,
            intents=(get(f"{A}/x", headers=given),),
            peers={A: ()},
            ends=(End(error=InvalidHeader, says="Authorization"),),
            runners=("core", "sync", "asyncio"),
        )
        for name, given in (
            ("Authorization", [("Authorization", BEARER), ("Authorization", "Basic SECRET-2")]),
            ("authorization", [("Authorization", BEARER), ("authorization", "Basic SECRET-2")]),
        )
    ),
    hop(
        "AIOHTTP-13180",
        A,
        B,
        {"headers": [("Cookie", "a=SECRET-1"), ("cookie", "b=SECRET-2")]},
        at_end=NONE,
        runners=("core", "sync", "asyncio"),
        variant="Cookie twice",
    ),
    hop(
        "AIOHTTP-13180",
        A,
        B,
        {"headers": [("Proxy-Authorization", "SECRET-1"), ("proxy-authorization", "SECRET-2")]},
        at_end=NONE,
        runners=("core", "sync", "asyncio"),
        variant="Proxy-Authorization twice",
    ),
    *(
        Talk(
            id="CVE-2025-14524",
            variant=location,
            intents=(get(f"{A}/x", headers={"Authorization": BEARER}),),
            peers={A: (serve(moved(302, location)),)},
            ends=(End(error=RedirectRefused, answered=302, says=location.partition(":")[0]),),
            seen=(Seen(A, "GET /x"),),
            knows=frozenset({A}),
        )
        for location in ("imap://u@a.test/", "ldap://a.test/", "smtp://a.test/")
    ),
    Talk(
        id="CVE-2026-11856",
        intents=(get(f"{A}/x", auth=HTTPDigestAuth("user", "SECRET-1")), get(f"{B}/x")),
        peers={
            A: (serve(ok(b"", ("WWW-Authenticate", BY_DIGEST), status=401), ok()),),
            B: (serve(ok()),),
        },
        ends=(End(status=200), End(status=200)),
        seen=(Seen(A, "GET /x", NONE), Seen(A, "GET /x"), Seen(B, "GET /x", NONE)),
        knows=frozenset({A}),
        runners=BINDINGS,
    ),
    hop(
        "CVE-2026-3783",
        A,
        B,
        {"headers": {"Authorization": BEARER}},
        at_end=NONE,
        netrc="machine b.test login bob password other\n",
        codes=STRIPPED,
        variant="by hand",
    ),
    hop(
        "CVE-2026-3783",
        A,
        B,
        {"auth": BearerAuth("SECRET-1")},
        at_end=NONE,
        netrc="machine b.test login bob password other\n",
        variant="auth=",
    ),
    hop(
        "CVE-2026-3783",
        A,
        B,
        {"auth": BearerAuth("SECRET-1")},
        at_end={"authorization": "Basic Ym9iOm90aGVy"},
        netrc="machine b.test login bob password other\n",
        setup=Setup(options={"policy": Policy(netrc_on_redirects=True)}),
        runners=SESSIONS,
        variant="netrc for each hop",
    ),
    *(
        hop(
            "SJ-01",
            start,
            end,
            {"auth": registered},
            at_start={"authorization": BEARER},
            at_end=NONE,
            codes=STRIPPED,
            runners=SESSIONS,
            variant=f"{start} {end}",
        )
        for start, end in ((A, B), (A, A8080), (SECURE_A, A))
    ),
    hop(
        "SJ-01",
        A,
        B,
        {},
        setup=Setup(attributes={"auth": {A: registered}}),
        at_start={"authorization": BEARER},
        at_end=NONE,
        runners=SESSIONS,
        variant="for one origin",
    ),
    hop(
        "SJ-01",
        A,
        B,
        {},
        setup=Setup(attributes={"auth": {A: registered, B: registered}}),
        at_start={"authorization": BEARER},
        at_end={"authorization": BEARER},
        knows=frozenset({A, B}),
        runners=SESSIONS,
        variant="for both origins",
    ),
    hop(
        "SJ-02",
        A,
        SECURE_A,
        {"auth": USER},
        at_end={"authorization": BASIC},
        codes=("auth.kept.upgrade Authorization",),
        knows=frozenset({A, SECURE_A}),
        variant="documented",
    ),
    hop(
        "SJ-02",
        A,
        SECURE_A,
        {"auth": USER},
        at_end=NONE,
        codes=STRIPPED,
        setup=Setup(options={"policy": Policy(keep_authorization_on_upgrade=False)}),
        runners=SESSIONS,
        variant="strict",
    ),
    *(
        hop(
            "SJ-02",
            start,
            end,
            {"auth": USER},
            at_end=NONE,
            codes=STRIPPED,
            variant=f"{start} {end}",
        )
        for start, end in (
            (A8080, SECURE_A),
            (A, "https://a.test:8443"),
            (A, "https://a.test."),
            (SECURE_A, A),
        )
    ),
)

TALKS: Final = (*CHANNELS, *CHAINS)
