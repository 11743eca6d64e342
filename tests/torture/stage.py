"""The driver of a run: it carries out the commands of both machines, or has a fault come instead.

It stands on the loops of the core, ``drive`` and ``drive_call``, or on those for event loops. Time
passes where somebody waits, and only there.
"""

from __future__ import annotations

import sys
from functools import wraps
from math import inf
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sojourn.local.tls_contexts import context_for
from sojourn.shared.informing import informed
from sojourn.shared.proxies import proxy_handshake, proxy_tls_context
from sojourn_core import (
    UNSET,
    Exchange,
    Pool,
    PoolLimits,
    Race,
    Request,
    RequestException,
    Response,
    Session,
    commands,
    drive,
    drive_async,
    drive_call,
    drive_call_async,
    plan_exchange,
)
from sojourn_core.exchange.drive import carry_out, carry_out_async
from tests.scenarios.results import ask, prepare_session, routed, scripts_of, split_origin
from tests.torture.faults import Cancelled, Dropped, Endless, Tape, befall, network_error
from tests.torture.pairs import (
    BY_TRIO,
    ByAsyncio,
    ByTrio,
    Silence,
    send_awaited,
    send_blocking,
    transfer,
)
from tests.torture.peers import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable

    from sojourn.sync.waiting import Until
    from sojourn_core import Call, Effects, ExchangePlan, PreparedRequest, Ticket
    from sojourn_core.commands import Address
    from tests.scenarios.model import Intent, Scenario
    from tests.servers.authority import Authority
    from tests.torture.peers import Stream

P = ParamSpec("P")
T = TypeVar("T")

WALL = 1_750_000_000.0
STARTS = 100.0


