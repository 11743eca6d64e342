"""However the octets of a response are cut on their way, the same is handed up."""

from __future__ import annotations

from itertools import accumulate, cycle, pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core import Pool
from sojourn_core.commands import Finish, Pull, Read, Write
from tests.core.exchanges import OK, connect, exchange_with, hear, told

pytestmark = pytest.mark.usefixtures("each_codec")

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n"

# Octets of the server, and whether the stream ends after them.
RESPONSES: dict[str, tuple[bytes, bool]] = {
    "counted": (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world", False),
    "empty": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", False),
    "no content": (b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", False),
    "chunked": (CHUNKED + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", False),
    "trailers": (CHUNKED + b"5\r\nhello\r\n0\r\nDigest: x\r\nDigest: y\r\n\r\n", False),
    "until close": (b"HTTP/1.1 200 OK\r\n\r\nhello world", True),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nhello world", True),
    "1.0 counted": (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", False),
    "connection: close": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        True,
    ),
    "informational": (HINTS + b"HTTP/1.1 100 Continue\r\n\r\n" + OK, False),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", False),
    "both framings": (
        CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        False,
    ),
    "ends early": (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello", True),
    "chunk ends early": (CHUNKED + b"5\r\nhello\r\n6\r\n wor", True),
    "chunk is broken": (CHUNKED + b"5\r\nhello\r\nnonsense\r\n", True),
    "trailers are broken": (CHUNKED + b"5\r\nhello\r\n0\r\nno colon\r\n\r\n", True),
    "trailers hold a control character": (CHUNKED + b"0\r\nX: \x01\r\n\r\n", True),
    "head ends early": (b"HTTP/1.1 200 OK\r\nContent-Le", True),
    "ends after informational": (HINTS, True),
    "ends at once": (b"", True),
    "no head": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", True),
    "head is broken": (b"HTTP/1.1 200 OK\r\nA b: c\r\n\r\nhello", True),
    "control character": (b"HTTP/1.1 200 OK\r\nX: \x01\r\nContent-Length: 5\r\n\r\nhello", True),
    "broken after informational": (HINTS + b"nonsense\r\n\r\n", True),
    "unknown coding": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", True),
}

cuts = st.lists(st.integers(0, 120), max_size=8)


def pieces_of(octets: bytes, at: list[int]) -> list[bytes]:
    """The octets, cut at these places; no piece is empty, as that would be the end."""
    edges = sorted({0, len(octets), *(place for place in at if place < len(octets))})
    return [octets[start:end] for start, end in pairwise(edges)]


def heard(pieces: list[bytes], *, ended: bool) -> tuple[Any, ...]:
    pool = Pool()
    exchange = exchange_with(pool)
    events = told(hear(exchange, pieces, ended=ended))
    return events, exchange.phase, pool.open_count, pool.idle_count


@pytest.mark.parametrize("name", RESPONSES)
@given(at=cuts)
@example(at=list(range(200)))
def test_any_split_gives_the_same_events(name: str, at: list[int]) -> None:
    octets, ended = RESPONSES[name]
    whole = heard([octets] if octets else [], ended=ended)
    assert heard(pieces_of(octets, at), ended=ended) == whole


@given(at=cuts)
@example(at=[len(OK)])
def test_octets_after_a_response_change_nothing_but_the_verdict(at: list[int]) -> None:
    """Those that come later are found by the probe before the connection is used again."""
    pieces = pieces_of(OK + b"HTTP/1.1 200 OK\r\n\r\n", at)
    events, _, open_count, idle_count = heard(pieces, ended=False)
    apart = len(OK) in accumulate(len(piece) for piece in pieces)
    reason = "" if apart else "bytes came after the response"
    assert events[:-1] == heard([OK], ended=False)[0][:-1]
    assert events[-1] == ("finish", apart, reason, None)
    assert (open_count, idle_count) == ((1, 1) if apart else (0, 0))


CHUNKS = 12  # More than there are pieces of an answer.


def answered(pieces: list[bytes], sent: list[int]) -> tuple[Any, ...]:
    """What is handed up if each piece of an answer arrives while content is being sent.

    Args:
        pieces: Octets of the server.
        sent: How much of each write had gone out when the server was heard, in turn.
    """
    pool = Pool()
    exchange = exchange_with(pool, method="POST", data=iter([b"the test gives the chunks"]))
    rest, places = iter(pieces), cycle(sent)
    chunks = iter([b"chunk"] * CHUNKS)
    handed: list[Any] = []
    command = connect(exchange)
    while not isinstance(command, Finish):
        match command:
            case Write(watch=True):
                command = exchange.readable(next(places), 0.0)
            case Write():
                command = exchange.written(0.0)
            case Pull():
                command = exchange.pulled(next(chunks, None), 0.0)
            case Read():
                command = exchange.received(next(rest), 0.0)
            case _:
                handed.append(command)
                command = exchange.proceed(0.0)
    return told([*handed, command]), pool.open_count, pool.idle_count


@pytest.mark.parametrize("status", [b"200 OK", b"413 Content Too Large"])
@given(at=cuts, sent=st.lists(st.integers(0, 10), min_size=1, max_size=5))
def test_any_split_of_an_early_answer_gives_the_same_events(
    status: bytes, at: list[int], sent: list[int]
) -> None:
    """An early success lets the upload go on to its end, anything else cuts it."""
    answer = HINTS + b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\nhello"
    whole = answered([answer], [0])
    assert whole[1:] == ((1, 1) if b"OK" in status else (0, 0))
    assert answered(pieces_of(answer, at), sent) == whole
