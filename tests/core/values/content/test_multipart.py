from __future__ import annotations

import gc
import io
import sys
import tracemalloc
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.content.content import Content
from sojourn_core.values.content.multipart import (
    AsyncMultipart,
    Multipart,
    boundary_from,
    boundary_of,
    encode_multipart,
    with_boundary,
)
from sojourn_core.values.errors import InvalidContent, InvalidHeader, UnrewindableBodyError
from sojourn_core.values.fields import Fields

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

KIB = 1024
MIB = 1024 * KIB
BOUNDARY = "0123456789abcdef0123456789abcdef"


class Shouted(str):
    """Text that str() writes otherwise, as that of some enums is."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


class Named(io.BytesIO):
    """A file with any name."""

    def __init__(self, name: Any, octets: bytes = b"content") -> None:
        super().__init__(octets)
        self.name = name


class Reader:
    """Nothing but read(): no length, no way back."""

    def __init__(self, octets: bytes) -> None:
        self.file = io.BytesIO(octets)

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


def at(position: int, file: Any) -> Any:
    file.seek(position)
    return file


def twice(file: Any) -> list[tuple[str, Any]]:
    return [("a", file), ("b", ("f", file))]


def generator(*chunks: Any) -> Iterator[Any]:
    yield from chunks


async def async_generator(*chunks: Any) -> AsyncIterator[Any]:
    for chunk in chunks:
        yield chunk


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    with pytest.raises(StopIteration) as stopped:
        coroutine.send(None)
    return stopped.value.value


async def gathered(content: Content) -> bytes:
    return b"".join([chunk async for chunk in content.achunks()])


def sent(body: Any) -> bytes:
    """The octets of a body, taken as an exchange takes them."""
    return body if isinstance(body, bytes) else b"".join(Content(body).chunks())


def by_requests(data: Any, files: Any) -> tuple[bytes, str, str]:
    """What Requests sends: its octets, its Content-Type, and the boundary that it made."""
    prepared = requests.Request("POST", "http://a.test/", data=data, files=files).prepare()
    content_type = prepared.headers["Content-Type"]
    assert isinstance(prepared.body, bytes)
    return prepared.body, content_type, content_type.partition("boundary=")[2]


def part(head: str, content: bytes = b"content") -> bytes:
    opening = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
    return opening + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


# Octets. Each case makes its files anew, for Requests reads them.


@pytest.mark.parametrize(
    "case",
    [
        # What a file may be
        lambda: (None, {"a": b"content"}),
        lambda: (None, {"a": "text é €"}),
        lambda: (None, {"a": bytearray(b"content")}),
        lambda: (None, {"a": memoryview(b"content")}),
        lambda: (None, {"a": b""}),
        lambda: (None, {"a": ""}),
        lambda: (None, {"a": 12}),
        lambda: (None, {"a": True}),
        lambda: (None, {"a": io.BytesIO(b"content")}),
        lambda: (None, {"a": io.BytesIO()}),
        lambda: (None, {"a": io.StringIO("text é\r\n")}),
        lambda: (None, {"a": at(3, io.BytesIO(b"content"))}),
        lambda: (None, {"a": at(99, io.BytesIO(b"content"))}),
        lambda: (None, {"a": io.BufferedReader(io.BytesIO(b"content"))}),
        lambda: (None, {"a": Reader(b"content")}),
        lambda: (None, {"a": None}),
        lambda: (None, {"a": None, "b": b"content"}),
        lambda: (None, {"a": ("f", None)}),
        lambda: (None, twice(io.BytesIO(b"content"))),
        lambda: (None, twice(Reader(b"content"))),
        # Filenames
        lambda: (None, {"a": Named("f.txt")}),
        lambda: (None, {"a": Named("/some/where/f.txt")}),
        lambda: (None, {"a": Named("where/")}),
        lambda: (None, {"a": Named("")}),
        lambda: (None, {"a": Named("<stdin>")}),
        lambda: (None, {"a": Named("<f")}),
        lambda: (None, {"a": Named("f>")}),
        lambda: (None, {"a": Named(3)}),
        lambda: (None, {"a": Named(None)}),
        lambda: (None, {"a": Named(b"/where/f\xc3\xa9.txt")}),
        lambda: (None, {"a": Named(b"<f>")}),
        lambda: (None, {"a": Named(b"")}),
        lambda: (None, {"a": ("g.txt", Named("f.txt"))}),
        lambda: (None, {"a": (None, Named("f.txt"))}),
        lambda: (None, {"a": (None, b"content")}),
        lambda: (None, {"a": ("", b"content")}),
        lambda: (None, {"a": ("/some/where/f", b"content")}),
        lambda: (None, {"a": (b"f\xc3\xa9", b"content")}),
        lambda: (None, {"a": ["f", b"content"]}),
        # Names are escaped, and are UTF-8
        lambda: (None, {'a"b\r\nc\\d%22': ('f"g\r\nh\\i%0A', b"content")}),
        lambda: (None, {"é€😀": ("é€😀.txt", b"content")}),
        lambda: (None, {"a\tb\x00": ("f;g='h'", b"content")}),
        lambda: (None, {b"\xc3\xa9": b"content"}),
        lambda: (None, {"": b"content"}),
        # Content-Type and further fields
        lambda: (None, {"a": ("f", b"content", "text/plain; charset=utf-8")}),
        lambda: (None, {"a": ("f", b"content", None)}),
        lambda: (None, {"a": ("f", b"content", "")}),
        lambda: (None, {"a": (None, b"{}", "application/json")}),
        lambda: (None, {"a": ("f.png", b"content")}),
        lambda: (None, {"a": ("f", b"content", "a/b", {"X-A": "1", "x-b": "2"})}),
        lambda: (None, {"a": ("f", b"content", "a/b", {})}),
        lambda: (None, {"a": ("f", b"content", "a/b", None)}),
        lambda: (None, {"a": ("f", b"content", "a/b", [("X-B", "2"), ("X-A", "1")])}),
        lambda: (None, {"a": ("f", b"content", "a/b", {"X-A": "", "X-B": None, "X-C": 3})}),
        lambda: (None, {"a": ("f", b"content", "a/b", {"X-A": " é€\t "})}),
        lambda: (None, {"a": ("f", b"content", "a/b", {"Content-Type": "c/d"})}),
        lambda: (None, {"a": ("f", b"content", None, {"Content-Type": "c/d"})}),
        lambda: (None, {"a": ("f", b"content", "a/b", {"content-type": "c/d"})}),
        lambda: (None, {"a": ("f", b"content", None, {"Content-Disposition": "x"})}),
        lambda: (None, {"a": ("f", b"content", None, {"Content-Location": "/x", "Z": "1"})}),
        lambda: (None, {"a": ("f", b"content", None, Fields([("X-A", "1"), ("X-A", "2")]))}),
        # Several files
        lambda: (None, {"a": b"1", "b": io.BytesIO(b"2"), "c": "3"}),
        lambda: (None, [("a", b"1"), ("a", b"2"), ("a", ("f", io.BytesIO(b"3")))]),
        lambda: (None, (("a", b"1"), ["b", b"2"])),
        lambda: (None, generator(("a", b"1"), ("b", io.BytesIO(b"2")))),
        # Fields of data come first
        lambda: ({"x": "1"}, {"a": b"content"}),
        lambda: ({"x": ["1", "2"], "y": ("3", None, 4)}, {"a": io.BytesIO(b"content")}),
        lambda: ([("x", "1"), ("y", "2"), ("x", "3")], {"a": b"content"}),
        lambda: ({"x": None, "y": []}, {"a": b"content"}),
        lambda: ({"x": 1, "y": 2.5, "z": True}, {"a": b"content"}),
        lambda: ({"x": b"\xff\r\n", b"y": "é"}, {"a": b"content"}),
        lambda: ({"x": Shouted("red"), "y": ""}, {"a": b"content"}),
        lambda: ({"x": {"k": "v"}, "y": range(2)}, {"a": b"content"}),
        lambda: ({"x": bytearray(b"ab"), "y": generator("1", b"2")}, {"a": b"content"}),
        lambda: ({'x"\n': "1"}, {"a": None}),
        lambda: ({}, {"a": b"content"}),
        lambda: ((), {"a": b"content"}),
    ],
)
def test_octets_are_those_of_requests(case: Callable[[], tuple[Any, Any]]) -> None:
    expected, content_type, boundary = by_requests(*case())
    body, our_type = encode_multipart(*case(), boundary)
    assert our_type == content_type
    length = len(body) if isinstance(body, bytes) else Content(body).length
    assert sent(body) == expected
    assert length in {None, len(expected)}


def test_a_whole_example() -> None:
    files = {"b": ("f.txt", io.BytesIO(b"content"), "text/plain", {"X-A": "1"})}
    body, content_type = encode_multipart({"a": "1"}, files, BOUNDARY)
    assert content_type == f"multipart/form-data; boundary={BOUNDARY}"
    assert sent(body) == (
        b"--0123456789abcdef0123456789abcdef\r\n"
        b'Content-Disposition: form-data; name="a"\r\n'
        b"\r\n"
        b"1\r\n"
        b"--0123456789abcdef0123456789abcdef\r\n"
        b'Content-Disposition: form-data; name="b"; filename="f.txt"\r\n'
        b"Content-Type: text/plain\r\n"
        b"X-A: 1\r\n"
        b"\r\n"
        b"content\r\n"
        b"--0123456789abcdef0123456789abcdef--\r\n"
    )


def test_files_of_the_system(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_bytes(b"one\ntwo\xc3\xa9\n")
    with path.open("rb") as octets, path.open(encoding="utf-8") as text:
        expected, _, boundary = by_requests(None, {"a": octets, "b": text})
        octets.seek(0)
        text.seek(0)
        body, _ = encode_multipart(None, {"a": octets, "b": text}, boundary)
        assert b'filename="f.txt"' in expected
        assert sent(body) == expected


def test_files_that_are_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_bytes(b"one\r\ntwo\xc3\xa9\n")
    with path.open("rb") as octets, path.open(encoding="utf-8") as text:
        files = {"a": octets, "b": text, "c": octets, "d": array("B", b"\x80")}
        expected, _, boundary = by_requests(None, files)
        octets.seek(0)
        text.seek(0)
        body, _ = encode_multipart(None, files, boundary, at_once=True)
    assert body == expected


# Where Requests sends what cannot have been meant, or fails


@pytest.mark.parametrize(
    ("files", "head"),
    [
        ({"a": Named("C:\\where\\f.txt")}, 'name="a"; filename="f.txt"'),
        ({"a": Named("\\\\host/where\\f.txt")}, 'name="a"; filename="f.txt"'),
        (
            {"a": ("f", b"content", b"text/plain")},
            'name="a"; filename="f"\r\nContent-Type: text/plain',
        ),
        (
            {"a": ("f", b"content", None, {b"X-A": b"\xc3\xa9"})},
            'name="a"; filename="f"\r\nX-A: é',
        ),
        ({"a": ("f", b"content", None, {b"Content-Type": b"a/b"})}, 'name="a"; filename="f"'),
        ({"a": ("f", [b"con", "tent"])}, 'name="a"; filename="f"'),
        ({"a": generator(b"con", "tent")}, 'name="a"; filename="a"'),
    ],
)
def test_more_than_requests_can_send(files: Any, head: str) -> None:
    body, _ = encode_multipart(None, files, BOUNDARY)
    assert sent(body) == part(head) + END


# Length, and sending it again


@pytest.mark.parametrize(
    ("contents", "known", "rewindable"),
    [
        ([io.BytesIO(b"a")], True, True),
        ([io.BytesIO(b"a"), b"b", io.BytesIO(b"c")], True, True),
        ([[b"a", b"b"]], False, True),
        ([io.StringIO("a")], True, True),
        ([io.BytesIO(b"a"), io.StringIO("a")], True, True),
        ([Reader(b"a")], False, False),
        ([generator(b"a")], False, False),
        ([io.BytesIO(b"a"), generator(b"a")], False, False),
        ([async_generator(b"a")], False, False),
        ([io.BytesIO(b"a"), async_generator(b"a")], False, False),
    ],
)
def test_the_whole_can_do_what_each_part_can(
    contents: list[Any], known: bool, rewindable: bool
) -> None:
    files = [(str(number), ("f", content)) for number, content in enumerate(contents)]
    body, _ = encode_multipart(None, files, BOUNDARY)
    assert isinstance(body, (Multipart, AsyncMultipart))
    content = Content(body)
    assert (content.length is not None) is known
    assert content.length == body.len
    assert content.rewindable is body.rewindable is rewindable
    assert content.is_async is isinstance(body, AsyncMultipart)


def test_octets_that_are_there_stay_octets() -> None:
    body, _ = encode_multipart({"x": "1"}, {"a": ("f", "content")}, BOUNDARY)
    assert body == part('name="x"', b"1") + part('name="a"; filename="f"') + END


def test_each_file_goes_back_to_where_it_stood() -> None:
    first, second = at(2, io.BytesIO(b"__one")), at(3, io.BytesIO(b"___two"))
    body, _ = encode_multipart(None, {"a": first, "b": [None, second]}, BOUNDARY)
    expected = part('name="a"; filename="a"', b"one") + part('name="b"', b"two") + END
    content = Content(body)
    assert content.length == len(expected)
    assert b"".join(content.chunks()) == expected
    assert (first.tell(), second.tell()) == (5, 6)
    content.rewind()
    assert b"".join(content.chunks()) == expected
    # A second wrapper knows nothing of what the first one took.
    assert sent(body) == expected


@pytest.mark.parametrize("taken", range(1, 6))
def test_it_can_be_sent_again_from_any_chunk(taken: int) -> None:
    files = {"a": io.BytesIO(b"one"), "b": ("b", [b"t", b"wo"]), "c": io.StringIO("three")}
    body, _ = encode_multipart(None, files, BOUNDARY)
    content = Content(body)
    chunks = content.chunks()
    begun = b"".join(next(chunks) for _ in range(taken))
    content.rewind()
    again = b"".join(content.chunks())
    assert again.startswith(begun)
    assert again == (
        part('name="a"; filename="a"', b"one")
        + part('name="b"; filename="b"', b"two")
        + part('name="c"; filename="c"', b"three")
        + END
    )


def test_asking_whether_it_can_be_sent_again_moves_no_file() -> None:
    file = io.BytesIO(b"content")
    body, _ = encode_multipart(None, {"a": file}, BOUNDARY)
    content = Content(body)
    chunks = content.chunks()
    next(chunks)
    next(chunks)
    assert file.tell() == 7
    assert content.rewindable
    assert file.tell() == 7


def test_what_was_read_and_cannot_be_had_again_is_not_sent_again() -> None:
    body, _ = encode_multipart(None, {"a": io.BytesIO(b"1"), "b": generator(b"2")}, BOUNDARY)
    content = Content(body)
    content.rewind()  # Nothing was taken yet.
    next(content.chunks())
    with pytest.raises(UnrewindableBodyError, match="Multipart cannot be sent again"):
        content.rewind()


def test_a_file_that_was_closed_cannot_be_sent_again() -> None:
    file = io.BytesIO(b"content")
    body, _ = encode_multipart(None, {"a": file}, BOUNDARY)
    content = Content(body)
    b"".join(content.chunks())
    file.close()
    content.rewind()
    with pytest.raises(UnrewindableBodyError, match="the file cannot be rewound"):
        next(content.chunks())


def test_iterators_are_closed_and_files_are_not() -> None:
    ended = []

    def content_of(name: str) -> Iterator[bytes]:
        try:
            yield b"1"
            yield b"2"
        finally:
            ended.append(name)

    file, begun = io.BytesIO(b"content"), content_of("begun")
    body, _ = encode_multipart(None, {"a": file, "b": begun, "c": content_of("c")}, BOUNDARY)
    content = Content(body)
    chunks = content.chunks()
    for _ in range(4):  # Head, file, head, and the first chunk of the iterator.
        last = next(chunks)
    assert last == b"1"
    content.close()
    assert ended == ["begun"]
    assert not file.closed


# Async parts


def test_an_async_part_makes_the_whole_async() -> None:
    files = {"a": ("f", async_generator(b"con", "tent")), "b": ("g", io.BytesIO(b"content"))}
    body, _ = encode_multipart({"x": "1"}, files, BOUNDARY)
    content = Content(body)
    with pytest.raises(InvalidContent, match="can only be sent by an async session"):
        content.chunks()
    assert run(gathered(content)) == (
        part('name="x"', b"1")
        + part('name="a"; filename="f"')
        + part('name="b"; filename="g"')
        + END
    )
    with pytest.raises(UnrewindableBodyError):
        content.rewind()


def test_an_async_session_sends_sync_parts_as_well() -> None:
    body, _ = encode_multipart(None, {"a": (None, io.BytesIO(b"content"))}, BOUNDARY)
    content = Content(body)
    for _ in range(2):
        assert run(gathered(content)) == part('name="a"') + END
        content.rewind()


def test_an_async_container_can_be_sent_again() -> None:
    class Container:
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"content"

    file = at(1, io.BytesIO(b"_content"))
    body, _ = encode_multipart(None, {"a": (None, Container()), "b": (None, file)}, BOUNDARY)
    content = Content(body)
    for _ in range(2):
        assert run(gathered(content)) == part('name="a"') + part('name="b"') + END
        content.rewind()


def test_async_iterators_are_closed() -> None:
    ended = []

    async def content_of(name: str) -> AsyncIterator[bytes]:
        try:
            yield b"1"
            yield b"2"
        finally:
            ended.append(name)

    async def conversation() -> None:
        files = {"a": content_of("a"), "b": content_of("b")}
        content = Content(encode_multipart(None, files, BOUNDARY)[0])
        chunks = content.achunks()
        await anext(chunks)
        assert await anext(chunks) == b"1"
        await content.aclose()
        assert ended == ["a"]

    run(conversation())


def test_no_async_generator_is_left_to_the_event_loop() -> None:
    left: list[Any] = []

    async def conversation() -> None:
        files = {"a": async_generator(b"1", b"2")}
        content = Content(encode_multipart(None, files, BOUNDARY)[0])
        chunks = content.achunks()
        await anext(chunks)
        assert await anext(chunks) == b"1"
        await content.aclose()
        await chunks.aclose()

    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=left.append)
    try:
        run(conversation())
        gc.collect()
    finally:
        sys.set_asyncgen_hooks(*hooks)
    assert left == []


# Streaming


class Virtual:
    """A file that is made while it is read, and knows the largest read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.position = 0
        self.largest = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "all of it was asked for"
        self.largest = max(self.largest, size)
        size = min(size, self.size - self.position)
        self.position += size
        return bytes(size)

    def tell(self) -> int:
        return self.position

    def seek(self, position: int, whence: int = 0) -> int:
        self.position = position + (self.size if whence == 2 else 0)
        return self.position


