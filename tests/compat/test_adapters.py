"""Transports of compat: beside those of Requests, and as programs override them."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import io
import pickle
import ssl
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
import requests.adapters as theirs
import trustme
import urllib3
from urllib3.util import Timeout

from sojourn import compat
from sojourn.compat import adapters as ours
from sojourn.compat.models import Request
from sojourn.compat.tls import check_name
from sojourn.sync.adapter import HTTPAdapter as SyncHTTPAdapter
from sojourn_core import URL
from sojourn_core.values.errors import InvalidProxyURL, InvalidSchema, ReadTimeout, SSLError
from tests.bindings.test_tls_settings import padded, replace_within_a_tick
from tests.servers.scripted import response as answer
from tests.servers.steps import Hold, ReadHead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

BOTH: Final = pytest.mark.parametrize("adapters", [theirs, ours], ids=["requests", "sojourn"])
METHODS: Final = (
    "__init__",
    "send",
    "close",
    "init_poolmanager",
    "proxy_manager_for",
    "cert_verify",
    "build_response",
    "build_connection_pool_key_attributes",
    "get_connection_with_tls_context",
    "get_connection",
    "request_url",
    "add_headers",
    "proxy_headers",
)


@pytest.fixture
def made() -> Iterator[Callable[..., Any]]:
    """Adapters that are closed with the test."""
    kept: list[Any] = []

    def make(kind: type[Any] = ours.HTTPAdapter, *arguments: Any, **options: Any) -> Any:
        kept.append(kind(*arguments, **options))
        return kept[-1]

    yield make
    for adapter in kept:
        adapter.close()


def get(adapter: Any, url: str, method: str = "GET", **options: Any) -> Any:
    kind = requests.Request if isinstance(adapter, theirs.BaseAdapter) else Request
    return adapter.send(kind(method, url).prepare(), **options)


def hello(request: Received) -> bytes:
    fields = (("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    return answer(200, *fields, content=b"hello")


@pytest.mark.parametrize("name", METHODS)
def test_signatures(name: str) -> None:
    def parameters(module: Any) -> list[tuple[str, Any, Any]]:
        signature = inspect.signature(getattr(module.HTTPAdapter, name))
        return [(each.name, each.kind, each.default) for each in signature.parameters.values()]

    assert parameters(ours) == parameters(theirs)


def test_constants_and_bases() -> None:
    names = ("DEFAULT_POOLBLOCK", "DEFAULT_POOLSIZE", "DEFAULT_RETRIES", "DEFAULT_POOL_TIMEOUT")
    for name in names:
        assert getattr(ours, name) == getattr(theirs, name)
    assert issubclass(ours.HTTPAdapter, (SyncHTTPAdapter, ours.BaseAdapter))
    assert ours.HTTPAdapter.__attrs__ == theirs.HTTPAdapter.__attrs__
    for call in (lambda base: base.send(None), lambda base: base.close()):
        with pytest.raises(NotImplementedError):
            call(ours.BaseAdapter())


# --- responses ------------------------------------------------------------------------------------


@BOTH
def test_a_response_from_the_wire(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], adapters: Any
) -> None:
    adapter = made(adapters.HTTPAdapter)
    url = serve(hello).url("/x?y#f")
    response = get(adapter, url, stream=True)
    assert (response.status_code, response.reason, response.url) == (200, "OK", url)
    assert response.headers["set-cookie"] == "a=1, b=2"
    assert response.encoding == "ISO-8859-1"
    assert response.cookies.get_dict() == {"a": "1", "b": "2"}
    assert response.raw.headers.getlist("set-cookie") == ["a=1", "b=2"]
    assert response.connection is adapter
    assert response.content == b"hello"
    again = response.connection.send(response.request, stream=False)
    assert again.text == "hello"


@BOTH
def test_a_response_of_urllib3(made: Callable[..., Any], adapters: Any) -> None:
    adapter = made(adapters.HTTPAdapter)
    kind = requests.Request if adapters is theirs else Request
    raw = urllib3.HTTPResponse(
        io.BytesIO(gzip.compress(b"hello")),
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html; charset=utf-8"},
        status=404,
        reason="Gone",
        preload_content=False,
    )
    raw.headers.add("X", "1")
    raw.headers.add("x", "2")
    response = adapter.build_response(kind("GET", "http://a.test/").prepare(), raw)
    assert (response.status_code, response.reason) == (404, "Gone")
    assert response.encoding == "utf-8"
    assert response.headers["x"] == "1, 2"
    assert response.text == "hello"
    assert response.raw is raw
    assert response.cookies.get_dict() == {}


def test_a_raw_response_of_anybody(made: Callable[..., Any]) -> None:
    raw = SimpleNamespace(
        status=200, headers={"Set-Cookie": "a=1"}, reason=None, read=io.BytesIO(b"x").read
    )
    request = Request("GET", "http://a.test/").prepare()
    request.url = b"http://a.test/"
    response = made().build_response(request, raw)
    assert response.url == "http://a.test/"
    assert response.content == b"x"
    assert response.headers.get_all("set-cookie") == ["a=1"]


# --- pools ----------------------------------------------------------------------------------------


def test_sizes_of_the_pool(made: Callable[..., Any]) -> None:
    adapter = made(ours.HTTPAdapter, 2, 3)
    assert adapter.pool.limits.idle_max == 6
    assert adapter.pool.limits.connections_per_key_max > 10**6
    assert made(ours.HTTPAdapter, 2, 3, pool_block=True).pool.limits.connections_per_key_max == 3


def test_a_pickled_adapter_is_set_up_anew(made: Callable[..., Any]) -> None:
    adapter = made(ours.HTTPAdapter, 2, 3, max_retries=4, pool_block=True)
    again = pickle.loads(pickle.dumps(adapter))
    assert again.pool.limits == adapter.pool.limits
    assert again.max_retries == adapter.max_retries
    assert set(adapter.__getstate__()) == set(ours.HTTPAdapter.__attrs__)
    assert again.poolmanager.connection_pool_kw == {"maxsize": 3, "block": True}
    again.close()


def test_connections_are_used_again(
    made: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    server = serve(hello)
    adapter = made()
    for _ in range(2):
        assert get(adapter, server.url()).content == b"hello"
    assert [request.connection for request in server.requests] == [0, 0]
    adapter.poolmanager.clear()
    assert adapter.pool.open_count == 0


# --- overrides ------------------------------------------------------------------------------------


def test_every_method_is_asked_in_order(
    made: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    asked: list[str] = []
    names = (*METHODS[3:], "send")

    def note(name: str) -> Any:
        def method(self: Any, *arguments: Any, **options: Any) -> Any:
            asked.append(name)
            return getattr(ours.HTTPAdapter, name)(self, *arguments, **options)

        return method

    kind = type("Noting", (ours.HTTPAdapter,), {name: note(name) for name in names})
    get(made(kind), serve(hello).url()).close()
    assert asked == [
        "init_poolmanager",
        "send",
        "get_connection_with_tls_context",
        "build_connection_pool_key_attributes",
        "cert_verify",
        "request_url",
        "add_headers",
        "build_response",
    ]


def test_targets_and_fields_of_overrides_are_sent(
    made: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    class Own(ours.HTTPAdapter):
        def request_url(self, request: Any, proxies: Any) -> str:
            return "/other" + super().request_url(request, proxies)

        def add_headers(self, request: Any, **kwargs: Any) -> None:
            request.headers["X-Stream"] = str(kwargs["stream"])

    server = serve(hello)
    response = get(made(Own), server.url("/x?y"), stream=True)
    assert response.url == server.url("/x?y")
    assert response.content == b"hello"
    assert server.requests[0].target == "/other/x?y"
    assert server.requests[0].value("x-stream") == "True"


def test_a_pool_of_urllib3_sends_if_an_override_returns_it(
    made: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    server = serve(hello)
    pool = urllib3.HTTPConnectionPool("127.0.0.1", URL(server.url()).port)

    class Own(ours.HTTPAdapter):
        def get_connection_with_tls_context(
            self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
        ) -> Any:
            return pool

    response = get(made(Own), server.url("/x"))
    assert isinstance(response.raw, urllib3.HTTPResponse)
    assert response.content == b"hello"
    assert response.cookies.get_dict() == {"a": "1", "b": "2"}
    pool.close()


def test_the_old_name_for_a_connection_warns(made: Callable[..., Any]) -> None:
    with pytest.warns(DeprecationWarning, match="get_connection_with_tls_context"):
        assert made().get_connection("http://a.test:8080/").port == 8080


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture
def secure(serve: Callable[..., HandlerServer], ca: Authority) -> HandlerServer:
    return serve(hello, context=ca.server_context())


# The warning of ``verify=False`` is the matter of other tests.
unverified = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def with_settings(**settings: Any) -> type[ours.HTTPAdapter]:
    class Own(ours.HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options, **settings)

    return Own


def test_verify_as_it_is(made: Callable[..., Any], secure: HandlerServer, ca: Authority) -> None:
    adapter = made()
    assert get(adapter, secure.url(), verify=str(ca.path)).content == b"hello"
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning, match="made to host '127.0.0.1'"):
        assert get(adapter, secure.url(), verify=False).content == b"hello"
    with pytest.raises(SSLError):
        get(adapter, secure.url())


@pytest.mark.parametrize("settings", [{}, {"ssl_minimum_version": ssl.TLSVersion.TLSv1_2}])
def test_a_bundle_that_was_replaced_is_read_again(
    made: Callable[..., Any],
    secure: HandlerServer,
    ca: Authority,
    tmp_path: Path,
    settings: dict[str, Any],
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(padded(ca.path.read_bytes()))
    adapter = made(with_settings(**settings))
    assert get(adapter, secure.url(), verify=str(bundle)).content == b"hello"
    other = trustme.CA(organization_name="another authority")
    replace_within_a_tick(bundle, padded(other.cert_pem.bytes()))
    with pytest.raises(SSLError):
        get(adapter, secure.url(), verify=str(bundle))


@BOTH
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"verify": "/no/such"}, "TLS CA certificate bundle, invalid path: /no/such"),
        ({"cert": "/no/cert"}, "TLS certificate file, invalid path: /no/cert"),
        ({"cert": (__file__, "/no/key")}, "TLS key file, invalid path: /no/key"),
    ],
)
def test_files_that_are_not_there(
    made: Callable[..., Any], adapters: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(OSError, match=said) as caught:
        get(made(adapters.HTTPAdapter), "https://a.test/", **options)
    assert type(caught.value) is OSError


def test_a_certificate_is_a_path_or_a_pair(made: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"^cert must be a path, or a pair .*, not int$"):
        get(made(ours.HTTPAdapter), "https://a.test/", cert=3)


def test_a_context_that_was_handed_in_is_used(
    made: Callable[..., Any], secure: HandlerServer, ca: Authority
) -> None:
    context = ca.client_context()
    adapter = made(with_settings(ssl_context=context))
    assert get(adapter, secure.url()).content == b"hello"
    [key] = {connection.key for connection in adapter.pool._idle}
    assert key.tls.context is context


@unverified
def test_a_context_without_verification_is_made_stricter(
    made: Callable[..., Any], secure: HandlerServer
) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    adapter = made(with_settings(ssl_context=context))
    with pytest.raises(SSLError):
        get(adapter, secure.url())
    assert get(adapter, secure.url(), verify=False).content == b"hello"
    assert context.verify_mode is ssl.CERT_REQUIRED


@unverified
def test_a_context_is_not_made_laxer(
    made: Callable[..., Any], secure: HandlerServer, ca: Authority
) -> None:
    context = ca.client_context()
    context.set_ciphers("ECDHE+AESGCM")
    adapter = made(with_settings(ssl_context=context))
    assert get(adapter, secure.url("/", host="localhost"), verify=False).content == b"hello"
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"assert_hostname": "a.test"},
        {"server_hostname": "a.test"},
        {"assert_hostname": False},
        {"cert_reqs": "CERT_NONE"},
    ],
)
@pytest.mark.parametrize("verify", [True, False])
@unverified
def test_a_context_keeps_its_client_certificate(
    made: Callable[..., Any],
    serve: Callable[..., HandlerServer],
    ca: Authority,
    settings: dict[str, Any],
    verify: bool,
) -> None:
    asking = ca.server_context()
    asking.verify_mode = ssl.CERT_REQUIRED
    asking.load_verify_locations(ca.path)
    server = serve(lambda request: answer(200, content=b"hello"), context=asking)
    context = ca.client_context()
    context.load_cert_chain(ca.client_certificate)
    adapter = made(with_settings(ssl_context=context, **settings))
    trusted = str(ca.path) if verify else False
    assert get(adapter, server.url(), verify=trusted).content == b"hello"
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("names", "expected", "fits"),
    [
        ((("DNS", "a.test"),), "A.test.", True),
        ((("DNS", "*.a.test"),), "b.a.test", True),
        ((("DNS", "*.a.test"),), "a.test", False),
        ((("DNS", "*.a.test"),), "c.b.a.test", False),
        ((("DNS", "w*.a.test"),), "www.a.test", False),
        ((("DNS", "*.0.0.1"),), "127.0.0.1", False),
        ((("IP Address", "127.0.0.1"),), "127.0.0.1", True),
        ((("IP Address", "0:0:0:0:0:0:0:1"),), "[::1]", True),
        ((("DNS", "127.0.0.1"),), "127.0.0.1", False),
        ((("DNS", "*."),), ".", False),
        ((), "a.test", False),
    ],
)
def test_names_of_certificates(
    names: tuple[tuple[str, str], ...], expected: str, fits: bool
) -> None:
    certificate = {"subject": ((("commonName", "a.test"),),), "subjectAltName": names}
    if fits:
        check_name(certificate, expected)
        return
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        check_name(certificate, expected)


def fingerprint_of(ca: Authority) -> str:
    pem = ca.certificate.read_text().partition("-----BEGIN CERTIFICATE-----")
    first = (pem[1] + pem[2]).partition("-----END CERTIFICATE-----")
    octets = ssl.PEM_cert_to_DER_cert(first[0] + first[1])
    return hashlib.sha256(octets).hexdigest()


def test_names_and_fingerprints(
    made: Callable[..., Any], secure: HandlerServer, ca: Authority
) -> None:
    trusted = str(ca.path)
    right = fingerprint_of(ca)
    good: list[dict[str, Any]] = [
        {"assert_hostname": "a.test"},
        {"server_hostname": "b.test"},
        {"assert_hostname": False},
        {"assert_fingerprint": right.upper()},
        {"ssl_minimum_version": ssl.TLSVersion.TLSv1_3},
        {"ssl_version": ssl.PROTOCOL_TLSv1_2},
    ]
    for settings in good:
        assert get(made(with_settings(**settings)), secure.url(), verify=trusted).ok
    bad: list[dict[str, Any]] = [
        {"assert_hostname": "other.test"},
        {"assert_fingerprint": ("11" if right.startswith("00") else "00") + right[2:]},
        {"assert_fingerprint": "abc"},
    ]
    for settings in bad:
        with pytest.raises(SSLError):
            get(made(with_settings(**settings)), secure.url(), verify=trusted)


def test_settings_may_change_later(
    made: Callable[..., Any], secure: HandlerServer, ca: Authority
) -> None:
    adapter = made()
    adapter.poolmanager.connection_pool_kw["assert_hostname"] = "other.test"
    with pytest.raises(SSLError):
        get(adapter, secure.url(), verify=str(ca.path))
    adapter.poolmanager.connection_pool_kw.pop("assert_hostname")
    assert get(adapter, secure.url(), verify=str(ca.path)).ok


# --- proxies --------------------------------------------------------------------------------------


def test_a_proxy_gets_its_credentials_and_fields(
    made: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    class Own(ours.HTTPAdapter):
        def proxy_headers(self, proxy: str) -> dict[str, str]:
            return {**super().proxy_headers(proxy), "X-Proxy": "yes"}

    server = serve(hello)
    proxy = server.url().replace("//", "//u:p@").rstrip("/")
    adapter = made(Own)
    response = get(adapter, "http://a.test/x", proxies={"http": proxy})
    assert response.content == b"hello"
    assert response.request.headers.get("x-proxy") is None
    [seen] = server.requests
    assert seen.target == "http://a.test/x"
    assert seen.value("proxy-authorization") == "Basic dTpw"
    assert seen.value("x-proxy") == "yes"
    assert list(adapter.proxy_manager) == [proxy]


@BOTH
@pytest.mark.parametrize("proxy", ["http://", "http://:8080"])
def test_a_proxy_without_a_host(made: Callable[..., Any], adapters: Any, proxy: str) -> None:
    with pytest.raises((InvalidProxyURL, requests.exceptions.InvalidProxyURL)):
        get(made(adapters.HTTPAdapter), "http://a.test/", proxies={"http": proxy})


@BOTH
@pytest.mark.parametrize(
    ("url", "proxies", "target"),
    [
        ("http://a.test", {}, "/"),
        ("http://u:p@a.test/x?y#f", {"http": "http://p.test"}, "http://a.test/x?y"),
        ("http://a.test/x", {"http": "socks5://p.test"}, "/x"),
        ("https://a.test/x", {"https": "http://p.test"}, "/x"),
    ],
)
def test_request_url(
    made: Callable[..., Any], adapters: Any, url: str, proxies: dict[str, str], target: str
) -> None:
    kind = requests.Request if adapters is theirs else Request
    adapter = made(adapters.HTTPAdapter)
    assert adapter.request_url(kind("GET", url).prepare(), proxies) == target


@BOTH
def test_proxy_headers(made: Callable[..., Any], adapters: Any) -> None:
    adapter = made(adapters.HTTPAdapter)
    assert adapter.proxy_headers("http://p.test") == {}
    found = adapter.proxy_headers("http://u:p@p.test")
    assert found == {"Proxy-Authorization": "Basic dTpw"}


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [0.2, (None, 0.05), Timeout(read=0.05), Timeout(total=0.2)])
def test_timeouts(
    made: Callable[..., Any], scripted: Callable[..., ScriptedServer], timeout: Any
) -> None:
    server = scripted([ReadHead(), Hold()])
    with pytest.raises(ReadTimeout):
        get(made(), server.url(), timeout=timeout)


@BOTH
@pytest.mark.parametrize("timeout", [(1, 2, 3), "x", 0])
def test_what_is_no_timeout(made: Callable[..., Any], adapters: Any, timeout: Any) -> None:
    with pytest.raises(ValueError, match=r"(?i)timeout"):
        get(made(adapters.HTTPAdapter), "http://127.0.0.1:1/", timeout=timeout)


@pytest.mark.parametrize("timeout", ["foo", {}, [1, 2]])
def test_the_words_of_what_is_no_timeout(made: Callable[..., Any], timeout: Any) -> None:
    """Tests of programs look for these words of Requests."""
    with pytest.raises(ValueError, match="must be an int, float or None"):
        get(made(), "http://127.0.0.1:1/", timeout=timeout)
    with pytest.raises(ValueError, match="must be an int, float or None"):
        compat.get("http://127.0.0.1:1/", timeout=timeout)


# --- raw ------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("coding", [None, "gzip"])
def test_a_raw_response_counts_as_closed_at_its_end(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], adapters: Any, coding: str | None
) -> None:
    content = gzip.compress(b"content", mtime=0) if coding else b"content"
    fields = (("Content-Encoding", coding),) if coding else ()
    server = serve(lambda request: answer(200, *fields, content=content))
    raw = get(made(adapters.HTTPAdapter), server.url()).raw
    assert raw.length_remaining == len(content)
    pieces = []
    while not raw.closed:
        pieces.append(raw.read(4))
    assert b"".join(pieces) == content
    assert (raw.length_remaining, raw.read()) == (0, b"")
    response = get(made(adapters.HTTPAdapter), server.url())
    assert response.content == b"content"
    assert response.raw.closed
    assert response.raw.read() == b""


@BOTH
def test_a_raw_response_that_is_wrapped_stays_open(
    made: Callable[..., Any], serve: Callable[..., HandlerServer], adapters: Any
) -> None:
    raw = get(made(adapters.HTTPAdapter), serve(hello).url()).raw
    raw.auto_close = False
    with io.TextIOWrapper(raw) as text:
        assert list(text) == ["hello"]


def test_a_manager_of_a_socks_proxy(made: Callable[..., Any]) -> None:
    adapter = made(pool_connections=3)
    manager = adapter.proxy_manager_for("socks5h://127.0.0.1:1080")
    assert isinstance(manager, ours.SOCKSProxyManager)
    assert (manager.proxy_url, manager.num_pools) == ("socks5h://127.0.0.1:1080", 3)
    assert adapter.proxy_manager_for("socks5h://127.0.0.1:1080") is manager
    assert ours.SOCKSProxyManager("socks5://127.0.0.1:1080").proxy_headers == {}


def test_no_proxy_by_socks_without_the_extra(
    made: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "sojourn.shared.socks", raising=False)
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(InvalidSchema, match=r"^Missing dependencies for SOCKS support\.$"):
        made().proxy_manager_for("socks5h://127.0.0.1:1080")
    with pytest.raises(InvalidSchema):
        ours.SOCKSProxyManager("socks5://127.0.0.1:1080")
    with pytest.raises(InvalidSchema, match=r"^Missing dependencies for SOCKS support\.$"):
        get(made(), "http://a.test/", proxies={"http": "socks5://127.0.0.1:1"})
