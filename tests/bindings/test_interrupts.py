"""Ctrl-C in blocking code, at any moment: no place in the pool is lost, no socket left open."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import pytest

import sojourn
from sojourn_core import exchange
from tests.bindings.clients import SECONDS_MAX, pool_of
from tests.servers.scripted import HandlerServer
from tests.servers.scripted import response as answer
from tests.servers.server import PeerClosedError
from tests.servers.steps import Hold, Offer, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from tests.servers.scripted import Received, ScriptedServer
    from tests.servers.server import Connection

FOLDERS: Final = (
    Path(sojourn.__file__).parent / "sync",
    Path(sojourn.__file__).parent / "shared",  # The loop that it has in common with the other.
    Path(exchange.__file__ or "").parent,
)
FILES: Final = frozenset(str(path) for folder in FOLDERS for path in folder.glob("*.py"))
LINES_MAX: Final = 2000  # Of one call; each has some hundred.
OK: Final = answer(200, content=b"ok")
ONE: Final = sojourn.PoolLimits(connections_max=1)


def interrupt() -> None:
    """Press Ctrl-C, from another thread."""
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, signal.SIGINT)


@contextlib.contextmanager
def interrupted_once(waits: Callable[[], bool]) -> Iterator[None]:
    """Press Ctrl-C a moment after the main thread has begun to wait, and no earlier."""

    def press() -> None:
        until = time.monotonic() + SECONDS_MAX
        while not waits():
            if time.monotonic() > until:
                return
            time.sleep(0.001)
        time.sleep(0.05)
        interrupt()

    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        thread.join()


# --- while it waits -----------------------------------------------------------------------------


def test_while_an_answer_is_awaited(serve: Callable[..., HandlerServer]) -> None:
    def handler(request: Received) -> bytes | None:
        if request.target == "/":
            return OK
        interrupt()
        return None

    server = serve(handler)
    with sojourn.Session(pool=ONE) as session:
        with pytest.raises(KeyboardInterrupt):
            session.post(server.url("/interrupted"))
        assert pool_of(session).open_count == 0
        assert session.get(server.url()).content == b"ok"


def test_while_content_is_awaited(scripted: Callable[..., ScriptedServer]) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst"
    server = scripted([ReadHead(), Send(half), Hold()], [ReadHead(), Send(OK), WaitClosed()])
    with sojourn.Session(pool=ONE) as session:
        response = session.get(server.url(), stream=True)
        pieces = response.iter_content(5)
        assert next(pieces) == b"first"
        reading = response._driver.is_read_by_others
        with pytest.raises(KeyboardInterrupt), interrupted_once(reading):
            next(pieces)
        assert pool_of(session).open_count == 0
        assert session.get(server.url()).content == b"ok"


def test_while_a_place_in_the_pool_is_awaited(scripted: Callable[..., ScriptedServer]) -> None:
    large = answer(200, content=b"x" * 4 * 1024 * 1024)
    server = scripted([ReadHead(), Offer(large)], [ReadHead(), Send(OK), WaitClosed()])
    with sojourn.Session(pool=ONE) as session:
        with session.get(server.url(), stream=True):
            pool = pool_of(session)
            with (
                pytest.raises(KeyboardInterrupt),
                interrupted_once(lambda: pool.waiting_count == 1),
            ):
                session.get(server.url())
            assert pool_of(session).waiting_count == 0
            assert pool_of(session).open_count == 1
        assert session.get(server.url()).content == b"ok"


def test_while_the_caller_makes_content(scripted: Callable[..., ScriptedServer]) -> None:
    closed: list[bool] = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"first"
            threading.Timer(0.05, interrupt).start()
            assert threading.Event().wait(SECONDS_MAX)
        finally:
            closed.append(True)

    server = scripted([ReadHead(), WaitClosed()])
    with sojourn.Session(pool=ONE) as session:
        with pytest.raises(KeyboardInterrupt):
            session.post(server.url(), data=pieces())
        assert pool_of(session).open_count == 0
    assert closed == [True]


# --- at every line ------------------------------------------------------------------------------


def is_finalizer(frame: FrameType | None) -> bool:
    """Whether what runs is part of a finalizer: that swallows what is raised in it."""
    while frame is not None and frame.f_code.co_filename in FILES:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


class Interrupter:
    """Raises KeyboardInterrupt in place of a line of the binding or the exchange.

    Args:
        line: Which one, counted from the start.
    """

    def __init__(self, line: int) -> None:
        self.left = line
        self._before = sys.gettrace()

    def __enter__(self) -> Self:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in FILES or is_finalizer(frame):
            return None
        return self._trace_line(frame, event)

    def _trace_line(self, frame: FrameType, event: str) -> Any:
        if event == "line":
            if self.left == 0:
                self.left = -1
                raise KeyboardInterrupt
            self.left -= 1
        return self._trace


class Source:
    """Content from a generator that says what became of it."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    def __call__(self) -> Iterator[bytes]:
        self.begun += 1
        try:
            yield b"first"
            yield b"second"
        finally:
            self.ended += 1


def get(session: Any, server: HandlerServer) -> None:
    assert session.get(server.url()).content == b"ok"


def use_again(session: Any, server: HandlerServer) -> None:
    for _ in range(2):
        assert session.get(server.url()).content == b"ok"


def redirected(session: Any, server: HandlerServer) -> None:
    assert session.get(server.url("/redirect")).content == b"ok"


