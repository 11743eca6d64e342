"""Addresses that refuse, that swallow what is sent to them, and that are raced (RFC 8305).

Only Linux has such addresses on its loopback interface.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from sojourn.testing.conformance.case import (
    ANSWER,
    Ask,
    Cancel,
    Case,
    Expected,
    GivenUp,
    Got,
    Raised,
    Run,
)
from sojourn.testing.conformance.steps import ReadHead, Send, Until
from sojourn_core import PoolLimits
from sojourn_core.errors import ConnectionError, ConnectTimeout, DeadlineExceeded

from .parts import OK, ONE, PLAIN, SERVE, SIDE, within

REFUSALS: Final = frozenset({"refusals"})
RACES: Final = frozenset({"refusals", "races"})
CANCELS: Final = frozenset({"refusals", "cancels"})
SOON: Final = 0.02  # Seconds until the next address is started.
WON: Final = Got(way=f"Resolve Connect Write {ANSWER}")
SECOND: Final = Got(way=f"Resolve Connect Connect Write {ANSWER}")
TIMED_OUT: Final = Raised(
    error=ConnectTimeout, maybe_sent=False, way="Resolve Connect( Connect)* Fail"
)


def tries(name: str, *addresses: str, expect: Expected, needs: Any = REFUSALS, **more: Any) -> Case:
    """Return a case of a host with several addresses, after which its slot is free again.

    The endpoint ``a`` answers, ``dead`` refuses, and all others are silent.
    """
    ask = Ask(name="first", expect=expect, at="host", **more)
    got = isinstance(expect, Got)
    return Case(
        name=name,
        peers={
            "host": (),
            "a": (SERVE,) if got else (),
            "next": (SERVE,),
            "dead": (),
            "silent": (),
            "silent too": (),
        },
        phases=(
            Run((ask,)),
            Run((Ask(name="next", at="next", expect=Got(way=PLAIN)),)),
        ),
        addresses={"host": addresses},
        silent=frozenset({"silent", "silent too"}),
        needs=frozenset(needs),
        limits=PoolLimits(connections_max=2, connections_per_key_max=1) if got else ONE,
        idle=1 + got,
    )


def races(name: str, *addresses: str, expect: Expected, **more: Any) -> Case:
    """Return a case of addresses that are raced."""
    more.setdefault("timeouts", within(stagger=SOON))
    return tries(f"raced: {name}", *addresses, expect=expect, needs=RACES, races=True, **more)


IN_TURN: Final = (
    tries(
        "an address that is silent",
        "silent",
        expect=TIMED_OUT,
        timeouts=within(connect=0.1),
    ),
    tries(
        "the second address is tried when the first was silent for its share of the time",
        "silent",
        "a",
        expect=SECOND,
        timeouts=within(connect=1.2),
    ),
    tries(
        "two addresses that are silent",
        "silent",
        "silent too",
        expect=TIMED_OUT,
        timeouts=within(connect=0.1),
    ),
    tries(
        "an address that is silent for longer than the call may take",
        "silent",
        expect=Raised(error=DeadlineExceeded, maybe_sent=False),
        timeouts=within(total=0.1),
    ),
    tries(
        "cancelled before it connects",
        "silent",
        expect=GivenUp(),
        needs=CANCELS,
        cancel=Cancel("Connect"),
    ),
    Case(
        name="cancelled while it connects",
        peers={"silent": (), "b": ((ReadHead(), Until("connects"), Send(OK)),)},
        phases=(
            Run(
                (
                    Ask(
                        name="a",
                        at="silent",
                        expect=GivenUp(),
                        cancel=Cancel("Connect", by="b"),
                        marks={"Connect 1": "connects"},
                    ),
                    Ask(name="b", at="b"),
                )
            ),
        ),
        silent=frozenset({"silent"}),
        needs=CANCELS | SIDE,
        idle=1,
    ),
)

RACED: Final = (
    races("the first of two addresses answers", "a", "dead", expect=WON),
    races("the first of two addresses refuses", "dead", "a", expect=WON),
    races("the first of two addresses is silent", "silent", "a", expect=WON),
    races("two addresses are silent", "silent", "silent too", "a", expect=WON),
    races("one is silent, and one refuses", "silent", "dead", "a", expect=WON),
    races(
        "all addresses refuse",
        "dead",
        "dead",
        expect=Raised(error=ConnectionError, maybe_sent=False, way="Resolve Connect Fail"),
    ),
    races(
        "all addresses are silent",
        "silent",
        "silent too",
        expect=TIMED_OUT,
        timeouts=within(connect=0.1, stagger=SOON),
    ),
    tries(
        "raced: cancelled while addresses are tried",
        "silent",
        "silent too",
        expect=GivenUp(),
        needs=RACES | CANCELS,
        races=True,
        cancel=Cancel("Connect"),
    ),
)

CASES: Final = (*IN_TURN, *RACED) if sys.platform == "linux" else ()
