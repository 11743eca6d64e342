"""Threats in TLS: who is trusted, by which name, and each time anew."""

from __future__ import annotations

import datetime as dt
import re
import ssl
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import sojourn
import sojourn.compat
import sojourn.local.tls_contexts
import sojourn_core
from sojourn.exceptions import ProxyError, RequestException, SSLError
from sojourn.local.tls_contexts import context_for
from sojourn_core import parse_url
from sojourn_core.commands import Address
from tests.bindings.clients import Binding
from tests.servers.proxy import OPEN
from tests.servers.scripted import HandlerServer, ScriptedServer, read_request, response
from tests.servers.server import Server
from tests.servers.steps import Offer, ReadContent, WaitClosed

from .rows import tries
from .runners import run_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority
    from tests.servers.scripted import Received
    from tests.servers.server import Connection

TOP: Final = Path(__file__).parents[2]
ENTRIES: Final = ("sync", "asyncio", "compat", "cli")
OK: Final = response(200, content=b"trusted")


class Hosts:
    """Names for servers, and one way to ask for a URL by each entry point.

    Attributes:
        servers: By host.
    """

    def __init__(self, name: str, stack: ExitStack) -> None:
        """Begin; ``stack`` closes it all."""
        self.name = name
        self.servers: dict[str, Server] = {}
        self._stack = stack
        self._binding = Binding(name) if name in ("sync", "asyncio") else None
        if self._binding is not None:
            stack.callback(self._binding.close)
        self.session: Any = None
        if name == "compat":
            self.session = stack.enter_context(sojourn.compat.Session())
        elif self._binding is not None:
            self.session = self._binding.session()

    def serve(self, host: str, context: ssl.SSLContext | None, answer: bytes = OK) -> None:
        """Have a host answer everything with this."""
        server = HandlerServer(lambda _: answer, context=context)
        self.servers[host] = self._stack.enter_context(server)

    def get(self, url: str, **given: Any) -> bytes:
        """Ask for a URL; the content, or SSLError."""
        if self.name == "cli":
            verify = given.get("verify")
            arguments = ["--cacert", str(verify)] if verify else []
            code, out, told = run_program("get", url, *arguments)
            if code:
                raise SSLError(told)
            return out
        got = self.session.get(url, **given)
        content: bytes = (got if self._binding is None else self._binding.run(got)).content
        return content

    def resolve(self, host: str, _: int) -> tuple[Address, ...]:
        """Stand in for the name resolution."""
        return (Address("127.0.0.1", self.servers[host].port),)

    async def resolve_async(self, host: str, port: int) -> tuple[Address, ...]:
        """Likewise."""
        return self.resolve(host, port)


@pytest.fixture(params=ENTRIES)
def hosts(request: pytest.FixtureRequest) -> Iterator[Hosts]:
    with ExitStack() as stack:
        made = Hosts(request.param, stack)
        stack.enter_context(mock.patch("sojourn.sync.exchange_driver.resolve", made.resolve))
        stack.enter_context(mock.patch("sojourn.aio.backend.resolve", made.resolve_async))
        yield made


def server_context(issued: Any) -> ssl.SSLContext:
    """A context that shows this certificate of trustme."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


def own_certificate(folder: Path, *names: x509.GeneralName, common: str = "x") -> ssl.SSLContext:
    """A context that shows a certificate that vouches for itself, for these names.

    What trusts it is ``own.pem`` in the folder.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    own, secret = folder / "own.pem", folder / "key.pem"
    own.write_bytes(certificate.public_bytes(pem))
    secret.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, secret)
    return context


@tries("CVE-2013-2037")
def test_each_new_connection_is_checked(row: str, hosts: Hosts) -> None:
    authority = trustme.CA()
    with authority.cert_pem.tempfile() as path:
        closing = response(200, ("Connection", "close"), content=b"trusted")
        hosts.serve("a.test", server_context(authority.issue_cert("a.test")), closing)
        assert hosts.get("https://a.test/", verify=path) == b"trusted"
        hosts.serve("a.test", server_context(authority.issue_cert("other.test")))
        for _ in range(2):
            with pytest.raises(SSLError):
                hosts.get("https://a.test/", verify=path)


@tries("CVE-2013-4238")
def test_a_name_does_not_end_at_nul(row: str, hosts: Hosts, tmp_path: Path) -> None:
    context = own_certificate(tmp_path, x509.DNSName("a.test\0.evil.test"), common="a.test\0.evil")
    hosts.serve("a.test", context)
    with pytest.raises(SSLError):
        hosts.get("https://a.test/", verify=str(tmp_path / "own.pem"))


@tries("CVE-2013-4238")
def test_names_are_matched_by_openssl_alone(row: str) -> None:
    for package in (sojourn, sojourn_core):
        for file in Path(package.__file__).parent.rglob("*.py"):
            assert "match_hostname(" not in file.read_text("utf-8"), file
    assert context_for(True, None).check_hostname