def read_in_pieces(session: Any, server: HandlerServer) -> None:
    with session.get(server.url("/chunked"), stream=True) as response:
        assert b"".join(response.iter_content(2)) == b"12345"


def upload(session: Any, server: HandlerServer) -> None:
    source = Source()
    try:
        assert session.post(server.url(), data=source()).content == b"ok"
    finally:
        assert source.begun == source.ended


def hedged(session: Any, server: HandlerServer) -> None:
    session.hedge = sojourn.HedgePolicy(after=1e-6)  # The second one waits for the connection.
    assert session.get(server.url()).content == b"ok"


class PatientServer(HandlerServer):
    """Takes requests that break off for what they are: the client was interrupted."""

    def _play_requests(self, connection: Connection) -> None:
        with contextlib.suppress(PeerClosedError):
            super()._play_requests(connection)


def several(request: Received) -> bytes:
    if request.target == "/redirect":
        return answer(302, ("Location", "/"), content=b"away")
    if request.target == "/chunked":
        framed = b"3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"
        return answer(200, ("Transfer-Encoding", "chunked"), content=framed)
    return OK


@pytest.mark.parametrize(
    "act",
    [get, use_again, redirected, read_in_pieces, upload, hedged],
    ids=lambda act: act.__name__,
)
def test_at_any_line_of_binding_and_exchange(
    act: Callable[[Any, HandlerServer], None],
) -> None:
    files_before = open_files()
    with PatientServer(several) as server, warnings.catch_warnings():
        # A socket that no name was bound to yet is closed as it is freed, and says so.
        warnings.simplefilter("ignore", ResourceWarning)
        interrupt_each_line(server, act)
    assert open_files() <= files_before


def open_files() -> int:
    """How many file descriptors this process has in use."""
    gc.collect()
    return len(os.listdir("/dev/fd"))


def interrupt_each_line(server: HandlerServer, act: Callable[[Any, HandlerServer], None]) -> None:
    for line in range(LINES_MAX):
        with sojourn.Session(pool=ONE) as session:
            try:
                with Interrupter(line) as interrupter:
                    act(session, server)
            except KeyboardInterrupt:
                pass
            pool = pool_of(session)
            pool.expire(0.0)  # A step of the ledger, which buries what was left to it.
            assert pool.open_count == pool.idle_count, line
            assert pool._connections == set(pool._idle), line
            assert session.get(server.url()).content == b"ok"
        if interrupter.left >= 0:
            assert line > 50
            return
    raise AssertionError("it is never done")


class FinalizerInterrupter(Interrupter):
    """Raises in place of a line of the finalizer of a driver, as it begins, and in what it calls.

    A signal handler runs where a function begins, before any of its lines.
    """

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if not is_finalizer(frame):
            return None
        return self._trace_line(frame, "line" if event == "call" else event)


def drop(session: Any, server: HandlerServer) -> Any:
    return session.get(server.url("/chunked"), stream=True)


def drop_begun(session: Any, server: HandlerServer) -> Any:
    response = drop(session, server)
    assert response.raw.read(3) == b"123"
    return response


def drop_of_adapter(session: Any, server: HandlerServer) -> Any:
    request = session.prepare_request(sojourn.Request("GET", server.url("/chunked")))
    return session.get_adapter(server.url()).send(request, stream=True)


def drop_hop(session: Any, server: HandlerServer) -> Any:
    first = session.get(server.url("/redirect"), allow_redirects=False)
    return next(session.resolve_redirects(first, first.request, stream=True))


def cut_short(request: Received) -> bytes:
    """An answer whose end does not come, but on the path ``/``."""
    if request.target == "/redirect":
        return answer(302, ("Location", "/chunked"), content=b"away")
    return several(request)[:-5] if request.target != "/" else OK


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors in finalizers go nowhere. pytest would keep them, and with them what they hold."""
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: None)


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(
    "make", [drop, drop_begun, drop_of_adapter, drop_hop], ids=lambda make: make.__name__
)
def test_at_any_line_of_giving_up_what_nobody_reads(
    serve: Callable[..., HandlerServer], make: Callable[[Any, HandlerServer], Any]
) -> None:
    server = serve(cut_short)
    for line in range(LINES_MAX):
        with sojourn.Session(pool=ONE) as session:
            response = make(session, server)
            with FinalizerInterrupter(line) as interrupter:
                del response
            assert session.get(server.url()).content == b"ok"
            pool = pool_of(session)
            assert pool._connections == set(pool._idle)
        if interrupter.left >= 0:
            assert line > 5
            return
    raise AssertionError("it is never done")


@pytest.mark.usefixtures("forgotten")
def test_at_any_line_of_giving_up_what_no_task_reads(serve: Callable[..., HandlerServer]) -> None:
    server = serve(cut_short)

    async def drop(line: int) -> int:
        async with sojourn.AsyncSession(pool=ONE) as session:
            response = await session.get(server.url("/chunked"), stream=True)
            with FinalizerInterrupter(line) as interrupter:
                del response
            assert (await session.get(server.url())).content == b"ok"
            pool = pool_of(session)
            assert pool._connections == set(pool._idle)
        return interrupter.left

    for line in range(LINES_MAX):
        if asyncio.run(drop(line)) >= 0:
            assert line > 5
            return
    raise AssertionError("it is never done")
