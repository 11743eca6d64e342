"""The dial of a host as drivers carry it out: no attempt is lost sight of, whatever ends it.

A driver that races starts what is due, and closes what has lost. One that does not is given one
address after the other. Either may be cancelled at any time.
"""

from __future__ import annotations

from math import inf

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sojourn_core import Race
from sojourn_core.commands import Address
from sojourn_core.exchange.dial import Dial

STAGGER = 0.25


def addresses(four: int, six: int) -> tuple[Address, ...]:
    return (
        *(Address(f"192.0.2.{number}", 80) for number in range(four)),
        *(Address(f"2001:db8::{number}", 80, "ipv6") for number in range(six)),
    )


class Racing(RuleBasedStateMachine):
    """One race, and the attempts that it has begun."""

    @initialize(four=st.integers(1, 4), six=st.integers(0, 3))
    def begin(self, four: int, six: int) -> None:
        self.now = 0.0
        found = addresses(four, six)
        command = Dial(found, 10.0, None, STAGGER).next(self.now)
        self.order = (command.address, *command.later)
        assert sorted(map(str, self.order)) == sorted(map(str, found)), "none is left out"
        self.race = Race(self.order, command.stagger)
        self.started: list[Address] = []
        self.attempts: list[Address] = []  # Sockets that are open.
        self.last_start = -inf
        self.failed_since = False
        self.over = False
        self.start_what_is_due()

    def start_what_is_due(self) -> None:
        while (address := self.race.due(self.now)) is not None:
            waited = self.now - self.last_start >= STAGGER
            assert waited or self.failed_since, "no two start at once for nothing"
            assert address not in self.started
            self.started.append(address)
            self.attempts.append(address)
            self.last_start, self.failed_since = self.now, False

    @precondition(lambda self: not self.over and self.attempts)
    @rule(index=st.integers(0, 9))
    def fail(self, index: int) -> None:
        self.attempts.pop(index % len(self.attempts))
        self.race.lost()
        self.failed_since = True
        self.start_what_is_due()
        self.over = self.race.is_over

    @rule(seconds=st.sampled_from([0.1, 0.25, 1.0]))
    def wait(self, seconds: float) -> None:
        """Wait for as long, or until another address is due."""
        if self.over:
            return
        self.now = min(self.now + seconds, max(self.now, self.race.next_at))
        self.start_what_is_due()

    @precondition(lambda self: not self.over and self.attempts)
    @rule(index=st.integers(0, 9))
    def win(self, index: int) -> None:
        """One connects: the others are closed, and that one is the caller's."""
        won = self.attempts.pop(index % len(self.attempts))
        self.attempts.clear()
        assert won in self.started
        self.over = True

    @precondition(lambda self: not self.over)
    @rule()
    def cancel(self) -> None:
        self.attempts.clear()
        self.over = True

    @invariant()
    def they_start_in_their_order(self) -> None:
        if hasattr(self, "race"):
            assert tuple(self.started) == self.order[: len(self.started)]

    @invariant()
    def it_goes_on_while_there_is_hope(self) -> None:
        if not hasattr(self, "race") or self.over:
            return
        assert self.attempts or len(self.started) < len(self.order)
        assert not self.race.is_over
        if len(self.started) < len(self.order):
            assert self.now < self.race.next_at <= self.last_start + STAGGER
        else:
            assert self.race.next_at == inf

    @invariant()
    def it_is_over_when_all_have_failed(self) -> None:
        if hasattr(self, "race") and self.race.is_over:
            assert len(self.started) == len(self.order)
            assert not self.attempts


class Dialling(RuleBasedStateMachine):
    """Addresses one after the other, each with its share of the time."""

    @initialize(four=st.integers(1, 4), six=st.integers(0, 3), seconds=st.sampled_from([1.0, inf]))
    def begin(self, four: int, six: int, seconds: float) -> None:
        self.now = 0.0
        self.deadline = seconds
        self.found = addresses(four, six)
        self.dial = Dial(self.found, self.deadline)
        self.tried: list[Address] = []

    @rule(share=st.sampled_from([0.0, 0.5, 1.0]))
    def try_next(self, share: float) -> None:
        """Try one, which fails after some of its time."""
        if self.dial.is_over or self.now >= self.deadline:
            return
        left = len(self.found) - len(self.tried)
        command = self.dial.next(self.now)
        assert command.later == ()
        assert command.address == self.found[len(self.tried)], "they come in the resolver's order"
        self.tried.append(command.address)
        assert command.deadline <= self.deadline
        if self.deadline < inf:
            assert command.deadline >= self.now + (self.deadline - self.now) / left - 1e-9
            self.now += (command.deadline - self.now) * share

    @invariant()
    def each_is_tried_once(self) -> None:
        if hasattr(self, "dial"):
            assert len(set(self.tried)) == len(self.tried)
            assert self.dial.is_over is (len(self.tried) == len(self.found))


TestRacing = Racing.TestCase
TestDialling = Dialling.TestCase
for _each in (TestRacing, TestDialling):
    _each.settings = settings(max_examples=80, stateful_step_count=25)
