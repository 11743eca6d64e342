"""From asking the pool for a slot to a connection that can be used, or to none.

A connection that is used again may have gone stale: the peer may have closed it, or sent bytes that
nobody asked for (RFC 9112 section 9.5; a 408 before closing, mostly). Both are seen by looking once
whether there is anything to read. A stale stream is closed, and its place in the pool is kept for a
new connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import RequestException
from sojourn_core.values.timeouts import deadline_at

from .commands import Close, Probe, Wait
from .connect import Resolving
from .failures import network_error, timeout_error
from .phase import Phase
from .state import Holding, State

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects

    from .commands import ExchangeCommand
    from .plan import ExchangePlan
    from .pool import Pool
    from .state import Outcome
    from .ticket import Ticket

PROBE: Final = Probe()
CLOSE: Final = Close()


class Waiting(State):
    """The pool has no slot to give yet.

    Args:
        plan: The request.
        pool: The ledger of connections.
        ticket: The place in the queue.
    """

    __slots__ = ("_command", "_plan", "_pool", "_ticket")

    phase = Phase.CHECKING_OUT

    def __init__(self, plan: ExchangePlan, pool: Pool, ticket: Ticket) -> None:
        self._plan = plan
        self._pool = pool
        self._ticket = ticket

    def begin(self, now: float) -> Wait:
        """Wait, for as long as the pool may take."""
        plan = self._plan
        return Wait(self._ticket, deadline_at(now, plan.timeouts.pool, plan.deadline))

    def woken(self, command: Wait, now: float) -> Outcome:
        """Take the slot that was granted; woken for nothing, go on waiting."""
        slot = self._ticket.slot
        if slot is None:
            return Wait(command.ticket, command.deadline)
        state = Resolving if slot.connection is None else Probing
        return state(self._plan, self._pool, slot)

    def held(self) -> Ticket:
        """Return the ticket."""
        return self._ticket

    def give_up(self, now: float) -> Effects | None:
        """Leave the queue; a slot that was granted meanwhile goes to whoever is next."""
        return self._pool.cancel(self._ticket, now)

    def expired(self, command: ExchangeCommand, now: float) -> ExchangeCommand:
        """End: the deadline has passed."""
        return Fail(timeout_error(self._plan, self.phase, now))

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """End: it cannot be waited for."""
        if isinstance(error, RequestException):
            return Fail(error)
        return Fail(network_error(error, self._plan, self.phase))


class Probing(Holding):
    """A connection is used again, unless it has gone stale."""

    __slots__ = ()

    phase = Phase.PROBING
    reused = True

    def begin(self, now: float) -> Probe:
        """Have the stream looked at."""
        return PROBE

    def readable(self, command: Probe, sent: int, now: float) -> Closing:
        """Close it: bytes on an idle connection are nobody's, and an end is an end."""
        return Closing(self.plan, self.pool, self.slot)


class Closing(Holding):
    """A stale stream is closed."""

    __slots__ = ()

    phase = Phase.CLOSING_STALE
    reused = True

    def begin(self, now: float) -> Close:
        """Have it closed."""
        return CLOSE

    def closed(self) -> Resolving:
        """Make a new connection in its place."""
        slot = self.slot
        assert slot.connection is not None
        self.pool.closed(slot.connection)
        slot.connection = None
        return Resolving(self.plan, self.pool, slot)
