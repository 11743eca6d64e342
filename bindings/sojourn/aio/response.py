"""A response whose content is read with ``await``, on a loop of asyncio."""

from __future__ import annotations

from sojourn.shared.awaited.response import AwaitedResponse

from .pieces import AsyncPieces


class AsyncResponse(AwaitedResponse):
    """The response to one request; the core's class describes what its head gives.

    ``content``, ``text`` and ``json()`` are there once the content was read: by the session, or
    with ``await response.read()`` if it was asked to stream.
    """

    pieces_class = AsyncPieces
