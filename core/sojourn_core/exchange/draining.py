"""Draining: nobody wants the rest of the content, but the connection may be worth keeping.

Content is read within a limit and a deadline, and left out. Nothing that happens meanwhile is an
error: the response was delivered long ago, and if its end does not come the connection is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.messages.effects import Effects
from sojourn_core.messages.fail import Fail

from .codec import CloseReason
from .commands import Content, Finish, Read
from .phase import Phase
from .state import State
from .upload import SENT

if TYPE_CHECKING:
    from sojourn_core.values.errors import Progress

    from .commands import ExchangeCommand
    from .cycle import Cycle
    from .ticket import Slot


class Draining(State):
    """The rest of a response is read and left out.

    Args:
        cycle: The cycle of the response.
        limit: How many bytes may be read.
        deadline: When it must be over.
    """

    __slots__ = ("_cycle", "_left", "_owed", "reused", "slot")

    slot: Slot

    def __init__(self, cycle: Cycle, limit: int, deadline: float) -> None:
        self._cycle = cycle
        self._left = limit
        self._owed = Effects()  # Of content that was left out, until its end.
        self.slot = cycle.slot
        self.reused = cycle.reused
        cycle.deadline = min(deadline, cycle.deadline)
        cycle.gather(0)
        if cycle.upload is not SENT:
            cycle.upload.stop()  # Nobody waits for its answer any more.

    @property
    def phase(self) -> Phase:  # type: ignore[override]  # That of its cycle.
        """The phase that the exchange is in."""
        return self._cycle.phase

    @property
    def progress(self) -> Progress:
        """The progress of the exchange."""
        return self._cycle.progress

    def held(self) -> Slot | None:
        """Return the slot, if it was not given back yet."""
        return self._cycle.held()

    def give_up(self, now: float) -> Effects | None:
        """Drop the connection."""
        return self._settled(self._cycle.give_up(now))

    def begin(self, now: float) -> ExchangeCommand:
        """Begin with what has come by now."""
        return self._leave_out(self._cycle.go_on(now), now)

    def written(self, now: float) -> ExchangeCommand:
        """Go on: an answer of TLS was sent."""
        return self._leave_out(self._cycle.written(now), now)

    def received(self, data: bytes, now: float) -> ExchangeCommand:
        """Leave out what came."""
        return self._leave_out(self._cycle.received(data, now), now)

    def expired(self, command: ExchangeCommand, now: float) -> ExchangeCommand:
        """End: it took too long."""
        return self._end_early(CloseReason.DRAIN_TOO_SLOW, now)

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """End: the connection was lost."""
        return self._end_early(CloseReason.DRAIN_LOST, now)

    def _leave_out(self, command: ExchangeCommand, now: float) -> ExchangeCommand:
        while isinstance(command, Content):
            self._left -= len(command.data)
            self._owed.add(command.effects)
            command = self._cycle.go_on(now)
        if isinstance(command, Finish):
            command.effects = self._settled(command.effects)
        elif isinstance(command, Fail):
            return self._end_early(CloseReason.DRAIN_BROKE, now)
        elif isinstance(command, Read) and self._left < 1:
            return self._end_early(CloseReason.DRAIN_TOO_LONG, now)
        return command

    def _end_early(self, reason: CloseReason, now: float) -> Finish:
        effects = self.give_up(now)
        self._cycle.phase = Phase.ENDED
        return Finish(False, reason.explanation, None, effects)

    def _settled(self, effects: Effects | None) -> Effects | None:
        """Add what is owed: content of the request that was cut short is to be closed, say."""
        owed, self._owed = self._owed, Effects()
        return owed.add(effects) or None
