"""From the bytes of a response's content to what its reader asked for.

A pipeline is fed the content as it arrives, codings still applied, and gives pieces: decoded, of at
most the size that was asked for, and as text if that was. It never holds back what is decoded, so
that whoever reads a live stream has each event when it has come. Both bindings read through it, so
that they differ in how bytes arrive and in nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import ContentTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .coding import Decoder
    from .text import IncrementalText


class Pipeline:
    """One pass over the content of a response.

    Args:
        decoder: Takes the content codings off; None if there are none.
        size: The most bytes in a piece; None for pieces as they come.
        text: Decodes the pieces to text; None for bytes.
        size_max: The most bytes that the content may have, decoded.
    """

    __slots__ = ("_decoder", "_seen", "_size", "_size_max", "_text")

    def __init__(
        self,
        decoder: Decoder | None,
        *,
        size: int | None = None,
        text: IncrementalText | None = None,
        size_max: int | None = None,
    ) -> None:
        self._decoder = decoder
        self._size = size
        self._size_max = size_max
        self._text = text
        self._seen = 0

    @property
    def size(self) -> int | None:
        """The most bytes in a piece; None for any number."""
        return self._size

    @property
    def overrun(self) -> bool:
        """True once so much follows the end of the coding that nobody should read on."""
        decoder = self._decoder
        return decoder is not None and decoder.overrun

    def passes(self, data: bytes) -> bool:
        """Count bytes that ``feed`` would give as they are, in one piece; return False for others.

        Raises:
            ContentTooLarge: If the content is larger than it may be.
        """
        if self._decoder is not None or self._text is not None:
            return False
        size = self._size
        if not data or (size is not None and len(data) > size):
            return False
        self._count(len(data))
        return True

    def feed(self, data: bytes) -> Iterator[Any]:
        """Take in some more bytes; yield what they decode to.

        Raises:
            ContentDecodingError: If they do not fit the content's coding. What was decoded before
                is given first.
            DecompressionLimit: If the content grows too much as it is decoded.
            ContentTooLarge: If it is larger than it may be.
        """
        decoder = self._decoder
        if decoder is None:
            yield from self._sized(data)
            return
        for piece in decoder.feed(data):
            yield from self._sized(piece)

    def finish(self) -> Iterator[Any]:
        """Yield what is left at the end of the content. Errors are those of ``feed``."""
        if self._decoder is not None:
            for piece in self._decoder.finish():
                yield from self._sized(piece)
        if self._text is not None:
            rest = self._text.finish()
            if rest:
                yield rest

    def again(self, content: bytes) -> Iterator[Any]:
        """Yield the pieces of content that was read and decoded before."""
        size = self._size or max(len(content), 1)
        for position in range(0, len(content), size):
            yield from self._shown(content[position : position + size])
        if self._text is not None:
            rest = self._text.finish()
            if rest:
                yield rest

    def remainder(self, data: bytes = b"") -> bytes | str:
        """Return decoded bytes that were not fed, in the form of a piece, which may be empty."""
        empty: bytes | str = b"" if self._text is None else ""
        return next(self._shown(data), empty)

    def _sized(self, data: bytes) -> Iterator[Any]:
        self._count(len(data))
        size = self._size
        if size is None or len(data) <= size:
            yield from self._shown(data)
            return
        for position in range(0, len(data), size):
            yield from self._shown(data[position : position + size])

    def _count(self, size: int) -> None:
        self._seen += size
        if self._size_max is not None and self._seen > self._size_max:
            raise ContentTooLarge(f"the content is larger than {self._size_max} bytes")

    def _shown(self, data: bytes) -> Iterator[Any]:
        if not data:
            return
        if self._text is None:
            yield data
            return
        text = self._text.decode(data)
        if text:
            yield text
