"""urllib3's pools by way of SOCKS proxies, which PySocks speaks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection, SOCKSProxyManager

from .noted import NotedHTTP, NotedHTTPS

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool

__all__ = ["POOLS", "SOCKSProxyManager"]


class _BySocks(NotedHTTP):
    ConnectionCls: Any = SOCKSConnection


class _SecureBySocks(NotedHTTPS):
    ConnectionCls: Any = SOCKSHTTPSConnection


POOLS: Final[dict[str, type[HTTPConnectionPool]]] = {"http": _BySocks, "https": _SecureBySocks}
