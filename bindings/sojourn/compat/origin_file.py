"""The file and the socket under a raw response, where urllib3's has ``http.client``'s.

urllib3's response reads from a file of its own, ``_fp``; under that is a buffer, ``_fp.fp``, and
under that a socket, ``_fp.fp.raw``. CacheControl wraps the file, and docker talks over the socket,
once a response has switched to another protocol or has content that ends with the connection.
"""

from __future__ import annotations

import errno
import io
import os
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import ref

from sojourn.shared.raw_base import STREAM_SIZE, OriginalResponse
from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase

if TYPE_CHECKING:
    from sojourn_core.exchange.connection import Connection
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.fields import Fields


READ_SIZE: Final = 64 * 1024


class Above(Protocol):
    """The raw response above the file, as far as the file asks it."""

    status: int | None
    chunked: bool

    @property
    def chunk_left(self) -> int | None:
        """Number of bytes left of the chunk that was begun."""
        ...

    @property
    def length_remaining(self) -> int | None:
        """Number of bytes still to be read."""
        ...


class OriginFile(OriginalResponse):
    """Content as received, without its framing: http.client's response under urllib3's.

    It holds the exchange and not the response, whose life it does not prolong. After a 101 it has
    no content; the stream goes on under its ``raw``.

    Args:
        raw: The raw response.
        driver: The driver of its exchange; None if there is nothing left to read.

    Attributes:
        chunked: The content came in chunks; their framing is gone all the same.
        will_close: Its content ends with the connection.
        trailers: Trailer fields; None before the end of the content.
        decisions: One for each line that was left out of the trailers.
    """

    def __init__(self, raw: Any, driver: Any) -> None:
        super().__init__(raw)
        self._above: ref[Above] = ref(raw)
        self.chunked = raw.chunked
        self.will_close: bool = driver is not None and driver.exchange.until_close
        self.trailers: Fields | None = None
        self.decisions: tuple[Decision, ...] = ()
        self._driver: Any = driver
        self._rest = b""
        self._ready: int | None = None
        self.switched = False
        if driver is not None and driver.exchange.phase is Phase.SWITCHED:
            self.switched = True
            self._rest = driver.exchange.command.leftover

    # --- state ----------------------------------------------------------------------------------

    @property
    def fp(self) -> OriginFile | None:
        """The file itself; None at the end, by which libraries see that nothing is left to read."""
        driver = self._driver
        ended = driver is None or driver.exchange.phase is Phase.ENDED
        return None if ended and not self._rest else self

    @property
    def raw(self) -> StreamSocket:
        """The socket under the file."""
        return StreamSocket(self)

    @property
    def closed(self) -> bool:
        """There is nothing left to read."""
        return self.fp is None

    def isclosed(self) -> bool:
        """Return True if there is nothing left to read."""
        return self.fp is None

    @property
    def chunk_left(self) -> int | None:
        """Number of bytes that the chunk begun by the raw response's last read still has."""
        raw = self._above()
        return None if raw is None else raw.chunk_left

    @property
    def length(self) -> int | None:
        """Number of bytes still to be read; None if it is not known."""
        raw = self._above()
        return None if raw is None else raw.length_remaining

    # --- reading --------------------------------------------------------------------------------

    def read(self, amt: int | None = None) -> bytes:
        """Return ``amt`` bytes at most, as soon as there are any; None for all; none at the end.

        Raises:
            RequestException: The exchange fails.
        """
        if self.switched:
            return b""
        if amt is None or amt < 0:
            return b"".join(iter(lambda: self.read(STREAM_SIZE), b""))
        data = self._rest or self._receive()
        self._rest = data[amt:]
        return data[:amt]

    def _receive(self) -> bytes:
        while self._driver is not None and self._driver.exchange.phase is not Phase.ENDED:
            command = self._driver.proceed()
            if not isinstance(command, c.Content):
                self._driver = None
                if isinstance(command, c.Finish):
                    self.trailers, self.decisions = command.trailers, command.decisions
            elif command.data:
                return command.data
        return b""

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        driver, self._driver = self._driver, None
        self._rest = b""
        if driver is not None:
            driver.abandon()

    # --- the stream, for whoever takes it over ----------------------------------------------------

    @property
    def connection(self) -> Connection | None:
        """The connection; None after the exchange has given it back."""
        driver = self._driver
        return None if driver is None else driver.exchange.connection

    @property
    def came_by(self) -> Connection | None:
        """The connection, which may serve others by now; None at the end of the content."""
        driver = self._driver
        if driver is None or driver.exchange.phase is Phase.ENDED:
            return None
        connection: Connection | None = driver.exchange.came_by
        return connection

    def known(self) -> Connection:
        """Return the connection for questions about it: a short response gives it back early.

        Raises:
            OSError: The content has ended, or was closed.
        """
        return self.came_by or self.opened()

    def opened(self) -> Connection:
        """Return the connection.

        Raises:
            OSError: It was given back, or closed.
        """
        connection = self.connection
        if connection is None:
            raise OSError(errno.ENOTCONN, "the response holds no connection any more")
        return connection

    @property
    def timeout(self) -> float | None:
        """The seconds that a read waits for."""
        if self._driver is None:
            return None
        seconds: float | None = self._driver.exchange.plan.timeouts.read
        return seconds

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        if self._driver is not None:
            plan = self._driver.exchange.plan
            plan.timeouts = plan.timeouts.replace(read=seconds, write=seconds)

    def receive(self, limit: int) -> bytes:
        """Return some bytes of the stream, or of the content before that; none at the end.

        Raises:
            OSError: The stream is broken, or silent for longer than its timeout.
            RequestException: The exchange fails.
        """
        if not self.switched:
            return self.read(limit)
        while not self._rest and not self._is_closed_by_tls():
            connection = self.opened()
            data: bytes = connection.stream.read(READ_SIZE, self._deadline())
            tls = connection.tls
            self._rest = data if tls is None else tls.decrypt(data)
            if tls is not None and (answer := tls.pending_output()):
                connection.stream.write(answer, self._deadline())
            if not data:
                break
        data = self._rest
        self._rest = data[limit:]
        return data[:limit]

    def send(self, data: bytes) -> None:
        """Send bytes over the stream.

        Raises:
            OSError: The stream is broken, or its peer takes nothing for longer than its timeout;
                or another request could be sent on it after this response.
        """
        connection = self.opened()
        if not self.switched and not self._driver.exchange.until_close:
            raise OSError(errno.EPERM, "the connection belongs to HTTP: it was not switched")
        if connection.tls is not None:
            data = connection.tls.encrypt(data)
        connection.stream.write(data, self._deadline())

    def _is_closed_by_tls(self) -> bool:
        """Return True if the peer has said by TLS that nothing more will come."""
        connection = self.connection
        return connection is not None and connection.tls is not None and connection.tls.closed

    def _deadline(self) -> float:
        seconds = self.timeout
        return inf if seconds is None else clock() + seconds

    def fileno(self) -> int:
        """Return the descriptor to wait for: while bytes are at hand, one that can be read.

        Raises:
            OSError: The connection was given back, or closed.
        """
        driver = self._driver
        come = driver is not None and not self.switched and driver.exchange.has_come
        if self._rest or come or self._is_closed_by_tls():
            if self._ready is None:
                self._ready, other = os.pipe()
                os.write(other, b"\0")
                os.close(other)
            return self._ready
        descriptor: int = self.opened().stream.sock.fileno()
        return descriptor

    def __del__(self) -> None:
        if self._ready is not None:
            os.close(self._ready)


