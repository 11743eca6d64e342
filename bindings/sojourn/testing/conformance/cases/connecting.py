"""From a name to a connection, or to none."""

from __future__ import annotations

from typing import Final

from sojourn.testing.conformance.case import Ask, Case, Got, Raised, Run
from sojourn.testing.conformance.steps import Close, End, Gone, ReadHead, Reset
from sojourn_core.errors import AddressRefused, ConnectionError, NameResolutionError

from .parts import ONE, PLAIN, SERVE, one, then_again

NOWHERE: Final = "fe80::1%no-such-interface"  # Refused by every system, and nobody is asked.
UNRESOLVED: Final = Raised(
    error=NameResolutionError, says="cannot be resolved", maybe_sent=False, way="Resolve Fail"
)
REFUSED: Final = Raised(
    error=ConnectionError,
    says="cannot connect",
    maybe_sent=False,
    way="Resolve( Connect)+ Fail",
)
LOST: Final = Raised(error=ConnectionError)


def tries(name: str, expect: Got | Raised, *addresses: str) -> Case:
    """Return a case of a name with several addresses, of which only ``a`` answers."""
    peers = {"a": (SERVE,) if "a" in addresses else (), "dead": (), "dead too": ()}
    return Case(
        name=name,
        peers=peers,
        phases=(Run((Ask(expect=expect),)),),
        addresses={"a": addresses},
        idle=int(isinstance(expect, Got)),
    )


CASES: Final = (
    one("a name is resolved and connected to", Ask(expect=Got(way=PLAIN)), SERVE),
    Case(
        name="a name that nobody has",
        peers={"a": ()},
        phases=(Run((Ask(expect=UNRESOLVED, resolves=NOWHERE),)),),
    ),
    then_again(
        "a name that nobody has, and the slot is free again",
        Ask(expect=UNRESOLVED, resolves=NOWHERE),
    ),
    tries("nobody listens at the only address", REFUSED, "dead"),
    tries("nobody listens at any of two addresses", REFUSED, "dead", "dead too"),
    tries(
        "the second address is tried after the first has failed",
        Got(way=PLAIN.replace("( Connect)+", "( Connect){1,2}")),
        "dead",
        "a",
    ),
    tries("the third address is tried after two have failed", Got(), "dead", "dead too", "a"),
    tries("the second address is left alone if the first answers", Got(), "a", "dead"),
    Case(
        name="nobody listens, and the slot is free again",
        peers={"dead": (), "a": (SERVE,)},
        phases=(
            Run((Ask(expect=REFUSED, at="dead"),)),
            Run((Ask(name="next", expect=Got(way=PLAIN)),)),
        ),
        limits=ONE,
        idle=1,
    ),
    Case(
        name="a name that has only refused addresses",
        peers={"a": ()},
        phases=(
            Run(
                (
                    Ask(
                        expect=Raised(error=AddressRefused, maybe_sent=False, way="Resolve Fail"),
                        refuses=("127.0.0.0/8",),
                    ),
                )
            ),
        ),
    ),
    then_again("the peer closes as soon as it has accepted", Ask(expect=LOST), (Close(),)),
    then_again("the peer resets as soon as it has accepted", Ask(expect=LOST), (Reset(),)),
    then_again(
        "the peer ends its side as soon as it has accepted",
        Ask(expect=Raised(error=ConnectionError, says="closed the connection without answering")),
        (End(), Gone()),
    ),
    then_again(
        "the peer closes once it has the head",
        Ask(expect=Raised(error=ConnectionError, maybe_sent=True)),
        (ReadHead(), End()),
    ),
    then_again(
        "the peer resets once it has the head",
        Ask(expect=Raised(error=ConnectionError, maybe_sent=True)),
        (ReadHead(), Reset()),
    ),
)
