"""A head that a connection sent before goes out at once, and h11 hears of it afterwards."""

from __future__ import annotations

import h11
import pytest

from sojourn_core.exchange.codec import CloseReason
from sojourn_core.exchange.h11_codec import H11Codec, H11Message, HeadMemo
from sojourn_core.values.errors import InvalidContent
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.codecs import HOST, head_for

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def opened(codec: H11Codec, method: str = "GET", *lines: tuple[str, str]) -> H11Message:
    return codec.open(head_for(method, "/", [HOST, *lines]))


def sent(codec: H11Codec, method: str = "GET", target: str = "/", *lines: tuple[str, str]) -> bytes:
    """The bytes of a request without content, all of them."""
    message = codec.open(head_for(method, target, [HOST, *lines]))
    return message.start() + message.end()


def test_equal_heads_have_equal_octets() -> None:
    codec = H11Codec(DEFAULT_LIMITS)
    first = sent(codec)
    assert codec.memo.written == first
    assert sent(codec) == first
    assert sent(codec, "GET", "/other") == first.replace(b" / ", b" /other ")
    assert sent(codec) == first


@pytest.mark.parametrize(("method", "content"), [("GET", b"ok"), ("HEAD", b"")])
def test_the_answer_to_a_remembered_head_is_read_as_ever(method: str, content: bytes) -> None:
    codec = H11Codec(DEFAULT_LIMITS)
    sent(codec, method)
    message = opened(codec, method)
    message.start()
    message.end()
    message.receive(ANSWER + content)
    assert (message.ended, message.close_reason, message.take()) == (True, None, content)


def test_a_remembered_head_that_closes_the_connection_still_does() -> None:
    codec = H11Codec(DEFAULT_LIMITS)
    close = ("Connection", "close")
    sent(codec, "GET", "/", close)
    message = opened(codec, "GET", close)
    message.start()
    message.end()
    message.receive(ANSWER + b"ok")
    assert message.ended
    assert message.close_reason is CloseReason.NOT_KEPT_ALIVE


def test_chunked_without_content_is_written_to_its_end_each_time() -> None:
    codec = H11Codec(DEFAULT_LIMITS)
    chunked = ("Transfer-Encoding", "chunked")
    first = sent(codec, "POST", "/", chunked)
    assert first.endswith(b"\r\n\r\n0\r\n\r\n")
    assert codec.memo.written is None
    assert sent(codec, "POST", "/", chunked) == first


def test_content_after_a_remembered_head_that_announced_none_is_refused() -> None:
    codec = H11Codec(DEFAULT_LIMITS)
    empty = ("Content-Length", "0")
    sent(codec, "POST", "/", empty)
    message = opened(codec, "POST", empty)
    message.start()
    with pytest.raises(InvalidContent, match="longer than its Content-Length"):
        message.chunk(b"x")


def test_the_memo_knows_the_last_head_and_no_other() -> None:
    memo = HeadMemo()
    lines = [("Host", "a.test")]
    known = memo.request_for("GET", "/", lines)
    assert memo.request_for("GET", "/", [("Host", "a.test")]) is known
    other = memo.request_for("GET", "/", [("host", "a.test")])
    assert other is not known, "names go out as they are given"
    assert other.headers.raw_items() == [(b"host", b"a.test")]
    again = memo.request_for("GET", "/", lines)
    assert again is not known, "only the last one is kept"
    assert again == known


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/y"), ("HEAD", "/x"), ("PUT", "/y")],
)
def test_equal_field_lines_are_validated_once_for_any_start_line(method: str, target: str) -> None:
    memo = HeadMemo()
    lines = [("Host", "a.test"), ("X-Case", "y")]
    known = memo.request_for("GET", "/x", lines)
    other = memo.request_for(method, target, list(lines))
    assert (other.method, other.target) == (method.encode(), target.encode())
    assert other.headers is known.headers


def test_a_head_that_was_refused_is_not_remembered() -> None:
    memo = HeadMemo()
    lines = [("Host", "a.test")]
    known = memo.request_for("GET", "/", lines)
    with pytest.raises(h11.LocalProtocolError):
        memo.request_for("GET", "/", [*lines, ("X", "a\nb")])
    with pytest.raises(UnicodeEncodeError):
        memo.request_for("GET", "/", [*lines, ("X", "\u0107")])
    with pytest.raises(h11.LocalProtocolError):
        memo.request_for("GET", "/ y", lines)
    assert memo.request_for("GET", "/", lines) is known
