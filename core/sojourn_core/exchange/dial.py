"""The addresses of a host, until one of them connects.

A driver that races addresses gets all of them in one command (``race``). Any other gets one after
another, each with its share of the time that is left: an address that swallows packets must not use
up what the next one needs. Which error counts is decided here too: the last one.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from sojourn_core.values.url.authority import is_ipv4

from .commands import Address, Connect
from .race import by_turns

if TYPE_CHECKING:
    from sojourn_core.values.route import SocketSettings

SHOWN_MAX: Final = 4  # Addresses that a message names.


def literal_address(host: str, port: int) -> Address | None:
    """Return the address that a host is, if it is one: no resolver is asked for it.

    Args:
        host: As in an origin: canonical, without brackets, with its zone.
        port: The port.
    """
    if ":" in host:
        return Address(host, port, "ipv6")
    return Address(host, port) if is_ipv4(host) else None


def named(addresses: tuple[Address, ...]) -> str:
    """Name addresses in a message: a few of many."""
    return shown(tuple(each.host for each in addresses))


def shown(hosts: tuple[str, ...]) -> str:
    """Name hosts in a message: a few of many."""
    few, more = ", ".join(hosts[:SHOWN_MAX]), len(hosts) - SHOWN_MAX
    return f"{few} and {more} more" if more > 0 else few


class Dial:
    """The addresses that were not tried yet.

    Args:
        addresses: In the order of the resolver.
        deadline: When a connection must be there.
        socket: How the sockets are set up; None for as always.
        stagger: Seconds between the starts of two addresses, if they are raced; None if not.

    Attributes:
        addresses: In the order in which they are tried.
    """

    __slots__ = ("_deadline", "_left", "_socket", "_stagger", "addresses")

    def __init__(
        self,
        addresses: tuple[Address, ...],
        deadline: float,
        socket: SocketSettings | None = None,
        stagger: float | None = None,
    ) -> None:
        if stagger is not None and len(addresses) > 1:
            addresses = by_turns(addresses)
        self.addresses = addresses
        self._left: tuple[Address, ...] = addresses
        self._deadline = deadline
        self._socket = socket
        self._stagger = stagger

    @property
    def is_over(self) -> bool:
        """Every address was tried."""
        return not self._left

    def next(self, now: float) -> Connect:
        """Try all addresses in a race, or the next one for its share of the time that is left."""
        address, later = self._left[0], self._left[1:]
        deadline, stagger = self._deadline, self._stagger
        if stagger is not None:
            self._left = ()
            return Connect(address, deadline, self._socket, later, stagger)
        if later and deadline < inf:
            deadline = now + (deadline - now) / len(self._left)
        self._left = later
        return Connect(address, deadline, self._socket)
