"""Transports of one's own, blocking and awaited, and what drives an exchange over them."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Iterable
from time import monotonic, sleep
from typing import TypeVar, assert_type

from sojourn import machine
from sojourn_core import (
    AsyncTransport,
    Effects,
    Exchange,
    Fields,
    Limits,
    Pool,
    Request,
    Response,
    SocketSettings,
    Ticket,
    Transport,
    carry_out,
    carry_out_async,
    drive,
    drive_async,
    plan_exchange,
)
from sojourn_core import commands as c

T = TypeVar("T")


class Sockets:
    """Functions of the machine, and methods."""

    now = staticmethod(monotonic)
    resolve = staticmethod(machine.resolve)
    connect = staticmethod(machine.connect)
    wait = staticmethod(machine.wait)

    def send(self, stream: socket.socket, data: bytes, deadline: float) -> None:
        stream.settimeout(machine.seconds_left(deadline))
        stream.sendall(data)

    def receive(self, stream: socket.socket, limit: int, deadline: float) -> bytes:
        stream.settimeout(machine.seconds_left(deadline))
        return stream.recv(limit)

    def is_quiet(self, stream: socket.socket) -> bool:
        return True

    def close(self, stream: socket.socket) -> None:
        stream.close()

    def sleep_until(self, when: float) -> None:
        sleep(max(when - monotonic(), 0))


class Streams:
    """Coroutines, over handles that are numbers."""

    def now(self) -> float:
        return monotonic()

    def is_quiet(self, stream: int) -> bool:
        return stream > 0

    def close(self, stream: int) -> None:
        pass

    async def resolve(self, host: str, port: int, deadline: float) -> Iterable[c.Address]:
        return [c.Address("192.0.2.1", port)]

    async def connect(
        self, address: c.Address, deadline: float, socket: SocketSettings | None
    ) -> int:
        return address.port

    async def send(self, stream: int, data: bytes, deadline: float) -> None:
        assert_type(len(data), int)

    async def receive(self, stream: int, limit: int, deadline: float) -> bytes:
        return b""

    async def wait(self, ticket: Ticket, deadline: float) -> None:
        assert_type(ticket.ready, bool)

    async def sleep_until(self, when: float) -> None:
        await asyncio.sleep(when - monotonic())

    async def within(self, step: Awaitable[T], deadline: float) -> T:
        async with asyncio.timeout_at(deadline):
            return await step


def begin(send: c.Send, pool: Pool) -> Exchange:
    context = machine.tls_context(send)
    assert_type(context, ssl.SSLContext | None)
    return Exchange(plan_exchange(send, limits=Limits(), tls_context=context), pool)


def head_of(exchange: Exchange, transport: Transport) -> c.Head:
    handed = drive(exchange, exchange.start(transport.now()), transport)
    assert_type(handed, c.Inform | c.Head | c.Content | c.Switch | c.Finish)
    assert isinstance(handed, c.Head)
    assert_type(handed.head.fields, Fields)
    return handed


async def head_of_async(exchange: Exchange, transport: AsyncTransport) -> c.HandedUp:
    return await drive_async(exchange, exchange.start(transport.now()), transport)


def run(url: str, pool: Pool) -> Response:
    call = machine.LocalSession().call(Request("GET", url))
    response = machine.fetch(call, pool, Sockets())
    effects = pool.close()
    assert_type(effects, Effects | None)
    carry_out(effects, Sockets())
    return assert_type(response, Response)


async def run_async(url: str, pool: Pool) -> Response:
    call = machine.LocalSession().call(Request("GET", url))
    response = await machine.fetch_async(call, pool, Streams())
    await carry_out_async(pool.close(), Streams())
    return response
