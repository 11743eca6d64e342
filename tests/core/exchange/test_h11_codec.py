"""One message pair of HTTP/1.1: framing, limits, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import Limits
from sojourn_core.exchange.codec import CloseReason
from sojourn_core.exchange.h11_codec import H11Codec, H11Message
from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConflictingLengths,
    InvalidContent,
    InvalidHeader,
    RemoteProtocolError,
)
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.codecs import HOST, head_for

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def opened(
    method: str = "GET", target: str = "/", *lines: tuple[str, str], **limits: Any
) -> H11Message:
    """A message of a new connection."""
    return H11Codec(DEFAULT_LIMITS.replace(**limits)).open(head_for(method, target, [HOST, *lines]))


def message_after(method: str = "GET", *lines: tuple[str, str], **limits: Any) -> H11Message:
    """A message whose request was sent to its end."""
    message = opened(method, "/", *lines, **limits)
    message.start()
    message.end()
    return message


def error_in(*pieces: bytes, **limits: Any) -> str | None:
    """What is wrong with a response, received in these pieces."""
    message = message_after(**limits)
    for piece in pieces:
        message.receive(piece)
        if message.error is not None:
            assert isinstance(message.error, (RemoteProtocolError, ChunkedEncodingError))
            kind = ConflictingLengths if "conflict" in str(message.error) else RemoteProtocolError
            assert message.head is not None or type(message.error) is kind
            return str(message.error)
    return None


def octets(answer: bytes) -> list[bytes]:
    """One by one."""
    return [answer[at : at + 1] for at in range(len(answer))]


# --- requests ---------------------------------------------------------------------------------


def test_a_request_head() -> None:
    message = opened("GET", "/x?y", ("X-Latin", "caf\u00e9"), ("x-latin", "again"))
    assert message.start() == (
        b"GET /x?y HTTP/1.1\r\nHost: a.test\r\nX-Latin: caf\xe9\r\nx-latin: again\r\n\r\n"
    )
    assert message.end() == b""


@pytest.mark.parametrize(
    ("method", "target", "line", "message"),
    [
        ("GET", "/", ("X-Secret", "hunter2\r\nX: y"), "Illegal header value"),
        ("GET", "/", ("X-Secret", "hunter2\n"), "Illegal header value"),
        ("GET", "/", ("X-Secret", "hunter2\0"), "Illegal header value"),
        ("GET", "/", ("X-Secret", " hunter2"), "Illegal header value"),
        ("GET", "/", ("X-Secret", "hunter2\u0107"), "a character is outside ISO-8859-1"),
        ("GET", "/", ("X hunter2", "y"), "Illegal header name"),
        ("GET", "/", ("Content-Length", "hunter2"), "bad Content-Length"),
        ("GET", "/hunter2 x", ("X", "y"), "Illegal target characters"),
        ("GET", "/hunter2\u0107", ("X", "y"), "a character is outside ISO-8859-1"),
        ("G hunter2", "/", ("X", "y"), "Illegal method characters"),
    ],
)
def test_a_request_head_that_is_refused(
    method: str, target: str, line: tuple[str, str], message: str
) -> None:
    with pytest.raises(InvalidHeader) as caught:
        opened(method, target, line).start()
    assert str(caught.value) == f"the head of the request cannot be sent: {message}"


def test_content_of_a_declared_length() -> None:
    message = opened("POST", "/", ("Content-Length", "3"))
    message.start()
    assert message.chunk(b"ab") == b"ab"
    with pytest.raises(InvalidContent, match=r"^the content is longer than"):
        message.chunk(b"cd")


def test_content_that_is_shorter_than_declared() -> None:
    message = opened("POST", "/", ("Content-Length", "3"))
    message.start()
    message.chunk(b"ab")
    with pytest.raises(InvalidContent, match=r"^the content is shorter than"):
        message.end()


# --- responses --------------------------------------------------------------------------------


def test_a_response_is_judged_again_when_its_request_has_ended() -> None:
    message = opened("POST", "/", ("Content-Length", "2"))
    message.start()
    message.judge()
    assert message.close_reason is CloseReason.UNFINISHED
    message.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert message.ended
    assert message.close_reason is CloseReason.UNSENT
    message.chunk(b"ok")
    message.end()
    message.judge()
    assert message.close_reason is None


def test_content_is_taken_as_it_comes() -> None:
    message = message_after()
    assert message.take() == b""
    message.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab")
    message.receive(b"cd")
    assert message.has_content
    assert message.take() == b"abcd"
    assert not message.has_content
    message.receive(b"ef")
    assert message.take() == b"ef"
    assert message.ended


def test_chunks_that_nobody_took_are_joined() -> None:
    message = message_after()
    message.receive(CHUNKED + b"2\r\nab\r\n2\r\ncd\r\n")
    message.receive(b"2\r\nef\r\n")
    assert message.take() == b"abcdef"


@pytest.mark.parametrize(
    ("head", "until_close"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (CHUNKED, False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (b"HTTP/1.1", False),
    ],
)
def test_content_that_only_the_end_of_the_stream_ends(head: bytes, until_close: bool) -> None:
    message = message_after()
    message.receive(head)
    assert message.until_close == until_close


@pytest.mark.parametrize("length", [b"5", b"5, 5", b"5\r\nContent-Length: 5", b"005"])
def test_lengths_that_agree(length: bytes) -> None:
    """RFC 9112 section 6.3, rule 5, lets a client take them for one, or refuse them."""
    message = message_after()
    message.receive(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nhello")
    assert message.error is None
    assert message.take() == b"hello"
    assert message.close_reason is None


@pytest.mark.parametrize("length", [b"-1", b"+5", b"5x", b"0x5", b"5, 6", b"", b"9" * 30])
def test_lengths_that_are_none(length: bytes) -> None:
    error = error_in(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nhello")
    assert error is not None


# --- limits -----------------------------------------------------------------------------------


def head_of_size(size: int) -> bytes:
    """A head of so many octets, no line of it long."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
    line = b"X: " + b"x" * 95 + b"\r\n"
    while len(head) + len(line) + 8 < size:
        head += line
    return head + b"Y: " + b"y" * (size - len(head) - 7) + b"\r\n\r\n"


