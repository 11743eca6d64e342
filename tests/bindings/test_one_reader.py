"""A response has one reader, in one thread or on one event loop, and ends for it when it is closed.

Nothing here waits for a time: the server waits with the rest until the test is over, and whoever
closes does so once the reader has had the first piece and waits for the second.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import compat
from sojourn.exceptions import LocalProtocolError
from sojourn.sync.exchange_driver import ExchangeDriver
from tests.bindings.clients import SECONDS_MAX, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadHead, Send, Until, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from tests.servers.scripted import ScriptedServer

HALF: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nfirst\n"
UNTIL_CLOSE: Final = b"HTTP/1.1 200 OK\r\n\r\nfirst\n"
OK: Final = answer(200, content=b"ok")
ONE: Final = sojourn.PoolLimits(connections_max=1)


@pytest.fixture(params=[HALF, UNTIL_CLOSE], ids=["a length", "until close"])
def url(request: pytest.FixtureRequest, scripted: Callable[..., ScriptedServer]) -> str:
    """Of content that stops after its first piece; the next connection is answered."""
    server = scripted([ReadHead(), Send(request.param), WaitClosed()], [ReadHead(), Send(OK)])
    return server.url()


# --- asyncio ------------------------------------------------------------------------------------


async def read(response: Any, _: asyncio.Event) -> None:
    await response.read()


async def pieces(response: Any, begun: asyncio.Event) -> None:
    async for _ in response.iter_content(6):
        begun.set()


async def lines(response: Any, begun: asyncio.Event) -> None:
    async for _ in response.iter_lines():
        begun.set()


async def raw(response: Any, _: asyncio.Event) -> None:
    await response.raw.read()


async def raw_pieces(response: Any, begun: asyncio.Event) -> None:
    async for _ in response.raw.stream(6):
        begun.set()


async def close(response: Any) -> None:
    await response.close()


async def close_raw(response: Any) -> None:
    await response.raw.close()


async def leave(response: Any) -> None:
    async with response:
        pass


READERS: Final = [read, pieces, lines, raw, raw_pieces]


async def waits(task: asyncio.Task[None], driver: Any) -> None:
    """Return once a task waits for more of a response."""
    async with asyncio.timeout(SECONDS_MAX):
        while not driver.is_read_by_others():
            assert not task.done()
            await asyncio.sleep(0)


@pytest.mark.parametrize("end", [close, close_raw, leave], ids=lambda end: end.__name__)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_a_task_that_reads_ends_when_another_closes(
    url: str,
    reader: Callable[..., Coroutine[Any, Any, None]],
    end: Callable[[Any], Coroutine[Any, Any, None]],
) -> None:
    async def main() -> None:
        trouble: list[dict[str, Any]] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: trouble.append(context))
        async with sojourn.AsyncSession(pool=ONE) as session:
            response = await session.get(url, stream=True, timeout=None)
            task = asyncio.create_task(reader(response, asyncio.Event()))
            await waits(task, response._driver)
            asyncio.current_task().set_name("the closer")  # type: ignore[union-attr]  # A task runs.
            await end(response)
            said = r"^the response was closed by task 'the closer' while it was read$"
            with pytest.raises(LocalProtocolError, match=said):
                async with asyncio.timeout(SECONDS_MAX):
                    await task
            assert pool_of(session).open_count == 0
            assert (await session.get(url)).content == b"ok"
        assert trouble == []

    asyncio.run(main())


def test_the_error_of_a_reader_names_its_response(url: str) -> None:
    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            response = await session.get(url, stream=True)
            task = asyncio.create_task(response.read())
            await waits(task, response._driver)
            await response.close()
            with pytest.raises(LocalProtocolError) as caught:
                await task
            assert caught.value.response is response

    asyncio.run(main())


@pytest.mark.parametrize("second", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("first", READERS, ids=lambda reader: reader.__name__)
def test_a_second_task_that_reads_is_refused(
    scripted: Callable[..., ScriptedServer],
    first: Callable[..., Coroutine[Any, Any, None]],
    second: Callable[..., Coroutine[Any, Any, None]],
) -> None:
    go_on = threading.Event()
    server = scripted([ReadHead(), Send(HALF), Until(go_on), Send(b"second"), WaitClosed()])

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            response = await session.get(server.url(), stream=True)
            task = asyncio.create_task(first(response, asyncio.Event()))
            await waits(task, response._driver)
            with pytest.raises(LocalProtocolError, match="being read by somebody else"):
                await second(response, asyncio.Event())
            go_on.set()
            async with asyncio.timeout(SECONDS_MAX):
                await task  # It goes on as if nothing had been.

    asyncio.run(main())


def on_another_loop(awaitable: Coroutine[Any, Any, Any]) -> None:
    """Run something on the loop of another thread, and raise what it raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(awaitable)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(SECONDS_MAX)
    if raised:
        raise raised[0]


async def aclose_session(session: Any, _: Any) -> None:
    await session.close()


