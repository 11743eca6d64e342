"""URLs: one reading decides where to connect and what Host, cookies and credentials go by.

A ``URL`` in hand is valid, normal and an ``http`` or ``https`` one; nobody checks it again. Its
text reads back as itself. What a URL may be is RFC 3986 (the generic syntax) and RFC 9110 section
4.2 (its use by HTTP); the ways that differ from what Requests takes are refusals, all of them in
the authority (see ``authority.py``).

A plain URL, which is nearly every one, is recognised by one regular expression and not taken apart
further. All others go the long way: split, checked, encoded, put together, and compared with what
rfc3986 reads. On what the short way accepts, both give the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, cast, final

from sojourn_core.values.errors import InvalidSchema, InvalidURL, MissingSchema
from sojourn_core.values.fields import cut
from sojourn_core.values.limits import DEFAULT_LIMITS

from .authority import HOST_SIZE_MAX, IPV4_PATTERN, PORT_MAX
from .endpoint import DEFAULT_PORTS, Origin, Place, plain_place, read_place
from .percent import encode_octets, encode_path, encode_query, encode_reference
from .query import Params, encode_pairs, encode_params
from .reference import (
    Parts,
    join_parts,
    remove_dot_segments,
    resolve_parts,
    resolve_reference,
    rfc3986_reads,
    split_reference,
)

__all__ = [
    "URL",
    "Origin",
    "encode_pairs",
    "encode_params",
    "parse_any_url",
    "parse_url",
    "prepare_url",
    "resolve_location",
    "resolve_reference",
    "shown_text",
    "with_params",
]

CACHED_TEXT_SIZE_MAX: Final = 2048
CACHED_URLS_MAX: Final = 1024

# What str.strip() takes off, as Requests does, without the information separators U+001C to U+001F
# and U+0085: these are controls, and a URL that starts with one is refused.
BLANKS: Final = "".join(
    char
    for char in map(chr, range(0x3001))
    if char.isspace() and char not in "\x1c\x1d\x1e\x1f\x85"
)

# A path, query or fragment in which nothing has to be encoded or decoded: the escapes are those of
# characters that are not unreserved. The quantifiers are possessive, so that no input backtracks.
_ESCAPE: Final = "%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|[46]0|5[B-E]|7[B-DF])"
_IN_PATH: Final = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|{_ESCAPE})*+"
_IN_QUERY: Final = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]++|{_ESCAPE})*+"
_AFTER_PATH: Final = rf"(?:\?({_IN_QUERY}))?(?:#({_IN_QUERY}))?"
_PLAIN_LABEL: Final = "(?!xn--)[a-z0-9_-]{1,63}"
_PLAIN: Final = re.compile(
    rf"(https?)://((?:{_PLAIN_LABEL}\.)*(?!xn--)[a-z][a-z0-9_-]{{0,62}}|{IPV4_PATTERN})"
    rf"(?::([1-9][0-9]{{0,4}}))?(/{_IN_PATH})?{_AFTER_PATH}"
)
_PLAIN_LOCATION: Final = re.compile(rf"(/(?!/){_IN_PATH}){_AFTER_PATH}")

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BEFORE_SECRET: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?/*")
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]")


class _Draft:
    """The attributes of a URL while it is made; then it becomes one.

    A frozen class would take four times as long, on a path that each request with params takes.
    """

    __slots__ = (
        "authority",
        "explicit_port",
        "fragment",
        "host",
        "host_field",
        "origin",
        "path",
        "place",
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
        place: Place,
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
        self.place = place
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
        ) = place


@final
class URL(_Draft):
    """An ``http`` or ``https`` URL, read by ``parse_url``. It cannot be changed; equal by text.

    Attributes:
        text: The whole of it, normalised: userinfo as given but percent-encoded, a port that is
            given kept even if it is the default one.
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
        place: What this URL has in common with all that have its authority.
    """

    __slots__ = ()

    def __new__(cls, text: str | bytes) -> URL:
        return parse_url(text)

    def __init__(self, text: str | bytes) -> None:
        """See ``parse_url``, which has done all of it."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a URL cannot be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a URL cannot be changed: {name}")

    def with_fragment(self, fragment: str | None) -> URL:
        """This URL with another fragment, given as text; None for none.

        Raises:
            InvalidURL: The fragment cannot be encoded, or the URL gets too long.
        """
        if fragment is not None:
            try:
                fragment = encode_query(fragment)
            except UnicodeEncodeError:
                raise _invalid(self.text, "its fragment has a lone surrogate") from None
        return _made(self.place, self.path, self.query, fragment)

    def without_userinfo(self) -> URL:
        """This URL without user and password."""
        if self.userinfo is None:
            return self
        return _made(self.place.without_userinfo(), self.path, self.query, self.fragment)

    def absolute_form(self) -> str:
        """The request-target for a proxy (RFC 9112 section 3.2.2): no userinfo, no fragment."""
        return f"{self.scheme}://{self.host_field}{self.target}"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        if self.userinfo is None:
            return f"URL({self.text!r})"
        place = self.place.prefix.rpartition("@")[2]
        masked = f"{self.scheme}://***@{place}{self.text[len(self.place.prefix) :]}"
        return f"URL({masked!r})"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, URL) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        return parse_any_url, (self.text,)


