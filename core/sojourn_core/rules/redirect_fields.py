"""What of a request goes along with a redirect: its fields and its content.

A redirect may take a request to another origin, and may take its content away. Which fields go
along then is decided here, field by field, each with its reason; the fields of credentials are
decided by the session's ``rebuild_auth``, which a subclass may override.

Sources: RFC 9110 section 15.4; Fetch, "HTTP-redirect fetch"; the table of origins in
``docs/decisions.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.url.url import URL

    from .policy import Policy


class Carried(NamedTuple):
    """What goes along.

    Attributes:
        dropped: Names of the fields that do not, in lower case.
        keeps_content: Whether the content does.
        keeps_authorization: Whether Authorization may.
        decisions: Why.
    """

    dropped: frozenset[str]
    keeps_content: bool
    keeps_authorization: bool
    decisions: list[Decision]


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


def decide_carried(
    *,
    status: int,
    old_method: str,
    new_method: str,
    old: URL,
    new: URL,
    lines: list[FieldLine],
    has_content: bool,
    policy: Policy,
) -> Carried:
    """Decide what goes along from one URL to another.

    Args:
        status: Of the response that redirects.
        old_method: Of the request that was answered.
        new_method: Of the next one.
        old: The URL that was asked.
        new: The URL that comes next.
        lines: Field lines of the request that was answered.
        has_content: Whether it had content.
        policy: The choices on which clients differ.
    """
    decisions: list[Decision] = []
    section = SECTIONS.get(status, "")
    becomes_get = new_method != old_method and new_method in ("GET", "HEAD")
    loses_content = becomes_get or policy.content_goes(status, old_method)
    keeps_content = has_content and not loses_content
    if new_method != old_method:
        decisions.append(
            Decision(
                code="redirect.method.rewritten",
                subject="method",
                reason=f"status {status} turns {old_method} into {new_method}",
                section=section,
                before=old_method,
                after=new_method,
            )
        )
    if keeps_content:
        decisions.append(
            Decision(
                code="redirect.content.kept",
                subject="content",
                reason=f"status {status} with {old_method} repeats the request as it was",
                section=section,
            )
        )
    elif has_content:
        decisions.append(
            Decision(
                code="redirect.content.dropped",
                subject="content",
                reason=f"{new_method} is sent without content",
                section="RFC 9110 15.4",
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
            loses_content=loses_content,
            same_origin=same_origin,
            keeps_content=keeps_content,
            policy=policy,
        )
        if reason is None:
            continue
        dropped.add(lowered)
        code, why, source = reason
        if code == "field.dropped.cross-origin":
            why = f"{why} {new.origin}"
        decisions.append(Decision(code=code, subject=name, reason=why, section=source))
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
    return Carried(frozenset(dropped), keeps_content, not strips, decisions)


def _drop_reason(
    name: str,
    *,
    loses_content: bool,
    same_origin: bool,
    keeps_content: bool,
    policy: Policy,
) -> tuple[str, str, str] | None:
    """Why a field does not go along: code, reason, section; None if it does."""
    if name == "proxy-authorization":
        return (
            "auth.stripped.proxy",
            "it belongs to a proxy, and each hop has its own",
            "RFC 9110 11.7.2",
        )
    if loses_content and name in policy.content_fields:
        return "field.dropped.content", "it describes content, which is gone", "RFC 9110 15.4"
    if same_origin or name == "authorization":  # Authorization is rebuild_auth's.
        return None
    if name == "host" and not policy.keeps_host_field:
        return "field.dropped.host", "it named the host before", "RFC 9110 7.2"
    if name == "cookie":
        return (
            "cookie.stripped.cross-origin",
            "it was given for another origin, or is made anew from the jar",
            "Fetch 4.4",
        )
    if name == "host" or policy.crosses_origins(name, with_content=keeps_content):
        return None
    return "field.dropped.cross-origin", "it is not on the list of fields that may go to", ""


# A session may follow other statuses too; no section says how.
SECTIONS: Final = {
    301: "RFC 9110 15.4.2",
    302: "RFC 9110 15.4.3",
    303: "RFC 9110 15.4.4",
    307: "RFC 9110 15.4.8",
    308: "RFC 9110 15.4.9",
}
