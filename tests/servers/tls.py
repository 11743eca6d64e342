"""TLS as a layer over any stream, TLS included: what a server behind an HTTPS proxy speaks."""

from __future__ import annotations

import contextlib
import ssl
from typing import Final, Protocol

READ_SIZE: Final = 65536


class Stream(Protocol):
    """What TLS needs below itself, and what it offers above; a socket has both."""

    def recv(self, size: int, /) -> bytes:
        """Receive some; ``b""`` is the end."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""
        ...


class TLSStream:
    """The server's side of TLS over ``below``. Errors are ``OSError``, as a socket's."""

    def __init__(self, below: Stream, context: ssl.SSLContext) -> None:
        """Make the layer; ``do_handshake`` comes next."""
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def do_handshake(self) -> None:
        """Do the handshake; if it fails, the peer has been sent the alert."""
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                pass
            finally:
                self._flush()
            self._fill()

    def recv(self, size: int, /) -> bytes:
        """Receive some; ``b""`` is the peer's close_notify."""
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._flush()
            self._fill()

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""
        self._tls.write(data)
        self._flush()

    def end(self) -> None:
        """Send close_notify, if that is still possible, and do not wait for the peer's."""
        with contextlib.suppress(OSError):  # SSLWantReadError is one: the peer's is awaited.
            self._tls.unwrap()
        with contextlib.suppress(OSError):
            self._flush()

    def _fill(self) -> None:
        data = self._below.recv(READ_SIZE)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._below.sendall(self._outgoing.read())
