"""Every driver at message level, and every transport within the process, as the kit takes them."""

from __future__ import annotations

import asyncio
import os
import runpy
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import sojourn
from sojourn.adapters import (
    ASGIAdapter,
    AsyncMockAdapter,
    MockAdapter,
    Reply,
    Router,
    Urllib3Adapter,
    WSGIAdapter,
)
from sojourn.testing.conformance.messages import MESSAGE_USUAL, Incoming, MessageAsk, MessageDriver
from sojourn_core import Session, drive_call
from tests.docs.pages import TOP, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.testing.conformance.messages import Web

DRIVERS = TOP / "docs" / "examples" / "drivers"
SOCKETS = frozenset({"faults", "refusals", "deadlines"})
ALL = MESSAGE_USUAL | {"own errors", "limits", "pauses"}


class Sync(MessageDriver):
    """A blocking session, and what is mounted on it."""

    offers = ALL | SOCKETS | {"lengths"}

    def __init__(self) -> None:
        self._made: list[sojourn.Session] = []
        self._options: Any = None
        self.web: Any = None

    def serve(self, web: Web) -> None:
        self.web = web

    def mount(self, session: sojourn.Session, limits: sojourn.Limits) -> None:
        """Mount what is under test."""

    def session_for(self, options: Any) -> sojourn.Session:
        if not self._made or options != self._options:
            session = sojourn.Session(**options)
            session.trust_env = False
            self.mount(session, options.get("limits", sojourn.Limits()))
            self._made.append(session)
            self._options = options
        return self._made[-1]

    def fetch(self, ask: MessageAsk) -> None:
        session = self.session_for(ask.options)
        with ask, session.request(ask.method, ask.url, stream=True, **ask.arguments) as response:
            ask.head(response)
            for piece in response.iter_content(None):
                if not ask.wants(piece):
                    return
            ask.end()

    def close(self) -> None:
        for session in self._made:
            session.close()


class Urllib3(Sync):
    """Urllib3Adapter."""

    def mount(self, session: sojourn.Session, limits: sojourn.Limits) -> None:
        session.mount("http://", Urllib3Adapter(limits=limits))


class Mock(Sync):
    """MockAdapter: a web within the process, which reads content whole."""

    offers = ALL | {"own web"}

    def answer(self, request: sojourn.PreparedRequest) -> Reply:
        url = request.parsed_url
        incoming = Incoming(
            method=request.method or "",
            url=f"{url.origin}{url.target}",
            fields=tuple(request.headers.lines),
            content=request.body or b"",
        )
        reply = self.web(incoming)
        return Reply(reply.status, reply.fields, iter(reply.pieces), reason=reply.reason)

    def mount(self, session: sojourn.Session, limits: sojourn.Limits) -> None:
        session.mount("http://", MockAdapter(self.answer, limits=limits))


class Routed(Mock):
    """A Router under MockAdapter."""

    def mount(self, session: sojourn.Session, limits: sojourn.Limits) -> None:
        router = Router()
        router.add().answer(self.answer)
        session.mount("http://", MockAdapter(router, limits=limits))


class WSGI(Sync):
    """WSGIAdapter: the web is an application."""

    offers = ALL | {"own web"}

    def app(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        names = [name for name in environ if name.startswith("HTTP_")]
        fields = [(name[5:].replace("_", "-").title(), environ[name]) for name in names]
        fields += [
            (name.replace("_", "-").title(), environ[name])
            for name in ("CONTENT_TYPE", "CONTENT_LENGTH")
            if environ.get(name) is not None
        ]
        incoming = Incoming(
            method=environ["REQUEST_METHOD"],
            url=f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}",
            fields=tuple(fields),
            content=environ["wsgi.input"].read(),
        )
        reply = self.web(incoming)
        start_response(f"{reply.status} {reply.reason}", [*reply.fields])
        return iter(reply.pieces)

    def mount(self, session: sojourn.Session, limits: sojourn.Limits) -> None:
        session.mount("http://", WSGIAdapter(self.app, limits=limits))


