"""What a redirect leads to: a function of values.

``decide_redirect`` judges one response and answers ``DELIVER``, ``Stop``, ``Refuse`` or ``Follow``
with the plan for the next request: its method, its URL, which fields go and why, whether the
content goes along, whether credentials do. It knows no session and changes nothing; ``Call``
applies the plan by way of the session's methods, which a subclass may override.

Sources: RFC 9110 sections 10.2.2 and 15.4; Fetch, "HTTP-redirect fetch". What of the request goes
along is ``carrying``'s, which places are closed is ``gates``'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import (
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    RedirectRefused,
    RequestException,
    TooManyRedirects,
)
from sojourn_core.values.status import REDIRECT_STATUSES
from sojourn_core.values.url.location import resolve_location
from sojourn_core.values.url.url import URL, parse_any_url

from .access import closed_to_redirects
from .redirect_fields import SECTIONS, decide_carried, strips_authorization
from .redirect_rule import RedirectHop, RedirectVerdict, Rewrite

if TYPE_CHECKING:
    from collections.abc import Collection

    from sojourn_core.values.fields import FieldLine, Fields
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.endpoint import Origin

    from .policy import Policy

__all__ = [
    "DELIVER",
    "TARGET_OVERRIDDEN",
    "Deliver",
    "Follow",
    "Refuse",
    "Stop",
    "decide_redirect",
    "redirect_target",
    "replan",
    "shown_url",
    "strips_authorization",
]


class Deliver:
    """The response is for the caller."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DELIVER"


DELIVER: Final = Deliver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """It redirects, and is for the caller all the same.

    Attributes:
        decisions: Why.
    """

    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """The redirect is not followed, and the call fails.

    Attributes:
        error: What to raise.
        decisions: Why.
    """

    error: RequestException
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """The plan for the next request.

    Attributes:
        url: Where it goes, fragment included.
        method: Its method.
        dropped: Names of the fields that do not go along, in lower case.
        keeps_content: Whether the content goes along.
        same_origin: Whether it stays within the origin of the request before.
        keeps_authorization: Whether Authorization may go along.
        decisions: What was decided, and why.
    """

    url: URL
    method: str
    dropped: frozenset[str]
    keeps_content: bool
    same_origin: bool
    keeps_authorization: bool
    decisions: tuple[Decision, ...]


def redirect_target(
    status: int, fields: Fields, statuses: Collection[int] = REDIRECT_STATUSES
) -> str | None:
    """The Location that a response redirects to, as octets in text; None if it does not redirect.

    An empty Location redirects nowhere: Requests and this library hand the response over.
    """
    if status not in statuses:
        return None
    return fields.first("location") or None


def decide_redirect(
    *,
    method: str,
    url: URL,
    lines: list[FieldLine],
    has_content: bool,
    status: int,
    fields: Fields,
    hops: int,
    hops_max: int | None,
    policy: Policy,
    limits: Limits,
    location: str | None = None,
    home: Origin | None = None,
) -> Deliver | Stop | Follow | Refuse:
    """Decide what a response that may redirect leads to.

    Args:
        method: The method of the request just answered.
        url: Its URL, with the fragment that was asked for.
        lines: Its field lines.
        has_content: Whether it had content.
        status: The status of its response.
        fields: The fields of its response.
        hops: How many redirects were followed already.
        hops_max: How many may be, in all; None for any number.
        policy: The choices on which clients differ.
        limits: How long a Location may be.
        location: The target, if a subclass has its own idea of it.
        home: The origin that the caller asked for, if it is not that of ``url``.

    Returns:
        Nothing that a peer sends makes this raise; a rule of the caller's own may.
    """
    named = redirect_target(status, fields, policy.redirect_statuses)
    location = named if location is None else location
    if location is None:
        return DELIVER
    if hops_max is not None and hops >= hops_max:
        return _refuse(
            TooManyRedirects(f"Exceeded {hops_max} redirects."),
            "redirect.refused.too-many",
            f"{hops_max} redirects were followed, which is the most allowed",
            "RFC 9110 15.4",
        )
    target = _target_of(url, location, limits)
    if isinstance(target, Refuse):
        return target
    home = home or url.origin
    closed = closed_to_redirects(url, target, home, policy)
    if closed is not None:
        return _closed(closed, target)
    decisions: list[Decision] = [] if location == named else [TARGET_OVERRIDDEN]
    new_method = policy.method_after(status, method)
    if policy.on_redirect is not None:
        hop = RedirectHop(
            status=status, url=url, target=target, method=method, method_after=new_method, hops=hops
        )
        ruled = _ruled_target(hop, home, policy, decisions)
        if not isinstance(ruled, URL):
            return ruled
        target = ruled
    target = _arrived(url, target, fields, policy, decisions)
    decisions.append(
        Decision(
            code="redirect.followed",
            subject=str(target.origin),
            reason=f"status {status} with a Location",
            section=SECTIONS.get(status, ""),
            before=shown_url(url),
            after=shown_url(target),
        )
    )
    return _plan(
        status=status,
        old_method=method,
        new_method=new_method,
        old=url,
        new=target,
        lines=lines,
        has_content=has_content,
        policy=policy,
        decisions=decisions,
    )


def _target_of(url: URL, location: str, limits: Limits) -> URL | Refuse:
    """Where a Location leads, whatever the scheme."""
    if len(location) > limits.location_size_max:
        said = f"the Location is longer than {limits.location_size_max} octets"
        return _refuse(InvalidURL(said), "redirect.refused.location", said)
    try:
        try:
            return resolve_location(url, location)
        except InvalidSchema:
            return parse_any_url(location.strip(" \t"))
    except InvalidURL as error:
        return _refuse_location(error)


