"""A response whose content is read from a blocking socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from sojourn.shared.foreign import pieces_of
from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase
from sojourn_core.messages.response import CONTENT_CHUNK_SIZE, ITER_CHUNK_SIZE, UNMADE
from sojourn_core.messages.response import Response as CoreResponse
from sojourn_core.values.content.text import LineSplitter
from sojourn_core.values.errors import ContentDecodingError, RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .raw import RawResponse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.content.coding import Decoder
    from sojourn_core.values.content.pipeline import Pipeline
    from sojourn_core.values.head import ResponseHead

    from .exchange_driver import ExchangeDriver

DEFAULT_ITER_SIZE: Final = 128


class Response(CoreResponse):
    """The response to one request; see the core's class for what is known from its head.

    One that was made by hand reads its content from ``raw``: any file, or urllib3's response.
    """

    lines_class: ClassVar[type[LineSplitter[Any]]] = LineSplitter

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
        """The content as it came, as a file; see ``sojourn.sync.raw``. None if there is none."""
        if self._raw is UNMADE:
            self._raw = RawResponse(self, self._driver, closed=self._closed)
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw
        self._driver = None
        if isinstance(raw, RawResponse):
            raw.belong_to(self)
            self._driver = raw.driver

    def decoder(self) -> Decoder | None:
        """What takes the content codings off, unless ``raw`` does already."""
        raw = self._raw
        if isinstance(raw, RawResponse) and raw.takes_codings_off:
            return None
        return super().decoder()

    # --- reading --------------------------------------------------------------------------------

    def _receive(self) -> bytes | None:
        """Some more octets of the content, its codings untouched; None at its end."""
        driver = self._driver
        if driver is None:
            return None
        if isinstance(self._raw, RawResponse):
            return self._raw.receive()
        try:
            command = driver.proceed()
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
        """The octets of the content, codings taken off. Read now if it was not."""
        if self._content is False and not self._content_consumed:
            driver = self._driver
            if driver is not None and self.take_at_hand(driver.exchange):
                self._driver = None
            elif driver is not None:
                self._content = b"".join(self._read(self.pipeline(None)))
            elif self._is_by_hand() and self.status_code != 0:
                self._content = b"".join(self.iter_content(CONTENT_CHUNK_SIZE))
        return super().content

    def _is_by_hand(self) -> bool:
        """Whether the content is to be had from a file that is not Sojourn's own."""
        raw = self._raw
        return raw is not None and raw is not UNMADE and not isinstance(raw, RawResponse)

    def _read(self, pipeline: Pipeline) -> Iterator[Any]:
        if self.claim_content():
            return pipeline.again(self._content or b"")
        return self._read_on(pipeline)

    def _read_on(self, pipeline: Pipeline) -> Iterator[Any]:
        try:
            while not pipeline.overrun and (data := self._receive()) is not None:
                yield from pipeline.feed(data)
            yield from pipeline.finish()
            if pipeline.overrun:
                self.close()
        except BaseException as error:
            self.close()
            if isinstance(error, RequestException) and error.response is None:
                error.request, error.response = self.request, self
            raise

    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> Iterator[Any]:
        """The content in pieces, codings taken off, read as they are asked for.

        Args:
            chunk_size: Octets in each piece; None for pieces as they arrive.
            decode_unicode: Give text, decoded as for ``text``.

        Raises:
            StreamConsumedError: If it was read before, and not kept.
        """
        if self._content is False and self._driver is None and self._is_by_hand():
            return self._read_by_hand(chunk_size, as_text=decode_unicode)
        return self._read(self.pipeline(chunk_size, as_text=decode_unicode))

    def _read_by_hand(self, chunk_size: int | None, *, as_text: bool) -> Iterator[Any]:
        """The pieces that the file gives: urllib3's takes codings off, no other file does."""
        pipeline = self.pipeline(chunk_size, as_text=as_text, decoded=True)
        self.claim_content()
        size = None if chunk_size is None or chunk_size < 1 else chunk_size  # As in the pipeline.
        return self._pass_on(pipeline, pieces_of(self._raw, size))

    def _pass_on(self, pipeline: Pipeline, pieces: Iterator[bytes]) -> Iterator[Any]:
        try:
            for data in pieces:
                yield from pipeline.feed(data)
            yield from pipeline.finish()
        except RequestException as error:
            if isinstance(error, ContentDecodingError):
                yield from pipeline.rest()
            if error.response is None:
                error.request, error.response = self.request, self
            raise

    def iter_lines(
        self,
        chunk_size: int = ITER_CHUNK_SIZE,
        decode_unicode: bool = False,
        delimiter: Any = None,
    ) -> Iterator[Any]:
        """The content line by line, without the line ends, which are CR, LF and CRLF.

        The lines do not depend on how the content arrives, nor on ``chunk_size``.
        """
        splitter = self.lines_class(delimiter)
        for piece in self.iter_content(chunk_size, decode_unicode):
            yield from splitter.feed(piece)
        last = splitter.finish()
        if last is not None:
            yield last

    def __iter__(self) -> Iterator[bytes]:
        return self.iter_content(DEFAULT_ITER_SIZE)

    # --- ending ---------------------------------------------------------------------------------

    def discard(self, limit: int, deadline: float) -> None:
        """Drain what is left within ``limit`` octets and the deadline, else drop the connection."""
        driver, self._driver = self._driver, None
        if driver is not None:
            if not self._content_consumed and self.take_at_hand(driver.exchange):
                return  # It came with the head, and costs nothing to keep.
            self._content_consumed = True
            if driver.exchange.phase is not Phase.ENDED:
                driver.drain(limit, deadline)
        else:
            self.close()

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        self._closed = True
        driver, self._driver = self._driver, None
        raw = self._raw
        if driver is not None:
            self._content_consumed = True
            driver.abandon()
        if isinstance(raw, RawResponse):
            raw.mark_closed()
        elif self._is_by_hand():
            if not self._content_consumed and hasattr(raw, "close"):
                raw.close()
            if hasattr(raw, "release_conn"):
                raw.release_conn()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
