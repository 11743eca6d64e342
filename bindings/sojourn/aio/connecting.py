"""From an address to a stream, on asyncio's event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sojourn.shared.addresses import new_socket, place_of

from .stream import OWN_BUFFER_SIZE, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.commands import Address
    from sojourn_core.values.route import SocketSettings


async def connect(
    address: Address,
    buffer: memoryview | None,
    settings: SocketSettings | None = None,
    told: Callable[[], None] | None = None,
) -> Stream:
    """Connect to an address, by a socket that is set up as asked for.

    Args:
        address: The address.
        buffer: Where bytes arrive; None for a buffer of its own.
        settings: How the socket is set up.
        told: Called when the stream ends while nobody waits for it.

    Raises:
        OSError: If it does not answer.
    """
    loop = asyncio.get_running_loop()
    own = memoryview(bytearray(OWN_BUFFER_SIZE)) if buffer is None else buffer
    stream = Stream(loop, own, told)
    made = new_socket(address, settings)
    made.setblocking(False)
    try:
        await loop.sock_connect(made, place_of(address))
        await loop.create_connection(stream.itself, sock=made)
    except BaseException:
        made.close()
        raise
    return stream
