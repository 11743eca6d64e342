"""Requests with content: in pieces, held up, answered early, broken off."""

from __future__ import annotations

from typing import Any, Final

from sojourn.testing.conformance.case import (
    ANSWER,
    NEW,
    Ask,
    Case,
    Got,
    Raised,
    Run,
    Stop,
)
from sojourn.testing.conformance.steps import (
    End,
    Expect,
    Flag,
    Gone,
    Pause,
    ReadChunks,
    ReadHead,
    Reset,
    Send,
)
from sojourn_core.errors import ConnectionError, InvalidContent
from sojourn_core.values.content.trailing import WithTrailers

from .files import file_of
from .parts import OK, ok, one, source, then_again

SMALL: Final = b"0123456789"
LARGE: Final = bytes(range(251)) * 20_000  # 5 MB, and no piece of it looks like the next one.
PIECES: Final = tuple(LARGE[at : at + 100_003] for at in range(0, 1_000_000, 100_003))
TRAILED_BYTES: Final = b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n"
JOINED: Final = b"".join(PIECES)
TOO_LARGE: Final = ok(b"no", 413)
REJECTED: Final = Got(status=413, content=b"no", reusable=False)
AT_ONCE: Final = f"{NEW}Write {ANSWER}"
PULLED: Final = f"{NEW}(Write |Pull )+{ANSWER}"
# The end of a response may be there while the last piece of a request is still written.
MIXED: Final = (
    f"{NEW}(Write |Pull |WriteFile |Read )+Head( Read| Content| Write| Pull| WriteFile)* Finish"
)


def post(content: Any, expect: Any = None, **more: Any) -> Ask:
    """Return a request with content."""
    return Ask(method="POST", content=content, expect=Got() if expect is None else expect, **more)


def sized(content: Any, size: int, expect: Any = None, **more: Any) -> Ask:
    """Return a request whose length is declared."""
    return post(content, expect, fields={"Content-Length": str(size)}, **more)


def takes(name: str, ask: Ask, content: bytes, **more: Any) -> Case:
    """Return a case of content with a length, all of which must arrive."""
    return one(name, ask, (ReadHead(), Expect(content), Send(OK)), **more)


def takes_chunks(name: str, ask: Ask, content: bytes, **more: Any) -> Case:
    """Return a case of content in chunks, all of which must arrive."""
    return one(name, ask, (ReadHead(), ReadChunks(content), Send(OK)), **more)


SENT: Final = (
    takes("content goes with the head", post(SMALL, Got(way=AT_ONCE)), SMALL),
    takes("large content is sent", post(LARGE, Got(way=MIXED)), LARGE),
    takes(
        "large content to a peer that takes in little at a time",
        post(LARGE[:300_000], Got(way=MIXED)),
        LARGE[:300_000],
        narrow=frozenset({"a"}),
    ),
    one(
        "large content to a peer that pauses",
        post(LARGE),
        (ReadHead(), Pause(0.05), Expect(LARGE), Send(OK)),
    ),
)

PULLS: Final = (
    takes_chunks("content in chunks", post(source(b"01", b"234")), b"01234"),
    takes_chunks("no content at all in chunks", post(source()), b""),
    takes_chunks("one chunk", post(source(b"x")), b"x"),
    takes_chunks(
        "many small chunks",
        post(source(*(b"%d," % n for n in range(300)))),
        b"".join(b"%d," % n for n in range(300)),
    ),
    takes_chunks("large chunks", post(source(*PIECES), Got(way=MIXED)), JOINED),
    takes_chunks(
        "large chunks to a peer that takes in little at a time",
        post(source(*PIECES[:3])),
        b"".join(PIECES[:3]),
        narrow=frozenset({"a"}),
    ),
    takes("chunks whose length is declared", sized(source(b"01", b"234"), 5), b"01234"),
    takes("large chunks whose length is declared", sized(source(*PIECES), len(JOINED)), JOINED),
    takes("no content, as is declared", sized(source(), 0), b""),
)

