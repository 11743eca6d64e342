"""Exchanges over TLS, with a server's side of it over memory."""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Exchange, Pool, TLSSettings
from sojourn_core.commands import Content, Fail, Finish, Head, Inform, Probe, Pull, Read, Write
from sojourn_core.exchange.h11_codec import H11Codec
from sojourn_core.exchange.phase import Phase
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress
from sojourn_core.values.record import replace
from tests.core.exchanges import (
    ADDRESSES,
    HEAD_LIMIT,
    OK,
    closes,
    connect,
    exchange_with,
    plan_for,
)
from tests.core.tlspeer import CountedObject, TlsPeer

if TYPE_CHECKING:
    from sojourn_core.commands import ExchangeCommand
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

UNFRAMED = b"HTTP/1.1 200 OK\r\n\r\nhello"


class Talk:
    """An exchange and the server that it talks to."""

    def __init__(
        self, ca: Authority, pool: Pool | None = None, context: Any = None, **plan: Any
    ) -> None:
        self.pool = Pool() if pool is None else pool
        self.peer = TlsPeer(ca.server_context())
        plan.setdefault("url", "https://a.test/x")
        self.exchange: Exchange = exchange_with(
            self.pool, tls_context=context or ca.client_context(), **plan
        )

    def connect(self) -> ExchangeCommand:
        """Begin; the first octets of the handshake."""
        self.exchange.start(0.0)
        self.exchange.resolved(ADDRESSES, 0.0)
        return self.exchange.connected("stream", 0.0)

    def secure(self) -> ExchangeCommand:
        """Carry the handshake; what is asked for when it is over."""
        command = self.connect()
        while self.exchange.phase is Phase.SECURING:
            assert isinstance(command, Write)
            self.peer.take(command.data)
            command = self.exchange.written(0.0)
            if isinstance(command, Read):
                command = self.exchange.received(self.peer.flush(), 0.0)
        return command

    def send(self) -> Read:
        """Begin, and send what is at hand."""
        return self.write(self.secure())

    def write(self, command: ExchangeCommand) -> Any:
        assert isinstance(command, Write)
        self.peer.take(command.data)
        return self.exchange.written(0.0)

    def hear(self, data: bytes) -> ExchangeCommand:
        """The server says something."""
        return self.exchange.received(self.peer.say(data), 0.0)


def test_a_whole_conversation(ca: Authority) -> None:
    talk = Talk(ca)
    hello = talk.connect()
    assert isinstance(hello, Write)
    assert (hello.deadline, hello.watch) == (1.0, False), "the handshake is part of connecting"
    assert talk.exchange.written(0.5) == Read(HEAD_LIMIT, deadline=1.0)
    talk.peer.take(hello.data)
    assert talk.exchange.progress == Progress(), "no octet of the request was written"
    request = talk.exchange.received(talk.peer.flush(), 0.0)
    assert isinstance(request, Write)
    assert request.deadline == 3.0
    assert not talk.peer.established
    assert talk.write(request) == Read(HEAD_LIMIT, deadline=2.0)
    assert talk.peer.established, "the end of the handshake comes with the request"
    assert talk.peer.received == b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"
    assert isinstance(talk.hear(OK), Head)
    assert talk.exchange.proceed(0.0) == Content(b"ok")
    assert talk.exchange.proceed(0.0) == Finish(reusable=True)


def test_a_secured_connection_is_used_again_without_a_handshake(ca: Authority) -> None:
    pool, context = Pool(), ca.client_context()
    first = Talk(ca, pool, context)
    first.send()
    first.hear(OK)
    second = Talk(ca, pool, context)
    second.peer = first.peer
    assert second.exchange.start(0.0) == Probe()
    assert second.write(second.exchange.quiet(0.0)) == Read(HEAD_LIMIT, deadline=2.0)
    assert isinstance(second.hear(OK), Head)


