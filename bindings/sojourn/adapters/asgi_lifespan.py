"""The lifespan of an ASGI application: started once, and shut down."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Lifespan:
    """Starts an application before its first request. One that knows of no lifespan does without.

    Args:
        app: The application.
    """

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._to_app: asyncio.Queue[str] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._starting = asyncio.Lock()
        self._state: dict[str, Any] = {}

    async def start(self) -> dict[str, Any]:
        """Start the application, if it was not, and return the state that it has made.

        Raises:
            LocalProtocolError: It says that it could not start.
        """
        async with self._starting:
            if self._task is None:
                self._task = asyncio.create_task(self._run())
                await self._ask("startup")
        return self._state

    async def stop(self) -> None:
        """Shut the application down, if it was started.

        Raises:
            LocalProtocolError: It says that it could not shut down.
        """
        task, self._task = self._task, None
        if task is None:
            return
        if not task.done():
            await self._ask("shutdown")
        await task

    async def _ask(self, what: str) -> None:
        self._to_app.put_nowait(f"lifespan.{what}")
        told = await self._from_app.get()
        if told["type"] == f"lifespan.{what}.failed":
            message = told.get("message", "")
            raise LocalProtocolError(f"{what} of the application failed: {message}")

    async def _run(self) -> None:
        asgi = {"version": "3.0", "spec_version": "2.0"}
        scope: dict[str, Any] = {"type": "lifespan", "asgi": asgi, "state": self._state}
        with suppress(Exception):  # It has said so before, or knows of no lifespan.
            await self._app(scope, self._receive, self._from_app.put)
        self._from_app.put_nowait({"type": "ended"})

    async def _receive(self) -> dict[str, str]:
        return {"type": await self._to_app.get()}
