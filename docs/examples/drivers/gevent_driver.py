"""A driver over gevent: code that blocks its greenlet alone, without patching anything.

    python docs/examples/drivers/gevent_driver.py URL...

``Sockets`` is what the core asks for, and a greenlet that is killed gives up its exchange. Nothing
here decides anything about HTTP.
"""

import sys
from time import monotonic

import gevent
from gevent import event, select, socket

from sojourn import machine
from sojourn_core import Pool, Request, carry_out


def in_time(deadline):
    """Raise TimeoutError in this greenlet when the deadline has passed."""
    return gevent.Timeout(machine.seconds_left(deadline), TimeoutError)


class Sockets:
    """The transport: gevent's sockets, which wait on the loop of the thread."""

    now = staticmethod(monotonic)

    def resolve(self, host, port, deadline):
        with in_time(deadline):
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        return machine.addresses_of(found)

    def connect(self, address, deadline, settings):
        made = machine.new_socket(address, settings)
        stream = socket.socket(made.family, made.type, fileno=made.detach())
        try:
            stream.settimeout(machine.seconds_left(deadline))
            stream.connect(machine.place_of(address))
        except BaseException:
            stream.close()
            raise
        return stream

    def send(self, stream, data, deadline):
        stream.settimeout(machine.seconds_left(deadline))
        stream.sendall(data)

    def send_watching(self, stream, data, deadline):
        sent = 0
        stream.settimeout(0)
        while sent < len(data):
            left = machine.seconds_left(deadline)
            readable, writable, _ = select.select([stream], [stream], [], left)
            if readable:
                return sent
            if writable:
                sent += stream.send(memoryview(data)[sent:])
        return None

    def receive(self, stream, limit, deadline):
        stream.settimeout(machine.seconds_left(deadline))
        return stream.recv(limit)

    def is_quiet(self, stream):
        return not select.select([stream], [], [], 0)[0]

    def close(self, stream):
        stream.close()

    def wait(self, ticket, deadline):
        ready = event.Event()
        ticket.wake = ready.set  # Before the look: whoever gives it up between the two wakes us.
        while not ticket.ready:
            if not ready.wait(machine.seconds_left(deadline)):
                raise TimeoutError
        gevent.sleep(0)  # A greenlet that was killed meanwhile goes no further.

    def sleep_until(self, when):
        gevent.sleep(max(when - monotonic(), 0))


def main(urls):
    session, pool, transport = machine.LocalSession(), Pool(), Sockets()

    def show(url):
        try:
            print(url, machine.fetch(session.call(Request("GET", url)), pool, transport))
        except OSError as error:
            print(url, repr(error))

    gevent.joinall([gevent.spawn(show, url) for url in urls], raise_error=True)
    carry_out(pool.close(), transport)


if __name__ == "__main__":
    main(sys.argv[1:])
