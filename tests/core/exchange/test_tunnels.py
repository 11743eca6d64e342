"""Exchanges by way of a proxy: what it is asked, and what its answers come to."""

from __future__ import annotations

import ssl
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Exchange, Limits, Pool
from sojourn_core.commands import (
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
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress
from tests.core.exchanges import (
    ADDRESSES,
    HEAD_LIMIT,
    OK,
    TIMEOUTS,
    closes,
    exchange_with,
    plan_for,
)
from tests.core.tlspeer import TlsPeer

if TYPE_CHECKING:
    from sojourn_core.commands import ExchangeCommand
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

PROXY = "http://proxy.test:3128"
SECRET = "Basic c2VjcmV0OnNlY3JldA=="  # secret:secret
ASKED = b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
REFUSED = b'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 4\r\n\r\n'
CONNECTION_MAX = TIMEOUTS.connect


class Tunnel:
    """An exchange through a proxy, and the origin at the other end of the tunnel."""

    def __init__(
        self, ca: Authority, pool: Pool | None = None, context: Any = None, **plan: Any
    ) -> None:
        self.pool = Pool() if pool is None else pool
        self.origin = TlsPeer(ca.server_context())
        plan.setdefault("url", "https://a.test/x")
        plan.setdefault("proxy", PROXY)
        self.exchange: Exchange = exchange_with(
            self.pool, tls_context=context or ca.client_context(), **plan
        )

    def ask(self) -> bytes:
        """Begin; what the proxy is asked."""
        self.exchange.start(0.0)
        self.exchange.resolved(ADDRESSES, 0.0)
        command = self.exchange.connected("stream", 0.0)
        assert isinstance(command, Write)
        assert self.exchange.phase is Phase.TUNNELING
        return command.data

    def hear(self, *pieces: bytes) -> ExchangeCommand:
        """Begin, and have the proxy answer; what is asked for then."""
        self.ask()
        command = self.exchange.written(0.0)
        for piece in pieces:
            assert command == Read(HEAD_LIMIT, CONNECTION_MAX)
            command = self.exchange.received(piece, 0.0)
        return command

    def fail(self, *pieces: bytes) -> errors.RequestException:
        """The same; the error that it comes to."""
        return self.failed(self.hear(*pieces))

    def failed(self, command: ExchangeCommand) -> errors.RequestException:
        assert isinstance(command, Fail)
        assert closes(command.effects) == ["stream"], "it is closed once"
        assert self.pool.open_count == 0
        assert command.error.progress == Progress(), "no octet of the request was written"
        assert "secret" not in str(command.error)
        return command.error

    def secure(self, command: ExchangeCommand) -> Any:
        """Carry the handshake that begins with ``command``; what is asked for when it is over."""
        while self.exchange.phase is Phase.SECURING:
            assert isinstance(command, Write)
            self.origin.take(command.data)
            command = self.exchange.written(0.0)
            if isinstance(command, Read):
                command = self.exchange.received(self.origin.flush(), 0.0)
        return command

    def finish(self, command: ExchangeCommand) -> None:
        """Carry the handshake and the exchange, which leaves its connection in the pool."""
        request = self.secure(command)
        assert isinstance(request, Write)
        self.origin.take(request.data)
        self.exchange.written(0.0)
        assert isinstance(self.exchange.received(self.origin.say(OK), 0.0), Head)
        assert self.exchange.proceed(0.0) == Content(b"ok")
        assert self.exchange.proceed(0.0) == Finish(reusable=True)


# --- tunnels ------------------------------------------------------------------------------------


def test_a_whole_conversation(ca: Authority) -> None:
    """One deadline holds for all of it, until TLS with the origin is there."""
    tunnel = Tunnel(ca, proxy_authorization=SECRET, headers={"X": "y"})
    exchange = tunnel.exchange
    assert exchange.start(0.0) == Resolve("proxy.test", 3128, deadline=1.0)
    assert exchange.resolved(ADDRESSES, 0.1) == Connect(ADDRESSES[0], deadline=1.0)
    asked = exchange.connected("stream", 0.2)
    assert asked == Write(
        b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"
        b"Proxy-Authorization: " + SECRET.encode() + b"\r\n\r\n",
        deadline=1.0,
    )
    assert exchange.written(0.3) == Read(HEAD_LIMIT, deadline=1.0)
    hello = exchange.received(OPEN, 0.4)
    assert isinstance(hello, Write)
    assert hello.deadline == 1.0
    tunnel.finish(hello)
    assert tunnel.origin.received == b"GET /x HTTP/1.1\r\nHost: a.test\r\nX: y\r\n\r\n"


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a.test", b"a.test:443"),
        ("https://a.test:8443/x?y#z", b"a.test:8443"),
        ("https://user:secret@a.test/", b"a.test:443"),
        ("https://[::1]/", b"[::1]:443"),
        ("https://[2001:db8::1]:444/", b"[2001:db8::1]:444"),
        ("https://192.0.2.1/", b"192.0.2.1:443"),
    ],
)
def test_whom_a_tunnel_is_for(ca: Authority, url: str, authority: bytes) -> None:
    """RFC 9112 section 3.2.3: host and port, always both; Host says the same."""
    expected = b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (authority, authority)
    assert Tunnel(ca, url=url).ask() == expected


