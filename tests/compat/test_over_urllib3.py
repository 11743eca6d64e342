"""Sessions whose requests urllib3 sends, ``use_urllib3``: what Requests does with it."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests as theirs
import urllib3

import sojourn.compat as ours
from sojourn import PRIVATE_NETWORKS, Policy, Timeouts
from sojourn.compat import by_urllib3
from sojourn.exceptions import DeadlineExceeded, PolicyRefused, UnrewindableBodyError
from tests.servers.proxy import ProxyServer
from tests.servers.scripted import Received, response
from tests.servers.steps import Close, Hold, ReadHead, Send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


@pytest.fixture(autouse=True)
def chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it chosen, for the time of a test."""
    monkeypatch.setattr(by_urllib3._Choice, "is_made", False)


@pytest.fixture
def session() -> Iterator[ours.Session]:
    """A session that was there before."""
    with ours.Session() as made:
        ours.use_urllib3()
        yield made


def test_a_session_that_was_there_before_is_no_exception(
    session: ours.Session, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda received: response(200, ("Set-Cookie", "a=b"), content=b"hello"))
    for each in (session, ours):
        answer = each.get(server.url("/"))
        assert isinstance(answer.raw, urllib3.HTTPResponse)
        assert answer.content == b"hello"
        assert answer.cookies.get_dict() == {"a": "b"}
    assert session.cookies.get_dict() == {"a": "b"}
    session.get(server.url("/"))
    assert [each.connection for each in server.requests] == [0, 1, 0]


def test_the_rest_of_the_call_is_decided_as_before(
    session: ours.Session, serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    def handler(received: Received) -> bytes:
        if received.target == "/":
            return response(307, ("Location", other.url("/there")))
        return response(200)

    server, other = serve(handler), serve(handler)
    path = tmp_path / "file"
    path.write_bytes(b"x" * 50_000)
    with path.open("rb") as file:
        answer = session.put(server.url("/"), data=file, auth=("ada", "pass"))
    assert [each.status_code for each in answer.history] == [307]
    assert [len(each.requests[0].content) for each in (server, other)] == [50_000, 50_000]
    assert other.requests[0].value("Authorization") is None
    with pytest.raises(UnrewindableBodyError):
        session.put(server.url("/"), data=iter([b"x"]))


def test_the_error_of_an_iterator_is_its_own(
    session: ours.Session,
) -> None:
    class MineError(OSError):
        pass

    def content() -> Iterator[bytes]:
        raise MineError("mine")
        yield b""

    with socket.create_server(("127.0.0.1", 0)) as quiet, pytest.raises(MineError, match="mine"):
        session.post(f"http://127.0.0.1:{quiet.getsockname()[1]}/", data=content())


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
SCRIPTS: dict[str, Any] = {
    "closed": [ReadHead(), Close()],
    "silent": [ReadHead(), Hold()],
    "short": [ReadHead(), Send(HEAD), Close()],
    "stalled": [ReadHead(), Send(HEAD), Hold()],
    "none": [ReadHead(), Send(b"nothing of HTTP\r\n\r\n"), Close()],
    "lengths": [
        ReadHead(),
        Send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        Close(),
    ],
}


def shown(error: Exception) -> list[str]:
    """The classes of an error and of what it holds, and of the reason in that."""
    found = [type(error).__name__]
    if error.args:
        found.append(type(error.args[0]).__name__)
        found.append(type(getattr(error.args[0], "reason", None)).__name__)
    return found


@pytest.mark.parametrize("name", SCRIPTS)
def test_errors_of_an_exchange_are_those_of_requests(
    session: ours.Session, scripted: Callable[..., ScriptedServer], name: str
) -> None:
    server = scripted(SCRIPTS[name], SCRIPTS[name])
    timeout = {"silent": 0.2, "stalled": 1.0}.get(name, 20.0)
    found = []
    for each in (session, theirs):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which it is, is compared
            each.get(server.url("/"), timeout=timeout)
        found.append(shown(caught.value))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "http://no-such-host.invalid/"]
)
@pytest.mark.parametrize("proxies", [None, {"all": "http://127.0.0.1:1"}])
def test_errors_of_connecting_are_those_of_requests(
    session: ours.Session, url: str, proxies: Any
) -> None:
    found = []
    for each in (session, theirs):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which it is, is compared
            each.get(url, proxies=proxies)
        found.append(shown(caught.value))
        if each is session:
            assert not caught.value.maybe_sent
    assert found[0] == found[1]


def test_tls_and_proxies_are_those_of_the_call(
    session: ours.Session, serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    server = serve(lambda received: response(200, content=b"secret"), context=ca.server_context())
    with pytest.raises(ours.exceptions.SSLError):
        session.get(server.url("/"))
    assert session.get(server.url("/"), verify=str(ca.path)).text == "secret"
    with ProxyServer(credentials=["Basic YWRhOnBhc3M="]) as proxy:
        there = {"https": proxy.url("").replace("//", "//ada:pass@")}
        assert session.get(server.url("/"), verify=str(ca.path), proxies=there).text == "secret"
        assert [each.method for each in proxy.requests] == ["CONNECT"]
        session.close()


class Pieces:
    """Content that can be sent again."""

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"x", b"y"))


def test_retries_are_those_of_the_adapter(serve: Callable[..., HandlerServer]) -> None:
    ours.use_urllib3()
    answers = [response(503, ("Retry-After", "0"))] * 2 + [response(200)]
    server = serve(lambda received: answers[len(server.requests) - 1])
    with ours.Session() as session:
        session.mount("http://", ours.adapters.HTTPAdapter(max_retries=2))
        assert session.post(server.url("/"), data=b"x").status_code == 503
        server.requests.clear()
        assert session.put(server.url("/"), data=Pieces()).status_code == 200
    assert [each.content for each in server.requests] == [b"xy"] * 3


def test_what_urllib3_cannot_keep_to_is_an_error(
    session: ours.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    session.policy = Policy.requests().replace(refused_networks=PRIVATE_NETWORKS)
    with pytest.raises(PolicyRefused):
        session.get("http://localhost:1/")
    session.policy = Policy.requests()
    server = scripted([ReadHead(), Hold()])
    with pytest.raises((DeadlineExceeded, ours.exceptions.ReadTimeout)):
        session.get(server.url("/"), timeout=Timeouts(total=0.2))


def test_it_takes_the_extra() -> None:
    program = (
        "import sys; sys.modules['urllib3'] = None; import sojourn.compat\n"
        "try: sojourn.compat.use_urllib3()\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "use_urllib3 takes the extra urllib3: pip install 'sojourn[urllib3]'\n"
