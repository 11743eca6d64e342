"""Every binding by way of SOCKS proxies: microsocks, Dante, and scripted ones."""

from __future__ import annotations

import ipaddress
import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from sojourn import Policy
from sojourn.exceptions import (
    AddressRefused,
    ConnectionError,
    ConnectTimeout,
    InvalidProxyURL,
    InvalidSchema,
    NameResolutionError,
    ProxyError,
    SSLError,
)
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.microsocks import PASSWORD, USER
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Expect, Hold, ReadHead, Reset, Send, StartTLS, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.dante import Dante
    from tests.servers.microsocks import Microsocks
    from tests.servers.scripted import HandlerServer, ScriptedServer

BINDINGS = EVERY_BINDING
USERINFO: Final = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
OK: Final = answer(200, content=b"ok")
CONTENT: Final = b"sojourn." * 40_000
CHOSEN: Final = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"))
BOUND: Final = b"\x05\x00\x00\x01" + bytes(6)
TUNNEL: Final = (*CHOSEN, Expect(b"\x05\x01\x00"), Send(BOUND))


@pytest.fixture
def origins(serve: Callable[..., HandlerServer], ca: Authority) -> dict[str, HandlerServer]:
    """One for each scheme; their answers tell the target and the size of the content."""

    def tell(request: Any) -> bytes:
        return answer(200, content=f"{request.target} {len(request.content)}".encode())

    return {"http": serve(tell), "https": serve(tell, context=ca.server_context())}


def get(binding: Binding, session: Any, url: str, method: str = "GET", **options: Any) -> Any:
    return binding.run(session.request(method, url, **options))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["socks5", "socks5h"])
def test_microsocks(
    binding: Binding,
    microsocks: Microsocks,
    origins: dict[str, HandlerServer],
    ca: Authority,
    scheme: str,
    version: str,
) -> None:
    """Requests, one with content, by one tunnel."""
    session = binding.session()
    by = {"proxies": {"all": f"{version}://127.0.0.1:{microsocks.port}"}, "verify": str(ca.path)}
    url = origins[scheme].url("/x", host="localhost")
    for _ in range(2):
        assert get(binding, session, url, **by).content == b"/x 0"
    assert get(binding, session, url, "POST", data=CONTENT, **by).content == b"/x 320000"
    assert {each.connection for each in origins[scheme].requests} == {0}
    assert pool_of(session).open_count == pool_of(session).idle_count == 1


@pytest.mark.parametrize("version", ["socks5", "socks5h"])
def test_microsocks_with_a_password(
    binding: Binding,
    guarded_microsocks: Microsocks,
    origins: dict[str, HandlerServer],
    version: str,
) -> None:
    session = binding.session()
    place = f"127.0.0.1:{guarded_microsocks.port}"
    url = origins["http"].url(host="localhost")
    for userinfo, said in ((f"{USERINFO}@", ""), ("me:hidden@", "refuses the user"), ("", "asks")):
        by = {"all": f"{version}://{userinfo}{place}"}
        if not said:
            response = get(binding, session, url, proxies=by)
            assert response.ok
            continue
        with pytest.raises(ProxyError, match=said) as caught:
            get(binding, session, url, proxies=by)
        assert f"{version}://{place}" in str(caught.value)
        assert "hidden" not in str(caught.value)
        assert not caught.value.maybe_sent
    (request,) = origins["http"].requests
    assert request.value("Proxy-Authorization") is None


@pytest.mark.parametrize("version", ["socks4", "socks5", "socks5h"])
def test_dante(
    binding: Binding, dante: Dante, origins: dict[str, HandlerServer], ca: Authority, version: str
) -> None:
    session = binding.session()
    by = {"proxies": {"all": f"{version}://me@127.0.0.1:{dante.port}"}, "verify": str(ca.path)}
    for scheme in ("http", "https"):
        for _ in range(2):
            assert get(binding, session, origins[scheme].url("/x"), **by).content == b"/x 0"
        assert origins[scheme].connections == 1
    with pytest.raises(ProxyError, match=r"refuses a connection to 127\.0\.0\.9:80: (91|2) \("):
        get(binding, session, "http://127.0.0.9/", **by)