def test_a_large_file_is_never_held() -> None:
    file = Virtual(64 * MIB)
    tracemalloc.start()
    try:
        body, _ = encode_multipart({"x": "1"}, {"a": ("f", file)}, BOUNDARY)
        content = Content(body)
        assert file.position == 0
        for _ in range(2):
            count = sum(map(len, content.chunks()))
            assert count == content.length
            assert count > 64 * MIB
            content.rewind()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0 < file.largest < 128 * KIB
    assert peak < MIB


def test_nothing_is_read_before_its_turn() -> None:
    first, second = io.BytesIO(b"one"), io.BytesIO(b"two")
    body, _ = encode_multipart(None, {"a": first, "b": second}, BOUNDARY)
    chunks = Content(body).chunks()
    assert next(chunks) == part('name="a"; filename="a"', b"")[:-2]
    assert (first.tell(), second.tell()) == (0, 0)
    assert next(chunks) == b"one"
    assert (first.tell(), second.tell()) == (3, 0)


# What is refused


@pytest.mark.parametrize(
    ("data", "files", "message"),
    [
        ("a=1", {"a": b""}, "data must not be a string"),
        ("", {"a": b""}, "data must not be a string"),
        (b"a=1", {"a": b""}, "data must not be a string"),
        (io.BytesIO(b"a=1"), {"a": b""}, "data of type BytesIO cannot be sent with files"),
        (generator(b"a"), {"a": b""}, "data of type generator cannot be sent with files"),
        (12, {"a": b""}, "data of type int cannot be sent with files"),
        (["ab"], {"a": b""}, "item 0 of the form data, of type str, is not a pair"),
        ({1: "x"}, {"a": b""}, "name of a field must be str or bytes, not int"),
        ({b"\xff": "x"}, {"a": b""}, "name of a field is not UTF-8"),
        ({"x": "\ud800"}, {"a": b""}, "value of 'x' cannot be UTF-8"),
        ({"\ud800": "x"}, {"a": b""}, "head of '.ud800' cannot be UTF-8"),
        (None, None, "there are no files"),
        (None, {}, "there are no files"),
        (None, [], "there are no files"),
        (None, "ab", "files cannot be of type str"),
        (None, b"ab", "files cannot be of type bytes"),
        (None, 12, "files cannot be of type int"),
        (None, ["ab"], "item 0 of the files, of type str, is not a pair"),
        (None, [("a", b"", b"")], "item 0 of the files, of type tuple, is not a pair"),
        (None, [12], "item 0 of the files, of type int, is not a pair"),
        (None, {1: b""}, "name of a file must be str or bytes, not int"),
        (None, {None: b""}, "name of a file must be str or bytes, not NoneType"),
        (None, {b"\xff": b""}, "name of a file is not UTF-8"),
        (None, {"a": ()}, "file 'a' has 0 members, not 2 to 4"),
        (None, {"a": ("f",)}, "file 'a' has 1 members, not 2 to 4"),
        (None, {"a": ("f", b"", None, {}, 5)}, "file 'a' has 5 members, not 2 to 4"),
        (None, {"a": (1, b"")}, "filename of 'a' must be str or bytes, not int"),
        (None, {"a": (b"\xff", b"")}, "filename of 'a' is not UTF-8"),
        (None, {"a": ("\udcff", b"")}, "head of 'a' cannot be UTF-8"),
        (None, {"a": Named(b"\xff")}, "name of a file object is not UTF-8"),
        (None, {"a": ("f", "\ud800")}, "content of 'a' cannot be UTF-8"),
        (None, {"a": 2.5}, "content of file 'a' cannot be of type float"),
        (None, {"a": {"k": "v"}}, "content of file 'a' cannot be of type dict"),
        (None, {"a": object()}, "content of file 'a' cannot be of type object"),
    ],
)
def test_what_cannot_be_sent(data: Any, files: Any, message: str) -> None:
    with pytest.raises(InvalidContent, match=message) as caught:
        encode_multipart(data, files, BOUNDARY)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("content_type", "fields", "message"),
    [
        ("a/b\r\nX: secret", None, "value of field 'Content-Type' has a line break at 3"),
        ("a/b\nX: secret", None, "value of field 'Content-Type' has a line break at 3"),
        (b"a/b\rsecret", None, "value of field 'Content-Type' has a line break at 3"),
        ("secret\x00", None, "'Content-Type' has a character that cannot be sent at 6"),
        ("secret\ud800", None, "'Content-Type' has a character that cannot be sent at 6"),
        (b"secret\xff", None, "'Content-Type' has a character that cannot be sent at 6"),
        (2.5, None, "value of field 'Content-Type' must be str or bytes, not float"),
        (None, {"X-A": "secret\r\n"}, "value of field 'X-A' has a line break at 6"),
        (None, {"X-A": b"secret\n"}, "value of field 'X-A' has a line break at 6"),
        (None, {"X-A": "secret\x7f"}, "'X-A' has a character that cannot be sent at 6"),
        (None, {"X-A": ["secret"]}, "value of field 'X-A' must be str or bytes, not list"),
        (None, {"X\r\nY": "secret"}, r"field name 'X\\r\\nY' of file 'a' is not a token"),
        (None, {"X:": "secret"}, "field name 'X:' of file 'a' is not a token"),
        (None, {"": "secret"}, "field name '' of file 'a' is not a token"),
        (None, {b"X\n": "secret"}, r"field name 'X\\n' of file 'a' is not a token"),
        (None, {"X\n": None}, r"field name 'X\\n' of file 'a' is not a token"),
        (None, {None: "secret"}, "field name None of file 'a' is not a token"),
        (None, 12, "fields of file 'a' are not a mapping"),
        (None, ["secret"], "fields of file 'a' are not a mapping"),
    ],
)
def test_fields_of_a_part_that_cannot_be_sent(content_type: Any, fields: Any, message: str) -> None:
    files = {"a": ("f", io.BytesIO(b"content"), content_type, fields)}
    with pytest.raises(InvalidHeader, match=message) as caught:
        encode_multipart(None, files, BOUNDARY)
    assert "secret" not in str(caught.value)


