"""Content of a response from an iterable, awaited or not, with asyncio's deadlines."""

from __future__ import annotations

from functools import partial
from typing import Final

from sojourn.shared.awaited.pieces import AwaitedPieces
from sojourn.shared.awaited.pieces import within as awaited_within

from .backend import AsyncioBackend

_BACKEND: Final = AsyncioBackend()  # Of no loop: it is asked for scopes of time alone.

within: Final = partial(awaited_within, _BACKEND)


class AsyncPieces(AwaitedPieces):
    """Hands up the pieces of an iterable or of an asynchronous one."""

    __slots__ = ()
    backend = _BACKEND
