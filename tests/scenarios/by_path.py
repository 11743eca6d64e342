"""Requests by a Unix socket: of a session that goes by it alone, and by URLs that name it."""

from __future__ import annotations

from typing import Any, Final

from sojourn_core import Policy
from sojourn_core.errors import ChunkedEncodingError, InvalidURL, RedirectRefused
from sojourn_core.values.errors import ConnectionError as LostConnection
from tests.scenarios.model import (
    REFUSED,
    SECURE_A,
    UNIX,
    A,
    B,
    Ended,
    Intent,
    Outcome,
    Scenario,
    Seen,
    Setup,
    answer,
    get,
    moved,
    ok,
    serve,
)
from tests.scenarios.uploads import chunks
from tests.servers.steps import Close, Expect, ReadHead, Send, StartTLS

BY_SOCKET: Final = Setup(socket="a.sock")
BY_URL: Final = Setup(mounts_unix=True)
OTHER: Final = "http+unix://b.sock"
TO_SOCKETS: Final = Policy(redirect_schemes=frozenset({"http+unix"}))
TOKEN: Final = {"Authorization": "Bearer t"}


def story(
    name: str,
    setup: Setup,
    intents: tuple[Intent, ...],
    peers: Any,
    outcomes: tuple[Outcome, ...],
    *seen: Seen,
    **more: Any,
) -> Scenario:
    """Make a scenario."""
    return Scenario(
        name=name, setup=setup, intents=intents, peers=peers, outcomes=outcomes, seen=seen, **more
    )


def found(content: bytes, **more: Any) -> Outcome:
    """A response that is delivered."""
    return Outcome(status=200, content=content, **more)


PLAIN: Final = (
    story(
        "a session by a Unix socket",
        BY_SOCKET,
        (get(f"{A}/1"), get(f"{A}/2")),
        {UNIX: (serve(ok(b"1"), ok(b"2")),)},
        (found(b"1"), found(b"2")),
        Seen(UNIX, "GET /1", {"host": "a.test"}),
        Seen(UNIX, "GET /2", {"host": "a.test"}),
    ),
    story(
        "a URL that names a Unix socket",
        BY_URL,
        (get(f"{UNIX}/1?x=%2F"), Intent("PUT", f"{UNIX}/2", {"data": b"in"})),
        {UNIX: (serve(ok(b"1"), answer(ok(b"2"), content=2)),)},
        (found(b"1"), found(b"2")),
        Seen(UNIX, "GET /1?x=%2F", {"host": "localhost"}),
        Seen(UNIX, "PUT /2", {"host": "localhost"}, b"in"),
    ),
    story(
        "TLS within a Unix socket",
        BY_SOCKET,
        (get(f"{SECURE_A}/1"), get(f"{SECURE_A}/2")),
        {UNIX: ((StartTLS(), *serve(ok(b"1"), ok(b"2"))),)},
        (found(b"1"), found(b"2")),
        Seen(UNIX, "GET /1"),
        Seen(UNIX, "GET /2"),
    ),
    story(
        "an upload of an iterator by a Unix socket",
        BY_SOCKET,
        (Intent("POST", f"{A}/1", content=chunks(b"one", b"two")),),
        {UNIX: (serve((ReadHead(), Expect(b"0\r\n\r\n"), Send(ok(b"1")))),)},
        (found(b"1", content_closed=True),),
        Seen(UNIX, "POST /1", {"host": "a.test"}, b"onetwo"),
    ),
)

LED: Final = (
    story(
        "a redirect to another origin stays on the socket of the session",
        BY_SOCKET,
        (get(f"{A}/1", headers=TOKEN),),
        {UNIX: (serve(moved(302, f"{B}/2")), serve(ok(b"2")))},
        (
            found(
                b"2",
                url=f"{B}/2",
                history=((302, f"{A}/1"),),
                decisions=(
                    f"1 redirect.followed {B}",
                    "1 auth.stripped.cross-origin Authorization",
                ),
            ),
        ),
        Seen(UNIX, "GET /1", {"host": "a.test", "authorization": "Bearer t"}),
        Seen(UNIX, "GET /2", {"host": "b.test", "authorization": None}, connection=1),
    ),
    story(
        "a redirect from the URL of a Unix socket leaves it",
        BY_URL,
        (get(f"{UNIX}/1", headers=TOKEN),),
        {UNIX: (serve(moved(302, f"{B}/2")),), B: (serve(ok(b"2")),)},
        (
            found(
                b"2",
                url=f"{B}/2",
                history=((302, f"{UNIX}/1"),),
                decisions=(
                    f"1 redirect.followed {B}",
                    "1 auth.stripped.cross-origin Authorization",
                ),
            ),
        ),
        Seen(UNIX, "GET /1", {"host": "localhost", "authorization": "Bearer t"}),
        Seen(B, "GET /2", {"host": "b.test", "authorization": None}),
    ),
    story(
        "a redirect within a Unix socket, where the policy follows it",
        Setup(mounts_unix=True, options={"policy": TO_SOCKETS}),
        (get(f"{UNIX}/1", headers=TOKEN),),
        {UNIX: (serve(moved(302, "/2"), ok(b"2")),)},
        (
            found(
                b"2",
                url=f"{UNIX}/2",
                history=((302, f"{UNIX}/1"),),
                decisions=(f"1 redirect.followed {UNIX}",),
            ),
        ),
        Seen(UNIX, "GET /1", {"authorization": "Bearer t"}),
        Seen(UNIX, "GET /2", {"authorization": "Bearer t"}),
    ),
    story(
        "a redirect from one Unix socket to another, where the policy follows it",
        Setup(mounts_unix=True, options={"policy": TO_SOCKETS}),
        (get(f"{UNIX}/1", headers=TOKEN),),
        {UNIX: (serve(moved(302, f"{OTHER}/2")),), OTHER: (serve(ok(b"2")),)},
        (
            found(
                b"2",
                url=f"{OTHER}/2",
                history=((302, f"{UNIX}/1"),),
                decisions=(
                    f"1 redirect.followed {OTHER}",
                    "1 auth.stripped.cross-origin Authorization",
                ),
            ),
        ),
        Seen(UNIX, "GET /1", {"authorization": "Bearer t"}),
        Seen(OTHER, "GET /2", {"host": "localhost", "authorization": None}),
    ),
    *(
        story(
            f"a redirect {name}",
            BY_URL,
            (get(f"{first}/1"),),
            {first: (serve(moved(302, location)),), last: REFUSED},
            (
                Outcome(
                    error=RedirectRefused,
                    says="only http and https are followed",
                    answered=302,
                    decisions=("0 redirect.refused.scheme Location",),
                ),
            ),
            Seen(first, "GET /1"),
        )
        for name, first, location, last in (
            ("within a Unix socket is refused", UNIX, "/2", OTHER),
            ("from one Unix socket to another is refused", UNIX, f"{OTHER}/2", OTHER),
            ("to a Unix socket is refused", A, f"{UNIX}/2", UNIX),
        )
    ),
)

