"""A head that a connection sent before goes out at once, and h11 hears of it afterwards."""

from __future__ import annotations

import pytest

from sojourn_core.exchange.connection import HeadMemo
from sojourn_core.exchange.http1 import Message
from sojourn_core.values.errors import InvalidContent
from sojourn_core.values.limits import DEFAULT_LIMITS

HOST = [("Host", "a.test")]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def sent(memo: HeadMemo, method: str = "GET", target: str = "/", *lines: tuple[str, str]) -> bytes:
    """The octets of a request without content, all of them."""
    message = Message(method, DEFAULT_LIMITS)
    return message.start(target, [*HOST, *lines], memo) + message.end()


def test_equal_heads_have_equal_octets() -> None:
    memo = HeadMemo()
    first = sent(memo)
    assert memo.octets == first
    assert sent(memo) == first
    assert sent(memo, "GET", "/other") == first.replace(b" / ", b" /other ")
    assert sent(memo) == first


@pytest.mark.parametrize(("method", "content"), [("GET", b"ok"), ("HEAD", b"")])
def test_the_answer_to_a_remembered_head_is_read_as_ever(method: str, content: bytes) -> None:
    memo = HeadMemo()
    sent(memo, method)
    message = Message(method, DEFAULT_LIMITS)
    message.start("/", HOST, memo)
    message.end()
    message.receive(ANSWER + content)
    assert (message.ended, message.reusable, message.take()) == (True, True, content)


def test_a_remembered_head_that_closes_the_connection_still_does() -> None:
    memo = HeadMemo()
    close = ("Connection", "close")
    sent(memo, "GET", "/", close)
    message = Message("GET", DEFAULT_LIMITS)
    message.start("/", [*HOST, close], memo)
    message.end()
    message.receive(ANSWER + b"ok")
    assert (message.ended, message.reusable) == (True, False)


def test_chunked_without_content_is_written_to_its_end_each_time() -> None:
    memo = HeadMemo()
    chunked = ("Transfer-Encoding", "chunked")
    first = sent(memo, "POST", "/", chunked)
    assert first.endswith(b"\r\n\r\n0\r\n\r\n")
    assert memo.octets is None
    assert sent(memo, "POST", "/", chunked) == first


def test_content_after_a_remembered_head_that_announced_none_is_refused() -> None:
    memo = HeadMemo()
    empty = ("Content-Length", "0")
    sent(memo, "POST", "/", empty)
    message = Message("POST", DEFAULT_LIMITS)
    message.start("/", [*HOST, empty], memo)
    with pytest.raises(InvalidContent, match="longer than its Content-Length"):
        message.chunk(b"x")
