"""One cookie, and the checks on one that is made by hand."""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

from sojourn_core.values.expressions import expression
from sojourn_core.values.fields import cut
from sojourn_core.values.record import field, record
from sojourn_core.values.value import Value

from .domain import is_address
from .parse import FORBIDDEN

CookieValue: TypeAlias = str | bytes | int | float
Place: TypeAlias = tuple[str, str, bool, str]  # Domain, name, host-only, path.

_HOST_NAME: Final = expression(r"[0-9a-z_-]+(?:\.[0-9a-z_-]+)*")
_IPV6: Final = expression(r"[0-9a-f:.]*:[0-9a-f:.]*(?:%[A-Za-z0-9._~-]+)?")
_SAME_SITES: Final = ("", "Strict", "Lax", "None")


@record(frozen=True, kw_only=True)
class Cookie(Value):
    """A cookie as the jar keeps it (RFC 6265bis 5.7).

    Attributes:
        name: One code point for each byte; empty for a nameless cookie.
        value: Likewise. Never shown by ``repr``.
        domain: Canonical, without a leading dot; empty for a cookie set by hand without one,
            which goes to the origin that the caller asks for.
        host_only: It goes to the host ``domain`` alone and to no name below it.
        path: Starts with ``/``.
        secure: It goes over secure connections only.
        http_only: Kept for whoever exports it; every use here is HTTP.
        same_site: ``Strict``, ``Lax``, ``None``, or empty if the server did not say.
        expires: Seconds since 1970; None for a session cookie.
        created: Seconds since 1970; 0.0 if set by hand.
        changed: The time it was set last, in seconds since 1970; a replacement changes it, and not
            ``created``. The jar gives it, as it does the next two; none of them makes cookies
            differ.
        revision: Counts the changes of one time.
        serial: Order of creation within the jar.
    """

    name: str
    value: str = field(repr=False)
    domain: str = ""
    host_only: bool = field(default=False, repr=False)
    path: str = "/"
    secure: bool = field(default=False, repr=False)
    http_only: bool = field(default=False, repr=False)
    same_site: str = field(default="", repr=False)
    expires: float | None = field(default=None, repr=False)
    created: float = field(default=0.0, repr=False)
    changed: float = field(default=0.0, repr=False, compare=False)
    revision: int = field(default=0, repr=False, compare=False)
    serial: int = field(default=0, repr=False, compare=False)

    @property
    def pair(self) -> str:
        """The text that is sent; a nameless cookie without "=" (RFC 6265bis 5.8.3 step 6)."""
        return f"{self.name}={self.value}" if self.name else self.value

    @property
    def place(self) -> Place:
        """The parts that tell cookies of a jar apart."""
        return self.domain, self.name, self.host_only, self.path


class CookieDraft(Value):
    """The attributes of a cookie while it is made; then it becomes one.

    A frozen class would take five times as long, for each line that a server sets. It has the base
    and the slots of a cookie, without which an object cannot change its class.
    """

    __slots__ = Cookie.__slots__


def check_cookie(cookie: Cookie) -> None:
    """Refuse a cookie that could not be sent, or would be read as something else.

    Nameless cookies pass: servers set them.

    Raises:
        ValueError: The message names the cookie and the part, and never the value.
    """
    shown = cut(cookie.name)
    for part, text, forbidden in (
        ("name", cookie.name, ";="),
        ("value", cookie.value, ";"),
        (
            "path",
            cookie.path,
            "",
        ),  # That of a URL, which a cookie without Path takes, may have ";".
    ):
        found = FORBIDDEN.search(text)
        if found is not None:
            kind = "control character" if ord(found[0]) < 0x80 else "character outside ISO-8859-1"
            raise ValueError(
                f"the {part} of cookie {shown} has a {kind} at position {found.start()}"
            )
        for char in forbidden:
            if char in text:
                raise ValueError(f"the {part} of cookie {shown} has a {char!r}")
        if text != text.strip(" \t"):
            raise ValueError(f"the {part} of cookie {shown} starts or ends with a blank")
    if not cookie.path.startswith("/"):
        raise ValueError(f"the path {cut(cookie.path)} of cookie {shown} does not start with '/'")
    if cookie.domain != canonical_domain(cookie.domain, cookie.name):
        raise ValueError(f"the domain {cut(cookie.domain)} of cookie {shown} is not canonical")
    if cookie.same_site not in _SAME_SITES:
        raise ValueError(f"the SameSite value {cut(cookie.same_site)} of cookie {shown} is unknown")
    _check_times(cookie)


