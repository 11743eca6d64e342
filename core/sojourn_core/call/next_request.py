"""The next request of a call: what the plan of a redirect leads to.

Each hop is made from the request before it by way of the session's methods, so that a subclass that
overrides one of them changes what happens; a change that it makes is a decision and noted as one.
Cookies are retrieved anew for each URL. What the caller gave by hand stays with the origin it was
given for; what the call holds as credentials comes back with the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.redirect import replan
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import UnrewindableBodyError

from .redirect_methods import RedirectRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.redirect import Follow
    from sojourn_core.session.session import Session
    from sojourn_core.values.url.url import Origin


# Methods whose content has no meaning of its own (RFC 9110 section 9.3); the others expect some.
_WITHOUT_CONTENT: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def next_request(
    session: Session,
    old: PreparedRequest,
    response: Response,
    plan: Follow,
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
        home: The origin that the caller asked for.
        proxies: As in the call's settings.
        wall: Seconds since 1970.
        decide: Takes each decision.

    Raises:
        UnrewindableBodyError: If its content must go along and cannot be sent again.
    """
    request = old.copy()
    request.url = plan.url.text
    request.preparation = request.preparation._replace(home=home, decisions=())
    session.rebuild_method(request, response)
    if request.method != plan.method:
        plan = replan(
            plan,
            method=request.method or "",
            status=response.status_code or 0,
            old_method=old.method or "",
            old=old.parsed_url,
            lines=old.headers.lines,
            has_content=old.body is not None,
            policy=session.policy,
        )
    for decision in plan.decisions:
        decide(decision)
    content = request.content
    if not plan.keeps_content:
        request.body = None
    elif isinstance(content, Content) and content.touched and not content.rewindable:
        raise UnrewindableBodyError(
            "the content was a stream and cannot be sent again", request=old, response=response
        )
    headers = request.headers
    for name in plan.dropped:
        headers.discard(name)
    if request.body is None:
        loses = session.policy.content_goes(response.status_code or 0, request.method or "")
        if "content-length" in old.headers and not loses:
            request.prepare_content_length(None)  # It goes on saying so.
        else:
            _frame_nothing(request)
        headers = request.headers
    at_home = request.parsed_url.origin == home
    session.keeping.rebuild(
        session, old, request, response, wall, at_home=at_home, same_origin=plan.same_origin
    )
    proxies = session.rebuild_proxies(request, proxies)
    right = headers.get("authorization") if plan.keeps_authorization else None
    session.rebuild_auth(request, response)
    if headers.get("authorization") != right and _is_overridden(session):
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


def _frame_nothing(request: PreparedRequest) -> None:
    """A method whose requests have content says so when there is none (RFC 9110 section 8.6)."""
    headers = request.headers
    if request.method not in _WITHOUT_CONTENT and "content-length" not in headers:
        request.headers = request.fields_class.from_lines([("Content-Length", "0"), *headers.lines])


def _is_overridden(session: Session) -> bool:
    kind = type(session)
    return (
        kind.rebuild_auth is not RedirectRules.rebuild_auth
        or kind.should_strip_auth is not RedirectRules.should_strip_auth
    )


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
