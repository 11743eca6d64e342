"""Many exchanges at once, more than there are connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.case import (
    ANSWER,
    SHORT,
    Ask,
    Case,
    ClosePool,
    Expected,
    Forget,
    GivenUp,
    GiveUp,
    Got,
    Lacks,
    Raised,
    Run,
    Stop,
)
from sojourn.testing.conformance.steps import (
    End,
    Flag,
    Gone,
    Pause,
    ReadHead,
    Send,
    Until,
)
from sojourn_core.errors import (
    ChunkedEncodingError,
    ConnectionError,
    DeadlineExceeded,
    PoolTimeout,
)

from .parts import OK, ONE, PLAIN, SERVE, SIDE, WAITS, ok, serve, within

if TYPE_CHECKING:
    from sojourn.testing.conformance.steps import Script

MUCH: Final = bytes(20_000_000)
WAITED: Final = f"Wait Probe Write {ANSWER}"
WAITED_ANEW: Final = f"Wait Resolve Connect Write {ANSWER}"
# The peer answers the first job only when the second one waits.
AWAITED: Final = (ReadHead(), Until("b waits"), Send(OK))


def waiter(name: str = "b", expect: Expected | None = None, *, gives: str = "", **more: Any) -> Ask:
    """Return an ask that must wait, and then gets the connection of the one before it.

    ``gives`` is a flag that is set when it fails.
    """
    expect = Got(reused=True, way=WAITED) if expect is None else expect
    marks = {"Wait 1": f"{name} waits", "Fail 1": gives}
    return Ask(name=name, expect=expect, marks=marks, **more)


def queue(name: str, first: Ask, *others: Ask, scripts: Any, **more: Any) -> Case:
    """Return a case of jobs of which all but the first must wait."""
    more.setdefault("limits", ONE)
    more.setdefault("idle", 1)
    return Case(
        name=name,
        peers={"a": scripts},
        phases=(Run((first, *others)),),
        needs=WAITS,
        **more,
    )


def after_all(number: int, count: int) -> Script:
    """Return the script of one of so many connections: it answers once all have been asked."""
    asked = (Until(f"{n} asked") for n in range(count))
    return (ReadHead(), Flag(f"{number} asked"), *asked, Send(OK))


A: Final = Ask(name="a")
B: Final = waiter()
ANEW: Final = waiter(expect=Got(way=WAITED_ANEW))

AT_ONCE: Final = (
    Case(
        name="two exchanges side by side",
        peers={
            "a": ((ReadHead(), Flag("a asks"), Until("b asks"), Send(OK)),),
            "b": ((ReadHead(), Flag("b asks"), Until("a asks"), Send(OK)),),
        },
        phases=(Run((A, Ask(name="b", at="b"))),),
        needs=SIDE,
        idle=2,
    ),
    Case(
        name="one exchange ends while another one is under way",
        peers={
            "a": ((ReadHead(), Until("b0 answered"), Send(OK)),),
            "b": ((ReadHead(), Send(OK), Flag("b0 answered")),),
        },
        phases=(Run((A, Ask(name="b", at="b"))),),
        needs=SIDE,
        idle=2,
    ),
    Case(
        name="twenty exchanges side by side",
        peers={"a": tuple(after_all(n, 20) for n in range(20))},
        phases=(Run(tuple(Ask(name=f"job {n}", expect=Got(way=PLAIN)) for n in range(20))),),
        needs=SIDE,
        idle=20,
    ),
    Case(
        name="twenty exchanges over one connection",
        peers={"a": (serve(*[OK] * 20),)},
        phases=(
            Run(
                (
                    Ask(name="job 0"),
                    *(Ask(name=f"job {n}", expect=Got(reused=True)) for n in range(1, 20)),
                )
            ),
        ),
        needs=WAITS,
        limits=ONE,
        idle=1,
    ),
    Case(
        name="one exchange fails beside another one",
        peers={
            "a": ((ReadHead(), Until("b0 gone"), Send(OK)),),
            "b": ((ReadHead(), End()),),
        },
        phases=(Run((A, Ask(name="b", at="b", expect=Raised(error=ConnectionError)))),),
        needs=SIDE,
        idle=1,
    ),
)

QUEUES: Final = (
    queue(
        "a waiter gets the connection of the one before",
        A,
        B,
        scripts=((*AWAITED, *SERVE),),
        order=("b Wait", "a Head", "b.woken", "b Head"),
    ),
    queue(
        "a waiter makes a connection where the one before is not kept",
        Ask(name="a", expect=Got(reusable=False)),
        ANEW,
        scripts=((ReadHead(), Until("b waits"), Send(ok(Connection="close")), Gone()), SERVE),
    ),
    queue(
        "a waiter makes a connection where the one before was lost",
        Ask(name="a", expect=Raised(error=ConnectionError)),
        ANEW,
        scripts=((ReadHead(), Until("b waits"), End()), SERVE),
    ),
    queue(
        "a waiter makes a connection where the content of the one before was cut",
        Ask(name="a", expect=Raised(error=ChunkedEncodingError, status=200, content=b"o")),
        ANEW,
        scripts=((ReadHead(), Until("b waits"), Send(OK[:-1]), End()), SERVE),
    ),
    Case(
        name="a waiter gets the connection once the response has ended, read or not",
        peers={"a": ((*AWAITED, *SERVE),)},
        phases=(Run((Ask(name="a", stop=Stop("Head")), B)), Run(("a",))),
        limits=ONE,
        needs=WAITS,
        idle=1,
        order=("a Head", "b.woken", "b Finish", "a Finish"),
    ),
    queue(
        "a waiter gets a connection that was drained",
        Ask(name="a", expect=Got(content=b""), stop=Stop("Head", then="drain")),
        B,
        scripts=((*AWAITED, *SERVE),),
    ),
    queue(
        "a waiter makes a connection where the one before is dropped in draining",
        Ask(
            name="a",
            expect=Got(content=b"", reusable=False),
            stop=Stop("Head", then="drain", limit=10),
        ),
        ANEW,
        scripts=((ReadHead(), Until("b waits"), Send(ok(bytes(5000))[:-1]), Gone()), SERVE),
    ),
    queue(
        "three waiters come in their turn",
        A,
        B,
        *(waiter(f"{n}", Got(reused=True, way="(Wait )+Probe .*")) for n in ("c", "d")),
        scripts=(
            (
                ReadHead(),
                Until("b waits"),
                Until("c waits"),
                Until("d waits"),
                Send(OK),
                *serve(OK, OK, OK),
            ),
        ),
    ),
    queue(
        "a waiter gives up when its time has passed, and the one before goes on",
        A,
        waiter(
            expect=Raised(error=PoolTimeout, maybe_sent=False, way="Wait Fail"),
            timeouts=within(pool=SHORT),
            gives="b failed",
        ),
        scripts=((ReadHead(), Until("b failed"), Send(OK)),),
    ),
    Case(
        name="a waiter of another endpoint gets the place, and the idle connection is closed",
        peers={"a": ((*AWAITED, Gone()),), "b": ((ReadHead(), Until("a0 gone"), Send(OK)),)},
        phases=(Run((A, waiter(expect=Got(way=WAITED_ANEW), at="b"))),),
        limits=ONE,
        needs=WAITS,
        idle=1,
    ),
)
CLOSED: Final = (
    Case(
        name="nobody waits for longer than a call may take",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Until("over"), Send(OK[-1:])),)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head")),)),
            Run(
                (
                    waiter(
                        expect=Raised(error=DeadlineExceeded, maybe_sent=False, way="Wait Fail"),
                        timeouts=within(total=SHORT),
                    ),
                ),
                sets="over",
            ),
            Run(("a",)),
        ),
        limits=ONE,
        needs=frozenset({"waits"}),
        idle=1,
    ),
    Case(
        name="a waiter whose time has passed leaves the queue",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Until("over"), Send(OK[-1:]), *SERVE),)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head")),)),
            Run(
                (
                    waiter(
                        expect=Raised(error=PoolTimeout, maybe_sent=False, way="Wait Fail"),
                        timeouts=within(pool=SHORT),
                    ),
                ),
                sets="over",
            ),
            Run(("a",)),
            Run((Ask(name="next", expect=Got(reused=True)),)),
        ),
        limits=ONE,
        needs=frozenset({"waits"}),
        idle=1,
    ),
    Case(
        name="a held response is given up, and its place is free",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Gone()), SERVE)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head"), expect=GivenUp()),)),
            GiveUp("a"),
            Run((Ask(name="next", expect=Got(way=PLAIN)),)),
        ),
        limits=ONE,
        idle=1,
    ),
    Case(
        name="a held response is given up twice",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Gone()), SERVE)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head"), expect=GivenUp()),)),
            GiveUp("a"),
            GiveUp("a"),
            Run((Ask(name="next", expect=Got(way=PLAIN)),)),
        ),
        limits=ONE,
        idle=1,
    ),
    Case(
        name="a held response is forgotten, and its place is free",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Gone()), SERVE)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head"), expect=GivenUp()),)),
            Forget("a"),
            Run((Ask(name="next", expect=Got(way=PLAIN)),)),
        ),
        limits=ONE,
        needs=frozenset({"finalizes"}),
        idle=1,
    ),
    Case(
        name="a held response whose end has come is given up, and the connection is kept",
        peers={"a": (serve(OK, OK),)},
        phases=(
            Run((Ask(name="a", stop=Stop("Head"), expect=GivenUp()),)),
            GiveUp("a"),
            Run((Ask(name="next", expect=Got(reused=True)),)),
        ),
        limits=ONE,
        idle=1,
    ),
    Case(
        name="a response is held while others go on",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Until("done"), Send(OK[-1:])), serve(OK, OK))},
        phases=(
            Run((Ask(name="a", stop=Stop("Head")),)),
            Run((Ask(name="b"),)),
            Run((Ask(name="c", expect=Got(reused=True)),), sets="done"),
            Run(("a",)),
        ),
        idle=2,
    ),
    Case(
        name="what nobody asks for is not read",
        peers={
            "a": ((ReadHead(), Send(ok(MUCH)[: -len(MUCH)]), Send(MUCH), Flag("taken")),),
            "b": ((ReadHead(), Pause(0.05), Send(OK)),),
        },
        phases=(
            Run((Ask(name="a", stop=Stop("Head"), expect=Got(content=MUCH)),)),
            Run((Ask(name="b", at="b"),)),
            Lacks("taken"),
            Run(("a",)),
        ),
        idle=2,
    ),
    Case(
        name="the pool is closed while somebody waits",
        peers={"a": ((*AWAITED, *SERVE),)},
        phases=(Run((A, B)), ClosePool()),
        limits=ONE,
        needs=WAITS,
    ),
)


CASES: Final = (*AT_ONCE, *QUEUES, *CLOSED)
