"""Names of the standard library that old programs import from ``requests.compat``."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, MutableMapping
from http import cookiejar as cookielib
from http.cookies import Morsel
from importlib import import_module
from io import StringIO
from json import JSONDecodeError
from typing import Any, Final
from urllib import request as _request
from urllib.parse import (
    quote,
    quote_plus,
    unquote,
    unquote_plus,
    urldefrag,
    urlencode,
    urljoin,
    urlparse,
    urlsplit,
    urlunparse,
)
from urllib.request import getproxies, getproxies_environment, parse_http_list, proxy_bypass

__all__ = [
    "Callable",
    "JSONDecodeError",
    "Mapping",
    "Morsel",
    "MutableMapping",
    "OrderedDict",
    "StringIO",
    "basestring",
    "builtin_str",
    "bytes",
    "cookielib",
    "getproxies",
    "getproxies_environment",
    "has_simplejson",
    "integer_types",
    "is_py2",
    "is_py3",
    "is_urllib3_1",
    "json",
    "numeric_types",
    "parse_http_list",
    "proxy_bypass",
    "proxy_bypass_environment",
    "quote",
    "quote_plus",
    "str",
    "unquote",
    "unquote_plus",
    "urldefrag",
    "urlencode",
    "urljoin",
    "urlparse",
    "urlsplit",
    "urlunparse",
]

is_py2: Final = False
is_py3: Final = True
is_urllib3_1: Final = False
has_simplejson: Final = False  # JSON is always read by the standard library.

builtin_str = str
str = str  # noqa: A001, PLW0127 - a name that old programs import from here
bytes = bytes  # noqa: A001, PLW0127 - a name that old programs import from here
basestring: Final = (str, bytes)
numeric_types: Final = (int, float)
integer_types: Final = (int,)

proxy_bypass_environment: Callable[..., bool] = getattr(_request, "proxy_bypass_environment")  # noqa: B009 - the types do not know it


def __getattr__(name: str) -> Any:
    """Import what detects charsets, as ``chardet``; None if nothing is installed."""
    if name != "chardet":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for package in ("chardet", "charset_normalizer"):
        try:
            return import_module(package)
        except ImportError:
            continue
    return None
