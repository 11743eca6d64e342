"""The redirects of a call: what a response leads to is decided, and the call goes there.

This is loaded with the first redirect, as the rules are that it asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sojourn_core.rules.redirect import Follow, Ignore
from sojourn_core.values.errors import RequestException
from sojourn_core.values.record import replace

from .hop import Hop
from .next_hop import Redirect
from .states import Discarding, Refusing

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.rules.redirect import Refuse

    from .chain import Chain
    from .challenges import Challenges
    from .ports import CallSettings, Owner
    from .states import State, Step


class Traveller(Protocol):
    """The journey of a call, as far as a redirect concerns it; see ``Journey``."""

    chain: Chain
    challenges: Challenges | None
    hop: Hop
    owner: Owner
    rules: CallSettings
    settings: SendSettings

    def deliver(self, response: Response, now: float) -> Step: ...

    def discard(
        self, state: State, response: Response, now: float, *, follows: bool = False
    ) -> Step: ...

    def refuse_request(
        self, response: Response, error: RequestException, method: str, now: float
    ) -> Step: ...


def lead_on(journey: Traveller, response: Response, now: float) -> Step:
    """Go where a response leads that may redirect."""
    hop, chain = journey.hop, journey.chain
    redirect = Redirect(
        journey.owner, journey.rules, hop, response, chain.redirects, journey.settings.proxies, now
    )
    try:
        verdict = redirect.decide()
    except RequestException as error:
        chain.append(response)
        return journey.refuse_request(response, error, hop.request.method or "", now)
    if not isinstance(verdict, Follow):
        return _stay(journey, response, verdict, now)
    challenges = journey.challenges
    chain.append(response)
    try:
        request = redirect.follow(verdict)
        if challenges is not None:
            request = challenges.begin_hop(request, request.parsed_url, hop)
    except RequestException as error:
        chain.log(redirect.decisions)
        return journey.refuse_request(response, error, verdict.method, now)
    chain.log(redirect.decisions)
    chain.redirects += 1
    if redirect.proxies != journey.settings.proxies:
        journey.settings = replace(journey.settings, proxies=redirect.proxies)
    after = Hop(request, verdict.url, hop.home)
    return journey.discard(Discarding(after), response, now, follows=True)


def _stay(journey: Traveller, response: Response, verdict: Ignore | Refuse, now: float) -> Step:
    """Hand a response over that leads nowhere, or refuse to go where it leads."""
    if verdict.decisions:
        journey.chain.log(verdict.decisions)
    if isinstance(verdict, Ignore):
        return journey.deliver(response, now)
    refusal = verdict.error
    refusal.response, refusal.request = response, journey.hop.request
    response.history = response.history or journey.chain.before_redirect()
    return journey.discard(Refusing(refusal), response, now, follows=True)


def preview(journey: Traveller, response: Response) -> PreparedRequest | None:
    """Return the request that a delivered response would lead to."""
    hop, proxies = journey.hop, journey.settings.proxies
    redirects, sent_at = journey.chain.redirects, hop.sent_at
    redirect = Redirect(journey.owner, journey.rules, hop, response, redirects, proxies, sent_at)
    return redirect.preview()
