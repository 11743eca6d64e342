"""The way to an origin, and the key under which connections that go it may be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from .url import URL, Origin


class Proxy(NamedTuple):
    """A proxy to go through.

    Attributes:
        url: Its URL; the user info, if any, is its credential and belongs to it alone.
    """

    url: URL


class Route(NamedTuple):
    """How a request reaches its origin.

    Attributes:
        proxy: The proxy that is asked to help, or None to go directly.
    """

    proxy: Proxy | None = None


DIRECT: Final = Route()


class TlsIdentity(NamedTuple):
    """All TLS settings that a connection was made under, compared exactly.

    Attributes:
        verify: As in the call: True, False, a path, or a context.
        cert: As in the call: None, a path, or a pair of paths.
        context: What the binding made of both. It is another one when a file has changed.
    """

    verify: Any
    cert: Any
    context: Any = None


class PoolKey(NamedTuple):
    """What two requests must have in common to share a connection.

    Attributes:
        origin: Scheme, host and effective port of the target, its IPv6 zone with the host.
        route: The proxy, its credential included.
        tls: TLS settings; None for a plain connection.
    """

    origin: Origin
    route: Route = DIRECT
    tls: TlsIdentity | None = None
