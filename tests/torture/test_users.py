"""Code of the user's that raises, through the bindings, at each place where it is called.

Each errand is run once to count the calls of the user's code, and then once for each of them, which
raises. The call ends in that very error, or in one of ours that it is the cause of; the pool holds
nothing of it, and the session goes on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn_core import AuthBase, AuthFlow, Policy, RedirectVerdict, RequestException, RetryPolicy
from tests.bindings.clients import EVERY_BINDING, SESSIONS, Binding, pool_of
from tests.servers.quick import QuickServer
from tests.servers.scripted import response as answer
from tests.torture.faults import Cancelled, UsersOwn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGE: Final = bytes(300_000)  # More than is read at once: the connection is held until it is.
HINTS: Final = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2
ERRORS: Final = (UsersOwn, OSError, TimeoutError, Cancelled)


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


@pytest.fixture(params=EVERY_BINDING)
def binding(request: pytest.FixtureRequest) -> Iterator[Binding]:
    made = Binding(request.param)
    try:
        yield made
    finally:
        made.close()


def respond(head: bytes) -> bytes:
    match head.split(b" ")[1]:
        case b"/away":
            return answer(302, ("Location", "/ok"), content=LARGE)
        case b"/asks" if b"Authorization" not in head:
            return answer(401, ("WWW-Authenticate", "Bearer"), content=LARGE)
        case b"/hints":
            return HINTS + answer(200, content=b"ok")
        case b"/busy":
            return answer(503, content=LARGE)
        case _:
            return answer(200, content=b"ok")


@pytest.fixture(scope="module")
def server() -> Iterator[QuickServer]:
    with QuickServer(respond) as running:
        yield running


class User:
    """All of the user's code.

    Args:
        at: The number of the call that raises, from 0; -1 for none.
        error: What it raises.

    Attributes:
        calls: How many there were.
    """

    def __init__(self, at: int = -1, error: BaseException | None = None) -> None:
        self.calls = 0
        self._at = at
        self._error = error

    def ask(self, *_: Any) -> None:
        """Be called."""
        self.calls += 1
        if self.calls - 1 == self._at:
            assert self._error is not None
            raise self._error

    async def ask_async(self, *_: Any, **__: Any) -> None:
        """Be called, and awaited."""
        self.ask()

    # What it is called as.

    def hook(self, response: Any, **_: Any) -> None:
        """See a response."""
        self.ask()

    def follow(self, hop: Any) -> RedirectVerdict:
        """Follow each redirect."""
        self.ask()
        return RedirectVerdict.FOLLOW

    def decide(self, attempt: Any, random: float) -> Any:
        """Retry twice, at once."""
        self.ask()
        usual = RetryPolicy(retries_max=2, statuses=frozenset({503}), backoff=0.0)
        return usual.decide(attempt, random)

    def find(self, host: str, port: int) -> str:
        """Resolve a name."""
        self.ask()
        return "127.0.0.1"

    async def find_async(self, host: str, port: int) -> str:
        """Resolve a name, and be awaited."""
        self.ask()
        return "127.0.0.1"

    def pieces(self) -> Iterator[bytes]:
        """Give content."""
        for _ in range(3):
            self.ask()
            yield b"piece"


class Auth(AuthBase):
    """A token that is the user's."""

    def __init__(self, user: User) -> None:
        self._user = user

    def __call__(self, request: Any) -> Any:
        self._user.ask()
        request.headers["Authorization"] = "Bearer t"
        return request


class Flow(AuthFlow):
    """The same, for a challenge."""

    def __init__(self, user: User) -> None:
        self._user = user

    def begin(self) -> AuthFlow:
        self._user.ask()
        return Flow(self._user)

    def __call__(self, request: Any) -> Any:
        self._user.ask()
        return request

    def respond(self, request: Any, response: Any) -> Any:
        self._user.ask()
        if response.status_code != 401 or "Authorization" in request.headers:
            return None
        request.headers["Authorization"] = "Bearer t"
        return request


def own_session(binding: Binding, user: User) -> Any:
    """A session whose redirect methods ask the user."""
    kind: Any = SESSIONS[binding.name]

    def asking(name: str) -> Any:
        own = getattr(kind, name)

        def method(session: Any, *given: Any) -> Any:
            user.ask()
            return own(session, *given)

        return method

    names = (
        "get_redirect_target",
        "should_strip_auth",
        "rebuild_method",
        "rebuild_auth",
        "rebuild_proxies",
    )
    made = type("Own", (kind,), {name: asking(name) for name in names})()
    binding._sessions.append(made)
    return made


# Each gives a session, and what a request to it is: a method, a path and further arguments.
Errand = tuple[Any, str, str, dict[str, Any]]


