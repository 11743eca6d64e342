"""``response.raw`` for asyncio: the content of a response as it came, read with ``await``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sojourn.sync.raw import STREAM_SIZE, RawHead
from sojourn_core.values.errors import ContentDecodingError, RequestException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class AsyncRawResponse(RawHead):
    """The content of a response as an asynchronous file; see ``sojourn.sync.raw``."""

    async def read(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Octets as they came: ``amt`` of them unless it ends before, or all there are.

        Args:
            amt: How many; None or a negative number for all.
            decode_content: Whether to take codings off; None for the attribute of this name.

        Raises:
            RequestException: Whatever goes wrong.
        """
        if amt is not None and amt < 0:
            amt = None
        self._prepare(decode_content)
        while (amt is None or len(self._buffer) < amt) and await self._fill():
            pass
        return self._take(amt)

    async def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Some octets as soon as there are any, ``amt`` at most; none are the end."""
        self._prepare(decode_content)
        if amt != 0:
            while not self._buffer and await self._fill():
                pass
        return self._take(None if amt is None or amt < 0 else amt)

    async def readline(self) -> bytes:
        """The next line with its end; nothing at the end of the content."""
        self._prepare(None)
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if not await self._fill():
                return self._take(None)
        return self._take(end + 1)

    async def stream(
        self, amt: int | None = STREAM_SIZE, decode_content: bool | None = None
    ) -> AsyncIterator[bytes]:
        """Pieces of ``amt`` octets, the last one excepted; None for pieces as they arrive."""
        read = self.read1 if amt is None else self.read
        try:
            while data := await read(amt, decode_content):
                yield data
        except ContentDecodingError:
            if self._buffer:  # It was good, and is less than was asked for.
                yield self._take(None)
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Line by line, codings taken off."""
        self._prepare(decode_content=True)
        self.decode_content = True
        while line := await self.readline():
            yield line

    async def receive(self) -> bytes | None:
        """Some more octets for the response to read, as codings stand; None at the end."""
        while not self._buffer and await self._fill():
            pass
        return self._take(None) if self._buffer else None

    async def _fill(self) -> bool:
        """Get some more into the buffer; whether there may be more after that."""
        try:
            return self._pull() or self._keep(await self._receive())
        except RequestException as error:
            self._give_up()
            self._blame(error)
            raise

    async def _receive(self) -> bytes | None:
        if self._is_ended():
            self.driver = None
            return None
        return self._took_in(await self.driver.proceed())

    @property
    def closed(self) -> bool:
        """Whether it was closed; see ``isclosed`` for whether it is at its end."""
        return self._closed

    async def close(self) -> None:
        """Let go of the connection. What was not read is lost. Never waits for the peer."""
        self._let_go()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
