"""A race of addresses by tasks of asyncio."""

from __future__ import annotations

import asyncio
from time import monotonic as clock
from typing import TYPE_CHECKING, Any

from sojourn.shared.times import seconds_until
from sojourn_core.exchange.race import Race

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sojourn_core.commands import Address, Connect
    from sojourn_core.values.route import SocketSettings

    from .stream import Stream

    Attempt = asyncio.Task[Stream]
    Connecting = Callable[[Address, SocketSettings | None], Coroutine[Any, Any, Stream]]


async def connect_first(command: Connect, connect: Connecting) -> Stream:
    """Connect to the address that answers first; all other attempts have ended by then.

    Args:
        command: The addresses.
        connect: Makes one attempt, and closes its socket if it fails or is cancelled.

    Raises:
        OSError: All attempts have failed; it is the last error.
    """
    running: set[Attempt] = set()
    winner: Stream | None = None
    try:
        winner = await _first(command, connect, running)
        await _end(running)
    except BaseException:
        if winner is not None:
            winner.close()
        await _end(running)
        raise
    return winner


async def _first(command: Connect, connect: Connecting, running: set[Attempt]) -> Stream:
    """Run the race; ``running`` has the attempts that have not been looked at yet."""
    race = Race((command.address, *command.later), command.stagger)
    while True:
        address = race.due(clock())
        if address is not None:
            running.add(asyncio.create_task(connect(address, command.socket)))
        seconds = seconds_until(race.next_at)
        await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for each in [each for each in running if each.done()]:
            running.discard(each)
            try:
                return each.result()
            except OSError:
                race.lost()
                if race.is_over:
                    raise
            finally:
                del each  # Its error leads to this frame.


async def _end(running: set[Attempt]) -> None:
    """Cancel attempts, and see them end, which takes no more than a turn of the loop."""
    for each in running:
        if not each.cancel() and each.exception() is None:
            each.result().close()  # It has connected all the same.
    if running:
        await asyncio.wait(running)