def test_errors_of_an_iterator_pass_through() -> None:
    def failing() -> Iterator[bytes]:
        yield b"1"
        raise LookupError("mine")

    body, _ = encode_multipart(None, {"a": failing()}, BOUNDARY)
    chunks = Content(body).chunks()
    next(chunks)
    assert next(chunks) == b"1"
    with pytest.raises(LookupError, match="mine"):
        next(chunks)


# Boundaries


def test_a_boundary_is_made_of_sixteen_octets() -> None:
    assert boundary_from(bytes(range(240, 256))) == "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"


@pytest.mark.parametrize("count", [0, 15, 17])
def test_entropy_of_another_size(count: int) -> None:
    with pytest.raises(InvalidContent, match=f"16 bytes of entropy, not {count}"):
        boundary_from(bytes(count))


@pytest.mark.parametrize(
    ("boundary", "parameter"),
    [
        ("a", "a"),
        ("a" * 70, "a" * 70),
        ("----WebKitFormBoundary0aZ_'+.-", "----WebKitFormBoundary0aZ_'+.-"),
        ("a b", '"a b"'),
        ("a(),/:=?", '"a(),/:=?"'),
        (" a", '" a"'),
    ],
)
def test_a_boundary_by_hand(boundary: str, parameter: str) -> None:
    body, content_type = encode_multipart(None, {"a": (None, b"content")}, boundary)
    assert content_type == f"multipart/form-data; boundary={parameter}"
    assert sent(body).startswith(f"--{boundary}\r\n".encode())
    assert sent(body).endswith(f"\r\n--{boundary}--\r\n".encode())


