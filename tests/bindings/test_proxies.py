"""Both bindings by way of proxies: a real Squid, one of our own, and scripted ones."""

from __future__ import annotations

import base64
import ipaddress
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

import sojourn
from sojourn.exceptions import (
    AddressRefused,
    ConnectionError,
    ConnectTimeout,
    InvalidProxyURL,
    ProxyError,
    SSLError,
)
from sojourn_core import DIRECT, Proxy, Request, Route, SendSettings, Timeouts, parse_url
from sojourn_core.commands import Send as SendCommand
from sojourn_core.values.url.address import PRIVATE_NETWORKS
from tests.bindings.clients import Binding, pool_of
from tests.servers.proxy import OPEN, ProxyServer
from tests.servers.scripted import response as answer
from tests.servers.squid import PASSWORD, USER
from tests.servers.steps import Close, Hold, Offer, ReadHead, Reset, Send, StartTLS, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, Received, ScriptedServer
    from tests.servers.squid import Squid

USERINFO: Final = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
CONTENT: Final = b"sojourn." * 8192
OK: Final = answer(200, content=b"ok")


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


ME: Final = basic("me:secret")
YOU: Final = basic("you:secret")


class Client:
    """A session whose sends are made by hand: where they go is up to the test."""

    def __init__(self, binding: Binding, ca: Authority) -> None:
        self.binding = binding
        self.session = binding.session()
        self._trust = str(ca.path)

    @property
    def pool(self) -> Any:
        return pool_of(self.session)

    def send(
        self,
        url: str,
        proxy: str | None,
        field: str | None = None,
        *,
        method: str = "GET",
        data: Any = None,
        headers: Any = None,
        **settings: Any,
    ) -> Any:
        """The response, read."""
        request = Request(method, url, headers=headers, data=data).prepare()
        route = DIRECT if proxy is None else Route(Proxy(parse_url(proxy)))
        settings.setdefault("verify", self._trust)
        command = SendCommand(request, route, SendSettings(**settings), proxy_authorization=field)
        adapter = self.session.get_adapter(url)
        response = self.binding.run(adapter.carry(command))
        if self.binding.name == "asyncio":
            self.binding.run(response.read())
        else:
            assert response.content is not None
        return response


