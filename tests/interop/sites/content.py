"""The representation that every site has, and its fields."""

from __future__ import annotations

import gzip
import hashlib
from typing import Final

TEXT: Final = b"".join(b"%05d to the sea in a sieve they went\n" % line for line in range(2000))
PACKED: Final = gzip.compress(TEXT, mtime=0)
PIECES: Final = tuple(TEXT[start : start + 8000] for start in range(0, len(TEXT), 8000))
ETAG: Final = '"sieve"'


def represent(method: str, known: str, accepted: str) -> tuple[int, dict[str, str], bytes]:
    """Answer a request for TEXT.

    Args:
        method: GET or HEAD.
        known: The If-None-Match field, or "".
        accepted: The Accept-Encoding field, or "".

    Returns:
        Status, fields and content of the response.
    """
    fields = {"ETag": ETAG, "Vary": "Accept-Encoding"}
    if ETAG in known:
        return 304, fields, b""
    content = TEXT
    if "gzip" in accepted:
        content = PACKED
        fields["Content-Encoding"] = "gzip"
    fields |= {"Content-Type": "text/plain", "Content-Length": str(len(content))}
    return 200, fields, b"" if method == "HEAD" else content


class Receipt:
    """The size and the SHA-256 of content that comes in pieces."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._size = 0
        self._hash = hashlib.sha256()

    def add(self, piece: bytes) -> None:
        """Count a piece in."""
        self._size += len(piece)
        self._hash.update(piece)

    def __bytes__(self) -> bytes:
        return f"{self._size} {self._hash.hexdigest()}".encode()
