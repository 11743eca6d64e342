"""An ASGI application (version 3) as a transport of asyncio sessions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sojourn.aio.adapter import AsyncBaseAdapter
from sojourn.aio.pieces import AsyncPieces, within
from sojourn.aio.response import AsyncResponse
from sojourn_core.messages.given import head_of
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .asgi_lifespan import Lifespan
from .asgi_run import Run
from .incoming import received
from .reply import has_no_content, length_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sojourn_core.messages.request import PreparedRequest


class ASGIAdapter(AsyncBaseAdapter):
    """Has an ASGI application answer, in a task of the event loop that asks.

    Content of the request and of the response is passed on piece by piece, each when the other side
    asks for it. What the application does after its response goes on, as with a server, and
    ``close`` waits for it. A response that is closed early is a client that has gone:
    ``http.disconnect`` is received, and ``send`` raises OSError.

    Args:
        app: The application.
        client: Address and port of the client, as the application sees them.
        root_path: Where the application is mounted.
        raise_server_exceptions: What the application raises reaches the caller; else it is
            answered with 500, as a server does.
        lifespan: Start the application before its first request, and shut it down in ``close``,
            if it knows of that.
        limits: What a response may hold.
    """

    def __init__(
        self,
        app: Callable[[Any, Any, Any], Awaitable[None]],
        *,
        client: tuple[str, int] = ("127.0.0.1", 50000),
        root_path: str = "",
        raise_server_exceptions: bool = True,
        lifespan: bool = True,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.app = app
        self.client = client
        self.root_path = root_path
        self.raise_server_exceptions = raise_server_exceptions
        self.limits = limits
        self._lifespan = Lifespan(app) if lifespan else None
        self._runs: set[Run] = set()

    async def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> AsyncResponse:
        """Answer a request; see ``BaseAdapter``.

        Raises:
            ReadTimeout: The application took longer than the call waits for an answer.
            DeadlineExceeded: The time of the whole call is over.
            LocalProtocolError: The application broke the protocol, or did not start.
        """
        settings = {"timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        command, patience = received(request, stream=stream, **settings)
        state = {} if self._lifespan is None else await self._lifespan.start()
        scope = scope_of(command.request, self.client, self.root_path)
        scope["state"] = dict(state)
        run = Run(self.app, scope, command.request.content, raises=self.raise_server_exceptions)
        self._runs.add(run)
        run.begin(self._runs.discard)
        try:
            status, lines = await within(run.head(), patience, content=False)
        except BaseException:
            run.close()
            raise
        pieces: Any = run
        if has_no_content(request.method, status):
            await run.finish()
            pieces = b""
        head = head_of(status, lines)
        content = AsyncPieces(pieces, patience, length=length_of(request.method, head))
        response = AsyncResponse(head, request, self.limits, content)
        response.connection = self
        return response

    async def close(self) -> None:
        """Wait for what the application still does, and shut it down.

        What waits for a client that has gone is cancelled.

        Raises:
            Exception: The application raised it after its response, if that reaches the caller.
            LocalProtocolError: It says that it could not shut down.
        """
        await asyncio.sleep(0)
        errors = [await run.leave() for run in list(self._runs)]
        if self._lifespan is not None:
            await self._lifespan.stop()
        for error in errors:
            if error is not None and self.raise_server_exceptions:
                raise error


def scope_of(request: PreparedRequest, client: tuple[str, int], root_path: str) -> dict[str, Any]:
    """Build the scope of a request."""
    url = request.parsed_url
    path, _, query = request.path_url.partition("?")
    lines = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in request.headers.lines
    ]
    if "host" not in request.headers:
        lines.insert(0, (b"host", url.host_field.encode("ascii")))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method or "GET",
        "scheme": url.scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": root_path,
        "headers": lines,
        "client": client,
        "server": (url.host, url.port),
    }
