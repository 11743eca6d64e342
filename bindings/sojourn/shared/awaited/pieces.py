"""Content of a response from an iterable, awaited or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sojourn.shared.pieces import PATIENT, PiecesBase
from sojourn_core import commands as c

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sojourn.shared.pieces import Patience
    from sojourn_core.commands import HandedUp

    from .backend import Backend


async def within(
    backend: Backend, awaited: Awaitable[Any], patience: Patience, *, content: bool
) -> Any:
    """Await something, for as long as an answer may take.

    Args:
        backend: The event loop; it is asked for the time, and for scopes of time.
        awaited: The thing.
        patience: The time that it may take.
        content: It is more of the content, and not the head.

    Raises:
        ReadTimeout: It took too long; within the content it is a ``StalledContent``.
        DeadlineExceeded: The time of the call is over.
    """
    until = patience.until(backend.now())
    try:
        async with backend.until(until):
            return await awaited
    except TimeoutError as error:
        if (now := backend.now()) >= until:
            raise patience.error(now, within=content) from error
        raise  # It is the user's own.


class AwaitedPieces(PiecesBase):
    """Hands up the pieces of an iterable or of an asynchronous one.

    Attributes:
        backend: The event loop; it is asked for the time, and for scopes of time.
    """

    __slots__ = ()
    backend: ClassVar[Backend]

    async def proceed(self) -> HandedUp:
        """Return the next piece, or the end.

        Raises:
            StalledContent: The piece takes longer than a read may.
            DeadlineExceeded: The time of the call is over.
            LocalProtocolError, ChunkedEncodingError: The length is not the declared one.
        """
        found = self.at_hand()
        if found is not None:
            return c.Content(found[0])
        if self._content is None:
            return c.Finish(reusable=True, trailers=self._trailers)
        piece = await self._next()
        if piece is None:
            await self.give_up()
        self._count(piece)
        if piece is None:
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
        return await within(self.backend, coming, self._patience, content=True)

    async def drain(self, limit: int, deadline: float) -> None:
        """Leave out the rest, and close the iterator; errors of it are nobody's."""
        try:
            async with self.backend.until(deadline):
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
