"""The redirects of a call: what a response leads to is decided, and the call goes there.

This is loaded with the first redirect, as the rules are that it asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.rules.redirect import Follow, Ignore
from sojourn_core.values.errors import RequestException
from sojourn_core.values.record import replace

from .hop import Hop
from .next_hop import Redirect
from .states import Discarding, Refusing

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response

    from .journey import Journey, Step


def lead_on(journey: Journey, response: Response, now: float) -> Step:
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
    if isinstance(verdict, Follow):
        return _follow(journey, response, redirect, verdict, now)
    if verdict.decisions:
        chain.log(verdict.decisions)
    if isinstance(verdict, Ignore):
        return journey.deliver(response, now)
    refusal = verdict.error
    refusal.response, refusal.request = response, hop.request
    response.history = response.history or chain.before_redirect()
    return journey.discard(Refusing(refusal), response, now, follows=True)


def _follow(
    journey: Journey, response: Response, redirect: Redirect, plan: Follow, now: float
) -> Step:
    hop, chain, challenges = journey.hop, journey.chain, journey.challenges
    chain.append(response)
    try:
        request = redirect.follow(plan)
        if challenges is not None:
            request = challenges.begin_hop(request, request.parsed_url, hop)
    except RequestException as error:
        chain.log(redirect.decisions)
        return journey.refuse_request(response, error, plan.method, now)
    chain.log(redirect.decisions)
    chain.redirects += 1
    if redirect.proxies != journey.settings.proxies:
        journey.settings = replace(journey.settings, proxies=redirect.proxies)
    after = Hop(request, plan.url, hop.home)
    return journey.discard(Discarding(after), response, now, follows=True)


def preview(journey: Journey, response: Response) -> PreparedRequest | None:
    """Return the request that a delivered response would lead to."""
    hop, proxies = journey.hop, journey.settings.proxies
    redirects, sent_at = journey.chain.redirects, hop.sent_at
    redirect = Redirect(journey.owner, journey.rules, hop, response, redirects, proxies, sent_at)
    return redirect.preview()
