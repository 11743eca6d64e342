"""A policy, an invariant, a strategy and a machine of a user's own, upon ``sojourn.testing``."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from hypothesis import given
from hypothesis.strategies import SearchStrategy

from sojourn.testing import (
    Answer,
    Counterexample,
    Invariant,
    Situation,
    Trail,
    check_small_scope,
    play,
    simulate,
)
from sojourn.testing.machine import RedirectMachine
from sojourn.testing.strategies import graphs, hosts
from sojourn_core import Origin, Policy, Request, Response, Session

if TYPE_CHECKING:
    from sojourn.testing import Sent
    from sojourn_core.commands import Send

POLICY = Policy(
    allowed_hosts=frozenset({".corp.test"}),
    field_origins={"x-api-key": {"https://api.corp.test", Origin("https", "api.corp.test", 444)}},
)


def stays(trail: Trail) -> None:
    for sent in trail.sent:
        assert sent.url.host.endswith(".corp.test")


def answer(send: Send) -> Answer:
    return Answer.to("/x") if send.request.method == "POST" else Answer(200, content=b"tea")


class Machine(RedirectMachine):
    policy = POLICY

    def check(self, send: Sent) -> None:
        stays(self.trail)
        assert_type(send.content, bytes | None)


@given(graphs())
def holds(graph: dict[str, Answer]) -> None:
    stays(simulate(graph, Request("GET", "https://www.corp.test/"), POLICY))


assert_type(hosts(), SearchStrategy[str])
assert_type(graphs(), SearchStrategy[dict[str, Answer]])
trail = play(Session(policy=POLICY).call(Request("GET", "https://www.corp.test/")), answer)
assert_type(trail.response, Response | None)
assert_type(simulate([Answer.to("/y")], Situation(), Policy()), Trail)
assert_type(check_small_scope(POLICY, stays, hops=1), Counterexample | None)
own = Invariant("stays", "under POLICY", stays, lambda policy: policy == POLICY)
own(trail)
