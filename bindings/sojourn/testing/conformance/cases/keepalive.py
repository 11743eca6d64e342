"""Connections that are used again, and the races about that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.case import (
    ANSWER,
    STALE,
    Ask,
    Await,
    Case,
    ClosePool,
    ExpirePool,
    Got,
    Raised,
    Run,
    Stop,
)
from sojourn.testing.conformance.steps import (
    Close,
    End,
    Expect,
    Flag,
    Gone,
    Offer,
    Pause,
    ReadHead,
    Reset,
    Send,
    Until,
)
from sojourn_core import PoolLimits
from sojourn_core.errors import ConnectionError

from .parts import OK, ONE, PLAIN, REUSED, SERVE, chunked, head, ok, serve, within

FIRST: Final = Ask(name="first", expect=Got(way=PLAIN))
AGAIN: Final = Ask(name="again", expect=Got(reused=True, way=REUSED))
ANEW: Final = Ask(name="anew", expect=Got(way=PLAIN))
AFTER_STALE: Final = Ask(name="anew", expect=Got(way=f"{STALE}Write {ANSWER}"))
LARGE: Final = bytes(1_000_000)
HELD: Final = Stop("Head")
# The time passes only once the connection is idle, however late that is.
LATE: Final = (*SERVE, Until("first is over"), Pause(0.03), Flag("late"), Gone())

if TYPE_CHECKING:
    from sojourn.testing.conformance.steps import Script, Step


def runs(name: str, *asks: Ask, scripts: Any, **more: Any) -> Case:
    """Return a case of exchanges that come one after the other."""
    more.setdefault("idle", 1)
    phases = tuple(Run((ask,)) for ask in asks)
    return Case(name=name, peers={"a": scripts}, phases=phases, **more)


def goes_stale(name: str, *steps: Any, flag: str = "stale") -> Case:
    """Return a case of a connection that goes stale while it is idle."""
    return Case(
        name=name,
        peers={"a": ((*serve(OK), Until("first is over"), *steps), SERVE)},
        phases=(Run((FIRST,), sets="first is over"), Await(flag), Run((AFTER_STALE,))),
        limits=ONE,
        idle=1,
    )


def drains(
    name: str, *steps: Step, kept: bool, limit: int = 1 << 20, seconds: float = 20.0
) -> Case:
    """Return a case of a response whose content is left out, and of one that comes after it."""
    stop = Stop("Head", then="drain", limit=limit, seconds=seconds)
    first = Ask(name="first", expect=Got(content=b"", reusable=kept), stop=stop)
    scripts: tuple[Script, ...] = ((ReadHead(), *steps, Gone()), SERVE)
    if kept:
        scripts = ((ReadHead(), *steps, *SERVE),)
    return runs(name, first, AGAIN if kept else ANEW, scripts=scripts, limits=ONE)


KEPT: Final = (
    runs("a connection is used again", FIRST, AGAIN, scripts=(serve(OK, OK),)),
    runs(
        "a connection is used five times",
        FIRST,
        *(Ask(name=f"again {n}", expect=AGAIN.expect) for n in range(4)),
        scripts=(serve(*[OK] * 5),),
    ),
    runs("again after a response in chunks", FIRST, AGAIN, scripts=(serve(chunked(b"ok"), OK),)),
    runs(
        "again after HEAD",
        Ask(name="first", method="HEAD", expect=Got(content=b"")),
        AGAIN,
        scripts=(serve(head(200, Content_Length="7"), OK),),
    ),
    runs(
        "again after a 204",
        Ask(name="first", expect=Got(status=204, content=b"")),
        AGAIN,
        scripts=(serve(head(204), OK),),
    ),
    runs(
        "again after content was sent",
        Ask(name="first", method="POST", content=LARGE),
        AGAIN,
        scripts=((ReadHead(), Expect(LARGE), Send(OK), *SERVE),),
    ),
    Case(
        name="again where the first response is read late",
        peers={"a": (serve(OK, OK),)},
        phases=(
            Run((Ask(name="first", stop=HELD),)),
            Run((Ask(name="again", expect=Got(reused=True)),)),
            Run(("first",)),
        ),
        idle=1,
    ),
)

STALENESS: Final = (
    goes_stale("the peer ends its side while a connection is idle", End(), Flag("stale")),
    goes_stale("the peer closes while a connection is idle", Close(), flag="a0 gone"),
    goes_stale("the peer resets while a connection is idle", Reset(), flag="a0 gone"),
    goes_stale("bytes come while a connection is idle", Send(ok(status=408)), Flag("stale")),
    goes_stale(
        "bytes come while a connection is idle, and then its end",
        Send(ok(status=408)),
        Close(),
        flag="a0 gone",
    ),
    runs(
        "the peer closes once a second request has come",
        FIRST,
        Ask(
            name="lost",
            expect=Raised(error=ConnectionError, maybe_sent=True, way="Probe Write Read Fail"),
        ),
        ANEW,
        scripts=((*SERVE, ReadHead(), End()), SERVE),
        limits=ONE,
    ),
    runs(
        "the peer resets once a second request has come",
        FIRST,
        Ask(name="lost", expect=Raised(error=ConnectionError, maybe_sent=True)),
        ANEW,
        scripts=((*SERVE, ReadHead(), Reset()), SERVE),
        limits=ONE,
    ),
)

LEFT: Final = (
    runs(
        "a new connection is asked for beside an idle one",
        FIRST,
        Ask(name="fresh", expect=Got(way=PLAIN), fresh=True),
        scripts=(SERVE, SERVE),
        idle=1,
    ),
    runs(
        "a connection is not kept if none may be idle",
        Ask(name="first", expect=Got()),
        ANEW,
        scripts=((*SERVE, Gone()), (*SERVE, Gone())),
        limits=PoolLimits(idle_max=0),
        idle=0,
    ),
    Case(
        name="the pool is closed while a connection is idle",
        peers={"a": ((*SERVE, Gone()), SERVE)},
        phases=(Run((FIRST,)), ClosePool(), Await("a0 gone"), Run((ANEW,))),
        idle=1,
    ),
    Case(
        name="the pool is closed while a connection is in use",
        peers={"a": ((ReadHead(), Send(OK[:-1]), Until("closed"), Send(OK[-1:]), Gone()), SERVE)},
        phases=(
            Run((Ask(name="first", stop=HELD),), sets="held"),
            ClosePool(),
            Run((), sets="closed"),
            Run(("first",)),
            Run((ANEW,)),
        ),
        idle=1,
    ),
    Case(
        name="what was idle for longest makes room for another endpoint",
        peers={"a": ((*SERVE, Gone()),), "b": ((ReadHead(), Until("a0 gone"), Send(OK)),)},
        phases=(Run((FIRST,)), Run((Ask(name="other", at="b", expect=Got(way=PLAIN)),))),
        limits=ONE,
        idle=1,
    ),
    Case(
        name="the pool lets go of what was idle for too long",
        peers={"a": (LATE, SERVE)},
        phases=(
            Run((FIRST,), sets="first is over"),
            Await("late"),
            ExpirePool(),
            Await("a0 gone"),
            Run((ANEW,)),
        ),
        limits=PoolLimits(idle_seconds_max=0.02),
        idle=1,
    ),
    Case(
        name="what was idle for too long is not used again",
        peers={"a": (LATE, SERVE)},
        phases=(Run((FIRST,), sets="first is over"), Await("late"), Run((ANEW,)), Await("a0 gone")),
        limits=PoolLimits(idle_seconds_max=0.02),
        idle=1,
    ),
)

DRAINED: Final = (
    drains("a short rest is drained", Send(ok(b"x" * 5000)), kept=True),
    drains("a rest that comes late is drained", Send(OK[:-1]), Send(OK[-1:]), kept=True),
    drains("a rest in chunks is drained", Send(chunked(b"x" * 5000, b"y" * 5000)), kept=True),
    drains(
        "a rest that is too long is dropped", Offer(ok(LARGE)[:300_000]), kept=False, limit=1000
    ),
    drains("a rest that does not come is dropped", Send(OK[:-1]), kept=False, seconds=0.04),
    drains("a rest that is cut is dropped", Send(OK[:-1]), End(), kept=False),
    runs(
        "a rest that is lost by a reset is dropped",
        Ask(
            name="first",
            expect=Got(content=b"", reusable=False),
            stop=Stop("Head", then="drain"),
            marks={"Read 2": "draining"},
        ),
        ANEW,
        scripts=((ReadHead(), Send(OK[:-1]), Until("draining"), Reset()), SERVE),
        limits=ONE,
    ),
    runs(
        "a response is drained after some of its content",
        Ask(
            name="first",
            expect=Got(content=b"o"),
            stop=Stop("Content", then="drain"),
            timeouts=within(read=20.0),
            marks={"Content 1": "some"},
        ),
        AGAIN,
        scripts=((ReadHead(), Send(OK[:-1]), Until("some"), Send(OK[-1:]), *SERVE),),
        limits=ONE,
    ),
)

CASES: Final = (*KEPT, *STALENESS, *LEFT, *DRAINED)