@pytest.mark.parametrize("by_one", [False, True])
@pytest.mark.parametrize("more", [0, 1, 500])
def test_the_size_of_a_head(more: int, by_one: bool) -> None:
    """The limit is exact, in whatever pieces the head comes."""
    head = head_of_size(1000 + more)
    assert len(head) == 1000 + more
    error = error_in(*(octets(head) if by_one else [head]), head_size_max=1000)
    expected = "the head of the response is larger than 1000 bytes" if more else None
    assert error == expected


@pytest.mark.parametrize("by_one", [False, True])
@pytest.mark.parametrize("more", [0, 1])
def test_blanks_count_as_part_of_the_head(more: int, by_one: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length:" + b" " * 500 + b"0\r\n\r\n"
    error = error_in(*(octets(head) if by_one else [head]), head_size_max=len(head) - more)
    assert (error is not None) == bool(more)


@pytest.mark.parametrize("by_one", [False, True])
@pytest.mark.parametrize("more", [0, 1])
def test_the_size_of_a_field_line(more: int, by_one: bool) -> None:
    head = b"HTTP/1.1 204 No Content\r\nX-Long: " + b"x" * (90 + more) + b"\r\n\r\n"
    error = error_in(*(octets(head) if by_one else [head]), field_line_size_max=100)
    expected = "field line 'X-Long' of the response is larger than 100 bytes" if more else None
    assert error == expected


def test_the_size_of_a_status_line() -> None:
    line = b"HTTP/1.1 204 " + b"x" * 101 + b"\r\n"
    size = len(line)
    error = error_in(line + b"\r\n", field_line_size_max=size - 1)
    assert error == f"the status line of the response is larger than {size - 1} bytes"
    assert error_in(line + b"\r\n", field_line_size_max=size) is None


@pytest.mark.parametrize("more", [0, 1])
def test_the_number_of_field_lines(more: int) -> None:
    head = b"HTTP/1.1 204 No Content\r\n" + b"X: y\r\n" * (10 + more) + b"\r\n"
    expected = "the response has more than 10 field lines" if more else None
    assert error_in(head, field_lines_max=10) == expected


@pytest.mark.parametrize("by_one", [False, True])
@pytest.mark.parametrize("more", [0, 1])
def test_the_number_of_informational_heads(more: int, by_one: bool) -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\n\r\n" * (3 + more)
    error = error_in(*(octets(answer) if by_one else [answer]), informational_heads_max=3)
    said = "there are too many informational responses: over 3 heads, or over 65536 bytes"
    assert error == (said if more else None)


@pytest.mark.parametrize("by_one", [False, True])
@pytest.mark.parametrize("less", [0, 1])
def test_the_size_of_informational_heads(less: int, by_one: bool) -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n" * 3
    size = len(answer) - less
    error = error_in(*(octets(answer) if by_one else [answer]), informational_size_max=size)
    said = f"there are too many informational responses: over 16 heads, or over {size} bytes"
    assert error == (said if less else None)


@pytest.mark.parametrize("by_one", [False, True])
def test_informational_heads_are_no_part_of_the_final_one(by_one: bool) -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n" * 3 + head_of_size(100)
    assert error_in(*(octets(answer) if by_one else [answer]), head_size_max=100) is None


@pytest.mark.parametrize("by_one", [False, True])
def test_a_chunk_head_without_an_end(by_one: bool) -> None:
    answer = CHUNKED + b"2;" + b"x" * 1000
    error = error_in(*(octets(answer) if by_one else [answer]), field_line_size_max=100)
    assert error == "the content of the response broke off: a chunk head is larger than 100 bytes"


def test_framing_that_outweighs_the_content() -> None:
    """A peer that sends one octet of content in each chunk, with a long extension."""
    chunk = b"1;" + b"x" * 40 + b"\r\na\r\n"
    limits = {"head_size_max": 100, "chunk_overhead_free": 1000, "chunk_overhead_ratio": 16}
    error = error_in(CHUNKED, *[chunk] * 100, **limits)
    assert error is not None
    assert error.startswith("the content has more framing than content: over 1")
    assert error_in(CHUNKED, *[b"1\r\na\r\n"] * 1000, **limits) is None


@pytest.mark.parametrize("by_one", [False, True])
def test_framing_is_refused_where_its_limit_says_however_it_comes(by_one: bool) -> None:
    answer = CHUNKED + (b"1;" + b"x" * 40 + b"\r\na\r\n") * 100 + b"0\r\n\r\n"
    limits = {"head_size_max": 100, "chunk_overhead_free": 1000, "chunk_overhead_ratio": 16}
    error = error_in(*(octets(answer) if by_one else [answer]), **limits)
    assert error is not None
    assert error.startswith("the content has more framing than content: over 1")


@pytest.mark.parametrize(
    ("trailers", "message"),
    [
        (b"X: y\r\n" * 11, "the response has more than 10 field lines"),
        (
            b"X: " + b"y" * 200 + b"\r\n",
            "field line 'X' of the response is larger than 100 bytes",
        ),
        (b"X: \x00\r\n", "trailer field 'X' of the response holds a control character"),
        (
            (b"X: " + b"y" * 90 + b"\r\n") * 10,
            "the trailer section of the response is larger than 500 bytes",
        ),
    ],
)
def test_trailer_fields_are_checked_as_others(trailers: bytes, message: str) -> None:
    limits = {"field_lines_max": 10, "field_line_size_max": 100, "head_size_max": 500}
    response = message_after(**limits)
    response.receive(CHUNKED + b"0\r\n" + trailers + b"\r\n")
    assert type(response.error) is RemoteProtocolError
    assert str(response.error) == message
    assert not response.ended


@pytest.mark.parametrize("line", [b"junk", b"X : 1", b"X: \x01", b": y"])
def test_a_trailer_line_that_is_none_loses_nothing_else(line: bytes) -> None:
    response = message_after()
    response.receive(CHUNKED + b"2\r\nok\r\n0\r\nA: b\r\n" + line + b"\r\nC: d\r\n\r\n")
    assert response.ended
    assert response.close_reason is None
    assert response.take() == b"ok"
    assert response.trailers is not None
    assert response.trailers.lines == [("A", "b"), ("C", "d")]
    assert [each.code for each in response.decisions] == ["trailer.dropped.malformed"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No\n\n",
        b"HTTP/1.1 204 No\r\nA: b\n\r\n",
        b"HTTP/1.1 100 Continue\n\nHTTP/1.1 204 No\r\n\r\n",
        CHUNKED + b"0\r\nA: b\n\r\n",
    ],
)
def test_a_bare_lf_ends_a_line_and_the_connection(answer: bytes) -> None:
    response = message_after()
    response.receive(answer)
    assert response.ended
    assert response.close_reason is CloseReason.BARE_LF