USES: Final[dict[str, Callable[[Any, Any], Coroutine[Any, Any, Any]]]] = {
    "read": lambda _, response: response.read(),
    "iter_content": lambda _, response: pieces(response, asyncio.Event()),
    "iter_lines": lambda _, response: lines(response, asyncio.Event()),
    "raw.read": lambda _, response: response.raw.read(),
    "raw.close": lambda _, response: response.raw.close(),
    "close": lambda _, response: response.close(),
    "async with": lambda _, response: leave(response),
    "session.close": aclose_session,
}


@pytest.mark.parametrize("use", USES)
def test_another_loop_is_refused_and_nothing_is_touched(
    scripted: Callable[..., ScriptedServer], use: str
) -> None:
    go_on = threading.Event()
    server = scripted([ReadHead(), Send(HALF), Until(go_on), Send(b"second"), WaitClosed()])

    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            response = await session.get(server.url(), stream=True)
            with pytest.raises(LocalProtocolError, match="another event loop"):
                on_another_loop(USES[use](session, response))
            go_on.set()
            if use in {"iter_content", "iter_lines"}:  # They are begun, as on the first loop.
                assert await response.raw.read() == b"first\nsecond"
            else:
                assert await response.read() == b"first\nsecond"
            assert pool_of(session).idle_count == 1

    asyncio.run(main())


# --- threads ------------------------------------------------------------------------------------


def read_all(response: Any) -> None:
    _ = response.content


def read_pieces(response: Any) -> None:
    for _ in response.iter_content(6):
        pass


def read_lines(response: Any) -> None:
    for _ in response.iter_lines():
        pass


def read_raw(response: Any) -> None:
    response.raw.read()


THREAD_READERS: Final = [read_all, read_pieces, read_lines, read_raw]


class Reader:
    """A thread that reads a response, and what came of it."""

    def __init__(self, read: Callable[[Any], None], response: Any) -> None:
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(read, response), name="reader")
        self._thread.start()

    def _run(self, read: Callable[[Any], None], response: Any) -> None:
        try:
            read(response)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def end(self) -> BaseException | None:
        self._thread.join(SECONDS_MAX)
        assert not self._thread.is_alive()
        return self.error


def wait_for_reader(driver: Any) -> None:
    """Return once another thread waits for more of a response."""
    tick = threading.Event()
    for _ in range(int(SECONDS_MAX / 0.001)):
        if driver.is_read_by_others():
            return
        tick.wait(0.001)
    raise AssertionError("nobody reads")


@pytest.fixture(params=[sojourn, compat], ids=lambda module: module.__name__)
def session(request: pytest.FixtureRequest) -> Iterator[Any]:
    with request.param.Session() as made:
        yield made


