"""The session for trio: its tasks, scopes and readers, and a surface as asyncio's."""

from __future__ import annotations

import copy
import inspect
import pickle
import socket
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio
import trio.lowlevel
import trio.testing

import sojourn
import sojourn.trio
from sojourn.adapters import Reply, Router
from sojourn.adapters.intercept import intercepting
from sojourn.exceptions import LocalProtocolError
from sojourn.trio.stream import Stream
from tests import shape
from tests.bindings.clients import SECONDS_MAX, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

HALF: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nfirst\n"
OK: Final = answer(200, content=b"ok")
ONE: Final = sojourn.PoolLimits(connections_max=1)


def run(main: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    """Run a function of a test, which fails if it hangs."""

    async def in_time() -> Any:
        with trio.fail_after(SECONDS_MAX):
            return await main(*arguments)

    return trio.run(in_time)


# --- what it is -----------------------------------------------------------------------------------


def public(owner: object) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (sojourn.trio.Session, sojourn.AsyncSession),
        (sojourn.trio.Response, sojourn.AsyncResponse),
        (sojourn.trio.HTTPAdapter, sojourn.AsyncHTTPAdapter),
        (sojourn.trio.BaseAdapter, sojourn.AsyncBaseAdapter),
    ],
)
def test_the_surface_is_that_of_asyncio(ours: Any, theirs: Any) -> None:
    assert public(ours) == public(theirs)
    for name in public(ours):
        one, other = getattr(ours, name), getattr(theirs, name)
        if inspect.isfunction(one) and name != "clock":
            assert inspect.signature(one) == inspect.signature(other), name
            assert inspect.getdoc(one) == inspect.getdoc(other), name


def test_it_has_under_300_lines_of_its_own() -> None:
    folder = Path(sojourn.trio.__file__).parent
    files = [shape.units(path.read_text("utf-8")) for path in folder.glob("*.py")]
    assert sum(unit.weight for units in files for unit in units) < 300


@pytest.mark.processes
def test_it_loads_nothing_of_asyncio() -> None:
    program = "import sys, sojourn.trio; sojourn.trio.Session(); print(*sys.modules)"
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(made.stdout.split())
    assert "trio" in loaded
    assert not {name for name in loaded if name.split(".")[0] == "asyncio"}
    assert not {name for name in loaded if name.startswith(("sojourn.aio", "sojourn.sync"))}


def test_a_session_can_travel(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda _: OK)
    session = sojourn.trio.Session(pool=ONE)
    session.headers["X-One"] = "1"

    async def main() -> None:
        for made in (copy.deepcopy(session), pickle.loads(pickle.dumps(session))):
            async with made:
                assert (await made.get(server.url())).content == b"ok"
            assert pool_of(made).limits == ONE

    run(main)
    assert [each.value("x-one") for each in server.requests] == ["1", "1"]


def test_a_session_belongs_to_the_run_that_it_is_first_used_in(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda _: OK)
    session = sojourn.trio.Session()
    streamed: list[Any] = []

    async def first() -> None:
        streamed.append(await session.get(server.url(), stream=True))

    async def second() -> None:
        with pytest.raises(LocalProtocolError, match="another run of trio"):
            await session.get(server.url())
        with pytest.raises(LocalProtocolError, match="another run of trio"):
            await session.close()

    run(first)
    run(second)
    pool = pool_of(session)
    for connection in [*pool._idle]:  # Whoever ends a run without closing is left with sockets.
        connection.stream.close()


def test_a_session_is_prepared_and_its_response_closed_outside_of_a_run(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(HALF), WaitClosed()])
    session = sojourn.trio.Session()
    assert session.prepare_request(sojourn.Request("GET", server.url())).method == "GET"

    async def main() -> Any:
        return await session.get(server.url(), stream=True)

    response = run(main)
    response._driver.abandon()
    assert pool_of(session).open_count == 0


def test_what_takes_the_place_of_the_network_does_so_for_it() -> None:
    router = Router()
    router.get("https://a.test/").respond(200, content=b"mocked")

    async def slowly(request: Any) -> Reply:
        await trio.sleep(3600)
        return Reply(200)

    async def main() -> bytes:
        async with sojourn.trio.Session() as session:
            with intercepting(slowly), pytest.raises(sojourn.ReadTimeout):
                await session.get("https://a.test/", timeout=1800)
            with intercepting(router):
                response = await session.get("https://a.test/")
        assert isinstance(response, sojourn.trio.Response)
        return response.content

    clock = trio.testing.MockClock(autojump_threshold=0)
    assert trio.run(main, clock=clock) == b"mocked"


def test_names_are_resolved_by_whoever_trio_asks(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda _: OK)

    class Resolver(trio.abc.HostnameResolver):
        async def getaddrinfo(self, host: Any, port: Any, *_: Any, **__: Any) -> Any:
            assert host in (b"a.test", "a.test")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        async def getnameinfo(self, sockaddr: Any, flags: int) -> Any:
            raise NotImplementedError

    async def main() -> bytes:
        trio.socket.set_custom_hostname_resolver(Resolver())
        async with sojourn.trio.Session() as session:
            return (await session.get(f"http://a.test:{server.port}/")).content

    assert run(main) == b"ok"


