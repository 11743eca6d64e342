"""The common part of the states of an exchange.

A state is a small class that knows what it needs and nothing else: waiting for a slot and probing
(``acquire``), setting up a connection (``connect``), the cycle of request and response (``cycle``),
draining (``draining``), and the end. The exchange forwards each reply to its state, which answers
with the next command or with the next state; a ``Fail`` ends the exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import Progress, RequestException

from .failures import network_error, timeout_error
from .phase import Phase

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects

    from .commands import ExchangeCommand
    from .plan import ExchangePlan
    from .pool import Pool
    from .ticket import Slot, Ticket


class State:
    """One state of an exchange.

    Attributes:
        phase: Where the exchange stands.
        slot: The slot that it holds; None if there is none.
        reused: Whether the connection had served a request before.
        sends: Whether the request is sent in this state, as opposed to before.
        message: The codec's side of it; None before there is one.
    """

    __slots__ = ()

    phase: Phase = Phase.NEW
    slot: Any = None
    reused: bool = False
    sends: bool = False
    message: Any = None

    @property
    def progress(self) -> Progress:
        """The progress of the exchange: nothing was written so far."""
        return Progress(reused=self.reused)

    def held(self) -> Slot | Ticket | None:
        """Return what is owed to the pool."""
        return None

    def give_up(self, now: float) -> Effects | None:
        """Let go of everything. The connection, if there is one, is dropped."""
        return None


class Ended(State):
    """Nothing is held, and nothing more will come.

    Args:
        progress: How far the exchange had got.
    """

    __slots__ = ("_progress",)

    phase = Phase.ENDED

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def progress(self) -> Progress:
        """The progress of the exchange when it ended."""
        return self._progress

    @property
    def reused(self) -> bool:  # type: ignore[override]  # A fact of the past.
        """The connection had served a request before."""
        return self._progress.reused


class Holding(State):
    """A state that holds a slot of the pool."""

    __slots__ = ("plan", "pool", "slot")

    slot: Slot

    def __init__(self, plan: ExchangePlan, pool: Pool, slot: Slot) -> None:
        self.plan = plan
        self.pool = pool
        self.slot = slot

    def held(self) -> Slot | None:
        """Return the slot, if it was not given back yet."""
        return self.slot if self.slot.held else None

    def give_up(self, now: float) -> Effects | None:
        """Give the slot back, and have its stream closed."""
        return self.pool.discard(self.slot, now)

    def expired(self, command: ExchangeCommand, now: float) -> Outcome:
        """End: the deadline of the command has passed."""
        return Fail(timeout_error(self.plan, self.phase, now))

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """End: the command could not be carried out."""
        if isinstance(error, RequestException):
            return Fail(error)
        return Fail(network_error(error, self.plan, self.phase))


NEW = State()
Outcome: TypeAlias = "ExchangeCommand | State"
