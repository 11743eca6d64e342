"""``drive`` and ``drive_async``, over transports that are made up."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from sojourn_core import (
    Exchange,
    Pool,
    carry_out,
    carry_out_async,
    drive,
    drive_async,
    errors,
)
from sojourn_core.commands import Address, Content, Finish, Head
from sojourn_core.exchange.file_part import TAIL_SIZE
from sojourn_core.values.content.content import Content as RequestContent
from tests.core.exchanges import ADDRESSES, OK, closes, plan_for, pool_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path


class Cancelled(BaseException):
    """What an event loop throws into a task that is cancelled."""


@dataclass
class Played:
    """A transport without a network. ``answers`` are what is received, or raised, in turn.

    Attributes:
        log: What was asked of it, but for looks at the clock.
        troubles: By the name of a method, errors that its first calls raise.
    """

    answers: list[Any] = field(default_factory=lambda: [OK])
    troubles: dict[str, list[BaseException]] = field(default_factory=dict)
    quiet: bool | OSError = True
    log: list[Any] = field(default_factory=list)
    time: float = 0.0
    opened: int = 0

    def now(self) -> float:
        return self.time

    def _does(self, what: str, *facts: Any) -> None:
        self.log.append((what, *facts) if facts else what)
        if self.troubles.get(what):
            raise self.troubles[what].pop(0)

    def resolve(self, host: str, port: int, deadline: float) -> list[Address]:
        self._does("resolve", host, port)
        return list(ADDRESSES)

    def connect(self, address: Address, deadline: float, socket: Any) -> str:
        self._does("connect", address.host)
        self.opened += 1
        return f"stream {self.opened}"

    def send(self, stream: str, data: bytes, deadline: float) -> int:
        self._does("send", data.partition(b"\r\n")[0])
        return len(data)  # As ``socket.send`` does; it is not asked for.

    def receive(self, stream: str, limit: int, deadline: float) -> bytes:
        self._does("receive")
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def is_quiet(self, stream: str) -> bool:
        self._does("is_quiet")
        if isinstance(self.quiet, OSError):
            raise self.quiet
        return self.quiet

    def close(self, stream: str) -> None:
        self._does("close", stream)

    def wait(self, ticket: Any, deadline: float) -> None:
        self._does("wait")
        ticket.wake = lambda: self.log.append("woken")

    def sleep_until(self, when: float) -> None:
        raise AssertionError("an exchange does not sleep")


class AsyncPlayed(Played):
    """The same, where each transfer has to be awaited once."""

    async def within(self, step: Any, deadline: float) -> Any:
        self.log.append(("within", deadline))
        try:
            return await step
        except Cancelled:  # Whoever throws it here says that the deadline has passed.
            raise TimeoutError from None


class Once:
    """An awaitable that suspends its task once."""

    def __await__(self) -> Iterator[None]:
        yield


def _awaited(name: str) -> Any:
    async def method(self: AsyncPlayed, *arguments: Any) -> Any:
        await Once()
        return getattr(Played, name)(self, *arguments)

    return method


for _name in ("resolve", "connect", "send", "receive", "wait"):
    setattr(AsyncPlayed, _name, _awaited(_name))


def run(task: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end, as an event loop does."""
    try:
        while True:
            task.send(None)
    except StopIteration as end:
        return end.value


def blocking(transport: Played, exchange: Exchange, command: Any) -> Any:
    return drive(exchange, command, transport)


def awaited(transport: AsyncPlayed, exchange: Exchange, command: Any) -> Any:
    return run(drive_async(exchange, command, transport))


WAYS = [
    pytest.param(Played, blocking, id="drive"),
    pytest.param(AsyncPlayed, awaited, id="drive_async"),
]
each_way = pytest.mark.parametrize(("made", "driven"), WAYS)


class Fetch:
    """One exchange, and the way to drive it."""

    def __init__(
        self,
        transport: Any,
        driven: Callable[..., Any],
        pool: Pool | None = None,
        **plan: Any,
    ) -> None:
        self.transport, self.driven = transport, driven
        self.pool = Pool() if pool is None else pool
        self.exchange = Exchange(plan_for(**plan), self.pool)

    def start(self) -> Any:
        return self.driven(self.transport, self.exchange, self.exchange.start(0.0))

    def proceed(self) -> Any:
        return self.driven(self.transport, self.exchange, self.exchange.proceed(0.0))

    def all(self) -> list[Any]:
        handed = [self.start()]
        while not isinstance(handed[-1], Finish):
            handed.append(self.proceed())
        return handed


