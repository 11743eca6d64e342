"""The bindings, against scripted servers on the loopback interface.

URLs keep the names and ports of the scenario: what a binding resolves names with is replaced, and
answers with the address and the port on which the peer really listens.
"""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest import mock

import trio

import sojourn
import sojourn.trio
from sojourn.shared.socket_routes import UNIX_SCHEME
from sojourn.trio.backend import TrioBackend
from sojourn_core import RequestException
from sojourn_core.commands import Address
from tests.scenarios.model import Record, Result, Scenario
from tests.scenarios.reading import requests_in
from tests.scenarios.results import (
    ask,
    failure,
    prepare_session,
    result_of,
    scripts_of,
    socket_settings,
    split_origin,
)
from tests.servers.scripted import ScriptedServer
from tests.servers.server import SECONDS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.model import Ended, Intent, Script
    from tests.servers.authority import Authority


class Loopback:
    """All peers of one scenario, listening.

    Attributes:
        servers: By origin; None is an origin where nobody listens.
    """

    def __init__(self, scenario: Scenario, authority: Authority, stack: ExitStack) -> None:
        """Start the servers; ``stack`` closes them."""
        self._scenario = scenario
        self.servers: dict[str, ScriptedServer | None] = {}
        self._addresses: dict[tuple[str, int], Address] = {}
        for origin, scripts in scripts_of(scenario, authority).items():
            scheme, host, port = split_origin(origin)
            if scheme == UNIX_SCHEME:
                self.servers[origin] = listening_at(host, scripts, stack)
                continue
            if scripts:
                secure = scheme == "https" and origin not in scenario.plain
                context = authority.server_context() if secure else None
                server = stack.enter_context(ScriptedServer(*scripts, context=context))
                self.servers[origin], listening = server, server.port
            else:
                self.servers[origin] = None
                # Bound, so that nobody else gets the port, and not listening.
                taken = stack.enter_context(socket.socket())
                taken.bind(("127.0.0.1", 0))
                listening = taken.getsockname()[1]
            self._addresses[host, port] = Address("127.0.0.1", listening)

    def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """Stand in for the name resolution of a binding."""
        if host in self._scenario.names:
            return tuple(Address(each, port) for each in self._scenario.names[host])
        try:
            return (self._addresses[host, port],)
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, f"there is no {host}") from None

    async def resolve_async(self, host: str, port: int) -> tuple[Address, ...]:
        """Likewise, where it is awaited."""
        return self.resolve(host, port)

    def await_end(self, origin: str, connection: int) -> None:
        """Wait until a connection has ended on the server's side."""
        server = self.servers[origin]
        assert server is not None
        server.await_end(connection)

    def received(self) -> dict[str, Any]:
        """What came, once the client has closed everything."""
        received: dict[str, Any] = {}
        for origin, server in self.servers.items():
            for connection in range(len(self._scenario.peers[origin])):
                self.await_end(origin, connection)
            received[origin] = (
                () if server is None else tuple(requests_in(octets) for octets in server.received)
            )
        return received


def seems_alive(session: Any, ended: Ended) -> bool:
    """Say whether the end of an idle connection, which its server has closed, has not come yet.

    A system that is busy delivers it some time after that, also on the loopback interface.
    """
    quiet: list[bool] = []
    for pool in {adapter.pool for adapter in session.adapters.values()}:
        with pool._guard:
            quiet += [each.stream.is_quiet() for each in pool._idle if is_of(each, ended.origin)]
    return bool(quiet) and all(quiet)


def is_of(connection: Any, origin: str) -> bool:
    """Say whether a connection is one to an origin, or to the Unix socket that is named as one."""
    key = connection.key
    chosen = key.route.socket
    if chosen is not None and chosen.unix_path is not None:
        return origin == f"{UNIX_SCHEME}://{Path(chosen.unix_path).name}"
    return str(key.origin) == origin


def check_time(until: float) -> None:
    assert time.monotonic() < until, "the end of a connection does not come"


def listening_at(path: str, scripts: tuple[Script, ...], stack: ExitStack) -> ScriptedServer | None:
    """Have a peer listen at a Unix socket; without scripts it is there, and nobody listens."""
    if scripts:
        return stack.enter_context(ScriptedServer(*scripts, path=path))
    stack.enter_context(socket.socket(socket.AF_UNIX)).bind(path)
    return None


def session_for(kind: Any, scenario: Scenario, authority: Authority) -> Any:
    """Make the session of a scenario."""
    setup = scenario.setup
    session = kind(socket=socket_settings(setup), **setup.options)
    prepare_session(session, setup, authority)
    if setup.mounts_unix:
        session.mount(f"{UNIX_SCHEME}://", kind.adapter_class())
    return session


