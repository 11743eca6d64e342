"""What an exchange needs to know: all of it values, put together by whoever drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .errors import LocalProtocolError
from .route import PoolKey, TlsIdentity

if TYPE_CHECKING:
    import ssl

    from .commands import Send
    from .content import Content
    from .fields import FieldLine
    from .limits import Limits
    from .timeouts import Timeouts


class ExchangePlan:
    """One request for the wire.

    Attributes:
        key: Under which connections may be shared for it.
        method: The method.
        target: The request-target.
        lines: Field lines, Host first.
        content: None, octets, or content that is streamed.
        host: What to resolve and to connect to.
        port: The port of it.
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
        "port",
        "target",
        "timeouts",
        "tls_context",
    )

    def __init__(
        self,
        key: PoolKey,
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
    ) -> None:
        self.key = key
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

    @property
    def server_name(self) -> str:
        """What the certificate must be for: the host without zone and final dot."""
        return self.host.partition("%")[0].removesuffix(".")

    @property
    def place(self) -> str:
        """The origin as it is named in messages."""
        return str(self.key.origin)


def plan_exchange(
    command: Send, *, limits: Limits, tls_context: ssl.SSLContext | None
) -> ExchangePlan:
    """What a ``Send`` comes to on the wire.

    The request-target is in origin form (RFC 9112 section 3.2.1). Host comes first (RFC 9110
    section 7.2) and is made from the URL, unless the caller gave one.

    Raises:
        InvalidContent: If the content cannot be sent as it is framed.
        InvalidURL: If the URL is none that can be asked.
        NotImplementedError: If a proxy is asked for.
        LocalProtocolError: If an https URL comes without a TLS context, or the other way round:
            what asks for TLS is never sent in clear text.
    """
    request = command.request
    url = request.parsed_url
    settings = command.settings
    headers = request.headers
    lines = headers.lines
    if "host" in headers.by_name():
        lines = sorted(lines, key=_host_first)
    else:
        lines = [("Host", url.host_field), *lines]
    if (url.scheme == "https") is (tls_context is None):
        raise LocalProtocolError(f"{url.origin} does not fit the TLS context that was given")
    if any(key.partition("://")[0] in (url.scheme, "all") for key in settings.proxies):
        # Going directly where a proxy was asked for would be worse than not going at all.
        raise NotImplementedError("proxies are not built yet")
    tls = None
    if tls_context is not None:
        cert = settings.cert
        if isinstance(cert, list):  # A key is hashed.
            cert = tuple(cast("list[str]", cert))
        tls = TlsIdentity(settings.verify, cert, tls_context)
    origin = url.origin
    return ExchangePlan(
        PoolKey(origin, command.route, tls),
        request.method or "",
        url.target,
        lines,
        None if request.body is None else request.content,
        origin.host,  # With its zone, if it has one.
        url.port,
        tls_context,
        settings.timeouts,
        command.deadline,
        limits,
        command.fresh,
    )


def _host_first(line: FieldLine) -> bool:
    return line[0].lower() != "host"
