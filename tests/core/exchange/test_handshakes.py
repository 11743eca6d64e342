"""Exchanges by way of proxies that take more than plain HTTP: another handshake, or TLS."""

from __future__ import annotations

import gc
import hashlib
import ssl
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Exchange, Pool
from sojourn_core.commands import (
    Address,
    Close,
    Connect,
    Content,
    Fail,
    Finish,
    Head,
    Probe,
    Read,
    Resolve,
    Write,
)
from sojourn_core.exchange.phase import Phase
from sojourn_core.exchange.tls import TlsInTls, TlsLayer
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress
from sojourn_core.values.tls_settings import TLSSettings
from tests.core.exchanges import (
    ADDRESSES,
    HEAD_LIMIT,
    OK,
    TIMEOUTS,
    closes,
    exchange_with,
    plan_for,
)
from tests.core.handshakes import Toy
from tests.core.tlspeer import TlsPeer

if TYPE_CHECKING:
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

SOCKS = "socks5h://me:secret@proxy.test"
SHOWN = "socks5h://proxy.test:1080"
BY_ADDRESS = "socks5://192.0.2.9"
NAMED = "https://b.test:3128"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
CONNECTION_MAX = TIMEOUTS.connect
REFUSED = (ip_network("10.0.0.0/8"),)
IPV6 = Address("2001:db8::1", 80, "ipv6")


def by_toy(pool: Pool | None = None, **plan: Any) -> Exchange:
    """An exchange by a proxy with a handshake of its own, not started."""
    return exchange_with(pool, **{"proxy": SOCKS, "handshake": Toy, **plan})


def greeting(exchange: Exchange) -> bytes:
    """Begin; what the proxy is told first."""
    command: Any = exchange.start(0.0)
    while isinstance(command, Resolve):
        command = exchange.resolved(ADDRESSES, 0.0)
    assert isinstance(command, Connect)
    command = exchange.connected("stream", 0.0)
    assert isinstance(command, Write)
    assert exchange.phase is Phase.TUNNELING
    return command.data


def hear(exchange: Exchange, *pieces: bytes) -> Any:
    """Begin, and have the proxy answer; what is asked for then."""
    greeting(exchange)
    command: Any = exchange.written(0.0)
    for piece in pieces:
        if isinstance(command, Write):
            command = exchange.written(0.0)
        assert command == Read(HEAD_LIMIT, CONNECTION_MAX)
        command = exchange.received(piece, 0.0)
    return command


def failed(command: Any) -> errors.RequestException:
    assert isinstance(command, Fail)
    error = command.error
    assert isinstance(error, errors.RequestException)
    assert "secret" not in str(error)
    assert not error.maybe_sent
    assert error.progress == Progress()
    return error


# --- another handshake ----------------------------------------------------------------------------


