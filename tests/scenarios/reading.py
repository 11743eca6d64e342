"""Requests as octets, read back: the one reader for what came to the peers of every run."""

from __future__ import annotations

from tests.scenarios.model import Received

HEAD_END = b"\r\n\r\n"


def requests_in(octets: bytes) -> tuple[Received, ...]:
    """List the requests on one connection; a head that is not complete is no request."""
    requests: list[Received] = []
    while HEAD_END in octets:
        head, octets = octets.split(HEAD_END, 1)
        line, *rest = head.decode("latin-1").split("\r\n")
        fields = tuple(_field(each) for each in rest)
        folded = {name.lower(): value for name, value in fields}
        line, _, version = line.rpartition(" ")
        assert version == "HTTP/1.1"
        content: bytes | None
        if folded.get("transfer-encoding") == "chunked":
            content, octets = _chunked(octets)
        else:
            size = int(folded.get("content-length", "0"))
            content = octets[:size] if len(octets) >= size else None
            octets = octets[size:]
        requests.append(Received(line, fields, content))
    return tuple(requests)


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    assert colon, f"not a field line: {line!r}"
    return name, value.strip(" ")


def _chunked(octets: bytes) -> tuple[bytes | None, bytes]:
    """The content in front, None if it is cut short, and what comes after it."""
    content = b""
    while b"\r\n" in octets:
        size, rest = octets.split(b"\r\n", 1)
        length = int(size, 16)
        if not length and not rest.startswith(b"\r\n"):  # Trailers, which its script has read.
            _, end, octets = rest.partition(HEAD_END)
            return (content, octets) if end else (None, b"")
        chunk, end, octets = rest[:length], rest[length : length + 2], rest[length + 2 :]
        if end != b"\r\n":
            break
        if not length:
            return content, octets
        content += chunk
    return None, b""
