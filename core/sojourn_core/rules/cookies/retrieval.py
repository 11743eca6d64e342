"""The cookies that a request gets (RFC 6265bis 5.8.3), and a memory of the last answers.

Most requests send the cookies that the one before sent. So for each host the cookies in question
are remembered, in their order, and with them the ready Cookie field for each path. All that is
forgotten when a cookie comes or goes.

The use of a ready field is an access to each of its cookies, which eviction goes by. It is written
down in the field alone, and passed on to the cookies before the next thing that could tell.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from .domain import domain_chain, path_matches

if TYPE_CHECKING:
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.url import URL

    from .index import CookieIndex, Entry

_HOSTS_MAX: Final = 256
_FIELDS_MAX: Final = 64  # Of one host.

_rank: Final = attrgetter("rank")
_used: Final = attrgetter("used")


class _Field:
    """A ready Cookie field; ``used`` is the tick of its last use, 0 once that is passed on."""

    __slots__ = ("entries", "text", "used")

    def __init__(self, text: str | None, entries: list[Entry]) -> None:
        self.text = text
        self.entries = entries
        self.used = 0


class _HostCookies:
    """The cookies that one host may get, in the order of sending.

    Attributes:
        entries: Of all paths, Secure or not, with those that have no domain.
        rooted: All of them have the path ``/``, so that the request's does not matter.
        scoped: All of them have a domain.
        fields: Ready Cookie fields by path, by whether the connection is secure, and by whether
            cookies without domain count.
    """

    __slots__ = ("entries", "fields", "rooted", "scoped")

    def __init__(self, entries: list[Entry], *, scoped: bool) -> None:
        self.entries = entries
        # Every path starts with "/", and the longest comes first.
        self.rooted = not entries or entries[0].cookie.path == "/"
        self.scoped = scoped
        self.fields: dict[tuple[str, bool, bool], _Field] = {}

    def of(self, url: URL, *, unscoped: bool, secure: bool) -> list[Entry]:
        """Return those that a request gets; the list is not the caller's to change."""
        if self.rooted and secure and (unscoped or self.scoped):
            return self.entries
        path = url.path
        return [
            entry
            for entry in self.entries
            if ((cookie := entry.cookie).path == "/" or path_matches(path, cookie.path))
            and (secure or not cookie.secure)
            and (unscoped or cookie.domain)
        ]


class Retrieval:
    """Answers from an index, and remembers them until ``changing`` is called."""

    __slots__ = ("_hosts", "_index", "_uses")

    def __init__(self, index: CookieIndex) -> None:
        self._index = index
        self._hosts: dict[str, _HostCookies] = {}
        self._uses: list[_Field] = []  # Those with a use to be passed on.

    def changing(self) -> None:
        """Forget what is remembered; to be called before cookies come or go."""
        if self._uses:
            self._pass_on_uses()
        self._hosts.clear()

    def remove_ended(self, now: float) -> None:
        """Let the cookies go whose end has come."""
        if self._index.has_ended(now):
            self.changing()
            self._index.remove_ended(now)

    def take(self, url: URL, now: float, *, unscoped: bool, secure: bool) -> list[Entry]:
        """Return the cookies for a same-site request in the order of sending; that is no use yet.

        The list is not the caller's to change.
        """
        self.remove_ended(now)
        host = url.origin.host
        known = self._hosts.get(host) or self._cookies_of(host)
        return known.of(url, unscoped=unscoped, secure=secure)

    def touch(self, entries: list[Entry]) -> None:
        """Note that these cookies are used now."""
        if self._uses:
            self._pass_on_uses()
        index = self._index
        index.tick += 1
        index.touch(entries, index.tick)

    def field(
        self, url: URL, now: float, limits: Limits, *, unscoped: bool, secure: bool
    ) -> str | None:
        """Return the Cookie field for a same-site request, within the limits; None for none."""
        index = self._index
        if index.has_ended(now):
            self.remove_ended(now)
        host = url.origin.host
        known = self._hosts.get(host) or self._cookies_of(host)
        if not known.entries:
            return None
        key = ("/" if known.rooted else url.path, secure, unscoped)
        ready = known.fields.get(key)
        if ready is None:
            if len(known.fields) >= _FIELDS_MAX:
                self._pass_on_uses()  # Those of fields that nobody has would pile up.
                known.fields.clear()
            ready = known.fields[key] = _make_field(
                known.of(url, unscoped=unscoped, secure=secure), limits
            )
        if not ready.used:
            self._uses.append(ready)
        index.tick = ready.used = index.tick + 1
        return ready.text

    def _cookies_of(self, host: str) -> _HostCookies:
        shelves = self._index.shelves
        canonical = host.removesuffix(".")
        entries: list[Entry] = []
        for domain in domain_chain(canonical):
            shelf = shelves.get(domain)
            if shelf is None:
                continue
            if domain == canonical:
                entries.extend(shelf.values())
            else:
                entries.extend(entry for entry in shelf.values() if not entry.cookie.host_only)
        unscoped = shelves.get("")
        if unscoped is not None:
            entries.extend(unscoped.values())
        entries.sort(key=_rank)
        if len(self._hosts) >= _HOSTS_MAX:
            self.changing()
        known = self._hosts[host] = _HostCookies(entries, scoped=unscoped is None)
        return known

    def _pass_on_uses(self) -> None:
        uses = sorted(self._uses, key=_used)
        self._uses.clear()
        for ready in uses:
            self._index.touch(ready.entries, ready.used)
            ready.used = 0


def _make_field(taken: list[Entry], limits: Limits) -> _Field:
    """Build the field of these cookies; those that do not fit are left out, the rest is sent."""
    if len(taken) <= limits.cookies_sent_max:
        text = "; ".join([entry.cookie.pair for entry in taken])
        if len(text) <= limits.cookie_field_size_max:
            return _Field(text if taken else None, taken)
    size_left = limits.cookie_field_size_max + len("; ")
    pairs: list[str] = []
    sent: list[Entry] = []
    for entry in taken:
        if len(sent) >= limits.cookies_sent_max:
            break
        pair = entry.cookie.pair
        size = len(pair) + len("; ")
        if size <= size_left:
            size_left -= size
            pairs.append(pair)
            sent.append(entry)
    return _Field("; ".join(pairs) if pairs else None, sent)
