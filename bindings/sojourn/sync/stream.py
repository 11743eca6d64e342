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

# An upload looks for an early answer at its start, whenever the socket is full, and once this much
# has gone out, or this much time has passed, since it looked last.
LOOK_BYTES: Final = 1024 * 1024
LOOK_SECONDS: Final = 0.001
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

    __slots__ = ("_look_at", "_poll", "_socket", "_timeout", "_unwatched", "_watch")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._timeout = -1.0
        self._poll: Any = None
        self._watch: Any = None
        self._look_at = -inf  # When an upload looks for an answer again, at the latest, and
        self._unwatched = 0  # how many bytes have gone out since it did.

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
        now = clock()
        if now >= deadline:
            raise TimeoutError
        size = len(data)
        unwatched = self._unwatched + size
        if now >= self._look_at or unwatched > LOOK_BYTES:
            if self._watch is None and not self._can_be_polled():
                self.write(data, deadline)
                return None
            if self._looks_answered(now):
                return 0
            unwatched = size
        self._unwatched = unwatched
        if self._timeout:
            self._hurry()
        rest: bytes | memoryview = data
        while True:
            # What waits for room first is woken once a third of the buffer is free, and so for each
            # piece: room is only waited for when there is none.
            try:
                sent = self._socket.send(rest)
            except BlockingIOError:
                if self._wait(deadline - clock())[0]:
                    return size - len(rest)
                continue
            if sent == len(rest):
                return None
            rest = memoryview(rest)[sent:]

    def _looks_answered(self, now: float) -> bool:
        """Return whether the peer has sent something, without waiting."""
        self._look_at = now + LOOK_SECONDS
        return self._ready(0.0)[0]

    def write_file(self, command: WriteFile) -> int:
        """Send a part of a file, but stop when the peer has sent something.

        Returns:
            How many bytes went out; -1 if the file ends before.
        """
        sent, size = 0, command.size
        if self._watch is None and not self._can_be_polled():
            while sent < size:
                data = some_of(command.file, command.offset + sent, size - sent)
                if not data:
                    return -1
                self.write(data, command.deadline)
                sent += len(data)
            return sent
        if self._timeout:
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
        return self._ready(min(left, MOST_TIMEOUT))

    def _ready(self, seconds: float) -> tuple[bool, bool]:
        """Wait so long at most until bytes can be received, or sent; return which of these."""
        if not hasattr(select, "poll"):
            own = [self._socket]
            readable, writable, _ = select.select(own, own, [], seconds)
            return bool(readable), bool(writable)
        poll = self._watch
        if poll is None:
            poll = self._watch = select.poll()
            poll.register(self._socket, select.POLLIN | select.POLLOUT)
        events = poll.poll(seconds * 1000)
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
