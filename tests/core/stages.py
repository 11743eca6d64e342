"""An exchange at each point where it waits, by the name of the point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core import Exchange, Pool
from sojourn_core.commands import (
    Close,
    Connect,
    Content,
    Fail,
    Finish,
    Head,
    Inform,
    Probe,
    Pull,
    Read,
    Resolve,
    Switch,
    Wait,
    Write,
    WriteFile,
)
from tests.core.exchanges import (
    ADDRESSES,
    OK,
    connect,
    exchange_with,
    file_on_disk,
    idle_connection,
    pool_of,
    send,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n"


def _checking_out() -> tuple[Exchange, Pool]:
    pool = pool_of(1)
    exchange_with(pool).start(0.0)  # It holds the only slot.
    exchange = exchange_with(pool)
    exchange.start(0.0)
    return exchange, pool


def _probing() -> tuple[Exchange, Pool]:
    pool = Pool()
    idle_connection(pool)
    exchange = exchange_with(pool)
    exchange.start(0.0)
    return exchange, pool


def _closing() -> tuple[Exchange, Pool]:
    exchange, pool = _probing()
    exchange.readable(0, 0.0)
    return exchange, pool


def _resolving() -> tuple[Exchange, Pool]:
    pool = Pool()
    exchange = exchange_with(pool)
    exchange.start(0.0)
    return exchange, pool


def _connecting() -> tuple[Exchange, Pool]:
    exchange, pool = _resolving()
    exchange.resolved(ADDRESSES, 0.0)
    return exchange, pool


def _writing() -> tuple[Exchange, Pool]:
    exchange, pool = _connecting()
    exchange.connected("stream", 0.0)
    return exchange, pool


def _pulling() -> tuple[Exchange, Pool]:
    pool = Pool()
    exchange = exchange_with(pool, method="POST", data=iter([b"x"]))
    connect(exchange)
    exchange.written(0.0)
    return exchange, pool


def _uploading() -> tuple[Exchange, Pool]:
    exchange, pool = _pulling()
    exchange.pulled(b"x", 0.0)
    return exchange, pool


def _sending_a_file() -> tuple[Exchange, Pool]:
    pool = Pool()
    exchange = exchange_with(pool, method="POST", data=file_on_disk(), writes_files=True)
    connect(exchange)
    exchange.written(0.0)
    return exchange, pool


def _awaiting() -> tuple[Exchange, Pool]:
    exchange, pool = _writing()
    exchange.written(0.0)
    return exchange, pool


def _expecting() -> tuple[Exchange, Pool]:
    pool = Pool()
    headers = {"Expect": "100-continue"}
    exchange = exchange_with(pool, method="POST", data=iter([b"x"]), headers=headers)
    connect(exchange)
    exchange.written(0.0)
    return exchange, pool


def _informed() -> tuple[Exchange, Pool]:
    exchange, pool = _awaiting()
    exchange.received(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.0)
    return exchange, pool


def _head() -> tuple[Exchange, Pool]:
    exchange, pool = _awaiting()
    exchange.received(OK[:-1], 0.0)
    return exchange, pool


def _content() -> tuple[Exchange, Pool]:
    exchange, pool = _head()
    exchange.proceed(0.0)
    return exchange, pool


def _receiving() -> tuple[Exchange, Pool]:
    exchange, pool = _content()
    exchange.proceed(0.0)
    return exchange, pool


def _draining() -> tuple[Exchange, Pool]:
    exchange, pool = _head()
    exchange.drain(100, 0.5, 0.0)
    return exchange, pool


def _finished() -> tuple[Exchange, Pool]:
    exchange, pool = _awaiting()
    exchange.received(b"HTTP/1.1 204 No Content\r\n\r\n", 0.0)
    exchange.proceed(0.0)
    return exchange, pool


def _switched() -> tuple[Exchange, Pool]:
    pool = Pool()
    exchange = exchange_with(pool, headers={"Upgrade": "echo", "Connection": "upgrade"})
    send(exchange)
    exchange.received(SWITCHING, 0.0)
    return exchange, pool


def _failed() -> tuple[Exchange, Pool]:
    exchange, pool = _resolving()
    exchange.failed(OSError("no"), 0.0)
    return exchange, pool


# Each with the command that waits there; those that have ended wait for nothing.
STAGES: dict[str, tuple[type, Callable[[], tuple[Exchange, Pool]]]] = {
    "checking out": (Wait, _checking_out),
    "probing": (Probe, _probing),
    "closing": (Close, _closing),
    "resolving": (Resolve, _resolving),
    "connecting": (Connect, _connecting),
    "writing": (Write, _writing),
    "pulling": (Pull, _pulling),
    "uploading": (Write, _uploading),
    "sending a file": (WriteFile, _sending_a_file),
    "awaiting the head": (Read, _awaiting),
    "awaiting 100": (Read, _expecting),
    "informed": (Inform, _informed),
    "head handed up": (Head, _head),
    "content handed up": (Content, _content),
    "receiving": (Read, _receiving),
    "draining": (Read, _draining),
    "finished": (Finish, _finished),
    "switched": (Switch, _switched),
    "failed": (Fail, _failed),
}
