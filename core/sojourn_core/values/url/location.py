"""The target of a Location field (RFC 9110 section 10.2.2)."""

from __future__ import annotations

from typing import Final

from sojourn_core.values.expressions import expression

from .percent import encode_octets, encode_path, encode_query
from .plain import PLAIN_LOCATION
from .reference import Parts, resolve_parts, split_reference
from .refusals import invalid
from .url import URL, build_url, check_parts, parse_plain

_CONTROL: Final = expression(r"[\x00-\x20\x7f]")


def resolve_location(base: URL, location: str) -> URL:
    """Resolve a Location (RFC 9110 section 10.2.2, RFC 3986 section 5.2, strict).

    The result has neither the userinfo nor the fragment of the base; a fragment that is inherited
    is for the caller to add.

    Args:
        base: The URL that the response came from.
        location: The field value, one code point for each byte. Bytes outside the authority are
            percent-encoded as they are; those of the authority are UTF-8.

    Raises:
        InvalidSchema: The scheme is neither ``http`` nor ``https``; the message names it.
        InvalidURL: The target is not a URL of HTTP.
    """
    location = location.strip(" \t")
    plain = PLAIN_LOCATION.fullmatch(location)
    if plain is not None and "/." not in location:
        path, query, fragment = plain.groups()
        return build_url(base.endpoint.without_userinfo(), path, query, fragment)
    return parse_plain(location) or resolve_any(base, location)


def resolve_any(base: URL, location: str) -> URL:
    """Resolve a Location by splitting, checking and encoding it, plain or not."""
    try:
        location.encode("latin-1")
    except UnicodeEncodeError:
        raise invalid(location, "a field value has one code point for each octet") from None
    scheme, authority, path, query, fragment = split_reference(location)
    before, colon, _ = path.partition(":")
    if colon and "/" not in before and _CONTROL.search(before) is not None:
        # "ht<tab>tp://b.test/": some remove the control character, and find a scheme.
        raise invalid(location, "a blank or control character is where a scheme would be")
    path = encode_octets(path)
    query = query and encode_octets(query)
    fragment = fragment and encode_octets(fragment)
    if scheme is not None or authority is not None:
        try:
            authority = authority and authority.encode("latin-1").decode()
        except UnicodeDecodeError:
            raise invalid(location, "its authority is not UTF-8") from None
        return check_parts(location, Parts(scheme or base.scheme, authority, path, query, fragment))
    given = Parts(
        None,
        None,
        encode_path(path),
        query and encode_query(query),
        fragment and encode_query(fragment),
    )
    target = resolve_parts(Parts(base.scheme, "", base.path, base.query, None), given)
    endpoint = base.endpoint.without_userinfo()
    return build_url(endpoint, target.path, target.query, target.fragment)
