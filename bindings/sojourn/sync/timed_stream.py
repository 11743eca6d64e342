"""A byte stream over a stand-in of a socket, as test tools put it in the place of sockets."""

from __future__ import annotations

from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Final

from sojourn.shared.file_sending import some_of

from .stream import MOST_TIMEOUT, Stream

if TYPE_CHECKING:
    import socket

    from sojourn_core.commands import WriteFile

LEAST_TIMEOUT: Final = 0.001  # A timeout of 0 would make the socket non-blocking.


class TimedStream(Stream):
    """A stand-in of a socket. It has no file that could be waited for, only timeouts.

    The peer is not looked at while something is sent.
    """

    sends_pieces = False

    __slots__ = ()

    def __init__(self, connected: socket.socket) -> None:  # Nothing waits for its file.
        self._socket, self._reads_wait = connected, False

    def write(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._limit(deadline)
            rest = rest[self._socket.send(rest) :]

    def write_watching(self, data: bytes, deadline: float, *, full: bool = False) -> None:
        self.write(data, deadline)

    def write_file(self, command: WriteFile) -> int:
        sent, size = 0, command.size
        while sent < size:
            data = some_of(command.file, command.offset + sent, size - sent)
            if not data:
                return -1
            self.write(data, command.deadline)
            sent += len(data)
        return sent

    def read(self, limit: int, deadline: float) -> bytes:
        self._limit(deadline)
        return self._socket.recv(limit)

    def is_quiet(self) -> bool:
        return False  # It is better made anew.

    def _limit(self, deadline: float) -> None:
        """Give a transfer the time that is left.

        Raises:
            TimeoutError: There is none.
        """
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError
        wanted = None if left == inf else min(max(left, LEAST_TIMEOUT), MOST_TIMEOUT)
        self._socket.settimeout(wanted)