@each_way
def test_an_exchange_from_its_start_to_its_end(made: Any, driven: Any) -> None:
    fetch = Fetch(made([b"HTTP/1.1 200 OK\r\nContent-", b"Length: 2\r\n\r\no", b"k"]), driven)
    head, *content, end = fetch.all()
    assert isinstance(head, Head)
    assert head.head.status == 200
    assert content == [Content(b"o"), Content(b"k")]
    assert end == Finish(reusable=True)
    assert fetch.transport.log == [
        ("resolve", "a.test", 80),
        ("connect", "192.0.2.1"),
        ("send", b"GET /x HTTP/1.1"),
        "receive",
        "receive",
        "receive",
    ]


@pytest.mark.parametrize(
    ("quiet", "log"),
    [
        (True, ["is_quiet", ("send", b"GET /x HTTP/1.1"), "receive"]),
        (False, ["is_quiet", ("close", "stream 1"), ("resolve", "a.test", 80)]),
        (OSError("broken"), ["is_quiet", ("close", "stream 1"), ("resolve", "a.test", 80)]),
    ],
)
@each_way
def test_a_connection_is_used_again_if_it_is_quiet(
    made: Any, driven: Any, quiet: Any, log: list[Any]
) -> None:
    first = Fetch(made([OK, OK]), driven)
    first.all()
    transport = first.transport
    transport.quiet, seen = quiet, len(transport.log)
    assert Fetch(transport, driven, first.pool).all()[-1] == Finish(reusable=True)
    assert transport.log[seen:][: len(log)] == log


@pytest.mark.parametrize(
    ("method", "trouble", "error"),
    [
        ("resolve", OSError("no such host"), errors.NameResolutionError),
        ("resolve", TimeoutError(), errors.ConnectTimeout),
        ("connect", OSError("refused"), errors.ConnectionError),
        ("connect", TimeoutError(), errors.ConnectTimeout),
        ("send", TimeoutError(), errors.WriteTimeout),
        ("receive", OSError("reset"), errors.ConnectionError),
        ("receive", TimeoutError(), errors.ReadTimeout),
    ],
)
@each_way
def test_trouble_is_reported_and_comes_back_as_our_error(
    made: Any, driven: Any, method: str, trouble: OSError, error: type[Exception]
) -> None:
    fetch = Fetch(made(troubles={method: [trouble]}), driven)
    with pytest.raises(error) as caught:
        fetch.start()
    assert type(caught.value) is error
    assert fetch.pool.open_count == 0
    streams = ["stream 1"] if fetch.transport.opened else []
    assert [each[1] for each in fetch.transport.log if each[0] == "close"] == streams


@pytest.mark.parametrize("error", [ValueError("a fault"), Cancelled(), KeyboardInterrupt()])
@pytest.mark.parametrize("method", ["resolve", "connect", "send", "receive"])
@each_way
def test_whatever_else_breaks_out_gives_the_exchange_up(
    made: Any, driven: Any, method: str, error: BaseException
) -> None:
    fetch = Fetch(made(troubles={method: [error]}), driven)
    with pytest.raises(type(error)) as caught:
        fetch.start()
    assert caught.value is error
    assert fetch.exchange.command is None
    assert fetch.pool.open_count == 0
    streams = ["stream 1"] if fetch.transport.opened else []
    assert [each[1] for each in fetch.transport.log if each[0] == "close"] == streams


@each_way
def test_a_fault_of_the_loop_is_not_taken_for_one_of_the_network(made: Any, driven: Any) -> None:
    fetch = Fetch(made(), driven)
    command = fetch.exchange.start(0.0)
    fetch.exchange.resolved(ADDRESSES, 0.0)  # Somebody else has replied.
    with pytest.raises(errors.LocalProtocolError):
        driven(fetch.transport, fetch.exchange, command)
    assert fetch.pool.open_count == 0


def chunks(closed: list[str], error: Exception | None = None) -> Iterator[bytes]:
    try:
        yield b"a"
        if error is not None:
            raise error
        yield b"b"
    finally:
        closed.append("closed")


async def achunks(closed: list[str], error: Exception | None = None) -> AsyncIterator[bytes]:
    try:
        yield b"a"
        if error is not None:
            raise error
        yield b"b"
    finally:
        await Once()
        closed.append("closed")


SOURCES = [
    pytest.param(Played, blocking, chunks, id="drive"),
    pytest.param(AsyncPlayed, awaited, chunks, id="drive_async-sync"),
    pytest.param(AsyncPlayed, awaited, achunks, id="drive_async-async"),
]
each_source = pytest.mark.parametrize(("made", "driven", "source"), SOURCES)


