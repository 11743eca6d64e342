"""Content that the caller reads: once, in pieces, within ``with``, and after its session."""

from __future__ import annotations

import functools
import gzip
import pickle
import zlib
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
from sojourn.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    ContentTooLarge,
    HTTPError,
    StreamConsumedError,
)
from tests.bindings.clients import SECONDS_MAX, Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

LINES: Final = b"one\r\ntwo\n\nf\xc3\xbcnf"


def lines_of(request: Received) -> bytes:
    return answer(200, ("Content-Type", "text/plain; charset=utf-8"), content=LINES)


def test_pieces_have_the_size_that_was_asked_for(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lines_of)
    session = binding.session()
    streamed = binding.run(session.get(server.url(), stream=True))
    pieces = binding.collect(streamed.iter_content(6))
    assert pieces == [b"one\r\nt", b"wo\n\nf\xc3", b"\xbcnf"]
    streamed = binding.run(session.get(server.url(), stream=True))
    pieces = binding.collect(streamed.iter_content(6, decode_unicode=True))
    assert pieces == ["one\r\nt", "wo\n\nf", "ünf"]


@pytest.mark.parametrize("chunk_size", [1, 2, 5, 512, None])
def test_lines_do_not_depend_on_the_size_of_chunks(
    binding: Binding, serve: Callable[..., HandlerServer], chunk_size: int | None
) -> None:
    streamed = binding.run(binding.session().get(serve(lines_of).url(), stream=True))
    lines = binding.collect(streamed.iter_lines(chunk_size=chunk_size))
    assert lines == [b"one", b"two", b"", "fünf".encode()]