def test_a_proxy_of_the_environment(
    binding: Binding,
    microsocks: Microsocks,
    origins: dict[str, HandlerServer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{microsocks.port}")
    session = binding.session(policy=Policy(strict_no_proxy=True))
    response = get(binding, session, origins["http"].url(host="localhost"))
    (decision,) = [each for each in response.decisions if each.code == "proxy.chosen"]
    assert decision.subject == f"socks5h://127.0.0.1:{microsocks.port}"


def test_an_origin_that_refuses(binding: Binding, microsocks: Microsocks) -> None:
    session = binding.session()
    with pytest.raises(ProxyError, match=r"refuses a connection to localhost:1: 5 \(conn"):
        get(
            binding,
            session,
            "http://localhost:1/",
            proxies={"all": f"socks5h://127.0.0.1:{microsocks.port}"},
        )
    assert pool_of(session).open_count == 0


# --- scripted ones --------------------------------------------------------------------------------


def test_replies_that_come_byte_by_byte(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    trickle = [Send(bytes([each])) for each in BOUND]
    script = [*CHOSEN, Expect(b"\x05\x01\x00"), *trickle]
    server = scripted(
        [*script, ReadHead(), Send(OK), WaitClosed()],
        [*script, StartTLS(ca.server_context()), ReadHead(), Send(OK), WaitClosed()],
    )
    session = binding.session()
    for url in ("http://a.test/", "https://a.test/"):
        by = {"all": f"socks5h://127.0.0.1:{server.port}"}
        assert get(binding, session, url, proxies=by, verify=str(ca.path)).content == b"ok"
    assert b"\x05\x01\x00\x03\x06a.test\x00\x50GET / HTTP/1.1\r\n" in server.received[0]


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([Close()], ProxyError),
        ([Reset()], ProxyError),
        ([Send(b"HTTP/1.1 400 Bad Request\r\n\r\n")], ProxyError),
        ([*CHOSEN, Close()], ProxyError),
        ([*CHOSEN, Expect(b"a.test"), Send(BOUND[:5]), Close()], ProxyError),
        ([*CHOSEN, Expect(b"a.test"), Send(b"\x05\x05"), Hold()], ProxyError),
        ([*TUNNEL, Close()], ConnectionError),
        ([*CHOSEN, Expect(b"a.test"), Send(BOUND + b"220 hello\r\n"), Hold()], ConnectionError),
    ],
)
def test_a_tunnel_that_does_not_come_about(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    steps: list[Any],
    kind: type[Exception],
) -> None:
    server = scripted([Expect(b"\x05\x01\x00"), *steps] if steps[0] is not CHOSEN[0] else steps)
    session = binding.session()
    with pytest.raises(kind):
        get(
            binding,
            session,
            "http://a.test/",
            proxies={"all": f"socks5h://127.0.0.1:{server.port}"},
        )
    assert pool_of(session).open_count == 0


def test_the_certificate_is_the_origins(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    server = scripted([*TUNNEL, StartTLS(ca.server_context()), WaitClosed()])
    session = binding.session()
    with pytest.raises(SSLError, match=r"c\.test"):
        get(
            binding,
            session,
            "https://c.test/",
            proxies={"all": f"socks5h://127.0.0.1:{server.port}"},
            verify=str(ca.path),
        )


def test_silence(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([*CHOSEN, Hold()])
    session = binding.session()
    by = {"all": f"socks5h://127.0.0.1:{server.port}"}
    with pytest.raises(ConnectTimeout, match="through the proxy socks5h"):
        get(binding, session, "http://a.test/", proxies=by, timeout=(1.0, 5))
    assert pool_of(session).open_count == 0


# --- who resolves ---------------------------------------------------------------------------------

LOOPBACK: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def test_the_addresses_of_a_name_are_looked_at_where_it_is_resolved(
    binding: Binding, microsocks: Microsocks, origins: dict[str, HandlerServer]
) -> None:
    session = binding.session(policy=Policy(refused_networks=LOOPBACK))
    url, place = origins["http"].url(host="localhost"), f"127.0.0.1:{microsocks.port}"
    with pytest.raises(AddressRefused, match="'localhost' has refused addresses only"):
        get(binding, session, url, proxies={"all": f"socks5://{place}"})
    response = get(binding, session, url, proxies={"all": f"socks5h://{place}"})
    assert "proxy.unseen.address" in [each.code for each in response.decisions]
    assert pool_of(session).open_count == 1


def test_a_name_that_leads_nowhere(binding: Binding, microsocks: Microsocks) -> None:
    session = binding.session()
    place = f"127.0.0.1:{microsocks.port}"
    with pytest.raises(NameResolutionError, match=r"nobody\.invalid"):
        get(binding, session, "http://nobody.invalid/", proxies={"all": f"socks5://{place}"})
    with pytest.raises(ProxyError, match=r"refuses a connection to nobody\.invalid"):
        get(binding, session, "http://nobody.invalid/", proxies={"all": f"socks5h://{place}"})


# --- the next address -----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["socks5", "socks4"])
def test_an_address_that_the_proxy_does_not_reach_leads_to_the_next(
    binding: Binding,
    microsocks: Microsocks,
    dante: Dante,
    origins: dict[str, HandlerServer],
    ca: Authority,
    version: str,
    scheme: str,
) -> None:
    """The origin listens at the last of them alone; SOCKS 4 cannot be told the first."""
    addresses = ["::1", "127.0.0.2", "127.0.0.1"]
    session = binding.session(resolver={"localhost": addresses})
    proxy = microsocks if version == "socks5" else dante
    by = {"proxies": {"all": f"{version}://127.0.0.1:{proxy.port}"}, "verify": str(ca.path)}
    url = origins[scheme].url("/x", host="localhost")
    response = get(binding, session, url, **by)
    told = [each.reason for each in response.decisions if each.code == "proxy.next.address"]
    places = addresses[:2] if version == "socks5" else addresses[1:2]
    assert len(told) == len(places)
    for reason, place in zip(told, places, strict=True):
        assert place in reason
    again = get(binding, session, url, **by)
    assert "proxy.next.address" not in [each.code for each in again.decisions]
    assert origins[scheme].connections == pool_of(session).open_count == 1


def test_no_address_is_reached(binding: Binding, microsocks: Microsocks) -> None:
    session = binding.session(resolver={"a.test": ["127.0.0.2", "127.0.0.3"]})
    by = {"all": f"socks5://127.0.0.1:{microsocks.port}"}
    with pytest.raises(ProxyError, match=r"5 \(.*\) \(tried 127\.0\.0\.2, 127\.0\.0\.3\)"):
        get(binding, session, "http://a.test:1/", proxies=by)
    assert pool_of(session).open_count == 0


# --- before anybody is connected to ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxy", "url", "kind", "said"),
    [
        (f"socks5://{'u' * 256}@127.0.0.1:1", "http://a.test/", InvalidProxyURL, "255 bytes"),
        ("socks4://127.0.0.1:1", "http://[::1]/", ProxyError, "cannot be told an IPv6 address"),
        ("socks4a://127.0.0.1:1", "http://[::1]/", ProxyError, "cannot be told an IPv6 address"),
        ("socks6://127.0.0.1:1", "http://a.test/", InvalidProxyURL, "socks6"),
    ],
)
def test_what_cannot_be_asked(
    binding: Binding, proxy: str, url: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        get(binding, binding.session(), url, proxies={"all": proxy})


def test_without_the_extra(binding: Binding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sojourn.shared.socks", raising=False)
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(InvalidSchema, match=r"pip install 'sojourn\[socks\]'"):
        get(binding, binding.session(), "http://a.test/", proxies={"all": "socks5://127.0.0.1:1"})