def test_a_whole_conversation() -> None:
    """One deadline holds for all of it, and the request is the origin's."""
    exchange = by_toy(headers={"Proxy-Authorization": "secret"}, proxy_authorization="secret")
    assert exchange.start(0.0) == Resolve("proxy.test", 1080, deadline=1.0)
    assert exchange.resolved(ADDRESSES, 0.1) == Connect(ADDRESSES[0], deadline=1.0)
    assert exchange.connected("stream", 0.2) == Write(b"a.test 80\n", deadline=1.0)
    assert exchange.written(0.3) == Read(HEAD_LIMIT, deadline=1.0)
    assert exchange.received(b"who?\n", 0.4) == Write(b"me\n", deadline=1.0)
    assert exchange.written(0.5) == Read(HEAD_LIMIT, deadline=1.0)
    request = exchange.received(b"yes\n", 0.6)
    assert request == Write(b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n", deadline=3.6)
    exchange.written(0.7)
    exchange.received(OK, 0.8)
    assert exchange.proceed(0.8) == Content(b"ok")
    assert exchange.proceed(0.8) == Finish(reusable=True)


@pytest.mark.parametrize("answer", [b"yes\n", b"who?\nyes\n"])
def test_an_answer_however_it_is_cut(answer: bytes) -> None:
    lines = answer.splitlines(keepends=True)
    pieces = [[each[at : at + 1] for at in range(len(each))] for each in lines]
    for cut in (lines, [piece for line in pieces for piece in line]):
        exchange = by_toy()
        assert isinstance(hear(exchange, *cut), Write)
        assert exchange.phase is Phase.SENDING


def test_tls_is_the_origins(ca: Authority) -> None:
    """And what comes behind the last answer is the first of it."""
    exchange = by_toy(url="https://a.test/x", tls_context=ca.client_context())
    command = hear(exchange, b"yes\n\x15\x03\x03\x00\x02")  # Five bytes of an alert, so far.
    assert isinstance(command, Write)
    assert exchange.phase is Phase.SECURING
    exchange.written(0.0)
    error = failed(exchange.received(b"\x02\x28", 0.0))
    assert type(error) is errors.SSLError
    assert "handshake failure" in str(error)


def test_bytes_that_nobody_asked_for() -> None:
    error = failed(hear(by_toy(), b"yes\n220 hello\r\n"))
    assert type(error) is errors.RemoteProtocolError
    assert (
        str(error) == f"http://a.test through the proxy {SHOWN} has sent bytes before it was asked"
    )


@pytest.mark.parametrize(
    ("pieces", "said"),
    [([b"no\n"], "the proxy says no"), ([b"ye", b""], "the proxy has gone")],
)
def test_a_refusal(pieces: list[bytes], said: str) -> None:
    pool = Pool()
    command = hear(by_toy(pool), *pieces)
    error = failed(command)
    assert type(error) is errors.ProxyError
    assert str(error) == said
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


STEPS = ("locating", "resolving", "connecting", "greeting", "awaiting")


def at(step: str, **plan: Any) -> Exchange:
    """An exchange in the making, up to this step."""
    exchange = by_toy(proxy="socks5://me:secret@proxy.test", **plan)
    replies = [
        lambda: exchange.start(0.0),
        lambda: exchange.resolved(ADDRESSES, 0.0),
        lambda: exchange.resolved(ADDRESSES, 0.0),
        lambda: exchange.connected("stream", 0.0),
        lambda: exchange.written(0.0),
    ]
    for reply in replies[: STEPS.index(step) + 1]:
        reply()
    return exchange


BY_FIVE = "the proxy socks5://proxy.test:1080"


@pytest.mark.parametrize(
    ("step", "kind", "said"),
    [
        ("locating", errors.NameResolutionError, "host 'a.test' cannot be resolved: [Errno 5] no"),
        ("resolving", errors.ProxyError, f"{BY_FIVE} cannot be reached: [Errno 5] no"),
        ("connecting", errors.ProxyError, f"{BY_FIVE} cannot be reached: [Errno 5] no"),
        (
            "greeting",
            errors.ProxyError,
            f"{BY_FIVE} was lost before there was a tunnel: [Errno 5] no",
        ),
        (
            "awaiting",
            errors.ProxyError,
            f"{BY_FIVE} was lost before there was a tunnel: [Errno 5] no",
        ),
    ],
)
def test_a_proxy_that_is_lost(step: str, kind: type[Exception], said: str) -> None:
    cause = OSError(5, "no")
    error = failed(at(step).failed(cause, 0.0))
    assert type(error) is kind
    assert str(error) == said
    assert error.__cause__ is cause


@pytest.mark.parametrize("step", STEPS)
def test_one_deadline_holds_for_all_steps(step: str) -> None:
    exchange = at(step)
    command: Any = exchange.command
    assert command.deadline == CONNECTION_MAX
    error = failed(exchange.expired(CONNECTION_MAX))
    assert type(error) is errors.ConnectTimeout
    exchange = at(step, deadline=0.5)
    command = exchange.command
    assert command.deadline == 0.5
    assert type(failed(exchange.expired(0.5))) is errors.DeadlineExceeded


@pytest.mark.parametrize("step", STEPS)
def test_it_may_be_given_up_at_any_time(step: str) -> None:
    pool = Pool()
    exchange = at(step)
    pool = exchange._pool
    effects = exchange.abandon(0.0)
    assert closes(effects) == (["stream"] if step in ("greeting", "awaiting") else [])
    assert pool.open_count == 0


# --- who resolves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxy", "url", "asked", "told", "until"),
    [
        ("socks5h://192.0.2.9", "http://a.test/", [], b"a.test 80\n", 1.0),
        ("socks4a://192.0.2.9", "http://a.test:81/", [], b"a.test 81\n", 1.0),
        ("socks5://192.0.2.9", "http://a.test/", ["a.test"], b"2001:db8::1 80\n", 0.5),
        ("socks4://192.0.2.9", "http://a.test/", ["a.test"], b"192.0.2.1 80\n", 1.0),
        ("socks5://p.test", "http://a.test/", ["a.test", "p.test"], b"2001:db8::1 80\n", 0.5),
        ("socks5://p.test", "http://192.0.2.7/", ["p.test"], b"192.0.2.7 80\n", 1.0),
        ("socks5h://p.test", "http://[::1]/", ["p.test"], b"::1 80\n", 1.0),
        ("socks5://192.0.2.9", "http://[fe80::1%25en0]/", [], b"fe80::1 80\n", 1.0),
    ],
)
def test_who_is_asked_for_what(
    proxy: str, url: str, asked: list[str], told: bytes, until: float
) -> None:
    """The origin first; SOCKS 4 is told an IPv4 address, whatever the resolver prefers.

    Where there are two addresses, the first has half of the time.
    """
    exchange = by_toy(proxy=proxy, url=url)
    command: Any = exchange.start(0.0)
    resolved = []
    while isinstance(command, Resolve):
        resolved.append(command.host)
        command = exchange.resolved((IPV6, *ADDRESSES), 0.0)
    assert resolved == asked
    assert isinstance(command, Connect)
    assert exchange.connected("stream", 0.0) == Write(told, deadline=until)


