"""The file format of Netscape, ``cookies.txt``, as curl, Wget and browsers' exports write it.

A line is a cookie: seven fields with a TAB between them.

    domain  subdomains  path  secure  end  name  value

``subdomains`` and ``secure`` are TRUE or FALSE; a dot before the domain says the same as the former
and does not count. The end is in whole seconds since 1970, 0 for a session cookie. Lines that start
with ``#`` are comments, but for ``#HttpOnly_``, which stands before the domain of such a cookie.

The format knows nothing of SameSite and of when a cookie was set or deleted.

Source: curl's documentation of the format (https://curl.se/docs/http-cookies.html).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision

from .cookie import Cookie, canonical_domain, check_cookie
from .domain import is_address

if TYPE_CHECKING:
    from .jar import CookieJar

HEADER: Final = "# Netscape HTTP Cookie File"
HTTP_ONLY: Final = "#HttpOnly_"

_FLAGS: Final = {"TRUE": True, "FALSE": False}
# Browsers' extensions write fractions, the standard library an empty field for a session cookie.
_END: Final = re.compile(r"([0-9]{0,18})(?:\.[0-9]{0,18})?")


def parse_cookies_txt(
    text: str, now: float, decisions: list[Decision] | None = None
) -> list[Cookie]:
    """Read the cookies of a file.

    Args:
        text: The file, with one code point for each octet.
        now: Wall time; what has ended by then is left out.
        decisions: Where to report the lines that are left out: what has ended as
            ``cookie.expired``, what is not a cookie as ``cookie.skipped.malformed``; the subject
            is ``line 7``, and nothing of the line is shown.

    Returns:
        The cookies, the later of two for one place. Their ``created`` and ``changed`` are 0.0: what
        does not say when it was set counts as older than all that does.
    """
    found: dict[tuple[str, str, bool, str], Cookie] = {}
    reports: list[Decision] = [] if decisions is None else decisions
    # Not splitlines: it would cut at octets that are part of a value, such as 0x85.
    for number, ended in enumerate(_without_mark(text).split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip(" \t") or (line.startswith("#") and not line.startswith(HTTP_ONLY)):
            continue
        try:
            cookie = _parse_line(line, serial=number)
        except ValueError:
            reports.append(_report("cookie.skipped.malformed", number, "it is not a cookie"))
            continue
        if cookie.expires is not None and cookie.expires <= now:
            found.pop(cookie.place, None)
            reports.append(_report("cookie.expired", number, "it has ended"))
            continue
        found[cookie.place] = cookie
    return list(found.values())


def _without_mark(text: str) -> str:
    """The text without a byte order mark, as octets or as the character."""
    return text.removeprefix("\ufeff").removeprefix("\xef\xbb\xbf")


def _parse_line(line: str, *, serial: int) -> Cookie:
    """One cookie.

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
        host_only=not subdomains_flag or is_address(domain),
        path=path or "/",
        secure=secure_flag,
        http_only=http_only,
        expires=float(end) if found[1].strip("0") else None,
        serial=serial,
    )
    check_cookie(cookie)
    return cookie


def _report(code: str, number: int, reason: str) -> Decision:
    return Decision(code=code, subject=f"line {number}", reason=reason)


def format_cookies_txt(jar: CookieJar) -> str:
    """The cookies of a jar as a file, with one code point for each octet.

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
            # What ended in 1970 must not become a session cookie.
            "0" if cookie.expires is None else str(max(int(cookie.expires), 1)),
            cookie.name,
            cookie.value,
        )
        if cookie.domain and not any("\t" in field for field in fields):
            lines.append("\t".join(fields))
    return "\n".join(lines) + "\n"