def test_a_proxy_hears_nothing_of_what_is_for_the_origin(ca: Authority) -> None:
    headers = {"Authorization": "secret", "Cookie": "a=secret", "Host": "b.test", "X": "secret"}
    tunnel = Tunnel(ca, method="POST", data=b"secret", headers=headers)
    assert tunnel.ask() == ASKED


def test_an_origin_hears_nothing_of_what_is_for_the_proxy(ca: Authority) -> None:
    tunnel = Tunnel(
        ca,
        proxy="http://me:secret@proxy.test:3128",
        proxy_authorization=SECRET,
        headers={"Proxy-Authorization": "Basic bXk6b3du", "proxy-authorization": "x"},
    )
    assert SECRET.encode() in tunnel.ask()
    tunnel.exchange.written(0.0)
    tunnel.finish(tunnel.exchange.received(OPEN, 0.0))
    assert tunnel.origin.received == b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        OPEN,
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OPEN,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + OPEN,
    ],
)
def test_an_answer_that_opens_the_tunnel_however_it_is_cut(ca: Authority, answer: bytes) -> None:
    """RFC 9110 section 9.3.6: any 2xx, and whatever it says of content means nothing."""
    octets = [answer[at : at + 1] for at in range(len(answer))]
    for pieces in (
        octets,
        *([answer[:at], answer[at:]] for at in range(1, len(answer))),
        [answer],
    ):
        tunnel = Tunnel(ca)
        command = tunnel.hear(*pieces)
        assert tunnel.exchange.phase is Phase.SECURING
        tunnel.finish(command)


def test_octets_that_come_with_the_answer_are_the_first_of_the_tunnel(ca: Authority) -> None:
    """A TLS server has nothing to say before it is asked, so here they are wrong."""
    tunnel = Tunnel(ca)
    error = tunnel.fail(OPEN.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + b"hello")
    assert type(error) is errors.SSLError
    tunnel = Tunnel(ca)
    hello = tunnel.hear(OPEN + b"\x15\x03\x03\x00\x02")  # Five octets of an alert, so far.
    assert isinstance(hello, Write)
    assert tunnel.exchange.phase is Phase.SECURING
    assert tunnel.exchange.written(0.0) == Read(HEAD_LIMIT, CONNECTION_MAX)
    error = tunnel.failed(tunnel.exchange.received(b"\x02\x28", 0.0))  # handshake_failure
    assert type(error) is errors.SSLError
    assert "handshake failure" in str(error)


def test_the_certificate_must_be_that_of_the_origin(ca: Authority) -> None:
    tunnel = Tunnel(ca, url="https://c.test/", proxy="http://a.test:3128")
    hello = tunnel.hear(OPEN)
    assert isinstance(hello, Write)
    tunnel.exchange.written(0.0)
    tunnel.origin.take(hello.data)
    alert = tunnel.exchange.received(tunnel.origin.flush(), 0.0)
    assert isinstance(alert, Write)  # The origin is told why (RFC 8446 section 6.2).
    error = tunnel.failed(tunnel.exchange.written(0.0))
    assert type(error) is errors.SSLError
    assert "not valid for 'c.test'" in str(error)


# --- proxies that open none ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (REFUSED + b"who?", 407, "407 'Who?'"),
        (REFUSED, 407, "407 'Who?'"),
        (b"HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", 502, None),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, "502 'Bad Gateway'"),
        (b"HTTP/1.0 403 \r\n\r\n", 403, "403"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://b.test/\r\n\r\n", 302, "302 'Found'"),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, None),
        (b"HTTP/1.1 600 Beyond\r\n\r\n", 600, None),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + REFUSED, 407, "407 'Who?'"),
    ],
)
def test_a_tunnel_that_is_refused_however_the_answer_is_cut(
    ca: Authority, answer: bytes, status: int, said: str | None
) -> None:
    head = answer[: answer.rindex(b"\r\n\r\n") + 4]
    for pieces in (
        [answer],
        [head[at : at + 1] for at in range(len(head))],
        *([head[:at], head[at:]] for at in range(1, len(head))),
    ):
        error = Tunnel(ca, proxy="http://me:secret@proxy.test:3128").fail(*pieces)
        assert type(error) is errors.ProxyError
        response = error.response
        assert response is not None
        assert response.status_code == status
        assert response.request is None
        assert response.content is None
        if said is not None:
            assert str(error) == (
                f"the proxy http://proxy.test:3128 refuses a tunnel to a.test:443: {said}"
            )
        if status == 407:
            assert response.headers.get_all("proxy-authenticate") == ['Basic realm="p"']