class StreamSocket(io.RawIOBase):
    """The socket under a response, as ``socket.socket`` and as ``socket.SocketIO``.

    Bytes that came with the head are given first, and TLS is taken off: docker and others read from
    here what follows a 101, and write to it.
    """

    def __init__(self, file: OriginFile) -> None:
        self._file = file

    @property
    def _sock(self) -> StreamSocket:
        return self

    # As a file.

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer what is there; return the number of bytes."""
        view = memoryview(buffer).cast("B")
        data = self.recv(len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        """Send all of the data, and return its size."""
        return self.send(data)

    def fileno(self) -> int:
        """Return a descriptor to wait for with ``select`` and the like, not to read from."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        super().close()

    def __del__(self) -> None:
        """Do nothing, unlike other files: the response owns the connection."""

    # As a socket.

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return some bytes, none at the end."""
        return self._file.receive(size)

    recv_into = readinto

    def send(self, data: Any, flags: int = 0) -> int:
        """Send all of the data, and return its size."""
        self._file.send(bytes(data))
        return len(data)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all of the data."""
        self._file.send(bytes(data))

    def gettimeout(self) -> float | None:
        """Return the seconds that a read waits for; None for any number."""
        return self._file.timeout

    def settimeout(self, seconds: float | None) -> None:
        """Set the seconds that a read waits for, and a write; None for any number."""
        self._file.timeout = None if seconds is None else float(seconds)

    def shutdown(self, how: int) -> None:
        """Shut down one half of the connection, or both."""
        self._file.opened().stream.sock.shutdown(how)

    def getpeername(self) -> Any:
        """Return the address of the peer."""
        return self._file.known().stream.sock.getpeername()

    def getsockname(self) -> Any:
        """Return the own address."""
        return self._file.known().stream.sock.getsockname()

    def getsockopt(self, *arguments: Any) -> Any:
        """Return an option of the socket."""
        return self._file.known().stream.sock.getsockopt(*arguments)

    def setsockopt(self, *arguments: Any) -> None:
        """Set an option of the socket."""
        self._file.opened().stream.sock.setsockopt(*arguments)

    # As a TLS socket.

    def getpeercert(self, binary_form: bool = False) -> Any:
        """Return the certificate of the peer, as ``ssl.SSLSocket`` does; None without TLS."""
        tls = self._file.known().tls
        return None if tls is None else tls.certificate(binary_form=binary_form)

    def version(self) -> str | None:
        """Return the version of TLS; None without TLS."""
        tls = self._file.known().tls
        return None if tls is None else tls.version

    def cipher(self) -> tuple[str, str, int] | None:
        """Return the cipher of TLS; None without TLS."""
        tls = self._file.known().tls
        return None if tls is None else tls.cipher


class RawConnection:
    """The connection of a raw response, as far as programs look at urllib3's.

    Attributes:
        sock: The socket.
        host: The host that it is for.
        port: The port.
    """

    def __init__(self, file: OriginFile) -> None:
        origin = file.known().key.origin
        self.sock: StreamSocket = file.raw
        self.host: str = origin.host
        self.port: int = origin.port

    def close(self) -> None:
        """Close the connection."""
        self.sock.close()