def parse_url(text: str | bytes) -> URL:
    """Read an ``http`` or ``https`` URL: text, or its octets as UTF-8.

    Blanks around it are taken off. In path, query and fragment everything that may not stand there
    is percent-encoded, and dot segments are removed; an authority is taken as it is or refused.

    Raises:
        MissingSchema: There is no scheme.
        InvalidSchema: The scheme is another one.
        InvalidURL: No request can be sent there, or it is longer than ``Limits.url_size_max``.
            No message holds a userinfo.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    elif text.__class__ is not str:
        text = str(text)
    if len(text) <= CACHED_TEXT_SIZE_MAX:
        return _cached(text)
    if len(text) > DEFAULT_LIMITS.url_size_max:
        raise _too_long(text)
    return _parse(text)


def parse_any_url(text: str) -> URL:
    """As ``parse_url``, but with URLs of other schemes taken as they are.

    What they mean is known to the transport that is mounted for them. As a value such a URL has the
    text and an origin of its own, which equals no origin of HTTP; its port is 0.

    Raises:
        MissingSchema, InvalidURL: As ``parse_url``.
    """
    match = _SCHEME.match(text)
    if match is None or match[1].lower() in DEFAULT_PORTS:
        return parse_url(text)
    scheme, authority, path, query, fragment = split_reference(text)
    scheme = (scheme or "").lower()
    authority = authority or ""
    host = authority.rpartition("@")[2].lower()
    origin = Origin(scheme, host, 0)
    prefix = text[: len(scheme) + 1] + (f"//{authority}" if authority else "")
    place = Place(prefix, scheme, host, None, 0, None, None, host, authority, origin)
    target = path if query is None else f"{path}?{query}"
    draft = _Draft(text, place, path, query, target, fragment)
    draft.__class__ = URL
    return cast("URL", draft)


def prepare_url(text: str | bytes, params: Params = None) -> str:
    """The text of the URL that a request is sent to, with params appended, as Requests makes it.

    A text with a ``:`` that does not start with ``http`` is left alone, and params are ignored: it
    is for an adapter of its own. So is the authority of schemes like ``http+unix``.

    Raises:
        MissingSchema, InvalidURL: As ``parse_url``.
        TypeError, ValueError: As ``encode_params``.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    text = str(text).strip(BLANKS)
    if ":" in text and text[:4].lower() != "http":
        return text
    match = _SCHEME.match(text)
    if match is None or match[1].lower() in DEFAULT_PORTS:
        return with_params(parse_url(text), params).text
    if not text.startswith("//", match.end()):  # "httpbin.test:8080/x"
        raise _without_scheme(text)
    return _prepared_for_adapter(text, encode_params(params))


def with_params(url: URL, params: Params) -> URL:
    """A URL with params appended to its query.

    Raises:
        InvalidURL: The URL gets too long, or as ``encode_params``.
        TypeError, ValueError: As ``encode_params``.
    """
    added = encode_params(params)
    if not added:
        return url
    query = f"{url.query}&{added}" if url.query else added
    return _made(url.place, url.path, query, url.fragment)


def resolve_location(base: URL, location: str) -> URL:
    """Where a Location field leads (RFC 9110 section 10.2.2, RFC 3986 section 5.2, strict).

    Neither userinfo nor fragment of the base are inherited; the fragment is the caller's to add.

    Args:
        base: The URL that the response came from.
        location: The field value, one code point for each octet. Octets outside the authority
            are percent-encoded as they are; those of the authority are UTF-8.

    Raises:
        InvalidSchema: It is not one for HTTP; the message names it.
        InvalidURL: It leads nowhere.
    """
    location = location.strip(" \t")
    plain = _PLAIN_LOCATION.fullmatch(location)
    if plain is not None and "/." not in location:
        path, query, fragment = plain.groups()
        return _made(base.place.without_userinfo(), path, query, fragment)
    return _resolve(base, location)


