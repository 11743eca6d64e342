"""Tickets and slots: the claims of an exchange on the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.brief import Brief
from sojourn_core.values.record import field, record
from sojourn_core.values.value import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.messages.effects import Effects

    from .connection import Connection
    from .pool_key import PoolKey


@record()
class Slot(Shown):
    """The right to one exchange on a connection, held by one owner.

    Attributes:
        key: What the connection is for.
        connection: The connection to use again, or None to make one.
        generation: Which life of the pool it belongs to; ``close`` begins another.
        held: Whether it was not given back yet.
        used: The connection that was given back with it, for questions about a response.
    """

    key: PoolKey
    connection: Connection | None
    generation: int
    held: bool = True
    used: Connection | None = None


@record()
class Ticket(Brief):
    """A place in the queue for a slot.

    Attributes:
        key: What it is for.
        fresh: Whether only a new connection will do.
        slot: The slot, once it is granted.
        wake: Set by a driver that waits: called when the ticket is ready.
        effects: What asking for it requires to be done.
        cancelled: Whether it was given up.
    """

    key: PoolKey
    fresh: bool = False
    slot: Slot | None = None
    wake: Callable[[], object] | None = field(default=None, repr=False)
    effects: Effects | None = None
    cancelled: bool = False

    @property
    def ready(self) -> bool:
        """The wait is over: the slot was granted."""
        return self.slot is not None