def test_the_address_that_is_told_was_looked_at() -> None:
    exchange = by_toy(proxy=BY_ADDRESS, refused_networks=REFUSED)
    exchange.start(0.0)
    exchange.resolved((Address("10.0.0.1", 80), *ADDRESSES), 0.0)
    assert exchange.connected("stream", 0.0) == Write(b"192.0.2.1 80\n", deadline=1.0)
    exchange = by_toy(proxy=BY_ADDRESS, refused_networks=REFUSED)
    exchange.start(0.0)
    error = failed(exchange.resolved((Address("10.0.0.1", 80),), 0.0))
    assert type(error) is errors.AddressRefused
    assert str(error) == "host 'a.test' has refused addresses only: 10.0.0.1"


@pytest.mark.parametrize("proxy", [BY_ADDRESS, SOCKS])
def test_an_address_is_looked_at_whoever_resolves(proxy: str) -> None:
    exchange = by_toy(proxy=proxy, url="http://10.0.0.1/", refused_networks=REFUSED)
    assert type(failed(exchange.start(0.0))) is errors.AddressRefused


def test_the_address_of_the_proxy_is_the_callers_choice() -> None:
    exchange = by_toy(proxy="socks5h://p.test", refused_networks=REFUSED)
    exchange.start(0.0)
    assert isinstance(exchange.resolved((Address("10.0.0.1", 1080),), 0.0), Connect)


def test_a_name_without_an_address() -> None:
    exchange = by_toy(proxy=BY_ADDRESS)
    exchange.start(0.0)
    assert type(failed(exchange.resolved((), 0.0))) is errors.NameResolutionError
    exchange = by_toy(proxy="socks5h://p.test")
    exchange.start(0.0)
    assert type(failed(exchange.resolved((), 0.0))) is errors.ProxyError


def test_a_handshake_that_there_cannot_be() -> None:
    """It is known before anybody is connected to."""
    error = failed(by_toy(url="http://unspeakable.test/").start(0.0))
    assert str(error) == "the proxy has no word for it"


# --- the next address -----------------------------------------------------------------------------

SEVERAL = (IPV6, ADDRESSES[0], Address("192.0.2.2", 80))


def told_first(**plan: Any) -> Exchange:
    """An exchange whose proxy has been told the first of several addresses."""
    exchange = by_toy(proxy=BY_ADDRESS, **plan)
    exchange.start(0.0)
    exchange.resolved(SEVERAL, 0.0)
    assert isinstance(exchange.connected("first", 0.0), Write)
    exchange.written(0.0)
    return exchange


