from __future__ import annotations

import io
from array import array
from collections import deque
from ctypes import c_char
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core.values.content.content import Content, prepare_content
from sojourn_core.values.errors import InvalidContent, UnrewindableBodyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    with pytest.raises(StopIteration) as stopped:
        coroutine.send(None)
    return stopped.value.value


async def gathered(content: Content) -> list[bytes]:
    return [chunk async for chunk in content.achunks()]


def generator(*chunks: Any) -> Iterator[Any]:
    yield from chunks


async def async_generator(*chunks: Any) -> AsyncIterator[Any]:
    for chunk in chunks:
        yield chunk


class Sized:
    """An iterator with a progress bar, say: its length is in octets."""

    def __init__(self, *chunks: bytes) -> None:
        self.left = list(chunks)
        self.size = sum(map(len, chunks))

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        while self.left:
            yield self.left.pop(0)


class Remembering:
    """Gives the same iterator each time."""

    def __init__(self, *chunks: bytes) -> None:
        self.iterator = iter(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self.iterator


class Reader:
    """Nothing but read()."""

    def __init__(self, content: Any) -> None:
        self.read = io.BytesIO(content).read


class Encoder(Reader):
    """As requests-toolbelt's MultipartEncoder: read() and len."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.len = len(content)


class Pipe(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return 0


class Awkward(io.BytesIO):
    """Says that it can seek, and then cannot."""

    def __init__(self, content: bytes, *failing: str) -> None:
        super().__init__(content)
        self.failing = failing

    def tell(self) -> int:
        if "tell" in self.failing:
            raise OSError("no tell")
        return super().tell()

    def seek(self, position: int, whence: int = 0) -> int:
        if "seek" in self.failing or ("end" in self.failing and whence == 2):
            raise OSError("no seek")
        return super().seek(position, whence)


class AsyncContainer:
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"a"


class Both(AsyncContainer):
    def __iter__(self) -> Iterator[bytes]:
        return iter([b"s"])


class AsyncFile(AsyncContainer):
    len = 1

    async def read(self, size: int) -> bytes:
        raise AssertionError(size)


# Length


def _advanced(file: Any, position: int) -> Any:
    file.seek(position)
    return file


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (io.BytesIO(b"abc"), 3),
        (io.BytesIO(b""), 0),
        (_advanced(io.BytesIO(b"abc"), 1), 2),
        (_advanced(io.BytesIO(b"abc"), 9), 0),
        (io.StringIO("aé"), 3),
        (Encoder(b"abc"), 3),
        (AsyncFile(), 1),
        (Sized(b"ab", b"c"), 3),
        (Reader(b"abc"), None),
        (Pipe(), None),
        (Awkward(b"abc", "tell"), None),
        (Awkward(b"abc", "seek"), None),
        (Awkward(b"abc", "end"), None),
        (generator(b"a"), None),
        ([b"abc", b"d"], None),
        (deque([b"abc"]), None),
        ({b"abc"}, None),
        ({b"abc": 1}.keys(), None),
        (async_generator(b"a"), None),
        (AsyncContainer(), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_length(body: Any, length: int | None) -> None:
    assert Content(body).length == length


@pytest.mark.parametrize("mode", ["rb", "r"])
def test_measuring_a_file_leaves_it_where_it_was(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with path.open(mode) as file:
        file.read(4)
        content = Content(file)
        assert content.length == 6
        assert list(content.chunks()) == [b"456789"]
        content.rewind()
        assert list(content.chunks()) == [b"456789"]


@pytest.mark.parametrize(
    ("octets", "how", "read", "sent"),
    [
        ("gr\u00fcn\n".encode(), {"encoding": "utf-8"}, 0, "gr\u00fcn\n".encode()),
        ("gr\u00fcn\n".encode(), {"encoding": "utf-8"}, 3, b"n\n"),
        (b"\xfc\r\n\r\nb", {"encoding": "latin-1"}, 0, b"\xfc\r\n\r\nb"),
        (b"\xef\xbb\xbfa", {"encoding": "utf-8-sig"}, 0, b"\xef\xbb\xbfa"),
        (b"\xff\xfea\x00", {"encoding": "utf-16"}, 0, b"\xff\xfea\x00"),
        (b"\xff", {"encoding": "ascii"}, 0, b"\xff"),
        (b"", {"encoding": "utf-8"}, 0, b""),
    ],
)
def test_a_text_file_is_sent_as_the_bytes_below_it(
    octets: bytes, how: Any, read: int, sent: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(octets)
    with path.open(**how) as file:
        file.read(read)
        content = Content(file)
        assert (content.length, content.rewindable) == (len(sent), True)
        for _ in range(2):
            assert b"".join(content.chunks()) == sent
            content.rewind()
    wrapped = io.TextIOWrapper(io.BytesIO(octets), **how)
    wrapped.read(read)
    assert b"".join(Content(wrapped).chunks()) == sent


def test_a_text_file_whose_decoder_holds_something_back_is_sent_as_text() -> None:
    file = io.TextIOWrapper(io.BytesIO("\u65e5\u672c".encode("iso2022_jp")), "iso2022_jp")
    file.read(1)
    content = Content(file)
    assert (content.length, list(content.chunks())) == (None, ["\u672c".encode()])


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (array("B", b"\x80a"), b"\x80a"),
        (array("H", [258]), array("H", [258]).tobytes()),
        (memoryview(b"abcd")[::2], b"ac"),
        ((c_char * 2)(b"a", b"\x80"), b"a\x80"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_a_buffer_is_its_bytes(value: Any, octets: bytes) -> None:
    assert prepare_content(value) == (octets, None)
    assert list(Content(generator(value, b"x")).chunks()) == [octets, b"x"]


class Proc(io.BytesIO):
    """A file that says its size is 0, as those of /proc do."""

    def seek(self, position: int, whence: int = 0) -> int:
        return super().seek(0 if whence == 2 else position)


@pytest.mark.parametrize("start", [0, 1])
def test_a_file_of_size_0_is_read_before_its_length_is_believed(start: int) -> None:
    content = Content(_advanced(Proc(b"abc"), start))
    assert content.length is None
    for _ in range(2):
        assert b"".join(content.chunks()) == b"abc"[start:]
        content.rewind()
    assert Content(Proc(b"")).length == 0


@pytest.mark.skipif(not Path("/proc/sys/kernel/random/boot_id").exists(), reason="needs /proc")
def test_a_real_file_of_size_0() -> None:
    with Path("/proc/sys/kernel/random/boot_id").open("rb") as file:
        content = Content(file)
        assert content.length is None
        assert len(b"".join(content.chunks())) == 37


def test_a_closed_file_is_reported_at_once() -> None:
    file = io.BytesIO(b"abc")
    file.close()
    with pytest.raises(ValueError, match="closed"):
        Content(file)


# Chunks


@pytest.mark.parametrize(
    ("body", "chunks"),
    [
        (io.BytesIO(b""), []),
        (io.BytesIO(bytes(150_000)), [bytes(65536), bytes(65536), bytes(18928)]),
        (io.StringIO("aé"), ["aé".encode()]),
        (Encoder(b"abc"), [b"abc"]),
        ([b"a", "é", bytearray(b"b"), memoryview(b"c")], [b"a", "é".encode(), b"b", b"c"]),
        (generator(b"", b"a", "", b"b", bytearray()), [b"a", b"b"]),
        (Sized(b"ab", b"c"), [b"ab", b"c"]),
    ],
)
def test_chunks(body: Any, chunks: list[bytes]) -> None:
    content = Content(body)
    assert not content.is_async
    taken = list(content.chunks())
    assert taken == chunks
    assert all(type(chunk) is bytes for chunk in taken)


def test_chunks_of_sync_content_can_be_taken_by_async_code() -> None:
    assert run(gathered(Content(generator(b"a", b"", "b")))) == [b"a", b"b"]
    assert run(gathered(Content(io.BytesIO(b"abc")))) == [b"abc"]


def test_chunks_of_async_content() -> None:
    content = Content(async_generator(b"a", b"", "é", bytearray(b"b")))
    assert content.is_async
    assert run(gathered(content)) == [b"a", "é".encode(), b"b"]
    assert run(gathered(Content(AsyncFile()))) == [b"a"]


def test_async_content_cannot_be_taken_by_sync_code() -> None:
    content = Content(async_generator(b"a"))
    with pytest.raises(InvalidContent, match="content of type async_generator can only be sent by"):
        content.chunks()
    assert not content.touched


def test_content_that_is_both_suits_both() -> None:
    assert not Content(Both()).is_async
    assert list(Content(Both()).chunks()) == [b"s"]
    assert run(gathered(Content(Both()))) == [b"a"]


@pytest.mark.parametrize("chunk", [5, None, ("a", "b"), object()])
def test_a_chunk_of_another_type_is_an_error(chunk: Any) -> None:
    message = f"^a chunk of content cannot be of type {type(chunk).__name__}$"
    with pytest.raises(InvalidContent, match=message):
        list(Content(generator(b"a", chunk)).chunks())
    with pytest.raises(InvalidContent, match=message):
        run(gathered(Content(async_generator(b"a", chunk))))


def test_a_chunk_is_not_changed_by_its_owner_later() -> None:
    buffer = bytearray(b"ab")
    chunks = Content(iter([buffer])).chunks()
    chunk = next(chunks)
    buffer[:] = b"xy"
    assert chunk == b"ab"


def test_a_second_call_goes_on_where_the_first_was_left() -> None:
    for body in (iter([b"a", b"b", b"c"]), [b"a", b"b", b"c"]):
        content = Content(body)
        assert next(content.chunks()) == b"a"
        assert list(content.chunks()) == [b"b", b"c"]


def test_a_second_async_call_goes_on_where_the_first_was_left() -> None:
    content = Content(async_generator(b"a", b"b", b"c"))
    assert run(anext(content.achunks())) == b"a"
    assert run(gathered(content)) == [b"b", b"c"]


class AsyncReader:
    """Nothing but a read() that takes an await."""

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)

    async def read(self, size: int) -> bytes:
        return self.file.read(size)


def test_an_async_read_is_awaited() -> None:
    content = Content(AsyncReader(bytes(70_000)))
    assert (content.is_async, content.length, content.rewindable) == (True, None, False)
    with pytest.raises(InvalidContent, match="AsyncReader can only be sent by an async session"):
        content.chunks()
    assert not content.touched
    assert run(gathered(content)) == [bytes(65536), bytes(4464)]
    with pytest.raises(UnrewindableBodyError):
        content.rewind()
    assert prepare_content(content._body) == (content._body, None)


# Sending again


class Opening:
    """Opens a file for each iterator."""

    def __init__(self) -> None:
        self.opened: list[Iterator[bytes]] = []

    def __iter__(self) -> Iterator[bytes]:
        self.opened.append(generator(b"a", b"b"))
        return self.opened[-1]


class AsyncOpening:
    def __init__(self) -> None:
        self.opened: list[AsyncIterator[bytes]] = []

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.opened.append(async_generator(b"a", b"b"))
        return self.opened[-1]


@pytest.mark.parametrize("asks_before", [0, 1, 3])
@pytest.mark.parametrize("kind", [Opening, AsyncOpening])
@pytest.mark.parametrize("taken", [1, 2])
def test_an_iterator_is_made_once_for_each_time_it_is_sent(
    kind: Any, asks_before: int, taken: int
) -> None:
    body = kind()
    content = Content(body)

    async def take() -> list[bytes]:
        chunks = content.achunks()
        return [await anext(chunks) for _ in range(taken)]

    for _ in range(asks_before):
        assert content.rewindable
    for time in (1, 2, 3):
        if kind is Opening:
            chunks = content.chunks()
            assert [next(chunks) for _ in range(taken)] == [b"a", b"b"][:taken]
        else:
            assert run(take()) == [b"a", b"b"][:taken]
        assert len(body.opened) == max(time, 2 if asks_before else 1)
        for _ in range(3):
            assert content.rewindable
            content.rewind()
        assert len(body.opened) == max(time, 2)


def test_an_iterator_that_was_made_for_another_time_is_closed_too() -> None:
    ended: list[str] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return Closing()

    class Closing:
        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            return b"a"

        def close(self) -> None:
            ended.append("closed")

    content = Content(Body())
    assert content.rewindable
    content.close()  # It was not sent.
    assert ended == ["closed"] * 2
    assert next(content.chunks()) == b"a"
    content.close()
    content.rewind()
    assert next(content.chunks()) == b"a"


def test_what_was_closed_unsent_is_sent_whole() -> None:
    content = Content(Opening())
    assert content.rewindable
    content.close()
    assert list(content.chunks()) == [b"a", b"b"]


REWINDABLE: list[Any] = [
    lambda: _advanced(io.BytesIO(b"xab"), 1),
    lambda: io.StringIO("ab"),
    lambda: [b"a", b"b"],
    lambda: (b"a", b"b"),
    lambda: deque([b"a", b"b"]),
]


@pytest.mark.parametrize("make", REWINDABLE)
def test_files_and_containers_can_be_sent_again(make: Any) -> None:
    content = Content(make())
    assert content.rewindable
    assert b"".join(content.chunks()) == b"ab"
    content.rewind()
    assert next(content.chunks())[:1] == b"a"
    content.rewind()
    assert b"".join(content.chunks()) == b"ab"


def test_async_containers_can_be_sent_again() -> None:
    content = Content(AsyncContainer())
    assert content.rewindable
    assert run(gathered(content)) == [b"a"]
    content.rewind()
    assert run(gathered(content)) == [b"a"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: generator(b"a"),
        lambda: iter([b"a"]),
        lambda: Remembering(b"a"),
        lambda: Encoder(b"a"),
        lambda: Reader(b"a"),
        lambda: Awkward(b"a", "tell"),
        lambda: Awkward(b"a", "seek"),
    ],
)
def test_iterators_and_pipes_cannot_be_sent_again(make: Any) -> None:
    content = Content(make())
    assert not content.rewindable
    content.rewind()  # Nothing was taken yet.
    assert list(content.chunks()) == [b"a"]
    with pytest.raises(UnrewindableBodyError, match=r"^content of type \w+ cannot be sent again$"):
        content.rewind()


def test_async_generators_cannot_be_sent_again() -> None:
    content = Content(async_generator(b"a"))
    assert not content.rewindable
    assert run(gathered(content)) == [b"a"]
    with pytest.raises(UnrewindableBodyError, match="async_generator"):
        content.rewind()


def test_a_file_that_cannot_seek_back_is_reported() -> None:
    file = Awkward(b"abc")
    content = Content(file)
    assert list(content.chunks()) == [b"abc"]
    file.failing = ("seek",)
    with pytest.raises(UnrewindableBodyError, match=r"^the file cannot be rewound: no seek$"):
        content.rewind()
    file.failing = ()
    file.close()
    with pytest.raises(UnrewindableBodyError, match="closed"):
        content.rewind()


def test_content_is_touched_once_a_chunk_was_asked_for() -> None:
    def failing() -> Iterator[bytes]:
        raise OSError("disk")
        yield b""

    content = Content(failing())
    chunks = content.chunks()
    assert not content.touched
    with pytest.raises(OSError, match="disk"):
        next(chunks)
    assert content.touched

    content = Content([b"a"])
    assert not content.touched
    next(content.chunks())
    content.rewind()
    assert content.touched


def test_async_content_is_touched_once_a_chunk_was_asked_for() -> None:
    content = Content(async_generator(b"a"))
    assert not content.touched
    run(gathered(content))
    assert content.touched


# Closing


class Closing:
    """Iterates, and reports when that ends."""

    def __init__(self) -> None:
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            self.closed += 1

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


@pytest.mark.parametrize("given", ["generator", "container"])
def test_closing_ends_the_iterator(given: str) -> None:
    closing = Closing()
    content = Content(iter(closing) if given == "generator" else closing)
    chunks = content.chunks()
    assert next(chunks) == b"a"
    content.close()
    assert closing.closed == 1
    content.close()
    assert closing.closed == 1
    assert list(chunks) == []


def test_closing_async_content_ends_the_iterator() -> None:
    ended: list[str] = []

    async def numbers() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            ended.append("numbers")

    content = Content(numbers())

    async def first_and_close() -> None:
        assert await anext(content.achunks()) == b"a"
        content.close()  # It has nothing that could be closed without waiting.
        assert ended == []
        await content.aclose()

    run(first_and_close())
    assert ended == ["numbers"]


def test_async_code_can_close_sync_content() -> None:
    closing = Closing()
    content = Content(iter(closing))
    next(content.chunks())
    run(content.aclose())
    assert closing.closed == 1


def test_rewinding_ends_the_iterator() -> None:
    closing = Closing()
    content = Content(closing)
    chunks = content.chunks()
    next(chunks)
    content.rewind()
    assert closing.closed == 1
    assert list(content.chunks()) == [b"a", b"b"]


def test_the_users_file_is_never_closed() -> None:
    class Wrapping:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __iter__(self) -> Any:
            return self.file

    file = io.BytesIO(b"abc")
    for body in (file, Wrapping(file)):
        content = Content(body)
        list(content.chunks())
        content.close()
        run(content.aclose())
    assert not file.closed


def test_closing_what_cannot_be_closed_does_nothing() -> None:
    for body in (iter([b"a"]), [b"a"]):
        content = Content(body)
        content.close()
        assert list(content.chunks()) == [b"a"]
        content.close()


class Liar(io.BytesIO):
    """A file that says of itself that it stands elsewhere."""

    def tell(self) -> int:
        return 10


@pytest.mark.parametrize("size", [0, 5, 10, 20])
def test_a_file_whose_tell_lies_is_refused(size: int) -> None:
    with pytest.raises(
        InvalidContent, match="Liar says that it stands at 10 at its start"
    ) as caught:
        Content(Liar(bytes(size)))
    assert not caught.value.maybe_sent


def test_a_file_that_always_says_0_is_sent_whole() -> None:
    content = Content(type("Zero", (io.BytesIO,), {"tell": lambda _: 0})(b"abc"))
    assert content.length is None
    assert b"".join(content.chunks()) == b"abc"


def test_a_file_that_stands_beyond_its_end_has_nothing_left() -> None:
    file = io.BytesIO(b"abc")
    file.seek(9)
    content = Content(file)
    assert content.length == 0
    assert list(content.chunks()) == []