@pytest.mark.parametrize(
    ("flights", "reads"),
    [
        ([[OK]], 1),
        ([[OK[:-2], OK[-2:]]], 2),  # A record is all that one read gives.
        ([[OK[:-2]], [OK[-2:]]], 2),
        ([[b"HTTP/1.1 204 No Content\r\n\r\n"]], 1),
        ([[OK[:-2].replace(b": 2", b": 16384")], [b"x" * 16384]], 2),
    ],
)
def test_a_small_exchange_writes_once_and_reads_once_for_each_record(
    ca: Authority, flights: list[list[bytes]], reads: int
) -> None:
    pool, context = Pool(), ca.client_context()
    first = Talk(ca, pool, context)
    first.send()
    first.hear(OK)  # Session tickets come with it.
    talk = Talk(ca, pool, context)
    talk.peer = first.peer
    talk.exchange.start(0.0)
    connection = talk.exchange._state.slot.connection
    assert connection is not None
    assert connection.tls is not None
    counted = CountedObject(connection.tls)
    command = talk.write(talk.exchange.quiet(0.0))
    for flight in flights:
        while not isinstance(command, Read):
            command = talk.exchange.proceed(0.0)
        data = b"".join(talk.peer.say(record) for record in flight)
        command = talk.exchange.received(data, 0.0)
    while not isinstance(command, Finish):
        command = talk.exchange.proceed(0.0)
    assert command.reusable
    assert (counted.writes, counted.reads, counted.vain) == (1, reads, 0)


def test_a_handshake_in_pieces(ca: Authority) -> None:
    talk = Talk(ca)
    hello = talk.connect()
    assert isinstance(hello, Write)
    command = talk.exchange.written(0.0)
    talk.peer.take(hello.data)
    flight = talk.peer.flush()
    for at in range(len(flight)):
        assert command == Read(HEAD_LIMIT, deadline=1.0)
        command = talk.exchange.received(flight[at : at + 1], 0.0)
    assert talk.write(command) == Read(HEAD_LIMIT, deadline=2.0)
    assert talk.peer.received == b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"


def test_no_session_is_resumed(ca: Authority) -> None:
    """A ticket would tell the server that two connections are of one client."""
    server, context = ca.server_context(), ca.client_context()
    for _ in range(2):
        talk = Talk(ca, context=context)
        talk.peer = TlsPeer(server)
        talk.send()
        assert isinstance(talk.hear(OK), Head)
        assert talk.peer._tls.session_reused is False


def test_a_request_that_cannot_be_written_leaves_the_end_of_the_handshake_to_the_next(
    ca: Authority,
) -> None:
    pool, context = Pool(), ca.client_context()
    first = Talk(ca, pool, context)
    first.exchange.plan.request = replace(
        first.exchange.plan.request, lines=[("Host", "a.test"), ("X", "a\r\nb")]
    )
    assert isinstance(first.secure(), Fail)
    assert (pool.open_count, pool.idle_count) == (1, 1)
    second = Talk(ca, pool, context)
    second.peer = first.peer
    assert second.exchange.start(0.0) == Probe()
    assert second.write(second.exchange.quiet(0.0)) == Read(HEAD_LIMIT, deadline=2.0)
    assert isinstance(second.hear(OK), Head)


def test_tls_that_ends_with_nothing_to_send(ca: Authority) -> None:
    """The full handshake of TLS 1.2 ends with the server."""
    talk = Talk(ca)
    context = ca.server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    talk.peer = TlsPeer(context)
    command = talk.connect()
    for _ in range(2):
        assert isinstance(command, Write)
        talk.peer.take(command.data)
        assert isinstance(talk.exchange.written(0.0), Read)
        command = talk.exchange.received(talk.peer.flush(), 0.0)
    assert talk.exchange.phase is Phase.SENDING
    assert talk.write(command) == Read(HEAD_LIMIT, deadline=2.0)


def test_session_tickets_are_no_content(ca: Authority) -> None:
    talk = Talk(ca)
    read = talk.send()
    tickets = talk.peer.flush()
    assert tickets
    assert talk.exchange.received(tickets, 0.0) == read
    assert isinstance(talk.hear(OK), Head)


# --- what goes wrong in the handshake ---------------------------------------------------------


def fail_in_handshake(talk: Talk) -> errors.RequestException:
    command = talk.connect()
    assert isinstance(command, Write)
    talk.exchange.written(0.0)
    talk.peer.take(command.data)
    alert = talk.exchange.received(talk.peer.flush(), 0.0)
    assert isinstance(alert, Write), "the peer is told why"
    return failed(talk, talk.exchange.written(0.0))


def failed(talk: Talk, command: ExchangeCommand) -> errors.RequestException:
    assert isinstance(command, Fail)
    assert closes(command.effects) == ["stream"]
    assert talk.pool.open_count == 0
    return command.error


