"""A session on an event loop of one's own: many URLs at once, in one thread, with the core alone.

    python docs/examples/selectors_loop.py URL...

The core says what to do and this file does it: sockets, a clock and ``selectors`` are all here, and
no rule of HTTP is. Redirects, cookies, keep-alive, TLS and timeouts come from the core.
"""

import os
import selectors
import socket
import ssl
import sys
import time
from math import inf

from sojourn_core import Exchange, Pool, Request, Response, Session, commands, plan_exchange

now = time.monotonic


class Loop:
    """Waits for sockets and deadlines, and tells the fetch that waits for them."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.session = Session()
        self.session.set_clock(now(), time.time())
        self.pool = Pool()
        self.tls = ssl.create_default_context()
        self.woken = []  # Fetches whose ticket the pool has granted.

    def run(self, urls):
        fetches = [Fetch(self, url) for url in urls]
        for fetch in fetches:
            fetch.follow(fetch.call.start(now()))
        while any(fetch.exchange for fetch in fetches):
            while self.woken:
                fetch = self.woken.pop()
                fetch.go_on(fetch.exchange.woken(now()))
            waiting = [key.data for key in self.selector.get_map().values()]
            nearest = min((fetch.command.deadline for fetch in waiting), default=inf)
            timeout = None if nearest == inf else max(nearest - now(), 0)
            ready = [key.data for key, _ in self.selector.select(timeout)] if waiting else []
            for fetch in ready:
                fetch.ready()
            for fetch in waiting:
                if fetch not in ready and fetch.command.deadline <= now():
                    fetch.expire()
        self.carry_out(self.pool.close())
        self.selector.close()
        return fetches

    def carry_out(self, effects):
        if effects is not None:
            for stream in effects.closes:
                stream.close()
            for ticket in effects.wakes:
                ticket.wake()
            for content in effects.releases:
                content.close()


class Fetch:
    """One call. ``follow`` carries out the commands of its Call, ``go_on`` those of an Exchange."""

    def __init__(self, loop, url):
        self.loop, self.url = loop, url
        self.exchange = self.socket = self.command = self.response = self.error = None
        self.pieces = []
        self.call = loop.session.call(Request("GET", url))

    def follow(self, command):
        match command:
            case commands.Send():
                secure = command.request.url.startswith("https:")
                tls = self.loop.tls if secure else None
                plan = plan_exchange(command, limits=self.loop.session.limits, tls_context=tls)
                self.exchange = Exchange(plan, self.loop.pool)
                self.go_on(self.exchange.start(now()))
            case commands.Discard(limit=limit, deadline=deadline):
                self.go_on(self.exchange.drain(limit, deadline, now()))
            case commands.Deliver(response=response):
                self.response, self.pipeline = response, response.pipeline(None)
                self.go_on(self.exchange.proceed(now()))
            case commands.Fail(error=error):
                self.exchange, self.error = None, error

    def go_on(self, command):
        """Carry out commands until one has to wait: for the socket, for the pool, or for good."""
        while command is not None:
            self.command = command
            self.loop.carry_out(command.effects)
            match command:
                case commands.Write():
                    self.wait_for(self.exchange.stream, selectors.EVENT_WRITE)
                    return
                case commands.Read():
                    self.wait_for(self.exchange.stream, selectors.EVENT_READ)
                    return
                case commands.Connect(address=address):
                    connecting = socket.socket()
                    connecting.setblocking(False)
                    connecting.connect_ex((address.host, address.port))
                    self.wait_for(connecting, selectors.EVENT_WRITE)
                    return
                case commands.Wait(ticket=ticket):
                    ticket.wake = lambda: self.loop.woken.append(self)
                    return
                case commands.Probe() | commands.Close() | commands.Resolve():
                    command = self.do_at_once(command)
                case _:
                    command = self.take(command)

    def wait_for(self, which, event):
        self.socket = which
        self.loop.selector.register(which, event, self)

    def do_at_once(self, command):
        exchange = self.exchange
        match command:
            case commands.Probe():
                with selectors.DefaultSelector() as once:
                    once.register(exchange.stream, selectors.EVENT_READ)
                    if once.select(0):
                        return exchange.readable(0, now())
                    return exchange.quiet(now())
            case commands.Close():
                exchange.stream.close()
                return exchange.closed(now())
            case commands.Resolve(host=host, port=port):
                try:  # This one blocks: a loop for more than an example would ask a thread.
                    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
                except OSError as error:
                    return exchange.failed(error, now())
                return exchange.resolved(tuple(commands.Address(*x[4]) for x in found), now())

    def take(self, command):
        """Take what is handed up; the answer is the next command, if that is an exchange's."""
        match command:
            case commands.Head(head=head):
                response = Response(head, self.call.request, self.loop.session.limits)
                self.follow(self.call.answered(response, now()))
            case commands.Content(data=data):
                self.pieces += self.pipeline.feed(data)
                return self.exchange.proceed(now())
            case commands.Finish() if self.response is None:  # Drained; on to the next hop.
                self.follow(self.call.discarded(now()))
            case commands.Finish():
                self.pieces += self.pipeline.finish()
                self.exchange = None
            case commands.Fail(error=error) if self.response is None:
                self.follow(self.call.lost(error, now()))
            case commands.Fail(error=error):
                self.exchange, self.error = None, error
        return None

    def expire(self):
        """The deadline of the command has passed."""
        self.loop.selector.unregister(self.socket)
        if isinstance(self.command, commands.Connect):
            self.socket.close()  # The exchange does not know of it yet.
        self.go_on(self.exchange.expired(now()))

    def ready(self):
        """The socket can do what the command asks for."""
        self.loop.selector.unregister(self.socket)
        exchange = self.exchange
        try:
            match self.command:
                case commands.Connect():
                    problem = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if problem:
                        self.socket.close()
                        command = exchange.failed(OSError(problem, os.strerror(problem)), now())
                    else:
                        command = exchange.connected(self.socket, now())
                case commands.Write(data=data):
                    sent = self.socket.send(data)
                    self.command.data = data[sent:]
                    command = self.command if sent < len(data) else exchange.written(now())
                case commands.Read(limit=limit):
                    command = exchange.received(self.socket.recv(limit), now())
        except OSError as error:
            command = exchange.failed(error, now())
        self.go_on(command)


def main(urls):
    for fetch in Loop().run(urls):
        if fetch.error is not None:
            print(f"{fetch.url}: {fetch.error}")
            continue
        size = sum(len(piece) for piece in fetch.pieces)
        hops = len(fetch.response.history)
        print(f"{fetch.response.url}: {fetch.response.status_code}, {size} bytes, {hops} redirects")


if __name__ == "__main__":
    main(sys.argv[1:])
