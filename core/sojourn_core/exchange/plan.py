"""The plan of an exchange: all that it needs to know, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from sojourn_core.messages.response import Response
from sojourn_core.values.errors import (
    InvalidContent,
    InvalidProxyURL,
    InvalidSchema,
    LocalProtocolError,
    ProxyError,
)
from sojourn_core.values.fields import cut
from sojourn_core.values.url.endpoint import DEFAULT_PORTS

from .codec import HTTP_1_1, RequestHead
from .plain_codec import PlainCodec
from .pool_key import Credential, PoolKey, RefusedNetworks, TlsIdentity

if TYPE_CHECKING:
    import ssl

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.send import Send
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.content.content import Content as RequestContent
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.timeouts import Timeouts
    from sojourn_core.values.url.address import Network
    from sojourn_core.values.url.endpoint import Origin

    from .codec import Codecs
    from .handshake import MakeHandshake

CODECS: Final[Codecs] = MappingProxyType({HTTP_1_1: PlainCodec})
_PARAMETER: Final = r'([a-z*-]+)=("(?:[^"\\]|\\.)*+"|[^",\s]*+)'
_OF_THE_USER: Final = frozenset({"username", "username*", "realm"})


class Tunnel(NamedTuple):
    """A tunnel that a proxy is asked for.

    Attributes:
        authority: Host and port of the origin.
        credential: The Proxy-Authorization field to ask with, or None.
    """

    authority: str
    credential: str | None

    def __repr__(self) -> str:
        return f"Tunnel({self.authority!r})"


class Offers(NamedTuple):
    """The abilities of a driver that not every driver has: commands, and proxies to speak to.

    Attributes:
        informs: Informational (1xx) heads are handed up, by ``Inform``.
        switches: A stream that a 101 switches to another protocol is handed up, by ``Switch``; if
            not, a 101 is an error.
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


@dataclass(slots=True, eq=False)
class ExchangePlan:
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


def plan_exchange(
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
) -> ExchangePlan:
    """Return the plan of an exchange that carries a ``Send`` out.

    The request-target is in origin form (RFC 9112 section 3.2.1), or in absolute form for a proxy
    that forwards the request (section 3.2.2). What needs TLS goes to its origin through a tunnel
    (RFC 9110 section 9.3.6), and so does all the rest where the route says so. Host comes first
    (RFC 9110 section 7.2) and is made from the URL, unless the caller gave one.

    Args:
        command: What is to be sent.
        limits: What the peer may send.
        tls_context: Trust and versions, if the URL is an https one; else None.
        codecs: The codecs to choose from, by their names in ALPN; None for ``CODECS``.
        informs: Whether informational (1xx) heads are handed up.
        switches: Whether a stream that was switched by a 101 is handed up.
        writes_files: Whether the driver takes ``WriteFile``.
        races: Whether the driver takes a ``Connect`` with further addresses (RFC 8305).
        proxy_tls_context: Trust and versions for TLS with the proxy. It counts for https proxies
            alone; without it there can be none.
        handshake: Makes the machine that asks a SOCKS proxy for a tunnel. It counts for these
            alone; without it there can be none.

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
    headers = request.headers
    lines = headers.lines
    names = headers.by_name()
    if "host" in names:
        lines = sorted(lines, key=_host_first)
    else:
        lines = [("Host", url.host_field), *lines]
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
            lines = _without_credentials(lines)  # Whoever gave it: no origin may see it.
        hop, keyed, target, networks = origin, origin, url.target, settings.refused_networks
        tunnel = shown = handshake = proxy_tls_context = None
    else:
        way = _by_proxy(command, proxy, lines, handshake, proxy_tls_context)
        hop, keyed, target, networks, lines, tunnel, shown, handshake, proxy_tls_context = way
    tls = None
    if tls_context is not None or proxy_tls_context is not None:
        tls = _identity_for(settings, tls_context, proxy_tls_context)
    refused = RefusedNetworks(networks) if networks else None
    offers = _OFFERS[informs, switches, writes_files, races]
    if handshake is not None or proxy_tls_context is not None:
        offers = offers._replace(handshake=handshake, proxy_tls_context=proxy_tls_context)
    return ExchangePlan(  # By position: names would have a dictionary made for each request.
        PoolKey(keyed, command.route, tls, refused, shown, settings.lenient_heads, who),
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
    return TlsIdentity(settings.verify, cert, tls_context, proxy_tls_context)


def _bare(host: str) -> str:
    return host.partition("%")[0].removesuffix(".")


def _host_first(line: FieldLine) -> bool:
    return line[0].lower() != "host"


def _without_credentials(lines: list[FieldLine]) -> list[FieldLine]:
    return [line for line in lines if line[0].lower() != "proxy-authorization"]


def _identity_of(field: str) -> Credential:
    """Return whom a tunnel was opened for: a tunnel of one user must not serve another.

    It is all of the field, but for Digest (RFC 7616 section 3.4), which says something new each
    time: there it is the user and the realm.
    """
    scheme, _, rest = field.partition(" ")
    if scheme.lower() != "digest":
        return Credential(field)
    found = [
        each[0]
        for each in re.finditer(_PARAMETER, rest, re.IGNORECASE)
        if each[1].lower() in _OF_THE_USER
    ]
    return Credential(f"Digest {', '.join(found)}" if found else field)


class _Way(NamedTuple):
    """The way by a proxy, and what a request says there.

    Attributes:
        hop: Whom to connect to.
        keyed: Whom connections are for.
        target: The request-target.
        networks: What the address of the origin is held against, if it is found here.
        lines: The field lines.
        tunnel: What is asked for by CONNECT.
        shown: For whom that tunnel is opened.
        handshake: Makes what asks for another tunnel.
        tls_context: Trust and versions for TLS with the proxy.
    """

    hop: Origin
    keyed: Origin
    target: str
    networks: tuple[Network, ...]
    lines: list[FieldLine]
    tunnel: Tunnel | None = None
    shown: Credential | None = None
    handshake: MakeHandshake | None = None
    tls_context: ssl.SSLContext | None = None


def _by_proxy(
    command: Send,
    proxy: Proxy,
    lines: list[FieldLine],
    handshake: MakeHandshake | None,
    context: ssl.SSLContext | None,
) -> _Way:
    """Return the way by a proxy.

    Raises:
        InvalidProxyURL: If the proxy takes what the driver has not given.
    """
    url, names = command.request.parsed_url, command.request.headers.by_name()
    hop, credential = proxy.url.origin, command.proxy_authorization
    plain, forwards = hop.scheme == "http", command.route.forwards(url.scheme)
    if not plain and (handshake if proxy.is_socks else context) is None:
        said = f"the proxy {hop} is not supported by this transport"
        raise InvalidProxyURL(said, maybe_sent=False)
    if "proxy-authorization" in names and (credential is not None or not forwards):
        lines = _without_credentials(lines)
    if proxy.is_socks:
        networks = command.settings.refused_networks
        return _Way(hop, url.origin, url.target, networks, lines, handshake=handshake)
    # The address of the proxy is the caller's choice, and that of the origin the proxy's to find.
    if plain:
        context = None
    if forwards:
        if "host" not in names:  # It has to say what the target says (RFC 9112 section 3.2.2).
            lines[0] = ("Host", url.forwarded_host)
        if credential is not None:
            lines = [*lines, ("Proxy-Authorization", credential)]
        return _Way(hop, hop, url.absolute_form(), (), lines, tls_context=context)
    shown = None if credential is None else _identity_of(credential)
    tunnel = Tunnel(url.authority, credential)
    return _Way(hop, url.origin, url.target, (), lines, tunnel, shown, None, context)
