"""Fields and content of a request that go along with a redirect.

A redirect may take a request to another origin, and may take its content away. Which fields go
along is decided here, field by field, each with its reason, those of credentials included.

Sources: RFC 9110 section 15.4; Fetch, "HTTP-redirect fetch"; the table of origins in
``docs/decisions.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.named_tuple import NamedTuple

from .policy import DEFAULT_POLICY
from .redirect_tables import CROSS_ORIGIN_FIELDS, CROSS_ORIGIN_PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.values.url.endpoint import Origin
    from sojourn_core.values.url.url import URL

    from .policy import Policy
    from .redirect_values import Answered


class Carried(NamedTuple):
    """The part of a request that goes along.

    Attributes:
        dropped: Names of the fields that do not, in lower case.
        keeps_content: Whether the content does.
        decisions: Why.
    """

    dropped: frozenset[str]
    keeps_content: bool
    decisions: list[Decision]


def strips_authorization(old: URL, new: URL, policy: Policy) -> bool:
    """Return whether Authorization must not go along from one URL to another.

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


def decide_carried(answered: Answered, url: URL, method: str, policy: Policy) -> Carried:
    """Decide which fields go along to the next URL, and whether the content does.

    Args:
        answered: The request that was answered with the redirect, and its response.
        url: The URL of the next request.
        method: The method of the next request.
        policy: The choices on which clients differ.
    """
    becomes_get = method != answered.method and method in ("GET", "HEAD")
    loses_content = becomes_get or (
        bool(policy.loses_content) and policy.content_goes(answered.status, answered.method)
    )
    keeps_content = answered.has_content and not loses_content
    decisions: list[Decision] = []
    if answered.has_content:
        decisions.append(_content_decision(answered, method, keeps_content=keeps_content))
    if answered.url.origin == url.origin and not loses_content and not policy.field_origins:
        for name, _ in answered.lines:  # A comprehension would be a call more.
            if name.lower() == "proxy-authorization":
                break
        else:  # Within an origin everything else goes along.
            return Carried(_NO_NAMES, keeps_content, decisions)
    dropped, reasons = _decide_fields(answered, url, policy, keeps_content, loses_content)
    return Carried(dropped, keeps_content, decisions + reasons)


def _decide_fields(
    answered: Answered, url: URL, policy: Policy, keeps_content: bool, loses_content: bool
) -> tuple[frozenset[str], list[Decision]]:
    """Decide on each field whether it goes along.

    Returns:
        The names of those that do not, in lower case, and why.
    """
    decisions: list[Decision] = []
    origin = url.origin
    same_origin = answered.url.origin == origin
    place = "" if same_origin else str(origin)
    bindings = policy.field_origins
    listed, prefixes = policy.cross_origin_fields, policy.cross_origin_prefixes
    dropped = _left_behind(answered, origin, policy, decisions) if bindings else set[str]()
    authorizes = False
    for name, _ in answered.lines:
        lowered = name.lower()
        if lowered in dropped or lowered in bindings:
            continue
        authorizes = authorizes or lowered == "authorization"  # It is judged last.
        if lowered not in _JUDGED and not (loses_content and lowered in policy.content_fields):
            stays = same_origin or listed is None or lowered in listed
            if stays or lowered == "authorization" or lowered.startswith(prefixes):
                continue  # Most fields say nothing of who asks.
        why = _why_it_stays(
            lowered, policy, same_origin, loses_content=loses_content, with_content=keeps_content
        )
        if why is not None:
            dropped.add(lowered)
            reason = why.reason or f"it is not on the list of fields that may go to {place}"
            decisions.append(
                Decision(code=why.code, subject=name, reason=reason, section=why.section)
            )
    # No entry lets anything more through if there is no list, or if it is the default.
    own_list = listed is not CROSS_ORIGIN_FIELDS or prefixes is not CROSS_ORIGIN_PREFIXES
    if own_list and not same_origin and listed is not None:
        decisions += _let_through(
            answered, url, dropped | bindings.keys(), with_content=keeps_content
        )
    if not same_origin and authorizes and "authorization" not in dropped:
        strips = strips_authorization(answered.url, url, policy)
        if strips:
            dropped.add("authorization")
        credentials = _OF_AN_ORIGIN if strips else _UPGRADED
        decisions.append(
            Decision(
                code=credentials.code,
                subject="Authorization",
                reason=credentials.reason,
                section=credentials.section,
                before=str(answered.url.origin),
                after=place,
            )
        )
    return frozenset(dropped), decisions


