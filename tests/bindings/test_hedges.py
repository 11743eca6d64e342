"""Hedged requests over real sockets: the answer that comes first, and nothing else is left."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import trio

import sojourn
import sojourn.trio
from sojourn import HedgePolicy
from sojourn_core.rules.hedge import Hedge
from tests.bindings.clients import SECONDS_MAX
from tests.bindings.test_garbage import left_in_circles
from tests.servers.scripted import HandlerServer
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from tests.servers.authority import Authority
    from tests.servers.scripted import Received

SOON = HedgePolicy(after=0.05)
AT_ONCE = 1e-9  # Seconds: the second request is due before any answer can be read.
LATE = HedgePolicy(after=30.0)  # No answer takes so long, whatever else the machine does.


class Slow:
    """Answers the requests of a path in turn: some at once, some when all is over, some never.

    Attributes:
        over: The slow ones are answered now.
        seen: The paths of the requests that came.
        twice: A second request for a path has come.
    """

    def __init__(self) -> None:
        self.over = threading.Event()
        self.seen: list[str] = []
        self.twice = threading.Event()
        self._counting = threading.Lock()

    def __call__(self, request: Received) -> bytes | None:
        kinds = request.target.strip("/").split("-")
        with self._counting:  # Two requests may come at the same time.
            number = self.seen.count(request.target)
            self.seen.append(request.target)
        if number:
            self.twice.set()
        kind = kinds[min(number, len(kinds) - 1)]
        if kind == "slow":
            self.over.wait(20)
        if kind == "gone":
            return None
        return answer(200, content=f"{number + 1}".encode())


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.over.set()


@pytest.fixture
def server(slow: Slow) -> Iterator[HandlerServer]:
    with HandlerServer(slow) as made:
        yield made
        slow.over.set()


@contextlib.contextmanager
def once_twice(slow: Slow, then: Callable[[], None]) -> Iterator[None]:
    """Do something a moment after the second request has come."""

    def wait() -> None:
        if slow.twice.wait(SECONDS_MAX):
            time.sleep(0.1)
            then()

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def by_asyncio(work: Callable[[Any], Coroutine[Any, Any, Any]], **settings: Any) -> Any:
    async def run() -> Any:
        async with sojourn.AsyncSession(**settings) as session:
            return await work(session)

    return asyncio.run(run())


def by_trio(work: Callable[[Any], Coroutine[Any, Any, Any]], **settings: Any) -> Any:
    async def run() -> Any:
        async with sojourn.trio.Session(**settings) as session:
            return await work(session)

    return trio.run(run)


def by_blocking(work: Callable[[Any], Coroutine[Any, Any, Any]], **settings: Any) -> Any:
    """Run work that awaits with a session that blocks: what it calls is done when it returns."""
    with sojourn.Session(**settings) as session:
        return asyncio.run(work(Awaited(session)))


class Awaited:
    """A session that blocks, or its response, whose methods can be awaited."""

    def __init__(self, blocking: Any) -> None:
        object.__setattr__(self, "blocking", blocking)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.blocking, name, value)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.blocking, name)
        return self._called(found) if name in {"get", "request"} else found

    def _called(self, method: Any) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return Awaited(method(*args, **kwargs))

        return call

    async def read(self) -> bytes:
        content: bytes = self.blocking.content
        return content


ALL = pytest.mark.parametrize("run", [by_asyncio, by_trio, by_blocking])


def codes(response: Any) -> list[str]:
    return [each.code for each in response.decisions if each.code.startswith("hedge.")]


def counts(session: Any) -> tuple[int, ...]:
    return tuple(session.get_adapter("http://a.test").pool.counts)


@ALL
@pytest.mark.parametrize(
    ("path", "hedge", "content", "told"),
    [
        ("/quick", LATE, "1", []),
        ("/slow-quick", SOON, "2", ["hedge.sent"]),
        ("/slow-gone-quick", SOON, "1", ["hedge.sent"]),
    ],
)
def test_the_first_answer_is_taken(
    run: Any,
    server: HandlerServer,
    slow: Slow,
    path: str,
    hedge: HedgePolicy,
    content: str,
    told: list[str],
) -> None:
    async def work(session: Any) -> None:
        response = await session.get(server.url(path))
        assert (response.text, codes(response)) == (content, told)
        leased, idle, waiting = counts(session)
        assert (leased, waiting) == (0, 0)
        assert idle == 1  # That of the other one is closed.

    with contextlib.ExitStack() as ends:
        if "gone" in path:  # The second one is lost, and the first is waited for.
            ends.enter_context(once_twice(slow, slow.over.set))
        run(work, hedge=hedge)


@ALL
def test_a_failure_before_its_time_is_raised(run: Any, server: HandlerServer, slow: Slow) -> None:
    async def work(session: Any) -> None:
        with pytest.raises(sojourn.ConnectionError):
            await session.get(server.url("/gone"))
        assert counts(session) == (0, 0, 0)

    run(work, hedge=LATE)
    assert slow.seen == ["/gone"]


@ALL
def test_a_rule_for_retries_goes_on_where_both_are_lost(run: Any, server: HandlerServer) -> None:
    async def work(session: Any) -> None:
        response = await session.get(server.url("/gone-quick"))
        assert response.text == "2"

    retries = sojourn.RetryPolicy(backoff=0.0)
    run(work, hedge=LATE, retries=retries)


@ALL
@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("POST", {}, "hedge.refused.method"),
        ("PUT", {"data": [b"a", b"b"]}, "hedge.refused.content"),
        ("GET", {"auth": sojourn.HTTPDigestAuth("u", "p")}, "hedge.refused.credentials"),
    ],
)
def test_some_requests_are_sent_once(
    run: Any, server: HandlerServer, slow: Slow, method: str, arguments: dict[str, Any], code: str
) -> None:
    async def work(session: Any) -> None:
        threading.Timer(0.2, slow.over.set).start()
        response = await session.request(method, server.url("/slow"), **arguments)
        assert codes(response) == [code]

    run(work, hedge=SOON)
    assert slow.seen == ["/slow"]


@ALL
def test_a_budget_is_kept(run: Any, server: HandlerServer, slow: Slow) -> None:
    async def work(session: Any) -> None:
        response = await session.get(server.url("/quick"))
        assert codes(response) == ["hedge.refused.budget"]

    run(work, hedge=HedgePolicy(after=AT_ONCE, budget=0))
    assert slow.seen == ["/quick"]


@ALL
def test_each_hop_may_be_sent_twice_and_content_is_streamed(
    run: Any, server: HandlerServer
) -> None:
    async def work(session: Any) -> None:
        response = await session.get(server.url("/slow-quick"), stream=True)
        assert codes(response) == ["hedge.sent"]
        assert await response.read() == b"2"
        assert counts(session)[0] == 0

    run(work, hedge=SOON)


class Ended(BaseException):
    """A program is to end: no ``Exception``."""


@ALL
@pytest.mark.parametrize("kind", [Ended, OSError, ValueError])
def test_what_user_code_raises_within_an_exchange_is_what_the_call_raises(
    run: Any, kind: type[BaseException]
) -> None:
    """It is no group of errors, though the exchange is one of several tasks."""
    raised = kind("of the user's own")

    def see(_: Any) -> None:
        raise raised

    async def work(session: Any) -> None:
        with pytest.raises(kind) as caught:
            await session.get(server.url(), hooks={"informational": see})
        assert raised in (caught.value, caught.value.__cause__)
        assert counts(session) == (0, 0, 0)

    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with HandlerServer(lambda request: hints + answer(200)) as server:
        run(work, hedge=HedgePolicy(after=30.0))


@ALL
@pytest.mark.parametrize("step", ["lost", "due", "answered"])
def test_a_hedge_that_is_interrupted_itself_leaves_nothing(
    run: Any, server: HandlerServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Neither exchange, not even one that was answered."""
    own = getattr(Hedge, step)

    def interrupted(hedge: Hedge, *given: Any) -> Any:
        if step == "due" and not hedge.begun:
            return own(hedge, *given)
        raise Ended

    async def work(session: Any) -> None:
        with pytest.raises(Ended):
            await session.get(server.url("/slow-gone" if step == "lost" else "/slow-quick"))
        leased, idle, waiting = counts(session)
        assert (leased, waiting) == (0, 0)
        assert session.get_adapter("http://a.test").pool.open_count == idle

    monkeypatch.setattr(Hedge, step, interrupted)
    run(work, hedge=SOON)