def tell_next(exchange: Exchange, stream: str, told: bytes) -> None:
    """Close the stream of a refusal, and have the proxy told the next address on another."""
    assert exchange.command == Close()
    assert exchange.phase is Phase.CLOSING_REFUSED
    command = exchange.closed(0.1)
    assert isinstance(command, Connect)
    assert command.address.host == "192.0.2.9"
    command = exchange.connected(stream, 0.1)
    assert isinstance(command, Write)
    assert command.data == told
    exchange.written(0.1)


def test_an_address_that_the_proxy_does_not_reach_leads_to_the_next() -> None:
    """The decision goes up with the head of the response."""
    pool = Pool()
    exchange = told_first(pool=pool)
    exchange.received(b"away\n", 0.1)
    tell_next(exchange, "second", b"192.0.2.1 80\n")
    assert exchange.stream == "second"
    assert pool.open_count == 1
    assert isinstance(exchange.received(b"yes\n", 0.2), Write)
    exchange.written(0.3)
    head = exchange.received(OK, 0.3)
    assert isinstance(head, Head)
    (decision,) = head.head.decisions
    assert (decision.code, decision.subject) == ("proxy.next.address", "http://a.test")
    assert decision.reason == "the proxy says away; the next address is told"
    assert exchange.proceed(0.3) == Content(b"ok")
    assert exchange.proceed(0.3) == Finish(reusable=True)
    exchange = exchange_with(pool, proxy=BY_ADDRESS, handshake=Toy)
    assert isinstance(exchange.start(0.4), Probe)  # It is told once.
    exchange.quiet(0.4)
    exchange.written(0.4)
    head = exchange.received(OK, 0.4)
    assert isinstance(head, Head)
    assert head.head.decisions == ()


def test_content_that_waits_for_100_waits_for_the_next_address_too() -> None:
    exchange = told_first(method="PUT", data=b"content", headers={"Expect": "100-continue"})
    exchange.received(b"away\n", 0.1)
    tell_next(exchange, "second", b"192.0.2.1 80\n")
    exchange.received(b"yes\n", 0.2)
    exchange.written(0.3)
    head = exchange.received(OK, 0.3)
    assert isinstance(head, Head)
    assert [each.code for each in head.head.decisions] == ["proxy.next.address"]


def test_tls_with_the_origin_comes_after_the_next_address(ca: Authority) -> None:
    exchange = told_first(url="https://a.test/", tls_context=ca.client_context())
    exchange.received(b"away\n", 0.1)
    tell_next(exchange, "second", b"192.0.2.1 443\n")
    assert isinstance(exchange.received(b"yes\n", 0.2), Write)
    assert exchange.phase is Phase.SECURING


def test_the_last_refusal_names_all_addresses() -> None:
    pool = Pool()
    exchange = told_first(pool=pool)
    exchange.received(b"away\n", 0.1)
    tell_next(exchange, "second", b"192.0.2.1 80\n")
    exchange.received(b"away\n", 0.1)
    tell_next(exchange, "third", b"192.0.2.2 80\n")
    error = failed(exchange.received(b"away\n", 0.1))
    assert type(error) is errors.ProxyError
    assert str(error) == "the proxy says away (tried 2001:db8::1, 192.0.2.1, 192.0.2.2)"
    assert pool.open_count == 0


def test_a_refusal_of_another_kind_ends_it() -> None:
    error = failed(told_first().received(b"never\n", 0.1))
    assert str(error) == "the proxy says never"
    error = failed(told_first().received(b"", 0.1))
    assert str(error) == "the proxy has gone"


def test_silence_leads_to_the_next_address_while_there_is_time() -> None:
    exchange = told_first()
    assert exchange.command == Read(HEAD_LIMIT, pytest.approx(1 / 3))
    exchange.expired(0.4)
    assert exchange.command == Close()
    exchange.closed(0.4)
    exchange.connected("second", 0.4)
    assert exchange.written(0.4) == Read(HEAD_LIMIT, pytest.approx(0.7))
    exchange.expired(0.7)
    exchange.closed(0.7)
    exchange.connected("third", 0.7)
    exchange.written(0.7)
    error = failed(exchange.expired(1.0))
    assert type(error) is errors.ConnectTimeout
    assert "(tried 2001:db8::1, 192.0.2.1, 192.0.2.2)" in str(error)


