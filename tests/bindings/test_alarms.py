"""The deadlines of many streams, by one timer of asyncio's loop."""

from __future__ import annotations

import asyncio
from time import monotonic as clock
from typing import Any

import pytest

from sojourn.aio.alarms import SILENCED_MAX, Alarms


class Sleeper:
    """Notes that it was woken, and what more it is to do then."""

    def __init__(self, name: str, woken: list[str], then: Any = None) -> None:
        self._name = name
        self._woken = woken
        self._then = then

    def ring(self) -> None:
        self._woken.append(self._name)
        if self._then is not None:
            self._then()


class Loop(asyncio.SelectorEventLoop):
    """Knows which timers are set."""

    def timers(self) -> list[asyncio.TimerHandle]:
        known: Any = self
        return [each for each in known._scheduled if not each.cancelled()]


def run(main: Any) -> Any:
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main())


def test_alarms_ring_in_the_order_of_their_times() -> None:
    async def main() -> list[str]:
        woken: list[str] = []
        over = asyncio.Event()
        alarms, now = Alarms(asyncio.get_running_loop()), clock()
        alarms.set(now + 0.03, Sleeper("third", woken, over.set))
        alarms.set(now + 0.01, Sleeper("first", woken))
        silenced = alarms.set(now + 0.015, Sleeper("silenced", woken))
        alarms.set(now + 0.02, Sleeper("second", woken))
        alarms.silence(silenced)
        await over.wait()
        return woken

    assert run(main) == ["first", "second", "third"]


def test_one_timer_serves_all_and_none_is_left_for_those_that_are_silenced() -> None:
    async def main() -> list[int]:
        loop: Any = asyncio.get_running_loop()
        before = len(loop.timers())
        alarms, now = Alarms(loop), clock()
        kept = [alarms.set(now + 60 + number, Sleeper("", [])) for number in range(5)]
        seen = [len(loop.timers()) - before]
        for each in kept:
            alarms.silence(each)
        return [*seen, len(loop.timers()) - before]

    assert run(main) == [1, 0]


def test_an_alarm_that_is_set_while_others_ring_rings_in_its_time() -> None:
    async def main() -> list[str]:
        woken: list[str] = []
        over = asyncio.Event()
        alarms, now = Alarms(asyncio.get_running_loop()), clock()
        later = Sleeper("later", woken, over.set)
        alarms.set(now, Sleeper("now", woken, lambda: alarms.set(clock() + 0.01, later)))
        alarms.set(now, Sleeper("now as well", woken))
        await over.wait()
        return woken

    assert run(main) == ["now", "now as well", "later"]


def test_silenced_alarms_are_let_go_of_before_their_time() -> None:
    """A connection for each request would else leave one behind for as long as it may wait."""

    async def main() -> int:
        alarms, now = Alarms(asyncio.get_running_loop()), clock()
        alarms.set(now + 60, Sleeper("stays", []))
        for _ in range(10 * SILENCED_MAX):
            alarms.silence(alarms.set(now + 60, Sleeper("goes", [])))
        return len(alarms)

    assert run(main) <= 2 * SILENCED_MAX


def test_what_ends_the_process_leaves_the_other_alarms_to_ring() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        woken: list[str] = []
        alarms, now = Alarms(loop), clock()
        alarms.set(now, Sleeper("ends", woken, end))
        alarms.set(now, Sleeper("goes on", woken, loop.stop))
        with pytest.raises(KeyboardInterrupt):
            loop.run_forever()
        loop.run_forever()
    assert woken == ["ends", "goes on"]
