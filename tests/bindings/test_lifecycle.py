"""Sessions that are closed while in use, used again, dropped, pickled, and used from two loops."""

from __future__ import annotations

import asyncio
import gc
import logging
import pickle
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn.compat.sessions import Session as Compat
from sojourn.exceptions import ConnectionError as SojournConnectionError
from sojourn.exceptions import InvalidSchema, LocalProtocolError
from sojourn_core import Policy
from tests.bindings.clients import EVERY_BINDING, Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Offer, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

BINDINGS = EVERY_BINDING
SIZE: Final = 4 * 1024 * 1024  # More than sockets hold: the peer cannot send it unread.
LARGE: Final = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + b"x" * SIZE


def ok(request: Received) -> bytes:
    return answer(200, content=request.target.encode())


class Gate:
    """A handler that answers when the test lets it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, request: Received) -> bytes:
        self.reached.set()
        assert self.opened.wait(10)
        return ok(request)


# --- attributes set to None ---------------------------------------------------------------------


def moved(request: Received) -> bytes:
    if request.target == "/":
        return answer(302, ("Location", "/x"), ("Set-Cookie", "a=1"))
    return ok(request)


@pytest.mark.parametrize("name", sojourn.Session.__attrs__)
def test_none_is_nothing_set(
    name: str, binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(moved)
    session = binding.session()
    setattr(session, name, None)
    if name == "adapters":
        with pytest.raises(InvalidSchema):
            binding.run(session.get(server.url()))
        return
    assert binding.run(session.get(server.url())).content == b"/x"
    assert session.cookies.get("a") == "1"
    if name == "cookies":
        assert session.cookies.is_public_suffix("co.uk")


@pytest.mark.parametrize("name", [*Compat.__attrs__, "policy", "limits", "timeouts"])
def test_none_is_nothing_set_in_the_drop_in(name: str, serve: Callable[..., HandlerServer]) -> None:
    server = serve(moved)
    with Compat() as session:
        kind = type(getattr(session, name))
        setattr(session, name, None)
        if name in {"headers", "hooks", "cookies", "params", "policy", "limits"}:
            assert type(getattr(session, name)) is kind
        if name == "adapters":
            with pytest.raises(InvalidSchema):
                session.get(server.url())
            return
        assert session.get(server.url()).content == b"/x"
        assert session.cookies.get("a") == "1"
        assert session.policy == Policy.requests()


# --- closing ------------------------------------------------------------------------------------


def test_a_response_can_be_read_on_after_its_session_was_closed(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted(
        [ReadHead(), Send(LARGE), WaitClosed()],
        [ReadHead(), Send(answer(200, content=b"again")), WaitClosed()],
    )
    session = binding.session()
    response = binding.run(session.get(server.url(), stream=True))
    binding.run(session.close())
    assert pool_of(session).open_count == 1
    assert sum(map(len, binding.collect(response.iter_content(65536)))) == SIZE
    binding.turn()
    assert pool_of(session).open_count == 0  # It was closed, and not kept.
    assert binding.run(session.get(server.url())).content == b"again"
    assert (pool_of(session).open_count, pool_of(session).idle_count) == (1, 1)


def test_threads_that_wait_for_an_answer_get_it_after_the_session_was_closed(
    serve: Callable[..., HandlerServer],
) -> None:
    gate = Gate()
    server = serve(gate)
    answers: list[bytes | None] = []
    with sojourn.Session() as session:
        thread = threading.Thread(
            target=lambda: answers.append(session.get(server.url("/a")).content)
        )
        thread.start()
        assert gate.reached.wait(10)
        session.close()
        gate.opened.set()
        thread.join()
        assert answers == [b"/a"]
        assert pool_of(session).open_count == 0
        assert session.get(server.url("/b")).content == b"/b"
        assert pool_of(session).idle_count == 1
    assert [request.connection for request in server.requests] == [0, 1]


def test_tasks_that_wait_for_an_answer_get_it_after_the_session_was_closed(
    serve: Callable[..., HandlerServer],
) -> None:
    gate = Gate()
    server = serve(gate)

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            task = asyncio.create_task(session.get(server.url("/a")))
            assert await asyncio.to_thread(gate.reached.wait, 10)
            await session.close()
            gate.opened.set()
            assert (await task).content == b"/a"
            assert pool_of(session).open_count == 0
            assert (await session.get(server.url("/b"))).content == b"/b"
            assert pool_of(session).idle_count == 1

    asyncio.run(main())
    assert [request.connection for request in server.requests] == [0, 1]


def test_closing_twice_is_closing_once(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(ok)
    session = binding.session()
    binding.run(session.get(server.url()))
    for _ in range(2):
        binding.run(session.close())
        assert pool_of(session).open_count == 0


def test_a_with_block_closes_its_session(serve: Callable[..., HandlerServer]) -> None:
    server = serve(ok)
    with sojourn.Session() as session:
        session.get(server.url())
        assert pool_of(session).idle_count == 1
    assert pool_of(session).open_count == 0

    async def main() -> Any:
        async with sojourn.AsyncSession() as session:
            await session.get(server.url())
            assert pool_of(session).idle_count == 1
        return session

    assert pool_of(asyncio.run(main())).open_count == 0


# --- dropping -----------------------------------------------------------------------------------


def test_a_session_that_is_dropped_closes_its_connections(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(ok)
    session = sojourn.Session()
    session.get(server.url())
    assert pool_of(session).idle_count == 1
    del session  # A socket left open would warn, and fail the test.


def test_a_response_of_a_session_less_call_may_be_dropped_unread(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Offer(LARGE)])
    response = sojourn.get(server.url(), stream=True)
    assert response.ok
    del response  # A socket left open would warn, and fail the test.


@pytest.fixture
def without_collector() -> Iterator[None]:
    """What is freed is freed because nothing refers to it any more."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_a_failed_call_does_not_keep_its_session_alive(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead()])
    session = sojourn.Session()
    with pytest.raises(SojournConnectionError) as caught:
        session.post(server.url())
    known = weakref.ref(session)
    del session, caught
    assert known() is None, "it is part of a reference cycle"