def test_no_address_is_told_after_the_deadline() -> None:
    assert "away (tried" not in str(failed(told_first().received(b"away\n", 1.0)))


def test_a_name_that_the_proxy_resolves_is_told_once() -> None:
    assert str(failed(hear(by_toy(), b"away\n"))) == "the proxy says away"


def test_the_next_address_may_be_given_up() -> None:
    pool = Pool()
    exchange = told_first(pool=pool)
    exchange.received(b"away\n", 0.1)
    assert closes(exchange.abandon(0.1)) == ["first"]
    assert pool.open_count == 0


# --- which connections are shared -----------------------------------------------------------------


def test_a_connection_is_one_users_by_one_proxy_to_one_origin(ca: Authority) -> None:
    context, other = ca.client_context(), ca.client_context()
    secure = {"url": "https://a.test/", "tls_context": context}
    plans: list[dict[str, Any]] = [
        {},
        {"url": "http://b.test/x"},
        {"proxy": "socks5h://you:secret@proxy.test"},
        {"proxy": "socks5://me:secret@proxy.test"},
        {"proxy": "socks5h://me:secret@proxy.test:81"},
        {"refused_networks": REFUSED},
        secure,
        {"proxy": None},
        {"proxy": "http://me:secret@proxy.test"},
        {"proxy": "http://me:secret@proxy.test", "tunnels": True},
        {"proxy": NAMED, "proxy_tls_context": context},
        {"proxy": NAMED, "proxy_tls_context": other},
        {"proxy": NAMED, "proxy_tls_context": context, "tunnels": True},
        {"proxy": NAMED, "proxy_tls_context": context, **secure},
        {"proxy": NAMED, "proxy_tls_context": other, **secure},
    ]
    keys = {plan_for(**{"proxy": SOCKS, "handshake": Toy, **each}).key for each in plans}
    assert len(keys) == len(plans)
    assert "secret" not in repr(keys)


def test_origins_share_a_connection_that_forwards(ca: Authority) -> None:
    by = {"proxy": NAMED, "proxy_tls_context": ca.client_context()}
    assert plan_for(url="http://a.test/", **by).key == plan_for(url="http://b.test/", **by).key


# --- TLS with the proxy ---------------------------------------------------------------------------


class Secured:
    """An exchange by an HTTPS proxy, both ends of its TLS, and the origin in the tunnel."""

    def __init__(self, ca: Authority, **plan: Any) -> None:
        self.pool = Pool()
        self.proxy = TlsPeer(ca.server_context())
        self.origin = TlsPeer(ca.server_context())
        self.heard = 0
        if plan.get("url", "").startswith("https"):
            plan.setdefault("tls_context", ca.client_context())
        plan.setdefault("proxy_tls_context", ca.client_context())
        self.exchange = exchange_with(self.pool, **{"proxy": NAMED, **plan})

    def begin(self) -> Any:
        """The client's hello to the proxy."""
        self.exchange.start(0.0)
        self.exchange.resolved(ADDRESSES, 0.0)
        return self.exchange.connected("stream", 0.0)

    def write(self, command: Any) -> Any:
        """Carry out a write; what is asked for then."""
        assert isinstance(command, Write)
        self.proxy.take(command.data)
        return self.exchange.written(0.0)

    def plain(self) -> bytes:
        """What the proxy has read since it was asked last."""
        new = self.proxy.received[self.heard :]
        self.heard = len(self.proxy.received)
        return new

    def read(self, data: bytes, size: int = 1 << 20) -> Any:
        """Bytes for the wire, in pieces; the command after the last."""
        command: Any = None
        for start in range(0, len(data), size):
            command = self.exchange.received(data[start : start + size], 0.0)
            while isinstance(command, Write) and start + size < len(data):
                command = self.write(command)
        return command

    def secure_proxy(self, size: int = 1 << 20) -> Any:
        """TLS with the proxy; the first command after it."""
        command = self.begin()
        assert self.exchange.phase is Phase.SECURING_PROXY
        while self.exchange.phase is Phase.SECURING_PROXY:
            command = self.write(command)
            if isinstance(command, Read):
                command = self.read(self.proxy.flush(), size)
        return command

    def secure_origin(self, command: Any, size: int = 1 << 20) -> Any:
        """TLS with the origin; the first command after it."""
        while self.exchange.phase is Phase.SECURING:
            command = self.write(command)
            self.origin.take(self.plain())
            if isinstance(command, Read):
                command = self.read(self.proxy.say(self.origin.flush()), size)
        return command

    def in_tunnel(self, size: int = 1 << 20) -> Any:
        """All of it up to the request, in pieces of so many bytes."""
        command = self.secure_proxy(size)
        command = self.write(command)
        assert self.plain().startswith(b"CONNECT a.test:443 HTTP/1.1\r\n")
        command = self.read(self.proxy.say(OPEN), size)
        assert self.exchange.phase is Phase.SECURING
        command = self.secure_origin(command, size)
        command = self.write(command)
        self.origin.take(self.plain())
        return command


