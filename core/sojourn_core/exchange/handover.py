"""A stream that is HTTP no more: after a 101, or a 2xx to CONNECT.

RFC 9110 sections 7.8 and 9.3.6. A ``Switch`` hands it up. From then on its bytes are the caller's,
who reads and writes the driver's own stream; what is left to the core is TLS, and what an error
means. The slot of the pool stays with the exchange until ``abandon``, which closes the stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import (
    ConnectionError,
    LocalProtocolError,
    ReadTimeout,
    RequestException,
    WriteTimeout,
)

from .commands import Switch
from .phase import Phase

if TYPE_CHECKING:
    from .exchange import Exchange

RECEIVE_SIZE: Final = 64 * 1024


class Handover:
    """The step between a stream that was handed up and the bytes of its new protocol.

    Args:
        exchange: An exchange that has handed up a ``Switch``.

    Raises:
        LocalProtocolError: The exchange has not.

    Attributes:
        stream: The driver's handle.
        leftover: Bytes of the new protocol that were read with the head.
        ended: The peer has said, by TLS, that nothing more will come.
        timeouts: Those of the request: ``read`` and ``write`` go on to count, ``total`` does not.
    """

    __slots__ = ("_place", "_tls", "ended", "leftover", "stream", "timeouts")

    def __init__(self, exchange: Exchange) -> None:
        command, connection = exchange.command, exchange.connection
        if (
            exchange.phase is not Phase.SWITCHED
            or not isinstance(command, Switch)
            or connection is None
        ):
            raise LocalProtocolError("the exchange has handed up no stream")
        self.stream: Any = connection.stream
        self.leftover = command.leftover
        self.ended = connection.tls is not None and connection.tls.ended
        self.timeouts = exchange.plan.timeouts
        self._tls = connection.tls
        self._place = exchange.plan.place

    def encode(self, data: bytes) -> bytes:
        """Return the bytes to write for these: records of TLS, or the same."""
        return data if self._tls is None else self._tls.encrypt(data)

    def decode(self, data: bytes) -> bytes:
        """Return the bytes that came with these, which may be none in the middle of a record.

        Args:
            data: What was read; none at the end of the stream.

        Raises:
            SSLError: If a record is not valid.
        """
        tls = self._tls
        if tls is None:
            return data
        plain = tls.decrypt(data)
        self.ended = tls.ended
        return plain

    def timed_out(self, *, writing: bool) -> RequestException:
        """Return the error for a peer that took longer than ``timeouts`` allow."""
        if writing:
            return WriteTimeout(f"{self._place} took in nothing for {self.timeouts.write} s")
        return ReadTimeout(f"{self._place} was silent for {self.timeouts.read} s")

    def lost(self, error: BaseException) -> RequestException:
        """Return the error for a stream that broke with ``error``, which becomes the cause."""
        said = str(error) or type(error).__name__
        raised = ConnectionError(f"the connection to {self._place} was lost: {said}")
        raised.__cause__ = error
        return raised
