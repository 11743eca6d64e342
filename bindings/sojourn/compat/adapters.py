"""Transports under Requests' names: their arguments, their overridable methods, their pickles.

Sojourn's own transport sends and receives. Each sending calls the methods that programs override,
in Requests' order, and honours what they return or change.
"""

from __future__ import annotations

import time
from functools import partial
from time import monotonic as clock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from sojourn_core.commands import Send
from sojourn_core.exchange.codec import HTTP_1_1
from sojourn_core.exchange.plain_codec import PlainCodec
from sojourn_core.messages.settings import SendSettings
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import RequestException
from sojourn_core.values.route import DIRECT, Route
from sojourn_core.values.timeouts import deadline_at

from .base_adapter import BaseAdapter
from .borrowed import borrowed
from .by_urllib3 import send_by
from .connecting import DEFAULT_POOLBLOCK, Connecting
from .cookies import extract_cookies_to_jar
from .models import Response
from .outgoing import as_it_goes_out, on_behalf_of
from .pooling import ConnectionPool, SOCKSProxyManager, socket_settings_of
from .raw import RawResponse
from .retries import retries_from
from .retrying import Retrying
from .structures import CaseInsensitiveDict
from .their import lines_of, timeouts_of
from .utils import (
    get_encoding_from_headers,
    prepend_scheme_if_needed,
    select_proxy,
    urldefragauth,
)

if TYPE_CHECKING:
    from sojourn_core.exchange.codec import Codecs

    from .arguments import Cert, Proxies, Timeout, Verify
    from .models import PreparedRequest


__all__ = [
    "DEFAULT_POOLBLOCK",
    "DEFAULT_POOLSIZE",
    "DEFAULT_POOL_TIMEOUT",
    "DEFAULT_RETRIES",
    "BaseAdapter",
    "HTTPAdapter",
    "SOCKSProxyManager",
]

DEFAULT_POOLSIZE: Final = 10
DEFAULT_RETRIES: Final = 0
DEFAULT_POOL_TIMEOUT: Final = None


class HTTPAdapter(Connecting, BaseAdapter):
    """The transport for http and https.

    Args:
        pool_connections: Number of origins whose idle connections are kept; an estimate.
        pool_maxsize: Number of idle connections kept for one origin.
        max_retries: Number of times that a request is sent again if it failed, or if its response
            has Retry-After; or urllib3's ``Retry``, an object with its fields, or a
            ``RetryPolicy``.
        pool_block: Allow no more connections to an origin than ``pool_maxsize``.
    """

    codecs: Codecs | None = MappingProxyType({HTTP_1_1: partial(PlainCodec, marks_chunks=True)})
    hands_over = False

    def __init__(
        self,
        pool_connections: int = DEFAULT_POOLSIZE,
        pool_maxsize: int = DEFAULT_POOLSIZE,
        max_retries: Any = DEFAULT_RETRIES,
        pool_block: bool = DEFAULT_POOLBLOCK,
    ) -> None:
        number = max_retries is None or isinstance(max_retries, (int, float))
        self.max_retries: Any = retries_from(max_retries) if number else max_retries
        self.config: dict[str, Any] = {}
        self.proxy_manager: dict[str, Any] = {}
        self._set_up(pool_connections, pool_maxsize, block=pool_block)
        self.init_poolmanager(pool_connections, pool_maxsize, block=pool_block)

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

    # --- methods to override --------------------------------------------------------------------

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the request-target: path and query, or the URL for a proxy that forwards it."""
        proxy = select_proxy(request.url, proxies)
        forwards = bool(proxy) and not str(proxy).lower().startswith("socks")
        url: str = request.url
        if forwards and urlsplit(url).scheme != "https":
            return urldefragauth(url)
        target: str = request.path_url
        return target

    def add_headers(self, request: PreparedRequest, **kwargs: Any) -> None:
        """Add field lines to a request before it is sent; none by default."""

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
        names = headers.by_name()
        if "set-cookie" in names or "set-cookie2" in names:
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
        command = self._command(pool, request, target, timeout, verify, proxies)
        return self.build_response(request, self._try(command, request, target))

    def _command(
        self, pool: Any, request: Any, target: str, timeout: Any, verify: Any, proxies: Any
    ) -> Send:
        """Build the command for the transport from what the overridable methods returned."""
        timeouts = timeouts_of(timeout)
        url: str = request.url
        secure = urlsplit(url).scheme.lower() == "https"
        proxy = select_proxy(url, proxies) if proxies else None
        by = parse_proxy(prepend_scheme_if_needed(proxy, "http")) if proxy else None
        proxy_verify = None
        if by is not None and by.url.scheme == "https":
            proxy_verify = self._proxy_trust_of(pool, verify)
        verify, cert = self._tls_settings_of(pool) if secure else (True, None)
        settings = SendSettings(
            timeouts=timeouts,
            timeout=timeout,
            stream=True,  # The caller reads it.
            verify=verify,
            cert=cert,
            proxy_verify=proxy_verify,
            proxies=proxies or {},
            lenient_heads=True,
            needs_close_notify=False,
        )
        socket = socket_settings_of(pool)
        route, field = DIRECT if socket is None else Route(None, socket), None
        sent = as_it_goes_out(request)
        if by is not None:
            route = Route(by, route.socket)
            lines = CaseInsensitiveDict(pool.proxy_headers)
            field = lines.pop("Proxy-Authorization", None)
            if lines and not secure:
                sent = sent.copy()
                sent.headers.update(lines)
        place = pool.place_for(url)
        if place is not None or type(self).request_url is not HTTPAdapter.request_url:
            asked = urljoin(place or url, target)
            if asked != urljoin(url, HTTPAdapter.request_url(self, request, proxies)):
                sent = sent.copy()
                sent.url = asked
        deadline = deadline_at(clock(), timeouts.total)
        send = Send(sent, route, settings, deadline, proxy_authorization=field)
        return on_behalf_of(request, send)

    def _try(self, command: Send, request: Any, target: str) -> Any:
        """Return the raw response to a command, after as many tries as ``max_retries`` allows."""
        retrying = Retrying(self.max_retries, target, command)
        content = command.request.content
        if isinstance(content, Content) and content.touched:
            content.rewind()  # A hook sends again what was sent before.
        while True:
            raw: Any = None
            try:
                raw = RawResponse.of(self.carry(command), target)
            except RequestException as error:
                until: float | None = retrying.lost(error, request, clock())
            else:
                until = retrying.answered(raw, clock(), time.time())
            if until is None:
                raw.retries = retrying.rule.left
                return raw
            time.sleep(max(until - clock(), 0.0))
            if isinstance(content, Content):
                content.rewind()

    def close(self) -> None:
        """Close idle connections; those in use close when their response has ended."""
        self.poolmanager.clear()
        for manager in self.proxy_manager.values():
            manager.clear()


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
