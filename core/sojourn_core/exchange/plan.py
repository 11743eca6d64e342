"""The plan of an exchange: all that it needs to know, as values."""

from __future__ import annotations

from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from sojourn_core.messages.response import Response
from sojourn_core.values.errors import (
    InvalidContent,
    InvalidSchema,
    LocalProtocolError,
    ProxyError,
)
from sojourn_core.values.fields import cut
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.record import record, replace
from sojourn_core.values.url.endpoint import DEFAULT_PORTS
from sojourn_core.values.value import Shown

from .codec import HTTP_1_1, RequestHead
from .plain_codec import PlainCodec
from .pool_key import Credential, PoolKey, RefusedNetworks, TlsIdentity
from .precedent import KnownKey, KnownLines

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.send import Send
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.content.content import Content as RequestContent
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.timeouts import Timeouts
    from sojourn_core.values.url.endpoint import Origin
    from sojourn_core.values.url.url import URL

    from .by_proxy import Tunnel
    from .codec import Codecs
    from .handshake import MakeHandshake
    from .precedent import Precedent

CODECS: Final[Codecs] = MappingProxyType({HTTP_1_1: PlainCodec})


class Offers(NamedTuple):
    """The abilities of a driver that not every driver has: commands, and proxies to speak to.

    Attributes:
        informs: Informational (1xx) heads are handed up, by ``Inform``.
        switches: A stream that a 101, or a 2xx to CONNECT, switches to another protocol is handed
            up, by ``Switch``; if not, a 101 is an error, and a tunnel is closed.
        writes_files: Content in a file is sent by ``WriteFile``; if not, by ``Pull`` and ``Write``.
        races: All addresses of a host come in one ``Connect``; if not, one after another.
        proxy_tls_context: Trust and versions for TLS with the proxy; None if there is none.
        handshake: Makes what asks the proxy for a tunnel, if that is not done by HTTP.
    """

    informs: bool = False
    switches: bool = False
    writes_files: bool = False
    races: bool = False
    proxy_tls_context: ssl.SSLContext | None = None
    handshake: MakeHandshake | None = None


_OFFERS: Final = {
    each: Offers(each[0], each[1], each[2], each[3]) for each in product((False, True), repeat=4)
}
NOTHING: Final = Offers()


@record()
class ExchangePlan(Shown):
    """One request for the wire.

    Attributes:
        key: Under which connections may be shared for it.
        origin: Whom it is for.
        request: Its head, Host first.
        content: None, bytes, or content that is streamed.
        host: The host to resolve and to connect to: the origin's, or that of its proxy.
        port: The port of it.
        tls_context: Trust and versions for TLS with the origin; None if there is none.
        timeouts: Seconds for each phase.
        deadline: When the whole call must be over; ``math.inf`` for never.
        limits: What the peer may send.
        codecs: The codecs to choose from, by their names in ALPN.
        needs_close_notify: As in ``Policy``.
        fresh: Whether only a new connection will do.
        tunnel: What the proxy is asked for by CONNECT; None if there is no such tunnel.
        offers: The abilities of its driver that count for this request.
    """

    key: PoolKey
    origin: Origin
    request: RequestHead
    content: RequestContent | bytes | None
    host: str
    port: int
    tls_context: ssl.SSLContext | None
    timeouts: Timeouts
    deadline: float
    limits: Limits
    codecs: Codecs
    needs_close_notify: bool = True
    fresh: bool = False
    tunnel: Tunnel | None = None
    offers: Offers = NOTHING

    def __repr__(self) -> str:  # The lines may hold credentials.
        return f"ExchangePlan({self.request!r})"

    @property
    def server_name(self) -> str:
        """The name that the certificate must have: the origin's host without zone and final dot."""
        return _bare(self.origin.host)

    @property
    def proxy_name(self) -> str:
        """The name that the certificate of an HTTPS proxy must have."""
        return _bare(self.host)

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
        """Return the error for a proxy that answers CONNECT with anything but success.

        Its response tells the status and, with 407, the challenges; it has no content, because
        nothing after the head is read.
        """
        said = f"{head.status} {cut(head.reason)}" if head.reason else str(head.status)
        authority = None if self.tunnel is None else self.tunnel.authority
        return ProxyError(
            f"the proxy {self.proxy} refuses a tunnel to {authority}: {said}",
            response=Response(head, None, self.limits),
        )


