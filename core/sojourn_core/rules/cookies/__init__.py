"""Cookies, by RFC 6265bis (draft-ietf-httpbis-rfc6265bis-22).

``CookieJar.store`` takes what responses set and says what became of it; ``retrieve`` and
``cookie_field`` give what requests send. The rest of the jar is a mapping for use by hand.

``merge`` makes one jar of two that went apart. ``cookies_to_json`` and ``format_cookies_txt`` write
a jar down, and their counterparts read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.lazy import loader

from .deletions import Deletion
from .jar import NO_GUARD, CookieJar, cookies_from
from .mapping import CookieConflictError

if TYPE_CHECKING:
    from .cookie import Cookie, cookie_like
    from .interchange import CookieFormatError, cookies_from_json, cookies_to_json
    from .merging import merge
    from .netscape import format_cookies_txt, parse_cookies_txt

__all__ = [
    "NO_GUARD",
    "Cookie",
    "CookieConflictError",
    "CookieFormatError",
    "CookieJar",
    "Deletion",
    "cookie_like",
    "cookies_from",
    "cookies_from_json",
    "cookies_to_json",
    "format_cookies_txt",
    "merge",
    "parse_cookies_txt",
]

if not TYPE_CHECKING:  # One cookie, files of them and merging are loaded when they are asked for.
    __getattr__ = loader(
        __name__,
        {
            ".cookie": ("Cookie", "cookie_like"),
            ".interchange": ("CookieFormatError", "cookies_from_json", "cookies_to_json"),
            ".merging": ("merge",),
            ".netscape": ("format_cookies_txt", "parse_cookies_txt"),
        },
    )
