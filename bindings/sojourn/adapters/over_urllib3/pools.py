"""urllib3's pools: one manager for direct requests, and one for each proxy."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from urllib3 import HTTPConnectionPool, PoolManager, ProxyManager

from sojourn.local.locks import new_lock

from .noted import NotedHTTP, NotedHTTPS

if TYPE_CHECKING:
    from sojourn_core.exchange.plan import ExchangePlan

PROXIES_MAX: Final = 16  # Managers that are kept: one for each proxy, and for each user of it.


_CLASSES: Final[dict[str, type[HTTPConnectionPool]]] = {"http": NotedHTTP, "https": NotedHTTPS}


class Managers:
    """The managers of a transport.

    Args:
        **sizes: Arguments of each of them.
    """

    def __init__(self, **sizes: Any) -> None:
        self._sizes = sizes
        self._direct = self._make(None, None, {})
        self._by_proxy: OrderedDict[Any, PoolManager] = OrderedDict()
        self._guard = new_lock()

    def _make(
        self, proxy: str | None, credential: str | None, settings: dict[str, Any]
    ) -> PoolManager:
        made: PoolManager
        kinds: Any = dict(_CLASSES)
        if proxy is None:
            made = PoolManager(**self._sizes)
        elif proxy.startswith("socks"):
            from .by_socks import POOLS, SOCKSProxyManager  # It takes PySocks.

            made = SOCKSProxyManager(proxy, **settings, **self._sizes)
            kinds = dict(POOLS)
        else:
            lines = None if credential is None else {"Proxy-Authorization": credential}
            made = ProxyManager(proxy, proxy_headers=lines, **settings, **self._sizes)
        made.pool_classes_by_scheme = kinds
        return made

    def pool_for(
        self,
        plan: ExchangePlan,
        settings: dict[str, Any],
        proxy_settings: dict[str, Any],
        *,
        fresh: bool,
    ) -> HTTPConnectionPool:
        """Return the pool that a request is sent by.

        Args:
            plan: Of the request.
            settings: Of the connection: its TLS and its socket.
            proxy_settings: What the manager for its proxy takes, beside the URL.
            fresh: No connection of before will do: the pool is a new one.
        """
        origin = plan.origin
        manager = self._manager_for(plan, proxy_settings, fresh=fresh)
        return manager.connection_from_host(origin.host, origin.port, origin.scheme, settings)

    def _manager_for(
        self, plan: ExchangePlan, settings: dict[str, Any], *, fresh: bool
    ) -> PoolManager:
        proxy = plan.key.route.proxy
        # If a proxy forwards the request, the request itself has the field.
        credential = None if plan.tunnel is None else plan.tunnel.credential
        url = None if proxy is None else proxy.url.without_userinfo().text
        if fresh:
            return self._make(url, credential, settings)
        if url is None:
            return self._direct
        key = (url, credential, *settings.values())
        with self._guard:
            manager = self._by_proxy.pop(key, None) or self._make(url, credential, settings)
            self._by_proxy[key] = manager
            left_out = None
            if len(self._by_proxy) > PROXIES_MAX:
                _, left_out = self._by_proxy.popitem(last=False)
        if left_out is not None:
            left_out.clear()
        return manager

    def clear(self) -> None:
        """Close idle connections."""
        with self._guard:
            managers = [self._direct, *self._by_proxy.values()]
        for manager in managers:
            manager.clear()
