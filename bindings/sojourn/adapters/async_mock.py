"""A transport of asyncio sessions that asks a function."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sojourn.aio.adapter import AsyncBaseAdapter, AsyncHTTPAdapter
from sojourn.aio.pieces import within
from sojourn.aio.response import AsyncResponse
from sojourn.shared.awaited.response import AwaitedResponse
from sojourn_core.values.content.content import Content
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .incoming import no_answer, received, with_content
from .reply import PASS_THROUGH, PassThrough, Reply, has_no_content, length_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sojourn.shared.pieces import Patience
    from sojourn_core.messages.request import PreparedRequest

    Answer: TypeAlias = Reply | AsyncResponse | PassThrough

Answered = TypeVar("Answered", bound=AwaitedResponse)


class AsyncMockAdapter(AsyncBaseAdapter):
    """Answers each request with what a handler returns, which is awaited if it can be.

    See ``MockAdapter`` for what a handler gets. A handler that is awaited for longer than the
    timeouts of the call allow is cancelled.

    Args:
        handler: Takes a prepared request, and returns a ``Reply``, an ``AsyncResponse``, or
            ``PASS_THROUGH``; or something to await that gives one. A ``Router`` is one.
        passes_to: The transport of requests that the handler lets pass; an ``AsyncHTTPAdapter`` of
            its own if it is not given.
        limits: What a response may hold.
    """

    def __init__(
        self,
        handler: Callable[[PreparedRequest], Answer | Awaitable[Answer]],
        *,
        passes_to: AsyncBaseAdapter | AsyncHTTPAdapter | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.handler = handler
        self.limits = limits
        self._passes_to = passes_to
        self._made: AsyncHTTPAdapter | None = None

    async def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> AsyncResponse:
        """Answer a request; see ``MockAdapter.send`` for its errors."""
        settings = {"timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        command, patience = received(request, stream=stream, **settings)
        shown = with_content(request, await read_whole(command.request.content))
        asked = answer_of(self.handler, shown)
        answer: Any = await within(asked, patience, content=False)
        if answer is PASS_THROUGH:
            if isinstance(request.content, Content):
                request.content.rewind()
            response: AsyncResponse = await self._real().send(
                request, stream, timeout, verify, cert, proxies
            )
        else:
            response = await response_of(answer, request, patience, self.limits, AsyncResponse)
            response.connection = self
        return response

    def _real(self) -> Any:
        if self._passes_to is not None:
            return self._passes_to
        self._made = self._made or AsyncHTTPAdapter(limits=self.limits)
        return self._made

    async def close(self) -> None:
        """Close the transport that passes requests on, if one was made for it."""
        if self._made is not None:
            await self._made.close()


async def answer_of(handler: Callable[[PreparedRequest], Any], request: PreparedRequest) -> object:
    """Return what a handler answers, awaited if it can be."""
    answer: Any = handler(request)
    return await answer if isawaitable(answer) else answer


async def read_whole(content: Content | bytes | None) -> bytes | None:
    """Return all of the content of a request; what user code raises there is raised as it is."""
    if not isinstance(content, Content):
        return content
    return b"".join([chunk async for chunk in content.achunks()])


async def response_of(
    answer: object,
    request: PreparedRequest,
    patience: Patience,
    limits: Limits,
    kind: type[Answered],
) -> Answered:
    """Make a response of an answer, of the kind that the loop asks for.

    Raises:
        InvalidArgument: It is none.
    """
    if isinstance(answer, Reply):
        head = answer.head()
        length = length_of(request.method, head)
        content = kind.pieces_class(answer.content_for(request.method), patience, length=length)
        return kind(head, request, limits, content)
    if not isinstance(answer, kind):
        raise no_answer(answer)
    answer.request = request
    answer.url = request.url or ""
    if has_no_content(request.method, answer.status_code):
        await answer.close()
        answer.set_content(b"", None)
    return answer
