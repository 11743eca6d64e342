"""A response that is read through a driver: its state, and the steps of reading it.

A binding derives from ``ResponseBase``, and adds the two methods that wait: one receives, the other
iterates over what the pipeline makes of that.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeVar, overload
from weakref import ref

from sojourn_core import commands as c
from sojourn_core.exchange.cycle import CONTENT_READ_SIZE, LARGE_READ_SIZE
from sojourn_core.exchange.phase import Phase
from sojourn_core.messages.given import head_of
from sojourn_core.messages.response import ITER_CHUNK_SIZE
from sojourn_core.messages.response import Response as CoreResponse
from sojourn_core.values.content.text import LineSplitter
from sojourn_core.values.errors import RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .raw_base import RawBase

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable, Iterator
    from typing import Literal

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.content.coding import Decoder
    from sojourn_core.values.content.pipeline import Pipeline
    from sojourn_core.values.fields import FieldsInput
    from sojourn_core.values.head import ResponseHead


DEFAULT_ITER_SIZE: Final = 128
UNMADE: Final = object()  # The ``raw`` of a response that nobody has asked for it yet.

# Iterator[Any] in the blocking binding, AsyncIterator[Any] in the other; and so on.
Pieces = TypeVar("Pieces")
BytesPieces = TypeVar("BytesPieces")
TextPieces = TypeVar("TextPieces")


class ResponseBase(CoreResponse, Generic[Pieces, BytesPieces, TextPieces]):
    """The response to one request, its content still with the exchange.

    Args:
        head: The head received; None for a response made by hand.
        request: The request that it answers.
        limits: Limits on the size of its content, and on its content codings.
        driver: The driver of the exchange that the head came from; None without one.

    Attributes:
        tls: The TLS connection that it came by, and the certificate of the peer; None if it came
            by none.
    """

    raw_class: ClassVar[type[RawBase]]
    pieces_class: ClassVar[Any]  # A ``PiecesBase``; likewise.
    upgraded: Any = None  # The binding's own ``UpgradedStream``; see ``switch``.
    _cut: Any = None  # A ``Cut``: libraries read the types of responses where it is not imported.
    _closed: bool = False
    tls: Any = None  # A ``TLSInfo``; likewise.
    lines_class: ClassVar[type[LineSplitter[Any]]] = LineSplitter

    def __init__(
        self,
        head: ResponseHead | None = None,
        request: PreparedRequest | None = None,
        limits: Limits = DEFAULT_LIMITS,
        driver: Any = None,
    ) -> None:
        super().__init__(head, request, limits)
        self._driver: Any = driver  # None once the content has ended.
        if driver is not None:
            self._raw = UNMADE

    @classmethod
    def of(
        cls,
        status: int,
        fields: FieldsInput | None = None,
        content: bytes | Iterable[bytes] | AsyncIterable[bytes] = b"",
        *,
        request: PreparedRequest | None = None,
        reason: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Self:
        """Build a response, as a test or a transport of somebody's own needs it.

        Args:
            status: Three digits.
            fields: Field lines: a mapping, or pairs; names may repeat in pairs.
            content: The content as it would be received, codings included: bytes, or an iterable
                of pieces, each read when it is asked for; with asyncio also an asynchronous one.
            request: The request that it answers; a session that has sent one fills it in.
            reason: The reason phrase; that of RFC 9110 section 15 if it is not given.
            limits: Limits on the size of its content, and on its content codings.
        """
        made = cls.__new__(cls)
        own: Any = ResponseBase  # A subclass may take no arguments.
        head = head_of(status, fields, reason)
        own.__init__(made, head, request, limits, cls.pieces_class(content))
        return made

    def note_tls(self) -> None:
        """Note the TLS connection that it comes by, which others may use afterwards."""
        connection = self._driver.exchange.came_by
        if connection is not None and connection.tls is not None:
            self.tls = connection.tls.info

    def switch(self, upgraded: Any) -> None:
        """Take a stream that was handed over: it has no content, and is closed with the response.

        Args:
            upgraded: The stream, as ``upgraded`` has it.
        """
        self.upgraded = upgraded
        self._driver = self._raw = None
        self._content = b""
        self._content_consumed = True

    # --- raw ------------------------------------------------------------------------------------

    @property
    def raw(self) -> Any:
        """The content as received, as a file; None if the response did not come by a connection."""
        if self._raw is UNMADE:
            self._raw = self.raw_class(self, self._driver, closed=self._closed)
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw
        self._driver = None
        if isinstance(raw, RawBase):
            raw.belong_to(self)
            self._driver = raw.driver

    def decoder(self) -> Decoder | None:
        """Build the decoder that removes the content codings, unless ``raw`` removes them."""
        raw = self._raw
        if isinstance(raw, RawBase) and raw.takes_codings_off:
            return None
        return super().decoder()

    # --- reading --------------------------------------------------------------------------------

    @property
    def content(self) -> bytes:
        """The content, if it was kept.

        Raises:
            LocalProtocolError: Somebody else is reading it.
            RuntimeError: It was streamed and not kept.
        """
        if self._driver is not None and self._content_consumed:
            self._driver.refuse_others()
        return super().content

    @overload
    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: Literal[False] = False
    ) -> BytesPieces: ...
    @overload
    def iter_content(
        self, chunk_size: int | None = 1, *, decode_unicode: Literal[True]
    ) -> TextPieces: ...
    @overload
    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Pieces: ...
    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Any:
        """Iterate over the content in pieces, content codings removed, read as they are asked for.

        Args:
            chunk_size: The most bytes in a piece; None for any number. Nothing waits for more
                once something is there.
            decode_unicode: Give text, decoded as for ``text``.

        Raises:
            StreamConsumedError: The content was read before, and not kept.
        """
        return self._pieces(chunk_size, as_text=decode_unicode)

    def _pieces(self, chunk_size: int | None, *, as_text: bool) -> Pieces:
        return self._read(self.pipeline(chunk_size, as_text=as_text))

    def _read(self, pipeline: Pipeline) -> Pieces:
        if self._driver is not None:
            self._driver.refuse_others()
        if self.claim_content():
            return self._each(pipeline.again(self._content or b""))
        return self._read_on(pipeline)

    def _read_on(self, pipeline: Pipeline) -> Pieces:
        """Iterate over the pieces of what is received from here on."""
        raise NotImplementedError

    def _each(self, pieces: Iterator[Any]) -> Pieces:
        """Iterate over pieces that are there."""
        raise NotImplementedError

    @overload
    def iter_lines(
        self,
        chunk_size: int = ITER_CHUNK_SIZE,
        decode_unicode: Literal[False] = False,
        delimiter: str | bytes | None = None,
    ) -> BytesPieces: ...
    @overload
    def iter_lines(
        self,
        chunk_size: int = ITER_CHUNK_SIZE,
        *,
        decode_unicode: Literal[True],
        delimiter: str | bytes | None = None,
    ) -> TextPieces: ...
    @overload
    def iter_lines(
        self,
        chunk_size: int = ITER_CHUNK_SIZE,
        decode_unicode: bool = False,
        delimiter: str | bytes | None = None,
    ) -> Pieces: ...
    def iter_lines(
        self,
        chunk_size: int = ITER_CHUNK_SIZE,
        decode_unicode: bool = False,
        delimiter: Any = None,
    ) -> Any:
        """Iterate over the lines of the content, without their ends; chunks do not cut lines.

        Args:
            chunk_size: The most bytes to look at at a time; nothing waits for more.
            decode_unicode: Give text, decoded as for ``text``.
            delimiter: What ends a line, as bytes or as text; None for CR, LF and CRLF.

        Raises:
            StreamConsumedError: The content was read before, and not kept.
        """
        return self._lines(self.lines_class(delimiter), chunk_size, as_text=decode_unicode)

    def _lines(self, splitter: LineSplitter[Any], size: int, *, as_text: bool) -> Pieces:
        """Iterate over the lines that a splitter makes of the content, read when asked for."""
        raise NotImplementedError

    def take_at_hand(self) -> bool:
        """Set the content if all of it arrived with the head, as most does; return True if so."""
        driver = self._driver
        if driver is None or not self.is_plain:
            return False
        found = driver.exchange.at_hand()
        if found is None:
            return False
        self._driver = None
        self._content, self.trailers, decisions = found
        self._content_consumed = True
        if decisions:
            self.note(decisions)
        return True

    def drains_at_once(self) -> bool:
        """Keep the content if all of it arrived with the head: then nothing is left to drain.

        Returns:
            Whether that is so.
        """
        return not self._content_consumed and self.take_at_hand()

    def _refuse_cut(self) -> None:
        """Refuse to take for an end what somebody else has closed.

        Raises:
            LocalProtocolError: It names who did.
        """
        if self._cut is not None:
            self._cut.refuse_others()

    def _read_counted(self, pipeline: Pipeline) -> bytes | None:
        """Read some of large content, past the commands; None leaves it to them."""
        driver = self._driver
        if driver is None or isinstance(self._raw, RawBase):
            return None
        # Pieces as large as the reader wants them need not be cut, which would be a copy.
        wanted = min(max(pipeline.size or LARGE_READ_SIZE, CONTENT_READ_SIZE), LARGE_READ_SIZE)
        data: bytes | None = driver.read_counted(wanted)
        return data

    def _took_in(self, command: c.HandedUp) -> bytes | None:
        """Return the bytes of a command that was handed up; None at the end of the content."""
        if isinstance(command, c.Content):
            return command.data
        self._driver = None
        if isinstance(command, c.Finish):
            self.trailers = command.trailers
            self.note(command.decisions)
        return None

    def _stop(self, error: BaseException, pipeline: Pipeline | None) -> None:
        """Let go of the connection because reading raised an error.

        The error names the response, and has what came of its content and was not handed out. If
        somebody else reads at the moment, the error is that, and the connection is theirs.
        """
        driver = self._driver
        if driver is None or not driver.is_read_by_others():
            self._let_go()
        self._name(error)
        if isinstance(error, RequestException):
            error.partial = b"" if pipeline is None else pipeline.remainder()

    def _name(self, error: BaseException) -> None:
        if isinstance(error, RequestException) and error.response is None:
            error.request, error.response = self.request, self

    def entrust(self) -> None:
        """Have the pool notice if this response is dropped unread.

        It is called where a response is handed over before its content has ended.
        """
        driver = self._driver
        if driver is not None:
            driver.exchange.watch(partial(ref, driver))

    # --- ending ---------------------------------------------------------------------------------

    def _driver_to_drain(self) -> Any:
        """Take the driver if its exchange has content left to drain; None if nothing is left."""
        driver = self._driver
        if driver is None:
            self._let_go()
            return None
        if self.drains_at_once():
            return None
        self._driver = None
        self._content_consumed = True
        return None if driver.exchange.phase is Phase.ENDED else driver

    def _let_go(self) -> None:
        driver = self._driver
        if driver is not None:
            driver.abandon()  # First of all: it may be refused.
            self._cut = getattr(driver, "cut", None)
            self._content_consumed = True
            self._driver = None
        self._closed = True
        if self.upgraded is not None:
            self.upgraded.shut()
        if isinstance(self._raw, RawBase):
            self._raw.mark_closed(self._cut)
