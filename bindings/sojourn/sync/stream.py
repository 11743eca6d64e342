"""A byte stream over a socket, for blocking code: it moves bytes until a deadline, and no more."""

from __future__ import annotations

import _socket
import select
import socket
import struct
import sys
from contextlib import suppress
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.file_sending import send_some
from sojourn.shared.looks import LOOK_BYTES, Looks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.commands import Write, WriteFile
    from sojourn_core.exchange.passing import Passing

MOST_TIMEOUT: Final = 24 * 3600.0  # Beyond some, the system refuses it; asyncio waits a day, too.

# A read waits so long within the system's call, and for the rest of its time by ``poll``.
PATIENCE: Final = 1.0
_AS_OPTION: Final = struct.pack("ll", int(PATIENCE), 0)  # A ``timeval`` of two longs.
_HAS_PATIENCE: Final = sys.platform == "linux" and sys.maxsize > 1 << 32
_AT_ONCE: Final[int] = getattr(socket, "MSG_DONTWAIT", 0)  # Without it, no socket blocks.

READABLE: Final[int] = getattr(select, "POLLIN", 1)
WRITABLE: Final[int] = getattr(select, "POLLOUT", 4)
_BROKEN: Final[int] = getattr(select, "POLLERR", 8) | getattr(select, "POLLHUP", 16)


class _Select:
    """A stand-in of ``select.poll()``, for systems without: it waits for one socket."""

    def __init__(self) -> None:
        self._readable: list[socket.socket] = []
        self._writable: list[socket.socket] = []

    def register(self, waited_for: socket.socket, mask: int) -> None:
        own = [waited_for]
        self._readable = own if mask & READABLE else []
        self._writable = own if mask & WRITABLE else []

    def poll(self, milliseconds: float | None = None) -> list[tuple[int, int]]:
        seconds = None if milliseconds is None else milliseconds / 1000
        readable, writable, _ = select.select(self._readable, self._writable, [], seconds)
        mask = (READABLE if readable else 0) | (WRITABLE if writable else 0)
        return [(0, mask)] if mask else []


def _watch(waited_for: socket.socket, mask: int) -> Any:
    """Return what waits until a socket is readable, or writable, as ``select.poll`` does."""
    poll = select.poll() if hasattr(select, "poll") else _Select()
    poll.register(waited_for, mask)
    return poll


def _milliseconds(left: float) -> float | None:
    """Return for how long to wait for a socket at most; None for ever.

    Raises:
        TimeoutError: There is no time left.
    """
    if left <= 0:
        raise TimeoutError
    return None if left == inf else min(left, MOST_TIMEOUT) * 1000


def _give_patience(connected: Any) -> bool:
    """Limit the time that a read waits within the system's call; return False if nothing can.

    Other classes than Python's own, such as gevent's, wait in a way of theirs.
    """
    if not (_HAS_PATIENCE and isinstance(connected, _socket.socket)):
        return False
    try:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _AS_OPTION)
    except OSError:  # A sandbox, or an address family, may have no such option.
        return False
    return True


