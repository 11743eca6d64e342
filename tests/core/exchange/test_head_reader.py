"""Heads, cut out and checked: every head comes out the same however its bytes were cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.exchange.head_reader import HeadReader
from sojourn_core.values.errors import RemoteProtocolError
from sojourn_core.values.limits import Limits

LIMITS = Limits(head_size_max=400, field_line_size_max=100, field_lines_max=8)
OK = b"HTTP/1.1 200 OK\r\n"


def read(stream: bytes, size: int | None = None) -> tuple[bytes | None, bytes, HeadReader]:
    """Feed a stream in pieces: the head, what was left of its last piece, and the reader."""
    reader = HeadReader(LIMITS)
    step = size or len(stream)
    for start in range(0, len(stream), step):
        head = reader.feed(stream[start : start + step])
        if head is not None:
            return head, reader.rest + stream[start + step :], reader
    return None, b"", reader


@pytest.mark.parametrize(
    ("stream", "head", "rest", "bare_lf"),
    [
        (OK + b"\r\n", OK + b"\r\n", b"", False),
        (OK + b"A: b\r\n\r\nmore", OK + b"A: b\r\n\r\n", b"more", False),
        (b"HTTP/1.1 100 \r\n\r\n" + OK, b"HTTP/1.1 100 \r\n\r\n", OK, False),
        (b"HTTP/1.1 200 OK\nA: b\n\nmore", b"HTTP/1.1 200 OK\nA: b\n\n", b"more", True),
        (b"HTTP/1.1 200 OK\n\r\nA\r\n\r\n", b"HTTP/1.1 200 OK\n\r\n", b"A\r\n\r\n", True),
        (OK + b"A: b\n\r\nmore", OK + b"A: b\n\r\n", b"more", True),
        (OK + b"A: b\r\n folded\r\n\r\n", OK + b"A: b\r\n folded\r\n\r\n", b"", False),
        (OK + b"A: \xe4\tb\r\n\r\n", OK + b"A: \xe4\tb\r\n\r\n", b"", False),
    ],
)
@pytest.mark.parametrize("size", [None, 1, 2, 3, 7])
def test_a_head_is_cut_out(
    stream: bytes, head: bytes, rest: bytes, bare_lf: bool, size: int | None
) -> None:
    found, left, reader = read(stream, size)
    assert (found, left, reader.bare_lf) == (head, rest, bare_lf)
    assert reader.decisions == ()


@pytest.mark.parametrize(
    ("stream", "refused_at"),
    [
        (b"Data\r\n", 1),
        (b"\r\n", 1),
        (b"http/1.1 200 OK\r\n", 1),
        (b"HTTP 200", 5),
        (b"HTTP/x", 6),
        (b"HTTP/1.1  200", 10),
        (b"HTTP/1.1 2OO", 11),
        (b"HTTP/1.1 1000 OK", 13),
        (b"HTTP/1.1 200\tOK", 13),
    ],
)
def test_the_first_wrong_byte_is_an_error(stream: bytes, refused_at: int) -> None:
    reader = HeadReader(LIMITS)
    for index in range(refused_at - 1):
        assert reader.feed(stream[index : index + 1]) is None
    with pytest.raises(RemoteProtocolError, match="illegal status line"):
        reader.feed(stream[refused_at - 1 : refused_at])
    with pytest.raises(RemoteProtocolError, match="illegal status line"):
        read(stream + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (OK + b"X-Long: " + b"x" * 93, "field line 'X-Long' of the response is larger than 100"),
        (b"HTTP/1.1 200 " + b"x" * 88, "the status line of the response is larger than 100"),
        (OK + b"A: b\r\n" * 9, "more than 8 field lines"),
        (OK + (b"A" * 80 + b": b\r\n") * 5, "larger than 400 bytes"),
        (OK + b"X-Long: " + b"x" * 500, "field line 'X-Long' of the response is larger than 100"),
    ],
)
@pytest.mark.parametrize("size", [None, 1, 64])
@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_what_is_too_large_is_refused_where_the_limit_says(
    stream: bytes, said: str, size: int | None, end: bytes
) -> None:
    with pytest.raises(RemoteProtocolError, match=said):
        read(stream + end, size)


@pytest.mark.parametrize("bad", [b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x0e", b"\x1f", b"\x7f"])
@pytest.mark.parametrize("name", [b"Set-Cookie", b"set-cookie"])
def test_a_cookie_with_a_control_character_is_left_out(bad: bytes, name: bytes) -> None:
    good = b"Set-Cookie: b=2\r\n"
    for line in (name + b": a=" + bad + b"\r\n", name + b": a=1;\r\n Path=/" + bad + b"\r\n"):
        found, _, reader = read(OK + good + line + good + b"\r\n")
        assert found == OK + good + good + b"\r\n"
        assert [each.code for each in reader.decisions] == ["cookie.rejected.control-character"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b"X-A: a\x01b", "field 'X-A'"),
        (b"Location: /\x7f", "field 'Location'"),
        (b"Set-Cookie: a=\0", "field 'Set-Cookie'"),
        (b"Set-Cookie: a\rb", "field 'Set-Cookie'"),
        (b"X-A: a\0b", "field 'X-A'"),
        (b"X-A: a\rb", "field 'X-A'"),
    ],
)
def test_a_control_character_anywhere_else_names_its_field(line: bytes, named: str) -> None:
    with pytest.raises(RemoteProtocolError, match=f"{named} of the response holds a control"):
        read(OK + b"A: b\r\n" + line + b"\r\n\r\n")
    with pytest.raises(RemoteProtocolError, match="the status line of the response holds"):
        read(b"HTTP/1.1 200 O\x01K\r\n\r\n")


@given(st.lists(st.sampled_from([OK, b"A: b\r\n", b"\r\n", b"\n", b" c\n", b"D:\r\n"])), st.data())
def test_where_the_bytes_are_cut_makes_no_difference(
    parts: list[bytes], data: st.DataObject
) -> None:
    stream = OK + b"".join(parts) + b"\r\n\r\n"
    cut = data.draw(st.integers(1, len(stream)))

    def outcome(pieces: list[bytes]) -> object:
        reader = HeadReader(LIMITS)
        for index, piece in enumerate(pieces):
            try:
                head = reader.feed(piece)
            except RemoteProtocolError as error:
                return str(error)
            if head is not None:
                return head, reader.rest + b"".join(pieces[index + 1 :]), reader.bare_lf
        return None

    whole = outcome([stream])
    assert outcome([each for each in (stream[:cut], stream[cut:]) if each]) == whole