def _left_behind(
    answered: Answered, origin: Origin, policy: Policy, decisions: list[Decision]
) -> set[str]:
    """Return the names of fields that the policy binds to other origins."""
    dropped: set[str] = set()
    for name, _ in answered.lines:
        lowered = name.lower()
        if lowered not in dropped and origin not in policy.field_origins.get(lowered, (origin,)):
            dropped.add(lowered)
            reason = f"the policy does not let it go to {origin}"
            decisions.append(Decision(code="field.dropped.origin", subject=name, reason=reason))
    return dropped


def _let_through(
    answered: Answered, url: URL, dropped: set[str], *, with_content: bool
) -> Iterator[Decision]:
    """Tell which fields go to another origin by an entry that is the policy's own, once each."""
    told = dropped | _JUDGED | {"authorization"}
    for name, _ in answered.lines:
        lowered = name.lower()
        if lowered in told or DEFAULT_POLICY.crosses_origins(lowered, with_content=with_content):
            continue
        told.add(lowered)
        yield Decision(
            code="field.kept.cross-origin",
            subject=name,
            reason=f"an entry of the policy lets it go to {url.origin}",
        )


def _content_decision(answered: Answered, method: str, *, keeps_content: bool) -> Decision:
    if keeps_content:
        return Decision(
            code="redirect.content.kept",
            subject="content",
            reason=f"status {answered.status} with {answered.method} repeats the request as it was",
            section=SECTIONS.get(answered.status, ""),
        )
    return Decision(
        code="redirect.content.dropped",
        subject="content",
        reason=f"{method} is sent without content",
        section="RFC 9110 15.4",
    )


_NO_NAMES: Final[frozenset[str]] = frozenset()

# Fields with rules of their own, whatever the policy lists.
_JUDGED: Final = frozenset({"cookie", "host", "proxy-authorization"})


class _Why(NamedTuple):
    """A reason for what becomes of a field."""

    code: str
    reason: str
    section: str


_OF_A_PROXY: Final = _Why(
    "auth.stripped.proxy", "it belongs to a proxy, and each hop has its own", "RFC 9110 11.7.2"
)
_OF_CONTENT: Final = _Why(
    "field.dropped.content", "it describes content, which is gone", "RFC 9110 15.4"
)
_OF_A_HOST: Final = _Why("field.dropped.host", "it named the host before", "RFC 9110 7.2")
_OF_A_JAR: Final = _Why(
    "cookie.stripped.cross-origin",
    "it was given for another origin, or is made anew from the jar",
    "Fetch 4.4",
)
_OF_AN_ORIGIN: Final = _Why(
    "auth.stripped.cross-origin", "it belongs to the origin that it was given for", "RFC 9110 15.4"
)
_NOT_LISTED: Final = _Why("field.dropped.cross-origin", "", "")
_UPGRADED: Final = _Why(
    "auth.kept.upgrade", "the same host is reached by https now, both on their default ports", ""
)


def _why_it_stays(
    name: str, policy: Policy, same_origin: bool, *, loses_content: bool, with_content: bool
) -> _Why | None:
    """Return why a field does not go along; None if it does.

    Args:
        name: Its name, in lower case. Authorization is decided by ``strips_authorization``.
        policy: The choices on which clients differ.
        same_origin: The next request stays within the origin.
        loses_content: Its content goes.
        with_content: There is content, and it goes along.
    """
    if name == "proxy-authorization":
        return _OF_A_PROXY
    if loses_content and name in policy.content_fields:
        return _OF_CONTENT
    if same_origin or name == "authorization":
        return None
    if name == "cookie":
        return _OF_A_JAR
    if name == "host":
        return None if policy.keeps_host_field else _OF_A_HOST
    return None if policy.crosses_origins(name, with_content=with_content) else _NOT_LISTED


# A session may follow other statuses too; no section says how.
SECTIONS: Final = {
    301: "RFC 9110 15.4.2",
    302: "RFC 9110 15.4.3",
    303: "RFC 9110 15.4.4",
    307: "RFC 9110 15.4.8",
    308: "RFC 9110 15.4.9",
}
