"""A cookie jar written down from the standard, step by step: slow, plain, and without an index.

Written from draft-ietf-httpbis-rfc6265bis, chapter 5, whose steps it follows and cites. It shares
no code with ``sojourn_core.cookies``: the tests here hold two ways to do one text against each
other. So nothing is to be made faster or shorter here by a look at the other.

What the standard leaves open, or what both jars decide against its letter, is decided as the jar
decides it, so that a program of these tests says nothing about it:

* A cookie has ended at its expiry-time, not only after it, as browsers have it.
* Accesses are counted and not timed: the clock may stand still between two of them. The cookies of
  one retrieval are accessed at once; which of those is evicted first is for ``choose`` to say.
* Excess is removed when a cookie was stored that was not there before: first of its domain, then of
  the jar. The standard would look for crowded domains first in the second case too. Only a domain
  that was filled by hand can be crowded then, and it is left alone.
* A host that is an address has host-only cookies, whatever Domain says (Chromium does it so).
  By the letter, a Domain equal to the address makes another cookie, which goes to the same host.
* A trailing dot of the host and the brackets of an IPv6 address do not count.
* An Expires longer than ``date_size_max`` is no date.
* A cookie set by hand for the very host that sets one of that name and path is replaced by it,
  whatever the host-only-flag of either.
* Cookies set by hand, and those of them without a domain, are no matter of the standard. The latter
  have no limits and are never evicted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sojourn_core.values.url.url import URL

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
CONTROLS = {chr(code) for code in (*range(0x09), *range(0x0A, 0x20), 0x7F)}  # Without HTAB.
AGE_MAX = 400 * 86400
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class Rules(NamedTuple):
    """What the standard leaves to the user agent."""

    is_public_suffix: Callable[[str], bool]
    lines_max: int = 50
    size_max: int = 4096
    per_domain_max: int = 180
    total_max: int = 3000
    sent_max: int = 150
    field_size_max: int = 8190
    date_size_max: int = 80


class Kept(NamedTuple):
    """A cookie; ``expires`` is None where the persistent-flag is false."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: str
    expires: float | None
    created: float
    number: int  # Of its creation, for those created at the same time.
    by_hand: bool = False

    @property
    def identity(self) -> tuple[str, str, bool, str]:
        return self.name, self.domain, self.host_only, self.path


