"""Events that a server sends one by one: each is given when it has come.

A server sends the next event only when the one before was read, so that whoever waits for more than
what is there waits for ever. Nothing here looks at a clock.
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
from tests.codings import flushed_each
from tests.servers.steps import Close, ReadHead, Send, Until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import ScriptedServer
    from tests.servers.steps import Step

EVENTS: Final = (b"data: 1\n", b"data: 2\n", b"data: 3\n")

CODINGS: Final = (None, "gzip", "deflate", "br", "zstd")
SENT: Final = (
    *(("chunked", coding) for coding in CODINGS),
    ("length", None),
    ("length", "gzip"),
    ("close", None),
    ("close", "br"),
)
WAYS: Final[dict[str, Callable[[Any], Any]]] = {
    "iter_lines": lambda response: response.iter_lines(),
    "iter_lines as text": lambda response: response.iter_lines(decode_unicode=True),
    "iter_lines with a delimiter": lambda response: response.iter_lines(delimiter=b"\n"),
    "iter_content": lambda response: response.iter_content(512),
    "iter_content of any size": lambda response: response.iter_content(None),
    "iter": lambda response: aiter(response) if hasattr(response, "__aiter__") else iter(response),
    "raw.stream": lambda response: response.raw.stream(512, decode_content=True),
    "raw": lambda response: (
        aiter(response.raw) if hasattr(response.raw, "__aiter__") else iter(response.raw)
    ),
}


class Live:
    """What a server sends of the events, and the signs that they were read."""

    def __init__(self, framing: str, coding: str | None) -> None:
        parts = flushed_each(coding, *EVENTS)
        fields = b"Content-Type: text/plain; charset=utf-8\r\n"
        if coding is not None:
            fields += f"Content-Encoding: {coding}\r\n".encode()
        if framing == "length":
            fields += b"Content-Length: %d\r\n" % sum(map(len, parts))
        if framing == "chunked":
            fields += b"Transfer-Encoding: chunked\r\n"
            parts = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
            parts[-1] += b"0\r\n\r\n"
        self.read = [threading.Event() for _ in parts]
        self.steps: list[Step] = [ReadHead(), Send(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n")]
        for part, read in zip(parts, self.read, strict=True):
            self.steps += [Send(part), Until(read)]
        self.steps.append(Close())

    def check(self, first: Callable[[Any], Any], pieces: Any) -> None:
        """Read event by event, and say so after each."""
        for event, read in zip(EVENTS, self.read, strict=True):
            piece = first(pieces)
            assert (piece.encode() if isinstance(piece, str) else piece).rstrip() == event.rstrip()
            read.set()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("framing", "coding"), SENT)
def test_each_event_is_given_when_it_has_come(
    binding: Binding,
    scripted: Callable[..., ScriptedServer],
    framing: str,
    coding: str | None,
    way: str,
) -> None:
    live = Live(framing, coding)
    session = binding.session()
    response = binding.run(session.get(scripted(live.steps).url(), stream=True, timeout=5))
    live.check(binding.first, WAYS[way](response))
    binding.run(response.close())


# Requests adds an empty line where a piece ends with the delimiter; so does the drop-in.
@pytest.mark.parametrize("way", [way for way in WAYS if "delimiter" not in way])
@pytest.mark.parametrize("coding", CODINGS)
def test_the_drop_in_gives_events_in_chunks_when_they_have_come(
    scripted: Callable[..., ScriptedServer], coding: str | None, way: str
) -> None:
    live = Live("chunked", coding)
    with (
        sojourn.compat.Session() as session,
        session.get(scripted(live.steps).url(), stream=True, timeout=5) as response,
    ):
        live.check(next, WAYS[way](response))


@pytest.mark.parametrize("framing", ["length", "close"])
def test_the_drop_in_gives_whole_pieces_of_other_content(
    scripted: Callable[..., ScriptedServer], framing: str
) -> None:
    live = Live(framing, None)
    for read in live.read:
        read.set()
    with (
        sojourn.compat.Session() as session,
        session.get(scripted(live.steps).url(), stream=True, timeout=5) as response,
    ):
        pieces = list(response.iter_content(10))
    assert pieces == [b"data: 1\nda", b"ta: 2\ndata", b": 3\n"]


def test_a_read_of_the_file_gives_as_many_bytes_as_it_was_asked_for(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    live = Live("chunked", "gzip")
    for read in live.read:
        read.set()
    server = scripted(live.steps)
    response = binding.run(binding.session().get(server.url(), stream=True, timeout=5))
    assert binding.run(response.raw.read(10, decode_content=True)) == b"data: 1\nda"
    assert binding.run(response.raw.read(10, decode_content=True)) == b"ta: 2\ndata"


@pytest.mark.parametrize("surface", [sojourn.Session, sojourn.compat.Session])
def test_a_standard_file_on_a_live_stream_gives_lines(
    scripted: Callable[..., ScriptedServer], surface: Any
) -> None:
    live = Live("chunked", None)
    with (
        surface() as session,
        session.get(scripted(live.steps).url(), stream=True, timeout=5) as response,
    ):
        live.check(next, iter(response.raw))


def test_a_buffered_reader_does_not_wait_for_a_full_buffer(
    scripted: Callable[..., ScriptedServer],
) -> None:
    live = Live("chunked", None)
    with (
        sojourn.Session() as session,
        session.get(scripted(live.steps).url(), stream=True, timeout=5) as response,
    ):
        live.check(next, io.BufferedReader(response.raw))


def test_a_file_by_hand_is_not_waited_for(scripted: Callable[..., ScriptedServer]) -> None:
    live = Live("close", None)
    made = sojourn.Response()
    made.status_code = 200
    with (
        sojourn.Session() as session,
        session.get(scripted(live.steps).url(), stream=True, timeout=5) as response,
    ):

        class Plain:
            """A file of a class that nobody knows."""

            read, read1 = response.raw.read, response.raw.read1

        made.raw = Plain()
        live.check(next, made.iter_content(512))
