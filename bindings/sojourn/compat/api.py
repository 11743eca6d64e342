"""Requests without a session: ``requests.get`` and its siblings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import sessions

if TYPE_CHECKING:
    from typing import Unpack

    from sojourn_core.messages.arguments import JSON, Params, URLInput

    from .arguments import Data, DataArguments, GetArguments, PostArguments, RequestArguments
    from .models import Response


def request(method: str, url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response:
    """Make a request; arguments are those of ``Session.request``."""
    with sessions.Session() as session:
        return session.request(method=method, url=url, **kwargs)


def get(url: URLInput, params: Params = None, **kwargs: Unpack[GetArguments]) -> Response:
    """Send a GET request."""
    return request("get", url, params=params, **kwargs)


def options(url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response:
    """Send an OPTIONS request."""
    return request("options", url, **kwargs)


def head(url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response:
    """Send a HEAD request; redirects are not followed by default."""
    kwargs.setdefault("allow_redirects", False)
    return request("head", url, **kwargs)


def post(
    url: URLInput, data: Data = None, json: JSON = None, **kwargs: Unpack[PostArguments]
) -> Response:
    """Send a POST request."""
    return request("post", url, data=data, json=json, **kwargs)


def put(url: URLInput, data: Data = None, **kwargs: Unpack[DataArguments]) -> Response:
    """Send a PUT request."""
    return request("put", url, data=data, **kwargs)


def patch(url: URLInput, data: Data = None, **kwargs: Unpack[DataArguments]) -> Response:
    """Send a PATCH request."""
    return request("patch", url, data=data, **kwargs)


def delete(url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response:
    """Send a DELETE request."""
    return request("delete", url, **kwargs)
