"""Threats in connections that are used again: for whom, and in what state."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn_core import AuthFlow, Request, SendSettings, Timeouts, parse_url
from sojourn_core.commands import Fail, Head, Read, Send
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.exchange.pool_key import PoolKey, TlsIdentity
from sojourn_core.values.errors import DeadlineExceeded, ReadTimeout
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.route import DIRECT, Proxy, Route
from tests.bindings.clients import BINDINGS, Binding, idle_streams, pool_of
from tests.core.exchanges import exchange_with
from tests.core.exchanges import send as begin
from tests.servers.scripted import response
from tests.servers.steps import Offer, ReadHead, Sleep, Until, WaitClosed
from tests.servers.steps import Send as Sends

from .rows import tries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, ScriptedServer

CONTEXT: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HALF_COMES_WITHIN: Final = 1.0  # Seconds, whatever else the machine does.
EVIL: Final = response(200, content=b"EVIL")


class Bound(AuthFlow):
    """Credentials that authenticate a connection."""

    def __init__(self, identity: str | None) -> None:
        """Have an identity."""
        self.connection_identity = identity


def key(
    url: str = "https://a.test/",
    *,
    proxy: str | None = None,
    shown: str | None = None,
    auth: AuthFlow | None = None,
    context: Any = CONTEXT,
    method: str = "GET",
    **trust: Any,
) -> PoolKey:
    """The key of the connection that a request takes."""
    request = Request(method, url).prepare()
    request.auth = auth
    route = DIRECT if proxy is None else Route(Proxy(parse_url(proxy)))
    command = Send(request, route, SendSettings(**trust), 1.0, False, shown)
    tls = context if url.startswith("https") else None
    return plan_exchange(command, limits=DEFAULT_LIMITS, tls_context=tls).key


PROXY: Final = "http://user:pass@proxy.test:3128"
OTHER: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

APART: Final[tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...]] = (
    ("CVE-2016-8616", "password", {"proxy": PROXY}, {"proxy": PROXY.replace("pass", "PASS")}),
    ("CVE-2016-8616", "user", {"proxy": PROXY}, {"proxy": PROXY.replace("user", "User")}),
    (
        "CVE-2016-8616",
        "shown",
        {"proxy": PROXY, "shown": "Basic a"},
        {"proxy": PROXY, "shown": "Basic A"},
    ),
    ("CVE-2016-8616", "identity", {"auth": Bound("ada")}, {"auth": Bound("Ada")}),
    ("CVE-2021-22924", "bundle", {"verify": "/ca.pem"}, {"verify": "/CA.pem"}),
    ("CVE-2021-22924", "certificate", {"cert": "/me.pem"}, {"cert": "/ME.pem"}),
    ("CVE-2021-22924", "key", {"cert": ("/me.pem", "/key.pem")}, {"cert": ("/me.pem", "/KEY.pem")}),
    ("CVE-2022-22576", "CONNECT", {"proxy": PROXY, "shown": "1"}, {"proxy": PROXY, "shown": "2"}),
    ("CVE-2022-22576", "client certificate", {"cert": "/one.pem"}, {"cert": "/two.pem"}),
    ("CVE-2022-22576", "plug-in", {"auth": Bound("one")}, {"auth": Bound("two")}),
    ("CVE-2022-22576", "plug-in and nobody", {"auth": Bound("one")}, {}),
    (
        "CVE-2022-22576",
        "plug-in by a proxy",
        {"proxy": PROXY, "auth": Bound("one")},
        {"proxy": PROXY},
    ),
    (
        "CVE-2022-27775",
        "zone",
        {"url": "http://[fe80::1%25eth0]/"},
        {"url": "http://[fe80::1%25eth1]/"},
    ),
    (
        "CVE-2022-27775",
        "no zone",
        {"url": "http://[fe80::1%25eth0]/"},
        {"url": "http://[fe80::1]/"},
    ),
    ("CVE-2022-27782", "verify", {"verify": True}, {"verify": False}),
    ("CVE-2022-27782", "bundle", {"verify": True}, {"verify": "/ca.pem"}),
    ("CVE-2022-27782", "certificate", {"cert": None}, {"cert": "/me.pem"}),
    ("CVE-2022-27782", "context", {"context": CONTEXT}, {"context": OTHER}),
    ("CVE-2022-27782", "scheme", {"url": "https://a.test:80/"}, {"url": "http://a.test:80/"}),
    ("CVE-2022-27782", "server name", {"url": "https://a.test/"}, {"url": "https://a.test./"}),
    ("CVE-2026-3784", "user", {"proxy": PROXY, "shown": "one"}, {"proxy": PROXY, "shown": "two"}),
    ("CVE-2026-3784", "none", {"proxy": PROXY, "shown": "one"}, {"proxy": PROXY}),
    (
        "CVE-2026-5545",
        "method and user",
        {"auth": Bound("one"), "method": "GET"},
        {"auth": Bound("two"), "method": "POST"},
    ),
    ("CVE-2026-5545", "nobody", {"auth": Bound("one")}, {"auth": Bound(None)}),
    ("CVE-2026-8932", "key", {"cert": ("/me.pem", "/1.pem")}, {"cert": ("/me.pem", "/2.pem")}),
    ("CVE-2026-8932", "no key", {"cert": ("/me.pem", "/1.pem")}, {"cert": "/me.pem"}),
)
TRIED: Final = frozenset(row for row, *_ in APART)


@pytest.mark.parametrize(
    ("one", "two"), [pytest.param(one, two, id=f"{row}-{name}") for row, name, one, two in APART]
)
def test_connections_are_kept_apart(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert key(**one) != key(**two)
    assert key(**one) == key(**one)
    assert "pass" not in repr(key(**one)).replace("password", "")


@tries("CVE-2022-27782", "CVE-2026-8932")
@pytest.mark.parametrize("kind", [PoolKey, TlsIdentity])
def test_each_field_of_a_key_counts(row: str, kind: Any) -> None:
    whole = kind(*range(len(kind._fields)))
    for field in kind._fields:
        assert whole != whole._replace(**{field: "another"})


@pytest.fixture(params=BINDINGS)
def binding(request: pytest.FixtureRequest) -> Iterator[Binding]:
    made = Binding(request.param)
    yield made
    made.close()


@tries("CVE-2026-48931")
@pytest.mark.parametrize("wait", [0.0, 0.05])
def test_what_nobody_asked_for_answers_nothing(
    row: str, wait: float, binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    first = (
        ReadHead(),
        Sends(response(200, content=b"one")),
        Sleep(wait),
        Offer(EVIL),
        WaitClosed(),
    )
    then = (ReadHead(), Sends(response(200, content=b"two")), WaitClosed())
    server = scripted(first, then)
    session = binding.session()
    session.get_adapter(server.url()).looks_after_idle = False
    assert binding.run(session.get(server.url())).content == b"one"
    for stream in idle_streams(session):  # None if it came along with the first answer.
        binding.wait_until_told(stream)
    binding.turn()
    assert binding.run(session.get(server.url())).content == b"two"


@tries("CVE-2019-16779")
def test_the_rest_of_a_response_answers_nothing(
    row: str, binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"
    given_up = threading.Event()
    first = (ReadHead(), Sends(half), Until(given_up), Offer(b"EVIL"), WaitClosed())
    then = (ReadHead(), Sends(response(200, content=b"two")), WaitClosed())
    server = scripted(first, then)
    session = binding.session()
    with pytest.raises(sojourn.exceptions.RequestException) as caught:
        binding.run(session.get(server.url(), timeout=HALF_COMES_WITHIN))
    assert caught.value.partial == b"half"
    assert pool_of(session).open_count == 0
    given_up.set()
    assert binding.run(session.get(server.url())).content == b"two"


@tries("AIOHTTP-12953")
def test_no_timer_outlives_its_exchange(
    row: str, binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda _: response(200, content=b"ok"))
    session = binding.session()
    timeout = 1.0
    assert binding.run(session.get(server.url(), timeout=timeout)).content == b"ok"
    if binding.name == "asyncio":
        binding.run(asyncio.sleep(timeout + 0.1))
    else:
        time.sleep(timeout + 0.1)
    assert binding.run(session.get(server.url(), timeout=timeout)).content == b"ok"
    assert server.connections == 1


@tries("SJ-14")
def test_a_drip_ends_with_the_time_of_the_whole(row: str) -> None:
    # A clock of numbers: a byte each 0.3 s, and one second for all of it.
    exchange = exchange_with(deadline=1.0, timeouts=Timeouts(read=1.0, total=1.0))
    command: Any = begin(exchange)
    command = exchange.received(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 0.0)
    assert isinstance(command, Head)
    now = 0.0
    command = exchange.proceed(now)
    for turn in range(3):
        assert isinstance(command, Read)
        assert command.deadline == 1.0
        now = 0.3 * (turn + 1)
        exchange.received(b"x", now)
        command = exchange.proceed(now)
    command = exchange.expired(1.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, DeadlineExceeded)


@tries("SJ-14")
def test_silence_alone_does_not_end_a_drip(row: str) -> None:
    exchange = exchange_with(timeouts=Timeouts(read=1.0))
    command: Any = begin(exchange)
    exchange.received(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 0.0)
    command = exchange.proceed(0.0)
    for turn in range(50):
        now = 0.3 * (turn + 1)
        exchange.received(b"x", now)
        command = exchange.proceed(now)
        assert isinstance(command, Read)
        assert command.deadline == pytest.approx(now + 1.0)
    command = exchange.expired(now + 1.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, ReadTimeout)


@tries("SJ-14")
def test_a_drip_ends_on_the_wire(
    row: str, binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    drip = tuple(step for _ in range(90) for step in (Offer(b"x"), Sleep(0.05)))
    server = scripted((ReadHead(), Sends(head), *drip))
    with pytest.raises(DeadlineExceeded):
        binding.run(binding.session().get(server.url(), timeout=Timeouts(total=0.3)))


@tries("CVE-2015-3236")
def test_credentials_that_are_taken_away_are_gone(
    row: str, binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda _: response(200))
    session = binding.session()
    session.auth = ("user", "SECRET-1")
    session.headers["X-Key"] = "SECRET-1"
    session.cookies.set("sid", "SECRET-1")
    binding.run(session.get(server.url()))
    session.auth = None
    del session.headers["X-Key"]
    session.cookies.clear()
    binding.run(session.get(server.url()))
    binding.run(session.get(server.url(), auth=("user", "SECRET-2")))
    binding.run(session.get(server.url()))
    shown = [bool(each.value("authorization")) for each in server.requests]
    assert shown == [True, False, True, False]
    assert [each.value("x-key") for each in server.requests[1:]] == [None] * 3
    assert [each.value("cookie") for each in server.requests[1:]] == [None] * 3
    assert server.connections == 1
    first, second = (Request("GET", "http://a.test/").prepare() for _ in range(2))
    first.headers["X-Key"] = "SECRET-1"
    assert "x-key" not in second.headers
    copied = first.copy()
    copied.headers["X-Key"] = "another"
    assert first.headers["x-key"] == "SECRET-1"
