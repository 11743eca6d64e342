"""Content that a response is given: whole or piece by piece, decoded or not."""

from __future__ import annotations

import gzip

import pytest

from sojourn_core import Limits, Request, Response, ResponseHead
from sojourn_core.commands import Deliver, Send
from sojourn_core.values.errors import (
    ContentDecodingError,
    ContentTooLarge,
    LocalProtocolError,
    StreamConsumedError,
)
from sojourn_core.values.fields import Fields
from tests.core.conversation import URL, WALL, session

GZIP = {"Content-Encoding": "gzip"}


def test_a_response_is_built_of_status_fields_and_content() -> None:
    response = Response.of(404, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b"gone")
    assert (response.status_code, response.reason, response.content) == (404, "Not Found", b"gone")
    assert response.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert Response.of(299).reason == ""
    assert Response.of(200, reason="Fine").reason == "Fine"


def test_it_answers_the_request_that_it_is_given() -> None:
    request = Request("GET", "https://a.test/").prepare()
    assert Response.of(200, request=request).url == "https://a.test/"


def test_content_codings_are_removed_unless_they_were() -> None:
    assert Response.of(200, GZIP, gzip.compress(b"plain")).content == b"plain"
    response = Response(ResponseHead(200, Fields(GZIP)))
    response.give(b"plain", decoded=True, trailers={"X": "y"})
    assert response.content == b"plain"
    assert response.trailers == Fields({"X": "y"})


def test_content_is_taken_piece_by_piece() -> None:
    response = Response(ResponseHead(200, Fields(GZIP)))
    receiver = response.receiver()
    for byte in gzip.compress(b"plain"):
        receiver.feed(bytes([byte]))
    receiver.finish()
    assert response.content == b"plain"


def test_a_coding_that_has_not_ended_is_an_error() -> None:
    receiver = Response(ResponseHead(200, Fields(GZIP))).receiver()
    receiver.feed(gzip.compress(b"plain")[:-3])
    with pytest.raises(ContentDecodingError):
        receiver.finish()


def test_content_is_given_once() -> None:
    response = Response(ResponseHead(200, Fields()))
    response.receiver()
    with pytest.raises(StreamConsumedError):
        response.give(b"x")


def test_limits_hold() -> None:
    with pytest.raises(ContentTooLarge):
        Response.of(200, (), b"xx", limits=Limits(content_size_max=1))


def test_a_call_builds_the_response_of_a_head() -> None:
    owner = session(limits=Limits(content_size_max=10))
    call = owner.call(Request("GET", URL))
    assert isinstance(call.start(now=1.0), Send)
    response = call.respond(ResponseHead(200, Fields({"Content-Type": "text/plain"}), "OK"))
    assert (response.request, response.url) == (call.request, URL)
    assert response.limits.content_size_max == 10
    assert isinstance(call.answered(response, now=3.0), Deliver)
    assert (response.seconds, response.received_at) == (2.0, WALL + 3.0)
    response.give(b"content")
    assert response.text == "content"
    with pytest.raises(LocalProtocolError):
        call.respond(ResponseHead(200, Fields()))


def test_no_response_is_built_before_a_request_is_under_way() -> None:
    with pytest.raises(LocalProtocolError):
        session().call(Request("GET", URL)).respond(ResponseHead(200, Fields()))


def test_content_that_is_there_stays_whatever_a_receiver_is_fed() -> None:
    response = Response.of(200, content=b"first")
    receiver = response.receiver()
    receiver.feed(b"second")
    receiver.finish()
    assert response.content == b"first"