@pytest.mark.parametrize(
    "boundary",
    ["", "a" * 71, "a ", " ", 'a"', "a\\b", "a\r\nb", "a\n", "a;b", "a*b", "é", "٣", "a\x00"],
)
def test_a_boundary_that_is_none(boundary: str) -> None:
    with pytest.raises(InvalidContent, match=r"is not one \(RFC 2046 section 5.1.1\)"):
        encode_multipart(None, {"a": b"content"}, boundary)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=MINE", "MINE"),
        ("Multipart/Form-Data;BOUNDARY=MINE", "MINE"),
        ('multipart/form-data; boundary="a b"', "a b"),
        ('multipart/form-data; charset=utf-8; boundary="MINE"; x=y', "MINE"),
        (r'multipart/mixed; boundary="MI\NE"', "MINE"),
        ("multipart/form-data; boundary=MINE ; x=y", "MINE"),
        ("multipart/form-data; boundary=a:b", "a:b"),
        (f"multipart/form-data; boundary={'a' * 70}", "a" * 70),
        ("multipart/form-data", None),
        ("multipart/form-data; xboundary=MINE", None),
        ("text/plain; boundary=MINE", None),
        ("text/plain", None),
        ("", None),
    ],
)
def test_the_boundary_of_a_content_type(content_type: str, boundary: str | None) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "value", ["", '""', "a" * 71, '"a;b"', "a*b", '"a\\"b"', '" "', "\xe9", "a\tb"]
)
def test_a_boundary_of_a_content_type_that_is_none(value: str) -> None:
    with pytest.raises(InvalidHeader, match=r"boundary .* is not one \(RFC 2046 section 5.1.1\)"):
        boundary_of(f"multipart/form-data; boundary={value}; x=y")


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/form-data", "multipart/form-data; boundary=MINE"),
        ("multipart/form-data; ", "multipart/form-data; boundary=MINE"),
        ("multipart/related; type=a", "multipart/related; type=a; boundary=MINE"),
        ("text/plain", "text/plain"),
    ],
)
def test_a_content_type_gets_the_boundary(content_type: str, expected: str) -> None:
    assert with_boundary(content_type, "MINE") == expected
    assert with_boundary("multipart/mixed", "a b") == 'multipart/mixed; boundary="a b"'


