"""Slots that are lent to somebody who may vanish without a word.

A driver that is dropped before its response has ended gives its slot up in its finalizer. A signal
handler may raise as soon as that begins, as in every function that is written in Python, and such
an error ends there. What is noted here is noted by the ``append`` of a deque, which nothing
interrupts: a weak reference to the owner calls it as the owner goes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .ticket import Slot

# Makes a weak reference, which calls what it is given as its owner goes: partial(ref, owner).
Refer: TypeAlias = Callable[[Callable[[Any], object]], Any]


class Leases:
    """The leases of a pool.

    Attributes:
        gone: References whose owner is gone, and that nobody has looked at yet.
    """

    __slots__ = ("_slots", "gone")

    def __init__(self) -> None:
        self.gone: deque[Any] = deque()
        self._slots: dict[Any, Slot] = {}  # By reference: one that is gone itself calls nobody.

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, slot: Slot, refer: Refer) -> None:
        """Note who has a slot, until they are gone."""
        self._slots[refer(self.gone.append)] = slot

    def reap(self, orphans: deque[Any]) -> None:
        """Leave slots that were not given back as orphans; forget about all others."""
        gone, slots = self.gone, self._slots
        while gone:
            slot = slots.get(gone[0])
            if slot is not None and slot.held:
                orphans.append(slot)
            slots.pop(gone[0], None)
            gone.popleft()  # Last, so that one that is interrupted is looked at again.
