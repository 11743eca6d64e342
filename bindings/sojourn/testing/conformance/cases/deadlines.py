"""Deadlines that pass, and those that must not."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import SHORT, Ask, Case, Got, Raised, Run, Stop
from sojourn.testing.conformance.steps import (
    Gone,
    Pause,
    ReadHead,
    Secure,
    Send,
    Until,
)
from sojourn_core.errors import (
    ConnectTimeout,
    DeadlineExceeded,
    ReadTimeout,
    StalledContent,
    WriteTimeout,
)

from .parts import OK, ONE, REUSED, SERVE, SIDE, chunked, head, source, then_again, within

READING: Final = within(read=SHORT)
# There must be time for what comes before the silence, on a machine that is busy.
READING_ON: Final = within(read=0.75)
CONNECTING: Final = within(connect=0.3)
IN_ALL: Final = within(total=0.3)
LONGER_IN_ALL: Final = within(total=0.75)
HALF: Final = b"HTTP/1.1 200 Fine\r\nX: "
LARGE: Final = bytes(6_000_000)
SOME: Final = head(200, Content_Length="10") + b"01234"


def silent(name: str, steps: Any, expect: Raised, **more: Any) -> Case:
    """Return a case of a peer that falls silent."""
    return then_again(name, Ask(expect=expect, **more), (*steps, Gone()))


def stuck(name: str, content: Any) -> Case:
    """Return a case of a peer that takes in nothing more, until the exchange is over."""
    ask = Ask(
        method="POST",
        content=content,
        expect=Raised(error=WriteTimeout, maybe_sent=True),
        timeouts=within(write=SHORT),
    )
    return then_again(
        name,
        ask,
        (ReadHead(), Until("over"), Gone()),
        phases=(Run((ask,), sets="over"),),
        narrow=frozenset({"a"}),
    )


SILENCE: Final = (
    silent(
        "silence instead of an answer",
        (ReadHead(),),
        Raised(error=ReadTimeout, says="no answer", maybe_sent=True),
        timeouts=READING,
    ),
    silent(
        "silence within the head",
        (ReadHead(), Send(HALF)),
        Raised(error=ReadTimeout, maybe_sent=True),
        timeouts=READING,
    ),
    silent(
        "silence after a 103",
        (ReadHead(), Send(head(103))),
        Raised(error=ReadTimeout, maybe_sent=True),
        timeouts=READING,
    ),
    silent(
        "silence within the content",
        (ReadHead(), Send(SOME)),
        Raised(error=StalledContent, status=200, content=b"01234"),
        timeouts=READING_ON,
    ),
    silent(
        "silence within chunks",
        (ReadHead(), Send(chunked(b"01234")[:-5])),
        Raised(error=StalledContent, status=200, content=b"01234"),
        timeouts=READING_ON,
    ),
    silent(
        "silence within content that has no length",
        (ReadHead(), Send(head(200) + b"01234")),
        Raised(error=StalledContent, status=200, content=b"01234"),
        timeouts=READING_ON,
    ),
    silent(
        "silence after content was sent",
        (ReadHead(),),
        Raised(error=ReadTimeout, maybe_sent=True),
        method="POST",
        content=source(b"01", b"23"),
        timeouts=READING,
    ),
    stuck("the peer takes in nothing more", LARGE),
    stuck("the peer takes in nothing more of many chunks", source(*[bytes(200_000)] * 40)),
    silent(
        "silence within the TLS handshake",
        (),
        Raised(error=ConnectTimeout, maybe_sent=False),
        secure=True,
        timeouts=CONNECTING,
    ),
    silent(
        "silence of a TLS peer instead of an answer",
        (Secure(), ReadHead()),
        Raised(error=ReadTimeout, maybe_sent=True),
        secure=True,
        timeouts=READING,
    ),
    Case(
        name="silence of a proxy that is asked for a tunnel",
        peers={"p": ((ReadHead(), Gone()), SERVE)},
        phases=(
            Run(
                (
                    Ask(
                        expect=Raised(error=ConnectTimeout, maybe_sent=False),
                        secure=True,
                        proxy="p",
                        timeouts=CONNECTING,
                    ),
                )
            ),
            Run((Ask(name="next", proxy="p"),)),
        ),
        limits=ONE,
        idle=1,
    ),
)

TOTAL: Final = (
    silent(
        "the whole call takes too long",
        (ReadHead(),),
        Raised(error=DeadlineExceeded, maybe_sent=True),
        timeouts=IN_ALL,
    ),
    silent(
        "the whole call takes too long within the content",
        (ReadHead(), Send(SOME)),
        Raised(error=DeadlineExceeded, status=200, content=b"01234"),
        timeouts=LONGER_IN_ALL,
    ),
    silent(
        "the whole call takes too long within the TLS handshake",
        (),
        Raised(error=DeadlineExceeded, maybe_sent=False),
        secure=True,
        timeouts=IN_ALL,
    ),
)

BESIDE: Final = (
    Case(
        name="a deadline that passes touches no other exchange",
        peers={"a": ((ReadHead(), Gone()),), "b": ((ReadHead(), Until("a failed"), Send(OK)),)},
        phases=(
            Run(
                (
                    Ask(
                        name="a",
                        expect=Raised(error=ReadTimeout),
                        timeouts=READING,
                        marks={"Fail 1": "a failed"},
                    ),
                    Ask(name="b", at="b"),
                )
            ),
        ),
        needs=SIDE,
        idle=1,
    ),
    Case(
        name="the deadline of one exchange is not that of the next on its connection",
        peers={"a": ((*SERVE, ReadHead(), Pause(0.65), Send(OK)),)},
        phases=(
            Run((Ask(name="first", timeouts=within(read=0.6), expect=Got(way=".*")),)),
            Run((Ask(name="next", expect=Got(reused=True, way=REUSED)),)),
        ),
        idle=1,
    ),
    Case(
        name="a deadline begins anew with each piece that comes",
        peers={
            "a": (
                (
                    ReadHead(),
                    *(
                        step
                        for n in range(12)
                        for step in (Pause(0.08), Send(OK[n * 4 : n * 4 + 4]))
                    ),
                    Send(OK[48:]),
                ),
            )
        },
        phases=(Run((Ask(timeouts=within(read=0.9)),)),),
        idle=1,
    ),
    then_again(
        "nobody waits for the end of what is drained",
        Ask(
            expect=Got(content=b"", reusable=False), stop=Stop("Head", then="drain", seconds=SHORT)
        ),
        (ReadHead(), Send(SOME), Gone()),
    ),
)

CASES: Final = (*SILENCE, *TOTAL, *BESIDE)
