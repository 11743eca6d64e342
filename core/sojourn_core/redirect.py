"""What a redirect leads to: a function of values.

``decide_redirect`` judges one response and answers ``DELIVER``, ``Refuse`` or ``Follow`` with the
plan for the next request: its method, its URL, which fields go and why, whether the content goes
along, whether credentials do. It knows no session and changes nothing; ``Call`` applies the plan by
way of the session's methods, which a subclass may override.

Sources: RFC 9110 sections 10.2.2 and 15.4; Fetch, "HTTP-redirect fetch"; for the credentials the
table of origins in ``docs/decisions.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .decision import Decision
from .errors import InvalidSchema, InvalidURL, RedirectRefused, RequestException, TooManyRedirects
from .status import REDIRECT_STATUSES
from .url import resolve_location

if TYPE_CHECKING:
    from .fields import FieldLine, Fields
    from .limits import Limits
    from .policy import Policy
    from .url import URL


class Deliver:
    """The response is for the caller."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DELIVER"


DELIVER: Final = Deliver()


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
        url: Where it goes, fragment included, never with user info.
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


def redirect_target(status: int, fields: Fields) -> str | None:
    """The Location that a response redirects to, as octets in text; None if it does not redirect.

    An empty Location redirects nowhere: Requests and this library hand the response over.
    """
    if status not in REDIRECT_STATUSES:
        return None
    return fields.first("location") or None


def strips_authorization(old: URL, new: URL, policy: Policy) -> bool:
    """Whether Authorization must not go along from one URL to another.

    Credentials belong to an origin: scheme, host and effective port (RFC 9110 section 4.3.1). The
    one exception is Requests': an upgrade from http to https on the same host, both on their
    default ports.
    """
    if old.origin == new.origin:
        return False
    upgrade = (
        old.host == new.host
        and (old.scheme, old.port) == ("http", 80)
        and (new.scheme, new.port) == ("https", 443)
    )
    return not (upgrade and policy.keep_authorization_on_upgrade)


