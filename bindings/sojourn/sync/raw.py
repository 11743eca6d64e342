"""``response.raw``: the content of a response as a file, its octets as they came.

The file and the response read the same exchange: what one of them has read is gone for the other.
Its names are those of urllib3's ``HTTPResponse``, as far as users of Requests go by them.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import ref

from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.content.coding import decoder_for
from sojourn_core.values.errors import ContentDecodingError, LocalProtocolError, RequestException
from sojourn_core.values.fields import Fields
from sojourn_core.values.status import REDIRECT_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPMessage

    from sojourn_core.messages.response import Response
    from sojourn_core.values.content.coding import Decoder

STREAM_SIZE: Final = 64 * 1024  # As urllib3 has it.
PEEK_SIZE: Final = 512  # Looked at for the end of a line; io reads octet by octet without that.


class RawFields(Fields):
    """Field lines, with the names that urllib3 has for reading those that repeat."""

    __slots__ = ()

    def getlist(self, name: str, default: Any = ()) -> list[str]:
        """The values of every line of this name; a list of ``default`` if there is none."""
        return self.get_all(name) or list(default)

    getheaders = getallmatchingheaders = iget = getlist


class OriginalResponse:
    """What ``http.cookiejar`` and others look for behind a raw response: http.client's names."""

    def __init__(self, raw: RawHead) -> None:
        self._raw = raw
        self._message: HTTPMessage | None = None
        self.status = raw.status
        self.reason = raw.reason
        self.version = raw.version

    @property
    def msg(self) -> HTTPMessage:
        """The field lines as ``http.client`` has them."""
        if self._message is None:
            from http.client import HTTPMessage  # Few ask.

            self._message = HTTPMessage()
            for name, value in self._raw.headers.lines:
                self._message[name] = value
        return self._message

    @property
    def headers(self) -> HTTPMessage:
        """Likewise."""
        return self.msg

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """The value of a field, its lines joined."""
        return self._raw.getheader(name, default)

    def isclosed(self) -> bool:
        """Whether there is nothing left to read."""
        return self._raw.isclosed()

    def close(self) -> None:
        """There is nothing to close that the raw response does not."""


