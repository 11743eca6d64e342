"""The peer's end of a stream: a loopback socket, or what the author of a driver has instead."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import time
from typing import Final, Protocol

from sojourn_core.commands import Address

READ_SIZE: Final = 64 * 1024
NARROW_SIZE: Final = 4096
ABORT: Final = struct.pack("ii", 1, 0)  # Linger for no time at all: the system sends a reset.

SETTLE_SECONDS: Final = 0.5
SETTLE_PAUSE: Final = 0.001
TCP_INFO: Final = struct.Struct("=B23xI")  # The state, and the segments not acknowledged.
FIN_WAIT_1: Final = 4


class PeerStream(Protocol):
    """The peer's end of a connection. Each method may block; each may raise ``OSError``."""

    def recv(self, size: int, /) -> bytes:
        """Receive some bytes; none are the end of the stream."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send all of the bytes."""
        ...

    def end(self) -> None:
        """End the peer's side; the client's is still read."""
        ...

    def reset(self) -> None:
        """Close with an error for the client, if the stream can do that."""
        ...

    def close(self) -> None:
        """Close. A thread that waits for ``recv`` is woken."""
        ...


class Listener(Protocol):
    """The place that a client connects to.

    Attributes:
        address: The address that ``Connect`` will name.
    """

    address: Address

    def accept(self) -> PeerStream:
        """Wait for the next connection. ``OSError`` says that the listener was closed."""
        ...

    def close(self) -> None:
        """Accept nothing more, and wake who waits in ``accept``."""
        ...


class SocketStream:
    """The peer's end of a loopback connection.

    Args:
        connected: The socket.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def recv(self, size: int, /) -> bytes:
        return self._socket.recv(size)

    def sendall(self, data: bytes, /) -> None:
        self._socket.sendall(data)

    def end(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def settle(self) -> None:
        """Wait until what was sent, and the end of it, has come to the client's side.

        A system that is busy delivers it some time after it was sent, also on the loopback
        interface. Where it does not tell, and where the client takes in nothing, nobody waits long.
        """
        until = time.monotonic() + SETTLE_SECONDS
        while _is_under_way(self._socket) and time.monotonic() < until:
            time.sleep(SETTLE_PAUSE)

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self._socket.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # Closing alone wakes no other thread.
        self._socket.close()


def _is_under_way(connected: socket.socket) -> bool:
    """Tell whether the client's side has not acknowledged all of it (Linux: ``tcp_info``)."""
    if not hasattr(socket, "TCP_INFO"):
        return False
    try:
        told = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    except OSError:  # It is no socket of TCP, or closed.
        return False
    state, unacknowledged = TCP_INFO.unpack(told)
    return bool(state == FIN_WAIT_1 or unacknowledged)


class LoopbackListener:
    """A listening socket on the loopback interface.

    Args:
        narrow: Its connections take in little at a time, so that writes are soon cut short.
    """

    def __init__(self, *, narrow: bool = False) -> None:
        self._socket = socket.socket()
        if narrow:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_SIZE)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(64)
        self.address = Address("127.0.0.1", self._socket.getsockname()[1])

    def accept(self) -> SocketStream:
        return SocketStream(self._socket.accept()[0])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        # On some systems that wakes nobody, and a connection does.
        with contextlib.suppress(OSError), socket.socket() as waker:
            waker.settimeout(0.2)
            waker.connect((self.address.host, self.address.port))
        self._socket.close()


class DeadListener:
    """An address where nobody listens: its port is taken, so that nobody else gets it."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.address = Address("127.0.0.1", self._socket.getsockname()[1])

    def accept(self) -> SocketStream:
        raise OSError("nobody listens here")

    def close(self) -> None:
        self._socket.close()


class SilentListener:
    """An address that swallows what is sent to it: nobody accepts, and its queues are full.

    Linux drops what asks to connect then; elsewhere it is refused.
    """

    def __init__(self) -> None:
        self._sockets = [socket.socket()]
        listening = self._sockets[0]
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        place = listening.getsockname()
        for _ in range(4):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(place)
            self._sockets.append(caller)
        # The queue is full once the first of them is in it, and not before.
        select.select([], self._sockets[1:2], [], SETTLE_SECONDS)
        self.address = Address("127.0.0.1", place[1])

    def accept(self) -> SocketStream:
        raise OSError("nobody accepts here")

    def close(self) -> None:
        for each in self._sockets:
            each.close()


class SecureStream:
    """The server's side of TLS over another stream.

    Args:
        below: The stream of bytes.
        context: The certificate and the versions.
    """

    def __init__(self, below: PeerStream, context: ssl.SSLContext) -> None:
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._layer = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def do_handshake(self) -> None:
        """Do the handshake.

        Raises:
            OSError: If it fails; the client has been sent the alert.
        """
        while True:
            try:
                return self._layer.do_handshake()
            except ssl.SSLWantReadError:
                pass
            finally:
                self._flush()
            self._fill()

    def recv(self, size: int, /) -> bytes:
        while True:
            try:
                return self._layer.read(size)
            except ssl.SSLWantReadError:
                self._flush()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            self._fill()

    def sendall(self, data: bytes, /) -> None:
        self._layer.write(data)
        self._flush()

    def notify(self) -> None:
        """Send close_notify, without waiting for the client's."""
        with contextlib.suppress(OSError):  # SSLWantReadError is one.
            self._layer.unwrap()
        with contextlib.suppress(OSError):
            self._flush()

    def end(self) -> None:
        self._below.end()

    def reset(self) -> None:
        self._below.reset()

    def close(self) -> None:
        self._below.close()

    def _fill(self) -> None:
        data = self._below.recv(READ_SIZE)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._below.sendall(self._outgoing.read())
