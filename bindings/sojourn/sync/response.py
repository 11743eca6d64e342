"""A response whose content is read from a blocking socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

from sojourn.shared.foreign import pieces_of
from sojourn.shared.partial import Unended, joined
from sojourn.shared.pieces import Pieces
from sojourn.shared.raw_base import RawBase
from sojourn.shared.response_base import DEFAULT_ITER_SIZE, UNMADE, ResponseBase
from sojourn_core.messages.response import CONTENT_CHUNK_SIZE
from sojourn_core.values.errors import RequestException

from .raw import RawResponse

if TYPE_CHECKING:
    from typing import Protocol

    from sojourn.shared.saving import Target
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.content.pipeline import Pipeline
    from sojourn_core.values.content.text import LineSplitter

    class Connection(Protocol):
        """The transport that a response came by."""

        def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response: ...
        def close(self) -> None: ...


class Response(ResponseBase[Iterator[Any], Iterator[bytes], Iterator[str]]):
    """The response to one request; the core's class describes what its head gives.

    A response made by hand reads its content from ``raw``: any file, or urllib3's response.
    """

    raw_class = RawResponse
    pieces_class = Pieces

    if TYPE_CHECKING:
        connection: Connection

    # --- reading --------------------------------------------------------------------------------

    @property
    def content(self) -> bytes:
        """The content as bytes, content codings removed. It is read now if it was not."""
        if self._content is False and not self._content_consumed and not self.take_at_hand():
            if self._driver is not None:
                self._content = joined(self._read(self.pipeline(None)))
            elif self._is_by_hand() and self.status_code != 0:
                self._content = joined(self.iter_content(CONTENT_CHUNK_SIZE))
        known: Any = self._content
        return super().content if known is False else known

    def _receive(self) -> bytes | None:
        """Receive some bytes of the content, before decoding; None at its end."""
        if self._driver is None:
            self._refuse_cut()
            return None
        if isinstance(self._raw, RawResponse):
            return self._raw.receive()
        return self._took_in(self._driver.proceed())

    def _read_on(self, pipeline: Pipeline) -> Iterator[Any]:
        try:
            while not pipeline.overrun:
                data = self._read_counted(pipeline) or self._receive()
                if data is None:
                    break
                if pipeline.passes(data):
                    yield data
                else:
                    yield from pipeline.feed(data)
                del data  # Its memory is the next one's.
            yield from pipeline.finish()
            if pipeline.overrun:
                self.close()
        except BaseException as error:
            self._stop(error, pipeline)
            raise

    def _each(self, pieces: Iterator[Any]) -> Iterator[Any]:
        return pieces

    def save(self, target: Target) -> int:
        """Write the content to a file as it comes, content codings removed.

        Args:
            target: A path, or a file that is open for bytes, which stays open. The file at a path
                is written under another name and takes its place once it is whole; if that fails,
                what was there stays as it was.

        Returns:
            The number of bytes written.

        Raises:
            InvalidArgument: If the target is neither.
            OSError: If the file cannot be written.
            RequestException: If reading fails, as for ``iter_content``.
        """
        from sojourn.shared.saving import rest_of, sink_for

        count = 0
        with sink_for(target) as sink:
            content: Any = self._pieces(None, as_text=False)
            with closing(content) as pieces:
                for piece in pieces:
                    count += len(piece)
                    rest = piece
                    while rest := rest_of(rest, sink.write(rest)):
                        pass
        return count

    def _lines(self, splitter: LineSplitter[Any], size: int, *, as_text: bool) -> Iterator[Any]:
        with Unended(splitter):
            for piece in self.iter_content(size, as_text):
                yield from splitter.feed(piece)
        last = splitter.finish()
        if last is not None:
            yield last

    def __iter__(self) -> Iterator[bytes]:
        return self.iter_content(DEFAULT_ITER_SIZE)

    # --- reading from a file that is not Sojourn's own ------------------------------------------

    def _is_by_hand(self) -> bool:
        """Return True if the content is read from a file that is not Sojourn's own."""
        raw = self._raw
        return raw is not None and raw is not UNMADE and not isinstance(raw, RawBase)

    def _pieces(self, chunk_size: int | None, *, as_text: bool) -> Iterator[Any]:
        if self._content is False and self._driver is None and self._is_by_hand():
            return self._read_by_hand(chunk_size, as_text=as_text)
        return super()._pieces(chunk_size, as_text=as_text)

    def _read_by_hand(self, chunk_size: int | None, *, as_text: bool) -> Iterator[Any]:
        """Iterate over the file's pieces: urllib3's removes codings, no other file does."""
        pipeline = self.pipeline(chunk_size, as_text=as_text, decoded=True)
        self.claim_content()
        size = None if chunk_size is None or chunk_size < 1 else chunk_size  # As in the pipeline.
        return self._pass_on(pipeline, pieces_of(self._raw, size, waits=False))

    def _pass_on(self, pipeline: Pipeline, pieces: Iterator[bytes]) -> Iterator[Any]:
        try:
            for data in pieces:
                yield from pipeline.feed(data)
            yield from pipeline.finish()
        except RequestException as error:
            self._name(error)
            came = error.partial if isinstance(error.partial, bytes) else b""
            error.partial = pipeline.remainder(came)
            raise

    # --- ending ---------------------------------------------------------------------------------

    def discard(self, limit: int, deadline: float) -> None:
        """Drain at most ``limit`` bytes until the deadline, or else drop the connection.

        Args:
            limit: A number of bytes.
            deadline: A time of the monotonic clock, in seconds.
        """
        driver = self._driver_to_drain()
        if driver is not None:
            driver.drain(limit, deadline)

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        self._let_go()

    def _let_go(self) -> None:
        super()._let_go()
        if self._is_by_hand():
            raw = self._raw
            if not self._content_consumed and hasattr(raw, "close"):
                raw.close()
            if hasattr(raw, "release_conn"):
                raw.release_conn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
