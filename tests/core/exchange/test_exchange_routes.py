"""Exchanges by way of a proxy that forwards, and the addresses that none may connect to."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Exchange, Pool, Request, Route, SendSettings, SocketSettings
from sojourn_core.commands import Address, Connect, Fail, Head, Probe, Read, Resolve, Send, Write
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.exchanges import ADDRESSES, HEAD_LIMIT, OK, exchange_with, hear, send, told

if TYPE_CHECKING:
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

PROXY = "http://proxy.test:3128"
SECRET = "Basic c2VjcmV0OnNlY3JldA=="  # secret:secret
REFUSED = b'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 4\r\n\r\n'

# --- proxies that forward -----------------------------------------------------------------------


def test_a_request_that_is_forwarded() -> None:
    exchange = exchange_with(
        url="http://user:pass@a.test:81/x?y#z",
        headers={"X": "y"},
        proxy="http://me:secret@proxy.test:3128",
        proxy_authorization=SECRET,
    )
    assert exchange.start(0.0) == Resolve("proxy.test", 3128, deadline=1.0)
    exchange.resolved(ADDRESSES, 0.0)
    write = exchange.connected("stream", 0.0)
    assert isinstance(write, Write)
    lines = write.data.decode().split("\r\n")
    assert lines[:3] == ["GET http://a.test:81/x?y HTTP/1.1", "Host: a.test:81", "X: y"]
    assert [line for line in lines if line.startswith("Proxy-")] == [
        f"Proxy-Authorization: {SECRET}"
    ]
    assert exchange.written(0.0) == Read(HEAD_LIMIT, deadline=2.0)
    assert isinstance(exchange.received(OK, 0.0), Head)


def test_a_refusal_to_forward_is_a_response() -> None:
    told_of = told(hear(exchange_with(proxy=PROXY), [REFUSED + b"who?"]))
    assert [event[0] for event in told_of] == ["head", "content", "finish"]
    assert told_of[0][1].status == 407


def test_origins_share_the_connections_to_a_forward_proxy() -> None:
    pool = Pool()
    first = exchange_with(pool, url="http://a.test/", proxy=PROXY)
    send(first)
    first.received(OK, 0.0)
    second = exchange_with(pool, url="http://b.test/", proxy=PROXY)
    assert second.start(0.0) == Probe()
    write = second.quiet(0.0)
    assert write == Write(b"GET http://b.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n", deadline=3.0)
    for other in (
        {"proxy": None},
        {"proxy": "http://proxy.test:3129"},
        {"proxy": "http://me:secret@proxy.test:3128"},
        {"proxy": None, "url": PROXY},
    ):
        exchange = exchange_with(pool, **{"url": "http://a.test/", **other})
        assert isinstance(exchange.start(0.0), Resolve), other


def test_each_request_on_a_shared_connection_has_its_own_credentials() -> None:
    pool = Pool()
    for number in range(3):
        field = f"Digest nc={number}"
        exchange = exchange_with(pool, proxy=PROXY, proxy_authorization=field)
        command = exchange.start(0.0)
        if number:
            command = exchange.quiet(0.0)
        else:
            exchange.resolved(ADDRESSES, 0.0)
            command = exchange.connected("stream", 0.0)
        assert isinstance(command, Write)
        assert command.data.count(b"Proxy-Authorization: ") == 1
        assert field.encode() in command.data
        exchange.written(0.0)
        exchange.received(OK, 0.0)


@pytest.mark.parametrize(
    ("step", "reply", "kind", "said"),
    [
        (1, "failed", errors.ProxyError, f"the proxy {PROXY} cannot be reached: [Errno 5] no"),
        (2, "failed", errors.ProxyError, f"the proxy {PROXY} cannot be reached: [Errno 5] no"),
        (
            1,
            "expired",
            errors.ConnectTimeout,
            f"no connection to http://a.test through the proxy {PROXY} in 1.0 s",
        ),
        (
            4,
            "failed",
            errors.ConnectionError,
            f"the connection to http://a.test through the proxy {PROXY} was lost: [Errno 5] no",
        ),
        (
            4,
            "expired",
            errors.ReadTimeout,
            f"no answer from http://a.test through the proxy {PROXY} in 2.0 s",
        ),
    ],
)
def test_a_forward_proxy_that_is_lost(
    step: int, reply: str, kind: type[Exception], said: str
) -> None:
    exchange = exchange_with(proxy=PROXY)
    for go_on in (
        lambda: exchange.start(0.0),
        lambda: exchange.resolved(ADDRESSES, 0.0),
        lambda: exchange.connected("stream", 0.0),
        lambda: exchange.written(0.0),
    )[:step]:
        go_on()
    arguments = (OSError(5, "no"),) if reply == "failed" else ()
    command = getattr(exchange, reply)(*arguments, 0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is kind
    assert str(command.error) == said
    assert command.error.maybe_sent is (step == 4)


# --- addresses that are refused -----------------------------------------------------------------

REFUSED_NETWORKS = (ip_network("10.0.0.0/8"), ip_network("::1/128"))
PUBLIC = Address("192.0.2.1", 80)


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ([PUBLIC], [PUBLIC]),
        ([Address("10.0.0.1", 80), PUBLIC, Address("::1", 80, "ipv6")], [PUBLIC]),
        ([Address("::ffff:10.0.0.1", 80, "ipv6"), PUBLIC], [PUBLIC]),
        ([Address("64:ff9b::a00:1", 80, "ipv6"), PUBLIC], [PUBLIC]),
        ([Address("2002:a00:1::", 80, "ipv6"), PUBLIC], [PUBLIC]),
        ([Address("/run/socket", 0, "unix"), PUBLIC], [PUBLIC]),
        ([Address("::1", 80, "ipv6"), Address("10.0.0.1", 80)], []),
        ([Address("/run/socket", 0, "unix")], []),
    ],
)
def test_what_is_connected_to(found: list[Address], left: list[Address]) -> None:
    """The address that was looked at is the one that is connected to: it is not resolved twice."""
    pool = Pool()
    exchange = exchange_with(pool, refused_networks=REFUSED_NETWORKS)
    exchange.start(0.0)
    command = exchange.resolved(tuple(found), 0.0)
    if left:
        for address in left:
            assert command == Connect(address, deadline=1.0)
            command = exchange.failed(OSError("no"), 0.0)
        assert isinstance(command, Fail)
        return
    assert isinstance(command, Fail)
    error = command.error
    assert type(error) is errors.AddressRefused
    shown = ", ".join(each.host for each in found)
    assert str(error) == f"host 'a.test' has refused addresses only: {shown}"
    assert not error.maybe_sent
    assert error.progress == Progress()
    assert pool.open_count == 0


def test_a_host_without_an_address_is_not_refused() -> None:
    exchange = exchange_with(refused_networks=REFUSED_NETWORKS)
    exchange.start(0.0)
    command = exchange.resolved((), 0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is errors.NameResolutionError


def test_an_error_names_a_few_of_many_addresses() -> None:
    exchange = exchange_with(refused_networks=REFUSED_NETWORKS)
    exchange.start(0.0)
    command = exchange.resolved(tuple(Address(f"10.0.0.{n}", 80) for n in range(200)), 0.0)
    assert isinstance(command, Fail)
    assert len(str(command.error)) < 150


def test_the_address_of_a_proxy_is_the_callers_choice(ca: Authority) -> None:
    for tunnel in (True, False):
        exchange = exchange_with(
            url="https://a.test/" if tunnel else "http://a.test/",
            tls_context=ca.client_context() if tunnel else None,
            proxy=PROXY,
            refused_networks=REFUSED_NETWORKS,
        )
        exchange.start(0.0)
        assert isinstance(exchange.resolved((Address("10.0.0.1", 3128),), 0.0), Connect)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ((), REFUSED_NETWORKS, False),
        (REFUSED_NETWORKS, (), False),
        (REFUSED_NETWORKS, REFUSED_NETWORKS[:1], False),
        (REFUSED_NETWORKS[:1], REFUSED_NETWORKS[1:], False),
        (REFUSED_NETWORKS, REFUSED_NETWORKS, True),
        (REFUSED_NETWORKS, (ip_network("10.0.0.0/8"), ip_network("::1/128")), True),
    ],
)
def test_a_connection_is_used_under_the_refusals_that_it_was_made_under(
    one: Any, other: Any, shared: bool
) -> None:
    pool = Pool()
    first = exchange_with(pool, refused_networks=one)
    send(first)
    first.received(OK, 0.0)
    second = exchange_with(pool, refused_networks=other)
    assert isinstance(second.start(0.0), Probe if shared else Resolve)


def test_a_unix_socket_is_connected_to_without_a_name() -> None:
    request = Request("GET", "http://a.test/x").prepare()
    settings = SocketSettings(unix_path="/run/app.sock")
    send = Send(request, Route(None, settings), SendSettings())
    plan = plan_exchange(send, limits=DEFAULT_LIMITS, tls_context=None)
    exchange = Exchange(plan, Pool())
    command = exchange.start(0.0)
    assert isinstance(command, Connect)
    assert command.address == Address("/run/app.sock", 0, "unix")
    assert command.socket == settings
    assert command.later == ()
    failed = exchange.failed(FileNotFoundError("not there"), 0.0)
    assert isinstance(failed, Fail)
    assert str(failed.error) == ("cannot connect to http://a.test: not there (tried /run/app.sock)")
