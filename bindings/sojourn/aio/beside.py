"""Reading a socket beside its transport, on the thread of the event loop.

A transport of asyncio, or of uvloop, holds nothing back of what it has read. So what is read here
comes after that, and what the transport reads later comes after what is read here.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.heap import keep_large_pieces

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

LEFT_SIZE: Final = 256 * 1024


def read_now(transport: Any, size: int) -> bytes | None:
    """Read what has come by now, in one piece: it saves a copy, and a turn of the loop.

    Args:
        transport: It is left the end of the stream to find.
        size: The most bytes to read.

    Returns:
        Some bytes; None if there are none, whether or not more will come.

    Raises:
        OSError: The connection is broken.
    """
    if transport.is_closing():
        return None
    own = transport.get_extra_info("socket").fileno()
    size = min(size, _counter_of_bytes()(own))
    try:
        return (size and os.read(own, size)) or None
    except BlockingIOError:
        return None


@cache
def _counter_of_bytes() -> Callable[[int], int]:
    """Return what tells how many bytes a socket has, now that much is read.

    A piece of just that size leaves no hole behind it in the memory of the process. Where the
    system does not say, the most is told that is read at once.
    """
    keep_large_pieces()
    try:
        from fcntl import ioctl
        from termios import FIONREAD
    except ImportError:
        return lambda _: sys.maxsize
    return lambda own: int.from_bytes(ioctl(own, FIONREAD, bytes(4)), sys.byteorder)


def left_behind(transport: Any, most: int) -> list[bytes]:
    """Take what the system still holds, such as the answer of a peer that closed early.

    A transport whose write has failed reads no more.

    Args:
        transport: It has lost its connection.
        most: How many pieces to read at most.
    """
    found: list[bytes] = []
    try:
        own: socket.socket = transport.get_extra_info("socket").dup()
    except (AttributeError, OSError, TypeError):  # Not every loop has one to give.
        return found
    with own:
        try:
            own.setblocking(False)
            while len(found) < most and (data := own.recv(LEFT_SIZE)):
                found.append(data)
        except OSError:
            return found
    return found
