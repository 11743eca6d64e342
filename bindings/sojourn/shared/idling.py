"""Idle connections looked after though nobody asks for one, by whatever a binding has for that.

The pool says when; a binding waits until then. It must not keep alive what it looks after: neither
the transport, nor the process or its event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .effects import carry_out

if TYPE_CHECKING:
    from sojourn_core.exchange.pool import Pool

    from .clock import Clock


class Looked(Protocol):
    """A transport whose idle connections are looked after.

    Attributes:
        pool: The ledger of connections.
        clock: Monotonic seconds.
    """

    pool: Pool
    clock: Clock


def seconds_left(transport: Looked) -> float:
    """Return the seconds until somebody should look at it; ``math.inf`` if none is open."""
    now = transport.clock()
    return transport.pool.look_at(now) - now


def look_at(transport: Looked) -> float:
    """Close idle connections whose time is over, or that their peers have ended.

    Returns:
        Seconds until somebody should look again; ``math.inf`` if none is open.
    """
    carry_out(transport.pool.expire(transport.clock(), _is_quiet))
    return seconds_left(transport)


def _is_quiet(stream: Any) -> bool:
    quiet: bool = stream.is_quiet()
    return quiet
