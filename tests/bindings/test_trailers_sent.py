"""Trailers of requests that are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn import WithTrailers
from tests.bindings.clients import EVERY_BINDING, Binding
from tests.servers.scripted import response as answer
from tests.servers.steps import Expect, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer

BINDINGS = EVERY_BINDING


@pytest.mark.parametrize("awaits", [False, True], ids=["at once", "awaited"])
def test_content_of_each_kind_and_its_trailers(
    binding: Binding, scripted: Callable[..., ScriptedServer], awaits: bool
) -> None:
    if awaits and binding.name == "sync":
        pytest.skip("a blocking session awaits nothing")
    server = scripted(
        [ReadHead(), Expect(b"0\r\nX-Count: 2\r\n\r\n"), Send(answer(200)), WaitClosed()]
    )
    counted: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"one", b"two"):
            counted.append(piece)
            yield piece

    async def later() -> str:
        await binding.pause()
        return str(len(counted))

    value: Any = later if awaits else lambda: str(len(counted))
    content = WithTrailers(binding.upload(pieces), {"X-Count": value})
    response = binding.run(binding.session().post(server.url(), data=content))
    assert response.status_code == 200
    assert b"3\r\none\r\n3\r\ntwo\r\n0\r\n" in server.received[0]


class Mine(Exception):
    """An error of the user's."""


def test_an_error_of_a_function_is_the_callers(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), WaitClosed()])

    def fails() -> str:
        raise Mine

    content = WithTrailers([b"x"], {"X": fails})
    with pytest.raises(Mine):
        binding.run(binding.session().post(server.url(), data=content))
