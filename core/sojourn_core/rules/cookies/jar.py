"""The cookie jar: store and retrieve (RFC 6265bis 5.7 and 5.8.3).

What a request costs depends on the cookies of its own host and the domains above it, never on the
jar.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.limits import DEFAULT_LIMITS

from .accept import (
    CONTROL,
    COUNT,
    DELETED,
    EVICTED,
    EXPIRED,
    OVERLAY,
    REPLACED,
    STORED,
    Response,
    Verdict,
    decide_domain,
    decide_refusal,
    decision_on,
)
from .cookie import check_cookie, stored_cookie
from .deletions import Deletions, next_version
from .domain import canonical_host, default_path, is_likely_public_suffix
from .index import CookieIndex
from .mapping import CookieMapping
from .parse import parse_set_cookie
from .retrieval import Retrieval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.url import URL

    from .cookie import Cookie
    from .deletions import Deletion
    from .parse import SetCookie

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1.


class CookieJar(CookieMapping):
    """Cookies, those that servers set and those set by hand.

    Not locked: who shares one between threads guards it. Nothing that a server sends makes it
    raise, and no clock is asked: ``now`` is wall time, in seconds since 1970. What is changed by
    hand counts as changed at the latest time that the jar was told.

    Args:
        cookies: A jar, a mapping or pairs to begin with.
        limits: How many cookies are kept and sent, and their size; and how many records of
            deletions are kept.
        is_public_suffix: Whether others register names under a domain (given in lower case).
            Without it a short rule decides, which knows ``com`` and ``co.uk``.
    """

    __slots__ = ("_index", "_retrieval", "_serial", "_told", "is_public_suffix", "limits")

    def __init__(
        self,
        cookies: Any = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        is_public_suffix: Callable[[str], bool] | None = None,
    ) -> None:
        self.limits = limits
        self.is_public_suffix = is_public_suffix
        self._index = CookieIndex(Deletions(limits.cookie_deletions_max))
        self._retrieval = Retrieval(self._index)
        self._serial = 0
        self._told = 0.0
        if cookies is not None:
            self.update(cookies)

    # Store

    def store(
        self,
        lines: Iterable[str],
        url: URL,
        now: float,
        *,
        hop: int = 0,
        same_site: bool = True,
        top_level: bool = True,
    ) -> list[Decision]:
        """Take the cookies that a response sets (RFC 6265bis 5.7).

        Args:
            lines: Values of its Set-Cookie lines, in their order; one code point for each octet.
            url: What the response answers.
            now: Wall time.
            hop: The request of the call, for the decisions.
            same_site: Whether the request was same-site.
            top_level: Whether it was a top-level navigation.

        Returns:
            What became of each cookie. Never raises for what a server sends.
        """
        lines = list(lines)
        if not lines:
            return []
        self._retrieval.changing()
        self._told = max(self._told, now)
        self._index.remove_ended(now)
        self._index.deletions.trim()
        host = canonical_host(url.origin.host)
        response = Response(host, url.scheme == "https", same_site, top_level)
        decisions: list[Decision] = []
        most = self.limits.set_cookies_max
        for count, line in enumerate(lines):
            if count >= most:
                decisions.append(decision_on(COUNT, "Set-Cookie", hop))
                break
            given = parse_set_cookie(line)
            if given is None:
                # A line without "=" is all value, and no value is shown.
                name, equals, _ = line.partition(";")[0].partition("=")
                decisions.append(decision_on(CONTROL, name.strip(" \t") if equals else "", hop))
                continue
            verdict = self._store_one(given, response, url.path, now)
            decisions.append(decision_on(verdict, given.name, hop))
            if verdict is STORED:
                self._evict(given, decisions, hop)
        return decisions

    def _store_one(
        self, given: SetCookie, response: Response, url_path: str, now: float
    ) -> Verdict:
        scope = decide_domain(
            given, response.host, self.is_public_suffix or is_likely_public_suffix
        )
        if isinstance(scope, Verdict):
            return scope
        domain, host_only = scope
        path = given.path or default_path(url_path)
        refusal = decide_refusal(
            given, response, host_only=host_only, path=path, size_max=self.limits.cookie_size_max
        )
        if refusal is not None:
            return refusal
        given.domain = domain
        place = (domain, given.name, host_only, path)
        index = self._index
        if not response.secure and index.overlays_secure(given.name, domain, path):
            return OVERLAY
        old = index.find(domain, (given.name, host_only, path))
        expires = given.expires_at(now)
        if expires is not None and expires <= now:
            return DELETED if index.delete(place, now) else EXPIRED
        if old is None:
            self._serial += 1
        known = index.deletions.find(place) if old is None else old.cookie
        changed, revision = next_version(known, now)
        index.add(
            stored_cookie(
                given.name,
                given.value,
                domain,
                path,
                host_only=host_only,
                secure=given.secure,
                http_only=given.http_only,
                same_site=given.same_site,
                expires=expires,
                # "Update the creation-time of the newly-created cookie to match".
                created=now if old is None else old.cookie.created,
                changed=changed,
                revision=revision,
                serial=self._serial if old is None else old.cookie.serial,
            )
        )
        return STORED if old is None else REPLACED

    def _evict(self, given: SetCookie, decisions: list[Decision], hop: int) -> None:
        limits = self.limits
        while True:
            entry = self._index.excess(
                given.domain, limits.cookies_per_domain_max, limits.cookies_max
            )
            if entry is None:
                return
            self._index.remove(entry)
            decisions.append(decision_on(EVICTED, entry.cookie.name, hop))

    # Retrieve

    def retrieve(
        self,
        url: URL,
        now: float,
        *,
        unscoped: bool = True,
        same_site: bool = True,
        top_level: bool = True,
        method: str = "GET",
    ) -> list[Cookie]:
        """The cookies for a request, in the order of sending (RFC 6265bis 5.8.3).

        Args:
            url: Where the request goes.
            now: Wall time.
            unscoped: Whether those that were set by hand without a domain count too: the URL is of
                the origin that the caller asked for.
            same_site: Whether the request is same-site. If it is not, a cookie goes only if its
                SameSite is ``None``, or is ``Lax`` or unsaid and this is a top-level navigation
                with a safe method.
            top_level: Whether the request is a top-level navigation.
            method: Its method.
        """
        if now > self._told:  # noqa: PLR1730 - max costs a call
            self._told = now
        retrieval = self._retrieval
        taken = retrieval.take(url, now, unscoped=unscoped)
        if not same_site:
            lax = top_level and method in SAFE_METHODS
            taken = [entry for entry in taken if _crosses_sites(entry.cookie, lax=lax)]
        retrieval.touch(taken)
        return [entry.cookie for entry in taken]

    def cookie_field(self, url: URL, now: float, *, unscoped: bool = True) -> str | None:
        """The value of the Cookie field for a same-site request, or None if there is none.

        Cookies beyond ``limits.cookies_sent_max`` are left out, and each that would take the field
        beyond ``limits.cookie_field_size_max``; so no server can make the next request fail.

        Args:
            url: As for ``retrieve``.
            now: Wall time.
            unscoped: As for ``retrieve``.
        """
        if now > self._told:  # noqa: PLR1730 - max costs a call
            self._told = now
        return self._retrieval.field(url, now, self.limits, unscoped=unscoped)

    # By hand

    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie as it is, in the place of one with its name, domain and path.

        Raises:
            ValueError: It could not be sent, or would be read as something else.
        """
        check_cookie(cookie)
        self._retrieval.changing()
        old = self._index.find(cookie.domain, (cookie.name, cookie.host_only, cookie.path))
        if old is None:
            self._serial += 1
            serial = self._serial
        else:
            serial = old.cookie.serial
        changed, revision = max(
            next_version(self._index.known(cookie.place), self._told),
            (cookie.changed, cookie.revision),  # It comes from another jar, and is newer there.
        )
        self._index.add(replace(cookie, serial=serial, changed=changed, revision=revision))

    def _remove(self, cookies: Iterable[Cookie]) -> None:
        self._retrieval.changing()
        for cookie in cookies:
            self._index.delete(cookie.place, self._told)

    # What it holds

    @property
    def latest(self) -> float:
        """The latest time that the jar was told; 0.0 if it was told none."""
        return self._told

    def deletions(self) -> list[Deletion]:
        """Records of the cookies that were deleted or have ended, in the order they were made.

        The last ones are kept, ``limits.cookie_deletions_max`` of them. A cookie that was evicted
        leaves none.
        """
        return list(self._index.deletions)

    def by_use(self) -> list[Cookie]:
        """Every cookie, the longest unused first; before them those set by hand without a domain.

        The latter are never evicted, so it does not count when they were used.
        """
        self._retrieval.changing()  # Uses are passed on.
        return [*(cookie for cookie in self if not cookie.domain), *self._index.by_use()]

    def __iter__(self) -> Iterator[Cookie]:
        """Every cookie, domain after domain; the jar may change meanwhile."""
        for entry in self._index:
            yield entry.cookie

    def __len__(self) -> int:
        return len(self._index)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self)!r}>"

    def copy(self) -> CookieJar:
        """A jar of its own with the same cookies, limits and rule for public suffixes."""
        made = type(self).__new__(type(self))
        made.__setstate__(self.__getstate__())
        return made

    @classmethod
    def restored(
        cls,
        cookies: Iterable[Cookie],
        deletions: Iterable[Deletion],
        *,
        latest: float,
        limits: Limits = DEFAULT_LIMITS,
        is_public_suffix: Callable[[str], bool] | None = None,
    ) -> CookieJar:
        """A jar with cookies as they were kept, times and serials included; nothing is evicted.

        Args:
            cookies: The longest unused first; no two of one place.
            deletions: In the order they were made; none for the place of a cookie.
            latest: The latest time that the jar was told.
            limits: As for a new jar.
            is_public_suffix: Likewise.
        """
        by_use = list(cookies)
        made = cls.__new__(cls)
        made.__setstate__(
            {
                # Merged jars may have a serial twice; the place tells those apart.
                "cookies": sorted(by_use, key=lambda cookie: (cookie.serial, cookie.place)),
                "by_use": [cookie.place for cookie in by_use if cookie.domain],
                "deletions": list(deletions),
                "latest": latest,
                "limits": limits,
                "is_public_suffix": is_public_suffix,
            }
        )
        return made

    def __getstate__(self) -> dict[str, Any]:
        """Plain data: the cookies, their places in the order of use, and what is gone."""
        self._retrieval.changing()
        return {
            "cookies": list(self),
            "by_use": [cookie.place for cookie in self._index.by_use()],
            "deletions": self.deletions(),
            "latest": self._told,
            "limits": self.limits,
            "is_public_suffix": self.is_public_suffix,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.limits = state["limits"]
        self.is_public_suffix = state["is_public_suffix"]
        self._index = CookieIndex(Deletions(self.limits.cookie_deletions_max, state["deletions"]))
        self._retrieval = Retrieval(self._index)
        self._serial = 0
        self._told = state["latest"]
        cookies: list[Cookie] = state["cookies"]
        for cookie in cookies:
            self._index.add(cookie)
            self._serial = max(self._serial, cookie.serial)
        self._index.use_in_order(state["by_use"])


def cookies_from(given: Any) -> CookieJar:
    """What a caller gives as cookies, as a jar: a jar is itself, None an empty one.

    Raises:
        ValueError: A cookie could not be sent as given.
        TypeError: ``given`` is no jar, no mapping and no iterable of pairs.
    """
    if isinstance(given, CookieJar):
        return given
    return CookieJar(given)


def _crosses_sites(cookie: Cookie, *, lax: bool) -> bool:
    """Whether a cookie goes with a cross-site request; one set by hand without domain does."""
    if cookie.same_site == "None" or not cookie.domain:
        return True
    return lax and cookie.same_site != "Strict"
