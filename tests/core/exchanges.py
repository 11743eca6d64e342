"""Exchanges to hold conversations with: how they are made, and what is said first."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any, cast

from sojourn_core import (
    DIRECT,
    Exchange,
    Pool,
    PoolLimits,
    Request,
    Route,
    SendSettings,
    Timeouts,
)
from sojourn_core.commands import (
    Address,
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
    Send,
    Switch,
    Write,
)
from sojourn_core.exchange.file_part import TAIL_SIZE
from sojourn_core.exchange.plan import ExchangePlan, plan_exchange
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from io import FileIO

    from sojourn_core.commands import ExchangeCommand
    from sojourn_core.exchange.handshake import MakeHandshake
    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.url.address import Network

ADDRESSES = (Address("192.0.2.1", 80),)
TIMEOUTS = Timeouts(connect=1.0, read=2.0, write=3.0, pool=4.0)
HEAD_LIMIT = 16 * 1024  # What a Read asks for while a head is awaited, and within content.
CONTENT_LIMIT = 64 * 1024

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def plan_for(
    url: str = "http://a.test/x",
    method: str = "GET",
    *,
    headers: dict[str, str] | None = None,
    data: Any = None,
    timeouts: Timeouts = TIMEOUTS,
    deadline: float = inf,
    limits: Limits = DEFAULT_LIMITS,
    tls_context: ssl.SSLContext | None = None,
    fresh: bool = False,
    proxy: str | None = None,
    proxy_authorization: str | None = None,
    proxy_tls_context: ssl.SSLContext | None = None,
    handshake: MakeHandshake | None = None,
    tunnels: bool = False,
    refused_networks: tuple[Network, ...] = (),
    informs: bool = True,
    switches: bool = True,
    writes_files: bool = False,
    races: bool = False,
    **trust: Any,
) -> ExchangePlan:
    """What a request comes to on the wire; ``trust`` is ``verify`` and ``cert``."""
    request = Request(method, url, headers=headers, data=data).prepare()
    route = DIRECT if proxy is None else Route(parse_proxy(proxy), tunnels=tunnels)
    settings = SendSettings(timeouts=timeouts, refused_networks=refused_networks, **trust)
    send = Send(request, route, settings, deadline, fresh, proxy_authorization)
    return plan_exchange(
        send,
        limits=limits,
        tls_context=tls_context,
        informs=informs,
        switches=switches,
        writes_files=writes_files,
        races=races,
        proxy_tls_context=proxy_tls_context,
        handshake=handshake,
    )


@cache
def file_on_disk() -> FileIO:
    """A file that is sent by itself, but for its end. Nobody reads it, so one does for all."""
    file: Any = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    atexit.register(file.close)
    file.truncate(TAIL_SIZE + 1)
    return cast("FileIO", file)


def exchange_with(pool: Pool | None = None, **plan: Any) -> Exchange:
    """An exchange that has not begun; ``plan`` as for ``plan_for``."""
    return Exchange(plan_for(**plan), Pool() if pool is None else pool)


def pool_of(connections_max: int) -> Pool:
    """A pool for so many connections."""
    return Pool(PoolLimits(connections_max=connections_max))


def connect(exchange: Exchange, stream: Any = "stream", now: float = 0.0) -> ExchangeCommand:
    """Begin, on a new connection; what the exchange asks for then."""
    assert isinstance(exchange.start(now), Resolve)
    assert isinstance(exchange.resolved(ADDRESSES, now), Connect)
    return exchange.connected(stream, now)


def send(exchange: Exchange, stream: Any = "stream", now: float = 0.0) -> Read:
    """Begin, on a new connection or one that was used before, and send what is at hand."""
    command = exchange.start(now)
    if isinstance(command, Probe):
        command = exchange.quiet(now)
    else:
        if isinstance(command, Resolve):
            command = exchange.resolved(ADDRESSES, now)
        assert isinstance(command, Connect)
        command = exchange.connected(stream, now)
    assert isinstance(command, Write)
    command = exchange.written(now)
    assert isinstance(command, Read)
    return command


def idle_connection(pool: Pool, stream: Any = "stream", now: float = 0.0, **plan: Any) -> None:
    """Have one exchange leave its connection in the pool."""
    exchange = exchange_with(pool, **plan)
    send(exchange, stream, now)
    assert isinstance(exchange.received(OK, now), Head)
    assert isinstance(exchange.proceed(now), Content)
    assert exchange.proceed(now) == Finish(reusable=True)
    assert pool.idle_count == 1


def closes(effects: Effects | None) -> list[Any]:
    """The streams to be closed."""
    return [] if effects is None else effects.closes


def go_on(
    exchange: Exchange, command: ExchangeCommand, supply: Callable[[], bytes | None]
) -> list[Any]:
    """Everything that is handed up from ``command`` on, until it ends or ``supply`` gives None."""
    handed: list[Any] = []
    while True:
        match command:
            case Write():
                command = exchange.written(0.0)
            case Pull():
                command = exchange.pulled(None, 0.0)
            case Read():
                data = supply()
                if data is None:
                    return handed
                command = exchange.received(data, 0.0)
            case Inform() | Head() | Content():
                handed.append(command)
                command = exchange.proceed(0.0)
            case Switch() | Finish() | Fail():
                return [*handed, command]
            case _:
                raise AssertionError(command)


def hear(exchange: Exchange, pieces: Iterable[bytes], *, ended: bool = False) -> list[Any]:
    """Everything that is handed up when the peer sends ``pieces``, and then ends the stream."""
    rest = iter([*pieces, *([b""] if ended else [])])
    return go_on(exchange, send(exchange), lambda: next(rest, None))


def told(handed: Iterable[Any]) -> list[Any]:
    """What was handed up, in terms that do not depend on how the octets were cut.

    Content is joined; an error is its class and its text.
    """
    events: list[Any] = []
    for command in handed:
        match command:
            case Head(head=head):
                events.append(("head", head))
            case Inform(head=head):
                events.append(("inform", head))
            case Content(data=data):
                if events and events[-1][0] == "content":
                    events[-1] = ("content", events[-1][1] + data)
                else:
                    events.append(("content", data))
            case Finish(reusable=reusable, reason=reason, trailers=trailers):
                events.append(("finish", reusable, reason, trailers))
            case Switch(head=head, leftover=leftover):
                events.append(("switch", head, leftover))
            case Fail(error=error):
                events.append(("fail", type(error).__name__, str(error)))
    return events
