"""The methods of an adapter that choose a connection and its settings, which programs override.

Each returns settings or writes into them (see ``pooling``); the adapter reads them at the end.
"""

from __future__ import annotations

import warnings
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from sojourn.sync.adapter import HTTPAdapter as SyncHTTPAdapter
from sojourn_core.exchange.pool import PoolLimits
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.errors import InvalidURL, not_taken

from . import certs
from .auth import _basic_auth_str  # pyright: ignore[reportPrivateUsage] - Requests' own name
from .packages import warn_unverified
from .pooling import ConnectionPool, PoolManager, ProxyManager, SOCKSProxyManager
from .utils import get_auth_from_url, prepend_scheme_if_needed, select_proxy

if TYPE_CHECKING:
    from .tls import Contexts

DEFAULT_POOLBLOCK: Final = False
UNLIMITED: Final = 2**31  # Connections in use, unless the pool blocks.


class Connecting(SyncHTTPAdapter):
    """A transport whose connections have the settings that Requests' methods return."""

    knows_system = False  # A string is a path, as with Requests.

    poolmanager: Any
    _contexts: Contexts | None
    proxy_manager: dict[str, Any]
    _pool_connections: int
    _pool_maxsize: int
    _pool_block: bool

    __attrs__: ClassVar[list[str]] = [
        "max_retries",
        "config",
        "_pool_connections",
        "_pool_maxsize",
        "_pool_block",
    ]

    def _set_up(self, connections: int, maxsize: int, *, block: bool) -> None:
        self._sizes = maxsize, block
        limits = PoolLimits(
            connections_max=UNLIMITED,
            connections_per_key_max=max(maxsize, 1) if block else UNLIMITED,
            idle_max=max(connections, 1) * max(maxsize, 0),
            idle_per_key_max=max(maxsize, 0),
        )
        SyncHTTPAdapter.__init__(self, pool=limits)
        self._contexts = None

    def _resize(self, manager: Any) -> None:
        """Set up the pool anew if a program has given it other sizes since."""
        settings = getattr(manager, "connection_pool_kw", {})
        maxsize, block = settings.get("maxsize", 1), bool(settings.get("block"))
        if (maxsize, block) != self._sizes:
            SyncHTTPAdapter.close(self)
            self._set_up(self._pool_connections, maxsize, block=block)

    def _tls_settings_of(self, pool: Any) -> tuple[Any, Any]:
        """Return ``verify`` and ``cert`` for the transport; warn if the peer is not verified."""
        from .tls import Contexts, is_verified  # Most of TLS is loaded with the first URL of https.

        if self._contexts is None:
            self._contexts = Contexts()
        verify, cert = self._contexts.settings_for(pool)
        if verify is not True and not pool.assert_fingerprint and not is_verified(pool):
            warn_unverified(pool.host)
        return verify, cert

    def _proxy_trust_of(self, pool: Any, verify: Any) -> Any:
        """Return ``proxy_verify`` for the transport, from the settings of a pool for its proxy."""
        from .tls import Contexts

        if self._contexts is None:
            self._contexts = Contexts()
        settings: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
        if verify is False:
            settings = {"cert_reqs": "CERT_NONE"}
        elif _is_path(verify):
            settings["ca_cert_dir" if isdir(verify) else "ca_certs"] = verify  # noqa: PTH112 - as below
        place = ConnectionPool(
            None,
            scheme="https",
            ssl_context=getattr(pool, "proxy_ssl_context", None),
            assert_hostname=getattr(pool, "proxy_assert_hostname", None),
            assert_fingerprint=getattr(pool, "proxy_assert_fingerprint", None),
            **settings,
        )
        return self._contexts.settings_for(place)[0]

    # --- pools, in place of urllib3's -----------------------------------------------------------

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = DEFAULT_POOLBLOCK, **pool_kwargs: Any
    ) -> None:
        """Set the settings of all connections; the constructor calls it once.

        Args:
            connections: As in the constructor.
            maxsize: As in the constructor.
            block: As in the constructor.
            **pool_kwargs: Settings; ``sojourn.compat.pooling`` lists those that have an effect.
        """
        self._pool_connections = connections
        self._pool_maxsize = maxsize
        self._pool_block = block
        if not hasattr(self, "_sizes") or self._sizes != (maxsize, block):
            self._set_up(connections, maxsize, block=block)
        self.poolmanager = PoolManager(
            connections, self._clear, maxsize=maxsize, block=block, **pool_kwargs
        )

    def _clear(self) -> None:
        SyncHTTPAdapter.close(self)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Return the settings of all connections through a proxy; the first call makes them."""
        manager = self.proxy_manager.get(proxy)
        if manager is None:
            sizes = {"maxsize": self._pool_maxsize, "block": self._pool_block}
            if proxy.lower().startswith("socks"):
                user = get_auth_from_url(proxy)
                manager = self.proxy_manager[proxy] = SOCKSProxyManager(
                    proxy,
                    *user,
                    self._pool_connections,
                    clear=self._clear,
                    **{**sizes, **proxy_kwargs},
                )
                return manager
            headers = self.proxy_headers(proxy)
            manager = self.proxy_manager[proxy] = ProxyManager(
                proxy, headers, self._pool_connections, self._clear, **{**sizes, **proxy_kwargs}
            )
        return manager

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return scheme, host and port of a connection, and its settings for TLS."""
        url: str = request.url
        parts = urlsplit(url)
        settings: dict[str, Any] = {
            "cert_reqs": "CERT_NONE" if verify is False else "CERT_REQUIRED"
        }
        if isinstance(verify, str):
            settings["ca_cert_dir" if isdir(verify) else "ca_certs"] = verify  # noqa: PTH112 - a Path costs ten calls more
        pair: Any = cert if isinstance(cert, (tuple, list)) else ()  # pyright: ignore[reportUnknownVariableType] - it is the caller's
        if len(pair) == 2:
            settings["cert_file"], settings["key_file"] = pair
        elif cert is not None:
            settings["cert_file"] = cert
        place = {"scheme": parts.scheme.lower(), "host": parts.hostname, "port": parts.port}
        return place, settings

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the settings of the connection that a request is sent on.

        An override may return a pool of urllib3, which then sends the request.

        Raises:
            InvalidURL: The URL has no valid authority.
            InvalidProxyURL: The proxy's URL has no valid authority.
        """
        proxy = select_proxy(request.url, proxies)
        try:
            place, settings = self.build_connection_pool_key_attributes(request, verify, cert)
        except ValueError as error:
            raise InvalidURL(error, request=request) from error
        return self._manager_for(proxy).connection_from_host(**place, pool_kwargs=settings)

    def get_connection(self, url: str, proxies: Any = None) -> Any:
        """Return the settings of a connection by the URL alone. Deprecated, as in Requests."""
        warnings.warn(
            "get_connection is deprecated: use get_connection_with_tls_context",
            DeprecationWarning,
            stacklevel=2,
        )
        return self._manager_for(select_proxy(url, proxies)).connection_from_url(url)

    def _manager_for(self, proxy: str | None) -> Any:
        if not proxy:
            manager = self.poolmanager
        else:
            proxy = prepend_scheme_if_needed(proxy, "http")
            parse_proxy(proxy)
            manager = self.proxy_manager_for(proxy)
        if isinstance(manager, PoolManager):
            self._resize(manager)
        return manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Return the field lines for a proxy: its credentials."""
        username, password = get_auth_from_url(proxy)
        if not username:
            return {}
        return {"Proxy-Authorization": _basic_auth_str(username, password)}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Write the trusted CAs and the client's certificate into the settings of a connection.

        Raises:
            OSError: A file does not exist.
        """
        if url.lower().startswith("https") and verify:
            path = certs.where() if verify is True else verify
            if _is_path(path):
                if not Path(path).exists():
                    raise OSError(
                        f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}"
                    )
                conn.cert_reqs = "CERT_REQUIRED"
                is_folder = Path(path).is_dir()
                setattr(conn, "ca_cert_dir" if is_folder else "ca_certs", str(path))
            elif hasattr(path, "verify_mode"):  # It is a context, which Sojourn takes as well.
                conn.ssl_context = path
            else:
                raise not_taken("verify", "True, False, a path or an SSLContext", path)
        else:
            conn.cert_reqs = "CERT_NONE"
            conn.ca_certs = conn.ca_cert_dir = None
        if cert:
            pair = (cert, None) if _is_path(cert) else cert
            if not hasattr(pair, "__getitem__") or hasattr(pair, "items"):
                raise not_taken("cert", "a path, or a pair of certificate and key", cert)
            conn.cert_file, conn.key_file = pair
            for what, path in (("certificate", conn.cert_file), ("key", conn.key_file)):
                if path and not Path(path).exists():
                    raise OSError(f"Could not find the TLS {what} file, invalid path: {path}")


def _is_path(given: Any) -> bool:
    return isinstance(given, (str, bytes)) or hasattr(given, "__fspath__")
