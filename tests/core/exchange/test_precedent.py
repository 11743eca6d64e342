"""What plans have in common is kept, and changes nothing of what a plan says."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import DIRECT, Limits, Proxy, Request, Route, SendSettings, parse_url
from sojourn_core.commands import Send
from sojourn_core.exchange.plan import ExchangePlan, plan_exchange
from sojourn_core.exchange.precedent import Precedent
from sojourn_core.session.session import Session

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest

CONTEXTS: Final = (ssl.create_default_context(), ssl.create_default_context())
SETTINGS: Final = (SendSettings(), SendSettings(lenient_heads=True), SendSettings(verify="ca.pem"))
ROUTES: Final = (DIRECT, Route(Proxy(parse_url("http://proxy.test:3128"))))
URLS: Final = (
    "http://a.test/1",
    "http://a.test/2?x",
    "http://a.test:81/1",
    "https://a.test/1",
    "http://b.test/1",
)
FIELDS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"X-One": "1"},
    {"Host": "c.test"},
    {"Proxy-Authorization": "Basic eDp5"},
)


class Bound:
    """Credentials of a connection, of one user."""

    def __init__(self, who: str) -> None:
        self.connection_identity = who

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


USERS: Final = (None, Bound("one"), Bound("other"))


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a request, and how it goes; or a field that the session has from then on."""
    return {
        "url": draw(st.sampled_from(URLS)),
        "fields": draw(st.sampled_from(FIELDS)),
        "auth": draw(st.sampled_from(USERS)),
        "settings": draw(st.sampled_from(SETTINGS)),
        "route": draw(st.sampled_from(ROUTES)),
        "context": draw(st.sampled_from(CONTEXTS)),
        "of_session": draw(st.sampled_from(("", "", "X-Session", "Accept"))),
    }


def said(plan: ExchangePlan) -> tuple[Any, ...]:
    """List all that a plan says of where a request goes, and with what."""
    return (plan.key, plan.origin, plan.request, plan.host, plan.port, plan.tunnel)


@given(st.lists(steps(), min_size=1, max_size=8))
def test_a_plan_after_others_says_what_it_says_alone(drawn: list[dict[str, Any]]) -> None:
    session, precedent = Session(), Precedent()
    session.trust_env = False
    for number, step in enumerate(drawn):
        if step["of_session"]:
            session.headers[step["of_session"]] = str(number)
        request = Request("GET", step["url"], headers=step["fields"], auth=step["auth"])
        send = Send(session.prepare_request(request), step["route"], step["settings"])
        context = step["context"] if step["url"].startswith("https:") else None
        alone = plan_exchange(send, limits=Limits(), tls_context=context)
        after = plan_exchange(send, limits=Limits(), tls_context=context, precedent=precedent)
        assert said(after) == said(alone)


def test_requests_of_a_session_to_one_origin_share_their_lines_and_their_key() -> None:
    session, precedent, settings = Session(), Precedent(), SendSettings()
    session.trust_env = False
    first, second = (
        plan_exchange(
            Send(session.prepare_request(Request("GET", url)), DIRECT, settings),
            limits=Limits(),
            tls_context=None,
            precedent=precedent,
        )
        for url in URLS[:2]
    )
    assert first.request.lines is second.request.lines
    assert first.key is second.key


def test_lines_of_a_request_itself_are_not_kept() -> None:
    """They may hold credentials."""
    session, precedent = Session(), Precedent()
    session.trust_env = False
    request = Request("GET", URLS[0], headers={"Authorization": "Bearer x"})
    send = Send(session.prepare_request(request), DIRECT, SendSettings())
    plan_exchange(send, limits=Limits(), tls_context=None, precedent=precedent)
    assert precedent.lines is None
