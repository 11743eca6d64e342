"""Sojourn: HTTP for people, sync and asyncio, over a core that does no I/O.

>>> import sojourn
>>> with sojourn.Session() as session:
...     response = session.get("https://example.org/")  # doctest: +SKIP
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sojourn_core import (
    PRIVATE_NETWORKS,
    URL,
    AuthBase,
    AuthFlow,
    BearerAuth,
    Cookie,
    CookieConflictError,
    CookieJar,
    Decision,
    Fields,
    HTTPBasicAuth,
    HTTPDigestAuth,
    HTTPProxyAuth,
    HTTPProxyDigestAuth,
    Limits,
    Policy,
    PoolLimits,
    RedirectHop,
    RedirectVerdict,
    Rewrite,
    Timeouts,
    __version__,
)
from sojourn_core.rules.cookies import CookieFormatError
from sojourn_core.rules.cookies import merge as merge_cookies

from . import exceptions
from .api import delete, get, head, options, patch, post, put, request
from .exceptions import (
    ConnectionError,
    ConnectTimeout,
    HTTPError,
    JSONDecodeError,
    ReadTimeout,
    RequestException,
    Timeout,
    TooManyRedirects,
    URLRequired,
)
from .local.cookie_files import CookieFileError, load_cookies, save_cookies
from .local.public_suffixes import is_public_suffix
from .shared.session_base import PreparedRequest, Request
from .sync.adapter import BaseAdapter, HTTPAdapter
from .sync.response import Response
from .sync.session import Session

if TYPE_CHECKING:
    from .aio.adapter import AsyncHTTPAdapter
    from .aio.response import AsyncResponse
    from .aio.session import AsyncSession

__all__ = [
    "PRIVATE_NETWORKS",
    "URL",
    "AsyncHTTPAdapter",
    "AsyncResponse",
    "AsyncSession",
    "AuthBase",
    "AuthFlow",
    "BaseAdapter",
    "BearerAuth",
    "ConnectTimeout",
    "ConnectionError",
    "Cookie",
    "CookieConflictError",
    "CookieFileError",
    "CookieFormatError",
    "CookieJar",
    "Decision",
    "Fields",
    "HTTPAdapter",
    "HTTPBasicAuth",
    "HTTPDigestAuth",
    "HTTPError",
    "HTTPProxyAuth",
    "HTTPProxyDigestAuth",
    "JSONDecodeError",
    "Limits",
    "Policy",
    "PoolLimits",
    "PreparedRequest",
    "ReadTimeout",
    "RedirectHop",
    "RedirectVerdict",
    "Request",
    "RequestException",
    "Response",
    "Rewrite",
    "Session",
    "Timeout",
    "Timeouts",
    "TooManyRedirects",
    "URLRequired",
    "__version__",
    "delete",
    "exceptions",
    "get",
    "head",
    "is_public_suffix",
    "load_cookies",
    "merge_cookies",
    "options",
    "patch",
    "post",
    "put",
    "request",
    "save_cookies",
]

logging.getLogger("sojourn").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """The asyncio half, loaded when it is asked for: blocking programs go without asyncio."""
    if name == "AsyncSession":
        from .aio.session import AsyncSession

        return AsyncSession
    if name == "AsyncResponse":
        from .aio.response import AsyncResponse

        return AsyncResponse
    if name == "AsyncHTTPAdapter":
        from .aio.adapter import AsyncHTTPAdapter

        return AsyncHTTPAdapter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
