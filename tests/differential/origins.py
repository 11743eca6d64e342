"""The origins of the cases: named hosts with default ports, all on the loopback interface.

Names are resolved by a table of this module, put in the place of ``socket.getaddrinfo`` while a
case runs. It gives every host under ``test`` a listener of its own for each port, so that a URL in
a case is what it is in the world, ``http://a.test/``, and is the same in each run. A name that it
does not know does not exist, and nothing leaves this machine.

A host whose name starts with ``proxy`` is a proxy: it takes requests in absolute form, and CONNECT.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from tests.differential.model import Reply, Seen, echo
from tests.servers.server import Connection, PeerClosedError, Server

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from tests.differential.model import Answer, Replies

HEAD_END: Final = b"\r\n\r\n"
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
SECURE_PORTS: Final = (443, 8443)
NAMED_PORTS: Final = (80, 443, 3128, 8080, 8443)
_CONNECTING: Final = ("connect", "connect_ex")
CLIENT_HELLO: Final = b"\x16"  # The first octet of a TLS handshake.
ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
SECONDS_TO_CLOSE: Final = 0.1  # For a client to close what it was told to close.


class Origins:
    """All listeners, what they answer at present, and what they have seen."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Have no listener yet; ``context`` is for those of https."""
        self._context: Final = context
        self._listeners: Final[dict[tuple[str, int], Server]] = {}
        self._lock: Final = threading.Lock()
        self._replies: Replies = {}
        self._turns: dict[str, int] = {}
        self._asked: Final[set[tuple[str, int]]] = set()  # Listeners looked up since they settled.
        self._settled: Final[dict[tuple[str, int], int]] = {}  # How many connections have ended.
        self._resolve: Final = socket.getaddrinfo
        # Bound and not listening: the system refuses connections to it.
        self._refusing: Final = socket.socket()
        self._refusing.bind(("127.0.0.1", 0))
        self.seen: list[Seen] = []

    def answer_with(self, replies: Replies) -> None:
        """Forget what was, and answer so from now on."""
        self._replies, self._turns, self.seen = replies, {}, []

    @contextmanager
    def resolving(self) -> Iterator[None]:
        """Have every name looked up here, and every address that nobody looks up."""
        ways = {name: self._connecting(getattr(socket.socket, name)) for name in _CONNECTING}
        with (
            mock.patch("socket.getaddrinfo", self._look_up),
            mock.patch.multiple(socket.socket, **ways),
        ):
            yield

    def _connecting(self, connect: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def connecting(sock: Any, address: Any) -> Any:
            host, port = address[:2]
            if port in NAMED_PORTS and _is_address(host):
                address = self._look_up(host, port)[0][4]
            return connect(sock, address)

        return connecting

    def settle(self) -> None:
        """Wait for the ends of all connections, and end those that nobody closed."""
        for key in self._asked:
            server = self._listeners[key]
            _await_accepts(server, self._settled.get(key, 0))
            threads = server._threads
            while self._settled.get(key, 0) < len(threads):
                index = self._settled.get(key, 0)
                threads[index].join(SECONDS_TO_CLOSE)
                if threads[index].is_alive():
                    server._connections[index].stop()
                    threads[index].join()
                self._settled[key] = index + 1
        self._asked.clear()

    def close(self) -> None:
        """Close all listeners, and raise what went wrong in one."""
        self._refusing.close()
        for server in self._listeners.values():
            server.close()

    # --- names ------------------------------------------------------------------------------

    def _look_up(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        number = int(port or 0)
        if number not in NAMED_PORTS:
            return self._resolve(host, port, *args, **kwargs)
        if name == "refused.test":
            place = self._refusing.getsockname()
        elif name.endswith((".test", ".test.", "localhost")) or _is_address(name):
            place = ("127.0.0.1", self._listener(name.lower().rstrip("."), number).port)
        else:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]

    def _listener(self, host: str, port: int) -> Server:
        with self._lock:
            key = host, port
            self._asked.add(key)
            if key not in self._listeners:
                scheme = "https" if port in SECURE_PORTS else "http"
                place = _origin(scheme, host, port)
                self._listeners[key] = Server(
                    lambda connection: self._play(connection, place),
                    context=self._context if scheme == "https" else None,
                )
            return self._listeners[key]

    # --- talking ----------------------------------------------------------------------------

    def _play(self, connection: Connection, place: str) -> None:
        """Answer each request on a connection; ``place`` is the origin it was made to."""
        behind = place  # What a relative target is relative to: changed by CONNECT.
        with suppress(PeerClosedError, TimeoutError):
            while (seen := _read_request(connection, place, behind)) is not None:
                self.seen.append(seen)
                if seen.content is None:
                    return
                answer = self._answer(seen, behind)
                data = _without_content(answer.data) if seen.method == "HEAD" else answer.data
                connection.send(data)
                if answer.then == "hold":
                    connection.read_to_end()
                if answer.then == "reset":
                    connection.reset()
                if answer.then != "keep":
                    return
                if seen.method == "CONNECT" and data.split(b" ")[1] == b"200":
                    host, _, port = seen.target.rpartition(":")
                    secure = int(port) in SECURE_PORTS
                    if secure:
                        connection.start_tls(self._context)
                    behind = _origin("https" if secure else "http", host, int(port))
                elif not _keeps_connection(seen, data):
                    return

    def _answer(self, seen: Seen, behind: str) -> Reply:
        target = seen.target
        url = target if "://" in target else f"{behind}{target}"
        if seen.method == "CONNECT":
            url = f"{behind}/{target}"
        keys = [url.partition("?")[0], url.partition("?")[0].replace(":80/", "/")]
        for key in [f"{seen.method} {key}" for key in keys] + keys:
            if key in self._replies:
                return _as_reply(self._in_turn(key), seen)
        return Reply(ESTABLISHED) if seen.method == "CONNECT" else Reply(echo(seen))

    def _in_turn(self, key: str) -> Answer:
        answers = self._replies[key]
        if not isinstance(answers, tuple):
            return answers
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        return answers[min(turn, len(answers) - 1)]


def _await_accepts(server: Server, start: int) -> None:
    """Wait until a server has accepted all that asked it before this was called.

    A client may be gone before its connection was accepted, and what it said is still to be seen.
    Connections are accepted in their order, so one more is made, and found among them.
    """
    with socket.socket() as last:
        last.connect(("127.0.0.1", server.port))
        own = last.getsockname()
        while not any(_peer_of(each) == own for each in server._connections[start:]):
            time.sleep(0.0005)
        while len(server._threads) < len(server._connections):
            time.sleep(0.0005)


def _peer_of(connection: Connection) -> object:
    try:
        return connection._sock.getpeername()
    except OSError:  # It has ended.
        return None


def _as_reply(answer: Answer, seen: Seen) -> Reply:
    if callable(answer):
        answer = answer(seen)
    return Reply(answer) if isinstance(answer, bytes) else answer


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _origin(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}" + ("" if DEFAULT_PORTS[scheme] == port else f":{port}")


def _without_content(data: bytes) -> bytes:
    head, end, _ = data.partition(HEAD_END)
    return head + end


def _read_request(connection: Connection, place: str, behind: str) -> Seen | None:
    """Read one request, or None if the client closed before it; its content may be cut short."""
    before = len(connection.received)
    try:
        first = connection.read_exactly(1)
        if first == CLIENT_HELLO:
            connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return None
        head = first + connection.read_until(HEAD_END)
    except PeerClosedError:
        if len(connection.received) == before or connection.stopping:
            return None
        raise
    line, *lines = head.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
    fields = tuple(
        (name, value.strip(" \t")) for name, _, value in (each.partition(":") for each in lines)
    )
    folded = {name.lower(): value.lower() for name, value in fields}
    content: bytes | None
    try:
        if "chunked" in folded.get("transfer-encoding", "") and "content-length" not in folded:
            content = _read_chunks(connection)
        else:  # With both, Requests sends what the length says (Q14).
            content = connection.read_exactly(int(folded.get("content-length", "0")))
    except PeerClosedError:
        content = None
    where = place if behind == place else f"{behind} via {place}"
    return Seen(place=where, line=line, fields=fields, content=content)


def _read_chunks(connection: Connection) -> bytes:
    content = b""
    while size := int(connection.read_until(b"\r\n").split(b";")[0], 16):
        content += connection.read_exactly(size + 2)[:-2]
    while connection.read_until(b"\r\n") != b"\r\n":  # Trailer fields are not kept.
        pass
    return content


def _keeps_connection(seen: Seen, data: bytes) -> bool:
    """Whether another request may follow on this connection (RFC 9112 section 9.3)."""
    head = data.partition(HEAD_END)[0].decode("latin-1").lower()
    status_line, *lines = head.split("\r\n")
    fields = {name: value.strip() for name, _, value in (each.partition(":") for each in lines)}
    if "close" in (fields.get("connection", ""), (seen.value("connection") or "").lower()):
        return False
    without_content = seen.method == "HEAD" or status_line.split(" ")[1] in {"204", "304"}
    return without_content or not fields.keys().isdisjoint({"content-length", "transfer-encoding"})
