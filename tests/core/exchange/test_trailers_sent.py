"""Trailers of requests (RFC 9110 section 6.5), by each codec."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Request, WithTrailers
from sojourn_core.commands import Pull, Read, Write
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import InvalidContent, InvalidContentType, InvalidHeader
from tests.core.codecs import CODECS, HOST, codec_with, head_for
from tests.core.exchanges import connect, exchange_with

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNKED = ("Transfer-Encoding", "chunked")


def sent(data: Any, **plan: Any) -> bytes:
    """All bytes of a request."""
    exchange = exchange_with(method="POST", data=data, **plan)
    command = connect(exchange)
    chunks = exchange.plan.content.chunks()  # type: ignore[union-attr]  # It is streamed.
    written = b""
    while not isinstance(command, Read):
        match command:
            case Write():
                written += command.data
                command = exchange.written(0.0)
            case Pull():
                command = exchange.pulled(next(chunks, None), 0.0)
            case _:
                raise AssertionError(command)
    return written


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize(
    "make",
    [
        lambda: b"abc",
        lambda: "abc",
        lambda: [b"abc"],
        lambda: iter([b"abc"]),
        lambda: io.BytesIO(b"abc"),
    ],
)
def test_they_go_after_content_in_chunks_and_are_announced(make: Callable[[], Any]) -> None:
    data = WithTrailers(make(), {"X-Sum": lambda: "1", "X-Late": lambda: None, "X-Z": b"z"})
    head, _, rest = sent(data).partition(b"\r\n\r\n")
    assert b"\r\nTrailer: X-Sum, X-Late, X-Z\r\n" in head
    assert b"\r\nTransfer-Encoding: chunked" in head
    assert rest == b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Z: z\r\n\r\n"


@pytest.mark.usefixtures("each_codec")
def test_there_may_be_none_after_all() -> None:
    assert sent(WithTrailers([b"abc"], {"X-Sum": lambda: None})).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("name", CODECS)
def test_a_codec_ends_a_request_with_them(name: str) -> None:
    message = codec_with(name).open(head_for("POST", "/", [HOST, CHUNKED]))
    message.start()
    assert message.end([("A", "1"), ("B", "\xe9")]) == b"0\r\nA: 1\r\nB: \xe9\r\n\r\n"


@pytest.mark.parametrize("name", CODECS)
def test_a_codec_refuses_them_after_other_content(name: str) -> None:
    message = codec_with(name).open(head_for("POST", "/", [HOST, ("Content-Length", "0")]))
    message.start()
    with pytest.raises(InvalidContent, match="trailers come after content in chunks"):
        message.end([("A", "1")])


# --- what is refused before a byte is sent --------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Content-Length",
        "transfer-encoding",
        "Host",
        "Trailer",
        "TE",
        "Connection",
        "Authorization",
        "Cookie",
        "Expect",
        "If-Match",
        "Content-Type",
        "Content-Encoding",
        "Content-Range",
        "a b",
        "",
    ],
)
def test_names_that_cannot_be_trailers(name: str) -> None:
    with pytest.raises(InvalidHeader):
        WithTrailers(b"abc", {name: "1"})


@pytest.mark.parametrize("value", ["a\r\nb: c", "\x00", " x"])
def test_values_that_cannot_be_sent(value: str) -> None:
    with pytest.raises(InvalidHeader, match="'X'"):
        WithTrailers(b"abc", {"X": value})
    late = Content(WithTrailers(b"abc", {"X": lambda: value}))
    with pytest.raises(InvalidHeader, match="'X'"):
        list(late.chunks())


@pytest.mark.parametrize("content", [{"a": "b"}, 1, None])
def test_content_that_cannot_be_sent(content: Any) -> None:
    with pytest.raises(InvalidContentType):
        WithTrailers(content, {"X": "1"})


def test_a_length_given_by_hand_is_refused() -> None:
    data = WithTrailers([b"abc"], {"X": "1"})
    with pytest.raises(InvalidContent, match="goes in chunks"):
        Request("POST", "http://a.test/", {"Content-Length": "3"}, data=data).prepare()


def test_a_trailer_field_given_by_hand_must_name_them() -> None:
    data = WithTrailers([b"abc"], {"X": "1"})
    given = Request("POST", "http://a.test/", {"Trailer": "Y, x"}, data=data).prepare()
    assert given.headers["trailer"] == "Y, x"
    with pytest.raises(InvalidHeader, match="does not name 'X'"):
        Request("POST", "http://a.test/", {"Trailer": "Y"}, data=data).prepare()


def test_the_announcement_goes_with_its_content() -> None:
    prepared = Request("POST", "http://a.test/", data=WithTrailers([b"a"], {"X": "1"})).prepare()
    prepared.prepare_body(WithTrailers([b"a"], {"Y": "1"}))
    assert prepared.headers["trailer"] == "Y"
    prepared.prepare_body(iter([b"a"]))
    assert "trailer" not in prepared.headers
    prepared.prepare_body(WithTrailers([b"a"], {"Y": "1"}))
    prepared.prepare_body(b"abc")
    assert "trailer" not in prepared.headers
    assert prepared.headers["content-length"] == "3"


# --- when they are asked for ----------------------------------------------------------------------


def test_they_are_asked_for_at_the_end_and_again_after_a_rewind() -> None:
    asked: list[str] = []
    content = Content(WithTrailers([b"a", b"b"], {"X": lambda: asked.append("x") or "1"}))
    chunks = content.chunks()
    assert next(chunks) == b"a"
    assert (asked, content.trailers) == ([], ())
    assert list(chunks) == [b"b"]
    assert (asked, content.trailers) == (["x"], [("X", "1")])
    content.rewind()
    assert list(content.chunks()) == [b"a", b"b"]
    assert asked == ["x", "x"]


def test_an_error_of_a_function_comes_through() -> None:
    def fails() -> str:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(Content(WithTrailers(b"a", {"X": fails})).chunks())


def test_a_blocking_session_awaits_nothing() -> None:
    async def later() -> str:
        return "1"

    with pytest.raises(InvalidContent, match="async session"):
        list(Content(WithTrailers(b"a", {"X": later})).chunks())
