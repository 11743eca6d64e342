"""``response.raw`` without its reading: the head, the buffer, and the steps of a read.

The file and the response read the same exchange: bytes that one of them has read, the other does
not get. Names are those of urllib3's ``HTTPResponse``, as far as users of Requests rely on them.
"""

from __future__ import annotations

from collections.abc import ItemsView
from typing import TYPE_CHECKING, Any, ClassVar, Final
from weakref import ref

from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import LocalProtocolError, RequestException
from sojourn_core.values.fields import Fields
from sojourn_core.values.status import REDIRECT_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPMessage

    from sojourn_core.messages.response import Response
    from sojourn_core.values.content.coding import Decoder
    from sojourn_core.values.fields import FieldLine

    from .cut import Cut

STREAM_SIZE: Final = 64 * 1024  # As urllib3 has it.


class RawFields(Fields):
    """Field lines, with urllib3's names for reading those that repeat."""

    __slots__ = ()

    def getlist(self, name: str, default: Any = ()) -> list[str]:
        """Return the value of each line of this name; ``default`` as a list if there is none."""
        return self.get_all(name) or list(default)

    getheaders = getallmatchingheaders = iget = getlist

    def items(self) -> ItemsView[str, str]:
        """Return a pair for each line, whether or not its name repeats."""
        return LinesView(self)

    def iteritems(self) -> Iterator[FieldLine]:
        """Iterate over a pair for each line."""
        return iter(self.lines)

    def itermerged(self) -> Iterator[FieldLine]:
        """Iterate over a pair for each name, its lines joined."""
        return iter([(name, self[name]) for name in self])


class LinesView(ItemsView[str, str]):
    """The lines of a mapping whose names repeat."""

    _mapping: Any

    def __iter__(self) -> Iterator[FieldLine]:
        return iter(self._mapping.lines)

    def __len__(self) -> int:
        return len(self._mapping.lines)


