"""TLS against real servers: pins, versions, keys, alerts, and what is known of the peer."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from sojourn import TLSSettings
from sojourn.exceptions import SSLError
from tests.bindings.clients import EVERY_BINDING, Binding
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer

BINDINGS = EVERY_BINDING
OK = answer(200, content=b"ok")


@pytest.fixture
def secure(serve: Callable[..., HandlerServer], ca: Authority) -> HandlerServer:
    return serve(lambda request: OK, context=ca.server_context())


def demanding(ca: Authority) -> ssl.SSLContext:
    """A server that takes no client without a certificate."""
    context = ca.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca.path)
    return context


def test_what_is_known_of_the_peer_is_on_the_response(
    binding: Binding, secure: HandlerServer, ca: Authority
) -> None:
    session = binding.session()
    trust = TLSSettings(trust=ca.path.read_text())
    first, second = (binding.run(session.get(secure.url(), verify=trust)) for _ in range(2))
    tls = first.tls
    assert tls is second.tls
    assert (tls.version, tls.protocol) == ("TLSv1.3", "http/1.1")
    assert ("DNS", "localhost") in tls.names
    assert len(tls.fingerprint) == 64
    assert secure.connections == 1


def test_a_plain_response_came_by_no_tls(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: OK)
    assert binding.run(binding.session().get(server.url())).tls is None


def test_a_pinned_certificate(binding: Binding, secure: HandlerServer, ca: Authority) -> None:
    session = binding.session()
    unverified = binding.run(session.get(secure.url(), verify=False))
    pin = unverified.tls.fingerprint
    assert pin == hashlib.sha256(unverified.tls.certificate).hexdigest()
    pinned = TLSSettings(trust=False, fingerprints=(pin,))
    assert binding.run(session.get(secure.url(), verify=pinned)).content == b"ok"
    with pytest.raises(SSLError, match="pinned") as caught:
        binding.run(
            session.get(secure.url(), verify=TLSSettings(trust=ca.path, fingerprints=["0" * 64]))
        )
    assert caught.value.maybe_sent is False


def test_a_version_that_the_server_does_not_speak(
    binding: Binding, serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    context = ca.server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = serve(lambda request: OK, context=context)
    session = binding.session()
    older = TLSSettings(trust=ca.path, ciphers="ECDHE+AESGCM")
    assert binding.run(session.get(server.url(), verify=older)).tls.version == "TLSv1.2"
    with pytest.raises(SSLError, match="version"):
        binding.run(
            session.get(server.url(), verify=TLSSettings(trust=ca.path, minimum_version="1.3"))
        )


def test_a_client_certificate_from_memory_and_one_with_a_password(
    binding: Binding, serve: Callable[..., HandlerServer], ca: Authority, tmp_path: Path
) -> None:
    server = serve(lambda request: OK, context=demanding(ca))
    session = binding.session()
    own = TLSSettings(trust=ca.path, certificate=ca.client_certificate.read_bytes())
    assert binding.run(session.get(server.url(), verify=own)).content == b"ok"
    locked = tmp_path / "locked.pem"
    command = ["openssl", "pkcs8", "-topk8", "-passout", "pass:s3cret", "-out", str(locked)]
    subprocess.run([*command, "-in", str(ca.client_certificate)], check=True)
    named: dict[str, Any] = {"trust": ca.path, "certificate": ca.client_certificate, "key": locked}
    opened = TLSSettings(**named, password="s3cret")
    assert binding.run(session.get(server.url(), verify=opened)).content == b"ok"
    for mistaken in (TLSSettings(**named), TLSSettings(**named, password="wrong")):
        with pytest.raises(SSLError, match="password") as caught:
            binding.run(session.get(server.url(), verify=mistaken))
        assert caught.value.maybe_sent is False


def test_the_alert_of_a_server_that_wants_a_certificate_is_told(
    binding: Binding, serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    """Though the stream may be reset before all was written, or read."""
    server = serve(lambda request: OK, context=demanding(ca))
    session = binding.session()
    session.verify = str(ca.path)
    for _ in range(20):
        with pytest.raises(SSLError, match="certificate required"):
            binding.run(session.get(server.url()))


def test_secrets_are_logged_where_the_environment_counts(
    binding: Binding,
    secure: HandlerServer,
    ca: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    session = binding.session()
    session.verify, session.trust_env = str(ca.path), False
    assert binding.run(session.get(secure.url())).ok
    assert not log.exists()
    another = binding.session()
    another.verify = str(ca.path)
    assert binding.run(another.get(secure.url())).ok
    assert "CLIENT_TRAFFIC_SECRET_0" in log.read_text()
    monkeypatch.delenv("SSLKEYLOGFILE")
    named = TLSSettings(trust=ca.path, key_log=str(tmp_path / "own.log"))
    assert binding.run(another.get(secure.url(), verify=named)).ok
    assert (tmp_path / "own.log").read_text()


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (TLSSettings(trust="/nowhere/ca.pem"), OSError),
        (TLSSettings(trust="-----BEGIN NOTHING-----"), SSLError),
        (TLSSettings(ciphers="NO-SUCH-CIPHER"), SSLError),
        (TLSSettings(certificate="/nowhere/client.pem"), OSError),
        (TLSSettings(certificate=b"nothing"), SSLError),
    ],
    ids=["bundle", "pem", "ciphers", "file", "certificate"],
)
def test_settings_of_no_use_fail_before_anybody_is_connected_to(
    binding: Binding, secure: HandlerServer, settings: TLSSettings, error: type[Exception]
) -> None:
    with pytest.raises(error):
        binding.run(binding.session().get(secure.url(), verify=settings))
    assert secure.connections == 0
