"""Stores what a response sets, where the jar has nothing against it (RFC 6265bis 5.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .accept import DELETED, EVICTED, EXPIRED, OVERLAY, REPLACED, STORED, Verdict, decision_on
from .cookie import Cookie, CookieDraft
from .deletions import next_version

if TYPE_CHECKING:
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits

    from .index import CookieIndex
    from .receive import Placed, Refused


def store_received(
    index: CookieIndex,
    received: list[Placed | Refused],
    now: float,
    *,
    limits: Limits,
    hop: int,
    secure: bool,
) -> list[Decision]:
    """Store the cookies of a response, one after the other, and evict what is too much.

    Args:
        index: Where cookies are kept.
        received: The lines as they were read.
        now: Wall time.
        limits: How many cookies are kept.
        hop: The request of the call, for the decisions.
        secure: The connection counts as secure.

    Returns:
        A decision on each line, and one on each cookie that was evicted.
    """
    index.remove_ended(now)
    index.deletions.trim()
    decisions: list[Decision] = []
    for each in received:
        if isinstance(each, tuple):
            name, verdict = each
            decisions.append(decision_on(verdict, name, hop))
            continue
        verdict = _store_one(index, each, now, secure=secure)
        decisions.append(decision_on(verdict, each.given.name, hop))
        while verdict is STORED:
            excess = index.excess(each.domain, limits.cookies_per_domain_max, limits.cookies_max)
            if excess is None:
                break
            index.remove(excess)
            decisions.append(decision_on(EVICTED, excess.cookie.name, hop))
    return decisions


def _store_one(index: CookieIndex, placed: Placed, now: float, *, secure: bool) -> Verdict:
    given, domain, path = placed.given, placed.domain, placed.path
    key = (given.name, placed.host_only, path)
    place = (domain, *key)
    if not secure and index.overlays_secure(given.name, domain, path):
        return OVERLAY
    old = index.find(domain, key)
    if placed.own:
        # One that was set by hand for this very host is replaced, too, be it meant for the hosts
        # below or not: both would go to the server, and the old one first.
        by_hand = index.find_by_hand(domain, key)
        if by_hand is not None:
            index.delete(by_hand.cookie.place, now)
            old = old or by_hand
    expires = given.expires_at(now)
    if expires is not None and expires <= now:
        index.delete(place, now)
        return EXPIRED if old is None else DELETED
    draft: Any = CookieDraft()
    draft.domain, draft.name, draft.host_only, draft.path = place
    draft.value = given.value
    draft.secure, draft.http_only, draft.same_site = given.secure, given.http_only, given.same_site
    draft.expires = expires
    if old is None:
        draft.created, draft.serial = now, index.next_serial()
    else:  # "Update the creation-time of the newly-created cookie to match".
        draft.created, draft.serial = old.cookie.created, old.cookie.serial
    draft.changed, draft.revision = next_version(index.known(place), now)
    draft.__class__ = Cookie
    index.add(draft, by_hand=False)
    return STORED if old is None else REPLACED
