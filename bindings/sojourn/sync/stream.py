"""A byte stream over a blocking socket: it moves bytes until a deadline, and knows no more."""

from __future__ import annotations

import os
import select
import socket
import stat
from contextlib import suppress
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.addresses import addresses_of, new_socket, place_of
from sojourn.shared.file_sending import send_some, some_of

if TYPE_CHECKING:
    from sojourn_core.commands import Address, WriteFile
    from sojourn_core.values.route import SocketSettings

LEAST_TIMEOUT: Final = 0.001  # A timeout of 0 would make the socket non-blocking.
MOST_TIMEOUT: Final = 24 * 3600.0  # Beyond some, the system refuses it; asyncio waits a day, too.


def resolve(host: str, port: int) -> tuple[Address, ...]:
    """Return the addresses of a host, in the order in which the system prefers them.

    Raises:
        OSError: If there are none.
    """
    # By position: what test tools put in the place of this function may know no keywords.
    return addresses_of(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))


class Stream:
    """A connected socket.

    Setting the timeout of a socket costs a few percent of a small request. It is left as it is
    while it differs from the time left by less than a tenth; a transfer that wakes too early
    goes on.
    """

    __slots__ = ("_poll", "_socket", "_timeout", "_watch")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._timeout = -1.0
        self._poll: Any = None
        self._watch: Any = None

    @classmethod
    def connect(
        cls, address: Address, deadline: float, settings: SocketSettings | None = None
    ) -> Stream:
        """Connect to an address, by a socket that is set up as asked for.

        Raises:
            TimeoutError: If the deadline passes.
            OSError: If it does not answer.
        """
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError
        made = new_socket(address, settings)
        try:
            made.settimeout(None if left == inf else min(left, MOST_TIMEOUT))
            made.connect(place_of(address))
        except BaseException:
            made.close()
            raise
        return cls(made)

    def _limit(self, left: float) -> None:
        """Set the timeout, unless it is near enough already."""
        known = self._timeout
        if left == inf:
            if known != inf:
                self._socket.settimeout(None)
                self._timeout = inf
            return
        if left <= 0:
            raise TimeoutError
        self._timeout = min(max(left, LEAST_TIMEOUT), MOST_TIMEOUT)
        self._socket.settimeout(self._timeout)

    def write(self, data: bytes, deadline: float) -> None:
        """Send all of ``data``.

        Raises:
            TimeoutError: If the deadline passes before.
            OSError: If the stream is broken.
        """
        rest: bytes | memoryview = data
        while True:
            left = deadline - clock()
            known = self._timeout
            if not known * 0.9 <= left <= known * 1.1 or left == inf:
                self._limit(left)
            try:
                sent = self._socket.send(rest)
            except TimeoutError:
                if clock() >= deadline:
                    raise
                continue
            if sent == len(rest):
                return
            rest = memoryview(rest)[sent:]

    def write_watching(self, data: bytes, deadline: float) -> int | None:
        """Send all of ``data``, but stop when the peer has sent something.

        Returns:
            None if all was sent, else how many bytes were.
        """
        if not self.has_file:
            self.write(data, deadline)
            return None
        rest: bytes | memoryview = data
        self._hurry()
        while True:
            readable, writable = self._wait(deadline - clock())
            if readable:
                return len(data) - len(rest)
            if not writable:
                continue
            try:
                sent = self._socket.send(rest)
            except BlockingIOError:
                continue
            if sent == len(rest):
                return None
            rest = memoryview(rest)[sent:]

    def write_at_once(self, data: bytes | memoryview) -> int:
        """Send as much of ``data`` as can be without waiting; return how many bytes were."""
        self._hurry()
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def read_at_once(self, limit: int) -> bytes | None:
        """Receive some bytes, at most ``limit``, without waiting; None if there are none yet."""
        self._hurry()
        try:
            return self._socket.recv(limit)
        except BlockingIOError:
            return None

    def write_file(self, command: WriteFile) -> int:
        """Send a part of a file, but stop when the peer has sent something.

        Returns:
            How many bytes went out; -1 if the file ends before.
        """
        sent, size = 0, command.size
        if not self.has_file:
            while sent < size:
                data = some_of(command.file, command.offset + sent, size - sent)
                if not data:
                    return -1
                self.write(data, command.deadline)
                sent += len(data)
            return sent
        self._hurry()
        while sent < size:
            readable, writable = self._wait(command.deadline - clock())
            if readable:
                break
            if not writable:
                continue
            try:
                own = self._socket.fileno()
                some = send_some(own, command.file, command.offset + sent, size - sent)
            except BlockingIOError:
                continue
            if not some:
                return -1
            sent += some
        return sent

    def _hurry(self) -> None:
        """Have transfers return at once: the peer is looked at in between, too."""
        if self._timeout:
            self._socket.settimeout(0.0)
            self._timeout = 0.0

    def _can_be_polled(self) -> bool:
        """Return False for a stand-in of a socket, whose file is another, or is none."""
        if not hasattr(select, "poll"):
            return True
        try:
            return stat.S_ISSOCK(os.fstat(self._socket.fileno()).st_mode)
        except (OSError, AttributeError):
            return False

    def _wait(self, left: float) -> tuple[bool, bool]:
        """Wait until bytes can be received, or sent; return which of these."""
        if left <= 0:
            raise TimeoutError
        if not hasattr(select, "poll"):
            own = [self._socket]
            readable, writable, _ = select.select(own, own, [], min(left, MOST_TIMEOUT))
            return bool(readable), bool(writable)
        poll = self._watch
        if poll is None:
            poll = self._watch = select.poll()
            poll.register(self._socket, select.POLLIN | select.POLLOUT)
        events = poll.poll(None if left == inf else min(left, MOST_TIMEOUT) * 1000)
        mask = events[0][1] if events else 0
        broken = select.POLLERR | select.POLLHUP
        return bool(mask & select.POLLIN), bool(mask & (select.POLLOUT | broken))

    def read(self, limit: int, deadline: float) -> bytes:
        """Receive some bytes, at most ``limit``; none are the end of the stream.

        Raises:
            TimeoutError: If the deadline passes before any come.
            OSError: If the stream is broken.
        """
        while True:
            left = deadline - clock()
            known = self._timeout
            if not known * 0.9 <= left <= known * 1.1 or left == inf:
                self._limit(left)
            try:
                return self._socket.recv(limit)
            except TimeoutError:
                if clock() >= deadline:
                    raise

    @property
    def sock(self) -> socket.socket:
        """The socket itself, for whoever takes the connection over."""
        return self._socket

    @property
    def has_file(self) -> bool:
        """A selector can wait for it: it is no stand-in of a socket."""
        return self._watch is not None or self._can_be_polled()

    def is_quiet(self) -> bool:
        """Return whether the stream is open and has nothing to read, without waiting."""
        poll = self._poll
        if poll is None:
            if not hasattr(select, "poll"):
                return not select.select([self._socket], [], [], 0)[0]
            poll = select.poll()
            try:
                poll.register(self._socket, select.POLLIN)
            except OSError:  # A stand-in without a file: it is better made anew.
                return False
            self._poll = poll
        return not poll.poll(0)

    def interrupt(self) -> None:
        """End the transfer that another thread waits for, which then closes the socket."""
        with suppress(OSError):  # The peer may be gone already.
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket. Never waits."""
        self._socket.close()
