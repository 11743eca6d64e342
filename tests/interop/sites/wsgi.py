"""The site as a WSGI application."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .content import PIECES, Receipt, represent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

READ_SIZE = 65536


def site(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path == "/text":
        status, fields, content = represent(
            method,
            environ.get("HTTP_IF_NONE_MATCH", ""),
            environ.get("HTTP_ACCEPT_ENCODING", ""),
        )
        return _answer(start, status, fields, content)
    if path == "/pieces":
        return _answer(start, 200, {"Content-Type": "text/plain"}, *PIECES)
    if path == "/upload":
        receipt = Receipt()
        while piece := environ["wsgi.input"].read(READ_SIZE):
            receipt.add(piece)
        content = bytes(receipt)
        return _answer(start, 200, {"Content-Length": str(len(content))}, content)
    if path == "/refused":
        return _answer(start, 413, {"Content-Length": "9"}, b"too large")
    return _answer(start, 404, {"Content-Length": "0"}, b"")


def _answer(
    start: Callable[..., Any], status: int, fields: dict[str, str], *pieces: bytes
) -> Iterable[bytes]:
    start(f"{status} {HTTPStatus(status).phrase}", list(fields.items()))
    yield from pieces
