"""Sojourn: HTTP for people, sync and asyncio, over a core that does no I/O.

>>> import sojourn
>>> with sojourn.Session() as session:
...     response = session.get("https://example.org/")  # doctest: +SKIP

Each name is loaded when it is first asked for: a blocking program goes without asyncio, and the
command line is ready for Ctrl-C before the library is there.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sojourn_core import (
        PRIVATE_NETWORKS,
        TRANSIENT_STATUSES,
        URL,
        AuthBase,
        AuthFlow,
        BearerAuth,
        Cookie,
        CookieConflictError,
        CookieJar,
        Decision,
        Fields,
        HedgePolicy,
        HTTPBasicAuth,
        HTTPDigestAuth,
        HTTPProxyAuth,
        HTTPProxyDigestAuth,
        Limits,
        Policy,
        PoolLimits,
        RateLimit,
        RedirectHop,
        RedirectVerdict,
        RetryPolicy,
        Rewrite,
        Timeouts,
        TLSInfo,
        TLSSettings,
        WithTrailers,
        __version__,
    )
    from sojourn_core.rules.cookies import CookieFormatError
    from sojourn_core.rules.cookies import merge as merge_cookies

    from . import exceptions
    from .aio.adapter import AsyncBaseAdapter, AsyncHTTPAdapter
    from .aio.response import AsyncResponse
    from .aio.session import AsyncSession
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

__all__ = [
    "PRIVATE_NETWORKS",
    "TRANSIENT_STATUSES",
    "URL",
    "AsyncBaseAdapter",
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
    "HedgePolicy",
    "JSONDecodeError",
    "Limits",
    "Policy",
    "PoolLimits",
    "PreparedRequest",
    "RateLimit",
    "ReadTimeout",
    "RedirectHop",
    "RedirectVerdict",
    "Request",
    "RequestException",
    "Response",
    "RetryPolicy",
    "Rewrite",
    "Session",
    "TLSInfo",
    "TLSSettings",
    "Timeout",
    "Timeouts",
    "TooManyRedirects",
    "URLRequired",
    "WithTrailers",
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

# The modules of the public names. Those that are not listed are the core's.
_OWN = {
    ".aio.adapter": ("AsyncBaseAdapter", "AsyncHTTPAdapter"),
    ".aio.response": ("AsyncResponse",),
    ".aio.session": ("AsyncSession",),
    ".api": ("delete", "get", "head", "options", "patch", "post", "put", "request"),
    ".exceptions": (
        "ConnectTimeout",
        "ConnectionError",
        "HTTPError",
        "JSONDecodeError",
        "ReadTimeout",
        "RequestException",
        "Timeout",
        "TooManyRedirects",
        "URLRequired",
    ),
    ".local.cookie_files": ("CookieFileError", "load_cookies", "save_cookies"),
    ".local.public_suffixes": ("is_public_suffix",),
    "sojourn_core.cookies": ("CookieFormatError", "merge_cookies"),
    ".shared.session_base": ("PreparedRequest", "Request"),
    ".sync.adapter": ("BaseAdapter", "HTTPAdapter"),
    ".sync.response": ("Response",),
    ".sync.session": ("Session",),
}


if not TYPE_CHECKING:  # A type checker knows the names, and refuses all others.

    def __getattr__(name: str) -> object:
        """Load a public name, and keep it where the next look finds it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        if name == "exceptions":
            return import_module(".exceptions", __name__)
        own = next((module for module, names in _OWN.items() if name in names), None)
        module = import_module("sojourn_core" if own is None else own, __name__)
        found = getattr(module, "merge" if name == "merge_cookies" else name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        """Return the public names, and no others: what completion should offer."""
        return sorted(__all__)
