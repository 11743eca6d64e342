"""Cookies, by RFC 6265bis: the public names of ``rules.cookies``."""

from __future__ import annotations

from .rules.cookies import (
    Cookie,
    CookieConflictError,
    CookieFormatError,
    CookieJar,
    Deletion,
    cookie_like,
    cookies_from,
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
