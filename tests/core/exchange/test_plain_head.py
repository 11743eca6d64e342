"""Plain heads are read as h11 reads them, and h11 refuses none of them."""

from __future__ import annotations

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core.exchange import plain_head as module
from sojourn_core.exchange.plain_head import LastHead, plain_head

OK = b"HTTP/1.1 200 OK\r\n"


def h11_reads(head: bytes) -> object:
    """Version, status, reason, lines and keep-alive as h11 has them; None if it refuses."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "a.test")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(head)
    try:
        event = parser.next_event()
    except h11.RemoteProtocolError:
        return None
    assert isinstance(event, h11.Response)
    assert parser.trailing_data[0] == b""
    lines = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in event.headers.raw_items()]
    kept = parser.our_state is h11.DONE
    return (
        event.http_version.decode(),
        event.status_code,
        event.reason.decode("latin-1"),
        lines,
        kept,
    )


def assert_same(head: bytes) -> bool:
    """Compare the two where the head is plain; say if it is."""
    found = plain_head(head)
    if found is None:
        return False
    assert plain_head(head) == found, "a second time, when its lines are known"
    plain, length, chunked, keeps_alive = found
    same = h11_reads(head)
    assert same == (plain.version, plain.status, plain.reason, plain.fields.lines, keeps_alive)
    names = plain.fields.by_name()
    assert chunked == ("transfer-encoding" in names)
    assert length == (int(names["content-length"]) if "content-length" in names else None)
    return True


PLAIN = [
    OK + b"\r\n",
    b"HTTP/1.1 200\r\n\r\n",
    b"HTTP/1.1 200 \r\n\r\n",
    b"HTTP/1.0 404 Not  Found \r\nA: b\r\n\r\n",
    OK + b"Server: nginx\r\nContent-Length: 100\r\nConnection: keep-alive\r\n\r\n",
    OK + b"content-length:0\r\nconnection:  Close , x\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\nX: \t a\tb \t\r\nY:\r\nZ: \xe4\r\nX: c\r\n\r\n",
    OK + b"Connection: closed\r\nConnection: a,close\r\n\r\n",
    b"HTTP/1.1 999 \xff\r\n\r\n",
]
NOT_PLAIN = [
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/2.0 200 OK\r\n\r\n",
    b"HTTP/1.1  200 OK\r\n\r\n",
    b"HTTP/1.1 200OK\r\n\r\n",
    b"HTTP/1.1 200 OK\n\r\n",
    OK + b"A: b\n\r\n",
    OK + b"A: b\r\n c\r\n\r\n",
    OK + b"A : b\r\n\r\n",
    OK + b": b\r\n\r\n",
    OK + b"A\r\n\r\n",
    OK + b"A: b\x01\r\n\r\n",
    OK + b"A: b\rc\r\n\r\n",
    OK + b"Content-Length: 5, 5\r\n\r\n",
    OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    OK + b"Content-Length: +5\r\n\r\n",
    OK + b"Content-Length: \xb2\r\n\r\n",
    OK + b"Content-Length:\r\n\r\n",
    OK + b"Content-Length: 123456789012345678901\r\n\r\n",
    OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    OK + b"Transfer-Encoding: Chunked\r\n\r\n",
    OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    OK + b"A: b\r\n\r\nx",
    OK + b"A: b\r\n",
]


@pytest.mark.parametrize("head", PLAIN)
def test_a_plain_head_is_read_as_h11_reads_it(head: bytes) -> None:
    assert assert_same(head)


def test_what_is_remembered_is_bounded_and_holds_no_secret() -> None:
    for number in range(3000):
        line = b"X-Number: %d\r\nSet-Cookie: sid=%d\r\nX-Long: %b\r\n" % (
            number,
            number,
            b"x" * 300,
        )
        assert plain_head(b"HTTP/1.1 200 %d\r\n%b\r\n" % (number, line)) is not None
    seen = module._seen
    assert 0 < len(seen.lines) <= 1024
    assert 0 < len(seen.starts) <= 1024
    assert seen.lines.keys() <= seen.named.keys()
    assert not any(line.startswith(("Set-Cookie", "X-Long")) for line in seen.named)


@pytest.mark.parametrize("head", NOT_PLAIN)
def test_any_other_is_not_plain(head: bytes) -> None:
    assert plain_head(head) is None


@pytest.mark.parametrize("head", PLAIN)
def test_heads_that_repeat_have_fields_of_their_own(head: bytes) -> None:
    last = LastHead(len(head), 9)
    for _ in range(4):
        found = last.read(head + b"content")
        assert found is not None
        assert found == plain_head(head)
        assert last.octets == head
        found[0].fields["A"] = "changed"
        found[0].fields.add("B", "added")


def test_a_head_beyond_a_limit_or_not_whole_is_left_to_others() -> None:
    head = OK + b"A: b\r\nC: d\r\n\r\n"
    for last in LastHead(len(head) - 1, 2), LastHead(len(head), 1):
        assert last.read(head) is None
        assert last.octets == b""
    last = LastHead(len(head), 2)
    for data in head, b"\r\n\r\n", head, head[:-1], b"", head, head, b"":
        assert last.read(data) == (plain_head(head) if data == head else None)
        assert last.octets == (head if data == head else b"")


NAMES = [b"A", b"Content-Length", b"Transfer-Encoding", b"Connection"]
VALUES = [b"5", b"0", b"chunked", b"close", b"keep-alive", b",", b"\xe4", b"\x01"]
BETWEEN = [b":", b": ", b"\r\n", b"\n", b"\r", b" ", b"\t"]
PIECES = st.sampled_from([*NAMES, *VALUES, *BETWEEN])
STATUS_LINES = st.sampled_from(
    [OK, b"HTTP/1.0 200\r\n", b"HTTP/1.1 304 \r\n", b"HTTP/1.1 204 x\r\n"]
)


@given(STATUS_LINES, st.lists(PIECES, max_size=14).map(b"".join))
@example(OK, b"A: b\r\n")
def test_a_generated_head_is_read_as_h11_reads_it(start: bytes, rest: bytes) -> None:
    assert_same(start + rest + b"\r\n\r\n")
    assert_same(start + rest + b"\r\n")


@given(st.sampled_from(PLAIN), st.data())
def test_a_mutated_head_is_read_as_h11_reads_it(head: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(head) - 1))
    byte = data.draw(st.integers(0, 255))
    assert_same(head[:place] + bytes([byte]) + head[place + 1 :])
    assert_same(head[:place] + head[place + 1 :])
    assert_same(head[:place] + bytes([byte]) + head[place:])
