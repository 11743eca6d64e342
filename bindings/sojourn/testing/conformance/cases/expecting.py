"""Content that waits for 100 (Continue), RFC 9110 section 10.1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.case import NEW, SHORT, Ask, Case, Got
from sojourn.testing.conformance.steps import Expect, Gone, ReadChunks, ReadHead, Secure, Send

from .files import file_of
from .parts import OK, ok, one, source, then_again, within

if TYPE_CHECKING:
    from sojourn.testing.conformance.steps import Step

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS: Final = b"HTTP/1.1 103 Early Hints\r\n\r\n"
SMALL: Final = b"0123456789"
LARGE: Final = SMALL * 200_000
SHORT_WAIT: Final = within(expect=SHORT)
LONG_WAIT: Final = within(expect=20.0)
# The head goes out alone, and something is read before any content is.
WAITS: Final = f"{NEW}Write Read .*"


def waits(content: Any, expect: Any = None, **more: Any) -> Ask:
    """Return a request whose content waits."""
    more = {"timeouts": LONG_WAIT, "fields": {"Expect": "100-continue"}, **more}
    return Ask(method="POST", content=content, expect=expect or Got(way=WAITS), **more)


def goes(name: str, content: Any, reads: Step, *says: bytes, **more: Any) -> Case:
    """Return a case of content that goes out once the peer has said these."""
    return one(name, waits(content), (ReadHead(), *map(Send, says), reads, Send(OK)), **more)


CASES: Final[tuple[Case, ...]] = (
    goes("content waits for 100", SMALL, Expect(SMALL), CONTINUE),
    goes("large content waits for 100", LARGE, Expect(LARGE), CONTINUE),
    goes("chunks wait for 100", source(b"abc", b"de"), ReadChunks(b"abcde"), CONTINUE),
    goes("a 103 does not end the wait, and a 100 does", SMALL, Expect(SMALL), HINTS, CONTINUE),
    one(
        "a file waits for 100",
        waits(
            file_of(LARGE),
            files=True,
            fields={"Expect": "100-continue", "Content-Length": str(len(LARGE))},
        ),
        (ReadHead(), Send(CONTINUE), Expect(LARGE), Send(OK)),
        needs=frozenset({"files"}),
    ),
    one(
        "content waits for 100, and informational heads are handed up",
        waits(SMALL, Got(informed=(103, 100), way=WAITS), informs=True),
        (ReadHead(), Send(HINTS + CONTINUE), Expect(SMALL), Send(OK)),
        needs=frozenset({"informs"}),
    ),
    one(
        "a peer that says nothing gets the content when the time is over",
        waits(SMALL, timeouts=SHORT_WAIT),
        (ReadHead(), Expect(SMALL), Send(OK)),
    ),
    one(
        "a peer that says nothing gets chunks when the time is over",
        waits(source(b"abc", b"de"), timeouts=SHORT_WAIT),
        (ReadHead(), ReadChunks(b"abcde"), Send(OK)),
    ),
    one(
        "content waits for 100 over TLS",
        waits(SMALL, Got(), secure=True),
        (Secure(), ReadHead(), Send(CONTINUE), Expect(SMALL), Send(OK)),
    ),
    then_again(
        "a final response before 100 keeps the content, and costs the connection",
        waits(LARGE, Got(status=413, content=b"no", reusable=False, way=f"{NEW}Write Read .*")),
        (ReadHead(), Send(ok(b"no", 413)), Gone()),
    ),
    then_again(
        "a 417 keeps the content, and costs the connection",
        waits(source(b"abc"), Got(status=417, content=b"no", reusable=False)),
        (ReadHead(), Send(ok(b"no", 417)), Gone()),
    ),
)
