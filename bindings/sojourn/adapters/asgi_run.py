"""One run of an ASGI application: a request, and the events that answer it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import ChunkedEncodingError, LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _End:
    """The application has returned, or raised an error."""

    error: Exception | None


class Run:
    """The content of a response, as an application sends it.

    Args:
        app: The application.
        scope: Of the request.
        content: Of the request.
        raises: What the application raises is raised as it is.
    """

    def __init__(
        self,
        app: Callable[[Any, Any, Any], Awaitable[None]],
        scope: dict[str, Any],
        content: Content | bytes | None,
        *,
        raises: bool,
    ) -> None:
        self._app = app
        self._scope = scope
        self._raises = raises
        self._content = content
        self._chunks: AsyncIterator[bytes] | None = None
        self._unread = True
        self._unreadable: Exception | None = None
        self._events: asyncio.Queue[Event | _End] = asyncio.Queue(maxsize=1)
        self._gone = asyncio.Event()
        self._ended = False  # The response has ended, or nobody reads on.
        self._late: Exception | None = None  # Raised after that.
        self._task: asyncio.Task[None] | None = None

    def begin(self, when_done: Callable[[Run], object]) -> None:
        """Begin, in a task of its own.

        Args:
            when_done: Is called when nothing is left to wait for.
        """
        self._task = asyncio.create_task(self._main())
        self._task.add_done_callback(lambda _: None if self._late else when_done(self))

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Wait for the head of the response: status and field lines.

        Raises:
            Exception: The application's own, if it raises before.
            LocalProtocolError: It ends without a head, or sends something else.
        """
        event = await self._events.get()
        if isinstance(event, _End):
            self._ended = True
            error = self._unreadable or event.error
            if error is None:
                raise LocalProtocolError("the application sent no response")
            if self._raises or error is self._unreadable:
                raise error
            self._events.put_nowait(
                {"type": "http.response.body", "body": b"Internal Server Error"}
            )
            return 500, [(b"content-type", b"text/plain")]
        if event["type"] != "http.response.start":
            raise LocalProtocolError(f"the application began with {event['type']!r}")
        return event["status"], [*event.get("headers", ())]

    def __aiter__(self) -> Run:
        return self

    async def __anext__(self) -> bytes:
        if self._gone.is_set():
            raise StopAsyncIteration
        event = await self._events.get()
        if isinstance(event, _End):
            self._gone.set()
            error = self._unreadable or event.error
            if error is not None and self._raises:
                raise error
            raise ChunkedEncodingError("the application ended within the content") from error
        if not event.get("more_body", False):
            self._gone.set()
        return bytes(event.get("body", b""))

    async def finish(self) -> None:
        """Let the application send the content of a response that has none."""
        async for _ in self:
            pass

    # --- ending ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Tell the application that the client has gone."""
        if not self._gone.is_set():
            self._gone.set()
            while not self._events.empty():  # Whoever waits to send more is told then.
                self._events.get_nowait()

    async def aclose(self) -> None:
        """Tell the application that the client has gone, and let it hear of it."""
        self.close()
        await asyncio.sleep(0)

    async def leave(self) -> Exception | None:
        """Wait for what the application still does; return the error that it raised meanwhile."""
        task = self._task
        assert task is not None, "it has begun"
        if not self._ended:
            self.close()
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait({task})
        return self._late

    # --- the side of the application ------------------------------------------------------------

    async def _main(self) -> None:
        error: Exception | None = None
        try:
            await self._app(self._scope, self._receive, self._send)
        except Exception as raised:  # noqa: BLE001 - whoever asks is told
            error = raised
        if self._ended:
            self._late = error
        elif not self._gone.is_set():
            await self._events.put(_End(error))

    async def _send(self, event: Event) -> None:
        if self._ended:
            raise LocalProtocolError("the application sent more after the end of its response")
        if self._gone.is_set():
            raise OSError("the client has gone")
        if event["type"] == "http.response.body" and not event.get("more_body", False):
            self._ended = True
        await self._events.put(event)

    async def _receive(self) -> Event:
        if self._unread:
            return await self._read()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _read(self) -> Event:
        content = self._content
        if not isinstance(content, Content):
            self._unread = False
            return {"type": "http.request", "body": content or b"", "more_body": False}
        self._chunks = self._chunks or content.achunks()
        try:
            chunk = await anext(self._chunks, None)
        except Exception as error:
            self._unreadable = error  # The user's own: it reaches the caller as it is.
            raise
        self._unread = chunk is not None
        return {"type": "http.request", "body": chunk or b"", "more_body": self._unread}
