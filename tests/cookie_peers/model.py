"""What a situation is, and what our own jar makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sojourn_core import parse_url
from sojourn_core.rules.cookies import Cookie, CookieJar
from sojourn_core.rules.cookies.domain import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """What Chromium does on purpose where the draft says something else.

    Attributes:
        sent: Its Cookie field.
        reason: Why.
    """

    sent: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One request and its response.

    Attributes:
        url: As it is requested: a default port, a path, no fragment.
        sets: The Set-Cookie lines of the response, one code point for each octet.
        sent: The Cookie field that the request must have; None for none.
        chromium: What Chromium sends in its place.
        by: What makes the request: the address bar, a link on the page before, a form there that
            posts, or a redirect from there, which is the response to the visit before.
        cross_site: Whether the request is cross-site.
    """

    url: str
    sets: tuple[str, ...] = ()
    sent: str | None = None
    chromium: Otherwise | None = None
    by: Literal["address", "link", "form", "redirect"] = "address"
    cross_site: bool = False

    @property
    def sent_by_chromium(self) -> str | None:
        """The Cookie field that Chromium must send."""
        return self.sent if self.chromium is None else self.chromium.sent


@dataclass(frozen=True, slots=True)
class Situation:
    """A conversation that begins without any cookie.

    Attributes:
        name: What holds, as a sentence.
        visits: In their order.
        needs_list: Whether only the list of public suffixes tells what must be done.
        kept_otherwise: Why what Chromium keeps in the end is not compared.
    """

    name: str
    visits: tuple[Visit, ...]
    needs_list: bool = False
    kept_otherwise: str = ""


def situation(
    name: str, *visits: Visit, needs_list: bool = False, kept_otherwise: str = ""
) -> Situation:
    """Make a situation of its visits."""
    return Situation(name, visits, needs_list, kept_otherwise)


def visit(
    url: str,
    *sets: str,
    sent: str | None = None,
    by: Literal["address", "link", "form", "redirect"] = "address",
    chromium: Otherwise | None = None,
    cross_site: bool = False,
) -> Visit:
    """Make a visit of its Set-Cookie lines."""
    return Visit(url, sets, sent, chromium, by, cross_site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A cookie as it can be compared between jars.

    Attributes:
        domain: With a leading dot if it reaches the names below.
        expires: Seconds since 1970; None for a session cookie.
    """

    name: str
    value: str
    domain: str
    path: str
    secure: bool
    http_only: bool
    same_site: str
    expires: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a situation.

    Attributes:
        sent: The Cookie field of each visit.
        kept: The cookies in the end, in the order of domain, path, name.
        scripts: The cookies that a script on the last page sees, as ``document.cookie``.
    """

    sent: tuple[str | None, ...]
    kept: tuple[Kept, ...]
    scripts: str


def in_order(kept: list[Kept]) -> tuple[Kept, ...]:
    """The cookies of a jar in an order that does not depend on it."""
    return tuple(sorted(kept, key=lambda each: (each.domain, each.path, each.name)))


def play(
    which: Situation, now: float, is_public_suffix: Callable[[str], bool] | None = None
) -> Outcome:
    """Have our jar go through a situation, at one time."""
    jar = CookieJar(is_public_suffix=is_public_suffix)
    sent: list[str | None] = []
    for each in which.visits:
        url = parse_url(each.url)
        same_site = not each.cross_site
        method = "POST" if each.by == "form" else "GET"
        # As the default policy has it, and browsers.
        secure = url.scheme == "https" or is_loopback(url.origin.host)
        cookies = jar.retrieve(url, now, same_site=same_site, method=method, secure=secure)
        sent.append("; ".join(cookie.pair for cookie in cookies) or None)
        if same_site:
            assert jar.cookie_field(url, now, secure=secure) == sent[-1]
        jar.store(each.sets, url, now, same_site=same_site, secure=secure)
    last = parse_url(which.visits[-1].url)
    secure = last.scheme == "https" or is_loopback(last.origin.host)
    seen = [cookie for cookie in jar.retrieve(last, now, secure=secure) if not cookie.http_only]
    return Outcome(
        sent=tuple(sent),
        kept=in_order([_kept(cookie) for cookie in jar]),
        scripts="; ".join(cookie.pair for cookie in seen),
    )


def _kept(cookie: Cookie) -> Kept:
    return Kept(
        name=cookie.name,
        value=cookie.value,
        domain=cookie.domain if cookie.host_only else f".{cookie.domain}",
        path=cookie.path,
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=cookie.same_site,
        expires=cookie.expires,
    )


A: Final = "http://a.test"
SECURE_A: Final = "https://a.test"
SUB: Final = "http://sub.a.test"
SECURE_SUB: Final = "https://sub.a.test"
B: Final = "http://b.test"
SECURE_B: Final = "https://b.test"
