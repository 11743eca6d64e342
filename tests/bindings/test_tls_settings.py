"""What is trusted: contexts made late, once and for all sessions, and never mixed up."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import certifi
import pytest
import trustme

import sojourn
import sojourn.compat
from sojourn.exceptions import SSLError
from sojourn.local import tls_contexts as trust
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.nginx import Nginx
    from tests.servers.scripted import HandlerServer


BINDINGS = EVERY_BINDING


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """The settings that contexts are made for from here on; none is known yet."""
    settings: list[tuple[Any, Any]] = []
    make = trust._make

    def noted(verify: Any, cert: Any) -> ssl.SSLContext:
        settings.append((verify, cert))
        return make(verify, cert)

    monkeypatch.setattr(trust, "_contexts", {})
    monkeypatch.setattr(trust, "_make", noted)
    return settings


@pytest.fixture
def secure(serve: Callable[..., HandlerServer], ca: Authority) -> HandlerServer:
    """A server with a certificate of the tests' authority."""
    return serve(lambda request: answer(200, content=b"ok"), context=ca.server_context())


def test_contexts_are_made_when_they_are_needed_and_once_for_each_setting(
    binding: Binding,
    serve: Callable[..., HandlerServer],
    secure: HandlerServer,
    ca: Authority,
    made: list[tuple[Any, Any]],
) -> None:
    plain = serve(lambda request: answer(200))
    sessions = [binding.session() for _ in range(2)]
    for session in sessions:
        binding.run(session.get(plain.url()))
    assert made == []
    path = str(ca.path)
    for session in sessions:
        for verify in (path, False, path, False):
            assert binding.run(session.get(secure.url(), verify=verify)).ok
    assert made == [(path, None), (False, None)]


def test_what_is_trusted_by_default_is_certifi(
    monkeypatch: pytest.MonkeyPatch, made: list[tuple[Any, Any]]
) -> None:
    loaded: list[str | None] = []
    load = ssl.SSLContext.load_verify_locations

    def noted(self: ssl.SSLContext, cafile: Any = None, capath: Any = None) -> None:
        loaded.append(cafile or capath)
        load(self, cafile, capath)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
    context = trust.context_for(True, None)
    assert loaded == [certifi.where()]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert trust.context_for(None, None) is not None


def test_the_default_does_not_trust_the_authority_of_the_tests(
    binding: Binding, secure: HandlerServer
) -> None:
    with pytest.raises(SSLError, match="certificate") as caught:
        binding.run(binding.session().get(secure.url()))
    assert not caught.value.maybe_sent
    assert secure.requests == []


def test_a_connection_that_was_not_verified_serves_no_request_that_asks_for_it(
    binding: Binding, secure: HandlerServer, ca: Authority
) -> None:
    session = binding.session()
    assert binding.run(session.get(secure.url(), verify=False)).ok
    assert pool_of(session).idle_count == 1
    with pytest.raises(SSLError):
        binding.run(session.get(secure.url(), verify=True))
    assert binding.run(session.get(secure.url(), verify=str(ca.path))).ok
    assert binding.run(session.get(secure.url(), verify=False)).ok
    assert [request.connection for request in secure.requests] == [0, 2, 0]


def test_a_session_may_change_its_mind(
    binding: Binding, secure: HandlerServer, ca: Authority
) -> None:
    session = binding.session()
    session.verify = False
    assert binding.run(session.get(secure.url())).ok
    session.verify = True
    with pytest.raises(SSLError):
        binding.run(session.get(secure.url()))
    session.verify = str(ca.path)
    assert binding.run(session.get(secure.url())).ok


