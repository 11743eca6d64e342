"""What every codec of HTTP/1.1 must do alike: a new one is one line in ``CODECS``.

All vectors, all ways to cut their bytes in two, and the verdicts on whether a connection may be
used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn_core import Limits
from sojourn_core.exchange.codec import CloseReason
from sojourn_core.values.errors import ChunkedEncodingError, RemoteProtocolError
from tests.core.codecs import CODECS, HOST, codec_with, head_for
from tests.vectors.http1_cases import check_with, message_for, octets_of, told
from tests.vectors.runner import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.exchange.codec import Message
    from tests.vectors.runner import Case

FILE: Final = "http1/responses.json"
VECTORS: Final = cases(FILE)
SPLIT_SIZE_MAX: Final = 10 * 1024  # Longer streams are split around the limits only.
NEAR: Final = 64
EACH_CODEC = pytest.mark.parametrize("codec", CODECS)
EACH_VECTOR = pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["name"]) for case in VECTORS]
)


def sent(codec: str, method: str = "GET", *lines: tuple[str, str], **limits: int) -> Message:
    """A message whose request was sent to its end."""
    message = codec_with(codec, **limits).open(head_for(method, "/", [HOST, *lines]))
    message.start()
    message.end()
    message.written()
    return message


@EACH_CODEC
@EACH_VECTOR
def test_a_vector(codec: str, case: Case) -> None:
    check_with(case, codec)


def places(size: int) -> Iterator[int]:
    """Where a stream of this size is cut in two."""
    if size <= SPLIT_SIZE_MAX:
        yield from range(1, size)
        return
    limits = Limits()
    known = {limits.head_size_max, limits.field_line_size_max, limits.informational_size_max}
    known.add(limits.head_size_max + limits.chunk_overhead_free)
    for limit in sorted(known):
        yield from range(limit - NEAR, limit + NEAR + 1)


@EACH_CODEC
@EACH_VECTOR
def test_a_vector_that_is_cut_in_two(codec: str, case: Case) -> None:
    data = octets_of(case)
    whole = verdict(codec, case, [data])
    for place in places(len(data)):
        answer = verdict(codec, case, [data[:place], data[place:]])
        assert without_surplus(answer) == without_surplus(whole), place


def verdict(codec: str, case: Case, pieces: list[bytes]) -> tuple[dict[str, Any], Any]:
    message = message_for(case, codec)
    answer, _ = told(message, case, pieces)
    return answer, message.close_reason


def without_surplus(answer: tuple[dict[str, Any], Any]) -> tuple[dict[str, Any], Any]:
    """Bytes that come later than the end are not the message's: its connection is probed."""
    told_so, reason = answer
    return told_so, None if reason is CloseReason.SURPLUS else reason


OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n"
CLOSE: Final = ("Connection", "close")


