"""Connections that were used before and turn out to be dead: what is sent again, and what is not.

The peers here read the whole second request and then close, so that it is certain when they do.
"""

from __future__ import annotations

import io
from typing import Any, Final

from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import RemoteProtocolError
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Ended,
    Intent,
    Outcome,
    Scenario,
    Script,
    Seen,
    answer,
    get,
    moved,
    ok,
    serve,
)
from tests.scenarios.uploads import chunks, read_chunked
from tests.servers.steps import Close, Expect, ReadHead, Reset, Send

RESENT: Final = "retry.stale-connection http://a.test"
FIRST: Final = get(f"{A}/1")
ANSWERED: Final = Outcome(status=200, content=b"1")


def dies(*last: Any) -> Script:
    """Answer one request, read another, and do this."""
    return (*answer(ok(b"1")), *last)


CLOSES: Final = dies(ReadHead(), Close())


def resent(name: str, intent: Intent, dead: Script, alive: Script, *seen: Seen) -> Scenario:
    """A second request that is sent again over a new connection."""
    return Scenario(
        name=name,
        intents=(FIRST, intent),
        peers={A: (dead, alive)},
        outcomes=(
            ANSWERED,
            Outcome(
                status=200,
                content=b"" if intent.method == "HEAD" else b"2",
                decisions=(f"0 {RESENT}",),
            ),
        ),
        seen=(Seen(A, "GET /1"), *seen),
    )


def lost(name: str, intent: Intent, dead: Script, *seen: Seen, says: str = "") -> Scenario:
    """A second request that is not sent again."""
    return Scenario(
        name=name,
        intents=(FIRST, intent),
        peers={A: (dead,)},
        outcomes=(ANSWERED, Outcome(error=LostConnection, says=says or "http://a.test")),
        seen=(Seen(A, "GET /1"), *seen),
    )


SENT_AGAIN: Final = (
    resent(
        "a GET on a stale connection is sent again",
        get(f"{A}/2"),
        CLOSES,
        serve(ok(b"2")),
        Seen(A, "GET /2"),
        Seen(A, "GET /2", connection=1),
    ),
    resent(
        "a GET on a connection that is reset is sent again",
        get(f"{A}/2"),
        dies(ReadHead(), Reset()),
        serve(ok(b"2")),
        Seen(A, "GET /2"),
        Seen(A, "GET /2", connection=1),
    ),
    resent(
        "a HEAD is sent again",
        Intent("HEAD", f"{A}/2"),
        CLOSES,
        serve(ok()),
        Seen(A, "HEAD /2"),
        Seen(A, "HEAD /2", connection=1),
    ),
    resent(
        "a DELETE is sent again, with its content",
        Intent("DELETE", f"{A}/2", {"data": b"ab"}),
        dies(*answer(content=2), Close()),
        serve(answer(ok(b"2"), content=2)),
        Seen(A, "DELETE /2", content=b"ab"),
        Seen(A, "DELETE /2", content=b"ab", connection=1),
    ),
    resent(
        "a PUT is sent again, its file rewound",
        Intent("PUT", f"{A}/2", content=lambda: io.BytesIO(b"0123456789")),
        dies(*answer(content=10), Close()),
        serve(answer(ok(b"2"), content=10)),
        Seen(A, "PUT /2", content=b"0123456789"),
        Seen(A, "PUT /2", content=b"0123456789", connection=1),
    ),
    Scenario(
        name="a GET over TLS is sent again",
        intents=(get(f"{SECURE_A}/1"), get(f"{SECURE_A}/2")),
        peers={SECURE_A: (CLOSES, serve(ok(b"2")))},
        outcomes=(
            ANSWERED,
            Outcome(
                status=200, content=b"2", decisions=("0 retry.stale-connection https://a.test",)
            ),
        ),
        seen=(
            Seen(SECURE_A, "GET /1"),
            Seen(SECURE_A, "GET /2"),
            Seen(SECURE_A, "GET /2", connection=1),
        ),
    ),
    Scenario(
        name="each hop may be sent again once",
        intents=(FIRST, get(f"{A}/2")),
        peers={
            A: (
                CLOSES,
                (*answer(moved(302, "/3")), ReadHead(), Close()),
                serve(ok(b"3")),
            )
        },
        outcomes=(
            ANSWERED,
            Outcome(
                status=200,
                content=b"3",
                url=f"{A}/3",
                history=((302, f"{A}/2"),),
                decisions=(f"0 {RESENT}", "1 redirect.followed http://a.test", f"1 {RESENT}"),
            ),
        ),
        seen=(
            Seen(A, "GET /1"),
            Seen(A, "GET /2"),
            Seen(A, "GET /2", connection=1),
            Seen(A, "GET /3", connection=1),
            Seen(A, "GET /3", connection=2),
        ),
    ),
)