def test_a_bundle_that_has_changed_is_read_again(
    binding: Binding, secure: HandlerServer, ca: Authority, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(ca.path.read_bytes())
    session = binding.session()
    session.verify = str(bundle)
    assert binding.run(session.get(secure.url())).ok
    other = trustme.CA(organization_name="another authority")
    bundle.write_bytes(other.cert_pem.bytes())
    with pytest.raises(SSLError):  # The idle connection, made under the old bundle, is not used.
        binding.run(session.get(secure.url()))
    bundle.write_bytes(ca.path.read_bytes() + b"\n")
    assert binding.run(session.get(secure.url())).ok


def padded(pem: bytes) -> bytes:
    return pem.ljust(4000, b"\n")


def replace_within_a_tick(path: Path, content: bytes) -> None:
    """Put another file in its place that has its size and its time."""
    other = path.with_suffix(".new")
    other.write_bytes(content)
    made = path.stat()
    os.utime(other, ns=(made.st_atime_ns, made.st_mtime_ns))
    assert other.stat().st_size == made.st_size
    other.replace(path)


def test_a_bundle_that_was_replaced_within_a_tick_is_read_again(
    binding: Binding, secure: HandlerServer, ca: Authority, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(padded(ca.path.read_bytes()))
    session = binding.session()
    session.verify = str(bundle)
    assert binding.run(session.get(secure.url())).ok
    other = trustme.CA(organization_name="another authority")
    replace_within_a_tick(bundle, padded(other.cert_pem.bytes()))
    with pytest.raises(SSLError):
        binding.run(session.get(secure.url()))


@pytest.mark.parametrize("as_path", [str, Path], ids=["text", "Path"])
def test_bundles_are_files_or_directories(
    binding: Binding, secure: HandlerServer, ca: Authority, tmp_path: Path, as_path: Any
) -> None:
    assert binding.run(binding.session().get(secure.url(), verify=as_path(ca.path))).ok
    with pytest.raises(SSLError):  # A directory without a certificate trusts nobody.
        binding.run(binding.session().get(secure.url(), verify=as_path(tmp_path)))
    missing = tmp_path / "missing.pem"
    with pytest.raises(OSError, match=r"missing\.pem"):
        binding.run(binding.session().get(secure.url(), verify=as_path(missing)))
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    with pytest.raises(SSLError, match=r"empty\.pem"):
        binding.run(binding.session().get(secure.url(), verify=as_path(empty)))


def test_a_context_of_the_callers_own_is_used_as_it_is(
    binding: Binding, secure: HandlerServer, ca: Authority, made: list[tuple[Any, Any]]
) -> None:
    session = binding.session()
    session.verify = ca.client_context()
    for _ in range(2):
        assert binding.run(session.get(secure.url())).ok
    assert (made, secure.connections) == ([], 1)
    assert binding.run(session.get(secure.url(), verify=ca.client_context())).ok
    assert secure.connections == 2  # Another context may trust something else.
    strict = ssl.create_default_context()
    with pytest.raises(SSLError):
        binding.run(session.get(secure.url(), verify=strict))


def test_a_context_keeps_its_client_certificate_where_nothing_is_verified(
    binding: Binding, serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    context = ca.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca.path)
    server = serve(lambda request: answer(200), context=context)
    own = ssl.create_default_context()  # It does not trust the server.
    own.load_cert_chain(ca.client_certificate)
    session = binding.session()
    session.verify = own
    with pytest.raises(SSLError):
        binding.run(session.get(server.url()))
    for _ in range(2):
        assert binding.run(session.get(server.url(), verify=False)).ok
    assert own.verify_mode is ssl.CERT_REQUIRED
    assert own.check_hostname
    with pytest.raises(SSLError):
        binding.run(session.get(server.url()))
    own.check_hostname = False
    own.verify_mode = ssl.CERT_NONE
    assert binding.run(session.get(server.url(), verify=False)).ok


def test_a_certificate_for_another_host_is_refused(
    binding: Binding, serve: Callable[..., HandlerServer], ca: Authority, tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.test").configure_cert(context)
    bundle = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(bundle))
    server = serve(lambda request: answer(200), context=context)
    with pytest.raises(SSLError, match=r"127\.0\.0\.1") as caught:
        binding.run(binding.session().get(server.url(), verify=str(bundle)))
    assert not caught.value.maybe_sent
    assert binding.run(binding.session().get(server.url(), verify=False)).ok


def test_client_certificates(binding: Binding, nginx: Nginx, ca: Authority) -> None:
    session = binding.session()
    session.verify = str(ca.path)
    url = nginx.url("/client-verified", scheme="https")
    assert binding.run(session.get(url)).text == "NONE"
    path = str(ca.client_certificate)
    for cert in (path, (path, path), [path, path], (path, None)):
        assert binding.run(session.get(url, cert=cert)).text == "SUCCESS"
    session.cert = path
    assert binding.run(session.get(url)).text == "SUCCESS"
    session.cert = None
    assert binding.run(session.get(url)).text == "NONE"


def test_a_client_certificate_that_is_not_there_is_named(
    binding: Binding, secure: HandlerServer, ca: Authority, tmp_path: Path
) -> None:
    session = binding.session()
    session.verify = str(ca.path)
    missing = str(tmp_path / "missing.pem")
    for cert, what in ((missing, "certificate file"), ((str(ca.path), missing), "key file")):
        with pytest.raises(OSError, match=rf"the TLS {what}.*missing\.pem"):
            binding.run(session.get(secure.url(), cert=cert))
    assert pool_of(session).open_count == 0


def test_a_client_certificate_that_is_none_is_an_error_of_ours(
    binding: Binding, secure: HandlerServer, ca: Authority, tmp_path: Path
) -> None:
    session = binding.session()
    session.verify = str(ca.path)
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"junk")
    for cert in (str(junk), (str(junk), str(junk)), str(ca.path), junk):
        with pytest.raises(SSLError, match=r"client certificate .*\.pem cannot be used"):
            binding.run(session.get(secure.url(), cert=cert))
    with pytest.raises(OSError, match="certificate file"):
        binding.run(session.get(secure.url(), cert=str(tmp_path)))


def test_paths_may_be_octets(binding: Binding, secure: HandlerServer, ca: Authority) -> None:
    assert binding.run(binding.session().get(secure.url(), verify=bytes(ca.path))).ok


@pytest.mark.parametrize("verify", [0, 5.5, [], object()], ids=str)
def test_what_cannot_be_trusted(binding: Binding, secure: HandlerServer, verify: Any) -> None:
    with pytest.raises(ValueError, match=r"^verify must be True, False, a path or an SSLContext"):
        binding.run(binding.session().get(secure.url(), verify=verify))


@pytest.mark.parametrize("cert", [5, ("a",), ("a", "b", "word"), (None, None), {}], ids=str)
def test_what_is_no_client_certificate(binding: Binding, secure: HandlerServer, cert: Any) -> None:
    with pytest.raises(ValueError, match=r"^cert must be a path or a pair of paths") as caught:
        binding.run(binding.session().get(secure.url(), cert=cert))
    assert "word" not in str(caught.value)


def test_threads_that_need_a_context_at_once_make_one(made: list[tuple[Any, Any]]) -> None:
    import threading

    ready = threading.Barrier(8)
    got: list[ssl.SSLContext] = []

    def ask() -> None:
        ready.wait(10)
        got.append(trust.context_for(True, None))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, got))) == 1
    assert made == [(True, None)]


