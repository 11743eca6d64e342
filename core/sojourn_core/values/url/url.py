"""URLs: one reading decides where to connect and what Host, cookies and credentials go by.

A ``URL`` in hand is valid and an ``http`` or ``https`` one; nobody checks it again. It is normal,
unless it was read as it stands (see ``as_is.py``). Its text reads back as itself. RFC 3986 (the
generic syntax) and RFC 9110 section 4.2 (its use by HTTP) say what a URL may be; where Requests
takes more, the text is refused, always for its authority (see ``authority.py``).

A plain URL, which is nearly every one, is recognised by one regular expression (see ``plain.py``)
and not taken apart further. All others go the long way: split, checked, encoded, put together, and
compared with what rfc3986 reads. On what the short way accepts, both give the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, cast

from sojourn_core.values.errors import InvalidSchema
from sojourn_core.values.fields import cut
from sojourn_core.values.limits import DEFAULT_LIMITS

from .authority import HOST_SIZE_MAX, PORT_MAX
from .endpoint import DEFAULT_PORTS, Endpoint, Origin, plain_endpoint, read_endpoint
from .percent import encode_path, encode_query
from .plain import PLAIN_URL
from .reference import Parts, remove_dot_segments, rfc3986_reads, split_reference
from .refusals import decode, invalid, too_long, without_scheme
from .shown import shown_query, shown_text

__all__ = ["URL", "Origin", "parse_any_url", "parse_url"]

CACHED_TEXT_SIZE_MAX: Final = 2048
CACHED_URLS_MAX: Final = 1024

# The blanks that str.strip() removes, as Requests does, but not the separators U+001C to U+001F
# and U+0085: these are controls, and a URL that starts with one is refused.
BLANKS: Final = (
    "\t\n\x0b\x0c\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class _Draft:
    """The attributes of a URL while it is built; then its class becomes ``URL``.

    Building a frozen class takes four times as long, and each request with params builds a URL.
    """

    __slots__ = (
        "authority",
        "endpoint",
        "explicit_port",
        "fragment",
        "host",
        "host_field",
        "origin",
        "path",
        "port",
        "query",
        "scheme",
        "target",
        "text",
        "userinfo",
        "zone",
    )

    def __init__(
        self,
        text: str,
        endpoint: Endpoint,
        path: str,
        query: str | None,
        target: str,
        fragment: str | None,
    ) -> None:
        self.text = text
        self.path = path
        self.query = query
        self.fragment = fragment
        self.target = target
        self.endpoint = endpoint
        (
            _,
            self.scheme,
            self.host,
            self.zone,
            self.port,
            self.explicit_port,
            self.userinfo,
            self.host_field,
            self.authority,
            self.origin,
        ) = endpoint


class URL(_Draft):
    """An ``http`` or ``https`` URL, read by ``parse_url``. It cannot be changed; equal by text.

    Attributes:
        text: The whole of it, normalised: userinfo as given but percent-encoded, a port that is
            given kept even if it is the default one. Of one that was read as it stands, that.
        scheme: ``http`` or ``https``.
        host: Canonical: A-labels in lower case, a dotted quad, or an IPv6 address as of RFC 5952,
            without brackets and zone. A trailing dot stays: it makes another host for credentials.
        zone: Zone of a link-local address, or None.
        port: The effective port.
        explicit_port: The port, if the text has one.
        userinfo: User and password, decoded, or None. The password is empty if there is none.
        path: Starts with ``/``.
        query: Without the ``?``; empty is not the same as None.
        fragment: Without the ``#``; empty is not the same as None.
        target: The request-target in origin-form: path and query (RFC 9112 section 3.2.1).
        host_field: Value of the Host field: no userinfo, no zone, no default port.
        authority: Host and port, as the request-target of CONNECT; the port is always there.
        origin: What credentials and connections go by.
        endpoint: What this URL has in common with all that have its authority.
    """

    __slots__ = ()

    def __new__(cls, text: str | bytes) -> URL:  # noqa: PYI034 - parse_url decides on the class
        return parse_url(text)

    def __init__(self, text: str | bytes) -> None:
        """Do nothing: ``parse_url`` has made it; see there."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a URL cannot be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a URL cannot be changed: {name}")

    def with_fragment(self, fragment: str | None) -> URL:
        """Return this URL with another fragment, given as text; None for none.

        Raises:
            InvalidURL: The fragment cannot be encoded, or the URL gets too long.
        """
        if fragment is not None:
            try:
                fragment = encode_query(fragment)
            except UnicodeEncodeError:
                raise invalid(self.text, "its fragment has a lone surrogate") from None
        text = self.text.partition("#")[0]
        return self._respelled(text if fragment is None else f"{text}#{fragment}", fragment)

    def _respelled(self, text: str, fragment: str | None) -> URL:
        if len(text) > DEFAULT_LIMITS.url_size_max:
            raise too_long(text)
        parts = self.endpoint, self.path, self.query, self.target
        return make_url(text, *parts, fragment, type(self))

    def without_userinfo(self) -> URL:
        """Return this URL without user and password."""
        if self.userinfo is None:
            return self
        return build_url(self.endpoint.without_userinfo(), self.path, self.query, self.fragment)

    def absolute_form(self) -> str:
        """Return the request-target for a proxy (RFC 9112 section 3.2.2).

        It has no userinfo and no fragment.
        """
        return f"{self.scheme}://{self.host_field}{self.target}"

    @property
    def forwarded_host(self) -> str:
        """Value of the Host field for a proxy, where the target is in absolute form."""
        return self.host_field

    def __str__(self) -> str:
        return self.text

    @property
    def shown(self) -> str:
        """This URL for people: user info masked, "…" for the values of its query, no fragment."""
        prefix = self.endpoint.prefix
        if self.userinfo is None and self.query is None:
            return prefix + self.path
        if self.userinfo is not None:
            prefix = f"{self.scheme}://***@{prefix.rpartition('@')[2]}"
        query = "" if self.query is None else f"?{shown_query(self.query)}"
        return f"{prefix}{self.path}{query}"

    def __repr__(self) -> str:
        if self.userinfo is None:
            return f"URL({self.text!r})"
        endpoint = self.endpoint.prefix.rpartition("@")[2]
        fragment = "" if self.fragment is None else f"#{self.fragment}"
        masked = f"{self.scheme}://***@{endpoint}{self.target}{fragment}"
        return f"URL({masked!r})"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, URL) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by its text, which may have been read as it stands.
        parts = self.endpoint, self.path, self.query, self.target
        return make_url, (self.text, *parts, self.fragment, type(self))