def test_a_long_reason_is_not_repeated_in_full(ca: Authority) -> None:
    error = Tunnel(ca).fail(b"HTTP/1.1 502 " + b"x" * 10_000 + b"\r\n\r\n")
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([b""], "the stream ended before the head of the response"),
        ([OPEN[:-2], b""], "the stream ended within the head of the response"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "the response is not valid HTTP"),
        ([b"HTTP/1.1 101 Switching Protocols\r\n\r\n"], "the peer switches to another protocol"),
        ([b"HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n"], "field 'X' of the response holds a control"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500, b"y" * 600], "larger than 1000 bytes"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1100 + b"\r\n\r\n"], "larger than 1000 bytes"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9 + b"\r\n"], "more than 8 field lines"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"] * 4, "too many informational responses"),
    ],
)
def test_an_answer_that_is_none(ca: Authority, pieces: list[bytes], said: str) -> None:
    limits = Limits(head_size_max=1000, field_lines_max=8, informational_heads_max=3)
    error = Tunnel(ca, limits=limits).fail(*pieces)
    assert type(error) is errors.ProxyError
    assert str(error).startswith(f"the proxy {PROXY} gave no answer to CONNECT: ")
    assert said in str(error)
    assert error.response is None
    assert not error.maybe_sent


def test_a_credential_that_cannot_be_sent(ca: Authority) -> None:
    tunnel = Tunnel(ca, proxy_authorization="Basic secret\r\nX: y")
    tunnel.exchange.start(0.0)
    tunnel.exchange.resolved(ADDRESSES, 0.0)
    error = tunnel.failed(tunnel.exchange.connected("stream", 0.0))
    assert type(error) is errors.InvalidHeader


STEPS = ("resolving", "connecting", "asking", "awaiting", "securing")


def at(ca: Authority, step: str, **plan: Any) -> Tunnel:
    """A tunnel in the making, up to this step."""
    tunnel = Tunnel(ca, **plan)
    exchange = tunnel.exchange
    replies = [
        lambda: exchange.start(0.0),
        lambda: exchange.resolved(ADDRESSES, 0.0),
        lambda: exchange.connected("stream", 0.0),
        lambda: exchange.written(0.0),
        lambda: exchange.received(OPEN, 0.0),
    ]
    for reply in replies[: STEPS.index(step) + 1]:
        reply()
    return tunnel


@pytest.mark.parametrize(
    ("step", "kind", "said"),
    [
        ("resolving", errors.ProxyError, f"the proxy {PROXY} cannot be reached: [Errno 5] no"),
        ("connecting", errors.ProxyError, f"the proxy {PROXY} cannot be reached: [Errno 5] no"),
        (
            "asking",
            errors.ProxyError,
            f"the proxy {PROXY} was lost before there was a tunnel: [Errno 5] no",
        ),
        (
            "awaiting",
            errors.ProxyError,
            f"the proxy {PROXY} was lost before there was a tunnel: [Errno 5] no",
        ),
        (
            "securing",
            errors.ConnectionError,
            f"the connection to https://a.test through the proxy {PROXY} was lost: [Errno 5] no",
        ),
    ],
)
def test_a_proxy_that_is_lost(ca: Authority, step: str, kind: type[Exception], said: str) -> None:
    tunnel = at(ca, step, proxy="http://me:secret@proxy.test:3128")
    cause = OSError(5, "no")
    command = tunnel.exchange.failed(cause, 0.0)
    assert isinstance(command, Fail)
    error = command.error
    assert type(error) is kind
    assert str(error) == said
    assert error.__cause__ is cause
    assert not error.maybe_sent
    assert error.progress == Progress()
    assert tunnel.pool.open_count == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_tunnel_that_takes_too_long(ca: Authority, step: str) -> None:
    command = at(ca, step).exchange.expired(1.0)
    assert isinstance(command, Fail)
    assert type(command.error) is errors.ConnectTimeout
    said = f"no connection to https://a.test through the proxy {PROXY} in 1.0 s"
    assert str(command.error) == said
    assert not command.error.maybe_sent


