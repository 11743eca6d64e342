"""A web on the loopback interface: HTTP/1.1 in threads, as plain as can be."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import IO, TYPE_CHECKING, Final

from .web import Incoming, Reply

if TYPE_CHECKING:
    from .web import Web

SILENCE: Final = 20.0  # Seconds for which a peer says nothing that is to be silent.
_WITHOUT_CONTENT: Final = frozenset({204, 304})


class LoopbackHost:
    """One host of a web.

    Args:
        web: What answers.
        name: The name by which it is asked; it leads to 127.0.0.1.

    Attributes:
        faults: What is wrong about what came.
    """

    def __init__(self, web: Web, name: str) -> None:
        self.faults: list[str] = []
        self._web = web
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://{name}:{self._listener.getsockname()[1]}"
        self._over = threading.Event()
        self._streams: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, *target: object) -> None:
        function, *arguments = target
        thread = threading.Thread(target=function, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            if self._over.is_set():
                stream.close()
                return
            self._streams.append(stream)
            self._start(self._serve, stream)

    def _serve(self, stream: socket.socket) -> None:
        with stream, stream.makefile("rb") as file, contextlib.suppress(OSError, EOFError):
            while True:
                try:
                    incoming = self._read(file)
                except ValueError as error:
                    self.faults.append(f"what came is no request: {error}")
                    return
                if not self._write(stream, incoming, self._web(incoming)):
                    return

    def _read(self, file: IO[bytes]) -> Incoming:
        start = file.readline()
        if not start:
            raise EOFError
        method, target, _ = start.decode("latin-1").split(" ")
        lines: list[tuple[str, str]] = []
        while (line := file.readline().rstrip(b"\r\n")) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            lines.append((name, value.strip(" \t")))
        names = {name.lower(): value for name, value in lines}
        content = b""
        if names.get("transfer-encoding", "").lower() == "chunked":
            while size := self._size(file):
                content += file.read(size)
                file.readline()
            file.readline()
        elif (length := int(names.get("content-length", "0"))) > 0:
            content = file.read(length)
            if len(content) < length:
                raise EOFError
        url = target if "://" in target else f"http://{names.get('host', 'nobody')}{target}"
        return Incoming(method=method, url=url, fields=tuple(lines), content=content)

    def _size(self, file: IO[bytes]) -> int:
        line = file.readline()
        if not line:
            raise EOFError
        return int(line, 16)

    def _write(self, stream: socket.socket, incoming: Incoming, reply: Reply) -> bool:
        """Send a reply; return True if the connection is kept."""
        if reply.fault == "reset":
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        lines = [f"HTTP/1.1 {reply.status} {reply.reason}"]
        lines += [f"{name}: {value}" for name, value in reply.fields]
        bare = incoming.method == "HEAD" or reply.status in _WITHOUT_CONTENT
        if reply.status not in _WITHOUT_CONTENT:
            lines.append("Transfer-Encoding: chunked")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        if reply.fault == "silence" and not reply.pieces:
            self._over.wait(SILENCE)
            return False
        stream.sendall(head)
        if bare:
            return True
        for piece in reply.pieces:
            stream.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        if reply.fault == "silence":
            self._over.wait(SILENCE)
        if reply.fault is not None:
            return False
        stream.sendall(b"0\r\n\r\n")
        return True

    def close(self) -> None:
        """Accept nothing more, end what there is, and wait for the threads."""
        self._over.set()
        with contextlib.suppress(OSError):  # Wake who accepts.
            socket.create_connection(self._listener.getsockname()).close()
        self._listener.close()
        for stream in self._streams:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SILENCE)