NOT_SENT_AGAIN: Final = (
    lost(
        "a POST on a stale connection is not sent again",
        Intent("POST", f"{A}/2", {"data": b"ab"}),
        dies(*answer(content=2), Close()),
        Seen(A, "POST /2", content=b"ab"),
        says="closed the connection without answering",
    ),
    lost(
        "a PATCH without content is not sent again",
        Intent("PATCH", f"{A}/2"),
        CLOSES,
        Seen(A, "PATCH /2"),
    ),
    lost(
        "a PUT whose iterator was used up is not sent again",
        Intent("PUT", f"{A}/2", content=chunks(b"once")),
        dies(*read_chunked(), Close()),
        Seen(A, "PUT /2", content=b"once"),
    ),
    Scenario(
        name="a GET that was sent again is not sent a third time",
        intents=(FIRST, get(f"{A}/2")),
        peers={A: (CLOSES, (ReadHead(), Close()))},
        outcomes=(
            ANSWERED,
            Outcome(error=LostConnection, says="without answering", decisions=(f"0 {RESENT}",)),
        ),
        seen=(
            Seen(A, "GET /1"),
            Seen(A, "GET /2"),
            Seen(A, "GET /2", connection=1),
        ),
    ),
    Scenario(
        name="a GET is not sent again once something came",
        intents=(FIRST, get(f"{A}/2")),
        peers={A: (dies(ReadHead(), Send(b"HTTP/1.1 2"), Close()),)},
        outcomes=(ANSWERED, Outcome(error=RemoteProtocolError, says="http://a.test")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2")),
    ),
    Scenario(
        name="a GET is not sent again after an informational answer",
        intents=(FIRST, get(f"{A}/2")),
        peers={
            A: (dies(ReadHead(), Send(b"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n"), Close()),)
        },
        outcomes=(ANSWERED, Outcome(error=RemoteProtocolError, says="http://a.test")),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2")),
    ),
    Scenario(
        name="a GET on a new connection is not sent again",
        intents=(get(f"{A}/1"),),
        peers={A: ((ReadHead(), Close()),)},
        outcomes=(Outcome(error=LostConnection, says="http://a.test closed the connection"),),
        seen=(Seen(A, "GET /1"),),
    ),
)

REPLACED: Final = (
    Scenario(
        name="a connection that has ended while idle is replaced, and its POST is sent once",
        intents=(FIRST, Intent("POST", f"{A}/2", content=chunks(b"once"), after=Ended(A))),
        peers={
            A: ((*answer(ok(b"1")), Close()), serve((ReadHead(), Expect(b"0\r\n\r\n"), Send(ok()))))
        },
        outcomes=(ANSWERED, Outcome(status=200, content_closed=True)),
        seen=(Seen(A, "GET /1"), Seen(A, "POST /2", content=b"once", connection=1)),
    ),
    Scenario(
        name="a TLS connection that has ended while idle is replaced",
        intents=(get(f"{SECURE_A}/1"), Intent("POST", f"{SECURE_A}/2", after=Ended(SECURE_A))),
        peers={SECURE_A: ((*answer(ok(b"1")), Close()), serve(ok(b"2")))},
        outcomes=(ANSWERED, Outcome(status=200, content=b"2")),
        seen=(Seen(SECURE_A, "GET /1"), Seen(SECURE_A, "POST /2", connection=1)),
    ),
    Scenario(
        name="a dead connection of one origin is no matter of another",
        intents=(FIRST, get(f"{B}/2"), Intent("GET", f"{A}/3", after=Ended(A)), get(f"{B}/4")),
        peers={
            A: ((*answer(ok(b"1")), Close()), serve(ok(b"3"))),
            B: (serve(ok(b"2"), ok(b"4")),),
        },
        outcomes=(
            ANSWERED,
            Outcome(status=200, content=b"2"),
            Outcome(status=200, content=b"3"),
            Outcome(status=200, content=b"4"),
        ),
        seen=(
            Seen(A, "GET /1"),
            Seen(B, "GET /2"),
            Seen(A, "GET /3", connection=1),
            Seen(B, "GET /4"),
        ),
    ),
)

SCENARIOS: Final = (*SENT_AGAIN, *NOT_SENT_AGAIN, *REPLACED)
