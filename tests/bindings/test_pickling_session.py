"""Sessions that travel to another process: blocking, asyncio's, and that of Requests' name."""

from __future__ import annotations

import io
import pickle
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import compat
from tests.bindings.clients import Binding
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, Received

KINDS: Final = {
    "sync": sojourn.Session,
    "asyncio": sojourn.AsyncSession,
    "compat": compat.Session,
}
ATTRIBUTES: Final = (
    "headers",
    "auth",
    "proxies",
    "hooks",
    "params",
    "stream",
    "verify",
    "cert",
    "max_redirects",
    "trust_env",
    "policy",
)
HERE: Final = Path(__file__).parents[2]  # From here this module is found by its name.
# What another process says of the session, and what is sent when it is used there.
READER: Final = """
import asyncio, inspect, pickle, sys
session = pickle.load(sys.stdin.buffer)
told = [getattr(session, name) for name in sys.argv[2:]]
told += [[(c.domain, c.name, c.value) for c in session.cookies], list(session.adapters)]

async def value_of(outcome):
    return await outcome if inspect.isawaitable(outcome) else outcome

async def ask():
    response = await value_of(session.get(sys.argv[1]))
    await value_of(session.close())
    return response.text

session.verify, session.cert = True, None
sys.stdout.buffer.write(pickle.dumps((told, asyncio.run(ask()))))
"""
# Modules of the classes whose objects lead to a connection, a thread, a loop or a context.
TIED: Final = {"_asyncio", "_socket", "_ssl", "_thread", "asyncio", "socket", "ssl", "threading"}


def handle(request: Received) -> bytes:
    told = (request.target, request.value("authorization"), request.value("cookie"))
    return answer(200, content=repr(told).encode())


def see(response: Any, **arguments: Any) -> None:
    """A hook that can be found by its name."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Any:
    """A class of sessions."""
    return KINDS[request.param]


@pytest.fixture
def run(kind: Any) -> Iterator[Callable[[Any], Any]]:
    """What waits for what a session of this class returns, if that is to be awaited."""
    binding = Binding("asyncio" if kind is sojourn.AsyncSession else "sync")
    yield binding.run
    binding.close()


def test_another_process_has_the_same_session(
    kind: Any, serve: Callable[..., HandlerServer]
) -> None:
    session = kind()
    session.headers["X-A"] = "1"
    session.auth = ("user", "secret")
    session.proxies = {"ftp": "http://p.test:3128"}
    session.hooks = {"response": [see]}
    session.params = {"a": ["1", "2"]}
    session.verify = "/ca.pem"
    session.cert = ("/me.pem", "/key.pem")
    session.max_redirects = 7
    session.trust_env = False
    session.cookies.set("c", "1", domain="127.0.0.1", path="/")
    done = subprocess.run(
        [sys.executable, "-c", READER, serve(handle).url("/x"), *ATTRIBUTES],
        input=pickle.dumps(session),
        stdout=subprocess.PIPE,
        check=True,
        cwd=HERE,
    )
    told, sent = pickle.loads(done.stdout)
    assert told[: len(ATTRIBUTES)] == [getattr(session, name) for name in ATTRIBUTES]
    assert told[len(ATTRIBUTES) :] == [[("127.0.0.1", "c", "1")], list(session.adapters)]
    assert sent == repr(("/x?a=1&a=2", "Basic dXNlcjpzZWNyZXQ=", "c=1"))


class Watching(pickle.Pickler):
    """Notes of which module each object is that is pickled, however deep it is."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO())
        self.modules: set[str] = set()

    def persistent_id(self, obj: Any) -> None:
        """Look at it, and let it be pickled as usual."""
        self.modules.add(type(obj).__module__)


def test_the_watch_sees_what_is_deep_down() -> None:
    watching = Watching()
    with pytest.raises(TypeError, match="SSLContext"):
        watching.dump({"a": [{"b": ssl.create_default_context()}]})
    assert "ssl" in watching.modules & TIED


def test_what_is_pickled_leads_to_no_connection(
    kind: Any,
    run: Callable[[Any], Any],
    serve: Callable[..., HandlerServer],
    ca: Authority,
) -> None:
    server = serve(handle, context=ca.server_context())
    session = kind()
    session.verify = str(ca.path)
    session.auth = compat.auth.HTTPDigestAuth("user", "secret")
    try:
        assert run(session.get(server.url("/x"))).ok
        watching = Watching()
        watching.dump(session)
        pickled = pickle.dumps(session)
    finally:
        run(session.close())
    assert not watching.modules & TIED
    again = pickle.loads(pickled)
    assert again.verify == str(ca.path)
    try:
        assert run(again.get(server.url("/y"))).ok
    finally:
        run(again.close())
    assert [request.connection for request in server.requests] == [0, 1]


def test_its_state_says_which_release_wrote_it(kind: Any) -> None:
    session = kind()
    state = session.__getstate__()
    assert state.pop("sojourn") == sojourn.__version__
    assert set(state) == set(kind.__attrs__)
    again = pickle.loads(pickle.dumps(session))
    assert not hasattr(again, "sojourn")
