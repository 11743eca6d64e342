"""Who the threats are tried on: the core without a socket, and both bindings over the loopback."""

from __future__ import annotations

import copy
import pickle
import socket
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol
from unittest import mock

import pytest

import sojourn
from sojourn_core import Request, Session, parse_url
from sojourn_core.commands import Address
from sojourn_core.rules.cookies import (
    CookieJar,
    cookies_from_json,
    cookies_to_json,
    format_cookies_txt,
    parse_cookies_txt,
)
from sojourn_core.values.errors import RemoteProtocolError
from tests.bindings.clients import Binding
from tests.core.conversation import WALL, respond, travel
from tests.servers.scripted import HandlerServer, response

from .model import Ask, Hop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sojourn_core import PreparedRequest, Response
    from tests.servers.authority import Authority
    from tests.servers.scripted import Received

    from .model import Copy

SECONDS_MAX: Final = 30.0  # A request that hangs fails instead.

Sent = list[tuple[str, str | None]]


class Client(Protocol):
    """What a threat needs."""

    session: Any

    def ask(self, ask: Ask) -> tuple[Sent, Any]:
        """Make a request: URL and Cookie field of all that were sent, and the response."""

    def refuse(self, url: str, line: str) -> None:
        """Get a response with a malformed Set-Cookie line, as far as that is possible."""

    def replace(self, session: Any) -> None:
        """Go on with another session."""

    def now(self) -> float:
        """Seconds since 1970."""

    def save(self, form: str) -> bytes:
        """The jar as a file."""

    def load(self, data: bytes) -> CookieJar:
        """The jar of a file."""


def answers(ask: Ask) -> list[tuple[int, list[tuple[str, str]]]]:
    """Status and field lines of the responses."""
    made: list[tuple[int, list[tuple[str, str]]]] = []
    for here, there in zip(ask.all, (*ask.hops, None), strict=True):
        lines = [("Set-Cookie", line) for line in here.sets]
        made.append((200, lines) if there is None else (302, [("Location", there.url), *lines]))
    return made


def duplicate(session: Any, how: Copy) -> Any:
    """A copy of a session."""
    match how.how:
        case "copy":
            return copy.copy(session)
        case "deepcopy":
            return copy.deepcopy(session)
        case "pickle":
            return pickle.loads(pickle.dumps(session))


class Core:
    """The core's session; no octet goes anywhere."""

    def __init__(self) -> None:
        """Begin, at a time of its own."""
        self.session: Any = Session()
        self.session.set_clock(0.0, WALL)

    def ask(self, ask: Ask) -> tuple[Sent, Any]:
        """Make a request: URL and Cookie field of all that were sent, and the response."""
        left = iter(answers(ask))
        headers = {"Host": ask.host} if ask.host else None

        def answer(_: PreparedRequest) -> Response:
            status, lines = next(left)
            return respond(status, *lines)

        call = self.session.call(Request("GET", ask.first.url, headers=headers))
        journey = travel(call, answer)
        assert journey.error is None
        sent = [(each.url, _only(each.values("cookie"))) for each in journey.sent]
        return sent, journey.response

    def refuse(self, url: str, line: str) -> None:
        """Tell the jar of a malformed Set-Cookie line: what is framed is none of its business."""
        decisions = self.session.cookies.store([line], parse_url(url), WALL)
        assert [each.code for each in decisions] == ["cookie.rejected.control-character"]

    def replace(self, session: Any) -> None:
        """Go on with another session."""
        session.set_clock(0.0, WALL)
        self.session = session

    def now(self) -> float:
        """Seconds since 1970."""
        return WALL

    def save(self, form: str) -> bytes:
        """The jar as a file."""
        jar = self.session.cookies
        if form == "json":
            return cookies_to_json(jar).encode()
        return format_cookies_txt(jar).encode("latin-1")

    def load(self, data: bytes) -> CookieJar:
        """The jar of a file."""
        if data.startswith(b"{"):
            return cookies_from_json(data.decode())
        jar = CookieJar()
        for cookie in parse_cookies_txt(data.decode("latin-1"), WALL):
            jar.set_cookie(cookie)
        return jar


