"""The next request of a call: what the plan of a redirect leads to.

Each hop is made from the request before it by way of the session's methods, so that a subclass that
overrides one of them changes what happens; a change that it makes is a decision and noted as one.
Cookies are retrieved anew for each URL. What the caller gave by hand stays with the origin it was
given for; what the call holds as credentials comes back with the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .content import Content
from .decision import Decision
from .errors import UnrewindableBodyError
from .redirect import replan

if TYPE_CHECKING:
    from collections.abc import Callable

    from .redirect import Follow
    from .request import PreparedRequest
    from .response import Response
    from .session import Session
    from .url import Origin


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
) -> PreparedRequest:
    """The request that a plan leads to.

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
    request.home = home
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
        request.prepare_content_length(None)
    at_home = request.parsed_url.origin == home
    _rebuild_cookies(session, old, request, wall, at_home=at_home, same_origin=plan.same_origin)
    session.rebuild_proxies(request, proxies)
    right = headers.get("authorization") if plan.keeps_authorization else None
    session.rebuild_auth(request, response)
    if headers.get("authorization") != right:
        decide(
            Decision(
                code="auth.overridden",
                subject="Authorization",
                reason="an override of the session set, kept or dropped it for this origin",
                after=str(plan.url.origin),
            )
        )
    if "authorization" not in headers:
        _return_credentials(session, old, request, home)
    return request


def _rebuild_cookies(
    session: Session,
    old: PreparedRequest,
    request: PreparedRequest,
    wall: float,
    *,
    at_home: bool,
    same_origin: bool,
) -> None:
    """Cookies are retrieved anew for each hop; those given by hand stay with their origin."""
    headers = request.headers
    given = "; ".join(headers.get_all("cookie")) or None
    # What was made here before is not given by hand, though part of it may have been.
    by_hand = old.jar_field_by_hand if given == old.jar_field else given
    headers.discard("cookie")
    request.jar_field = request.jar_field_by_hand = None
    session.set_cookies(request, wall, unscoped=at_home)
    if by_hand is not None and same_origin:
        request.jar_field_by_hand = by_hand
        # What the jar has gained meanwhile goes along, except under a name given by hand.
        names = {pair.partition("=")[0].strip() for pair in by_hand.split(";")}
        gained = [
            pair
            for pair in (request.jar_field or "").split("; ")
            if pair and pair.partition("=")[0] not in names
        ]
        request.set_jar_field("; ".join([by_hand, *gained]))


def _return_credentials(
    session: Session, old: PreparedRequest, request: PreparedRequest, home: Origin
) -> None:
    """The chain is back at the origin that the caller asked for (Q7)."""
    auth = request.auth
    origin = request.parsed_url.origin
    if auth is None or origin != home or old.parsed_url.origin == origin:
        return
    session.apply_auth(request, auth, "the call, which is back at its origin")
