"""The plain codec reads every stream as h11 does: the same events, errors and verdicts.

Streams are generated from pieces of responses, mutated byte by
byte, and cut anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.core.codecs import HOST, codec_with, head_for
from tests.odd_heads import READ, REFUSED

if TYPE_CHECKING:
    from sojourn_core.exchange.codec import Codec

OK = b"HTTP/1.1 200 OK\r\n"
HEADS = [
    OK + b"Content-Length: 5\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n",
    OK + b"\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n",
    b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
    OK + b"Set-Cookie: a=\x01\r\nSet-Cookie: b=2\r\nContent-Length: 1\r\n\r\n",
    OK + b"A: b\n\r\n",
    OK + b"A: b\r\n c\r\nContent-Length: 3, 3\r\n\r\n",
    *(OK + odd.lines + b"\r\n\r\n" for odd in (*READ, *REFUSED)),
    b"HTTP/1.1 103 Early\r\njunk\r\n\r\n" + OK + b"X/Y : 1\r\n\r\n",
]
CONTENT = [
    b"hello",
    b"5\r\nhello\r\n",
    b"3;x\r\nabc\r\n",
    b"0" * 21 + b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"0" * 21 + b"\r\n\r\n",
    b"0\r\nA: b\r\njunk\r\n\r\n",
    b"0\r\nA: \0\r\nB: c\r\n\r\n",
    b"0\r\nA: b\r\n",
    b"0\r\nA: b\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
]
STREAMS = st.builds(
    lambda head, parts: head + b"".join(parts),
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(CONTENT), max_size=3),
)
LINES = st.sampled_from([[HOST], [HOST, ("Connection", "close")], [HOST, ("Content-Length", "2")]])
MUTATIONS = st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=1)), max_size=2)


LIMITS = {"head_size_max": 400, "field_line_size_max": 200, "field_lines_max": 6}


def outcome(
    codec: str | Codec,
    method: str,
    lines: list[tuple[str, str]],
    pieces: list[bytes],
    sends: bool,
    lenient: bool,
) -> dict[str, Any]:
    """Everything that a message tells of a stream, its end included."""
    if isinstance(codec, str):
        codec = codec_with(codec, lenient=lenient, **LIMITS)
    message = codec.open(head_for(method, "/", lines))
    message.start()
    if sends:
        if len(lines) > 1 and lines[1][0] == "Content-Length":
            message.chunk(b"ok")
        message.end()
    message.written()
    content, fed = b"", b""
    for piece in [*pieces, b""]:
        if message.ended or message.error is not None or (not piece and not fed):
            break
        message.receive(piece)
        fed += piece
        content += message.take()
    head, trailers = message.head, message.trailers
    return {
        "informational": message.informational,
        "head": head,
        "of the head": None if head is None else [(x.code, x.subject) for x in head.decisions],
        "content": content,
        "trailers": None if trailers is None else trailers.lines,
        "error": (type(message.error), str(message.error)),
        "ended": message.ended,
        "switched": message.switched,
        "surplus": message.surplus if message.switched else b"",
        "close_reason": message.close_reason,
        "decisions": [(each.code, each.subject) for each in message.decisions],
        "until_close": message.until_close,
    }


@given(
    STREAMS,
    st.sampled_from(["GET", "HEAD", "POST"]),
    LINES,
    st.booleans(),
    st.booleans(),
    MUTATIONS,
    st.data(),
)
@example(OK + b"Content-Length: 5\r\n\r\nhello!", "GET", [HOST], True, False, [], None)
@example(HEADS[1] + b"0\r\nA: b\r\nA: b\r\n", "GET", [HOST], True, False, [], None)
@example(HEADS[1] + b"0" * 21 + b"1\r\na\r\n", "GET", [HOST], True, False, [], None)
def test_both_codecs_tell_the_same(
    stream: bytes,
    method: str,
    lines: list[tuple[str, str]],
    sends: bool,
    lenient: bool,
    mutations: list[tuple[int, bytes]],
    data: Any,
) -> None:
    for place, byte in mutations:
        stream = stream[:place] + byte + stream[place + 1 :]
    cut = len(stream) if data is None else data.draw(st.integers(0, len(stream)))
    pieces = [piece for piece in (stream[:cut], stream[cut:]) if piece]
    ours = outcome("plain", method, lines, pieces, sends, lenient)
    assert ours == outcome("h11", method, lines, pieces, sends, lenient)


KEPT = OK + b"Server: a\r\nContent-Length: 5\r\n\r\n"


@given(
    st.sampled_from([KEPT, OK + b"A: b\r\nA: c\r\nTransfer-Encoding: chunked\r\n\r\n"]),
    st.sampled_from(["GET", "HEAD", "POST"]),
    MUTATIONS,
    st.booleans(),
)
@example(KEPT, "HEAD", [], False)
@example(KEPT, "GET", [(len(KEPT) - 5, b"4")], True)
@example(KEPT, "GET", [(len(KEPT) - 1, b"")], True)
def test_the_response_before_says_nothing_of_the_next(
    head: bytes, method: str, mutations: list[tuple[int, bytes]], changed: bool
) -> None:
    stream = head + (b"hello" if head is KEPT else b"5\r\nhello\r\n0\r\n\r\n")
    codec = codec_with("plain", **LIMITS)
    first = outcome(codec, "GET", [HOST], [stream], True, False)
    assert first["close_reason"] is None
    if changed:  # By whoever has got the first.
        first["head"].fields["Content-Length"] = "4"
    for place, byte in mutations:
        stream = stream[:place] + byte + stream[place + 1 :]
    second = outcome(codec, method, [HOST], [stream], True, False)
    assert second == outcome("h11", method, [HOST], [stream], True, False)