# Whatever is given


@dataclass(frozen=True)
class File:
    """How to make the same file again."""

    octets: bytes
    start: int
    is_file: bool

    def made(self) -> Any:
        return at(self.start, io.BytesIO(self.octets)) if self.is_file else self.octets


names = st.text(st.characters(codec="utf-8"), max_size=8)
token_names = st.text("abcXYZ-0", min_size=1, max_size=6)
field_values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)
contents = st.builds(File, st.binary(max_size=40), st.integers(0, 50), st.booleans())
values = st.one_of(
    st.tuples(contents),
    st.tuples(st.none() | names, contents),
    st.tuples(st.none() | names, contents, st.none() | field_values),
    st.tuples(
        st.none() | names,
        contents,
        st.none() | field_values,
        st.dictionaries(token_names, field_values, max_size=3),
    ),
)
scalars = st.one_of(st.none(), st.integers(), st.binary(max_size=8), names)
forms = st.lists(st.tuples(names, scalars | st.lists(scalars, max_size=3)), max_size=4)


def made(value: tuple[Any, ...]) -> Any:
    """A value of files=, its content made anew."""
    members = tuple(each.made() if isinstance(each, File) else each for each in value)
    return members[0] if len(members) == 1 else members


@given(data=forms, files=st.lists(st.tuples(names, values), min_size=1, max_size=4))
def test_any_form_is_sent_as_requests_sends_it(
    data: list[tuple[str, Any]], files: list[tuple[str, tuple[Any, ...]]]
) -> None:
    expected, content_type, boundary = by_requests(data, [(k, made(v)) for k, v in files])
    body, our_type = encode_multipart(data, [(k, made(v)) for k, v in files], boundary)
    assert our_type == content_type
    if isinstance(body, bytes):
        assert body == expected
        return
    content = Content(body)
    assert content.length == len(expected)
    assert b"".join(content.chunks()) == expected
    content.rewind()
    assert b"".join(content.chunks()) == expected
