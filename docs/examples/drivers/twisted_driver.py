"""A driver over Twisted: coroutines that await Deferreds of the reactor.

    python docs/examples/drivers/twisted_driver.py URL...

``Stream`` is a protocol that keeps what came until it is asked for, and ``Transfers`` is what the
core asks for. Nothing here decides anything about HTTP.
"""

import select
import sys
from math import inf
from time import monotonic

from twisted.internet import error, reactor, task, threads
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure

from sojourn import machine
from sojourn_core import Pool, Request, carry_out_async


def in_time(deferred, deadline):
    """Have a Deferred be cancelled, and fail with TimeoutError, when the deadline has passed."""
    if deadline == inf:
        return deferred
    left = max(deadline - monotonic(), 0)
    return deferred.addTimeout(left, reactor, lambda *_: Failure(TimeoutError()))


class Stream(Protocol):
    """A connection: its bytes, until they are received, and whoever waits for something new.

    It is a producer too, so that the reactor says when all that was written has gone out.
    """

    def __init__(self):
        self.came, self.lost, self.sent, self.waiting = bytearray(), None, True, None

    def connectionMade(self):  # noqa: N802 - Twisted's name, as those below
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, streaming=False)

    def dataReceived(self, data):  # noqa: N802
        self.came += data
        self.transport.pauseProducing()  # No more before this was received.
        self.tell()

    def connectionLost(self, reason):  # noqa: N802
        self.lost = reason.value
        self.tell()

    def resumeProducing(self):  # noqa: N802
        self.sent = True
        self.tell()

    def stopProducing(self):  # noqa: N802
        """The connection is lost, and the next call says so."""

    def is_writable(self):
        return bool(select.select([], [self.transport.getHandle()], [], 0)[1])

    def tell(self):
        waiting, self.waiting = self.waiting, None
        if waiting is not None and not waiting.called:
            waiting.callback(None)

    def news(self, deadline):
        """Return a Deferred that comes with the next event."""
        self.waiting = Deferred()
        return in_time(self.waiting, deadline)


class Transfers:
    """The transport."""

    now = staticmethod(monotonic)

    async def resolve(self, host, port, deadline):
        return await in_time(threads.deferToThread(machine.resolve, host, port), deadline)

    async def connect(self, address, deadline, settings):
        kind = TCP6ClientEndpoint if address.family == "ipv6" else TCP4ClientEndpoint
        source = None if settings is None else settings.source_address
        endpoint = kind(reactor, address.host, address.port, None, source)
        try:
            stream = await in_time(endpoint.connect(Factory.forProtocol(Stream)), deadline)
        except error.ConnectError as failed:
            raise OSError(str(failed)) from failed
        for option in (settings and settings.options) or ():
            stream.transport.getHandle().setsockopt(*option)
        return stream

    async def send(self, stream, data, deadline):
        await self.send_watching(stream, data, deadline, watch=False)

    async def send_watching(self, stream, data, deadline, watch=True):
        # In pieces, since what the reactor has taken counts as sent.
        for start in range(0, len(data), 65536):
            if watch and (stream.came or stream.lost):
                return start
            stream.sent = False
            stream.transport.write(data[start : start + 65536])
            while not stream.sent:
                if isinstance(stream.lost, error.ConnectionDone):
                    return None  # The peer has ended its side, which the next receive says.
                if stream.lost:
                    raise OSError(str(stream.lost))
                await stream.news(deadline)
        return None

    async def receive(self, stream, limit, deadline):
        while not (stream.came or stream.lost):
            await stream.news(deadline)
        if not stream.came and not isinstance(stream.lost, error.ConnectionDone):
            raise OSError(str(stream.lost))
        data = bytes(stream.came[:limit])
        del stream.came[:limit]
        if not stream.came and not stream.lost:
            stream.transport.resumeProducing()
        return data

    def is_quiet(self, stream):
        return not (stream.came or stream.lost)

    def close(self, stream):
        stream.transport.unregisterProducer()
        # The reactor closes in good order once it can write, which may be never if the peer reads
        # no more.
        if stream.sent and not stream.lost and stream.is_writable():
            stream.transport.loseConnection()
        else:
            stream.transport.abortConnection()

    async def wait(self, ticket, deadline):
        ready = Deferred()
        ticket.wake = lambda: reactor.callLater(0, lambda: ready.called or ready.callback(None))
        if not ticket.ready:
            await in_time(ready, deadline)
        await task.deferLater(reactor, 0)  # What was cancelled meanwhile goes no further.

    async def sleep_until(self, when):
        await task.deferLater(reactor, max(when - monotonic(), 0))

    async def within(self, step, deadline):
        return await in_time(Deferred.fromCoroutine(step), deadline)


async def show(session, url, pool, transport):
    try:
        print(url, await machine.fetch_async(session.call(Request("GET", url)), pool, transport))
    except OSError as failed:
        print(url, repr(failed))


async def main(urls):
    session, pool, transport = machine.LocalSession(), Pool(), Transfers()
    shown = [Deferred.fromCoroutine(show(session, url, pool, transport)) for url in urls]
    await gatherResults(shown)
    await carry_out_async(pool.close(), transport)


if __name__ == "__main__":
    task.react(lambda _, *urls: Deferred.fromCoroutine(main(urls)), sys.argv[1:])
