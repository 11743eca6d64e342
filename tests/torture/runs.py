"""The runs: which there are, and how one is played."""

from __future__ import annotations

import random
import sys
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from sojourn_core.values.content.content import Content
from tests.scenarios.stories import SCENARIOS
from tests.servers.steps import Offer, Send
from tests.torture.faults import ANY_STEP, FITTING, MEMORY, Fault, Tape, fed
from tests.torture.judge import (
    Ran,
    count_open,
    judge_answer,
    judge_contents,
    judge_end,
    judge_error,
    judge_leaks,
)
from tests.torture.pairs import BY_TRIO
from tests.torture.routes import routes
from tests.torture.stage import Answer, Stage
from tests.torture.users import asking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.model import Scenario
    from tests.servers.authority import Authority

LOOPS: Final = ("drive", "drive_async")
CALLS_MAX: Final = 400  # More than one reply makes,
CALLS_DRAWN: Final = 12  # and about as many as most make.
STEPS_STARVED: Final = 30


@cache
def stories(authority: Authority) -> dict[str, Scenario]:
    """Return all scenarios by their names."""
    return {each.name: each for each in (*SCENARIOS, *routes(authority))}


class Scene:
    """A scenario with one of the loops, and what comes of it if nothing goes wrong.

    Attributes:
        name: That of the scenario, and the loop.
        loop: One of ``LOOPS``.
        plain: What comes of it.
    """

    def __init__(self, scenario: Scenario, loop: str, authority: Authority, seed: int) -> None:
        """Play it once without a fault."""
        self.name = f"{scenario.name}/{loop}"
        self._scenario = scenario
        self.loop = loop
        self._authority = authority
        self._seed = seed
        self._loose: set[str] = set()
        self.plain = self._play(None, note=True)

    def play(self, fault: Fault | None) -> Ran:
        """Play it with a fault."""
        ran = self._play(fault)
        known = {*whole_contents(self._scenario), *(each for _, _, each in self.plain.contents)}
        ran.problems += judge_contents(ran, self.plain, fault, known, self._loose)
        return ran

    def faults(self) -> Iterator[Fault]:
        """List all faults that fit its steps; of memory only the name."""
        for step, kind in enumerate(self.plain.steps):
            for name in FITTING.get(kind, ANY_STEP):
                yield Fault(step, name)

    def draw(self, chance: random.Random) -> Fault | None:
        """Draw one of the faults; None for a scenario that is refused before its first step."""
        faults = list(self.faults())
        if not faults:
            return None
        fault = chance.choice(faults)
        return (
            fault._replace(name=f"{MEMORY}-{chance.randrange(CALLS_DRAWN)}")
            if is_memory(fault)
            else fault
        )

    def _play(self, fault: Fault | None, *, note: bool = False) -> Ran:
        tape = Tape(fault, self._seed)
        ran = Ran(tape.steps)
        with fed(), taping(tape):
            stage = Stage(self._scenario, self._authority, tape, self.loop)
            for intent in self._scenario.intents:
                was = tape.fired
                error = self._ask(stage, intent, ran, note=note)
                tells = tape.fired and not was
                ran.ends.append("response" if error is None else type(error).__name__)
                if tells and (said := judge_end(tape, error)):
                    ran.problems.append(said)
                if error is not None:
                    ran.errors.append(error)
                    if said := judge_error(error, tape, stage):
                        ran.problems.append(said)
                del error
                ran.problems += judge_leaks(stage)
            stage.line.crowd.clear()
            effects = stage.pool.close()
            for stream in () if effects is None else effects.closes:
                stream.peer.close()
            ran.problems += stage.left
            left = count_open(stage)
            for content in stage.contents:
                if hasattr(content, "close"):
                    content.close()
            if left:
                ran.problems.append(f"{left} streams are open once the pool is closed")
        ran.fired = tape.fired
        return ran

    def _ask(self, stage: Stage, intent: Any, ran: Ran, *, note: bool) -> BaseException | None:
        """Make one request; return what it raises."""
        try:
            answer = stage.run(intent)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return without_frames(error)
        finally:
            sys.setprofile(None)
            if stage.tape.raised is not None:
                without_frames(stage.tape.raised)  # It may be kept from the caller.
        assert isinstance(answer, Answer)
        if answer.claims_whole:
            url, status = str(answer.url), answer.status_code or 0
            ran.contents.append((url, status, answer.content or b""))
            ran.problems += judge_answer(answer)
            fields = answer.headers
            chunked = "chunked" in fields.get("transfer-encoding", "")
            if note and not chunked and "content-length" not in fields:
                self._loose.add(url)
        return None


def without_frames(error: BaseException) -> BaseException:
    """Give an error that holds no frames, nor does what it came of: they hold streams."""
    seen: BaseException | None = error
    while seen is not None:
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__
    return error


def whole_contents(scenario: Scenario) -> Iterator[bytes]:
    """List the contents that the peers send whole: those of hops are not seen without a fault."""
    for script in chain.from_iterable(scenario.peers.values()):
        sent = [each.data if isinstance(each, Send | Offer) else b"" for each in script]
        for data in (*sent, *map(bytes.__add__, sent, sent[1:])):  # Or its content comes apart.
            head, _, content = data.partition(b"\r\n\r\n")
            if b"Content-Length: %d" % len(content) in head.split(b"\r\n"):
                yield content


def is_memory(fault: Fault) -> bool:
    """Tell whether a fault is to be played at each call of a reply."""
    return fault.name == MEMORY


@contextmanager
def taping(tape: Tape) -> Iterator[None]:
    """Have what is asked of the user's content be steps as well."""
    take, atake, rewind = Content.take, Content.atake, Content.rewind

    def taped_take(content: Content) -> bytes | None:
        tape.ask_user("pull")
        return take(content)

    async def taped_atake(content: Content) -> bytes | None:
        tape.ask_user("pull")
        return await atake(content)

    def taped_rewind(content: Content) -> None:
        tape.ask_user("rewind")
        rewind(content)

    with (
        asking(tape),
        mock.patch.object(Content, "take", taped_take),
        mock.patch.object(Content, "atake", taped_atake),
        mock.patch.object(Content, "rewind", taped_rewind),
    ):
        yield


def loops_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the loops that it is played by: one that has hedges by those of trio as well."""
    hedged = scenario.setup.attributes.get("hedge") is not None
    return (*LOOPS, BY_TRIO) if hedged else LOOPS


def torture(scene: Scene, seed: int) -> Iterator[tuple[Fault, Ran]]:
    """Play all faults of a scene.

    Memory runs out at each call of a reply, one after the other. The replies of one loop are those
    of the other, and those of a long scene much alike: there it runs out at one call that is drawn.
    """
    chance = random.Random(f"{seed} {scene.name}")
    for fault in scene.faults():
        if not is_memory(fault):
            yield fault, scene.play(fault)
            continue
        drawn = scene.loop != LOOPS[0] or fault.step >= STEPS_STARVED
        for call in (chance.randrange(CALLS_DRAWN),) if drawn else range(CALLS_MAX):
            starved = fault._replace(name=f"{MEMORY}-{call}")
            ran = scene.play(starved)
            yield starved, ran
            if not ran.fired:
                break
