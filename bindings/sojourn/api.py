"""One request without a session of one's own: ``sojourn.get`` and its siblings.

Each call makes a session and closes it. Content that is streamed outlives the call: its connection
is closed when the response has been read, or is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sync.session import Session

if TYPE_CHECKING:
    from typing import Unpack

    from sojourn_core.messages.arguments import (
        JSON,
        Data,
        DataArguments,
        GetArguments,
        Params,
        PostArguments,
        RequestArguments,
        URLInput,
    )
    from sojourn_core.messages.request import PreparedRequest

    from .sync.response import Response

__all__ = ["delete", "get", "head", "options", "patch", "post", "put", "request"]


def request(
    method: str, url: URLInput, **kwargs: Unpack[RequestArguments[Response, PreparedRequest]]
) -> Response:
    """Make a request; arguments are those of ``Session.request``."""
    with Session() as session:
        return session.request(method, url, **kwargs)


def get(
    url: URLInput, params: Params = None, **kwargs: Unpack[GetArguments[Response, PreparedRequest]]
) -> Response:
    """GET."""
    return request("GET", url, params=params, **kwargs)


def options(
    url: URLInput, **kwargs: Unpack[RequestArguments[Response, PreparedRequest]]
) -> Response:
    """OPTIONS."""
    return request("OPTIONS", url, **kwargs)


def head(url: URLInput, **kwargs: Unpack[RequestArguments[Response, PreparedRequest]]) -> Response:
    """HEAD, whose redirects are not followed unless you say so."""
    kwargs.setdefault("allow_redirects", False)
    return request("HEAD", url, **kwargs)


def post(
    url: URLInput,
    data: Data = None,
    json: JSON = None,
    **kwargs: Unpack[PostArguments[Response, PreparedRequest]],
) -> Response:
    """POST."""
    return request("POST", url, data=data, json=json, **kwargs)


def put(
    url: URLInput, data: Data = None, **kwargs: Unpack[DataArguments[Response, PreparedRequest]]
) -> Response:
    """PUT."""
    return request("PUT", url, data=data, **kwargs)


def patch(
    url: URLInput, data: Data = None, **kwargs: Unpack[DataArguments[Response, PreparedRequest]]
) -> Response:
    """PATCH."""
    return request("PATCH", url, data=data, **kwargs)


def delete(
    url: URLInput, **kwargs: Unpack[RequestArguments[Response, PreparedRequest]]
) -> Response:
    """DELETE."""
    return request("DELETE", url, **kwargs)
