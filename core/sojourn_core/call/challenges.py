"""The answers of a call to challenges: those of origins (401) and those of proxies (407)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.redirect_fields import strips_authorization
from sojourn_core.values.decision import Decision

from .origin_auth import OriginAuth
from .proxy_auth import ProxyAuth

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.values.url.url import URL

    from .chain import Chain
    from .hop import Hop
    from .ports import CallSettings, Owner


class Challenges:
    """The credentials of one call that answer challenges.

    Args:
        rules: The settings of the call.
        chain: What the call went through; it is told of each answer.
        auth: The credentials of the call, if they answer challenges.
    """

    __slots__ = ("_chain", "_origin", "_proxy", "_rules")

    def __init__(self, rules: CallSettings, chain: Chain, auth: Any) -> None:
        self._rules = rules
        self._chain = chain
        machine = auth.begin() if isinstance(auth, AuthFlow) else None
        for_proxy = machine is not None and machine.proxy
        self._origin = None if machine is None or for_proxy else OriginAuth(machine)
        self._proxy = ProxyAuth(
            machine if for_proxy else None, rules.proxy_flows, rules.policy.basic_charset
        )

    def begin_hop(self, request: PreparedRequest, url: URL, hop: Hop) -> PreparedRequest:
        """Set what is known already, before a hop is sent first.

        Args:
            request: The request of the hop, to be changed.
            url: Its URL.
            hop: The hop before, or the one that begins.
        """
        self._proxy.begin_hop()
        if self._origin is None:
            return request
        return self._origin.begin_hop(request, belongs=self.is_home(url, hop))

    def reads_content(self, response: Response, hop: Hop) -> bool:
        """Return whether a response must be read whole before it is shown to a flow."""
        if is_from_proxy(response, hop):
            return self._proxy.reads_content
        return self._origin is not None and self._origin.reads_content

    def answer(self, response: Response, hop: Hop) -> PreparedRequest | None:
        """Return the request that answers a response; None to hand the response over."""
        if is_from_proxy(response, hop):
            return hop.request.copy() if self.answers_proxy(response, hop) else None
        if self._origin is None or self._is_enough(hop):
            return None
        belongs = self.is_home(hop.url, hop)
        answer = self._origin.answer(hop.request, response, belongs=belongs)
        if answer is not None:
            self._note(hop, "auth.answered", str(hop.url.origin), "RFC 9110 11.6")
        return answer

    def follow(
        self, answer: PreparedRequest, response: Response, hop: Hop, owner: Owner, now: float
    ) -> Hop:
        """Return the hop that answers a challenge, its cookies retrieved anew.

        Args:
            answer: The request that ``answer`` gave. A flow's may be another than the one answered.
            response: The challenge, which may have set cookies; they are in the jar.
            hop: The hop that was answered.
            owner: Whose jar it is.
            now: Monotonic seconds.
        """
        given, url = answer.headers.by_name().get("cookie"), answer.parsed_url
        if given is None or answer.preparation.of("cookie", given) is not None:
            owner.rebuild_cookies(  # None was given by hand.
                answer,
                answer,
                response,
                now,
                at_home=self.is_home(url, hop),
                same_origin=url.origin == hop.url.origin,
            )
            if given is None and "Cookie" in answer.headers and "Authorization" in answer.headers:
                answer.headers["Authorization"] = answer.headers.pop("Authorization")  # Put last.
        noted, known = answer.preparation.decisions, hop.request.preparation.decisions
        self._chain.log(noted[len(known) :] if noted[: len(known)] == known else noted)
        return hop.answering(answer, url)

    def answers_proxy(self, response: Response | None, hop: Hop) -> bool:
        """Return whether there is an answer to a proxy's challenge; ``proxy_field`` gives it."""
        if response is None or response.status_code != 407 or self._is_enough(hop):
            return False
        proxy = hop.route.proxy
        if proxy is None or not self._proxy.answers(hop.request, response, hop.route):
            return False
        self._note(hop, "auth.answered.proxy", str(proxy.url.origin), "RFC 9110 11.7")
        return True

    def proxy_field(self, hop: Hop) -> str | None:
        """Return the Proxy-Authorization for the proxy of a hop, or None."""
        return self._proxy.field(hop.request, hop.route)

    def is_home(self, url: URL, hop: Hop) -> bool:
        """Return whether credentials of the call are for a URL: its home, or that by https."""
        home, history = hop.home, self._chain.history
        if url.origin == home:
            return True
        asked = history[0].request if history else None
        return (
            asked is not None
            and asked.parsed_url.origin == home
            and not strips_authorization(asked.parsed_url, url, self._rules.policy)
        )

    def _is_enough(self, hop: Hop) -> bool:
        return hop.rounds >= self._rules.limits.challenges_max

    def _note(self, hop: Hop, code: str, subject: str, section: str) -> None:
        hop.rounds += 1
        reason = "the credentials have an answer to its challenge"
        self._chain.log((Decision(code=code, subject=subject, reason=reason, section=section),))


def is_from_proxy(response: Response, hop: Hop) -> bool:
    """Return whether it is the challenge of a forward proxy; in a tunnel the origin speaks."""
    if response.status_code != 407:
        return False
    return hop.route.forwards(hop.url.scheme)
