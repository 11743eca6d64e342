"""The session for asyncio: its verbs are awaited."""

from __future__ import annotations

from sojourn.shared.awaited.session import AwaitedSession, complete

from .adapter import AsyncHTTPAdapter
from .backend import OLDER_MARK
from .response import AsyncResponse


class AsyncSession(AwaitedSession[AsyncResponse]):
    """Requests that share settings, cookies and connections.

    It belongs to the event loop that it is first used on. The arguments are settings that can be
    given at once; see the core's ``Session`` for the attributes.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time; the policy's if it is not given.
        pool: How many connections are kept.
        resolver: As in ``Session``; it may be a coroutine function.
        retries: As in ``Session``.
        hedge: As in ``Session``.
        limit: As in ``Session``.
        socket: As in ``Session``.
    """

    adapter_class = AsyncHTTPAdapter


complete(AsyncSession, OLDER_MARK)
