"""The way of a request by a proxy: whom to connect to, and what is said to whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import InvalidProxyURL
from sojourn_core.values.named_tuple import NamedTuple

from .pool_key import Credential

if TYPE_CHECKING:
    import ssl

    from sojourn_core.messages.send import Send
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.url.address import Network
    from sojourn_core.values.url.endpoint import Origin

    from .handshake import MakeHandshake

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


class Way(NamedTuple):
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


def by_proxy(
    command: Send,
    proxy: Proxy,
    lines: list[FieldLine],
    handshake: MakeHandshake | None,
    context: ssl.SSLContext | None,
) -> Way:
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
        lines = without_credentials(lines)
    if proxy.is_socks:
        networks = command.settings.refused_networks
        return Way(hop, url.origin, url.target, networks, lines, handshake=handshake)
    # The address of the proxy is the caller's choice, and that of the origin the proxy's to find.
    if plain:
        context = None
    if forwards:
        if "host" not in names:  # It has to say what the target says (RFC 9112 section 3.2.2).
            lines[0] = ("Host", url.forwarded_host)
        if credential is not None:
            lines = [*lines, ("Proxy-Authorization", credential)]
        return Way(hop, hop, url.absolute_form(), (), lines, tls_context=context)
    shown = None if credential is None else _identity_of(credential)
    tunnel = Tunnel(url.authority, credential)
    return Way(hop, url.origin, url.target, (), lines, tunnel, shown, None, context)


def without_credentials(lines: list[FieldLine]) -> list[FieldLine]:
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