def test_the_certificate_of_another_host(ca: Authority) -> None:
    error = fail_in_handshake(Talk(ca, url="https://c.test/"))
    assert type(error) is errors.SSLError
    assert str(error) == (
        "no TLS connection to 'c.test': Hostname mismatch, certificate is not valid for 'c.test'."
    )
    assert not error.maybe_sent
    assert error.progress == Progress()


def test_a_certificate_that_nobody_vouches_for(ca: Authority) -> None:
    error = fail_in_handshake(Talk(ca, context=ssl.create_default_context()))
    assert type(error) is errors.SSLError
    assert not error.maybe_sent


def test_a_host_with_a_dot_at_its_end_is_verified_without(ca: Authority) -> None:
    assert isinstance(Talk(ca, url="https://a.test./").secure(), Write)


@pytest.mark.parametrize("octets", [0, 50])
def test_a_connection_that_is_closed_within_the_handshake(ca: Authority, octets: int) -> None:
    talk = Talk(ca)
    hello = talk.connect()
    assert isinstance(hello, Write)
    talk.exchange.written(0.0)
    if octets:
        talk.peer.take(hello.data)
        talk.exchange.received(talk.peer.flush()[:octets], 0.0)
    error = failed(talk, talk.exchange.received(b"", 0.0))
    assert type(error) is errors.SSLError
    assert str(error) == ("the connection to https://a.test was closed during the TLS handshake")
    assert not error.maybe_sent


def test_a_connection_that_is_lost_within_the_handshake(ca: Authority) -> None:
    for step in ("write", "read"):
        talk = Talk(ca)
        talk.connect()
        if step == "read":
            talk.exchange.written(0.0)
        error = failed(talk, talk.exchange.failed(ConnectionResetError(104, "reset"), 0.0))
        assert type(error) is errors.ConnectionError
        assert str(error) == "the connection to https://a.test was lost: [Errno 104] reset"
        assert not error.maybe_sent


def test_a_handshake_that_takes_too_long(ca: Authority) -> None:
    talk = Talk(ca)
    talk.connect()
    error = failed(talk, talk.exchange.expired(0.0))
    assert type(error) is errors.ConnectTimeout
    assert str(error) == "no connection to https://a.test in 1.0 s"
    assert not error.maybe_sent


def test_a_context_that_was_made_for_servers(ca: Authority) -> None:
    talk = Talk(ca, context=ca.server_context())
    error = failed(talk, talk.connect())
    assert type(error) is errors.SSLError
    assert str(error).startswith("TLS with https://a.test cannot be used: ")


def test_tls_that_can_agree_on_nothing(ca: Authority) -> None:
    """A context without any version that is left fails before an octet is sent."""
    context = ca.client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    talk = Talk(ca, context=context)
    error = failed(talk, talk.connect())
    assert type(error) is errors.SSLError
    assert str(error).startswith("no TLS connection to 'a.test': ")


# --- how a response ends ----------------------------------------------------------------------


def test_content_that_ends_with_the_stream_needs_close_notify(ca: Authority) -> None:
    talk = Talk(ca)
    talk.send()
    talk.hear(UNFRAMED)
    assert talk.exchange.proceed(0.0) == Content(b"hello")
    assert isinstance(talk.exchange.proceed(0.0), Read)
    command = talk.exchange.received(talk.peer.end(), 0.0)
    assert isinstance(command, Finish)
    assert (command.reusable, command.reason) == (False, "the end of the stream ended the content")


def test_content_that_is_cut_without_close_notify(ca: Authority) -> None:
    """RFC 8446 section 6.1: anybody on the way could have cut it."""
    talk = Talk(ca)
    talk.send()
    talk.hear(UNFRAMED)
    talk.exchange.proceed(0.0)
    talk.exchange.proceed(0.0)
    error = failed(talk, talk.exchange.received(b"", 0.0))
    assert type(error) is errors.ChunkedEncodingError
    assert str(error) == (
        "the content of the response was cut: the TLS connection ended without close_notify"
    )


