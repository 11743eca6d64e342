"""Responses that two readers would take apart in two ways, and what is left on a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConflictingLengths,
    IncompleteHead,
    RemoteProtocolError,
)

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SECOND: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response as bytes, and what must come of it.

    Attributes:
        id: As in the list of threats.
        variant: What tells it from another of that id.
        octets: The bytes.
        error: What the exchange fails with, exactly; None for a response.
        says: What the message of the error has.
        content: The content, if there is a response.
        kept: Whether the connection may be used again.
        ended: Whether the peer closes after it.
        method: Of the request.
        surplus: How many bytes come after the response. If they come with its last byte, the
            connection is not kept; else it is found out before it is used again.
    """

    id: str
    variant: str
    octets: bytes
    error: type[Exception] | None = None
    says: str = ""
    content: bytes = b""
    kept: bool = False
    ended: bool = False
    method: str = "GET"
    surplus: int = 0

    @property
    def name(self) -> str:
        """A name for the test."""
        return ascii(f"{self.id}-{self.variant}")[1:-1]


def head(which: str, variant: str, lines: bytes, *, content: bytes = b"", **more: object) -> Answer:
    """A head with these lines, which is refused unless it is said otherwise."""
    given = {"error": RemoteProtocolError, **more}
    return Answer(id=which, variant=variant, octets=OK + lines + b"\r\n" + content, **given)  # type: ignore[arg-type]


def chunks(which: str, variant: str, octets: bytes, **more: object) -> Answer:
    """Chunked content, which is refused unless it is said otherwise."""
    given = {"error": ChunkedEncodingError, **more}
    return Answer(id=which, variant=variant, octets=CHUNKED + octets, **given)  # type: ignore[arg-type]


LAST: Final = b"0\r\n\r\n"
BODY: Final = b"2\r\nok\r\n" + LAST
COUNTED: Final = b"Content-Length: 2\r\n"