@EACH_CODEC
@pytest.mark.parametrize(
    ("request_lines", "response", "ends", "reason"),
    [
        ((), OK + b"Content-Length: 2\r\n\r\nok", False, None),
        ((), OK + b"Content-Length: 0\r\n\r\n", False, None),
        ((), b"HTTP/1.1 204 No Content\r\n\r\n", False, None),
        ((), b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", False, None),
        ((), CHUNKED + b"\r\n2\r\nok\r\n0\r\n\r\n", False, None),
        ((), OK + b"Content-Length: 2\r\n\r\nokX", False, CloseReason.SURPLUS),
        ((), CHUNKED + b"\r\n0\r\n\r\nX", False, CloseReason.SURPLUS),
        ((), b"HTTP/1.1 204 No Content\r\n\r\nX", False, CloseReason.SURPLUS),
        ((), OK + b"\r\nok", True, CloseReason.STREAM_ENDED),
        ((), b"HTTP/1.0 200 OK\r\n\r\nok", True, CloseReason.STREAM_ENDED),
        (
            (),
            b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            False,
            CloseReason.NOT_KEPT_ALIVE,
        ),
        (
            (),
            OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
            False,
            CloseReason.NOT_KEPT_ALIVE,
        ),
        ((CLOSE,), OK + b"Content-Length: 2\r\n\r\nok", False, CloseReason.NOT_KEPT_ALIVE),
        (
            (),
            CHUNKED + b"Content-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            False,
            CloseReason.TWO_FRAMINGS,
        ),
        ((), OK + b"Content-Length: 2\r\n\r\no", False, CloseReason.UNFINISHED),
        ((), CHUNKED + b"\r\n2\r\nok\r\n", False, CloseReason.UNFINISHED),
        (
            (("Upgrade", "echo"), ("Connection", "upgrade")),
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nhello",
            False,
            CloseReason.SWITCHED,
        ),
    ],
)
def test_the_verdict_on_the_connection(
    codec: str,
    request_lines: tuple[tuple[str, str], ...],
    response: bytes,
    ends: bool,
    reason: CloseReason | None,
) -> None:
    message = sent(codec, "GET", *request_lines)
    message.receive(response)
    if ends:
        message.receive(b"")
    assert message.error is None
    assert message.close_reason is reason
    assert message.ended == (reason is not CloseReason.UNFINISHED)
    message.judge()
    assert message.close_reason is reason, "to ask again changes nothing that was known"


@EACH_CODEC
@pytest.mark.parametrize(("status", "reason"), [(b"200", CloseReason.TUNNEL), (b"403", None)])
def test_the_verdict_on_a_tunnel(codec: str, status: bytes, reason: CloseReason | None) -> None:
    message = sent(codec, "CONNECT")
    message.receive(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 0\r\n\r\n")
    assert (message.ended, message.close_reason) == (True, reason)
    assert message.switched == (reason is not None)


@EACH_CODEC
def test_an_answer_to_half_a_request(codec: str) -> None:
    """The verdict is renewed when the upload ends after the response."""
    message = codec_with(codec).open(head_for("POST", "/", [HOST, ("Content-Length", "2")]))
    message.start()
    message.written()
    message.receive(OK + b"Content-Length: 0\r\n\r\n")
    assert message.close_reason is CloseReason.UNSENT
    message.chunk(b"ok")
    message.end()
    message.judge()
    assert message.close_reason is None


@EACH_CODEC
def test_messages_of_one_connection_come_one_after_another(codec: str) -> None:
    made = codec_with(codec)
    assert (made.capacity, made.close_reason) == (1, None)
    heads = [head_for("GET", "/a"), head_for("GET", "/a"), head_for("GET", "/b")]
    for head in heads:
        message = made.open(head)
        data = message.start() + message.end()
        message.written()
        assert data == f"GET {head.target} HTTP/1.1\r\nHost: a.test\r\n\r\n".encode()
        message.receive(OK + b"Content-Length: 2\r\n\r\nok")
        assert (message.ended, message.close_reason, message.take()) == (True, None, b"ok")


@EACH_CODEC
@pytest.mark.parametrize(
    ("response", "error", "good"),
    [
        (CHUNKED + b"\r\n2\r\nok\r\nnonsense\r\n", ChunkedEncodingError, b"ok"),
        (OK + b"Content-Length: 3\r\n\r\nok", ChunkedEncodingError, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nnonsense\r\n\r\n", RemoteProtocolError, b""),
    ],
)
def test_what_was_right_before_a_fault_is_there(
    codec: str, response: bytes, error: type, good: bytes
) -> None:
    message = sent(codec)
    message.receive(response)
    if message.error is None:
        message.receive(b"")
    assert type(message.error) is error
    assert message.take() == good
    assert [head.status for head in message.informational] == ([] if good else [103])
    assert (message.head is not None) == bool(good)
    assert not message.ended
    assert message.close_reason is CloseReason.UNFINISHED


def test_each_reason_has_an_explanation() -> None:
    explanations = {reason.explanation for reason in CloseReason}
    assert len(explanations) == len(CloseReason)
    assert all(said and said[0].islower() and not said.endswith(".") for said in explanations)
