"""The route of a hop: the proxy that it goes by, and what that proxy is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.route import DIRECT, Route
from sojourn_core.values.url.authority import is_ipv4

from .final_check import without_proxy_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.url.url import URL

    from .challenges import Challenges
    from .hop import Hop

_GOES_DIRECTLY: Final = Decision(
    code="auth.stripped.proxy",
    subject="Proxy-Authorization",
    reason="the request goes to its origin directly",
    section="RFC 9110 11.7.2",
)
_GOES_BY_SOCKS: Final = Decision(
    code="auth.stripped.proxy",
    subject="Proxy-Authorization",
    reason="a SOCKS proxy reads no fields",
    section="RFC 9110 11.7.2",
)


def choose_route(
    hop: Hop,
    settings: SendSettings,
    challenges: Challenges | None,
    policy: Policy,
    decisions: list[Decision],
) -> str | None:
    """Choose the route of a hop. A Proxy-Authorization is taken off its request.

    Args:
        hop: The hop, its URL settled; its ``route`` and ``request`` are set.
        settings: For the wire, its proxies.
        challenges: The credentials for proxies; there if the settings have proxies.
        policy: The choices on which clients differ.
        decisions: Takes each decision, in order.

    Returns:
        The Proxy-Authorization for the proxy, or None.

    Raises:
        InvalidProxyURL: For a proxy that is none.
    """
    from sojourn_core.rules.proxies import choose_proxy

    request = hop.request
    proxy, key = choose_proxy(hop.url, settings.proxies)
    told = None
    if proxy is None:
        hop.route = DIRECT
        if "proxy-authorization" in request.headers:
            decisions.append(_GOES_DIRECTLY)
    else:
        hop.route = Route(proxy, tunnels=policy.tunnel_http and not proxy.is_socks)
        reason = f"{key!r} of the proxies fits this URL"
        subject = str(proxy.url.origin)
        decisions.append(Decision(code="proxy.chosen", subject=subject, reason=reason))
        decisions.extend(_of_the_way(hop.route, proxy, hop.url, policy))
        if proxy.is_socks:
            if "proxy-authorization" in request.headers:
                decisions.append(_GOES_BY_SOCKS)
        else:
            assert challenges is not None
            told = challenges.proxy_field(hop)
    hop.request = without_proxy_field(request)
    return told


def _of_the_way(route: Route, proxy: Proxy, url: URL, policy: Policy) -> Iterator[Decision]:
    """Tell what is not seen by the choice of a proxy alone."""
    subject = str(url.origin)
    if route.tunnels and url.scheme == "http":
        reason = "the policy has tunnels for http too"
        yield Decision(
            code="proxy.tunneled", subject=subject, reason=reason, section="RFC 9110 9.3.6"
        )
    if policy.refused_networks and proxy.resolves and not (":" in url.host or is_ipv4(url.host)):
        reason = "the proxy resolves the name, and its addresses are not seen here"
        yield Decision(code="proxy.unseen.address", subject=subject, reason=reason)
