"""Requests of HTTP/1.0 on real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.trio
from sojourn.exceptions import InvalidContent
from sojourn_core.exchange.http10_codec import Http10Codec
from tests.bindings.clients import EVERY_BINDING, Binding
from tests.servers.steps import Close, ReadContent, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer

BINDINGS = EVERY_BINDING
ADAPTERS: Final[dict[str, Any]] = {
    "sync": sojourn.HTTPAdapter,
    "asyncio": sojourn.AsyncHTTPAdapter,
    "trio": sojourn.trio.HTTPAdapter,
}
KEPT: Final = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"
LAST: Final = b"HTTP/1.0 200 OK\r\n\r\nuntil the end"


def session_of(binding: Binding) -> Any:
    session = binding.session()
    session.mount("http://", ADAPTERS[binding.name](codecs={"http/1.1": Http10Codec}))
    return session


def test_a_conversation(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted(
        [ReadHead(), Send(KEPT), ReadHead(), ReadContent(3), Send(LAST), Close()],
        [ReadHead(), Send(KEPT), WaitClosed()],
    )
    session = session_of(binding)
    assert binding.run(session.get(server.url())).content == b"ok"
    assert binding.run(session.post(server.url(), data=b"tea")).content == b"until the end"
    assert binding.run(session.get(server.url())).content == b"ok"
    first, second = server.received[0].split(b"POST / ")
    assert first.startswith(b"GET / HTTP/1.0\r\nHost: ")
    assert second.startswith(b"HTTP/1.0\r\nHost: ")


def test_chunks_are_refused(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([WaitClosed()])

    def pieces() -> Iterator[bytes]:
        yield b"x"

    session = session_of(binding)
    with pytest.raises(InvalidContent, match=r"HTTP/1\.0, which has no chunks"):
        binding.run(session.post(server.url(), data=binding.upload(pieces)))
    binding.run(session.close())
    assert not any(server.received)
