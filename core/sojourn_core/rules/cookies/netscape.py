"""The file format of Netscape, ``cookies.txt``, as curl, Wget and browsers' exports write it.

A line is a cookie: seven fields with a TAB between them.

    domain  subdomains  path  secure  end  name  value

``subdomains`` and ``secure`` are TRUE or FALSE; a dot before the domain says the same as the former
and does not count. The end is in whole seconds since 1970, 0 for a session cookie. Lines that start
with ``#`` are comments, but for ``#HttpOnly_``, which stands before the domain of such a cookie.

The format knows nothing of SameSite and of when a cookie was set or deleted.

curl also reads files of header lines, ``Set-Cookie: name=value; Domain=a.test``, such as
``curl --dump-header`` writes. Such a line without Domain says nothing of a host: its cookie is like
one that is set by hand without a domain.

Source: curl's documentation of the format (https://curl.se/docs/http-cookies.html).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.limits import DEFAULT_LIMITS

from .accept import decide_restored
from .cookie import Cookie, canonical_domain, check_cookie
from .domain import is_address, is_likely_public_suffix
from .parse import parse_set_cookie

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.limits import Limits

    from .jar import CookieJar

HEADER: Final = "# Netscape HTTP Cookie File"
HTTP_ONLY: Final = "#HttpOnly_"

_FIELD_LINE: Final = re.compile(r"Set-Cookie:(.*)", re.IGNORECASE | re.DOTALL)
_FLAGS: Final = {"TRUE": True, "FALSE": False}
# Browsers' extensions write fractions, the standard library an empty field for a session cookie.
_END: Final = re.compile(r"([0-9]{0,18})(?:\.[0-9]{0,18})?")


def parse_cookies_txt(
    text: str,
    now: float,
    decisions: list[Decision] | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    is_public_suffix: Callable[[str], bool] | None = None,
) -> list[Cookie]:
    """Read the cookies of a file.

    A cookie has to pass what one has to that the host of its domain sets over TLS.

    Args:
        text: The file, with one code point for each byte.
        now: Wall time; what has ended by then is left out.
        decisions: Where to report the lines that are left out: what has ended as
            ``cookie.expired``, what is not a cookie as ``cookie.skipped.malformed``, and what no
            host may set with the code of that refusal, such as ``cookie.rejected.public-suffix``.
            The subject is ``line 7``, and nothing of the line is shown.
        limits: The size of a cookie is one of them.
        is_public_suffix: Says whether others register names under a domain; the short rule of a
            jar, if it is not given.

    Returns:
        The cookies, the later of two for one place. Their ``created`` and ``changed`` are 0.0: what
        does not say when it was set counts as older than all that does.
    """
    found: dict[tuple[str, str, bool, str], Cookie] = {}
    reports: list[Decision] = [] if decisions is None else decisions
    rule = is_public_suffix or is_likely_public_suffix
    # Not splitlines: it would cut at bytes that are part of a value, such as 0x85.
    for number, ended in enumerate(_without_mark(text).split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip(" \t") or (line.startswith("#") and not line.startswith(HTTP_ONLY)):
            continue
        try:
            field = _FIELD_LINE.match(line)
            if field is None:
                cookie = _parse_line(line, serial=number)
            else:
                cookie = _parse_field(field[1], now, serial=number)
        except ValueError:
            reports.append(_report("cookie.skipped.malformed", number, "it is not a cookie"))
            continue
        refusal = decide_restored(cookie, rule, limits.cookie_size_max)
        if refusal is not None:
            reports.append(_report(refusal.code, number, refusal.reason, refusal.section))
            continue
        if cookie.expires is not None and cookie.expires <= now:
            found.pop(cookie.place, None)
            reports.append(_report("cookie.expired", number, "it has ended"))
            continue
        found[cookie.place] = cookie
    return list(found.values())


def _without_mark(text: str) -> str:
    """Return the text without a byte order mark, be it three bytes or one character."""
    return text.removeprefix("\ufeff").removeprefix("\xef\xbb\xbf")


def _parse_line(line: str, *, serial: int) -> Cookie:
    """Read a line of seven fields.

    Raises:
        ValueError: It is none; the message may show the domain and the name.
    """
    http_only = line.startswith(HTTP_ONLY)
    fields = line.removeprefix(HTTP_ONLY).split("\t", 6)  # The value may have a TAB.
    if len(fields) == 6:  # Some editors take the TAB before an empty value away.
        fields.append("")
    if len(fields) != 7:
        raise ValueError(f"a cookie has seven fields, not {len(fields)}")
    domain, subdomains, path, secure, end, name, value = fields
    found = _END.fullmatch(end)
    subdomains_flag = _FLAGS.get(subdomains.upper())
    secure_flag = _FLAGS.get(secure.upper())
    if found is None or subdomains_flag is None or secure_flag is None:
        raise ValueError("a flag or the end is no such")
    domain = canonical_domain(domain, name)
    if not domain or not (name or value):
        raise ValueError("it has no domain, or neither name nor value")
    cookie = Cookie(
        name=name,
        value=value,
        domain=domain,
        # There is nothing below an address, and no domain of one label is anybody's own.
        host_only=not subdomains_flag or is_address(domain) or "." not in domain,
        path=path or "/",
        secure=secure_flag,
        http_only=http_only,
        expires=float(end) if found[1].strip("0") else None,
        serial=serial,
    )
    check_cookie(cookie)
    return cookie


def _parse_field(value: str, now: float, *, serial: int) -> Cookie:
    """Read the value of a Set-Cookie field.

    Raises:
        ValueError: It is no cookie that could be sent.
    """
    given = parse_set_cookie(value.strip(" \t"))
    if given is None or not (given.name or given.value):
        raise ValueError("it has a control character, or neither name nor value")
    domain = canonical_domain(given.domain, given.name)
    cookie = Cookie(
        name=given.name,
        value=given.value,
        domain=domain,
        host_only=bool(domain) and (is_address(domain) or "." not in domain),
        path=given.path or "/",
        secure=given.secure,
        http_only=given.http_only,
        same_site=given.same_site,
        expires=_finite(given.expires_at(now)),
        serial=serial,
    )
    check_cookie(cookie)
    return cookie


def _finite(expires: float | None) -> float | None:
    """Return an end; one that lies before all times is 1970."""
    return None if expires is None else max(expires, 0.0)


def _report(code: str, number: int, reason: str, section: str = "") -> Decision:
    return Decision(code=code, subject=f"line {number}", reason=reason, section=section)


def format_cookies_txt(jar: CookieJar) -> str:
    """Write the cookies of a jar as a file, with one code point for each byte.

    The older ones come first, so that who reads the file sends them in the same order. Left out is
    what the format cannot hold: cookies without a domain, and those with a TAB in them, which other
    readers would take for the end of a field.
    """
    lines = [HEADER, ""]
    for cookie in sorted(jar, key=lambda cookie: (cookie.created, cookie.serial, cookie.place)):
        fields = (
            f"{HTTP_ONLY if cookie.http_only else ''}{'' if cookie.host_only else '.'}"
            + cookie.domain,
            "FALSE" if cookie.host_only else "TRUE",
            cookie.path,
            "TRUE" if cookie.secure else "FALSE",
            # A cookie that expired in 1970 must not become a session cookie.
            "0" if cookie.expires is None else str(max(int(cookie.expires), 1)),
            cookie.name,
            cookie.value,
        )
        if cookie.domain and not any("\t" in field for field in fields):
            lines.append("\t".join(fields))
    return "\n".join(lines) + "\n"
