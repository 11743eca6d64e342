"""``sojourn demo``: it keeps its promises, and it would notice if it did not."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn.cli import demo, main
from sojourn.cli.origins import Answer, Origin
from sojourn_core.session.cookie_store import CookieKeeping

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import PreparedRequest
    from sojourn_core.messages.response import Response
    from tests.cli.conftest import Ended

    Run = Callable[..., Ended]

pytestmark = pytest.mark.usefixtures("no_leaks")

PORT = re.compile(rb":\d{4,5}\b")


def test_the_demo_keeps_its_promises(run: Run) -> None:
    ended = run("demo")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count(b"  kept    ") == 9
    assert b"BROKEN" not in ended.out
    assert ended.out.endswith(b"\nAll 9 promises were kept.\n")


def test_the_demo_tells_the_same_story_each_time(run: Run) -> None:
    first, second = (PORT.sub(b":PORT", run("demo").out) for _ in range(2))
    assert first == second


TOLD = """\
1. POST http://127.0.0.1:PORT/login
   -> 303 See Other, Location: /account
   * cookie session stored: the response sets it (RFC 6265bis 5.7)
   * POST becomes GET: status 303 turns POST into GET (RFC 9110 15.4.4)
   -> 307 Temporary Redirect, Location: orders/new
   * content sent again: status 307 with POST repeats the request as it was (RFC 9110 15.4.8)
   -> 303 See Other, Location: //localhost:PORT/payment
3. GET http://localhost:PORT/payment
   * X-Api-Key left out: it is not on the list of fields that may go to http://localhost:PORT
   * Authorization taken off: it belongs to the origin that it was given for (RFC 9110 15.4)
4. GET http://127.0.0.1:PORT/orders/latest#paid
5. GET http://127.0.0.1:PORT/orders/7#paid
   * fragment carried over: the Location has no fragment of its own (RFC 9110 10.2.2)
"""


def test_the_demo_tells_each_hop_and_its_reasons_in_order(run: Run) -> None:
    lines = iter(PORT.sub(b":PORT", run("demo").out).decode().splitlines())
    assert [line for line in TOLD.splitlines() if line not in lines] == []


def test_the_demo_shows_no_secret(run: Run) -> None:
    told = run("demo").out.decode()
    assert not [secret for secret in demo.SECRETS if secret in told]


class Careless(sojourn.Session):
    """Takes credentials wherever it is sent."""

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        return False


class Forgetful(sojourn.Session):
    """Sends no cookie back."""

    def keeping_of(self, jar: Any) -> CookieKeeping:
        return SendsNone()


class SendsNone(CookieKeeping):
    def set_field(
        self, session: Any, request: PreparedRequest, wall: float, *, unscoped: bool
    ) -> None:
        request.headers.discard("cookie")


class Stubborn(sojourn.Session):
    """Repeats each request as it was, which makes a login post its form twice."""

    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        pass


@pytest.mark.parametrize(
    ("session", "broken"),
    [
        (Careless, "the other origin saw no Authorization"),
        (Careless, "the other origin saw none of the secrets"),
        (Forgetful, "the cookie came back"),
        (Stubborn, "after the 303 the login went on as a GET"),
    ],
)
def test_a_broken_promise_is_noticed(
    session: type[sojourn.Session], broken: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "Session", session)
    ended = run("demo")
    assert ended.code == 1
    assert f"  BROKEN  {broken}" in ended.out.decode()
    assert re.fullmatch(r"sojourn: \d of 9 promises are broken\n", ended.err)


def test_a_demo_that_breaks_off_ends_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Homebody(sojourn.Session):
        def __init__(self) -> None:
            super().__init__()
            self.max_redirects = 0

    monkeypatch.setattr(demo, "Session", Homebody)
    ended = run("demo")
    assert (ended.code, ended.err) == (1, "sojourn: the demo broke off: Exceeded 0 redirects.\n")


def test_output_that_nobody_reads_ends_the_demo_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        encoding = "utf-8"

        def isatty(self) -> bool:
            return False

        def write(self, text: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            raise OSError("no file")

    monkeypatch.setattr(sys, "stdout", Closed())
    assert main(["demo"]) == 141


def test_an_origin_answers_404_where_nothing_is() -> None:
    with Origin("127.0.0.1") as origin, sojourn.Session() as session:
        origin.answers = {("GET", "/here"): Answer(200, content="here")}
        assert session.get(f"{origin.url}/here").text == "here"
        assert session.post(f"{origin.url}/here", data="x").status_code == 404
        assert [(seen.method, seen.target, seen.content) for seen in origin.seen] == [
            ("GET", "/here", b""),
            ("POST", "/here", b"x"),
        ]
