"""Large content: in pieces of any size, cut short, stalled, and closed by somebody else.

Content whose length is known is read past the commands of an exchange while much of it is left;
everything must be as it is without that.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn.exceptions import (
    ChunkedEncodingError,
    DeadlineExceeded,
    LocalProtocolError,
    StalledContent,
)
from sojourn_core.exchange.cycle import CONTENT_READ_SIZE
from tests.bindings.clients import SECONDS_MAX, Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import Offer, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

SIZE: Final = 3 * 1024 * 1024 + 1
CONTENT: Final = bytes(range(251)) * (SIZE // 251 + 1)
LARGE: Final = CONTENT[:SIZE]
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE
PATIENT: Final = sojourn.Timeouts()
STALLED: Final = sojourn.Timeouts(read=1.0)  # What is sent at once comes within it.
BEGUN: Final = HEAD + LARGE[: SIZE // 2]


def large(request: Received) -> bytes:
    return answer(200, content=LARGE)


@pytest.mark.parametrize("size", [None, 1000, 65536, 100_000, 1024 * 1024])
def test_pieces_are_the_content_and_the_connection_is_kept(
    binding: Binding, serve: Callable[..., HandlerServer], size: int | None
) -> None:
    session = binding.session()
    response = binding.run(session.get(serve(large).url(), stream=True))
    pieces = binding.collect(response.iter_content(size))
    assert b"".join(pieces) == LARGE
    assert size is None or max(map(len, pieces)) <= size
    assert pool_of(session).idle_count == 1


def test_it_is_read_at_once(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    response = binding.run(binding.session().get(serve(large).url()))
    assert response.content == LARGE


def test_raw_goes_on_where_pieces_were_left(
    serve: Callable[..., HandlerServer],
) -> None:
    with sojourn.Session() as session, session.get(serve(large).url(), stream=True) as response:
        pieces = response.iter_content(CONTENT_READ_SIZE)
        begun = [next(pieces) for _ in range(5)]
        rest = response.raw.read()
        assert b"".join(begun) + rest == LARGE


@pytest.mark.parametrize(
    ("steps", "timeout", "error"),
    [
        ([Offer(BEGUN)], PATIENT, ChunkedEncodingError),
        ([Offer(BEGUN), WaitClosed()], STALLED, StalledContent),
    ],
    ids=["cut short", "stalled"],
)
def test_content_that_stops_is_an_error_after_what_came(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    steps: list[Any],
    timeout: sojourn.Timeouts,
    error: type,
) -> None:
    server = scripted([ReadHead(), *steps])
    session = binding.session()
    response = binding.run(session.get(server.url(), stream=True, timeout=timeout))
    came: list[bytes] = []
    with pytest.raises(error) as caught:
        collect_into(came, binding, response)
    assert b"".join(came) == LARGE[: SIZE // 2]
    assert caught.value.response is response
    assert pool_of(session).open_count == 0


def test_the_time_of_the_call_ends_within_content(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Offer(BEGUN), WaitClosed()])
    timeout = sojourn.Timeouts(read=None, total=1.0)
    response = binding.run(binding.session().get(server.url(), stream=True, timeout=timeout))
    with pytest.raises(DeadlineExceeded):
        collect_into([], binding, response)


@pytest.mark.parametrize(
    ("steps", "timeout", "error"),
    [([], PATIENT, ChunkedEncodingError), ([WaitClosed()], STALLED, StalledContent)],
    ids=["cut short", "stalled"],
)
@pytest.mark.parametrize("size", [100, 100_000, SIZE // 2])
def test_an_error_has_what_came_of_content_that_is_read_at_once(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    size: int,
    steps: list[Any],
    timeout: sojourn.Timeouts,
    error: type[Exception],
) -> None:
    server = scripted([ReadHead(), Offer(HEAD + LARGE[:size]), *steps])
    with pytest.raises(error) as caught:
        binding.run(binding.session().get(server.url(), timeout=timeout))
    assert caught.value.partial == LARGE[:size]  # type: ignore[attr-defined]  # It is one of ours.
    assert caught.value.response is not None  # type: ignore[attr-defined]  # As above.


def collect_into(came: list[bytes], binding: Binding, response: Any) -> None:
    """Collect pieces, which an error leaves in the list."""
    if binding.name == "sync":
        came.extend(response.iter_content(CONTENT_READ_SIZE))
        return

    async def collect() -> None:
        async for piece in response.iter_content(CONTENT_READ_SIZE):
            came.append(piece)  # noqa: PERF401 - an error must leave them

    binding.run(collect())


def test_a_thread_that_reads_ends_when_another_closes(
    scripted: Callable[..., ScriptedServer],
) -> None:
    server = scripted([ReadHead(), Send(BEGUN), WaitClosed()])
    raised: list[Exception] = []
    with sojourn.Session() as session:
        response = session.get(server.url(), stream=True, timeout=None)
        came = 0
        nearly = threading.Event()

        def read() -> None:
            nonlocal came
            try:
                for piece in response.iter_content(CONTENT_READ_SIZE):
                    came += len(piece)
                    if came == SIZE // 2:
                        nearly.set()
            except LocalProtocolError as error:
                raised.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        assert nearly.wait(SECONDS_MAX)
        until = time.monotonic() + SECONDS_MAX
        while not response._driver.is_read_by_others():
            assert time.monotonic() < until
        response.close()
        reader.join(SECONDS_MAX)
        assert not reader.is_alive()
        assert "while it was read" in str(raised[0])
        assert pool_of(session).open_count == 0
