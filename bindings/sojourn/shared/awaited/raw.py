"""``response.raw`` for asyncio: the content of a response as received, read with ``await``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.shared.raw_base import STREAM_SIZE, RawBase
from sojourn_core.values.errors import RequestException

from .closing import Closing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class AsyncRawResponse(Closing, RawBase):
    """The content of a response as an asynchronous file.

    Arguments and errors of its methods are those of ``sojourn.sync.raw.RawResponse``.
    """

    async def read(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Return ``amt`` bytes, fewer only at the end; None or a negative number for all."""
        wanted = self._begin(amt, decode_content)
        while self._lacks(wanted) and await self._fill():
            pass
        return self._take(wanted)

    async def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Return ``amt`` bytes at most, as soon as there are any; none at the end."""
        wanted = self._begin(amt, decode_content)
        while wanted != 0 and not self._buffer and await self._fill():
            pass
        return self._take(wanted)

    async def readline(self) -> bytes:
        """Return the next line with its end; nothing at the end of the content."""
        self._begin(None, None)
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if not await self._fill():
                return self._take(None)
        return self._take(end + 1)

    async def stream(
        self, amt: int | None = STREAM_SIZE, decode_content: bool | None = None
    ) -> AsyncIterator[bytes]:
        """Iterate over pieces of ``amt`` bytes at most, as they arrive; None for any size."""
        while data := await self.read1(amt, decode_content):
            yield data
        self.refuse_cut()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over lines, content codings removed."""
        self._begin(None, decode_content=True)
        self.decode_content = True
        while line := await self.readline():
            yield line
        self.refuse_cut()

    async def receive(self) -> bytes | None:
        """Return some bytes for the response, before decoding; None at the end."""
        return self._come(await self.read1(None, self._decodes))

    async def _fill(self) -> bool:
        """Add some bytes to the buffer; return True if more may follow."""
        try:
            return self._pull() or self._keep(await self._receive())
        except RequestException as error:
            self._fail(error)
            raise

    async def _receive(self) -> bytes | None:
        return None if self._ends() else self._took_in(await self.driver.proceed())

    async def close(self) -> None:
        self._let_go()
