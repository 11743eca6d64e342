"""A race of addresses by tasks of trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from sojourn_core.exchange.race import Race

from .stream import Stream

if TYPE_CHECKING:
    from sojourn_core.commands import Address, Connect


async def connect_first(command: Connect) -> Stream:
    """Connect to the address that answers first; all other attempts have ended by then.

    Raises:
        OSError: All attempts have failed; it is the last error.
    """
    race = Race((command.address, *command.later), command.stagger)
    winners: list[Stream] = []
    errors: list[OSError] = []
    ended = trio.Event()

    async def attempt(address: Address) -> None:
        try:
            winners.append(await Stream.connect(address, command.socket))
        except OSError as error:
            errors[:] = [error]
            race.lost()
        ended.set()

    try:
        async with trio.open_nursery() as nursery:
            while not (winners or race.is_over):
                address = race.due(trio.current_time())
                if address is not None:
                    nursery.start_soon(attempt, address)
                with trio.CancelScope(deadline=race.next_at):
                    await ended.wait()
                ended = trio.Event()
            nursery.cancel_scope.cancel()
    except BaseException:
        errors.clear()
        for each in winners:
            each.close()
        raise
    for each in winners[1:]:
        each.close()
    if not winners:
        raise errors.pop()  # Its frames must not lead back to it.
    errors.clear()
    return winners[0]
