"""Heads that are not quite valid, and what becomes of each: for codecs, bindings and compat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sojourn_core.values.errors import ConflictingLengths, RemoteProtocolError

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKS: Final = b"2\r\nok\r\n0\r\n\r\n"
READ_CODING: Final = "head.framing.read Transfer-Encoding"
READ_LENGTH: Final = "head.framing.read Content-Length"


@dataclass(frozen=True, slots=True, kw_only=True)
class OddHead:
    """One response whose head is odd; its content is ``ok`` wherever it is read.

    Attributes:
        name: Unique.
        lines: Its field lines, without the last line's end.
        says: Part of the error where heads are read strictly.
        error: Its class.
        content: What follows the head.
        decisions: Code and subject of each, where heads are read leniently; none if it is refused
            then too.
        fields: The fields as they are read leniently, where not all of them as they came.
        ends: The peer closes the connection after it, which ends its content.
    """

    name: str
    lines: bytes
    says: str
    error: type[Exception] = RemoteProtocolError
    content: bytes = b"ok"
    decisions: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] | None = None
    ends: bool = False

    @property
    def octets(self) -> bytes:
        """The response."""
        return OK + self.lines + b"\r\n\r\n" + self.content

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The fields as they are read leniently."""
        if self.fields is not None:
            return self.fields
        lines = self.lines.decode("latin-1").split("\r\n")
        return tuple((name, value.strip()) for name, _, value in (x.partition(":") for x in lines))


LENGTH: Final = b"Content-Length: 2"
TWO: Final = ("Content-Length", "2")
ONE: Final = ("X", "1")
LINE: Final = "illegal header line"


def coding(name: str, lines: bytes, **odd: bool) -> OddHead:
    """A transfer coding that says ``chunked`` otherwise than as one word."""
    return OddHead(
        name=name,
        lines=lines,
        says="Transfer-Encoding",
        content=CHUNKS,
        decisions=(READ_CODING,),
        **odd,
    )


def line(name: str, *lines: bytes, says: str, decision: str, trimmed: bool = False) -> OddHead:
    """A line that is no field line, before one or after one that counts."""
    fields = (ONE, TWO) if trimmed else (TWO,)
    return OddHead(
        name=name, lines=b"\r\n".join(lines), says=says, decisions=(decision,), fields=fields
    )


