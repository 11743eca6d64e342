"""A response whose content is read with ``await``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase
from sojourn_core.messages.response import ITER_CHUNK_SIZE, UNMADE
from sojourn_core.messages.response import Response as CoreResponse
from sojourn_core.values.content.text import LineSplitter
from sojourn_core.values.errors import RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .raw import AsyncRawResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.content.coding import Decoder
    from sojourn_core.values.content.pipeline import Pipeline
    from sojourn_core.values.head import ResponseHead

    from .exchange_driver import ExchangeDriver

DEFAULT_ITER_SIZE: Final = 128


class AsyncResponse(CoreResponse):
    """The response to one request; see the core's class for what is known from its head.

    ``content``, ``text`` and ``json()`` are there once the content was read: by the session, or
    with ``await response.read()`` if it was asked to stream.
    """

    def __init__(
        self,
        head: ResponseHead | None = None,
        request: PreparedRequest | None = None,
        limits: Limits = DEFAULT_LIMITS,
        driver: ExchangeDriver | None = None,
    ) -> None:
        super().__init__(head, request, limits)
        # Whoever reads the content from the exchange whose head this is; None once it has ended.
        self._driver = driver
        self._closed = False
        if driver is not None:
            self._raw = UNMADE

    # --- raw ------------------------------------------------------------------------------------

    @property
    def raw(self) -> Any:
        """The content as it came, to be read with ``await``; None if there is none."""
        if self._raw is UNMADE:
            self._raw = AsyncRawResponse(self, self._driver, closed=self._closed)
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw
        self._driver = None
        if isinstance(raw, AsyncRawResponse):
            raw.belong_to(self)
            self._driver = raw.driver

    def decoder(self) -> Decoder | None:
        """What takes the content codings off, unless ``raw`` does already."""
        raw = self._raw
        if isinstance(raw, AsyncRawResponse) and raw.takes_codings_off:
            return None
        return super().decoder()

    # --- reading --------------------------------------------------------------------------------

    async def _receive(self) -> bytes | None:
        """Some more octets of the content, its codings untouched; None at its end."""
        driver = self._driver
        if driver is None:
            return None
        if isinstance(self._raw, AsyncRawResponse):
            return await self._raw.receive()
        try:
            command = await driver.proceed()
        except RequestException as error:
            self._driver = None
            error.request, error.response = self.request, self
            raise
        if isinstance(command, c.Content):
            return command.data
        self._driver = None
        if isinstance(command, c.Finish):
            self.trailers = command.trailers
        return None

    @property
    def content(self) -> bytes | None:
        """The octets of the content, codings taken off.

        Raises:
            RuntimeError: If it was not read yet, or was streamed and is gone.
        """
        if self._content is False and self._driver is not None and not self._content_consumed:
            raise RuntimeError("the content was not read yet: await response.read() first")
        return super().content

    async def read(self) -> bytes | None:
        """Read all of the content, and keep it."""
        driver = self._driver
        if driver is not None and self._content is False and not self._content_consumed:
            if self.take_at_hand(driver.exchange):
                self._driver = None
            else:
                pipeline = self.pipeline(None)
                self._content = b"".join([piece async for piece in self._read(pipeline)])
        return super().content

    def _read(self, pipeline: Pipeline) -> AsyncIterator[Any]:
        if self.claim_content():
            return _each(pipeline.again(self._content or b""))
        return self._read_on(pipeline)

    async def _read_on(self, pipeline: Pipeline) -> AsyncIterator[Any]:
        try:
            while not pipeline.overrun and (data := await self._receive()) is not None:
                for piece in pipeline.feed(data):
                    yield piece
            for piece in pipeline.finish():
                yield piece
            if pipeline.overrun:
                self._let_go()
        except BaseException as error:
            self._let_go()
            if isinstance(error, RequestException) and error.response is None:
                error.request, error.response = self.request, self
            raise

    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> AsyncIterator[Any]:
        """The content in pieces, codings taken off, read as they are asked for.

        Args:
            chunk_size: Octets in each piece; None for pieces as they arrive.
            decode_unicode: Give text, decoded as for ``text``.

        Raises:
            StreamConsumedError: If it was read before, and not kept.
        """
        pipeline = self.pipeline(chunk_size, as_text=decode_unicode)
        return self._read(pipeline)

    async def iter_lines(
        self,
        chunk_size: int = ITER_CHUNK_SIZE,
        decode_unicode: bool = False,
        delimiter: Any = None,
    ) -> AsyncIterator[Any]:
        """The content line by line, without the line ends, which are CR, LF and CRLF.

        The lines do not depend on how the content arrives, nor on ``chunk_size``.
        """
        splitter: LineSplitter[Any] = LineSplitter(delimiter)
        async for piece in self.iter_content(chunk_size, decode_unicode):
            for line in splitter.feed(piece):
                yield line
        last = splitter.finish()
        if last is not None:
            yield last

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.iter_content(DEFAULT_ITER_SIZE)

    # --- ending ---------------------------------------------------------------------------------

    async def discard(self, limit: int, deadline: float) -> None:
        """Drain what is left within ``limit`` octets and the deadline, else drop the connection."""
        driver, self._driver = self._driver, None
        if driver is not None:
            if not self._content_consumed and self.take_at_hand(driver.exchange):
                return  # It came with the head, and costs nothing to keep.
            self._content_consumed = True
            if driver.exchange.phase is not Phase.ENDED:
                await driver.drain(limit, deadline)

    def _let_go(self) -> None:
        self._closed = True
        driver, self._driver = self._driver, None
        if driver is not None:
            self._content_consumed = True
            driver.abandon()
        if isinstance(self._raw, AsyncRawResponse):
            self._raw.mark_closed()

    async def close(self) -> None:
        """Let go of the connection. What was not read is lost. Never waits for the peer."""
        self._let_go()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # The names that users of other asyncio clients look for.
    aread = read
    aclose = close
    aiter_content = iter_content
    aiter_lines = iter_lines


async def _each(pieces: Any) -> AsyncIterator[Any]:
    for piece in pieces:
        yield piece