def step(method: Callable[P, T]) -> Callable[P, T]:
    """Have the tape know of the end of a step."""

    @wraps(method)
    def call(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return method(*arguments, **named)
        finally:
            line: Any = arguments[0]
            line.tape.done()

    return call


class Line:
    """The transport: streams are peers in memory.

    Attributes:
        time: Seconds; they pass where somebody waits.
        shared: Two exchanges share it: what takes time is raised as ``Silence``.
        cancel: Cancels the task that makes the request, where there is one.
    """

    def __init__(self, network: Network, tape: Tape) -> None:
        """Nothing is connected yet."""
        self.network = network
        self.tape = tape
        self.time = STARTS
        self.crowd: list[Any] = []  # What others hold of the pool, and give back when waited for.
        self.shared = False
        self.cancel: Callable[[], object] | None = None

    def _meets(self, kind: str, stream: Stream | None, deadline: float) -> str:
        """Take a step: raise its fault, or have it come to the peer, or return what it is."""
        name = self.tape.take(kind)
        match name.partition("-")[0]:
            case "":
                return ""
            case "cancel" | "drop" if self.shared and self.cancel is not None:
                self.tape.fail(Cancelled())
                self.cancel()  # The transfer may be done before its task hears of it.
                return ""
            case "cancel":
                raise self.tape.fail(Cancelled())
            case "drop":
                raise self.tape.fail(Dropped())
            case "raise":
                self.tape.raise_own(name)
            case "timeout":
                if deadline < inf and self.shared:
                    raise Silence(deadline)
                if deadline < inf:
                    self.time = max(self.time, deadline)
                raise self.tape.fail(network_error(name))
            case "refused" | "unresolved":
                raise self.tape.fail(network_error(name))
            case "end" | "unclean" | "reset" | "garbage" | "noise" if stream is not None:
                befall(stream.peer, name, self.tape.random)
                return ""
        return name

    def _silence(self, deadline: float, ticket: Ticket | None = None) -> None:
        if self.shared:
            raise Silence(deadline, ticket)
        if deadline == inf:
            raise Endless("the peer is silent, and nothing ends that")
        self.time = max(self.time, deadline)
        raise TimeoutError("nothing has come")

    # --- what never waits -----------------------------------------------------------------------

    def now(self) -> float:
        """Return the time."""
        return self.time

    @step
    def is_quiet(self, stream: Stream) -> bool:
        """Look at a stream."""
        self._meets("is_quiet", stream, inf)
        return stream.peer.is_quiet()

    @step
    def close(self, stream: Stream) -> None:
        """Close it."""
        stream.peer.close()
        self._meets("close", None, inf)

    # --- what waits -----------------------------------------------------------------------------

    @step
    def resolve(self, host: str, port: int, deadline: float) -> Iterable[Address]:
        """Find a host."""
        if self._meets("resolve", None, deadline) == "no-address":
            return ()
        return self.network.resolve(host, port)

    @step
    def connect(self, address: Address, deadline: float, socket: Any) -> Stream:
        """Connect to an address."""
        return self._connect("connect", (address,), deadline)

    @step
    def race(
        self, addresses: tuple[Address, ...], stagger: float, deadline: float, socket: Any
    ) -> Stream:
        """Connect to the first that listens; the others fail at once."""
        race = Race(addresses, stagger)
        order: list[Address] = []
        while not race.is_over:
            address = race.due(self.time)
            if address is None:
                self.time = race.next_at
            else:
                order.append(address)
                race.lost()
        assert sorted(map(str, order)) == sorted(map(str, addresses))
        return self._connect("race", tuple(order), deadline)

    def _connect(self, kind: str, addresses: tuple[Address, ...], deadline: float) -> Stream:
        name = self._meets(kind, None, deadline)
        stream: Stream | None = None
        error: OSError | None = None
        for address in addresses:
            try:
                stream = self.network.connect(address)
                break
            except OSError as refused:
                error = refused
        if stream is None:
            assert error is not None
            raise error
        if name:
            befall(stream.peer, name, self.tape.random)
        return stream

    @step
    def send(self, stream: Stream, data: bytes, deadline: float) -> None:
        """Send all of it."""
        if self._meets("send", stream, deadline) == "short":
            self._send_some(stream, data)
            raise self.tape.fail(network_error("reset"))
        stream.peer.write(data)

    @step
    def send_watching(self, stream: Stream, data: bytes, deadline: float) -> int | None:
        """Send it, but for what is left when the peer has spoken."""
        name = self._meets("send_watching", stream, deadline)
        if name == "spurious":
            return self._send_some(stream, data)
        if name == "short":
            self._send_some(stream, data)
            raise self.tape.fail(network_error("reset"))
        if not stream.peer.is_quiet():
            return 0
        stream.peer.write(data)
        return None

    @step
    def send_file(
        self, stream: Stream, file: Any, offset: int, size: int, deadline: float
    ) -> int | None:
        """Send a part of a file."""
        name = self._meets("send_file", stream, deadline)
        if name == "shrunk":
            return None
        if name == "short":
            raise self.tape.fail(network_error("reset"))
        if not stream.peer.is_quiet():
            return 0
        at = file.tell()
        file.seek(offset)
        data = file.read(size)
        file.seek(at)
        if name == "spurious":
            return self._send_some(stream, data)
        stream.peer.write(data)
        return len(data)

    def _send_some(self, stream: Stream, data: bytes) -> int:
        size = self.tape.random.randrange(len(data) + 1)
        stream.peer.write(data[:size])
        return size

    @step
    def receive(self, stream: Stream, limit: int, deadline: float) -> bytes:
        """Receive some bytes."""
        self._meets("receive", stream, deadline)
        data = stream.peer.read(limit)
        if data is None:
            self._silence(deadline)
        return data or b""

    @step
    def wait(self, ticket: Ticket, deadline: float) -> None:
        """Wait for a place in the pool, which somebody gives up."""
        woken: list[bool] = []
        ticket.wake = lambda: woken.append(True)
        if self._meets("wait", None, deadline) == "spurious":
            return
        if ticket.ready:
            return
        while self.crowd and not ticket.ready:
            carry_out(self.crowd.pop()(), self)
        if not ticket.ready:
            self._silence(deadline, ticket)
        assert woken, "who waits is woken"

    @step
    def sleep_until(self, when: float) -> None:
        """Let time pass."""
        self._meets("sleep_until", None, when)
        self.time = max(self.time, when)


class _Dropping:
    """An await that never ends."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class AwaitedLine:
    """The same for the loops that await: a coroutine that is dropped stays in its await."""

    def __init__(self, line: Line, loop: ByAsyncio | ByTrio | None) -> None:
        """Stand on a line, and on an event loop if there is one."""
        self._line = line
        self._loop = loop
        self.now, self.is_quiet, self.close = line.now, line.is_quiet, line.close

    def __getattr__(self, name: str) -> Any:
        """Make any other method one that is awaited."""
        line, loop = self._line, self._loop
        method = getattr(line, name)

        async def call(*arguments: Any) -> Any:
            if loop is not None and line.shared:
                return await _beside(loop, transfer(line, name, arguments))
            try:
                return method(*arguments)
            except Dropped:
                if line.cancel is not None:
                    raise  # Nobody drops what an event loop runs.
                await _Dropping()

        return call

    async def within(self, step: Any, deadline: float) -> Any:
        """Await a step of the user's."""
        return await step


async def _beside(loop: ByAsyncio | ByTrio, steps: Generator[Until, None, Any]) -> Any:
    """Await each wait of a transfer."""
    try:
        while True:
            await loop.until(next(steps))
    except StopIteration as end:
        return end.value
    finally:
        steps.close()


def complete(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end, or to where it is dropped."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise Dropped


class Stage:
    """One run of a scenario.

    Attributes:
        pool: The pool.
        session: The session.
        network: The peers.
        contents: What was given as content.
        may_be_endless: The user has said that a silence may last for ever.
        backend: The event loop; None where exchanges are made one at a time.
        left: What event loops were left with, in words.
    """

    def __init__(self, scenario: Scenario, authority: Authority, tape: Tape, loop: str) -> None:
        """Have the peers and the session ready.

        Args:
            scenario: What is played.
            authority: Vouches for peers that speak TLS.
            tape: The steps.
            loop: That of the driver. Those for event loops are offered what a driver may leave out.
        """
        awaits = loop != "drive"
        scripts = scripts_of(scenario, authority)
        peers = {split_origin(origin)[1:]: each for origin, each in scripts.items()}
        contexts = {
            split_origin(origin)[1:]: server_context(authority)
            for origin in scenario.peers
            if origin.startswith("https:") and origin not in scenario.plain
        }
        self._setup = scenario.setup
        self.network = Network(peers, contexts, scenario.names)
        self.tape = tape
        self.line = Line(self.network, tape)
        self.awaits = awaits
        options = {"entropy": tape.random.randbytes, **scenario.setup.options}
        kind, sees = options.pop("session", Session), options.pop("sees", True)
        hedged = scenario.setup.attributes.get("hedge") is not None
        places = options.pop("places", 2 if hedged else 1)
        self.session = kind(**options)
        prepare_session(self.session, scenario.setup, authority)
        if sees:
            self.session.hooks["response"].append(self._async_hook if awaits else self._hook)
        # Somebody else has a place for the first key: the first exchange waits where it is the only
        # one, and else the second one of a hedge.
        self.pool = Pool(PoolLimits(connections_per_key_max=places))
        self.contents: list[Any] = []
        self._crowded = False
        self.may_be_endless = False
        self.left: list[str] = []
        self.backend: ByAsyncio | ByTrio | None = None
        if awaits and hedged:
            self.backend = ByTrio(self) if loop == BY_TRIO else ByAsyncio(self)
        self.transport: Any = AwaitedLine(self.line, self.backend) if awaits else self.line

    def _hook(self, response: Response, *_: Any, **__: Any) -> None:
        self.tape.ask_user("hook")

    async def _async_hook(self, response: Response, *_: Any, **__: Any) -> None:
        self.tape.ask_user("hook")

    def open(self, intent: Intent) -> Call:
        """Prepare a request, and make the call of it."""
        session = self.session
        session.set_clock(self.line.time, WALL + self.line.time)
        arguments, data = ask(intent)
        self.contents.append(data)
        allow_redirects = arguments.pop("allow_redirects", True)
        timeout = arguments.pop("timeout", UNSET)
        verify = arguments.pop("verify", None)
        proxies = arguments.pop("proxies", None)
        stream = arguments.pop("stream", None)
        prepared = session.prepare_request(
            Request(intent.method, intent.url, data=data, **arguments)
        )
        merged = session.merge_environment_settings(
            prepared.url or "", proxies, stream, verify, None
        )
        settings = session.settings_for(timeout=timeout, **merged)
        return session.call(prepared, allow_redirects=allow_redirects, settings=settings)

    def run(self, intent: Intent) -> Response:
        """Make one request, and read its response."""
        call = self.open(intent)
        if self.awaits:
            run = complete if self.backend is None else self.backend.run
            response: Response = run(drive_call_async(call, AwaitedMessenger(self)))
        else:
            response = drive_call(call, Messenger(self))
        assert isinstance(response, Answer)
        complete(response.load())  # It may be one that was to be streamed.
        return response

    async def transmit(self, call: Call, send: commands.Send) -> Answer:
        """Carry out a ``Send``."""
        hedges = send.settings.hedges
        if hedges is None:
            answer = await self.attempt(send)
        elif self.awaits:
            answer = await send_awaited(self, send, hedges)
        else:
            exchange = Exchange(self._plan(send), self.pool)
            exchange, handed, told = send_blocking(self, exchange, send, hedges)
            answer = await self._informed(exchange, handed, send.request)
            answer.left_out = (*answer.left_out, *told)
        await answer.look("head")
        return answer

    def _plan(self, send: commands.Send) -> ExchangePlan:
        request, settings = send.request, send.settings
        secure = (request.url or "").startswith("https:")
        context = context_for(settings.verify, settings.cert) if secure else None
        send = routed(send, self._setup)
        plan = plan_exchange(
            send,
            limits=self.session.limits,
            tls_context=context,
            races=self.awaits,
            writes_files=self.awaits,
            informs=bool(request.hooks.get("informational")),
            proxy_tls_context=proxy_tls_context(send, None, knows_system=True),
            handshake=proxy_handshake(send),
        )
        self.may_be_endless = None in (
            plan.timeouts.connect,
            plan.timeouts.read,
            plan.timeouts.write,
        )
        if not self._crowded:
            self._crowded = True
            other = self.pool.request(plan.key, self.line.time).slot
            assert other is not None
            self.line.crowd.append(lambda: self.pool.discard(other, self.line.time))
        return plan

    async def attempt(self, send: commands.Send) -> Answer:
        """Make one exchange, as far as the head of its response."""
        exchange = Exchange(self._plan(send), self.pool)
        self.tape.take("start")
        self.tape.done()
        try:
            handed = await self.advance(exchange, exchange.start(self.line.time))
        except BaseException:
            await self.settle(exchange.abandon(self.line.time))
            raise
        return await self._informed(exchange, handed, send.request)

    async def _informed(
        self, exchange: Exchange, handed: commands.HandedUp, request: PreparedRequest
    ) -> Answer:
        """Go on to the head, past informational ones."""
        try:
            while isinstance(handed, commands.Inform):
                for _ in informed(Response, handed.head, request):
                    pass
                handed = await self.advance(exchange, exchange.proceed(self.line.time))
        except BaseException:
            await self.settle(exchange.abandon(self.line.time))
            raise
        assert isinstance(handed, commands.Head)
        return Answer(self, exchange, handed, request)

    def drive_alone(self, exchange: Exchange, command: Any) -> commands.HandedUp:
        """Carry out commands of an exchange that turned out to be the only one."""
        self.line.shared = False
        handed = drive(exchange, command, self.line)
        sys.setprofile(None)
        return handed

    async def advance(self, exchange: Exchange, command: Any) -> commands.HandedUp:
        """Carry out commands until one is handed up."""
        if self.awaits:
            handed = await drive_async(exchange, command, self.transport)
        else:
            handed = drive(exchange, command, self.transport)
        sys.setprofile(None)  # What comes now is no reply.
        return handed

    def tidy(self) -> None:
        """Have the pool do a step that finds nothing else to do."""
        carry_out(self.pool.expire(self.line.time), self.line)

    def carry_out(self, effects: Effects | None) -> None:
        """Carry out effects that no loop has seen."""
        carry_out(effects, self.line)

    async def settle(self, effects: Effects | None) -> None:
        """Carry them out, and await what can be awaited."""
        if self.awaits:
            await carry_out_async(effects, self.transport)
        else:
            self.carry_out(effects)


class Answer(Response):
    """A response whose content is read from a peer in memory."""

    def __init__(self, stage: Stage, exchange: Exchange, head: commands.Head, request: Any) -> None:
        """The head was just handed up."""
        super().__init__(head.head, request, stage.session.limits)
        self._stage = stage
        self._exchange = exchange
        self._over = False
        self.claims_whole = False
        self.raw_size = 0

    async def look(self, kind: str) -> str:
        """Hand something up: the user may be gone, or want no more of it."""
        name = self._stage.tape.take(kind)
        match name:
            case "cancel":
                await self.close()
                raise self._stage.tape.fail(Cancelled())
            case "close":
                await self.close()
            case "drain":
                await self.discard(1 << 16, self._stage.line.time + 1)
        return name

    async def load(self) -> None:
        """Read all of the content."""
        if self._over:
            return
        stage, exchange = self._stage, self._exchange
        pieces: list[bytes] = []
        pipeline: Any = None
        try:
            pipeline = self.pipeline(None)
            while True:
                handed = await stage.advance(exchange, exchange.proceed(stage.line.time))
                if isinstance(handed, commands.Finish):
                    break
                assert isinstance(handed, commands.Content)
                self.raw_size += len(handed.data)
                pieces += pipeline.feed(handed.data)
                if await self.look("content"):
                    return
            await self.look("finish")
            pieces += pipeline.finish()
        except BaseException as error:
            await self.close()
            if isinstance(error, RequestException):
                error.request, error.response = self.request, self
            raise
        self._over = True
        self.trailers = handed.trailers
        self.note(handed.decisions)
        self._content = b"".join(pieces)
        self.claims_whole = True

    async def discard(self, limit: int, deadline: float) -> None:
        """Read on within the limit, and let the rest go."""
        if self._over:
            return
        self._over = True
        stage, exchange = self._stage, self._exchange
        if not isinstance(exchange.command, (commands.Head, commands.Content)):
            return
        await stage.advance(exchange, exchange.drain(limit, deadline, stage.line.time))

    async def close(self) -> None:
        """Give up the rest."""
        self._over = True
        await self._stage.settle(self._exchange.abandon(self._stage.line.time))


class AwaitedMessenger:
    """What ``drive_call_async`` stands on."""

    def __init__(self, stage: Stage) -> None:
        """Stand on a stage."""
        self._stage = stage
        self.now = stage.line.now

    async def send(self, call: Call, command: commands.Send) -> Response:
        """Send a request."""
        return await self._stage.transmit(call, command)

    async def load(self, response: Any) -> None:
        """Read a response."""
        await response.load()

    async def discard(self, response: Any, limit: int, deadline: float) -> None:
        """Let go of a response."""
        await response.discard(limit, deadline)

    async def sleep_until(self, when: float) -> None:
        """Pause."""
        await self._stage.transport.sleep_until(when)


class Messenger:
    """What ``drive_call`` stands on: each method is done when it returns."""

    def __init__(self, stage: Stage) -> None:
        """Stand on a stage."""
        self._stage = stage
        self.now = stage.line.now

    def send(self, call: Call, command: commands.Send) -> Any:
        """Send a request."""
        return complete(self._stage.transmit(call, command))

    def load(self, response: Any) -> None:
        """Read a response."""
        complete(response.load())

    def discard(self, response: Any, limit: int, deadline: float) -> None:
        """Let go of a response."""
        complete(response.discard(limit, deadline))

    def sleep_until(self, when: float) -> None:
        """Pause."""
        self._stage.line.sleep_until(when)


_CONTEXTS: dict[int, Any] = {}


def server_context(authority: Authority) -> Any:
    """Give the one context of all peers: to make it takes longer than a run."""
    return _CONTEXTS.setdefault(id(authority), authority.server_context())
