"""Two exchanges of one request over real sockets, each of which may break off in each way.

The server breaks the first connection off by one fault and the second by another; tasks are
cancelled meanwhile, and blocking code is interrupted. What must hold is what holds of one exchange.
"""

from __future__ import annotations

import asyncio
import random
import threading
import warnings
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio

import sojourn
from sojourn import HedgePolicy, Timeouts
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.bindings.test_interrupts import Interrupter
from tests.servers.server import PeerClosedError, Server
from tests.torture.faults import garbage
from tests.torture.judge import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.server import Connection

SEED: Final = 29
DRAWN: Final = 24  # Pairs of faults, for each binding.
LINES_DRAWN: Final = 60
LINES_MAX: Final = 900  # More than a request has that is sent twice.
CONTENT: Final = b"content" * 20
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 140\r\n\r\n"
ANSWER: Final = HEAD + CONTENT
PLACES: Final = {"before": 0, "in the head": 20, "in the content": len(HEAD) + 9}
KINDS: Final = ("silence", "end", "reset", "garbage")
FAULTS: Final = tuple(f"{kind} {place}" for kind, place in product(KINDS, PLACES))
LATE: Final = ", late"  # It comes once the second exchange has begun.
SOON: Final = HedgePolicy(after=0.03, budget=None)
PATIENCE: Final = Timeouts(connect=5.0, read=0.25, write=0.25, pool=5.0)


class Breaking(Server):
    """Breaks connections off, each by the fault whose turn it is; without faults it answers.

    Attributes:
        faults: Those of the connections that are still to come.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._random = random.Random(SEED)
        super().__init__(self._break_off)

    def _break_off(self, connection: Connection) -> None:
        fault = self.faults.pop(0) if self.faults else "none"
        kind, _, place = fault.removesuffix(LATE).partition(" ")
        with suppress(PeerClosedError):
            while True:
                connection.read_until(b"\r\n\r\n")
                if kind != "none":
                    break
                connection.send(ANSWER)
            if fault.endswith(LATE):
                connection.wait(0.06)
            connection.send(ANSWER[: PLACES[place]])
            match kind:
                case "reset":
                    connection.reset()
                case "garbage":
                    connection.send(garbage(self._random))
                case "silence":
                    connection.read_to_end()


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


@pytest.fixture
def server() -> Iterator[Breaking]:
    with Breaking() as made:
        yield made


@pytest.fixture(params=EVERY_BINDING)
def binding(request: pytest.FixtureRequest) -> Iterator[Binding]:
    made = Binding(request.param)
    try:
        yield made
    finally:
        made.close()


def threads() -> int:
    """Count those that are not the server's."""
    names = [each.name for each in threading.enumerate()]
    return sum(not name.startswith(("accept ", "connection ")) for name in names)


def assert_nothing_is_held(session: Any, note: Any) -> None:
    pool = pool_of(session)
    pool.expire(0.0)  # What an interrupted step has left behind, the next one mends.
    assert (pool.counts.leased, pool.counts.waiting) == (0, 0), note
    assert pool.open_count == pool.idle_count, note


def test_each_of_two_exchanges_breaks_off(binding: Binding, server: Breaking) -> None:
    chance = random.Random(f"{SEED} {binding.name}")
    firsts = [*FAULTS, *(each + LATE for each in FAULTS)]
    pairs = [(chance.choice(firsts), chance.choice([*FAULTS, *["none"] * 9])) for _ in range(DRAWN)]
    before = threads()
    session = binding.session(hedge=SOON)
    session.timeouts = PATIENCE
    answered = 0
    for pair in pairs:
        server.faults[:] = pair
        error: BaseException | None = None
        try:
            response = binding.run(session.get(server.url()))
        except DECLARED as raised:
            error = raised
        else:
            known = "garbage" in str(pair) or response.content == CONTENT
            assert known, pair
            answered += 1
        assert error is None or isinstance(error, sojourn.RequestException), pair
        assert_nothing_is_held(session, pair)
        binding.run(session.close())  # The next pair begins with new connections.
    assert 0 < answered < DRAWN
    assert threads() <= before + 1, "one looks after idle connections"


def test_a_task_of_asyncio_is_cancelled_at_any_time(server: Breaking) -> None:
    chance = random.Random(SEED)

    async def work() -> None:
        async with sojourn.AsyncSession(hedge=SOON) as session:
            session.timeouts = PATIENCE
            for seconds in [chance.random() ** 2 * 0.15 for _ in range(DRAWN)]:
                server.faults[:] = ["silence before", chance.choice(FAULTS)]
                task = asyncio.ensure_future(session.get(server.url()))
                await asyncio.wait([task], timeout=seconds)
                task.cancel()
                with suppress(asyncio.CancelledError, *DECLARED):
                    await task
                assert_nothing_is_held(session, seconds)
                assert len(asyncio.all_tasks()) == 1
                await session.close()

    asyncio.run(work())


def test_a_scope_of_trio_is_cancelled_at_any_time(server: Breaking) -> None:
    chance = random.Random(SEED)

    async def work() -> None:
        async with sojourn.trio.Session(hedge=SOON) as session:
            session.timeouts = PATIENCE
            for seconds in [chance.random() ** 2 * 0.15 for _ in range(DRAWN)]:
                server.faults[:] = ["silence before", chance.choice(FAULTS)]
                with trio.move_on_after(seconds), suppress(*DECLARED):
                    await session.get(server.url())
                assert_nothing_is_held(session, seconds)
                await session.close()

    trio.run(work)


def test_blocking_code_is_interrupted_at_any_line(server: Breaking) -> None:
    """While the first exchange is silent, and the second one is answered."""
    chance = random.Random(SEED)
    ends = 0
    with warnings.catch_warnings(), sojourn.Session(hedge=SOON) as session:
        session.timeouts = PATIENCE
        # A socket that no name was bound to yet is closed as it is freed, and says so.
        warnings.simplefilter("ignore", ResourceWarning)
        for line in sorted(chance.sample(range(LINES_MAX), LINES_DRAWN)):
            server.faults[:] = ["silence before"]
            with suppress(KeyboardInterrupt), Interrupter(line) as interrupter:
                session.get(server.url())
            assert_nothing_is_held(session, line)
            session.close()
            ends += interrupter.left >= 0
    assert ends < LINES_DRAWN / 2, "most lines are those of a request"
