"""Representations of commands: what a person can read, in a line, and no secret."""

from __future__ import annotations

from ipaddress import ip_network
from math import inf
from typing import Any

import pytest

from sojourn_core import (
    DIRECT,
    Effects,
    Fields,
    Pool,
    PoolLimits,
    Proxy,
    Request,
    ResponseHead,
    Route,
    SendSettings,
    errors,
    parse_url,
)
from sojourn_core.commands import (
    CALL_REPLIES,
    EXCHANGE_REPLIES,
    Address,
    Close,
    Connect,
    Content,
    Delegate,
    Deliver,
    Discard,
    Fail,
    Finish,
    Head,
    Hook,
    Inform,
    Load,
    Probe,
    Pull,
    Read,
    Resolve,
    Rewind,
    Send,
    Switch,
    Wait,
    Write,
    WriteFile,
)
from tests.core.conversation import respond
from tests.core.exchanges import exchange_with

NETWORKS = tuple(ip_network(f"10.{number}.0.0/16") for number in range(200))
SECRET = b"Authorization: Bearer canary"
LENGTH_MAX = 200


def prepared(url: str = "http://ada:canary@a.test/x?token=canary#canary") -> Any:
    return Request("POST", url, data=iter([SECRET])).prepare()


def waiting() -> Wait:
    pool = Pool(PoolLimits(connections_max=1))
    exchange_with(pool).start(0.0)
    command = exchange_with(pool, refused_networks=NETWORKS).start(0.0)
    assert isinstance(command, Wait)
    return command


def hook(response: Any, **arguments: Any) -> None:
    """A hook of the user's."""


def effects() -> Effects:
    made = Effects()
    made.closes.append("stream")
    return made


HEAD = ResponseHead(200, Fields({"Set-Cookie": "a=canary"}), "OK")
SEEN = "ResponseHead(200, Fields([('Set-Cookie', '***')]), 'OK', '1.1')"
TICKET = "Ticket(key=PoolKey(origin=Origin(scheme='http', host='a.test', port=80), "
PROXY = Route(Proxy(parse_url("http://ada:canary@proxy.test:3128")))

SHOWN: list[tuple[Any, str]] = [
    (
        Send(prepared(), DIRECT, SendSettings(refused_networks=NETWORKS), proxy_authorization="x"),
        (
            "Send(POST 'http://***@a.test/x?token=\u2026', route=Route(proxy=None, socket=None), "
            "settings=SendSettings(refused_networks=<200 of them>))"
        ),
    ),
    (
        Send(prepared("http://a.test/"), PROXY, SendSettings(stream=True), 5.0, fresh=True),
        (
            "Send(POST 'http://a.test/', "
            "route=Route(proxy=Proxy(url=URL('http://***@proxy.test:3128/')), socket=None), "
            "settings=SendSettings(stream=True), deadline=5.0, fresh=True)"
        ),
    ),
    (Load(respond(401)), "Load(response=<Response [401]>)"),
    (
        Rewind(prepared().content),
        "Rewind(content=<Content of type list_iterator, length None>)",
    ),
    (Discard(respond(302), 10, 5.0), "Discard(response=<Response [302]>, limit=10, deadline=5.0)"),
    (Deliver(respond(200)), "Deliver(response=<Response [200]>)"),
    (Deliver(respond(200), load=False), "Deliver(response=<Response [200]>, load=False)"),
    (Fail(errors.ReadTimeout("late")), "Fail(error=ReadTimeout('late'))"),
    (
        Wait(waiting().ticket, inf),
        f"Wait(ticket={TICKET}refused_networks=<200 of them>)), deadline=inf)",
    ),
    (Probe(), "Probe()"),
    (Resolve("a.test", 80, 5.0), "Resolve(host='a.test', port=80, deadline=5.0)"),
    (
        Connect(Address("192.0.2.1", 80), 5.0, effects=effects()),
        (
            "Connect(address=Address(host='192.0.2.1', port=80), deadline=5.0, "
            "effects=Effects(closes=['stream'], wakes=[], releases=[]))"
        ),
    ),
    (Write(SECRET, 5.0), "Write(data=<28 bytes>, deadline=5.0)"),
    (Write(SECRET, 5.0, watch=True), "Write(data=<28 bytes>, deadline=5.0, watch=True)"),
    (WriteFile(object(), 1, 2, 5.0), "WriteFile(offset=1, size=2, deadline=5.0)"),
    (Read(10, 5.0), "Read(limit=10, deadline=5.0)"),
    (
        Pull(prepared().content, 5.0),
        "Pull(content=<Content of type list_iterator, length None>, deadline=5.0)",
    ),
    (Close(), "Close()"),
    (Inform(HEAD), f"Inform(head={SEEN})"),
    (Head(HEAD), f"Head(head={SEEN})"),
    (Content(SECRET), "Content(data=<28 bytes>)"),
    (Switch(HEAD, SECRET), f"Switch(head={SEEN}, leftover=<28 bytes>)"),
    (Finish(reusable=True), "Finish(reusable=True)"),
    (Finish(reusable=False, reason="why"), "Finish(reusable=False, reason='why')"),
    (Address("::1", 80, "ipv6"), "Address(host='::1', port=80, family='ipv6')"),
]


@pytest.mark.parametrize(("value", "shown"), SHOWN, ids=lambda value: type(value).__name__)
def test_a_command_is_shown_in_a_line(value: Any, shown: str) -> None:
    assert repr(value) == shown
    assert "canary" not in shown


def test_a_hook_is_shown_by_its_name() -> None:
    arguments = {"proxies": {"http": "http://ada:canary@proxy.test"}}
    for command in (
        Hook(hook, respond(200), arguments),
        Delegate(respond(302), prepared(), arguments),
    ):
        assert "canary" not in repr(command)
        assert len(repr(command)) < LENGTH_MAX


def test_every_command_is_in_the_table() -> None:
    known = {type(value) for value, _ in SHOWN} | {Hook, Delegate}
    assert known >= {*CALL_REPLIES, *EXCHANGE_REPLIES}