class ReferenceJar:
    """The cookie store: a list. ``uses`` has the last-access-time of each cookie."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cookies: list[Kept] = []
        self.uses: dict[tuple[str, str, bool, str], int] = {}
        self.count = 0  # Gives the numbers of creation and of use.

    def store(
        self,
        lines: Sequence[str],
        url: URL,
        now: float,
        *,
        same_site: bool = True,
        top_level: bool = True,
        secure: bool | None = None,
        choose: Callable[[int], int] = lambda _: 0,
    ) -> list[str]:
        """Receive cookies (5.6 and 5.7).

        Args:
            lines: Values of Set-Cookie.
            url: The request-uri.
            now: The current time.
            same_site: Whether the request was same-site.
            top_level: Whether it navigated a top-level browsing context.
            secure: Whether the connection is "secure", as the user agent defines it; None for what
                the scheme says.
            choose: Asked for an index where so many cookies may equally well be evicted next.

        Returns:
            For each cookie ``stored``, ``replaced``, ``deleted``, ``expired`` (it had ended as it
            came) or ``refused``; ``evicted`` after it for each that had to go.
        """
        outcomes: list[str] = []
        self.remove_ended(now)
        for line in lines[: self.rules.lines_max]:
            new = self.receive(line, url, now, same_site, top_level, secure)
            if new is None:
                outcomes.append("refused")
                continue
            old = [cookie for cookie in self.cookies if cookie.identity == new.identity]
            # Of the jar's own: a host's cookie replaces one that was set by hand for that host.
            twins = [
                cookie
                for cookie in self.cookies
                if cookie.by_hand
                and cookie.identity != new.identity
                and (cookie.name, cookie.domain, cookie.path) == (new.name, new.domain, new.path)
                and new.domain == canonical(url)
            ]
            self.keep(cookie for cookie in self.cookies if cookie not in twins)
            old += twins
            if old:  # Step 23.
                new = new._replace(created=old[0].created, number=old[0].number)
            ended = new.expires is not None and new.expires <= now
            self.insert(new)
            self.remove_ended(now)
            if ended:
                outcomes.append("deleted" if old else "expired")
            else:
                outcomes.append("replaced" if old else "stored")
            if not ended and not old:
                outcomes += self.remove_excess(new.domain, choose)
        if len(lines) > self.rules.lines_max:
            outcomes.append("refused")
        return outcomes

    def receive(
        self,
        line: str,
        url: URL,
        now: float,
        same_site_request: bool,
        top_level: bool,
        secure_request: bool | None,
    ) -> Kept | None:
        """The new cookie of 5.7 steps 1 to 22, or None where they say "abort these steps"."""
        if any(char in CONTROLS or char > "\xff" for char in line):
            return None  # 5.6 step 1; beyond "\xff" it is no octet.
        pair, *attributes = line.split(";")
        name, value = pair.split("=", 1) if "=" in pair else ("", pair)
        name, value = name.strip(" \t"), value.strip(" \t")
        if len(name) + len(value) > self.rules.size_max or not name + value:
            return None
        given = self.attributes(attributes, url.path, now)

        host = canonical(url)
        domain = str(given.get("domain", ""))
        if not domain.isascii():
            return None  # Step 8.
        if self.rules.is_public_suffix(domain):  # Step 9.
            if domain != host:
                return None
            domain = ""
        if domain and not domain_match(host, domain):  # Step 10.
            return None
        host_only = not domain or is_address(host)
        domain = domain or host
        path = str(given.get("path", default_path(url.path)))

        if secure_request is None:
            secure_request = url.scheme == "https"
        secure = "secure" in given
        if secure and not secure_request:
            return None  # Step 13.
        if not secure and not secure_request:  # Step 16, "leave secure cookies alone".
            for other in self.cookies:
                if (
                    other.name == name
                    and other.secure
                    and (domain_match(other.domain, domain) or domain_match(domain, other.domain))
                    and path_match(path, other.path)
                ):
                    return None
        same_site = str(given.get("samesite", ""))
        if same_site != "None" and not same_site_request and not top_level:
            return None  # Step 18.
        if same_site == "None" and not secure:
            return None  # Step 19.
        if name.lower().startswith("__secure-") and not secure:
            return None  # Step 20.
        if name.lower().startswith("__host-") and not (
            secure and host_only and "path" in given and path == "/"
        ):
            return None  # Step 21.
        if not name and value.lower().startswith(("__secure-", "__host-")):
            return None  # Step 22.

        expires = given.get("max-age", given.get("expires"))  # Step 6.
        return Kept(
            name,
            value,
            domain,
            host_only,
            path,
            secure,
            "httponly" in given,
            same_site,
            None if expires is None else float(expires),
            now,
            self.next(),
        )

    def attributes(self, texts: Iterable[str], url_path: str, now: float) -> dict[str, str | float]:
        """The cookie-attribute-list; of each name the last attribute (5.6.1 to 5.6.7)."""
        given: dict[str, str | float] = {}
        for text in texts:
            name, _, value = text.partition("=")
            name, value = name.strip(" \t").lower(), value.strip(" \t")
            if len(value) > 1024:
                continue
            if name == "expires":
                date = parse_date(value) if len(value) <= self.rules.date_size_max else None
                if date is not None:
                    given[name] = min(date, now + AGE_MAX)
            elif name == "max-age":
                digits = value[1:] if value[:1] == "-" else value
                if digits and all(c in "0123456789" for c in digits):
                    seconds = min(int(value), AGE_MAX)
                    given[name] = now + seconds if seconds > 0 else float("-inf")
            elif name == "domain":
                value = value[1:] if value[:1] == "." else value
                if value.startswith("[") and value.endswith("]"):
                    value = value[1:-1]
                given[name] = value.lower()
            elif name == "path":
                given[name] = value if value[:1] == "/" else default_path(url_path)
            elif name == "samesite":
                word = value.lower().capitalize()
                given[name] = word if word in {"Strict", "Lax", "None"} else ""
            elif name in {"secure", "httponly"}:
                given[name] = ""
        return given

    def remove_ended(self, now: float) -> None:
        """ "The user agent MUST evict all expired cookies"."""
        self.keep(
            cookie for cookie in self.cookies if cookie.expires is None or cookie.expires > now
        )

    def remove_excess(self, domain: str, choose: Callable[[int], int]) -> list[str]:
        """ "Remove excess cookies", after one of ``domain`` was stored."""
        outcomes: list[str] = []
        while True:
            scoped = [cookie for cookie in self.cookies if cookie.domain]
            sharing = [cookie for cookie in scoped if cookie.domain == domain]
            if len(sharing) > self.rules.per_domain_max:
                first = [cookie for cookie in sharing if not cookie.secure] or sharing
            elif len(scoped) > self.rules.total_max:
                first = scoped
            else:
                return outcomes
            earliest = min(self.uses[cookie.identity] for cookie in first)
            tied = [cookie for cookie in first if self.uses[cookie.identity] == earliest]
            gone = tied[choose(len(tied)) if len(tied) > 1 else 0]
            self.keep(cookie for cookie in self.cookies if cookie is not gone)
            outcomes.append("evicted")

    def retrieve(
        self,
        url: URL,
        now: float,
        *,
        unscoped: bool = True,
        same_site: bool = True,
        top_level: bool = True,
        method: str = "GET",
        secure: bool | None = None,
    ) -> list[Kept]:
        """The cookie-list for a request (5.8.3), each of it accessed now."""
        cookie_list = self.cookie_list(url, now, unscoped, secure)
        if not same_site:
            lax = top_level and method in SAFE
            cookie_list = [
                cookie
                for cookie in cookie_list
                if cookie.same_site == "None"
                or (lax and cookie.same_site in {"Lax", ""})
                or not cookie.domain
            ]
        self.use(cookie_list)
        return cookie_list

    def cookie_field(
        self, url: URL, now: float, *, unscoped: bool = True, secure: bool | None = None
    ) -> str | None:
        """The cookie-string for a same-site request, of those cookies for which there is room."""
        sent: list[Kept] = []
        text = ""
        for cookie in self.cookie_list(url, now, unscoped, secure):
            pair = (cookie.name + "=" if cookie.name else "") + cookie.value
            longer = f"{text}; {pair}" if sent else pair
            if len(sent) < self.rules.sent_max and len(longer) <= self.rules.field_size_max:
                sent.append(cookie)
                text = longer
        self.use(sent)
        return text if sent else None

    def cookie_list(self, url: URL, now: float, unscoped: bool, secure: bool | None) -> list[Kept]:
        self.remove_ended(now)
        host = canonical(url)
        found = [
            cookie
            for cookie in self.cookies
            if (
                (unscoped if not cookie.domain else host == cookie.domain)
                or (cookie.domain and not cookie.host_only and domain_match(host, cookie.domain))
            )
            and path_match(url.path, cookie.path)
            and ((url.scheme == "https" if secure is None else secure) or not cookie.secure)
        ]
        return sorted(found, key=lambda cookie: (-len(cookie.path), cookie.created, cookie.number))

    def set_by_hand(self, cookie: Kept) -> None:
        """Keep a cookie as it is; it is as old as it says, and sorts as the one in its place."""
        old = [kept for kept in self.cookies if kept.identity == cookie.identity]
        number = old[0].number if old else self.next()
        self.insert(cookie._replace(number=number, by_hand=True))

    def remove_by_hand(self, name: str | None, domain: str | None, path: str | None) -> None:
        """Remove the cookies that have all of what is not None."""
        self.keep(
            cookie
            for cookie in self.cookies
            if (name is not None and cookie.name != name)
            or (domain is not None and cookie.domain != domain)
            or (path is not None and cookie.path != path)
        )

    def insert(self, cookie: Kept) -> None:
        self.keep(kept for kept in self.cookies if kept.identity != cookie.identity)
        self.cookies.append(cookie)
        self.use([cookie])

    def use(self, cookies: Iterable[Kept]) -> None:
        now = self.next()
        for cookie in cookies:
            self.uses[cookie.identity] = now

    def keep(self, cookies: Iterable[Kept]) -> None:
        self.cookies = list(cookies)

    def next(self) -> int:
        self.count += 1
        return self.count


def canonical(url: URL) -> str:
    """The canonicalized host (5.1.2); ``parse_url`` has done all but the dot."""
    return url.origin.host.removesuffix(".")


def is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def domain_match(string: str, domain: str) -> bool:
    """Whether ``string`` domain-matches ``domain`` (5.1.3)."""
    if string == domain:
        return True
    return domain != "" and string.endswith("." + domain) and not is_address(string)


def default_path(uri_path: str) -> str:
    """The default-path of a cookie (5.1.4)."""
    if uri_path[:1] != "/" or uri_path.count("/") <= 1:
        return "/"
    return "/".join(uri_path.split("/")[:-1])


def path_match(request_path: str, cookie_path: str) -> bool:
    """Whether ``request_path`` path-matches ``cookie_path`` (5.1.4)."""
    if request_path == cookie_path:
        return True
    if not request_path.startswith(cookie_path):
        return False
    return cookie_path[-1] == "/" or request_path[len(cookie_path)] == "/"


def parse_date(text: str) -> float | None:
    """The seconds since 1970 of a cookie-date (5.1.1), or None if it fails to parse."""
    tokens = [""]
    for char in text:
        code = ord(char)
        delimiter = (
            code == 0x09
            or 0x20 <= code <= 0x2F
            or 0x3B <= code <= 0x40
            or 0x5B <= code <= 0x60
            or 0x7B <= code <= 0x7E
        )
        if delimiter:
            tokens.append("")
        else:
            tokens[-1] += char

    time: list[int] = []
    day = month = year = None
    for token in filter(None, tokens):
        fields = token.split(":", 2)
        digits = leading_digits(token)
        if not time and is_time(fields):
            time = [int(leading_digits(field)) for field in fields]
        elif day is None and 1 <= len(digits) <= 2:
            day = int(digits)
        elif month is None and token[:3].lower() in MONTHS:
            month = MONTHS.index(token[:3].lower()) + 1
        elif year is None and 2 <= len(digits) <= 4:
            year = int(digits)
    if not time or day is None or month is None or year is None:
        return None
    if 70 <= year <= 99:
        year += 1900
    elif 0 <= year <= 69:
        year += 2000
    if not 1 <= day <= 31 or year < 1601 or time[0] > 23 or time[1] > 59 or time[2] > 59:
        return None
    try:
        return datetime(year, month, day, *time, tzinfo=UTC).timestamp()
    except ValueError:  # "If no such date exists".
        return None


def is_time(fields: list[str]) -> bool:
    """hms-time [ non-digit *OCTET ]; so only the last field may go on after its digits."""
    if len(fields) != 3 or any(leading_digits(field) != field for field in fields[:2]):
        return False
    return all(1 <= len(leading_digits(field)) <= 2 for field in fields)


def leading_digits(text: str) -> str:
    digits = ""
    for char in text:
        if char not in "0123456789":
            break
        digits += char
    return digits
