"""The way of a hop to its ``Send``: the last look at the request, and the proxy it goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.rules.proxies import choose_proxy
from sojourn_core.values.decision import Decision
from sojourn_core.values.route import DIRECT, Route

from .final_check import inspect, without_proxy_field

if TYPE_CHECKING:
    from sojourn_core.messages.settings import SendSettings

    from .challenges import Challenges
    from .hop import Hop
    from .ports import CallSettings

_GOES_DIRECTLY: Final = Decision(
    code="auth.stripped.proxy",
    subject="Proxy-Authorization",
    reason="the request goes to its origin directly",
    section="RFC 9110 11.7.2",
)


def look_at(
    hop: Hop,
    rules: CallSettings,
    settings: SendSettings,
    challenges: Challenges | None,
    decisions: list[Decision],
) -> str | None:
    """Check the request of a hop once more, and settle its URL and its route.

    Args:
        hop: The hop; its ``url``, ``route`` and ``request`` are set.
        rules: The settings of the call.
        settings: For the wire, its proxies.
        challenges: The credentials for proxies; there if the settings have proxies.
        decisions: Takes each decision, in order.

    Returns:
        What the proxy is told (Proxy-Authorization), or None.

    Raises:
        RequestException: For a request that must not be sent.
    """
    request = hop.request
    url = hop.url = inspect(request, home=hop.home, policy=rules.policy, decide=decisions.append)
    if not settings.proxies and "proxy-authorization" not in request.headers.by_name():
        hop.route = DIRECT
        return None
    proxy, key = choose_proxy(url, settings.proxies)
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
