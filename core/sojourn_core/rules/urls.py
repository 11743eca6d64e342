"""URLs by the policy: how one that is given is prepared, and how the text of a request is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.url.as_is import read_url
from sojourn_core.values.url.prepare import prepare_as_is, prepare_url
from sojourn_core.values.url.url import URL, parse_any_url

if TYPE_CHECKING:
    from sojourn_core.values.url.query import Params

    from .policy import Policy


def prepare_by(policy: Policy, text: str | bytes, params: Params = None) -> str:
    """Return the text of the URL that a request is sent to, with params appended.

    Raises:
        MissingSchema, InvalidURL: It is none that a request can be sent to.
        TypeError, ValueError: As ``encode_params``.
    """
    return (prepare_as_is if policy.path_as_is else prepare_url)(text, params)


def read_by(policy: Policy, text: str) -> URL:
    """Read the URL of a prepared request, which may have been set by hand.

    Raises:
        MissingSchema, InvalidURL: It is none that a request can be sent to.
    """
    return read_url(text)


def parse_by(policy: Policy, text: str) -> URL:
    """Read a URL that is not sent, for its origin: given by a caller, normal or not.

    Raises:
        MissingSchema, InvalidURL: It is none that a request can be sent to.
    """
    return parse_any_url(text)
