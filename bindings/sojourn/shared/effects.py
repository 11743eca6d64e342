"""Effects of a step of the core besides its command: streams to close, tickets to wake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects


def carry_out(effects: Effects | None) -> None:
    """Close the streams and wake the tickets that a step left to be closed and woken."""
    if effects is None:
        return
    for stream in effects.closes:
        stream.close()
    for ticket in effects.wakes:
        wake: Any = ticket.wake
        if wake is not None:
            wake()
