"""``response.raw``: octets as they came, the stream that it shares, and files of others."""

from __future__ import annotations

import gc
import gzip
import io
import shutil
import ssl
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any, Final

import pytest
import urllib3.exceptions as theirs
from urllib3 import HTTPResponse

import sojourn
from sojourn import Response
from sojourn.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    LocalProtocolError,
    SSLError,
    StreamConsumedError,
)
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

BINDINGS = EVERY_BINDING
PLAIN: Final = b"one\ntwo\n" * 20_000
CODED: Final = gzip.compress(PLAIN, mtime=0)


def coded(request: Received) -> bytes:
    fields = (("Content-Encoding", "gzip"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    return answer(200, *fields, content=CODED)


def plain(request: Received) -> bytes:
    return answer(200, content=PLAIN)


def streamed(binding: Binding, server: HandlerServer) -> Any:
    return binding.run(binding.session().get(server.url(), stream=True))


def test_octets_are_as_they_came(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    raw = streamed(binding, serve(coded)).raw
    assert binding.run(raw.read(10)) == CODED[:10]
    assert binding.run(raw.read(0)) == b""
    assert binding.run(raw.read()) == CODED[10:]
    assert binding.run(raw.read()) == binding.run(raw.read(5)) == b""
    assert raw.isclosed()
    assert not raw.closed
    assert raw.tell() == len(CODED)


def test_codings_are_taken_off_if_asked(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(coded)
    raw = streamed(binding, server).raw
    assert binding.run(raw.read(6, decode_content=True)) == PLAIN[:6]
    assert b"".join(binding.collect(raw.stream(1000, decode_content=True))) == PLAIN[6:]
    raw = streamed(binding, server).raw
    raw.decode_content = True
    assert binding.run(raw.read()) == PLAIN


def test_codings_cannot_be_put_on_again(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    response = streamed(binding, serve(coded))
    binding.run(response.raw.read(6, decode_content=True))
    with pytest.raises(LocalProtocolError, match="codings") as caught:
        binding.run(response.raw.read(6))
    assert caught.value.response is response


def test_the_response_goes_on_where_the_file_was_left(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    response = streamed(binding, serve(plain))
    assert binding.run(response.raw.read(1000)) == PLAIN[:1000]
    assert b"".join(binding.collect(response.iter_content(999))) == PLAIN[1000:]
    assert binding.run(response.raw.read()) == b""
    response = streamed(binding, serve(coded))
    assert binding.run(response.raw.read(6, decode_content=True)) == PLAIN[:6]
    assert b"".join(binding.collect(response.iter_content(None))) == PLAIN[6:]


def test_the_file_goes_on_where_the_response_was_left(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    response = streamed(binding, serve(plain))
    pieces = response.iter_content(None)
    first = binding.first(pieces)
    assert binding.run(response.raw.read()) == PLAIN[len(first) :]


@pytest.mark.parametrize("early", [True, False])
def test_content_that_was_read_leaves_nothing(
    binding: Binding, serve: Callable[..., HandlerServer], early: bool
) -> None:
    response = streamed(binding, serve(plain))
    raw = response.raw if early else None
    _ = response.content if binding.name == "sync" else binding.run(response.read())
    raw = raw or response.raw
    assert binding.run(raw.read()) == b""
    assert response.content == PLAIN


def test_the_head(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    raw = streamed(binding, serve(coded)).raw
    assert (raw.status, raw.reason, raw.version, raw.version_string) == (200, "OK", 11, "HTTP/1.1")
    assert raw.headers.getlist("SET-COOKIE") == ["a=1", "b=2"]
    assert raw.headers.getlist("x") == []
    assert raw.headers["content-encoding"] == raw.getheader("Content-Encoding") == "gzip"
    message = raw._original_response.msg
    assert message.get_all("set-cookie") == ["a=1", "b=2"]
    assert ("Set-Cookie", "b=2") in message.items()
    assert not raw._original_response.isclosed()
    binding.run(raw.close())
    assert raw.closed
    assert raw._original_response.isclosed()


def test_lines(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    lines = binding.collect(streamed(binding, serve(coded)).raw)
    assert lines == PLAIN.splitlines(keepends=True)


def test_to_close_either_closes_the_connection(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(plain)
    session = binding.session()
    for close in ("raw", "response"):
        response = binding.run(session.get(server.url(), stream=True))
        raw = response.raw
        binding.run(raw.read(5))
        binding.run(raw.close() if close == "raw" else response.close())
        assert raw.closed
        assert binding.run(raw.read()) == b""
        assert pool_of(session).open_count == 0


def test_a_redirect_that_a_hook_has_read_leaves_a_closed_file(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    def moved(request: Received) -> bytes:
        if request.target == "/there":
            return answer(200, content=b"there")
        return answer(302, ("Location", "/there"), content=b"moved")

    def read(response: Any, **arguments: Any) -> None:
        files.append(response.raw)
        assert response.content == b"moved" or not response.is_redirect

    async def read_async(response: Any, **arguments: Any) -> None:
        files.append(response.raw)
        await response.read()

    files: list[Any] = []
    hook = read if binding.name == "sync" else read_async
    session = binding.session()
    response = binding.run(session.get(serve(moved).url(), hooks={"response": hook}))
    (redirect,) = response.history
    assert redirect.content == b"moved"
    assert files[0].closed


def test_content_that_breaks_off(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
    server = scripted([ReadHead(), Send(head), Close()])
    response = binding.run(binding.session().get(server.url(), stream=True))
    with pytest.raises(ChunkedEncodingError) as caught:
        binding.run(response.raw.read())
    assert caught.value.response is response
    assert binding.run(response.raw.read1()) == b"abc"


def test_content_that_does_not_fit_its_coding(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200, ("Content-Encoding", "gzip"), content=b"plain"))
    response = streamed(binding, server)
    with pytest.raises(ContentDecodingError) as caught:
        binding.run(response.raw.read(decode_content=True))
    assert caught.value.response is response


def test_trailers_reach_the_response(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    chunks = b"2\r\nhi\r\n0\r\nX-After: 1\r\n\r\n"
    server = serve(lambda request: answer(200, ("Transfer-Encoding", "chunked"), content=chunks))
    response = streamed(binding, server)
    assert binding.run(response.raw.read()) == b"hi"
    assert response.trailers["x-after"] == "1"


# --- blocking files -------------------------------------------------------------------------------


@pytest.fixture
def session() -> Any:
    with sojourn.Session() as made:
        yield made


def test_the_file_outlives_its_response(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(plain)
    raw = session.get(server.url(), stream=True).raw
    gc.collect()
    copied = io.BytesIO()
    shutil.copyfileobj(raw, copied)
    assert copied.getvalue() == PLAIN


def test_standard_files_can_stand_on_it(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(plain)
    text = io.TextIOWrapper(io.BufferedReader(session.get(server.url(), stream=True).raw), "ascii")
    assert list(text) == PLAIN.decode().splitlines(keepends=True)
    raw = session.get(server.url(), stream=True).raw
    buffer = bytearray(3)
    assert raw.readinto(buffer) == 3
    assert bytes(buffer) == b"one"
    assert raw.readline() == b"\n"
    raw.drain_conn()
    assert raw.data == b""


def test_a_response_without_connection_has_no_file() -> None:
    assert Response().raw is None
    assert Response().content is None


# --- files of others ------------------------------------------------------------------------------


def by_hand(raw: Any, **fields: str) -> Response:
    made = Response()
    made.status_code = 200
    made.headers = fields
    made.raw = raw
    return made


def test_plain_headers_serve_as_field_lines() -> None:
    response = by_hand(None, Location="/x")
    response.status_code = 302
    assert response.headers["location"] == "/x"
    assert response.headers.get_all("LOCATION") == ["/x"]
    assert response.is_redirect
    response.headers = None
    assert not response.is_redirect


def test_a_response_by_hand_is_read_from_its_file() -> None:
    assert by_hand(io.BytesIO(PLAIN)).content == PLAIN
    assert list(by_hand(io.BytesIO(b"abcde")).iter_content(2)) == [b"ab", b"cd", b"e"]
    assert list(by_hand(io.BytesIO(b"a\nb")).iter_lines()) == [b"a", b"b"]
    made = by_hand(io.BytesIO(b"\xc3\xbc"), content_type="x")
    made.encoding = "utf-8"
    assert list(made.iter_content(1, decode_unicode=True)) == ["ü"]
    with pytest.raises(StreamConsumedError):
        made.iter_content()


def test_a_response_by_hand_closes_its_file() -> None:
    raw = io.BytesIO(PLAIN)
    with by_hand(raw):
        pass
    assert raw.closed


def test_content_set_by_hand_counts() -> None:
    made = Response()
    made._content = b"abc"
    assert made.content == b"abc"
    assert list(made.iter_content(2)) == [b"ab", b"c"]


def test_responses_of_urllib3_are_decoded() -> None:
    raw = HTTPResponse(
        io.BytesIO(CODED), headers={"content-encoding": "gzip"}, preload_content=False
    )
    made = by_hand(raw, content_encoding="gzip")
    assert made.content == PLAIN


class Own(theirs.ProtocolError):
    """What a program has derived."""


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (theirs.ProtocolError("x"), ChunkedEncodingError),
        (theirs.IncompleteRead(1, 2), ChunkedEncodingError),
        (Own("x"), ChunkedEncodingError),
        (theirs.DecodeError("x"), ContentDecodingError),
        (theirs.ReadTimeoutError(None, None, "x"), ConnectionError),
        (theirs.SSLError("x"), SSLError),
        (theirs.HTTPError("x"), ConnectionError),
        (IncompleteRead(b""), ChunkedEncodingError),
        (ssl.SSLError("x"), SSLError),
        (OSError("x"), ConnectionError),
        (TimeoutError("x"), ConnectionError),
        (ContentDecodingError("x"), ContentDecodingError),
        (ZeroDivisionError("x"), ZeroDivisionError),
    ],
)
def test_errors_of_others_become_those_of_requests(
    raised: Exception, expected: type[Exception]
) -> None:
    class Raw:
        def stream(self, size: int, decode_content: bool) -> Any:
            yield b"a"
            raise raised

        def read(self, size: int) -> bytes:
            raise raised

    response = by_hand(Raw())
    with pytest.raises(expected) as caught:
        _ = response.content
    assert type(caught.value) is expected
    if expected is not ZeroDivisionError:
        assert caught.value.response is response
