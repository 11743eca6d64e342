"""Reads of a raw response whose content broke off, or that was closed before its end.

Like urllib3's, it gives what came before the error, as far as bytes were asked for by number, and
then raises the same error each time. A read of all that is left has no second try.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from sojourn.sync.raw import RawResponse as SyncRawResponse
from sojourn_core.values.errors import ChunkedEncodingError

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

    from sojourn.shared.cut import Cut


class ReadingOn(SyncRawResponse):
    """A raw response that is read on after an error.

    Attributes:
        chunked: The content is sent in chunks.
    """

    chunked = False
    _chunk_ends: deque[int] | None = None  # The ends of chunks, as the codec notes them.
    _broken: ChunkedEncodingError | None = None  # Raised by each read from then on.
    _left_at_close: int | None = None  # Number of bytes that were still to come.

    @property
    def length_remaining(self) -> int | None:
        """Number of bytes still to be read, before decoding; None if it is not known."""
        raise NotImplementedError

    @property
    def received(self) -> int:
        """Number of bytes that came, before decoding."""
        return self._received

    def read(
        self,
        amt: int | None = None,
        decode_content: bool | None = None,
        cache_content: bool = False,
    ) -> bytes:
        """Return ``amt`` bytes, or all that are left if there are fewer; see ``sync.raw``."""
        self._refuse_broken(amt)
        begun = self.tell()
        try:
            return super().read(amt, decode_content, cache_content)
        except ChunkedEncodingError as error:
            some = amt is not None and amt >= 0
            if some and not self.chunked:
                self._remember(error)
                if self._buffer and not self._decodes:
                    return self._take(None)
                raise
            self._buffer.clear()
            if self.chunked:
                from .told import tell_read

                tell_read(error, self, begun)
            raise

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Return ``amt`` bytes at most, as soon as there are any; none at the end."""
        self._refuse_broken(amt)
        try:
            return super().read1(amt, decode_content)
        except ChunkedEncodingError as error:
            if not self.chunked:
                self._remember(error)
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines that are left, up to the end or to where the response was closed."""
        lines = super().__iter__()
        while self._left_at_close is None and (line := next(lines, None)) is not None:
            yield line

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        self.note_left()
        super().close()

    def mark_closed(self, cut: Cut | None = None) -> None:
        """Record that the response was closed; see ``RawBase``."""
        self.note_left()
        super().mark_closed(cut)

    def note_left(self) -> None:
        """Note the length of what is left of the content, before its connection is let go of."""
        if self._left_at_close is None and not self.isclosed():
            self._left_at_close = self.length_remaining or 0
            self._received = self.tell()  # Bytes that were held are lost.

    def _refuse_broken(self, amt: int | None) -> None:
        """Raise the error with which the content broke off, if ``amt`` bytes are not there.

        Raises:
            ChunkedEncodingError: The content broke off, or was closed before its end.
        """
        if amt is None or amt <= len(self._buffer):
            return
        if self._broken is not None:
            again = copy(self._broken)
            self._name_response(again)
            raise again from self._broken.__cause__
        if self._left_at_close:
            from .told import tell_content

            said = f"it was closed {self._left_at_close} bytes before its end"
            error = ChunkedEncodingError(said)
            error.missing = self._left_at_close
            self._name_response(error)
            tell_content(error, self)
            self._remember(error)
            raise error

    def _remember(self, error: ChunkedEncodingError) -> None:
        """Keep an error for later reads: a copy, which leads to no frames and to no response."""
        kept = copy(error)
        kept.response = None
        kept.__cause__ = error.__cause__
        self._broken = kept
