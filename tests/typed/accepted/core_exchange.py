"""An exchange that is driven by hand over a socket of one's own."""

import socket
import time

from sojourn_core import Exchange, Limits, Pool, Request, ResponseHead, Session, plan_exchange
from sojourn_core import commands as c


def head_of(url: str, place: tuple[str, int]) -> ResponseHead:
    call = Session().call(Request("GET", url))
    send = call.start(time.monotonic())
    assert isinstance(send, c.Send)
    exchange = Exchange(plan_exchange(send, limits=Limits(), tls_context=None), Pool())
    command = exchange.start(time.monotonic())
    with socket.create_connection(place) as connection:
        while not isinstance(command, c.Head):
            match command:
                case c.Connect():
                    command = exchange.connected(connection, time.monotonic())
                case c.Write(data=data):
                    connection.sendall(data)
                    command = exchange.written(time.monotonic())
                case c.Read():
                    command = exchange.received(connection.recv(65536), time.monotonic())
                case _:
                    raise AssertionError(command)
    return command.head