@pytest.mark.parametrize("read", THREAD_READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("how", ["close", "with", "raw.close"])
def test_a_thread_that_reads_ends_when_another_closes(
    url: str, session: Any, read: Callable[[Any], None], how: str
) -> None:
    response = session.get(url, stream=True, timeout=None)
    driver = response.raw.driver
    reader = Reader(read, response)
    wait_for_reader(driver)
    match how:
        case "close":
            response.close()
        case "with":
            with response:
                pass
        case _:
            response.raw.close()
    error = reader.end()
    assert isinstance(error, LocalProtocolError)
    assert str(error) == "the response was closed by thread 'MainThread' while it was read"
    assert pool_of(session).open_count == 0
    assert session.get(url).content == b"ok"


@pytest.mark.parametrize("second", THREAD_READERS, ids=lambda read: read.__name__)
def test_a_second_thread_that_reads_is_refused(
    scripted: Callable[..., ScriptedServer], second: Callable[[Any], None]
) -> None:
    go_on = threading.Event()
    server = scripted([ReadHead(), Send(HALF), Until(go_on), Send(b"second"), WaitClosed()])
    with sojourn.Session() as session:
        response = session.get(server.url(), stream=True)
        reader = Reader(read_all, response)
        wait_for_reader(response._driver)
        with pytest.raises(LocalProtocolError, match="being read by somebody else"):
            second(response)
        go_on.set()
        assert reader.end() is None
        assert response.content == b"first\nsecond"


# --- between two pieces -------------------------------------------------------------------------
#
# A reader that has a piece in hand, and does not wait at the moment, finds that somebody else has
# closed the response as it asks for more. For whoever closed it there is an end, and no error.


def _pieces(response: Any) -> Any:
    return response.iter_content(6)


def _texts(response: Any) -> Any:
    return response.iter_content(6, decode_unicode=True)


def _lines(response: Any) -> Any:
    return response.iter_lines()


def _itself(response: Any) -> Any:
    return aiter(response) if hasattr(response, "__aiter__") else iter(response)


def _raw(response: Any) -> Any:
    return response.raw.stream(6)


def _raw_lines(response: Any) -> Any:
    return aiter(response.raw) if hasattr(response.raw, "__aiter__") else iter(response.raw)


BETWEEN: Final = [_pieces, _texts, _lines, _itself, _raw, _raw_lines]


def close_in_thread(response: Any, how: str) -> None:
    def run() -> None:
        match how:
            case "close":
                response.close()
            case "with":
                with response:
                    pass
            case _:
                response.raw.close()

    thread = threading.Thread(target=run, name="closer")
    thread.start()
    thread.join(SECONDS_MAX)


@pytest.mark.parametrize("read", BETWEEN, ids=lambda read: read.__name__)
@pytest.mark.parametrize("how", ["close", "with", "raw.close"])
def test_a_thread_between_two_pieces_is_told_who_closed(
    url: str, read: Callable[[Any], Any], how: str
) -> None:
    with sojourn.Session() as session:
        response = session.get(url, stream=True)
        found = read(response)
        assert next(found).strip() in (b"first", "first")
        close_in_thread(response, how)
        with pytest.raises(LocalProtocolError) as caught:
            next(found)
        assert str(caught.value) == "the response was closed by thread 'closer' while it was read"
        assert caught.value.response is response
        assert caught.value.request is response.request
        assert session.get(url).content == b"ok"


def all_raw(response: Any) -> Any:
    return response.raw.read()


def some_raw(response: Any) -> Any:
    return response.raw.read(12)


def all_content(response: Any) -> Any:
    return response.content


@pytest.mark.parametrize("read", [all_raw, some_raw, all_content], ids=lambda read: read.__name__)
@pytest.mark.parametrize("how", ["close", "with", "raw.close"])
def test_what_was_closed_between_two_receipts_of_a_read_is_not_whole(
    url: str, read: Callable[[Any], Any], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proceed = ExchangeDriver.proceed

    def proceed_and_be_closed(driver: Any) -> Any:
        handed = proceed(driver)
        close_in_thread(response, how)
        return handed

    with sojourn.Session() as session:
        response = session.get(url, stream=True)
        monkeypatch.setattr(ExchangeDriver, "proceed", proceed_and_be_closed)
        with pytest.raises(LocalProtocolError, match="was closed by thread 'closer'"):
            read(response)


@pytest.mark.parametrize("read", BETWEEN, ids=lambda read: read.__name__)
@pytest.mark.parametrize("how", ["close", "raw.close"])
def test_a_thread_that_closes_what_it_reads_finds_the_end(
    url: str, read: Callable[[Any], Any], how: str
) -> None:
    with sojourn.Session() as session, session.get(url, stream=True) as response:
        seen = 0
        for _ in read(response):
            seen += 1
            (response if how == "close" else response.raw).close()
        assert seen == 1
        assert b"".join(response.raw.stream()) == b""


@pytest.mark.parametrize("read", BETWEEN, ids=lambda read: read.__name__)
def test_content_that_has_come_to_its_end_is_closed_for_nobody(
    scripted: Callable[..., ScriptedServer], read: Callable[[Any], Any]
) -> None:
    server = scripted([ReadHead(), Send(answer(200, content=b"first\n")), WaitClosed()])
    with sojourn.Session() as session:
        response = session.get(server.url(), stream=True)
        found = read(response)
        assert next(found).strip() in (b"first", "first")
        close_in_thread(response, "close")
        assert list(found) == []


@pytest.mark.parametrize("read", BETWEEN, ids=lambda read: read.__name__)
def test_compat_finds_the_end_as_requests_does(url: str, read: Callable[[Any], Any]) -> None:
    with compat.Session() as session:
        response = session.get(url, stream=True)
        found = _pieces(response) if read in (_lines, _itself) else read(response)
        assert next(found).strip() in (b"first", "first")
        close_in_thread(response, "close")
        assert list(found) == []


@pytest.mark.parametrize("read", BETWEEN, ids=lambda read: read.__name__)
@pytest.mark.parametrize("how", [close, leave, close_raw], ids=lambda how: how.__name__)
def test_a_task_between_two_pieces_is_told_who_closed(
    url: str, read: Callable[[Any], Any], how: Callable[[Any], Coroutine[Any, Any, None]]
) -> None:
    async def main() -> None:
        async with sojourn.AsyncSession() as session:
            response = await session.get(url, stream=True)
            found = read(response)
            assert (await anext(found)).strip() in (b"first", "first")
            await asyncio.create_task(how(response), name="closer")
            with pytest.raises(LocalProtocolError) as caught:
                await anext(found)
            assert str(caught.value) == "the response was closed by task 'closer' while it was read"
            assert caught.value.response is response
            assert (await session.get(url)).content == b"ok"

    asyncio.run(main())


@pytest.mark.parametrize("read", BETWEEN, ids=lambda read: read.__name__)
@pytest.mark.parametrize("how", [close, close_raw], ids=lambda how: how.__name__)
def test_a_task_that_closes_what_it_reads_finds_the_end(
    url: str, read: Callable[[Any], Any], how: Callable[[Any], Coroutine[Any, Any, None]]
) -> None:
    async def main() -> None:
        seen = 0
        async with sojourn.AsyncSession() as session:
            response = await session.get(url, stream=True)
            async for _ in read(response):
                seen += 1
                await how(response)
        assert seen == 1

    asyncio.run(main())
