"""A WSGI application (PEP 3333) as a transport of blocking sessions."""

from __future__ import annotations

import io
import sys
from time import monotonic as clock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from sojourn.shared.pieces import Pieces
from sojourn.sync.adapter import BaseAdapter
from sojourn.sync.response import Response
from sojourn_core.messages.given import head_of
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import ChunkedEncodingError, LocalProtocolError
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .incoming import received
from .reply import has_no_content, length_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sojourn.shared.pieces import Patience
    from sojourn_core.messages.request import PreparedRequest


class WSGIAdapter(BaseAdapter):
    """Has a WSGI application answer, in the thread that asks.

    The content of the request is read as the application reads it, and that of the response is made
    as it is read: ``stream=True`` sees each piece when the application gives it. What takes longer
    than the timeouts of the call allow is an error once it has come.

    Args:
        app: The application.
        client: Address and port of the client, as the application sees them.
        root_path: Where the application is mounted (``SCRIPT_NAME``).
        raise_server_exceptions: What the application raises reaches the caller; else it is
            answered with 500, as a server does.
        limits: What a response may hold.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        *,
        client: tuple[str, int] = ("127.0.0.1", 50000),
        root_path: str = "",
        raise_server_exceptions: bool = True,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.app = app
        self.client = client
        self.root_path = root_path
        self.raise_server_exceptions = raise_server_exceptions
        self.limits = limits

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        """Answer a request; see ``BaseAdapter``.

        Raises:
            ReadTimeout: The application took longer than the call waits for an answer.
            DeadlineExceeded: The time of the whole call is over.
            LocalProtocolError: The application broke the protocol.
        """
        settings = {"timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        command, patience = received(request, stream=stream, **settings)
        content = command.request.content
        if isinstance(content, Content):
            content.refuse_if_async()
        environ = environ_of(command.request, self.client, self.root_path)
        since = clock()
        running = _Running(self.app, environ, raises=self.raise_server_exceptions)
        try:
            running.start()
        except Exception:
            running.close()
            if self.raise_server_exceptions:
                raise
            running = _Running(_failed, environ, raises=True)
            running.start()
        if (now := clock()) > patience.until(since):
            running.close()
            raise patience.error(now, within=False)
        return self._response(running, request, patience)

    def _response(
        self, running: _Running, request: PreparedRequest, patience: Patience
    ) -> Response:
        status, lines = running.head
        code, _, reason = status.partition(" ")
        pieces: Any = running
        if has_no_content(request.method, int(code)):
            running.close()
            pieces = b""
        head = head_of(int(code), lines, reason)
        content = Pieces(pieces, patience, length=length_of(request.method, head))
        response = Response(head, request, self.limits, content)
        response.connection = self
        return response

    def close(self) -> None:
        """Do nothing: the application holds what there is."""


class _Input(io.RawIOBase):
    """``wsgi.input``: the content of the request, read as it is asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._chunks, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


class _Running:
    """One run of an application: its head, and the pieces of its content."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], environ: dict[str, Any], *, raises: bool
    ) -> None:
        self._app = app
        self._raises = raises  # An error within the content is raised as it is.
        self._environ = environ
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._written: list[bytes] = []
        self._result: Any = None
        self._pieces: Iterator[bytes] = iter(())

    @property
    def head(self) -> tuple[str, list[tuple[str, str]]]:
        """Status and field lines."""
        if self._head is None:
            raise LocalProtocolError("the application did not call start_response")
        return self._head

    def start(self) -> None:
        """Run the application until its head is settled: with the first piece that is not empty."""
        self._result = self._app(self._environ, self._start_response)
        self._pieces = iter(self._result)
        while not self._written:
            piece = next(self._pieces, None)
            if piece is None:
                break
            if piece:
                self._written.append(piece)
        _ = self.head

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self._written:
            raise exc_info[1].with_traceback(exc_info[2])
        if self._head is not None and exc_info is None:
            raise LocalProtocolError("the application called start_response twice")
        self._head = (status, headers)
        return self._written.append

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._written:
            piece = self._next()
            if piece is not None:  # It comes after all that write() was given.
                self._written.append(piece)
            if not self._written:
                raise StopIteration
        return self._written.pop(0)

    def _next(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except Exception as error:
            if self._raises:
                raise
            raise ChunkedEncodingError("the application failed within the content") from error

    def close(self) -> None:
        """Tell the application that nobody reads on."""
        if hasattr(self._result, "close"):
            self._result.close()


def environ_of(request: PreparedRequest, client: tuple[str, int], root_path: str) -> dict[str, Any]:
    """Build the environ of a request (PEP 3333)."""
    url = request.parsed_url
    path, _, query = request.path_url.partition("?")
    content = request.content
    chunks = content.chunks() if isinstance(content, Content) else iter([content or b""])
    decoded = unquote_to_bytes(path).decode("latin-1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": root_path,
        "PATH_INFO": decoded.removeprefix(root_path),
        "RAW_URI": request.path_url,
        "QUERY_STRING": query,
        "SERVER_NAME": url.origin.host,
        "SERVER_PORT": str(url.origin.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "HTTP_HOST": request.headers.get("host", url.host_field),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.origin.scheme,
        "wsgi.input": io.BufferedReader(_Input(chunks)),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name in request.headers:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        joined = "; " if key == "HTTP_COOKIE" else ", "
        environ[key] = joined.join(request.headers.get_all(name))
    return environ


def _failed(_: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
    return [b"Internal Server Error"]
