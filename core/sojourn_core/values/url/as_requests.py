"""URLs as Requests 2.34 writes and reads them, for programs that rely on it (``url_rules``).

Three texts are made in three ways. A URL that is given is taken apart by the rules of urllib3, put
together, and quoted as a whole. A Location is joined to the URL that was asked by ``urllib.parse``,
and quoted. What is sent is taken out of either text by ``urllib.parse`` and escaped once more; for
a proxy it is normalised as a URL that is given.

Only the authority is read as natively, when a request is to be sent there: what two readers could
take for two hosts is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urljoin, urlparse, urlsplit

from sojourn_core.values.errors import InvalidURL
from sojourn_core.values.limits import DEFAULT_LIMITS

from .endpoint import DEFAULT_PORTS, Endpoint, Origin, read_endpoint
from .percent import encode_octets
from .plain import PLAIN_LOCATION
from .query import Params, encode_pairs
from .reference import Parts
from .refusals import decode, invalid, too_long, without_scheme
from .requote import IN_PATH, IN_QUERY, SUB_DELIMS, UNRESERVED, escape_part, requote, without_dots
from .url import (
    CACHED_TEXT_SIZE_MAX,
    CACHED_URLS_MAX,
    SCHEME,
    URL,
    build_url,
    make_url,
    parse_any_url,
    parse_plain,
)

_WITH_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:|/")
# As RFC 3986 appendix B, but that a backslash ends an authority.
_PARTS: Final = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^\\/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_HOST_AND_PORT: Final = re.compile(
    r"(\[[^\[\]]*\]|(?:[^\[\]%:/?#]|%[0-9A-Fa-f]{2})*)(?::([0-9]*))?", re.DOTALL
)
_NOT_IN_HOST: Final = re.compile(r"[\x00-\x20\x7f]")
_NUMBERS: Final = re.compile(r"(?:0[xX][0-9a-fA-F]+|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]+|[0-9]+)){0,3}")
_ESCAPE: Final = re.compile("%[0-9A-Fa-f]{2}")
_NOWHERE: Final = Endpoint("", "", "", None, 0, None, None, "", "", Origin("", "", 0))
_ZONE: Final = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")


class RequestsURL(URL):
    """A URL that was read as Requests reads it."""

    __slots__ = ()

    def absolute_form(self) -> str:
        """Return the request-target for a proxy: normal, with the port that is written out."""
        _, _, path, query, _ = urlsplit(self.text)
        path = escape_part(without_dots(path), IN_PATH)
        target = f"{path}?{escape_part(query, IN_QUERY)}" if query else path
        return f"{self.scheme}://{self._place}{target}"

    @property
    def forwarded_host(self) -> str:
        """Value of the Host field for a proxy: host and port as they are in the target."""
        host, percent, _ = self._place.partition("%")
        return f"{host}]" if percent else host

    @property
    def _place(self) -> str:
        return _place(urlsplit(self.text).netloc.rpartition("@")[2], normal=True)


# --- a URL that is given ------------------------------------------------------------------------


def prepare_as_requests(text: str | bytes, params: Params = None) -> str:
    """Return the text of the URL that Requests makes of one that is given, params appended.

    Raises:
        MissingSchema: There is no scheme.
        InvalidURL: It is malformed.
        TypeError, ValueError: As ``encode_params``.
    """
    if isinstance(text, bytes):
        text = decode(text)
    text = str(text).lstrip()
    if ":" in text and text[:4].lower() != "http":
        return text
    try:
        scheme, place, path, query, fragment = _take_apart(text)
    except ValueError as error:
        raise invalid(text, str(error)) from None
    if scheme is None:
        raise without_scheme(text)
    host = (place or "").rpartition("@")[2]
    if not host or host.startswith(":"):
        raise invalid(text, "no host supplied")
    if host.startswith(("*", ".")):
        raise invalid(text, "the host begins with a label that is none")
    added = _encode_params(params)
    if added:
        query = f"{query}&{added}" if query else added
    made = f"{scheme}://{place}{path or '/'}"
    if query:
        made = f"{made}?{query}"
    try:
        return requote(f"{made}#{fragment}" if fragment else made)
    except UnicodeError:
        raise invalid(text, "it has a lone surrogate") from None


def _take_apart(text: str) -> Parts:
    """Take a URL apart as urllib3 does, each part in its normal form.

    Raises:
        ValueError: Its authority is malformed; the message is the reason.
    """
    if text and _WITH_SCHEME.match(text) is None:
        text = f"//{text}"
    match = _PARTS.fullmatch(text)
    assert match is not None, "every text is a reference"
    scheme, authority, path, query, fragment = match.groups()
    scheme = scheme and scheme.lower()
    normal = scheme is None or scheme in DEFAULT_PORTS
    place = _place(authority, normal=normal) if authority else ""
    if normal:
        path = escape_part(without_dots(path), IN_PATH)
        query = query and escape_part(query, IN_QUERY)
        fragment = fragment and escape_part(fragment, IN_QUERY)
    if path and not path.startswith("/"):
        path = f"/{path}"
    return Parts(scheme, place, path, query, fragment)


def _place(authority: str, *, normal: bool) -> str:
    """Return an authority in the form that Requests gives it.

    Args:
        authority: User info, host and port.
        normal: Whether the scheme is one of HTTP; of others the host is checked and not changed.
    """
    userinfo, _, place = authority.rpartition("@")
    match = _HOST_AND_PORT.fullmatch(place)
    if match is None:
        raise ValueError("the authority is not a host with or without a port")
    host, port = match.groups()
    if _NOT_IN_HOST.search(host) is not None:
        raise ValueError("the host has a blank or a control character")
    digits = (port or "").lstrip("0")
    if len(digits) > 5 or (digits and int(digits) > 65535):
        raise ValueError("the port is not in 0..65535")
    if host.startswith("["):
        host = _literal(host, normal=normal)
    elif normal and _NUMBERS.fullmatch(host) is None:
        host = _ESCAPE.sub(_of_host, host)
        host = ".".join([_label(label) for label in host.split(".")])
    if not host.isascii():
        host = _encode_name(host, uts46=True)
    if userinfo and normal:
        userinfo = escape_part(userinfo, f"{SUB_DELIMS}:")
    before = f"{userinfo}@" if userinfo else ""
    return f"{before}{host}:{digits}" if digits else f"{before}{host}"


def _literal(host: str, *, normal: bool) -> str:
    from ipaddress import IPv6Address

    address, percent, zone = host[1:-1].partition("%")
    IPv6Address(address)
    if percent and _ZONE.fullmatch(zone) is None:
        raise ValueError("the zone of the address is not one")
    if not normal:
        return host
    if zone.startswith("25") and zone != "25":
        zone = zone[2:]
    return f"[{address.lower()}{percent}{escape_part(zone, '')}]"


def _of_host(match: re.Match[str]) -> str:
    """Write an escape in a host as urllib3 does."""
    char = chr(int(match[0][1:], 16))
    if char < " " or char == "\x7f":
        raise ValueError("the host has an escape of a control character")
    return char if char in UNRESERVED else match[0].upper()


def _label(label: str) -> str:
    if label.isascii():
        return _ESCAPE.sub(lambda match: match[0].upper(), label.lower())
    return _encode_name(label.lower(), uts46=False)


def _encode_name(name: str, *, uts46: bool) -> str:
    import idna  # Nearly all names are ASCII, and go without.

    try:
        if uts46:
            return idna.encode(name, uts46=True).decode("ascii")
        return idna.encode(name, strict=True, std3_rules=True).decode("ascii")
    except UnicodeError:  # idna.IDNAError is one.
        raise ValueError("the host is not an internationalised name") from None


def _encode_params(params: Params) -> str:
    if isinstance(params, str):
        return params
    try:
        if isinstance(params, bytes):
            return params.decode("ascii")
        return encode_pairs(params) if params else ""
    except UnicodeError:
        raise InvalidURL("params are not text that can be encoded") from None


# --- a URL that is asked ------------------------------------------------------------------------


def read_as_requests(text: str) -> URL:
    """Read the URL of a prepared request, which is asked as Requests asks it.

    Whatever its scheme, and without one, it is for the transport that is mounted for it.

    Raises:
        InvalidURL: It has no host, or none that can be read in one way alone, or it is too long.
    """
    return _cached(text) if len(text) <= CACHED_TEXT_SIZE_MAX else _read(text)


@lru_cache(maxsize=CACHED_URLS_MAX)
def _cached(text: str) -> URL:
    return _read(text)


@lru_cache(maxsize=CACHED_URLS_MAX)
def plain_as_requests(text: str) -> URL | None:
    """Read a URL, not a long one, that Requests does not change; None if it may."""
    url = parse_plain(text)
    if (
        url is None
        or "%" in text  # Escapes are written in capitals.
        or url.explicit_port == DEFAULT_PORTS[url.scheme]  # A proxy is told of it.
        or url.query == ""
        or url.fragment == ""
        or url.text != text
    ):
        return None
    return url


def _read(text: str) -> URL:
    plain = plain_as_requests(text) if len(text) <= CACHED_TEXT_SIZE_MAX else None
    if plain is not None:
        return plain
    if not text[:8].lower().startswith(("http://", "https://")):
        match = SCHEME.match(text)
        if match is not None and match[1].lower() not in DEFAULT_PORTS:
            return parse_any_url(text)
        return make_url(text, _NOWHERE, text, None, text, None)  # No transport is mounted for it.
    if len(text) > DEFAULT_LIMITS.url_size_max:
        raise too_long(text)
    try:
        scheme, authority, path, query, fragment = urlsplit(text)
        endpoint = _read_endpoint(scheme, authority)
        target = escape_part(path or "/", IN_PATH)
        if query:
            target = f"{target}?{escape_part(query, IN_QUERY)}"
    except ValueError as error:
        raise invalid(text, str(error)) from None
    return make_url(
        text, endpoint, path or "/", query or None, target, fragment or None, RequestsURL
    )


def _read_endpoint(scheme: str, authority: str) -> Endpoint:
    """Read an authority; the last ``@`` ends its user info, whatever there is in that."""
    _check_backslash(authority)
    given, _, place = authority.rpartition("@")
    user, colon, password = given.partition(":")
    endpoint = read_endpoint(scheme, place)
    host, port = endpoint.host_field, ""
    if endpoint.port != DEFAULT_PORTS[scheme]:
        host, _, port = host.rpartition(":")
        port = f":{port}"
    return endpoint._replace(
        prefix=f"{scheme}://{authority}",
        userinfo=(unquote(user), unquote(password)) if colon else None,
        host_field=host.rstrip(".") + port,
    )


def _check_backslash(authority: str) -> None:
    if "\\" in authority:  # For browsers, and for a URL that is given, the authority ends there.
        raise ValueError("the authority has a backslash")


# --- a Location -----------------------------------------------------------------------------------


def resolve_as_requests(base: URL, location: str) -> URL:
    """Return the URL that Requests makes of a Location, which has the base's fragment if none.

    Args:
        base: The URL that was asked.
        location: The field value as text.

    Raises:
        InvalidURL: As ``read_as_requests``.
    """
    if base.fragment is None and len(location) <= CACHED_TEXT_SIZE_MAX:
        absolute = plain_as_requests(location)
        if absolute is not None:
            return absolute
    plain = PLAIN_LOCATION.fullmatch(location) if type(base) is URL else None
    if plain is not None and not any(mark in location for mark in ("/.", "%", ";")):
        path, query, fragment = plain.groups()
        if query != "" and fragment != "" and (fragment or base.fragment is None):
            return build_url(base.endpoint, path, query, fragment)
    try:
        if location.startswith("//"):
            location = f"{base.scheme}:{location}"
        parsed = urlparse(location)
        if not parsed.fragment and base.fragment:
            parsed = parsed._replace(fragment=base.fragment)
        _check_backslash(parsed.netloc)
        text = requote(parsed.geturl())
        if not parsed.netloc:
            text = urljoin(base.text, text)
    except ValueError as error:
        raise invalid(location, str(error)) from None
    return read_as_requests(text)


def utf_8_text(value: str) -> str:
    """Return the value of a Location, which has one character for each byte, read as UTF-8.

    Where it is not UTF-8 each byte from 0x80 on is escaped; Requests fails there (Q12).
    """
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return encode_octets(value)
    except UnicodeEncodeError:  # Whoever made this response had text.
        return value
