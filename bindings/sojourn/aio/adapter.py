"""The transport of asyncio sessions."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from sojourn.shared.adapter_base import AdapterInterface
from sojourn.shared.awaited.adapter import AwaitedAdapter
from sojourn.shared.awaited.marked import know_as_coroutines

from .backend import OLDER_MARK, AsyncioBackend
from .response import AsyncResponse


class AsyncBaseAdapter(AdapterInterface[Coroutine[Any, Any, AsyncResponse]]):
    """The interface of a transport that is mounted on an ``AsyncSession``.

    It is ``BaseAdapter``, both methods awaited.
    """


class AsyncHTTPAdapter(AwaitedAdapter[AsyncResponse]):
    """The transport that is mounted on a session of asyncio for http and https.

    It belongs to the event loop that it is first used on, as its connections do. Its arguments are
    those of ``HTTPAdapter``.

    Attributes:
        backend: The event loop, as much of it as is needed; a class makes it for each transport.
    """

    backend_class = AsyncioBackend
    response_class = AsyncResponse


know_as_coroutines(AsyncHTTPAdapter, "send", older_mark=OLDER_MARK)
AsyncHTTPAdapter._own_send = AsyncHTTPAdapter.send  # pyright: ignore[reportPrivateUsage] - of its own base
