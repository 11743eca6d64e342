"""Stores what a response sets, where the jar has nothing against it (RFC 6265bis 5.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .accept import (
    COUNT,
    DELETED,
    EVICTED,
    EXPIRED,
    OVERLAY,
    REPLACED,
    STORED,
    Response,
    Verdict,
    decision_on,
)
from .cookie import Cookie, CookieDraft
from .deletions import next_version
from .domain import canonical_host
from .receive import receive_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.url import URL

    from .index import CookieIndex
    from .receive import Placed, Refused


def receive_lines(
    lines: list[str],
    url: URL,
    rule: Callable[[str], bool],
    limits: Limits,
    *,
    secure: bool,
    same_site: bool,
    top_level: bool,
) -> list[Placed | Refused]:
    """Read the Set-Cookie lines of a response, and decide on each as far as it goes alone.

    Args:
        lines: Their values, in their order.
        url: The URL that was asked.
        rule: Says whether others register names under a domain.
        limits: How many are taken, and their size.
        secure: The connection counts as secure.
        same_site: The request was same-site.
        top_level: It was a top-level navigation.
    """
    response = Response(canonical_host(url.origin.host), secure, same_site, top_level)
    size_max, most = limits.cookie_size_max, limits.set_cookies_max
    received: list[Placed | Refused] = []
    for line in lines[:most]:
        received.append(receive_line(line, response, url.path, rule, size_max))  # noqa: PERF401
    if len(lines) > most:
        received.append(("Set-Cookie", COUNT))
    return received


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
