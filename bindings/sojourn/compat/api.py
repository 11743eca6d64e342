"""One request without a session of one's own, as ``requests.get`` and its siblings."""

from __future__ import annotations

from typing import Any

from . import sessions


def request(method: Any, url: Any, **kwargs: Any) -> Any:
    """Make a request; arguments are those of ``Session.request``."""
    with sessions.Session() as session:
        return session.request(method=method, url=url, **kwargs)


def get(url: Any, params: Any = None, **kwargs: Any) -> Any:
    """GET."""
    return request("get", url, params=params, **kwargs)


def options(url: Any, **kwargs: Any) -> Any:
    """OPTIONS."""
    return request("options", url, **kwargs)


def head(url: Any, **kwargs: Any) -> Any:
    """HEAD, whose redirects are not followed unless you say so."""
    kwargs.setdefault("allow_redirects", False)
    return request("head", url, **kwargs)


def post(url: Any, data: Any = None, json: Any = None, **kwargs: Any) -> Any:
    """POST."""
    return request("post", url, data=data, json=json, **kwargs)


def put(url: Any, data: Any = None, **kwargs: Any) -> Any:
    """PUT."""
    return request("put", url, data=data, **kwargs)


def patch(url: Any, data: Any = None, **kwargs: Any) -> Any:
    """PATCH."""
    return request("patch", url, data=data, **kwargs)


def delete(url: Any, **kwargs: Any) -> Any:
    """DELETE."""
    return request("delete", url, **kwargs)
