"""Servers that say what a test wants: octet by octet, or a response for each request."""

from __future__ import annotations

import http
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .server import SECONDS_MAX, Connection, PeerClosedError, Server
from .steps import (
    Close,
    Expect,
    Hold,
    Offer,
    ReadContent,
    ReadHead,
    Reset,
    Send,
    Sleep,
    StartTLS,
    Step,
    Until,
    WaitClosed,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

HEAD_END: Final = b"\r\n\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class ScriptedServer(Server):
    """Plays one script for each connection, in the order of accept.

    A connection for which there is no script left fails the test.
    """

    def __init__(
        self,
        *scripts: Sequence[Step],
        context: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        path: str | None = None,
    ) -> None:
        """Listen; the scripts are played once each."""
        self._scripts: Final = scripts
        super().__init__(self._play_script, context=context, address=address, path=path)

    def _play_script(self, connection: Connection) -> None:
        if connection.index >= len(self._scripts):
            raise AssertionError(f"one connection more than the {len(self._scripts)} scripts")
        for step in self._scripts[connection.index]:
            _take_step(connection, step)


def _take_step(connection: Connection, step: Step) -> None:
    match step:
        case ReadHead():
            connection.read_until(HEAD_END)
        case ReadContent(size):
            connection.read_exactly(size)
        case Expect(data):
            connection.read_until(data)
        case Send(data):
            connection.send(data)
        case Offer(data):
            try:
                connection.send(data)
            except PeerClosedError:
                return
        case Sleep(seconds):
            connection.wait(seconds)
        case Until(event):
            assert event.wait(SECONDS_MAX), "the test did not set the event"
        case StartTLS(context):
            assert context is not None
            connection.start_tls(context)
        case WaitClosed():
            connection.read_to_end()
        case Hold():
            connection.wait()
        case Close(notify):
            connection.close(notify=notify)
        case Reset():
            connection.reset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as a handler gets it.

    Attributes:
        method: Method.
        target: Request-target as sent.
        fields: Field lines in wire order, in their own case.
        content: Content without its framing.
        connection: Number of its connection, from 0.
    """

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    content: bytes
    connection: int

    def values(self, name: str) -> list[str]:
        """List the values of a field, by its name in any case."""
        return [value for each, value in self.fields if each.lower() == name.lower()]

    def value(self, name: str) -> str | None:
        """Give the value of a field that occurs at most once, or None."""
        values = self.values(name)
        assert len(values) < 2, f"field {name} occurs {len(values)} times"
        return values[0] if values else None


class HandlerServer(Server):
    """Answers each request with the octets that a handler returns for it.

    A connection is kept until the peer closes it, or until a response says ``Connection: close``
    or has no framing of its own. The handler returns None to close without an answer.

    Attributes:
        requests: Every request that came, in the order of their last octets.
    """

    def __init__(
        self,
        handler: Callable[[Received], bytes | None],
        *,
        context: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        """Listen; the handler is called in the threads of the connections."""
        self.requests: list[Received] = []
        self._handler: Final = handler
        super().__init__(self._play_requests, context=context, address=address)

    def _play_requests(self, connection: Connection) -> None:
        while (request := read_request(connection)) is not None:
            self.requests.append(request)
            answer = self._handler(request)
            if answer is None:
                return
            connection.send(answer)
            if not _keeps_connection(request, answer):
                return


def read_request(connection: Connection) -> Received | None:
    """Read one request, or None if the peer closed between two."""
    before = len(connection.received)
    try:
        connection.await_more()
        head = connection.read_until(HEAD_END)
    except PeerClosedError:
        if len(connection.received) == before:
            return None
        raise
    line, *lines = head.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    fields = tuple(_parse_line(each) for each in lines)
    folded = {name.lower(): value.lower() for name, value in fields}
    if folded.get("expect") == "100-continue":
        connection.send(CONTINUE)
    if "chunked" in folded.get("transfer-encoding", ""):
        content = _read_chunks(connection)
    else:
        content = connection.read_exactly(int(folded.get("content-length", "0")))
    return Received(
        method=method, target=target, fields=fields, content=content, connection=connection.index
    )


def _parse_line(line: str) -> tuple[str, str]:
    name, separator, value = line.partition(":")
    assert separator, f"not a field line: {line!r}"
    return name, value.strip(" \t")


def _read_chunks(connection: Connection) -> bytes:
    content = b""
    while size := int(connection.read_until(b"\r\n").split(b";")[0], 16):
        content += connection.read_exactly(size + 2)[:-2]
    while connection.read_until(b"\r\n") != b"\r\n":  # Trailer fields are not kept.
        pass
    return content


def _keeps_connection(request: Received, answer: bytes) -> bool:
    """Whether another request may follow this answer on its connection (RFC 9112 9.3)."""
    head = answer.partition(HEAD_END)[0].decode("latin-1").lower()
    status_line, *lines = head.split("\r\n")
    fields = dict(_parse_line(line) for line in lines)
    if "close" in (fields.get("connection", ""), (request.value("connection") or "").lower()):
        return False
    without_content = request.method == "HEAD" or status_line.split(" ")[1] in {"204", "304"}
    return without_content or not fields.keys().isdisjoint({"content-length", "transfer-encoding"})


def response(status: int, *fields: tuple[str, str], content: bytes = b"") -> bytes:
    """Write a response with a Content-Length, unless it has its own framing or needs none."""
    names = {name.lower() for name, _ in fields}
    if names.isdisjoint({"content-length", "transfer-encoding"}) and status not in {204, 304}:
        fields += (("Content-Length", str(len(content))),)
    try:
        reason = http.HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join(lines).encode("latin-1") + HEAD_END + content