def test_a_cookie_with_a_control_character_is_left_out() -> None:
    response = message_after()
    response.receive(b"HTTP/1.1 204 No\r\nSet-Cookie: a=\x01\r\nSet-Cookie: b=2\r\n\r\n")
    assert response.head is not None
    assert response.head.fields.lines == [("Set-Cookie", "b=2")]
    codes = [each.code for each in response.head.decisions]
    assert codes == ["cookie.rejected.control-character"]
    assert response.decisions == [], "these are of trailers"
    assert response.close_reason is None


@pytest.mark.parametrize(
    "fields",
    [b"Transfer-Encoding: identity\r\n", b"Content-Length: 1\r\nContent-Length: 2\r\n"],
)
def test_fields_that_frame_content_are_ignored_in_a_2xx_to_connect(fields: bytes) -> None:
    response = message_after("CONNECT")
    response.receive(b"HTTP/1.1 200 OK\r\n" + fields + b"A: b\r\n\r\nmore")
    assert response.error is None
    assert response.switched
    assert response.surplus == b"more"
    assert response.head is not None
    assert response.head.fields.lines == [("A", "b")]
    refused = message_after("CONNECT")
    refused.receive(b"HTTP/1.1 407 No\r\n" + fields + b"\r\n")
    assert refused.error is not None


