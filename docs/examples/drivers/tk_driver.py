"""A driver over Tk's event loop: coroutines that a window can start, and cancel.

    python docs/examples/drivers/tk_driver.py URL...

``Task`` runs a coroutine between the events of Tk, and ``Transfers`` is what the core asks for.
Nothing here blocks, and nothing decides anything about HTTP.
"""

import socket
import sys
import tkinter as tk
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from os import strerror
from time import monotonic as now
from types import coroutine

from sojourn import machine
from sojourn_core import Pool, Request, carry_out_async

READ, WRITE = tk.READABLE, tk.WRITABLE


class Cancelled(BaseException):
    """Raised where a task waits that is cancelled, past the user's ``except Exception``."""


@coroutine
def until(sock, events, deadline):
    """Wait until the socket is ready, or somebody wakes the task; return what it is ready for."""
    return (yield sock, events, deadline)


@coroutine
def this_task():
    return (yield None)


class Task:
    """A coroutine that runs in steps, each of them begun by Tk's event loop.

    Args:
        root: The window, or an interpreter without one (``tkinter.Tcl()``).
        running: The coroutine.
    """

    def __init__(self, root, running):
        self.root, self.running, self.done, self.result = root, running, False, None
        self.sock, self.late, self.next, self.outcome = None, None, None, None
        self.wake()

    def wake(self, outcome=None):
        """Have it go on where it waits, with an outcome or an error."""
        if self.done or isinstance(self.outcome, BaseException):
            return
        self.outcome = outcome
        self.rest()
        if self.next is None:
            self.next = self.root.after(0, self.step)

    def cancel(self):
        self.wake(Cancelled())

    def rest(self):
        """Have nothing more wake it."""
        if self.sock is not None:
            self.root.deletefilehandler(self.sock)
        if self.late is not None:
            self.root.after_cancel(self.late)
        self.sock = self.late = None

    def at(self, deadline, error):
        """Wake it with an error when the deadline has passed: to the millisecond after it."""
        left = min(max(deadline - now(), 0), 2e6)  # Nobody waits for longer than some weeks.
        return self.root.after(int(left * 1000) + 1, self.wake, error)

    def step(self):
        outcome, self.outcome, self.next = self.outcome, None, None
        failed = isinstance(outcome, BaseException)
        try:
            wait = (self.running.throw if failed else self.running.send)(outcome)
            while wait is None:
                wait = self.running.send(self)
        except BaseException as end:  # noqa: BLE001 - ``run`` hands it out
            self.done = True
            self.result = end.value if isinstance(end, StopIteration) else end
            return
        if self.next is not None:  # It was woken, or cancelled, while it ran.
            return
        self.sock, events, deadline = wait
        if self.sock is not None:
            self.root.createfilehandler(self.sock, events, lambda _, ready: self.wake(ready))
        self.late = self.at(deadline, TimeoutError())
        if deadline <= now():
            self.wake(TimeoutError())


class Transfers:
    """The transport: each transfer waits until the socket is ready, and then does it."""

    now = staticmethod(now)
    resolver = ThreadPoolExecutor(1)

    async def resolve(self, host, port, deadline):
        asked = self.resolver.submit(machine.resolve, host, port)
        while not asked.done():  # Tk is told nothing by other threads, so it looks.
            if deadline <= now():
                raise TimeoutError
            await self.sleep_until(min(deadline, now() + 0.01))
        return asked.result()

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
        limit = task.at(deadline, Cancelled())
        try:
            return await step
        except Cancelled as told:
            raise (told if now() < deadline else TimeoutError()) from None
        finally:
            task.root.after_cancel(limit)


def run(root, *coroutines):
    """Run coroutines to their end; a program with windows has a ``mainloop`` that does so."""
    tasks = [Task(root, each) for each in coroutines]
    while not all(each.done for each in tasks):
        root.tk.dooneevent(0)
    return [task.result for task in tasks]


def main(urls):
    root, session, pool, transport = tk.Tcl(), machine.LocalSession(), Pool(), Transfers()
    calls = [session.call(Request("GET", url)) for url in urls]
    came = run(root, *(machine.fetch_async(call, pool, transport) for call in calls))
    for url, outcome in zip(urls, came, strict=True):
        print(url, repr(outcome))
    run(root, carry_out_async(pool.close(), transport))


if __name__ == "__main__":
    main(sys.argv[1:])
