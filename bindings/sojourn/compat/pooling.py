"""Pools of settings, in place of urllib3's, for programs that override an adapter.

Programs subclass ``HTTPAdapter`` to hand a TLS context to ``init_poolmanager``, or to change the
pool that ``get_connection_with_tls_context`` returns. Here a pool is a bag of settings: each
sending gets one, every override may change it, and the transport reads it at the end. Connections
are Sojourn's own.

These settings have an effect: ``maxsize``, ``block``, ``source_address``, ``socket_options``,
``ssl_context``, ``cert_reqs``, ``ca_certs``, ``ca_cert_dir``, ``ca_cert_data``, ``cert_file``,
``key_file``, ``key_password``, ``assert_hostname``, ``server_hostname``, ``assert_fingerprint``,
``ssl_minimum_version``, ``ssl_maximum_version`` and ``ssl_version``. Those in ``WITHOUT_EFFECT``
have none, with Requests neither. Any other is a ``TypeError``, as it is for urllib3.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit
from weakref import WeakMethod

from sojourn_core.values.errors import InvalidSchema
from sojourn_core.values.route import SocketSettings

from .by_urllib3 import urllib3_is_used

if TYPE_CHECKING:
    from collections.abc import Callable

# Requests says these for each request itself, or they are about the inside of urllib3.
WITHOUT_EFFECT: Final = frozenset(
    {
        "blocksize",
        "strict",
        "retries",
        "timeout",
        "headers",
    }
)


def _of_connections(name: str) -> Any:
    """Make an attribute of a pool that is kept in ``conn_kw``."""

    def read(pool: ConnectionPool) -> Any:
        return pool.conn_kw.get(name)

    def write(pool: ConnectionPool, value: Any) -> None:
        pool.conn_kw[name] = value

    return property(read, write)


class ConnectionPool:
    """Settings of the connections to one origin; any attribute may be set.

    Attributes:
        scheme: ``http`` or ``https``.
        host: The host.
        port: The port, or None for the scheme's own.
        proxy_headers: Field lines for the proxy.
        conn_kw: Settings of the socket, and some of TLS, where urllib3's pools have them.
    """

    source_address = _of_connections("source_address")
    socket_options = _of_connections("socket_options")
    ssl_context = _of_connections("ssl_context")
    server_hostname = _of_connections("server_hostname")

    maxsize: Any = None
    block: Any = None
    cert_reqs: Any = None
    ca_certs: Any = None
    ca_cert_dir: Any = None
    ca_cert_data: Any = None
    cert_file: Any = None
    key_file: Any = None
    key_password: Any = None
    assert_hostname: Any = None
    assert_fingerprint: Any = None
    ssl_minimum_version: Any = None
    ssl_maximum_version: Any = None
    ssl_version: Any = None
    proxy_ssl_context: Any = None
    proxy_assert_hostname: Any = None
    proxy_assert_fingerprint: Any = None

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
        self.conn_kw: dict[str, Any] = {}
        for name, value in settings.items():
            setattr(self, name, value)

    def place_for(self, url: str) -> str | None:
        """Return the URL of the host that the pool is for, if it is not that of ``url``."""
        place = self.host if self.port is None else f"{self.host}:{self.port}"
        if url.startswith(f"{self.scheme}://{place}/"):
            return None
        parts = urlsplit(url)
        usual = 443 if parts.scheme.lower() == "https" else 80
        port, host = self.port or usual, self.host or parts.hostname or ""
        if host == parts.hostname and port == (parts.port or usual):
            return None
        host = f"[{host}]" if ":" in host and not host.startswith("[") else host
        return f"{parts.scheme}://{host}:{port}/"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.scheme}://{self.host}>"


def socket_settings_of(pool: Any) -> SocketSettings | None:
    """Return how the sockets of a pool are set up; None for as always.

    Programs also add to the list of options that urllib3 sets on all sockets: then those are set.

    Raises:
        TypeError: A setting is not of the form that ``socket`` takes.
    """
    given: Any = pool.conn_kw
    source, options = given.get("source_address"), given.get("socket_options")
    if options is None and (known := sys.modules.get("urllib3.connection")) is not None:
        defaults: Any = getattr(known.HTTPConnection.__init__, "__kwdefaults__", None) or {}
        usual = defaults.get("socket_options")
        options = None if usual == _USUAL else usual
    if source is None and options is None:
        return None
    return SocketSettings(
        None if source is None else cast("Any", tuple(source)),
        None if options is None else tuple(tuple(each) for each in options),
    )


_USUAL: Final = [(6, 1, 1)]  # IPPROTO_TCP, TCP_NODELAY, on.
_KNOWN: Final = WITHOUT_EFFECT | {name for name in vars(ConnectionPool) if not name.startswith("_")}


class PoolManager:
    """Settings of all connections of an adapter: its ``poolmanager``.

    Args:
        num_pools: As given to ``init_poolmanager``.
        clear: A method that closes idle connections.
        **connection_pool_kw: Settings for each pool; they may be changed later.

    Attributes:
        pools: The pool that was made last for each place and its settings for TLS, as long as
            there are no more of them than ``num_pools``.
    """

    def __init__(
        self, num_pools: int, clear: Callable[[], None], **connection_pool_kw: Any
    ) -> None:
        self.num_pools = num_pools
        self.connection_pool_kw = connection_pool_kw
        self.proxy_headers: dict[str, str] = {}
        self.pool_classes_by_scheme: dict[str, Any] = dict.fromkeys(
            ("http", "https"), ConnectionPool
        )
        self.pools: dict[Any, Any] = {}
        self._foreign: Any = None  # A manager of urllib3, if one is asked for its pools.
        self._foreign_kw: dict[str, Any] = {}
        self._clear = WeakMethod(clear)  # The adapter's own, which holds this manager.

    def connection_from_host(
        self,
        host: str | None,
        port: int | None = None,
        scheme: str | None = "http",
        pool_kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Make the pool for an origin, from the settings of all pools and its own.

        If a program has set a class of urllib3 in ``pool_classes_by_scheme``, or has called
        ``use_urllib3``, it is a pool of urllib3, which then sends the request.

        Raises:
            TypeError: There is no setting of a name, or it cannot be honoured.
        """
        kind = self.pool_classes_by_scheme.get(scheme or "http", ConnectionPool)
        if kind is not ConnectionPool or urllib3_is_used():
            theirs = self._manager_of_urllib3()
            return theirs.connection_from_host(host, port, scheme or "http", pool_kwargs)
        settings = {**self.connection_pool_kw, **(pool_kwargs or {})}
        for name in ("host", "port", "scheme", "proxy_headers"):
            settings.pop(name, None)
        if not settings.keys() <= _KNOWN:
            unknown = next(name for name in settings if name not in _KNOWN)
            raise TypeError(f"a pool of connections has no setting {unknown!r} here")
        made = ConnectionPool(
            host, port, scheme or "http", proxy_headers=self.proxy_headers, **settings
        )
        self._note((scheme, host, port, *(pool_kwargs or {}).items()), made)
        return made

    def _note(self, place: tuple[Any, ...], pool: ConnectionPool) -> None:
        """Keep the last pool for a place and its settings; of as many places as there may be."""
        pools = self.pools
        try:
            known = place in pools
        except TypeError:  # A setting is a list.
            return
        pools[place] = pool
        if not known and len(pools) > self.num_pools:
            pools.pop(next(iter(list(pools))), None)

    def connection_from_url(self, url: str, pool_kwargs: dict[str, Any] | None = None) -> Any:
        """Make the pool for the origin of a URL."""
        parts = urlsplit(url)
        return self.connection_from_host(parts.hostname, parts.port, parts.scheme, pool_kwargs)

    def _manager_of_urllib3(self) -> Any:
        """Return the manager that makes pools of the classes that are set, and keeps them."""
        if self._foreign is None:
            self._foreign = self._new_foreign(import_module("urllib3.poolmanager"))
            self._foreign_kw = dict(self._foreign.connection_pool_kw)  # It names the proxy there.
        usual: dict[str, Any] = import_module("urllib3.poolmanager").pool_classes_by_scheme
        self._foreign.pool_classes_by_scheme = {
            scheme: usual[scheme] if kind is ConnectionPool and scheme in usual else kind
            for scheme, kind in self.pool_classes_by_scheme.items()
        }
        self._foreign.connection_pool_kw = {**self._foreign_kw, **self.connection_pool_kw}
        return self._foreign

    def _new_foreign(self, library: Any) -> Any:
        return library.PoolManager(self.num_pools)

    def clear(self) -> None:
        """Close idle connections."""
        self.pools.clear()
        if self._foreign is not None:
            self._foreign.clear()
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

    def _new_foreign(self, library: Any) -> Any:
        return library.ProxyManager(
            self.proxy_url, self.num_pools, proxy_headers=self.proxy_headers
        )