FRAMING: Final = (
    *(
        head("CVE-2019-16276", name, lines, content=b"hello")
        for name, lines in (
            ("blank before the colon", b"Content-Length : 5\r\n"),
            ("TAB before the colon", b"X\t: 1\r\nContent-Length: 5\r\n"),
            ("Transfer-Encoding", b"Transfer-Encoding : chunked\r\n"),
            ("first line folded", b" X: 1\r\nContent-Length: 5\r\n"),
            ("blank in a name", b"X Y: 1\r\nContent-Length: 5\r\n"),
            ("no name", b": 1\r\nContent-Length: 5\r\n"),
            ("no colon", b"Content-Length\r\nContent-Length: 5\r\n"),
        )
    ),
    *(
        chunks("CVE-2021-32714", f"{size[:4].decode()} of {len(size)}", size + b"\r\nok\r\n" + LAST)
        for size in (b"f" * 17, b"1" + b"0" * 16, b"f" * 32, b"f" * 10_000)
    ),
    *(
        chunks(
            "CVE-2021-32714",
            f"a size that does not come, {size.decode()}",
            size + b"\r\nok",
            ended=True,
        )
        for size in (b"ffffffffffffffff", b"7fffffffffffffff", b"80000000", b"100000002")
    ),
    *(
        head(
            "CVE-2021-32715",
            f"Content-Length {value!r}",
            b"Content-Length: " + value + b"\r\n",
            content=b"ok",
        )
        for value in (
            b"+2",
            b"-2",
            b"0x2",
            b"2.0",
            b"1_0",
            b"2e0",
            b"",
            b"2 2",
            b"2;",
            b"'2'",
            b"9" * 30,
        )
    ),
    *(
        head(
            "CVE-2022-1705",
            f"{value.decode('latin-1')}{' and a length' if length else ''}",
            b"Transfer-Encoding: " + value + b"\r\n" + length,
            content=BODY,
        )
        for length in (b"", COUNTED)
        for value in (
            b"xchunked",
            b"chunkedx",
            b"chunked, identity",
            b"identity",
            b'"chunked"',
            b"\x0bchunked",
            b"chunked, chunked",
            b"gzip, chunked",
            b"chunked;q=1",
            b"chunked,",
            b"",
            b"chunked\r\nTransfer-Encoding: chunked",
            b"chunked\r\nTransfer-Encoding: identity",
        )
    ),
    Answer(
        id="CVE-2023-47641",
        variant="chunked wins, and the connection is closed",
        octets=OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY + SECOND,
        content=b"ok",
    ),
    Answer(
        id="CVE-2023-47641",
        variant="the other way round",
        octets=OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + BODY,
        content=b"ok",
    ),
    Answer(
        id="CVE-2023-47641",
        variant="HTTP/1.0 with chunks",
        octets=b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
        + BODY,
        content=b"ok",
    ),
    *(
        chunks("CVE-2024-52304", name, octets)
        for name, octets in (
            ("LF", b"2;a\nb\r\nok\r\n" + LAST),
            ("CR", b"2;a\rb\r\nok\r\n" + LAST),
            ("NUL", b"2;a\0b\r\nok\r\n" + LAST),
            ("LF in quotes", b'2;a="\n0\r\n\r\n"\r\nok\r\n' + LAST),
            ("CR LF in quotes", b'2;a="\r\nok\r\n0\r\n\r\n"\r\nxx\r\n' + LAST),
            ("CR before the end", b"2;a\r\r\nok\r\n" + LAST),
        )
        if name != "CR LF in quotes"
    ),
    Answer(
        id="CVE-2024-52304",
        variant="a quoted string does not span lines",
        octets=CHUNKED + b'2;a="\r\nok\r\n0\r\n\r\n' + SECOND,
        content=b"ok",
        surplus=len(SECOND),
    ),
    *(
        chunks("CVE-2025-22871", name, octets)
        for name, octets in (
            ("after a size", b"2\nok\r\n" + LAST),
            ("after an extension", b"2;a\nok\r\n" + LAST),
            ("after content", b"2\r\nok\n" + LAST),
            ("after the last size", b"2\r\nok\r\n0\n\r\n"),
            ("CR alone", b"2\rok\r\n" + LAST),
            ("blanks before", b" 2\r\nok\r\n" + LAST),
            ("plus", b"+2\r\nok\r\n" + LAST),
            ("minus", b"-2\r\nok\r\n" + LAST),
            ("0x", b"0x2\r\nok\r\n" + LAST),
            ("_", b"0_2\r\nok\r\n" + LAST),
            ("no size", b"\r\nok\r\n" + LAST),
        )
    ),
    Answer(
        id="CVE-2025-22871",
        variant="behind the trailers, and the connection is closed",
        octets=CHUNKED + b"2\r\nok\r\n0\r\n\n",
        content=b"ok",
    ),
    *(
        Answer(
            id="CVE-2025-23167",
            variant=name,
            octets=octets,
            error=error,
            ended=True,
        )
        for name, octets, error in (
            ("CR LF CR X", OK + COUNTED + b"\rXok", IncompleteHead),
            ("CR LF CR X, and an end", OK + COUNTED + b"\rX: 1\r\n\r\nok", RemoteProtocolError),
            ("CR CR", b"HTTP/1.1 200 OK\rContent-Length: 2\r\rok", RemoteProtocolError),
            (
                "CR in the status line",
                b"HTTP/1.1 200 OK\rX\r\n" + COUNTED + b"\r\nok",
                RemoteProtocolError,
            ),
        )
    ),
    *(
        Answer(id="CVE-2025-23167", variant=name, octets=octets, content=b"ok")
        for name, octets in (
            ("LF LF, and the connection is closed", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
            ("LF CR LF, and the connection is closed", OK + b"Content-Length: 2\n\r\nok"),
        )
    ),
    *(
        chunks("CVE-2025-43859", name, octets)
        for name, octets in (
            ("two other bytes", b"2\r\nokXX" + LAST),
            ("CR X", b"2\r\nok\rX" + LAST),
            ("X LF", b"2\r\nokX\n" + LAST),
            ("nothing", b"2\r\nok" + LAST),
            ("behind an empty line", b"2\r\nok\r\n\r\n" + LAST),
        )
    ),
    Answer(
        id="CVE-2025-53643",
        variant="trailers, folded, and another response",
        octets=CHUNKED + b"2\r\nok\r\n0\r\nX: 1\r\n a\r\n\r\n" + SECOND,
        content=b"ok",
        surplus=len(SECOND),
    ),
    Answer(
        id="CVE-2025-53643",
        variant="what looks like a response is a trailer",
        octets=CHUNKED + b"2\r\nok\r\n0\r\n" + SECOND,
        content=b"ok",
        surplus=4,
    ),
    chunks(
        "CVE-2025-53643",
        "NUL in a trailer",
        b"2\r\nok\r\n0\r\nX: a\0b\r\n\r\n",
        error=RemoteProtocolError,
    ),
    *(
        head(
            "CVE-2025-69224",
            f"Content-Length {value!r}",
            f"Content-Length: {value}\r\n".encode(),
            content=b"ok",
        )
        for value in (
            "\u0662",
            "\uff12",
            "\u00b2",
            "\u2461",
            "\u09e8",
            "2\u00a0",
            "2\u200b",
            "\u20282",
        )
    ),
    *(
        chunks("CVE-2025-69224", f"size {size!r}", f"{size}\r\nok\r\n".encode() + LAST)
        for size in ("\u0662", "\uff12", "\u00b2", "\uff21")
    ),
    Answer(
        id="CVE-2025-69224",
        variant="status",
        octets="HTTP/1.1 \u0662\u0660\u0660 OK\r\nContent-Length: 2\r\n\r\nok".encode(),
        error=RemoteProtocolError,
    ),
    Answer(
        id="CVE-2025-69224",
        variant="version",
        octets="HTTP/\u0661.\u0661 200 OK\r\nContent-Length: 2\r\n\r\nok".encode(),
        error=RemoteProtocolError,
    ),
    *(
        head("CVE-2026-1525", name, lines, content=b"ok!", error=ConflictingLengths)
        for name, lines in (
            ("2 and 3", b"Content-Length: 2\r\nContent-Length: 3\r\n"),
            ("in another case", b"Content-Length: 2\r\ncontent-length: 3\r\n"),
            ("2, 3", b"Content-Length: 2, 3\r\n"),
            ("2 and 02", b"Content-Length: 2\r\nContent-Length: 02\r\n"),
            ("apart", b"Content-Length: 2\r\nX: 1\r\nContent-Length: 3\r\n"),
        )
    ),
    *(
        head(
            "CVE-2026-34520",
            f"{where} {char!r}",
            lines.replace(b"?", char) + COUNTED,
            content=b"ok",
        )
        for where, lines in (
            ("value", b"X: a?b\r\n"),
            ("name", b"X?: a\r\n"),
            ("start", b"X: ?b\r\n"),
        )
        for char in (b"\0", b"\x01", b"\r", b"\x7f", b"\x1b", b"\x0b", b"\x0c", b"\x08")
    ),
    *(
        Answer(
            id="CVE-2026-34520",
            variant=f"reason {char!r}",
            octets=b"HTTP/1.1 200 O" + char + b"K\r\n" + COUNTED + b"\r\nok",
            error=RemoteProtocolError,
        )
        for char in (b"\0", b"\x01", b"\r", b"\x7f", b"\x1b")
    ),
)

REUSE: Final = (
    *(
        Answer(
            id="SJ-05",
            variant=name,
            octets=octets,
            method=method,
            surplus=len(octets) - octets.index(b"\r\n\r\n") - 4,
        )
        for name, method, octets in (
            ("HEAD", "HEAD", OK + b"Content-Length: 5\r\n\r\nhello"),
            ("HEAD, chunked", "HEAD", CHUNKED + BODY),
            ("204", "GET", b"HTTP/1.1 204 No Content\r\n\r\nhello"),
            (
                "204 with a length",
                "GET",
                b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
            ),
            ("304", "GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"),
            ("304 and a response", "GET", b"HTTP/1.1 304 Not Modified\r\n\r\n" + SECOND),
            ("HEAD and a response", "HEAD", OK + b"Content-Length: 0\r\n\r\n" + SECOND),
        )
    ),
    *(
        Answer(
            id="SJ-06",
            variant=name,
            octets=octets + SECOND,
            content=content,
            surplus=len(SECOND) + 2 * name.startswith("CR LF"),
        )
        for name, octets, content in (
            ("length", OK + COUNTED + b"\r\nok", b"ok"),
            ("no content", OK + b"Content-Length: 0\r\n\r\n", b""),
            ("chunks", CHUNKED + BODY, b"ok"),
            ("trailers", CHUNKED + b"2\r\nok\r\n0\r\nX: 1\r\n\r\n", b"ok"),
            ("CR LF before", OK + COUNTED + b"\r\nok\r\n", b"ok"),
        )
    ),
    *(
        Answer(
            id="SJ-06",
            variant=f"{name} more",
            octets=octets,
            content=b"ok",
            surplus=1 + (name == "CR LF"),
        )
        for name, octets in (
            ("LF", OK + COUNTED + b"\r\nok\n"),
            ("CR LF", OK + COUNTED + b"\r\nok\r\n"),
            ("NUL", CHUNKED + BODY + b"\0"),
        )
    ),
    *(
        Answer(id="SJ-08", variant=name, octets=octets, content=b"ok", kept=True)
        for name, octets in (
            ("103", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + COUNTED + b"\r\nok"),
            ("100", b"HTTP/1.1 100 Continue\r\n\r\n" + OK + COUNTED + b"\r\nok"),
            (
                "102, 103, 199",
                b"".join(b"HTTP/1.1 %d X\r\n\r\n" % code for code in (102, 103, 199))
                + OK
                + COUNTED
                + b"\r\nok",
            ),
        )
    ),
    *(
        Answer(id="SJ-09", variant=name, octets=octets, error=RemoteProtocolError)
        for name, octets in (
            (
                "101",
                b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + SECOND,
            ),
            ("101 alone", b"HTTP/1.1 101 Switching\r\n\r\n"),
            ("101 behind 100", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching\r\n\r\n"),
        )
    ),
    *(
        Answer(id="SJ-11", variant=name, octets=octets, error=ChunkedEncodingError, ended=True)
        for name, octets in (
            ("length", OK + b"Content-Length: 10\r\n\r\nhello"),
            ("no byte", OK + b"Content-Length: 10\r\n\r\n"),
            ("no last chunk", CHUNKED + b"2\r\nok\r\n"),
            ("within a size line", CHUNKED + b"2\r\nok\r\n0"),
            ("within a chunk", CHUNKED + b"5\r\nok"),
            ("within the trailers", CHUNKED + b"2\r\nok\r\n0\r\nX: 1\r\n"),
            ("before the last CR LF", CHUNKED + b"2\r\nok\r\n0\r\n"),
        )
    ),
)

LINE: Final = b"X: y\r\n"
HINT: Final = b"HTTP/1.1 103 Early Hints\r\nLink: </" + b"x" * 24 + b">\r\n\r\n"

LARGE: Final = (
    *(
        Answer(id=which, variant=name, octets=octets, error=RemoteProtocolError)
        for which, name, octets in (
            ("CVE-2023-38039", "5,000 lines", OK + b"A: bc\r\n" * 5000 + b"\r\n"),
            ("CVE-2023-38039", "endless lines", OK + LINE * 50_000),
            ("CVE-2023-38039", "one line of 1 MB", OK + b"X: " + b"y" * 1_000_000),
            ("CVE-2023-38039", "200 lines of 1 KiB", OK + (b"X: " + b"y" * 1019 + b"\r\n") * 200),
            ("CVE-2026-54399", "status line", b"HTTP/1.1 200 " + b"x" * 1_000_000),
            ("CVE-2026-54399", "no status line", b"H" * 1_000_000),
            ("CVE-2026-54399", "name without a colon", OK + b"x" * 1_000_000),
            ("CVE-2026-54399", "folded", OK + b"X: y\r\n" + b" y\r\n" * 10_000),
            ("CVE-2026-54399", "blank lines", b"\r\n" * 100_000),
            ("CVE-2026-54399", "version", b"HTTP/1." + b"1" * 1_000_000),
            (
                "CVE-2021-3737",
                "100 and endless lines",
                b"HTTP/1.1 100 Continue\r\n" + LINE * 50_000,
            ),
            ("CVE-2021-3737", "endless 100", b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000),
            (
                "CVE-2021-3737",
                "large 100",
                (b"HTTP/1.1 100 C\r\nX: " + b"y" * 8000 + b"\r\n\r\n") * 10,
            ),
            ("SJ-07", "3,000 in one piece", HINT * 3000),
            ("SJ-07", "17", HINT * 17 + OK + COUNTED + b"\r\nok"),
            ("CVE-2026-22815", "head", OK + b"X: y\r\n" * 300 + COUNTED + b"\r\nok"),
            (
                "CVE-2026-22815",
                "large trailers",
                CHUNKED + b"0\r\n" + (b"X: " + b"y" * 1000 + b"\r\n") * 100,
            ),
            ("CVE-2026-22815", "many trailers", CHUNKED + b"0\r\n" + LINE * 300 + b"\r\n"),
            ("CVE-2026-22815", "endless trailer", CHUNKED + b"0\r\nX: " + b"y" * 100_000),
            ("CVE-2026-22815", "folded trailer", CHUNKED + b"0\r\nX: y\r\n" + b" y\r\n" * 20_000),
        )
    ),
    Answer(
        id="SJ-07",
        variant="16",
        octets=HINT * 16 + OK + COUNTED + b"\r\nok",
        content=b"ok",
        kept=True,
    ),
    *(
        chunks("CVE-2023-39326", name, octets)
        for name, octets in (
            ("4,000 bytes of extension", (b"1;" + b"x" * 4000 + b"\r\na\r\n") * 100),
            ("one extension without end", b"1;" + b"x" * 100_000),
            ("zeros", b"0" * 100_000),
            ("small extensions", (b"1;" + b"x" * 40 + b"\r\na\r\n") * 2000),
        )
    ),
)

ANSWERS: Final = (*FRAMING, *REUSE, *LARGE)
