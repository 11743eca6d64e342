"""Request heads that are plain have the bytes that h11 would write, and h11 writes all others."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.exchange.codec import CloseReason
from sojourn_core.exchange.h11_codec import H11Message
from sojourn_core.exchange.plain_codec import PlainCodec, PlainMessage
from sojourn_core.exchange.plain_request import PlainLines
from sojourn_core.values.errors import InvalidContent, InvalidHeader
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.codecs import HOST, head_for

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def h11_writes(method: str, target: str, lines: list[tuple[str, str]]) -> bytes | None:
    """The head as h11 has it; None if it refuses."""
    try:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
        request = h11.Request(method=method, target=target, headers=headers)
        return h11.Connection(h11.CLIENT).send(request)
    except (h11.LocalProtocolError, UnicodeEncodeError):
        return None


def written(method: str, target: str, lines: list[tuple[str, str]]) -> bytes | None:
    """The head as it is written here; None if it is not plain."""
    message = PlainCodec(DEFAULT_LIMITS).open(head_for(method, target, lines))
    return message.start() if isinstance(message, PlainMessage) else None


PLAIN = [
    ("GET", "/", [HOST]),
    ("GET", "/x?y=%20", [("X-Case", "y"), ("host", "a.test:8000"), ("Accept", "*/*")]),
    ("M-SEARCH", "*", [HOST, ("X-Empty", "")]),
    ("GET", "http://a.test/x", [HOST, ("X", "caf\xe9 \t ol\xe9")]),
    ("POST", "/", [HOST, ("Content-Length", "5")]),
    ("POST", "/", [HOST, ("Transfer-Encoding", "chunked")]),
    ("GET", "/", [HOST, ("A", "1"), ("a", "2"), ("Connection", "close")]),
]
NOT_PLAIN = [
    ("CONNECT", "a.test:443", [HOST]),
    ("GET", "/a b", [HOST]),
    ("GET", "/\u00e4", [HOST]),
    ("G T", "/", [HOST]),
    ("", "/", [HOST]),
    ("GET", "", [HOST]),
    ("GET", "/", []),
    ("GET", "/", [HOST, ("Host", "b.test")]),
    ("GET", "/", [HOST, ("Upgrade", "x")]),
    ("GET", "/", [HOST, ("X", " a")]),
    ("GET", "/", [HOST, ("X", "a\t")]),
    ("GET", "/", [HOST, ("X", "a\nb")]),
    ("GET", "/", [HOST, ("X", "a\r\nY: b")]),
    ("GET", "/", [HOST, ("X: a\r\nY", "b")]),
    ("GET", "/", [HOST, ("X: a", "b")]),
    ("GET", "/", [HOST, ("", "b")]),
    ("GET", "/", [HOST, ("X", "\x01")]),
    ("GET", "/", [HOST, ("X", "\u0107")]),
    ("POST", "/", [HOST, ("Content-Length", "5"), ("content-length", "5")]),
    ("POST", "/", [HOST, ("Content-Length", "+5")]),
    ("POST", "/", [HOST, ("Content-Length", "\u0665")]),
    ("POST", "/", [HOST, ("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
    ("POST", "/", [HOST, ("Transfer-Encoding", "Chunked")]),
    ("POST", "/", [HOST, ("Transfer-Encoding", "gzip")]),
]


@pytest.mark.parametrize(("method", "target", "lines"), PLAIN)
def test_a_plain_head_has_the_bytes_of_h11(
    method: str, target: str, lines: list[tuple[str, str]]
) -> None:
    head = written(method, target, lines)
    assert head is not None
    assert head == h11_writes(method, target, lines)


@pytest.mark.parametrize(("method", "target", "lines"), NOT_PLAIN)
def test_any_other_is_left_to_h11(method: str, target: str, lines: list[tuple[str, str]]) -> None:
    message = PlainCodec(DEFAULT_LIMITS).open(head_for(method, target, lines))
    assert isinstance(message, H11Message)
    expected = h11_writes(method, target, lines)
    if expected is None:
        with pytest.raises(InvalidHeader):
            message.start()
    else:
        assert message.start() == expected


NAMES = st.sampled_from(["Host", "A", "Content-Length", "Transfer-Encoding", "Connection", "X\n"])
TEXT = st.text(st.sampled_from("a5: \t\r\n\x00\x01\xe9\u0107,"), max_size=5)
VALUES = st.one_of(st.sampled_from(["5", "chunked", "close", "a.test"]), TEXT)


@given(
    st.sampled_from(["GET", "POST", "G\n", "CONNECT"]),
    st.one_of(st.sampled_from(["/", "*"]), TEXT),
    st.lists(st.tuples(st.one_of(NAMES, TEXT), VALUES), max_size=4),
)
def test_what_is_written_here_is_what_h11_would_write(
    method: str, target: str, lines: list[tuple[str, str]]
) -> None:
    for given_lines in (lines, [HOST, *lines]):
        head = written(method, target, given_lines)
        if head is not None:
            assert head == h11_writes(method, target, given_lines)


def test_a_connection_knows_its_last_lines_and_no_other() -> None:
    known = PlainLines()
    assert known.fits("GET", "/", [HOST, ("A", "b")])
    first = known.octets
    assert known.fits("PUT", "/other", [HOST, ("A", "b")])
    assert known.octets is first
    assert known.fits("GET", "/", [HOST, ("a", "b")]), "names go out as they are given"
    assert known.octets == b"Host: a.test\r\na: b\r\n\r\n"
    assert not known.fits("GET", "/", [HOST, ("A", "b\n")])
    assert not known.fits("GET", "/", [HOST, ("A", "b\n")]), "nor the second time"
    assert known.fits("GET", "/", [HOST])


@pytest.mark.parametrize(("method", "content"), [("GET", b"ok"), ("HEAD", b"")])
def test_an_answer_is_read_alike_each_time(method: str, content: bytes) -> None:
    codec = PlainCodec(DEFAULT_LIMITS)
    for _ in range(2):
        message = codec.open(head_for(method))
        message.start()
        message.end()
        message.receive(ANSWER + content)
        assert (message.ended, message.close_reason, message.take()) == (True, None, content)


def test_a_head_that_closes_the_connection_does_so_each_time() -> None:
    codec = PlainCodec(DEFAULT_LIMITS)
    for _ in range(2):
        message = codec.open(head_for("GET", "/", [HOST, ("Connection", "Close")]))
        message.start()
        message.end()
        message.receive(ANSWER + b"ok")
        assert message.close_reason is CloseReason.NOT_KEPT_ALIVE


def test_chunked_without_content_is_written_to_its_end() -> None:
    message = PlainCodec(DEFAULT_LIMITS).open(
        head_for("POST", "/", [HOST, ("Transfer-Encoding", "chunked")])
    )
    assert (message.start() + message.end()).endswith(b"\r\n\r\n0\r\n\r\n")
    assert message.chunk(b"") == b""


@pytest.mark.parametrize("lines", [[HOST], [HOST, ("Content-Length", "0")]])
def test_content_after_a_head_that_announced_none_is_refused(lines: list[tuple[str, str]]) -> None:
    message = PlainCodec(DEFAULT_LIMITS).open(head_for("POST", "/", lines))
    message.start()
    with pytest.raises(InvalidContent, match="longer than its Content-Length"):
        message.chunk(b"x")
