"""Calls that begin with a response in hand, and calls whose hops are calls of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    Call,
    Decision,
    Fields,
    Request,
    Response,
    SendSettings,
    Session,
    Timeouts,
)
from sojourn_core.call.phase import CallPhase
from sojourn_core.call.ports import Mode
from sojourn_core.commands import Deliver, Discard, Fail, Rewind, Send
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.values.environment import EMPTY_ENVIRONMENT
from sojourn_core.values.errors import DowngradeRefused, LocalProtocolError, TooManyRedirects
from tests.core.conversation import URL, codes, hop, redirect, respond, session, start

if TYPE_CHECKING:
    from sojourn_core import PreparedRequest
    from sojourn_core.commands import CallCommand

OTHER = "http://b.test/y"


def in_hand(response: Response, **given: Any) -> tuple[Call, Response]:
    """A call that is new, and a response to its request."""
    owner: Session = given.pop("owner", None) or session()
    total = given.pop("total", None)
    settings = SendSettings(timeouts=Timeouts(total=total))
    url = given.pop("url", URL)
    call = owner.call(Request(given.pop("method", "GET"), url, **given), settings=settings)
    response.request, response.url = call.request, url
    return call, response


def after(command: CallCommand, call: Call) -> PreparedRequest:
    """The request that comes after a response was discarded."""
    assert isinstance(command, Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Send)
    return command.request


# --- resumed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_response_that_leads_nowhere_is_delivered(status: int) -> None:
    call, response = in_hand(respond(status))
    assert call.resume(response, 0.0) == Deliver(response)
    assert call.phase is CallPhase.ENDED


def test_a_redirect_is_followed() -> None:
    call, response = in_hand(redirect(303, OTHER), method="POST", data=b"content")
    request = after(call.resume(response, 0.0), call)
    assert (request.method, request.url, request.body) == ("GET", OTHER, None)
    assert call.history == [response]
    assert hop(call, redirect(302, "/z")).url == "http://b.test/z"
    last = respond(200)
    assert call.answered(last, 0.0) == Deliver(last)
    assert last.history[0] is response
    assert len(last.history) == 2


def test_what_was_decided_before_comes_first() -> None:
    call, response = in_hand(redirect(302, "/y"))
    response.decisions = [Decision(code="auth.added", subject="Authorization", reason="before")]
    after(call.resume(response, 0.0), call)
    assert codes(call) == ["auth.added", "redirect.followed"]
    assert response.decisions == [call.decisions[0]]


def test_its_hooks_have_run_and_its_cookies_are_kept() -> None:
    owner = session()
    answer = redirect(302, "/y", ("Set-Cookie", "a=1"))
    call, response = in_hand(answer, owner=owner, hooks={"response": never})
    after(call.resume(response, 0.0), call)
    assert len(owner.cookies) == 0


def test_a_redirect_that_is_refused_fails() -> None:
    call, response = in_hand(redirect(302, "/y"), owner=session(max_redirects=0))
    assert isinstance(call.resume(response, 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, TooManyRedirects)
    assert command.error.response is response


def test_content_that_would_go_in_clear_text_is_refused() -> None:
    secure = "https://a.test/x"
    call, response = in_hand(redirect(308, URL), method="POST", url=secure, data=b"secret")
    assert call.preview(response) is None
    assert isinstance(call.resume(response, 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, DowngradeRefused)
    assert (command.error.request, command.error.response) == (call.request, response)
    call, response = in_hand(redirect(303, URL), method="POST", url=secure, data=b"secret")
    assert after(call.resume(response, 0.0), call).body is None


def test_content_that_was_sent_is_put_back() -> None:
    call, response = in_hand(redirect(307, "/y"), method="POST", data=[b"content"])
    list(call.request.content.chunks())  # type: ignore[union-attr]  # it is streamed
    assert isinstance(call.resume(response, 0.0), Discard)
    assert isinstance(call.discarded(0.0), Rewind)


def test_the_time_of_a_call_begins_when_it_is_resumed() -> None:
    call, response = in_hand(redirect(302, "/y"), total=5.0)
    command = call.resume(response, 100.0)
    assert isinstance(command, Discard)
    command = call.discarded(104.0)
    assert isinstance(command, Send)
    assert command.deadline == 105.0


@pytest.mark.parametrize("first", ["start", "resume"])
@pytest.mark.parametrize("second", ["start", "resume"])
def test_a_call_begins_once(first: str, second: str) -> None:
    call, response = in_hand(redirect(302, "/y"))

    def begin(way: str) -> None:
        if way == "start":
            call.start(0.0)
        else:
            call.resume(response, 0.0)

    begin(first)
    command = call.command
    with pytest.raises(LocalProtocolError, match="the call was started before"):
        begin(second)
    assert call.command is command


class Signing(AuthFlow):
    """Signs each request that it is asked about, and answers one challenge."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"of {request.url}"
        return request

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        return request if response.status_code == 401 else None


