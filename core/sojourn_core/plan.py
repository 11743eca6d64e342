"""What an exchange needs to know: all of it values, put together by whoever drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        server_name: What the certificate must be for.
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
        "server_name",
        "target",
        "timeouts",
        "tls_context",
    )

    def __init__(
        self,
        *,
        key: PoolKey,
        method: str,
        target: str,
        lines: list[FieldLine],
        content: Content | bytes | None,
        host: str,
        port: int,
        server_name: str,
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
        self.server_name = server_name
        self.tls_context = tls_context
        self.timeouts = timeouts
        self.deadline = deadline
        self.limits = limits
        self.fresh = fresh

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
    tls = None
    if tls_context is not None:
        cert = settings.cert
        tls = TlsIdentity(
            settings.verify, tuple(cert) if isinstance(cert, list) else cert, tls_context
        )
    return ExchangePlan(
        key=PoolKey(url.origin, command.route, tls),
        method=request.method or "",
        target=url.target,
        lines=lines,
        content=None if request.body is None else request.content,
        host=url.origin.host,  # With its zone, if it has one.
        port=url.port,
        server_name=url.host.removesuffix("."),
        tls_context=tls_context,
        timeouts=settings.timeouts,
        deadline=command.deadline,
        limits=limits,
        fresh=command.fresh,
    )


def _host_first(line: FieldLine) -> bool:
    return line[0].lower() != "host"