def test_a_request_that_is_forwarded_within_tls(ca: Authority) -> None:
    secured = Secured(ca, url="http://a.test/x", proxy_authorization="Basic x")
    command = secured.write(secured.secure_proxy())
    assert secured.plain() == (
        b"GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: Basic x\r\n\r\n"
    )
    assert command == Read(HEAD_LIMIT, deadline=2.0)
    secured.read(secured.proxy.say(OK))
    assert secured.exchange.proceed(0.0) == Content(b"ok")
    assert secured.exchange.proceed(0.0) == Finish(reusable=True)
    by = {"proxy": NAMED, "proxy_tls_context": secured.exchange.plan.offers.proxy_tls_context}
    another = exchange_with(secured.pool, url="http://b.test/", **by)
    assert another.start(0.0) == Probe()


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_tls_in_tls_however_it_is_cut(ca: Authority, size: int) -> None:
    secured = Secured(ca, url="https://a.test/x")
    command = secured.in_tunnel(size)
    assert secured.origin.received == b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"
    assert isinstance(command, Read)
    secured.read(secured.proxy.say(secured.origin.say(OK)), size)
    assert secured.exchange.proceed(0.0) == Content(b"ok")
    assert secured.exchange.proceed(0.0) == Finish(reusable=True)


def test_http_in_a_tunnel_within_tls(ca: Authority) -> None:
    secured = Secured(ca, url="http://a.test/x", tunnels=True)
    secured.write(secured.secure_proxy())
    assert secured.plain() == b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n"
    secured.write(secured.read(secured.proxy.say(OPEN)))
    assert secured.plain() == b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"


@pytest.mark.parametrize(
    ("origin_ends", "proxy_ends", "ends"),
    [(True, True, True), (True, False, True), (False, True, False), (False, False, False)],
)
def test_the_end_that_counts_is_the_origins(
    ca: Authority, origin_ends: bool, proxy_ends: bool, ends: bool
) -> None:
    secured = Secured(ca, url="https://a.test/x")
    secured.in_tunnel()
    begun = secured.origin.say(b"HTTP/1.1 200 OK\r\n\r\nbegun")
    secured.read(secured.proxy.say(begun))
    assert secured.exchange.proceed(0.0) == Content(b"begun")
    command: Any = secured.exchange.proceed(0.0)
    assert isinstance(command, Read)
    said = secured.proxy.say(secured.origin.end()) if origin_ends else b""
    said += secured.proxy.end() if proxy_ends else b""
    command = secured.exchange.received(said, 0.0)
    if ends:
        assert isinstance(command, Finish)
        assert not command.reusable
    else:
        assert isinstance(command, Fail)
        assert type(command.error) is errors.ChunkedEncodingError
    assert secured.pool.open_count == 0


def test_a_connection_whose_proxy_has_ended_is_not_kept(ca: Authority) -> None:
    secured = Secured(ca, url="https://a.test/x")
    secured.in_tunnel()
    said = secured.proxy.say(secured.origin.say(OK)) + secured.proxy.end()
    secured.exchange.received(said, 0.0)
    secured.exchange.proceed(0.0)
    command = secured.exchange.proceed(0.0)
    assert isinstance(command, Finish)
    assert command.reason == "the TLS connection was closed"
    assert secured.pool.open_count == 0


