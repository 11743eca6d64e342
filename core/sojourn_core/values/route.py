"""Routes to an origin: direct, or by a proxy; and how a socket on the way is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .url.url import URL


class Proxy(NamedTuple):
    """A proxy.

    Attributes:
        url: Its URL. A userinfo in it is a credential for the proxy alone.
    """

    url: URL


class SocketSettings(NamedTuple):
    """Settings of a socket, applied before it connects.

    Attributes:
        source_address: Host and port to bind it to, port 0 for any; None to leave that to the
            system.
        options: Level, name and value of each option, as ``setsockopt`` takes them; None for the
            one that is always set, ``TCP_NODELAY``.
    """

    source_address: tuple[str, int] | None = None
    options: tuple[tuple[int, int, int | bytes], ...] | None = None


class Route(NamedTuple):
    """A route to an origin.

    Attributes:
        proxy: The proxy to go through, or None to go directly.
        socket: How its sockets are set up; None for as always. Connections are shared by those who
            ask for the same.
    """

    proxy: Proxy | None = None
    socket: SocketSettings | None = None


DIRECT: Final = Route()
