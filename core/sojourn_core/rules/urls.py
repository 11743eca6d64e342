"""URLs by the policy: how one that is given is prepared, read and redirected.

The module of Requests' rules is loaded where a policy asks for them: its expressions take as long
to compile as all others of URLs together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.url.as_is import read_url
from sojourn_core.values.url.prepare import prepare_as_is, prepare_url
from sojourn_core.values.url.url import CACHED_TEXT_SIZE_MAX, parse_any_url

if TYPE_CHECKING:
    from sojourn_core.values.url.query import Params
    from sojourn_core.values.url.url import URL

    from .policy import Policy


def prepare_by(policy: Policy, text: str | bytes, params: Params = None) -> URL | str:
    """Return the URL that a request is sent to, with params appended; its text if it is not read.

    Raises:
        MissingSchema, InvalidURL: It is none that a request can be sent to.
        TypeError, ValueError: As ``encode_params``.
    """
    if policy.path_as_is:
        return prepare_as_is(text, params)
    if policy.url_rules == "requests":
        from sojourn_core.values.url.as_requests import plain_as_requests, prepare_as_requests

        if not params and isinstance(text, str) and len(text) <= CACHED_TEXT_SIZE_MAX:
            plain = plain_as_requests(text)
            if plain is not None:
                return plain
        return prepare_as_requests(text, params)
    return prepare_url(text, params)


def read_by(policy: Policy, text: str) -> URL:
    """Read the URL of a prepared request, which may have been set by hand.

    Raises:
        MissingSchema, InvalidURL: It is none that a request can be sent to.
    """
    if policy.url_rules == "requests" and not policy.path_as_is:
        from sojourn_core.values.url.as_requests import read_as_requests

        return read_as_requests(text)
    return read_url(text)


def parse_by(policy: Policy, text: str) -> URL:
    """Read a URL that is not sent, for its origin: given by a caller, normal or not.

    Raises:
        MissingSchema, InvalidURL: It is none that a request can be sent to.
    """
    if policy.url_rules == "requests":
        return read_by(policy, text)
    return parse_any_url(text)


def location_text(policy: Policy, value: str | None) -> str | None:
    """Return the value of a Location as text.

    Args:
        policy: Under Requests' rules it is read as UTF-8; else it stays as it is.
        value: One character for each byte; None for no Location.
    """
    if value is None or value.isascii() or policy.url_rules != "requests":
        return value
    from sojourn_core.values.url.as_requests import utf_8_text

    return utf_8_text(value)
