"""Transports under Requests' names: their arguments, their overridable methods, their pickles.

Sojourn's own transport sends and receives. Each sending calls the methods that programs override,
in Requests' order, and honours what they return or change.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast
from urllib.parse import urljoin, urlsplit

from sojourn.sync.adapter import HTTPAdapter as SyncHTTPAdapter
from sojourn_core.commands import Send
from sojourn_core.exchange.pool import PoolLimits
from sojourn_core.messages.settings import SendSettings
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import InvalidURL, RequestException, not_taken
from sojourn_core.values.route import DIRECT, Route
from sojourn_core.values.timeouts import deadline_at

from .auth import _basic_auth_str  # pyright: ignore[reportPrivateUsage] - Requests' own name
from .base_adapter import BaseAdapter
from .borrowed import borrowed
from .certs import where
from .cookies import extract_cookies_to_jar
from .models import Response
from .outgoing import as_it_goes_out, on_behalf_of
from .pooling import ConnectionPool, ProxyManager
from .pooling import PoolManager as OwnPoolManager
from .raw import RawResponse
from .retries import Retrying, retries_from
from .structures import CaseInsensitiveDict
from .their import lines_of, send_by, timeouts_of
from .tls import Contexts
from .utils import (
    get_auth_from_url,
    get_encoding_from_headers,
    prepend_scheme_if_needed,
    select_proxy,
    urldefragauth,
)

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from .arguments import Cert, Proxies, Timeout, Verify
    from .models import PreparedRequest


__all__ = [
    "DEFAULT_POOLBLOCK",
    "DEFAULT_POOLSIZE",
    "DEFAULT_POOL_TIMEOUT",
    "DEFAULT_RETRIES",
    "BaseAdapter",
    "HTTPAdapter",
]

DEFAULT_POOLBLOCK: Final = False
DEFAULT_POOLSIZE: Final = 10
DEFAULT_RETRIES: Final = 0
DEFAULT_POOL_TIMEOUT: Final = None

UNLIMITED: Final = 2**31  # Connections in use, unless the pool blocks.


class HTTPAdapter(SyncHTTPAdapter, BaseAdapter):
    """The transport for http and https.

    Args:
        pool_connections: Number of origins whose idle connections are kept; an estimate.
        pool_maxsize: Number of idle connections kept for one origin; an estimate.
        max_retries: Number of times that a request is sent again if it failed, or if its response
            has Retry-After; or urllib3's ``Retry``, or an object with its fields.
        pool_block: Allow no more connections to an origin than ``pool_maxsize``.
    """

    knows_system = False  # A string is a path, as with Requests.

    __attrs__: ClassVar[list[str]] = [
        "max_retries",
        "config",
        "_pool_connections",
        "_pool_maxsize",
        "_pool_block",
    ]

    poolmanager: Any

    def __init__(
        self,
        pool_connections: int = DEFAULT_POOLSIZE,
        pool_maxsize: int = DEFAULT_POOLSIZE,
        max_retries: Any = DEFAULT_RETRIES,
        pool_block: bool = DEFAULT_POOLBLOCK,
    ) -> None:
        self.max_retries: Any = retries_from(max_retries)
        self.config: dict[str, Any] = {}
        self.proxy_manager: dict[str, Any] = {}
        self._set_up(pool_connections, pool_maxsize, block=pool_block)
        self.init_poolmanager(pool_connections, pool_maxsize, block=pool_block)

    def _set_up(self, connections: int, maxsize: int, *, block: bool) -> None:
        self._pool_connections = connections
        self._pool_maxsize = maxsize
        self._pool_block = block
        limits = PoolLimits(
            connections_max=UNLIMITED,
            connections_per_key_max=max(maxsize, 1) if block else UNLIMITED,
            idle_max=max(connections, 1) * max(maxsize, 0),
        )
        SyncHTTPAdapter.__init__(self, pool=limits)
        self._contexts = Contexts()

    def __getstate__(self) -> dict[str, Any]:
        return {attribute: getattr(self, attribute, None) for attribute in self.__attrs__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.max_retries = retries_from(DEFAULT_RETRIES)
        self.config = {}
        self.proxy_manager = {}
        self._pool_connections = self._pool_maxsize = DEFAULT_POOLSIZE
        self._pool_block = DEFAULT_POOLBLOCK
        for attribute, value in state.items():
            setattr(self, attribute, value)
        sizes = self._pool_connections, self._pool_maxsize
        self._set_up(*sizes, block=self._pool_block)
        self.init_poolmanager(*sizes, block=self._pool_block)

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
        known = (self._pool_connections, self._pool_maxsize, self._pool_block)
        if known != (connections, maxsize, block):
            self._set_up(connections, maxsize, block=block)
        self.poolmanager = OwnPoolManager(connections, self._clear, **pool_kwargs)

    def _clear(self) -> None:
        SyncHTTPAdapter.close(self)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Return the settings of all connections through a proxy; the first call makes them."""
        manager = self.proxy_manager.get(proxy)
        if manager is None:
            headers = self.proxy_headers(proxy)
            manager = self.proxy_manager[proxy] = ProxyManager(
                proxy, headers, self._pool_connections, self._clear, **proxy_kwargs
            )
        return manager

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return scheme, host and port of a connection, and its settings for TLS."""
        parts = _split(request.url)
        settings: dict[str, Any] = {
            "cert_reqs": "CERT_NONE" if verify is False else "CERT_REQUIRED"
        }
        if isinstance(verify, str):
            settings["ca_cert_dir" if Path(verify).is_dir() else "ca_certs"] = verify
        if isinstance(cert, (tuple, list)) and len(cast("tuple[Any, ...]", cert)) == 2:
            settings["cert_file"], settings["key_file"] = cert
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
            return self.poolmanager
        proxy = prepend_scheme_if_needed(proxy, "http")
        parse_proxy(proxy)
        return self.proxy_manager_for(proxy)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Write the trusted CAs and the client's certificate into the settings of a connection.

        Raises:
            OSError: A file does not exist.
        """
        if url.lower().startswith("https") and verify:
            path = where() if verify is True else verify
            if _is_path(path):
                if not Path(path).exists():
                    raise OSError(
                        f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}"
                    )
                conn.cert_reqs = "CERT_REQUIRED"
                is_folder = Path(path).is_dir()
                setattr(conn, "ca_cert_dir" if is_folder else "ca_certs", str(path))
            else:  # It is a context, which Sojourn takes as well.
                conn.ssl_context = path
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

    # --- methods to override --------------------------------------------------------------------

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the request-target: path and query, or the URL for a proxy that forwards it."""
        proxy = select_proxy(request.url, proxies)
        forwards = bool(proxy) and not str(proxy).lower().startswith("socks")
        if forwards and _split(request.url).scheme != "https":
            return urldefragauth(request.url)
        target: str = request.path_url
        return target

    def add_headers(self, request: PreparedRequest, **kwargs: Any) -> None:
        """Add field lines to a request before it is sent; none by default."""

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Return the field lines for a proxy: its credentials."""
        username, password = get_auth_from_url(proxy)
        if not username:
            return {}
        return {"Proxy-Authorization": _basic_auth_str(username, password)}

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Build a response around a raw one: Sojourn's own, urllib3's, or one of the same shape.

        Args:
            req: The request that it answers.
            resp: Has ``status``, ``headers`` and ``reason``, and is read as ``Response.raw`` is.
        """
        response = Response()
        response.status_code = getattr(resp, "status", None)  # type: ignore[assignment]
        headers: CaseInsensitiveDict[str]
        headers = CaseInsensitiveDict.from_lines(lines_of(getattr(resp, "headers", {})))  # pyright: ignore[reportUnknownVariableType]
        response.headers = headers
        response.encoding = get_encoding_from_headers(headers)
        response.raw, response.reason = resp, getattr(resp, "reason", None)  # type: ignore[assignment]
        response.left_out = getattr(resp, "left_out", ())
        response.url = req.url.decode() if isinstance(req.url, bytes) else req.url  # type: ignore[assignment]
        version = getattr(resp, "version", None)
        if isinstance(version, int) and version:
            response.http_version = f"{version // 10}.{version % 10}"
        if "set-cookie" in headers or "set-cookie2" in headers:
            extract_cookies_to_jar(response.cookies, req, resp)
        response.request, response.connection = req, self
        return response

    # --- sending --------------------------------------------------------------------------------

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: Verify = True,
        cert: Cert = None,
        proxies: Proxies = None,
    ) -> Response:
        """Send a prepared request and return its response, the content not yet read.

        Args:
            request: A prepared request.
            stream: Given to ``add_headers``; the content is not read here in any case.
            timeout: Seconds, ``(connect, read)``, None, or urllib3's ``Timeout``.
            verify: True, False, or the path of a CA bundle.
            cert: The path of a client certificate, or of it and its key.
            proxies: Proxy URLs by scheme.

        Raises:
            RequestException: No response arrived.
            OSError: A file does not exist.
        """
        pool = self.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        self.cert_verify(pool, request.url, verify, cert)  # type: ignore[arg-type]
        target = self.request_url(request, proxies)
        self.add_headers(
            request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies
        )
        if not isinstance(pool, ConnectionPool) and hasattr(pool, "urlopen"):
            raw = send_by(pool, request, target, timeouts_of(timeout), self.max_retries)
            return self.build_response(request, raw)
        command = self._command(pool, request, target, timeout, proxies)
        return self.build_response(request, self._try(command, request, target))

    def _command(self, pool: Any, request: Any, target: str, timeout: Any, proxies: Any) -> Send:
        """Build the command for the transport from what the overridable methods returned."""
        timeouts = timeouts_of(timeout)
        secure = _split(request.url).scheme.lower() == "https"
        verify, cert = self._contexts.settings_for(pool) if secure else (True, None)
        settings = SendSettings(
            timeouts=timeouts,
            timeout=timeout,
            stream=True,  # The caller reads it.
            verify=verify,
            cert=cert,
            proxies=proxies or {},
            lenient_heads=True,
            needs_close_notify=False,
        )
        route, field = DIRECT, None
        sent = as_it_goes_out(request)
        proxy = select_proxy(request.url, proxies)
        if proxy:
            route = Route(parse_proxy(prepend_scheme_if_needed(proxy, "http")))
            lines = CaseInsensitiveDict(pool.proxy_headers)
            field = lines.pop("Proxy-Authorization", None)
            if lines and not secure:
                sent = sent.copy()
                sent.headers.update(lines)
        if type(self).request_url is not HTTPAdapter.request_url:
            url = urljoin(request.url, target)
            if url != urljoin(request.url, HTTPAdapter.request_url(self, request, proxies)):
                sent = sent.copy()
                sent.url = url
        deadline = deadline_at(clock(), timeouts.total)
        send = Send(sent, route, settings, deadline, proxy_authorization=field)
        return on_behalf_of(request, send)

    def _try(self, command: Send, request: Any, target: str) -> Any:
        """Return the raw response to a command, after as many tries as ``max_retries`` allows."""
        retrying = Retrying(self.max_retries, request.method or "", target, command)
        content = command.request.content
        if isinstance(content, Content) and content.touched:
            content.rewind()  # A hook sends again what was sent before.
        while True:
            try:
                raw: Any = RawResponse.of(self.carry(command))
            except RequestException as error:
                retrying.lost(error, request)
            else:
                if not retrying.answered(raw):
                    raw.retries = retrying.left
                    return raw
            if isinstance(content, Content):
                content.rewind()

    def close(self) -> None:
        """Close idle connections; those in use close when their response has ended."""
        self.poolmanager.clear()
        for manager in self.proxy_manager.values():
            manager.clear()


def _split(url: str) -> SplitResult:
    return urlsplit(url)


def _is_path(given: Any) -> bool:
    return isinstance(given, (str, bytes)) or hasattr(given, "__fspath__")


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