class Stream:
    """A connected socket that sends what it can at once, and waits for the rest by ``poll``.

    To send takes one call of the system. To receive takes one, too, where reads have a time limit
    of the system's own (``SO_RCVTIMEO``), and two elsewhere: a socket with a timeout of Python's
    would take two for each.

    Attributes:
        looks: When an upload looks whether its peer has answered.
        sends_pieces: Whether ``pass_on`` can be called.
    """

    sends_pieces = hasattr(socket.socket, "sendmsg")

    __slots__ = ("_both", "_incoming", "_reads_wait", "_socket", "looks")

    def __init__(self, connected: socket.socket) -> None:
        self._reads_wait = _give_patience(connected)
        connected.setblocking(self._reads_wait)
        self._socket = connected
        self._incoming = _watch(connected, READABLE)
        self._both: Any = None  # The same for both directions, once it is needed.
        self.looks = Looks()

    def write(self, data: bytes, deadline: float) -> None:
        """Send all of ``data``.

        Raises:
            TimeoutError: If the deadline passes before.
            OSError: If the stream is broken.
        """
        if deadline <= clock():
            raise TimeoutError
        try:
            sent = self._socket.send(data, _AT_ONCE)
        except BlockingIOError:
            sent = 0
        if sent == len(data):
            return
        outgoing = _watch(self._socket, WRITABLE)
        rest = memoryview(data)[sent:]
        while rest:
            if outgoing.poll(_milliseconds(deadline - clock())):
                with suppress(BlockingIOError):
                    rest = rest[self._socket.send(rest, _AT_ONCE) :]

    def write_watching(self, data: bytes, deadline: float, *, full: bool = False) -> int | None:
        """Send all of ``data``, but stop when the peer has sent something.

        Args:
            data: The bytes.
            deadline: When to give up.
            full: Whether the socket has just taken no more.

        Returns:
            None if all was sent, else how many bytes were.
        """
        now = clock()
        if now >= deadline:
            raise TimeoutError
        size = len(data)
        if self.looks.is_time(size, now):
            events = self._incoming.poll(0)
            if events and events[0][1] & READABLE:
                return 0
        rest: bytes | memoryview = data
        while True:
            # Room is waited for where there is none, and not before: a poll waits for a third of
            # the socket's buffer, and would have the process woken for each piece.
            if full:
                if not self._has_room(deadline):
                    return size - len(rest)
                self.looks.looked(clock())
            try:
                sent = self._socket.send(rest, _AT_ONCE)
            except BlockingIOError:
                sent = 0
            if sent == len(rest):
                return None
            rest = memoryview(rest)[sent:]
            full = True

    def pass_on(  # noqa: C901 - a call for each chunk would cost more
        self, chunks: Iterator[bytes], passing: Passing
    ) -> tuple[bytes | Exception | None, Write | None]:
        """Take chunks of content and send each, as long as that takes no waiting.

        Returns:
            The chunk that is to be replied, None at the end, or an error of the user's code; or
            the ``Write`` of a chunk that the socket has not taken at once. A chunk is replied
            where the peer has answered, too, which is looked at when it is time to.

        Raises:
            OSError: If the stream is broken; it is that of a ``Write``.
        """
        send, send_all = self._socket.send, self._socket.sendmsg
        poll, looks, frame = self._incoming.poll, self.looks, passing.frame
        while True:
            try:
                chunk = next(chunks, None)
            except Exception as error:  # noqa: BLE001 - it is the user's
                return error, None
            if type(chunk) is not bytes:
                return chunk, None
            looks.sent += len(chunk)
            now = clock()
            if now >= looks.next_at or looks.sent > LOOK_BYTES:  # As ``due``, without a call.
                if poll(0):
                    return chunk, None
                looks.looked(now)
            framed = frame(chunk)
            if framed is None:
                return chunk, None
            size, pieces = framed
            try:
                if len(pieces) == 1:
                    sent = send(pieces[0], _AT_ONCE)
                else:
                    sent = send_all(pieces, (), _AT_ONCE)
            except BlockingIOError:
                sent = 0
            except OSError:
                passing.held_up(b"".join(pieces), clock())
                raise
            if sent != size:
                return None, passing.held_up(b"".join(pieces)[sent:], clock())

    def write_file(self, command: WriteFile) -> int:
        """Send a part of a file, but stop when the peer has sent something.

        Returns:
            How many bytes went out; -1 if the file ends before.
        """
        sent, size = 0, command.size
        own = self.sock.fileno()
        while sent < size and self._has_room(command.deadline):
            with suppress(BlockingIOError):
                some = send_some(own, command.file, command.offset + sent, size - sent)
                if not some:
                    return -1
                sent += some
        return sent

    def _has_room(self, deadline: float) -> bool:
        """Wait until bytes can be sent; return False once the peer has sent something."""
        if self._both is None:
            self._both = _watch(self._socket, READABLE | WRITABLE)
        while True:
            events = self._both.poll(_milliseconds(deadline - clock()))
            mask = events[0][1] if events else 0
            if mask & READABLE:
                return False
            if mask & (WRITABLE | _BROKEN):
                return True

    def read(self, limit: int, deadline: float) -> bytes:
        """Receive some bytes, at most ``limit``; none are the end of the stream.

        Raises:
            TimeoutError: If the deadline passes before any come.
            OSError: If the stream is broken.
        """
        left = deadline - clock()
        if left > PATIENCE and self._reads_wait:
            try:
                return self._socket.recv(limit)
            except BlockingIOError:  # The peer is silent.
                left = deadline - clock()
        while True:
            if self._incoming.poll(left * 1000 if 0 < left < MOST_TIMEOUT else _milliseconds(left)):
                try:
                    return self._socket.recv(limit, _AT_ONCE)
                except BlockingIOError:  # It looked ready, and was not.
                    pass
            left = deadline - clock()

    @property
    def sock(self) -> socket.socket:
        """The socket itself, for whoever takes the connection over. It never blocks from now on."""
        if self._reads_wait:
            self._reads_wait = False
            self._socket.setblocking(False)
        return self._socket

    def is_quiet(self) -> bool:
        """Return whether the stream is open and has nothing to read, without waiting."""
        return not self._incoming.poll(0)

    def interrupt(self) -> None:
        """End the transfer that another thread waits for, which then closes the socket."""
        with suppress(OSError):  # The peer may be gone already.
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket. Never waits."""
        self._socket.close()