def _check_times(cookie: Cookie) -> None:
    for time in (cookie.expires, cookie.created, cookie.changed):
        if time is not None and not math.isfinite(time):
            raise ValueError(f"a time of cookie {cut(cookie.name)} is {time}, which is no time")


def canonical_domain(domain: str, name: str) -> str:
    """Return a domain that was written by hand in the form that cookies are kept under.

    A leading dot, a trailing dot, the case of letters and the brackets of an IPv6 address go.

    Raises:
        ValueError: It is not a host name in ASCII and not an address; the message names the
            cookie, ``name``.
    """
    if not domain:
        return ""
    canonical = domain.removeprefix(".").removesuffix(".")
    if canonical.startswith("[") and canonical.endswith("]"):
        canonical = canonical[1:-1]
    host, percent, zone = canonical.partition("%")  # The case of a zone counts.
    canonical = host.lower() + percent + zone
    if _HOST_NAME.fullmatch(canonical) is None and _IPV6.fullmatch(canonical) is None:
        raise ValueError(f"the domain {cut(domain)} of cookie {cut(name)} is not a host name")
    return canonical


def make_cookie(
    name: str,
    value: CookieValue,
    *,
    domain: str = "",
    path: str = "/",
    secure: bool = False,
    expires: float | None = None,
    http_only: bool = False,
    same_site: str = "",
    host_only: bool = False,
) -> Cookie:
    """Build a cookie by hand.

    A number becomes text as ``str`` writes it. With a domain that is an address the cookie is
    host-only, for there is nothing below an address.

    Raises:
        ValueError: A part has a control character, ``;``, or what else would not go through as
            meant; the message never holds the value.
        TypeError: The value is of a type that is no text and no number.
    """
    if not name:
        raise ValueError("the name of a cookie is empty")
    if ";" in path:
        raise ValueError(f"the path of cookie {cut(name)} has a ';'")
    domain = canonical_domain(domain, name)
    cookie = Cookie(
        name=name,
        value=_as_value(name, value),
        domain=domain,
        host_only=bool(domain) and (host_only or is_address(domain)),
        path=path or "/",
        secure=secure,
        http_only=http_only,
        same_site=same_site,
        expires=expires,
    )
    check_cookie(cookie)
    return cookie


def cookie_like(given: Any) -> Cookie:
    """Build the same cookie as one of the standard library's (or any object shaped like it).

    Such cookies keep a leading dot in their domain and say with ``domain_specified`` whether the
    server named one; if it did not, they are host-only.

    Raises:
        ValueError: As ``make_cookie``.
    """
    rest: dict[str, Any] = getattr(given, "_rest", None) or {}
    extra = {key.lower(): value for key, value in rest.items()}
    same_site = str(extra.get("samesite") or "").capitalize()
    return make_cookie(
        given.name,
        given.value or "",  # It is None for a cookie without "=".
        domain=given.domain or "",
        path=given.path or "/",
        secure=bool(given.secure),
        expires=given.expires,
        http_only="httponly" in extra,
        same_site=same_site if same_site in _SAME_SITES else "",
        host_only=not getattr(given, "domain_specified", True),
    )


def _as_value(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, int | float):
        return str(value)
    raise TypeError(
        f"the value of cookie {cut(name)} must be str, bytes or a number, "
        f"not {type(value).__name__}"
    )
