"""Every binding by way of HTTPS proxies, and by tunnels for http: Squid, and scripted ones."""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from sojourn import AsyncHTTPAdapter, HTTPAdapter, Policy, TLSSettings
from sojourn.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ConnectTimeout,
    ProxyError,
    RemoteProtocolError,
    SSLError,
)
from sojourn.trio import HTTPAdapter as TrioAdapter
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.authority import Authority
from tests.servers.proxy import OPEN, ProxyServer
from tests.servers.scripted import response as answer
from tests.servers.squid import PASSWORD, USER
from tests.servers.steps import (
    Close,
    Expect,
    Hold,
    Offer,
    ReadContent,
    ReadHead,
    Reset,
    Send,
    StartTLS,
    WaitClosed,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.scripted import HandlerServer, ScriptedServer
    from tests.servers.squid import Squid

BINDINGS = EVERY_BINDING
USERINFO: Final = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
OK: Final = answer(200, content=b"ok")
CONTENT: Final = b"sojourn." * 100_000
ADAPTERS: Final = {"sync": HTTPAdapter, "asyncio": AsyncHTTPAdapter, "trio": TrioAdapter}
SCHEMES: Final = pytest.mark.parametrize("scheme", ["http", "https"])
TUNNELING: Final = Policy(tunnel_http=True)


@pytest.fixture
def origins(serve: Callable[..., HandlerServer], ca: Authority) -> dict[str, HandlerServer]:
    """One for each scheme; their answers tell the target and the size of the content."""

    def tell(request: Any) -> bytes:
        return answer(200, content=f"{request.target} {len(request.content)}".encode())

    return {"http": serve(tell), "https": serve(tell, context=ca.server_context())}


@pytest.fixture
def strange(tmp_path: Path) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path)


def get(binding: Binding, session: Any, url: str, method: str = "GET", **options: Any) -> Any:
    return binding.run(session.request(method, url, **options))


# --- a real one -----------------------------------------------------------------------------------


@SCHEMES
@pytest.mark.parametrize("guarded", [False, True])
def test_squid_behind_tls(
    binding: Binding,
    secured_squid: tuple[str, str],
    origins: dict[str, HandlerServer],
    ca: Authority,
    scheme: str,
    guarded: bool,
) -> None:
    session = binding.session()
    userinfo = f"{USERINFO}@" if guarded else ""
    by = {"proxies": {"all": f"https://{userinfo}{secured_squid[guarded]}"}, "verify": str(ca.path)}
    url = origins[scheme].url("/x", host="b.test")
    for _ in range(2):
        assert get(binding, session, url, **by).content == b"/x 0"
    assert get(binding, session, url, "POST", data=CONTENT, **by).content == b"/x 800000"
    assert pool_of(session).open_count == pool_of(session).idle_count == 1
    assert {each.value("Proxy-Authorization") for each in origins[scheme].requests} == {None}


def test_squid_turns_away_who_has_no_password(
    binding: Binding,
    secured_squid: tuple[str, str],
    origins: dict[str, HandlerServer],
    ca: Authority,
) -> None:
    session = binding.session()
    by = {"proxies": {"all": f"https://{secured_squid[1]}"}, "verify": str(ca.path)}
    assert get(binding, session, origins["http"].url(), **by).status_code == 407
    with pytest.raises(ProxyError, match="407"):
        get(binding, session, origins["https"].url(), **by)


def test_http_goes_through_a_tunnel_of_squid(
    binding: Binding, squid: Squid, origins: dict[str, HandlerServer]
) -> None:
    """Squid adds no Via to what it does not see."""
    session = binding.session(policy=TUNNELING)
    url = origins["http"].url("/x", host="a.test")
    for _ in range(2):
        response = get(binding, session, url, proxies={"http": squid.url()})
        assert response.content == b"/x 0"
        assert "Via" not in response.headers
        assert "proxy.tunneled" in [each.code for each in response.decisions]
    assert origins["http"].connections == 1


# --- tunnels for http -----------------------------------------------------------------------------


def test_what_a_tunnel_for_http_says_to_whom(
    binding: Binding, origins: dict[str, HandlerServer]
) -> None:
    session = binding.session(policy=TUNNELING)
    with ProxyServer() as proxy:
        by = {"http": proxy.url().replace("//", "//me:secret@")}
        url = origins["http"].url("/x", host="a.test")
        assert get(binding, session, url, proxies=by).content == b"/x 0"
        (asked,) = proxy.requests
    assert (asked.method, asked.target) == ("CONNECT", f"a.test:{origins['http'].port}")
    assert asked.value("Proxy-Authorization") == "Basic bWU6c2VjcmV0"
    (request,) = origins["http"].requests
    assert request.target == "/x"
    assert request.value("Proxy-Authorization") is None


