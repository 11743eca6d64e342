"""Content that waits for 100 (Continue), and informational responses in between."""

from __future__ import annotations

from typing import Final

from sojourn_core import Policy
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Intent,
    Outcome,
    Scenario,
    Script,
    Seen,
    Setup,
    moved,
    ok,
    one,
    serve,
)
from tests.scenarios.uploads import LAST_CHUNK, chunks, file
from tests.servers.scripted import response
from tests.servers.steps import Expect, ReadContent, ReadHead, Send, WaitClosed

EXPECT: Final = {"headers": {"Expect": "100-continue"}}
SAYS: Final = {"expect": "100-continue"}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS: Final = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
DECLINED: Final = "0 expect.declined Expect"


def post(url: str = f"{A}/", **more: object) -> Intent:
    """Ask with three bytes that wait."""
    return Intent("POST", url, {"data": b"tea", **EXPECT, **more})


def asked(*before: bytes, answer: bytes, content: int = 3) -> Script:
    """Read a head, say these, and read the content only then."""
    return (ReadHead(), *(Send(each) for each in before), ReadContent(content), Send(answer))


def refused(answer: bytes) -> Script:
    """Answer a head, and see the connection closed without any content."""
    return (ReadHead(), Send(answer), WaitClosed())


SCENARIOS: Final[tuple[Scenario, ...]] = (
    one(
        "content waits for 100, and the connection is kept",
        post(),
        serve(asked(CONTINUE, answer=ok(b"got"))),
        Outcome(status=200, content=b"got"),
        Seen(A, "POST /", SAYS, b"tea"),
    ),
    one(
        "content waits for 100 over TLS",
        post(f"{SECURE_A}/"),
        {SECURE_A: (serve(asked(CONTINUE, answer=ok(b"got"))),)},
        Outcome(status=200, content=b"got"),
        Seen(SECURE_A, "POST /", SAYS, b"tea"),
    ),
    one(
        "other informational responses do not end the wait",
        post(),
        serve(asked(HINTS, b"HTTP/1.1 102 Processing\r\n\r\n", CONTINUE, answer=ok())),
        Outcome(status=200),
        Seen(A, "POST /", SAYS, b"tea"),
    ),
    one(
        "a server that says nothing gets the content when the time is over",
        Intent("POST", f"{A}/", EXPECT, content=chunks(b"tea")),
        serve((ReadHead(), Expect(LAST_CHUNK), Send(ok()))),
        Outcome(status=200, content_closed=True),
        Seen(A, "POST /", SAYS, b"tea"),
        setup=Setup(attributes={"timeout": None}),
    ),
    one(
        "a final response means that the content is not sent",
        Intent("PUT", f"{A}/", EXPECT, content=chunks(b"never taken")),
        refused(ok(b"no", status=413)),
        Outcome(status=413, content=b"no", content_closed=False),
        Seen(A, "PUT /", SAYS, None),
    ),
    one(
        "a success before 100 means that too",
        post(),
        refused(ok(b"known")),
        Outcome(status=200, content=b"known"),
        Seen(A, "POST /", SAYS, None),
    ),
    one(
        "a 417 is answered without Expect, with content that can be had only once",
        Intent("POST", f"{A}/", EXPECT, content=chunks(b"tea")),
        {
            A: (
                refused(response(417)),
                serve((ReadHead(), Expect(LAST_CHUNK), Send(ok()))),
            )
        },
        Outcome(status=200, decisions=(DECLINED,), content_closed=True),
        Seen(A, "POST /", SAYS, None),
        Seen(A, "POST /", {"expect": None}, b"tea", connection=1),
    ),
    one(
        "a second 417 is the response",
        post(),
        {A: (refused(response(417)), serve((ReadHead(), ReadContent(3), Send(response(417)))))},
        Outcome(status=417, decisions=(DECLINED,)),
        Seen(A, "POST /", SAYS, None),
        Seen(A, "POST /", {"expect": None}, b"tea", connection=1),
    ),
    one(
        "a redirect before 100 takes content along that was not touched",
        Intent("POST", f"{A}/", EXPECT, content=file(b"tea")),
        {
            A: (refused(moved(307, f"{B}/y")),),
            B: (serve(asked(CONTINUE, answer=ok(b"there"))),),
        },
        Outcome(
            status=200,
            content=b"there",
            url=f"{B}/y",
            history=((307, f"{A}/"),),
            decisions=(f"1 redirect.followed {B}", "1 redirect.content.kept content"),
            content_closed=False,
        ),
        Seen(A, "POST /", SAYS, None),
        Seen(B, "POST /y", SAYS, b"tea"),
    ),
    one(
        "a redirect that turns into GET leaves Expect behind with the content",
        post(),
        {A: (refused(moved(303, "/y")), serve(ok(b"there")))},
        Outcome(
            status=200,
            content=b"there",
            url=f"{A}/y",
            history=((303, f"{A}/"),),
            decisions=(
                f"1 redirect.followed {A}",
                "1 redirect.method.rewritten method",
                "1 redirect.content.dropped content",
                "1 field.dropped.content Expect",
                "1 field.dropped.content Content-Length",
            ),
        ),
        Seen(A, "POST /", SAYS, None),
        Seen(A, "GET /y", {"expect": None}, connection=1),
    ),
    one(
        "no content, no Expect",
        Intent("GET", f"{A}/", EXPECT),
        serve(ok()),
        Outcome(status=200, decisions=("0 expect.dropped Expect",)),
        Seen(A, "GET /", {"expect": None}),
    ),
    one(
        "a policy announces content from a size on",
        Intent("POST", f"{A}/", {"data": b"tea"}),
        serve(asked(CONTINUE, answer=ok())),
        Outcome(status=200, decisions=("0 expect.added Expect",)),
        Seen(A, "POST /", SAYS, b"tea"),
        setup=Setup(options={"policy": Policy(expects_from=3)}),
    ),
    one(
        "a policy that does not heed Expect sends the content with it",
        post(),
        serve((ReadHead(), ReadContent(3), Send(CONTINUE), Send(ok()))),
        Outcome(status=200),
        Seen(A, "POST /", SAYS, b"tea"),
        setup=Setup(options={"policy": Policy(heeds_expect=False)}),
    ),
)
