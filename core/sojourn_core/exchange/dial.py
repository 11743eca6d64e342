"""The addresses of a host, tried one after another until one connects.

Each address has its share of the time that is left: an address that swallows packets must not use
up what the next one needs. Which error counts is decided here too: the last one. Addresses are not
raced yet (RFC 8305); a race is another order of the same commands.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from .commands import Connect

if TYPE_CHECKING:
    from sojourn_core.values.route import SocketSettings

    from .commands import Address


class Dial:
    """The addresses that were not tried yet.

    Args:
        addresses: In the order in which they are tried.
        deadline: When a connection must be there.
        socket: How the sockets are set up; None for as always.
    """

    __slots__ = ("_deadline", "_left", "_socket")

    def __init__(
        self,
        addresses: tuple[Address, ...],
        deadline: float,
        socket: SocketSettings | None = None,
    ) -> None:
        self._left = addresses
        self._deadline = deadline
        self._socket = socket

    @property
    def is_over(self) -> bool:
        """Every address was tried."""
        return not self._left

    def next(self, now: float) -> Connect:
        """Try the next address, for its share of the time that is left."""
        address, *left = self._left
        deadline = self._deadline
        if left and deadline < inf:
            deadline = now + (deadline - now) / len(self._left)
        self._left = tuple(left)
        return Connect(address, deadline, self._socket)
