"""Responses, whole and broken, in one piece and in many."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import Ask, Case, GiveUp, Got, Raised, Run, Switched
from sojourn.testing.conformance.steps import (
    Close,
    End,
    Expect,
    Offer,
    ReadHead,
    Reset,
    Send,
    Trickle,
    Until,
)
from sojourn_core.errors import (
    ChunkedEncodingError,
    ConnectionError,
    RemoteProtocolError,
)

from .parts import OK, PLAIN, chunked, head, ok, one, then_again

LARGE: Final = bytes(range(256)) * 12 * 1024  # 3 MiB
HINTS: Final = head(103, Link="</style.css>")
UPGRADE: Final = {"Connection": "upgrade", "Upgrade": "echo"}
SWITCH: Final = head(101, Connection="upgrade", Upgrade="echo")


def comes(name: str, data: bytes, expect: Any = None, **more: Any) -> Case:
    """Return a case of a response that comes in one piece."""
    ask = Ask(expect=Got(way=PLAIN) if expect is None else expect, **more)
    return one(name, ask, (ReadHead(), Send(data)))


def trickles(name: str, data: bytes, expect: Any = None, size: int = 1, **more: Any) -> Case:
    """Return a case of a response that comes in many pieces."""
    ask = Ask(expect=Got() if expect is None else expect, **more)
    return one(name, ask, (ReadHead(), Trickle(data, size)))


WHOLE: Final = (
    comes("a response with its length", OK),
    comes("a response without content", ok(b""), Got(content=b"")),
    comes("a response in one chunk", chunked(b"ok")),
    comes(
        "a response in many chunks",
        chunked(*(b"%d," % n for n in range(500))),
        Got(content=b"".join(b"%d," % n for n in range(500))),
    ),
    comes(
        "a response in chunks, with trailers",
        chunked(b"ok", trailers=b"X-Sum: 1\r\n"),
        Got(trailers={"X-Sum": "1"}),
    ),
    comes("a 204 has no content", head(204), Got(status=204, content=b"")),
    comes("a 304 has no content", head(304), Got(status=304, content=b"")),
    comes(
        "the response to HEAD has no content, whatever its length",
        head(200, Content_Length="5"),
        Got(content=b""),
        method="HEAD",
    ),
    comes("a 404 is a response", ok(b"no", 404), Got(status=404, content=b"no")),
    comes("large content", ok(LARGE), Got(content=LARGE)),
    comes("large content in chunks", chunked(LARGE, LARGE[:7]), Got(content=LARGE + LARGE[:7])),
    comes("a 100 that nobody asked for is passed over", head(100) + OK),
    comes("a 103 that nobody asked for is passed over", HINTS + HINTS + OK),
    comes(
        "a connection that the peer says it closes is not kept",
        ok(Connection="close"),
        Got(reusable=False),
    ),
    one(
        "bytes beyond the response, and the connection is not kept",
        Ask(expect=Got(reusable=False)),
        (ReadHead(), Send(OK + b"HTTP/1.1 ")),
    ),
)

IN_PIECES: Final = (
    trickles("a response byte by byte", OK),
    trickles("a response in chunks byte by byte", chunked(b"o", b"k")),
    trickles(
        "trailers byte by byte", chunked(b"ok", trailers=b"A: b\r\n"), Got(trailers={"A": "b"})
    ),
    trickles("a 204 byte by byte", head(204), Got(status=204, content=b"")),
    trickles("a 100 byte by byte before the response", head(100) + OK, size=3),
    trickles(
        "large content in pieces of 1000 bytes",
        ok(LARGE[:300_000]),
        Got(content=LARGE[:300_000]),
        1000,
    ),
    one(
        "a response cut within its head",
        Ask(),
        (ReadHead(), Send(OK[:20]), Send(OK[20:])),
    ),
    one(
        "head and content come apart",
        Ask(),
        (ReadHead(), Send(OK[:-2]), Send(OK[-2:])),
    ),
    one(
        "content until the peer ends its side",
        Ask(expect=Got(reusable=False)),
        (ReadHead(), Send(head(200) + b"ok"), End()),
    ),
    one(
        "content until the peer ends its side, byte by byte",
        Ask(expect=Got(reusable=False)),
        (ReadHead(), Trickle(head(200) + b"ok"), End()),
    ),
    one(
        "large content until the peer ends its side",
        Ask(expect=Got(content=LARGE, reusable=False)),
        (ReadHead(), Send(head(200) + LARGE), End()),
    ),
    one(
        "the peer closes right behind the response",
        Ask(expect=Got(way=".*")),
        (ReadHead(), Send(OK), Close()),
    ),
)

INFORMED: Final = (
    comes("a 103 is handed up", HINTS + OK, Got(informed=(103,)), informs=True),
    comes(
        "three heads before the response",
        HINTS + head(102) + HINTS + OK,
        Got(informed=(103, 102, 103)),
        informs=True,
    ),
    trickles("a 103 byte by byte", HINTS + OK, Got(informed=(103,)), informs=True),
    Case(
        name="a stream is switched to another protocol",
        peers={"a": ((ReadHead(), Send(SWITCH)),)},
        phases=(
            Run((Ask(expect=Switched(), fields=UPGRADE, switches=True),)),
            GiveUp("job"),
        ),
        needs=frozenset({"switches"}),
    ),
    Case(
        name="CONNECT switches a stream, and bytes came with the head",
        peers={"a": ((ReadHead(begins=b"CONNECT a.test:"), Send(head(200) + b"hello")),)},
        phases=(
            Run((Ask(method="CONNECT", expect=Switched(b"hello"), switches=True),)),
            GiveUp("job"),
        ),
        needs=frozenset({"switches"}),
    ),
    Case(
        name="a stream is switched, and bytes of the other protocol came with the head",
        peers={"a": ((ReadHead(), Send(SWITCH + b"hello")),)},
        phases=(
            Run((Ask(expect=Switched(b"hello"), fields=UPGRADE, switches=True),)),
            GiveUp("job"),
        ),
        needs=frozenset({"switches"}),
    ),
    one(
        "a 101 that nobody asked for",
        Ask(expect=Raised(error=ConnectionError, says="another protocol"), fields=UPGRADE),
        (ReadHead(), Send(SWITCH)),
    ),
)

BROKEN: Final = (
    then_again(
        "the peer ends its side within the head",
        Ask(expect=Raised(error=RemoteProtocolError, maybe_sent=True)),
        (ReadHead(), Send(OK[:20]), End()),
    ),
    then_again(
        "the peer ends its side within the content",
        Ask(expect=Raised(error=ChunkedEncodingError, status=200, content=b"0123")),
        (ReadHead(), Send(ok(b"0123456789")[:-6]), End()),
    ),
    then_again(
        "the peer ends its side within a chunk",
        Ask(expect=Raised(error=ChunkedEncodingError, status=200, content=b"0123")),
        (ReadHead(), Send(head(200, Transfer_Encoding="chunked") + b"a\r\n0123"), End()),
    ),
    then_again(
        "the peer ends its side before the last chunk",
        Ask(expect=Raised(error=ChunkedEncodingError, status=200, content=b"0123")),
        (ReadHead(), Send(head(200, Transfer_Encoding="chunked") + b"4\r\n0123\r\n"), End()),
    ),
    then_again(
        "the peer resets within the head",
        Ask(expect=Raised(error=ConnectionError, maybe_sent=True)),
        (ReadHead(), Send(OK[:20]), Expect(b""), Reset()),
    ),
    then_again(
        "the peer resets within content that has no length",
        Ask(
            expect=Raised(error=ChunkedEncodingError, status=200, content=b"ok"),
            marks={"Content 1": "some"},
        ),
        (ReadHead(), Send(head(200) + b"ok"), Until("some"), Reset()),
    ),
    then_again(
        "the peer resets within the content",
        Ask(
            expect=Raised(error=ChunkedEncodingError, status=200, content=b"o"),
            marks={"Content 1": "some"},
        ),
        (ReadHead(), Send(OK[:-1]), Until("some"), Reset()),
    ),
    then_again(
        "what comes is no HTTP",
        Ask(expect=Raised(error=RemoteProtocolError)),
        (ReadHead(), Send(b"220 mail.test ESMTP\r\n\r\n")),
    ),
    then_again(
        "a chunk without a size",
        Ask(expect=Raised(error=ChunkedEncodingError, status=200)),
        (ReadHead(), Send(head(200, Transfer_Encoding="chunked") + b"nonsense\r\n")),
    ),
    then_again(
        "a head that is too large",
        Ask(expect=Raised(error=RemoteProtocolError)),
        (ReadHead(), Offer(b"HTTP/1.1 200 Fine\r\nX: " + b"x" * 2_000_000)),
    ),
)

CASES: Final = (*WHOLE, *IN_PIECES, *INFORMED, *BROKEN)
