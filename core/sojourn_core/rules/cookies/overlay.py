"""Protects Secure cookies from plain responses (RFC 6265bis 5.7 step 16).

A response over an insecure connection may not set a cookie that overlays a Secure one: of the same
name, with a domain at, above or below its own, and a path at or above the new one's. To find such a
cookie among thousands without looking at each, Secure cookies are noted by name and domain, and by
name and the domains above theirs. Most names have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from .domain import domain_chain, domain_matches, path_matches

if TYPE_CHECKING:
    from .cookie import Cookie, Place

# Labels of the domains above that a cookie is noted under; a cookie whose domain is deeper is found
# under the last four, and looked at.
_LABELS_MAX: Final = 4

_Noted = dict["Place", "Cookie"]
_Key = TypeVar("_Key")


class SecureCookies:
    """The Secure cookies of a jar, as this rule asks for them."""

    __slots__ = ("_above", "_at")

    def __init__(self) -> None:
        self._at: dict[str, dict[str, _Noted]] = {}
        self._above: dict[tuple[str, str], _Noted] = {}

    def add(self, cookie: Cookie) -> None:
        """Note a Secure cookie, in the stead of the one in its place if there is one."""
        named = self._at.setdefault(cookie.name, {})
        named.setdefault(cookie.domain, {})[cookie.place] = cookie
        for domain in domain_chain(cookie.domain)[1:][-_LABELS_MAX:]:
            self._above.setdefault((cookie.name, domain), {})[cookie.place] = cookie

    def discard(self, cookie: Cookie) -> None:
        """Forget a cookie that was noted."""
        named = self._at[cookie.name]
        _forget(named, cookie.domain, cookie.place)
        if not named:
            del self._at[cookie.name]
        for domain in domain_chain(cookie.domain)[1:][-_LABELS_MAX:]:
            _forget(self._above, (cookie.name, domain), cookie.place)

    def would_be_overlaid(self, name: str, domain: str, path: str) -> bool:
        """Say whether a plain cookie so named and placed would overlay one of them."""
        named = self._at.get(name)
        if named is None:
            return False
        chain = domain_chain(domain)
        for above in chain:
            if _any_path(named.get(above), path):
                return True
        below = self._above.get((name, chain[-_LABELS_MAX:][0]))
        if below is None:
            return False
        return any(
            domain_matches(cookie.domain, domain) and path_matches(path, cookie.path)
            for cookie in below.values()
        )


def _any_path(noted: _Noted | None, path: str) -> bool:
    return noted is not None and any(path_matches(path, cookie.path) for cookie in noted.values())


def _forget(notes: dict[_Key, _Noted], key: _Key, place: Place) -> None:
    noted = notes[key]
    del noted[place]
    if not noted:
        del notes[key]
