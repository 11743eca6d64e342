"""What an exchange needs to know: all of it values, put together by whoever drives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from sojourn_core.messages.response import Response
from sojourn_core.values.errors import (
    InvalidProxyURL,
    InvalidSchema,
    LocalProtocolError,
    ProxyError,
)
from sojourn_core.values.fields import cut
from sojourn_core.values.url.endpoint import DEFAULT_PORTS

from .pool_key import Credential, PoolKey, RefusedNetworks, TlsIdentity

if TYPE_CHECKING:
    import ssl

    from sojourn_core.messages.send import Send
    from sojourn_core.values.content.content import Content
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.timeouts import Timeouts
    from sojourn_core.values.url.endpoint import Origin
    from sojourn_core.values.url.url import URL

_PARAMETER: Final = re.compile(r'([a-z*-]+)=("(?:[^"\\]|\\.)*+"|[^",\s]*+)', re.IGNORECASE)
_OF_THE_USER: Final = frozenset({"username", "username*", "realm"})


class ExchangePlan:
    """One request for the wire.

    Attributes:
        key: Under which connections may be shared for it.
        origin: Whom it is for.
        method: The method.
        target: The request-target.
        lines: Field lines, Host first.
        content: None, octets, or content that is streamed.
        host: What to resolve and to connect to: the origin's, or that of its proxy.
        port: The port of it.
        tunnel: Host and port of the origin, if the proxy is asked for a tunnel to it; else None.
        tunnel_credential: The Proxy-Authorization field to ask with, or None.
        tls_context: Trust and versions; None for a plain connection.
        timeouts: Seconds for each phase.
        deadline: When the whole call must be over; ``math.inf`` for never.
        limits: What the peer may send.
        fresh: Whether only a new connection will do.
    """

    __slots__ = (
        "content",
        "deadline",
        "fresh",
        "host",
        "key",
        "limits",
        "lines",
        "method",
        "origin",
        "port",
        "target",
        "timeouts",
        "tls_context",
        "tunnel",
        "tunnel_credential",
    )

    def __init__(
        self,
        key: PoolKey,
        origin: Origin,
        method: str,
        target: str,
        lines: list[FieldLine],
        content: Content | bytes | None,
        host: str,
        port: int,
        tls_context: ssl.SSLContext | None,
        timeouts: Timeouts,
        deadline: float,
        limits: Limits,
        fresh: bool,
        tunnel: str | None = None,
        tunnel_credential: str | None = None,
    ) -> None:
        self.key = key
        self.origin = origin
        self.method = method
        self.target = target
        self.lines = lines
        self.content = content
        self.host = host
        self.port = port
        self.tls_context = tls_context
        self.timeouts = timeouts
        self.deadline = deadline
        self.limits = limits
        self.fresh = fresh
        self.tunnel = tunnel
        self.tunnel_credential = tunnel_credential

    @property
    def server_name(self) -> str:
        """What the certificate must be for: the origin's host without zone and final dot."""
        return self.origin.host.partition("%")[0].removesuffix(".")

    @property
    def proxy(self) -> str | None:
        """The proxy as it is named in messages, without its credential; None if there is none."""
        proxy = self.key.route.proxy
        return None if proxy is None else str(proxy.url.origin)

    @property
    def place(self) -> str:
        """The origin as it is named in messages, and the proxy on the way to it."""
        proxy = self.proxy
        return str(self.origin) if proxy is None else f"{self.origin} through the proxy {proxy}"

    def refusal(self, head: ResponseHead) -> ProxyError:
        """The error for a proxy that answers CONNECT with anything but success.

        Its response tells the status and, with 407, the challenges; it has no content, because
        nothing after the head is read.
        """
        said = f"{head.status} {cut(head.reason)}" if head.reason else str(head.status)
        return ProxyError(
            f"the proxy {self.proxy} refuses a tunnel to {self.tunnel}: {said}",
            response=Response(head, None, self.limits),
        )


