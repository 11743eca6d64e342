"""The two HTTP origins of the demo, which write down what they are sent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from sojourn_core.values.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

ADDRESS: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as its origin saw it.

    Attributes:
        method: Its method.
        target: Its request-target.
        fields: Its field lines, names in lower case.
        content: Its content.
    """

    method: str
    target: str
    fields: Mapping[str, str]
    content: bytes

    def holds(self, secret: str) -> bool:
        """Tell whether a secret is anywhere in the request."""
        places = (self.target, *self.fields.values(), self.content.decode("latin-1"))
        return any(secret in place for place in places)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that an origin gives.

    Attributes:
        status: Its status.
        fields: Its field lines.
        content: Its content.
    """

    status: int
    fields: tuple[tuple[str, str], ...] = ()
    content: str = ""


Answers: TypeAlias = "Mapping[tuple[str, str], Answer]"

_NOT_FOUND: Final = Answer(404, content="There is nothing here.\n")


class Origin:
    """An HTTP server on the loopback interface, in threads of its own.

    Attributes:
        url: Its URL, without a path.
        answers: Its responses, by method and request-target; they may be set until it is asked.
        seen: The requests that came, in their order.
    """

    def __init__(self, host: str) -> None:
        self.answers: Answers = {}
        self.seen: list[Seen] = []
        self._server = _Server(self)
        self.port: Final[int] = self._server.server_address[1]
        self.url: Final = f"http://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    block_on_close = True

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        super().__init__((ADDRESS, 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    timeout = 5.0  # A connection that nobody uses or closes must not keep the program alive.
    disable_nagle_algorithm = True
    wbufsize = -1  # Head and content leave together.

    def answer(self) -> None:
        """Write the request down, and answer it."""
        length = int(self.headers.get("Content-Length", "0"))
        assert isinstance(self.server, _Server)
        origin = self.server.origin
        origin.seen.append(
            Seen(
                method=self.command,
                target=self.path,
                fields={name.lower(): value for name, value in self.headers.items()},
                content=self.rfile.read(length),
            )
        )
        answer = origin.answers.get((self.command, self.path), _NOT_FOUND)
        content = answer.content.encode()
        self.send_response(answer.status)
        for name, value in (*answer.fields, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = answer  # noqa: N815 - the names that http.server asks for
    do_POST = answer  # noqa: N815 - likewise

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is declared
        """Say nothing: the demo tells its own story."""
