"""A session whose verbs are awaited; a binding names its loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sojourn.shared.session_methods import SessionMethods
from sojourn_core.messages.adapter_send import Lent

from .adapter import Answered
from .call_driver import WAYS
from .closing import Closing
from .marked import know_as_coroutines

if TYPE_CHECKING:
    from sojourn_core.commands import Send
    from sojourn_core.messages.request import PreparedRequest, Request

VERBS = ("request", "send", "get", "options", "head", "post", "put", "patch", "delete")


Answered_co = TypeVar("Answered_co", covariant=True)


class AwaitedTransport(Protocol[Answered_co]):
    """A transport to mount: the binding's own, or one of the user's."""

    def send(
        self, request: PreparedRequest, *args: Any, **kwargs: Any
    ) -> Coroutine[Any, Any, Answered_co]: ...
    def close(self) -> Coroutine[Any, Any, None]: ...


class AwaitedSession(
    Closing,
    SessionMethods[Coroutine[Any, Any, Answered], AsyncIterator[Answered], Answered],
    Generic[Answered],
):
    """Requests that share settings, cookies and connections. It names no event loop."""

    _ways = WAYS

    async def _prepare_and_send(
        self, request: Request, asked: tuple[Any, ...], **sent: Any
    ) -> Answered:
        prepared, settings = self.prepare_call(request, *asked)
        return await self.send(prepared, **sent, **settings)

    async def _lend(self, adapter: Any, command: Send) -> Answered:
        with Lent(command) as lent:
            answer = await adapter.send(lent.copy, **command.settings.given())
            response: Answered = lent.named(answer)
        return response

    async def close(self) -> None:
        """Close idle connections. Responses in use can be read on; theirs are closed after."""
        for adapter in self.adapters.values():
            await adapter.close()

    if TYPE_CHECKING:

        def mount(self, prefix: str, adapter: AwaitedTransport[Answered]) -> None: ...
        def get_adapter(self, url: str) -> AwaitedTransport[Answered]: ...


def complete(kind: type[AwaitedSession[Any]], older_mark: object = None) -> None:
    """Complete the session of a binding: its verbs are known as coroutine functions.

    Args:
        kind: The class of the session.
        older_mark: As in ``know_as_coroutines``.
    """
    know_as_coroutines(kind, *VERBS, older_mark=older_mark)
    kind.remember_methods()
