"""Codecs: each decodes one member, and puts out no more than it is asked for.

gzip and deflate are Python's own; br and zstd need the packages of ``packages.py``.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core.values.limits import KIB

from .packages import brotli_package, zstd_package

if TYPE_CHECKING:
    from collections.abc import Callable

# Brotli lets its output buffer grow in steps of 32, 64 and 256 KiB, and looks at a limit only
# between them: up to this limit it exceeds it by half at most.
_BROTLI_LIMIT_MAX: Final = 64 * KIB
# "the decoder SHOULD support and the encoder MUST NOT exceed a window size of 8 MB" (RFC 9659).
_ZSTD_WINDOW_LOG_MAX: Final = 23


class Codec(Protocol):
    """A decompressor of one member, whatever package it comes from.

    Attributes:
        error: The class of what it raises for corrupt data.
        hungry: True if it has nothing to give without more input.
        eof: True once the member is complete, and all of it given.
        unused_data: Input beyond the end of the member.
        salvaged: What was good before the corrupt data, once ``decompress`` has raised.
    """

    salvaged: bytes

    @property
    def error(self) -> type[Exception]: ...
    @property
    def hungry(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, most: int) -> bytes:
        """Return up to ``most`` bytes; ``data`` is empty unless the codec is hungry."""
        ...


class _Zlib:
    """gzip and deflate, by zlib."""

    error: type[Exception] = zlib.error

    def __init__(self, wbits: int) -> None:
        self._decompressor = zlib.decompressobj(wbits)
        self._tail = b""
        self.hungry = True
        self.salvaged = b""

    @property
    def eof(self) -> bool:
        return self._decompressor.eof

    @property
    def unused_data(self) -> bytes:
        return self._decompressor.unused_data

    def decompress(self, data: bytes, most: int) -> bytes:
        data = self._tail or data
        # zlib drops what it decoded if corrupt data follows in the same call, so the state before
        # is needed then. To copy it takes some microseconds, a hundredth of a full call.
        before = self._decompressor.copy()
        try:
            piece = self._decompressor.decompress(data, most)
        except zlib.error:
            self.salvaged = _salvage(lambda good: before.copy().decompress(good, most), data)
            raise
        self._tail = self._decompressor.unconsumed_tail
        # A full piece may leave output inside zlib although all input is consumed.
        self.hungry = not self._tail and len(piece) < most
        return piece


class _Uncopied:
    """The base of codecs whose packages cannot copy their state.

    What comes before corrupt data is found by decoding the member once more. That is done only
    before the first piece was given; later on, what that piece would have held is lost.
    """

    error: type[Exception]

    def __init__(self, package: Any) -> None:
        self._package = package
        self._fed: bytes | None = b""  # All of the input, until a piece was given.
        self.salvaged = b""

    def decompress(self, data: bytes, most: int) -> bytes:
        if self._fed is not None:
            self._fed += data
        try:
            piece = self._decode(data, most)
        except self.error:
            if self._fed is not None:
                self.salvaged = _salvage(lambda good: self._anew(good, most), self._fed)
            raise
        if piece:
            self._fed = None
        return piece

    def _decode(self, data: bytes, most: int) -> bytes:
        raise NotImplementedError

    def _anew(self, data: bytes, most: int) -> bytes:
        codec = type(self)(self._package)
        return codec._decode(data, most)


class _Brotli(_Uncopied):
    """br, by brotli or brotlicffi."""

    unused_data = b""  # The package raises an error of its own for a surplus.

    def __init__(self, package: Any) -> None:
        super().__init__(package)
        self.error: type[Exception] = package.error
        self._decompressor = package.Decompressor()
        self._surplus = memoryview(b"")
        self.hungry = True

    @property
    def eof(self) -> bool:
        return not self._surplus and bool(self._decompressor.is_finished())

    def _decode(self, data: bytes, most: int) -> bytes:
        if not self._surplus:
            limit = min(most, _BROTLI_LIMIT_MAX)
            decoded = self._decompressor.process(data, output_buffer_limit=limit)
            self._surplus = memoryview(decoded)
            # can_accept_more_data() may be true while there is output left, so that only an
            # empty piece says that there is none.
            self.hungry = not decoded
        piece = bytes(self._surplus[:most])
        self._surplus = self._surplus[most:]
        return piece


class _Zstd(_Uncopied):
    """zstd, by Python 3.14 or backports.zstd."""

    def __init__(self, package: Any) -> None:
        super().__init__(package)
        self.error: type[Exception] = package.ZstdError
        window = package.DecompressionParameter.window_log_max
        self._decompressor = package.ZstdDecompressor(options={window: _ZSTD_WINDOW_LOG_MAX})

    @property
    def hungry(self) -> bool:
        return bool(self._decompressor.needs_input)

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.eof)

    @property
    def unused_data(self) -> bytes:
        data: bytes = self._decompressor.unused_data
        return data

    def _decode(self, data: bytes, most: int) -> bytes:
        piece: bytes = self._decompressor.decompress(data, max_length=most)
        return piece


def _salvage(decode: Callable[[bytes], bytes], data: bytes) -> bytes:
    """Return what the longest start of ``data`` that is not corrupt decodes to.

    Args:
        decode: Decodes it from the same state each time; raises if it is corrupt.
        data: Corrupt somewhere.
    """
    salvaged = b""
    good, bad = 0, len(data)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            salvaged = decode(data[:middle])
        except Exception:  # noqa: BLE001 - each package has its own
            bad = middle
        else:
            good = middle
    return salvaged


def codec_for(coding: str, start: bytes) -> Codec:
    """Build a codec for one member that starts with ``start``: for deflate, two bytes at least."""
    if coding == "br":
        return _Brotli(brotli_package())
    if coding == "zstd":
        return _Zstd(zstd_package())
    if coding == "gzip":
        return _Zlib(16 + zlib.MAX_WBITS)
    return _Zlib(zlib.MAX_WBITS if _has_zlib_header(start) else -zlib.MAX_WBITS)


def _has_zlib_header(start: bytes) -> bool:
    """Return True if deflate is the zlib format, as it should be, and not raw, as some send it.

    A zlib header names method 8 and is a multiple of 31 (RFC 1950 section 2.2; RFC 9110 section
    8.4.1.2 tells of those that leave it out). Raw data could start like that only with a stored
    block whose padding is not zero, and nobody writes that.
    """
    return start[0] & 0x0F == 8 and start[0] >> 4 <= 7 and (start[0] << 8 | start[1]) % 31 == 0