def test_bytes_that_come_before_the_request(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(OPEN + b"220 hello\r\n"), WaitClosed()])
    session = binding.session(policy=TUNNELING)
    with pytest.raises(RemoteProtocolError, match="before it was asked") as caught:
        get(binding, session, "http://a.test/", proxies={"http": server.url()})
    assert not caught.value.maybe_sent
    assert pool_of(session).open_count == 0


# --- TLS in TLS, step by step ---------------------------------------------------------------------


def in_tls(ca: Authority, *steps: Any) -> list[Any]:
    """What an HTTPS proxy does that opens a tunnel, and the origin in it."""
    return [ReadHead(), Send(OPEN), StartTLS(ca.server_context()), *steps]


def test_a_conversation(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    """A request that is forwarded; a tunnel whose answer comes byte by byte, with large content."""
    large = answer(200, content=CONTENT)
    trickle = [Send(bytes([each])) for each in OPEN]
    server = scripted(
        [ReadHead(), Send(OK), WaitClosed()],
        [
            ReadHead(),
            *trickle,
            StartTLS(ca.server_context()),
            ReadHead(),
            ReadContent(len(CONTENT)),
            Send(large),
            ReadHead(),
            Send(OK),
            WaitClosed(),
        ],
        context=ca.server_context(),
    )
    session = binding.session()
    by = {"proxies": {"all": f"https://127.0.0.1:{server.port}"}, "verify": str(ca.path)}
    assert get(binding, session, "http://a.test/x", **by).content == b"ok"
    response = get(binding, session, "https://a.test/y", "POST", data=CONTENT, **by)
    assert response.content == CONTENT
    assert get(binding, session, "https://a.test/z", **by).content == b"ok"
    assert pool_of(session).idle_count == 2
    assert (
        server.received[0]
        == b"GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n"
        + (server.received[0].partition(b"Host: a.test\r\n")[2])
    )
    assert server.received[1].startswith(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n")


def test_an_early_answer_to_an_upload(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    refusal = answer(413, ("Connection", "close"), content=b"too much")
    server = scripted(in_tls(ca, ReadHead(), Send(refusal), Hold()), context=ca.server_context())
    session = binding.session()
    response = get(
        binding,
        session,
        "https://a.test/",
        "POST",
        data=binding.upload(lambda: iter([CONTENT] * 40)),
        proxies={"all": f"https://127.0.0.1:{server.port}"},
        verify=str(ca.path),
    )
    assert (response.status_code, response.content) == (413, b"too much")
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize(
    ("steps", "kind", "said"),
    [
        ([Close()], ProxyError, "gave no answer to CONNECT"),
        ([Reset()], ProxyError, "before there was a tunnel"),
        ([Send(b"nonsense\r\n\r\n"), WaitClosed()], ProxyError, "gave no answer to CONNECT"),
        ([Send(answer(403)), WaitClosed()], ProxyError, "403"),
        ([Send(OPEN), Close()], ConnectionError, "a.test"),
        ([Send(OPEN + b"220 hello\r\n"), WaitClosed()], SSLError, "'a.test'"),
    ],
)
def test_a_tunnel_that_does_not_come_about(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
    steps: list[Any],
    kind: type[Exception],
    said: str,
) -> None:
    server = scripted([ReadHead(), *steps], context=ca.server_context())
    session = binding.session()
    by = {"all": f"https://me:secret@127.0.0.1:{server.port}"}
    with pytest.raises(kind, match=said) as caught:
        get(binding, session, "https://a.test/", proxies=by, verify=str(ca.path))
    assert "secret" not in str(caught.value)
    assert not caught.value.maybe_sent
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize("notify", [True, False])
def test_content_that_is_cut(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority, notify: bool
) -> None:
    """Its end must be the origin's; that of TLS with the proxy says nothing of it."""
    begun = b"HTTP/1.1 200 OK\r\n\r\nbegun"
    server = scripted(
        in_tls(ca, ReadHead(), Send(begun), Close(notify=notify)), context=ca.server_context()
    )
    session = binding.session()
    by = {"proxies": {"all": f"https://127.0.0.1:{server.port}"}, "verify": str(ca.path)}
    if notify:
        assert get(binding, session, "https://a.test/", **by).content == b"begun"
    else:
        with pytest.raises(ChunkedEncodingError):
            get(binding, session, "https://a.test/", **by)
    assert pool_of(session).open_count == 0


def test_silence_in_either_handshake(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    session = binding.session()
    hold = [Expect(b"\x16"), Hold()]
    outer = scripted(hold)
    inner = scripted([ReadHead(), Send(OPEN), *hold], context=ca.server_context())
    for server in (outer, inner):
        by = {"all": f"https://127.0.0.1:{server.port}"}
        with pytest.raises(ConnectTimeout, match="through the proxy https://127"):
            get(
                binding,
                session,
                "https://a.test/",
                proxies=by,
                verify=str(ca.path),
                timeout=(1.0, 5),
            )
    assert pool_of(session).open_count == 0


# --- whom is trusted ------------------------------------------------------------------------------


@SCHEMES
def test_the_certificate_of_the_proxy(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
    strange: Authority,
    scheme: str,
) -> None:
    """It is the proxy's handshake that fails, and the error says so."""
    server = scripted([WaitClosed()], context=strange.server_context())
    session = binding.session()
    by = {"all": f"https://127.0.0.1:{server.port}"}
    with pytest.raises(ProxyError, match="no TLS connection to the proxy https://127") as caught:
        get(binding, session, f"{scheme}://a.test/", proxies=by, verify=str(ca.path))
    assert isinstance(caught.value.__cause__, SSLError)
    assert not caught.value.maybe_sent


def test_the_certificate_of_the_origin(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority, strange: Authority
) -> None:
    server = scripted(in_tls(strange, WaitClosed()), context=ca.server_context())
    session = binding.session()
    with pytest.raises(SSLError, match=r"no TLS connection to 'a\.test'"):
        get(
            binding,
            session,
            "https://a.test/",
            proxies={"all": f"https://127.0.0.1:{server.port}"},
            verify=str(ca.path),
        )


@pytest.mark.parametrize("as_context", [False, True])
def test_a_trust_of_its_own(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
    strange: Authority,
    as_context: bool,
) -> None:
    server = scripted(
        in_tls(ca, ReadHead(), Send(OK), WaitClosed()), context=strange.server_context()
    )
    trust: Any = ssl.create_default_context(cafile=strange.path) if as_context else strange.path
    session = binding.session()
    session.mount("https://", ADAPTERS[binding.name](proxy_verify=trust))
    response = get(
        binding,
        session,
        "https://a.test/",
        proxies={"all": f"https://127.0.0.1:{server.port}"},
        verify=str(ca.path),
    )
    assert response.content == b"ok"


@pytest.mark.parametrize("fits", [True, False])
def test_a_pinned_certificate_of_the_proxy(
    binding: Binding, scripted: Callable[..., ScriptedServer], strange: Authority, fits: bool
) -> None:
    """That of an authority which nobody trusts will do."""
    steps = [ReadHead(), Send(OK), WaitClosed()] if fits else [WaitClosed()]
    server = scripted(steps, context=strange.server_context())
    chain = strange.certificate.read_text().split("-----BEGIN")
    der = ssl.PEM_cert_to_DER_cert("-----BEGIN" + chain[2])
    pin = hashlib.sha256(der).hexdigest() if fits else "0" * 64
    trust = TLSSettings(trust=False, fingerprints=(pin,))
    session = binding.session()
    session.mount("http://", ADAPTERS[binding.name](proxy_verify=trust))
    by = {"proxies": {"all": f"https://127.0.0.1:{server.port}"}}
    if fits:
        assert get(binding, session, "http://a.test/", **by).content == b"ok"
        return
    with pytest.raises(ProxyError, match="none of those that are pinned"):
        get(binding, session, "http://a.test/", **by)


def test_pins_of_origins_do_not_make_a_proxy_trusted(
    binding: Binding, scripted: Callable[..., ScriptedServer], strange: Authority
) -> None:
    """Where they are all that counts, the proxy is trusted as if nothing was said."""
    server = scripted([WaitClosed()], context=strange.server_context())
    known = TLSSettings(trust=False, fingerprints=("0" * 64,))
    by = {"proxies": {"all": f"https://127.0.0.1:{server.port}"}, "verify": known}
    with pytest.raises(ProxyError, match="unable to get local issuer"):
        get(binding, binding.session(), "http://a.test/", **by)


def test_nothing_is_verified_where_that_is_asked_for(
    binding: Binding, scripted: Callable[..., ScriptedServer], strange: Authority
) -> None:
    server = scripted(
        in_tls(strange, ReadHead(), Send(OK), WaitClosed()), context=strange.server_context()
    )
    session = binding.session()
    by = {"all": f"https://127.0.0.1:{server.port}"}
    response = get(binding, session, "https://c.test/", proxies=by, verify=False)
    assert response.content == b"ok"


def test_a_proxy_that_speaks_no_tls(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    server = scripted([Expect(b"\x16"), Offer(b"HTTP/1.1 400 No\r\n\r\n"), WaitClosed()])
    session = binding.session()
    by = {"all": f"https://127.0.0.1:{server.port}"}
    with pytest.raises(ProxyError, match="no TLS connection to the proxy"):
        get(binding, session, "http://a.test/", proxies=by, verify=str(ca.path))
