"""The limits on what a peer may send, each with what is just within it, and just beyond."""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ContentTooLarge,
    DecompressionLimit,
    InvalidURL,
    RemoteProtocolError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OK: Final = b"HTTP/1.1 200 OK\r\n"
EMPTY: Final = b"Content-Length: 0\r\n\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LAST: Final = b"0\r\n\r\n"
HINT: Final = b"HTTP/1.1 103 Early Hints\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A limit that the bytes of one response are held to.

    Attributes:
        name: Of the field of ``Limits``.
        limit: Its value here.
        octets: The response that has this much of it.
        error: What one more is.
        says: What the message of the error holds.
        others: Other limits that would be met before.
        attack: A response that has far more of it.
    """

    name: str
    limit: int
    octets: Callable[[int], bytes]
    error: type[Exception]
    says: str
    others: Mapping[str, Any] = field(default_factory=dict)
    attack: Callable[[], bytes] | None = None


def head_of(size: int) -> bytes:
    """A head of so many bytes."""
    rest = size - len(OK) - len(EMPTY)
    line = b"X: yyyy\r\n"
    lines = line * (rest // len(line) - 1)
    return OK + lines + b"Y: " + b"z" * (rest - len(lines) - 5) + b"\r\n" + EMPTY


def line_of(size: int) -> bytes:
    """A head with a line of so many bytes, its end included."""
    return OK + b"X: " + b"y" * (size - 5) + b"\r\n" + EMPTY


def hints_of(size: int) -> bytes:
    """Informational heads of so many bytes together."""
    line = b"HTTP/1.1 103 Early Hints\r\nX: "
    return line + b"y" * (size - len(line) - 4) + b"\r\n\r\n" + OK + EMPTY


def coded(codings: int) -> bytes:
    """Content with so many codings."""
    content = b"content"
    for _ in range(codings):
        content = gzip.compress(content)
    names = ", ".join(["gzip"] * codings)
    return (
        OK
        + f"Content-Encoding: {names}\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        + content
    )


def gzipped(content: bytes) -> bytes:
    """A response with this content in gzip."""
    data = gzip.compress(content, 9)
    return OK + f"Content-Encoding: gzip\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def members(count: int) -> bytes:
    """Content that begins with so many members of gzip that hold nothing."""
    data = gzip.compress(b"") * count + gzip.compress(b"content")
    return OK + f"Content-Encoding: gzip\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def framed(size: int) -> bytes:
    """Ten bytes of content, then framing of so many bytes in all, and then a hundred bytes."""
    first, head = b"a\r\n" + b"x" * 10 + b"\r\n", b"64;" + b"x" * (size - 10) + b"\r\n"
    return CHUNKED + first + head + b"x" * 100 + b"\r\n" + LAST


def padded(content: bytes, size: int) -> bytes:
    """A response with this content in gzip, made so many bytes by a comment."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = compressor.compress(content) + compressor.flush()
    comment = b"c" * (size - 19 - len(raw)) + b"\0"
    end = struct.pack("<II", zlib.crc32(content), len(content))
    data = b"\x1f\x8b\x08\x10\0\0\0\0\x02\xff" + comment + raw + end
    assert len(data) == size
    return OK + f"Content-Encoding: gzip\r\nContent-Length: {size}\r\n\r\n".encode() + data


def content_of(size: int) -> bytes:
    """Content of so many bytes, in one chunk."""
    return CHUNKED + f"{size:x}\r\n".encode() + b"x" * size + b"\r\n" + LAST


MANY: Final = 8 << 20

SENT: Final = (
    Sent(
        name="head_size_max",
        limit=1000,
        octets=head_of,
        error=RemoteProtocolError,
        says="larger than 1000 bytes",
        attack=lambda: OK + b"X: yyyy\r\n" * (MANY // 9),
    ),
    Sent(
        name="field_line_size_max",
        limit=200,
        octets=line_of,
        error=RemoteProtocolError,
        says="larger than 200 bytes",
        attack=lambda: OK + b"X: " + b"y" * MANY,
    ),
    Sent(
        name="field_lines_max",
        limit=20,
        octets=lambda n: OK + b"X: y\r\n" * (n - 1) + EMPTY,
        error=RemoteProtocolError,
        says="more than 20 field lines",
        attack=lambda: OK + b"X:\r\n" * (MANY // 4),
    ),
    Sent(
        name="informational_heads_max",
        limit=3,
        octets=lambda n: HINT * n + OK + EMPTY,
        error=RemoteProtocolError,
        says="over 3 heads",
        attack=lambda: HINT * (MANY // len(HINT)),
    ),
    Sent(
        name="informational_size_max",
        limit=300,
        octets=hints_of,
        error=RemoteProtocolError,
        says="over 300 bytes",
        attack=lambda: (HINT[:-2] + (b"X: " + b"y" * 10_000 + b"\r\n") * 6 + b"\r\n") * 140,
    ),
    Sent(
        name="content_codings_max",
        limit=2,
        octets=coded,
        error=DecompressionLimit,
        says="2",
        attack=lambda: OK + b"Content-Encoding: " + b"gzip, " * 2000 + b"gzip\r\n" + EMPTY,
    ),
    Sent(
        name="decoded_ratio_max",
        limit=20,
        octets=lambda n: padded(bytes(n * 100), 100),
        error=DecompressionLimit,
        says="20 times",
        others={"decoded_free": 0},
    ),
    Sent(
        name="decoded_free",
        limit=100_000,
        octets=lambda n: gzipped(bytes(n)),
        error=DecompressionLimit,
        says="200 times",
        attack=lambda: gzipped(bytes(64 << 20)),
    ),
    Sent(
        name="coding_members_max",
        limit=5,
        octets=members,
        error=DecompressionLimit,
        says="5",
        attack=lambda: members(100_000),
    ),
    Sent(
        name="chunk_overhead_free",
        limit=200,
        octets=lambda n: framed(n + 10),
        error=ChunkedEncodingError,
        says="over 210 bytes",
        others={"chunk_overhead_ratio": 1},
        attack=lambda: CHUNKED + b"1;" + b"x" * MANY,
    ),
    Sent(
        name="chunk_overhead_ratio",
        limit=40,
        octets=lambda n: framed(100 + n * 10),
        error=ChunkedEncodingError,
        says="over 500 bytes",
        others={"chunk_overhead_free": 100},
        attack=lambda: CHUNKED + (b"1;" + b"x" * 4000 + b"\r\na\r\n") * 2000,
    ),
    Sent(
        name="content_size_max",
        limit=1000,
        octets=content_of,
        error=ContentTooLarge,
        says="1000 bytes",
    ),
    Sent(
        name="location_size_max",
        limit=100,
        octets=lambda n: b"HTTP/1.1 302 X\r\nLocation: /" + b"y" * (n - 1) + b"\r\n" + EMPTY,
        error=InvalidURL,
        says="longer than 100 bytes",
        attack=lambda: b"HTTP/1.1 302 X\r\nLocation: /" + b"y" * 16_000 + b"\r\n" + EMPTY,
    ),
)
