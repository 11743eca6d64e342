"""From a host to a stream, for blocking code: its addresses, and one of them connected to."""

from __future__ import annotations

import os
import select
import socket
import stat
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING

from sojourn.shared.addresses import addresses_of, new_socket, place_of

from .stream import MOST_TIMEOUT, Stream

if TYPE_CHECKING:
    from sojourn_core.commands import Address
    from sojourn_core.values.route import SocketSettings


def resolve(host: str, port: int) -> tuple[Address, ...]:
    """Return the addresses of a host, in the order in which the system prefers them.

    Raises:
        OSError: If there are none.
    """
    # By position: what test tools put in the place of this function may know no keywords.
    return addresses_of(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))


def connect(
    address: Address, deadline: float, settings: SocketSettings | None = None
) -> socket.socket:
    """Return a blocking socket that is connected to an address, set up as asked for.

    Raises:
        TimeoutError: If the deadline passes.
        OSError: If it does not answer.
    """
    left = deadline - clock()
    if left <= 0:
        raise TimeoutError
    made = new_socket(address, settings)
    try:
        made.settimeout(None if left == inf else min(left, MOST_TIMEOUT))
        made.connect(place_of(address))
    except BaseException:
        made.close()
        raise
    return made


def stream_over(connected: socket.socket) -> Stream:
    """Return the stream of a connected socket, or of what stands in for one."""
    if has_file(connected):
        return Stream(connected)
    from .timed_stream import TimedStream  # Test tools alone have these.

    return TimedStream(connected)


def has_file(made: socket.socket) -> bool:
    """Return False for a stand-in of a socket, whose file is another, or is none."""
    try:
        return not hasattr(select, "poll") or stat.S_ISSOCK(os.fstat(made.fileno()).st_mode)
    except (OSError, AttributeError):
        return False
