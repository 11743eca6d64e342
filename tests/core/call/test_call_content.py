"""What becomes of the content of a request that is sent more than once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Request
from sojourn_core.commands import (
    Deliver,
    Discard,
    Fail,
    Rewind,
    Send,
)
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import DeadlineExceeded, Progress, UnrewindableBodyError
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
    timed,
    travel,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Callable


# --- content ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "rewinds"),
    [
        (lambda: b"content", 0),
        (lambda: "content", 0),
        (lambda: io.BytesIO(b"content"), 2),
        (lambda: [b"con", b"tent"], 2),
    ],
    ids=["octets", "text", "file", "list"],
)
def test_content_is_sent_again_whole(make: Callable[[], Any], rewinds: int) -> None:
    call = session().call(Request("POST", URL, data=make()))
    answers = iter([redirect(307, "/1"), redirect(308, "//b.test/2"), respond(200)])
    journey = travel(call, lambda request: next(answers))
    assert [sent.content for sent in journey.sent] == [b"content"] * 3
    assert journey.commands.count("Rewind") == rewinds
    assert codes(call).count("redirect.content.kept") == 2


def test_a_file_is_put_back_to_where_it_was() -> None:
    file = io.BytesIO(b"skipped content")
    file.seek(8)
    answers = iter([redirect(307, "/y"), respond(200)])
    journey = travel(session().call(Request("POST", URL, data=file)), lambda _: next(answers))
    assert [sent.content for sent in journey.sent] == [b"content", b"content"]


def test_content_that_is_gone_is_an_error_and_never_empty() -> None:
    call = session().call(Request("POST", URL, data=generate()))
    journey = travel(call, lambda request: redirect(307, "/y"))
    assert isinstance(journey.error, UnrewindableBodyError)
    assert len(journey.sent) == 1
    assert journey.commands == ["Send", "Discard", "Fail"]
    assert journey.error.request is call.request
    assert journey.error.response is call.history[-1]
    assert codes(call)[-1] == "redirect.refused.request"


def test_content_that_was_not_touched_is_still_there() -> None:
    call = start(session(), "POST", URL, data=generate())
    request = hop(call, redirect(307, "/y"))
    assert snapshot(request).content == b"once"


def test_content_that_goes_while_the_response_is_drained() -> None:
    call = start(session(), "POST", URL, data=generate())
    assert isinstance(call.answered(redirect(307, "/y"), 0.0), Discard)
    assert snapshot(call.request).content == b"once"
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, UnrewindableBodyError)


def test_content_that_is_dropped_need_not_be_rewound() -> None:
    answers = iter([redirect(303, "/y"), respond(200)])
    journey = travel(session().call(Request("POST", URL, data=generate())), lambda _: next(answers))
    assert journey.commands == ["Send", "Discard", "Send", "Deliver"]
    assert [sent.content for sent in journey.sent] == [b"once", None]


@pytest.mark.parametrize(
    ("raised", "kind", "cause"),
    [
        (UnrewindableBodyError("closed"), UnrewindableBodyError, False),
        (OSError("closed"), UnrewindableBodyError, True),
    ],
)
def test_a_file_that_will_not_be_rewound(
    raised: Exception, kind: type[Exception], cause: bool
) -> None:
    call = waiting(Rewind)
    command = call.failed(raised, 0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is kind
    assert (command.error.__cause__ is raised) is cause
    assert "closed" in str(command.error)
    assert command.error.request is call.request


@pytest.mark.parametrize("location", ["/y", "//b.test/y"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_request_without_content_goes_on_saying_so(method: str, location: str) -> None:
    call = start(session(), method, URL)
    assert call.request.headers["Content-Length"] == "0"
    request = hop(call, redirect(307, location))
    assert request.headers["Content-Length"] == "0"


# --- connections that were lost ---------------------------------------------------------------


def stale(**progress: Any) -> LostConnection:
    error = LostConnection("lost")
    error.progress = Progress(**{"reused": True, **progress})
    return error


def test_a_stale_connection_is_no_reason_to_fail() -> None:
    call = start(session(), "GET", URL)
    command = call.lost(stale(octets_written=50), 1.0)
    assert isinstance(command, Send)
    assert command.fresh
    assert command.request is call.request
    assert codes(call) == ["retry.stale-connection"]
    response = respond(200)
    assert call.answered(response, 3.0) == Deliver(response)
    assert response.elapsed.total_seconds() == 2.0


def test_only_once_for_each_hop() -> None:
    call = start(session(), "GET", URL)
    assert isinstance(call.lost(stale(), 0.0), Send)
    call.answered(redirect(302, "/y"), 0.0)
    command = call.discarded(0.0)
    assert isinstance(command, Send)
    assert not command.fresh  # Only the request that was lost needs a connection of its own.
    assert isinstance(call.lost(stale(), 0.0), Send)
    error = stale()
    assert call.lost(error, 0.0) == Fail(error)
    assert error.request is call.request
    assert [d.hop for d in call.decisions if d.code == "retry.stale-connection"] == [0, 1]


@pytest.mark.parametrize(
    ("make", "touched", "commands"),
    [
        (lambda: b"content", True, ["Send"]),
        (lambda: io.BytesIO(b"content"), True, ["Rewind", "Send"]),
        (lambda: [b"content"], True, ["Rewind", "Send"]),
        (lambda: [b"content"], False, ["Send"]),
        (generate, True, ["Fail"]),
        (generate, False, ["Send"]),
    ],
)
def test_content_and_a_stale_connection(
    make: Callable[[], Any], touched: bool, commands: list[str]
) -> None:
    call = start(session(), "PUT", URL, data=make())
    if touched:
        snapshot(call.request)
    error = stale(octets_written=touched * 100)
    found = [call.lost(error, 0.0)]
    if isinstance(found[0], Rewind):
        found[0].content.rewind()
        found.append(call.rewound(0.0))
    assert [type(command).__name__ for command in found] == commands
    if commands == ["Fail"]:
        assert found == [Fail(error)]
    else:
        assert found[-1].fresh
        assert snapshot(call.request).content in (b"content", b"once")


def test_no_resend_after_the_deadline() -> None:
    call = timed(5.0)
    call.start(0.0)
    command = call.lost(stale(), 5.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, DeadlineExceeded)


def test_an_error_keeps_the_request_that_it_names() -> None:
    call = start(session(), "GET", URL)
    other = session().prepare_request(Request("GET", URL))
    command = call.lost(LostConnection("lost", request=other), 0.0)
    assert isinstance(command, Fail)
    assert command.error.request is other
