"""A server of a few threads on the loopback interface, and one connection of it.

The server accepts, records and shuts down; what is said on a connection is a function's business,
its ``play``. An error there is raised where the test closes the server.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Final, Self, cast

from .tls import READ_SIZE, TLSStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from .tls import Stream

SECONDS_MAX: Final = 30.0  # For any one step: a test that hangs fails instead.
END_SECONDS_MAX: Final = 30.0
BACKLOG: Final = 128


class PeerClosedError(Exception):
    """The peer closed, or cut, the connection where more was awaited."""


class HandshakeError(Exception):
    """TLS could not be started; the cause says why."""


class Connection:
    """One accepted connection, which records what it reads.

    Attributes:
        index: Number of the connection in the order of accept, from 0.
        received: Every octet read so far, decrypted if it is TLS.
    """

    def __init__(self, sock: socket.socket, index: int) -> None:
        """Take over an accepted socket."""
        self.index: Final = index
        self.received = bytearray()
        self._sock = sock
        self._stream: Stream = sock
        self._layers: list[TLSStream] = []
        self._taken = 0  # Octets of ``received`` that reads have given out.
        self._stopping = threading.Event()
        sock.settimeout(SECONDS_MAX)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def stopping(self) -> bool:
        """Whether the server is closing, so that errors mean nothing any more."""
        return self._stopping.is_set()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on, inside what there is; ``HandshakeError`` if it fails."""
        layer = TLSStream(self._stream, context)
        try:
            layer.do_handshake()
        except OSError as error:
            raise HandshakeError(str(error)) from error
        self._layers.append(layer)
        self._stream = layer

    def read_until(self, end: bytes) -> bytes:
        """Read and give out everything up to ``end``, included."""
        start = self._taken
        while (found := self.received.find(end, start)) < 0:
            start = max(self._taken, len(self.received) - len(end) + 1)
            self._receive(f"waiting for {end!r}")
        return self._take(found + len(end) - self._taken)

    def read_exactly(self, size: int) -> bytes:
        """Read and give out ``size`` octets."""
        while len(self.received) - self._taken < size:
            self._receive(f"waiting for {size} octets")
        return self._take(size)

    def await_more(self) -> None:
        """Wait until more has come, for as long as the server is open.

        Between two requests a test may do what takes long on a machine that is busy.

        Raises:
            PeerClosedError: Nothing more comes.
        """
        if self._taken == len(self.received):
            self._sock.settimeout(None)
            self._receive("waiting for more")
            self._sock.settimeout(SECONDS_MAX)

    def read_to_end(self) -> None:
        """Read until the peer has closed or cut the connection."""
        with contextlib.suppress(PeerClosedError):
            while True:
                self._receive("waiting for the end")

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        try:
            self._stream.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise PeerClosedError(f"peer closed before it took {len(data)} octets") from error

    def relay(self, other: socket.socket) -> None:
        """Carry octets to another socket and back, until one of the two has ended."""
        other.settimeout(SECONDS_MAX)
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ, other)
            selector.register(other, selectors.EVENT_READ, self._sock)
            while True:
                for key, _ in selector.select():
                    source, target = cast("socket.socket", key.fileobj), key.data
                    try:
                        data = source.recv(READ_SIZE)
                        target.sendall(data)
                    except TimeoutError:
                        raise
                    except OSError:
                        return
                    if not data:
                        return

    def wait(self, seconds: float | None = None) -> None:
        """Wait that long, or until the server is closed."""
        self._stopping.wait(seconds)

    def close(self, *, notify: bool = True) -> None:
        """Close the connection; ``notify`` is whether to end TLS first. A second call is free."""
        if notify and self._layers:
            self._layers.pop().end()
        self._layers.clear()
        self._sock.close()

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        linger_for_0_seconds = struct.pack("ii", 1, 0)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_seconds)
        self.close(notify=False)

    def stop(self) -> None:
        """Wake the thread that plays this connection; called from another one."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def _receive(self, doing: str) -> None:
        try:
            data = self._stream.recv(READ_SIZE)
        except TimeoutError as error:
            raise TimeoutError(f"peer sent nothing for {SECONDS_MAX:g} s, {doing}") from error
        except OSError as error:
            raise PeerClosedError(f"peer cut the connection, {doing}") from error
        if not data:
            raise PeerClosedError(f"peer closed the connection, {doing}")
        self.received += data

    def _take(self, size: int) -> bytes:
        self._taken += size
        return bytes(self.received[self._taken - size : self._taken])


class Server:
    """Accepts connections and plays each in a thread of its own.

    Attributes:
        host: Address it listens on, as in a URL: an IPv6 address has its brackets.
        port: Its port.
        secure: Whether it speaks TLS from the start of a connection.
        handshake_errors: Why TLS handshakes failed. They are no errors of the server: a
            client that does not trust it ends them so.
    """

    def __init__(
        self,
        play: Callable[[Connection], None],
        *,
        context: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        path: str | None = None,
    ) -> None:
        """Listen and begin to accept.

        Args:
            play: Called with each connection, in that connection's thread.
            context: Makes it a TLS server.
            address: Address of an interface to listen on; ``::1`` makes it IPv6.
            path: Path of a Unix socket to listen at in its place; then there is no port.
        """
        self.host: Final = f"[{address}]" if ":" in address else address
        self.secure: Final = context is not None
        self.handshake_errors: list[HandshakeError] = []
        self._play = play
        self._context = context
        self._connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._errors: list[Exception] = []
        self._closed = False
        if path is None:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            self._listener = socket.create_server((address, 0), family=family, backlog=BACKLOG)
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(path)
            self._listener.listen(BACKLOG)
        self.port: Final[int] = self._listener.getsockname()[1] if path is None else 0
        self._waker, self._woken = socket.socketpair()
        # Made here: whoever counts open files from now on must not see another one come.
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._accepting = threading.Thread(target=self._accept, name=f"accept {self.port}")
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            self.close()
        except Exception as ours:
            if error is None:
                raise
            # The test's own failure comes first; that of the server may explain it.
            error.add_note(f"the server on port {self.port} failed too: {ours!r}")

    @property
    def connections(self) -> int:
        """How many connections have been accepted."""
        return len(self._connections)

    @property
    def received(self) -> list[bytes]:
        """What each connection has read so far, in the order of accept."""
        return [bytes(connection.received) for connection in self._connections]

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """Make the URL of a path, by the address or by another name for it."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def await_end(self, index: int) -> None:
        """Wait until a connection, by its number, was accepted and has ended on this side."""
        until = time.monotonic() + END_SECONDS_MAX
        while len(self._threads) <= index:  # A client may be gone before it is accepted.
            assert time.monotonic() < until, f"connection {index} is not made"
            time.sleep(0.001)
        self._threads[index].join(END_SECONDS_MAX)
        assert not self._threads[index].is_alive(), f"connection {index} does not end"

    def close(self) -> None:
        """End every connection, join every thread, and raise what went wrong in one.

        Raises:
            ExceptionGroup: Connections failed; one group of all their errors.
        """
        if self._closed:
            return
        self._closed = True
        self._waker.close()
        self._accepting.join()
        self._woken.close()
        self._listener.close()
        for connection in self._connections:
            connection.stop()
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise ExceptionGroup(f"the server on port {self.port} failed", self._errors)

    def _accept(self) -> None:
        with self._selector:
            while True:
                ready = [key.fileobj for key, _ in self._selector.select()]
                if self._woken in ready:
                    return
                sock, _ = self._listener.accept()
                connection = Connection(sock, len(self._connections))
                self._connections.append(connection)
                name = f"connection {connection.index} of {self.port}"
                thread = threading.Thread(target=self._run, args=(connection,), name=name)
                thread.start()
                self._threads.append(thread)  # Whoever finds it there may join it.

    def _run(self, connection: Connection) -> None:
        try:
            if self._context is not None:
                connection.start_tls(self._context)
            self._play(connection)
        except HandshakeError as error:
            if not connection.stopping:
                self.handshake_errors.append(error)
        except Exception as error:  # noqa: BLE001 - it is raised by close
            if not connection.stopping:
                error.add_note(f"on connection {connection.index} of port {self.port}")
                self._errors.append(error)
        finally:
            connection.close()
