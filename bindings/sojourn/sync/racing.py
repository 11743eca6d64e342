"""A race of addresses by blocking code: sockets that do not block, and one selector."""

from __future__ import annotations

import os
import selectors
import socket
from errno import EINPROGRESS, EWOULDBLOCK
from time import monotonic as clock
from typing import TYPE_CHECKING, Final

from sojourn.shared.addresses import new_socket, place_of
from sojourn.shared.times import seconds_until
from sojourn_core.exchange.race import Race

from .connecting import has_file, stream_over
from .stream import MOST_TIMEOUT, Stream

if TYPE_CHECKING:
    from sojourn_core.commands import Address, Connect

_UNDER_WAY: Final = frozenset({EINPROGRESS, EWOULDBLOCK})


def connect_first(command: Connect) -> Stream:
    """Connect to the address that answers first, and close the sockets of the others.

    Raises:
        TimeoutError: If the deadline passes before any does.
        OSError: If none answers; it is the error of the last.
    """
    race = Race((command.address, *command.later), command.stagger)
    begun: set[socket.socket] = set()
    winner: socket.socket | None = None
    last: OSError = TimeoutError()
    selector = selectors.DefaultSelector()
    try:
        while winner is None and not race.is_over:
            now = clock()
            if now >= command.deadline:
                raise TimeoutError
            address = race.due(now)
            try:
                if address is not None:
                    winner = _begin(address, command, begun, selector)
                else:
                    until = min(race.next_at, command.deadline)
                    winner = _first_of(selector, seconds_until(until))
            except OSError as error:
                last = error
                race.lost()
        if winner is None:
            raise last
        begun.discard(winner)
    finally:
        del last  # It may hold this frame.
        selector.close()
        for each in begun:
            each.close()
    return stream_over(winner)


def _begin(
    address: Address,
    command: Connect,
    begun: set[socket.socket],
    selector: selectors.BaseSelector,
) -> socket.socket | None:
    """Begin to connect; the socket is returned if it is connected at once, which few are."""
    made = new_socket(address, command.socket)
    begun.add(made)
    if not has_file(made):
        made.connect(place_of(address))
        return made
    made.setblocking(False)
    number = made.connect_ex(place_of(address))
    if number in _UNDER_WAY:
        selector.register(made, selectors.EVENT_WRITE)
        return None
    if number:
        raise OSError(number, os.strerror(number))
    return made


def _first_of(selector: selectors.BaseSelector, seconds: float | None) -> socket.socket | None:
    """Wait until an attempt ends; the socket is returned if it is connected.

    Raises:
        OSError: The attempt has failed. It is one at a time that is told.
    """
    ready = selector.select(None if seconds is None else min(seconds, MOST_TIMEOUT))
    for key, _ in ready[:1]:
        ended: socket.socket = key.fileobj  # type: ignore[assignment]
        selector.unregister(ended)
        number = ended.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, os.strerror(number))
        return ended
    return None
