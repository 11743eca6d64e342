from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.content.coding import decoder_for
from sojourn_core.values.content.pipeline import Pipeline
from sojourn_core.values.content.text import IncrementalText
from sojourn_core.values.errors import ContentDecodingError, ContentTooLarge
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.codings import flushed_each

if TYPE_CHECKING:
    from collections.abc import Iterator


def read(pipeline: Pipeline, *data: bytes) -> list[Any]:
    pieces = [piece for octets in data for piece in pipeline.feed(octets)]
    return [*pieces, *pipeline.finish()]


@pytest.mark.parametrize(
    ("size", "data", "pieces"),
    [
        (None, [b"abc", b"d"], [b"abc", b"d"]),
        (None, [b"", b"a", b""], [b"a"]),
        (None, [], []),
        (1, [b"abc"], [b"a", b"b", b"c"]),
        (2, [b"abc"], [b"ab", b"c"]),
        (3, [b"abc"], [b"abc"]),
        (3, [b"a", b"b", b"c", b"d"], [b"a", b"b", b"c", b"d"]),
        (2, [b"a", b"bcdef", b"g"], [b"a", b"bc", b"de", b"f", b"g"]),
        (2, [b"ab", b"cd"], [b"ab", b"cd"]),
        (4, [], []),
        (4, [b""], []),
    ],
)
def test_pieces_have_at_most_the_size_asked_for(
    size: int | None, data: list[bytes], pieces: list[bytes]
) -> None:
    assert read(Pipeline(None, size=size), *data) == pieces


def test_nothing_that_is_decoded_waits_for_more() -> None:
    pipeline = Pipeline(None, size=2)
    assert list(pipeline.feed(b"a")) == [b"a"]
    assert list(pipeline.feed(b"bcd")) == [b"bc", b"d"]
    assert list(pipeline.finish()) == []


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_what_a_coding_has_flushed_is_given(coding: str) -> None:
    pipeline = Pipeline(decoder_for([coding], DEFAULT_LIMITS), size=512)
    flushed, rest = flushed_each(coding, b"data: 1\n", b"data: 2\n")
    assert list(pipeline.feed(flushed)) == [b"data: 1\n"]
    assert b"".join(pipeline.feed(rest)) == b"data: 2\n"


def test_a_flush_is_found_wherever_the_content_is_cut() -> None:
    for coding in ("gzip", "deflate", "br", "zstd"):
        pipeline = Pipeline(decoder_for([coding], DEFAULT_LIMITS), size=512)
        for line, packed in enumerate(flushed_each(coding, b"data: 0\n", b"data: 1\n")):
            found = [
                piece for i in range(len(packed)) for piece in pipeline.feed(packed[i : i + 1])
            ]
            assert b"".join(found) == b"data: %d\n" % line


@pytest.mark.parametrize(
    ("charset", "data", "pieces"),
    [
        ("utf-8", [b"\xc3", b"\xa9"], ["é"]),
        ("utf-8", [b"a\xc3"], ["a", "\ufffd"]),
        ("latin-1", [b"\xe9"], ["é"]),
    ],
)
def test_text_is_decoded_across_pieces(charset: str, data: list[bytes], pieces: list[str]) -> None:
    assert read(Pipeline(None, text=IncrementalText(charset)), *data) == pieces
    assert list(Pipeline(None, text=IncrementalText(charset)).again(b"".join(data))) == pieces


@pytest.mark.parametrize(
    ("size", "content", "pieces"),
    [
        (None, b"abc", [b"abc"]),
        (None, b"", []),
        (2, b"abc", [b"ab", b"c"]),
        (2, b"", []),
        (0, b"abc", [b"abc"]),
    ],
)
def test_content_that_was_read_before(size: int | None, content: bytes, pieces: Any) -> None:
    assert list(Pipeline(None, size=size).again(content)) == pieces


def test_codings_are_taken_off_first() -> None:
    packed = zlib.compress(b"abcdef")
    decoder = decoder_for(["deflate"], DEFAULT_LIMITS)
    pieces = read(Pipeline(decoder, size=4), *(packed[i : i + 1] for i in range(len(packed))))
    assert b"".join(pieces) == b"abcdef"
    assert all(len(piece) <= 4 for piece in pieces)


def test_the_end_of_a_coding_may_give_more() -> None:
    class Late:
        """Holds everything back."""

        def feed(self, data: bytes) -> Iterator[bytes]:
            return iter(())

        def finish(self) -> Iterator[bytes]:
            return iter([b"abc", b"d"])

    late: Any = Late()
    assert read(Pipeline(late, size=2), b"x") == [b"ab", b"c", b"d"]


def test_content_that_ends_within_its_coding() -> None:
    pipeline = Pipeline(decoder_for(["deflate"], DEFAULT_LIMITS))
    list(pipeline.feed(zlib.compress(b"abcdef")[:-3]))
    with pytest.raises(ContentDecodingError):
        list(pipeline.finish())


@pytest.mark.parametrize(("size", "pieces"), [(None, [b"abcdef"]), (4, [b"abcd", b"ef"])])
def test_what_was_good_before_corrupt_data_is_given(size: int | None, pieces: list[bytes]) -> None:
    compressor = zlib.compressobj()
    packed = compressor.compress(b"abcdef") + compressor.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 9
    decoder = decoder_for(["deflate"], DEFAULT_LIMITS)
    found: list[bytes] = []
    with pytest.raises(ContentDecodingError):
        found.extend(Pipeline(decoder, size=size).feed(packed))
    assert found == pieces


@pytest.mark.parametrize("data", [[b"abc"], [b"ab", b"c"]])
def test_content_up_to_its_limit(data: list[bytes]) -> None:
    assert b"".join(read(Pipeline(None, size_max=3), *data)) == b"abc"
    with pytest.raises(ContentTooLarge, match=r"^the content is larger than 2 bytes$"):
        read(Pipeline(None, size_max=2), *data)


def test_the_limit_counts_what_was_decoded() -> None:
    packed = zlib.compress(bytes(10_000))
    decoder = decoder_for(["deflate"], DEFAULT_LIMITS)
    assert len(packed) < 1000
    with pytest.raises(ContentTooLarge):
        read(Pipeline(decoder, size_max=9_999), packed)


@given(st.lists(st.binary(max_size=9), max_size=6), st.none() | st.integers(1, 8))
def test_nothing_is_lost_however_it_arrives(data: list[bytes], size: int | None) -> None:
    pieces = read(Pipeline(None, size=size), *data)
    assert b"".join(pieces) == b"".join(data)
    assert all(pieces)
    if size is not None:
        assert all(len(piece) <= size for piece in pieces)
        whole = list(Pipeline(None, size=size).again(b"".join(data)))
        assert whole == read(Pipeline(None, size=size), b"".join(data))
        assert all(len(piece) == size for piece in whole[:-1])


@given(st.text(max_size=12), st.integers(1, 5), st.integers(1, 5))
def test_text_is_the_same_however_it_arrives(text: str, step: int, size: int) -> None:
    octets = text.encode()
    steps = [octets[i : i + step] for i in range(0, len(octets), step)]
    assert "".join(read(Pipeline(None, size=size, text=IncrementalText("utf-8")), *steps)) == text