class OriginalResponse:
    """The head under ``http.client``'s names, which ``http.cookiejar`` and others read.

    The file has it, and is held weakly in return.
    """

    def __init__(self, raw: RawBase) -> None:
        self._raw = ref(raw)
        self._fields = raw.headers
        self._message: HTTPMessage | None = None
        self.status = raw.status
        self.reason = raw.reason
        self.version = raw.version

    @property
    def msg(self) -> HTTPMessage:
        """The field lines as ``http.client`` has them."""
        if self._message is None:
            from http.client import HTTPMessage  # It costs much to load, and few read it.

            self._message = HTTPMessage()
            for name, value in self._fields.lines:
                self._message[name] = value
        return self._message

    @property
    def headers(self) -> HTTPMessage:
        """The same as ``msg``."""
        return self.msg

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return the value of a field, its lines joined."""
        return self._fields.get(name, default)

    def getheaders(self) -> list[FieldLine]:
        """Return a pair for each line."""
        return [*self._fields.lines]

    def isclosed(self) -> bool:
        """Return True if there is nothing left to read."""
        raw = self._raw()
        return raw is None or raw.isclosed()

    def close(self) -> None:
        """Do nothing: the raw response owns the connection."""


class RawBase:
    """The head of a raw response, and the bytes received and not yet read.

    The bindings derive their files from it, and add the reading.

    Args:
        response: The response whose content it is. It is held weakly: either may outlive the other.
        driver: The driver of its exchange; None if there is nothing left to read.
        closed: The response was closed already.

    Attributes:
        status: Status code, three digits.
        reason: The reason phrase.
        version: 11 for HTTP/1.1, 10 for HTTP/1.0, 0 if it is not known.
        headers: Field lines.
        decode_content: Content codings are removed by reads that do not say.
        driver: As given; None once there is nothing left to receive.
        tells_of_cuts: Whether reading on is an error once somebody else has closed it.
    """

    tells_of_cuts: ClassVar[bool] = True

    def __init__(self, response: Response, driver: Any, *, closed: bool = False) -> None:
        self.status: int | None = response.status_code
        self.reason: str | None = response.reason
        self.version: int = int((response.http_version or "0").replace(".", ""))
        # A copy: programs change what they read here, and not what the response has.
        copied: Any = RawFields.from_lines(response.headers.lines.copy())
        self.headers: RawFields = copied
        self.decode_content = False
        self.driver: Any = driver
        self._closed = closed
        self._cut: Cut | None = None
        self._begun_after_cut = False  # A read that begins later finds the end of the file.
        self._limits = response.limits
        self._buffer = bytearray()
        self._decoder: Decoder | None = None
        self._decodes = False
        self._pieces: Iterator[bytes] | None = None  # Decoded from the last bytes received.
        self._received: int = 0
        self._response: Callable[[], Response | None] = ref(response)
        self._original: OriginalResponse | None = None

    def belong_to(self, response: Response) -> None:
        """Make it the content of this response, which errors name and trailers are set on."""
        self._response = ref(response)

    # --- head -----------------------------------------------------------------------------------

    @property
    def version_string(self) -> str:
        """The version as in the status line, such as ``HTTP/1.1``; ``HTTP/?`` if not known."""
        return f"HTTP/{self.version // 10}.{self.version % 10}" if self.version else "HTTP/?"

    @property
    def sets_no_cookies(self) -> bool:
        """The head has no line that sets a cookie, and nobody has read it as ``http.client``'s."""
        names = self.headers.by_name()
        return self._original is None and "set-cookie" not in names and "set-cookie2" not in names

    @property
    def _original_response(self) -> OriginalResponse:
        if self._original is None:
            self._original = OriginalResponse(self)
        return self._original

    def getheaders(self) -> RawFields:
        """Return the field lines."""
        return self.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return the value of a field, its lines joined."""
        return self.headers.get(name, default)

    def info(self) -> RawFields:
        """Return the field lines, under ``urllib.request``'s name."""
        return self.headers

    def geturl(self) -> str | None:
        """Return the URL requested."""
        response = self._response()
        return None if response is None else response.url

    def get_redirect_location(self) -> str | bool | None:
        """Return a redirect's Location, None if it has none; False for any other response."""
        if self.status in REDIRECT_STATUSES:
            return self.headers.get("location")
        return False

    # --- content --------------------------------------------------------------------------------

    def isclosed(self) -> bool:
        """Return True if there is nothing left to read."""
        return self._closed or not (self._buffer or self._pieces or not self._is_ended())

    @property
    def closed(self) -> bool:
        """It was closed; ``isclosed`` says that it is at its end."""
        return self._closed

    def tell(self) -> int:
        """Return how many bytes were received through this file, before decoding."""
        return self._received

    def readable(self) -> bool:
        """Return True."""
        return True

    @property
    def takes_codings_off(self) -> bool:
        """Content codings are being removed, which goes on to the end."""
        return self._decodes

    # --- steps of a read ------------------------------------------------------------------------

    def _begin(self, amount: int | None, decode_content: bool | None) -> int | None:
        """Begin a read; return the number of bytes wanted, None for all.

        Raises:
            LocalProtocolError: Codings were removed before: half of that cannot be undone. Or
                somebody else reads, or the event loop is another one.
            DecompressionLimit: There are more codings than the limits allow.
        """
        if self.driver is not None:
            self.driver.refuse_others()
        self._begun_after_cut = self._cut is not None
        try:
            self._settle(self.decode_content if decode_content is None else decode_content)
        except RequestException as error:
            self._name_response(error)
            raise
        return None if amount is None or amount < 0 else amount

    def _settle(self, wanted: bool) -> None:
        """Remove content codings, or keep them, from here on."""
        if wanted is self._decodes:
            return
        codings = self.headers.get_all("content-encoding")
        if not wanted:
            if codings and not self.isclosed():
                raise LocalProtocolError("codings were taken off by the reads before this one")
            return
        self._decodes = True
        if codings:
            from sojourn_core.values.content.coding import decoder_for

            response = self._response()
            note = None if response is None else response.noter()
            self._decoder = decoder_for(codings, self._limits, note)
        if self._decoder is not None and self._buffer:
            self._pieces = self._decoder.feed(bytes(self._buffer))
            self._buffer.clear()

    def _lacks(self, wanted: int | None) -> bool:
        """Return True while the buffer holds fewer bytes than wanted."""
        return wanted is None or len(self._buffer) < wanted

    def _pull(self) -> bool:
        """Decode one more piece of the bytes received; return False if there is none."""
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
        """Keep received bytes, or their end (None); return True if more may follow."""
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
        """Take bytes out of the buffer; None for all."""
        buffer = self._buffer
        if amount is None or amount >= len(buffer):
            data = bytes(buffer)
            buffer.clear()
            return data
        data = bytes(buffer[:amount])
        del buffer[:amount]
        return data

    # --- steps of a receipt ---------------------------------------------------------------------

    def _is_ended(self) -> bool:
        driver = self.driver
        return driver is None or driver.exchange.phase is Phase.ENDED

    def _ends(self) -> bool:
        """Return True at the end of the content, where the driver is let go of.

        Raises:
            LocalProtocolError: Somebody else has closed it since the read began.
        """
        if self._is_ended():
            self.driver = None
            if not self._begun_after_cut:
                self.refuse_cut()
            return True
        return False

    def _come(self, data: bytes) -> bytes | None:
        """Return bytes for the response; None for none, which is the end unless it was cut."""
        if not data:
            self.refuse_cut()
        return data or None

    def refuse_cut(self) -> None:
        """Refuse to take for an end what somebody else has closed, while it was being read.

        Raises:
            LocalProtocolError: It names who did.
        """
        if self._cut is not None and self.tells_of_cuts:
            try:
                self._cut.refuse_others()
            except LocalProtocolError as error:
                self._name_response(error)
                raise

    def _took_in(self, command: c.HandedUp) -> bytes | None:
        """Return the bytes of a command that was handed up; None at the end."""
        if isinstance(command, c.Content):
            self._received += len(command.data)
            return command.data
        self.driver = None
        response = self._response()
        if isinstance(command, c.Finish) and response is not None:
            response.trailers = command.trailers
            response.note(command.decisions)
        return None

    def _fail(self, error: RequestException) -> None:
        """Give the exchange up because of an error, which names the response."""
        self._give_up()
        self._name_response(error)
        error.partial = bytes(self._buffer)  # It can be read here as well.

    def _name_response(self, error: RequestException) -> None:
        response = self._response()
        if response is not None and error.response is None:
            error.request, error.response = response.request, response

    # --- ending ---------------------------------------------------------------------------------

    def _give_up(self) -> None:
        """Receive nothing more; bytes in the buffer can still be read."""
        self._stop_receiving()  # First of all: it may be refused.
        self._decoder = self._pieces = None

    def _stop_receiving(self) -> None:
        """Let go of the connection before its end; bytes received can still be decoded."""
        if self.driver is not None:
            self.driver.abandon()
            self._cut = getattr(self.driver, "cut", None)
            self.driver = None

    def _let_go(self) -> None:
        self._give_up()
        self.mark_closed()

    def mark_closed(self, cut: Cut | None = None) -> None:
        """Record that the response was closed, and its connection let go of.

        Args:
            cut: By whom, if that was before its end.
        """
        self._closed = True
        self._cut = self._cut or cut
        self._buffer.clear()
        self._decoder = self._pieces = None
