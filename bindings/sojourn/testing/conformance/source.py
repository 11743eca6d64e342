"""Content of requests that watches how it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


class Source:
    """An iterator of chunks, which notes what is done with it.

    Args:
        chunks: The chunks.
        error: What it raises after them; None to end.
        before: Called before each chunk is given, and before the end, with its number.

    Attributes:
        taken: How many chunks were asked for.
        is_closed: Whether it was closed, or taken to its end.
        faults: What was done wrong.
    """

    def __init__(
        self,
        *chunks: bytes,
        error: BaseException | None = None,
        before: Callable[[int], object] | None = None,
    ) -> None:
        self.taken = 0
        self.is_closed = False
        self.faults: list[str] = []
        self._chunks = chunks
        self._error = error
        self._before = before

    def take(self) -> bytes | None:
        """Give the next chunk; None at the end."""
        if self.is_closed:
            self.faults.append("the content is asked for more after it was closed")
            return None
        number, self.taken = self.taken, self.taken + 1
        if self._before is not None:
            self._before(number)
        if number < len(self._chunks):
            return self._chunks[number]
        self.is_closed = True
        if self._error is not None:
            raise self._error
        return None


class SyncSource(Source):
    """The same, as a sync iterator."""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self.take()
        if chunk is None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Note that nothing more is taken."""
        self.is_closed = True


class AsyncSource(Source):
    """The same, as an async iterator."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = self.take()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Note that nothing more is taken."""
        self.is_closed = True
