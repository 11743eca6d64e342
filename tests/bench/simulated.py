"""Chains of redirects without a network: ``python -m tests.bench.simulated``.

``sojourn.testing.simulate`` plays the same chain that a loop of a few lines drives by hand. Both
run in turn in one process, so that the ratio of their times says something on a busy machine too;
beside it stand the calls of Python functions for each hop, which are the same in every run.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from sojourn.testing import Answer, Web, simulate
from sojourn_core import Fields, Limits, Policy, Request, Response, ResponseHead, Session
from sojourn_core.commands import Discard, Send

if TYPE_CHECKING:
    from collections.abc import Callable

REDIRECTS: Final = 5
RATIO_MAX: Final = 1.15
POLICY: Final = Policy()
LIMITS: Final = Limits()
PAGES: Final = {
    **{f"https://a.test/{n}": Answer.to(f"/{n - 1}") for n in range(1, REDIRECTS + 1)},
    "https://a.test/0": Answer(200),
}
WEB: Final = Web(PAGES)
URL: Final = f"https://a.test/{REDIRECTS}"


def by_hand() -> int:
    """Drive the chain by hand, and return how many requests were sent."""
    session = Session(policy=POLICY, entropy=bytes)
    session.set_clock(0.0, 0.0)
    call = session.call(Request("GET", URL))
    command = call.start(0.0)
    sent = []
    while True:
        if isinstance(command, Send):
            request = command.request
            sent.append(request)
            page = PAGES[request.url or ""]
            head = ResponseHead(page.status, Fields.from_lines(list(page.fields)))
            response = Response(head, request, LIMITS)
            response.set_content(page.content, None)
            command = call.answered(response, 0.0)
        elif isinstance(command, Discard):
            command = call.discarded(0.0)
        else:
            return len(sent)


def simulated() -> int:
    """Simulate the chain, and return how many requests were sent."""
    return len(simulate(WEB, Request("GET", URL), POLICY).sent)


def calls(chain: Callable[[], int]) -> int:
    """Count the calls of Python functions in one chain."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    chain()
    sys.setprofile(seen)
    try:
        chain()
    finally:
        sys.setprofile(None)
    return count


def seconds(chain: Callable[[], int], times: int) -> float:
    """Return how long one chain takes."""
    started = time.process_time()
    for _ in range(times):
        chain()
    return (time.process_time() - started) / times


def main() -> None:
    """Print both, and their ratio."""
    rounds = [(seconds(by_hand, 200), seconds(simulated, 200)) for _ in range(15)]
    for name, chain, took in (
        ("by hand", by_hand, min(hand for hand, _ in rounds)),
        ("simulate", simulated, min(played for _, played in rounds)),
    ):
        hops = REDIRECTS + 1
        print(
            f"{name:10}{1 / took:8.0f} chains a second, {took / hops * 1e6:5.1f} us and "
            f"{calls(chain) / hops:.0f} calls a hop"
        )
    print(f"ratio {sorted(played / hand for hand, played in rounds)[7]:.3f}, at most {RATIO_MAX}")


if __name__ == "__main__":
    main()