def plan_exchange(  # noqa: C901, PLR0912 - calls would cost each request
    command: Send,
    *,
    limits: Limits,
    tls_context: ssl.SSLContext | None,
    codecs: Codecs | None = None,
    informs: bool = False,
    switches: bool = False,
    writes_files: bool = False,
    races: bool = False,
    proxy_tls_context: ssl.SSLContext | None = None,
    handshake: MakeHandshake | None = None,
    precedent: Precedent | None = None,
) -> ExchangePlan:
    """Return the plan of an exchange that carries a ``Send`` out.

    The request-target is in origin form (RFC 9112 section 3.2.1), or in absolute form for a proxy
    that forwards the request (section 3.2.2); that of a CONNECT whose tunnel is handed up is the
    authority of the URL (section 3.2.3), be it asked of a proxy or of the origin. What needs TLS
    goes to its origin through a tunnel (RFC 9110 section 9.3.6), and so does all the rest where the
    route says so. Host comes first (RFC 9110 section 7.2) and is made from the URL, unless the
    caller gave one.

    Args:
        command: What is to be sent.
        limits: What the peer may send.
        tls_context: Trust and versions, if the URL is an https one; else None.
        codecs: The codecs to choose from, by their names in ALPN; None for ``CODECS``.
        informs: Whether informational (1xx) heads are handed up.
        switches: Whether a stream is handed up that was switched by a 101, or by a 2xx to CONNECT.
        writes_files: Whether the driver takes ``WriteFile``.
        races: Whether the driver takes a ``Connect`` with further addresses (RFC 8305).
        proxy_tls_context: Trust and versions for TLS with the proxy. It counts for https proxies
            alone; without it there can be none.
        handshake: Makes the machine that asks a SOCKS proxy for a tunnel. It counts for these
            alone; without it there can be none.
        precedent: The transport's own, which keeps what plans have in common; None to keep nothing.

    Raises:
        InvalidContent: If the content cannot be sent as it is framed.
        InvalidSchema: If the URL is not one of HTTP.
        InvalidURL: If it is none that can be asked.
        InvalidProxyURL: If the proxy takes what the driver has not given.
        LocalProtocolError: If an https URL comes without a TLS context, or the other way round:
            what asks for TLS is never sent in clear text.
    """
    request = command.request
    url = request.parsed_url
    settings = command.settings
    names = request.headers._index  # pyright: ignore[reportPrivateUsage] - no call on the hot path
    if names is None or names is not request.preparation.checked:
        names = request.headers.by_name()
    known = None if precedent is None else precedent.lines
    if known is not None and known.names is names and known.host == url.host_field:
        lines = known.lines
    else:
        lines = _lines_of(request, url.host_field, names, precedent)
    bare = request.body is None and "content-length" not in names
    scheme = url.scheme
    if scheme not in DEFAULT_PORTS:
        raise InvalidSchema(f"{cut(scheme)} URLs take a transport of their own", maybe_sent=False)
    if (scheme == "https") is (tls_context is None):
        said = f"{url.origin} does not fit the TLS context that was given"
        raise LocalProtocolError(said, maybe_sent=False)
    origin = url.origin
    bound = None if request.auth is None else getattr(request.auth, "connection_identity", None)
    who = None if bound is None else Credential(bound)
    proxy = command.route.proxy
    if proxy is None:
        if "proxy-authorization" in names:
            from .by_proxy import without_credentials

            lines = without_credentials(lines)  # Whoever gave it: no origin may see it.
        hop, keyed, target, networks = origin, origin, url.target, settings.refused_networks
        tunnel = shown = handshake = proxy_tls_context = None
    else:
        from .by_proxy import by_proxy  # Most requests go without.

        way = by_proxy(command, proxy, [*lines], handshake, proxy_tls_context)
        hop, keyed, target, networks, lines, tunnel, shown, handshake, proxy_tls_context = way
    key = None
    if precedent is not None and proxy is None and who is None:
        last = precedent.key
        if (
            last is not None
            and last.settings is settings
            and last.tls_context is tls_context
            and last.origin == origin
            and last.route is command.route
        ):
            key = last.key
    if key is None:
        tls = None
        if tls_context is not None or proxy_tls_context is not None:
            tls = _identity_for(settings, tls_context, proxy_tls_context)
        refused = RefusedNetworks(networks) if networks else None
        key = PoolKey(keyed, command.route, tls, refused, shown, settings.lenient_heads, who)
        if precedent is not None and proxy is None and who is None:
            precedent.key = KnownKey(settings, tls_context, origin, command.route, key)
    offers = _OFFERS[informs, switches, writes_files, races]
    if handshake is not None or proxy_tls_context is not None:
        offers = offers._replace(handshake=handshake, proxy_tls_context=proxy_tls_context)
    plan = ExchangePlan(  # By position: names would have a dictionary made for each request.
        key,
        origin,
        RequestHead(
            request.method or "",
            scheme,
            url.host_field,
            target,
            lines,
            "expect" in names and _waits(request),
        ),
        None if bare else _content(request, names.get("content-length", "")),
        hop.host,  # With its zone, if it has one.
        hop.port,
        tls_context,
        settings.timeouts,
        command.deadline,
        limits,
        CODECS if codecs is None else codecs,
        settings.needs_close_notify,
        command.fresh,
        tunnel,
        offers,
    )
    return plan if request.method != "CONNECT" or not switches else _for_authority(plan, url, names)


