"""The simulation: twenty thousand exchanges, the same run from the same seed, and what it finds.

A check that never fails checks nothing. So each kind of mistake that the simulation is there for is
made once, in a place that is broken on purpose, and has to be found.
"""

from __future__ import annotations

import os
import subprocess
import sys
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core.call import loss
from sojourn_core.exchange import plan
from sojourn_core.exchange.codec import CloseReason
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.h11_codec import H11Message
from sojourn_core.exchange.ledger import Ledger
from sojourn_core.exchange.plain_codec import PlainMessage
from sojourn_core.exchange.pool import Pool
from sojourn_core.rules import hedge, redirect_fields
from sojourn_core.rules.hedge import Hedge
from sojourn_core.rules.rate_limit import Turns
from sojourn_core.values.route import Proxy, Route
from tests.simulation.__main__ import main, simulate
from tests.simulation.network import Found, Transfers

if TYPE_CHECKING:
    from collections.abc import Callable

EXCHANGES = 20_000
SEED = 20_261_129


def test_nothing_is_found() -> None:
    tally = simulate(EXCHANGES, SEED)
    assert tally.exchanges >= EXCHANGES
    assert len(tally.faults) >= 20  # Each kind has happened.
    assert len(tally.endings) >= 15
    assert tally.endings["status 200"] > tally.calls / 2


def run_apart(*arguments: str, hashes: str) -> str:
    """Run the command in another process, and return what it prints but for the time it took."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        env={**os.environ, "PYTHONHASHSEED": hashes},
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line for line in ran.stdout.splitlines() if "CPU" not in line)


def test_a_seed_gives_the_same_run() -> None:
    asked = ("--seed", "7", "--exchanges", "1500")
    first = run_apart(*asked, hashes="1")
    assert first == run_apart(*asked, hashes="2")
    assert "digest" in first
    assert first != run_apart("--seed", "8", "--exchanges", "1500", hashes="1")


def test_one_world_can_be_looked_at_as_far_as_before_an_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--seed", "7", "--world", "1", "--until", "500", "--trace", "3"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "seed 7"
    assert all(int(line.split()[0]) <= 500 for line in shown[1:4])


# --- what it finds ------------------------------------------------------------------------------


def keep_what_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Exchange, "abandon", lambda self, now: None)


def forget_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "_serve", lambda self, shelf, effects: None)


def grant_without_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "discard", lambda self, slot, now: None)


def use_what_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transfers, "is_quiet", lambda self, stream: True)


def send_credentials_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect_fields, "strips_authorization", lambda *_: False)


def send_all_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "may_resend", lambda method, error, resends: resends == 0)


def take_a_cut_for_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    count, count_by_h11 = PlainMessage._count, H11Message._count

    def lenient(self: Any, data: bytes, remaining: int) -> None:
        if data:
            count(self, data, remaining)
        else:
            self._end(CloseReason.STREAM_ENDED)

    def lenient_by_h11(self: Any, data: bytes) -> None:
        if data:
            count_by_h11(self, data)
        else:
            self.ended = self._closed = True
            self.judge()

    monkeypatch.setattr(PlainMessage, "_count", lenient)
    monkeypatch.setattr(H11Message, "_count", lenient_by_h11)  # SOJOURN_CODEC may have it speak.


def heed_no_limit_of_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turns, "heed", lambda self, origin, response, now: None)


def give_back_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hedge, "BUDGET_SHARE", 1.0)


def wait_for_no_100(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_waits", lambda request: False)


def share_tunnels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Proxy, "__eq__", lambda self, other: self[0].origin == other[0].origin)
    monkeypatch.setattr(Proxy, "__hash__", lambda self: hash(self[0].origin))


def share_connections_by_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    same = attrgetter("proxy", "tunnels")
    monkeypatch.setattr(Route, "__eq__", lambda self, other: same(self) == same(other))
    monkeypatch.setattr(Route, "__hash__", lambda self: hash(same(self)))


def deny_what_was_sent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Hedge.lost
    monkeypatch.setattr(Hedge, "lost", lambda self, error=None: lost(self))


@pytest.mark.parametrize(
    ("mistake", "found"),
    [
        (heed_no_limit_of_a_server, "which it holds back"),
        (give_back_too_much, "a second time"),
        (wait_for_no_100, "does not wait for 100"),
        (share_tunnels, "by a way of session"),
        (share_connections_by_socket, "takes another route"),
        (deny_what_was_sent_first, "the error denies it"),
        (take_a_cut_for_the_end, "bytes, not"),
        (keep_what_is_abandoned, "hold|slots|lines"),
        (forget_who_waits, "there is room"),
        (grant_without_counting, "slots|holds another"),
        (use_what_is_stale, "hop|bytes"),
        (send_credentials_on, "sees"),
        (send_all_again, "the POST came 2 times"),
    ],
)
def test_a_mistake_is_found(
    mistake: Callable[[pytest.MonkeyPatch], None], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistake(monkeypatch)
    with pytest.raises(Found, match=found) as caught:
        simulate(EXCHANGES, SEED)
    assert "--world" in caught.value.__notes__[0]
