"""What programs look for in errors: their text, ``args[0]``, and the classes that catch them."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from functools import partial
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
import urllib3
import urllib3.exceptions as theirs

import sojourn.compat as ours
from sojourn.compat import causes
from sojourn.compat.causes import caught_as
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Hold, ReadHead, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import ScriptedServer

    Serve = Callable[..., ScriptedServer]

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP: Final = OK + b"Content-Encoding: gzip\r\n"
SHORT: Final = OK + b"Content-Length: 10\r\n\r\nabcd"
BROKEN: Final = {
    "short content": ((SHORT,), "ProtocolError"),
    "no content": ((OK + b"Content-Length: 10\r\n\r\n",), "ProtocolError"),
    "a short chunk": ((CHUNKED + b"9\r\nabcd",), "ProtocolError"),
    "no last chunk": ((CHUNKED + b"4\r\nabcd\r\n",), "ProtocolError"),
    "a chunk of no size": ((CHUNKED + b"zz\r\n",), "ProtocolError"),
    "no gzip": ((GZIP + b"Content-Length: 4\r\n\r\nabcd",), "DecodeError"),
    "silence": ((SHORT, Hold()), "ReadTimeoutError"),
}


def caught(program: Callable[[], Any]) -> Any:
    """The error that a program raises."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - of whatever class it is
        program()
    return raised.value


def patience(steps: tuple[Any, ...]) -> float:
    """The seconds that a client waits: no longer than it must where the peer falls silent."""
    return 1.0 if isinstance(steps[-1], Hold) else 20.0