@each_source
def test_content_is_pulled_chunk_by_chunk(made: Any, driven: Any, source: Any) -> None:
    closed: list[str] = []
    fetch = Fetch(made(), driven, method="POST", data=source(closed))
    assert fetch.all()[-1] == Finish(reusable=True)
    assert closed == ["closed"]
    sent = [each[1] for each in fetch.transport.log if each[0] == "send"]
    assert sent == [b"POST /x HTTP/1.1", b"1", b"1", b"0"]


@pytest.mark.parametrize(
    "error", [ValueError("mine"), OSError("mine"), TimeoutError("mine"), RuntimeError("mine")]
)
@each_source
def test_what_the_iterator_raises_reaches_the_caller_as_it_is(
    made: Any, driven: Any, source: Any, error: Exception
) -> None:
    fetch = Fetch(made(), driven, method="POST", data=source([], error))
    with pytest.raises(type(error)) as caught:
        fetch.start()
    assert caught.value is error
    assert str(caught.value) == "mine"
    assert fetch.pool.open_count == 0


@pytest.mark.parametrize("method", ["send", "receive"])
@each_source
def test_the_iterator_is_closed_when_the_exchange_is_given_up(
    made: Any, driven: Any, source: Any, method: str
) -> None:
    closed: list[str] = []
    fetch = Fetch(made(), driven, method="POST", data=source(closed))
    sends = [None, None, Cancelled()] if method == "send" else [Cancelled()]
    original = getattr(made, method)

    def breaking(*arguments: Any) -> Any:
        error = sends.pop(0) if sends else None
        if error is not None:
            raise error
        return original(fetch.transport, *arguments)

    setattr(fetch.transport, method, breaking)
    with pytest.raises(Cancelled):
        fetch.start()
    assert closed == ["closed"]
    assert ("close", "stream 1") in fetch.transport.log


def test_content_that_is_awaited_ends_with_the_call() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        raise Cancelled  # The deadline has passed meanwhile.

    transport = AsyncPlayed(time=5.0)
    fetch = Fetch(transport, awaited, method="POST", data=source(), deadline=5.0)
    transport.time = 4.0
    command = fetch.exchange.start(4.0)
    task = drive_async(fetch.exchange, command, transport)
    transport.time = 5.0
    with pytest.raises(errors.DeadlineExceeded):
        run(task)
    assert ("within", 5.0) in transport.log


def test_a_task_that_nobody_awaits_any_more_lets_go_of_its_stream() -> None:
    transport = AsyncPlayed()
    fetch = Fetch(transport, awaited, method="POST", data=achunks([]))
    task = drive_async(fetch.exchange, fetch.exchange.start(0.0), transport)
    while ("connect", "192.0.2.1") not in transport.log:
        task.send(None)
    task.close()
    assert transport.log[-1] == ("close", "stream 1")
    assert fetch.pool.open_count == 0


def test_a_task_that_nobody_awaits_any_more_closes_an_iterator_that_needs_no_loop() -> None:
    closed: list[str] = []
    transport = AsyncPlayed()
    fetch = Fetch(transport, awaited, method="POST", data=chunks(closed))
    task = drive_async(fetch.exchange, fetch.exchange.start(0.0), transport)
    while ("send", b"1") not in transport.log:
        task.send(None)
    task.close()
    assert closed == ["closed"]


