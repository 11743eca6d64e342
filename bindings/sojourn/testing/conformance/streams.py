"""The peer's end of a stream: a loopback socket, or what the author of a driver has instead."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from typing import Final, Protocol

from sojourn_core.commands import Address

READ_SIZE: Final = 64 * 1024
NARROW_SIZE: Final = 4096
ABORT: Final = struct.pack("ii", 1, 0)  # Linger for no time at all: the system sends a reset.


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

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self._socket.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # Closing alone wakes no other thread.
        self._socket.close()


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
