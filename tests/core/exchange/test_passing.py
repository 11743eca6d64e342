"""Chunks of a request's content that go out with no reply for each of them."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.commands import Fail, Head, Pull, Read, Write
from sojourn_core.exchange.passing import JOINED_MAX
from sojourn_core.exchange.plain_codec import PlainMessage
from sojourn_core.values.errors import ConnectionError, InvalidContent, LocalProtocolError
from tests.core.codecs import CODECS, codec_with, head_for, speaking
from tests.core.exchanges import connect, exchange_with
from tests.core.tlspeer import CountedObject, TlsPeer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sojourn_core import Exchange
    from tests.servers.authority import Authority

CHUNK = bytes(range(256)) * (JOINED_MAX // 256 + 1)
SHORT = CHUNK[:JOINED_MAX]
IN_CHUNKS = ("Transfer-Encoding", "chunked")
sizes = st.one_of(st.integers(1, 9), st.integers(JOINED_MAX - 2, JOINED_MAX + 70_000))


def nothing() -> Iterator[bytes]:
    yield b"never taken: the test gives the chunks"


def streaming(length: int | None = None, **plan: Any) -> tuple[Exchange, bytes]:
    """An upload whose first chunk is asked for, and what went out before."""
    headers = {} if length is None else {"Content-Length": str(length)}
    exchange = exchange_with(method="POST", data=nothing(), headers=headers, **plan)
    command = connect(exchange)
    assert isinstance(command, Write)
    assert isinstance(exchange.written(0.0), Pull)
    return exchange, command.data


def replied(exchange: Exchange, chunk: bytes | None) -> bytes:
    """What goes out of a chunk that is replied."""
    command, out = exchange.pulled(chunk, 0.0), b""
    while isinstance(command, Write):
        out += command.data
        command = exchange.written(0.0)
    assert isinstance(command, Pull if chunk is not None else Read)
    return out


def passed(exchange: Exchange, chunk: bytes | None, taken: float) -> bytes:
    """What goes out of a chunk, of which the stream takes a part at once if it is passed."""
    passing = exchange.passing
    if chunk is None or passing is None or (framed := passing.frame(chunk)) is None:
        return replied(exchange, chunk)
    size, pieces = framed
    whole = b"".join(pieces)
    assert size == len(whole)
    assert len(chunk) <= JOINED_MAX or any(each is chunk for each in pieces), "it is not copied"
    at_once = int(taken * size)
    if at_once == size:
        return whole
    command = passing.held_up(whole[at_once:], 0.0)
    assert isinstance(command, Write)
    assert command.watch
    assert isinstance(exchange.written(0.0), Pull)
    return whole[:at_once] + command.data


@pytest.mark.parametrize("codec", CODECS)
@given(chunks=st.lists(st.tuples(sizes, st.sampled_from([0.0, 0.5, 1.0]))), declared=st.booleans())
def test_what_is_passed_is_what_replies_would_send(
    codec: str, chunks: list[tuple[int, float]], *, declared: bool
) -> None:
    length = sum(size for size, _ in chunks) if declared and chunks else None
    with speaking(codec):
        one, begun = streaming(length)
        other, alike = streaming(length)
    assert begun == alike
    data = [bytes([number % 256]) * size for number, (size, _) in enumerate(chunks)]
    expected = [replied(one, each) for each in [*data, None]]
    found = [passed(other, each, taken) for each, (_, taken) in zip(data, chunks, strict=True)] + [
        passed(other, None, 1.0)
    ]
    assert found == expected
    assert one.progress == other.progress


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("line", [IN_CHUNKS, ("Content-Length", str(len(CHUNK)))])
@pytest.mark.parametrize("data", [CHUNK, b""])
def test_the_framing_is_that_of_a_chunk(codec: str, line: tuple[str, str], data: bytes) -> None:
    framed, apart = (
        codec_with(codec).open(head_for("POST", lines=(("Host", "a.test"), line))) for _ in "12"
    )
    assert framed.start() == apart.start()
    before, after = apart.framing(len(data))
    assert before + data + after == framed.chunk(data)
    if data:
        assert apart.end() == framed.end()


@pytest.mark.parametrize("codec", CODECS)
def test_framing_beyond_the_declared_length_is_an_error(codec: str) -> None:
    length = ("Content-Length", str(len(CHUNK) - 1))
    message = codec_with(codec).open(head_for("POST", lines=(("Host", "a.test"), length)))
    message.start()
    with pytest.raises(InvalidContent, match="longer"):
        message.framing(len(CHUNK))


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize("length", [None, len(CHUNK), 2 * len(CHUNK)])
def test_the_last_chunk_of_a_length_and_an_empty_one_are_replied(length: int | None) -> None:
    exchange, _ = streaming(length)
    passing = exchange.passing
    assert passing is not None
    assert passing.frame(b"") is None, "an empty chunk would end the content"
    assert (passing.frame(CHUNK) is None) is (length == len(CHUNK))


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize("length", [None, 2 * len(SHORT)])
def test_a_short_chunk_comes_in_one_piece(length: int | None) -> None:
    exchange, _ = streaming(length)
    assert exchange.passing is not None
    framed = exchange.passing.frame(SHORT)
    assert framed is not None
    size, pieces = framed
    assert size == len(pieces[0])
    assert pieces == (SHORT if length else b"4000\r\n" + SHORT + b"\r\n",)


@pytest.mark.usefixtures("each_codec")
def test_content_that_is_longer_than_declared_is_an_error_after_chunks_that_were_passed() -> None:
    exchange, _ = streaming(len(CHUNK) + 1)
    assert exchange.passing is not None
    assert exchange.passing.frame(CHUNK) is not None
    fail = exchange.pulled(CHUNK, 0.0)
    assert isinstance(fail, Fail)
    assert isinstance(fail.error, InvalidContent)
    assert fail.error.maybe_sent


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize("reply", ["readable", "failed", "expired"])
def test_what_is_held_up_ends_like_any_write(reply: str) -> None:
    exchange, _ = streaming(deadline=9.0)
    assert exchange.passing is not None
    framed = exchange.passing.frame(CHUNK)
    assert framed is not None
    command = exchange.passing.held_up(b"".join(framed[1]), 1.0)
    assert isinstance(command, Write)
    assert exchange.command is command
    replies: dict[str, Callable[[], Any]] = {
        "readable": lambda: exchange.readable(7, 2.0),
        "failed": lambda: exchange.failed(BrokenPipeError(), 2.0),
        "expired": lambda: exchange.expired(9.0),
    }
    following = replies[reply]()
    assert isinstance(following, Fail if reply == "expired" else Read)
    assert exchange.passing is None


@pytest.mark.usefixtures("each_codec")
def test_an_error_of_the_content_is_that_of_a_pull() -> None:
    exchange, _ = streaming()
    assert exchange.passing is not None
    exchange.passing.frame(CHUNK)
    error = OSError("the user's own")
    fail = exchange.failed(error, 0.0)
    assert isinstance(fail, Fail)
    assert fail.error is error


@pytest.mark.usefixtures("each_codec")
def test_nothing_is_passed_once_the_peer_has_answered() -> None:
    exchange, _ = streaming()
    exchange.pulled(CHUNK, 0.0)
    assert isinstance(exchange.readable(9, 0.0), Read)
    head = exchange.received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0.0)
    assert isinstance(head, Head)
    command = exchange.proceed(0.0)
    while not isinstance(command, Pull):
        assert isinstance(command, Write)
        command = exchange.written(0.0)
    assert exchange.passing is None


def test_nothing_is_held_up_once_the_exchange_has_gone_on() -> None:
    exchange, _ = streaming()
    passing = exchange.passing
    assert passing is not None
    passing.frame(CHUNK)
    exchange.abandon(0.0)
    with pytest.raises(LocalProtocolError):
        passing.held_up(CHUNK, 0.0)


def test_nothing_is_passed_where_no_chunk_is_asked_for() -> None:
    exchange = exchange_with(method="POST", data=nothing())
    assert exchange.passing is None
    connect(exchange)
    assert exchange.passing is None


def test_nothing_is_passed_by_a_codec_that_frames_by_chunk_alone() -> None:
    with mock.patch.object(PlainMessage, "framing", new_callable=mock.PropertyMock) as framing:
        framing.side_effect = AttributeError
        exchange, _ = streaming()
        assert exchange.passing is None


def streaming_by_tls(ca: Authority, length: int | None = None) -> tuple[Exchange, TlsPeer]:
    """An upload through TLS whose first chunk is asked for."""
    exchange = exchange_with(
        url="https://a.test/",
        method="POST",
        data=nothing(),
        headers={} if length is None else {"Content-Length": str(length)},
        tls_context=ca.client_context(),
    )
    peer = TlsPeer(ca.server_context())
    command = connect(exchange)
    while not isinstance(command, Pull):
        if isinstance(command, Write):
            peer.take(command.data)
            command = exchange.written(0.0)
        else:
            assert isinstance(command, Read)
            command = exchange.received(peer.flush(), 0.0)
    return exchange, peer


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize("chunk", [CHUNK, SHORT], ids=["chunk", "short"])
@pytest.mark.parametrize("declared", [False, True])
def test_what_is_passed_through_tls_is_encrypted_by_one_write(
    ca: Authority, chunk: bytes, *, declared: bool
) -> None:
    exchange, peer = streaming_by_tls(ca, 3 * len(chunk) if declared else None)
    begun = len(peer.received)
    assert exchange.connection is not None
    assert exchange.connection.tls is not None
    counted = CountedObject(exchange.connection.tls)
    for taken in (1.0, 0.5):
        sent = passed_through_tls(exchange, chunk, taken)
        peer.take(sent)
    assert counted.writes == 2
    framed = chunk if declared else b"%x\r\n%b\r\n" % (len(chunk), chunk)
    assert peer.received[begun:] == 2 * framed


def passed_through_tls(exchange: Exchange, chunk: bytes, taken: float) -> bytes:
    """What goes out of a chunk, of which the stream takes a part at once."""
    before = exchange.progress.octets_written
    assert exchange.passing is not None
    framed = exchange.passing.frame(chunk)
    assert framed is not None
    size, pieces = framed
    whole = b"".join(pieces)
    assert size == len(whole)
    assert exchange.progress.octets_written == before + size
    at_once = int(taken * size)
    if at_once == size:
        return whole
    command = exchange.passing.held_up(whole[at_once:], 0.0)
    assert isinstance(command, Write)
    assert command.data == whole[at_once:], "it is not encrypted again"
    assert isinstance(exchange.written(0.0), Pull)
    return whole


@pytest.mark.usefixtures("each_codec")
@pytest.mark.parametrize("length", [None, 2 * len(CHUNK)])
def test_tls_that_takes_no_more_is_an_error(ca: Authority, length: int | None) -> None:
    exchange, peer = streaming_by_tls(ca, length)
    passing = exchange.passing
    assert passing is not None
    assert exchange.connection is not None
    layer = exchange.connection.tls
    assert layer is not None
    layer.decrypt(peer.end())
    with suppress(ssl.SSLError):
        layer._object.unwrap()
    with pytest.raises(ConnectionError) as caught:
        passing.frame(CHUNK)
    fail = exchange.failed(caught.value, 0.0)
    assert isinstance(fail, Fail)
    assert fail.error is caught.value
