"""Requests without a session: ``requests.get`` and its siblings."""

from __future__ import annotations

from typing import Any

from . import sessions


def request(method: Any, url: Any, **kwargs: Any) -> Any:
    """Make a request; arguments are those of ``Session.request``."""
    with sessions.Session() as session:
        return session.request(method=method, url=url, **kwargs)


def get(url: Any, params: Any = None, **kwargs: Any) -> Any:
    """Send a GET request."""
    return request("get", url, params=params, **kwargs)


def options(url: Any, **kwargs: Any) -> Any:
    """Send an OPTIONS request."""
    return request("options", url, **kwargs)


def head(url: Any, **kwargs: Any) -> Any:
    """Send a HEAD request; redirects are not followed by default."""
    kwargs.setdefault("allow_redirects", False)
    return request("head", url, **kwargs)


def post(url: Any, data: Any = None, json: Any = None, **kwargs: Any) -> Any:
    """Send a POST request."""
    return request("post", url, data=data, json=json, **kwargs)


def put(url: Any, data: Any = None, **kwargs: Any) -> Any:
    """Send a PUT request."""
    return request("put", url, data=data, **kwargs)


def patch(url: Any, data: Any = None, **kwargs: Any) -> Any:
    """Send a PATCH request."""
    return request("patch", url, data=data, **kwargs)


def delete(url: Any, **kwargs: Any) -> Any:
    """Send a DELETE request."""
    return request("delete", url, **kwargs)