@pytest.mark.parametrize(
    ("needed", "ending"), [(False, Finish), (True, Fail)], ids=["not needed", "needed"]
)
def test_a_reset_is_an_end_where_close_notify_is_not_needed(
    ca: Authority, needed: bool, ending: type
) -> None:
    talk = Talk(ca, needs_close_notify=needed)
    talk.send()
    talk.hear(UNFRAMED)
    talk.exchange.proceed(0.0)
    talk.exchange.proceed(0.0)
    assert type(talk.exchange.failed(ConnectionResetError("reset"), 0.0)) is ending


def test_a_reset_within_framed_content_is_an_error_all_the_same(ca: Authority) -> None:
    talk = Talk(ca, needs_close_notify=False)
    talk.send()
    talk.hear(OK[:-1])
    talk.exchange.proceed(0.0)
    talk.exchange.proceed(0.0)
    error = failed(talk, talk.exchange.failed(ConnectionResetError("reset"), 0.0))
    assert str(error) == "the content of the response ended 1 bytes early"


def test_close_notify_with_the_last_octets(ca: Authority) -> None:
    talk = Talk(ca)
    talk.send()
    talk.exchange.received(talk.peer.say(UNFRAMED) + talk.peer.end(), 0.0)
    assert talk.exchange.proceed(0.0) == Content(b"hello")
    assert isinstance(talk.exchange.proceed(0.0), Finish), "nothing more can come"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "https://a.test closed the connection without answering"),
        (b"HTTP/1.1", "https://a.test: the stream ended within the head of the response"),
        (OK[:-1], "the content of the response ended 1 bytes early"),
    ],
)
@pytest.mark.parametrize("properly", [False, True])
def test_a_stream_that_ends_too_early(
    ca: Authority, answer: bytes, message: str, properly: bool
) -> None:
    talk = Talk(ca)
    command: ExchangeCommand = talk.send()
    if answer:
        command = talk.hear(answer)
    while not isinstance(command, Read):
        command = talk.exchange.proceed(0.0)
    error = failed(talk, talk.exchange.received(talk.peer.end() if properly else b"", 0.0))
    assert str(error) == message


def test_a_connection_that_was_closed_with_the_response_is_not_kept(ca: Authority) -> None:
    talk = Talk(ca)
    talk.send()
    head = talk.exchange.received(talk.peer.say(OK) + talk.peer.end(), 0.0)
    assert isinstance(head, Head)
    assert closes(head.effects) == ["stream"]
    assert talk.exchange.proceed(0.0) == Content(b"ok")
    assert talk.exchange.proceed(0.0) == Finish(
        reusable=False, reason="the TLS connection was closed"
    )
    assert talk.pool.open_count == 0


def test_a_record_that_was_tampered_with(ca: Authority) -> None:
    talk = Talk(ca)
    talk.send()
    record = bytearray(talk.peer.say(OK))
    record[-1] ^= 1
    error = failed(talk, talk.exchange.received(bytes(record), 0.0))
    assert type(error) is errors.SSLError
    assert error.maybe_sent


def test_a_record_that_was_tampered_with_while_draining(ca: Authority) -> None:
    talk = Talk(ca)
    talk.send()
    talk.hear(OK[:-1])
    talk.exchange.drain(10, 0.5, 0.0)
    record = bytearray(talk.peer.say(b"k"))
    record[-1] ^= 1
    command = talk.exchange.received(bytes(record), 0.0)
    assert isinstance(command, Finish)
    assert command.reason == "the rest of the content broke off"


# --- uploads ----------------------------------------------------------------------------------


def test_an_upload_that_is_interrupted_goes_on_within_the_record(ca: Authority) -> None:
    talk = Talk(ca, method="POST", data=iter([b""]))
    assert isinstance(talk.write(talk.secure()), Pull)
    write = talk.exchange.pulled(b"hello", 0.0)
    assert isinstance(write, Write)
    talk.peer.take(write.data[:7])
    assert isinstance(talk.exchange.readable(7, 0.0), Read)
    assert isinstance(talk.hear(b"HTTP/1.1 100 Continue\r\n\r\n"), Inform)
    rest = talk.exchange.proceed(0.0)
    assert rest == Write(write.data[7:], deadline=3.0, watch=True)
    assert isinstance(talk.write(rest), Pull)
    assert talk.peer.received.endswith(b"\r\n\r\n5\r\nhello\r\n")


