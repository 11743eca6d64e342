"""Chunks of a request's content that a driver sends at once, with no reply for each of them.

A peer that takes in content as fast as it comes has nothing decided between two chunks but their
framing. So a driver that has a ``Pull`` may ask for the framing alone, and send what it gets if its
stream takes that without waiting. It looks at its peer now and then. Whatever else happens goes the
usual way: the end of the content is replied by ``pulled``, an error of the user's code by
``failed``, and what the stream does not take at once, or fails with, belongs to the ``Write`` of
``held_up``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core.values.errors import LocalProtocolError

from .commands import Pull, Write
from .failures import network_error
from .phase import SENDING

if TYPE_CHECKING:
    from .codec import Message
    from .commands import ExchangeCommand
    from .cycle import Cycle
    from .upload import Upload

JOINED_MAX: Final = 16 * 1024  # Chunks up to this are copied sooner than they are sent in pieces.


class Commanded(Protocol):
    """An exchange, as far as its command goes."""

    command: ExchangeCommand | None


class Passing:
    """Frames chunks of content, which are not copied for that.

    Args:
        exchange: An exchange whose command is a ``Pull``, which stays its command.
        cycle: The state of it.
        upload: The content on its way.
        message: What frames it.
    """

    __slots__ = ("_chunk", "_cycle", "_exchange", "_framing", "_tls", "_upload")

    def __init__(self, exchange: Commanded, cycle: Cycle, upload: Upload, message: Message) -> None:
        self._exchange = exchange
        self._cycle = cycle
        self._upload = upload
        self._chunk = message.chunk
        self._framing = message.framing
        connection = cycle.slot.connection
        assert connection is not None
        self._tls = connection.tls

    def frame(self, chunk: bytes) -> tuple[int, tuple[bytes, ...]] | None:
        """Frame a chunk that was taken from the content, and encrypt it; it counts as sent.

        Returns:
            How many bytes are to be sent, and these in pieces; None for a chunk that is to be
            replied by ``pulled``: it is empty, or it is the last of content with a length.

        Raises:
            RequestException: TLS does not take it. It is replied as an error of the user's is.
        """
        upload, size = self._upload, len(chunk)
        left = upload.left
        if left is not None:
            if size >= left:
                return None
            upload.left = left - size
        if not size:
            return None
        upload.touched = True
        if size <= JOINED_MAX or self._tls is not None:
            joined = self._chunk(chunk)
            if self._tls is not None:
                joined = self._encrypted(joined)
            size = len(joined)
            upload.passed += size
            return size, (joined,)
        before, after = self._framing(size)
        size += len(before) + len(after)
        upload.passed += size
        return size, (before, chunk, after) if before else (chunk,)

    def _encrypted(self, data: bytes) -> bytes:
        assert self._tls is not None
        try:
            return self._tls.encrypt(data)
        except (OSError, ValueError) as error:
            raise network_error(error, self._cycle.plan, self._cycle.phase) from error

    def held_up(self, rest: bytes, now: float) -> Write:
        """Return the ``Write`` of what was framed last and was not sent; it is replied as ever.

        Raises:
            LocalProtocolError: The command is the ``Pull`` no more.
        """
        if type(self._exchange.command) is not Pull:
            raise LocalProtocolError("nothing is held up where no chunk was asked for")
        self._upload.passed -= len(rest)
        self._upload.unsent = rest
        command = self._exchange.command = self._cycle.go_on(now)
        assert isinstance(command, Write)
        return command


def passing_of(exchange: Commanded, cycle: Any) -> Passing | None:
    """Return what frames the next chunks of an exchange that has asked for one.

    None says that there is more to do: the peer has answered already, or the codec is somebody's
    who frames by ``chunk`` alone.
    """
    message = cycle.message
    if cycle.phase is not SENDING or not hasattr(message, "framing"):
        return None
    return Passing(exchange, cycle, cycle.upload, message)