def decide_redirect(
    *,
    method: str,
    url: URL,
    lines: list[FieldLine],
    has_content: bool,
    status: int,
    fields: Fields,
    hops: int,
    hops_max: int,
    policy: Policy,
    limits: Limits,
    location: str | None = None,
) -> Deliver | Follow | Refuse:
    """Decide what a response that may redirect leads to.

    Args:
        method: The method of the request just answered.
        url: Its URL, with the fragment that was asked for.
        lines: Its field lines.
        has_content: Whether it had content.
        status: The status of its response.
        fields: The fields of its response.
        hops: How many redirects were followed already.
        hops_max: How many may be, in all.
        policy: The choices on which clients differ.
        limits: How long a Location may be.
        location: The target, if a subclass has its own idea of it.

    Returns:
        Nothing that a peer sends makes this raise.
    """
    named = redirect_target(status, fields)
    location = named if location is None else location
    if location is None:
        return DELIVER
    if hops >= hops_max:
        return _refuse(
            TooManyRedirects(f"exceeded {hops_max} redirects"),
            "redirect.refused.too-many",
            f"{hops_max} redirects were followed, which is the most allowed",
            "RFC 9110 15.4",
        )
    if len(location) > limits.location_size_max:
        return _refuse(
            InvalidURL(f"the Location is longer than {limits.location_size_max} octets"),
            "redirect.refused.location",
            f"the Location is longer than {limits.location_size_max} octets",
        )
    try:
        target = resolve_location(url, location)
    except InvalidSchema as error:
        refused = RedirectRefused(f"not redirected: {error}")
        return _refuse(
            refused, "redirect.refused.scheme", "only http and https are followed", "Fetch 4.4"
        )
    except InvalidURL as error:
        # The error says which; decisions show no query and no fragment, which may hold secrets.
        return _refuse(
            error,
            "redirect.refused.location",
            "the Location is not a URL that a request can be sent to",
            "RFC 9110 10.2.2",
        )
    decisions: list[Decision] = []
    if location != named:
        decisions.append(TARGET_OVERRIDDEN)
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
    if target.userinfo is not None:
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
    decisions.append(
        Decision(
            code="redirect.followed",
            subject=str(target.origin),
            reason=f"status {status} with a Location",
            section=_SECTIONS.get(status, ""),
            before=shown_url(url),
            after=shown_url(target),
        )
    )
    return _plan(
        status=status,
        old_method=method,
        new_method=policy.method_after(status, method),
        old=url,
        new=target,
        lines=lines,
        has_content=has_content,
        policy=policy,
        decisions=decisions,
    )


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
    becomes_get = new_method != old_method and new_method in ("GET", "HEAD")
    if new_method != old_method:
        decisions.append(
            Decision(
                code="redirect.method.rewritten",
                subject="method",
                reason=f"status {status} turns {old_method} into {new_method}",
                section=_SECTIONS.get(status, ""),
                before=old_method,
                after=new_method,
            )
        )
    if has_content and becomes_get:
        decisions.append(
            Decision(
                code="redirect.content.dropped",
                subject="content",
                reason=f"{new_method} is sent without content",
                section="RFC 9110 15.4",
            )
        )
    elif has_content:
        decisions.append(
            Decision(
                code="redirect.content.kept",
                subject="content",
                reason=f"status {status} with {old_method} repeats the request as it was",
                section=_SECTIONS.get(status, ""),
            )
        )
    same_origin = old.origin == new.origin
    dropped: set[str] = set()
    for name, _ in lines:
        lowered = name.lower()
        if lowered in dropped:
            continue
        reason = _drop_reason(
            lowered,
            becomes_get=becomes_get,
            same_origin=same_origin,
            keeps_content=has_content and not becomes_get,
            policy=policy,
        )
        if reason is None:
            continue
        dropped.add(lowered)
        code, why, section = reason
        decisions.append(
            Decision(
                code=code,
                subject=name,
                reason=why if code != "field.dropped.cross-origin" else f"{why} {new.origin}",
                section=section,
            )
        )
    strips = strips_authorization(old, new, policy)
    if not same_origin and not strips and any(n.lower() == "authorization" for n, _ in lines):
        decisions.append(
            Decision(
                code="auth.kept.upgrade",
                subject="Authorization",
                reason="the same host is reached by https now, both on their default ports",
                before=str(old.origin),
                after=str(new.origin),
            )
        )
    return Follow(
        url=new,
        method=new_method,
        dropped=frozenset(dropped),
        keeps_content=has_content and not becomes_get,
        same_origin=same_origin,
        keeps_authorization=not strips,
        decisions=tuple(decisions),
    )


def _drop_reason(
    name: str, *, becomes_get: bool, same_origin: bool, keeps_content: bool, policy: Policy
) -> tuple[str, str, str] | None:
    """Why a field does not go along: code, reason, section; None if it does."""
    if name == "proxy-authorization":
        return (
            "auth.stripped.proxy",
            "it belongs to a proxy, and each hop has its own",
            "RFC 9110 11.7.2",
        )
    if becomes_get and name in policy.content_fields:
        return "field.dropped.content", "it describes content, which is gone", "RFC 9110 15.4"
    if same_origin or name == "authorization":  # Authorization is rebuild_auth's.
        return None
    if name == "host":
        return "field.dropped.host", "it named the host before", "RFC 9110 7.2"
    if name == "cookie":
        return (
            "cookie.stripped.cross-origin",
            "it was given for another origin, or is made anew from the jar",
            "Fetch 4.4",
        )
    if not policy.crosses_origins(name, with_content=keeps_content):
        return "field.dropped.cross-origin", "it is not on the list of fields that may go to", ""
    return None


def shown_url(url: URL) -> str:
    """A URL as decisions show it: queries and fragments may hold secrets, as user info does."""
    return f"{url.origin}{url.path}{'' if url.query is None else '?…'}"


def _refuse(error: RequestException, code: str, reason: str, section: str = "") -> Refuse:
    decision = Decision(code=code, subject="Location", reason=reason, section=section)
    return Refuse(error=error, decisions=(decision,))


TARGET_OVERRIDDEN: Final = Decision(
    code="redirect.target.overridden",
    subject="Location",
    reason="get_redirect_target of the session has its own idea of where this response leads",
)

# A session may follow other statuses too; no section says how.
_SECTIONS: Final = {
    301: "RFC 9110 15.4.2",
    302: "RFC 9110 15.4.3",
    303: "RFC 9110 15.4.4",
    307: "RFC 9110 15.4.8",
    308: "RFC 9110 15.4.9",
}
