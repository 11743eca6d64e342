"""URLs that are sent as they stand: set on a prepared request, or given under ``path_as_is``.

Their path and query are not repaired: dot segments stay, and so does every character that can stand
in a request line at all. Only their authority is read as that of any URL, and refused where two
readers could take it for two hosts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sojourn_core.values.expressions import expression
from sojourn_core.values.limits import DEFAULT_LIMITS

from .endpoint import DEFAULT_PORTS, read_endpoint
from .percent import encode_non_ascii
from .reference import split_reference
from .refusals import invalid, too_long, without_scheme
from .url import (
    CACHED_TEXT_SIZE_MAX,
    CACHED_URLS_MAX,
    SCHEME,
    URL,
    make_url,
    parse_any_url,
    parse_plain,
)

# A blank ends a request-target, and a line break the request line (RFC 9112 section 3).
_NEVER_SENT: Final = expression(r"[\x00-\x20\x7f]")


def read_url(text: str) -> URL:
    """Read a URL as it stands. One of another scheme than HTTP's is read by ``parse_any_url``.

    The text of the URL is the one given. What is outside ASCII has no form in a request line but
    its percent-encoding (RFC 3986 section 2), and is sent in that.

    Raises:
        MissingSchema: There is no scheme.
        InvalidURL: It has a blank or a control character, or no request can be sent there, or it is
            longer than ``Limits.url_size_max``. No message holds a userinfo.
    """
    return _cached(text) if len(text) <= CACHED_TEXT_SIZE_MAX else _read(text)


@lru_cache(maxsize=CACHED_URLS_MAX)
def _cached(text: str) -> URL:
    return _read(text)


def _read(text: str) -> URL:
    plain = parse_plain(text)
    if plain is not None and plain.text == text:  # Not one without a path, which gets one.
        return plain
    match = SCHEME.match(text)
    if match is None:
        raise without_scheme(text)
    if match[1].lower() not in DEFAULT_PORTS:
        return parse_any_url(text)
    if len(text) > DEFAULT_LIMITS.url_size_max:
        raise too_long(text)
    if _NEVER_SENT.search(text) is not None:
        raise invalid(text, "it has a blank or a control character, and is to be sent as it is")
    scheme, authority, path, query, fragment = split_reference(text)
    if not (scheme and authority):
        raise invalid(text, "no host supplied")
    try:
        endpoint = read_endpoint(scheme.lower(), authority)
        path = encode_non_ascii(path) or "/"
        query = query and encode_non_ascii(query)
        fragment = fragment and encode_non_ascii(fragment)
    except UnicodeEncodeError:
        raise invalid(text, "it has a lone surrogate") from None
    except ValueError as error:
        raise invalid(text, str(error)) from None
    target = path if query is None else f"{path}?{query}"
    return make_url(text, endpoint, path, query, target, fragment)
