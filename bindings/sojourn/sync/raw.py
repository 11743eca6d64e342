"""``response.raw``: the content of a response as a file, as its bytes were received."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, Self

from sojourn.shared.raw_base import STREAM_SIZE, RawBase
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from collections.abc import Iterator

PEEK_SIZE: Final = 512  # Looked at for the end of a line; io reads byte by byte without that.


class RawResponse(RawBase, io.IOBase):
    """The content of a response as a file that blocks.

    ``io.BufferedReader`` and ``io.TextIOWrapper`` can wrap it: at its end it gives no bytes, and
    stays open until somebody closes it.
    """

    def read(
        self,
        amt: int | None = None,
        decode_content: bool | None = None,
        cache_content: bool = False,
    ) -> bytes:
        """Return ``amt`` bytes, or all that are left if there are fewer.

        Args:
            amt: How many; None or a negative number for all.
            decode_content: Remove content codings; None for the attribute of this name.
            cache_content: Ignored; urllib3's callers give it.

        Raises:
            RequestException: The exchange fails, or the content does not fit its codings.
        """
        wanted = self._begin(amt, decode_content)
        while self._lacks(wanted) and self._fill():
            pass
        return self._take(wanted)

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Return ``amt`` bytes at most, as soon as there are any; none at the end."""
        wanted = self._begin(amt, decode_content)
        while wanted != 0 and not self._buffer and self._fill():
            pass
        return self._take(wanted)

    def stream(
        self, amt: int | None = STREAM_SIZE, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Iterate over pieces of ``amt`` bytes at most, as they arrive; None for any size."""
        while data := self.read1(amt, decode_content):
            yield data
        self.refuse_cut()

    def read_chunked(
        self, amt: int | None = None, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Iterate like ``stream``: the chunked framing is removed in any case."""
        return self.stream(amt, decode_content)

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer what is there, at least a byte but at the end; return how many."""
        view = memoryview(buffer).cast("B")
        data = self.read1(len(view))
        view[: len(data)] = data
        return len(data)

    def peek(self, size: int = 1) -> bytes:
        """Return some bytes that the next read will return; none at the end."""
        self._begin(None, None)
        while not self._buffer and self._fill():
            pass
        return bytes(self._buffer[: max(size, PEEK_SIZE)])

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over lines, content codings removed."""
        self._begin(None, decode_content=True)
        self.decode_content = True
        while line := self.readline():
            yield line
        self.refuse_cut()

    @property
    def data(self) -> bytes:
        """All of the content, content codings removed; the response keeps it."""
        response: Any = self._response()
        known = None if response is None else response.content
        return self.read(decode_content=True) if known is None else known

    # --- receiving ------------------------------------------------------------------------------

    def receive(self) -> bytes | None:
        """Return some bytes for the response, before decoding; None at the end."""
        return self._come(self.read1(None, self._decodes))

    def _fill(self) -> bool:
        """Add some bytes to the buffer; return True if more may follow."""
        try:
            return self._pull() or self._keep(self._receive())
        except RequestException as error:
            self._fail(error)
            raise

    def _receive(self) -> bytes | None:
        return None if self._ends() else self._took_in(self.driver.proceed())

    # --- ending ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        self._let_go()

    def release_conn(self) -> None:
        """Do nothing: the connection returns to the pool when the response has ended."""

    def drain_conn(self) -> None:
        """Read to the end, so that the connection is kept; any error closes it."""
        try:
            while self._receive() is not None:
                pass
        except RequestException:
            pass
        self._buffer.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        """Do nothing, unlike other files: the driver notes by itself that nobody reads it."""
