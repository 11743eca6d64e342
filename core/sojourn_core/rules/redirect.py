"""The verdict on a redirect: a function of values.

``decide_redirect`` judges one response and answers ``Ignore``, ``Refuse`` or ``Follow`` with the
complete plan for the next request: its URL, its method, the fields that do not go along and why,
and whether the content goes along. It knows no session and changes nothing.

Sources: RFC 9110 sections 10.2.2 and 15.4; Fetch, "HTTP-redirect fetch". ``redirect_fields``
decides on fields and content, ``access`` on places that are closed, ``redirect_tables`` has the
methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import (
    DowngradeRefused,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    RedirectRefused,
    RequestException,
    TooManyRedirects,
)
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.status import REDIRECT_STATUSES
from sojourn_core.values.url.location import resolve_location
from sojourn_core.values.url.url import URL, parse_any_url

from .access import closed_to_redirects
from .redirect_fields import SECTIONS, decide_carried
from .redirect_values import DELIVER, Answered, Follow, Ignore, Refuse
from .urls import location_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sojourn_core.values.fields import Fields
    from sojourn_core.values.limits import Limits

    from .policy import Policy

__all__ = [
    "DELIVER",
    "Answered",
    "Follow",
    "Ignore",
    "Refuse",
    "decide_redirect",
    "redirect_target",
    "resolve_target",
]


def redirect_target(
    status: int, fields: Fields, statuses: Collection[int] = REDIRECT_STATUSES
) -> str | None:
    """Return the Location that a response redirects to; None if it does not redirect.

    It is the field value as received, each byte one character. An empty Location redirects nowhere:
    Requests and this library hand the response over.
    """
    if status not in statuses:
        return None
    location = fields.by_name().get("location")
    return (fields.first("location") if fields.repeated else location) or None


def decide_redirect(
    answered: Answered,
    policy: Policy,
    *,
    target: str | None = None,
    method: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Follow | Ignore | Refuse:
    """Decide what a response that may redirect leads to.

    Args:
        answered: The request that was answered, and the head of its response.
        policy: The choices on which clients differ.
        target: The Location to use in place of the one that the response names; the empty text for
            none. None if nobody overrides it.
        method: The method of the next request in place of the policy's; None likewise.
        limits: Here, how long a Location may be.

    Returns:
        ``Ignore`` if the response is for the caller, ``Refuse`` with the error to raise, or
        ``Follow`` with the plan for the next request. Nothing that a peer sends makes this raise;
        ``policy.on_redirect`` may.
    """
    named = redirect_target(answered.status, answered.fields, policy.redirect_statuses)
    if policy.url_rules == "requests":
        named = location_text(policy, named)
    location = named if target is None else target or None
    decisions = [] if location == named else [_TARGET_OVERRIDDEN]
    if location is None:
        return Ignore(tuple(decisions)) if decisions else DELIVER
    if answered.hops_max is not None and answered.hops >= answered.hops_max:
        return _too_many(answered.hops_max)

    # The place that it names, RFC 9110 section 10.2.2, must be open.
    url = resolve_target(answered.url, location, policy, limits)
    if isinstance(url, Refuse):
        return url
    home = answered.home or answered.url.origin
    closed = closed_to_redirects(answered.url, url, home, policy)
    if closed is not None:
        return _closed(closed, url)

    # The method, section 15.4, is known before the caller's own rule is asked, which may look at it
    # and may send the request elsewhere.
    asked = answered.method
    rewritten = asked if asked == "GET" else policy.method_after(answered.status, asked)
    next_method = rewritten if method is None else method
    if policy.on_redirect is not None:
        ruled = _ask_rule(answered, url, next_method, policy, decisions)
        if not isinstance(ruled, URL):
            return ruled
        url = ruled

    url = _as_asked(answered, url, policy, decisions)
    decisions.append(
        Decision(
            "redirect.followed",
            str(url.origin),
            f"status {answered.status} with a Location",
            SECTIONS.get(answered.status, ""),
            answered.url.shown,
            url.shown,
        )
    )
    if not next_method == rewritten == asked:
        decisions.append(_method_decision(answered, rewritten, next_method))
    carried = decide_carried(answered, url, next_method, policy)
    if carried.keeps_content and _closed_to_content(answered.url, url, policy):
        return _downgraded(url)
    return Follow(
        url,
        next_method,
        carried.dropped,
        carried.keeps_content,
        answered.url.origin == url.origin,
        (*decisions, *carried.decisions),
    )


# --- where it leads -------------------------------------------------------------------------------


def resolve_target(
    base: URL, location: str, policy: Policy, limits: Limits = DEFAULT_LIMITS
) -> URL | Refuse:
    """Return the URL that a Location leads to, whatever its scheme.

    Args:
        base: The URL that was asked.
        location: A reference, relative or not (RFC 3986 section 5).
        policy: Here, its ``url_rules``.
        limits: Here, how long a Location may be.
    """
    if len(location) > limits.location_size_max:
        said = f"the Location is longer than {limits.location_size_max} bytes"
        return _refuse(InvalidURL(said), "redirect.refused.location", said)
    try:
        if policy.url_rules == "requests":
            from sojourn_core.values.url.as_requests import resolve_as_requests  # See urls.py.

            return resolve_as_requests(base, location)
        try:
            return resolve_location(base, location)
        except InvalidSchema:
            return parse_any_url(location.strip(" \t"))
    except InvalidURL as error:
        return _refuse_location(error)


def _ask_rule(
    answered: Answered, url: URL, method: str, policy: Policy, decisions: list[Decision]
) -> URL | Ignore | Refuse:
    """Ask the policy's ``on_redirect`` where a redirect leads.

    Raises:
        TypeError: If it answers something else than a verdict.
    """
    from .redirect_rule import RedirectHop, RedirectVerdict, Rewrite  # Few policies have a rule.

    assert policy.on_redirect is not None
    verdict = policy.on_redirect(
        RedirectHop(
            status=answered.status,
            url=answered.url,
            target=url,
            method=answered.method,
            method_after=method,
            hops=answered.hops,
        )
    )
    if verdict is RedirectVerdict.FOLLOW:
        return url
    if verdict is RedirectVerdict.STOP:
        return Ignore((_ruled("redirect.rule.stopped", url, "hands the redirect over"),))
    if verdict is RedirectVerdict.REFUSE:
        return _closed(_ruled("redirect.rule.refused", url, "refuses this redirect"), url)
    if not isinstance(verdict, Rewrite):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
        raise TypeError(f"on_redirect must answer a RedirectVerdict or a Rewrite, not {verdict!r}")
    decisions.append(_ruled("redirect.rule.rewritten", url, "leads elsewhere"))
    try:
        elsewhere = parse_any_url(verdict.url)
    except (InvalidURL, MissingSchema) as error:
        return _refuse_location(error)
    home = answered.home or answered.url.origin
    closed = closed_to_redirects(answered.url, elsewhere, home, policy)
    return elsewhere if closed is None else _closed(closed, elsewhere)


def _as_asked(answered: Answered, url: URL, policy: Policy, decisions: list[Decision]) -> URL:
    """Return the target as it will be asked: fragment inherited, user info left out."""
    fields = answered.fields
    if fields.repeated and len(set(fields.get_all("location"))) > 1:
        decisions.append(_LOCATION_REPEATED)
    if url.userinfo is not None and not policy.keeps_location_userinfo:
        url = url.without_userinfo()
        decisions.append(_USERINFO_DROPPED)
    if url.fragment is None and answered.url.fragment is not None:
        url = url.with_fragment(answered.url.fragment)
        decisions.append(_FRAGMENT_INHERITED)
    return url


def _closed_to_content(old: URL, new: URL, policy: Policy) -> bool:
    """Return whether content may not go along: it came by https, and would go on in clear text."""
    if policy.keeps_content_on_downgrade:
        return False
    return old.scheme == "https" and new.scheme == "http"


# --- the decisions and refusals, in words ---------------------------------------------------------


def _method_decision(answered: Answered, rewritten: str, method: str) -> Decision:
    if method != rewritten:
        return Decision(
            code="redirect.method.overridden",
            subject="method",
            reason="rebuild_method of the session chose it",
            before=rewritten,
            after=method,
        )
    return Decision(
        code="redirect.method.rewritten",
        subject="method",
        reason=f"status {answered.status} turns {answered.method} into {method}",
        section=SECTIONS.get(answered.status, ""),
        before=answered.method,
        after=method,
    )


def _ruled(code: str, url: URL, reason: str) -> Decision:
    return Decision(
        code=code,
        subject=str(url.origin),
        reason=f"the rule of the policy {reason}",
    )


def _refuse(error: RequestException, code: str, reason: str, section: str = "") -> Refuse:
    decision = Decision(code=code, subject="Location", reason=reason, section=section)
    return Refuse(error=error, decisions=(decision,))


def _too_many(hops_max: int) -> Refuse:
    return _refuse(
        TooManyRedirects(f"Exceeded {hops_max} redirects."),
        "redirect.refused.too-many",
        f"{hops_max} redirects were followed, which is the most allowed",
        "RFC 9110 15.4",
    )


def _refuse_location(error: RequestException) -> Refuse:
    # The error says which; decisions show no query and no fragment, which may hold secrets.
    return _refuse(
        error,
        "redirect.refused.location",
        "the Location is not a URL that a request can be sent to",
        "RFC 9110 10.2.2",
    )


def _downgraded(url: URL) -> Refuse:
    reason = "content that was sent by https would go out in clear text"
    error = DowngradeRefused(
        f"not redirected to {url.origin}: {reason} (Policy.keeps_content_on_downgrade allows it)"
    )
    decision = Decision(
        code="redirect.refused.downgrade",
        subject=str(url.origin),
        reason=reason,
        section="RFC 9110 4.2.2",
    )
    return Refuse(error=error, decisions=(decision,))


def _closed(decision: Decision, url: URL) -> Refuse:
    place = repr(url.scheme) if decision.subject == "Location" else decision.subject
    error = RedirectRefused(f"not redirected to {place}: {decision.reason}")
    return Refuse(error=error, decisions=(decision,))


_TARGET_OVERRIDDEN: Final = Decision(
    code="redirect.target.overridden",
    subject="Location",
    reason="get_redirect_target of the session has its own idea of where this response leads",
)
_LOCATION_REPEATED: Final = Decision(
    code="redirect.location.repeated",
    subject="Location",
    reason="the response names several targets, and the first counts",
    section="RFC 9110 10.2.2",
)
_USERINFO_DROPPED: Final = Decision(
    code="redirect.userinfo.dropped",
    subject="user info",
    reason="a server does not choose the credentials of a request",
    section="RFC 9110 4.2.4",
)
_FRAGMENT_INHERITED: Final = Decision(
    code="redirect.fragment.inherited",
    subject="fragment",
    reason="the Location has no fragment of its own",
    section="RFC 9110 10.2.2",
)