class ClosedPort:
    """A port that is held, and where nobody listens."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def client(binding: Binding, ca: Authority) -> Client:
    return Client(binding, ca)


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    with ProxyServer() as server:
        yield server


@pytest.fixture
def guarded() -> Iterator[ProxyServer]:
    with ProxyServer(credentials={ME, YOU}) as server:
        yield server


@pytest.fixture
def origins(serve: Callable[..., HandlerServer], ca: Authority) -> dict[str, HandlerServer]:
    """One for each scheme; their answers tell the target and the size of the content."""

    def tell(request: Received) -> bytes:
        return answer(200, content=f"{request.target} {len(request.content)}".encode())

    return {"http": serve(tell), "https": serve(tell, context=ca.server_context())}


SCHEMES: Final = pytest.mark.parametrize("scheme", ["http", "https"])


# --- a real one ---------------------------------------------------------------------------------


@SCHEMES
@pytest.mark.parametrize("guard", [False, True], ids=["open", "guarded"])
def test_squid_finds_the_origin(
    client: Client,
    squid: Squid,
    origins: dict[str, HandlerServer],
    scheme: str,
    guard: bool,
) -> None:
    """Nobody else knows where b.test is."""
    url = origins[scheme].url("/x?y#z", host="b.test")
    by = squid.url(guarded=guard)
    field = basic(f"{USER}:{PASSWORD}") if guard else None
    for _ in range(3):
        response = client.send(url, by, field)
        assert (response.status_code, response.content) == (200, b"/x?y 0")
    assert client.pool.open_count == client.pool.idle_count == 1
    assert ("Via" in response.headers) is (scheme == "http")
    for request in origins[scheme].requests:
        assert request.value("Host") == f"b.test:{origins[scheme].port}"
        assert request.value("Proxy-Authorization") is None


@SCHEMES
def test_content_goes_through_squid(
    client: Client, squid: Squid, origins: dict[str, HandlerServer], scheme: str
) -> None:
    url = origins[scheme].url("/upload", host="a.test")
    for data in (CONTENT * 4, client.binding.upload(lambda: iter([CONTENT] * 4))):
        response = client.send(url, squid.url(), method="POST", data=data)
        assert response.content == b"/upload %d" % (len(CONTENT) * 4)
    assert {len(each.content) for each in origins[scheme].requests} == {len(CONTENT) * 4}


@pytest.mark.parametrize("field", [None, basic(f"{USER}:wrong")], ids=["none", "wrong"])
def test_squid_asks_for_credentials(
    client: Client, squid: Squid, origins: dict[str, HandlerServer], field: str | None
) -> None:
    by = squid.url(guarded=True)
    response = client.send(origins["http"].url(), by, field)
    assert response.status_code == 407
    assert response.headers["Proxy-Authenticate"] == 'Basic realm="squid"'
    with pytest.raises(ProxyError, match="407") as caught:
        client.send(origins["https"].url(), by, field)
    refusal = caught.value.response
    assert refusal is not None
    assert refusal.status_code == 407
    assert refusal.headers.get_all("proxy-authenticate") == ['Basic realm="squid"']
    assert origins["http"].requests == origins["https"].requests == []
    assert client.pool.open_count == client.pool.idle_count


def test_an_origin_that_squid_cannot_reach(client: Client, squid: Squid) -> None:
    with closing(ClosedPort()) as nobody:
        response = client.send(f"http://a.test:{nobody.port}/", squid.url())
        assert response.status_code == 503
        with pytest.raises(ProxyError, match="503") as caught:
            client.send(f"https://a.test:{nobody.port}/", squid.url())
    assert caught.value.response is not None
    assert caught.value.response.status_code == 503


# --- which connections are used again -----------------------------------------------------------


def test_two_origins_over_one_connection_to_a_forward_proxy(
    client: Client, proxy: ProxyServer, serve: Callable[..., HandlerServer]
) -> None:
    urls = [serve(lambda request: OK).url("/x", host=host) for host in ("a.test", "b.test")]
    for url in urls * 2:
        assert client.send(url, proxy.url()).content == b"ok"
    assert proxy.connections == 1
    assert client.pool.open_count == 1
    assert [each.target for each in proxy.requests] == urls * 2


def test_each_origin_and_each_trust_has_a_tunnel_of_its_own(
    client: Client, proxy: ProxyServer, origins: dict[str, HandlerServer]
) -> None:
    secure = origins["https"]
    a, b = (f"{host}:{secure.port}" for host in ("a.test", "b.test"))
    for host, verify in (
        ("a.test", None),
        ("a.test", None),
        ("b.test", None),
        ("a.test", False),
        ("a.test", False),
        ("a.test", None),
    ):
        settings = {} if verify is None else {"verify": verify}
        assert client.send(secure.url(host=host), proxy.url(), **settings).ok
    assert proxy.tunnels == [a, b, a]
    assert secure.connections == 3


def test_each_user_of_a_proxy_has_a_tunnel_of_its_own(
    client: Client, guarded: ProxyServer, origins: dict[str, HandlerServer]
) -> None:
    secure = origins["https"]
    for field in (ME, YOU, ME, YOU):
        assert client.send(secure.url(host="a.test"), guarded.url(), field).ok
    with pytest.raises(ProxyError):
        client.send(secure.url(host="a.test"), guarded.url())
    asked = [each.value("Proxy-Authorization") for each in guarded.requests]
    assert asked == [ME, YOU, None]


def test_what_goes_directly_takes_no_connection_of_a_proxy(
    client: Client, proxy: ProxyServer, origins: dict[str, HandlerServer]
) -> None:
    for scheme in ("http", "https"):
        url = origins[scheme].url()
        for by in (proxy.url(), None, proxy.url(), None):
            assert client.send(url, by).ok
    assert proxy.connections == 2
    assert [server.connections for server in origins.values()] == [3, 2]


# --- credentials --------------------------------------------------------------------------------


@SCHEMES
def test_a_proxy_hears_its_credentials_and_the_origin_does_not(
    client: Client, guarded: ProxyServer, origins: dict[str, HandlerServer], scheme: str
) -> None:
    headers = {"Authorization": "Bearer mine", "Cookie": "a=mine", "Proxy-Authorization": "no"}
    response = client.send(
        origins[scheme].url("/x", host="a.test"), guarded.url(), ME, headers=headers
    )
    assert response.ok
    (asked,) = guarded.requests
    assert asked.values("Proxy-Authorization") == [ME]
    if scheme == "https":
        assert [name for name, _ in asked.fields] == ["Host", "Proxy-Authorization"]
    (request,) = origins[scheme].requests
    assert request.values("Proxy-Authorization") == []
    assert request.values("Authorization") == ["Bearer mine"]
    assert request.values("Cookie") == ["a=mine"]


@SCHEMES
def test_a_request_that_goes_directly_has_no_credentials_for_a_proxy(
    client: Client, origins: dict[str, HandlerServer], scheme: str
) -> None:
    headers = {"Proxy-Authorization": ME}
    assert client.send(origins[scheme].url(), None, YOU, headers=headers).ok
    assert origins[scheme].requests[0].value("Proxy-Authorization") is None


# --- proxies that open no tunnel ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([Send(answer(407, ("Proxy-Authenticate", "Basic"), content=b"who?"))], 407),
        ([Send(b"HTTP/1.1 407 Who\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwho?\r\n")], 407),
        ([Send(answer(502))], 502),
        ([Offer(b"HTTP/1.1 403 No\r\n\r\n" + b"x" * 200_000)], 403),
        ([Send(b"SSH-2.0-OpenSSH_9.2\r\n")], None),
        ([Offer(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000)], None),
        ([Send(b"HTTP/1.1 200 O")], None),
        ([Close()], None),
        ([Reset()], None),
    ],
)
def test_a_tunnel_that_is_not_opened(
    client: Client, scripted: Callable[..., ScriptedServer], steps: list[Any], status: int | None
) -> None:
    server = scripted([ReadHead(), *steps])
    with pytest.raises(ProxyError) as caught:
        client.send("https://a.test/", f"http://me:secret@127.0.0.1:{server.port}")
    error = caught.value
    assert f"http://127.0.0.1:{server.port}" in str(error)
    assert "secret" not in str(error)
    found = None if error.response is None else error.response.status_code
    assert found == status
    assert client.pool.open_count == 0
    assert server.connections == 1
    assert server.received == [b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"]


@pytest.mark.parametrize(
    "opened",
    [
        [Send(OPEN)],
        [Send(OPEN[at : at + 1]) for at in range(len(OPEN))],
        [Send(b"HTTP/1.1 103 Early Hints\r\n\r\n"), Send(OPEN)],
        [Send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")],
        [Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")],
    ],
    ids=["at once", "by octets", "informational", "length", "chunked"],
)
def test_a_tunnel_that_is_opened(
    client: Client, scripted: Callable[..., ScriptedServer], ca: Authority, opened: list[Any]
) -> None:
    server = scripted(
        [ReadHead(), *opened, StartTLS(ca.server_context()), ReadHead(), Send(OK), WaitClosed()]
    )
    response = client.send("https://a.test/x", server.url())
    assert response.content == b"ok"
    assert server.received[0].endswith(b"\r\n\r\nGET /x HTTP/1.1\r\nHost: a.test\r\n\r\n")
    assert client.pool.idle_count == 1


def test_octets_that_are_no_tls(client: Client, scripted: Callable[..., ScriptedServer]) -> None:
    """What a proxy sends behind its answer is content of nobody, and no TLS either."""
    server = scripted([ReadHead(), Send(OPEN + b"hello, I am your origin"), WaitClosed()])
    with pytest.raises(SSLError):
        client.send("https://a.test/", server.url())
    assert client.pool.open_count == 0


def test_a_tunnel_to_somebody_else(
    client: Client, proxy: ProxyServer, origins: dict[str, HandlerServer]
) -> None:
    with pytest.raises(SSLError, match=r"'c\.test'"):
        client.send(origins["https"].url(host="c.test"), proxy.url())
    assert origins["https"].requests == []


def test_a_tunnel_that_breaks_within_the_handshake(
    client: Client, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(OPEN), Close()])
    with pytest.raises(ConnectionError) as caught:
        client.send("https://a.test/", server.url())
    assert "https://a.test" in str(caught.value)
    assert client.pool.open_count == 0


def test_a_proxy_that_says_nothing(client: Client, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Hold()])
    with pytest.raises(ConnectTimeout, match=f"the proxy {server.url().rstrip('/')} in"):
        client.send("https://a.test/", server.url(), timeouts=Timeouts(connect=0.3))
    assert client.pool.open_count == 0


@SCHEMES
def test_a_proxy_that_is_not_there(client: Client, scheme: str) -> None:
    with closing(ClosedPort()) as nobody:
        by = f"http://127.0.0.1:{nobody.port}"
        with pytest.raises(ProxyError, match=f"the proxy {by} cannot be reached"):
            client.send(f"{scheme}://a.test/", f"http://me:secret@127.0.0.1:{nobody.port}")
    assert client.pool.open_count == 0


# --- Requests' way of asking --------------------------------------------------------------------


@pytest.fixture
def adapter() -> Iterator[sojourn.HTTPAdapter]:
    with closing(sojourn.HTTPAdapter()) as made:
        yield made


@SCHEMES
@pytest.mark.parametrize("key", ["scheme", "scheme://host", "all", "all://host"])
def test_an_adapter_chooses_among_the_proxies_that_it_is_given(
    adapter: sojourn.HTTPAdapter,
    guarded: ProxyServer,
    origins: dict[str, HandlerServer],
    ca: Authority,
    scheme: str,
    key: str,
) -> None:
    request = Request("GET", origins[scheme].url(host="a.test")).prepare()
    chosen = key.replace("scheme", scheme).replace("host", "a.test")
    by = f"http://me:secret@127.0.0.1:{guarded.port}"
    proxies = {chosen: by, "ftp": "http://proxy.test", "all://b.test": "http://proxy.test"}
    response = adapter.send(request, verify=str(ca.path), proxies=proxies)
    assert response.content == b"/ 0"
    assert [each.values("Proxy-Authorization") for each in guarded.requests] == [[ME]]
    assert origins[scheme].requests[0].value("Proxy-Authorization") is None


@pytest.mark.parametrize(
    "proxies",
    [None, {}, {"https": "http://127.0.0.1:1"}, {"http": None}, {"http": "", "all": "http://x"}],
)
def test_an_adapter_goes_directly_where_no_proxy_fits(
    adapter: sojourn.HTTPAdapter, origins: dict[str, HandlerServer], proxies: Any
) -> None:
    request = Request("GET", origins["http"].url("/x")).prepare()
    assert adapter.send(request, proxies=proxies).content == b"/x 0"


@pytest.mark.parametrize("proxy", ["http://", "https://", "socks5://", "ftp://p.test"])
def test_an_adapter_refuses_proxies_that_it_cannot_speak_to(
    adapter: sojourn.HTTPAdapter, origins: dict[str, HandlerServer], proxy: str
) -> None:
    request = Request("GET", origins["http"].url("/x")).prepare()
    with pytest.raises(InvalidProxyURL):
        adapter.send(request, proxies={"http": proxy})
    assert origins["http"].connections == 0


# --- addresses that are refused -----------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_that_is_refused_is_not_connected_to(
    client: Client, origins: dict[str, HandlerServer], host: str
) -> None:
    server = origins["http"]
    url = server.url(host=host)
    assert client.send(server.url(), None).ok
    for _ in range(2):
        with pytest.raises(AddressRefused, match=host):
            client.send(url, None, refused_networks=PRIVATE_NETWORKS)
    assert server.connections == 1, "nor is a connection used that was there before"
    assert len(server.requests) == 1
    others = (ipaddress.ip_network("10.0.0.0/8"),)
    assert client.send(server.url(), None, refused_networks=others).ok
    assert server.connections == 2


def test_a_proxy_is_the_callers_choice_whatever_its_address(
    client: Client, proxy: ProxyServer, origins: dict[str, HandlerServer]
) -> None:
    url = origins["http"].url(host="a.test")
    assert client.send(url, proxy.url(), refused_networks=PRIVATE_NETWORKS).ok
