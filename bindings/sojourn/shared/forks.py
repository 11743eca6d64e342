"""Transports in a forked process: it starts with empty pools.

A connection that parent and child share would give each of them pieces of the other's responses.
"""

from __future__ import annotations

import os
from typing import Final, Protocol
from weakref import WeakValueDictionary


class Transport(Protocol):
    """A transport that keeps connections."""

    def begin_anew(self) -> None:
        """Begin with an empty pool, in a child that was forked."""
        ...


# By their identity: a transport of somebody else's need not be hashable.
_transports: Final[WeakValueDictionary[int, Transport]] = WeakValueDictionary()


def watch(transport: Transport) -> None:
    """Have a transport begin anew in each child that is forked while it is there."""
    _transports[id(transport)] = transport


def _begin_anew() -> None:
    for transport in list(_transports.values()):
        transport.begin_anew()


if hasattr(os, "register_at_fork"):  # Not on Windows, where nobody forks.
    os.register_at_fork(after_in_child=_begin_anew)
