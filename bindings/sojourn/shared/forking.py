"""Transports after a fork: the child starts with an empty pool, and leaves the parent's alone."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """A transport whose connections are of one process."""

    def begin_anew(self) -> None:
        """Begin with an empty pool."""
        ...


_transports: WeakSet[Forked] = WeakSet()


def watch(transport: Forked) -> None:
    """Have a transport begin anew in each child of this process."""
    _transports.add(transport)


def _begin_anew() -> None:
    for transport in list(_transports):
        transport.begin_anew()


if hasattr(os, "register_at_fork"):  # Not everywhere are there forks.
    os.register_at_fork(after_in_child=_begin_anew)
