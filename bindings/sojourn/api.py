"""One request without a session of one's own: ``sojourn.get`` and its siblings.

Each call makes a session and closes it. Content that is streamed outlives the call: its connection
is closed when the response has been read, or is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .sync.session import Session

if TYPE_CHECKING:
    from .sync.response import Response

__all__ = ["delete", "get", "head", "options", "patch", "post", "put", "request"]


def request(method: str, url: str | bytes, **kwargs: Any) -> Response:
    """Make a request; arguments are those of ``Session.request``."""
    with Session() as session:
        return session.request(method, url, **kwargs)


def get(url: str | bytes, params: Any = None, **kwargs: Any) -> Response:
    """GET."""
    return request("GET", url, params=params, **kwargs)


def options(url: str | bytes, **kwargs: Any) -> Response:
    """OPTIONS."""
    return request("OPTIONS", url, **kwargs)


def head(url: str | bytes, **kwargs: Any) -> Response:
    """HEAD, whose redirects are not followed unless you say so."""
    kwargs.setdefault("allow_redirects", False)
    return request("HEAD", url, **kwargs)


def post(url: str | bytes, data: Any = None, json: Any = None, **kwargs: Any) -> Response:
    """POST."""
    return request("POST", url, data=data, json=json, **kwargs)


def put(url: str | bytes, data: Any = None, **kwargs: Any) -> Response:
    """PUT."""
    return request("PUT", url, data=data, **kwargs)


def patch(url: str | bytes, data: Any = None, **kwargs: Any) -> Response:
    """PATCH."""
    return request("PATCH", url, data=data, **kwargs)


def delete(url: str | bytes, **kwargs: Any) -> Response:
    """DELETE."""
    return request("DELETE", url, **kwargs)
