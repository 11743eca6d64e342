"""A race of addresses by blocking code: sockets that do not block."""

from __future__ import annotations

import os
import socket
from errno import EINPROGRESS, EWOULDBLOCK
from selectors import EVENT_WRITE
from time import monotonic as clock
from typing import TYPE_CHECKING, Final

from sojourn.shared.addresses import new_socket, place_of
from sojourn_core.exchange.race import Race

from .connecting import has_file, stream_over
from .waiting import Until, run_alone

if TYPE_CHECKING:
    from sojourn_core.commands import Address, Connect
    from sojourn_core.values.route import SocketSettings

    from .stream import Stream
    from .waiting import Steps

_UNDER_WAY: Final = frozenset({EINPROGRESS, EWOULDBLOCK})


def connect_first(command: Connect) -> Stream:
    """Connect to the address that answers first, and close the sockets of the others.

    Raises:
        TimeoutError: If the deadline passes before any does.
        OSError: If none answers; it is the error of the last.
    """
    addresses = (command.address, *command.later)
    return run_alone(race(addresses, command.stagger, command.deadline, command.socket))


def race(
    addresses: tuple[Address, ...],
    stagger: float,
    deadline: float,
    settings: SocketSettings | None,
) -> Steps[Stream]:
    """Connect as ``connect_first`` does, and leave the waiting to whoever runs this step.

    Args:
        addresses: The preferred ones first.
        stagger: Seconds between two of them.
        deadline: When to give up.
        settings: How the sockets are set up.
    """
    race = Race(addresses, stagger)
    begun: set[socket.socket] = set()
    pending: dict[socket.socket, int] = {}
    winner: socket.socket | None = None
    last: OSError = TimeoutError()
    try:
        while winner is None and not race.is_over:
            now = clock()
            if now >= deadline:
                raise TimeoutError
            address = race.due(now)
            try:
                if address is not None:
                    winner = _begin(address, settings, begun, pending)
                else:
                    ready = yield Until(pending, min(race.next_at, deadline))
                    winner = _first_of(ready, pending)
            except OSError as error:
                last = error
                race.lost()
        if winner is None:
            raise last
        begun.discard(winner)
    finally:
        del last  # It may hold this frame.
        for each in begun:
            each.close()
    return stream_over(winner)


def _begin(
    address: Address,
    settings: SocketSettings | None,
    begun: set[socket.socket],
    pending: dict[socket.socket, int],
) -> socket.socket | None:
    """Begin to connect; the socket is returned if it is connected at once, which few are."""
    made = new_socket(address, settings)
    begun.add(made)
    if not has_file(made):
        made.connect(place_of(address))
        return made
    made.setblocking(False)
    number = made.connect_ex(place_of(address))
    if number in _UNDER_WAY:
        pending[made] = EVENT_WRITE
        return None
    if number:
        raise OSError(number, os.strerror(number))
    return made


def _first_of(
    ready: dict[socket.socket, int], pending: dict[socket.socket, int]
) -> socket.socket | None:
    """Return the socket that is connected, if one is.

    Raises:
        OSError: An attempt has failed. It is one at a time that is told.
    """
    for ended in ready:
        if ended in pending:  # Of the sockets that are ready, some may be another step's.
            del pending[ended]
            number = ended.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))
            return ended
    return None