ASYNC: Final = tuple(
    Case(
        name=f"{name}, by an async iterator",
        peers={"a": ((ReadHead(), ReadChunks(content), Send(OK)),)},
        phases=(Run((post(source(*chunks, is_async=True)),)),),
        needs=frozenset({"async content"}),
        idle=1,
    )
    for name, chunks, content in (
        ("content in chunks", (b"01", b"234"), b"01234"),
        ("no content at all", (), b""),
        ("large chunks", PIECES, JOINED),
    )
)


def breaks(name: str, content: Any, error: Any, *more: Any, **kept: Any) -> Case:
    """Return a case of content that breaks off: the user's own error must come back."""
    return then_again(name, post(content, Raised(error=error, **kept)), (ReadHead(), Gone()), *more)


class OwnError(Exception):
    """An error of the user's."""


def trailed(*chunks: bytes, is_async: bool = False) -> Any:
    """Return what makes content with a trailer, whose value is there at its end."""
    chunks_of = source(*chunks, is_async=is_async)

    def make(flags: Any) -> WithTrailers:
        return WithTrailers(chunks_of(flags), {"X-Sum": lambda: "1"})

    return make


TRAILED: Final = (
    one(
        "chunks with a trailer",
        post(trailed(b"abc", b"de")),
        (ReadHead(holds=b"Trailer: X-Sum"), Expect(TRAILED_BYTES), Send(OK)),
    ),
    one(
        "chunks of an async iterator with a trailer",
        post(trailed(b"abc", b"de", is_async=True)),
        (ReadHead(holds=b"Trailer: X-Sum"), Expect(TRAILED_BYTES), Send(OK)),
        needs=frozenset({"async content"}),
    ),
)

BREAKS: Final = (
    breaks(
        "the iterator raises an error of its own",
        source(b"x", error=OwnError("mine")),
        OwnError,
        says="mine",
    ),
    breaks(
        "the iterator raises an OSError", source(b"x", error=OSError("mine")), OSError, says="mine"
    ),
    breaks(
        "the iterator raises a TimeoutError",
        source(b"x", error=TimeoutError("mine")),
        TimeoutError,
        says="mine",
    ),
    breaks(
        "the iterator raises a ConnectionResetError",
        source(b"x", error=ConnectionResetError("mine")),
        ConnectionResetError,
        says="mine",
    ),
    breaks(
        "the iterator raises at once", source(error=ValueError("mine")), ValueError, says="mine"
    ),
    then_again(
        "the content is longer than is declared",
        sized(source(b"01", b"234"), 3, Raised(error=InvalidContent)),
        (ReadHead(), Gone()),
    ),
    then_again(
        "the content is shorter than is declared",
        sized(source(b"01"), 3, Raised(error=InvalidContent)),
        (ReadHead(), Gone()),
    ),
    Case(
        name="an async iterator raises an error of its own",
        peers={"a": ((ReadHead(), Gone()),)},
        phases=(
            Run(
                (post(source(b"x", error=OwnError("mine"), is_async=True), Raised(error=OwnError)),)
            ),
        ),
        needs=frozenset({"async content"}),
    ),
)

