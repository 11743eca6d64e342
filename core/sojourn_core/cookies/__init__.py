"""Cookies, by RFC 6265bis (draft-ietf-httpbis-rfc6265bis-22).

``CookieJar.store`` takes what responses set and says what became of it; ``retrieve`` and
``cookie_field`` give what requests send. The rest of the jar is a mapping for use by hand.
"""

from __future__ import annotations

from .cookie import Cookie, cookie_like
from .jar import CookieJar, cookies_from
from .mapping import CookieConflictError

__all__ = ["Cookie", "CookieConflictError", "CookieJar", "cookie_like", "cookies_from"]
