"""Expect: 100-continue within a call: when it is set, dropped, and declined."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sojourn_core import Decision, Policy
from sojourn_core.commands import Deliver, Discard, Fail, Rewind, Send
from sojourn_core.values.errors import ConnectTimeout
from tests.core.conversation import codes, redirect, respond, session, start

EXPECT = {"Expect": "100-continue"}


def first(policy: Policy | None = None, method: str = "POST", **given: Any) -> tuple[Any, Any]:
    """A call, and the value of Expect in its first request."""
    call = start(session(policy=policy or Policy()), method, "http://a.test/", **given)
    assert isinstance(call.command, Send)
    return call, call.command.request.headers.get("Expect")


class Stream:
    """Chunks that can be had once."""

    def __iter__(self) -> Any:
        yield b"never taken"


@pytest.mark.parametrize(
    ("given", "least", "sent", "decided"),
    [
        ({"data": b"tea", "headers": EXPECT}, None, "100-continue", []),
        ({"data": b"tea", "headers": {"Expect": "100-Continue"}}, None, "100-Continue", []),
        ({"data": b"tea", "headers": {"Expect": "x"}}, None, "x", []),
        ({"headers": EXPECT}, None, None, ["expect.dropped"]),
        ({"data": b"", "headers": EXPECT}, None, None, ["expect.dropped"]),
        ({"data": b"tea"}, None, None, []),
        ({"data": b"tea"}, 3, "100-continue", ["expect.added"]),
        ({"data": b"tea"}, 4, None, []),
        ({"data": io.BytesIO(b"tea")}, 3, "100-continue", ["expect.added"]),
        ({"data": io.BytesIO(b"tea")}, 4, None, []),
        ({"data": Stream()}, 1 << 40, "100-continue", ["expect.added"]),
        ({}, 0, None, []),
    ],
)
def test_which_content_is_announced(
    given: dict[str, Any], least: int | None, sent: str | None, decided: list[str]
) -> None:
    call, value = first(Policy(expects_from=least), **given)
    assert value == sent
    assert codes(call) == decided


def test_a_policy_that_does_not_heed_it_changes_nothing() -> None:
    policy = Policy(heeds_expect=False, expects_from=1)
    call, value = first(policy, headers=EXPECT)
    assert (value, codes(call)) == ("100-continue", [])
    call, value = first(policy, data=b"tea")
    assert (value, codes(call)) == (None, [])


def test_the_callers_request_stays_as_it_was() -> None:
    owner = session(policy=Policy(expects_from=1))
    call = start(owner, "POST", "http://a.test/", data=b"tea")
    call.answered(respond(417), 0.0)
    call.discarded(0.0)
    prepared = call.command.request  # type: ignore[union-attr]  # It is a Send.
    assert "expect" not in prepared.headers


@pytest.mark.parametrize(("headers", "least"), [(EXPECT, None), ({}, 1)])
def test_a_417_is_answered_once_by_the_same_request_without_it(
    headers: dict[str, str], least: int | None
) -> None:
    call, value = first(Policy(expects_from=least), data=b"tea", headers=headers)
    assert value == "100-continue"
    assert isinstance(call.answered(respond(417), 0.0), Discard)
    again = call.discarded(0.0)
    assert isinstance(again, Send)
    assert "expect" not in again.request.headers
    assert again.request.content == b"tea"
    assert codes(call)[-1] == "expect.declined"
    last = call.answered(respond(417), 0.0)
    assert isinstance(last, Deliver)
    assert last.response.status_code == 417
    assert last.response.history == []


@pytest.mark.parametrize("code", ["hedge.sent", "hedge.refused.budget"])
def test_an_error_knows_of_the_exchange_that_a_417_has_outrun(code: str) -> None:
    call, _ = first(data=b"tea", headers=EXPECT)
    declined = respond(417)
    declined.left_out = (Decision(code=code, subject="http://a.test", reason="it was slow"),)
    call.answered(declined, 0.0)
    call.discarded(0.0)
    failed = call.lost(ConnectTimeout("it took too long", maybe_sent=False), 0.0)
    assert isinstance(failed, Fail)
    assert failed.error.maybe_sent is (code == "hedge.sent")


def test_content_that_was_read_is_rewound_for_it() -> None:
    call, _ = first(data=io.BytesIO(b"tea"), headers=EXPECT)
    content = call.command.request.content
    list(content.chunks())
    call.answered(respond(417), 0.0)
    assert call.discarded(0.0) == Rewind(content)


def test_content_that_cannot_be_had_again_is_sent_if_it_was_not_touched() -> None:
    call, _ = first(data=iter([b"tea"]), headers=EXPECT)
    assert isinstance(call.answered(respond(417), 0.0), Discard)
    assert isinstance(call.discarded(0.0), Send)
    call, _ = first(data=iter([b"tea"]), headers=EXPECT)
    list(call.command.request.content.chunks())
    assert isinstance(call.answered(respond(417), 0.0), Deliver)


def test_a_417_that_nobody_asked_for_is_a_response() -> None:
    call, _ = first(data=b"tea")
    assert isinstance(call.answered(respond(417), 0.0), Deliver)


@pytest.mark.parametrize(
    ("status", "location", "sent"),
    [
        (307, "/y", "100-continue"),
        (303, "/y", None),
        (307, "http://b.test/", "100-continue"),
    ],
)
def test_redirects(status: int, location: str, sent: str | None) -> None:
    call, _ = first(data=b"tea", headers=EXPECT)
    assert isinstance(call.answered(redirect(status, location), 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Send)
    assert command.request.headers.get("Expect") == sent


def test_a_size_counts_on_each_hop() -> None:
    call, _ = first(Policy(expects_from=1), data=b"tea")
    call.answered(redirect(307, "http://b.test/"), 0.0)
    command = call.discarded(0.0)
    assert isinstance(command, Send)
    assert command.request.headers.get("Expect") == "100-continue"
