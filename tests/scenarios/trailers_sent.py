"""Trailers of requests: where they go, and what becomes of them with their content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core import WithTrailers
from sojourn_core.values.errors import InvalidHeader
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Intent,
    Outcome,
    Scenario,
    Seen,
    moved,
    ok,
    one,
    serve,
)
from tests.servers.steps import Expect, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

LAST: Final = b"0\r\nX-Sum: 1\r\n\r\n"


def summed(content: Any, value: Any = "1") -> Callable[[], WithTrailers]:
    """Make content with a trailer."""
    return lambda: WithTrailers(content() if callable(content) else content, {"X-Sum": value})


def post(content: Any, url: str = f"{A}/", value: Any = "1", **more: Any) -> Intent:
    """Ask with such content."""
    return Intent("POST", url, more, content=summed(content, value))


def taken(*answers: bytes) -> tuple[ReadHead | Expect | Send, ...]:
    """Read content and the trailer, and answer."""
    return (ReadHead(), Expect(LAST), *(Send(each) for each in answers))


SCENARIOS: Final[tuple[Scenario, ...]] = (
    one(
        "trailers after an iterator",
        post(lambda: iter([b"one", b"two"]), value=lambda: "1"),
        serve(taken(ok(b"got"))),
        Outcome(status=200, content=b"got"),
        Seen(A, "POST /", {"trailer": "X-Sum", "transfer-encoding": "chunked"}, content=b"onetwo"),
    ),
    one(
        "trailers over TLS, and the connection is kept",
        post(b"tea", f"{SECURE_A}/"),
        {SECURE_A: (serve(taken(ok())),)},
        Outcome(status=200),
        Seen(SECURE_A, "POST /", {"trailer": "X-Sum"}, content=b"tea"),
    ),
    one(
        "trailers are sent again with their content to another origin",
        post([b"tea"]),
        {A: (serve(taken(moved(307, f"{B}/y"))),), B: (serve(taken(ok())),)},
        Outcome(
            status=200,
            url=f"{B}/y",
            history=((307, f"{A}/"),),
            decisions=(f"1 redirect.followed {B}", "1 redirect.content.kept content"),
        ),
        Seen(A, "POST /", {"trailer": "X-Sum"}, content=b"tea"),
        Seen(B, "POST /y", {"trailer": "X-Sum"}, content=b"tea"),
    ),
    one(
        "trailers are left behind with their content",
        post([b"tea"]),
        {A: (serve(taken(moved(303, "/y")), ok()),)},
        Outcome(
            status=200,
            url=f"{A}/y",
            history=((303, f"{A}/"),),
            decisions=(
                f"1 redirect.followed {A}",
                "1 redirect.method.rewritten method",
                "1 redirect.content.dropped content",
                "1 field.dropped.content Trailer",
                "1 field.dropped.content Transfer-Encoding",
            ),
        ),
        Seen(A, "POST /", {"trailer": "X-Sum"}, content=b"tea"),
        Seen(A, "GET /y", {"trailer": None, "transfer-encoding": None}),
    ),
    one(
        "a trailer that cannot be sent leaves the request without its end",
        post([b"tea"], value=lambda: "a\nb"),
        (ReadHead(), Expect(b"3\r\ntea\r\n"), WaitClosed()),
        Outcome(error=InvalidHeader, says="X-Sum"),
        Seen(A, "POST /", {"trailer": "X-Sum"}, content=None),
    ),
    one(
        "an early answer cuts trailers off with their content",
        Intent(
            "POST",
            f"{A}/",
            {"headers": {"Expect": "100-continue"}},
            content=summed(lambda: iter([b"never taken"])),
        ),
        (ReadHead(), Send(ok(status=413)), WaitClosed()),
        Outcome(status=413),
        Seen(A, "POST /", {"trailer": "X-Sum"}, content=None),
    ),
)
