"""Who gets a connection when there are few: waiting, giving up, dropping, and peers that leave."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn.exceptions import PoolTimeout
from tests.bindings.clients import EVERY_BINDING, SECONDS_MAX, Binding, idle_streams, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Offer, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

BINDINGS = EVERY_BINDING
ONE: Final = sojourn.PoolLimits(connections_max=1)
SIZE: Final = 4 * 1024 * 1024  # More than sockets hold: the peer cannot send it unread.
LARGE: Final = answer(200, content=b"x" * SIZE)
OK: Final = answer(200, content=b"ok")
LIMITS: Final = [
    pytest.param(ONE, id="one in all"),
    pytest.param(sojourn.PoolLimits(connections_per_key_max=1), id="one per origin"),
]


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when it holds, and fail if it never does."""
    until = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.001)


# --- responses that nobody reads ----------------------------------------------------------------


@pytest.mark.parametrize("limits", LIMITS)
def test_the_place_of_a_response_that_was_dropped_unread_is_free_again(
    binding: Binding, scripted: Callable[..., ScriptedServer], limits: sojourn.PoolLimits
) -> None:
    server = scripted(*[[ReadHead(), Offer(LARGE)]] * 3, [ReadHead(), Send(OK), WaitClosed()])
    session = binding.session(pool=limits)
    for _ in range(3):
        response = binding.run(session.get(server.url(), stream=True))
        assert response.status_code == 200
        del response
    assert binding.run(session.get(server.url())).content == b"ok"
    assert (pool_of(session).open_count, pool_of(session).idle_count) == (1, 1)


def test_responses_dropped_in_a_cycle_are_found_by_the_collector(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Offer(LARGE)], [ReadHead(), Send(OK), WaitClosed()])
    session = binding.session(pool=ONE)
    response = binding.run(session.get(server.url(), stream=True))
    response.history.append(response)
    del response
    gc.collect()
    assert binding.run(session.get(server.url())).content == b"ok"


def test_a_thread_that_waits_gets_the_place_of_a_response_that_is_dropped(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Offer(LARGE)], [ReadHead(), Send(OK), WaitClosed()])
    answers: list[Any] = []
    with sojourn.Session(pool=ONE) as session:
        response: Any = session.get(server.url(), stream=True)
        thread = threading.Thread(target=lambda: answers.append(session.get(server.url()).content))
        thread.start()
        wait_for(lambda: pool_of(session).waiting_count == 1)
        assert response.ok
        del response
        thread.join()
    assert answers == [b"ok"]


def test_a_task_that_waits_gets_the_place_of_a_response_that_is_dropped(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Offer(LARGE)], [ReadHead(), Send(OK), WaitClosed()])

    async def main() -> None:
        async with sojourn.AsyncSession(pool=ONE) as session:
            response: Any = await session.get(server.url(), stream=True)
            task = asyncio.create_task(session.get(server.url()))
            await asyncio.sleep(0)
            assert pool_of(session).waiting_count == 1
            assert response.ok
            del response
            assert (await task).content == b"ok"

    asyncio.run(main())


def test_unread_content_that_is_there_already_does_not_hold_a_connection(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: OK)
    session = binding.session(pool=ONE)
    unread = [binding.run(session.get(server.url(), stream=True)) for _ in range(3)]
    assert pool_of(session).idle_count == 1
    assert [b"".join(binding.collect(each.iter_content(10))) for each in unread] == [b"ok"] * 3
    assert server.connections == 1


# --- waiting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", LIMITS)
def test_waiting_for_a_connection_ends_with_a_pool_timeout(
    binding: Binding, scripted: Callable[..., ScriptedServer], limits: sojourn.PoolLimits
) -> None:
    server = scripted([ReadHead(), Offer(LARGE)])
    session = binding.session(pool=limits)
    held = binding.run(session.get(server.url(), stream=True))
    with pytest.raises(PoolTimeout, match="became free") as caught:
        binding.run(session.get(server.url(), timeout=sojourn.Timeouts(pool=0.05)))
    assert not caught.value.maybe_sent
    assert pool_of(session).waiting_count == 0
    assert pool_of(session).open_count == 1
    binding.run(held.close())
    binding.turn()
    assert pool_of(session).open_count == 0


