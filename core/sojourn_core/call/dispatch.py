"""The route of a hop: the proxy that it goes by, and what that proxy is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.rules.proxies import choose_proxy
from sojourn_core.values.decision import Decision
from sojourn_core.values.route import DIRECT, Route

from .final_check import without_proxy_field

if TYPE_CHECKING:
    from sojourn_core.messages.settings import SendSettings

    from .challenges import Challenges
    from .hop import Hop

_GOES_DIRECTLY: Final = Decision(
    code="auth.stripped.proxy",
    subject="Proxy-Authorization",
    reason="the request goes to its origin directly",
    section="RFC 9110 11.7.2",
)


def choose_route(
    hop: Hop,
    settings: SendSettings,
    challenges: Challenges | None,
    decisions: list[Decision],
) -> str | None:
    """Choose the route of a hop. A Proxy-Authorization is taken off its request.

    Args:
        hop: The hop, its URL settled; its ``route`` and ``request`` are set.
        settings: For the wire, its proxies.
        challenges: The credentials for proxies; there if the settings have proxies.
        decisions: Takes each decision, in order.

    Returns:
        The Proxy-Authorization for the proxy, or None.

    Raises:
        InvalidProxyURL: For a proxy that is none.
    """
    request = hop.request
    proxy, key = choose_proxy(hop.url, settings.proxies)
    told = None
    if proxy is None:
        hop.route = DIRECT
        if "proxy-authorization" in request.headers:
            decisions.append(_GOES_DIRECTLY)
    else:
        hop.route = Route(proxy)
        reason = f"{key!r} of the proxies fits this URL"
        subject = str(proxy.url.origin)
        decisions.append(Decision(code="proxy.chosen", subject=subject, reason=reason))
        assert challenges is not None
        told = challenges.proxy_field(hop)
    hop.request = without_proxy_field(request)
    return told
