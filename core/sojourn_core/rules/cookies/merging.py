"""Two jars that went apart, as one again.

For each place (domain, host-only, path and name) the later change wins, be it that a cookie was set
or that one was deleted. So ``merge`` is commutative, associative and idempotent: copies of a jar
that are merged in any order, and any number of times, all come to hold the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.limits import Limits
from sojourn_core.values.record import fields_of

from .cookie import Cookie
from .domain import is_likely_public_suffix
from .jar import CookieJar

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cookie import Place
    from .deletions import Deletion

    Change = Cookie | Deletion
    Rule = Callable[[str], bool]


def merge(a: CookieJar, b: CookieJar) -> CookieJar:
    """Build a jar of its own with what either has, and the later change of what both have.

    Of changes at the same time and of the same revision, a deletion wins over a cookie, and of two
    cookies that with the greater value; what else differs decides if that is the same. What neither
    jar has forgotten is kept: nothing is evicted here, even if there are more cookies or records
    than the limits admit. The next response that sets cookies brings the jar within them: all in
    all, and for the domains that it sets cookies for.

    The new jar's limits are the smaller ones of both; what either takes for a public suffix is one.
    Its cookies are evicted in the order of their last change, for uses cannot be compared.
    """
    latest: dict[Place, Change] = {}
    for jar in (a, b):
        with jar.guard:
            changes_of = (*jar, *jar.deletions())
        for change in changes_of:
            known = latest.get(change.place)
            if known is None or _rank(change) > _rank(known):
                latest[change.place] = change
    changes = sorted(latest.values(), key=_when)
    return CookieJar.restored(
        [change for change in changes if isinstance(change, Cookie)],
        [change for change in changes if not isinstance(change, Cookie)],
        latest=max(a.latest, b.latest),
        limits=_tighter(a.limits, b.limits),
        is_public_suffix=_either(a.is_public_suffix, b.is_public_suffix),
    )


def _when(change: Change) -> tuple[float, int, Place]:
    return change.changed, change.revision, change.place


def _rank(change: Change) -> tuple[Any, ...]:
    """Return the rank of a change: a total order on all changes of one place; the greater wins."""
    if not isinstance(change, Cookie):
        return change.changed, change.revision, True
    return (
        change.changed,
        change.revision,
        False,
        change.value,
        change.secure,
        change.http_only,
        change.same_site,
        change.expires is None,
        change.expires or 0.0,
        -change.created,
        -change.serial,
    )


def _tighter(a: Limits, b: Limits) -> Limits:
    """Return the smaller of each limit; None is none."""
    if a == b:
        return a
    smaller: dict[str, Any] = {}
    for name in fields_of(Limits):
        given = [limit for limit in (getattr(a, name), getattr(b, name)) if limit is not None]
        smaller[name] = min(given, default=None)
    return Limits(**smaller)


class EitherRule:
    """A domain is a public suffix if one of some rules has it so.

    Attributes:
        rules: The rules, each of them once.
    """

    __slots__ = ("rules",)

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules

    def __call__(self, domain: str) -> bool:
        return any(rule(domain) for rule in self.rules)


def _either(a: Rule | None, b: Rule | None) -> Rule | None:
    if a == b:
        return a
    rules: list[Rule] = []
    for rule in (a, b):
        for each in rule.rules if isinstance(rule, EitherRule) else (rule,):
            if (each or is_likely_public_suffix) not in rules:
                rules.append(each or is_likely_public_suffix)
    return rules[0] if len(rules) == 1 else EitherRule(tuple(rules))
