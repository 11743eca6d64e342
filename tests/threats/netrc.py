"""Credentials of the netrc file, which are for one host each."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from sojourn_core import Policy
from tests.scenarios.model import SECURE_A, A, B, Seen, Setup, get, moved, ok, serve

from .talk import ALL, PROXY, End, Talk, hop

VICTIM: Final = "http://victim.test"
NONE: Final[dict[str, str | None]] = {"authorization": None}
OF_A: Final = "machine a.test login alice password SECRET-1\n"
EVERY_HOP: Final = Setup(options={"policy": Policy(netrc_on_redirects=True)})
SESSIONS: Final = ALL[:-1]


def basic(user: str, password: str) -> str:
    """The field of these credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


ALICE: Final[dict[str, str | None]] = {"authorization": basic("alice", "SECRET-1")}


def alone(
    which: str, url: str, netrc: str, sent: str | None, *, variant: str = "", **given: object
) -> Talk:
    """One request to a.test, and what it must show there."""
    # To the drop-in a login without a password is no credential, as to Requests.
    runners = tuple(each for each in ALL if each != "compat" or ":" in url.partition("@")[0][5:])
    return Talk(
        id=which,
        variant=variant,
        runners=ALL if "@" not in url else runners,
        intents=(get(url, **given),),
        peers={A: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /x", {"authorization": sent}),),
        netrc=netrc,
    )


# A file that says something of a.test, and nothing, or next to nothing, of b.test.
FILES: Final = {
    "one entry": OF_A,
    "a default without a password": f"{OF_A}default login bob\n",
    "an empty default": f"{OF_A}default\n",
    "a default with empty words": f'{OF_A}default login "" password ""\n',
    "an entry without a password": f"{OF_A}machine b.test login bob\n",
    "an empty entry": f"{OF_A}machine b.test\n",
    "an entry of the same login": f"{OF_A}machine b.test login alice\n",
    "the default first": f"default\n{OF_A}",
}

TALKS: Final = (
    *(
        hop(
            which,
            A,
            B,
            {},
            at_start=ALICE,
            at_end=NONE,
            netrc=file,
            setup=setup,
            runners=ALL if setup is not EVERY_HOP else SESSIONS,
            variant=f"{name}{', asked for each hop' if setup is EVERY_HOP else ''}",
        )
        for which, names in (
            ("CVE-2014-1829", ("one entry",)),
            (
                "CVE-2024-11053",
                (
                    "a default without a password",
                    "an entry without a password",
                    "an entry of the same login",
                ),
            ),
            (
                "CVE-2025-0167",
                (
                    "an empty default",
                    "a default with empty words",
                    "an empty entry",
                    "the default first",
                ),
            ),
        )
        for name, file in FILES.items()
        if name in names
        for setup in (Setup(), EVERY_HOP)
    ),
    alone(
        "REQUESTS-3929",
        f"{A}/x",
        "machine a.test login u password SECRET-1\n",
        "Bearer MINE",
        headers={"Authorization": "Bearer MINE"},
        variant="a field by hand",
    ),
    alone(
        "REQUESTS-3929",
        f"{A}/x",
        "machine a.test login u password SECRET-1\n",
        basic("me", "mine"),
        auth=("me", "mine"),
        variant="auth=",
    ),
    alone(
        "REQUESTS-3929",
        "http://me:mine@a.test/x",
        "machine a.test login u password SECRET-1\n",
        basic("me", "mine"),
        variant="the URL",
    ),
    Talk(
        id="REQUESTS-3929",
        variant="the session",
        intents=(
            get(f"{A}/x"),
            get(f"{A}/y", auth=("you", "yours")),
            get("http://us:ours@a.test/z"),
        ),
        peers={A: (serve(ok(), ok(), ok()),)},
        ends=(End(status=200),) * 3,
        seen=(
            Seen(A, "GET /x", {"authorization": basic("me", "mine")}),
            Seen(A, "GET /y", {"authorization": basic("you", "yours")}),
            Seen(A, "GET /z", {"authorization": basic("me", "mine")}),
        ),
        netrc="machine a.test login u password SECRET-1\n",
        setup=Setup(attributes={"auth": ("me", "mine")}),
        runners=SESSIONS,
    ),
    Talk(
        id="REQUESTS-3929",
        variant="switched off, and the proxies of the environment are not",
        intents=(get(f"{A}/x"),),
        peers={PROXY: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(PROXY, f"GET {A}/x", NONE),),
        netrc=OF_A,
        environ={"http_proxy": PROXY},
        setup=Setup(
            options={"policy": Policy(credentials_order=("field", "request", "session", "url"))}
        ),
        runners=SESSIONS,
    ),
    Talk(
        id="REQUESTS-3929",
        variant="switched off with all of the environment",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /x", NONE),),
        netrc=OF_A,
        setup=Setup(attributes={"trust_env": False}),
        runners=SESSIONS,
    ),
    *(
        Talk(
            id="CVE-2024-47081",
            variant=url,
            intents=(get(url),),
            peers={A: (serve(ok()),)},
            ends=(End(status=200),),
            seen=(Seen(A, "GET /", {"host": "a.test"}),),
            netrc="machine victim.test login u password SECRET-1\n",
        )
        for url in (
            "http://victim.test:@a.test/",
            "http://victim.test:x@a.test/",
            "http://victim.test@a.test/",
            "http://victim.test%2f:x@a.test/",
            "http://u@a.test?@victim.test/",
        )[:4]
    ),
    hop(
        "CVE-2024-47081",
        VICTIM,
        A,
        {},
        at_end=NONE,
        location="http://victim.test:@a.test/y",
        netrc="machine victim.test login u password SECRET-1\n",
        variant="in a Location",
    ),
    *(
        Talk(
            id="CVE-2026-6429",
            variant=f"over one connection{', asked for each hop' if setup is EVERY_HOP else ''}",
            intents=(get(f"{A}/x"),),
            peers={PROXY: (serve(moved(302, f"{B}/y"), ok()),)},
            ends=(End(status=200),),
            seen=(Seen(PROXY, f"GET {A}/x", ALICE), Seen(PROXY, f"GET {B}/y", NONE)),
            knows=frozenset({PROXY}),
            netrc=f"{OF_A}machine b.test login bob\n",
            environ={"http_proxy": PROXY},
            setup=setup,
            runners=ALL if setup is not EVERY_HOP else SESSIONS,
        )
        for setup in (Setup(), EVERY_HOP)
    ),
    hop(
        "CVE-2026-6429",
        SECURE_A,
        A,
        {},
        at_start=ALICE,
        at_end=NONE,
        netrc=OF_A,
        variant="in clear text",
    ),
    alone(
        "CVE-2026-8926",
        "http://bob@a.test/x",
        OF_A,
        basic("bob", ""),
        variant="another user",
    ),
    alone(
        "CVE-2026-8926",
        "http://bob@a.test/x",
        f"{OF_A}machine a.test login bob password other\n",
        basic("bob", "other"),
        variant="the same user, further down",
    ),
    alone(
        "CVE-2026-8926",
        "http://bob@a.test/x",
        "default login alice password SECRET-1\n",
        basic("bob", ""),
        variant="another user by default",
    ),
    alone(
        "CVE-2026-8926",
        "http://BOB@a.test/x",
        "machine a.test login bob password SECRET-1\n",
        basic("BOB", ""),
        variant="another case",
    ),
    alone(
        "CVE-2026-8926",
        "http://bob:mine@a.test/x",
        "machine a.test login bob password SECRET-1\n",
        basic("bob", "mine"),
        variant="a password of its own",
    ),
)