def _resolve(base: URL, location: str) -> URL:
    """The long way of ``resolve_location``."""
    try:
        location.encode("latin-1")
    except UnicodeEncodeError:
        raise _invalid(location, "a field value has one code point for each octet") from None
    scheme, authority, path, query, fragment = split_reference(location)
    before, colon, _ = path.partition(":")
    if colon and "/" not in before and _CONTROL.search(before) is not None:
        # "ht<tab>tp://b.test/": some remove the control character, and find a scheme.
        raise _invalid(location, "a blank or control character is where a scheme would be")
    path = encode_octets(path)
    query = query and encode_octets(query)
    fragment = fragment and encode_octets(fragment)
    if scheme is not None or authority is not None:
        try:
            authority = authority and authority.encode("latin-1").decode()
        except UnicodeDecodeError:
            raise _invalid(location, "its authority is not UTF-8") from None
        return _from_parts(location, Parts(scheme or base.scheme, authority, path, query, fragment))
    given = Parts(
        None,
        None,
        encode_path(path),
        query and encode_query(query),
        fragment and encode_query(fragment),
    )
    target = resolve_parts(Parts(base.scheme, "", base.path, base.query, None), given)
    place = base.place.without_userinfo()
    return _made(place, target.path, target.query, target.fragment)


@lru_cache(maxsize=CACHED_URLS_MAX)
def _cached(text: str) -> URL:
    return _parse(text)


def _parse(text: str) -> URL:
    """``parse_url`` of what the cache does not have: the short way, or else the long one."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None and "/." not in text:
        scheme, host, port, path, query, fragment = plain.groups()
        if len(host) <= HOST_SIZE_MAX and (port is None or int(port) <= PORT_MAX):
            return _made(plain_place(scheme, host, port), path or "/", query, fragment)
    return _parse_any(text)


def _parse_any(text: str) -> URL:
    """The long way of ``_parse``."""
    text = text.strip(BLANKS)
    parts = split_reference(text)
    if parts.scheme is None:
        raise _without_scheme(text)
    return _from_parts(text, parts)


def _from_parts(text: str, parts: Parts) -> URL:
    """A URL of parts that are neither checked nor encoded; ``text`` is what messages show."""
    scheme = (parts.scheme or "").lower()
    if scheme not in DEFAULT_PORTS:
        raise InvalidSchema(
            f"invalid URL {shown_text(text)}: the scheme {cut(scheme)} is neither http nor https"
        )
    if not parts.authority:
        raise _invalid(text, "no host supplied")
    try:
        place = read_place(scheme, parts.authority)
        path = remove_dot_segments(encode_path(parts.path)) or "/"
        query = parts.query and encode_query(parts.query)
        fragment = parts.fragment and encode_query(parts.fragment)
    except UnicodeEncodeError:
        raise _invalid(text, "it has a lone surrogate") from None
    except ValueError as error:
        raise _invalid(text, str(error)) from None
    url = _made(place, path, query, fragment)
    if not rfc3986_reads(url.text, scheme, place.prefix, url.target):
        raise _invalid(text, "it can be read in more than one way")
    return url


def _made(place: Place, path: str, query: str | None, fragment: str | None) -> URL:
    """A URL of parts that are normal.

    Raises:
        InvalidURL: It is too long.
    """
    target = path if query is None else f"{path}?{query}"
    text = place.prefix + target
    if fragment is not None:
        text = f"{text}#{fragment}"
    if len(text) > DEFAULT_LIMITS.url_size_max:
        raise _too_long(text)
    draft = _Draft(text, place, path, query, target, fragment)
    draft.__class__ = URL
    return cast("URL", draft)


def _prepared_for_adapter(text: str, added: str) -> str:
    """A URL of a scheme that only starts like ``http``, with its authority as given."""
    try:
        scheme, authority, path, query, fragment = split_reference(encode_reference(text))
    except UnicodeEncodeError:
        raise _invalid(text, "it has a lone surrogate") from None
    if not authority:
        raise _invalid(text, "no host supplied")
    assert scheme is not None
    if added:
        query = f"{query}&{added}" if query else added
    query = query and encode_query(query)
    return join_parts(Parts(scheme.lower(), authority, encode_path(path) or "/", query, fragment))


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise InvalidURL(f"invalid URL {shown_text(octets.decode('latin-1'))}: not UTF-8") from None


def shown_text(text: str) -> str:
    """A URL for a message: what may be a userinfo is masked, wherever its author took it to end."""
    end = max(text.rfind(char) for char in "@\uff20\ufe6b")
    if end >= 0:
        start = _BEFORE_SECRET.match(text, 0, end)
        assert start is not None, "it matches nothing at least"
        text = f"{start[0]}***@{text[end + 1 :]}"
    return cut(text, 256)


def _invalid(text: str, reason: str) -> InvalidURL:
    return InvalidURL(f"invalid URL {shown_text(text)}: {reason}")


def _too_long(text: str) -> InvalidURL:
    return _invalid(text, f"longer than {DEFAULT_LIMITS.url_size_max} characters")


def _without_scheme(text: str) -> MissingSchema:
    shown = shown_text(text)
    meant = shown[1:-1].lstrip("/")
    return MissingSchema(
        f"invalid URL {shown}: no scheme supplied; perhaps you meant https://{meant}?"
    )
