"""Heads that are not quite valid: read leniently, they are what Requests makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core.exchange.codec import CloseReason
from sojourn_core.exchange.lenient_head import lenient_head
from sojourn_core.values.errors import RemoteProtocolError
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.codecs import CODECS, HOST, head_for
from tests.odd_heads import CHUNKS, OK, READ, REFUSED, OddHead

if TYPE_CHECKING:
    from sojourn_core.exchange.codec import Message

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def asked(codec: str, *, lenient: bool, method: str = "GET", **limits: Any) -> Message:
    """A message whose request was sent."""
    made = CODECS[codec](DEFAULT_LIMITS.replace(**limits), lenient)
    message = made.open(head_for(method, "/", [HOST]))
    message.start(ends=True)
    message.written()
    return message


def read(message: Message, octets: bytes, size: int = 0) -> bytes:
    """Feed a message, its end included unless it ends before; return its content."""
    content = b""
    step = size or len(octets)
    pieces = [octets[at : at + step] for at in range(0, len(octets), step)]
    for piece in [*pieces, b""]:
        if not message.ended and message.error is None:
            message.receive(piece)
            content += message.take()
    return content


@pytest.mark.parametrize("odd", READ, ids=lambda odd: odd.name)
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [0, 1])
def test_a_head_that_is_read_leniently(odd: OddHead, codec: str, size: int) -> None:
    message = asked(codec, lenient=True)
    content = read(message, odd.octets, size)
    assert message.error is None
    assert content == b"ok"
    assert message.ended
    head = message.head
    assert head is not None
    assert tuple(head.fields.lines) == odd.given
    assert tuple(f"{each.code} {each.subject}" for each in head.decisions) == odd.decisions
    expected = CloseReason.STREAM_ENDED if odd.ends else CloseReason.UNCLEAN
    assert message.close_reason is expected


@pytest.mark.parametrize("odd", [*READ, *REFUSED], ids=lambda odd: odd.name)
@pytest.mark.parametrize("codec", CODECS)
def test_a_head_that_is_read_strictly(odd: OddHead, codec: str) -> None:
    message = asked(codec, lenient=False)
    assert read(message, odd.octets) == b""
    assert type(message.error) is odd.error
    assert odd.says in str(message.error)
    assert message.head is None


@pytest.mark.parametrize("odd", REFUSED, ids=lambda odd: odd.name)
@pytest.mark.parametrize("codec", CODECS)
def test_what_can_be_framed_in_two_ways_is_refused_in_any_case(odd: OddHead, codec: str) -> None:
    message = asked(codec, lenient=True)
    assert read(message, odd.octets) == b""
    assert type(message.error) is odd.error
    assert odd.says in str(message.error)
    assert message.head is None


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 2\r\nX: 1\r\n 2",
        b"Transfer-Encoding: Chunked",
        b"Content-Length: 2, 2",
        b"Set-Cookie: a=1",
    ],
)
def test_a_head_that_is_valid_is_unchanged(lines: bytes) -> None:
    head = OK + lines + b"\r\n\r\n"
    octets, fields, decisions = lenient_head(head)
    assert octets is head
    assert decisions == ()
    for name, value in fields.items():
        assert name.encode() + b": " + value.encode() in head.replace(b"\r\n 2", b" 2")


@pytest.mark.parametrize("codec", CODECS)
def test_a_valid_head_keeps_its_connection(codec: str) -> None:
    message = asked(codec, lenient=True)
    assert read(message, OK + b"Transfer-Encoding: Chunked\r\n\r\n" + CHUNKS) == b"ok"
    assert message.head is not None
    assert message.head.fields.lines == [("Transfer-Encoding", "Chunked")]
    assert message.close_reason is None


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("odd", [b"junk", b"X : 1", b"Transfer-Encoding: identity"])
def test_an_informational_head(codec: str, odd: bytes) -> None:
    octets = b"HTTP/1.1 103 Early\r\n" + odd + b"\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok"
    strict = asked(codec, lenient=False)
    read(strict, octets)
    assert type(strict.error) is RemoteProtocolError
    message = asked(codec, lenient=True)
    assert read(message, octets) == b"ok"
    assert [head.status for head in message.informational] == [103]
    assert message.close_reason is CloseReason.UNCLEAN
    assert [each.code.partition(".")[0] for each in message.decisions] == ["head"]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    "odd",
    [
        b"junk",
        b"X : 1",
        b"Transfer-Encoding: identity",
        b"Content-Length: 2\r\nContent-Length: 3\r\nX/Y: 1",
        b"Transfer-Encoding: chunked, chunked\r\nContent-Length: +2",
    ],
)
def test_a_tunnel_is_opened_by_an_odd_head(codec: str, odd: bytes) -> None:
    message = asked(codec, lenient=True, method="CONNECT")
    message.receive(OK + odd + b"\r\n\r\n\x16\x03")
    assert message.error is None
    assert message.switched
    assert message.surplus == b"\x16\x03"
    assert message.close_reason is CloseReason.TUNNEL


# --- trailers ---------------------------------------------------------------------------------

CUT = "trailer.section.cut"
DROPPED = "trailer.dropped.malformed"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(
    ("section", "codes", "trailers", "reason"),
    [
        (b"junk\r\nX : 1\r\n\r\n", [DROPPED, DROPPED], None, None),
        (b"A: 1\r\nX: \0\r\n\r\n", [CUT], [("A", "1")], None),
        (b"X: \0\r\nY: " + b"x" * 300, [CUT], None, None),
        (b"A: 1\r\nX: " + b"x" * 300 + b"\r\n\r\n", [CUT], [("A", "1")], None),
        (b"A: 1\r\n" * 9 + b"\r\n", [CUT], [("A", "1")] * 9, None),
        (b"", [CUT], None, CloseReason.STREAM_ENDED),
        (b"A: 1\r\n", [CUT], None, CloseReason.STREAM_ENDED),
        (b"A: 1\r\nB: 2\r\n\tX", [CUT], [("A", "1")], CloseReason.STREAM_ENDED),
    ],
)
def test_content_is_not_lost_for_its_trailer_section(
    codec: str,
    size: int,
    section: bytes,
    codes: list[str],
    trailers: list[tuple[str, str]] | None,
    reason: CloseReason | None,
) -> None:
    limits = {"field_line_size_max": 200, "field_lines_max": 8}
    octets = CHUNKED + b"2\r\nok\r\n0\r\n" + section
    message = asked(codec, lenient=True, **limits)
    assert read(message, octets, size) == b"ok"
    assert message.error is None
    assert message.ended
    assert [each.code for each in message.decisions] == codes
    found = message.trailers
    assert (None if found is None else found.lines) == trailers
    if codes == [CUT]:
        assert message.close_reason in (reason, CloseReason.UNCLEAN, CloseReason.SURPLUS)
        strict = asked(codec, lenient=False, **limits)
        assert read(strict, octets, size) == b"ok"
        assert strict.error is not None
    else:
        assert message.close_reason is None


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("content", [b"2\r\nok\r\n", b"2\r\nok\r\n0", b"2\r\nok\r\n0\r", b"2\r\no"])
def test_content_without_its_last_chunk_stays_an_error(codec: str, content: bytes) -> None:
    message = asked(codec, lenient=True)
    read(message, CHUNKED + content)
    assert "broke off" in str(message.error)
