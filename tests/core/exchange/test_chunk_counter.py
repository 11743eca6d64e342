"""Chunked content, counted along: the parser gets the same stream, up to what is wrong with it."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.exchange.chunk_counter import ChunkCounter
from sojourn_core.values.limits import Limits

LIMITS = Limits(
    head_size_max=300,
    field_line_size_max=100,
    field_lines_max=4,
    chunk_overhead_free=64,
    chunk_overhead_ratio=4,
)
SIZES = [None, 1, 2, 3, 5]


def count(stream: bytes, size: int | None = None) -> tuple[bytes, ChunkCounter]:
    """Feed a stream in pieces: what the parser is given, and the counter."""
    counter = ChunkCounter(LIMITS, [])
    step = size or max(len(stream), 1)
    passed = b""
    for start in range(0, len(stream), step):
        passed += counter.feed(stream[start : start + step])
        if counter.error is not None:
            break
    return passed, counter


@pytest.mark.parametrize(
    ("stream", "content_size"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", 5),
        (b"A\r\n0123456789\r\n1;x=y\r\n!\r\n000\r\n\r\n", 11),
        (b"5 \t\r\nhello\r\n0;a = b \r\nX: y\r\nZ:\r\n\r\n", 5),
        (b"0\r\nX: y\r\n z\r\n\r\n", 0),
        (b"00000000000000000005\r\nhello\r\n" + b"0" * 20 + b"\r\n\r\n", 5),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_right_framing_goes_through_as_it_is(
    stream: bytes, content_size: int, size: int | None
) -> None:
    passed, counter = count(stream, size)
    assert passed == stream
    assert (counter.ended, counter.error, counter.decisions) == (True, None, [])
    assert counter.content_size == content_size
    assert count(stream + b"HTTP/1.1", size)[0] == stream + b"HTTP/1.1"


@pytest.mark.parametrize("size", SIZES)
def test_zeros_that_a_parser_would_count_are_left_out(size: int | None) -> None:
    zeros = b"0" * 21
    passed, counter = count(zeros + b"5;x\r\nhello\r\n" + zeros + b" \r\n\r\n", size)
    assert passed == b"5;x\r\nhello\r\n0 \r\n\r\n"
    assert (counter.ended, counter.error, counter.content_size) == (True, None, 5)


@pytest.mark.parametrize(
    ("stream", "good", "said"),
    [
        (b"5\nhello", b"", r"illegal chunk header: b'\\n' cannot stand here"),
        (b"g", b"", "illegal chunk header: b'g' cannot stand here"),
        (b"\r", b"", r"illegal chunk header: b'\\r' cannot stand here"),
        (b";a", b"", "illegal chunk header: b';' cannot stand here"),
        (b"5\rx", b"", "illegal chunk header: b'x' cannot stand here"),
        (b"5 ;", b"", "illegal chunk header: b';' cannot stand here"),
        (b"5 5", b"", "illegal chunk header: b'5' cannot stand here"),
        (b"-5", b"", "illegal chunk header: b'-' cannot stand here"),
        (b"0x5", b"", "illegal chunk header: b'x' cannot stand here"),
        (b"5;a\0", b"", r"illegal chunk header: b'\\x00' cannot stand here"),
        (b"12345678901234567", b"", "over 16 digits"),
        (b"00012345678901234567", b"", "over 16 digits"),
        (b"5\r\nhello!", b"5\r\nhello", "longer than its size says"),
        (b"5\r\nhello\n", b"5\r\nhello", "longer than its size says"),
        (b"5\r\nhello\r0", b"5\r\nhello", "longer than its size says"),
        (b"0\r\nX: a\0\r\n\r\n", b"0\r\n", "holds a control character"),
        (b"5;" + b"x" * 63, b"", "more framing than content"),
        (b"1\r\nx\r\n" * 70, None, "more framing than content"),
        (b"0\r\nX: " + b"x" * 98, b"0\r\n", "field line 'X' of the response is larger than 100"),
        (b"0\r\n" + b"X: y\r\n" * 6, None, "more than 4 field lines"),
        (b"0\r\n" + (b"X: " + b"x" * 90 + b"\r\n") * 4, None, "larger than 300 bytes"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_the_first_wrong_byte_is_an_error_and_what_came_before_is_good(
    stream: bytes, good: bytes | None, said: str, size: int | None
) -> None:
    passed, counter = count(stream, size)
    if good is None:
        assert stream.startswith(passed)
    else:
        assert passed == good
    assert counter.error is not None
    assert not counter.ended
    with pytest.raises(type(counter.error), match=said):
        raise counter.error


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        (b"junk\r\n", "trailer"),
        (b"junk\r\n folded\r\n", "trailer"),
        (b"X : 1\r\n", "'X '"),
        (b": 1\r\n", "''"),
        (b"X: \x01\r\n", "'X'"),
        (b"Set-Cookie: a=\x7f\r\n", "'Set-Cookie'"),
        (b"X: a\rb\r\n", "'X'"),
        (b"Transfer-Encoding: gzip\r\n", "'Transfer-Encoding'"),
        (b"content-length: 2, 2\r\n", "'content-length'"),
        (b"Content-Length: " + b"7" * 21 + b"\r\n", "'Content-Length'"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_a_trailer_line_that_is_none_or_says_how_content_is_framed_is_left_out(
    line: bytes, subject: str, size: int | None
) -> None:
    before, after = b"5\r\nhello\r\n0\r\nA: b\r\n", b"C: d\r\n\r\n"
    passed, counter = count(before + line + after, size)
    assert passed == before + after
    assert counter.ended
    assert [(each.code, each.subject) for each in counter.decisions] == [
        ("trailer.dropped.malformed", subject)
    ]


def test_a_bare_lf_in_the_trailer_section_is_told() -> None:
    assert count(b"0\r\nX: y\n\r\n")[1].bare_lf
    assert count(b"0\r\n\n")[1].bare_lf
    assert not count(b"0\r\nX: y\r\n\r\n")[1].bare_lf


def h11_reads(stream: bytes) -> object:
    """Content and trailers as h11 reads them; None if it refuses them or waits for more."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "a.test")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + stream)
    content = b""
    try:
        while not isinstance(event := parser.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                return None
            if isinstance(event, h11.Data):
                content += bytes(event.data)
    except h11.RemoteProtocolError:
        return None
    return content, list(event.headers), parser.trailing_data[0]


PIECES = st.lists(
    st.sampled_from(
        [
            b"5",
            b"0",
            b"1",
            b"\r\n",
            b"\r\n",
            b"hello",
            b"x",
            b";a",
            b" ",
            b"\n",
            b"A: b\r\n",
            b"j\r\n",
        ]
    ),
    max_size=12,
)


@given(PIECES)
def test_nothing_is_let_through_that_h11_refuses(pieces: list[bytes]) -> None:
    stream = b"5\r\nhello\r\n" + b"".join(pieces)
    passed, counter = count(stream)
    read = h11_reads(stream)
    if counter.ended:
        assert h11_reads(passed) is not None
        if not counter.decisions:
            assert passed == stream
            assert read == h11_reads(passed)
    elif counter.error is None:
        assert read is None


# --- the counter as a decoder -----------------------------------------------------------------


def decode(stream: bytes, sizes: list[int]) -> tuple[bytes, ChunkCounter]:
    """Feed a stream in pieces of these sizes, over and over: the content, and the counter."""
    counter = ChunkCounter(LIMITS, [], decode=True)
    content, start, turn = b"", 0, 0
    while start < len(stream) and counter.error is None:
        size = sizes[turn % len(sizes)]
        content += counter.feed(stream[start : start + size])
        start, turn = start + size, turn + 1
    return content, counter


@given(PIECES, st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_content_is_decoded_as_h11_decodes_it(pieces: list[bytes], sizes: list[int]) -> None:
    stream = b"5\r\nhello\r\n" + b"".join(pieces)
    passed, counter = count(stream)
    content, decoder = decode(stream, sizes)
    assert (decoder.ended, decoder.bare_lf) == (counter.ended, counter.bare_lf)
    assert str(decoder.error) == str(counter.error)
    assert decoder.decisions == counter.decisions
    if decoder.ended:
        read = h11_reads(passed)
        assert isinstance(read, tuple)
        trailers = [] if decoder.trailers is None else decoder.trailers.lines
        lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in trailers]
        assert (content, lines, decoder.surplus) == (read[0], read[1], bool(read[2]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("decode", [False, True])
def test_where_chunks_end_is_noted_when_they_begin(size: int | None, decode: bool) -> None:
    counter = ChunkCounter(LIMITS, [], decode=decode, marks=True)
    stream = b"5\r\nhello\r\nA;x\r\n0123456789\r\n1\r\n!\r\n"
    step = size or len(stream)
    for start in range(0, len(stream), step):
        counter.feed(stream[start : start + step])
    counter.feed(b"64\r\n12")
    assert counter.ends is not None
    assert list(counter.ends) == [5, 15, 16, 116]
    assert counter.content_size == 18
    assert ChunkCounter(LIMITS, []).ends is None