def test_credentials_have_their_say_on_the_hops_that_follow() -> None:
    call, response = in_hand(redirect(302, "/y"), auth=Signing())
    request = after(call.resume(response, 0.0), call)
    assert request.headers["Authorization"] == "of http://a.test/y"
    assert hop(call, respond(401)).url == "http://a.test/y"
    assert "authorization" not in hop(call, redirect(302, OTHER)).headers


def test_a_challenge_that_is_in_hand_is_answered_no_more() -> None:
    call, response = in_hand(respond(401), auth=Signing())
    assert call.resume(response, 0.0) == Deliver(response)


# --- nested -----------------------------------------------------------------------------------


def nested(**given: Any) -> Call:
    """A call whose hops, but the first, are sent by calls of their own."""
    owner: Session = given.pop("owner", None) or session()
    request = owner.prepare_request(Request("GET", URL, **given))
    call = Call(request, owner, owner.call_settings(EMPTY_ENVIRONMENT), SendSettings(), Mode.NESTED)
    assert isinstance(call.start(0.0), Send)
    return call


def of_its_own(call: Call, response: Response) -> Response:
    """The response to a hop as another call delivers it."""
    response.request = call.request.copy()
    response.url = call.request.url
    response.decisions = [Decision(code="inner", subject="hop", reason="of its own call")]
    return response


def never(response: Response) -> None:
    """A hook that must not run."""
    pytest.fail("it was run")


def test_the_first_hop_of_a_nested_call_is_its_own() -> None:
    seen: list[Any] = []
    owner = session()
    call = nested(owner=owner, hooks={"response": seen.append})
    response = redirect(302, "/y", ("Set-Cookie", "a=1"))
    call.answered(response, 2.0)
    call.hooked(None, 2.0)
    assert isinstance(call.command, Discard)
    assert owner.cookies["a"] == "1"
    assert response.request is call.request
    assert response.decisions is call.decisions


def test_later_hops_have_run_their_hooks_and_kept_their_cookies() -> None:
    owner = session()
    call = nested(owner=owner)
    hop(call, redirect(302, "/y"))
    call.request.hooks = {"response": [never]}
    response = of_its_own(call, respond(200, ("Set-Cookie", "a=1")))
    request = response.request
    assert call.answered(response, 3.0) == Deliver(response)
    assert len(owner.cookies) == 0
    assert response.request is request
    assert call.request is request
    assert codes(call) == ["redirect.followed", "inner"]
    assert response.decisions is call.decisions
    assert [each.status_code for each in response.history] == [302]


def test_a_redirect_of_a_later_hop_is_relative_to_what_was_sent() -> None:
    call = nested()
    hop(call, redirect(302, "/y"))
    response = of_its_own(call, redirect(302, "z"))
    assert response.request is not None
    response.request.url = "http://a.test/deep/er"  # An override has sent it elsewhere.
    assert hop(call, response).url == "http://a.test/deep/z"


def test_a_later_hop_that_does_not_say_what_was_sent() -> None:
    call = nested()
    hop(call, redirect(302, "/y"))
    response = respond(200)
    assert call.answered(response, 0.0) == Deliver(response)
    assert response.request is call.request
    assert response.url == "http://a.test/y"


def test_a_call_that_is_not_nested_says_what_was_sent_itself() -> None:
    call = start(session(), "GET", URL)
    hop(call, redirect(302, "/y"))
    response = of_its_own(call, respond(200))
    named = response.request
    assert call.answered(response, 0.0) == Deliver(response)
    assert response.request is named is not call.request  # The transport says what it sent.
    assert codes(call) == ["redirect.followed"]


class Foreign(Response):
    """A response of somebody's own transport, whose fields are whatever they are."""

    headers: Any = None


@pytest.mark.parametrize("headers", [{"Location": "/z"}, [("Location", "/z")]])
def test_fields_that_a_transport_has_as_a_mapping(headers: Any) -> None:
    call = start(session(), "GET", URL)
    response = Foreign()
    response.status_code = 302
    response.headers = headers
    assert hop(call, response).url == "http://a.test/z"
    assert isinstance(response.headers, Fields)