# --- what a message may quote -----------------------------------------------------------------


@pytest.mark.parametrize("char", [b"\x00", b"\x01", b"\x0b", b"\x1b", b"\x7f"])
def test_control_characters_in_a_field_value(char: bytes) -> None:
    """RFC 9110 section 5.5: such a message is invalid, and dangerous where values are shown."""
    error = error_in(b"HTTP/1.1 200 OK\r\nX: a" + char + b"b\r\n\r\n")
    assert error is not None
    assert error.isprintable()


@pytest.mark.parametrize("value", [b"a\tb", b"caf\xc3\xa9", b"\xff", b""])
def test_what_a_field_value_may_hold(value: bytes) -> None:
    message = message_after()
    message.receive(b"HTTP/1.1 204 No Content\r\nX: " + value + b"\r\n\r\n")
    assert message.head is not None
    assert message.head.fields.lines == [("X", value.decode("latin-1"))]


def test_names_in_messages_are_cut() -> None:
    error = error_in(b"HTTP/1.1 200 OK\r\n" + b"n" * 1000 + b": \x01\r\n\r\n")
    assert error == f"field '{'n' * 64}' of the response holds a control character"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nSet-Cookie hunter2\r\n\r\n",
        b"HTTP/1.1 200 hunter2\x00\r\n\r\n",
        b"hunter2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: hunter2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: hunter2\r\n\r\n",
        CHUNKED + b"hunter2\r\n",
        CHUNKED + b"0\r\nhunter2\x00\r\n\r\n",
        CHUNKED + b"2\r\nabhunter2\r\n",
    ],
)
def test_what_a_server_sends_is_not_quoted(answer: bytes) -> None:
    """h11 quotes what it refuses; that may be a cookie's value, or paint a terminal."""
    error = error_in(answer)
    assert error is not None
    assert "hunter2" not in error
    assert error.isprintable()
    assert len(error) < 250


def test_limits_have_defaults() -> None:
    assert Limits() == DEFAULT_LIMITS
    assert error_in(head_of_size(DEFAULT_LIMITS.field_line_size_max)) is None