def plan_exchange(
    command: Send, *, limits: Limits, tls_context: ssl.SSLContext | None
) -> ExchangePlan:
    """What a ``Send`` comes to on the wire.

    The request-target is in origin form (RFC 9112 section 3.2.1), or in absolute form for a proxy
    that forwards the request (section 3.2.2). What needs TLS goes to its origin through a tunnel
    (RFC 9110 section 9.3.6). Host comes first (RFC 9110 section 7.2) and is made from the URL,
    unless the caller gave one.

    Raises:
        InvalidContent: If the content cannot be sent as it is framed.
        InvalidSchema: If the URL is not one of HTTP.
        InvalidURL: If it is none that can be asked.
        InvalidProxyURL: If the proxy is not spoken to by plain HTTP.
        LocalProtocolError: If an https URL comes without a TLS context, or the other way round:
            what asks for TLS is never sent in clear text.
    """
    request = command.request
    url = request.parsed_url
    settings = command.settings
    headers = request.headers
    lines = headers.lines
    names = headers.by_name()
    if "host" in names:
        lines = sorted(lines, key=_host_first)
    else:
        lines = [("Host", url.host_field), *lines]
    _check_scheme(url, tls_context)
    tls = None
    if tls_context is not None:
        cert = settings.cert
        if isinstance(cert, list):  # A key is hashed.
            cert = tuple(cast("list[str]", cert))
        tls = TlsIdentity(settings.verify, cert, tls_context)
    route, origin = command.route, url.origin
    proxy = route.proxy
    credential = command.proxy_authorization
    if "proxy-authorization" in names and (
        proxy is None or tls is not None or credential is not None
    ):
        lines = _without_credentials(lines)  # Whoever gave it: no origin may see it.
    target, tunnel, shown = url.target, None, None
    if proxy is None:
        networks = settings.refused_networks
        refused = RefusedNetworks(networks) if networks else None
        key = PoolKey(origin, route, tls, refused)
        hop = origin
    else:
        hop = _origin_of(proxy)
        if tls is None:
            key = PoolKey(hop, route)
            target = url.absolute_form()
            if credential is not None:
                lines = [*lines, ("Proxy-Authorization", credential)]
        else:
            tunnel = url.authority
            if credential is not None:
                shown = _identity_of(credential)
            key = PoolKey(origin, route, tls, None, shown)
    return ExchangePlan(
        key,
        origin,
        request.method or "",
        target,
        lines,
        None if request.body is None else request.content,
        hop.host,  # With its zone, if it has one.
        hop.port,
        tls_context,
        settings.timeouts,
        command.deadline,
        limits,
        command.fresh,
        tunnel,
        credential,
    )


def _check_scheme(url: URL, tls_context: ssl.SSLContext | None) -> None:
    if url.scheme not in DEFAULT_PORTS:
        raise InvalidSchema(
            f"{cut(url.scheme)} URLs take a transport of their own", maybe_sent=False
        )
    if (url.scheme == "https") is (tls_context is None):
        raise LocalProtocolError(
            f"{url.origin} does not fit the TLS context that was given", maybe_sent=False
        )


def _host_first(line: FieldLine) -> bool:
    return line[0].lower() != "host"


def _without_credentials(lines: list[FieldLine]) -> list[FieldLine]:
    return [line for line in lines if line[0].lower() != "proxy-authorization"]


def _identity_of(field: str) -> Credential:
    """Whom a tunnel was opened for: a tunnel of one user must not serve another.

    It is all of the field, but for Digest (RFC 7616 section 3.4), which says something new each
    time: there it is the user and the realm.
    """
    scheme, _, rest = field.partition(" ")
    if scheme.lower() != "digest":
        return Credential(field)
    found = [each[0] for each in _PARAMETER.finditer(rest) if each[1].lower() in _OF_THE_USER]
    return Credential(f"Digest {', '.join(found)}" if found else field)


def _origin_of(proxy: Proxy) -> Origin:
    """Where a proxy is. What asks for TLS, or for SOCKS, is not spoken to in another way."""
    origin = proxy.url.origin
    if origin.scheme != "http":
        raise InvalidProxyURL(f"the proxy {origin} is not supported: only http is, as yet")
    return origin
