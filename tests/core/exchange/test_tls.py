"""TLS over memory: the client's layer against a server's, octets carried by hand."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from sojourn_core.exchange.tls import RECORD_READ_SIZE, TlsLayer, seconds_of
from sojourn_core.values.errors import SSLError
from tests.core.tlspeer import CountedObject, TlsPeer

if TYPE_CHECKING:
    from tests.servers.authority import Authority


def established(layer: TlsLayer, peer: TlsPeer) -> None:
    """Carry the handshake back and forth until both sides are done."""
    peer.take(layer.handshake())
    while not layer.established:
        peer.take(layer.handshake(peer.flush()))
    peer.take(layer.encrypt(b""))


@pytest.fixture
def pair(ca: Authority) -> tuple[TlsLayer, TlsPeer]:
    """Both sides of a connection, the handshake done."""
    layer = TlsLayer(ca.client_context(), "a.test")
    peer = TlsPeer(ca.server_context())
    established(layer, peer)
    return layer, peer


def test_octets_go_both_ways(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    assert layer.version == "TLSv1.3"
    large = bytes(range(256)) * 256  # More than one record holds.
    peer.take(layer.encrypt(large))
    assert peer.received == large
    assert layer.decrypt(peer.say(large)) == large
    assert layer.decrypt(peer.say(b"more")) == b"more"
    assert not layer.closed


def test_a_record_costs_one_write_and_one_read(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    layer.decrypt(peer.flush())
    counted = CountedObject(layer)
    peer.take(layer.encrypt(b"hello"))
    assert layer.encrypt(b"") == b""
    assert layer.decrypt(peer.say(b"hello")) == b"hello"
    assert (counted.writes, counted.reads, counted.vain) == (1, 1, 0)
    largest = b"x" * RECORD_READ_SIZE
    assert layer.decrypt(peer.say(largest + b"hello")) == largest + b"hello"
    assert (counted.reads, counted.vain) == (3, 0)
    assert layer.decrypt(peer.say(b"hello")[:-1]) == b""
    assert (counted.reads, counted.vain) == (4, 1), "the start of a record is taken, and kept"


def test_what_is_taken_in_part_is_written_to_its_end(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    counted = CountedObject(layer)
    write = counted.write
    counted.write = lambda data: write(data[:3])  # type: ignore[method-assign]  # It stands in.
    peer.take(layer.encrypt(b"hello"))
    assert (peer.received, counted.writes) == (b"hello", 2)


def test_a_record_may_come_in_pieces(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    record = peer.say(b"hello")
    got = [layer.decrypt(record[at : at + 1]) for at in range(len(record))]
    assert b"".join(got) == b"hello"
    assert got[:-1] == [b""] * (len(record) - 1)


def test_the_handshake_may_come_in_pieces(ca: Authority) -> None:
    layer = TlsLayer(ca.client_context(), "a.test")
    peer = TlsPeer(ca.server_context())
    peer.take(layer.handshake())
    flight = peer.flush()
    answers = [layer.handshake(flight[at : at + 1]) for at in range(len(flight))]
    assert layer.established
    assert answers == [b""] * len(flight), "the last word is kept"
    peer.take(layer.encrypt(b"hello"))
    assert peer.established
    assert peer.received == b"hello"


def test_a_stream_that_is_closed_properly(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    assert layer.decrypt(peer.say(b"bye") + peer.end()) == b"bye"
    assert layer.closed
    assert layer.decrypt(b"") == b""


def test_a_stream_that_merely_ends_is_not_closed(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    layer.decrypt(peer.say(b"hello")[:-1])
    assert layer.decrypt(b"") == b""
    assert not layer.closed


def test_a_record_that_was_tampered_with(pair: tuple[TlsLayer, TlsPeer]) -> None:
    layer, peer = pair
    record = bytearray(peer.say(b"hello"))
    record[-1] ^= 1
    with pytest.raises(SSLError, match=r"^the TLS connection to 'a.test' broke: ") as caught:
        layer.decrypt(bytes(record))
    assert isinstance(caught.value.__cause__, ssl.SSLError)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("c.test", "Hostname mismatch, certificate is not valid for 'c.test'."),
        (
            "192.0.2.1",
            "IP address mismatch, certificate is not valid for '192.0.2.1'.",
        ),
    ],
)
def test_a_certificate_of_another_host(ca: Authority, host: str, reason: str) -> None:
    layer = TlsLayer(ca.client_context(), host)
    peer = TlsPeer(ca.server_context())
    with pytest.raises(SSLError) as caught:
        established(layer, peer)
    assert str(caught.value) == f"no TLS connection to {host!r}: {reason}"
    assert not caught.value.maybe_sent
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


def test_a_certificate_that_nobody_vouches_for(ca: Authority) -> None:
    layer = TlsLayer(ssl.create_default_context(), "a.test")
    with pytest.raises(SSLError, match=r"unable to get local issuer certificate$"):
        established(layer, TlsPeer(ca.server_context()))


def test_a_stream_that_ends_within_the_handshake(ca: Authority) -> None:
    layer = TlsLayer(ca.client_context(), "a.test")
    peer = TlsPeer(ca.server_context())
    peer.take(layer.handshake())
    layer.handshake(peer.flush()[:50])
    with pytest.raises(SSLError, match=r"^no TLS connection to 'a.test': "):
        layer.handshake(b"")


def test_a_peer_that_does_not_speak_tls(ca: Authority) -> None:
    layer = TlsLayer(ca.client_context(), "a.test")
    layer.handshake()
    with pytest.raises(SSLError, match=r"^no TLS connection to 'a.test': wrong version number$"):
        layer.handshake(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_addresses_are_verified_as_addresses(ca: Authority, host: str) -> None:
    layer = TlsLayer(ca.client_context(), host)
    established(layer, TlsPeer(ca.server_context()))
    assert layer.established


def test_records_that_carry_no_content(pair: tuple[TlsLayer, TlsPeer]) -> None:
    """The session tickets of TLS 1.3 ask for no answer."""
    layer, peer = pair
    tickets = peer.flush()
    assert tickets, "the server has sent some"
    assert layer.decrypt(tickets) == b""
    assert layer.pending_output() == b""


def test_an_older_version_of_tls(ca: Authority) -> None:
    context = ca.server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    layer, peer = TlsLayer(ca.client_context(), "a.test"), TlsPeer(context)
    established(layer, peer)
    assert layer.version == "TLSv1.2"
    assert layer.decrypt(peer.say(b"hello")) == b"hello"


@pytest.mark.parametrize(
    "said",
    [
        "Jan  5 09:34:43 2018 GMT",
        "Jan  1 00:00:00 1970 GMT",
        "Dec 31 23:59:59 1969 GMT",
        "Feb 29 12:00:00 2048 GMT",
        "Dec 31 23:59:59 9999 GMT",
    ],
)
def test_times_of_certificates_are_read_as_ssl_reads_them(said: str) -> None:
    assert seconds_of(said) == ssl.cert_time_to_seconds(said)


def test_a_certificate_may_say_no_time() -> None:
    assert seconds_of(None) is None
