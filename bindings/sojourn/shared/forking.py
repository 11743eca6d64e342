"""Transports after a fork: the child starts with an empty pool, and leaves the parent's alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from .adapter_base import AdapterBase

_transports: WeakSet[AdapterBase[Any]] = WeakSet()


def watch(transport: AdapterBase[Any]) -> None:
    """Have a transport begin anew in each child of this process."""
    _transports.add(transport)


def _begin_anew() -> None:
    for transport in list(_transports):
        transport.begin_anew()


if hasattr(os, "register_at_fork"):  # Not everywhere are there forks.
    os.register_at_fork(after_in_child=_begin_anew)