class Layer:
    """A TLS layer that takes content for what it is, has an answer of its own, or fails."""

    established = True
    closed = False
    ended = False

    def __init__(self, answer: bytes = b"", error: Exception | None = None) -> None:
        self.answer = answer
        self.error = error
        self.asked = False

    def encrypt(self, data: bytes) -> bytes:
        if self.error is not None:
            raise self.error
        return data

    def decrypt(self, data: bytes) -> bytes:
        self.asked = data == b"key update"
        return b"" if self.asked else data

    def pending_output(self) -> bytes:
        asked, self.asked = self.asked, False
        return self.answer if asked else b""


def with_layer(layer: Any, **plan: Any) -> tuple[Exchange, Pool]:
    """An exchange whose request is on its way through ``layer``."""
    pool = Pool()
    exchange = exchange_with(pool, **plan)
    exchange.start(0.0)
    exchange.resolved(ADDRESSES, 0.0)
    exchange.connected("stream", 0.0)
    assert exchange.connection is not None
    exchange.connection.tls = layer
    return exchange, pool


def test_an_answer_of_tls_itself_waits_for_the_end_of_the_record() -> None:
    exchange, _ = with_layer(Layer(answer=b"updated"), method="POST", data=iter([b""]))
    exchange.written(0.0)
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    assert exchange.received(b"key update", 0.0) == Write(b"hello\r\nupdated", 3.0, watch=True)
    assert isinstance(exchange.written(0.0), Pull)


def test_an_answer_of_tls_itself_is_sent_while_receiving() -> None:
    exchange, _ = with_layer(Layer(answer=b"updated"))
    read = exchange.written(0.0)
    assert exchange.received(b"key update", 0.0) == Write(b"updated", 3.0)
    assert exchange.written(0.0) == read
    exchange.received(OK[:-1], 0.0)
    exchange.proceed(0.0)
    exchange.proceed(0.0)
    assert exchange.received(b"key update", 0.0) == Write(b"updated", 3.0)
    assert isinstance(exchange.written(0.0), Read)