def with_auth(binding: Binding, user: User) -> Errand:
    return binding.session(), "GET", "/away", {"auth": Auth(user)}


def with_flow(binding: Binding, user: User) -> Errand:
    return binding.session(), "GET", "/asks", {"auth": Flow(user)}


def with_rule(binding: Binding, user: User) -> Errand:
    return binding.session(policy=Policy(on_redirect=user.follow)), "GET", "/away", {}


def with_methods(binding: Binding, user: User) -> Errand:
    return own_session(binding, user), "GET", "/away", {"headers": {"Authorization": "x y"}}


def with_retries(binding: Binding, user: User) -> Errand:
    return binding.session(retries=user), "GET", "/busy", {}


def with_hook(binding: Binding, user: User) -> Errand:
    return binding.session(), "GET", "/away", {"hooks": {"response": user.hook}}


def with_async_hook(binding: Binding, user: User) -> Errand:
    return binding.session(), "GET", "/away", {"hooks": {"response": user.ask_async}}


def with_informational(binding: Binding, user: User) -> Errand:
    return binding.session(), "GET", "/hints", {"hooks": {"informational": user.hook}}


def with_async_informational(binding: Binding, user: User) -> Errand:
    return binding.session(), "GET", "/hints", {"hooks": {"informational": user.ask_async}}


def with_informational_of_a_hedge(binding: Binding, user: User) -> Errand:
    session = binding.session(hedge=30.0)
    return session, "GET", "/hints", {"hooks": {"informational": user.hook}}


def with_resolver_of_a_hedge(binding: Binding, user: User) -> Errand:
    return binding.session(resolver=user.find, hedge=30.0), "GET", "/ok", {}


def with_auth_of_a_hedge(binding: Binding, user: User) -> Errand:
    return binding.session(hedge=30.0), "GET", "/away", {"auth": Auth(user)}


def with_content(binding: Binding, user: User) -> Errand:
    return binding.session(), "PUT", "/ok", {"data": user.pieces()}


def with_async_content(binding: Binding, user: User) -> Errand:
    return binding.session(), "PUT", "/ok", {"data": binding.upload(user.pieces)}


def with_resolver(binding: Binding, user: User) -> Errand:
    return binding.session(resolver=user.find), "GET", "/ok", {}


def with_async_resolver(binding: Binding, user: User) -> Errand:
    return binding.session(resolver=user.find_async), "GET", "/ok", {}


CALLS: Final[dict[Callable[[Binding, User], Errand], int]] = {
    with_auth: 1,
    with_flow: 4,
    with_rule: 1,
    with_methods: 6,
    with_retries: 3,
    with_hook: 2,
    with_async_hook: 2,
    with_informational: 2,
    with_async_informational: 2,
    with_informational_of_a_hedge: 2,
    with_resolver_of_a_hedge: 1,
    with_auth_of_a_hedge: 1,
    with_content: 3,
    with_async_content: 3,
    with_resolver: 1,
    with_async_resolver: 1,
}


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error, and what it came of."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def run(binding: Binding, errand: Errand, server: QuickServer) -> Any:
    """Run an errand, and return its response, or what it raises."""
    session, method, path, arguments = errand
    url = server.url.replace("127.0.0.1", "localhost") + path
    try:
        return binding.run(session.request(method, url, **arguments))
    except BaseException as error:  # noqa: BLE001 - it is what is looked at
        return error


@pytest.mark.parametrize("make", CALLS, ids=lambda each: each.__name__)
def test_code_that_raises(
    binding: Binding, server: QuickServer, make: Callable[[Binding, User], Errand]
) -> None:
    if "async" in make.__name__ and binding.name == "sync":
        pytest.skip("blocking code awaits nothing")
    user = User()
    response = run(binding, make(binding, user), server)
    assert response.status_code == (503 if make is with_retries else 200)
    assert user.calls == CALLS[make]
    threads = threading.active_count()
    for at in range(CALLS[make]):
        for kind in ERRORS:
            error: Any = kind("of the user's own")
            session, *asked = make(binding, User(at, error))
            raised = run(binding, (session, *asked), server)
            assert isinstance(raised, (RequestException, kind)), (at, kind)
            assert error in causes(raised), (at, kind, raised)
            raised = error = None
            pool = pool_of(session)
            assert (pool.counts.leased, pool.counts.waiting) == (0, 0), (at, kind)
            assert pool.open_count == pool.idle_count, (at, kind)
            assert binding.run(session.get(f"{server.url}/ok")).content == b"ok"
            binding.run(session.close())
    assert threading.active_count() <= threads + 1, "some look-ups have a thread that is kept"