UNREACHED: Final = (
    story(
        "a Unix socket at which nobody listens",
        BY_SOCKET,
        (get(f"{A}/1"),),
        {UNIX: REFUSED},
        (Outcome(error=LostConnection, says="a.sock", maybe_sent=False),),
    ),
    story(
        "a Unix socket that is not there",
        BY_URL,
        (get(f"{OTHER}/1"),),
        {UNIX: REFUSED},
        (Outcome(error=LostConnection, says="b.sock", maybe_sent=False),),
    ),
    story(
        "a URL that names no Unix socket",
        BY_URL,
        (get("http+unix://%00/1"),),
        {UNIX: REFUSED},
        (Outcome(error=InvalidURL, says="names no Unix socket", maybe_sent=False),),
    ),
)

STALE: Final = (
    story(
        "a GET by a Unix socket that has gone stale is sent again",
        BY_SOCKET,
        (get(f"{A}/1"), get(f"{A}/2")),
        {UNIX: ((*answer(ok(b"1")), ReadHead(), Close()), serve(ok(b"2")))},
        (found(b"1"), found(b"2", decisions=(f"0 retry.stale-connection {A}",))),
        Seen(UNIX, "GET /1"),
        Seen(UNIX, "GET /2"),
        Seen(UNIX, "GET /2", connection=1),
    ),
    story(
        "a GET by the URL of a Unix socket that has gone stale is sent again",
        BY_URL,
        (get(f"{UNIX}/1"), get(f"{UNIX}/2")),
        {UNIX: ((*answer(ok(b"1")), ReadHead(), Close()), serve(ok(b"2")))},
        (found(b"1"), found(b"2", decisions=(f"0 retry.stale-connection {UNIX}",))),
        Seen(UNIX, "GET /1"),
        Seen(UNIX, "GET /2"),
        Seen(UNIX, "GET /2", connection=1),
    ),
    story(
        "a POST by a Unix socket that has gone stale is not sent again",
        BY_SOCKET,
        (get(f"{A}/1"), Intent("POST", f"{A}/2", {"data": b"ab"})),
        {UNIX: ((*answer(ok(b"1")), *answer(content=2), Close()),)},
        (found(b"1"), Outcome(error=LostConnection, says="without answering")),
        Seen(UNIX, "GET /1"),
        Seen(UNIX, "POST /2", content=b"ab"),
    ),
    story(
        "a connection by a Unix socket that has ended while idle is replaced",
        BY_SOCKET,
        (get(f"{A}/1"), Intent("POST", f"{A}/2", {"data": b"ab"}, after=Ended(UNIX))),
        {UNIX: ((*answer(ok(b"1")), Close()), serve(answer(ok(b"2"), content=2)))},
        (found(b"1"), found(b"2")),
        Seen(UNIX, "GET /1"),
        Seen(UNIX, "POST /2", content=b"ab", connection=1),
    ),
    story(
        "content by a Unix socket that is cut short",
        BY_SOCKET,
        (get(f"{A}/1"),),
        {UNIX: ((*answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), Close()),)},
        (Outcome(error=ChunkedEncodingError, answered=200, partial=b"short"),),
        Seen(UNIX, "GET /1"),
    ),
)

# The call chooses a proxy, and its transport, whose route is the socket, asks none.
UNASKED: Final = (
    story(
        "a Unix socket, and a proxy that is not asked",
        Setup(socket="a.sock", attributes={"proxies": {"http": "http://proxy.test:3128"}}),
        (get(f"{A}/1"),),
        {UNIX: (serve(ok(b"1")),), "http://proxy.test:3128": REFUSED},
        (found(b"1", decisions=("0 proxy.chosen http://proxy.test:3128",)),),
        Seen(UNIX, "GET /1", {"host": "a.test"}),
    ),
)

SCENARIOS: Final = (*PLAIN, *LED, *UNREACHED, *STALE, *UNASKED)