@each_way
def test_a_stream_that_the_exchange_could_not_be_told_of_is_closed(made: Any, driven: Any) -> None:
    """Memory runs out, or a signal handler raises, between the two."""
    fetch = Fetch(made(), driven)
    command = fetch.exchange.start(0.0)
    with (
        mock.patch.object(Exchange, "connected", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        driven(fetch.transport, fetch.exchange, command)
    assert fetch.transport.log[-1] == ("close", "stream 1")
    assert fetch.pool.open_count == 0


@each_source
def test_an_iterator_whose_closing_is_interrupted_is_closed_again(
    made: Any, driven: Any, source: Any
) -> None:
    closed: list[str] = []
    fetch = Fetch(made(), driven, method="POST", data=source(closed))
    sends, original = [None, None, BrokenPipeError()], made.send
    troubles = [MemoryError()]

    def breaking(*arguments: Any) -> Any:
        error = sends.pop(0)
        if error is not None:
            raise error
        return original(fetch.transport, *arguments)

    def interrupted(close: Any) -> Any:
        def method(content: Any) -> Any:
            if troubles:
                raise troubles.pop()
            return close(content)

        return method

    fetch.transport.send = breaking
    with (
        mock.patch.object(RequestContent, "close", interrupted(RequestContent.close)),
        mock.patch.object(RequestContent, "aclose", interrupted(RequestContent.aclose)),
        pytest.raises(MemoryError),
    ):
        fetch.start()
    assert closed == ["closed"]


@each_way
def test_a_place_in_the_pool_is_waited_for(made: Any, driven: Any) -> None:
    pool = pool_of(1)
    holder = Exchange(plan_for(url="http://b.test/"), pool)
    holder.start(0.0)
    fetch = Fetch(made(), driven, pool)
    ready: list[Any] = [False, True]  # It returns before it is ready once.

    def wait(ticket: Any, deadline: float) -> Any:
        fetch.transport.log.append("wait")
        ticket.wake = lambda: fetch.transport.log.append("woken")
        if ready.pop(0):
            carry_out(holder.abandon(0.0), fetch.transport)
        return done() if made is AsyncPlayed else None

    async def done() -> None:
        await Once()

    fetch.transport.wait = wait
    assert isinstance(fetch.start(), Head)
    assert fetch.transport.log[:3] == ["wait", "wait", "woken"]


@each_way
def test_a_wait_that_takes_too_long(made: Any, driven: Any) -> None:
    pool = pool_of(1)
    Exchange(plan_for(url="http://b.test/"), pool).start(0.0)
    fetch = Fetch(made(troubles={"wait": [TimeoutError()]}), driven, pool)
    with pytest.raises(errors.PoolTimeout):
        fetch.start()


@each_way
def test_a_file_is_sent_by_the_transport(made: Any, driven: Any, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"x" * (TAIL_SIZE + 1))
    file = path.open("rb", buffering=0)
    fetch = Fetch(made(), driven, method="PUT", data=file, writes_files=True)
    sent: list[int] = []

    def send_file(stream: str, file: Any, offset: int, size: int, deadline: float) -> Any:
        sent.append(size)
        return counted(size) if made is AsyncPlayed else size

    async def counted(size: int) -> int:
        return size

    fetch.transport.send_file = send_file
    with file:
        assert isinstance(fetch.start(), Head)
    assert sent == [1]  # All but what is held back to the end.


@each_way
def test_addresses_are_raced_by_the_transport(made: Any, driven: Any) -> None:
    several = [*ADDRESSES, Address("2001:db8::1", 80, "ipv6")]
    fetch = Fetch(made(), driven, races=True)
    asked: list[Any] = []

    def resolve(*arguments: Any) -> Any:
        return told(several) if made is AsyncPlayed else several

    def race(addresses: Any, stagger: float, deadline: float, socket: Any) -> Any:
        asked.append((addresses, stagger))
        return told("winner") if made is AsyncPlayed else "winner"

    async def told(outcome: Any) -> Any:
        return outcome

    fetch.transport.resolve, fetch.transport.race = resolve, race
    assert isinstance(fetch.start(), Head)
    assert asked == [(tuple(several), 0.25)]


@each_way
def test_a_transport_that_watches_stops_at_an_early_answer(made: Any, driven: Any) -> None:
    early = b"HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    fetch = Fetch(made([early]), driven, method="POST", data=iter([b"x" * 10, b"y" * 10]))
    seen: list[bytes] = []

    def send_watching(stream: str, data: bytes, deadline: float) -> Any:
        seen.append(data)
        return told() if made is AsyncPlayed else 3

    async def told() -> int:
        return 3

    fetch.transport.send_watching = send_watching
    head = fetch.start()
    assert head.head.status == 413
    assert len(seen) == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_effects_that_the_loop_did_not_see(kind: str) -> None:
    transport = AsyncPlayed() if kind == "async" else Played()
    first = Fetch(transport, awaited if kind == "async" else blocking)
    first.all()
    effects = first.pool.close()
    assert closes(effects) == ["stream 1"]
    if kind == "async":
        run(carry_out_async(effects, transport))
        run(carry_out_async(None, transport))
    else:
        carry_out(effects, transport)
        carry_out(None, transport)
    assert transport.log[-1] == ("close", "stream 1")
    assert closes(effects) == []


@each_way
def test_an_error_is_no_part_of_a_circle(made: Any, driven: Any) -> None:
    fetch = Fetch(made(troubles={"receive": [OSError("reset")]}), driven)
    gc.disable()
    try:
        try:
            fetch.start()
        except errors.ConnectionError as error:
            seen = weakref.ref(error)
        assert seen() is None
    finally:
        gc.enable()


def test_a_blocking_loop_refuses_content_that_is_awaited() -> None:
    fetch = Fetch(Played(), blocking, method="POST", data=achunks([]))
    with pytest.raises(errors.InvalidContent, match="only be sent by an async session"):
        fetch.start()
