"""Transports without sockets: handlers, routers, and WSGI and ASGI applications.

Each is mounted on a session like any other transport, so redirects, cookies, credentials, hooks,
streaming, timeouts and decisions work through it as they do over connections::

    session.mount("https://api.example/", MockAdapter(handler))

The asynchronous ones are loaded when they are asked for: a blocking program goes without asyncio.
"""

from typing import TYPE_CHECKING

from .mock import MockAdapter
from .reply import PASS_THROUGH, Reply
from .router import Route, Router, UnexpectedRequest
from .wsgi import WSGIAdapter

if TYPE_CHECKING:
    from .asgi import ASGIAdapter
    from .async_mock import AsyncMockAdapter

__all__ = [
    "PASS_THROUGH",
    "ASGIAdapter",
    "AsyncMockAdapter",
    "MockAdapter",
    "Reply",
    "Route",
    "Router",
    "UnexpectedRequest",
    "WSGIAdapter",
]


if not TYPE_CHECKING:  # A type checker knows the names, and refuses all others.

    def __getattr__(name: str) -> object:
        """Load one of the names that need asyncio."""
        if name == "ASGIAdapter":
            from .asgi import ASGIAdapter

            return ASGIAdapter
        if name == "AsyncMockAdapter":
            from .async_mock import AsyncMockAdapter

            return AsyncMockAdapter
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return the public names, and no others."""
        return sorted(__all__)
