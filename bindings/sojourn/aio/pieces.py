"""Content of a response from an iterable, awaited or not."""

from __future__ import annotations

from time import monotonic as clock
from typing import TYPE_CHECKING, Any

from sojourn.shared.pieces import PATIENT, PiecesBase
from sojourn_core import commands as c

from .backend import AsyncioBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sojourn.shared.pieces import Patience
    from sojourn_core.commands import HandedUp

_BACKEND = AsyncioBackend()  # Of no loop: it is asked for scopes of time alone.


async def within(awaited: Awaitable[Any], patience: Patience, *, content: bool) -> Any:
    """Await something, for as long as an answer may take.

    Args:
        awaited: The thing.
        patience: The time that it may take.
        content: It is more of the content, and not the head.

    Raises:
        ReadTimeout: It took too long; within the content it is a ``StalledContent``.
        DeadlineExceeded: The time of the call is over.
    """
    since = clock()
    until = patience.until(since)
    try:
        async with _BACKEND.until(until):
            return await awaited
    except TimeoutError as error:
        if (now := clock()) >= until:
            raise patience.error(now, within=content) from error
        raise  # It is the user's own.


class AsyncPieces(PiecesBase):
    """Hands up the pieces of an iterable or of an asynchronous one."""

    __slots__ = ()

    async def proceed(self) -> HandedUp:
        """Return the next piece, or the end.

        Raises:
            StalledContent: The piece takes longer than a read may.
            DeadlineExceeded: The time of the call is over.
        """
        found = self.at_hand()
        if found is not None:
            return c.Content(found[0])
        if self._content is None:
            return c.Finish(reusable=True, trailers=self._trailers)
        piece = await self._next()
        if piece is None:
            await self.give_up()
            return c.Finish(reusable=True, trailers=self._trailers)
        return c.Content(piece)

    async def _next(self) -> Any:
        if self._iterator is None:
            waits = hasattr(self._content, "__aiter__")
            self._iterator = aiter(self._content) if waits else iter(self._content)
        if not hasattr(self._iterator, "__anext__"):
            return next(self._iterator, None)
        coming = anext(self._iterator, None)
        if self._patience is PATIENT:
            return await coming
        return await within(coming, self._patience, content=True)

    async def drain(self, limit: int, deadline: float) -> None:
        """Leave out the rest, and close the iterator; errors of it are nobody's."""
        try:
            async with _BACKEND.until(deadline):
                while self.phase.name != "ENDED" and limit >= 0:
                    handed = await self.proceed()
                    limit -= len(handed.data) if isinstance(handed, c.Content) else 0
        except Exception:  # noqa: BLE001, S110 - as with a connection that breaks: it is given up
            pass
        await self.give_up()

    async def give_up(self) -> None:
        """Close the iterator."""
        left = self._end()
        if hasattr(left, "aclose"):
            await left.aclose()
        elif hasattr(left, "close"):
            left.close()

    def abandon(self) -> None:
        """Close what can be closed without waiting; an asynchronous generator ends by itself."""
        left = self._end()
        if hasattr(left, "close"):
            left.close()