def test_a_task_of_asyncio_that_is_cancelled_leaves_nothing(
    server: HandlerServer, slow: Slow
) -> None:
    async def work(session: Any) -> None:
        task = asyncio.ensure_future(session.get(server.url("/slow-slow")))
        assert await asyncio.to_thread(slow.twice.wait, SECONDS_MAX)
        assert counts(session)[0] == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert counts(session) == (0, 0, 0)
        assert len(asyncio.all_tasks()) == 1

    by_asyncio(work, hedge=SOON)


def test_a_task_of_trio_that_is_cancelled_leaves_nothing(server: HandlerServer, slow: Slow) -> None:
    async def work(session: Any) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(session.get, server.url("/slow-slow"))
            while not slow.twice.is_set():  # noqa: ASYNC110 - the other end is a thread
                await trio.sleep(0.001)
            assert counts(session)[0] == 2
            nursery.cancel_scope.cancel()
        assert counts(session) == (0, 0, 0)

    by_trio(work, hedge=SOON)


@ALL
def test_a_request_may_have_a_hedge_of_its_own(run: Any, server: HandlerServer) -> None:
    async def work(session: Any) -> None:
        response = await session.get(server.url("/slow-quick"), hedge=0.05)
        assert (response.text, codes(response)) == ("2", ["hedge.sent"])

    run(work)


@ALL
def test_a_request_may_have_none(run: Any, server: HandlerServer, slow: Slow) -> None:
    async def work(session: Any) -> None:
        threading.Timer(0.2, slow.over.set).start()
        assert codes(await session.get(server.url("/slow"), hedge=None)) == []

    run(work, hedge=SOON)
    assert slow.seen == ["/slow"]


