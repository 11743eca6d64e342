"""The drivers of the documentation, each against real servers, and their sizes."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

import certifi
import pytest

from sojourn_core import HTTPDigestAuth, Policy
from sojourn_core import errors as e
from tests.servers.proxy import ProxyServer
from tests.servers.scripted import Received, response
from tests.servers.steps import Close, Hold, ReadHead, Send, WaitClosed

from .pages import TOP, blocks
from .world import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer

DRIVERS = TOP / "docs" / "examples" / "drivers"
MESSAGE_LEVEL = ["http_client.py", "pycurl_driver.py"]


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


@pytest.fixture(params=MESSAGE_LEVEL)
def make(
    request: pytest.FixtureRequest, ca: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """The ``Client`` of each driver in turn; those that are made are closed with the test."""
    monkeypatch.setattr("certifi.where", lambda: str(ca.path))
    kind = runpy.run_path(str(DRIVERS / request.param))["Client"]
    made: list[Any] = []

    def make_one(**settings: Any) -> Any:
        made.append(kind(**settings))
        return made[-1]

    yield make_one
    for each in made:
        each.close()


@pytest.mark.parametrize("name", MESSAGE_LEVEL)
def test_a_driver_is_short(name: str) -> None:
    lines = (DRIVERS / name).read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) < 150


def test_the_driver_of_the_page_is_short() -> None:
    """The blocks that print something are its trials, and no part of it."""
    page = (TOP / "docs" / "embedding-messages.md").read_text(encoding="utf-8")
    found = [each for each in blocks(page) if each.language == "python"]
    lines = [
        line
        for each in found
        if "print(" not in each.text
        for line in each.text.splitlines()
        if line.strip()
    ]
    assert 40 < len(lines) < 60


def test_redirects_cookies_and_content(
    make: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    server, client = serve(answer), make()
    welcomed = client.fetch("POST", server.url("/login"), data={"name": "ada"})
    assert (welcomed.text, [hop.status_code for hop in welcomed.history]) == ("welcome", [303])
    assert client.fetch("GET", server.url("/report")).text.startswith("line 1\nline 2\n")
    sent = client.fetch("POST", server.url("/echo"), data=iter([b"one, ", b"two"]))
    assert sent.json()["content"] == "one, two"
    assert client.fetch("PUT", server.url("/moved"), data=[b"a", b"b"]).json()["content"] == "ab"
    assert client.fetch("HEAD", server.url("/report")).content == b""
    assert client.fetch("GET", server.url("/nothing")).status_code == 404
    assert server.connections < 5


def test_digest_is_answered(make: Callable[..., Any], serve: Callable[..., HandlerServer]) -> None:
    auth = HTTPDigestAuth("ada", "pass")
    assert make().fetch("GET", serve(answer).url("/digest"), auth=auth).text == "secret"


@pytest.mark.parametrize("make", ["http_client.py"], indirect=True)
def test_content_is_there_as_it_comes(
    make: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    server, client = serve(answer), make()
    streamed = client.fetch("GET", server.url("/report"), stream=True)
    pieces = client.pieces(streamed)
    assert next(pieces).startswith(b"line 1\n")
    pieces.close()
    streamed = client.fetch("GET", server.url("/report"), stream=True)
    assert b"".join(client.pieces(streamed)).endswith(b"line 1000\n")


def test_tls_and_proxies(
    make: Callable[..., Any], serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    plain, secure, client = serve(answer), serve(answer, context=ca.server_context()), make()
    assert client.fetch("GET", secure.url("/")).text == "hello"
    with ProxyServer(credentials=["Basic YWRhOnBhc3M="]) as proxy:
        there = proxy.url("").replace("//", "//ada:pass@")
        client.session.proxies = {"http": there, "https": there}
        for server in (plain, secure):
            assert client.fetch("GET", server.url("/")).text == "hello"
            assert server.requests[-1].value("Proxy-Authorization") is None
        assert [each.method for each in proxy.requests] == ["GET", "CONNECT"]
        client.close()


def test_the_error_of_an_iterator_is_its_own(
    make: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    class MineError(OSError):
        pass

    def content() -> Iterator[bytes]:
        yield b"some"
        raise MineError("mine")

    server = scripted([ReadHead(), WaitClosed()])
    with pytest.raises(MineError, match="mine"):
        make().fetch("POST", server.url("/"), data=content())


SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ([ReadHead(), Close()], e.ConnectionError),
        ([ReadHead(), Hold()], e.Timeout),
        ([ReadHead(), Send(b"nothing of HTTP\r\n\r\n"), Close()], e.RemoteProtocolError),
        ([ReadHead(), Send(SHORT), Close()], e.ChunkedEncodingError),
        ([ReadHead(), Send(SHORT), Hold()], e.RequestException),
    ],
)
def test_errors_are_those_of_a_session(
    make: Callable[..., Any],
    scripted: Callable[..., ScriptedServer],
    script: Any,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        make().fetch("GET", scripted(script).url("/"), timeout=0.3 if Hold() in script else 20)


def test_errors_of_connecting_say_that_nothing_was_sent(make: Callable[..., Any]) -> None:
    for url in ("http://127.0.0.1:1/", "http://no-such-host.invalid/"):
        with pytest.raises(e.ConnectionError) as caught:
            make().fetch("GET", url)
        assert not caught.value.maybe_sent


def test_a_certificate_that_nobody_vouches_for(
    make: Callable[..., Any],
    serve: Callable[..., HandlerServer],
    ca: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(answer, context=ca.server_context())
    monkeypatch.setattr("certifi.where", certifi.core.where)
    with pytest.raises(e.SSLError) as caught:
        make().fetch("GET", server.url("/"))
    assert not caught.value.maybe_sent


def test_a_stale_connection_is_made_anew(
    make: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    server = scripted(
        [ReadHead(), Send(ok), ReadHead(), Close()], [ReadHead(), Send(ok), WaitClosed()]
    )
    client = make()
    for _ in range(2):
        assert client.fetch("GET", server.url("/")).text == "ok"
    client.close()


def test_redirects_leave_no_secret_behind(
    make: Callable[..., Any], serve: Callable[..., HandlerServer]
) -> None:
    def handler(received: Received) -> bytes:
        there = ("Location", other.url("/"))
        return response(302, there) if received.target == "/from" else response(200)

    server, other = serve(handler), serve(handler)
    client = make(policy=Policy())
    client.fetch("GET", server.url("/from"), headers={"Authorization": "a", "X-Key": "b"})
    assert other.requests[0].value("Authorization") is None
    assert other.requests[0].value("X-Key") is None
