"""Content in a file on a disk, for drivers that have the system send it."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Exchange, Pool
from sojourn_core.commands import Fail, Head, Pull, Read, Write, WriteFile
from sojourn_core.exchange.file_part import PIECE_SIZE, TAIL_SIZE
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import InvalidContent, LocalProtocolError
from tests.core.codecs import CODECS, codec_with, head_for
from tests.core.exchanges import HEAD_LIMIT, connect, exchange_with, plan_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZE = 2 * PIECE_SIZE + TAIL_SIZE + 5
REFUSED = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
ECHOED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Any]:
    """A file of which no two pieces are alike."""
    path = tmp_path / "content"
    path.write_bytes(b"%07d\n" % 0 + b"".join(b"%07d\n" % n for n in range(1, SIZE // 8 + 1)))
    with path.open("r+b") as whole:
        whole.truncate(SIZE)
    with path.open("rb") as opened:
        yield opened


def post(data: Any, *, writes_files: bool = True, **plan: Any) -> Exchange:
    return exchange_with(method="POST", data=data, writes_files=writes_files, **plan)


def sent_of(exchange: Exchange, command: Any, content: Content) -> tuple[bytes, list[str]]:
    """Send all that there is: what goes out, and by which commands."""
    out, names = b"", []
    chunks = content.chunks()
    while not isinstance(command, Read):
        names.append(type(command).__name__)
        match command:
            case Write():
                out += command.data
                command = exchange.written(0.0)
            case WriteFile(file=own, offset=offset, size=size):
                place = own.tell()
                own.seek(offset)
                out += own.read(size)
                own.seek(place)
                command = exchange.written(0.0)
            case Pull():
                command = exchange.pulled(next(chunks, None), 0.0)
            case _:
                raise AssertionError(command)
    return out, names


def content_of(exchange: Exchange) -> Content:
    content = exchange.plan.content
    assert isinstance(content, Content)
    return content


def test_all_but_the_end_of_a_file_is_sent_by_itself(file: Any) -> None:
    exchange = post(file, deadline=9.0)
    assert isinstance(connect(exchange), Write)
    first = exchange.written(1.0)
    assert first == WriteFile(file, 0, PIECE_SIZE, deadline=4.0)
    assert exchange.progress.content_touched
    assert exchange.written(2.0) == WriteFile(file, PIECE_SIZE, PIECE_SIZE, deadline=5.0)
    assert exchange.written(3.0) == WriteFile(file, 2 * PIECE_SIZE, 5, deadline=6.0)
    before = exchange.progress.octets_written
    pull = exchange.written(4.0)
    assert isinstance(pull, Pull), "the end of the file tells that it is the end"
    assert exchange.progress.octets_written == before + 5
    tail = b"".join(content_of(exchange).chunks())
    assert isinstance(exchange.pulled(tail, 4.0), Pull)
    assert exchange.pulled(None, 4.0) == Write(tail, deadline=7.0, watch=True)
    assert exchange.written(4.0) == Read(HEAD_LIMIT, deadline=6.0)
    file.seek(0)
    assert tail == file.read()[-TAIL_SIZE:]


@pytest.mark.parametrize("start", [0, 3, SIZE - TAIL_SIZE - 1, SIZE - TAIL_SIZE])
def test_all_of_it_goes_out_from_where_the_file_stands(file: Any, start: int) -> None:
    whole = file.read()
    file.seek(start)
    exchange = post(file)
    out, names = sent_of(exchange, connect(exchange), content_of(exchange))
    assert out.partition(b"\r\n\r\n")[2] == whole[start:]
    assert ("WriteFile" in names) == (start < SIZE - TAIL_SIZE)
    assert file.tell() == SIZE, "as if it had been read"


def zipped(folder: Path) -> Any:
    path = folder / "zipped.gz"
    path.write_bytes(gzip.compress(b"x" * SIZE))
    return gzip.open(path)


def text(folder: Path) -> Any:
    path = folder / "text"
    path.write_text("ä" * TAIL_SIZE, encoding="utf-8")
    return path.open(encoding="utf-8")


# Content that is not in a file as it is to be sent; each has more bytes than the tail.
OTHERS: dict[str, Callable[[Path], Any]] = {
    "in memory": lambda _: io.BytesIO(b"x" * SIZE),
    "decoded": zipped,
    "decoded, with a buffer": lambda folder: io.BufferedReader(zipped(folder)),
    "text": text,
    "an iterator": lambda _: iter([b"x" * SIZE]),
    "bytes": lambda _: b"x" * SIZE,
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_on_a_disk_as_it_is_sent_is_pulled(tmp_path: Path, kind: str) -> None:
    data = OTHERS[kind](tmp_path)
    exchange = post(data)
    command: Any = connect(exchange)
    names = set()
    while not isinstance(command, (Read, Fail)):
        names.add(type(command).__name__)
        piece = None if "Pull" in names and len(names) > 1 else b"x"
        pulls = isinstance(command, Pull)
        command = exchange.pulled(piece, 0.0) if pulls else exchange.written(0.0)
    assert "WriteFile" not in names
    if hasattr(data, "close"):
        data.close()


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"writes_files": False}, id="a driver that does not offer it"),
        pytest.param({"headers": {"Transfer-Encoding": "chunked"}}, id="content in chunks"),
    ],
)
def test_a_file_is_pulled_where_it_cannot_be_sent_by_itself(file: Any, how: Any) -> None:
    exchange = post(file, **how)
    connect(exchange)
    assert isinstance(exchange.written(0.0), Pull)


def test_a_file_that_is_short_goes_by_one_pull(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes(b"x" * TAIL_SIZE)
    with path.open("rb") as short:
        exchange = post(short)
        connect(exchange)
        assert isinstance(exchange.written(0.0), Pull)


# --- the peer answers first -------------------------------------------------------------------


def test_a_refusal_ends_the_upload(file: Any) -> None:
    exchange = post(file)
    connect(exchange)
    assert isinstance(exchange.written(0.0), WriteFile)
    before = exchange.progress.octets_written
    assert isinstance(exchange.readable(7, 0.0), Read)
    assert exchange.progress.octets_written == before + 7
    head = exchange.received(REFUSED, 0.0)
    assert isinstance(head, Head)
    assert head.head.status == 413
    finish: Any = exchange.proceed(0.0)
    assert finish.reason == "the upload was cut short"


def test_after_an_early_success_the_rest_is_pulled(file: Any) -> None:
    whole = file.read()
    file.seek(0)
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    exchange.written(0.0)
    assert isinstance(exchange.readable(7, 0.0), Read)
    assert isinstance(exchange.received(ECHOED, 0.0), Head)
    exchange.proceed(0.0)  # Some content of the response.
    command = exchange.proceed(0.0)
    assert isinstance(command, Pull)
    assert b"".join(content_of(exchange).chunks()) == whole[PIECE_SIZE + 7 :]


def test_what_comes_early_and_is_no_answer_yet_does_not_disturb(file: Any) -> None:
    whole = file.read()
    file.seek(0)
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    assert isinstance(exchange.readable(9, 0.0), Read)
    command: Any = exchange.received(b"HTTP/1.1 100 Continue\r\n\r\n", 0.0)
    command = exchange.proceed(0.0)
    assert command == WriteFile(file, 9, PIECE_SIZE, deadline=3.0)
    out, _ = sent_of(exchange, command, content_of(exchange))
    assert out == whole[9:]


# --- the file is not as it was ----------------------------------------------------------------


def test_a_file_that_ends_early_is_an_error(file: Any) -> None:
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    fail = exchange.pulled(None, 0.0)
    assert isinstance(fail, Fail)
    assert isinstance(fail.error, InvalidContent)
    assert "shorter" in str(fail.error)
    assert fail.error.maybe_sent


def test_a_file_that_has_grown_is_never_sent_as_if_it_were_complete(file: Any) -> None:
    exchange = post(file)
    command: Any = connect(exchange)
    while not isinstance(command, Pull):
        command = exchange.written(0.0)
    assert isinstance(exchange.pulled(b"x" * TAIL_SIZE, 0.0), Pull)
    fail = exchange.pulled(b"more", 0.0)
    assert isinstance(fail, Fail)
    assert "longer" in str(fail.error)


def test_it_can_be_sent_once_more(file: Any) -> None:
    whole = file.read()
    file.seek(0)
    exchange = post(file)
    content = content_of(exchange)
    connect(exchange)
    exchange.written(0.0)
    exchange.written(0.0)  # A piece is out, and then the connection is lost.
    exchange.abandon(0.0)
    assert content.touched
    content.rewind()
    again = Exchange(plan_for(method="POST", data=file, writes_files=True), Pool())
    again.plan.content = content
    out, names = sent_of(again, connect(again), content)
    assert out.partition(b"\r\n\r\n")[2] == whole
    assert "WriteFile" in names


# --- the replies and the codecs ---------------------------------------------------------------


def test_a_deadline_that_passes_is_a_write_timeout(file: Any) -> None:
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    fail = exchange.expired(3.0)
    assert isinstance(fail, Fail)
    assert type(fail.error).__name__ == "WriteTimeout"


def test_a_peer_that_breaks_off_may_have_answered(file: Any) -> None:
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    assert isinstance(exchange.failed(ConnectionResetError("gone"), 0.0), Read)
    assert isinstance(exchange.received(REFUSED, 0.0), Head)


def test_what_the_file_raises_is_the_users_own(file: Any) -> None:
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    error = ValueError("I/O operation on closed file")
    fail = exchange.failed(error, 0.0)
    assert isinstance(fail, Fail)
    assert fail.error is error


def test_bytes_do_not_answer_it(file: Any) -> None:
    exchange = post(file)
    connect(exchange)
    exchange.written(0.0)
    with pytest.raises(LocalProtocolError, match="WriteFile"):
        exchange.received(b"x", 0.0)


@pytest.mark.parametrize("codec", CODECS)
def test_a_codec_counts_what_goes_out_by_itself(codec: str) -> None:
    head = head_for("POST", lines=[("Host", "a.test"), ("Content-Length", "10")])
    message = codec_with(codec).open(head)
    message.start()
    message.count(4)
    assert message.chunk(b"12345") == b"12345"
    with pytest.raises(InvalidContent, match="shorter"):
        message.end()
    message = codec_with(codec).open(head)
    message.start()
    with pytest.raises(InvalidContent, match="longer"):
        message.count(11)
