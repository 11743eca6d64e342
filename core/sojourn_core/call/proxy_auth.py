"""Credentials for proxies, and answers to their challenges (407), within one call.

What a proxy is told never goes to an origin. It is worked out on a stand-in of the request, whose
Proxy-Authorization the call takes off and hands over beside it: it goes with the request to a
forward proxy, and with CONNECT to one that tunnels (RFC 9110 section 11.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.rules.proxies import proxy_authorization
from sojourn_core.values.fields import Fields
from sojourn_core.values.record import replace

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.auth.credentials import AuthFlow
    from sojourn_core.values.route import Proxy, Route

PROXY_FLOWS_MAX: Final = 64
_FIELD: Final = "proxy-authorization"


class ProxyAuth:
    """The credentials that the proxies of one call are shown.

    Args:
        flow: A machine of the call's own, if the caller has given credentials for proxies.
        flows: Credentials from the URLs of proxies, counted for the whole session.
        charset: What Basic credentials are encoded in.

    Attributes:
        reads_content: Whether responses are read whole before they are shown to the flow.
    """

    __slots__ = (
        "_answer",
        "_charset",
        "_flow",
        "_flows",
        "_given",
        "_machines",
        "_said",
        "reads_content",
    )

    def __init__(self, flow: AuthFlow | None, flows: dict[Proxy, AuthFlow], charset: str) -> None:
        self._flow = flow
        self._flows = flows
        self._charset = charset
        # Each for its own proxy: hops may go through different ones.
        self._machines: dict[Proxy, AuthFlow] = {}
        self._answer: str | None = None
        self._given: str | None = None
        self._said: str | None = None
        self.reads_content = flow is not None and flow.reads_content

    def begin_hop(self) -> None:
        """Forget what was for the hop before."""
        self._answer = self._given = None

    def answers(self, request: PreparedRequest, response: Response, route: Route) -> bool:
        """Return whether there is an answer to a challenge; ``field`` gives it then."""
        if route.proxy is None or route.proxy.is_socks:
            return False
        flow = self._flow or self._flow_of(route.proxy)
        if flow is None:
            return False
        asked = _stand_in(request, route)
        if self._said is not None:
            asked.headers[_FIELD] = self._said
        answer = flow.respond(asked, response)
        field = None if answer is None else answer.headers.get(_FIELD)
        if field is None:
            return False
        self._answer = field
        return True

    def field(self, request: PreparedRequest, route: Route) -> str | None:
        """Return the Proxy-Authorization for the proxy of a route, or None."""
        assert route.proxy is not None
        self._said = self._answer or self._unasked(request, route, route.proxy)
        self._answer = None
        return self._said

    def _unasked(self, request: PreparedRequest, route: Route, proxy: Proxy) -> str | None:
        """Return what a proxy is told before it asks."""
        flow = self._flow or self._machines.get(proxy) or self._flows.get(proxy)
        if flow is not None:
            field: str | None = flow(_stand_in(request, route)).headers.get(_FIELD)
            if field is not None:
                return field
        # It was taken off the request when that was sent first, and it may be sent again.
        self._given = request.headers.by_name().get(_FIELD, self._given)
        if self._given is not None:
            return self._given
        return proxy_authorization(proxy, self._charset)

    def _flow_of(self, proxy: Proxy) -> AuthFlow | None:
        """Return Digest with the user info of the proxy's URL, counted for the whole session."""
        userinfo = proxy.url.userinfo
        if userinfo is None:
            return None
        machine = self._machines.get(proxy)
        if machine is not None:
            return machine
        flows = self._flows
        known = flows.get(proxy)
        if known is None:
            from sojourn_core.rules.auth.digest_auth import HTTPProxyDigestAuth

            if len(flows) >= PROXY_FLOWS_MAX:
                flows.pop(next(iter(flows)), None)
            known = flows.setdefault(proxy, HTTPProxyDigestAuth(*userinfo))
        machine = self._machines[proxy] = known.begin()
        return machine


def _stand_in(request: PreparedRequest, route: Route) -> PreparedRequest:
    """Return the request as the proxy sees it: CONNECT, or with its target in absolute form."""
    assert route.proxy is not None
    url = request.parsed_url
    seen = request.copy()
    seen.headers = Fields()
    target = url.absolute_form()
    if not route.forwards(url.scheme):
        seen.method, seen.body, target = "CONNECT", None, url.authority
    seen.preparation = replace(seen.preparation, target=target, proxy=route.proxy.url.origin)
    return seen
