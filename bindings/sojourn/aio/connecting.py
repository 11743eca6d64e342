"""From an address to a stream, on asyncio's event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.shared.addresses import new_socket, place_of

from .stream import Stream

if TYPE_CHECKING:
    from sojourn_core.commands import Address
    from sojourn_core.values.route import SocketSettings

    from .common import Common


async def connect(
    address: Address, common: Common, settings: SocketSettings | None = None
) -> Stream:
    """Connect to an address, by a socket that is set up as asked for.

    Args:
        address: The address.
        common: What the stream has in common with others of its adapter.
        settings: How the socket is set up.

    Raises:
        OSError: If it does not answer.
    """
    loop, stream = common.loop, Stream(common)
    made = new_socket(address, settings)
    made.setblocking(False)
    try:
        await loop.sock_connect(made, place_of(address))
        await loop.create_connection(stream.itself, sock=made)
    except BaseException:
        made.close()
        raise
    return stream
