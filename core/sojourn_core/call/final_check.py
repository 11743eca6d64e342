"""The last look at a request: taken where it is sent, whatever path it came by.

An override, a hook or an authentication may have changed it since it was prepared. What is found
here costs no connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.rules.access import closed_to
from sojourn_core.rules.request_fields import check_fields
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import InvalidMethod, InvalidURL, PolicyRefused
from sojourn_core.values.fields import COMMON_METHODS, Fields, cut, is_token
from sojourn_core.values.limits import DEFAULT_LIMITS

from .bound_fields import with_bound_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.limits import Limits

    from .chain import Chain
    from .hop import Hop


def inspect(
    hop: Hop, policy: Policy, decisions: list[Decision], limits: Limits = DEFAULT_LIMITS
) -> Mapping[str, str]:
    """Refuse what must never be sent, and settle the URL that a hop goes to.

    Args:
        hop: The hop, its request as it is about to go out.
        policy: The places that are closed.
        decisions: Takes each decision.
        limits: How long the URL may be, if it may not be as long as it can be read.

    Returns:
        The fields of the request by their names, in lower case.

    Raises:
        InvalidMethod, InvalidURL: For what is none.
        InvalidHeader, InvalidContent: For fields that must not be sent; see ``check_fields``.
        PolicyRefused: If the policy closes the place.
    """
    request, url = hop.request, hop.url
    method = request.method
    if method not in COMMON_METHODS and (method is None or not is_token(method)):
        raise InvalidMethod(f"method {cut(method)} is not a token")
    if url.text is not request.url:  # An override, a hook or an authentication has set another.
        url = hop.url = request.parsed_url
    if limits is not DEFAULT_LIMITS and len(url.text) > limits.url_size_max:
        raise InvalidURL(f"the URL is longer than {limits.url_size_max} characters")
    if (
        policy.https_only
        or policy.refused_hosts
        or policy.refused_networks
        or policy.allowed_hosts is not None
    ):
        closed = closed_to(url, policy)
        if closed is not None:
            decisions.append(closed)
            raise PolicyRefused(f"not sent to {closed.subject}: {closed.reason}")
    headers: Any = request.headers
    if not isinstance(headers, Fields):  # Somebody set a plain mapping.
        headers = request.headers = request.fields_class(headers)
    if policy.field_origins:
        request = hop.request = with_bound_fields(request, policy, decisions)
        headers = request.headers
    checked = request.preparation.checked
    names: Any = headers._index  # pyright: ignore[reportPrivateUsage] - no call on the hot path
    if (
        names is not checked  # Most requests have no other fields.
        and (names := headers.by_name()) != checked
        and check_fields(headers, checked)
    ):
        request = hop.request = request.trimmed()
        names = request.headers.by_name()
    if (
        "cookie" in names
        and url.origin != hop.home
        and request.preparation.of("cookie", names["cookie"]) is None
    ):
        decisions.append(
            Decision(
                code="cookie.overridden",
                subject="Cookie",
                reason="an override of the session set it for another origin",
            )
        )
    waits = "expect" in names or policy.expects_from is not None
    return _announced(hop, policy, decisions) if waits else names


def _announced(hop: Hop, policy: Policy, decisions: list[Decision]) -> Mapping[str, str]:
    from .expecting import announce  # Few requests wait.

    return announce(hop, policy, decisions)


def is_declined(hop: Hop, chain: Chain) -> bool:
    """Return whether a 417 has declined an expectation: then the request of the hop has none now.

    It is sent once more (RFC 9110 section 10.1.1).
    """
    from .expecting import decline

    return decline(hop, chain)


def without_proxy_field(request: PreparedRequest) -> PreparedRequest:
    """Return the request without a Proxy-Authorization, which is for a proxy alone.

    It may be the caller's own, who may send it again: a copy is changed.
    """
    if "proxy-authorization" not in request.headers.by_name():
        return request
    bare = request.copy()
    bare.headers.discard("proxy-authorization")
    return bare
