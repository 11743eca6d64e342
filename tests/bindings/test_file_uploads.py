"""Content in a file on a disk, which the system sends by itself, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn.aio.stream import Stream
from sojourn.exceptions import InvalidContent
from sojourn.shared import file_sending
from sojourn_core.exchange.file_part import PIECE_SIZE
from tests.bindings.clients import Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Hold, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.nginx import Nginx
    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

SIZE: Final = 6 * PIECE_SIZE + 12_345
OK: Final = answer(200, content=b"ok")

pytestmark = pytest.mark.skipif(
    not file_sending.HAS_SENDFILE, reason="this system has no sendfile; files are read there"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a file of which no two pieces are alike."""
    path = tmp_path / "content"
    path.write_bytes(hashlib.shake_128(b"content").digest(SIZE))
    return path


@pytest.fixture
def sent_by_itself(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes that the system was asked to send, and did send."""
    sizes: list[int] = []
    real = os.sendfile

    def sendfile(*arguments: Any) -> int:
        sizes.append(real(*arguments))
        return sizes[-1]

    monkeypatch.setattr(os, "sendfile", sendfile)
    return sizes


def digest(request: Received) -> bytes:
    """Answer with the digest of the content; the path /first asks for it at another place."""
    if request.target == "/first":
        return answer(307, ("Location", "/second"))
    return answer(200, content=hashlib.sha256(request.content).hexdigest().encode())


@pytest.mark.parametrize("target", ["/", "/first"])
@pytest.mark.parametrize("start", [0, 10])
def test_a_file_arrives_whole(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    path: Path,
    sent_by_itself: list[int],
    target: str,
    start: int,
) -> None:
    session = binding.session()
    with path.open("rb") as file:
        file.seek(start)
        response = binding.run(session.post(serve(digest).url(target), data=file))
        assert file.tell() == SIZE
    assert response.text == hashlib.sha256(path.read_bytes()[start:]).hexdigest()
    assert sum(sent_by_itself) > SIZE / 2
    assert pool_of(session).idle_count == 1


def test_nginx_takes_a_file(
    binding: Binding, nginx: Nginx, path: Path, sent_by_itself: list[int]
) -> None:
    with path.open("rb") as file:
        response = binding.run(binding.session().put(nginx.url("/upload"), data=file))
    assert response.text == str(SIZE)
    assert sent_by_itself


def test_over_tls_a_file_is_read(
    binding: Binding, nginx: Nginx, ca: Any, path: Path, sent_by_itself: list[int]
) -> None:
    session = binding.session()
    session.verify = str(ca.path)
    with path.open("rb") as file:
        response = binding.run(session.put(nginx.url("/upload", scheme="https"), data=file))
    assert response.text == str(SIZE)
    assert not sent_by_itself


def test_a_system_that_cannot_is_given_the_bytes(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sendfile(*_: Any) -> int:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "sendfile", sendfile)
    with path.open("rb") as file:
        response = binding.run(binding.session().post(serve(digest).url(), data=file))
    assert response.text == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def slow_reader(path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that takes a little at a time, and what it took."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[bytes] = []

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            data = b""
            while len(data.partition(b"\r\n\r\n")[2]) < SIZE:
                piece = connection.recv(30_000)
                if not piece:
                    return
                data += piece
            taken.append(data.partition(b"\r\n\r\n")[2])
            connection.sendall(OK)

    thread = threading.Thread(target=run)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/", taken
    thread.join(30)
    listener.close()


def test_a_peer_that_takes_a_little_at_a_time_gets_it_in_order(
    binding: Binding, slow_reader: tuple[str, list[bytes]], path: Path
) -> None:
    url, taken = slow_reader
    with path.open("rb") as file:
        assert binding.run(binding.session().post(url, data=file)).content == b"ok"
    assert taken == [path.read_bytes()]


def test_an_early_answer_is_delivered_though_its_peer_takes_no_more(
    binding: Binding, scripted: Callable[..., ScriptedServer], path: Path
) -> None:
    with path.open("r+b") as file:
        file.truncate(64 * PIECE_SIZE)  # More than any system takes on its way.
    server = scripted([ReadHead(), Send(OK), Hold()])
    session = binding.session(timeout=sojourn.Timeouts(read=30, write=30))
    with path.open("rb") as file:
        response = binding.run(session.post(server.url(), data=file))
    assert (response.status_code, response.content) == (200, b"ok")
    assert pool_of(session).open_count == 0


def test_a_file_that_shrinks_is_an_error(
    binding: Binding, scripted: Callable[..., ScriptedServer], path: Path
) -> None:
    server = scripted([ReadHead(), WaitClosed()])
    session = binding.session()
    with path.open("rb") as file:
        request = session.prepare_request(sojourn.Request("POST", server.url(), data=file))
        os.truncate(path, PIECE_SIZE)
        with pytest.raises(InvalidContent, match="shorter"):
            binding.run(session.send(request))
    assert pool_of(session).open_count == 0


def test_a_file_that_was_closed_is_told_as_it_is(
    binding: Binding, scripted: Callable[..., ScriptedServer], path: Path
) -> None:
    server = scripted([ReadHead(), WaitClosed()])
    session = binding.session()
    with path.open("rb") as file:
        request = session.prepare_request(sojourn.Request("POST", server.url(), data=file))
    with pytest.raises(ValueError, match="closed file"):
        binding.run(session.send(request))
    assert pool_of(session).open_count == 0


def test_a_task_that_is_cancelled_leaves_nothing(
    scripted: Callable[..., ScriptedServer], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with path.open("r+b") as file:
        file.truncate(64 * PIECE_SIZE)
    server = scripted([ReadHead(), Hold()])

    async def main() -> None:
        full = asyncio.Event()

        def pause_writing(stream: Any) -> None:
            paused(stream)
            full.set()

        paused = Stream.pause_writing
        monkeypatch.setattr(Stream, "pause_writing", pause_writing)
        async with sojourn.AsyncSession() as session:
            with path.open("rb") as file:
                task = asyncio.create_task(session.post(server.url(), data=file))
                await full.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert pool_of(session).open_count == 0

    asyncio.run(main())