class Async(MessageDriver):
    """A session of asyncio, and what is mounted on it."""

    offers = ALL | SOCKETS | {"lengths"}

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._made: list[sojourn.AsyncSession] = []
        self._options: Any = None
        self.web: Any = None

    def serve(self, web: Web) -> None:
        self.web = web

    def mount(self, session: sojourn.AsyncSession, limits: sojourn.Limits) -> None:
        """Mount what is under test."""

    def fetch(self, ask: MessageAsk) -> None:
        self._runner.run(self._fetch(ask))

    async def _fetch(self, ask: MessageAsk) -> None:
        if not self._made or ask.options != self._options:
            session = sojourn.AsyncSession(**ask.options)
            session.trust_env = False
            self.mount(session, ask.options.get("limits", sojourn.Limits()))
            self._made.append(session)
            self._options = ask.options
        session = self._made[-1]
        with ask:
            response = await session.request(ask.method, ask.url, stream=True, **ask.arguments)
            async with response:
                ask.head(response)
                async for piece in response.iter_content(None):
                    if not ask.wants(piece):
                        return
                ask.end()

    def left_open(self) -> list[str]:
        return []

    def close(self) -> None:
        for session in self._made:
            self._runner.run(session.close())
        self._runner.close()


class AsyncMock(Async):
    """AsyncMockAdapter."""

    offers = ALL | {"own web"}

    def mount(self, session: sojourn.AsyncSession, limits: sojourn.Limits) -> None:
        mock = Mock()
        mock.web = self.web
        session.mount("http://", AsyncMockAdapter(mock.answer, limits=limits))


class ASGI(Async):
    """ASGIAdapter: the web is an application."""

    offers = ALL | {"own web"}

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        content, more = b"", True
        while more:
            message = await receive()
            content, more = content + message.get("body", b""), message.get("more_body", False)
        fields = tuple(
            (name.decode("latin-1").title(), value.decode("latin-1"))
            for name, value in scope["headers"]
        )
        host = next(value for name, value in fields if name == "Host")
        query = scope["query_string"].decode()
        path = scope["raw_path"].decode() + (f"?{query}" if query else "")
        incoming = Incoming(
            method=scope["method"], url=f"http://{host}{path}", fields=fields, content=content
        )
        reply = self.web(incoming)
        lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.fields]
        await send({"type": "http.response.start", "status": reply.status, "headers": lines})
        pieces = iter(reply.pieces)  # One may wait until the one before was read.
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def mount(self, session: sojourn.AsyncSession, limits: sojourn.Limits) -> None:
        session.mount("http://", ASGIAdapter(self.app, lifespan=False, limits=limits))


@cache
def client_of(name: str) -> Any:
    return runpy.run_path(str(DRIVERS / name))["Client"]


class HttpClient(MessageDriver):
    """The example over http.client, which drives calls itself."""

    offers = ALL | SOCKETS
    name = "http_client.py"

    def __init__(self) -> None:
        self._made: list[Any] = []
        self._options: Any = None

    def fetch(self, ask: MessageAsk) -> None:
        if not self._made or ask.options != self._options:
            self._made.append(client_of(self.name)(**ask.options))
            self._options = ask.options
        client = self._made[-1]
        with ask:
            response = drive_call(ask.call(client.session), client)
            ask.head(response)
            for piece in self.pieces(client, response):
                if not ask.wants(piece):
                    return
            ask.end()

    def pieces(self, client: Any, response: Any) -> Any:
        return client.pieces(response)

    def close(self) -> None:
        for client in self._made:
            client.close()


class PyCurl(HttpClient):
    """The example over libcurl, which has whole responses."""

    offers = (ALL - {"streams"}) | SOCKETS
    name = "pycurl_driver.py"

    def pieces(self, client: Any, response: Any) -> Any:
        client.load(response)
        return [response.content] if response.content else []


class Page(MessageDriver):
    """The driver that docs/embedding-messages.md writes, block by block."""

    offers = (ALL - {"streams"}) | {"faults", "refusals", "deadlines"}

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}
        text = (TOP / "docs" / "embedding-messages.md").read_text(encoding="utf-8")
        for block in blocks(text):
            if block.language == "python" and "print(" not in block.text:
                exec(block.text, self._names)
        self._session: Any = None
        self._options: Any = None

    def fetch(self, ask: MessageAsk) -> None:
        if self._session is None or ask.options != self._options:
            self._session = Session(entropy=os.urandom, **ask.options)
            self._session.set_clock(time.monotonic(), time.time())
            self._options = ask.options
        with ask:
            response = drive_call(ask.call(self._session), self._names["Messenger"]())
            ask.head(response)
            self._names["load"](response)
            if not response.content or ask.wants(response.content):
                ask.end()
