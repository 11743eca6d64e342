"""The URL of a request, made of what a caller gives, params included, in the way of Requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .as_is import read_url
from .endpoint import DEFAULT_PORTS
from .percent import encode_path, encode_query, encode_reference
from .query import Params, encode_params
from .reference import Parts, join_parts, split_reference
from .refusals import decode, invalid, without_scheme
from .url import BLANKS, SCHEME, URL, build_url, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable


def prepare_url(text: str | bytes, params: Params = None) -> str:
    """Return the text of the URL that a request is sent to, with params appended.

    As in Requests, a text with a ``:`` that does not start with ``http`` is left alone, and params
    are ignored: it is for an adapter of its own. So is the authority of schemes like ``http+unix``.

    Raises:
        MissingSchema, InvalidURL: As ``parse_url``.
        TypeError, ValueError: As ``encode_params``.
    """
    return _prepare(text, params, parse_url)


def prepare_as_is(text: str | bytes, params: Params = None) -> str:
    """Return the text of a URL as it was given, with params appended; see ``prepare_url``.

    Blanks around it are taken off.
    """
    return _prepare(text, params, read_url)


def _prepare(text: str | bytes, params: Params, read: Callable[[str], URL]) -> str:
    if isinstance(text, bytes):
        text = decode(text)
    text = str(text).strip(BLANKS)
    if ":" in text and text[:4].lower() != "http":
        return text
    match = SCHEME.match(text)
    if match is None or match[1].lower() in DEFAULT_PORTS:
        return with_params(read(text), params).text
    if not text.startswith("//", match.end()):  # "httpbin.test:8080/x"
        raise without_scheme(text)
    return _prepare_for_adapter(text, encode_params(params))


def with_params(url: URL, params: Params) -> URL:
    """Return a URL with params appended to its query.

    Raises:
        InvalidURL: The URL gets too long, or as ``encode_params``.
        TypeError, ValueError: As ``encode_params``.
    """
    added = encode_params(params)
    if not added:
        return url
    query = f"{url.query}&{added}" if url.query else added
    return build_url(url.endpoint, url.path, query, url.fragment)


def _prepare_for_adapter(text: str, added: str) -> str:
    """Encode a URL of a scheme that only starts like ``http``; its authority stays as given."""
    try:
        scheme, authority, path, query, fragment = split_reference(encode_reference(text))
    except UnicodeEncodeError:
        raise invalid(text, "it has a lone surrogate") from None
    if not authority:
        raise invalid(text, "no host supplied")
    assert scheme is not None
    if added:
        query = f"{query}&{added}" if query else added
    query = query and encode_query(query)
    return join_parts(Parts(scheme.lower(), authority, encode_path(path) or "/", query, fragment))
