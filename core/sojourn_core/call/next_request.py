"""The next request of a call: what the plan of a redirect leads to.

Each hop is made from the request before it by way of the session's methods, so that a subclass that
overrides one of them changes what happens; a change that it makes is a decision and noted as one.
Cookies are retrieved anew for each URL. What the caller gave by hand stays with the origin it was
given for; what the call holds as credentials comes back with the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.redirect import Refuse, resolve_target
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import UnrewindableBodyError

from .redirect_methods import RedirectRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.policy import Policy
    from sojourn_core.rules.redirect import Follow
    from sojourn_core.session.session import Session
    from sojourn_core.values.url.url import Origin


# Methods whose content has no meaning of its own (RFC 9110 section 9.3); the others expect some.
_WITHOUT_CONTENT: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def draft_request(
    session: Session, old: PreparedRequest, response: Response, location: str, home: Origin
) -> PreparedRequest | None:
    """Have an override of ``rebuild_method`` choose the method of the next request.

    Returns:
        A copy of the request answered, with its new URL and method; None where nobody overrides
        the policy, or the Location is none that a request can be sent to.
    """
    if not location or _is_own(session.rebuild_method, RedirectRules.rebuild_method):
        return None
    asked = old.parsed_url
    url = resolve_target(asked, location, session.limits)
    if isinstance(url, Refuse):
        return None
    if url.userinfo is not None and not session.policy.keeps_location_userinfo:
        url = url.without_userinfo()
    if url.fragment is None and asked.fragment is not None:
        url = url.with_fragment(asked.fragment)
    request = old.copy()
    request.url = url.text
    request.preparation = request.preparation._replace(home=home, decisions=())
    session.rebuild_method(request, response)
    return request


def next_request(
    session: Session,
    old: PreparedRequest,
    response: Response,
    plan: Follow,
    draft: PreparedRequest | None,
    *,
    home: Origin,
    proxies: Any,
    wall: float,
    decide: Callable[[Decision], None],
) -> tuple[PreparedRequest, Any]:
    """The request that a plan leads to, and the proxies for it.

    Args:
        session: Whose methods are asked, and whose jar.
        old: The request that was answered with the redirect.
        response: That answer.
        plan: What it comes to.
        draft: The copy on which an override has chosen the method, if there is one.
        home: The origin that the caller asked for.
        proxies: As in the call's settings.
        wall: Seconds since 1970.
        decide: Takes each decision.

    Raises:
        UnrewindableBodyError: If its content must go along and cannot be sent again.
    """
    request = _begun(old, plan, draft, home)
    if draft is None or session.policy.on_redirect is not None:
        request.url = plan.url.text
    # An override of rebuild_auth finds Authorization as it was, and the decision on it is its own.
    overridden = _is_overridden(session)
    dropped = plan.dropped - {"authorization"} if overridden else plan.dropped
    for decision in plan.decisions:
        if not (overridden and decision.code == "auth.stripped.cross-origin"):
            decide(decision)
    content = request.content
    if not plan.keeps_content:
        request.body = None
    elif isinstance(content, Content) and content.touched and not content.rewindable:
        raise UnrewindableBodyError(
            "the content was a stream and cannot be sent again", request=old, response=response
        )
    headers = request.headers
    for name in dropped:
        headers.discard(name)
    if request.body is None:
        _frame_no_content(request, old, session.policy, response.status_code or 0)
        headers = request.headers
    at_home = request.parsed_url.origin == home
    session.keeping.rebuild(
        session, old, request, response, wall, at_home=at_home, same_origin=plan.same_origin
    )
    proxies = session.rebuild_proxies(request, proxies)
    right = None if "authorization" in plan.dropped else headers.get("authorization")
    session.rebuild_auth(request, response)
    if overridden and headers.get("authorization") != right:
        decide(
            Decision(
                code="auth.overridden",
                subject="Authorization",
                reason="an override of the session set, kept or dropped it for this origin",
                after=str(plan.url.origin),
            )
        )
    if "authorization" not in headers and session.policy.returns_credentials:
        _return_credentials(session, old, request, home)
    return request, proxies


def _begun(
    old: PreparedRequest, plan: Follow, draft: PreparedRequest | None, home: Origin
) -> PreparedRequest:
    if draft is not None:
        return draft
    request = old.copy()
    request.method = plan.method
    request.preparation = request.preparation._replace(home=home, decisions=())
    return request


def _frame_no_content(
    request: PreparedRequest, old: PreparedRequest, policy: Policy, status: int
) -> None:
    if "content-length" in old.headers and not policy.content_goes(status, request.method or ""):
        request.prepare_content_length(None)  # It goes on saying so.
        return
    headers = request.headers
    # A method whose requests have content says so when there is none (RFC 9110 section 8.6).
    if request.method not in _WITHOUT_CONTENT and "content-length" not in headers:
        request.headers = request.fields_class.from_lines([("Content-Length", "0"), *headers.lines])


def _is_overridden(session: Session) -> bool:
    return not (
        _is_own(session.rebuild_auth, RedirectRules.rebuild_auth)
        and _is_own(session.should_strip_auth, RedirectRules.should_strip_auth)
    )


def _is_own(bound: Callable[..., Any], function: Callable[..., Any]) -> bool:
    """Whether a method of a session is the library's; it may be overridden on one session alone."""
    return getattr(bound, "__func__", None) is function


def _return_credentials(
    session: Session, old: PreparedRequest, request: PreparedRequest, home: Origin
) -> None:
    """The chain is back at the origin that the caller asked for (Q7)."""
    auth = request.auth
    origin = request.parsed_url.origin
    if (
        auth is None
        or isinstance(auth, AuthFlow)
        or origin != home
        or old.parsed_url.origin == origin
    ):
        return
    session.apply_auth(request, auth, "the call, which is back at its origin")