def _lines_of(
    request: PreparedRequest, host: str, names: Mapping[str, str], precedent: Precedent | None
) -> list[FieldLine]:
    """Return the field lines of a request, Host first."""
    if "host" in names:
        return sorted(request.headers.lines, key=_host_first)
    lines = [("Host", host), *request.headers.lines]
    if precedent is not None and names is request.preparation.checked:
        precedent.lines = KnownLines(names, host, lines)
    return lines


def _for_authority(plan: ExchangePlan, url: URL, names: Mapping[str, str]) -> ExchangePlan:
    """Have the request ask for a tunnel to the authority of its URL."""
    host = () if "host" in names else (("Host", url.authority),)
    lines = [*host, *plan.request.lines[len(host) :]]
    plan.request = replace(plan.request, target=url.authority, lines=lines)
    return plan


def _waits(request: PreparedRequest) -> bool:
    from sojourn_core.messages.expectation import expects  # Few requests ask.

    return expects(request)


def _content(request: PreparedRequest, said: str) -> RequestContent | bytes | None:
    """Return the content, unless it is at hand and has not the length that is declared."""
    content = request.content
    size = 0 if content is None else len(content) if isinstance(content, bytes) else None
    if size is None or said == str(size) or not said.isdecimal() or int(said[:20]) == size:
        return content
    than = "longer" if size > int(said[:20]) else "shorter"
    message = f"the content is {than} than its Content-Length says"
    raise InvalidContent(message, maybe_sent=False)


def _identity_for(
    settings: SendSettings,
    tls_context: ssl.SSLContext | None,
    proxy_tls_context: ssl.SSLContext | None,
) -> TlsIdentity:
    cert = None if tls_context is None else settings.cert
    if isinstance(cert, list):  # A key is hashed.
        cert = tuple(cast("list[str]", cert))
    proxy_verify = None if proxy_tls_context is None else settings.proxy_verify
    return TlsIdentity(settings.verify, cert, tls_context, proxy_tls_context, proxy_verify)


def _bare(host: str) -> str:
    return host.partition("%")[0].removesuffix(".")


def _host_first(line: FieldLine) -> bool:
    return line[0].lower() != "host"
