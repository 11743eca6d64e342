"""The facts of an exchange: what is known of it between two replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .commands import Content, Pull
from .passing import passing_of
from .upload import SENT

if TYPE_CHECKING:
    from collections import deque

    from sojourn_core.values.errors import Progress
    from sojourn_core.values.fields import Fields

    from .commands import ExchangeCommand
    from .connection import Connection
    from .passing import Passing
    from .phase import Phase


class ExchangeFacts:
    """The facts of an exchange, which its state has.

    Attributes:
        command: The command that waits for a reply.
    """

    __slots__ = ("_state", "command")

    _state: Any  # Each state has the replies that fit its commands.
    command: ExchangeCommand | None

    @property
    def phase(self) -> Phase:
        """The phase that the exchange is in."""
        phase: Phase = self._state.phase
        return phase

    @property
    def progress(self) -> Progress:
        """The progress of the exchange."""
        progress: Progress = self._state.progress
        return progress

    @property
    def reused(self) -> bool:
        """The connection had served a request before."""
        reused: bool = self._state.reused
        return reused

    @property
    def connection(self) -> Connection | None:
        """The connection in use; None before there is one and after it was given back."""
        slot = self._state.slot
        return None if slot is None else slot.connection

    @property
    def came_by(self) -> Connection | None:
        """The connection that the response comes by, which others may use by now; else None."""
        slot = self._state.slot
        return None if slot is None else slot.connection or slot.used

    @property
    def stream(self) -> Any:
        """The driver's handle that commands are about; None where there is no connection."""
        slot = self._state.slot
        if slot is None or slot.connection is None:
            return None
        return slot.connection.stream

    @property
    def holds(self) -> bool:
        """Something of the pool is held: a place in the queue, or a connection in use."""
        return self._state.held() is not None

    @property
    def trailers(self) -> Fields | None:
        """Fields that came after the content, once it has ended."""
        message = self._state.message
        return None if message is None else message.trailers

    @property
    def chunk_ends(self) -> deque[int] | None:
        """The end of each chunk of the content, if the codec notes that; see ``ChunkCounter``."""
        message = self._state.message
        return None if message is None else message.chunk_ends

    @property
    def has_come(self) -> bool:
        """More of the response, or its end, is there: ``proceed`` hands it up without a read."""
        message = self._state.message
        return message is not None and (message.has_content or message.ended)

    @property
    def until_close(self) -> bool:
        """Only the end of the stream ends the content that is being received."""
        message = self._state.message
        return message is not None and message.until_close

    @property
    def countable(self) -> int:
        """The number of bytes that come next as content, unframed, and do not end it.

        After ``Content`` a driver may read up to so many from the stream, hand them up and report
        them by ``count_off``, where it would call ``proceed`` and ``received``: a shortcut for
        large content, and nothing is lost without it. The number is 0 where there is more to do:
        with TLS, with chunks, and while the request is still being sent.
        """
        if type(self.command) is not Content:
            return 0
        state = self._state
        connection = state.slot.connection
        if connection is None or connection.tls is not None or state.upload is not SENT:
            return 0
        size: int = getattr(state.message, "countable", 0)  # Others' codecs may have none.
        return size

    def count_off(self, size: int) -> None:
        """Count bytes of content that were read by themselves: at most ``countable``."""
        self._state.count_off(size)

    @property
    def passing(self) -> Passing | None:
        """The framing of the next chunks of the request's content, with no reply for each.

        It is None where there is more to do, and unless the command is a ``Pull``. It is a shortcut
        for drivers: nothing is lost without it.
        """
        return passing_of(self, self._state) if type(self.command) is Pull else None
