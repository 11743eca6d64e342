"""Cookies, by RFC 6265bis: the public names of ``rules.cookies``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rules.cookies import CookieConflictError, CookieJar, Deletion, cookies_from
from .values.lazy import loader

if TYPE_CHECKING:
    from .rules.cookies import (
        Cookie,
        CookieFormatError,
        cookie_like,
        cookies_from_json,
        cookies_to_json,
        format_cookies_txt,
        merge,
        parse_cookies_txt,
    )

__all__ = [
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

if not TYPE_CHECKING:  # The others are loaded when they are asked for.
    __getattr__ = loader(__name__, {"sojourn_core.rules.cookies": __all__})