class SOCKSProxyManager(PoolManager):
    """Settings of all connections through one SOCKS proxy.

    Args:
        proxy_url: The URL of the proxy; its user info is what the proxy is told.
        username: As in the URL.
        password: As in the URL.
        num_pools: As given to ``init_poolmanager``.
        headers: Without effect, as those of other managers.
        clear: A method that closes idle connections.
        **connection_pool_kw: Settings for each pool.

    Raises:
        InvalidSchema: The extra ``socks`` is not installed.
    """

    def __init__(
        self,
        proxy_url: str,
        username: str | None = None,
        password: str | None = None,
        num_pools: int = 10,
        headers: Any = None,
        *,
        clear: Callable[[], None] | None = None,
        **connection_pool_kw: Any,
    ) -> None:
        try:
            import_module("sojourn.shared.socks")
        except ImportError as error:
            raise InvalidSchema("Missing dependencies for SOCKS support.") from error
        super().__init__(num_pools, clear or self._clear_nothing, **connection_pool_kw)
        self.proxy_url = proxy_url
        self._user = username, password

    def _clear_nothing(self) -> None:
        """Do nothing: this manager is no adapter's."""

    def _new_foreign(self, library: Any) -> Any:
        theirs = import_module("urllib3.contrib.socks")
        return theirs.SOCKSProxyManager(self.proxy_url, *self._user, num_pools=self.num_pools)