def test_tls_that_cannot_encrypt_any_more() -> None:
    cause = ssl.SSLError(1, "protocol is shutdown")
    exchange, pool = with_layer(Layer(error=cause), method="POST", data=iter([b""]))
    exchange.written(0.0)
    command = exchange.pulled(b"hello", 0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is errors.ConnectionError
    assert command.error.__cause__ is cause
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


# --- the protocol that TLS agrees on ----------------------------------------------------------


class Other(H11Codec):
    """The codec of another protocol, which looks like HTTP/1.1."""


@pytest.mark.parametrize(
    ("offered", "spoken", "codec"),
    [
        ((), ("other/1",), H11Codec),
        (("other/1", "http/1.1"), (), H11Codec),
        (("other/1", "http/1.1"), ("other/1",), Other),
        (("other/1", "http/1.1"), ("http/1.1",), H11Codec),
        (("unheard/1",), ("unheard/1",), H11Codec),  # A caller's own context may offer anything.
    ],
)
def test_a_connection_gets_the_codec_that_tls_has_agreed_on(
    ca: Authority, offered: tuple[str, ...], spoken: tuple[str, ...], codec: type
) -> None:
    context, server = ca.client_context(), ca.server_context()
    if offered:
        context.set_alpn_protocols(list(offered))
    if spoken:
        server.set_alpn_protocols(list(spoken))
    plan = plan_for(url="https://a.test/x", tls_context=context)
    plan.codecs = {"http/1.1": H11Codec, "other/1": Other}
    exchange, peer = Exchange(plan, Pool()), TlsPeer(server)
    command: Any = connect(exchange)
    while exchange.phase is Phase.SECURING:
        if isinstance(command, Write):
            peer.take(command.data)
            command = exchange.written(0.0)
        else:
            command = exchange.received(peer.flush(), 0.0)
    assert exchange.connection is not None
    assert type(exchange.connection.codec) is codec
    assert isinstance(command, Write)


# --- what TLS asks for, and what it says of a peer ---


def asked_for_a_certificate(ca: Authority, content: bytes) -> tuple[Talk, ExchangeCommand]:
    """A server that asks for a certificate after the request, and says something meanwhile."""
    context = ca.client_context()
    context.post_handshake_auth = True
    context.load_cert_chain(ca.client_certificate)
    server = ca.server_context()
    server.post_handshake_auth = True
    server.verify_mode = ssl.CERT_OPTIONAL
    server.load_verify_locations(ca.path)
    talk = Talk(ca, context=context)
    talk.peer = TlsPeer(server)
    talk.send()
    talk.peer._tls._sslobj.verify_client_post_handshake()
    return talk, talk.exchange.received(talk.peer.say(content), 0.0)


@pytest.mark.parametrize("early", [b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"])
def test_a_certificate_that_is_asked_for_later_is_sent(ca: Authority, early: bytes) -> None:
    talk, command = asked_for_a_certificate(ca, early)
    if early:
        assert isinstance(command, Inform)
        command = talk.exchange.proceed(0.0)
    assert talk.write(command) == Read(HEAD_LIMIT, deadline=2.0)
    subject = dict(pair for part in talk.peer._tls.getpeercert()["subject"] for pair in part)
    assert subject
    assert isinstance(talk.hear(OK), Head)


def test_an_alert_says_why_the_request_could_not_be_written(ca: Authority) -> None:
    server = ca.server_context()
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(ca.path)
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    talk = Talk(ca)
    talk.peer = TlsPeer(server)
    command = talk.connect()
    assert isinstance(command, Write)
    talk.peer.take(command.data)
    talk.exchange.written(0.0)
    request = talk.exchange.received(talk.peer.flush(), 0.0)
    assert isinstance(request, Write)
    with pytest.raises(ssl.SSLError):
        talk.peer.take(request.data)  # It has no certificate.
    assert isinstance(talk.exchange.failed(BrokenPipeError(), 0.0), Read)
    failed = talk.exchange.received(talk.peer.flush(), 0.0)
    assert isinstance(failed, Fail)
    assert isinstance(failed.error, errors.SSLError)
    assert "certificate required" in str(failed.error)


@pytest.mark.parametrize("ending", ["written", "failed", "expired"])
def test_the_peer_is_told_that_its_certificate_is_not_trusted(ca: Authority, ending: str) -> None:
    talk = Talk(ca, context=ssl.create_default_context())
    command = talk.connect()
    assert isinstance(command, Write)
    talk.peer.take(command.data)
    talk.exchange.written(0.0)
    alert = talk.exchange.received(talk.peer.flush(), 0.0)
    assert isinstance(alert, Write)
    with pytest.raises(ssl.SSLError, match=r"(?i)unknown.ca"):
        talk.peer.take(alert.data)
    if ending == "written":
        failed = talk.exchange.written(0.0)
    elif ending == "failed":
        failed = talk.exchange.failed(ConnectionResetError(), 0.0)
    else:
        failed = talk.exchange.expired(9.0)
    assert isinstance(failed, Fail)
    assert isinstance(failed.error, errors.SSLError)
    assert "certificate" in str(failed.error)
    assert failed.error.maybe_sent is False
    assert talk.pool.open_count == 0


@pytest.mark.parametrize("fits", [True, False])
def test_a_pinned_certificate_is_looked_at_before_the_request(ca: Authority, fits: bool) -> None:
    certificate = ssl.PEM_cert_to_DER_cert(
        "-----BEGIN" + ca.certificate.read_text().split("-----BEGIN")[2]
    )
    pin = hashlib.sha256(certificate).hexdigest() if fits else "0" * 64
    talk = Talk(ca, verify=TLSSettings(fingerprints=(pin,)))
    command = talk.secure()
    if fits:
        assert isinstance(command, Write)
        return
    assert isinstance(command, Fail)
    assert isinstance(command.error, errors.SSLError)
    assert hashlib.sha256(certificate).hexdigest() in str(command.error)
    assert not talk.peer.established
    assert not talk.peer.received


def test_what_is_known_of_the_peer(ca: Authority) -> None:
    talk = Talk(ca)
    talk.send()
    connection = talk.exchange.connection
    assert connection is not None
    assert connection.tls is not None
    info = connection.tls.info
    assert info is connection.tls.info
    assert (info.version, info.protocol) == ("TLSv1.3", "")
    assert info.cipher.startswith("TLS_")
    assert ("DNS", "a.test") in info.names
    assert ("IP Address", "127.0.0.1") in info.names
    assert dict(info.issuer)["organizationName"].startswith("trustme")
    assert info.not_before is not None
    assert info.not_after is not None
    assert info.not_before < info.not_after
    assert info.certificate is not None
    assert info.fingerprint == hashlib.sha256(info.certificate).hexdigest()
