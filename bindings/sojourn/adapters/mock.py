"""A transport of blocking sessions that asks a function."""

from __future__ import annotations

from time import monotonic as clock
from typing import TYPE_CHECKING, Any, TypeAlias

from sojourn.shared.pieces import Pieces
from sojourn.sync.adapter import BaseAdapter, HTTPAdapter
from sojourn.sync.response import Response
from sojourn_core.values.content.content import Content
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .incoming import no_answer, received, with_content
from .reply import PASS_THROUGH, PassThrough, Reply, has_no_content, length_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.shared.pieces import Patience
    from sojourn_core.messages.request import PreparedRequest

    Answer: TypeAlias = Reply | Response | PassThrough


class MockAdapter(BaseAdapter):
    """Answers each request with what a handler returns.

    The handler gets the request as it would be sent, fields and all, with its content as bytes in
    ``body``. What it raises reaches the caller. What takes longer than the timeouts of the call
    allow is an error once it has come.

    Args:
        handler: Takes a prepared request, and returns a ``Reply``, a ``Response``, or
            ``PASS_THROUGH``. A ``Router`` is one.
        passes_to: The transport of requests that the handler lets pass; an ``HTTPAdapter`` of its
            own if it is not given.
        limits: What a response may hold.
    """

    def __init__(
        self,
        handler: Callable[[PreparedRequest], Answer],
        *,
        passes_to: BaseAdapter | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.handler = handler
        self.limits = limits
        self._passes_to = passes_to
        self._made: HTTPAdapter | None = None

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        """Answer a request; see ``BaseAdapter``.

        Raises:
            ReadTimeout: The handler took longer than the call waits for an answer.
            DeadlineExceeded: The time of the whole call is over.
            InvalidArgument: The handler returned what is no answer.
        """
        settings = {"timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        command, patience = received(request, stream=stream, **settings)
        since = clock()
        shown = with_content(request, read_whole(command.request.content))
        answer = self.handler(shown)
        if (now := clock()) > patience.until(since):
            raise patience.error(now, within=False)
        if answer is PASS_THROUGH:
            if isinstance(request.content, Content):
                request.content.rewind()
            response = self._real().send(request, stream, timeout, verify, cert, proxies)
        else:
            response = response_of(answer, request, patience, self.limits)
            response.connection = self
        return response

    def _real(self) -> BaseAdapter:
        if self._passes_to is not None:
            return self._passes_to
        self._made = self._made or HTTPAdapter(limits=self.limits)
        return self._made

    def close(self) -> None:
        """Close the transport that passes requests on, if one was made for it."""
        if self._made is not None:
            self._made.close()


def read_whole(content: Content | bytes | None) -> bytes | None:
    """Return all of the content of a request; what user code raises there is raised as it is.

    Raises:
        InvalidContent: It is asynchronous.
    """
    if not isinstance(content, Content):
        return content
    return b"".join(content.chunks())


def response_of(
    answer: object, request: PreparedRequest, patience: Patience, limits: Limits
) -> Response:
    """Make a response of an answer.

    Raises:
        InvalidArgument: It is none.
    """
    if isinstance(answer, Reply):
        head = answer.head()
        length = length_of(request.method, head)
        content = Pieces(answer.content_for(request.method), patience, length=length)
        return Response(head, request, limits, content)
    if not isinstance(answer, Response):
        raise no_answer(answer)
    answer.request = request
    answer.url = request.url or ""
    if has_no_content(request.method, answer.status_code):
        answer.close()
        answer.set_content(b"", None)
    return answer
