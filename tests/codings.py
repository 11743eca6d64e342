"""Content in a coding that is flushed after each part, as servers of live events do it."""

from __future__ import annotations

import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def flushed_each(coding: str | None, *parts: bytes) -> list[bytes]:
    """Encode parts of one content so that each can be decoded when it has come.

    Args:
        coding: ``gzip``, ``deflate``, ``br`` or ``zstd``; None for none.
        parts: The content; the end of the coding comes with the last of them.
    """
    if coding is None:
        return [*parts]
    compress, flush, finish = _encoder(coding)
    encoded = [compress(part) + flush() for part in parts]
    encoded[-1] += finish()
    return encoded


def _encoder(coding: str) -> tuple[Any, Any, Any]:
    if coding in ("gzip", "deflate"):
        made = zlib.compressobj(wbits=zlib.MAX_WBITS + (16 if coding == "gzip" else 0))
        return made.compress, lambda: made.flush(zlib.Z_SYNC_FLUSH), made.flush
    if coding == "br":
        brotli = _first_of(("brotli", "brotlicffi")).Compressor()
        return getattr(brotli, "process", None) or brotli.compress, brotli.flush, brotli.finish
    kind = _first_of(("compression.zstd", "backports.zstd")).ZstdCompressor
    zstd = kind()
    return zstd.compress, lambda: zstd.flush(kind.FLUSH_BLOCK), zstd.flush


def _first_of(names: Iterable[str]) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    pytest.skip(f"needs {' or '.join(names)}")
