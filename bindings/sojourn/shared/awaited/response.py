"""A response whose content is read with ``await``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from sojourn.shared.partial import Unended, put_before
from sojourn.shared.response_base import DEFAULT_ITER_SIZE, ResponseBase
from sojourn.shared.saving import rest_of, sink_for
from sojourn_core.values.errors import RequestException

from .closing import Closing
from .raw import AsyncRawResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sojourn.shared.saving import Target
    from sojourn_core.values.content.pipeline import Pipeline
    from sojourn_core.values.content.text import LineSplitter


_Base = ResponseBase[AsyncIterator[Any], AsyncIterator[bytes], AsyncIterator[str]]


class AwaitedResponse(Closing, _Base):
    """The response to one request; the core's class describes what its head gives.

    ``content``, ``text`` and ``json()`` are there once the content was read: by the session, or
    with ``await response.read()`` if it was asked to stream.
    """

    raw_class = AsyncRawResponse

    @property
    def content(self) -> bytes:
        """The content as bytes, content codings removed.

        Raises:
            RuntimeError: The content was not read yet, or was streamed and not kept.
        """
        if self._content is False:
            driver = self._driver
            if driver is not None and not self._content_consumed:
                if getattr(driver, "is_whole", False) and self.take_at_hand():
                    return super().content
                raise RuntimeError("the content was not read yet: await response.read() first")
            return super().content
        known: bytes = self._content
        return known

    async def read(self) -> bytes:
        """Read all of the content, keep it and return it."""
        unread = self._content is False and not self._content_consumed
        if unread and self._driver is not None and not self.take_at_hand():
            gather = getattr(self._driver, "gather", None)
            if gather is None or not self.is_plain or isinstance(self._raw, AsyncRawResponse):
                self._content = await self._joined(self._read(self.pipeline(None)))
            elif not await self._gathered(gather):
                self._content = await self._joined(self._read_on(self.pipeline(None)))
        known: Any = self._content
        return super().content if known is False else known

    async def _joined(self, found: AsyncIterator[Any]) -> bytes:
        pieces: list[bytes] = []
        try:
            async for piece in found:
                pieces.append(piece)  # noqa: PERF401 - an error must leave them
        except RequestException as error:
            put_before(error, b"".join(pieces))
            raise
        return b"".join(pieces)

    async def _gathered(self, gather: Callable[[], Awaitable[object]]) -> bool:
        """Wait for all of the content, and set it; return False if it is read in pieces after all.

        Whoever waits is woken once for all of it, and not for each piece.
        """
        self._driver.refuse_others()
        self.claim_content()
        try:
            await gather()
        except BaseException as error:
            self._stop(error, None)
            raise
        return self.take_at_hand()

    async def _receive(self) -> bytes | None:
        """Receive some bytes of the content, before decoding; None at its end."""
        if self._driver is None:
            self._refuse_cut()
            return None
        if isinstance(self._raw, AsyncRawResponse):
            return await self._raw.receive()
        return self._took_in(await self._driver.proceed())

    async def _read_on(self, pipeline: Pipeline) -> AsyncIterator[Any]:
        try:
            while not pipeline.overrun:
                data = self._read_counted(pipeline) or await self._receive()
                if data is None:
                    break
                if pipeline.passes(data):
                    yield data
                else:
                    for piece in pipeline.feed(data):
                        yield piece
                        del piece
                del data  # Its memory is the next one's.
            for piece in pipeline.finish():
                yield piece
            if pipeline.overrun:
                self._let_go()
        except BaseException as error:
            self._stop(error, pipeline)
            raise

    async def _each(self, pieces: Iterator[Any]) -> AsyncIterator[Any]:
        for piece in pieces:
            yield piece

    async def save(self, target: Target) -> int:
        """Write the content to a file as it comes, as ``Response.save`` does, without its codings.

        Args:
            target: A path, whose file is written without leaving the loop; or an open file, whose
                ``write`` may give something to await.
        """
        count = 0
        with sink_for(target) as sink:
            content: Any = self._pieces(None, as_text=False)
            async with aclosing(content) as pieces:
                async for piece in pieces:
                    count += len(piece)
                    rest = piece
                    while rest:
                        written = sink.write(rest)
                        if isawaitable(written):
                            written = await written
                        rest = rest_of(rest, written)
        return count

    async def _lines(
        self, splitter: LineSplitter[Any], size: int, *, as_text: bool
    ) -> AsyncIterator[Any]:
        pieces: Any = self.iter_content(size, as_text)
        try:
            with Unended(splitter):
                async for piece in pieces:
                    for line in splitter.feed(piece):
                        yield line
        finally:
            if hasattr(pieces, "aclose"):  # An override may give another iterator.
                await pieces.aclose()
        last = splitter.finish()
        if last is not None:
            yield last

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.iter_content(DEFAULT_ITER_SIZE)

    async def discard(self, limit: int, deadline: float) -> None:
        """Drain at most ``limit`` bytes until the deadline, or else drop the connection."""
        driver = self._driver_to_drain()
        if driver is not None:
            await driver.drain(limit, deadline)

    async def close(self) -> None:
        try:
            if self._driver is not None:
                await self._driver.give_up()
        finally:  # The user's iterator may raise as it is closed.
            self._let_go()

    # The names that users of other asyncio clients look for.
    aread = read
    aclose = close
    aiter_content = _Base.iter_content
    aiter_lines = _Base.iter_lines