def parse_url(text: str | bytes) -> URL:
    """Read an ``http`` or ``https`` URL, given as text or as its bytes in UTF-8.

    Blanks around it are taken off. In path, query and fragment everything that may not stand there
    is percent-encoded, and dot segments are removed; an authority is taken as it is or refused.

    Raises:
        MissingSchema: There is no scheme.
        InvalidSchema: The scheme is another one.
        InvalidURL: No request can be sent there, or it is longer than ``Limits.url_size_max``.
            No message holds a userinfo.
    """
    if isinstance(text, bytes):
        text = decode(text)
    elif text.__class__ is not str:
        text = str(text)
    if len(text) <= CACHED_TEXT_SIZE_MAX:
        return _cached(text)
    if len(text) > DEFAULT_LIMITS.url_size_max:
        match = SCHEME.match(text)
        if match is None or match[1].lower() in DEFAULT_PORTS:
            raise too_long(text)
        raise _not_http(text, match[1])
    return _parse(text)


def parse_any_url(text: str) -> URL:
    """Read a URL of any scheme; one of HTTP as ``parse_url`` does, others as they are.

    The transport that is mounted for another scheme knows what such a URL means. As a value it has
    its text and an origin of its own, which equals no origin of HTTP; its port is 0.

    Raises:
        MissingSchema, InvalidURL: As ``parse_url``.
    """
    match = SCHEME.match(text)
    if match is None or match[1].lower() in DEFAULT_PORTS:
        return parse_url(text)
    scheme, authority, path, query, fragment = split_reference(text)
    scheme = (scheme or "").lower()
    authority = authority or ""
    host = authority.rpartition("@")[2].lower()
    origin = Origin(scheme, host, 0)
    prefix = text[: len(scheme) + 1] + (f"//{authority}" if authority else "")
    endpoint = Endpoint(prefix, scheme, host, None, 0, None, None, host, authority, origin)
    target = path if query is None else f"{path}?{query}"
    return make_url(text, endpoint, path, query, target, fragment)


