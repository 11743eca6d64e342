"""A driver over ``selectors``: any number of exchanges in one thread.

    python docs/examples/drivers/selectors_driver.py URL...

``Loop`` runs coroutines that wait for sockets, for a time, or to be woken, and ``Transfers`` is
what the core asks for. Nothing here decides anything about HTTP.
"""

import selectors
import socket
import sys
from contextlib import suppress
from math import inf
from os import strerror
from time import monotonic as now
from types import coroutine

from sojourn import machine
from sojourn_core import Pool, Request, carry_out_async

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Cancelled(BaseException):
    """Raised where a task waits that is cancelled, past the user's ``except Exception``."""


@coroutine
def until(sock, events, deadline):
    """Wait until the socket is ready, or somebody wakes the task; return what it is ready for."""
    return (yield sock, events, deadline)


class Task:
    """A coroutine that runs in steps."""

    def __init__(self, loop, running):
        self.loop, self.running, self.done, self.result = loop, running, False, None
        self.sock, self.deadline, self.late_at = None, inf, inf
        self.wake()

    def wake(self, outcome=None):
        """Have it go on where it waits, with an outcome or an error."""
        if not self.done and not isinstance(self.loop.ready.get(self), BaseException):
            self.loop.ready[self] = outcome

    def cancel(self):
        self.wake(Cancelled())

    def step(self, outcome):
        self.loop.current, sock, self.sock = self, self.sock, None
        if sock is not None:
            self.loop.selector.unregister(sock)
        failed = isinstance(outcome, BaseException)
        try:
            go_on = self.running.throw if failed else self.running.send
            self.sock, events, self.deadline = go_on(outcome)
            if self.sock is not None:
                self.loop.selector.register(self.sock, events, self)
        except StopIteration as end:
            self.done, self.result = True, end.value
        except BaseException as error:  # noqa: BLE001 - ``run`` hands it out
            self.done, self.result = True, error


class Loop:
    """Runs coroutines side by side."""

    def __init__(self):
        self.selector, self.ready, self.current = selectors.DefaultSelector(), {}, None

    def run(self, *coroutines):
        """Run coroutines to their end, and return what they return or raise."""
        tasks = [Task(self, each) for each in coroutines]
        while running := [each for each in tasks if not each.done]:
            nearest = min(min(each.deadline, each.late_at) for each in running)
            timeout = 0 if self.ready else None if nearest == inf else max(nearest - now(), 0)
            for key, events in self.selector.select(timeout):
                key.data.wake(events)
            for task in running:
                if min(task.deadline, task.late_at) <= now():
                    task.wake(TimeoutError() if task.deadline <= now() else Cancelled())
            ready, self.ready = self.ready, {}
            for task, outcome in ready.items():
                task.step(outcome)
        return [each.result for each in tasks]


class Transfers:
    """The transport: each transfer waits until the socket is ready, and then does it."""

    now = staticmethod(now)

    def __init__(self, loop):
        self.loop = loop

    async def resolve(self, host, port, deadline):
        await self.sleep_until(now())  # What comes next blocks: a larger loop asks a thread.
        return machine.resolve(host, port, deadline)

    async def connect(self, address, deadline, settings):
        stream = machine.new_socket(address, settings)
        try:
            stream.setblocking(False)
            with suppress(BlockingIOError):
                stream.connect(machine.place_of(address))
            await until(stream, WRITE, deadline)
            if problem := stream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(problem, strerror(problem))
        except BaseException:
            stream.close()
            raise
        return stream

    async def send(self, stream, data, deadline):
        await self.send_watching(stream, data, deadline, WRITE)

    async def send_watching(self, stream, data, deadline, events=READ | WRITE):
        sent = 0
        while sent < len(data):
            if await until(stream, events, deadline) & READ:
                return sent
            sent += stream.send(memoryview(data)[sent:])
        return None

    async def receive(self, stream, limit, deadline):
        await until(stream, READ, deadline)
        return stream.recv(limit)

    def is_quiet(self, stream):
        with suppress(BlockingIOError):
            return stream.recv(1, socket.MSG_PEEK) is None
        return True

    def close(self, stream):
        stream.close()

    async def wait(self, ticket, deadline):
        ticket.wake = self.loop.current.wake
        if not ticket.ready:
            await until(None, 0, deadline)

    async def sleep_until(self, when):
        with suppress(TimeoutError):
            await until(None, 0, when)

    async def within(self, step, deadline):
        task = self.loop.current
        task.late_at = deadline
        try:
            return await step
        except Cancelled as told:
            raise (told if now() < deadline else TimeoutError()) from None
        finally:
            task.late_at = inf


def main(urls):
    loop, session, pool = Loop(), machine.LocalSession(), Pool()
    transport = Transfers(loop)
    calls = [session.call(Request("GET", url)) for url in urls]
    came = loop.run(*(machine.fetch_async(call, pool, transport) for call in calls))
    for url, outcome in zip(urls, came, strict=True):
        print(url, repr(outcome))
    loop.run(carry_out_async(pool.close(), transport))


if __name__ == "__main__":
    main(sys.argv[1:])
