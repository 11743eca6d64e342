"""Requests that urllib3 sends: what it is given, what comes back, and what goes wrong."""

from __future__ import annotations

import gc
import gzip
import pickle
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import sojourn
from sojourn.adapters import Urllib3Adapter
from sojourn.adapters.over_urllib3 import settings as over_urllib3_settings
from sojourn.exceptions import (
    ChunkedEncodingError,
    ConflictingLengths,
    ConnectionError,
    ConnectTimeout,
    ContentDecodingError,
    ContentTooLarge,
    DeadlineExceeded,
    InvalidArgument,
    InvalidContent,
    InvalidSchema,
    NameResolutionError,
    PolicyRefused,
    PoolTimeout,
    ProxyError,
    ReadTimeout,
    RemoteProtocolError,
    RequestException,
    SSLError,
    StalledContent,
    TooManyRedirects,
)
from tests.servers.authority import Authority
from tests.servers.microsocks import PASSWORD, USER
from tests.servers.proxy import OPEN, ProxyServer
from tests.servers.scripted import Received, response
from tests.servers.steps import (
    Close,
    Expect,
    Hold,
    ReadHead,
    Reset,
    Send,
    StartTLS,
    Until,
    WaitClosed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.dante import Dante
    from tests.servers.microsocks import Microsocks
    from tests.servers.scripted import HandlerServer, ScriptedServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def session() -> Iterator[sojourn.Session]:
    """A session whose requests urllib3 sends."""
    with session_over() as made:
        yield made


def session_over(policy: sojourn.Policy | None = None, **settings: Any) -> sojourn.Session:
    made = sojourn.Session() if policy is None else sojourn.Session(policy=policy)
    adapter = Urllib3Adapter(**settings)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


def echo(received: Received) -> bytes:
    text = "\n".join(f"{name}: {value}" for name, value in received.fields)
    return response(200, ("X-Method", received.method), content=text.encode())


# --- what goes out ----------------------------------------------------------------------------


def test_the_head_is_that_of_the_session_and_nothing_else(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(echo)
    session.headers["X-Own"] = "ä"
    ours = sojourn.Session()
    ours.headers["X-Own"] = "ä"
    session.get(server.url("/a?b=c"))
    with ours:
        ours.get(server.url("/a?b=c"))
    theirs, wanted = server.requests
    assert theirs.target == wanted.target == "/a?b=c"
    assert sorted(theirs.fields) == sorted(wanted.fields)
    session.headers.clear()
    session.get(server.url("/"))
    assert [name for name, _ in server.requests[-1].fields] == ["Host"]


@pytest.mark.parametrize(
    ("data", "framing"),
    [
        (b"bytes", ("Content-Length", "5")),
        (lambda: iter([b"by", b"", b"tes"]), ("Transfer-Encoding", "chunked")),
        (lambda: [b"by", b"tes"], ("Transfer-Encoding", "chunked")),
    ],
)
def test_content_goes_out_as_it_is_framed(
    session: sojourn.Session,
    serve: Callable[..., HandlerServer],
    data: Any,
    framing: tuple[str, str],
) -> None:
    server = serve(echo)
    session.post(server.url("/"), data=data() if callable(data) else data)
    (request,) = server.requests
    assert request.content == b"bytes"
    assert framing in request.fields


def test_a_file_is_sent_with_its_length_and_again_after_a_redirect(
    session: sojourn.Session, serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    def handler(received: Received) -> bytes:
        if received.target == "/":
            return response(307, ("Location", "/there"))
        return response(200)

    server = serve(handler)
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100_000)
    with path.open("rb") as file:
        assert session.put(server.url("/"), data=file).history
    assert [len(each.content) for each in server.requests] == [100_000, 100_000]
    assert server.requests[1].value("Content-Length") == "100000"


def test_the_error_of_an_iterator_reaches_the_caller_whatever_its_class(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    closed = []

    def content(error: Exception) -> Iterator[bytes]:
        try:
            yield b"some"
            yield b"more"
            raise error
        finally:
            closed.append(error)

    errors = [OSError("of mine"), BrokenPipeError("of mine"), KeyError("of mine")]
    server = scripted(*[[ReadHead(), WaitClosed()]] * len(errors))
    for error in errors:
        with pytest.raises(type(error)) as caught:
            session.post(server.url("/"), data=content(error))
        assert caught.value is error
    assert closed == errors


@pytest.mark.parametrize(("length", "said"), [("3", "longer"), ("5", "shorter")])
def test_content_of_another_length_than_declared_is_never_a_whole_request(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer], length: str, said: str
) -> None:
    server = scripted([ReadHead(), WaitClosed()])

    def content() -> Iterator[bytes]:
        yield b"ab"
        while not server.connections:  # The head is on its way by now.
            time.sleep(0.001)
        yield b"cd"

    with pytest.raises(InvalidContent, match=said):
        session.post(server.url("/"), data=content(), headers={"Content-Length": length})
    server.close()
    (sent,) = server.received
    assert sent.partition(b"\r\n\r\n")[2] in (b"", b"ab")


def test_redirects_cookies_and_credentials_are_the_sessions(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    def handler(received: Received) -> bytes:
        if received.target == "/":
            there = other.url("/there")
            return response(302, ("Location", there), ("Set-Cookie", "a=b"), content=b"moved")
        return response(200)

    server, other = serve(handler), serve(handler)
    answer = session.get(server.url("/"), auth=("ann", "secret"))
    assert answer.url == other.url("/there")
    assert "auth.stripped.cross-origin" in {each.code for each in answer.decisions}
    assert server.requests[0].value("Authorization") is not None
    assert other.requests[0].value("Authorization") is None
    assert session.cookies["a"] == "b"


def test_digest_is_answered(session: sojourn.Session, serve: Callable[..., HandlerServer]) -> None:
    def handler(received: Received) -> bytes:
        if received.value("Authorization") is None:
            challenge = 'Digest realm="r", nonce="n", qop="auth"'
            return response(401, ("WWW-Authenticate", challenge), content=b"who?")
        return response(200, content=b"you")

    server = serve(handler)
    auth = sojourn.HTTPDigestAuth("ann", "secret")
    assert session.get(server.url("/"), auth=auth).text == "you"
    assert server.connections == 1


# --- what comes back --------------------------------------------------------------------------


def test_a_response_has_its_head_and_its_content(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    fields = [("X-A", "1"), ("x-a", "2"), ("Content-Type", "text/plain; charset=utf-8")]
    server = serve(lambda received: response(201, *fields, content="ä".encode()))
    answer = session.get(server.url("/"))
    assert (answer.status_code, answer.reason, answer.http_version) == (201, "Created", "1.1")
    assert answer.headers.get_all("X-A") == ["1", "2"]
    assert answer.text == "ä"
    assert answer.raw.read() == b""
    assert answer.connection is session.get_adapter(server.url("/"))


def test_content_codings_are_removed_by_the_session(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    packed = gzip.compress(b"text" * 1000)
    coded = ("Content-Encoding", "gzip")
    server = serve(
        lambda received: response(200, coded, content=packed if received.target == "/" else b"no")
    )
    assert session.get(server.url("/")).content == b"text" * 1000
    assert session.get(server.url("/"), stream=True).raw.read() == packed
    with pytest.raises(ContentDecodingError):
        session.get(server.url("/not"))


def test_a_bomb_is_stopped_by_the_limits(serve: Callable[..., HandlerServer]) -> None:
    packed = gzip.compress(b"\0" * 1_000_000)
    server = serve(lambda received: response(200, ("Content-Encoding", "gzip"), content=packed))
    limits = sojourn.Limits(content_size_max=1000)
    with session_over(limits=limits) as session, pytest.raises(ContentTooLarge):
        session.get(server.url("/"))


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_stream_is_there_piece_by_piece(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer], framing: str
) -> None:
    seen = threading.Event()
    head = {
        "length": b"Content-Length: 6\r\n",
        "chunked": b"Transfer-Encoding: chunked\r\n",
        "close": b"",
    }[framing]
    pieces = [b"one", b"two"]
    if framing == "chunked":
        pieces = [b"3\r\none\r\n", b"3\r\ntwo\r\n0\r\n\r\n"]
    server = scripted(
        [
            ReadHead(),
            Send(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + pieces[0]),
            Until(seen),
            Send(pieces[1]),
            Close(),
        ]
    )
    with session.get(server.url("/"), stream=True) as answer:
        content = answer.iter_content(None)
        assert next(content) == b"one"
        seen.set()
        assert list(content) == [b"two"]


def test_a_head_and_a_204_have_no_content(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted(
        [
            ReadHead(),
            Send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            ReadHead(),
            Send(b"HTTP/1.1 204 No Content\r\n\r\n"),
            WaitClosed(),
        ]
    )
    assert session.head(server.url("/")).content == b""
    assert session.get(server.url("/")).content == b""
    session.close()


@pytest.mark.parametrize(
    ("sent", "error", "said"),
    [
        (b"Content-Length: 5\r\n\r\nabc", ChunkedEncodingError, "ended early"),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", ChunkedEncodingError, "ended early"),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", ChunkedEncodingError, "ended early"),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabc", ConflictingLengths, "5, 6"),
        (b"Content-Length: many\r\n\r\nabc", RemoteProtocolError, "no length"),
        (b"Transfer-Encoding: gzip\r\n\r\nabc", RemoteProtocolError, "'gzip' is not supported"),
        (b"X-A: \1\r\n\r\n", RemoteProtocolError, "field 'X-A' of the response is not valid"),
        (b"X-A: " + b"a" * 20_000 + b"\r\n\r\n", RemoteProtocolError, "larger than 16384 bytes"),
        (b"X-A: b\r\n" * 99 + b"Y:\r\nY:\r\nY:\r\n\r\n", RemoteProtocolError, "more than 100"),
    ],
)
def test_a_response_that_is_none(
    session: sojourn.Session,
    scripted: Callable[..., ScriptedServer],
    sent: bytes,
    error: type[RequestException],
    said: str,
) -> None:
    server = scripted([ReadHead(), Send(b"HTTP/1.1 200 OK\r\n" + sent), Close()])
    with pytest.raises(error, match=said) as caught:
        session.get(server.url("/"))
    assert type(caught.value) is error
    assert caught.value.request is not None


def test_content_that_ends_early_says_how_much_is_missing_and_what_came(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"
    server = scripted([ReadHead(), Send(head), Close()])
    with pytest.raises(ChunkedEncodingError) as caught:
        session.get(server.url("/"))
    assert caught.value.missing == 2
    assert caught.value.partial == b"abc"


@pytest.mark.parametrize("status", [101, 103])
def test_an_informational_response_is_no_answer(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer], status: int
) -> None:
    head = b"HTTP/1.1 %d Early\r\n\r\n" % status
    server = scripted([ReadHead(), Send(head), WaitClosed()])
    with pytest.raises(ConnectionError, match=f"answered with {status}"):
        session.get(server.url("/"))


# --- connections ------------------------------------------------------------------------------


def test_connections_are_kept_and_those_that_died_are_made_anew(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    """A server that closes as the request is on its way has not read it: it is sent once more."""
    server = scripted(
        [ReadHead(), Send(OK), ReadHead(), Send(OK), ReadHead(), Close()],
        [ReadHead(), Send(OK), WaitClosed()],
    )
    for _ in range(3):
        answer = session.get(server.url("/"))
        assert answer.text == "ok"
    assert [each.code for each in answer.decisions] == ["retry.stale-connection"]
    session.close()


def test_a_post_is_not_sent_again(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(OK), ReadHead(), Reset()])
    session.get(server.url("/"))
    with pytest.raises(ConnectionError) as caught:
        session.post(server.url("/"), data=b"content")
    progress = caught.value.progress
    assert progress is not None
    assert progress.reused
    assert progress.octets_written > len(b"content")
    assert caught.value.maybe_sent


def test_a_response_that_is_closed_or_dropped_frees_its_place(
    scripted: Callable[..., ScriptedServer],
) -> None:
    long = [ReadHead(), Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), WaitClosed()]
    server = scripted(long, long, [ReadHead(), Send(OK), WaitClosed()])
    with session_over(maxsize=1, block=True) as session:
        session.get(server.url("/"), stream=True).close()
        dropped = session.get(server.url("/"), stream=True, timeout=5)
        del dropped
        gc.collect()
        assert session.get(server.url("/"), timeout=5).text == "ok"


def test_a_pool_that_blocks_waits_as_long_as_the_call_says(
    scripted: Callable[..., ScriptedServer],
) -> None:
    long = [ReadHead(), Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), WaitClosed()]
    server = scripted(long)
    with session_over(maxsize=1, block=True) as session:
        held = session.get(server.url("/"), stream=True)
        with held, pytest.raises(PoolTimeout) as caught:
            session.get(server.url("/"), timeout=0.05)
        assert not caught.value.maybe_sent


def test_a_redirect_whose_content_is_long_is_not_read(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 100000000\r\n\r\nabc"
    server = scripted([ReadHead(), Send(away), WaitClosed()], [ReadHead(), Send(OK), WaitClosed()])
    assert session.get(server.url("/")).text == "ok"
    session.close()


def test_redirects_have_an_end(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda received: response(302, ("Location", "/"), content=b"round"))
    session.max_redirects = 3
    with pytest.raises(TooManyRedirects):
        session.get(server.url("/"))
    assert server.connections == 1


# --- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "timeout", "error"),
    [
        ([ReadHead(), Hold()], 0.1, ReadTimeout),
        ([ReadHead(), Hold()], sojourn.Timeouts(total=0.1), DeadlineExceeded),
        (
            [ReadHead(), Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Hold()],
            1.0,
            StalledContent,
        ),
        (
            [ReadHead(), Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Hold()],
            sojourn.Timeouts(total=0.1),
            DeadlineExceeded,
        ),
    ],
)
def test_silence_ends_as_the_timeouts_say(
    session: sojourn.Session,
    scripted: Callable[..., ScriptedServer],
    script: list[Any],
    timeout: Any,
    error: type[RequestException],
) -> None:
    server = scripted(script)
    with pytest.raises(error) as caught:
        session.get(server.url("/"), timeout=timeout)
    assert type(caught.value) is error


def test_a_handshake_that_never_ends_is_a_connect_timeout(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([Expect(b"\x16"), Hold()])
    with pytest.raises(ConnectTimeout) as caught:
        session.get(server.url("/").replace("http:", "https:"), timeout=0.5)
    assert caught.value.connected
    assert not caught.value.maybe_sent


# --- what cannot be done ----------------------------------------------------------------------


def test_what_urllib3_cannot_do_is_an_error_and_nothing_is_sent() -> None:
    policy = sojourn.Policy(refused_networks=sojourn.PRIVATE_NETWORKS)
    with session_over(policy) as session, pytest.raises(PolicyRefused) as refused:
        session.get("http://localhost:1/")
    assert not refused.value.maybe_sent
    with session_over() as session, pytest.raises(InvalidArgument, match="5 s to connect"):
        session.get("http://localhost:1/", timeout=sojourn.Timeouts(connect=5, write=1))
    by = {"http": "http://127.0.0.1:1"}
    with (
        session_over(sojourn.Policy(tunnel_http=True)) as session,
        pytest.raises(InvalidArgument, match="no tunnels for http"),
    ):
        session.get("http://localhost:1/", proxies=by)


@pytest.mark.parametrize("given", [{"verify": "/none.pem"}, {"cert": "/none.pem"}, {"verify": 3}])
def test_trust_that_is_none(session: sojourn.Session, given: Any) -> None:
    with sojourn.Session() as ours, pytest.raises((OSError, TypeError)) as wanted:
        ours.get("https://localhost:1/", **given)
    with pytest.raises(type(wanted.value)) as caught:
        session.get("https://localhost:1/", **given)
    assert str(caught.value) == str(wanted.value)


# --- connecting, TLS and proxies ---------------------------------------------------------------


def test_errors_of_connecting_say_that_nothing_was_sent(session: sojourn.Session) -> None:
    with pytest.raises(ConnectionError, match=r"cannot connect to http://127\.0\.0\.1:1") as caught:
        session.get("http://127.0.0.1:1/")
    assert not caught.value.maybe_sent
    with pytest.raises(ConnectionError, match="cannot be resolved") as unresolved:
        session.get("http://no-such-host.invalid/")
    assert not unresolved.value.maybe_sent


def test_tls_is_verified_as_the_session_says(
    session: sojourn.Session, serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    server = serve(echo, context=ca.server_context())
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        session.get(server.url("/"))
    assert not caught.value.maybe_sent
    assert session.get(server.url("/"), verify=str(ca.path)).ok
    assert session.get(server.url("/"), verify=ca.client_context()).ok
    with pytest.warns(match="Unverified HTTPS request"):
        assert session.get(server.url("/"), verify=False).ok


@pytest.mark.parametrize("needed", [True, False])
def test_content_that_a_cut_of_tls_ends(
    scripted: Callable[..., ScriptedServer], ca: Authority, needed: bool
) -> None:
    script = [ReadHead(), Send(b"HTTP/1.1 200 OK\r\n\r\nabc"), Close(notify=False)]
    server = scripted(script, context=ca.server_context())
    policy = sojourn.Policy(needs_close_notify=needed)
    with session_over(policy) as session:
        session.verify = str(ca.path)
        if needed:
            with pytest.raises(ChunkedEncodingError, match="cut"):
                session.get(server.url("/"))
        else:
            assert session.get(server.url("/")).text == "abc"


def test_a_proxy_forwards_and_tunnels_with_its_own_credentials(
    session: sojourn.Session, serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    plain, secure = serve(echo), serve(echo, context=ca.server_context())
    session.verify = str(ca.path)
    with ProxyServer(credentials=["Basic YW5uOnNlY3JldA=="]) as proxy:
        there = proxy.url("").replace("//", "//ann:secret@")
        session.proxies = {"http": there, "https": there}
        for server in (plain, secure):
            assert session.get(server.url("/a")).ok
            assert server.requests[0].value("Proxy-Authorization") is None
        assert [each.method for each in proxy.requests] == ["GET", "CONNECT"]
        session.close()


def test_a_proxy_that_refuses_a_tunnel_or_is_not_there(
    session: sojourn.Session, serve: Callable[..., HandlerServer]
) -> None:
    with ProxyServer(credentials=["other"]) as proxy:
        session.proxies = {"https": proxy.url("")}
        with pytest.raises(ProxyError, match="407") as caught:
            session.get("https://origin.test/")
        assert caught.value.response is not None
        assert caught.value.response.status_code == 407
        assert not caught.value.maybe_sent
    session.proxies = {"http": "http://127.0.0.1:1", "https": "http://127.0.0.1:1"}
    for scheme in ("http", "https"):
        with pytest.raises(ProxyError, match="cannot be reached"):
            session.get(f"{scheme}://origin.test/")


# --- proxies of other kinds -----------------------------------------------------------------------


@pytest.fixture
def origins(serve: Callable[..., HandlerServer], ca: Authority) -> dict[str, HandlerServer]:
    return {"http": serve(echo), "https": serve(echo, context=ca.server_context())}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("own", [False, True], ids=["trusted as the origin", "trusted by itself"])
def test_an_https_proxy(
    scripted: Callable[..., ScriptedServer], ca: Authority, tmp_path: Path, scheme: str, own: bool
) -> None:
    """It forwards http; for https there is TLS in TLS."""
    theirs = Authority(tmp_path) if own else ca
    tunnel = [ReadHead(), Send(OPEN), StartTLS(ca.server_context())]
    steps = [*(tunnel if scheme == "https" else []), ReadHead(), Send(response(200, content=b"ok"))]
    server = scripted([*steps, WaitClosed()], context=theirs.server_context())
    with session_over(proxy_verify=theirs.path if own else None) as session:
        session.proxies = {"all": f"https://127.0.0.1:{server.port}"}
        session.verify = str(ca.path)
        assert session.get(f"{scheme}://a.test/").text == "ok"


def test_an_https_proxy_that_is_not_trusted(
    session: sojourn.Session, scripted: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    server = scripted([WaitClosed()], context=Authority(tmp_path).server_context())
    session.proxies = {"all": f"https://127.0.0.1:{server.port}"}
    with pytest.raises(ProxyError, match="certificate") as caught:
        session.get("http://a.test/")
    assert not caught.value.maybe_sent


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["socks5", "socks5h"])
def test_a_socks_proxy(
    session: sojourn.Session,
    guarded_microsocks: Microsocks,
    origins: dict[str, HandlerServer],
    ca: Authority,
    version: str,
    scheme: str,
) -> None:
    userinfo = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    session.proxies = {"all": f"{version}://{userinfo}@127.0.0.1:{guarded_microsocks.port}"}
    session.verify = str(ca.path)
    for _ in range(2):
        answered = session.get(origins[scheme].url("/", host="localhost"))
        assert answered.ok
        assert "proxy-authorization" not in answered.text.lower()
    assert origins[scheme].connections == 1


@pytest.mark.parametrize("version", ["socks4", "socks4a"])
def test_an_older_socks_proxy(
    session: sojourn.Session, dante: Dante, origins: dict[str, HandlerServer], version: str
) -> None:
    session.proxies = {"all": f"{version}://me@127.0.0.1:{dante.port}"}
    assert session.get(origins["http"].url("/")).ok


def test_a_socks_proxy_that_opens_no_tunnel_or_is_not_there(
    session: sojourn.Session, microsocks: Microsocks
) -> None:
    place = f"socks5h://127.0.0.1:{microsocks.port}"
    session.proxies = {"all": place}
    for scheme in ("http", "https"):
        said = f"the proxy {place} opens no tunnel to {scheme}://localhost:1: .*[Rr]efused"
        with pytest.raises(ProxyError, match=said) as caught:
            session.get(f"{scheme}://localhost:1/")
        assert not caught.value.maybe_sent
    session.proxies = {"all": "socks5h://127.0.0.1:1"}
    with pytest.raises(ProxyError, match="cannot be reached"):
        session.get("http://a.test/")
    session.proxies = {"all": place.replace("5h", "5")}
    with pytest.raises(NameResolutionError, match=r"nobody\.invalid"):
        session.get("http://nobody.invalid/")


def test_socks_takes_pysocks(session: sojourn.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_urllib3_settings, "find_spec", lambda name: None)
    session.proxies = {"all": "socks5h://127.0.0.1:1"}
    with pytest.raises(InvalidSchema, match=r"urllib3\[socks\]"):
        session.get("http://a.test/")


def test_certificates_cannot_be_pinned(session: sojourn.Session) -> None:
    pinned = sojourn.TLSSettings(trust=False, fingerprints=("0" * 64,))
    with pytest.raises(InvalidArgument, match="fingerprints of TLSSettings"):
        session.get("https://a.test/", verify=pinned)
    with session_over(proxy_verify=pinned) as made:
        made.proxies = {"all": "https://127.0.0.1:1"}
        with pytest.raises(InvalidArgument, match="fingerprints of proxy_verify"):
            made.get("http://a.test/")


# --- the package ------------------------------------------------------------------------------


def test_a_session_with_it_travels(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    with session_over(num_pools=2) as session, pickle.loads(pickle.dumps(session)) as made:
        assert made.get(server.url("/")).ok


def test_urllib3_is_imported_only_when_it_is_used() -> None:
    program = (
        "import sys, sojourn.adapters; dir(sojourn.adapters); print('urllib3' in sys.modules);"
        "sys.modules['urllib3'] = None\n"
        "try: sojourn.adapters.Urllib3Adapter\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.splitlines() == [
        "False",
        "Urllib3Adapter takes the extra urllib3: pip install 'sojourn[urllib3]'",
    ]
