"""Unix sockets: as a setting of a session, and as URLs of ``http+unix``."""

from __future__ import annotations

import socketserver
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import sojourn
from sojourn import SocketSettings
from sojourn.exceptions import ConnectionError, InvalidSchema, InvalidURL, TooManyRedirects
from tests.bindings.clients import EVERY_BINDING, SESSIONS, Binding, pool_of
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.scripted import HandlerServer

BINDINGS = EVERY_BINDING


class Echo(socketserver.StreamRequestHandler):
    """Answers each request with its head."""

    def handle(self) -> None:
        self.server.connections += 1  # type: ignore[attr-defined]  # Ours counts.
        lines: list[bytes] = []
        while line := self.rfile.readline():
            lines.append(line)
            if line == b"\r\n":
                self.wfile.write(answer(200, content=b"".join(lines)))
                lines.clear()


class UnixServer(socketserver.ThreadingUnixStreamServer):
    connections = 0
    daemon_threads = True
    block_on_close = False  # Connections outlive the server.


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    """The path of a socket that is listened on."""
    found = str(tmp_path / "an app.sock")
    with UnixServer(found, Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def transport(binding: Binding, **settings: Any) -> Any:
    made: Any = SESSIONS[binding.name].adapter_class
    return made(**settings)


def test_a_session_by_a_unix_socket(
    binding: Binding, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    session = binding.session(socket=SocketSettings(unix_path=path))
    for _ in range(2):
        response = binding.run(session.get("http://nowhere.test/x?y=1"))
        assert response.text.startswith("GET /x?y=1 HTTP/1.1\r\nHost: nowhere.test\r\n")
    assert pool_of(session).counts == (0, 1, 0)


def test_a_url_that_names_the_socket(binding: Binding, path: str) -> None:
    session = binding.session()
    session.mount("http+unix://", transport(binding))
    url = f"http+unix://{quote(path, safe='')}/v1/info?x=%2F"
    response = binding.run(session.get(url, headers={"X-Own": "1"}))
    assert response.text.startswith("GET /v1/info?x=%2F HTTP/1.1\r\nHost: localhost\r\n")
    assert "X-Own: 1" in response.text
    assert response.url == url
    assert response.request.url == url
    posted = binding.run(session.post(url, data=b"hello"))
    assert "Content-Length: 5" in posted.text


def test_the_hedge_of_a_url_that_names_the_socket_tells_of_that_url(
    binding: Binding, path: str
) -> None:
    """Its turns are those of that origin too, and not of the localhost that is asked there."""
    session = binding.session(hedge=sojourn.HedgePolicy(after=30.0))
    session.mount("http+unix://", transport(binding))
    response = binding.run(session.post(f"http+unix://{quote(path, safe='')}/"))
    told = [(each.code, each.subject) for each in response.decisions]
    assert told == [("hedge.refused.method", f"http+unix://{quote(path.lower(), safe='').lower()}")]


def test_two_sockets_share_no_connection(binding: Binding, path: str, tmp_path: Path) -> None:
    session = binding.session()
    own = transport(binding)
    session.mount("http+unix://", own)
    assert binding.run(session.get(f"http+unix://{quote(path, safe='')}/")).ok
    with pytest.raises(ConnectionError, match=r"other\.sock"):
        binding.run(session.get(f"http+unix://{quote(str(tmp_path / 'other.sock'), safe='')}/"))
    assert own.pool.counts == (0, 1, 0)


def test_nothing_leads_to_a_socket_unless_it_is_mounted(binding: Binding, path: str) -> None:
    session = binding.session()
    with pytest.raises(InvalidSchema):
        binding.run(session.get(f"http+unix://{quote(path, safe='')}/"))


def test_a_redirect_does_not_lead_to_a_socket(
    binding: Binding, path: str, serve: Callable[..., HandlerServer]
) -> None:
    """Though there is a transport for it: a server must not reach what only this machine can."""
    target = f"http+unix://{quote(path, safe='')}/"
    server = serve(lambda request: answer(302, ("Location", target)))
    session = binding.session()
    session.mount("http+unix://", transport(binding))
    with pytest.raises(sojourn.RequestException) as caught:
        binding.run(session.get(server.url()))
    assert not isinstance(caught.value, (TooManyRedirects, ConnectionError))


@pytest.mark.parametrize("url", ["http+unix:///x", "http+unix://%00/x"])
def test_urls_that_name_no_socket(binding: Binding, url: str) -> None:
    session = binding.session()
    session.mount("http+unix://", transport(binding))
    with pytest.raises(InvalidURL):
        binding.run(session.get(url))


@pytest.mark.parametrize("length", [20, 200])
def test_a_socket_that_is_not_there(binding: Binding, length: int) -> None:
    session = binding.session(socket=SocketSettings(unix_path="/nowhere/" + "x" * length))
    with pytest.raises(ConnectionError, match="/nowhere/x") as caught:
        binding.run(session.get("http://a.test/"))
    assert caught.value.maybe_sent is False


def test_a_session_is_bound_to_a_local_address(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200))
    session = binding.session(socket=SocketSettings(source_address=("127.0.0.3", 0)))
    assert binding.run(session.get(server.url())).ok
    (connection,) = pool_of(session)._idle
    stream = connection.stream
    kept = getattr(stream, "_transport", None)
    own = stream._socket if kept is None else kept.get_extra_info("socket")
    assert own.getsockname()[0] == "127.0.0.3"


def test_an_address_that_is_not_of_this_machine(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200))
    session = binding.session(socket=SocketSettings(source_address=("192.0.2.1", 0)))
    with pytest.raises(ConnectionError) as caught:
        binding.run(session.get(server.url()))
    assert caught.value.maybe_sent is False
    assert server.connections == 0
