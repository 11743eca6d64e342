"""Effects of a step of the core besides its command: streams to close, tickets to wake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects


def carry_out(effects: Effects | None) -> None:
    """Close streams, wake tickets and release content, as a step has left it to be done.

    What is done is taken off the lists, so that nothing is done twice when an interrupted driver
    begins anew. An async iterator is not closed here, because that takes an await.
    """
    if effects is None:
        return
    while effects.closes:
        effects.closes.pop(0).close()
    while effects.wakes:
        wake: Any = effects.wakes.pop(0).wake
        if wake is not None:
            wake()
    while effects.releases:
        effects.releases.pop(0).close()