class RawHead:
    """The head of a raw response, and what was received of its content and not given out yet.

    This is what both bindings have in common; it does no I/O.

    Args:
        response: Whose content it is. It is not held, so that either may outlive the other.
        driver: Reads the exchange; None if there is nothing left to read.
        closed: Whether it was closed already.

    Attributes:
        status: Three digits.
        reason: The reason phrase.
        version: 11 for HTTP/1.1, 10 for HTTP/1.0, 0 if it is not known.
        headers: Field lines.
        decode_content: Whether codings are taken off if a call does not say.
    """

    def __init__(self, response: Response, driver: Any, *, closed: bool = False) -> None:
        self.status: int | None = response.status_code
        self.reason: str | None = response.reason
        self.version: int = int((response.http_version or "0").replace(".", ""))
        self.headers: RawFields = RawFields(response.headers)
        self.decode_content = False
        self.driver: Any = driver
        self._closed = closed
        self._limits = response.limits
        self._buffer = bytearray()
        self._decoder: Decoder | None = None
        self._decodes = False
        self._pieces: Iterator[bytes] | None = None  # Of what the decoder was fed last.
        self._received = 0
        self._response: Callable[[], Response | None] = ref(response)
        self._original: OriginalResponse | None = None

    def belong_to(self, response: Response) -> None:
        """Let this response have it from now on: errors name it, trailers go there."""
        self._response = ref(response)

    # --- the head -------------------------------------------------------------------------------

    @property
    def version_string(self) -> str:
        """``HTTP/1.1``, as it stands in the status line."""
        return f"HTTP/{self.version // 10}.{self.version % 10}" if self.version else "HTTP/?"

    @property
    def _original_response(self) -> OriginalResponse:
        if self._original is None:
            self._original = OriginalResponse(self)
        return self._original

    def getheaders(self) -> RawFields:
        """The field lines."""
        return self.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """The value of a field, its lines joined."""
        return self.headers.get(name, default)

    def info(self) -> RawFields:
        """The field lines, under ``urllib.request``'s name."""
        return self.headers

    def geturl(self) -> str | None:
        """The URL that was asked."""
        response = self._response()
        return None if response is None else response.url

    def get_redirect_location(self) -> str | bool | None:
        """Where a redirect leads, None if it does not say; False for any other response."""
        if self.status in REDIRECT_STATUSES:
            return self.headers.get("location")
        return False

    # --- the content ----------------------------------------------------------------------------

    def isclosed(self) -> bool:
        """Whether there is nothing left to read."""
        return self._closed or not (self._buffer or self._pieces or not self._is_ended())

    def tell(self) -> int:
        """How many octets were received through this file, codings counted as they came."""
        return self._received

    def readable(self) -> bool:
        """True."""
        return True

    @property
    def takes_codings_off(self) -> bool:
        """Whether they are taken off by now, which then goes on to the end."""
        return self._decodes

    def _is_ended(self) -> bool:
        driver = self.driver
        return driver is None or driver.exchange.phase is Phase.ENDED

    def _prepare(self, decode_content: bool | None) -> None:
        try:
            self._settle(decode_content)
        except RequestException as error:
            self._blame(error)
            raise

    def _settle(self, decode_content: bool | None) -> None:
        """Take codings off, or leave them, from here on.

        Raises:
            LocalProtocolError: If they were taken off before: half of it cannot be had back.
            DecompressionLimit: If there are more than may be stacked.
        """
        wanted = self.decode_content if decode_content is None else decode_content
        if wanted is self._decodes:
            return
        if not wanted:
            if self.headers.get_all("content-encoding") and not self.isclosed():
                raise LocalProtocolError("codings were taken off by the reads before this one")
            return
        self._decodes = True
        codings = self.headers.get_all("content-encoding")
        if codings:
            response = self._response()
            note = None if response is None else response.decisions.append
            self._decoder = decoder_for(codings, self._limits, note)
        if self._decoder is not None and self._buffer:
            self._pieces = self._decoder.feed(bytes(self._buffer))
            self._buffer.clear()

    def _pull(self) -> bool:
        """Decode one piece more of what was received, if there is one."""
        if self._pieces is None:
            return False
        piece = next(self._pieces, None)
        if piece is None:
            self._pieces = None
            if self._decoder is not None and self._decoder.overrun:
                self._stop_receiving()
            return False
        self._buffer += piece
        return True

    def _keep(self, data: bytes | None) -> bool:
        """Keep what was received, or the end of it; whether there may be more after that."""
        decoder = self._decoder
        if decoder is None:
            self._buffer += data or b""
            return data is not None
        if data is None:
            self._pieces = decoder.finish()
            self._decoder = None
        else:
            self._pieces = decoder.feed(data)
        return True

    def _take(self, amount: int | None) -> bytes:
        buffer = self._buffer
        if amount is None or amount >= len(buffer):
            data = bytes(buffer)
            buffer.clear()
            return data
        data = bytes(buffer[:amount])
        del buffer[:amount]
        return data

    def _took_in(self, command: c.HandedUp) -> bytes | None:
        """The octets of a command that was handed up; None if it is the end."""
        if isinstance(command, c.Content):
            self._received += len(command.data)
            return command.data
        self.driver = None
        response = self._response()
        if isinstance(command, c.Finish) and response is not None:
            response.trailers = command.trailers
        return None

    def _blame(self, error: RequestException) -> None:
        response = self._response()
        if response is not None and error.response is None:
            error.request, error.response = response.request, response

    def _give_up(self) -> None:
        """Nothing more comes; what came can still be read."""
        self._decoder = self._pieces = None
        self._stop_receiving()

    def _stop_receiving(self) -> None:
        """Let go of the connection before its end; what it gave is still to be decoded."""
        driver, self.driver = self.driver, None
        if driver is not None:
            driver.abandon()

    def _let_go(self) -> None:
        self._give_up()
        self.mark_closed()

    def mark_closed(self) -> None:
        """The response was closed, and its connection with it."""
        self._closed = True
        self._buffer.clear()
        self._decoder = self._pieces = None