class Loopback:
    """A binding, and a server for each origin that it is sent to."""

    def __init__(
        self, binding: Binding, authority: Authority, folder: Path, stack: ExitStack
    ) -> None:
        """Begin; ``stack`` closes the servers."""
        self._binding = binding
        self._authority = authority
        self._file = folder / "saved"
        self._stack = stack
        self._servers: dict[tuple[str, int], HandlerServer] = {}
        self._left: list[tuple[Hop, bytes]] = []
        self._sent: Sent = []
        self.session = binding.session()
        self.session.verify = str(authority.path)

    def ask(self, ask: Ask) -> tuple[Sent, Any]:
        """Make a request: URL and Cookie field of all that were sent, and the response."""
        made = [response(status, *lines) for status, lines in answers(ask)]
        self._left = list(zip(ask.all, made, strict=True))
        self._sent = []
        for each in ask.all:
            self._listen(each.url)
        headers = {"Host": ask.host} if ask.host else None
        url = ask.first.url
        got = self._binding.run(self.session.get(url, headers=headers, timeout=SECONDS_MAX))
        return self._sent, got

    def refuse(self, url: str, line: str) -> None:
        """Get a response with a malformed Set-Cookie line: NUL fails it, others lose the line."""
        asked = Ask(Hop(url, (line,)))
        if "\0" in line:
            with pytest.raises(RemoteProtocolError):
                self.ask(asked)
            return
        _, response = self.ask(asked)
        assert response.status_code == 200
        assert "set-cookie" not in response.headers

    def replace(self, session: Any) -> None:
        """Go on with another session."""
        self._binding.run(self.session.close())
        self.session = session
        self._binding._sessions.append(session)

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def save(self, form: str) -> bytes:
        """The jar as a file."""
        sojourn.save_cookies(self.session.cookies, self._file, format=form)
        return self._file.read_bytes()

    def load(self, data: bytes) -> CookieJar:
        """The jar of a file."""
        self._file.write_bytes(data)
        return sojourn.load_cookies(self._file)

    def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """Stand in for the name resolution of a binding."""
        try:
            return (Address("127.0.0.1", self._servers[host, port].port),)
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, f"there is no {host}") from None

    async def resolve_async(self, host: str, port: int) -> tuple[Address, ...]:
        """Likewise, for asyncio."""
        return self.resolve(host, port)

    def _listen(self, url: str) -> None:
        origin = parse_url(url).origin
        if (origin.host, origin.port) in self._servers:
            return
        context = self._authority.server_context() if origin.scheme == "https" else None

        def handle(request: Received) -> bytes:
            here, answer = self._left.pop(0)
            # Said by the server that got it, whatever its Host field says.
            known = parse_url(here.url).origin == origin
            url = here.url if known else f"{origin}, in place of {here.url}"
            self._sent.append((url, request.value("cookie")))
            return answer

        server = HandlerServer(handle, context=context)
        self._servers[origin.host, origin.port] = self._stack.enter_context(server)


@contextmanager
def loopback(name: str, authority: Authority, folder: Path) -> Iterator[Loopback]:
    """Have a binding that finds its servers."""
    with ExitStack() as stack:
        binding = Binding(name)
        client = Loopback(binding, authority, folder, stack)
        # An origin may be an address, and its server be at another all the same.
        literal = "sojourn_core.exchange.connect.literal_address"
        stack.enter_context(mock.patch(literal, return_value=None))
        stack.enter_context(mock.patch("sojourn.sync.exchange_driver.resolve", client.resolve))
        stack.enter_context(mock.patch("sojourn.aio.backend.resolve", client.resolve_async))
        stack.callback(binding.close)  # Before the servers, which were to wait for it else.
        yield client


def _only(values: list[str]) -> str | None:
    """The value of a field that occurs once at most."""
    assert len(values) < 2
    return values[0] if values else None
