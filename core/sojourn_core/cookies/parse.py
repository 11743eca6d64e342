"""Reading one Set-Cookie value (RFC 6265bis 5.6).

The value is octets, given as text with one code point for each. Nothing is decoded and no quote
means anything: a value goes back to the server as it came.
"""

from __future__ import annotations

import re
from typing import Final

from .date import parse_date

ATTRIBUTE_SIZE_MAX: Final = 1024
LIFETIME_SECONDS_MAX: Final = 400 * 24 * 60 * 60

# Control characters except HTAB, and what is not an octet.
FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u0100-\U0010ffff]")

_BLANKS: Final = " \t"
_SECONDS: Final = re.compile(r"(-?)([0-9]+)")
_SAME_SITE: Final = {"strict": "Strict", "lax": "Lax", "none": "None"}


class SetCookie:
    """What one Set-Cookie value says, before anything is decided on it.

    Attributes:
        name: May be empty.
        value: May be empty.
        expires: Date of the last Expires that holds one, in seconds since 1970.
        max_age: Lifetime of the last Max-Age that holds one, in seconds, cut to 400 days;
            not above 0 for a cookie that is to go.
        domain: The last Domain, in lower case, without one leading dot; empty counts as none.
        path: The last Path; empty if it does not start with ``/``; None if there is none.
        secure: Whether Secure is there.
        http_only: Whether HttpOnly is there.
        same_site: ``Strict``, ``Lax`` or ``None`` as the last SameSite says, else empty.
    """

    __slots__ = (
        "domain",
        "expires",
        "http_only",
        "max_age",
        "name",
        "path",
        "same_site",
        "secure",
        "value",
    )

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value
        self.expires: int | None = None
        self.max_age: int | None = None
        self.domain = ""
        self.path: str | None = None
        self.secure = False
        self.http_only = False
        self.same_site = ""

    def expires_at(self, now: float) -> float | None:
        """When the cookie ends if it came at ``now``; None if it lives as long as the session.

        Max-Age goes before Expires, and neither reaches further than 400 days (RFC 6265bis 5.5).
        """
        if self.max_age is not None:
            return now + self.max_age if self.max_age > 0 else float("-inf")
        if self.expires is not None:
            return min(float(self.expires), now + LIFETIME_SECONDS_MAX)
        return None


def parse_set_cookie(line: str) -> SetCookie | None:
    """Read the value of one Set-Cookie field line; linear in its size.

    Returns:
        What it says, or None if it has a control character, for which the whole line is refused.
    """
    if FORBIDDEN.search(line) is not None:
        return None
    pair, _, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:  # A nameless cookie: it is all value.
        name, value = "", name
    given = SetCookie(name.strip(_BLANKS), value.strip(_BLANKS))
    if attributes:
        for attribute in attributes.split(";"):
            key, _, value = attribute.partition("=")
            take = _ATTRIBUTES.get(key.strip(_BLANKS).lower())
            if take is None:
                continue
            value = value.strip(_BLANKS)
            # "If the attribute-value is longer than 1024 octets, ignore the cookie-av".
            if len(value) <= ATTRIBUTE_SIZE_MAX:
                take(given, value)
    return given


def _take_expires(given: SetCookie, value: str) -> None:
    expires = parse_date(value)
    if expires is not None:
        given.expires = expires


def _take_max_age(given: SetCookie, value: str) -> None:
    found = _SECONDS.fullmatch(value)
    if found is None:
        return
    if found[1]:
        given.max_age = 0
    else:
        given.max_age = min(int(found[2]), LIFETIME_SECONDS_MAX)


def _take_domain(given: SetCookie, value: str) -> None:
    given.domain = value.removeprefix(".").lower()


def _take_path(given: SetCookie, value: str) -> None:
    given.path = value if value.startswith("/") else ""


def _take_secure(given: SetCookie, _value: str) -> None:
    given.secure = True


def _take_http_only(given: SetCookie, _value: str) -> None:
    given.http_only = True


def _take_same_site(given: SetCookie, value: str) -> None:
    given.same_site = _SAME_SITE.get(value.lower(), "")


_ATTRIBUTES: Final = {
    "expires": _take_expires,
    "max-age": _take_max_age,
    "domain": _take_domain,
    "path": _take_path,
    "secure": _take_secure,
    "httponly": _take_http_only,
    "samesite": _take_same_site,
}