class RawResponse(RawHead, io.IOBase):
    """The content of a response as a file that blocks.

    It can be wrapped by ``io.BufferedReader`` and ``io.TextIOWrapper``: at its end it gives no
    octets, and is not closed before somebody closes it.
    """

    def read(
        self,
        amt: int | None = None,
        decode_content: bool | None = None,
        cache_content: bool = False,
    ) -> bytes:
        """Octets as they came: ``amt`` of them unless it ends before, or all there are.

        Args:
            amt: How many; None or a negative number for all.
            decode_content: Whether to take codings off; None for the attribute of this name.
            cache_content: For urllib3's callers; nothing is kept.

        Raises:
            RequestException: Whatever goes wrong.
        """
        if amt is not None and amt < 0:
            amt = None
        self._prepare(decode_content)
        while (amt is None or len(self._buffer) < amt) and self._fill():
            pass
        return self._take(amt)

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Some octets as soon as there are any, ``amt`` at most; none are the end."""
        self._prepare(decode_content)
        if amt != 0:
            while not self._buffer and self._fill():
                pass
        return self._take(None if amt is None or amt < 0 else amt)

    def stream(
        self, amt: int | None = STREAM_SIZE, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Pieces of ``amt`` octets, the last one excepted; None for pieces as they arrive."""
        read = self.read1 if amt is None else self.read
        try:
            while data := read(amt, decode_content):
                yield data
        except ContentDecodingError:
            if self._buffer:  # It was good, and is less than was asked for.
                yield self._take(None)
            raise

    def read_chunked(
        self, amt: int | None = None, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Likewise; the framing is taken off in any case."""
        return self.stream(amt, decode_content)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; how many octets it got."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def peek(self, size: int = 1) -> bytes:
        """Some octets that the next read will give; none are the end."""
        self._prepare(None)
        while not self._buffer and self._fill():
            pass
        return bytes(self._buffer[: max(size, PEEK_SIZE)])

    def __iter__(self) -> Iterator[bytes]:
        """Line by line, codings taken off."""
        self._prepare(True)
        self.decode_content = True
        while line := self.readline():
            yield line

    @property
    def data(self) -> bytes:
        """All of the content, codings taken off: that of the response, which keeps it."""
        response: Any = self._response()
        known = None if response is None else response.content
        return self.read(decode_content=True) if known is None else known

    # --- what reads it --------------------------------------------------------------------------

    def receive(self) -> bytes | None:
        """Some more octets for the response to read, as codings stand; None at the end."""
        while not self._buffer and self._fill():
            pass
        return self._take(None) if self._buffer else None

    def _fill(self) -> bool:
        """Get some more into the buffer; whether there may be more after that."""
        try:
            return self._pull() or self._keep(self._receive())
        except RequestException as error:
            self._give_up()
            self._blame(error)
            raise

    def _receive(self) -> bytes | None:
        if self._is_ended():
            self.driver = None
            return None
        return self._took_in(self.driver.proceed())

    # --- ending ---------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether it was closed; see ``isclosed`` for whether it is at its end."""
        return self._closed

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        self._let_go()

    def release_conn(self) -> None:
        """The connection goes back by itself, as soon as the response has ended."""

    def drain_conn(self) -> None:
        """Read to the end, to keep the connection; whatever goes wrong closes it."""
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
        """Not closed here, as other files are: the driver leaves its own note."""