class Gate:
    """A handler that holds the first request until the test opens it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, request: Received) -> bytes:
        self.reached.set()
        assert self.opened.wait(SECONDS_MAX)
        return OK


@pytest.mark.parametrize("limits", LIMITS)
def test_threads_are_served_in_the_order_in_which_they_came(
    serve: Callable[..., HandlerServer], limits: sojourn.PoolLimits
) -> None:
    gate = Gate()
    server = serve(gate)
    with sojourn.Session(pool=limits) as session:
        threads = [
            threading.Thread(target=session.get, args=(server.url(f"/{number}"),))
            for number in range(6)
        ]
        threads[0].start()
        assert gate.reached.wait(SECONDS_MAX)
        for number, thread in enumerate(threads[1:], 1):
            thread.start()
            wait_for(lambda number=number: pool_of(session).waiting_count == number)
        gate.opened.set()
        for thread in threads:
            thread.join()
    assert [request.target for request in server.requests] == [f"/{n}" for n in range(6)]
    assert server.connections == 1


@pytest.mark.parametrize("limits", LIMITS)
def test_tasks_are_served_in_the_order_in_which_they_came(
    serve: Callable[..., HandlerServer], limits: sojourn.PoolLimits
) -> None:
    server = serve(lambda request: OK)

    async def main() -> None:
        async with sojourn.AsyncSession(pool=limits) as session:
            await asyncio.gather(*(session.get(server.url(f"/{n}")) for n in range(6)))

    asyncio.run(main())
    assert [request.target for request in server.requests] == [f"/{n}" for n in range(6)]
    assert server.connections == 1


def test_another_origin_takes_the_place_of_an_idle_connection(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    servers = [serve(lambda request: OK) for _ in range(2)]
    session = binding.session(pool=ONE)
    for server in [*servers, *servers]:
        assert binding.run(session.get(server.url())).content == b"ok"
        assert pool_of(session).open_count == 1
    assert [server.connections for server in servers] == [2, 2]


# --- peers that leave ---------------------------------------------------------------------------


def test_a_connection_that_the_server_closed_is_replaced_without_an_error(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted(
        [ReadHead(), Send(OK), Close()], [ReadHead(), Send(answer(201)), WaitClosed()]
    )
    session = binding.session()
    binding.run(session.get(server.url()))
    for stream in idle_streams(session):
        binding.wait_until_told(stream)
    response = binding.run(session.post(server.url(), data=b"once"))
    assert response.status_code == 201
    assert response.decisions == []  # It was found out before anything was sent.
    assert server.received[1].endswith(b"once")


def test_octets_that_nobody_asked_for_answer_no_request(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    smuggled = answer(200, content=b"smuggled")
    server = scripted(
        [ReadHead(), Send(OK), Send(smuggled), WaitClosed()],
        [ReadHead(), Send(answer(201)), WaitClosed()],
    )
    session = binding.session()
    assert binding.run(session.get(server.url())).content == b"ok"
    streams = idle_streams(session)  # None, if both came at once.
    if streams:
        binding.wait_until_told(*streams)
    assert binding.run(session.get(server.url())).status_code == 201


def test_a_server_that_leaves_after_slowly_read_content_is_noticed(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    """A reader that falls behind pauses the transport; the end of the stream is still seen."""
    server = scripted(
        [ReadHead(), Send(LARGE), Close()], [ReadHead(), Send(answer(201)), WaitClosed()]
    )
    session = binding.session()
    response = binding.run(session.get(server.url(), stream=True))
    pieces = response.iter_content(1024)
    received = 0
    for _ in range(20):  # A loop that turns for each piece, while more arrives.
        received += len(binding.first(pieces))
        binding.turn()
    received += sum(map(len, binding.collect(pieces)))
    assert received == SIZE
    for stream in idle_streams(session):
        binding.wait_until_told(stream)
    assert binding.run(session.post(server.url(), data=b"once")).status_code == 201
    assert server.connections == 2


@pytest.mark.parametrize(
    "fields",
    [[("Connection", "close")], [("Content-Length", "2"), ("Transfer-Encoding", "chunked")]],
    ids=["Connection: close", "two framings"],
)
def test_some_responses_end_their_connection(
    binding: Binding, serve: Callable[..., HandlerServer], fields: list[tuple[str, str]]
) -> None:
    chunked = any(value == "chunked" for _, value in fields)
    content = b"2\r\nok\r\n0\r\n\r\n" if chunked else b"ok"
    server = serve(lambda request: answer(200, *fields, content=content))
    session = binding.session()
    for _ in range(2):
        assert binding.run(session.get(server.url())).content == b"ok"
        assert pool_of(session).open_count == 0
    assert server.connections == 2