@tries("CVE-2014-0139")
def test_a_wildcard_is_for_no_address(row: str, tmp_path: Path) -> None:
    context = own_certificate(tmp_path, x509.DNSName("*.0.0.1"), common="127.0.0.1")
    with HandlerServer(lambda _: OK, context=context) as server:
        for entry in ENTRIES:
            with ExitStack() as stack:
                hosts = Hosts(entry, stack)
                with pytest.raises(SSLError):
                    hosts.get(server.url(), verify=str(tmp_path / "own.pem"))


@tries("CVE-2016-2402")
def test_a_pin_is_held_against_the_certificate_of_the_peer(row: str, tmp_path: Path) -> None:
    # Sojourn has no pins of its own; the drop-in has urllib3's ``assert_fingerprint``.
    authority = trustme.CA()
    issued, pinned = authority.issue_cert("localhost"), authority.issue_cert("b.test")
    leaf = tmp_path / "chain.pem"
    parts = [issued.private_key_pem, *issued.cert_chain_pems, *pinned.cert_chain_pems]
    leaf.write_bytes(b"".join(part.bytes() for part in parts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    prints = [
        x509.load_pem_x509_certificate(each.cert_chain_pems[0].bytes()).fingerprint(hashes.SHA256())
        for each in (pinned, issued)
    ]
    with HandlerServer(lambda _: OK, context=context) as server:
        for index, each in enumerate(prints):
            adapter = sojourn.compat.adapters.HTTPAdapter()
            adapter.init_poolmanager(1, 1, assert_fingerprint=each.hex())
            with sojourn.compat.Session() as session:
                session.verify = str(ca)
                session.mount("https://", adapter)
                url = server.url(host="localhost")
                if index:
                    assert session.get(url).content == b"trusted"
                else:
                    with pytest.raises(SSLError):
                        session.get(url)


WEAK: Final = ("self-signed", "expired", "another host", "an authority that nobody knows")


@tries("CVE-2016-9015")
@pytest.mark.parametrize("weakness", WEAK)
def test_what_nobody_vouches_for_is_refused(
    row: str, weakness: str, hosts: Hosts, tmp_path: Path
) -> None:
    authority = trustme.CA()
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    given: dict[str, Any] = {}
    if weakness == "self-signed":
        context = own_certificate(tmp_path, x509.DNSName("a.test"))
    elif weakness == "expired":
        context = server_context(authority.issue_cert("a.test", not_after=past))
    elif weakness == "another host":
        context = server_context(authority.issue_cert("b.test"))
    else:
        context = server_context(authority.issue_cert("a.test"))
    if weakness in ("expired", "another host"):
        path = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(path))
        given["verify"] = str(path)
    hosts.serve("a.test", context)
    with pytest.raises(SSLError):
        hosts.get("https://a.test/", **given)


@tries("CVE-2016-9015")
def test_contexts_verify(row: str) -> None:
    for verify in (True, "system"):
        try:
            context = context_for(verify, None)
        except RequestException:  # It takes an extra.
            continue
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@tries("CVE-2019-11324", "CVE-2025-68121")
def test_a_named_set_is_the_whole_set(
    row: str, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other = trustme.CA(), trustme.CA()
    paths = [tmp_path / "known.pem", tmp_path / "other.pem"]
    for authority, path in zip((known, other), paths, strict=True):
        authority.cert_pem.write_to_path(str(path))
    hosts.serve("a.test", server_context(known.issue_cert("a.test")))
    assert hosts.get("https://a.test/", verify=str(paths[0])) == b"trusted"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(paths[0]))
    for _ in range(2):  # Neither a kept connection nor a session of TLS counts.
        with pytest.raises(SSLError):
            hosts.get("https://a.test/", verify=str(paths[1]))


@tries("CVE-2025-68121")
def test_roots_that_have_changed_are_asked_anew(row: str, hosts: Hosts, tmp_path: Path) -> None:
    known, other = trustme.CA(), trustme.CA()
    bundle = tmp_path / "bundle.pem"
    known.cert_pem.write_to_path(str(bundle))
    hosts.serve("a.test", server_context(known.issue_cert("a.test")))
    assert hosts.get("https://a.test/", verify=str(bundle)) == b"trusted"
    other.cert_pem.write_to_path(str(tmp_path / "new.pem"))
    (tmp_path / "new.pem").replace(bundle)
    with pytest.raises(SSLError):
        hosts.get("https://a.test/", verify=str(bundle))


@tries("CVE-2021-0341")
@pytest.mark.parametrize("host", ["\u212a.test", "\u0131.test", "\u017f.test", "\u0130.test"])
def test_no_letter_folds_to_one_of_ascii(row: str, host: str, hosts: Hosts, ca: Authority) -> None:
    try:
        asked = parse_url(f"https://{host}/").host
    except RequestException:
        asked = ""
    assert asked not in {"k.test", "i.test", "s.test"}
    if hosts.name == "compat":
        return  # Requests maps them to ASCII first, and asks for no other host than that.
    authority = trustme.CA()
    with authority.cert_pem.tempfile() as path:
        for name in ("k.test", "i.test", "s.test", asked or "x.test"):
            hosts.serve(name, server_context(authority.issue_cert("k.test", "i.test", "s.test")))
        with pytest.raises((RequestException, UnicodeError, KeyError)):
            hosts.get(f"https://{host}/", verify=path)


@tries("CVE-2021-22890")
def test_an_origin_that_is_not_trusted_fails_each_time(
    row: str, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(str(tmp_path / "known.pem"))
    hosts.serve("proxy.test", server_context(known.issue_cert("proxy.test")))
    hosts.serve("a.test", server_context(other.issue_cert("a.test")))
    trust = str(tmp_path / "known.pem")
    assert hosts.get("https://proxy.test/", verify=trust) == b"trusted"
    for _ in range(2):
        with pytest.raises(SSLError):
            hosts.get("https://a.test/", verify=trust)


@tries("CVE-2021-28363")
def test_a_proxy_over_tls_is_the_one_that_its_certificate_names(
    row: str, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = trustme.CA()
    known.cert_pem.write_to_path(str(tmp_path / "known.pem"))
    asked: list[Received | None] = []
    context = server_context(known.issue_cert("other.test"))
    monkeypatch.setenv("https_proxy", "https://proxy.test:3128")
    with Server(lambda each: asked.append(read_request(each)), context=context) as server:
        hosts.servers["proxy.test"] = server
        with pytest.raises((ProxyError, SSLError), match=r"not valid for 'proxy\.test'"):
            hosts.get("https://a.test/", verify=str(tmp_path / "known.pem"))
    assert asked == []
    assert server.connections == 1


@tries("CVE-2021-22890")
def test_tls_with_a_proxy_vouches_for_no_origin(
    row: str, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(str(tmp_path / "known.pem"))
    origin = server_context(other.issue_cert("a.test"))

    def play(connection: Connection) -> None:
        request = read_request(connection)
        assert request is not None
        assert request.method == "CONNECT"
        connection.send(OPEN)
        connection.start_tls(origin)

    monkeypatch.setenv("https_proxy", "https://proxy.test:3128")
    with Server(play, context=server_context(known.issue_cert("proxy.test"))) as server:
        hosts.servers["proxy.test"] = server
        for _ in range(2):
            with pytest.raises(SSLError, match=r"a\.test"):
                hosts.get("https://a.test/", verify=str(tmp_path / "known.pem"))
        assert server.connections == 2  # None is used again, and neither is its session.


@tries("CVE-2023-37920")
def test_certifi_has_a_floor(row: str) -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    every = [*project["dependencies"], *(each for extra in extras for each in extra)]
    floors = [re.search(r">=([\d.]+)", each) for each in every if each.startswith("certifi")]
    assert floors
    for floor in floors:
        assert floor is not None
        assert tuple(map(int, floor[1].split("."))) >= (2024, 7, 4)


@tries("CVE-2023-40217")
@pytest.mark.parametrize("when", ["before the handshake", "after the hello"])
def test_nothing_in_clear_text_is_read_as_protected(row: str, when: str, hosts: Hosts) -> None:
    clear = response(200, content=b"EVIL")
    steps: tuple[Any, ...] = (Offer(clear), WaitClosed())
    if when == "after the hello":
        steps = (hello(), *steps)
    with ScriptedServer(steps, steps) as server:
        hosts.servers["a.test"] = server
        with pytest.raises(SSLError):
            hosts.get("https://a.test/")


def hello() -> Any:
    """Read the head of the record in which the hello is."""

    return ReadContent(5)


@tries("REQUESTS-3829")
def test_what_is_said_wins_over_the_environment(
    row: str, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(str(tmp_path / "known.pem"))
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
    hosts.serve("a.test", server_context(known.issue_cert("a.test")))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    assert hosts.get("https://a.test/", verify=str(tmp_path / "known.pem")) == b"trusted"
    if hosts.name in ("sync", "asyncio"):  # Requests lets the environment beat the session.
        hosts.session.verify = str(tmp_path / "known.pem")
        assert hosts.get("https://a.test/x") == b"trusted"
        hosts.session.verify = True
        hosts.session.trust_env = False
        with pytest.raises(SSLError):
            hosts.get("https://a.test/y")


@tries("CVE-2024-35195")
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_not_to_verify_is_said_for_one_request(row: str, hosts: Hosts, tmp_path: Path) -> None:
    if hosts.name == "cli":
        return  # Each run of the program is a session of its own.
    hosts.serve("a.test", own_certificate(tmp_path, x509.DNSName("a.test")))
    assert hosts.get("https://a.test/", verify=False) == b"trusted"
    for given in ({"verify": True}, {}):
        with pytest.raises(SSLError):
            hosts.get("https://a.test/", **given)
    assert hosts.get("https://a.test/", verify=False) == b"trusted"
