"""A network that is simulated: lines between clients and peers, and the transport over them.

A line is a connection. What a peer sends comes in at a time that is known in advance; what a client
sends reaches the peer in order, some ticks later. A deadline that passes is one on the clock of the
loop, and nothing here takes any time.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core import Race
from sojourn_core.commands import Address

from .loop import TICKS, Late

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from sojourn_core.exchange.ticket import Ticket
    from sojourn_core.values.route import SocketSettings

    from .loop import Loop

WINDOW: Final = 16 * 1024  # What is sent at once.


class Found(AssertionError):
    """Something is not as it must be."""


class Peer(Protocol):
    """The other end of a line."""

    def feed(self, data: bytes) -> None:
        """Take what the client has sent."""
        ...

    def left(self) -> None:
        """Know that the client has closed the line; what it has sent may still come."""
        ...


class Line:
    """One connection.

    Attributes:
        number: Counted from 1.
        hurt: The faults that it has suffered; an error of whoever uses it needs one.
        stalled: The peer takes no more bytes.
        is_cut: The peer takes nothing, and says so as soon as it is sent something.
        ends_content: Its end is that of the content: nobody could tell a false one.
        peer: The other end.
        closed: The client has closed it.
    """

    __slots__ = (
        "_inbox",
        "_last_in",
        "_last_out",
        "_loop",
        "_outbox",
        "closed",
        "delay",
        "ends_content",
        "hurt",
        "is_cut",
        "number",
        "peer",
        "reader",
        "stalled",
    )

    def __init__(self, loop: Loop, number: int, delay: float) -> None:
        self.number = number
        self.delay = delay
        self.hurt: set[str] = set()
        self.stalled = self.is_cut = self.closed = self.ends_content = False
        self.peer: Any = None
        self.reader: Any = None
        self._inbox: deque[tuple[float, bytes | OSError]] = deque()
        self._outbox: deque[bytes] = deque()
        self._loop = loop
        self._last_in = self._last_out = 0.0

    # What a peer does.

    def deliver(self, data: bytes | OSError, after: float = 0.0) -> None:
        """Send something to the client: bytes, none for the end, or the error of a reset."""
        if self.closed:
            return
        last = self._inbox[-1][1] if self._inbox else None
        if (last == b"" or isinstance(last, OSError)) and not isinstance(data, OSError):
            return  # Nothing comes after the end, but for a reset.
        at = self._last_in = max(self._loop.now + self.delay + after, self._last_in)
        self._inbox.append((at, data))
        if self.reader is not None:
            self._loop.at(at, self.reader.step, self.reader.turn)

    def reset(self, *, dropping: bool = False) -> None:
        """Break it off; ``dropping`` takes away what the client has not read yet."""
        if dropping:
            self._inbox.clear()
            self._last_in = 0.0
        self.is_cut = True
        self.deliver(ConnectionResetError(104, "the peer has reset it"))

    # What a client does.

    @property
    def is_readable(self) -> bool:
        """There is something to read, or the end."""
        return bool(self._inbox) and self._inbox[0][0] <= self._loop.now

    @property
    def is_broken(self) -> bool:
        """It was reset, and the client could know."""
        inbox = self._inbox
        return bool(inbox) and inbox[-1][0] <= self._loop.now and isinstance(inbox[-1][1], OSError)

    @property
    def next_at(self) -> float:
        """The time when something comes, as far as that is known."""
        return self._inbox[0][0] if self._inbox else inf

    def take(self, limit: int) -> bytes:
        """Take some bytes that have come."""
        data = self._inbox[0][1]
        if isinstance(data, OSError):
            raise ConnectionResetError(*data.args)
        if data:
            at, _ = self._inbox.popleft()
            if len(data) > limit:
                self._inbox.appendleft((at, data[limit:]))
                data = data[:limit]
        return data

    def push(self, data: bytes) -> None:
        """Send bytes on their way to the peer."""
        if self.is_broken:
            raise BrokenPipeError(32, "the peer has reset it")
        self._outbox.append(data)
        at = self._last_out = max(self._loop.now + self.delay, self._last_out)
        self._loop.at(at, self._arrive)

    def _arrive(self) -> None:
        data = self._outbox.popleft()
        if self.is_cut:
            self.deliver(ConnectionResetError(104, "nobody is there"))
        else:
            self.peer.feed(data)


class Network:
    """All lines, and what there is behind an address.

    Attributes:
        open: The lines that no client has closed.
        names: The addresses of each name.
        doors: What connects to an address: called with a new line, it returns the fault that keeps
            it from being made ("refused", "silent"), or None.
        made: How many lines there were.
    """

    def __init__(self, loop: Loop, random: Random) -> None:
        self.loop = loop
        self.random = random
        self.open: set[Line] = set()
        self.names: dict[str, tuple[Address, ...]] = {}
        self.doors: dict[tuple[str, int], Callable[[Line], str | None]] = {}
        self.made = 0
        self.slow_names = 0.0  # The share of look-ups that fail, or are slow.
        self.fault: Callable[[str], None] = lambda _: None

    def new_line(self) -> Line:
        """Make a line that leads nowhere yet."""
        self.made += 1
        return Line(self.loop, self.made, self.random.randrange(1, 20) / TICKS)


class Transfers:
    """The transport of one errand.

    Args:
        network: Where it is.
        hurt: Takes the faults that the errand has suffered.

    Attributes:
        lines: The lines that it has used.
    """

    def __init__(self, network: Network, hurt: set[str]) -> None:
        self.lines: set[Line] = set()
        self.slept = False
        self._network = network
        self._loop = network.loop
        self._hurt = hurt

    def beside(self) -> Transfers:
        """Make another, whose lines are those of this one too."""
        made = type(self)(self._network, self._hurt)
        made.lines = self.lines
        return made

    def now(self) -> float:
        return self._loop.now

    def is_quiet(self, stream: Line) -> bool:
        self._use(stream)
        return not stream.is_readable

    def close(self, stream: Line) -> None:
        if stream.closed:
            raise Found(f"line {stream.number} is closed twice")
        self._loop.say("line", stream.number, "closed by the client")
        stream.closed = True
        self._network.open.discard(stream)
        stream.peer.left()

    async def resolve(self, host: str, port: int, deadline: float) -> tuple[Address, ...]:
        network, loop = self._network, self._loop
        chance = network.random.random()
        if chance < network.slow_names:
            kind = "name: none" if chance < network.slow_names / 2 else "name: slow"
            network.fault(kind)
            self._hurt.add(kind)
            await loop.sleep(min(loop.now + (0.1 if kind == "name: none" else 3.0), deadline))
            if loop.now >= deadline:
                raise TimeoutError
            if kind == "name: none":
                raise OSError(-2, "the name is not known")
        else:
            await loop.sleep(loop.now + 1 / TICKS)
        return tuple(Address(each.host, port, each.family) for each in network.names[host])

    async def connect(
        self, address: Address, deadline: float, settings: SocketSettings | None
    ) -> Line:
        ends_at, line = self._attempt(address)
        await self._loop.sleep(min(ends_at, deadline))
        return self._made(line, ends_at, deadline)

    async def race(
        self,
        addresses: tuple[Address, ...],
        stagger: float,
        deadline: float,
        settings: SocketSettings | None,
    ) -> Line:
        loop, race = self._loop, Race(addresses, stagger)
        running: list[tuple[float, Line | OSError]] = []
        while True:
            while (address := race.due(loop.now)) is not None:
                running.append(self._attempt(address))
            running.sort(key=lambda each: each[0])
            await loop.sleep(min(running[0][0] if running else inf, race.next_at, deadline))
            if loop.now >= deadline:
                raise TimeoutError
            if running and running[0][0] <= loop.now:
                ends_at, line = running.pop(0)
                try:
                    return self._made(line, ends_at, deadline)
                except OSError:
                    race.lost()
                    if race.is_over:
                        raise

    async def send(self, stream: Line, data: bytes, deadline: float) -> None:
        await self._send(stream, data, deadline, watching=False)

    async def _send(
        self, stream: Line, data: bytes, deadline: float, *, watching: bool
    ) -> int | None:
        self._use(stream)
        sent = 0
        while sent < len(data):
            if watching and stream.is_readable:
                return sent
            if stream.stalled and not stream.is_broken:
                stream.reader = self._loop.current
                await self._loop.wait(min(deadline, stream.next_at) if watching else deadline)
                stream.reader = None
                if self._loop.now >= deadline:
                    raise TimeoutError
                continue
            stream.push(data[sent : sent + WINDOW])
            sent += WINDOW
            if sent < len(data):
                await self._loop.sleep(self._loop.now + stream.delay)
        return None

    async def receive(self, stream: Line, limit: int, deadline: float) -> bytes:
        self._use(stream)
        loop = self._loop
        while not stream.is_readable:
            if loop.now >= deadline:
                raise TimeoutError
            stream.reader = loop.current
            await loop.wait(min(stream.next_at, deadline))
            stream.reader = None
        return stream.take(limit)

    async def wait(self, ticket: Ticket, deadline: float) -> None:
        loop = self._loop
        task = loop.current
        assert task is not None
        ticket.wake = task.wake
        began = loop.now
        while not ticket.ready:
            if loop.now >= deadline:
                self._hurt.add("queue")
                raise TimeoutError
            await loop.wait(deadline)
        if loop.now > began + 0.25:
            self._hurt.add("queue")  # It has less time for all the rest.

    async def sleep_until(self, when: float) -> None:
        self.slept = True
        await self._loop.sleep(when)

    async def within(self, step: Awaitable[Any], deadline: float) -> Any:
        task, late = self._loop.current, object()
        assert task is not None
        task.late = late
        self._loop.at(deadline, task.expire, late)
        try:
            return await step
        except Late:
            raise TimeoutError from None
        finally:
            task.late = None

    # How it is done.

    def _use(self, line: Line) -> None:
        if line.closed:
            raise Found(f"line {line.number} is used, and was closed")
        self.lines.add(line)

    def _attempt(self, address: Address) -> tuple[float, Line | OSError]:
        """Return when an attempt to connect ends, and with what."""
        network = self._network
        line = network.new_line()
        fault = network.doors[address.host, address.port](line)
        if fault is None:
            return self._loop.now + 2 * line.delay, line
        self._hurt.add(fault)
        if fault == "silent":
            return inf, TimeoutError()
        return self._loop.now + 2 * line.delay, ConnectionRefusedError(111, "nobody listens")

    def _made(self, line: Line | OSError, ends_at: float, deadline: float) -> Line:
        if self._loop.now < ends_at:
            raise TimeoutError
        if isinstance(line, OSError):
            raise line
        self._network.open.add(line)
        self.lines.add(line)
        self._loop.say("line", line.number, "connected")
        return line


class WatchingTransfers(Transfers):
    """The same, of a driver that sees an answer while it sends."""

    async def send_watching(self, stream: Line, data: bytes, deadline: float) -> int | None:
        return await self._send(stream, data, deadline, watching=True)
