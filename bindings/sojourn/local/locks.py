"""Locks that are free in each child of this process, whoever holds them as it is forked.

The thread that holds one then is not there in the child, and would never let go of it.
"""

from __future__ import annotations

import os
import threading
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")

_locks: WeakSet[Any] = WeakSet()


def new_lock() -> Any:
    """Make a lock that one thread holds once, for a process that may be forked."""
    return freed_by_fork(threading.Lock())


def new_reentrant_lock() -> Any:
    """Make a lock that its thread may take again, likewise."""
    return freed_by_fork(threading.RLock())


def freed_by_fork(lock: T) -> T:
    """Have a lock be free in each child, and return it."""
    _locks.add(lock)
    return lock


def _free() -> None:
    for lock in list(_locks):
        # As the standard library does with its own; another Python's may lack it.
        free = getattr(lock, "_at_fork_reinit", None)
        if free is not None:
            free()


if hasattr(os, "register_at_fork"):  # Not everywhere are there forks.
    os.register_at_fork(after_in_child=_free)