@pytest.mark.parametrize("url", ["http://a.test/", "https://a.test/"])
def test_a_certificate_for_somebody_else(ca: Authority, url: str) -> None:
    """The proxy's is another handshake than the origin's, and the errors say which."""
    secured = Secured(ca, url=url, proxy="https://me:secret@c.test")
    secured.write(secured.begin())
    command = secured.exchange.received(secured.proxy.flush(), 0.0)
    assert isinstance(command, Write)  # The proxy is told why (RFC 8446 section 6.2).
    error = failed(secured.exchange.written(0.0))
    assert type(error) is errors.ProxyError
    assert "no TLS connection to the proxy https://c.test: " in str(error)
    assert "'c.test'" in str(error)
    assert isinstance(error.__cause__, errors.SSLError)


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        ("failed", errors.ProxyError, f"the proxy {NAMED} was lost in the TLS handshake with it"),
        ("received", errors.ProxyError, f"the connection to the proxy {NAMED} was closed during"),
        (
            "expired",
            errors.ConnectTimeout,
            f"no connection to http://a.test through the proxy {NAMED}",
        ),
    ],
)
def test_a_proxy_that_is_lost_in_its_handshake(
    ca: Authority, reply: str, kind: type[Exception], said: str
) -> None:
    secured = Secured(ca, url="http://a.test/")
    secured.write(secured.begin())
    arguments = {"failed": (OSError("no"),), "received": (b"",), "expired": ()}[reply]
    error = failed(getattr(secured.exchange, reply)(*arguments, 1.0))
    assert type(error) is kind
    assert str(error).startswith(said)


def fingerprint_of(ca: Authority) -> str:
    der = ssl.PEM_cert_to_DER_cert("-----BEGIN" + ca.certificate.read_text().split("-----BEGIN")[2])
    return hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("url", ["http://a.test/", "https://a.test/"])
@pytest.mark.parametrize("fits", [True, False])
def test_pins_of_the_proxy_are_looked_at_before_it_is_told_anything(
    ca: Authority, fits: bool, url: str, version: ssl.TLSVersion
) -> None:
    """Those of ``verify`` are the origin's."""
    context = ca.client_context()
    context.maximum_version = version
    pins = TLSSettings(fingerprints=(fingerprint_of(ca) if fits else "0" * 64,))
    others = TLSSettings(fingerprints=("1" * 64,))
    secured = Secured(ca, url=url, proxy_tls_context=context, proxy_verify=pins, verify=others)
    command = secured.write(secured.begin())
    while isinstance(command, Read) and not secured.proxy.received:
        if secured.exchange.phase is not Phase.SECURING_PROXY:
            break
        command = secured.exchange.received(secured.proxy.flush(), 0.0)
        while isinstance(command, Write) and secured.exchange.phase is Phase.SECURING_PROXY:
            command = secured.write(command)
    if fits:
        assert isinstance(command, Write)
        return
    error = failed(command)
    assert type(error) is errors.ProxyError
    assert isinstance(error.__cause__, errors.SSLError)
    assert "'b.test' is none of those that are pinned" in str(error)
    assert not secured.proxy.received


def test_connections_under_other_pins_of_the_proxy_are_others(ca: Authority) -> None:
    by = {"proxy": NAMED, "proxy_tls_context": ca.client_context()}
    pinned = [TLSSettings(fingerprints=(each * 64,)) for each in "01"]
    keys = {plan_for(proxy_verify=each, **by).key for each in (None, *pinned)}
    assert len(keys) == 3


def test_a_context_that_makes_no_client(ca: Authority) -> None:
    secured = Secured(ca, url="http://a.test/", proxy_tls_context=ca.server_context())
    error = failed(secured.begin())
    assert type(error) is errors.ProxyError
    assert str(error).startswith(f"TLS with the proxy {NAMED} cannot be used")


def test_layers_are_no_circle(ca: Authority) -> None:
    gc.collect()
    gc.disable()
    known = {id(each) for each in gc.get_objects() if isinstance(each, TlsLayer)}
    try:
        secured: Any = Secured(ca, url="https://a.test/x")
        secured.in_tunnel()
        assert isinstance(secured.exchange.connection.tls, TlsInTls)
        effects = secured.exchange.abandon(0.0)
        assert closes(effects) == ["stream"]
        del secured, effects
        found = [id(each) for each in gc.get_objects() if isinstance(each, TlsLayer)]
        assert known.issuperset(found)
    finally:
        gc.enable()
