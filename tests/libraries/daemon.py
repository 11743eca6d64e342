"""A server that plays the Docker daemon: as much of its API as the tests of docker use.

The daemon streams: chunks as they come, frames of several streams, and after a 101, or a 200 that
says nothing of a length, the bytes of a process in both directions.

Source: Docker Engine API 1.44.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
import ssl
import struct
import termios
import threading
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = "1.44"
SECONDS_MAX: Final = 30.0
JSON: Final = "application/json"
RAW: Final = "application/vnd.docker.raw-stream"


def frame(stream: int, data: bytes) -> bytes:
    """Frame bytes of stdout (1) or stderr (2), as the daemon multiplexes them."""
    return struct.pack(">BxxxL", stream, len(data)) + data


def chunk(data: bytes) -> bytes:
    """Frame a chunk (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class Daemon:
    """Answers by threads, over TCP, TLS or a Unix socket.

    Attributes:
        requests: Method, target and content of each request, in order.
        closing: Set when it is over.
        went_on: Set by a test once it has the first of what is streamed; the rest comes after it.
    """

    def __init__(self, path: Path | None = None, context: ssl.SSLContext | None = None) -> None:
        """Listen on a Unix socket at ``path``, or on a port of the loopback interface."""
        self.requests: list[tuple[str, str, bytes]] = []
        self.went_on: Final = threading.Event()
        self.closing: Final = threading.Event()
        self._context: Final = context
        self._listener: Final = socket.socket(socket.AF_INET if path is None else socket.AF_UNIX)
        self._listener.bind(("127.0.0.1", 0) if path is None else str(path))
        self._listener.listen()
        scheme = "tcp" if context is None else "https"
        self.url: Final = (
            f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
            if path is None
            else f"unix://{path}"
        )
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.went_on.set()
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(SECONDS_MAX)

    def _start(self, play: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=play, args=arguments, name="daemon")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(SECONDS_MAX)
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection, connection.makefile("rb") as lines:
                while self._answer(connection, lines):
                    pass
                if isinstance(connection, ssl.SSLSocket):
                    connection.unwrap()

    def _answer(self, connection: socket.socket, lines: Any) -> bool:
        """Answer one request; return whether another may follow."""
        line = lines.readline()
        if not line:
            return False
        method, target, _ = line.decode().split()
        fields = {}
        while (line := lines.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            fields[name.lower()] = value.strip()
        if fields.get("transfer-encoding") == "chunked":
            content = b""
            while size := int(lines.readline(), 16):
                content += lines.read(size + 2)[:-2]
            lines.readline()
        else:
            content = lines.read(int(fields.get("content-length", "0")))
        self.requests.append((method, target, content))
        path = target.partition("?")[0].removeprefix(f"/v{VERSION}")
        answer = Answer(self, connection, lines, fields)
        return answer.to(path, target.partition("?")[2], content)


class Answer:
    """One answer of the daemon."""

    def __init__(
        self, daemon: Daemon, connection: socket.socket, lines: Any, fields: dict[str, str]
    ) -> None:
        """Have what is needed for it."""
        self._daemon: Final = daemon
        self._connection: Final = connection
        self._lines: Final = lines
        self._fields: Final = fields

    def to(self, path: str, query: str, content: bytes) -> bool:
        """Answer a request for a path."""
        last = path.rpartition("/")[2]
        match last:
            case "version":
                return self._json({"ApiVersion": VERSION, "Version": "27.0"})
            case "logs":
                return self._logs(follows="follow=1" in query)
            case "events":
                return self._events()
            case "create" if path == "/images/create":
                return self._progress("Pulling", "Pulled")
            case "build":
                return self._progress("Step 1/1", f"{len(content)} bytes of context")
            case "archive":
                return self._archive()
            case "exec":
                return self._json({"Id": "an-exec"}, 201)
            case "start":
                return self._hijacked(json.loads(content)["Tty"])
            case "attach":
                return self._attached()
            case "json" if path.startswith("/exec"):
                return self._json({"ExitCode": 0, "Running": False})
            case "json" if path.startswith("/containers"):
                return self._json({"Id": "abc", "Config": {"Tty": "tty" in path}, "Name": "/abc"})
            case _:
                return self._json({"message": f"page not found: {path}"}, 404)

    def _send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def _json(self, value: Any, status: int = 200) -> bool:
        content = json.dumps(value).encode()
        self._head(f"{status} Said", JSON, f"Content-Length: {len(content)}")
        self._send(content)
        return True

    def _head(self, status: str, kind: str, *fields: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Api-Version: {VERSION}", f"Content-Type: {kind}", *fields]
        self._send("".join(f"{line}\r\n" for line in [*lines, ""]).encode())

    def _chunks(self, *chunks: bytes, together: bool = False) -> bool:
        """Send chunks; all but the first one wait for the test, unless they go out together."""
        first, *rest = chunks
        if together:
            self._send(b"".join(chunk(each) for each in chunks) + b"0\r\n\r\n")
            return True
        self._send(chunk(first))
        self._wait()
        for each in rest:
            self._send(chunk(each))
        self._send(b"0\r\n\r\n")
        return True

    def _wait(self) -> None:
        assert self._daemon.went_on.wait(SECONDS_MAX), "nobody has read what was sent first"

    def _logs(self, *, follows: bool) -> bool:
        self._head("200 OK", RAW, "Transfer-Encoding: chunked")
        frames = frame(1, b"one\n"), frame(2, b"two\n"), frame(1, b"three\n")
        return self._chunks(*frames, together=not follows)

    def _events(self) -> bool:
        self._head("200 OK", JSON, "Transfer-Encoding: chunked")
        events = [json.dumps({"Action": name}).encode() + b"\n" for name in ("start", "die")]
        return self._chunks(*events)

    def _progress(self, *said: str) -> bool:
        self._head("200 OK", JSON, "Transfer-Encoding: chunked")
        told = [json.dumps({"stream": each}).encode() + b"\r\n" for each in said]
        return self._chunks(*told, together=True)

    def _archive(self) -> bool:
        stat = "eyJuYW1lIjogImEiLCAic2l6ZSI6IDZ9"  # {"name": "a", "size": 6}
        fields = f"X-Docker-Container-Path-Stat: {stat}", "Transfer-Encoding: chunked"
        self._head("200 OK", "application/x-tar", *fields)
        return self._chunks(b"a tar ", b"of " * 2000, b"bytes", together=True)

    def _hijacked(self, tty: bool) -> bool:
        """Become an echo in capitals, after a greeting that comes with the head."""
        asked = self._fields.get("upgrade") == "tcp"
        first = f"HTTP/1.1 {'101 UPGRADED' if asked else '200 OK'}\r\nContent-Type: {RAW}\r\n"
        if asked:
            first += "Connection: Upgrade\r\nUpgrade: tcp\r\n"
        self._send(first.encode() + b"\r\n")
        self._let_it_be_read()
        self._send(self._framed(b"hello\n", tty))
        self._wait()
        self._send(self._framed(b"bye\n", tty))
        return False

    def _let_it_be_read(self) -> None:
        """Wait until the head was read: docker loses what comes with it, on urllib3's sockets."""
        if self._connection.family == socket.AF_UNIX:
            unread = b"\1"
            while any(unread):
                self._daemon.closing.wait(0.001)
                unread = fcntl.ioctl(self._connection, termios.TIOCOUTQ, bytes(4))

    def _attached(self) -> bool:
        self._head("101 UPGRADED", RAW, "Connection: Upgrade", "Upgrade: tcp")
        while line := self._lines.readline():
            self._send(self._framed(line.upper(), False))
        return False

    def _framed(self, data: bytes, tty: bool) -> bytes:
        return data if tty else frame(1, data)
