"""Credentials that answer challenges, within one call: origins (401)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Limits, Policy, Request, Session
from sojourn_core.commands import Discard, Fail, Load, Rewind, Send
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.auth.digest_auth import HTTPDigestAuth
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import (
    InvalidHeader,
    Progress,
    RequestException,
    UnrewindableBodyError,
)
from tests.core.conversation import (
    URL,
    generate,
    hop,
    redirect,
    respond,
    session,
    snapshot,
    start,
    travel,
)

if TYPE_CHECKING:
    from sojourn_core import Call, PreparedRequest, Response
    from tests.core.conversation import Journey

OTHER = "http://b.test/y"
UPGRADED = "https://a.test/x"


class Counting(AuthFlow):
    """Answers each 401 with the number of the answer; each call has a machine of its own."""

    def __init__(self, answers: int = 99, *, reads_content: bool = False) -> None:
        self.answers = answers
        self.reads_content = reads_content
        self.seen: list[str] = []

    def begin(self) -> AuthFlow:
        self.seen.append("begin")
        return _Machine(self)


class _Machine(AuthFlow):
    def __init__(self, owner: Counting) -> None:
        self.owner = owner
        self.reads_content = owner.reads_content
        self.count = 0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self.owner.seen.append(f"hop {request.url}")
        request.headers["Authorization"] = f"Count {self.count}"
        return request

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        self.owner.seen.append(f"saw {response.status_code}")
        if response.status_code != 401 or self.count >= self.owner.answers:
            return None
        self.count += 1
        request.headers["Authorization"] = f"Count {self.count}"
        return request


def said(journey: Journey) -> list[str | None]:
    """The credentials of each request."""
    return [next(iter(sent.values("authorization")), None) for sent in journey.sent]


def scripted(*answers: Any) -> Any:
    """What answers requests with these, and with the last one from then on."""
    left = list(answers)

    def answer(request: PreparedRequest) -> Response:
        made = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(made, RequestException):
            raise made
        return respond(made) if isinstance(made, int) else redirect(*made)

    return answer


def go(auth: Any, *answers: Any, owner: Session | None = None, **given: Any) -> Journey:
    request = Request(given.pop("method", "GET"), given.pop("url", URL), auth=auth, **given)
    return travel((owner or session()).call(request), scripted(*answers))


# --- rounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "sent", "status"),
    [
        ([200], ["Count 0"], 200),
        ([401, 200], ["Count 0", "Count 1"], 200),
        ([401, 401, 403], ["Count 0", "Count 1", "Count 2"], 403),
        ([407], ["Count 0"], 407),  # From an origin: nobody asked it to be a proxy.
    ],
)
def test_challenges_are_answered(answers: list[int], sent: list[str], status: int) -> None:
    journey = go(Counting(), *answers)
    assert said(journey) == sent
    assert journey.response is not None
    assert journey.response.status_code == status
    assert [each.status_code for each in journey.response.history] == answers[:-1]
    found = [d for d in journey.decisions if d.code == "auth.answered"]
    assert [(d.subject, d.hop) for d in found] == [
        ("http://a.test", number) for number in range(len(sent) - 1)
    ]


@pytest.mark.parametrize("most", [0, 1, 10])
def test_there_are_only_so_many_answers_to_one_hop(most: int) -> None:
    journey = go(Counting(), 401, owner=Session(limits=Limits(challenges_max=most)))
    assert len(journey.sent) == most + 1
    assert journey.response is not None
    assert journey.response.status_code == 401


def test_each_hop_has_its_own_number_of_answers() -> None:
    owner = Session(limits=Limits(challenges_max=2))
    journey = go(Counting(), 401, 401, (302, "/y"), 401, 401, 401, owner=owner)
    assert said(journey) == [f"Count {n}" for n in (0, 1, 2, 2, 3, 4)]
    assert journey.response is not None
    assert journey.response.status_code == 401


def test_no_answer_hands_the_response_over() -> None:
    journey = go(Counting(answers=0), 401)
    assert journey.commands == ["Send", "Deliver"]


def test_the_request_of_the_caller_stays_as_it_is() -> None:
    owner = session()
    request = owner.prepare_request(Request("GET", URL, auth=Counting()))
    assert "authorization" not in request.headers
    for _ in range(2):
        assert said(travel(owner.call(request), scripted(401, 200))) == ["Count 0", "Count 1"]
    assert "authorization" not in request.headers


def test_each_call_has_a_machine_of_its_own() -> None:
    auth = Counting(answers=1)
    assert [said(go(auth, 401))[-1] for _ in range(2)] == ["Count 1", "Count 1"]
    assert auth.seen.count("begin") == 2


def test_a_flow_that_keeps_nothing_is_its_own_machine() -> None:
    flow = AuthFlow()
    assert flow.begin() is flow
    assert not flow.proxy
    journey = go(flow, 401)
    assert (len(journey.sent), said(journey)) == (1, [None])


def test_a_flow_of_the_session_and_its_credentials_leave_no_word_of_themselves() -> None:
    owner = session(auth=Counting())
    journey = travel(owner.call(Request("GET", URL)), scripted(401, 200))
    assert [d.code for d in journey.decisions] == ["auth.answered"]


# --- where they go ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "locations", "sent"),
    [
        (Policy(), ["/y"], ["Count 0", "Count 0"]),
        (Policy(), [OTHER], ["Count 0", None]),
        (Policy(), [OTHER, URL], ["Count 0", None, "Count 0"]),
        (Policy(), [UPGRADED], ["Count 0", "Count 0"]),
        (Policy(), [UPGRADED, "/z"], ["Count 0", "Count 0", "Count 0"]),
        (Policy(), [OTHER, UPGRADED], ["Count 0", None, "Count 0"]),
        (Policy(), ["https://a.test:8443/"], ["Count 0", None]),
        (Policy.browser(), [UPGRADED], ["Count 0", None]),
    ],
)
def test_a_flow_has_its_say_on_hops_to_the_origin_that_was_asked(
    policy: Policy, locations: list[str], sent: list[str | None]
) -> None:
    steps = [(307, location) for location in locations]
    journey = go(Counting(), *steps, 200, owner=session(policy=policy))
    assert said(journey) == sent


def test_a_challenge_of_another_origin_is_not_answered() -> None:
    auth = Counting()
    journey = go(auth, (307, OTHER), 401)
    assert said(journey) == ["Count 0", None]
    assert auth.seen == ["begin", f"hop {URL}", "saw 307"]


def test_a_redirect_that_is_followed_by_hand_stays_with_its_home() -> None:
    call = start(session(), "GET", URL, redirects=False, auth=Counting())
    response = redirect(307, OTHER)
    call.answered(response, 0.0)
    request = response.next
    assert request is not None
    assert "authorization" not in request.headers
    again = travel(session().call(request), scripted(401))
    assert said(again) == [None]


# --- content ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "commands"),
    [
        (b"content", ["Send", "Discard", "Send", "Deliver"]),
        ([b"con", b"tent"], ["Send", "Discard", "Rewind", "Send", "Deliver"]),
    ],
)
def test_content_is_sent_again_with_the_answer(data: Any, commands: list[str]) -> None:
    journey = go(Counting(), 401, 200, method="POST", data=data)
    assert [sent.content for sent in journey.sent] == [b"content", b"content"]
    assert journey.commands == commands


def test_content_that_is_gone_cannot_be_sent_with_the_answer() -> None:
    journey = go(Counting(), 401, 200, method="POST", data=generate())
    assert isinstance(journey.error, UnrewindableBodyError)
    assert len(journey.sent) == 1


def test_a_response_that_a_flow_wants_to_read_is_loaded_first() -> None:
    journey = go(Counting(reads_content=True), 401, 200)
    assert journey.commands == ["Send", "Load", "Discard", "Send", "Load", "Deliver"]


def test_a_response_that_cannot_be_loaded_fails_the_call() -> None:
    call = start(session(), "GET", URL, auth=Counting(reads_content=True))
    assert isinstance(call.answered(respond(401), 0.0), Load)
    error = RequestException("cut short")
    command = call.failed(error, 0.0)
    assert isinstance(command, Fail)
    assert command.error is error


# --- hooks, cookies, redirects ----------------------------------------------------------------


def test_hooks_see_what_is_left_when_challenges_are_answered() -> None:
    seen: list[Any] = []
    hooks = {"response": lambda response: seen.append(response.status_code)}
    journey = go(Counting(), 401, 200, hooks=hooks)
    assert seen == [200]
    assert journey.commands == ["Send", "Discard", "Send", "Hook", "Deliver"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, [None, "c=1"]),
        ({"cookies": {"own": "1"}}, ["own=1", "c=1; own=1"]),
        ({"headers": {"Cookie": "hand=1"}}, ["hand=1", "hand=1"]),
    ],
)
def test_cookies_of_a_challenge_go_back_with_the_answer(
    given: dict[str, Any], sent: list[str | None]
) -> None:
    owner = session()
    call = start(owner, "GET", URL, auth=Counting(), **given)
    found = [call.request.headers.get("cookie")]
    found.append(hop(call, respond(401, ("Set-Cookie", "c=1"))).headers.get("cookie"))
    assert found == sent
    assert owner.cookies["c"] == "1"


def test_a_challenge_counts_as_no_redirect() -> None:
    journey = go(Counting(), 401, (302, "/y"), 401, 200, owner=session(max_redirects=1))
    assert journey.error is None
    assert [sent.target for sent in journey.sent] == ["/x", "/x", "/y", "/y"]


def test_a_stale_connection_is_forgiven_for_each_answer() -> None:
    def stale() -> LostConnection:
        error = LostConnection("lost")
        error.progress = Progress(reused=True)
        return error

    journey = go(Counting(), stale(), 401, stale(), 200)
    assert said(journey) == ["Count 0", "Count 0", "Count 1", "Count 1"]
    assert [d.code for d in journey.decisions] == [
        "retry.stale-connection",
        "auth.answered",
        "retry.stale-connection",
    ]


# --- flows that fail --------------------------------------------------------------------------


class Refusing(AuthFlow):
    """Finds fault with each challenge."""

    def __init__(self, error: RequestException) -> None:
        self.error = error

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        raise self.error


@pytest.mark.parametrize("known", [None, respond(403)])
def test_a_flow_may_refuse(known: Response | None) -> None:
    error = InvalidHeader("not that one", response=known)
    call = start(session(), "GET", URL, auth=Refusing(error))
    response = respond(401)
    assert isinstance(call.answered(response, 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert command.error is error
    assert error.request is call.request
    assert error.response is (response if known is None else known)  # A 403 is false.


def test_credentials_that_cannot_be_said_are_no_request() -> None:
    call = session().call(Request("GET", URL, auth=HTTPDigestAuth("a\nb", "secret")))
    command = call.start(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidHeader)
    assert "secret" not in str(command.error)


class Wandering(AuthFlow):
    """Asks another origin for a token, and repeats the request with it."""

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        if response.status_code == 401:
            self.original = request
            return Request("POST", OTHER, headers={"Cookie": "its=own"}).prepare()
        if request.url == OTHER:
            self.original.headers["Authorization"] = "Token"
            return self.original
        return None


def test_a_flow_sees_what_it_asked_for_wherever_that_went() -> None:
    journey = go(Wandering(), 401, 200, 204, headers={"Cookie": "by=hand"})
    assert [(sent.method, sent.url) for sent in journey.sent] == [
        ("GET", URL),
        ("POST", OTHER),
        ("GET", URL),
    ]
    assert [sent.values("cookie") for sent in journey.sent] == [
        ["by=hand"],
        ["its=own"],
        ["by=hand"],
    ]
    assert said(journey) == [None, None, "Token"]
    assert journey.response is not None
    assert journey.response.status_code == 204


# --- Digest in a call -------------------------------------------------------------------------


CHALLENGE = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256')


def digest_call(**given: Any) -> Call:
    owner = Session(entropy=bytes)
    return start(owner, given.pop("method", "GET"), URL, auth=HTTPDigestAuth("u", "p"), **given)


def test_digest_answers_the_challenge_and_counts_on() -> None:
    call = digest_call()
    first = hop(call, respond(401, CHALLENGE)).headers["Authorization"]
    second = hop(call, redirect(302, "/y")).headers["Authorization"]
    assert 'uri="/x"' in first
    assert "nc=00000001" in first
    assert 'uri="/y"' in second
    assert "nc=00000002" in second


def test_digest_sends_streamed_content_again() -> None:
    call = digest_call(method="PUT", data=[b"con", b"tent"])
    assert snapshot(call.request).content == b"content"
    assert isinstance(call.answered(respond(401, CHALLENGE), 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Rewind)
    command.content.rewind()
    command = call.rewound(0.0)
    assert isinstance(command, Send)
    assert snapshot(command.request).content == b"content"
    assert command.request.headers["Authorization"].startswith("Digest ")
