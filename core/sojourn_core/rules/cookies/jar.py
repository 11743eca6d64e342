"""The cookie jar: store and retrieve (RFC 6265bis 5.7 and 5.8.3).

What a request costs depends on the cookies of its own host and the domains above it, never on the
jar.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.record import replace

from .deletions import Deletions, next_version
from .domain import canonical_host, is_likely_public_suffix
from .index import CookieIndex
from .mapping import CookieMapping
from .retrieval import Retrieval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.url import URL

    from .cookie import Cookie, Place
    from .deletions import Deletion
    from .receive import Placed, Refused

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1.
NO_GUARD: Final = nullcontext()


class CookieJar(CookieMapping):
    """Cookies, those that servers set and those set by hand.

    Nothing that a server sends makes it raise, and it asks no clock of its own: ``now`` is wall
    time, in seconds since 1970. What is changed by hand counts as changed at the latest time that
    the jar was told.

    Args:
        cookies: A jar, a mapping or pairs to begin with.
        limits: How many cookies are kept and sent, and their size; and how many records of
            deletions are kept.
        is_public_suffix: Says whether others register names under a domain (given in lower case).
            Without it a short rule decides, which knows ``com`` and ``co.uk``.
        guard: A reentrant lock, if the jar is used from several threads.
        wall: Tells the time in seconds since 1970, for cookies set by hand that say how long they
            live; without it they live as long as the jar.

    Attributes:
        guard: Held for each step on the jar, in which no code of a caller's runs. A session gives
            its own to a jar that has none. A copy has none.
    """

    __slots__ = (
        "_index",
        "_retrieval",
        "_told",
        "guard",
        "is_public_suffix",
        "limits",
        "wall",
    )

    def __init__(
        self,
        cookies: Any = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        is_public_suffix: Callable[[str], bool] | None = None,
        guard: AbstractContextManager[Any] = NO_GUARD,
        wall: Callable[[], float] | None = None,
    ) -> None:
        self.limits = limits
        self.is_public_suffix = is_public_suffix
        self.guard = guard
        self.wall = wall
        self._index = CookieIndex(Deletions(limits.cookie_deletions_max))
        self._retrieval = Retrieval(self._index)
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
        secure: bool | None = None,
    ) -> list[Decision]:
        """Take the cookies that a response sets (RFC 6265bis 5.7).

        Args:
            lines: Values of its Set-Cookie lines, in their order; one code point for each byte.
            url: The URL that was asked.
            now: Wall time.
            hop: The request of the call, for the decisions.
            same_site: The request was same-site.
            top_level: It was a top-level navigation.
            secure: The connection counts as secure; None for what the scheme says.

        Returns:
            A decision on each cookie. Never raises for what a server sends.
        """
        lines = list(lines)
        if not lines:
            return []
        from .accept import COUNT, Response  # A first request has no need of it.
        from .receive import receive_line
        from .storing import store_received

        if secure is None:
            secure = url.scheme == "https"
        rule = self.is_public_suffix or is_likely_public_suffix
        response = Response(canonical_host(url.origin.host), secure, same_site, top_level)
        size_max, most = self.limits.cookie_size_max, self.limits.set_cookies_max
        received: list[Placed | Refused] = []
        for line in lines[:most]:  # Before the guard is taken: the rule is a caller's code.
            received.append(receive_line(line, response, url.path, rule, size_max))  # noqa: PERF401
        if len(lines) > most:
            received.append(("Set-Cookie", COUNT))
        with self.guard:
            self._retrieval.changing()
            self._told = max(self._told, now)
            return store_received(
                self._index, received, now, limits=self.limits, hop=hop, secure=secure
            )

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
        secure: bool | None = None,
    ) -> list[Cookie]:
        """Return the cookies for a request, in the order of sending (RFC 6265bis 5.8.3).

        Args:
            url: Where the request goes.
            now: Wall time.
            unscoped: Those that were set by hand without a domain count too: the URL is of the
                origin that the caller asked for.
            same_site: The request is same-site. If it is not, a cookie goes only if its SameSite
                is ``None``, or is ``Lax`` or unsaid and this is a top-level navigation with a safe
                method.
            top_level: The request is a top-level navigation.
            method: Its method.
            secure: The connection counts as secure; None for what the scheme says.
        """
        if secure is None:
            secure = url.scheme == "https"
        retrieval = self._retrieval
        with self.guard:
            if now > self._told:  # noqa: PLR1730 - max costs a call
                self._told = now
            taken = retrieval.take(url, now, unscoped=unscoped, secure=secure)
            if not same_site:
                lax = top_level and method in SAFE_METHODS
                taken = [entry for entry in taken if _crosses_sites(entry.cookie, lax=lax)]
            retrieval.touch(taken)
            return [entry.cookie for entry in taken]

    def cookie_field(
        self, url: URL, now: float, *, unscoped: bool = True, secure: bool | None = None
    ) -> str | None:
        """Return the value of the Cookie field for a same-site request, or None for none.

        Cookies beyond ``limits.cookies_sent_max`` are left out, and each that would take the field
        beyond ``limits.cookie_field_size_max``; so no server can make the next request fail.

        Args:
            url: As for ``retrieve``.
            now: Wall time.
            unscoped: As for ``retrieve``.
            secure: Likewise.
        """
        if secure is None:
            secure = url.scheme == "https"
        with self.guard:
            if now > self._told:  # noqa: PLR1730 - max costs a call
                self._told = now
            return self._retrieval.field(url, now, self.limits, unscoped=unscoped, secure=secure)

    # By hand

    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie as it is, in the place of one with its name, domain and path.

        Raises:
            ValueError: It could not be sent, or would be read as something else.
        """
        from .cookie import check_cookie

        check_cookie(cookie)
        with self.guard:
            self._retrieval.changing()
            old = self._index.find(cookie.domain, (cookie.name, cookie.host_only, cookie.path))
            serial = self._index.next_serial() if old is None else old.cookie.serial
            changed, revision = max(
                next_version(self._index.known(cookie.place), self._told),
                (cookie.changed, cookie.revision),  # It comes from another jar, and is newer there.
            )
            self._index.add(
                replace(cookie, serial=serial, changed=changed, revision=revision),
                by_hand=not cookie.created,
            )

    def _remove(self, cookies: Iterable[Cookie]) -> None:
        with self.guard:
            self._retrieval.changing()
            for cookie in cookies:
                self._index.delete(cookie.place, self._told)

    def leave_out(self, name: str) -> None:
        """Have a request leave out the cookies of this name that its session has.

        That is for a jar with the cookies of one request.
        """
        with self.guard:
            self._index.delete(_left_out(name), self._told)

    @property
    def left_out(self) -> set[str]:
        """The names given to ``leave_out``."""
        with self.guard:
            records = self._index.deletions
            return {each.name for each in records if each.place == _left_out(each.name)}

    def time_by_hand(self) -> float | None:
        """Return the time for what is set by hand, in seconds since 1970; None if it is unknown."""
        return self.wall() if self.wall is not None else self._told or None

    # The contents of the jar.

    @property
    def latest(self) -> float:
        """The latest time that the jar was told; 0.0 if it was told none."""
        return self._told

    def deletions(self) -> list[Deletion]:
        """Return records of the cookies that were deleted or have ended, in their order.

        The last ones are kept, ``limits.cookie_deletions_max`` of them. A cookie that was evicted
        leaves none.
        """
        with self.guard:
            return list(self._index.deletions)

    def by_use(self) -> list[Cookie]:
        """Return every cookie, the longest unused first, after those set without a domain.

        The latter are never evicted, so it does not count when they were used.
        """
        with self.guard:
            self._retrieval.changing()  # Uses are passed on.
            every = [entry.cookie for entry in self._index]
            return [*(cookie for cookie in every if not cookie.domain), *self._index.by_use()]

    def __iter__(self) -> Iterator[Cookie]:
        """Iterate over every cookie, domain after domain; the jar may change meanwhile."""
        with self.guard:
            every = [entry.cookie for entry in self._index]
        return iter(every)

    def __len__(self) -> int:
        return self._index.count

    def __bool__(self) -> bool:
        """Say whether there is any cookie."""
        return self._index.count > 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self)!r}>"

    def copy(self) -> CookieJar:
        """Return a jar of its own with the same cookies, limits, clock and rule for suffixes."""
        made = type(self).__new__(type(self))
        made.__setstate__(self.__getstate__())
        made.wall = self.wall
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
        """Build a jar of cookies as they were kept, with times and serials; evict nothing.

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
        """Return plain data: the cookies, their places in the order of use, and what is gone."""
        with self.guard:
            self._retrieval.changing()
            return {
                "cookies": [entry.cookie for entry in self._index],
                "by_use": [cookie.place for cookie in self._index.by_use()],
                # Set by a server in the place of one that was set by hand, and as old as that.
                "renewed": [
                    entry.cookie.place
                    for entry in self._index
                    if not entry.cookie.created and not entry.by_hand
                ],
                "deletions": list(self._index.deletions),
                "latest": self._told,
                "limits": self.limits,
                "is_public_suffix": self.is_public_suffix,
            }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.limits = state["limits"]
        self.is_public_suffix = state["is_public_suffix"]
        self.guard = NO_GUARD
        self.wall = None
        self._index = CookieIndex(Deletions(self.limits.cookie_deletions_max, state["deletions"]))
        self._retrieval = Retrieval(self._index)
        self._told = state["latest"]
        cookies: list[Cookie] = state["cookies"]
        renewed = set(state.get("renewed", ()))
        for cookie in cookies:
            by_hand = not cookie.created and cookie.place not in renewed
            self._index.add(cookie, by_hand=by_hand)
            self._index.serial = max(self._index.serial, cookie.serial)
        self._index.use_in_order(state["by_use"])


def cookies_from(given: Any, now: float = 0.0) -> CookieJar:
    """Return the cookies of one request as a jar: a jar is itself, None an empty one.

    A name whose value is None is left out of what the session sends; see ``leave_out``.

    Args:
        given: A jar, a mapping, or pairs.
        now: The latest time that a new jar is told.

    Raises:
        ValueError: A cookie could not be sent as given.
        TypeError: ``given`` is no jar, no mapping and no iterable of pairs.
    """
    if isinstance(given, CookieJar):
        return given
    jar = CookieJar.restored((), (), latest=now)
    if given is not None:
        for name in jar.take(given):
            jar.leave_out(name)
    return jar


def _left_out(name: str) -> Place:
    """Return a place that no cookie has: host-only, and without a host."""
    return "", name, True, "/"


def _crosses_sites(cookie: Cookie, *, lax: bool) -> bool:
    """Say whether a cookie goes with a cross-site request; one set without a domain does."""
    if cookie.same_site == "None" or not cookie.domain:
        return True
    return lax and cookie.same_site != "Strict"