@pytest.mark.parametrize("step", STEPS)
def test_the_deadline_of_the_call_holds_for_a_tunnel_too(ca: Authority, step: str) -> None:
    tunnel = at(ca, step, deadline=0.5)
    assert tunnel.exchange.command is not None
    assert getattr(tunnel.exchange.command, "deadline") == 0.5  # noqa: B009 - some have none
    command = tunnel.exchange.expired(0.5)
    assert isinstance(command, Fail)
    assert type(command.error) is errors.DeadlineExceeded


@pytest.mark.parametrize("step", STEPS)
def test_a_tunnel_may_be_given_up_at_any_time(ca: Authority, step: str) -> None:
    tunnel = at(ca, step)
    streams = ["stream"] if tunnel.exchange.connection is not None else []
    assert closes(tunnel.exchange.abandon(0.0)) == streams
    assert tunnel.pool.open_count == 0


def test_a_proxy_without_an_address(ca: Authority) -> None:
    command = at(ca, "resolving").exchange.resolved((), 0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is errors.ProxyError
    assert str(command.error) == f"the proxy {PROXY} has no address"


def test_a_tunnel_that_ends_within_the_handshake(ca: Authority) -> None:
    tunnel = at(ca, "securing")
    tunnel.exchange.written(0.0)
    error = tunnel.failed(tunnel.exchange.received(b"", 0.0))
    assert type(error) is errors.SSLError
    assert str(error) == (
        f"the connection to https://a.test through the proxy {PROXY} was closed during the TLS "
        "handshake"
    )


# --- which tunnels are used again ---------------------------------------------------------------

DIGEST = 'Digest username="me", realm="p", nonce="n{0}", uri="a.test:443", response="{0}", nc={0}'


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ({}, {}, True),
        ({}, {"url": "https://a.test:443/y"}, True),
        ({}, {"url": "https://b.test/x"}, False),
        ({}, {"url": "https://a.test:444/x"}, False),
        ({}, {"proxy": "http://proxy.test:3129"}, False),
        ({}, {"proxy": "http://me:secret@proxy.test:3128"}, False),
        ({}, {"proxy": None}, False),
        ({}, {"verify": False}, False),
        ({}, {"cert": "me.pem"}, False),
        ({}, {"proxy_authorization": SECRET}, False),
        ({"proxy_authorization": SECRET}, {"proxy_authorization": SECRET}, True),
        ({"proxy_authorization": SECRET}, {"proxy_authorization": "Basic eDp5"}, False),
        (
            {"proxy_authorization": DIGEST.format(1)},
            {"proxy_authorization": DIGEST.format(2)},
            True,
        ),
        (
            {"proxy_authorization": DIGEST.format(1)},
            {"proxy_authorization": DIGEST.format(1).replace('"me"', '"you"')},
            False,
        ),
        (
            {"proxy_authorization": DIGEST.format(1)},
            {"proxy_authorization": DIGEST.format(1).replace('"p"', r'"p\", username=\"me"')},
            False,
        ),
        ({"proxy_authorization": "Digest 1"}, {"proxy_authorization": "Digest 2"}, False),
        ({}, {"refused_networks": (ip_network("10.0.0.0/8"),)}, True),
    ],
)
def test_which_tunnels_are_shared(
    ca: Authority, one: dict[str, Any], other: dict[str, Any], shared: bool
) -> None:
    pool, context = Pool(), ca.client_context()
    first = Tunnel(ca, pool, context, **one)
    first.finish(first.hear(OPEN))
    second = Tunnel(ca, pool, context, **other)
    assert isinstance(second.exchange.start(0.0), Probe if shared else Resolve)


def test_a_tunnel_is_used_again_without_asking_the_proxy(ca: Authority) -> None:
    pool, context = Pool(), ca.client_context()
    first = Tunnel(ca, pool, context)
    first.finish(first.hear(OPEN))
    second = Tunnel(ca, pool, context, method="POST", data=b"once")
    second.exchange.start(0.0)
    write = second.exchange.quiet(0.0)
    assert isinstance(write, Write)
    first.origin.take(write.data)
    assert first.origin.received.endswith(
        b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nonce"
    )


def test_the_key_of_a_tunnel_shows_no_credential() -> None:
    for field in (SECRET, DIGEST.format("secret").replace('"me"', '"secret"')):
        key = plan_for(
            "https://a.test/",
            proxy="http://me:secret@proxy.test",
            proxy_authorization=field,
            tls_context=ssl.create_default_context(),
        ).key
        assert "secret" not in repr(key)
        assert field.partition(" ")[2] not in repr(key)