def script(steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """The script of a connection: bytes are sent."""
    ended = () if isinstance(steps[-1], Hold) else (Close(),)
    return ReadHead(), *(Send(x) if isinstance(x, bytes) else x for x in steps), *ended


@pytest.mark.parametrize(("steps", "name"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("how", ["read", "stream", "read1"])
def test_broken_content_of_raw_is_caught_as_urllib3_raises_it(
    steps: tuple[Any, ...], name: str, how: str, scripted: Serve
) -> None:
    found = {}
    for module in (requests, ours):
        server = scripted(script(steps))
        with module.Session() as session:
            response = session.get(server.url(), stream=True, timeout=patience(steps))

            def read(raw: Any = response.raw) -> None:
                if how == "stream":
                    list(raw.stream(3, decode_content=True))
                elif how == "read1":
                    while raw.read1(3, decode_content=True):
                        pass
                else:
                    raw.read(decode_content=True)

            found[module] = caught(read)
            response.close()
            response.raw.close()
    assert isinstance(found[requests], getattr(theirs, name))
    assert isinstance(found[ours], getattr(theirs, name))
    assert isinstance(found[ours], ours.RequestException)


@pytest.mark.parametrize(("steps", "name"), BROKEN.values(), ids=BROKEN)
def test_broken_content_of_a_response(steps: tuple[Any, ...], name: str, scripted: Serve) -> None:
    def outcome(module: Any) -> tuple[Any, ...]:
        server = scripted(script(steps))
        with module.Session() as session:
            error = caught(lambda: session.get(server.url(), timeout=patience(steps)))
        (cause,) = error.args
        said = str(error).replace(str(server.port), "PORT")
        if "InvalidChunkLength" in said or "HTTPException" in said:
            said = said.partition(": ")[0][2:]
        return said, type(cause), isinstance(error, theirs.HTTPError)

    one, other = outcome(requests), outcome(ours)
    assert other[:2] == one[:2]
    assert one[1] is getattr(theirs, name)
    assert other[2] >= one[2]


def test_an_error_of_content_has_the_words_and_the_numbers(scripted: Serve) -> None:
    server = scripted(script((SHORT,)))
    error = caught(lambda: ours.get(server.url(), timeout=5))
    assert isinstance(error, ours.exceptions.ChunkedEncodingError)
    incomplete = error.args[0].args[1]
    assert "IncompleteRead(4 bytes read, 6 more expected)" in str(error)
    assert (incomplete.partial, incomplete.expected) == (4, 6)
    assert error.partial == b"abcd"


def test_a_head_that_ends_early(scripted: Serve) -> None:
    for line, said in (
        (b"Content-Length: 5\r\n", "IncompleteRead(0 bytes read, 5 more expected)"),
        (b"Transfer-Encoding: chunked\r\n", "Response ended prematurely"),
    ):
        server = scripted(script((OK + line,)))
        error = caught(partial(ours.get, server.url(), timeout=5))
        assert isinstance(error, ours.exceptions.ChunkedEncodingError)
        assert isinstance(error, ours.ConnectionError)
        assert said in str(error)


@pytest.mark.parametrize("timeout", [(5, 0.0001), urllib3.Timeout(connect=3, read=0.05), 0.2])
def test_a_timeout_is_a_read_timeout(timeout: Any, scripted: Serve) -> None:
    server = scripted((ReadHead(), Hold()))
    error = caught(lambda: ours.get(server.url(), timeout=timeout))
    assert isinstance(error, ours.ReadTimeout)
    assert not isinstance(error, ours.ConnectionError)
    assert isinstance(error.args[0], theirs.ReadTimeoutError)
    assert "Read timed out. (read timeout=" in str(error)


def test_urllib3s_timeout_is_taken(scripted: Serve) -> None:
    server = scripted((ReadHead(), Send(answer(200, content=b"ok")), Close()))
    timeout = urllib3.Timeout(connect=3, read=10)
    assert ours.get(server.url(), timeout=timeout).content == b"ok"


@pytest.mark.parametrize("module", [requests, ours])
@pytest.mark.parametrize("how", ["content", "raw"])
def test_content_to_the_end_of_tls_is_whole_without_close_notify(
    module: Any, how: str, scripted: Serve, ca: Authority
) -> None:
    steps = ReadHead(), Send(OK + b"\r\n"), Send(b"some"), Close(notify=False)
    server = scripted(steps, context=ca.server_context())
    with module.Session() as session:
        response = session.get(server.url(), verify=str(ca.path), stream=True)
        assert (response.raw.read() if how == "raw" else response.content) == b"some"


def test_it_is_not_where_the_policy_says_so(scripted: Serve, ca: Authority) -> None:
    steps = ReadHead(), Send(OK + b"\r\nsome"), Close(notify=False)
    server = scripted(steps, context=ca.server_context())
    with ours.Session() as session:
        session.policy = session.policy.replace(needs_close_notify=True)
        error = caught(partial(session.get, server.url(), verify=str(ca.path)))
    assert "without close_notify" in str(error)
    assert isinstance(error, ours.exceptions.ChunkedEncodingError)


# --- the classes of its own, for programs without urllib3 ---------------------------------------

POOL: Final = causes.HTTPConnectionPool("a.test", 80)
CONNECTION: Final = causes.HTTPConnection("a.test", 80)
MADE: Final[dict[str, tuple[Any, ...]]] = {
    "MaxRetryError": (POOL, "/a", OSError(1, "why")),
    "ReadTimeoutError": (POOL, None, "Read timed out."),
    "NewConnectionError": (CONNECTION, "why"),
    "NameResolutionError": ("a.test", CONNECTION, OSError(2, "why")),
    "ConnectTimeoutError": (CONNECTION, "why"),
    "ProxyError": ("why", OSError(1, "why")),
    "ProtocolError": ("why", OSError(1, "why")),
    "SSLError": (OSError(1, "why"),),
    "DecodeError": ("why", OSError(1, "why")),
    "ResponseError": ("why",),
    "InvalidHeader": ("why",),
    "IncompleteRead": (4, 6),
}


@pytest.mark.parametrize(("name", "arguments"), MADE.items(), ids=MADE)
def test_a_cause_is_as_urllib3s(name: str, arguments: tuple[Any, ...]) -> None:
    mine, other = getattr(causes, name)(*arguments), getattr(theirs, name)(*arguments)
    assert str(mine) == str(other)
    assert repr(mine) == repr(other)
    for attribute in ("pool", "url", "reason", "conn", "original_error", "partial", "expected"):
        if attribute != "pool" or name == "MaxRetryError":
            assert getattr(mine, attribute, None) == getattr(other, attribute, None)
    bases = {kind.__name__ for kind in type(other).__mro__}
    assert bases <= {kind.__name__ for kind in type(mine).__mro__} | {"LocationValueError"}
    for again in (copy.copy(mine), pickle.loads(pickle.dumps(mine))):
        assert type(again) is type(mine)
        assert str(again).partition(" at 0x")[0] == str(mine).partition(" at 0x")[0]


def test_urllib3_is_not_imported_for_an_error() -> None:
    program = """
import socket, sys
import sojourn.compat as requests
with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{closed.getsockname()[1]}/a?q=1"
    try:
        requests.get(url)
    except requests.ConnectionError as error:
        assert "Max retries exceeded with url: /a?q=1" in str(error), error
        assert type(error.args[0]).__name__ == "MaxRetryError"
        assert type(error.args[0].reason).__name__ == "NewConnectionError"
        assert error.args[0].pool.host == "127.0.0.1"
assert not {"urllib3", "requests"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (ours.exceptions.ChunkedEncodingError("why"), (theirs.ProtocolError,)),
        (ours.exceptions.StalledContent("why"), (theirs.ReadTimeoutError,)),
        (ours.ConnectTimeout("why"), (ours.ReadTimeout,)),
        (ours.ConnectionError("why"), (ours.exceptions.ProxyError,)),
        (ours.exceptions.ContentDecodingError("why"), (theirs.DecodeError, ValueError)),
    ],
)
def test_an_error_is_caught_as_more_than_it_was(error: Any, bases: Any) -> None:
    kind = type(error)
    error.request = "asked"
    caught_as(error, *bases)
    caught_as(error, *bases)
    for again in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert isinstance(again, (kind, *bases))
        assert all(isinstance(again, base) for base in (kind, *bases))
        assert type(again).__name__ == kind.__name__
        assert (str(again), again.request) == ("why", "asked")


@pytest.mark.parametrize(
    ("steps", "number", "missing"),
    [
        ((SHORT,), 4, 6),
        ((CHUNKED + b"9\r\nabcd",), 0, None),
        ((CHUNKED + b"2\r\nab\r\n9\r\nabcd",), 2, None),
        ((CHUNKED + b"4\r\nabcd\r\n",), 4, None),
    ],
)
@pytest.mark.parametrize("package", [ours, requests])
def test_a_read_that_breaks_off_tells_what_came(
    scripted: Serve, package: Any, steps: tuple[Any, ...], number: int, missing: int | None
) -> None:
    """yt-dlp goes on from there. http.client counts the chunks that came whole."""
    server = scripted(script(steps))
    with package.Session() as session:
        response = session.get(server.url(), stream=True)
        below = caught(lambda: response.raw.read(100, decode_content=True)).__cause__
    assert isinstance(below, IncompleteRead)
    came: Any = below.partial
    assert (came if isinstance(came, int) else len(came), below.expected) == (number, missing)
