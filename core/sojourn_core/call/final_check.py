"""The last look at a request: taken where it is sent, whatever path it came by.

An override, a hook or an authentication may have changed it since it was prepared. What is found
here costs no connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.rules.access import closed_to
from sojourn_core.rules.request_fields import check_fields
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import InvalidMethod, PolicyRefused
from sojourn_core.values.fields import Fields, cut, is_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.url.url import URL, Origin


def inspect(
    request: PreparedRequest, *, home: Origin, policy: Policy, decide: Callable[[Decision], None]
) -> URL:
    """Refuse what must never be sent.

    Args:
        request: As it is about to go out.
        home: The origin that the caller asked for.
        policy: Which places are closed.
        decide: Takes each decision.

    Returns:
        The URL that the request goes to.

    Raises:
        InvalidMethod, InvalidURL: For what is none.
        InvalidHeader, InvalidContent: For fields that must not be sent; see ``check_fields``.
        PolicyRefused: If the policy closes the place.
    """
    method = request.method
    if method is None or not is_token(method):
        raise InvalidMethod(f"method {cut(method)} is not a token")
    url = request.parsed_url
    if policy.https_only or policy.refused_hosts or policy.refused_networks:
        closed = closed_to(url, policy)
        if closed is not None:
            decide(closed)
            raise PolicyRefused(f"not sent to {closed.subject}: {closed.reason}")
    headers: Any = request.headers
    if not isinstance(headers, Fields):  # Somebody set a plain mapping.
        headers = request.headers = request.fields_class(headers)
    names = headers.by_name()
    if names != request.preparation.checked:
        check_fields(headers, request.preparation.checked)
    if (
        "cookie" in names
        and url.origin != home
        and request.preparation.of("cookie", headers["cookie"]) is None
    ):
        decide(
            Decision(
                code="cookie.overridden",
                subject="Cookie",
                reason="an override of the session set it for another origin",
            )
        )
    return url


def without_proxy_field(request: PreparedRequest) -> PreparedRequest:
    """Return the request without a Proxy-Authorization, which is for a proxy alone.

    It may be the caller's own, who may send it again: a copy is changed.
    """
    if "proxy-authorization" not in request.headers.by_name():
        return request
    bare = request.copy()
    bare.headers.discard("proxy-authorization")
    return bare