READ: Final = (
    coding("two lines of chunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    coding("chunked, chunked", b"Transfer-Encoding: chunked, chunked"),
    coding("chunked and an empty member", b"Transfer-Encoding: chunked,"),
    coding("identity, chunked", b"Transfer-Encoding: identity, chunked"),
    coding("chunked, identity", b"Transfer-Encoding: chunked, identity"),
    coding("a line of each", b"Transfer-Encoding: identity\r\nTransfer-Encoding: CHUNKED"),
    coding(
        "identity, chunked beside a length", b"Transfer-Encoding: identity, chunked\r\n" + LENGTH
    ),
    OddHead(
        name="identity",
        lines=b"Transfer-Encoding: identity",
        says="Transfer-Encoding",
        decisions=(READ_CODING,),
        ends=True,
    ),
    OddHead(
        name="identity beside a length",
        lines=b"Transfer-Encoding: Identity\r\n" + LENGTH,
        says="Transfer-Encoding",
        decisions=(READ_CODING,),
    ),
    OddHead(
        name="an empty transfer coding",
        lines=b"Transfer-Encoding:",
        says="Transfer-Encoding",
        decisions=(READ_CODING,),
        ends=True,
    ),
    OddHead(
        name="an empty transfer coding beside a length",
        lines=b"Transfer-Encoding: \r\n" + LENGTH,
        says="Transfer-Encoding",
        decisions=(READ_CODING,),
    ),
    OddHead(
        name="a length with a sign",
        lines=b"Content-Length: +2",
        says="Content-Length",
        decisions=(READ_LENGTH,),
    ),
    OddHead(
        name="one length with a sign and one without",
        lines=LENGTH + b"\r\nContent-Length: +2",
        says="Content-Length",
        decisions=(READ_LENGTH,),
    ),
    OddHead(
        name="a name with a slash",
        lines=b"X/Y: 1\r\n" + LENGTH,
        says=f"{LINE} 'X/Y'",
        decisions=("head.name.read 'X/Y'",),
    ),
    OddHead(
        name="a name with brackets, last",
        lines=LENGTH + b"\r\n(X)[@]: 1",
        says=f"{LINE} '(X)[@]'",
        decisions=("head.name.read '(X)[@]'",),
    ),
    line(
        "a name with a blank",
        *(b"X Y: 1", LENGTH),
        says=f"{LINE} 'X Y'",
        decision="head.line.skipped 'X Y'",
    ),
    line(
        "a name that is not ASCII",
        *(LENGTH, b"X\xe4: 1"),
        says=f"{LINE} 'X\xe4'",
        decision="head.line.skipped 'X\xe4'",
    ),
    line(
        "a blank before the colon",
        *(b"X : 1", LENGTH),
        says=f"{LINE} 'X '",
        decision="head.name.trimmed 'X'",
        trimmed=True,
    ),
    line(
        "a tab before the colon",
        *(b"X\t: 1", LENGTH),
        says=f"{LINE} 'X\\t'",
        decision="head.name.trimmed 'X'",
        trimmed=True,
    ),
    line("no colon", b"junk", LENGTH, says=LINE, decision="head.line.skipped field line"),
    line("no colon, last", LENGTH, b"junk", says=LINE, decision="head.line.skipped field line"),
    line(
        "no colon, and a line folded to it",
        *(b"secret", b" X: 1", LENGTH),
        says=LINE,
        decision="head.line.skipped field line",
    ),
    line("no name", b": 1", LENGTH, says=f"{LINE} ''", decision="head.line.skipped field line"),
    line(
        "a line folded to nothing",
        *(b" X: 1", LENGTH),
        says="continuation line at start of headers",
        decision="head.line.skipped ' X'",
    ),
)

TWO_CODINGS: Final = b"Transfer-Encoding: chunked, chunked\r\n"
REFUSED: Final = tuple(
    OddHead(
        name=name,
        lines=lines,
        says=says,
        content=content,
        error=ConflictingLengths if name.startswith("two lengths") else RemoteProtocolError,
    )
    for name, lines, says, content in (
        ("chunked twice beside a length", TWO_CODINGS + LENGTH, "Transfer-Encoding", CHUNKS),
        (
            "two lines of chunked beside a length",
            b"Transfer-Encoding: chunked\r\n" * 2 + LENGTH,
            "Transfer-Encoding",
            CHUNKS,
        ),
        (
            "chunked not last beside a length",
            b"Transfer-Encoding: chunked, identity\r\n" + LENGTH,
            "Transfer-Encoding",
            CHUNKS,
        ),
        ("another coding", b"Transfer-Encoding: xchunked", "Transfer-Encoding", CHUNKS),
        (
            "a coding below chunked",
            b"Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding",
            CHUNKS,
        ),
        ("chunked in quotes", b'Transfer-Encoding: "chunked"', "Transfer-Encoding", CHUNKS),
        (
            "another coding beside a length",
            b"Transfer-Encoding: xchunked\r\n" + LENGTH,
            "Transfer-Encoding",
            b"ok",
        ),
        ("two lengths", LENGTH + b"\r\nContent-Length: 3", "Content-Length", b"ok"),
        ("two lengths in one line", b"Content-Length: 2, 3", "Content-Length", b"ok"),
        ("two lengths with signs", b"Content-Length: +2, +3", "Content-Length", b"ok"),
        (
            "two lengths beside chunked",
            b"Content-Length: 2, 3\r\nTransfer-Encoding: chunked",
            "Content-Length",
            CHUNKS,
        ),
        ("a length below zero", b"Content-Length: -2", "Content-Length", b"ok"),
        ("a length that is no number", b"Content-Length: two", "Content-Length", b"ok"),
        ("an empty length", b"Content-Length:", "Content-Length", b"ok"),
        ("a length with two signs", b"Content-Length: ++2", "Content-Length", b"ok"),
        ("Content-Length, blank, colon", b"Content-Length : 2", "'Content-Length '", b"ok"),
        ("Content-Length, tab, colon", b"content-length\t: 2", "'content-length\\t'", b"ok"),
        (
            "Transfer-Encoding, blank, colon",
            b"Transfer-Encoding : chunked",
            "'Transfer-Encoding '",
            CHUNKS,
        ),
        (
            "a blank, then Content-Length",
            b" Content-Length: 2",
            "continuation line at start of headers ' Content-Length'",
            b"ok",
        ),
        (
            "junk beside a blank before the colon of Content-Length",
            b"junk\r\nContent-Length : 2",
            "illegal header line",
            b"ok",
        ),
    )
)