def _ruled_target(
    hop: RedirectHop, home: Origin, policy: Policy, decisions: list[Decision]
) -> URL | Stop | Refuse:
    """Where the rule of the policy has it lead."""
    assert policy.on_redirect is not None
    verdict = policy.on_redirect(hop)
    if verdict is RedirectVerdict.FOLLOW:
        return hop.target
    if verdict is RedirectVerdict.STOP:
        return Stop(decisions=(_ruled("stopped", hop.target, "hands the redirect over"),))
    if verdict is RedirectVerdict.REFUSE:
        return _closed(_ruled("refused", hop.target, "refuses this redirect"), hop.target)
    if not isinstance(verdict, Rewrite):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
        raise TypeError(f"on_redirect must answer a RedirectVerdict or a Rewrite, not {verdict!r}")
    decisions.append(_ruled("rewritten", hop.target, "leads elsewhere"))
    try:
        target = parse_any_url(verdict.url)
    except (InvalidURL, MissingSchema) as error:
        return _refuse_location(error)
    closed = closed_to_redirects(hop.url, target, home, policy)
    return target if closed is None else _closed(closed, target)


def _arrived(
    url: URL, target: URL, fields: Fields, policy: Policy, decisions: list[Decision]
) -> URL:
    """The target as it will be asked: fragment inherited, user info left out."""
    others = fields.get_all("location")
    if len(others) > 1 and len(set(others)) > 1:
        decisions.append(
            Decision(
                code="redirect.location.repeated",
                subject="Location",
                reason="the response names several targets, and the first counts",
                section="RFC 9110 10.2.2",
            )
        )
    if target.userinfo is not None and not policy.keeps_location_userinfo:
        target = target.without_userinfo()
        decisions.append(
            Decision(
                code="redirect.userinfo.dropped",
                subject="user info",
                reason="a server does not choose the credentials of a request",
                section="RFC 9110 4.2.4",
            )
        )
    if target.fragment is None and url.fragment is not None:
        target = target.with_fragment(url.fragment)
        decisions.append(
            Decision(
                code="redirect.fragment.inherited",
                subject="fragment",
                reason="the Location has no fragment of its own",
                section="RFC 9110 10.2.2",
            )
        )
    return target


def replan(
    plan: Follow,
    *,
    method: str,
    status: int,
    old_method: str,
    old: URL,
    lines: list[FieldLine],
    has_content: bool,
    policy: Policy,
) -> Follow:
    """The plan with another method, because a subclass of the session wants it so."""
    kept = [d for d in plan.decisions if d.code in _KEPT_ON_REPLAN]
    kept.append(
        Decision(
            code="redirect.method.overridden",
            subject="method",
            reason="rebuild_method of the session chose it",
            before=plan.method,
            after=method,
        )
    )
    return _plan(
        status=status,
        old_method=old_method,
        new_method=method,
        old=old,
        new=plan.url,
        lines=lines,
        has_content=has_content,
        policy=policy,
        decisions=kept,
    )


_KEPT_ON_REPLAN: Final = frozenset(
    {
        "redirect.followed",
        "redirect.location.repeated",
        "redirect.fragment.inherited",
        "redirect.target.overridden",
        "redirect.rule.rewritten",
        "redirect.userinfo.dropped",
    }
)


def _plan(
    *,
    status: int,
    old_method: str,
    new_method: str,
    old: URL,
    new: URL,
    lines: list[FieldLine],
    has_content: bool,
    policy: Policy,
    decisions: list[Decision],
) -> Follow:
    carried = decide_carried(
        status=status,
        old_method=old_method,
        new_method=new_method,
        old=old,
        new=new,
        lines=lines,
        has_content=has_content,
        policy=policy,
    )
    return Follow(
        url=new,
        method=new_method,
        dropped=carried.dropped,
        keeps_content=carried.keeps_content,
        same_origin=old.origin == new.origin,
        keeps_authorization=carried.keeps_authorization,
        decisions=(*decisions, *carried.decisions),
    )


def shown_url(url: URL) -> str:
    """A URL as decisions show it: queries and fragments may hold secrets, as user info does."""
    return f"{url.origin}{url.path}{'' if url.query is None else '?…'}"


def _refuse(error: RequestException, code: str, reason: str, section: str = "") -> Refuse:
    decision = Decision(code=code, subject="Location", reason=reason, section=section)
    return Refuse(error=error, decisions=(decision,))


def _refuse_location(error: RequestException) -> Refuse:
    # The error says which; decisions show no query and no fragment, which may hold secrets.
    return _refuse(
        error,
        "redirect.refused.location",
        "the Location is not a URL that a request can be sent to",
        "RFC 9110 10.2.2",
    )


def _closed(decision: Decision, target: URL) -> Refuse:
    place = repr(target.scheme) if decision.subject == "Location" else decision.subject
    error = RedirectRefused(f"not redirected to {place}: {decision.reason}")
    return Refuse(error=error, decisions=(decision,))


def _ruled(what: str, target: URL, reason: str) -> Decision:
    return Decision(
        code=f"redirect.rule.{what}",
        subject=str(target.origin),
        reason=f"the rule of the policy {reason}",
    )


TARGET_OVERRIDDEN: Final = Decision(
    code="redirect.target.overridden",
    subject="Location",
    reason="get_redirect_target of the session has its own idea of where this response leads",
)
