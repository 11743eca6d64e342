"""A race of the addresses of a host: the first that connects wins (RFC 8305, "Happy Eyeballs").

An address that swallows packets costs the time until the next one is started beside it, and not
its share of the whole deadline. Here is which address is started when; sockets are the driver's.
Names are resolved by the system, which gives all addresses at once and has sorted them by RFC 6724:
so sections 3 and 6 of RFC 8305 have nothing to do here.
"""

from __future__ import annotations

from itertools import chain, zip_longest
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .commands import Address


def by_turns(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Return addresses in the order in which they are raced: the families take turns.

    The first stays the first, and within a family the order is kept (RFC 8305 section 4, with a
    "First Address Family Count" of 1).
    """
    family = addresses[0].family
    first = [each for each in addresses if each.family == family]
    others = [each for each in addresses if each.family != family]
    turns = chain.from_iterable(zip_longest(first, others))
    return tuple(each for each in turns if each is not None)


class Race:
    """The addresses of a ``Connect``, and when each of them is started.

    A driver starts every address that is ``due``, and then waits until ``next_at`` or until an
    attempt ends. It says ``lost`` of each attempt that has failed, and is done with the first
    that connects: it closes the others.

    Args:
        addresses: In the order in which they are started.
        stagger: Seconds between two starts, while no attempt fails.

    Attributes:
        next_at: When the next address is due; ``-inf`` for at once, ``inf`` if there is none left.
    """

    __slots__ = ("_left", "_running", "_stagger", "next_at")

    def __init__(self, addresses: tuple[Address, ...], stagger: float) -> None:
        self._left = addresses
        self._running = 0
        self._stagger = stagger
        self.next_at = -inf

    @property
    def is_over(self) -> bool:
        """Every address was started, and every attempt has failed."""
        return not self._left and not self._running

    def due(self, now: float) -> Address | None:
        """Return the address to start now, if one is due; ask again after it was started."""
        if now < self.next_at:
            return None
        address, *left = self._left
        self._left = tuple(left)
        self._running += 1
        self.next_at = now + self._stagger if left else inf
        return address

    def lost(self) -> None:
        """Note that an attempt has failed: the next address is due at once (section 5)."""
        self._running -= 1
        if self._left:
            self.next_at = -inf
