"""The choice of a proxy for a URL, among those that were given and those of the environment.

Keys, and the order in which they are asked, are those of Requests: ``scheme://host``, ``scheme``,
``all://host``, ``all``. No RFC says what ``no_proxy`` means. Entries here match whole labels, and
networks and ports are read as they are written; ``strict=False`` matches as Requests 2.34 does.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import InvalidProxyURL, InvalidURL
from sojourn_core.values.expressions import expression
from sojourn_core.values.fields import cut
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.route import SOCKS_SCHEMES, Proxy
from sojourn_core.values.url.authority import PORT_MAX, canonical_name
from sojourn_core.values.url.url import build_url, parse_url

from .auth.credentials import basic_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from sojourn_core.values.environment import Environment
    from sojourn_core.values.url.url import URL

CACHED_PROXIES_MAX: Final = 64
CACHED_LISTS_MAX: Final = 64

_SCHEMES: Final = frozenset({"http", "https"}) | SOCKS_SCHEMES

# "proxy.test:3128" is a host and a port; "http:/proxy.test" is a URL that lost a slash.
_SCHEME: Final = expression(r"([A-Za-z][A-Za-z0-9+.-]*):(?=//)|(https?):", re.IGNORECASE)
_AUTHORITY: Final = expression(r"//([^/?#]*)")

_SEPARATORS: Final = expression(r"[,\s]+")
_ENTRY: Final = expression(
    r"""
    (?: \[ (?P<literal> [0-9A-Fa-f:.]+ (?: /[0-9]{1,3} )? ) \] (?P<after> /[0-9]{1,3} )?
      | (?P<bare> [0-9A-Fa-f.]* : [0-9A-Fa-f.]* : [0-9A-Fa-f:.]* (?: /[0-9]{1,3} )? )
      | (?P<name> [^\[\]/:]+ (?: /[0-9]{1,3} )? )
    )
    (?: : (?P<port> [0-9]{1,5} ) )?
    """,
    re.VERBOSE,
)


class Bypassed(NamedTuple):
    """A list of ``no_proxy``, read.

    Attributes:
        everything: Whether an entry is ``*``.
        names: Canonical names without dots around them, each with its port or None for all.
        networks: Networks, an address being one of its own, each with its port or None for all.
    """

    everything: bool
    names: frozenset[tuple[str, int | None]]
    networks: tuple[tuple[IPv4Network | IPv6Network, int | None], ...]


def select_proxy(url: URL, proxies: Mapping[str, str]) -> str | None:
    """Return the proxy for a URL, as given: None or empty to go directly."""
    key = _select_key(url, proxies)
    return None if key is None else proxies[key]


def choose_proxy(url: URL, proxies: Mapping[str, str]) -> tuple[Proxy | None, str | None]:
    """Choose the proxy for a URL; return it with the key that chose it.

    Returns:
        No proxy and no key where no key fits; no proxy but a key where the key says to go directly
        (its value is None or empty).

    Raises:
        InvalidProxyURL: As ``parse_proxy``.
    """
    key = _select_key(url, proxies)
    if key is None:
        return None, None
    text = proxies[key]
    return (parse_proxy(text) if text else None), key


def _select_key(url: URL, proxies: Mapping[str, str]) -> str | None:
    if not proxies:
        return None
    scheme, host = url.scheme, _host_of(url)
    keys = (f"{scheme}://{host}", scheme, f"all://{host}", "all") if host else (scheme, "all")
    for key in keys:
        if key in proxies:
            return key
    return None


def resolve_proxies(
    url: URL,
    proxies: Mapping[str, str] | None,
    environment: Environment | None,
    trust_env: bool,
    *,
    strict: bool = True,
) -> dict[str, str]:
    """Copy the given proxies, and add the environment's proxy for this URL if its key is free.

    Args:
        url: Where the request goes.
        proxies: Proxies by key; ``no_proxy`` among them takes the place of the environment's.
        environment: What is around, if anything.
        trust_env: Whether it is asked.
        strict: As ``bypasses``.
    """
    resolved: dict[str, str] = dict(proxies) if proxies else {}
    if trust_env and environment is not None and environment.proxies:
        around = environment_proxies(url, environment, resolved.get("no_proxy"), strict=strict)
        proxy = around.get(url.scheme, around.get("all"))
        if proxy:
            resolved.setdefault(url.scheme, proxy)
    return resolved


def environment_proxies(
    url: URL, environment: Environment, no_proxy: str | None = None, *, strict: bool = True
) -> dict[str, str]:
    """Return the environment's proxies, or none of them for a URL that goes without.

    Args:
        url: Where the request goes.
        environment: What is around.
        no_proxy: Takes the place of the environment's; the empty text bypasses nothing.
        strict: As ``bypasses``.
    """
    if no_proxy is None:
        no_proxy = environment.no_proxy
    if bypasses(url, no_proxy or "", strict=strict):
        return {}
    return dict(environment.proxies)


def bypasses(url: URL, no_proxy: str, *, strict: bool = True) -> bool:
    """Return whether a URL is reached without a proxy. One that has no host always is.

    Args:
        url: Where the request goes.
        no_proxy: Entries, with commas or blanks between them, in any case: ``*`` for everything; a
            name, for itself and all names below it, dots around it ignored; an address; a network
            as of CIDR. IPv6 may stand in brackets, and must if a port follows. Each may have a
            port, which is compared with the effective one. What is none of these is ignored. The
            names and addresses of the loopback interface are bypassed together.
        strict: False to match as Requests does. There only commas separate, ``*`` must stand alone,
            ports go with names and must be explicit in the URL, networks are IPv4 only, and a
            suffix of an IPv4 address matches like that of a name. Networks in the short forms of
            ``inet_aton``, such as ``10.1/16``, are ignored here, though Requests knows them.
    """
    host = _host_of(url)
    if not host:
        return True
    if not no_proxy:
        return False
    if not strict:
        return _bypasses_as_requests(url, no_proxy)
    from ipaddress import ip_address  # Most environments have no list.

    from sojourn_core.values.url.address import LOOPBACK_NETWORKS, refused

    bypassed = _read_list(no_proxy)
    if bypassed.everything:
        return True
    names: list[str] = []
    addresses: list[IPv4Address | IPv6Address] = []
    try:
        addresses.append(ip_address(host))
        loops = refused(host, LOOPBACK_NETWORKS)
    except ValueError:
        names += _above(host)
        loops = "localhost" in names
    if loops:
        # One machine by several names: what leads past the proxy by one does so by all (RFC 6761
        # section 6.3; CVE-2026-42038).
        names.append("localhost")
        addresses += map(ip_address, ("127.0.0.1", "::1"))
    port = url.port
    if any((name, on) in bypassed.names for name in names for on in (None, port)):
        return True
    return any(
        address in network and on in {None, port}
        for network, on in bypassed.networks
        for address in addresses
    )


def _above(host: str) -> Iterator[str]:
    """Iterate over a name, and each name that it is below."""
    name = host.rstrip(".")
    while name:
        yield name
        name = name.partition(".")[2]


@lru_cache(maxsize=CACHED_LISTS_MAX)
def _read_list(no_proxy: str) -> Bypassed:
    from ipaddress import IPv6Network

    everything = False
    names: set[tuple[str, int | None]] = set()
    networks: list[tuple[IPv4Network | IPv6Network, int | None]] = []
    for text in _SEPARATORS.split(no_proxy):
        if text == "*":
            everything = True
            continue
        entry = _ENTRY.fullmatch(text)
        if entry is None or (entry["port"] and not 1 <= int(entry["port"]) <= PORT_MAX):
            continue
        port = int(entry["port"]) if entry["port"] else None
        literal = (entry["literal"] or entry["bare"] or "") + (entry["after"] or "")
        try:
            if literal:
                networks.append((IPv6Network(literal, strict=False), port))
            else:
                _read_name(entry["name"].lstrip("."), port, names, networks)
        except ValueError:
            continue
    return Bypassed(everything, frozenset(names), tuple(networks))


def _read_name(
    text: str,
    port: int | None,
    names: set[tuple[str, int | None]],
    networks: list[tuple[IPv4Network | IPv6Network, int | None]],
) -> None:
    """Add a name, an IPv4 address or an IPv4 network to the ones or the others.

    Raises:
        ValueError: It is none of these.
    """
    from ipaddress import IPv4Network, ip_network

    if "/" in text:
        networks.append((IPv4Network(text, strict=False), port))
        return
    name = canonical_name(text)
    try:
        networks.append((ip_network(name), port))
    except ValueError:
        names.add((name.rstrip("."), port))


def _bypasses_as_requests(url: URL, no_proxy: str) -> bool:
    """Read one list in two ways: as Requests does, and as ``urllib.request``, which it asks."""
    from ipaddress import IPv4Address
    from urllib.parse import urlsplit

    host = urlsplit(url.text).hostname or ""  # Not canonical: it is what Requests compares.
    entries = [entry for entry in no_proxy.replace(" ", "").split(",") if entry]
    try:
        address = IPv4Address(host)
    except ValueError:
        hosts = [host, f"{host}:{url.explicit_port}"] if url.explicit_port else [host]
        if any(_is_below(each, entry) for each in hosts for entry in entries):
            return True
    else:
        if any(entry == host or _has(entry, address) for entry in entries):
            return True
    if no_proxy == "*":
        return True
    before, colon, port = host.rpartition(":")  # The port of an IPv6 address is its last group.
    hosts = [host, before] if colon and (not port or port.isdigit()) else [host]
    entries = [entry.strip().lower() for entry in no_proxy.split(",")]
    return any(_is_below(each, entry) for each in hosts for entry in entries if entry)


def _is_below(host: str, entry: str) -> bool:
    entry = entry.lstrip(".")
    return host == entry or host.endswith("." + entry)


def _has(entry: str, address: IPv4Address) -> bool:
    """Return whether an entry is a network with this address, not all of IPv4 nor a mask."""
    from ipaddress import IPv4Network

    first, _, prefix = entry.partition("/")
    try:
        size = int(prefix)
        return size > 0 and address in IPv4Network((first, size), strict=False)
    except ValueError:
        return False


def _host_of(url: URL) -> str:
    """Return the host; in a URL of another scheme than HTTP's it may have a port."""
    if url.port:
        return url.host
    from urllib.parse import urlsplit  # It loads ipaddress.

    try:
        return urlsplit(url.text).hostname or ""
    except ValueError:  # A bracket without the other.
        return ""


