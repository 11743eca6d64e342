"""Pools of settings, in place of urllib3's, for programs that override an adapter.

Programs subclass ``HTTPAdapter`` to hand a TLS context to ``init_poolmanager``, or to change the
pool that ``get_connection_with_tls_context`` returns. Here a pool is a bag of settings: each
sending gets one, every override may change it, and the transport reads it at the end. Connections
are Sojourn's own.

These settings have an effect: ``ssl_context``, ``cert_reqs``, ``ca_certs``, ``ca_cert_dir``,
``cert_file``, ``key_file``, ``key_password``, ``assert_hostname``, ``server_hostname``,
``assert_fingerprint``, ``ssl_minimum_version``, ``ssl_maximum_version`` and ``ssl_version``. All
others have none; those that urllib3 knows are in ``IGNORED``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import WeakMethod

if TYPE_CHECKING:
    from collections.abc import Callable

# These concern the socket, or how urllib3 itself works.
IGNORED: Final = frozenset(
    {
        "source_address",
        "socket_options",
        "blocksize",
        "strict",
        "retries",
        "timeout",
        "headers",
        "ca_cert_data",
        "_proxy",
        "_proxy_headers",
        "_proxy_config",
        "_socks_options",
    }
)


class ConnectionPool:
    """Settings of the connections to one origin; any attribute may be set.

    Attributes:
        scheme: ``http`` or ``https``.
        host: The host.
        port: The port, or None for the scheme's own.
        proxy_headers: Field lines for the proxy.
    """

    ssl_context: Any = None
    cert_reqs: Any = None
    ca_certs: Any = None
    ca_cert_dir: Any = None
    cert_file: Any = None
    key_file: Any = None
    key_password: Any = None
    assert_hostname: Any = None
    server_hostname: Any = None
    assert_fingerprint: Any = None
    ssl_minimum_version: Any = None
    ssl_maximum_version: Any = None
    ssl_version: Any = None

    def __init__(
        self,
        host: str | None,
        port: int | None = None,
        scheme: str = "http",
        proxy_headers: dict[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.proxy_headers: dict[str, str] = proxy_headers or {}
        self.conn_kw: dict[str, Any] = {}  # urllib3's pools keep the socket's settings here.
        self.__dict__.update(settings)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.scheme}://{self.host}>"


class PoolManager:
    """Settings of all connections of an adapter: its ``poolmanager``.

    Args:
        num_pools: As given to ``init_poolmanager``.
        clear: A method that closes idle connections.
        **connection_pool_kw: Settings for each pool; they may be changed later.
    """

    def __init__(
        self, num_pools: int, clear: Callable[[], None], **connection_pool_kw: Any
    ) -> None:
        self.num_pools = num_pools
        self.connection_pool_kw = connection_pool_kw
        self.proxy_headers: dict[str, str] = {}
        self._clear = WeakMethod(clear)  # The adapter's own, which holds this manager.

    def connection_from_host(
        self,
        host: str | None,
        port: int | None = None,
        scheme: str | None = "http",
        pool_kwargs: dict[str, Any] | None = None,
    ) -> ConnectionPool:
        """Make the pool for an origin, from the settings of all pools and its own."""
        settings = {**self.connection_pool_kw, **(pool_kwargs or {})}
        for name in ("host", "port", "scheme", "proxy_headers"):
            settings.pop(name, None)
        return ConnectionPool(
            host, port, scheme or "http", proxy_headers=self.proxy_headers, **settings
        )

    def connection_from_url(
        self, url: str, pool_kwargs: dict[str, Any] | None = None
    ) -> ConnectionPool:
        """Make the pool for the origin of a URL."""
        parts = urlsplit(url)
        return self.connection_from_host(parts.hostname, parts.port, parts.scheme, pool_kwargs)

    def clear(self) -> None:
        """Close idle connections."""
        clear = self._clear()
        if clear is not None:
            clear()


class ProxyManager(PoolManager):
    """Settings of all connections through one proxy.

    Args:
        proxy_url: The URL of the proxy.
        proxy_headers: Field lines for the proxy.
        num_pools: As given to ``init_poolmanager``.
        clear: A method that closes idle connections.
        **connection_pool_kw: Settings for each pool.
    """

    def __init__(
        self,
        proxy_url: str,
        proxy_headers: dict[str, str],
        num_pools: int,
        clear: Callable[[], None],
        **connection_pool_kw: Any,
    ) -> None:
        super().__init__(num_pools, clear, **connection_pool_kw)
        self.proxy_url = proxy_url
        self.proxy_headers = proxy_headers