# --- many tasks -----------------------------------------------------------------------------------


def test_a_hundred_tasks_share_ten_connections(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: answer(200, content=request.target.encode()))
    got: dict[int, bytes] = {}

    async def one(session: Any, number: int) -> None:
        got[number] = (await session.get(server.url(f"/{number}"))).content

    async def main() -> None:
        limits = sojourn.PoolLimits(connections_max=10)
        async with sojourn.trio.Session(pool=limits) as session:
            async with trio.open_nursery() as nursery:
                for number in range(100):
                    nursery.start_soon(one, session, number)
            pool = pool_of(session)
            assert 1 <= pool.open_count == pool.idle_count <= 10
            assert pool.waiting_count == 0
        assert pool.open_count == 0

    run(main)
    assert got == {number: b"/%d" % number for number in range(100)}
    assert {request.connection for request in server.requests} <= set(range(10))


def test_an_error_of_one_task_cancels_the_others_and_every_slot_comes_back(
    scripted: Callable[..., ScriptedServer],
) -> None:
    silent = [ReadHead(), WaitClosed()]
    server = scripted(*[silent] * 10, [ReadHead(), Send(OK)])

    async def main() -> None:
        limits = sojourn.PoolLimits(connections_max=10)
        async with sojourn.trio.Session(pool=limits) as session:
            with pytest.RaisesGroup(ZeroDivisionError):
                async with trio.open_nursery() as nursery:
                    for _ in range(100):
                        nursery.start_soon(session.get, server.url())
                    while sum(received.endswith(b"\r\n\r\n") for received in server.received) < 10:
                        await trio.lowlevel.checkpoint()
                    assert pool_of(session).waiting_count == 90
                    raise ZeroDivisionError
            pool = pool_of(session)
            assert pool.open_count == pool.waiting_count == 0
            assert (await session.get(server.url())).content == b"ok"

    run(main)


def test_a_response_that_nobody_holds_gives_its_place_to_who_waits(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(HALF), WaitClosed()], [ReadHead(), Send(OK)])

    async def main() -> bytes:
        async with sojourn.trio.Session(pool=ONE) as session:
            response = await session.get(server.url(), stream=True)
            assert response.ok
            async with trio.open_nursery() as nursery:

                async def drop() -> None:
                    nonlocal response
                    while not pool_of(session).waiting_count:
                        await trio.lowlevel.checkpoint()
                    response = None

                nursery.start_soon(drop)
                return (await session.get(server.url())).content

    assert run(main) == b"ok"


# --- scopes ---------------------------------------------------------------------------------------


def test_a_scope_that_ends_cancels_the_request(scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted(*[[ReadHead(), WaitClosed()]] * 2)

    async def main() -> None:
        async with sojourn.trio.Session() as session:
            with trio.move_on_after(30) as scope:
                await session.get(server.url())
            assert scope.cancelled_caught
            with pytest.raises(trio.TooSlowError), trio.fail_after(30):
                await session.get(server.url())
            assert pool_of(session).open_count == 0

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0.05))


def test_a_request_is_a_checkpoint(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda _: answer(200, content=bytes(300_000)))

    async def main() -> None:
        async with sojourn.trio.Session() as session:
            with trio.testing.assert_checkpoints():
                await session.get(server.url())
            with trio.testing.assert_checkpoints():  # Over the connection that was kept.
                response = await session.get(server.url(), stream=True)
            with trio.testing.assert_checkpoints():
                await response.read()

    run(main)


def test_content_of_ones_own_is_closed_with_its_scope(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), WaitClosed()])
    told: list[str] = []

    async def pieces(began: trio.Event) -> AsyncIterator[bytes]:
        try:
            yield b"one"
            began.set()
            await trio.sleep_forever()
        finally:
            told.append("closed")

    async def main() -> None:
        began = trio.Event()
        async with sojourn.trio.Session() as session:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(lambda: session.post(server.url(), data=pieces(began)))
                await began.wait()
                nursery.cancel_scope.cancel()
            assert pool_of(session).open_count == 0

    run(main)
    assert told == ["closed"]


def test_an_early_answer_is_seen_though_the_socket_is_full(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(answer(413, content=b"too much")), WaitClosed()])

    async def main() -> Any:
        async with sojourn.trio.Session() as session:
            return await session.post(server.url(), data=iter([bytes(100_000)] * 1000))

    response = run(main)
    assert (response.status_code, response.content) == (413, b"too much")


# --- readers --------------------------------------------------------------------------------------


