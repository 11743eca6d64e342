"""Conversations with a call: what it asks for, what it makes of the reply, and what it refuses."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Call, Limits, Request, SendSettings
from sojourn_core.call.call import CallPhase
from sojourn_core.commands import (
    CALL_REPLIES,
    Deliver,
    Discard,
    Fail,
    Send,
)
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import (
    DeadlineExceeded,
    InvalidHeader,
    InvalidMethod,
    InvalidURL,
    LocalProtocolError,
    RedirectRefused,
    RequestException,
    TooManyRedirects,
)
from sojourn_core.values.route import DIRECT
from tests.core.conversation import (
    URL,
    WALL,
    codes,
    hop,
    redirect,
    respond,
    session,
    start,
    state,
    timed,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Callable


# --- a call without surprises -----------------------------------------------------------------


def test_a_response_is_delivered() -> None:
    owner = session()
    call = owner.call(Request("GET", URL))
    assert call.phase is CallPhase.NEW
    command = call.start(now=0.0)
    assert command == Send(call.request, DIRECT, owner.settings_for(), inf, fresh=False)
    assert call.command is command
    assert call.phase is CallPhase.SENDING
    response = respond(200)
    assert call.answered(response, now=1.5) == Deliver(response)
    assert call.phase is CallPhase.ENDED
    assert response.elapsed.total_seconds() == 1.5
    assert response.received_at == WALL + 1.5
    assert response.request is call.request
    assert (response.url, response.history, response.decisions) == (URL, [], [])


def test_a_redirect_is_followed_without_a_byte_of_network() -> None:
    call = start(session(), "GET", URL)
    found = redirect(302, "/y")
    limits = Limits()
    assert call.answered(found, now=0.1) == Discard(
        found, limits.drain_size_max, 0.1 + limits.drain_seconds_max, follows=True
    )
    assert call.phase is CallPhase.DISCARDING
    command = call.discarded(now=0.2)
    assert isinstance(command, Send)
    assert command.request.url == "http://a.test/y"
    response = respond(200)
    assert call.answered(response, now=0.5) == Deliver(response)
    assert response.history == [found]
    assert response.elapsed.total_seconds() == pytest.approx(0.3)
    assert found.url == URL
    assert found.history == []
    assert response.decisions is call.decisions
    assert [(d.code, d.hop) for d in call.decisions] == [("redirect.followed", 1)]


def test_each_response_knows_those_before_it() -> None:
    call = start(session(), "GET", URL)
    responses = [redirect(302, f"/{count}") for count in range(3)]
    for response in responses:
        hop(call, response)
    last = respond(200)
    call.answered(last, 0.0)
    assert [known.history for known in [*responses, last]] == [responses[:n] for n in range(4)]


def test_a_transport_may_say_which_url_it_asked() -> None:
    call = start(session(), "GET", URL)
    response = respond(200)
    response.url = "http://elsewhere.test/"
    call.answered(response, 0.0)
    assert response.url == "http://elsewhere.test/"


def test_a_call_of_a_prepared_request_with_settings_of_its_own() -> None:
    owner = session()
    prepared = owner.prepare_request(Request("GET", URL))
    settings = SendSettings(verify=False)
    command = owner.call(prepared, settings=settings).start(0.0)
    assert command == Send(prepared, DIRECT, settings, inf)


def test_a_call_of_what_cannot_be_asked_names_the_request() -> None:
    request = Request("GET", URL).prepare()
    request.url = "http://"
    with pytest.raises(InvalidURL) as caught:
        session().call(request, settings=SendSettings())
    assert caught.value.request is request


@pytest.mark.parametrize("url", ["ftp://a.test/", "mailto:x@a.test"])
def test_a_call_may_go_to_an_adapter_for_another_scheme(url: str) -> None:
    owner = session()
    prepared = owner.prepare_request(Request("GET", url))
    command = owner.call(prepared).start(0.0)
    assert isinstance(command, Send)
    assert command.request.url == url


# --- the contract: which reply fits which command ---------------------------------------------

REPLIES: dict[str, Callable[[Call], Any]] = {
    "answered": lambda call: call.answered(respond(200), 0.0),
    "lost": lambda call: call.lost(LostConnection("lost"), 0.0),
    "rewound": lambda call: call.rewound(0.0),
    "failed": lambda call: call.failed(ValueError("no"), 0.0),
    "hooked": lambda call: call.hooked(respond(200), 0.0),
    "loaded": lambda call: call.loaded(0.0),
    "discarded": lambda call: call.discarded(0.0),
    "followed": lambda call: call.followed([], 0.0),
    "resumed": lambda call: call.resumed(0.0),
}


def test_the_table_names_every_reply() -> None:
    assert set().union(*CALL_REPLIES.values()) == set(REPLIES)


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("kind", CALL_REPLIES)
def test_each_reply_to_each_command(kind: type, reply: str) -> None:
    call = waiting(kind)
    if reply in CALL_REPLIES[kind]:
        assert type(REPLIES[reply](call)) in CALL_REPLIES
        return
    before = state(call)
    with pytest.raises(LocalProtocolError) as caught:
        REPLIES[reply](call)
    assert str(caught.value) == f"{reply!r} does not fit {kind.__name__}"
    assert state(call) == before


@pytest.mark.parametrize("reply", REPLIES)
def test_a_call_that_is_new_or_abandoned_takes_no_reply(reply: str) -> None:
    new = session().call(Request("GET", URL))
    abandoned = start(session(), "GET", URL)
    abandoned.abandon()
    for call in (new, abandoned):
        before = state(call)
        with pytest.raises(LocalProtocolError, match=r"does not fit NoneType$"):
            REPLIES[reply](call)
        assert state(call) == before


@pytest.mark.parametrize("kind", CALL_REPLIES)
def test_a_call_starts_once(kind: type) -> None:
    call = waiting(kind)
    before = state(call)
    with pytest.raises(LocalProtocolError, match=r"^the call was started before$"):
        call.start(0.0)
    assert state(call) == before


@pytest.mark.parametrize("kind", CALL_REPLIES)
def test_a_call_may_be_abandoned_anywhere(kind: type) -> None:
    call = waiting(kind)
    call.abandon()
    assert (call.phase, call.command) == (CallPhase.ENDED, None)
    call.abandon()
    with pytest.raises(LocalProtocolError, match="started before"):
        call.start(0.0)


# --- redirects that are not followed ----------------------------------------------------------


def test_redirects_are_left_alone_if_the_caller_says_so() -> None:
    call = start(session(), "GET", URL, redirects=False)
    response = redirect(302, "/y")
    assert call.answered(response, 0.0) == Deliver(response)
    assert (response.history, codes(call)) == ([], [])


def test_no_redirects_at_all_still_gives_the_redirect() -> None:
    call = start(session(max_redirects=0), "GET", URL, redirects=False)
    response = redirect(302, "/y")
    assert call.answered(response, 0.0) == Deliver(response)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_too_many_redirects(most: int) -> None:
    call = start(session(max_redirects=most), "GET", URL)
    for count in range(most):
        hop(call, redirect(302, f"/{count}"))
    last = redirect(302, "/more")
    assert isinstance(call.answered(last, 0.0), Discard)
    assert call.phase is CallPhase.REFUSING
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, TooManyRedirects)
    assert command.error.response is last
    assert command.error.request is call.request
    assert last.history == call.history
    assert len(last.history) == most
    assert codes(call)[-1] == "redirect.refused.too-many"


@pytest.mark.parametrize(
    ("location", "error"),
    [("ftp://b.test/", RedirectRefused), ("http://:80/", RequestException)],
)
def test_a_redirect_that_is_refused(location: str, error: type[Exception]) -> None:
    call = start(session(), "GET", URL)
    response = redirect(302, location)
    assert isinstance(call.answered(response, 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, error)
    assert (command.error.response, command.error.request) == (response, call.request)


# --- what must never be sent ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda request: setattr(request, "method", None), InvalidMethod),
        (lambda request: setattr(request, "method", "GET /"), InvalidMethod),
        (lambda request: setattr(request, "url", "http://a.test\\@b.test/"), RequestException),
        (lambda request: request.headers.extend([("Host", "a"), ("host", "b")]), InvalidHeader),
        (
            lambda request: request.headers.extend([("Authorization", "a")] * 2),
            InvalidHeader,
        ),
    ],
)
def test_the_last_gate(change: Callable[[Any], None], error: type[Exception]) -> None:
    call = session().call(Request("GET", URL))
    change(call.request)
    command = call.start(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, error)
    assert command.error.request is call.request
    assert not command.error.maybe_sent
    assert call.phase is CallPhase.ENDED


def test_credentials_of_a_proxy_do_not_pass_the_last_gate() -> None:
    call = start(session(), "GET", URL, headers={"Proxy-Authorization": "secret"})
    assert "proxy-authorization" not in call.request.headers
    assert codes(call) == ["auth.stripped.proxy"]


# --- time -------------------------------------------------------------------------------------


def test_the_deadline_is_that_of_the_whole_call() -> None:
    call = timed(5.0)
    command = call.start(100.0)
    assert isinstance(command, Send)
    assert command.deadline == 105.0
    found = call.answered(redirect(302, "/y"), 104.99)
    assert isinstance(found, Discard)
    assert found.deadline == 105.0
    again = call.discarded(104.995)
    assert isinstance(again, Send)
    assert again.deadline == 105.0


def test_no_request_is_sent_after_the_deadline() -> None:
    call = timed(5.0)
    call.start(100.0)
    call.answered(redirect(302, "/y"), 104.0)
    command = call.discarded(105.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, DeadlineExceeded)
    assert command.error.request is call.request


def test_without_a_deadline_a_call_may_take_for_ever() -> None:
    call = timed(None)
    call.start(0.0)
    call.answered(redirect(302, "/y"), 1e9)
    assert isinstance(call.discarded(2e9), Send)