EARLY: Final = (
    then_again(
        "the peer rejects large content as soon as it has the head",
        post(LARGE, REJECTED),
        (ReadHead(), Send(TOO_LARGE), Gone()),
        narrow=frozenset({"a"}),
        needs=frozenset({"watches"}),
    ),
    then_again(
        "the peer rejects large chunks as soon as it has the head",
        post(source(*PIECES * 5), REJECTED),
        (ReadHead(), Send(TOO_LARGE), Gone()),
        narrow=frozenset({"a"}),
        needs=frozenset({"watches"}),
    ),
    then_again(
        "the peer rejects large chunks of an async iterator",
        post(source(*PIECES * 5, is_async=True), REJECTED),
        (ReadHead(), Send(TOO_LARGE), Gone()),
        narrow=frozenset({"a"}),
        needs=frozenset({"watches", "async content"}),
    ),
    then_again(
        "the peer rejects content between two chunks",
        post(source(b"first", *PIECES * 5, waits="answered"), REJECTED),
        (ReadHead(), Send(TOO_LARGE), Flag("answered"), Gone()),
        narrow=frozenset({"a"}),
        needs=frozenset({"watches"}),
    ),
    then_again(
        "the peer rejects content and ends its side",
        post(LARGE, REJECTED),
        (ReadHead(), Send(TOO_LARGE), End(), Gone()),
        narrow=frozenset({"a"}),
        needs=frozenset({"watches"}),
    ),
    one(
        "half of the response is there before any of the request",
        post(LARGE),
        (Send(OK[:30]), ReadHead(), Expect(LARGE), Send(OK[30:])),
    ),
    one(
        "half of the response is there before any of the chunks",
        post(source(*PIECES)),
        (Send(OK[:30]), ReadHead(), ReadChunks(JOINED), Send(OK[30:])),
    ),
    one(
        "half of the response comes within the content",
        post(LARGE),
        (ReadHead(), Expect(LARGE[:70_000]), Send(OK[:30]), Expect(LARGE[70_000:]), Send(OK[30:])),
    ),
    one(
        "a success comes before the content is sent, and both go on",
        post(LARGE, Got(way=MIXED)),
        (ReadHead(), Send(OK[:-2]), Expect(LARGE), Send(OK[-2:])),
    ),
    one(
        "a success comes between two chunks, and both go on",
        post(source(*PIECES), Got(way=MIXED)),
        (ReadHead(), Send(OK[:-2]), ReadChunks(JOINED), Send(OK[-2:])),
    ),
    one(
        "a 100 comes within the content",
        post(LARGE),
        (ReadHead(), Send(b"HTTP/1.1 100 Continue\r\n\r\n"), Expect(LARGE), Send(OK)),
    ),
    then_again(
        "the peer resets within the content of a request",
        post(LARGE, Raised(error=ConnectionError, maybe_sent=True)),
        (ReadHead(), Expect(LARGE[:1000]), Reset()),
        narrow=frozenset({"a"}),
    ),
    then_again(
        "the peer resets between two chunks",
        post(source(b"first", *PIECES, *PIECES), Raised(error=ConnectionError, maybe_sent=True)),
        (ReadHead(), Reset()),
    ),
    then_again(
        "the caller drains the response before the content is sent",
        post(LARGE, Got(content=b"", reusable=False), stop=Stop("Head", then="drain")),
        (ReadHead(), Send(OK), Gone()),
        narrow=frozenset({"a"}),
        needs=frozenset({"watches"}),
    ),
)

FILES: Final = tuple(
    Case(
        name=f"{name}, sent by the system",
        peers={"a": (script,)},
        phases=(Run((post(content, expect, files=True, fields=fields),)),),
        needs=frozenset({"files"}),
        narrow=narrow,
        idle=int(isinstance(expect, Got) and expect.reusable),
    )
    for name, content, fields, script, expect, narrow in (
        (
            "a small file",
            file_of(SMALL),
            {},
            (ReadHead(), Expect(SMALL), Send(OK)),
            Got(),
            frozenset[str](),
        ),
        (
            "a large file",
            file_of(LARGE),
            {},
            (ReadHead(), Expect(LARGE), Send(OK)),
            Got(way=MIXED),
            frozenset[str](),
        ),
        (
            "a large file to a peer that takes in little at a time",
            file_of(LARGE[:300_000]),
            {},
            (ReadHead(), Expect(LARGE[:300_000]), Send(OK)),
            Got(),
            frozenset({"a"}),
        ),
        (
            "a file that stands at its middle",
            file_of(LARGE, 1_000_000),
            {},
            (ReadHead(), Expect(LARGE[1_000_000:]), Send(OK)),
            Got(),
            frozenset[str](),
        ),
        (
            "a file that is cut meanwhile",
            file_of(LARGE, cut=100_000),
            {},
            (ReadHead(), Gone()),
            Raised(error=InvalidContent),
            frozenset[str](),
        ),
        (
            "a large file that is rejected",
            file_of(LARGE),
            {},
            (ReadHead(), Send(TOO_LARGE), Gone()),
            REJECTED,
            frozenset({"a"}),
        ),
        (
            "a file whose half is answered early",
            file_of(LARGE),
            {},
            (ReadHead(), Send(OK[:30]), Expect(LARGE), Send(OK[30:])),
            Got(),
            frozenset[str](),
        ),
    )
)

CASES: Final = (*SENT, *PULLS, *ASYNC, *TRAILED, *BREAKS, *EARLY, *FILES)
