"""Content that the caller reads: once, in pieces, within ``with``, and after its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn.exceptions import ChunkedEncodingError, HTTPError, StreamConsumedError
from tests.bindings.clients import Binding, pool_of
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
    url = serve(lambda request: answer(500, content=b"why" * 50_000)).url()
    with pytest.raises(HTTPError) as caught:
        binding.run(session.get(url, stream=True, hooks={"response": raises}))
    assert b"".join(binding.collect(caught.value.response.iter_content())) == b"why" * 50_000
    with pytest.raises(HookError) as own:
        binding.run(session.get(url, stream=True, hooks={"response": raises_its_own}))
    with pytest.raises(StreamConsumedError):  # Nobody can know that this one has it.
        binding.collect(own.value.args[0].iter_content())
    assert pool_of(session).open_count == pool_of(session).idle_count
