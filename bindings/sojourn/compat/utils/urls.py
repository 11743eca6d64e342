"""URLs as text: quoting, and removing or adding parts."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import unquote, urlparse, urlunparse

from sojourn_core.values.errors import InvalidURL
from sojourn_core.values.url.authority import canonical_name
from sojourn_core.values.url.endpoint import DEFAULT_PORTS
from sojourn_core.values.url.reference import remove_dot_segments, split_reference
from sojourn_core.values.url.requote import (
    IN_PATH,
    IN_QUERY,
    SUB_DELIMS,
    UNRESERVED,
    escape_part,
    requote,
    unquote_unreserved,
)

__all__ = [
    "DEFAULT_PORTS",
    "UNRESERVED_SET",
    "get_auth_from_url",
    "prepend_scheme_if_needed",
    "requote_uri",
    "unquote_unreserved",
    "urldefragauth",
]

UNRESERVED_SET: Final = UNRESERVED

_STARTS_WITH_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:|/")
_HOST_AND_PORT: Final = re.compile(r"(\[[^\[\]]+\]|[^\[\]:]*)(?::([0-9]*))?")
_NOT_IN_HOST: Final = re.compile(r"[\x00-\x20\x7f\\%]")


def requote_uri(uri: str) -> str:
    """Escape exactly the characters of a URI that must be escaped.

    If one of its escapes is malformed, each ``%`` counts as a character.
    """
    return requote(uri)


def urldefragauth(url: str) -> str:
    """Remove the fragment and the userinfo of a URL."""
    scheme, authority, path, params, query, _ = urlparse(url)
    if not authority:
        authority, path = path, authority
    authority = authority.rpartition("@")[2]
    return urlunparse((scheme, authority, path, params, query, ""))


def get_auth_from_url(url: str) -> tuple[str, str]:
    """Return user and password of a URL, decoded; both are empty if either is missing."""
    parsed = urlparse(url)
    if parsed.username is None or parsed.password is None:
        return "", ""
    return unquote(parsed.username), unquote(parsed.password)


def prepend_scheme_if_needed(url: str, new_scheme: str) -> str:
    """Return a URL with a scheme: its own, or else the new one.

    The parts of an http or https URL, and of one without a scheme, are normalised as in urllib3.
    Text before the first ``/`` is an authority, and so is ``host:port`` if the host has a dot.

    Raises:
        InvalidURL: The authority is malformed, or has a backslash or an escape in the host, which
            parsers read in different ways. The message never shows a password.
    """
    if url and _STARTS_WITH_SCHEME.match(url) is None:
        url = f"//{url}"
    scheme, authority, path, query, fragment = split_reference(url)
    scheme = scheme and scheme.lower()
    normal = scheme in (None, "http", "https")
    if normal:
        path = escape_part(remove_dot_segments(path), IN_PATH)
        query = query and escape_part(query, IN_QUERY)
        fragment = fragment and escape_part(fragment, IN_QUERY)
    if path and not path.startswith("/"):
        path = f"/{path}"
    place = _place(authority, normal=normal) if authority else ""
    if not place:
        place, path = path, ""
    return urlunparse((scheme or new_scheme, place, path, "", query or "", fragment or ""))


def _place(authority: str, *, normal: bool) -> str:
    """Check an authority and return it, in normal form if asked."""
    userinfo, at, place = authority.rpartition("@")
    match = _HOST_AND_PORT.fullmatch(place)
    if match is None or (at and not place):
        raise InvalidURL(f"{place!r} is not a host with or without a port")
    host, port = match.groups()
    if _NOT_IN_HOST.search(host.strip("[]").partition("%")[0] if host[:1] == "[" else host):
        raise InvalidURL(f"the host {host!r} has a character that no host has")
    if port and int(port[:7]) > 65535:
        raise InvalidURL(f"the port of {place!r} is not in 0..65535")
    try:
        host = _literal(host, normal=normal) if host[:1] == "[" else _name(host, normal=normal)
    except ValueError as error:
        raise InvalidURL(f"the host {host!r} is not valid: {error}") from None
    if userinfo and normal:
        userinfo = escape_part(userinfo, f"{SUB_DELIMS}:")
    before = f"{userinfo}@" if userinfo else ""
    after = f":{int(port)}" if port else ""
    return f"{before}{host}{after}"


def _literal(host: str, *, normal: bool) -> str:
    """Check an IPv6 address in brackets; in normal form its zone follows a bare ``%``."""
    address, percent, zone = host[1:-1].partition("%")
    ipaddress.IPv6Address(address)
    if not normal:
        return host
    if zone.startswith("25") and zone != "25":
        zone = zone[2:]
    return f"[{address.lower()}{percent}{zone}]"


def _name(host: str, *, normal: bool) -> str:
    if not normal:
        return host
    return host.lower() if host.isascii() else canonical_name(host)