@pytest.mark.usefixtures("without_collector")
def test_a_failed_call_in_a_task_does_not_keep_its_session_alive(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead()])

    async def main() -> Any:
        session = sojourn.AsyncSession()
        with pytest.raises(SojournConnectionError):
            await session.post(server.url())
        await session.close()
        return weakref.ref(session)

    assert asyncio.run(main())() is None, "it is part of a reference cycle"


# --- loops --------------------------------------------------------------------------------------


def test_a_second_event_loop_is_refused_with_a_reason(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda request: answer(200, ("Connection", "close")))
    session = sojourn.AsyncSession()
    assert asyncio.run(session.get(server.url())).status_code == 200
    with pytest.raises(LocalProtocolError, match="another event loop"):
        asyncio.run(session.get(server.url()))
    asyncio.run(session.close())
    assert len(server.requests) == 1
    assert pool_of(session).open_count == 0


def test_an_idle_connection_of_an_ended_loop_can_be_closed_on_another(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(ok)
    session = sojourn.AsyncSession()
    with asyncio.Runner() as first:
        first.run(session.get(server.url()))
        refused = pytest.raises(LocalProtocolError, match="another event loop")
        with asyncio.Runner() as second, refused:
            second.run(session.get(server.url()))
        assert pool_of(session).idle_count == 1
        first.run(session.close())
    assert pool_of(session).open_count == 0


# --- the rest -----------------------------------------------------------------------------------


def test_a_session_can_be_pickled_without_its_locks_and_connections(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(ok)
    with sojourn.Session() as session:
        session.headers["X-Kept"] = "yes"
        session.auth = ("user", "password")
        session.cookies.set("a", "b", domain="a.test", path="/")
        session.max_redirects = 3
        session.get(server.url())
        copy = pickle.loads(pickle.dumps(session))
    with copy:
        assert copy.headers["X-Kept"] == "yes"
        assert copy.auth == ("user", "password")
        assert copy.cookies.get("a") == "b"
        assert copy.max_redirects == 3
        assert pool_of(copy).open_count == 0
        assert copy.get(server.url("/b")).content == b"/b"
    assert server.requests[-1].value("X-Kept") == "yes"


def test_the_logger_has_a_handler_that_does_nothing() -> None:
    handlers = logging.getLogger("sojourn").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
