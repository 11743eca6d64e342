"""TLS, which is the core's: a driver sees bytes and nothing else."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import (
    ANSWER,
    NEW,
    Ask,
    Case,
    GivenUp,
    GiveUp,
    Got,
    Raised,
    Run,
    Stop,
)
from sojourn.testing.conformance.steps import (
    End,
    Expect,
    Gone,
    ReadChunks,
    ReadHead,
    Reset,
    Secure,
    Send,
    Trickle,
)
from sojourn_core.errors import ChunkedEncodingError, ConnectionError, SSLError

from .parts import OK, ONE, chunked, head, ok, source

LARGE: Final = bytes(range(251)) * 8000  # 2 MB
SECURED: Final = f"{NEW}(Write |Read )+{ANSWER}"
PIECES: Final = tuple(LARGE[at : at + 100_000] for at in range(0, 400_000, 100_000))


def ask(expect: Any = None, **more: Any) -> Ask:
    """Return a request by TLS."""
    return Ask(expect=Got(way=SECURED) if expect is None else expect, secure=True, **more)


def one(name: str, asked: Ask, *steps: Any, idle: int | None = None) -> Case:
    """Return a case of one exchange."""
    kept = isinstance(asked.expect, Got) and asked.expect.reusable
    return Case(
        name=f"TLS: {name}",
        peers={"a": ((Secure(), *steps),)},
        phases=(Run((asked,)),),
        idle=int(kept) if idle is None else idle,
    )


def then_again(name: str, asked: Ask, script: Any) -> Case:
    """Return a case of an exchange, and of another one that goes well."""
    return Case(
        name=f"TLS: {name}",
        peers={"a": (script, (Secure(), ReadHead(), Send(OK)))},
        phases=(Run((asked,)), Run((ask(name="next"),))),
        limits=ONE,
        idle=1,
    )


CASES: Final = (
    one("a response with its length", ask(), ReadHead(), Send(OK)),
    one("a response byte by byte", ask(Got()), ReadHead(), Trickle(OK)),
    one("a response in chunks", ask(), ReadHead(), Send(chunked(b"o", b"k"))),
    one("large content", ask(Got(content=LARGE)), ReadHead(), Send(ok(LARGE))),
    one(
        "content is sent",
        ask(Got(), method="POST", content=LARGE),
        ReadHead(),
        Expect(LARGE),
        Send(OK),
    ),
    one(
        "content is sent in chunks",
        ask(Got(), method="POST", content=source(*PIECES)),
        ReadHead(),
        ReadChunks(b"".join(PIECES)),
        Send(OK),
    ),
    one(
        "half of the response comes before the content is sent",
        ask(Got(), method="POST", content=LARGE),
        ReadHead(),
        Send(OK[:30]),
        Expect(LARGE),
        Send(OK[30:]),
    ),
    one(
        "content until close_notify",
        ask(Got(reusable=False)),
        ReadHead(),
        Send(head(200) + b"ok"),
        End(),
    ),
    one(
        "content is cut without close_notify",
        ask(Raised(error=ChunkedEncodingError, status=200)),
        ReadHead(),
        Send(head(200)),
        End(notify=False),
    ),
    Case(
        name="TLS: a connection is used again",
        peers={"a": ((Secure(), ReadHead(), Send(OK), ReadHead(), Send(OK)),)},
        phases=(Run((ask(),)), Run((ask(Got(reused=True), name="again"),))),
        idle=1,
    ),
    then_again(
        "the peer resets instead of an answer",
        ask(Raised(error=ConnectionError)),
        (Secure(), ReadHead(), Reset()),
    ),
    then_again(
        "the peer ends TLS instead of an answer",
        ask(Raised(error=ConnectionError)),
        (Secure(), ReadHead(), End()),
    ),
    then_again(
        "the peer closes within the handshake",
        ask(Raised(error=SSLError, maybe_sent=False)),
        (Expect(b"\x16"), End(), Gone()),
    ),
    then_again(
        "the peer speaks no TLS",
        ask(Raised(error=SSLError, maybe_sent=False)),
        (Expect(b"\x16"), Send(ok(b"what?", 400)), Gone()),
    ),
    then_again(
        "the certificate is of nobody who is trusted",
        ask(Raised(error=SSLError, maybe_sent=False), trusts=False),
        (Secure(fails=True), Gone()),
    ),
    then_again(
        "the certificate is for another host",
        ask(Raised(error=SSLError, maybe_sent=False), host="c.test"),
        (Secure(fails=True), Gone()),
    ),
    then_again(
        "the peer closes as soon as it has accepted",
        ask(Raised(error=SSLError, maybe_sent=False)),
        (End(), Gone()),
    ),
    Case(
        name="TLS: a held response is given up",
        peers={
            "a": ((Secure(), ReadHead(), Send(OK[:-1]), Gone()), (Secure(), ReadHead(), Send(OK)))
        },
        phases=(
            Run((ask(GivenUp(), stop=Stop("Head")),)),
            GiveUp("job"),
            Run((ask(name="next"),)),
        ),
        limits=ONE,
        idle=1,
    ),
)
