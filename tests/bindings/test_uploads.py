"""Uploads that end before their content does: the answer, the user's iterator, the connection."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
from sojourn.aio import stream as aio_stream
from sojourn.exceptions import (
    ChunkedEncodingError,
    InvalidContent,
    UnrewindableBodyError,
    WriteTimeout,
)
from sojourn.exceptions import ConnectionError as SojournConnectionError
from sojourn.sync import stream as sync_stream
from tests.bindings.clients import Binding, idle_streams, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Expect, Hold, ReadHead, Reset, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.servers.scripted import HandlerServer, ScriptedServer
    from tests.servers.steps import Step

PIECE: Final = b"sojourn." * 8192
PIECES: Final = 320  # Of 64 KiB: 20 MiB.
TOO_LARGE: Final = answer(413, ("Connection", "close"), content=b"too large")
OK: Final = answer(200, content=b"ok")


class Source:
    """Content from a generator that says what became of it."""

    def __init__(self, pieces: int = PIECES) -> None:
        self.given = 0
        self.closed = 0
        self._pieces = pieces

    def __call__(self) -> Iterator[bytes]:
        try:
            for _ in range(self._pieces):
                self.given += 1
                yield PIECE
        finally:
            self.closed += 1


# --- the server answers early -------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param([WaitClosed()], id="and takes the rest"),
        pytest.param([Close()], id="and closes with octets unread"),
    ],
)
@pytest.mark.parametrize("kind", ["octets", "file", "iterator"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_server_may_refuse_20_mebibytes_by_their_head(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Any,
    tmp_path: Path,
    kind: str,
    ending: list[Step],
    secure: bool,
) -> None:
    server = scripted(
        [ReadHead(), Send(TOO_LARGE), *ending],
        [ReadHead(), Send(OK), WaitClosed()],
        context=ca.server_context() if secure else None,
    )
    session = binding.session()
    session.verify = str(ca.path)
    source = Source()
    path = tmp_path / "content"
    path.write_bytes(PIECE * PIECES)
    with path.open("rb") as file:
        content = {
            "octets": lambda: PIECE * PIECES,
            "file": lambda: file,
            "iterator": lambda: binding.upload(source),
        }[kind]()
        response = binding.run(session.post(server.url(), data=content))
    assert (response.status_code, response.content) == (413, b"too large")
    if kind == "iterator":
        assert source.closed == 1
        assert source.given < PIECES
    binding.turn()
    assert pool_of(session).open_count == 0
    assert binding.run(session.get(server.url())).content == b"ok"


@pytest.mark.parametrize("informed", [False, True])
def test_a_refusal_is_seen_whatever_came_before_it(
    scripted: Callable[..., ScriptedServer], *, informed: bool
) -> None:
    """An informational response arrives while the user's iterator keeps the upload waiting."""
    told = b"HTTP/1.1 102 Processing\r\n\r\n" if informed else b""
    server = scripted([Expect(PIECE), Send(told), Expect(b"second"), Send(TOO_LARGE), Hold()])

    async def pieces() -> AsyncIterator[bytes]:
        yield PIECE
        while nothing_came():  # noqa: ASYNC110 - there is nothing else to wait for
            await asyncio.sleep(0.001)
        yield b"second"
        for _ in range(PIECES):
            await asyncio.sleep(0)
            yield PIECE

    def nothing_came() -> bool:
        (stream,) = streams
        return informed and stream.is_quiet()

    async def main() -> None:
        async with sojourn.AsyncSession(timeout=sojourn.Timeouts(write=5)) as session:
            response = await session.post(server.url(), data=pieces())
            assert (response.status_code, response.content) == (413, b"too large")

    with pytest.MonkeyPatch.context() as patch:
        streams: list[Any] = []
        made = aio_stream.Stream.connection_made
        patch.setattr(
            aio_stream.Stream,
            "connection_made",
            lambda self, transport: (streams.append(self), made(self, transport))[1],
        )
        asyncio.run(main())


def test_an_early_success_does_not_end_the_upload(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    early = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    server = scripted([ReadHead(), Send(early), Expect(b"0\r\n\r\n"), Send(b"done"), WaitClosed()])
    session = binding.session()
    source = Source()
    response = binding.run(session.post(server.url(), data=binding.upload(source)))
    assert (response.status_code, response.content) == (200, b"done")
    assert (source.given, source.closed) == (PIECES, 1)
    assert pool_of(session).idle_count == 1


def test_a_complete_answer_is_delivered_whatever_its_peer_takes(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(OK), Hold()])
    session = binding.session(timeout=sojourn.Timeouts(read=30, write=30))
    source = Source()
    response = binding.run(session.post(server.url(), data=binding.upload(source)))
    assert (response.status_code, response.content) == (200, b"ok")
    assert source.given < PIECES
    assert source.closed == 1
    assert pool_of(session).open_count == 0


