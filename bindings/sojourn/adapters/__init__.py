"""Further transports: handlers, routers, WSGI and ASGI applications, and urllib3.

Each is mounted on a session like any other transport, so redirects, cookies, credentials, hooks,
streaming, timeouts and decisions work through it as they do over connections::

    session.mount("https://api.example/", MockAdapter(handler))

The asynchronous ones are loaded when they are asked for: a blocking program goes without asyncio.
So is ``Urllib3Adapter``, the only one that opens sockets: it takes the extra ``urllib3``.
"""

from typing import TYPE_CHECKING

from .mock import MockAdapter
from .reply import PASS_THROUGH, Reply
from .router import Route, Router, UnexpectedRequest
from .wsgi import WSGIAdapter

if TYPE_CHECKING:
    from .asgi import ASGIAdapter
    from .async_mock import AsyncMockAdapter
    from .over_urllib3 import Urllib3Adapter

__all__ = [
    "PASS_THROUGH",
    "ASGIAdapter",
    "AsyncMockAdapter",
    "MockAdapter",
    "Reply",
    "Route",
    "Router",
    "UnexpectedRequest",
    "Urllib3Adapter",
    "WSGIAdapter",
]


if not TYPE_CHECKING:  # A type checker knows the names, and refuses all others.

    def __getattr__(name: str) -> object:
        """Load one of the names that need asyncio, or urllib3."""
        if name == "ASGIAdapter":
            from .asgi import ASGIAdapter

            return ASGIAdapter
        if name == "AsyncMockAdapter":
            from .async_mock import AsyncMockAdapter

            return AsyncMockAdapter
        if name == "Urllib3Adapter":
            from .over_urllib3 import Urllib3Adapter

            return Urllib3Adapter
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return the public names, and no others."""
        return sorted(__all__)