def make_url(
    text: str,
    endpoint: Endpoint,
    path: str,
    query: str | None,
    target: str,
    fragment: str | None,
    kind: type[URL] = URL,
) -> URL:
    """Make a URL of what was read already; nothing is checked."""
    draft = _Draft(text, endpoint, path, query, target, fragment)
    draft.__class__ = kind
    return cast("URL", draft)


@lru_cache(maxsize=CACHED_URLS_MAX)
def _cached(text: str) -> URL:
    return _parse(text)


def _parse(text: str) -> URL:
    """Read a URL that is not in the cache: the short way if it is plain, else the long one."""
    return parse_plain(text) or _parse_any(text)


def parse_plain(text: str) -> URL | None:
    """Read a URL the short way; None if it is not plain."""
    plain = PLAIN_URL.fullmatch(text)
    if plain is None or "/." in text:
        return None
    scheme, host, port, path, query, fragment = plain.groups()
    if len(host) > HOST_SIZE_MAX or (port is not None and int(port) > PORT_MAX):
        return None
    return build_url(plain_endpoint(scheme, host, port), path or "/", query, fragment)


def _parse_any(text: str) -> URL:
    """Read a URL by splitting, checking and encoding it, plain or not."""
    text = text.strip(BLANKS)
    parts = split_reference(text)
    if parts.scheme is None:
        raise without_scheme(text)
    return check_parts(text, parts)


def check_parts(text: str, parts: Parts) -> URL:
    """Check and encode the parts of a URL, and build it.

    Args:
        text: The URL as messages show it.
        parts: Its parts as written, with a scheme.

    Raises:
        InvalidSchema: The scheme is neither ``http`` nor ``https``.
        InvalidURL: No request can be sent there.
    """
    scheme = (parts.scheme or "").lower()
    if scheme not in DEFAULT_PORTS:
        raise _not_http(text, scheme)
    if not parts.authority:
        raise invalid(text, "no host supplied")
    try:
        endpoint = read_endpoint(scheme, parts.authority)
        path = remove_dot_segments(encode_path(parts.path)) or "/"
        query = parts.query and encode_query(parts.query)
        fragment = parts.fragment and encode_query(parts.fragment)
    except UnicodeEncodeError:
        raise invalid(text, "it has a lone surrogate") from None
    except ValueError as error:
        raise invalid(text, str(error)) from None
    url = build_url(endpoint, path, query, fragment)
    if not rfc3986_reads(url.text, scheme, endpoint.prefix, url.target):
        raise invalid(text, "it can be read in more than one way")
    return url


def _not_http(text: str, scheme: str) -> InvalidSchema:
    shown, scheme = shown_text(text), cut(scheme.lower())
    return InvalidSchema(f"invalid URL {shown}: the scheme {scheme} is neither http nor https")


def build_url(endpoint: Endpoint, path: str, query: str | None, fragment: str | None) -> URL:
    """Build a URL of parts that are normal, which means checked and encoded.

    Raises:
        InvalidURL: It is too long.
    """
    target = path if query is None else f"{path}?{query}"
    text = endpoint.prefix + target
    if fragment is not None:
        text = f"{text}#{fragment}"
    if len(text) > DEFAULT_LIMITS.url_size_max:
        raise too_long(text)
    draft = _Draft(text, endpoint, path, query, target, fragment)
    draft.__class__ = URL
    return cast("URL", draft)