def test_what_was_streamed_can_not_be_read_again(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    streamed = binding.run(binding.session().get(serve(lines_of).url(), stream=True))
    assert b"".join(binding.collect(streamed.iter_content(4))) == LINES
    with pytest.raises(StreamConsumedError):
        binding.collect(streamed.iter_content(4))
    with pytest.raises(RuntimeError, match="already consumed"):
        _ = streamed.content


def test_what_was_read_at_once_can_be_read_again(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    response = binding.run(binding.session().get(serve(lines_of).url()))
    for _ in range(2):
        assert response.content == LINES
        assert b"".join(binding.collect(response.iter_content(4))) == LINES
    assert binding.collect(response.iter_lines())[0] == b"one"


def test_an_async_response_that_was_not_read_says_so(
    serve: Callable[..., HandlerServer],
) -> None:
    binding = Binding("asyncio")
    try:
        response = binding.run(binding.session().get(serve(lines_of).url(), stream=True))
        with pytest.raises(RuntimeError, match=r"await response\.read"):
            _ = response.content
        assert binding.run(response.read()) == response.content == LINES
    finally:
        binding.close()


def test_leaving_a_with_block_lets_go_of_the_connection(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst"
    server = scripted([ReadHead(), Send(head), WaitClosed()])
    session = binding.session()

    def read_some() -> bytes:
        with session.get(server.url(), stream=True) as response:
            return next(response.iter_content(5))

    async def aread_some() -> bytes:
        async with await session.get(server.url(), stream=True) as response:
            return await anext(response.iter_content(5))

    first = binding.run(aread_some()) if binding.name == "asyncio" else read_some()
    binding.turn()
    assert first == b"first"
    assert pool_of(session).open_count == 0


def test_a_response_that_is_closed_gives_no_more(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst"
    server = scripted([ReadHead(), Send(head), WaitClosed()])
    response = binding.run(binding.session().get(server.url(), stream=True))
    binding.run(response.close())
    binding.run(response.close())
    with pytest.raises(StreamConsumedError):
        binding.collect(response.iter_content(1))
    binding.turn()


def test_content_that_breaks_off_is_an_error_after_what_came(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst"
    server = scripted([ReadHead(), Send(head), Close()])
    session = binding.session()
    response = binding.run(session.get(server.url(), stream=True))
    pieces = response.iter_content(5)
    assert binding.first(pieces) == b"first"
    with pytest.raises(ChunkedEncodingError, match="5 bytes early") as caught:
        binding.collect(pieces)
    assert caught.value.response is response
    assert pool_of(session).open_count == 0


def test_the_content_of_a_session_less_call_outlives_the_call(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lines_of)
    response = sojourn.get(server.url(), stream=True)
    assert b"".join(response.iter_content(3)) == LINES
    response = sojourn.get(server.url(), stream=True)
    assert response.content == LINES


def test_large_content_of_a_session_less_call_outlives_the_call(
    scripted: Callable[..., ScriptedServer],
) -> None:
    size = 4 * 1024 * 1024  # More than the sockets hold: most of it is not there at the return.
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    server = scripted([ReadHead(), Send(head + b"x" * size), WaitClosed()])
    response: Any = sojourn.get(server.url(), stream=True)
    assert sum(map(len, response.iter_content(65536))) == size
    assert response.connection.pool.open_count == 0  # Nobody could use it again: it is closed.


# --- what a hook raises for -----------------------------------------------------------------------


class HookError(Exception):
    """An error of a program's own."""


def raises(response: Any, **settings: Any) -> None:
    response.raise_for_status()


def raises_its_own(response: Any, **settings: Any) -> None:
    raise HookError(response)


@pytest.mark.parametrize("hook", [raises, raises_its_own])
def test_content_that_a_hook_raises_for_can_be_read(
    binding: Binding, serve: Callable[..., HandlerServer], hook: Any
) -> None:
    session = binding.session()
    url = serve(lambda request: answer(500, content=b"why" * 50_000)).url()
    with pytest.raises((HTTPError, HookError)) as caught:
        binding.run(session.get(url, hooks={"response": hook}))
    error: Any = caught.value
    response = error.response if hook is raises else error.args[0]
    assert response.content == b"why" * 50_000
    assert pool_of(session).open_count == pool_of(session).idle_count


def test_a_stream_that_a_hook_raises_for_is_left_to_who_catches_it(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    session = binding.session()
    url = serve(lambda request: answer(500, content=b"why" * 200_000)).url()
    with pytest.raises(HTTPError) as caught:
        binding.run(session.get(url, stream=True, hooks={"response": raises}))
    pieces = caught.value.response.iter_content(65536)
    assert b"".join(binding.collect(pieces)) == b"why" * 200_000
    with pytest.raises(HookError) as own:
        binding.run(session.get(url, stream=True, hooks={"response": raises_its_own}))
    with pytest.raises(StreamConsumedError):  # Nobody can know that this one has it.
        binding.collect(own.value.args[0].iter_content())
    assert pool_of(session).open_count == pool_of(session).idle_count


# Text


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("application/json", '{"a": "é\u2028"}'.encode(), '{"a": "é\u2028"}'),
        ("text/event-stream", "data: é\n\n".encode(), "data: é\n\n"),
        ("application/x-ndjson", b"{}\n", "{}\n"),
        (None, "é".encode(), "é"),
        ("application/json; charset=utf-8", "\ufeffé".encode(), "é"),
        ("text/plain", "\ufeffé".encode("utf-16-be"), "é"),
        ("text/plain; charset=iso-8859-1", b"\xe9", "é"),
    ],
)
@pytest.mark.parametrize("read_before", [False, True])
def test_text_is_given_where_text_is_asked_for(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    kind: str | None,
    content: bytes,
    text: str,
    read_before: bool,
) -> None:
    fields = () if kind is None else (("Content-Type", kind),)
    server = serve(lambda request: answer(200, *fields, content=content))
    for size in (1, 3, None):
        response = binding.run(binding.session().get(server.url(), stream=not read_before))
        pieces = binding.collect(response.iter_content(size, decode_unicode=True))
        assert "".join(pieces) == text
        if read_before:
            assert response.text == text
    response = binding.run(binding.session().get(server.url(), stream=not read_before))
    lines = binding.collect(response.iter_lines(decode_unicode=True))
    assert lines == text.removesuffix("\n").split("\n")


def test_lines_of_text_end_as_those_of_octets_do(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    lines = ["a\u2028b\u2029c\x85d", "e\vf\fg\x1ch\x1di\x1ej", "", "k", "l"]
    content = "{}\r\n{}\n\r{}\r\n{}".format(lines[0], lines[1], *lines[3:]).encode()
    server = serve(lambda request: answer(200, ("Content-Type", "text/plain"), content=content))
    for size in (1, 2, 7, 512):
        for unicode in (True, False):
            streamed = binding.run(binding.session().get(server.url(), stream=True))
            found = binding.collect(streamed.iter_lines(size, decode_unicode=unicode))
            assert found == (lines if unicode else [line.encode() for line in lines])


# What follows the end of a coding

CODED: Final = {
    "gzip": gzip.compress(b"content"),
    "deflate": zlib.compress(b"content"),
}


def read_all(binding: Binding, response: Any, how: str) -> bytes:
    if how == "read":
        read = getattr(response, "read", lambda: response.content)
        return binding.run(read())
    if how == "raw":
        return binding.run(response.raw.read(decode_content=True))
    return b"".join(binding.collect(response.iter_content(3)))


@pytest.mark.parametrize("how", ["read", "iter_content", "raw"])
@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("surplus", [b"\r\n", b"x" * 60_000])
def test_what_follows_a_coding_is_ignored(
    binding: Binding, serve: Callable[..., HandlerServer], coding: str, surplus: bytes, how: str
) -> None:
    content = CODED[coding] + surplus
    server = serve(lambda request: answer(200, ("Content-Encoding", coding), content=content))
    session = binding.session()
    response = binding.run(session.get(server.url(), stream=True))
    assert read_all(binding, response, how) == b"content"
    assert [made.code for made in response.decisions] == ["content.surplus.ignored"]
    assert pool_of(session).open_count == 1


@pytest.mark.parametrize("how", ["read", "iter_content", "raw"])
@pytest.mark.parametrize("coding", CODED)
def test_more_than_is_drained_costs_the_connection(
    binding: Binding, scripted: Callable[..., ScriptedServer], coding: str, how: str
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 9999999\r\n\r\n"
    surplus = b"x" * (64 * 1024 + 1)  # No more comes, and nobody waits for it.
    server = scripted([ReadHead(), Send(head.encode() + CODED[coding] + surplus), WaitClosed()])
    session = binding.session()
    response = binding.run(session.get(server.url(), stream=True))
    assert read_all(binding, response, how) == b"content"
    assert [made.code for made in response.decisions] == ["content.surplus.ignored"]
    binding.turn()
    assert pool_of(session).open_count == 0


def test_each_event_may_be_a_member_of_its_own(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    content = b"".join(gzip.compress(b"event %d\n" % number) for number in range(1500))
    server = serve(lambda request: answer(200, ("Content-Encoding", "gzip"), content=content))
    response = binding.run(binding.session().get(server.url(), stream=True))
    lines = binding.collect(response.iter_lines())
    assert lines == [b"event %d" % number for number in range(1500)]


def test_what_was_good_comes_before_the_error(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    compressor = zlib.compressobj()
    content = compressor.compress(b"event 1\n") + compressor.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 9
    server = serve(lambda request: answer(200, ("Content-Encoding", "deflate"), content=content))
    response = binding.run(binding.session().get(server.url(), stream=True))
    for pieces in (
        lambda response: response.raw.stream(500, decode_content=True),
        lambda response: response.iter_content(500),
    ):
        other = pieces(binding.run(binding.session().get(server.url(), stream=True)))
        first = binding.run(anext(other) if binding.name == "asyncio" else next(other))
        assert first == b"event 1\n"
        with pytest.raises(ContentDecodingError):
            binding.collect(other)
    lines = response.iter_lines()
    assert binding.run(anext(lines) if binding.name == "asyncio" else next(lines)) == b"event 1"
    with pytest.raises(ContentDecodingError):
        binding.run(anext(lines) if binding.name == "asyncio" else next(lines))


@pytest.mark.parametrize("size", [3, 500, None])
def test_compat_gives_what_was_good_too(serve: Callable[..., HandlerServer], size: Any) -> None:
    compressor = zlib.compressobj()
    content = compressor.compress(b"event 1\n") + compressor.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 9
    server = serve(lambda request: answer(200, ("Content-Encoding", "deflate"), content=content))
    with sojourn.compat.Session() as session:
        pieces = session.get(server.url(), stream=True).iter_content(size)
        found: list[bytes] = []
        with pytest.raises(ContentDecodingError):
            found.extend(pieces)
    assert b"".join(found) == b"event 1\n"


@pytest.mark.parametrize("coding", CODED)
def test_compat_ignores_what_follows_too(serve: Callable[..., HandlerServer], coding: str) -> None:
    content = CODED[coding] + b"\r\n"
    server = serve(lambda request: answer(200, ("Content-Encoding", coding), content=content))
    with sojourn.compat.Session() as session:
        for stream in (True, False):
            response = session.get(server.url(), stream=stream)
            assert b"".join(response.iter_content(3)) == b"content"
            codes = [made.code for made in response.decisions]
            assert codes == ["content.surplus.ignored"]
        assert {request.connection for request in server.requests} == {0}


CUT_OFF: Final = [
    ReadHead(),
    Send(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: 100\r\n\r\none\ntwo\nthr\xc3\xbc"
    ),
    Close(),
]


@pytest.mark.parametrize(
    ("read", "given", "partial"),
    [
        (lambda response: response.iter_content(None), [b"one\ntwo\nthr\xc3\xbc"], b""),
        (lambda response: response.iter_lines(1), [b"one", b"two"], b"thr\xc3\xbc"),
        (
            lambda response: response.iter_lines(1, decode_unicode=True),
            ["one", "two"],
            "thr\u00fc",
        ),
        (lambda response: response.iter_lines(1, delimiter=b"wo"), [b"one\nt"], b"\nthr\xc3\xbc"),
    ],
)
def test_an_error_has_what_came_and_was_not_handed_out(
    binding: Binding, scripted: Callable[..., ScriptedServer], read: Any, given: Any, partial: Any
) -> None:
    server = scripted(CUT_OFF)
    response = binding.run(binding.session().get(server.url(), stream=True))
    pieces = read(response)
    got = [binding.first(pieces) for _ in given]
    assert got == given
    with pytest.raises(ChunkedEncodingError, match="early") as caught:
        binding.first(pieces)
    assert caught.value.partial == partial


def test_an_error_of_all_content_has_what_came(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    with pytest.raises(ChunkedEncodingError) as caught:
        binding.run(binding.session().get(scripted(CUT_OFF).url()))
    assert caught.value.partial == b"one\ntwo\nthr\xc3\xbc"
    assert pickle.loads(pickle.dumps(caught.value)).partial == caught.value.partial


def test_an_error_of_raw_has_what_came_too(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    response = binding.run(binding.session().get(scripted(CUT_OFF).url(), stream=True))
    with pytest.raises(ChunkedEncodingError) as caught:
        binding.run(response.raw.read(90))
    assert caught.value.partial == b"one\ntwo\nthr\xc3\xbc"
    assert binding.run(response.raw.read(3)) == b"one", "it can be read as well"


def test_a_request_that_gets_no_response_has_no_partial_content(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Close()])
    with pytest.raises(ConnectionError) as caught:
        binding.run(binding.session().get(server.url()))
    assert caught.value.partial is None


@pytest.mark.parametrize("stream", [False, True])
def test_compat_has_what_came_too(scripted: Callable[..., ScriptedServer], *, stream: bool) -> None:
    def read(session: Any) -> None:
        response = session.get(scripted(CUT_OFF).url(), stream=stream)
        list(response.iter_lines(1))

    with sojourn.compat.Session() as session, pytest.raises(ChunkedEncodingError) as caught:
        read(session)
    assert caught.value.partial == (b"thr\xc3\xbc" if stream else b"one\ntwo\nthr\xc3\xbc")


# --- content that is declared to be larger than it may be ---------------------------------------

TOO_LARGE: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
MOVED: Final = b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 11\r\n\r\n" + b"x" * 11
NINE: Final = sojourn.Limits(content_size_max=9)


def own_way(session: Any, overridden: str) -> None:
    """Override a method on one session, so that each hop is a call of its own."""
    inherited = getattr(session, overridden)
    setattr(session, overridden, functools.partial(inherited))


@pytest.mark.parametrize("overridden", ["", "send", "resolve_redirects"])
def test_a_head_that_declares_too_much_ends_the_call(
    binding: Binding, scripted: Callable[..., ScriptedServer], overridden: str
) -> None:
    server = scripted(
        [ReadHead(), Send(MOVED), ReadHead(), Send(TOO_LARGE), WaitClosed()],
        [ReadHead(), Send(answer(200, content=b"123456789"))],
    )
    session = binding.session(limits=NINE)
    session.timeouts = sojourn.Timeouts(read=SECONDS_MAX)
    if overridden:
        own_way(session, overridden)
    with pytest.raises(ContentTooLarge, match="larger than 9 bytes") as caught:
        binding.run(session.get(server.url(), stream=True))
    assert caught.value.response is not None
    assert caught.value.response.url == server.url("/y")
    assert binding.run(session.get(server.url())).content == b"123456789"


def test_a_redirect_that_is_not_followed_must_not_declare_too_much(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(MOVED), WaitClosed()])
    session = binding.session(limits=NINE)
    with pytest.raises(ContentTooLarge):
        binding.run(session.get(server.url(), stream=True, allow_redirects=False))
