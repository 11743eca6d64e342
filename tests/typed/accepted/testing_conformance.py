"""A driver of a user's own under the conformance kit, and streams of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, assert_type

from sojourn.testing.conformance import (
    USUAL,
    Case,
    Driver,
    Job,
    Listener,
    PeerStream,
    cases,
    check,
    conformance,
)
from sojourn_core import Effects, Transport, carry_out, drive
from sojourn_core.commands import Address, ExchangeCommand

if TYPE_CHECKING:
    from collections.abc import Iterable


class Stream:
    def recv(self, size: int, /) -> bytes:
        return b""

    def sendall(self, data: bytes, /) -> None:
        assert data

    def end(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Memory:
    address = Address("memory", 1, "memory")

    def accept(self) -> PeerStream:
        return Stream()

    def close(self) -> None: ...


class UnderTest(Driver):
    offers = USUAL - {"watches"} | {"interrupts"}
    transport: Transport

    def run(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            with job:
                command: ExchangeCommand | None = job.begin(monotonic())
                while command is not None:
                    command = job.take(drive(job.exchange, command, self.transport), monotonic())

    def carry_out(self, effects: Effects | None) -> None:
        carry_out(effects, self.transport)

    def left_open(self) -> Iterable[str]:
        return ["a timer"]

    def listen(self, *, narrow: bool) -> Listener:
        return Memory()


test_driver = conformance(UnderTest)
assert_type(test_driver, Callable[[Case], None])


def by_hand() -> None:
    for case in cases(UnderTest.offers):
        assert_type(case, Case)
        check(case, UnderTest, guard=3)