@pytest.fixture
def echo_server() -> Iterator[str]:
    """The URL of a server that sends back what it reads, framing and all, while it reads it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as file:
            while file.readline() != b"\r\n":
                pass
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            last = b""
            while last != b"0\r\n\r\n":
                read = file.read1(65536)
                if not read:
                    return
                last = (last + read)[-5:]
                connection.sendall(read)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    thread.join(30)
    listener.close()


def test_what_a_server_echoes_as_it_reads_is_read_while_it_is_sent(
    binding: Binding, echo_server: str
) -> None:
    session = binding.session(timeout=sojourn.Timeouts(read=30, write=30))
    source = Source()
    response = binding.run(session.post(echo_server, data=binding.upload(source)))
    assert response.content.count(PIECE) == PIECES
    assert (source.given, source.closed) == (PIECES, 1)


def test_an_error_of_the_iterator_after_the_head_reaches_the_reader(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    raised = ValueError("its own")

    def pieces() -> Iterator[bytes]:
        yield from [PIECE] * 100
        raise raised

    early = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    server = scripted([ReadHead(), Send(early), WaitClosed()])
    session = binding.session()
    response = binding.run(session.post(server.url(), data=binding.upload(pieces), stream=True))
    with pytest.raises(ValueError, match="its own") as caught:
        binding.collect(response.iter_content(4))
    assert caught.value is raised
    binding.turn()
    assert pool_of(session).open_count == 0


def test_closing_an_early_answer_closes_the_iterator(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    early = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    server = scripted([ReadHead(), Send(early), WaitClosed()])
    session = binding.session()
    source = Source()
    response = binding.run(session.post(server.url(), data=binding.upload(source), stream=True))
    assert source.closed == 0
    given = source.given
    binding.run(response.close())
    assert (source.given, source.closed) == (given, 1), "nothing is sent while nobody reads"
    assert pool_of(session).open_count == 0


# --- something goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "seconds", "error"),
    [
        pytest.param([ReadHead(), Hold()], 0.2, WriteTimeout, id="the server takes nothing in"),
        pytest.param(
            [ReadHead(), Reset()], 20.0, SojournConnectionError, id="the connection is reset"
        ),
    ],
)
def test_the_iterator_of_an_upload_that_failed_is_closed(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    script: list[Step],
    seconds: float,
    error: type[Exception],
) -> None:
    server = scripted(script)
    session = binding.session(timeout=sojourn.Timeouts(write=seconds))
    source = Source()
    with pytest.raises(error) as caught:
        binding.run(session.post(server.url(), data=binding.upload(source)))
    assert source.closed == 1
    assert caught.value.maybe_sent
    assert caught.value.request.url == server.url()
    binding.turn()
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize("declared", [len(PIECE) - 1, len(PIECE) + 1])
def test_content_that_has_not_its_declared_length_is_an_error(
    binding: Binding, scripted: Callable[..., ScriptedServer], declared: int
) -> None:
    server = scripted([ReadHead(), WaitClosed()])
    session = binding.session()
    source = Source(1)
    content, fields = binding.upload(source), {"Content-Length": str(declared)}
    with pytest.raises(InvalidContent, match="than its Content-Length"):
        binding.run(session.post(server.url(), data=content, headers=fields))
    assert source.closed == 1
    binding.turn()
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize(
    "raised",
    [
        ValueError("its own"),
        OSError("a disk"),
        TimeoutError("a lock"),
        ConnectionResetError("another connection"),
        SojournConnectionError("another connection", request=sojourn.Request("GET", "http://b/")),
        SojournConnectionError("made by hand"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_iterator_reaches_the_caller(
    binding: Binding, scripted: Callable[..., ScriptedServer], raised: Exception
) -> None:
    def pieces() -> Iterator[bytes]:
        yield PIECE
        raise raised

    server = scripted([ReadHead(), WaitClosed()])
    session = binding.session()
    with pytest.raises(type(raised)) as caught:
        binding.run(session.post(server.url(), data=binding.upload(pieces)))
    assert caught.value is raised
    binding.turn()
    assert pool_of(session).open_count == 0


class Failing:
    """Content that can be read again, and fails each time after its first piece."""

    def __init__(self, error: Exception) -> None:
        self.begun = 0
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        self.begun += 1
        yield b"one"
        raise self._error


@pytest.mark.parametrize("client", [sojourn.Session, sojourn.compat.Session])
def test_an_error_of_the_iterator_is_no_reason_to_send_again(
    scripted: Callable[..., ScriptedServer], client: Any
) -> None:
    """The connection was used before, the method is idempotent, and the content rewindable."""
    server = scripted([ReadHead(), Send(OK), ReadHead(), WaitClosed()])
    source = scripted([ReadHead(), Close()])
    content = Failing(ValueError("not set"))
    with client() as session:
        session.get(server.url())
        with pytest.raises(SojournConnectionError) as caught:
            session.get(source.url())
        content._error = caught.value
        known = dict(vars(caught.value))
        with pytest.raises(SojournConnectionError) as again:
            session.put(server.url(), data=content)
        assert again.value is caught.value
        assert vars(again.value) == known, "it tells of its own request"
    assert content.begun == 1


def test_a_source_that_is_cut_while_it_is_put_elsewhere_is_told(
    scripted: Callable[..., ScriptedServer],
) -> None:
    source = scripted([ReadHead(), Send(OK[:-1]), Close()])
    target = scripted([ReadHead(), WaitClosed()])
    with sojourn.Session() as session:
        read = session.get(source.url(), stream=True)
        with pytest.raises(ChunkedEncodingError, match="1 bytes early") as caught:
            session.put(target.url(), data=read.iter_content(1))
    assert caught.value.request is read.request
    assert caught.value.response is read


def test_an_iterator_can_not_be_sent_to_a_second_place(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(307, ("Location", "/again")))
    source = Source(2)
    with pytest.raises(UnrewindableBodyError):
        binding.run(binding.session().post(server.url(), data=binding.upload(source)))
    assert source.closed == 1
    assert [request.target for request in server.requests] == ["/"]


# --- the connection was dead --------------------------------------------------------------------


def test_content_that_was_not_begun_is_sent_whole_after_a_stale_connection(
    binding: Binding, scripted: Callable[..., ScriptedServer], monkeypatch: Any
) -> None:
    """As if the peer had closed in the moment after the connection was looked at."""
    server = scripted(
        [ReadHead(), Send(OK), Reset()],
        [ReadHead(), Expect(b"0\r\n\r\n"), Send(OK), WaitClosed()],
    )
    session = binding.session()
    binding.run(session.get(server.url()))
    (stream,) = idle_streams(session)
    binding.wait_until_told(stream)
    monkeypatch.setattr(sync_stream.Stream, "is_quiet", lambda _: True)
    monkeypatch.setattr(aio_stream.Stream, "is_quiet", lambda _: True)
    source = Source(2)
    response = binding.run(session.put(server.url(), data=binding.upload(source)))
    assert response.content == b"ok"
    assert [each.code for each in response.decisions] == ["retry.stale-connection"]
    assert (source.given, source.closed) == (2, 1)
    assert server.received[1].count(PIECE) == 2


# --- what content turns out to be ---------------------------------------------------------------


def echo(request: Any) -> bytes:
    if request.target == "/first":
        return answer(307, ("Location", "/second"))
    return answer(200, content=request.content)


class SizeZero(io.BytesIO):
    """A file that says its size is 0, as those of /proc do."""

    def seek(self, position: int, whence: int = 0) -> int:
        return super().seek(0 if whence == 2 else position)


@pytest.mark.parametrize("path", ["/", "/first"])
def test_a_file_whose_size_is_0_is_sent_whole(
    binding: Binding, serve: Callable[..., HandlerServer], path: str
) -> None:
    server = serve(echo)
    data = SizeZero(b"sojourn" * 20_000)
    response = binding.run(binding.session().post(server.url(path), data=data))
    assert response.content == b"sojourn" * 20_000
    empty = binding.run(binding.session().post(server.url(), data=SizeZero()))
    assert empty.content == b""
    assert empty.request.headers["Content-Length"] == "0"
    parts = {"f": ("a.txt", SizeZero(b"part"))}
    response = binding.run(binding.session().post(server.url(path), files=parts))
    assert b"\r\n\r\npart\r\n--" in response.content


def test_an_iterable_is_asked_once_for_each_time_it_is_sent(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    class Opening:
        opened = 0

        def __iter__(self) -> Iterator[bytes]:
            Opening.opened += 1
            return iter([b"a", b"b"])

    response = binding.run(binding.session().post(serve(echo).url("/first"), data=Opening()))
    assert response.content == b"ab"
    assert Opening.opened == 2


class AsyncReader:
    """Nothing but a read() that takes an await."""

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)

    async def read(self, size: int) -> bytes:
        await asyncio.sleep(0)
        return self.file.read(size)


async def async_pieces() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"


@pytest.mark.parametrize("make", [async_pieces, lambda: AsyncReader(b"ab")])
def test_async_content_is_for_async_sessions(
    serve: Callable[..., HandlerServer], make: Callable[[], Any]
) -> None:
    server = serve(echo)
    for module in (sojourn, sojourn.compat):
        with module.Session() as session:
            with pytest.raises(InvalidContent, match="only be sent by an async session") as caught:
                session.post(server.url(), data=make())
            assert not caught.value.maybe_sent
    assert server.requests == []
    assert server.connections == 0

    async def post() -> Any:
        async with sojourn.AsyncSession() as session:
            response = await session.post(server.url(), data=make())
            parts = {"f": ("a.txt", make())}
            return response.content, (await session.post(server.url(), files=parts)).content

    content, parts = asyncio.run(post())
    assert content == b"ab"
    assert b"\r\n\r\nab\r\n--" in parts