class Remembering:
    """Remembers the last call of a session, whose decisions no error carries."""

    last: Any = None
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """As ever."""
        self.last = super().call(*args, **kwargs)
        return self.last

    def open_call(self, *args: Any, **kwargs: Any) -> Any:
        """Likewise, where a request becomes a call in one step."""
        self.last = super().open_call(*args, **kwargs)
        return self.last


class SyncSession(Remembering, sojourn.Session):
    """The blocking session that does so."""


class AsyncSession(Remembering, sojourn.AsyncSession):
    """Likewise."""


class TrioSession(Remembering, sojourn.trio.Session):
    """Likewise."""


@contextmanager
def peers_of(scenario: Scenario, authority: Authority) -> Iterator[Loopback]:
    """Have the peers listen, and the bindings find them."""
    with ExitStack() as stack:
        if any(origin.startswith(UNIX_SCHEME) for origin in scenario.peers):
            # Paths of Unix sockets are short, and those of a scenario the same in each run.
            stack.enter_context(chdir(stack.enter_context(TemporaryDirectory())))
        peers = Loopback(scenario, authority, stack)
        stack.enter_context(mock.patch("sojourn.sync.exchange_driver.resolve", peers.resolve))
        stack.enter_context(mock.patch("sojourn.aio.backend.resolve", peers.resolve_async))
        stack.enter_context(mock.patch.object(TrioBackend, "resolve", peers.resolve_async))
        yield peers


def run_sync(scenario: Scenario, authority: Authority) -> Record:
    """Play a scenario with the sync binding."""
    with peers_of(scenario, authority) as peers:
        with session_for(SyncSession, scenario, authority) as session:
            results = tuple(_ask(session, intent, peers) for intent in scenario.intents)
        return _record(session, results, peers)


def _ask(session: SyncSession, intent: Intent, peers: Loopback) -> Result:
    if intent.after is not None:
        peers.await_end(intent.after.origin, intent.after.connection)
        until = time.monotonic() + SECONDS_MAX
        while seems_alive(session, intent.after):
            check_time(until)
    arguments, data = ask(intent)
    session.last = None
    try:
        response = session.request(intent.method, intent.url, data=data, **arguments)
    except RequestException as error:
        return failure(error, session.last, data)
    return result_of(response, session.last, data)


def run_asyncio(scenario: Scenario, authority: Authority) -> Record:
    """Play a scenario with the asyncio binding."""
    with peers_of(scenario, authority) as peers:
        session, results = asyncio.run(_run_asyncio(scenario, authority, peers))
        return _record(session, results, peers)


async def _run_asyncio(
    scenario: Scenario, authority: Authority, peers: Loopback
) -> tuple[AsyncSession, tuple[Result, ...]]:
    async with session_for(AsyncSession, scenario, authority) as session:
        results = [await _ask_asyncio(session, intent, peers) for intent in scenario.intents]
    return session, tuple(results)


async def _ask_asyncio(session: AsyncSession, intent: Intent, peers: Loopback) -> Result:
    if intent.after is not None:
        peers.await_end(intent.after.origin, intent.after.connection)
        until = time.monotonic() + SECONDS_MAX
        while seems_alive(session, intent.after):
            check_time(until)
            await asyncio.sleep(0)
    return await _ask_awaited(session, intent)


def run_trio(scenario: Scenario, authority: Authority) -> Record:
    """Play a scenario with the binding for trio."""
    with peers_of(scenario, authority) as peers:
        session, results = trio.run(_run_trio, scenario, authority, peers)
        return _record(session, results, peers)


async def _run_trio(
    scenario: Scenario, authority: Authority, peers: Loopback
) -> tuple[TrioSession, tuple[Result, ...]]:
    async with session_for(TrioSession, scenario, authority) as session:
        results: list[Result] = []
        for intent in scenario.intents:
            if intent.after is not None:
                peers.await_end(intent.after.origin, intent.after.connection)
                until = time.monotonic() + SECONDS_MAX
                while seems_alive(session, intent.after):
                    check_time(until)
                    await trio.lowlevel.checkpoint()
            results.append(await _ask_awaited(session, intent))
    return session, tuple(results)


async def _ask_awaited(session: Any, intent: Intent) -> Result:
    arguments, data = ask(intent)
    session.last = None
    try:
        response = await session.request(intent.method, intent.url, data=data, **arguments)
    except RequestException as error:
        return failure(error, session.last, data)
    return result_of(response, session.last, data)


def _record(session: Any, results: tuple[Result, ...], peers: Loopback) -> Record:
    for adapter in session.adapters.values():
        assert adapter.pool.open_count == 0
    kept = [(cookie.name, cookie.value, cookie.domain) for cookie in session.cookies]
    return Record(results, peers.received(), tuple(kept))
