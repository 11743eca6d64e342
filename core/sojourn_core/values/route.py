"""Routes to an origin: direct, or by a proxy."""

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


class Route(NamedTuple):
    """A route to an origin.

    Attributes:
        proxy: The proxy to go through, or None to go directly.
    """

    proxy: Proxy | None = None


DIRECT: Final = Route()
