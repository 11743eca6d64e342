"""Routes to an origin: direct, or by a proxy; and how a socket on the way is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .named_tuple import NamedTuple

if TYPE_CHECKING:
    from .url.url import URL


SOCKS_SCHEMES: Final = frozenset({"socks4", "socks4a", "socks5", "socks5h"})
_TOLD_ADDRESSES: Final = frozenset({"socks4", "socks5"})


class Proxy(NamedTuple):
    """A proxy.

    Attributes:
        url: Its URL. A userinfo in it is a credential for the proxy alone.
    """

    url: URL

    @property
    def is_socks(self) -> bool:
        """It speaks SOCKS, and no HTTP."""
        return self.url.scheme in SOCKS_SCHEMES

    @property
    def resolves(self) -> bool:
        """It is told names: by SOCKS 4 and 5 it is told addresses, and names are resolved here."""
        return self.url.scheme not in _TOLD_ADDRESSES


class SocketSettings(NamedTuple):
    """Settings of a socket, applied before it connects.

    Attributes:
        source_address: Host and port to bind it to, port 0 for any; None to leave that to the
            system.
        options: Level, name and value of each option, as ``setsockopt`` takes them; None for the
            one that is always set, ``TCP_NODELAY``.
        unix_path: The path of a Unix socket to connect to, whatever the URL's host is: no name is
            resolved, and no proxy is asked.
    """

    source_address: tuple[str, int] | None = None
    options: tuple[tuple[int, int, int | bytes], ...] | None = None
    unix_path: str | None = None


class Route(NamedTuple):
    """A route to an origin.

    Attributes:
        proxy: The proxy to go through, or None to go directly.
        socket: How its sockets are set up; None for as always. Connections are shared by those who
            ask for the same.
        tunnels: An HTTP proxy is asked for a tunnel for http too, as it always is for https.
    """

    proxy: Proxy | None = None
    socket: SocketSettings | None = None
    tunnels: bool = False

    def __repr__(self) -> str:
        more = ", tunnels=True" if self.tunnels else ""
        return f"Route(proxy={self.proxy!r}, socket={self.socket!r}{more})"

    def forwards(self, scheme: str) -> bool:
        """Return whether a proxy is sent the request itself, as opposed to one for a tunnel.

        Args:
            scheme: Of the request's URL.
        """
        proxy = self.proxy
        return proxy is not None and scheme == "http" and not self.tunnels and not proxy.is_socks


DIRECT: Final = Route()
