"""The session for asyncio: its verbs are awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any

from sojourn.shared.session_methods import SessionMethods
from sojourn_core.messages.adapter_send import Lent

from .adapter import AsyncHTTPAdapter
from .call_driver import WAYS
from .closing import Closing
from .marked import know_as_coroutines
from .response import AsyncResponse

if TYPE_CHECKING:
    from typing import Protocol

    from sojourn_core.commands import Send
    from sojourn_core.messages.request import PreparedRequest, Request

    class AsyncTransport(Protocol):
        """A transport to mount: an ``AsyncHTTPAdapter``, or one of the user's own."""

        def send(
            self, request: PreparedRequest, *args: Any, **kwargs: Any
        ) -> Coroutine[Any, Any, AsyncResponse]: ...
        def close(self) -> Coroutine[Any, Any, None]: ...


class AsyncSession(
    Closing,
    SessionMethods[Coroutine[Any, Any, AsyncResponse], AsyncIterator[AsyncResponse], AsyncResponse],
):
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
    """

    adapter_class = AsyncHTTPAdapter
    _ways = WAYS

    async def _prepare_and_send(
        self, request: Request, asked: tuple[Any, ...], **sent: Any
    ) -> AsyncResponse:
        prepared, settings = self.prepare_call(request, *asked)
        return await self.send(prepared, **sent, **settings)

    async def _lend(self, adapter: Any, command: Send) -> AsyncResponse:
        with Lent(command) as lent:
            answer = await adapter.send(lent.copy, **command.settings.given())
            response: AsyncResponse = lent.named(answer)
        return response

    async def close(self) -> None:
        """Close idle connections. Responses in use can be read on; theirs are closed after."""
        for adapter in self.adapters.values():
            await adapter.close()

    if TYPE_CHECKING:

        def mount(self, prefix: str, adapter: AsyncTransport) -> None: ...
        def get_adapter(self, url: str) -> AsyncTransport: ...


know_as_coroutines(
    AsyncSession, "request", "send", "get", "options", "head", "post", "put", "patch", "delete"
)
AsyncSession.remember_methods()
