"""The bare core: its two machines, driven against peers in memory, in a time that only jumps.

Nothing here waits. Where a peer is silent, the clock is set to the deadline of the command; where
there is none, the scenario would hang, and fails instead.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from sojourn.local.tls_contexts import context_for
from sojourn.shared.proxies import proxy_handshake, proxy_tls_context
from sojourn_core import (
    UNSET,
    Call,
    Exchange,
    Pool,
    Request,
    RequestException,
    Response,
    Session,
    commands,
    plan_exchange,
)
from tests.scenarios.memory import Network
from tests.scenarios.model import Record, Result, Scenario
from tests.scenarios.reading import requests_in
from tests.scenarios.results import (
    ask,
    failure,
    prepare_session,
    result_of,
    routed,
    scripts_of,
    split_origin,
)

if TYPE_CHECKING:
    from sojourn_core import Limits, PreparedRequest, ResponseHead
    from sojourn_core.values.content.pipeline import Pipeline
    from tests.scenarios.memory import Peer
    from tests.scenarios.model import Intent
    from tests.servers.authority import Authority

WALL = 1_750_000_000.0


class Driver:
    """What a binding is for: here it moves octets between the core and peers in memory.

    Attributes:
        now: Seconds; only silence makes them pass.
    """

    def __init__(self, scenario: Scenario, authority: Authority) -> None:
        """Have the peers and the session ready."""
        scripts = scripts_of(scenario, authority)
        peers = {split_origin(origin)[1:]: each for origin, each in scripts.items()}
        contexts = {
            split_origin(origin)[1:]: authority.server_context()
            for origin in scenario.peers
            if origin.startswith("https:") and origin not in scenario.plain
        }
        self.setup = scenario.setup
        self.network = Network(peers, contexts, scenario.names)
        self.session = Session(**scenario.setup.options)
        prepare_session(self.session, scenario.setup, authority)
        self.pool = Pool()
        self.now = 100.0

    def run(self, intent: Intent) -> Result:
        """Make one request, and read its response."""
        session = self.session
        session.set_clock(self.now, WALL + self.now)
        arguments, data = ask(intent)
        allow_redirects = arguments.pop("allow_redirects", True)
        timeout = arguments.pop("timeout", UNSET)
        verify = arguments.pop("verify", None)
        proxies = arguments.pop("proxies", None)
        stream = arguments.pop("stream", None)
        call: Call | None = None
        try:
            prepared = session.prepare_request(
                Request(intent.method, intent.url, data=data, **arguments)
            )
            merged = session.merge_environment_settings(
                prepared.url or "", proxies, stream, verify, None
            )
            settings = session.settings_for(timeout=timeout, **merged)
            call = session.call(prepared, allow_redirects=allow_redirects, settings=settings)
            response = self.drive(call)
            response.read()
        except RequestException as error:
            return failure(error, call, data)
        return result_of(response, call, data)

    def drive(self, call: Call) -> MemoryResponse:
        """Drive a call until its response is there."""
        command = call.start(self.now)
        while True:
            match command:
                case commands.Send():
                    try:
                        response = self.transmit(command)
                    except RequestException as error:
                        command = call.lost(error, self.now)
                    else:
                        command = call.answered(response, self.now)
                case commands.Discard(response=response, limit=limit, deadline=deadline):
                    assert isinstance(response, MemoryResponse)
                    response.discard(limit, deadline)
                    command = call.discarded(self.now)
                case commands.Rewind(content=content):
                    try:
                        content.rewind()
                    except RequestException as error:
                        command = call.failed(error, self.now)
                    else:
                        command = call.rewound(self.now)
                case commands.Deliver(response=response):
                    assert isinstance(response, MemoryResponse)
                    return response
                case commands.Fail(error=error):
                    raise error
                case _:
                    raise AssertionError(f"no scenario leads to {command}")

    def transmit(self, send: commands.Send) -> MemoryResponse:
        """Carry out a ``Send``."""
        request, settings = send.request, send.settings
        secure = (request.url or "").startswith("https:")
        context = context_for(settings.verify, settings.cert) if secure else None
        send = routed(send, self.setup)
        plan = plan_exchange(
            send,
            limits=self.session.limits,
            tls_context=context,
            proxy_tls_context=proxy_tls_context(send),
            handshake=proxy_handshake(send),
        )
        exchange = Exchange(plan, self.pool)
        line = Line(self, exchange)
        command = line.run(exchange.start(self.now))
        assert isinstance(command, commands.Head)
        return MemoryResponse(line, command.head, request, self.session.limits)

    def carry_out(self, effects: Any) -> None:
        """Close the streams and release the content of a step. Nobody ever waits here."""
        if effects is not None:
            assert not effects.wakes
            for stream in effects.closes:
                stream.close()
            for content in effects.releases:
                content.close()

    def sleep_until(self, deadline: float) -> None:
        """Let the silence last."""
        assert deadline < inf, "the peer is silent, and nothing ends that"
        self.now = max(self.now, deadline)


class Line:
    """Drives one exchange."""

    def __init__(self, driver: Driver, exchange: Exchange) -> None:
        """Nothing is connected yet."""
        self.driver = driver
        self.exchange = exchange
        self._chunks: Any = None

    def run(self, command: commands.ExchangeCommand) -> commands.HandedUp:
        """Carry out commands until one is for whoever reads the response."""
        exchange, driver = self.exchange, self.driver
        while True:
            driver.carry_out(command.effects)
            match command:
                case commands.Head() | commands.Content() | commands.Finish():
                    return command
                case commands.Fail(error=error):
                    raise error
                case commands.Probe():
                    if exchange.stream.is_quiet():
                        command = exchange.quiet(driver.now)
                    else:
                        command = exchange.readable(0, driver.now)
                case commands.Close():
                    exchange.stream.close()
                    command = exchange.closed(driver.now)
                case _:
                    try:
                        command = self._transfer(command)
                    except OSError as error:
                        command = exchange.failed(error, driver.now)

    def _transfer(self, command: commands.ExchangeCommand) -> commands.ExchangeCommand:
        exchange, driver = self.exchange, self.driver
        stream: Peer = exchange.stream
        match command:
            case commands.Resolve(host=host, port=port):
                return exchange.resolved(driver.network.resolve(host, port), driver.now)
            case commands.Connect(address=address):
                return exchange.connected(driver.network.connect(address), driver.now)
            case commands.Write(data=data, watch=watch):
                if watch and stream.has_spoken():
                    return exchange.readable(0, driver.now)
                stream.write(data)
                return exchange.written(driver.now)
            case commands.Read(limit=limit, deadline=deadline):
                octets = stream.read(limit)
                if octets is None:
                    driver.sleep_until(deadline)
                    return exchange.expired(driver.now)
                return exchange.received(octets, driver.now)
            case commands.Pull(content=content):
                if self._chunks is None:
                    self._chunks = content.chunks()
                try:
                    chunk = next(self._chunks, None)
                except Exception as error:  # noqa: BLE001 - it is the scenario's
                    return exchange.failed(error, driver.now)
                return exchange.pulled(chunk, driver.now)
            case _:
                raise AssertionError(f"no scenario leads to {command}")


class MemoryResponse(Response):
    """A response whose content is read from a peer in memory."""

    def __init__(
        self, line: Line, head: ResponseHead, request: PreparedRequest, limits: Limits
    ) -> None:
        """The head was just handed up."""
        super().__init__(head, request, limits)
        self._line = line

    def read(self) -> None:
        """Read all of the content."""
        exchange, driver = self._line.exchange, self._line.driver
        pieces: list[bytes] = []
        pipeline: Pipeline | None = None
        try:
            pipeline = self.pipeline(None)
            while isinstance(
                command := self._line.run(exchange.proceed(driver.now)), commands.Content
            ):
                pieces += pipeline.feed(command.data)
            pieces += pipeline.finish()
        except RequestException as error:
            driver.carry_out(exchange.abandon(driver.now))
            error.request, error.response = self.request, self
            if pipeline is not None:
                error.partial = b"".join(pieces) + pipeline.remainder()
            raise
        assert isinstance(command, commands.Finish)
        self.trailers = command.trailers
        self.note(command.decisions)
        self._content = b"".join(pieces)

    def discard(self, limit: int, deadline: float) -> None:
        """Read on within the limit, and let the rest go."""
        driver = self._line.driver
        self._line.run(self._line.exchange.drain(limit, deadline, driver.now))


def run(scenario: Scenario, authority: Authority) -> Record:
    """Play a scenario with the bare core."""
    driver = Driver(scenario, authority)
    results = tuple(driver.run(intent) for intent in scenario.intents)
    driver.carry_out(driver.pool.close())
    driver.network.check()
    assert driver.pool.open_count == 0
    received = {
        origin: tuple(
            requests_in(peer.all_received())
            for peer in driver.network.connections[split_origin(origin)[1:]]
        )
        for origin in scenario.peers
    }
    return Record(results, received, tuple(_kept(driver.session)))


def _kept(session: Session) -> list[tuple[str, str, str]]:
    return [(cookie.name, cookie.value, cookie.domain) for cookie in session.cookies]
