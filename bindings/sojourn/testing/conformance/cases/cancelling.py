"""Jobs that are cancelled at each point, interrupted, or given up by their callers."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import (
    Ask,
    Cancel,
    Case,
    GivenUp,
    GiveUp,
    Got,
    Run,
    Stop,
)
from sojourn.testing.conformance.steps import (
    Gone,
    ReadHead,
    Secure,
    Send,
    Until,
)

from .parts import OK, ONE, ONE_EACH, SERVE, SIDE, WAITS, head, ok, source, then_again

CANCELS: Final = frozenset({"cancels"})
INTERRUPTS: Final = frozenset({"interrupts"})
LARGE: Final = bytes(6_000_000)
HALF: Final = (ReadHead(), Send(OK[:-1]))
CUT: Final = GivenUp()


def post(content: Any) -> dict[str, Any]:
    """Return what makes a request one that has content."""
    return {"method": "POST", "content": content}


def cancels(name: str, at: str, script: Any, nth: int = 1, needs: Any = (), **more: Any) -> Case:
    """Return a case of a job that is cancelled as soon as a command is there."""
    narrow = frozenset({"a"}) if "content" in more else frozenset[str]()
    ask = Ask(expect=CUT, cancel=Cancel(at, nth), **more)
    return then_again(
        f"cancelled {name}",
        ask,
        *([script] if script else []),
        phases=(Run((ask,), sets="over"),),
        needs=CANCELS | frozenset(needs),
        narrow=narrow,
    )


def interrupts(name: str, at: str, script: Any, nth: int = 1, **more: Any) -> Case:
    """Return a case of a job that is interrupted by an exception out of the reply to a command."""
    ask = Ask(expect=CUT, cancel=Cancel(at, nth, interrupts=True), **more)
    return then_again(
        f"interrupted {name}",
        ask,
        *([script] if script else []),
        phases=(Run((ask,), sets="over"),),
        needs=INTERRUPTS,
    )


def parked(name: str, at: str, script: Any, nth: int = 1, **more: Any) -> Case:
    """Return a case of a job that waits in a command, and is cancelled by another one."""
    ask = Ask(
        name="a",
        expect=CUT,
        cancel=Cancel(at, nth, by="b"),
        marks={f"{at} {nth}": "a waits"},
        **more,
    )
    by = Ask(name="b", at="b")
    return Case(
        name=f"cancelled while it waits {name}",
        peers={
            "a": (script, SERVE),
            "b": ((ReadHead(), Until("a waits"), Send(OK)),),
        },
        phases=(Run((ask, by), sets="over"), Run((Ask(name="next"),))),
        limits=ONE_EACH,
        needs=CANCELS | SIDE,
        narrow=frozenset({"a"}) if "content" in more else frozenset[str](),
        idle=2,
    )


STUCK: Final = (ReadHead(), Until("over"), Gone())

AT_ONCE: Final = (
    cancels("as the name is resolved", "Resolve", None),
    cancels("before the head of the response", "Read", (ReadHead(), Gone())),
    cancels("within the head of the response", "Read", (ReadHead(), Send(OK[:20]), Gone()), 2),
    cancels("within the content", "Read", (*HALF, Gone()), 2, stop=None),
    cancels(
        "within chunks",
        "Read",
        (ReadHead(), Send(head(200, Transfer_Encoding="chunked") + b"2\r\nok"), Gone()),
        2,
    ),
    cancels("within large content that is sent", "Write", STUCK, 4, **post(LARGE)),
    cancels(
        "within large chunks that are sent",
        "Write",
        STUCK,
        5,
        **post(source(*[bytes(200_000)] * 40)),
    ),
    cancels("after content was sent", "Read", (ReadHead(), Gone()), **post(source(b"x"))),
    cancels("within the TLS handshake", "Read", (Gone(),), secure=True),
    cancels("of TLS, before the response", "Read", (Secure(), ReadHead(), Gone()), 3, secure=True),
    cancels(
        "within large chunks of an async iterator",
        "Write",
        STUCK,
        5,
        needs={"async content"},
        **post(source(*[bytes(200_000)] * 40, is_async=True)),
    ),
    then_again(
        "cancelled as it drains",
        Ask(),
        (*HALF, Gone()),
        phases=(
            Run(
                (
                    Ask(
                        expect=CUT,
                        cancel=Cancel("Read", 2),
                        stop=Stop("Head", then="drain"),
                    ),
                )
            ),
        ),
        needs=CANCELS,
    ),
    Case(
        name="cancelled as it waits for the pool",
        peers={"a": ((*HALF, Until("over"), Send(OK[-1:]), *SERVE),)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head")),)),
            Run((Ask(name="b", expect=CUT, cancel=Cancel("Wait")),), sets="over"),
            Run(("a",)),
            Run((Ask(name="next", expect=Got(reused=True)),)),
        ),
        limits=ONE,
        needs=CANCELS | {"waits"},
        idle=1,
    ),
    Case(
        name="cancelled on a connection that is used again",
        peers={"a": ((*SERVE, ReadHead(), Gone()), SERVE)},
        phases=(
            Run((Ask(name="first"),)),
            Run((Ask(expect=CUT, cancel=Cancel("Read")),)),
            Run((Ask(name="next"),)),
        ),
        limits=ONE,
        needs=CANCELS,
        idle=1,
    ),
    Case(
        name="cancelled as a proxy is asked for a tunnel",
        peers={"p": ((ReadHead(), Gone()), SERVE)},
        phases=(
            Run((Ask(expect=CUT, cancel=Cancel("Read"), proxy="p", secure=True),)),
            Run((Ask(name="next", proxy="p"),)),
        ),
        limits=ONE,
        needs=CANCELS,
        idle=1,
    ),
)

PARKED: Final = (
    parked("for the head of the response", "Read", (ReadHead(), Gone())),
    parked("for the rest of the head", "Read", (ReadHead(), Send(OK[:20]), Gone()), 2),
    parked("for the content", "Read", (*HALF, Gone()), 2),
    parked("within the TLS handshake", "Read", (Gone(),), secure=True),
    Case(
        name="cancelled while it waits for the pool, and the next in the queue goes on",
        peers={
            "a": ((ReadHead(), Until("d waits"), Until("c is over"), Send(OK), *SERVE),),
            "c": (SERVE,),
        },
        phases=(
            Run(
                (
                    Ask(name="a"),
                    Ask(name="b", expect=CUT, cancel=Cancel("Wait", by="c"), marks={"Wait 1": "b"}),
                    Ask(name="c", at="c", marks={"Finish 1": "c is over"}),
                    Ask(name="d", expect=Got(reused=True), marks={"Wait 1": "d waits"}),
                )
            ),
        ),
        limits=ONE_EACH,
        needs=CANCELS | WAITS,
        idle=2,
    ),
    Case(
        name="cancelled as its turn has come, and the next in the queue gets it",
        peers={"a": ((ReadHead(), Until("c waits"), Send(OK), *SERVE),)},
        phases=(
            Run(
                (
                    Ask(name="a"),
                    Ask(name="b", expect=CUT, cancel=Cancel("Wait", by="a")),
                    Ask(name="c", expect=Got(reused=True), marks={"Wait 1": "c waits"}),
                )
            ),
        ),
        limits=ONE,
        needs=CANCELS | WAITS,
        idle=1,
    ),
    Case(
        name="the one that holds the only connection is cancelled, and a waiter goes on",
        peers={
            "a": ((ReadHead(), Gone()), SERVE),
            "c": ((ReadHead(), Until("b waits"), Send(OK)),),
        },
        phases=(
            Run(
                (
                    Ask(name="a", expect=CUT, cancel=Cancel("Read", by="c"), marks={"Read 1": "a"}),
                    Ask(name="b", marks={"Wait 1": "b waits"}),
                    Ask(name="c", at="c"),
                )
            ),
        ),
        limits=ONE_EACH,
        needs=CANCELS | WAITS,
        idle=2,
    ),
)

INTERRUPTED: Final = (
    interrupts("as the name was resolved", "Resolve", None),
    interrupts("as the head was written", "Write", (ReadHead(), Gone())),
    interrupts("as the head of the response came", "Read", (*SERVE, Gone())),
    interrupts(
        "within the content",
        "Read",
        (*HALF, Until("some"), Send(OK[-1:]), Gone()),
        2,
        marks={"Content 1": "some"},
    ),
    interrupts("within content that is sent", "Write", (ReadHead(), Gone()), 3, **post(LARGE)),
    interrupts("as a chunk was taken", "Pull", (ReadHead(), Gone()), **post(source(b"x", b"y"))),
    interrupts("within the TLS handshake", "Read", (Secure(fails=True), Gone()), secure=True),
    interrupts("as TLS is spoken", "Write", (Secure(fails=None), Gone()), 2, secure=True),
    Case(
        name="interrupted as a connection was probed",
        peers={"a": ((*SERVE, Gone()), SERVE)},
        phases=(
            Run((Ask(name="first"),)),
            Run((Ask(expect=CUT, cancel=Cancel("Probe", interrupts=True)),)),
            Run((Ask(name="next"),)),
        ),
        limits=ONE,
        needs=INTERRUPTS,
        idle=1,
    ),
    Case(
        name="interrupted as its turn has come, and the next in the queue gets it",
        peers={"a": ((ReadHead(), Until("b waits"), Send(OK), *SERVE),)},
        phases=(
            Run(
                (
                    Ask(name="a"),
                    Ask(
                        name="b",
                        expect=CUT,
                        cancel=Cancel("Wait", interrupts=True),
                        marks={"Wait 1": "b waits"},
                    ),
                )
            ),
            Run((Ask(name="next", expect=Got(reused=True)),)),
        ),
        limits=ONE,
        needs=INTERRUPTS | WAITS,
        idle=1,
    ),
)


def gives_up(name: str, script: Any, at: str = "Head", nth: int = 1, **more: Any) -> Case:
    """Return a case of a response that is held, and given up by its caller."""
    return then_again(
        f"given up {name}",
        Ask(),
        script,
        phases=(Run((Ask(expect=CUT, stop=Stop(at, nth), **more),)), GiveUp("job")),
    )


GIVEN_UP: Final = (
    gives_up("before its content is read", (*HALF, Gone())),
    gives_up("within its content", (*HALF, Gone()), "Content"),
    gives_up("within large content", (ReadHead(), Send(ok(LARGE)[:100_000]), Gone()), "Content"),
    gives_up("after a 103", (ReadHead(), Send(head(103)), Gone()), "Inform", informs=True),
    gives_up(
        "before its content is sent",
        (*HALF, Gone()),
        **post(LARGE),
    ),
    gives_up(
        "before its chunks are sent",
        (ReadHead(), Send(OK[:-1]), Gone()),
        **post(source(*[bytes(200_000)] * 40)),
    ),
)

CASES: Final = (*AT_ONCE, *PARKED, *INTERRUPTED, *GIVEN_UP)
