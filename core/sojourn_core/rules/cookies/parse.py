"""Reads one Set-Cookie value (RFC 6265bis 5.6).

The value is bytes, given as text with one code point for each. Nothing is decoded and no quote
means anything: a value goes back to the server as it came.

A server writes the same attributes behind each of its cookies, so what the last of them say is
remembered; the name and the value of a cookie are no part of that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sojourn_core.values.expressions import expression
from sojourn_core.values.named_tuple import NamedTuple

from .date import parse_date

ATTRIBUTE_SIZE_MAX: Final = 1024
LIFETIME_SECONDS_MAX: Final = 400 * 24 * 60 * 60

# Control characters except HTAB, and what is not a byte.
FORBIDDEN: Final = expression(r"[^\t\x20-\x7e\x80-\xff]")

_BLANKS: Final = " \t"
_REMEMBERED_MAX: Final = 256
_REMEMBERED_SIZE_MAX: Final = 256
_SECONDS: Final = expression(r"(-?)([0-9]+)")
_SAME_SITE: Final = {"strict": "Strict", "lax": "Lax", "none": "None"}


class Attributes(NamedTuple):
    """The part behind the first ``;``; ``SetCookie`` says what each attribute is."""

    expires: int | None = None
    max_age: int | None = None
    domain: str = ""
    path: str | None = None
    secure: bool = False
    http_only: bool = False
    same_site: str = ""


_NO_ATTRIBUTES: Final = Attributes()


class SetCookie:
    """The content of one Set-Cookie value, before anything is decided on it.

    Attributes:
        name: May be empty.
        value: May be empty.
        expires: Date of the last Expires that holds one, in seconds since 1970.
        max_age: Lifetime of the last Max-Age that holds one, in seconds, cut to 400 days;
            not above 0 for a cookie that is to go.
        domain: The last Domain, in lower case, without one leading dot; empty counts as none.
        path: The last Path; empty if it does not start with ``/``; None if there is none.
        secure: Secure is there.
        http_only: HttpOnly is there.
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

    def __init__(self, name: str, value: str, attributes: Attributes = _NO_ATTRIBUTES) -> None:
        self.name = name
        self.value = value
        (
            self.expires,
            self.max_age,
            self.domain,
            self.path,
            self.secure,
            self.http_only,
            self.same_site,
        ) = attributes

    def expires_at(self, now: float) -> float | None:
        """Return the end of a cookie that came at ``now``; None if it lives as long as the session.

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
        The content, or None if the line has a control character, for which it is refused whole.
    """
    # A plain line is recognised in half the time.
    if not (line.isascii() and line.isprintable()) and FORBIDDEN.search(line) is not None:
        return None
    pair, _, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:  # A nameless cookie: it is all value.
        name, value = "", name
    name, value = name.strip(_BLANKS), value.strip(_BLANKS)
    if not attributes:
        return SetCookie(name, value)
    read = _remembered if len(attributes) <= _REMEMBERED_SIZE_MAX else _read_attributes
    return SetCookie(name, value, read(attributes))


def _read_attributes(text: str) -> Attributes:
    given = SetCookie("", "")
    for attribute in text.split(";"):
        key, _, value = attribute.partition("=")
        take = _ATTRIBUTES.get(key.strip(_BLANKS).lower())
        if take is None:
            continue
        value = value.strip(_BLANKS)
        # "If the attribute-value is longer than 1024 octets, ignore the cookie-av".
        if len(value) <= ATTRIBUTE_SIZE_MAX:
            take(given, value)
    return Attributes(
        given.expires,
        given.max_age,
        given.domain,
        given.path,
        given.secure,
        given.http_only,
        given.same_site,
    )


_remembered: Final = lru_cache(_REMEMBERED_MAX)(_read_attributes)


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
