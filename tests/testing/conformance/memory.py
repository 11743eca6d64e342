"""A driver whose streams are in memory: the kit's peers play on those, and on no socket."""

from __future__ import annotations

import threading
import time
from collections import deque
from math import inf
from typing import TYPE_CHECKING, Any, Self

from sojourn.testing.conformance import USUAL, Driver
from sojourn_core import carry_out, drive
from sojourn_core.commands import Address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sojourn.testing.conformance import Job
    from sojourn_core import Effects

ROOM = 256 * 1024
NARROW_ROOM = 8 * 1024


class Pipe:
    """One direction of a stream: bytes go in at one end until it is full."""

    def __init__(self, room: int) -> None:
        self.data = bytearray()
        self.room = room
        self.is_ended = False  # By who writes.
        self.is_broken = False  # By either.
        self.changed = threading.Condition()

    def put(self, data: bytes, deadline: float = inf) -> None:
        """Put all of it in."""
        rest = memoryview(data)
        with self.changed:
            while rest:
                self._await(lambda: len(self.data) < self.room or self.is_broken, deadline)
                if self.is_broken or self.is_ended:
                    raise BrokenPipeError("nobody reads")
                size = self.room - len(self.data)
                self.data += rest[:size]
                rest = rest[size:]
                self.changed.notify_all()

    def take(self, size: int, deadline: float = inf) -> bytes:
        """Take some out; none are the end."""
        with self.changed:
            self._await(lambda: self.is_readable, deadline)
            if self.is_broken and not self.data:
                raise ConnectionResetError("the peer has gone")
            taken = bytes(self.data[:size])
            del self.data[:size]
            self.changed.notify_all()
            return taken

    @property
    def is_readable(self) -> bool:
        """There are bytes, or there will never be any."""
        return bool(self.data) or self.is_ended or self.is_broken

    def end(self, *, breaks: bool = False) -> None:
        """Put nothing more in; with ``breaks`` nothing is taken out either."""
        with self.changed:
            self.is_ended = True
            if breaks:
                self.is_broken = True
            self.changed.notify_all()

    def _await(self, holds: Any, deadline: float) -> None:
        left = None if deadline == inf else deadline - time.monotonic()
        if not self.changed.wait_for(holds, left):
            raise TimeoutError


class MemoryStream:
    """One end of a stream."""

    def __init__(self, reads: Pipe, writes: Pipe) -> None:
        self.reads = reads
        self.writes = writes

    @classmethod
    def pair(cls, room: int) -> tuple[Self, Self]:
        """Make both ends; ``room`` is that of the second one."""
        there, back = Pipe(room), Pipe(ROOM)
        return cls(back, there), cls(there, back)

    # The peer's end, as the kit has it.

    def recv(self, size: int, /) -> bytes:
        return self.reads.take(size)

    def sendall(self, data: bytes, /) -> None:
        self.writes.put(data)

    def end(self) -> None:
        self.writes.end()

    def reset(self) -> None:
        self.writes.end(breaks=True)
        self.reads.end(breaks=True)

    def close(self) -> None:
        self.writes.end()
        self.reads.end(breaks=True)


class MemoryListener:
    """Where streams in memory are connected to."""

    def __init__(self, network: dict[int, MemoryListener], room: int) -> None:
        self.address = Address("memory", len(network) + 1, "memory")
        network[self.address.port] = self
        self._room = room
        self._waiting: deque[MemoryStream | None] = deque()
        self._changed = threading.Condition()

    def connect(self) -> MemoryStream:
        """Make a stream, and return the client's end."""
        client, peer = MemoryStream.pair(self._room)
        self._put(peer)
        return client

    def accept(self) -> MemoryStream:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            stream = self._waiting.popleft()
        if stream is None:
            raise OSError("the listener is closed")
        return stream

    def close(self) -> None:
        self._put(None)

    def _put(self, stream: MemoryStream | None) -> None:
        with self._changed:
            self._waiting.append(stream)
            self._changed.notify_all()


class MemoryTransport:
    """Transfers in memory."""

    now = staticmethod(time.monotonic)

    def __init__(self, network: dict[int, MemoryListener]) -> None:
        self._network = network

    def resolve(self, host: str, port: int, deadline: float, /) -> Sequence[Address]:
        if "%" in host:
            raise OSError("nobody has this name")
        return (Address(host, port),)

    def connect(self, address: Address, deadline: float, settings: Any, /) -> MemoryStream:
        return self._network[address.port].connect()

    def send(self, stream: MemoryStream, data: bytes, deadline: float, /) -> None:
        stream.writes.put(data, deadline)

    def receive(self, stream: MemoryStream, limit: int, deadline: float, /) -> bytes:
        return stream.reads.take(limit, deadline)

    def is_quiet(self, stream: MemoryStream, /) -> bool:
        return not stream.reads.is_readable

    def close(self, stream: MemoryStream, /) -> None:
        stream.close()

    def wait(self, ticket: Any, deadline: float, /) -> None:
        ready = threading.Event()
        ticket.wake = ready.set
        if not ticket.ready and not ready.wait(None if deadline == inf else deadline - self.now()):
            raise TimeoutError

    def sleep_until(self, when: float, /) -> None:
        raise AssertionError("no exchange waits between two requests")


class MemoryDriver(Driver):
    """``drive`` over streams in memory, in a thread for each job."""

    offers = USUAL - {"watches", "refusals"} | {"interrupts"}

    def __init__(self) -> None:
        self.network: dict[int, MemoryListener] = {}
        self.transport = MemoryTransport(self.network)

    def listen(self, *, narrow: bool) -> MemoryListener:
        return MemoryListener(self.network, NARROW_ROOM if narrow else ROOM)

    def run(self, jobs: Sequence[Job]) -> None:
        threads = [threading.Thread(target=self.carry, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def carry(self, job: Job) -> None:
        now = time.monotonic
        with job:
            command: Any = job.begin(now())
            while command is not None:
                command = job.take(drive(job.exchange, command, self.transport), now())

    def carry_out(self, effects: Effects | None) -> None:
        carry_out(effects, self.transport)
