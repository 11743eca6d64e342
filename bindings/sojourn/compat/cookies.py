"""Cookie jars under Requests' names, and the modules that Requests has under theirs here."""

from __future__ import annotations

import calendar
import copy
import threading
import time
from http.cookiejar import Cookie, CookieJar, CookiePolicy
from http.cookies import Morsel
from typing import Any, cast

from sojourn.local.jar_messages import (
    MockRequest,
    MockResponse,
    extract_cookies_to_jar,
    get_cookie_header,
)
from sojourn.local.netscape_jar import (
    CookieConflictError,
    RequestsCookieJar,
    cookiejar_from_dict,
    create_cookie,
    merge_cookies,
    morsel_to_cookie,
    remove_cookie_by_name,
)

from .borrowed import borrowed
from .compat import MutableMapping

__all__ = [
    "Cookie",
    "CookieConflictError",
    "CookieJar",
    "CookiePolicy",
    "MockRequest",
    "MockResponse",
    "Morsel",
    "MutableMapping",
    "RequestsCookieJar",
    "calendar",
    "cookiejar_from_dict",
    "copy",
    "copy_cookie_jar",
    "create_cookie",
    "extract_cookies_to_jar",
    "get_cookie_header",
    "merge_cookies",
    "morsel_to_cookie",
    "remove_cookie_by_name",
    "threading",
    "time",
]


def copy_cookie_jar(jar: CookieJar | None) -> CookieJar | None:
    """Return a jar of the same kind with copies of the cookies; None for None."""
    if jar is None:
        return None
    if hasattr(jar, "copy"):
        copied: CookieJar = cast("Any", jar).copy()
        return copied
    emptied = copy.copy(jar)
    emptied.clear()  # ``clear`` sets a new dictionary: the one that both share is left alone.
    for cookie in jar:
        emptied.set_cookie(copy.copy(cookie))
    return emptied


_copy_cookie_jar = copy_cookie_jar  # Requests' own name.


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
