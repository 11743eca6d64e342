"""A call that is watched by hooks, and what comes after one: ``response.next``."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import Call, Request, Response, SendSettings, Session
from sojourn_core.call.phase import CallPhase
from sojourn_core.commands import Deliver, Discard, Fail, Hook, Load, Send
from sojourn_core.values.errors import ConnectTimeout, InvalidArgument, UnrewindableBodyError
from tests.core.conversation import (
    URL,
    codes,
    generate,
    hop,
    redirect,
    respond,
    session,
    snapshot,
    start,
    state,
    travel,
    waiting,
)

# --- hooks ------------------------------------------------------------------------------------


def hooked(owner: Session, *answers: Response, hook: Any, method: str = "GET") -> Any:
    rest = iter(answers)
    call = owner.call(Request(method, URL, hooks={"response": hook}))
    return travel(call, lambda request: next(rest))


def test_a_hook_sees_each_response_before_its_cookies_are_stored() -> None:
    owner = session()
    seen: list[tuple[int | None, str | None, int]] = []
    journey = hooked(
        owner,
        redirect(302, "/y", ("Set-Cookie", "a=1")),
        respond(200, ("Set-Cookie", "b=2")),
        hook=lambda response: seen.append((response.status_code, response.url, len(owner.cookies))),
    )
    assert journey.commands == ["Send", "Hook", "Discard", "Send", "Hook", "Deliver"]
    assert seen == [(302, URL, 0), (200, "http://a.test/y", 1)]
    assert dict(owner.cookies) == {"a": "1", "b": "2"}


def test_a_hook_may_put_another_response_in_its_place() -> None:
    owner = session()
    other = respond(200)
    journey = hooked(owner, redirect(302, "/y", ("Set-Cookie", "a=1")), hook=lambda response: other)
    assert journey.response is other
    assert other.decisions is journey.decisions
    assert len(owner.cookies) == 0


def test_what_a_hook_returns_is_a_response_or_none() -> None:
    journey = hooked(session(), respond(200), hook=lambda response: 3)
    assert isinstance(journey.error, InvalidArgument)
    assert str(journey.error) == "a response hook must return a response or None, not int"
    assert journey.error.maybe_sent


def test_cookies_of_responses_that_a_hook_went_through_are_stored() -> None:
    owner = session()
    challenge = respond(401, ("Set-Cookie", "a=1"))

    def authenticate(response: Response) -> Response:
        made = respond(200, ("Set-Cookie", "b=2"))
        made.request, made.url = response.request, response.url
        made.history = [response]
        return made

    journey = hooked(owner, challenge, hook=authenticate)
    assert dict(owner.cookies) == {"a": "1", "b": "2"}
    assert journey.response.history == [challenge]


def test_a_redirect_of_another_request_is_relative_to_that() -> None:
    owner = session()
    other = owner.prepare_request(
        Request("GET", "http://b.test/d/e", auth=("u", "p"), cookies={"of-other": "1"})
    )

    def ask_elsewhere(response: Response) -> Response | None:
        if response.url != URL:
            return None
        made = redirect(307, "f")
        made.request, made.url = other, other.url
        return made

    other.register_hook("response", ask_elsewhere)
    answers = iter(
        [respond(200), redirect(307, URL + "2"), redirect(307, "//b.test/"), respond(200)]
    )
    call = owner.call(
        Request("GET", URL, auth=("user", "of-first"), hooks={"response": ask_elsewhere})
    )
    first = call.request.headers["authorization"]
    journey = travel(call, lambda request: next(answers))
    assert [sent.url for sent in journey.sent] == [
        URL,
        "http://b.test/d/f",
        "http://a.test/x2",
        "http://b.test/",
    ]
    theirs = other.headers["authorization"]
    assert [sent.values("authorization") for sent in journey.sent] == [
        [first],
        [theirs],
        [],
        [theirs],
    ]
    cookies = [sent.values("cookie") for sent in journey.sent]
    assert cookies == [[], ["of-other=1"], [], ["of-other=1"]]


@pytest.mark.parametrize("raised", [ValueError("secret"), ConnectTimeout("late")])
def test_a_hook_that_raises_about_a_redirect_has_it_closed(raised: Exception) -> None:
    call = waiting(Hook)
    response = call.command.response
    command = call.failed(raised, 0.0)
    assert command == Discard(response, 0, command.deadline)
    assert call.phase is CallPhase.REFUSING
    assert call.discarded(0.0) == Fail(raised)


@pytest.mark.parametrize("raised", [ValueError("secret"), ConnectTimeout("late")])
@pytest.mark.parametrize("readable", [True, False])
def test_a_hook_that_raises_has_the_content_read_for_whoever_catches_it(
    raised: Exception, readable: bool
) -> None:
    call, response = shown(respond(200))
    assert call.failed(raised, 0.0) == Load(response)
    assert call.phase is CallPhase.SALVAGING
    if readable:
        assert call.loaded(0.0) == Fail(raised)
        return
    command = call.failed(ConnectTimeout("no content"), 0.0)
    assert command == Discard(response, 0, command.deadline)
    assert call.discarded(0.0) == Fail(raised)


@pytest.mark.parametrize("has_it", [True, False])
def test_what_was_to_be_streamed_stays_open_if_the_error_has_it(has_it: bool) -> None:
    call, response = shown(respond(200), stream=True)
    raised = ConnectTimeout("late", response=response if has_it else None)
    command = call.failed(raised, 0.0)
    if has_it:
        assert command == Fail(raised)
        return
    assert command == Discard(response, 0, command.deadline)
    assert call.discarded(0.0) == Fail(raised)


def shown(response: Response, *, stream: bool = False, hooks: Any = None) -> tuple[Call, Response]:
    """A call whose hook is shown a response."""
    request = Request("GET", URL, hooks={"response": hooks or (lambda seen: None)})
    call = session().call(request, settings=SendSettings(stream=stream))
    call.start(0.0)
    assert isinstance(call.answered(response, 0.0), Hook)
    return call, response


def test_each_hook_is_shown_the_response_in_turn() -> None:
    first, second = (lambda seen: None), (lambda seen: None)
    call, response = shown(respond(200), stream=True, hooks=[first, second])
    command = call.command
    assert isinstance(command, Hook)
    assert (command.hook, command.response) == (first, response)
    assert command.arguments == {
        "timeout": None,
        "verify": True,
        "proxies": {},
        "stream": True,
        "cert": None,
    }
    command = call.hooked(None, 0.0)
    assert isinstance(command, Hook)
    assert (command.hook, command.response) == (second, response)
    assert call.hooked(response, 0.0) == Deliver(response, load=False)


def test_a_response_that_a_hook_has_replaced_is_closed_before_the_next_is_asked() -> None:
    def never(seen: Any) -> None:
        """The second hook."""

    call, response = shown(redirect(302, "/y"), hooks=[lambda seen: None, never])
    other = respond(200)
    command = call.hooked(other, 0.0)
    assert command == Discard(response, 0, command.deadline)
    assert call.phase is CallPhase.REPLACING
    assert call.discarded(0.0) == Hook(never, other, command_arguments())
    assert call.hooked(None, 0.0) == Deliver(other)


def command_arguments() -> dict[str, Any]:
    """The arguments of a hook under the settings of no session."""
    return {"timeout": None, "verify": True, "proxies": {}, "stream": False, "cert": None}


def test_whoever_interrupts_a_hook_closes_the_response() -> None:
    call, response = shown(respond(200))
    assert call.abandon() is response
    assert call.abandon() is None


# --- response.next ----------------------------------------------------------------------------


def left_alone(answer: Response, method: str = "GET", **given: Any) -> tuple[Call, Response]:
    call = start(session(), method, URL, redirects=False, **given)
    call.answered(answer, 0.0)
    return call, answer


def test_the_next_request_is_made_when_somebody_asks() -> None:
    call, response = left_alone(
        redirect(303, "//b.test/y"), "POST", data=b"content", headers={"X-Api-Key": "secret"}
    )
    before = state(call)
    following = response.next
    assert following is not None
    assert (following.method, following.url, following.body) == ("GET", "http://b.test/y", None)
    assert "x-api-key" not in following.headers
    assert following is response.next
    assert state(call) == before
    assert call.request.headers["X-Api-Key"] == "secret"
    assert call.request.body == b"content"


def test_what_belongs_to_an_origin_stays_with_it_when_the_next_request_is_sent_by_hand() -> None:
    _, response = left_alone(
        redirect(307, "//b.test/y"), auth=("user", "secret"), cookies={"of": "secret"}
    )
    assert response.next is not None
    call = session().call(response.next)
    assert isinstance(call.start(0.0), Send)
    for location in ("/z", "//c.test/", "//b.test/again"):
        request = hop(call, redirect(307, location))
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
    request = hop(call, redirect(307, URL))
    assert "authorization" in request.headers
    assert request.headers["cookie"] == "of=secret"


def test_a_url_that_the_caller_sets_is_a_new_beginning() -> None:
    _, response = left_alone(redirect(307, "//b.test/y"), cookies={"of": "caller"})
    request = response.next
    assert request is not None
    request.prepare_url("http://c.test/")
    call = session().call(request)
    call.start(0.0)
    assert hop(call, redirect(307, "/z")).headers["cookie"] == "of=caller"


@pytest.mark.parametrize("location", ["", "ftp://b.test/"])
def test_a_redirect_that_leads_nowhere_has_no_next_request(location: str) -> None:
    _, response = left_alone(redirect(302, location))
    assert response.next is None


def test_what_is_no_redirect_has_no_next_request() -> None:
    assert left_alone(respond(200))[1].next is None
    assert respond(302, ("Location", "/y")).next is None


def test_a_next_request_that_cannot_be_made_is_an_error_each_time() -> None:
    owner = session()
    call = owner.call(Request("POST", URL, data=generate()), allow_redirects=False)
    call.start(0.0)
    assert snapshot(call.request).content == b"once"
    response = redirect(307, "/y")
    call.answered(response, 0.0)
    known = codes(call)
    for _ in range(2):
        with pytest.raises(UnrewindableBodyError):
            _ = response.next
    assert codes(call) == known
