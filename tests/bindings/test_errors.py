"""Errors as users meet them: what each says, where, and whether the request may have been sent.

Each test is for both bindings. That nothing is left open afterwards is checked after each of them.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme

import sojourn
from sojourn import exceptions
from tests.bindings.clients import EVERY_BINDING, SECONDS_MAX, pool_of
from tests.servers.scripted import response as answer
from tests.servers.server import Server
from tests.servers.steps import Close, Hold, ReadHead, Reset, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.bindings.clients import Binding
    from tests.servers.authority import Authority
    from tests.servers.scripted import ScriptedServer
    from tests.servers.server import Connection

BINDINGS = EVERY_BINDING
HALF: Final = answer(200, content=b"0123456789")[:-5]
CHUNK: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n"
LARGE: Final = bytes(32 * 1024 * 1024)  # More than sockets hold.

# A server in a process of its own: it says where it listens, reads a head, sends what it was told
# to, and is killed at once. Nothing in it gets to say good-bye.
DOOMED: Final = """
import os, signal, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
head = b""
while b"\\r\\n\\r\\n" not in head:
    head += connection.recv(65536)
connection.sendall(bytes.fromhex(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def doomed(octets: bytes) -> Iterator[str]:
    """Start a server that sends these and is killed; give its origin."""
    command = [sys.executable, "-c", DOOMED, octets.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


@pytest.fixture
def unused() -> Iterator[int]:
    """A port of this machine where nobody listens, nor will while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def failing(
    binding: Binding, session: Any, url: str, method: str = "GET", **arguments: Any
) -> exceptions.RequestException:
    """The error of a request that must fail: it has the request, and no connection is held."""
    with pytest.raises(exceptions.RequestException) as caught:
        binding.run(session.request(method, url, **arguments))
    error = caught.value
    assert error.request is not None
    assert error.request.method == method
    assert str(error.request.url) == url
    assert pool_of(session).open_count == pool_of(session).idle_count
    return error


def outline(error: exceptions.RequestException) -> tuple[type, bool, int | None]:
    """What it is, whether the request may have been sent, and the status of its response."""
    status = None if error.response is None else error.response.status_code
    return (type(error), error.maybe_sent, status)


# --- servers that go away -----------------------------------------------------------------------


def test_a_server_that_is_killed_before_it_answers(binding: Binding) -> None:
    with doomed(b"") as origin:
        error = failing(binding, binding.session(), f"{origin}/x")
    assert outline(error) == (exceptions.ConnectionError, True, None)
    assert str(error) == f"{origin} closed the connection without answering"


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        pytest.param(HALF, "ended 5 bytes early", id="length"),
        pytest.param(CHUNK, "broke off", id="chunks"),
    ],
)
def test_a_server_that_is_killed_within_its_content(
    binding: Binding, octets: bytes, says: str
) -> None:
    with doomed(octets) as origin:
        error = failing(binding, binding.session(), f"{origin}/x")
    assert outline(error) == (exceptions.ChunkedEncodingError, True, 200)
    assert says in str(error)


def test_a_server_that_is_killed_within_its_head(binding: Binding) -> None:
    with doomed(b"HTTP/1.1 200 OK\r\nContent-") as origin:
        error = failing(binding, binding.session(), f"{origin}/x")
    assert outline(error) == (exceptions.RemoteProtocolError, True, None)
    assert isinstance(error, exceptions.ConnectionError)
    assert str(error).startswith(f"{origin}: ")


def test_a_reset_before_the_answer(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Reset()])
    error = failing(binding, binding.session(), server.url("/x"))
    assert outline(error) == (exceptions.ConnectionError, True, None)
    assert f"the connection to {server.url('')} was lost" in str(error)
    assert isinstance(error.__cause__, ConnectionResetError)


def test_a_reset_while_the_content_is_read(binding: Binding) -> None:
    read = threading.Event()

    def play(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.send(HALF)
        assert read.wait(SECONDS_MAX)
        connection.reset()

    with Server(play) as server:
        response = binding.run(binding.session().get(server.url(), stream=True))
        pieces = response.iter_content(None)
        assert binding.first(pieces) == b"01234"
        read.set()
        with pytest.raises(exceptions.ChunkedEncodingError) as caught:
            binding.first(pieces)
    assert outline(caught.value) == (exceptions.ChunkedEncodingError, True, 200)
    assert caught.value.request is response.request
    assert f"the connection to {server.url('')} was lost" in str(caught.value)


def test_the_session_goes_on_after_a_server_went_away(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Close()], [ReadHead(), Send(answer(204)), WaitClosed()])
    session = binding.session()
    failing(binding, session, server.url("/x"))
    assert binding.run(session.get(server.url("/x"))).status_code == 204


# --- servers that are not there -----------------------------------------------------------------


def test_a_connection_that_is_refused(binding: Binding, unused: int) -> None:
    origin = f"http://127.0.0.1:{unused}"
    error = failing(binding, binding.session(), f"{origin}/x", "POST", data=b"secret")
    assert outline(error) == (exceptions.ConnectionError, False, None)
    assert str(error).startswith(f"cannot connect to {origin}: ")
    assert isinstance(error.__cause__, ConnectionRefusedError)


def test_a_name_that_does_not_resolve(binding: Binding) -> None:
    error = failing(binding, binding.session(), "http://nope.invalid/x")  # RFC 6761 section 6.4
    assert outline(error) == (exceptions.NameResolutionError, False, None)
    assert isinstance(error, exceptions.ConnectionError)
    assert str(error).startswith("host 'nope.invalid' cannot be resolved: ")
    assert isinstance(error.__cause__, socket.gaierror)


# --- servers that are not who they say ----------------------------------------------------------


def refused_certificate(
    binding: Binding, server: Server, url: str, verify: Any
) -> exceptions.RequestException:
    """The error of a request whose server is not believed; it must not have seen anything."""
    session = binding.session()
    error = failing(binding, session, url, auth=("user", "secret"), verify=verify)
    assert outline(error) == (exceptions.SSLError, False, None)
    assert isinstance(error, exceptions.ConnectionError)
    assert isinstance(error.__cause__, ssl.SSLCertVerificationError)
    binding.turn()
    server.close()
    assert server.received == [b""]
    return error


def test_a_certificate_of_another_host(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = scripted([WaitClosed()], context=ca.server_context())
    known = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: known("127.0.0.1", *rest, **more)
    )
    url = f"https://wrong.test:{server.port}/x"
    error = refused_certificate(binding, server, url, str(ca.path))
    assert str(error).startswith("no TLS connection to 'wrong.test': Hostname mismatch")


def test_a_certificate_of_an_authority_that_is_not_trusted(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    server = scripted([WaitClosed()], context=ca.server_context())
    error = refused_certificate(binding, server, server.url("/x"), verify=True)
    assert str(error).startswith("no TLS connection to '127.0.0.1': ")
    assert "certificate" in str(error)


def test_a_certificate_that_has_expired(
    binding: Binding, scripted: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    expired = authority.issue_cert("127.0.0.1", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expired.configure_cert(context)
    server = scripted([WaitClosed()], context=context)
    error = refused_certificate(binding, server, server.url("/x"), str(tmp_path / "ca.pem"))
    assert str(error) == "no TLS connection to '127.0.0.1': certificate has expired"


# --- requests that are never sent ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("http:///x", exceptions.InvalidURL, "no host supplied"),
        ("http://:80/", exceptions.InvalidURL, "invalid URL 'http://:80/'"),
        ("a.test/x", exceptions.MissingSchema, "perhaps you meant https://a.test/x?"),
        ("ftp://a.test/x", exceptions.InvalidSchema, "ftp"),
        ("http://a.test:99999/", exceptions.InvalidURL, "port"),
    ],
)
def test_a_url_that_leads_nowhere(
    binding: Binding, url: str, kind: type[exceptions.RequestException], says: str
) -> None:
    error = failing(binding, binding.session(), url)
    assert outline(error) == (kind, False, None)
    assert isinstance(error, ValueError)
    assert says in str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Token", "secret\r\nX-Admin: 1"),
        ("X-Token", "secret\n"),
        ("X-Token", "\rsecret"),
        ("X-Token\r\nX-Admin", "secret"),
    ],
)
def test_a_field_with_a_line_end(
    binding: Binding, scripted: Callable[..., ScriptedServer], name: str, value: str
) -> None:
    server = scripted()
    error = failing(binding, binding.session(), server.url("/x"), headers={name: value})
    assert outline(error) == (exceptions.InvalidHeader, False, None)
    assert isinstance(error, ValueError)
    assert "X-Token" in str(error)
    assert "secret" not in str(error)
    assert server.connections == 0


def test_a_field_that_a_hook_breaks_is_not_written(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    def broken(request: Any) -> Any:
        request.headers["X-Token"] = "secret\r\nX-Admin: 1"
        return request

    server = scripted()
    error = failing(binding, binding.session(), server.url("/x"), auth=broken)
    assert outline(error) == (exceptions.InvalidHeader, False, None)
    assert "secret" not in str(error)
    assert server.connections == 0


def test_a_prepared_request_that_was_broken_is_not_written(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(answer(204)), WaitClosed()])
    session = binding.session()
    request = sojourn.Request("GET", server.url("/x")).prepare()
    request.headers["X-Token"] = "secret\r\nX-Admin: 1"
    with pytest.raises(exceptions.InvalidHeader) as caught:
        binding.run(session.send(request))
    assert outline(caught.value) == (exceptions.InvalidHeader, False, None)
    assert caught.value.request is request
    assert "secret" not in str(caught.value)
    # The connection that was made for it is as good as new: all it has seen is the next request.
    assert binding.run(session.get(server.url("/y"))).status_code == 204
    (received,) = server.received
    assert received.startswith(b"GET /y ")


@pytest.mark.parametrize(
    "timeout",
    [
        0,
        -1,
        0.0,
        "5",
        b"5",
        True,
        float("nan"),
        (1,),
        (1, 2, 3),
        (),
        (0, 1),
        (1, -1),
        ("1", 2),
        [1],
    ],
)
def test_a_timeout_in_no_form_that_there_is(
    binding: Binding, scripted: Callable[..., ScriptedServer], timeout: Any
) -> None:
    server = scripted()
    session = binding.session()
    with pytest.raises(ValueError, match="timeout"):
        binding.run(session.get(server.url("/x"), timeout=timeout))
    with pytest.raises(ValueError, match="timeout"):
        binding.session(timeout=timeout)
    assert server.connections == 0


@pytest.mark.parametrize(
    "timeout", [None, 1e-3 + 30, 10**12, float("inf"), (None, None), (9, None)]
)
def test_a_timeout_in_a_form_that_there_is(
    binding: Binding, scripted: Callable[..., ScriptedServer], timeout: Any
) -> None:
    server = scripted([ReadHead(), Send(answer(200, content=b"ok")), WaitClosed()])
    response = binding.run(
        binding.session().post(server.url("/x"), data=iter([b"x"]), timeout=timeout)
    )
    assert response.content == b"ok"


@pytest.mark.parametrize("kind", ["missing", "empty"])
def test_a_bundle_of_authorities_that_is_not_there(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
    tmp_path: Path,
    kind: str,
) -> None:
    path = tmp_path / "authorities.pem"
    if kind == "empty":
        path.write_bytes(b"")
    server = scripted(context=ca.server_context())
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the whole message is compared
        binding.run(binding.session().get(server.url("/x"), verify=str(path)))
    # As in Requests, which raises an OSError of Python's for the one and SSLError for the other.
    expected = exceptions.SSLError if kind == "empty" else OSError
    assert type(caught.value) is expected
    assert str(caught.value) == (
        f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}"
    )
    assert server.connections == 0


# --- where each class is raised -----------------------------------------------------------------


def stops_reading() -> list[Any]:
    """A script that takes a head and nothing more."""
    return [ReadHead(), Hold()]


SHORT: Final = (10, 0.1)


@pytest.mark.parametrize(
    ("script", "method", "arguments", "kind", "requests_kind", "maybe_sent"),
    [
        pytest.param(
            [ReadHead(), WaitClosed()],
            "GET",
            {"timeout": SHORT},
            exceptions.ReadTimeout,
            exceptions.ReadTimeout,
            True,
            id="silence before the head",
        ),
        pytest.param(
            [ReadHead(), Send(HALF), WaitClosed()],
            "GET",
            {"timeout": (10, 1.0)},
            exceptions.StalledContent,
            exceptions.ConnectionError,
            True,
            id="silence within the content",
        ),
        pytest.param(
            stops_reading(),
            "PUT",
            {"timeout": SHORT, "data": LARGE},
            exceptions.WriteTimeout,
            exceptions.Timeout,
            True,
            id="content that nobody takes",
        ),
        pytest.param(
            [ReadHead(), WaitClosed()],
            "GET",
            {"timeout": sojourn.Timeouts(total=0.5)},
            exceptions.DeadlineExceeded,
            exceptions.Timeout,
            True,
            id="the whole call",
        ),
        pytest.param(
            [ReadHead(), Send(b"nonsense\r\n\r\n"), WaitClosed()],
            "GET",
            {},
            exceptions.RemoteProtocolError,
            exceptions.ConnectionError,
            True,
            id="another protocol",
        ),
        pytest.param(
            [ReadHead(), Send(answer(302, ("Location", "http://")))],
            "GET",
            {},
            exceptions.InvalidURL,
            exceptions.InvalidURL,
            True,
            id="a bad Location",
        ),
        pytest.param(
            [ReadHead(), Send(answer(302, ("Location", "/x")))] * 2,
            "GET",
            {},
            exceptions.TooManyRedirects,
            exceptions.TooManyRedirects,
            True,
            id="a loop",
        ),
        pytest.param(
            [ReadHead(), Send(answer(200, ("Content-Encoding", "gzip"), content=b"no"))],
            "GET",
            {},
            exceptions.ContentDecodingError,
            exceptions.ContentDecodingError,
            True,
            id="bad gzip",
        ),
    ],
)
def test_where_each_class_is_raised(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    script: list[Any],
    method: str,
    arguments: Mapping[str, Any],
    kind: type[exceptions.RequestException],
    requests_kind: type[exceptions.RequestException],
    maybe_sent: bool,
) -> None:
    server = scripted(script)
    session = binding.session()
    session.max_redirects = 1
    error = failing(binding, session, server.url("/x"), method, **arguments)
    assert type(error) is kind
    assert isinstance(error, requests_kind)
    assert error.maybe_sent is maybe_sent


def test_a_handshake_that_takes_too_long_is_a_connect_timeout(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([WaitClosed()])
    url = server.url("/x").replace("http:", "https:")
    error = failing(binding, binding.session(), url, timeout=(0.1, 10))
    assert outline(error) == (exceptions.ConnectTimeout, False, None)
    assert isinstance(error, exceptions.ConnectionError)
    assert str(error) == f"no connection to https://127.0.0.1:{server.port} in 0.1 s"


def test_a_status_that_is_an_error_says_so_when_asked(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(answer(404)), WaitClosed()])
    response = binding.run(binding.session().get(server.url("/x")))
    with pytest.raises(exceptions.HTTPError) as caught:
        response.raise_for_status()
    assert outline(caught.value) == (exceptions.HTTPError, True, 404)
    assert caught.value.request is response.request
    assert str(caught.value) == f"404 Client Error: Not Found for url: {server.url('/x')}"


def test_json_that_is_none_says_so_when_asked(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(answer(200, content=b"{no")), WaitClosed()])
    response = binding.run(binding.session().get(server.url("/x")))
    with pytest.raises(exceptions.JSONDecodeError) as caught:
        response.json()
    assert outline(caught.value) == (exceptions.JSONDecodeError, True, 200)
    assert caught.value.pos == 1


def test_a_request_that_fails_is_an_os_error_for_those_who_catch_that(
    binding: Binding, unused: int
) -> None:
    with pytest.raises(OSError, match="cannot connect"):
        binding.run(binding.session().get(f"http://127.0.0.1:{unused}/"))