def parse_proxy(text: str) -> Proxy:
    """Read the URL of a proxy; without a scheme it is an ``http`` one, as in Requests.

    The schemes are ``http``, ``https``, ``socks4``, ``socks4a``, ``socks5`` and ``socks5h``; the
    port of SOCKS is 1080. Nothing else of it counts but userinfo, host and port. What is written in
    the userinfo may be percent-encoded, and has to be where it is a delimiter.

    Raises:
        InvalidProxyURL: There is no host, the scheme is another one, or no request can be sent
            there. No message holds a userinfo.
    """
    return _parse_proxy(text if text.__class__ is str else str(text))


@lru_cache(maxsize=CACHED_PROXIES_MAX)
def _parse_proxy(text: str) -> Proxy:
    text = text.strip()
    match = _SCHEME.match(text)
    if match is None:
        scheme, rest = "http", text if text.startswith("/") else f"//{text}"
    else:
        scheme, rest = (match[1] or match[2]).lower(), text[match.end() :]
    authority = _AUTHORITY.match(rest)
    place = "" if authority is None else authority[1].rpartition("@")[2]
    if authority is None or not place or place.startswith(":"):
        raise InvalidProxyURL(
            "Please check proxy URL. It is malformed and could be missing the host.",
            maybe_sent=False,
        )
    if scheme not in _SCHEMES:
        raise InvalidProxyURL(
            f"proxies of scheme {cut(scheme)} are not supported", maybe_sent=False
        )
    if "@" in rest[authority.end() :]:
        # "http://user:1/2@proxy.test": for RFC 3986 the host is "user", which nobody meant.
        raise InvalidProxyURL(
            "'/', '?' and '#' in the userinfo of a proxy's URL must be percent-encoded",
            maybe_sent=False,
        )
    try:
        if scheme not in SOCKS_SCHEMES:
            return Proxy(parse_url(f"{scheme}://{authority[1]}/"))
        read = parse_url(f"http://{authority[1]}/").endpoint
        return Proxy(build_url(read.spoken_to_by(scheme), "/", None, None))
    except InvalidURL as error:
        said = f"the URL of a proxy is not valid: {error}"
        raise InvalidProxyURL(said, maybe_sent=False) from None


def proxy_authorization(proxy: Proxy, charset: str) -> str | None:
    """Return the value of Proxy-Authorization for a proxy (RFC 9110 section 11.7.2), or None.

    A SOCKS proxy is told the userinfo of its URL in another way.

    Raises:
        InvalidHeader: As ``basic_credentials``.
    """
    userinfo = proxy.url.userinfo
    if userinfo is None or userinfo == ("", "") or proxy.is_socks:
        return None
    return basic_credentials(*userinfo, charset)