def test_a_wait_for_a_socket_that_was_closed_before_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transfer after it tells of that; the tasks of the wait raise no group of errors."""

    async def main() -> None:
        ours, theirs = trio.socket.socketpair()
        stream = Stream(ours)
        wait_readable = trio.lowlevel.wait_readable

        async def closed_before(sock: Any) -> None:
            stream.close()
            await wait_readable(sock)

        monkeypatch.setattr(trio.lowlevel, "wait_readable", closed_before)
        await stream._ready()
        with pytest.raises(OSError, match=r"closed|descriptor"):
            await stream.send(b"more")
        theirs.close()

    trio.run(main)


async def read(response: Any) -> None:
    await response.read()


async def pieces(response: Any) -> None:
    async for _ in response.iter_content(6):
        pass


async def lines(response: Any) -> None:
    async for _ in response.iter_lines():
        pass


async def raw(response: Any) -> None:
    await response.raw.read()


async def close(response: Any) -> None:
    await response.close()


async def close_raw(response: Any) -> None:
    await response.raw.close()


@pytest.mark.parametrize("closing", [close, close_raw], ids=lambda each: each.__name__)
@pytest.mark.parametrize("reading", [read, pieces, lines, raw], ids=lambda each: each.__name__)
def test_who_reads_is_told_when_another_task_closes(
    scripted: Callable[..., ScriptedServer], reading: Any, closing: Any
) -> None:
    server = scripted([ReadHead(), Send(HALF), WaitClosed()], [ReadHead(), Send(OK)])

    async def main() -> None:
        async with sojourn.trio.Session(pool=ONE) as session:
            response = await session.get(server.url(), stream=True)

            async def reader() -> None:
                with pytest.raises(LocalProtocolError, match=r"closed by task .*while it was read"):
                    await reading(response)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(reader)
                await trio.testing.wait_all_tasks_blocked(0.01)
                with pytest.raises(LocalProtocolError, match="being read by somebody else"):
                    await read(response)
                await closing(response)
            assert pool_of(session).open_count == 0
            assert (await session.get(server.url())).content == b"ok"

    run(main)


def test_lines_that_are_left_early_let_go_of_the_connection(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(HALF), WaitClosed()])

    async def main() -> None:
        async with sojourn.trio.Session() as session:
            response = await session.get(server.url(), stream=True)
            async with aclosing(response.iter_lines()) as lines:
                assert await anext(lines) == b"first"
            assert pool_of(session).open_count == 0

    run(main)


def test_what_a_user_gives_may_be_awaited(serve: Callable[..., HandlerServer]) -> None:
    def handler(request: Received) -> bytes:
        if request.target == "/moved":
            return answer(307, ("Location", "/"))
        return answer(200, content=request.content)

    server = serve(handler)

    async def hook(response: Any, **_: Any) -> None:
        await trio.lowlevel.checkpoint()
        response.headers["X-Hooked"] = "1"

    async def source() -> AsyncIterator[bytes]:
        for piece in (b"one", b"two"):
            await trio.lowlevel.checkpoint()
            yield piece

    class Own(sojourn.trio.BaseAdapter):
        async def send(self, request: Any, *_: Any, **__: Any) -> sojourn.trio.Response:
            async def slowly() -> AsyncIterator[bytes]:
                await trio.lowlevel.checkpoint()
                yield b"mounted"

            return sojourn.trio.Response.of(200, content=slowly(), request=request)

        async def close(self) -> None:
            await trio.lowlevel.checkpoint()

    async def main() -> None:
        async with sojourn.trio.Session() as session:
            response = await session.post(server.url(), data=source(), hooks={"response": hook})
            assert (response.content, response.headers["x-hooked"]) == (b"onetwo", "1")
            moved = await session.post(server.url("/moved"), data=b"kept")
            assert (moved.content, len(moved.history)) == (b"kept", 1)
            session.mount("own://", Own())
            assert (await session.get("own://any")).content == b"mounted"

    run(main)


# --- retries --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"retries": sojourn.RetryPolicy(statuses=frozenset({503}), backoff=60.0)},
        {"limit": "1/h"},
    ],
    ids=["before a retry", "for its turn"],
)
def test_a_task_may_be_cancelled_while_it_pauses(
    serve: Callable[..., HandlerServer], options: dict[str, Any]
) -> None:
    server = serve(lambda _: answer(503) if "retries" in options else OK)

    async def main() -> None:
        async with sojourn.trio.Session(**options) as session:
            if "limit" in options:
                await session.get(server.url())  # The next one's turn is in an hour.
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(session.get, server.url())
                    while not server.requests or pool_of(session).idle_count == 0:  # noqa: ASYNC110
                        await trio.sleep(0.001)
                    await trio.testing.wait_all_tasks_blocked()
                    scope.cancel()
            assert scope.cancelled_caught
            assert pool_of(session).counts == (0, 1, 0)
            assert len(server.requests) == 1
            session.retries = session.limit = None
            assert (await session.get(server.url())).status_code in {200, 503}

    run(main)


def test_a_request_is_sent_again_after_a_pause(serve: Callable[..., HandlerServer]) -> None:
    def busy(_: Received) -> bytes:
        return answer(503) if len(server.requests) == 1 else OK

    server = serve(busy)
    policy = sojourn.RetryPolicy(statuses=frozenset({503}), backoff=0.001)

    async def main() -> None:
        async with sojourn.trio.Session(retries=policy) as session:
            response = await session.get(server.url())
            assert response.content == b"ok"
            assert [each.code for each in response.decisions] == ["retry.status"]

    run(main)
