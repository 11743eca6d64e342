"""What a call does about challenges: those of origins (401) and those of proxies (407).

A flow (``auth.AuthFlow``) is shown each response of the hops that it is for and answers with the
next request. The call counts the rounds; nothing of one call is kept on the flow that calls share.

What a proxy is told never goes to an origin. It is worked out on a stand-in of the request, whose
Proxy-Authorization the call takes off and hands over beside it: it goes with the request to a
forward proxy, and with CONNECT to one that tunnels (RFC 9110 section 11.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.proxies import proxy_authorization
from sojourn_core.values.fields import Fields

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.session.session import Session
    from sojourn_core.values.route import Proxy, Route

PROXY_FLOWS_MAX: Final = 64
_FIELD: Final = "proxy-authorization"


class Authenticating:
    """The flows of one call.

    Args:
        session: Whose proxies are known.
        auth: The credentials of the call, if they answer challenges.

    Attributes:
        rounds: How many challenges of this hop were answered.
    """

    __slots__ = (
        "_flow",
        "_is_flows",
        "_proxy_answer",
        "_proxy_flow",
        "_proxy_given",
        "_proxy_machines",
        "_proxy_said",
        "_session",
        "rounds",
    )

    def __init__(self, session: Session, auth: Any) -> None:
        self._session = session
        machine = auth.begin() if isinstance(auth, AuthFlow) else None
        self._flow = None if machine is None or machine.proxy else machine
        self._proxy_flow = machine if machine is not None and machine.proxy else None
        self._is_flows = False  # Whether the flow made the request, which may go anywhere then.
        self._proxy_answer: str | None = None
        self._proxy_given: str | None = None
        self._proxy_said: str | None = None
        # Each for its own proxy: hops may go through different ones.
        self._proxy_machines: dict[Proxy, AuthFlow] = {}
        self.rounds = 0

    def begin_hop(self, request: PreparedRequest, *, belongs: bool) -> PreparedRequest:
        """Before the first sending of a hop.

        Args:
            request: The request of the hop, to be changed.
            belongs: Whether it goes where the credentials are for.
        """
        self.rounds = 0
        self._is_flows = False
        self._proxy_answer = self._proxy_given = None
        if self._flow is None or not belongs:
            return request
        prepared: PreparedRequest = self._flow(request)
        return prepared

    def wants_content(self, *, by_proxy: bool) -> bool:
        """Whether a response must be read whole before it is shown to a flow.

        Args:
            by_proxy: Whether it is a proxy's.
        """
        flow = self._proxy_flow if by_proxy else self._flow
        return flow is not None and flow.reads_content

    def answer(
        self, request: PreparedRequest, response: Response, *, belongs: bool
    ) -> PreparedRequest | None:
        """The request that answers a response of the origin; None to hand the response over."""
        flow = self._flow
        if flow is None or not (belongs or self._is_flows) or self._is_enough():
            return None
        answer: PreparedRequest | None = flow.respond(request.copy(), response)
        if answer is not None:
            self._is_flows = True
            self.rounds += 1
        return answer

    def answer_proxy(self, request: PreparedRequest, response: Response, route: Route) -> bool:
        """Whether there is an answer to a proxy's challenge; ``proxy_field`` gives it then."""
        if route.proxy is None or self._is_enough():
            return False
        flow = self._proxy_flow or self._flow_of(route.proxy)
        if flow is None:
            return False
        asked = _stand_in(request, route)
        if self._proxy_said is not None:
            asked.headers[_FIELD] = self._proxy_said
        answer = flow.respond(asked, response)
        field = None if answer is None else answer.headers.get(_FIELD)
        if field is None:
            return False
        self.rounds += 1
        self._proxy_answer = field
        return True

    def proxy_field(self, request: PreparedRequest, route: Route) -> str | None:
        """The Proxy-Authorization for the proxy of a route, or None."""
        assert route.proxy is not None
        self._proxy_said = self._proxy_answer or self._unasked(request, route, route.proxy)
        self._proxy_answer = None
        return self._proxy_said

    def _unasked(self, request: PreparedRequest, route: Route, proxy: Proxy) -> str | None:
        """What a proxy is told before it asks."""
        machine = self._proxy_machines.get(proxy)
        flow = self._proxy_flow or machine or self._session.proxy_flows.get(proxy)
        if flow is not None:
            field: str | None = flow(_stand_in(request, route)).headers.get(_FIELD)
            if field is not None:
                return field
        # It was taken off the request when that was sent first, and it may be sent again.
        self._proxy_given = request.headers.get(_FIELD, self._proxy_given)
        if self._proxy_given is not None:
            return self._proxy_given
        return proxy_authorization(proxy, self._session.policy.basic_charset)

    def _is_enough(self) -> bool:
        return self.rounds >= self._session.limits.challenges_max

    def _flow_of(self, proxy: Proxy) -> AuthFlow | None:
        """Digest with the user info of the proxy's URL, counted for the whole session."""
        userinfo = proxy.url.userinfo
        if userinfo is None:
            return None
        machine = self._proxy_machines.get(proxy)
        if machine is not None:
            return machine
        flows = self._session.proxy_flows
        known = flows.get(proxy)
        if known is None:
            from sojourn_core.rules.auth.digest_auth import HTTPProxyDigestAuth

            if len(flows) >= PROXY_FLOWS_MAX:
                flows.pop(next(iter(flows)), None)
            known = flows.setdefault(proxy, HTTPProxyDigestAuth(*userinfo))
        machine = self._proxy_machines[proxy] = known.begin()
        return machine


def _stand_in(request: PreparedRequest, route: Route) -> PreparedRequest:
    """The request as the proxy sees it: CONNECT, or with its target in absolute form."""
    assert route.proxy is not None
    url = request.parsed_url
    seen = request.copy()
    seen.headers = Fields()
    seen.proxy_origin = route.proxy.url.origin
    if url.scheme == "https":
        seen.method, seen.body, seen.digest_uri = "CONNECT", None, url.authority
    else:
        seen.digest_uri = url.absolute_form()
    return seen
