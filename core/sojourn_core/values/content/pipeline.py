"""From the octets of a response's content to what its reader asked for.

A pipeline is fed the content as it arrives, codings still applied, and gives pieces: decoded,
of the size that was asked for, and as text if that was. Both bindings read through it, so that they
differ in how octets arrive and in nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import ContentTooLarge

from .text import IncrementalText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .coding import Decoder


class Pipeline:
    """One pass over the content of a response.

    Args:
        decoder: Takes the content codings off; None if there are none.
        size: Octets in each piece, the last one excepted; None for pieces as they come.
        charset: Set to get text: what the octets are decoded from.
        size_max: The most octets that the content may have, decoded.
    """

    __slots__ = ("_decoder", "_held", "_seen", "_size", "_size_max", "_text")

    def __init__(
        self,
        decoder: Decoder | None,
        *,
        size: int | None = None,
        charset: str | None = None,
        size_max: int | None = None,
    ) -> None:
        self._decoder = decoder
        self._size = size
        self._size_max = size_max
        self._text = None if charset is None else IncrementalText(charset)
        self._held = bytearray()
        self._seen = 0

    def feed(self, data: bytes) -> Iterator[Any]:
        """The pieces that some more octets complete.

        Raises:
            ContentDecodingError: If they do not fit the content's coding.
            DecompressionLimit: If the content grows too much as it is decoded.
            ContentTooLarge: If it is larger than it may be.
        """
        decoder = self._decoder
        for decoded in (data,) if decoder is None else decoder.feed(data):
            yield from self._sized(decoded)

    def finish(self) -> Iterator[Any]:
        """What is left at the end of the content. Errors are those of ``feed``."""
        if self._decoder is not None:
            for decoded in self._decoder.finish():
                yield from self._sized(decoded)
        if self._held:
            yield from self._shown(bytes(self._held))
            self._held.clear()
        if self._text is not None:
            rest = self._text.finish()
            if rest:
                yield rest

    def again(self, content: bytes) -> Iterator[Any]:
        """The pieces of content that was read and decoded before."""
        size = self._size or max(len(content), 1)
        for position in range(0, len(content), size):
            yield from self._shown(content[position : position + size])
        if self._text is not None:
            rest = self._text.finish()
            if rest:
                yield rest

    def _sized(self, data: bytes) -> Iterator[Any]:
        self._seen += len(data)
        if self._size_max is not None and self._seen > self._size_max:
            raise ContentTooLarge(f"the content is larger than {self._size_max} octets")
        size = self._size
        if size is None:
            yield from self._shown(data)
            return
        held = self._held
        position = 0
        if held:
            position = size - len(held)
            held += data[:position]
            if len(held) < size:
                return
            yield from self._shown(bytes(held))
            held.clear()
        while len(data) - position >= size:
            yield from self._shown(data[position : position + size])
            position += size
        held += data[position:]

    def _shown(self, data: bytes) -> Iterator[Any]:
        if not data:
            return
        if self._text is None:
            yield data
            return
        text = self._text.decode(data)
        if text:
            yield text
