"""The driver of a response whose content comes from an iterable, and from no connection.

To the response it is what the driver of an exchange is: content is read, streamed, drained and
given up as if it came by a socket, and held to the same times.
"""

from __future__ import annotations

from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any

from sojourn_core import commands as c
from sojourn_core.exchange.chunk_counter import ended_early
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import (
    DeadlineExceeded,
    LocalProtocolError,
    ReadTimeout,
    StalledContent,
)
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from sojourn_core.commands import HandedUp, Send
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.fields import Fields


@record(frozen=True)
class Patience(Value):
    """The time that an answer may take.

    Attributes:
        place: The origin that is waited for, as errors name it.
        read: Seconds of silence; None for any time.
        deadline: When the whole call must be over, in monotonic seconds.
    """

    place: str = ""
    read: float | None = None
    deadline: float = inf

    @classmethod
    def of(cls, command: Send) -> Patience:
        """Return the times of a call."""
        url = command.request.parsed_url
        return cls(str(url.origin), command.settings.timeouts.read, command.deadline)

    def until(self, since: float) -> float:
        """Return the time at which a wait that began then is over."""
        return self.deadline if self.read is None else min(self.deadline, since + self.read)

    def error(self, now: float, *, within: bool) -> RequestException:
        """Return the error for a wait that took too long.

        Args:
            now: Monotonic seconds.
            within: It was for more of the content, and not for the head.
        """
        if now >= self.deadline:
            return DeadlineExceeded(f"the call to {self.place} took longer than it may in all")
        if within:
            return StalledContent(f"{self.place} was silent for {self.read} s within the content")
        return ReadTimeout(f"no answer from {self.place} in {self.read} s")


PATIENT = Patience()


class PiecesBase:
    """Hands up content that is there, or comes from an iterator.

    Args:
        content: The whole content as bytes; or what gives pieces of it.
        patience: The time that each piece may take.
        trailers: Field lines after it.
        length: The number of bytes that the head declares; None if it declares none.

    Attributes:
        is_whole: All of the content is there.
        until_close, connection, chunk_ends: As those of an exchange over a connection that is kept.
    """

    __slots__ = (
        "__weakref__",
        "_content",
        "_iterator",
        "_missing",
        "_patience",
        "_trailers",
        "is_whole",
    )

    until_close = False
    connection = None
    chunk_ends = None

    def __init__(
        self,
        content: Any,
        patience: Patience = PATIENT,
        trailers: Fields | None = None,
        *,
        length: int | None = None,
    ) -> None:
        self.is_whole = isinstance(content, (bytes, bytearray, memoryview))
        self._content: Any = bytes(content) if self.is_whole else content
        self._iterator: Any = None
        self._missing = length
        self._patience = patience
        self._trailers = trailers
        if self.is_whole and length not in (None, len(self._content)):
            self.is_whole = False  # Its reader learns of it when it gets there.
            self._content = [self._content]

    @property
    def exchange(self) -> Any:
        """Itself: there is no exchange behind it."""
        return self

    @property
    def phase(self) -> Phase:
        """RECEIVING, or ENDED."""
        return Phase.ENDED if self._content is None else Phase.RECEIVING

    def at_hand(self) -> tuple[bytes, Fields | None, tuple[()]] | None:
        """Return all of the content, if it is there and nobody has begun to read it."""
        if not self.is_whole or self._content is None:
            return None
        whole, self._content = self._content, None
        return whole, self._trailers, ()

    def read_counted(self, most: int) -> None:
        """Return None: pieces come as they are."""

    def watch(self, make_ref: Any) -> None:
        """Do nothing: no connection is lost with a response that nobody reads."""

    def refuse_others(self) -> None:
        """Do nothing: an iterator refuses a second reader by itself."""

    def is_read_by_others(self) -> bool:
        """Return False, for the same reason."""
        return False

    def _count(self, piece: Any) -> None:
        """Hold a piece, or None at the end, to the length that is declared.

        Raises:
            LocalProtocolError: There is more than that.
            ChunkedEncodingError: There is less.
        """
        if self._missing is None:
            return
        if piece is not None:
            self._missing -= len(piece)
            if self._missing < 0:
                more = "the answer has more content than its Content-Length declares"
                raise LocalProtocolError(more)
        elif self._missing:
            raise ended_early(self._missing)

    def _end(self) -> Any:
        """End, and return what is to be closed."""
        begun, self._iterator = self._iterator, None
        content, self._content = self._content, None
        return content if begun is None else begun


class Pieces(PiecesBase):
    """Hands up the pieces of an iterable. What takes too long is an error when it has come."""

    __slots__ = ()

    def proceed(self) -> HandedUp:
        """Return the next piece, or the end.

        Raises:
            StalledContent: The piece took longer than a read may.
            DeadlineExceeded: The time of the call is over.
            LocalProtocolError, ChunkedEncodingError: The length is not the declared one.
        """
        found = self.at_hand()
        if found is not None:
            return c.Content(found[0])
        if self._content is None:
            return c.Finish(reusable=True, trailers=self._trailers)
        if self._iterator is None:
            self._iterator = iter(self._content)
        since = clock()
        piece = next(self._iterator, None)
        if (now := clock()) > self._patience.until(since):
            raise self._patience.error(now, within=True)
        if piece is None:
            self.abandon()
        self._count(piece)
        if piece is None:
            return c.Finish(reusable=True, trailers=self._trailers)
        return c.Content(piece)

    def drain(self, limit: int, deadline: float) -> None:
        """Leave out the rest, and close the iterator; errors of it are nobody's."""
        try:
            while self.phase.name != "ENDED" and limit >= 0 and clock() < deadline:
                handed = self.proceed()
                limit -= len(handed.data) if isinstance(handed, c.Content) else 0
        except Exception:  # noqa: BLE001, S110 - as with a connection that breaks: it is given up
            pass
        self.abandon()

    def abandon(self) -> None:
        """Close the iterator."""
        left = self._end()
        if hasattr(left, "close"):
            left.close()
