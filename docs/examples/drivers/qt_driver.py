"""A driver over Qt's event loop (PySide6): coroutines that a widget can start, and cancel.

    python docs/examples/drivers/qt_driver.py URL...

``Task`` runs a coroutine between the events of Qt, and ``Transfers`` is what the core asks for.
Nothing here blocks, and nothing decides anything about HTTP.
"""

import socket
import sys
from contextlib import suppress
from functools import partial
from math import inf
from os import strerror
from time import monotonic as now
from types import coroutine

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtNetwork import QHostInfo

from sojourn import machine
from sojourn_core import Pool, Request, carry_out_async
from sojourn_core.commands import Address

READ, WRITE = 1, 2
KINDS = {READ: QSocketNotifier.Type.Read, WRITE: QSocketNotifier.Type.Write}


class Cancelled(BaseException):
    """Raised where a task waits that is cancelled, past the user's ``except Exception``."""


@coroutine
def until(sock, events, deadline):
    """Wait until the socket is ready, or somebody wakes the task; return what it is ready for."""
    return (yield sock, events, deadline)


@coroutine
def this_task():
    return (yield None)


class Task(QObject):
    """A coroutine that runs in steps, each of them begun by Qt's event loop."""

    finished = Signal()

    def __init__(self, running):
        super().__init__()
        self.running, self.done, self.result = running, False, None
        self.outcome, self.notifiers = None, []
        self.late, self.limit, self.next = (QTimer(self, singleShot=True) for _ in range(3))
        self.late.timeout.connect(lambda: self.wake(TimeoutError()))
        self.limit.timeout.connect(self.cancel)
        self.next.timeout.connect(self.step)
        self.next.start(0)

    def wake(self, outcome=None, *_):
        """Have it go on where it waits, with an outcome or an error."""
        if not self.done and not isinstance(self.outcome, BaseException):
            self.outcome = outcome
            self.next.start(0)

    def cancel(self):
        self.wake(Cancelled())

    def step(self):
        for each in self.notifiers:
            each.setEnabled(False)
            each.deleteLater()
        self.late.stop()
        outcome, self.outcome, self.notifiers = self.outcome, None, []
        failed = isinstance(outcome, BaseException)
        try:
            wait = (self.running.throw if failed else self.running.send)(outcome)
            while wait is None:
                wait = self.running.send(self)
        except BaseException as end:  # noqa: BLE001 - the task hands it out
            self.done = True
            self.result = end.value if isinstance(end, StopIteration) else end
            self.finished.emit()
            return
        sock, events, deadline = wait
        start(self.late, deadline)
        for event in (each for each in KINDS if sock is not None and events & each):
            notifier = QSocketNotifier(sock.fileno(), KINDS[event], self)
            notifier.activated.connect(partial(self.wake, event))
            self.notifiers.append(notifier)


def start(timer, deadline):
    """Start a timer that ends when the deadline has passed, to the millisecond after it."""
    if deadline < inf:
        timer.start(min(max(int((deadline - now()) * 1000) + 1, 0), 2**31 - 1))


class Transfers:
    """The transport: each transfer waits until the socket is ready, and then does it."""

    now = staticmethod(now)

    async def resolve(self, host, port, deadline):
        found, task = [], await this_task()
        look_up = QHostInfo.lookupHost(host, lambda info: (found.append(info), task.wake()))
        try:
            while not found:
                await until(None, 0, deadline)
        finally:
            QHostInfo.abortHostLookup(look_up)
        named = [each.toString() for each in found[0].addresses()]
        if not named:
            raise OSError(found[0].errorString())
        return [Address(each, port, "ipv6" if ":" in each else "ipv4") for each in named]

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
        ticket.wake = (await this_task()).wake
        if not ticket.ready:
            await until(None, 0, deadline)

    async def sleep_until(self, when):
        with suppress(TimeoutError):
            await until(None, 0, when)

    async def within(self, step, deadline):
        task = await this_task()
        start(task.limit, deadline)
        try:
            return await step
        except Cancelled as told:
            raise (told if now() < deadline else TimeoutError()) from None
        finally:
            task.limit.stop()


def run(*coroutines):
    """Run coroutines in an event loop of their own; a program with windows has one already."""
    tasks, loop = [Task(each) for each in coroutines], QEventLoop()
    for task in tasks:
        task.finished.connect(lambda: all(each.done for each in tasks) and loop.quit())
    loop.exec()
    return [task.result for task in tasks]


def main(urls):
    application = QCoreApplication(sys.argv)
    session, pool, transport = machine.LocalSession(), Pool(), Transfers()
    calls = [session.call(Request("GET", url)) for url in urls]
    came = run(*(machine.fetch_async(call, pool, transport) for call in calls))
    for url, outcome in zip(urls, came, strict=True):
        print(url, repr(outcome))
    run(carry_out_async(pool.close(), transport))
    application.shutdown()


if __name__ == "__main__":
    main(sys.argv[1:])