def test_contexts_that_are_kept_are_limited(
    ca: Authority, tmp_path: Path, made: list[tuple[Any, Any]]
) -> None:
    for number in range(trust.CONTEXTS_MAX + 5):
        bundle = tmp_path / f"{number}.pem"
        bundle.write_bytes(ca.path.read_bytes())
        trust.context_for(str(bundle), None)
    assert len(trust._contexts) == trust.CONTEXTS_MAX


def test_sync_and_asyncio_share_contexts(
    secure: HandlerServer, ca: Authority, made: list[tuple[Any, Any]]
) -> None:
    import asyncio

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            assert (await session.get(secure.url(), verify=str(ca.path))).ok

    with sojourn.Session() as session:
        assert session.get(secure.url(), verify=str(ca.path)).ok
    asyncio.run(main())
    assert len(made) == 1


# --- the system's trust -----------------------------------------------------------------------


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, ca: Authority) -> list[ssl.SSLContext]:
    """A module ``truststore`` whose system trusts the tests' authority; the contexts it made."""
    contexts: list[ssl.SSLContext] = []

    class SystemContext(ssl.SSLContext):
        def __init__(self, protocol: int) -> None:
            contexts.append(self)
            self.load_verify_locations(ca.path)

    module = ModuleType("truststore")
    module.SSLContext = SystemContext  # type: ignore[attr-defined]  # that is what it has
    monkeypatch.setitem(sys.modules, "truststore", module)
    monkeypatch.setattr(trust, "_contexts", {})
    return contexts


def test_the_system_is_asked_what_it_trusts(
    binding: Binding, secure: HandlerServer, ca: Authority, system: list[ssl.SSLContext]
) -> None:
    session = binding.session()
    session.verify = "system"
    assert binding.run(session.get(secure.url())).ok
    assert binding.run(binding.session().get(secure.url(), verify="system")).ok
    assert len(system) == 1
    assert binding.run(session.get(secure.url(), cert=str(ca.client_certificate))).ok
    assert len(system) == 2
    assert all(context.verify_mode is ssl.CERT_REQUIRED for context in system)
    assert not any(context.hostname_checks_common_name for context in system)
    with pytest.raises(SSLError, match="certificate"):
        binding.run(session.get(secure.url(), verify=True))


def test_without_the_extra_it_is_said_what_to_install(
    binding: Binding, secure: HandlerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    monkeypatch.setattr(trust, "_contexts", {})
    with pytest.raises(SSLError, match=r"pip install 'sojourn\[truststore\]'") as caught:
        binding.run(binding.session().get(secure.url(), verify="system"))
    assert not caught.value.maybe_sent
    assert secure.requests == []


def test_a_path_of_that_name_is_a_path(
    binding: Binding,
    secure: HandlerServer,
    ca: Authority,
    system: list[ssl.SSLContext],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("system").write_bytes(ca.path.read_bytes())
    for verify in (Path("system"), "./system", b"system"):
        assert binding.run(binding.session().get(secure.url(), verify=verify)).ok
    with sojourn.compat.Session() as session:  # As with Requests.
        assert session.get(secure.url(), verify="system").ok
        Path("system").unlink()
        with pytest.raises(OSError, match="invalid path: system"):
            session.get(secure.url(), verify="system")
    assert system == []


def test_a_name_in_the_subject_of_a_certificate_counts_for_nothing(
    binding: Binding, serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert(common_name="localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = serve(lambda _: answer(200), context=context)
    with pytest.raises(SSLError, match="localhost"):
        binding.run(
            binding.session().get(
                f"https://localhost:{server.port}/", verify=str(tmp_path / "ca.pem")
            )
        )
    assert server.requests == []
    assert not trust.context_for(False, None).hostname_checks_common_name