@ALL
def test_a_second_request_needs_a_turn(run: Any, server: HandlerServer, slow: Slow) -> None:
    async def work(session: Any) -> None:
        response = await session.get(server.url("/slow-quick"))
        assert (response.text, codes(response)) == ("2", ["hedge.sent"])
        session.limit = "1/min"
        response = await session.get(server.url("/quick"), hedge=AT_ONCE)
        assert (response.text, codes(response)) == ("1", ["hedge.refused.limit"])

    run(work, hedge=SOON, limit="2/min")


@ALL
def test_the_error_of_the_second_says_that_the_first_may_have_been_sent(
    run: Any, server: HandlerServer
) -> None:
    async def work(session: Any) -> None:
        with pytest.raises(sojourn.RequestException) as caught:
            await session.get(server.url("/slow"), timeout=sojourn.Timeouts(pool=0.2, read=0.5))
        assert caught.value.maybe_sent

    run(work, hedge=SOON, pool=sojourn.PoolLimits(connections_max=1))


@ALL
def test_both_have_the_deadline_of_the_call(run: Any, server: HandlerServer) -> None:
    async def work(session: Any) -> None:
        with pytest.raises(sojourn.Timeout):
            await session.get(server.url("/slow-slow"), timeout=sojourn.Timeouts(total=0.3))
        assert counts(session) == (0, 0, 0)

    run(work, hedge=SOON)


@ALL
def test_a_second_request_that_waits_for_a_connection_leaves_the_queue(
    run: Any, server: HandlerServer, slow: Slow
) -> None:
    async def work(session: Any) -> None:
        threading.Timer(0.2, slow.over.set).start()
        response = await session.get(server.url("/slow"), hedge=AT_ONCE)
        assert (response.text, codes(response)) == ("1", ["hedge.sent"])
        leased, _, waiting = counts(session)  # It may have been given the connection already.
        assert (leased, waiting) == (0, 0)

    run(work, pool=sojourn.PoolLimits(connections_max=1))


@ALL
def test_a_name_is_looked_up_for_each(run: Any, server: HandlerServer) -> None:
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async def work(session: Any) -> None:
        url = server.url("/slow-quick").replace("127.0.0.1", "a.test")
        response = await session.get(url)
        assert (response.text, codes(response)) == ("2", ["hedge.sent"])

    run(work, hedge=SOON, resolver=resolver)
    assert asked == ["a.test"] * 2


@ALL
def test_content_that_is_bytes_is_sent_by_each(run: Any, slow: Slow) -> None:
    content = b"x" * 3_000_000  # More than the buffers of a connection hold.

    def handler(request: Received) -> bytes | None:
        assert request.content == content
        return slow(request)

    async def work(session: Any) -> None:
        with HandlerServer(handler) as server:
            response = await session.request("PUT", server.url("/slow-quick"), data=content)
            assert (response.text, codes(response)) == ("2", ["hedge.sent"])
            slow.over.set()

    run(work, hedge=HedgePolicy(after=0.3))


@ALL
def test_over_tls_on_connections_that_are_kept(run: Any, slow: Slow, ca: Authority) -> None:
    async def work(session: Any) -> None:
        session.verify = str(ca.path)
        with HandlerServer(slow, context=ca.server_context()) as server:
            for number in ("1", "2", "3"):
                assert (await session.get(server.url("/quick"))).text == number
            response = await session.get(server.url("/slow-quick"), hedge=SOON)
            assert (response.text, codes(response)) == ("2", ["hedge.sent"])
            assert server.connections == 2
            slow.over.set()

    run(work, hedge=LATE)


# --- code that blocks ---------------------------------------------------------------------------


def test_code_that_blocks_starts_no_thread(server: HandlerServer) -> None:
    before = set(threading.enumerate())
    with sojourn.Session(hedge=SOON) as session:
        session.get_adapter("http://a.test").looks_after_idle = False
        response = session.get(server.url("/slow-quick"), stream=True)
        assert codes(response) == ["hedge.sent"]
        begun = set(threading.enumerate()) - before
        assert [each for each in begun if each.name.startswith("sojourn")] == []
        assert response.content == b"2"


def test_ctrl_c_ends_both(server: HandlerServer, slow: Slow) -> None:
    def interrupt() -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    with sojourn.Session(hedge=SOON) as session:
        with pytest.raises(KeyboardInterrupt), once_twice(slow, interrupt):
            session.get(server.url("/slow-slow"))
        assert counts(session) == (0, 0, 0)
    assert slow.seen == ["/slow-slow"] * 2


@ALL
@pytest.mark.parametrize("path", ["/slow-quick", "/slow-slow", "/slow-gone", "/gone"])
def test_no_circle_is_left(run: Any, server: HandlerServer, slow: Slow, path: str) -> None:
    async def work(session: Any) -> None:
        slow.seen.clear()
        with contextlib.suppress(sojourn.RequestException):
            await session.get(server.url(path), timeout=0.2)

    assert left_in_circles(lambda: run(work, hedge=SOON)) == []
