"""The shelves of a jar: cookies by domain, with their last use, their end and their deletion.

Invariants: a cookie is in exactly one domain's shelf, under its name, host-only flag and path;
a shelf is never empty; every cookie of a server is in the order of use, and none that was set by
hand without a domain is, so a server cannot push out what the caller put there. No two cookies
need have different serials: those of merged jars may share one.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from .deletions import Deletions, deletion_of, next_version
from .overlay import SecureCookies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .cookie import Cookie, Place
    from .deletions import Deletion

_SECURE_STANDING: Final = 1 << 60  # More ticks than there can be.
_standing: Final = attrgetter("standing")

Key: TypeAlias = tuple[str, bool, str]  # Name, host-only, path.
Shelf: TypeAlias = "dict[Key, Entry]"


class Entry:
    """A cookie in the jar.

    Attributes:
        cookie: The cookie.
        rank: Sorts cookies for a request: longer paths first, then the older (5.8.3).
        standing: Sorts the cookies of a domain for eviction: the tick of its last use, and for a
            Secure one more than any tick. The smallest goes first.
        kept: It still is in the jar.
        by_hand: It was set by hand, or comes from where nobody says when it was set. A cookie
            that a server sets in its place may have its time of creation, and is not.
    """

    __slots__ = ("by_hand", "cookie", "kept", "rank", "standing")

    def __init__(self, cookie: Cookie, *, by_hand: bool) -> None:
        self.by_hand = by_hand
        self.cookie = cookie
        self.rank = (-len(cookie.path), cookie.created, cookie.serial)
        self.standing = 0
        self.kept = True


class CookieIndex:
    """Entries by domain, by last use and by end.

    Attributes:
        shelves: The entries of each domain; the empty domain has those set by hand without one.
        tick: Counts uses; the last one given.
        serial: Counts cookies; the last one given.
        count: The number of cookies.
        deletions: Records of what is gone, but for what was evicted: that is forgotten.
    """

    __slots__ = ("_by_use", "_ends", "_secure", "count", "deletions", "serial", "shelves", "tick")

    def __init__(self, deletions: Deletions) -> None:
        self.deletions = deletions
        self.shelves: dict[str, Shelf] = {}
        # Made when a response without TLS first sets a cookie; most jars never see one.
        self._secure: SecureCookies | None = None
        self.tick = 0
        self.serial = 0
        self.count = 0
        self._by_use: OrderedDict[Entry, None] = OrderedDict()  # The longest unused first.
        # A heap of end, tick and entry; entries that are gone linger. No two have the same tick.
        self._ends: list[tuple[float, int, Entry]] = []

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Entry]:
        for shelf in list(self.shelves.values()):
            yield from list(shelf.values())

    def next_serial(self) -> int:
        """Count a new cookie, and return its serial."""
        self.serial += 1
        return self.serial

    def find(self, domain: str, key: Key) -> Entry | None:
        """Return the entry of this domain, name, host-only flag and path; None if there is none."""
        shelf = self.shelves.get(domain)
        return None if shelf is None else shelf.get(key)

    def find_by_hand(self, domain: str, key: Key) -> Entry | None:
        """Return the entry that was set by hand and differs from these in its host-only flag."""
        shelf = self.shelves.get(domain)
        if shelf is None:
            return None
        name, host_only, path = key
        entry = shelf.get((name, not host_only, path))
        return entry if entry is not None and entry.by_hand else None

    def add(self, cookie: Cookie, *, by_hand: bool) -> None:
        """Keep a cookie, in the place of the one with its domain, name, flag and path if any.

        Args:
            cookie: The cookie.
            by_hand: No server has set it; see ``Entry``.
        """
        entry = Entry(cookie, by_hand=by_hand)
        key = (cookie.name, cookie.host_only, cookie.path)
        shelf = self.shelves.get(cookie.domain)
        if shelf is None:
            self.shelves[cookie.domain] = {key: entry}
        else:
            old = shelf.get(key)
            if old is not None:
                self._forget(old)
            shelf[key] = entry  # In the old one's position, if there was one.
        self.tick += 1
        self.count += 1
        if self.deletions:
            self.deletions.discard(cookie.place)
        if cookie.domain:
            self._by_use[entry] = None  # At the end, for it is new there.
            if cookie.secure and self._secure is not None:
                self._secure.add(cookie)
        entry.standing = self.tick + _SECURE_STANDING if cookie.secure else self.tick
        if cookie.expires is not None:
            heapq.heappush(self._ends, (cookie.expires, self.tick, entry))
            if len(self._ends) > 64 + 2 * self.count:
                self._ends = [end for end in self._ends if end[2].kept]
                heapq.heapify(self._ends)

    def known(self, place: Place) -> Cookie | Deletion | None:
        """Return the last change of a place: the cookie there, or the record of its deletion."""
        domain, name, host_only, path = place
        entry = self.find(domain, (name, host_only, path))
        return self.deletions.find(place) if entry is None else entry.cookie

    def delete(self, place: Place, now: float) -> bool:
        """Let the cookie in a place go, and keep a record of that even if there was none.

        Returns:
            True if there was one.
        """
        domain, name, host_only, path = place
        version = next_version(self.known(place), now)
        entry = self.find(domain, (name, host_only, path))
        if entry is not None:
            self.remove(entry)
        self.deletions.add(deletion_of(place, *version))
        return entry is not None

    def remove(self, entry: Entry) -> None:
        """Let an entry go, and keep no record of it; it must be here."""
        cookie = entry.cookie
        shelf = self.shelves[cookie.domain]
        del shelf[cookie.name, cookie.host_only, cookie.path]
        if not shelf:
            del self.shelves[cookie.domain]
        self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        entry.kept = False
        self.count -= 1
        cookie = entry.cookie
        if cookie.domain:
            del self._by_use[entry]
            if cookie.secure and self._secure is not None:
                self._secure.discard(cookie)

    def touch(self, entries: Iterable[Entry], tick: int) -> None:
        """Note that these were used last at ``tick``; later than all others."""
        move_to_end = self._by_use.move_to_end
        for entry in entries:
            cookie = entry.cookie
            entry.standing = tick + _SECURE_STANDING if cookie.secure else tick
            if entry.kept and cookie.domain:
                move_to_end(entry)

    def overlays_secure(self, name: str, domain: str, path: str) -> bool:
        """Say whether a plain cookie so named and placed would overlay a Secure one."""
        if self._secure is None:
            self._secure = SecureCookies()
            for entry in self._by_use:
                if entry.cookie.secure:
                    self._secure.add(entry.cookie)
        return self._secure.would_be_overlaid(name, domain, path)

    def by_use(self) -> list[Cookie]:
        """Return the cookies that have a domain, the longest unused first."""
        return [entry.cookie for entry in self._by_use]

    def use_in_order(self, places: list[Place]) -> None:
        """Make the cookies in these places the last used, in this order."""
        for domain, name, host_only, path in places:
            self.tick += 1
            self.touch((self.shelves[domain][name, host_only, path],), self.tick)

    def has_ended(self, now: float) -> bool:
        """Say whether ``remove_ended`` may have something to do."""
        return bool(self._ends) and self._ends[0][0] <= now

    def remove_ended(self, now: float) -> None:
        """Let every cookie go whose end has come, and keep a record as of when it was set.

        "The user agent MUST evict all expired cookies" (RFC 6265bis 5.7).
        """
        ends = self._ends
        while ends and ends[0][0] <= now:
            entry = heapq.heappop(ends)[2]
            if entry.kept:
                cookie = entry.cookie
                self.remove(entry)
                self.deletions.add(deletion_of(cookie.place, cookie.changed, cookie.revision))

    def excess(self, domain: str, per_domain: int, most: int) -> Entry | None:
        """Return the entry to evict next, after one was added to ``domain``; None if all may stay.

        Ended cookies are gone by then. In a domain with too many, those that are not Secure go
        first; in a jar with too many, any; always the one whose last use is longest ago. One pass
        over a domain's shelf, which is no longer than its limit and one, and no pass over the jar.
        """
        shelf = self.shelves.get(domain)
        if shelf is not None and len(shelf) > per_domain:
            return min(shelf.values(), key=_standing)
        if len(self._by_use) > most:
            return next(iter(self._by_use))
        return None
