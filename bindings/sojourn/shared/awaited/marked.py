"""Methods that return coroutines, and are known for it.

A method of ``shared`` returns what its binding's loop returns, which is a coroutine here. It is no
``async def``, so that a call makes one coroutine and not two. Tools that ask what a function is
(``inspect.iscoroutinefunction``, ``create_autospec`` of ``unittest.mock``) are told by a mark.
"""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def know_as_coroutines(kind: type[Any], *names: str, older_mark: object = None) -> None:
    """Give a class copies of inherited methods that are marked as coroutine functions.

    They are copies because the blocking binding inherits the same functions. A call costs what it
    did.

    Args:
        kind: The class.
        names: Its methods.
        older_mark: Python 3.11 has no mark that ``inspect`` knows, but this one that ``asyncio``
            knows; None without asyncio.
    """
    for name in names:
        shared: Any = getattr(kind, name)
        own: Any = FunctionType(
            shared.__code__, shared.__globals__, name, shared.__defaults__, shared.__closure__
        )
        for attribute in ("__kwdefaults__", "__annotations__", "__doc__", "__module__"):
            setattr(own, attribute, getattr(shared, attribute))
        own.__qualname__ = f"{kind.__qualname__}.{name}"
        setattr(kind, name, _marked(own, older_mark))


def _marked(function: Callable[..., Any], older_mark: object) -> Callable[..., Any]:
    mark: Any = getattr(inspect, "markcoroutinefunction", None)  # Since Python 3.12.
    if mark is not None:
        marked: Callable[..., Any] = mark(function)
        return marked
    known: Any = function
    known._is_coroutine = older_mark
    return function
