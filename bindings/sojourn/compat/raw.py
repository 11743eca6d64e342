"""The raw response of an adapter: Sojourn's own, under the names of urllib3's.

urllib3's response reads from a file of its own, ``_fp``, which libraries wrap or look into. Here
``_fp`` is made when it is first read (see ``origin_file``), and the content comes from there from
then on.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sojourn.shared.raw_base import STREAM_SIZE, OriginalResponse
from sojourn.sync.raw import RawResponse as SyncRawResponse
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import ChunkedEncodingError, ContentDecodingError, RequestException

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

    from sojourn.shared.cut import Cut
    from sojourn_core.values.decision import Decision

    from .origin_file import OriginFile, RawConnection


class Original(OriginalResponse):
    """The head under ``http.client``'s names, and the way to the socket."""

    @property
    def fp(self) -> OriginFile | None:
        """The file under the raw response; None at its end."""
        raw: Any = self._raw()
        return None if raw is None else raw._fp.fp


class RawResponse(SyncRawResponse):
    """The content of a response as a file; see ``sojourn.sync.raw``.

    Attributes:
        chunked: The content is sent in chunks.
        enforce_content_length: Content that ends early is an error.
        auto_close: It counts as closed at its end, as urllib3's response does.
        retries: The adapter's ``max_retries``, less those that were made.
        msg: None, as with urllib3.
        left_out: A decision for each line of the head that was left out, or read leniently.
    """

    auto_close = True
    enforce_content_length = True
    retries: Any = None
    msg = None
    left_out: tuple[Decision, ...] = ()
    _body: bytes | None = None  # Kept by a read that was asked to.
    _chunk_start = 0  # Of the chunk that is being read.
    _chunk_ends: deque[int] | None = None  # The ends of chunks, as the codec notes them.
    _length: int | None = None  # Set by hand; it comes before Content-Length.
    tells_of_cuts = False  # As with urllib3, whoever goes on finds the end.
    _origin: OriginFile | None = None
    _file: Any = None  # ``_origin``, or the file that a library wrapped it in.
    _target: str | None = None
    asked: str | None = None  # The URL that it answers.

    def __init__(self, response: Any, driver: Any, *, closed: bool = False) -> None:
        super().__init__(response, driver, closed=closed)
        codings = self.headers.by_name().get("transfer-encoding") or ""
        self._held = bytearray()  # Received, not yet decoded: a chunk's rest and what follows.
        without_blanks = codings.lower().translate({32: None, 9: None})
        self.chunked: bool = "chunked" in without_blanks.split(",")

    @classmethod
    def of(cls, response: Any, target: str | None = None) -> RawResponse:
        """Make the raw response of the blocking transport's response, of which nothing was read.

        Args:
            target: The request-target.
        """
        driver = response._driver
        raw = cls(response, driver)
        raw._target, raw.asked = target, response.request.url
        raw.reason = (raw.reason or "").strip()  # As http.client does.
        raw.left_out = response.left_out
        if driver is not None:
            exchange = driver.exchange
            raw._chunk_ends = exchange.chunk_ends
            if exchange.phase is Phase.SWITCHED:
                _ = raw._fp
        return raw

    # --- what is under it -----------------------------------------------------------------------

    @property
    def _fp(self) -> Any:
        if self._origin is None:
            from .origin_file import OriginFile  # Few programs look under it.

            driver, self.driver = self.driver, None  # All reading goes through ``_fp`` from now on.
            self._origin = self._file = OriginFile(self, driver)
        return self._file

    @_fp.setter
    def _fp(self, file: Any) -> None:
        _ = self._fp  # Take the driver away, if nobody has yet.
        self._file = file
        self._decodes = (
            False  # The file gives the content from its start: requests-cache rewinds so.
        )
        self._decoder = self._pieces = None

    def supports_chunked_reads(self) -> bool:
        """Return False if a library has put a file in the place of ``_fp`` that has no ``fp``."""
        return self._file is None or hasattr(self._file, "fp")

    @property
    def connection(self) -> RawConnection | None:
        """The connection; None at the end of the content."""
        _ = self._fp
        origin = self._origin
        if origin is None or origin.came_by is None:
            return None
        from .origin_file import RawConnection

        return RawConnection(origin)

    _connection = connection

    @property
    def _original_response(self) -> Original:
        if not isinstance(self._original, Original):
            self._original = Original(self)
        return self._original

    def fileno(self) -> int:
        """Return a descriptor to wait for with ``select`` and the like.

        Raises:
            OSError: The connection was given back.
        """
        _ = self._fp
        assert self._origin is not None
        return self._origin.fileno()

    def shutdown(self) -> None:
        """Shut down the receiving half of the connection: who reads in another thread is woken.

        Raises:
            ValueError: The connection was given back.
        """
        exchange = None if self.driver is None else self.driver.exchange
        connection = exchange.connection if exchange is not None else None
        if connection is None and self._origin is not None:
            connection = self._origin.connection
        if connection is None:
            raise ValueError("the response holds no connection any more")
        connection.stream.sock.shutdown(socket.SHUT_RD)

    @property
    def closed(self) -> bool:
        """It was closed, or is at its end."""
        return super().closed or (self.auto_close and self.isclosed())

    def tell(self) -> int:
        """Return how many bytes were read, before decoding."""
        ahead = len(self._held) if self._decodes else len(self._held) + len(self._buffer)
        return self._received - ahead

    @property
    def length_remaining(self) -> int | None:
        """Number of bytes still to be read, before decoding; None if it is not known."""
        if self.isclosed():
            return None if self.chunked else 0
        # All members agree, and may have a sign (``Policy.lenient_heads``).
        said = self.headers.get("content-length", "").partition(",")[0].strip().removeprefix("+")
        length = int(said) if said.isascii() and said.isdigit() and not self.chunked else None
        if self._length is not None:
            length = self._length
        return None if length is None else max(length - self.tell(), 0)

    @length_remaining.setter
    def length_remaining(self, size: int) -> None:
        self._length = self.tell() + size  # A library that replaces ``_fp`` knows its size.

    @property
    def chunk_left(self) -> int | None:
        """Number of bytes left of the chunk that was begun; None if none was."""
        if self._chunk_ends is None:
            return None
        position = self.tell()
        end = self._end_after(position)
        if end is None or position == self._chunk_start:
            return 0 if position else None
        return end - position

    def _end_after(self, position: int) -> int | None:
        """Return where the chunk at a position ends; None if its head has not come."""
        ends = self._chunk_ends
        while ends and ends[0] <= position:
            self._chunk_start = ends.popleft()
        return ends[0] if ends else None

    def _is_ended(self) -> bool:
        if self._held:
            return False
        return super()._is_ended() if self._origin is None else self._origin.closed

    @property
    def url(self) -> str | None:
        """The request-target, as urllib3's pools are given it."""
        return self._target

    _request_url = url

    def geturl(self) -> str | None:
        """Return the request-target."""
        return self._target

    def read(
        self,
        amt: int | None = None,
        decode_content: bool | None = None,
        cache_content: bool = False,
    ) -> bytes:
        """Return ``amt`` bytes, or all that are left if there are fewer; see ``sync.raw``."""
        keeps = cache_content and self.tell() == 0 and (amt is None or amt < 0)
        try:
            data = super().read(amt, decode_content)
        except ChunkedEncodingError as error:
            from .told import tell_read

            tell_read(error, self)
            raise
        if keeps:
            self._body = data
        return data

    @property
    def data(self) -> bytes:
        """The rest of the content, as ``decode_content`` says; it is kept."""
        return self._body or self.read(cache_content=True)

    def json(self) -> Any:
        """Return ``data`` as JSON reads it; ValueError if it is not JSON in UTF-8."""
        from json import loads

        return loads(self.data.decode("utf-8"))

    def stream(
        self, amt: int | None = STREAM_SIZE, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Iterate over pieces of ``amt`` bytes, the last may be shorter; None for all in one.

        Like urllib3, it gives each chunk of content that is sent in chunks when it is there, in
        pieces of ``amt`` bytes at most, and waits for the whole piece of any other content.
        """
        if amt == 0:
            return
        if self.chunked and self.supports_chunked_reads():
            yield from self.read_chunked(amt, decode_content)
            return
        try:
            while data := self.read(amt, decode_content):
                yield data
        except ContentDecodingError as error:
            if self._buffer:  # It was good, and is less than was asked for.
                error.partial = b""
                yield self._take(None)
            raise

    def read_chunked(
        self, amt: int | None = None, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Iterate over the chunks of the content, in pieces of ``amt`` bytes at most."""
        wanted = self._begin(amt, decode_content)
        if self._chunk_ends is None:
            yield from super().stream(wanted, decode_content)
            return
        if not self._decodes:
            self._held[:0] = self._take(None)
        piece: bytes | None = b""
        while True:
            try:
                while self._pull():
                    while wanted is not None and len(self._buffer) >= wanted:
                        yield self._take(wanted)
            except ContentDecodingError as error:
                good = self._take(None)
                self._fail(error)
                if good:
                    yield good
                raise
            if self._buffer:
                yield self._take(None)
            if piece is None:
                return
            piece = self._piece_of_chunk(wanted)
            self._keep(piece)

    def _update_chunk_length(self) -> None:
        """Do nothing: the codec counts chunks. CacheControl puts a function around this one."""

    def _piece_of_chunk(self, wanted: int | None) -> bytes | None:
        """Take as much as is wanted of a chunk, or the rest of it, once that has come.

        Returns:
            The piece, before decoding; None at the end of the content.
        """
        held = self._held
        while not (self._decoder is not None and self._decoder.overrun):
            start = self._received - len(held)
            end = self._end_after(start)
            size = wanted if end is None else end - start
            if wanted is not None and size is not None:
                size = min(size, wanted)
            if size is not None and len(held) >= size:
                break
            try:
                data = self._receive_more()
            except RequestException as error:
                self._keep(self._take_held(None))
                with suppress(RequestException):  # It breaks off within a coding as well.
                    while self._pull():
                        pass
                self._fail(error)
                raise
            if data is None:
                size = None
                break
            held += data
        else:
            held.clear()
            return None
        return self._take_held(size) or None

    def _take_held(self, size: int | None) -> bytes:
        held = self._held
        taken = bytes(held if size is None else memoryview(held)[:size])
        del held[: len(taken)]
        return taken

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, as urllib3 does; return the number of bytes, fewer only at the end."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def _receive(self) -> bytes | None:
        return self._take_held(None) or self._receive_more()

    def _receive_more(self) -> bytes | None:
        if self._origin is None:
            return super()._receive()
        data: bytes = self._file.read(STREAM_SIZE)
        self._received += len(data)
        if data:
            return data
        response = self._response()
        if response is not None and self._origin.trailers is not None:
            response.trailers = self._origin.trailers
        if response is not None:
            decisions, self._origin.decisions = self._origin.decisions, ()  # Once.
            response.note(decisions)
        return None

    def _fail(self, error: RequestException) -> None:
        from .told import tell_content

        super()._fail(error)
        tell_content(error, self)

    def _stop_receiving(self) -> None:
        super()._stop_receiving()
        self._held.clear()
        if self._origin is not None:
            self._origin.close()

    def mark_closed(self, cut: Cut | None = None) -> None:
        """Record that the response was closed, and close ``_fp``."""
        super().mark_closed(cut)
        self._held.clear()
        if self._origin is not None:
            self._origin.close()
