from __future__ import annotations

import gzip
import pickle
import random
import string
import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sojourn_core import (
    Decision,
    Fields,
    Limits,
    PreparedRequest,
    Request,
    Response,
    ResponseHead,
)
from sojourn_core.exchange.phase import Phase
from sojourn_core.messages import response as response_module
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.content.detection import detector
from sojourn_core.values.errors import (
    DecompressionLimit,
    HTTPError,
    InvalidJSONError,
    JSONDecodeError,
    StreamConsumedError,
)
from tests.core.conversation import URL, WALL, respond, session, start
from tests.core.depth import TOO_DEEP
from tests.core.exchanges import OK, exchange_with, send


def with_content(content: bytes | None, content_type: str | None = None) -> Response:
    lines = [] if content_type is None else [("Content-Type", content_type)]
    response = respond(200, *lines)
    response._content = content
    return response


@pytest.fixture
def no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra that guesses charsets were not installed."""
    monkeypatch.setattr(response_module, "detector", lambda: None)


# --- what the head says -----------------------------------------------------------------------


def test_a_response_of_which_nothing_is_known() -> None:
    response = Response()
    assert (response.status_code, response.url, response.reason, response.request) == (None,) * 4
    assert (response.history, response.decisions, response.links) == ([], [], {})
    assert response.headers == {}
    assert response.elapsed.total_seconds() == 0.0
    assert response.encoding is None
    assert response.ok
    assert response.next is None
    assert not response.is_redirect
    assert response.explain() == ""
    assert repr(response) == "<Response [None]>"


def test_a_head_is_taken_over() -> None:
    request = Request("GET", URL).prepare()
    head = ResponseHead(404, Fields([("A", "1"), ("a", "2")]), "Not Here")
    limits = Limits(cookies_max=1)
    response = Response(head, request, limits)
    assert (response.status_code, response.reason) == (404, "Not Here")
    assert response.headers["a"] == "1, 2"
    assert response.raw_headers == [("A", "1"), ("a", "2")]
    assert (response.request, response.url, response.limits) == (request, URL, limits)
    assert repr(response) == "<Response [404]>"


@pytest.mark.parametrize(
    ("status", "location", "redirect", "permanent"),
    [
        (301, True, True, True),
        (302, True, True, False),
        (303, True, True, False),
        (307, True, True, False),
        (308, True, True, True),
        (308, False, False, False),
        (300, True, False, False),
        (200, True, False, False),
    ],
)
def test_redirects(status: int, location: bool, redirect: bool, permanent: bool) -> None:
    response = respond(status, *([("Location", "/y")] if location else []))
    assert response.is_redirect is redirect
    assert response.is_permanent_redirect is permanent


def test_next_is_asked_for_once_and_only_when_it_is_read() -> None:
    following = Request("GET", "http://a.test/y").prepare()
    asked: list[Response] = []

    def preview(response: Response) -> PreparedRequest:
        asked.append(response)
        return following

    response = respond(302, ("Location", "/y"))
    response.follow_with(preview)
    assert not asked
    assert response.next is response.next is following
    assert asked == [response]


def test_a_response_that_leads_nowhere_has_no_next() -> None:
    response = respond(200, ("Location", "/y"))
    response.follow_with(lambda response: pytest.fail("nobody asks"))
    assert response.next is None


def test_links() -> None:
    response = respond(200, ("Link", '</2>; rel="next"'), ("Link", "</1>; rel=prev"))
    assert {rel: link["url"] for rel, link in response.links.items()} == {
        "next": "/2",
        "prev": "/1",
    }


# --- its status -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (None, None),
        (200, None),
        (302, None),
        (399, None),
        (400, "400 Client Error: Why for url: http://a.test/x"),
        (499, "499 Client Error: Why for url: http://a.test/x"),
        (500, "500 Server Error: Why for url: http://a.test/x"),
        (599, "599 Server Error: Why for url: http://a.test/x"),
        (600, None),
    ],
)
def test_a_status_that_says_no(status: int | None, message: str | None) -> None:
    response = respond(200)
    response.status_code, response.reason, response.url = status, "Why", URL
    assert response.ok is (message is None)
    assert bool(response) is response.ok
    if message is None:
        response.raise_for_status()
        return
    with pytest.raises(HTTPError) as caught:
        response.raise_for_status()
    assert str(caught.value) == message
    assert caught.value.response is response


@pytest.mark.parametrize(
    ("reason", "shown"), [(b"Gr\xc3\xbc\xc3\x9fe", "Grüße"), (b"\xe9", "é"), (None, "None")]
)
def test_a_reason_phrase_in_octets(reason: Any, shown: str) -> None:
    response = respond(400)
    response.reason = reason
    with pytest.raises(HTTPError, match=f"^400 Client Error: {shown} for url: None$"):
        response.raise_for_status()


def test_no_message_holds_user_info() -> None:
    call = start(session(), "GET", "http://user:secret@a.test/x")
    response = respond(401)
    call.answered(response, 0.0)
    assert response.url == "http://user:secret@a.test/x"
    with pytest.raises(HTTPError) as caught:
        response.raise_for_status()
    assert str(caught.value) == "401 Client Error: None for url: http://***@a.test/x"


# --- its cookies and decisions ----------------------------------------------------------------

SET = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Max-Age=60"), ("Set-Cookie", "c=3; Max-Age=0")]


def test_the_cookies_that_it_set() -> None:
    call = start(session(), "GET", URL)
    response = respond(200, *SET, ("Set-Cookie", "d=4; Domain=b.test"))
    call.answered(response, 0.0)
    assert dict(response.cookies) == {"a": "1", "b": "2"}
    assert response.cookies is response.cookies
    ages = {cookie.name: cookie.expires for cookie in response.cookies}
    assert ages == {"a": None, "b": WALL + 60}


def test_a_date_that_is_past_sets_nothing() -> None:
    call = start(session(), "GET", URL)
    response = respond(200, ("Set-Cookie", "a=1; Expires=Thu, 01 Jan 2015 00:00:00 GMT"))
    call.answered(response, 0.0)
    assert dict(response.cookies) == {}


def test_without_a_request_there_is_no_place_for_cookies() -> None:
    assert dict(respond(200, *SET).cookies) == {}


def test_its_cookies_may_be_set() -> None:
    response = respond(200, *SET)
    jar = response.cookies = CookieJar({"x": "y"})
    assert response.cookies is jar


def test_what_was_decided_is_explained() -> None:
    response = respond(200)
    response.decisions = [Decision(code="code", subject="subject", reason="reason")]
    assert response.explain() == "request 1\n  code: subject: reason"


# --- its content ------------------------------------------------------------------------------


def test_content_that_was_not_read() -> None:
    response = respond(200)
    assert response.content is None
    assert response.text == ""
    assert not response.claim_content()
    with pytest.raises(RuntimeError, match="already consumed"):
        _ = response.content
    with pytest.raises(StreamConsumedError) as caught:
        response.claim_content()
    assert caught.value.response is response


def test_content_that_is_in_hand() -> None:
    response = with_content(b"abc")
    assert response.claim_content()
    assert response.claim_content()
    assert response.content == b"abc"


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        (None, None),
        ("text/html", None),
        ("text/html; charset=ISO-8859-1", "ISO-8859-1"),
        ("application/json", None),
    ],
)
def test_the_charset(content_type: str | None, encoding: str | None) -> None:
    response = with_content(b"", content_type)
    assert response.encoding == encoding
    assert response.encoding == encoding
    response.encoding = "utf-16"
    assert response.encoding == "utf-16"
    response.encoding = None
    assert response.encoding is None


@pytest.mark.usefixtures("no_detector")
@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        (b"", None, ""),
        ("é".encode(), None, "é"),
        (b"\xe9", "text/plain; charset=latin-1", "é"),
        ("\ufeffé".encode("utf-16-le"), None, "é"),
        (b"\xe9", None, "\ufffd"),
        ("\ufeffé".encode(), "application/json; charset=utf-8", "é"),
        ("\ufeffé".encode(), "text/plain; charset=UTF8", "é"),
        ("\ufeffé".encode("utf-16-be"), "text/plain; charset=utf-16be", "é"),
    ],
)
def test_text(content: bytes, content_type: str | None, text: str) -> None:
    assert with_content(content, content_type).text == text


@pytest.mark.usefixtures("no_detector")
@pytest.mark.parametrize("content", [b"abc", b"", None])
def test_without_the_extra_everything_looks_like_utf_8(content: bytes | None) -> None:
    assert with_content(content).apparent_encoding == "utf-8"


@pytest.mark.parametrize(("found", "guess"), [("cp1251", "cp1251"), (None, "utf-8")])
def test_with_the_extra_a_charset_is_guessed(
    found: str | None, guess: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra: Any = ModuleType("charset_normalizer")
    best = None if found is None else SimpleNamespace(encoding=found)
    extra.from_bytes = lambda content, **_: SimpleNamespace(best=lambda: best)
    monkeypatch.setitem(sys.modules, "charset_normalizer", extra)
    monkeypatch.setattr(response_module, "detector", detector.__wrapped__)
    response = with_content("мир".encode("cp1251") * 22)
    assert response.apparent_encoding == guess
    assert response.text == ("мир" if found else "\ufffd" * 3) * 22
    pieces = response.pipeline(3, as_text=True).again(response.content or b"")
    assert "".join(pieces) == response.text


@pytest.mark.parametrize(
    "content",
    [b"/~user", b"id=~1", b"a~b", b"a~b" * 100, "中".encode(), "中".encode() * 100, b"\xff\xfe~\0"],
)
def test_what_is_unicode_is_never_guessed(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = lambda: lambda _: pytest.fail("asked")  # noqa: E731 - a name for one line
    monkeypatch.setattr(response_module, "detector", asked)
    marked = content.startswith(b"\xff\xfe")
    text = content.decode("utf-16" if marked else "utf-8")
    for content_type in ("text/plain", None):
        response = with_content(content, content_type)
        assert response.text == text
        assert response.apparent_encoding == ("utf-16" if marked else "utf-8")


def test_the_real_extra_takes_ascii_for_ascii() -> None:
    pytest.importorskip("charset_normalizer")
    letters = string.ascii_letters + string.digits + string.punctuation
    random_texts = random.Random(8)
    for _ in range(150):
        text = "".join(random_texts.choices(letters, k=2))
        assert with_content(text.encode(), "text/plain").text == text


# --- JSON -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "content_type", "value"),
    [
        (b'{"a": "\xc3\xa9"}', None, {"a": "é"}),
        ('{"a": "é"}'.encode("utf-16"), None, {"a": "é"}),
        ('{"a": "é"}'.encode("utf-32"), None, {"a": "é"}),
        (b'{"a": "\xe9"}', "text/plain; charset=latin-1", {"a": "é"}),
        (b"[1]", None, [1]),
        (b"12345", None, 12345),
        ('\ufeff{"a": "é"}'.encode(), "application/json; charset=utf-8", {"a": "é"}),
        ("\ufeff1".encode(), "application/json; charset=utf-8", 1),
        # A declared charset has no effect on what is UTF-8, UTF-16 or UTF-32.
        ('{"a": "é"}'.encode(), "application/json; charset=iso-8859-1", {"a": "é"}),
        ('"é"'.encode(), "text/plain; charset=windows-1252", "é"),
        ('{"a": "é"}'.encode("utf-16"), "application/json; charset=utf-8", {"a": "é"}),
        ('{"a": "é"}'.encode("utf-16-be"), "application/json; charset=utf-16", {"a": "é"}),
        (b'"\xe9"', "application/json; charset=iso-8859-1", "é"),
        ('{"a": "мир"}'.encode("koi8-r"), "text/plain; charset=koi8-r", {"a": "мир"}),
    ],
)
def test_json(content: bytes, content_type: str | None, value: Any) -> None:
    assert with_content(content, content_type).json() == value


@pytest.mark.usefixtures("no_detector")
def test_json_that_is_not_in_the_charset_it_looks_like() -> None:
    assert with_content(b'{"a": "\xe9"}').json() == {"a": "\ufffd"}


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8"])
@pytest.mark.parametrize("content", [b"[" * TOO_DEEP, b"1" * 5000], ids=["depth", "digits"])
def test_json_that_is_more_than_the_parser_takes(content: bytes, content_type: str | None) -> None:
    with pytest.raises(JSONDecodeError, match=r"recursion|Stack overflow|digits"):
        with_content(content, content_type).json()


def test_errors_of_the_callers_own_functions_pass_through() -> None:
    def refuse(text: str) -> Any:
        raise ValueError(text)

    with pytest.raises(ValueError, match=r"^7$"):
        with_content(b'{"a": 7}').json(parse_int=refuse)


def test_json_takes_the_arguments_of_the_parser() -> None:
    assert with_content(b'{"a": 1.5}').json(parse_float=str) == {"a": "1.5"}


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<html>", None),
        (b"<html>", "text/html; charset=utf-8"),
        (b"", None),
        (b"{", None),
        (None, None),
    ],
)
def test_what_is_no_json(content: bytes | None, content_type: str | None) -> None:
    response = with_content(content, content_type)
    with pytest.raises(JSONDecodeError) as caught:
        response.json()
    assert isinstance(caught.value, InvalidJSONError)
    assert caught.value.response is response
    assert caught.value.pos in (0, 1)


# --- reading ----------------------------------------------------------------------------------


def test_a_pipeline_takes_codings_off_and_gives_text() -> None:
    response = respond(
        200, ("Content-Encoding", "gzip"), ("Content-Type", "text/plain; charset=latin-1")
    )
    pipeline = response.pipeline(2, as_text=True)
    pieces = [*pipeline.feed(gzip.compress(b"a\xe9bcd")), *pipeline.finish()]
    assert pieces == ["aé", "bc", "d"]


def test_a_pipeline_of_text_without_a_charset_is_utf_8() -> None:
    pipeline = respond(200).pipeline(None, as_text=True)
    assert [*pipeline.feed("é".encode()), *pipeline.finish()] == ["é"]


@pytest.mark.parametrize("size", [0, -1])
def test_a_chunk_size_below_1_gives_pieces_as_they_come(size: int) -> None:
    pipeline = respond(200).pipeline(size)
    assert [*pipeline.feed(b"ab"), *pipeline.feed(b"c"), *pipeline.finish()] == [b"ab", b"c"]


@pytest.mark.parametrize("size", ["1", 1.5])
def test_a_chunk_size_must_be_a_number(size: Any) -> None:
    with pytest.raises(TypeError, match="chunk_size must be an int"):
        respond(200).pipeline(size)


@pytest.mark.parametrize(
    ("lines", "size_max", "taken"),
    [
        ([], None, True),
        ([("Content-Encoding", "gzip")], None, False),
        ([], 10, False),
    ],
)
def test_content_that_can_be_taken_as_it_comes(lines: Any, size_max: Any, taken: bool) -> None:
    response = respond(200, *lines)
    response.limits = Limits(content_size_max=size_max)
    assert response.is_plain is taken
    assert (response.decoder() is None) is not bool(lines)


def test_content_that_has_not_all_come_is_not_at_hand() -> None:
    response = respond(200)
    exchange = exchange_with()
    send(exchange)
    exchange.received(OK[:-1], 0.0)
    assert exchange.at_hand() is None
    assert exchange.phase is not Phase.ENDED, "its reader can still have it"
    assert response.content is None
    assert not response.claim_content()


def test_what_was_taken_at_hand_is_the_content_for_good() -> None:
    response = respond(200)
    exchange = exchange_with()
    send(exchange)
    exchange.received(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n", 0.0
    )
    found = exchange.at_hand()
    assert found is not None
    assert exchange.phase is Phase.ENDED
    data, trailers, decisions = found
    response.set_content(data, trailers)
    response.note(decisions)
    assert response.decisions == []
    assert response.claim_content(), "it is in hand already"
    assert response.content == b"ok"
    assert response.trailers == {"A": "b"}


def test_too_many_codings() -> None:
    response = respond(200, ("Content-Encoding", "gzip, gzip"), ("Content-Encoding", "gzip"))
    response.request = Request("GET", URL).prepare()
    with pytest.raises(DecompressionLimit) as caught:
        response.pipeline(None)
    assert (caught.value.request, caught.value.response) == (response.request, response)


def test_the_time_that_it_took_can_be_set() -> None:
    response = Response()
    response.elapsed = timedelta(seconds=1.5)
    assert response.seconds == 1.5
    assert response.elapsed == timedelta(seconds=1.5)


# --- set by hand ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"X-A": "1"}, [("X-A", "1")]),
        ([("X-A", "1"), ("x-a", "2")], [("X-A", "1"), ("x-a", "2")]),
        (None, []),
        (Fields([("X-A", "1")]), [("X-A", "1")]),
    ],
)
def test_fields_may_be_set(given: Any, lines: list[tuple[str, str]]) -> None:
    response = respond(200)
    response.headers = given
    assert isinstance(response.headers, Fields)
    assert response.headers.lines == lines


def test_raw_content_may_be_set() -> None:
    response = respond(200)
    assert response.raw is None
    response.raw = "file"
    assert response.raw == "file"


# --- state ------------------------------------------------------------------------------------


def to_be_pickled(**given: Any) -> Response:
    """A response with content, to a request that holds what cannot travel."""
    owner = session()
    owner.entropy = given.pop("entropy", None)
    call = start(owner, "POST", URL, **given)
    response = respond(200, ("Content-Type", "text/plain"), content=b"content")
    response._content_consumed = True
    call.answered(response, 1.5)
    return response


def test_a_response_goes_through_pickle() -> None:
    response = to_be_pickled(data=b"sent", auth=("u", "p"), entropy=bytes)
    copied = pickle.loads(pickle.dumps(response))
    for name in ("status_code", "url", "content", "text", "elapsed", "encoding", "reason"):
        assert getattr(copied, name) == getattr(response, name), name
    assert copied.headers.lines == response.headers.lines
    assert copied.request.body == b"sent"
    assert copied.request.headers.lines == response.request.headers.lines
    assert (copied.request.auth, copied.request.preparation.entropy) == (None, None)
    assert copied.decisions == response.decisions


def test_streamed_content_of_the_request_stays_behind() -> None:
    response = to_be_pickled(data=(piece for piece in [b"sent"]))
    assert pickle.loads(pickle.dumps(response)).request.body is None
    assert response.request is not None
    assert response.request.body is not None


def test_content_is_read_before_it_travels() -> None:
    response = respond(200, content=b"content")
    assert response.__getstate__()["_content"] == b"content"


def test_a_request_of_another_library_is_its_own_matter() -> None:
    response = to_be_pickled()
    response.request = request = SimpleNamespace(url=URL)  # type: ignore[assignment]  # as a mock's
    assert pickle.loads(pickle.dumps(response)).request == request


def test_a_state_of_another_version_may_have_less_or_more() -> None:
    response = Response.__new__(Response)
    response.__setstate__({"status_code": 204, "is_redirect": True, "_version": 0})
    assert (response.status_code, response.is_redirect, response.url) == (204, False, None)
