"""The way to an origin: directly, or by a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .url.url import URL


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
