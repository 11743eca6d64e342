"""Informational responses, for hooks that ask; and content that waits for 100, on real sockets."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
from sojourn import Timeouts
from tests.bindings.clients import EVERY_BINDING, Binding, idle_streams, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadContent, ReadHead, Send, Until, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer

HINTS: Final = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\nX: 1\r\nX: 2\r\n\r\n"
PROCESSING: Final = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
OK: Final = answer(200, content=b"ok")
EXPECT: Final = {"Expect": "100-continue"}


BINDINGS = EVERY_BINDING


def test_a_hook_sees_each_of_them_as_it_comes(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    hinted = threading.Event()
    server = scripted([ReadHead(), Send(HINTS), Until(hinted), Send(PROCESSING + OK), WaitClosed()])
    seen: list[Any] = []

    def hook(response: Any) -> None:
        seen.append(response)
        hinted.set()  # The server says no more before.

    session = binding.session()
    response = binding.run(session.get(server.url(), hooks={"informational": hook}))
    assert (response.status_code, response.content) == (200, b"ok")
    assert [each.status_code for each in seen] == [103, 102]
    first = seen[0]
    assert first.links["preload"]["url"] == "/s.css"
    assert first.headers.get_all("x") == ["1", "2"]
    assert (first.content, first.url, first.http_version) == (b"", server.url(), "1.1")
    assert first.request is response.request
    assert first.reason == "Early Hints"
    assert isinstance(first, type(response))
    assert response.history == []
    assert len(idle_streams(session)) == 1


def test_hooks_of_the_session_come_first(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(HINTS + OK), WaitClosed()])
    seen: list[str] = []
    session = binding.session()
    session.hooks = {"informational": lambda _: seen.append("session")}
    hooks = {
        "informational": [lambda _: seen.append("one"), lambda _: seen.append("two")],
        "response": lambda _, **__: seen.append("response"),
    }
    assert binding.run(session.get(server.url(), hooks=hooks)).status_code == 200
    assert seen == ["session", "one", "two", "response"]


def test_hooks_of_the_session_are_kept_where_those_of_requests_replace_each_other(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    """Requests has hooks for responses alone, of the request or else of the session."""
    server = scripted([ReadHead(), Send(HINTS + OK), WaitClosed()])
    seen: list[str] = []
    session = binding.session(policy=sojourn.Policy.requests())
    session.hooks = {"response": [], "informational": [lambda _: seen.append("session")]}
    hooks = {"response": lambda _, **__: seen.append("response")}
    assert binding.run(session.get(server.url(), hooks=hooks)).status_code == 200
    assert seen == ["session", "response"]


class Mine(Exception):
    """An error of the user's."""


def test_an_error_of_a_hook_ends_the_call_and_costs_the_connection(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(HINTS), WaitClosed()])

    def hook(_: Any) -> None:
        raise Mine

    session = binding.session()
    with pytest.raises(Mine):
        binding.run(session.get(server.url(), hooks={"informational": hook}))
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_hook_may_be_awaited(kind: str, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), Send(HINTS + OK), WaitClosed()])
    binding = Binding(kind)
    seen: list[int] = []

    async def hook(response: Any) -> None:
        await binding.pause()
        seen.append(response.status_code)

    response = binding.run(binding.session().get(server.url(), hooks={"informational": hook}))
    assert response.status_code == 200
    assert seen == [103]
    binding.close()


def test_it_sees_them_while_content_goes_out(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted(
        [ReadHead(), Send(HINTS + CONTINUE), ReadContent(3), Send(PROCESSING + OK), WaitClosed()]
    )
    seen: list[int] = []
    hooks = {"informational": lambda response: seen.append(response.status_code)}
    response = binding.run(
        binding.session().post(server.url(), data=b"tea", headers=EXPECT, hooks=hooks)
    )
    assert response.status_code == 200
    assert seen == [103, 100, 102]


def test_requests_has_no_such_hook() -> None:
    with pytest.raises(ValueError, match="Unsupported event"):
        sojourn.compat.Request("GET", "http://a.test", hooks={"informational": print})
    with pytest.raises(ValueError, match="Unsupported event"):
        sojourn.Request("GET", "http://a.test", hooks={"tea": print})


# --- content that waits ---------------------------------------------------------------------------


def test_the_time_that_content_waits_is_a_timeout(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), ReadContent(3), Send(OK), WaitClosed()])
    timeout = Timeouts(expect=0.02)
    response = binding.run(
        binding.session().post(server.url(), data=b"tea", headers=EXPECT, timeout=timeout)
    )
    assert response.content == b"ok"


def test_content_that_is_not_wanted_is_not_asked_for(
    binding: Binding, scripted: Callable[..., ScriptedServer]
) -> None:
    server = scripted([ReadHead(), Send(answer(413)), WaitClosed()])
    taken: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        taken.append(b"x")
        yield b"x"

    session = binding.session()
    response = binding.run(
        session.post(server.url(), data=binding.upload(pieces), headers=EXPECT, timeout=None)
    )
    assert response.status_code == 413
    assert taken == []
    assert pool_of(session).open_count == 0


def test_the_drop_in_sends_it_as_any_other_field(scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted([ReadHead(), ReadContent(3), Send(CONTINUE + OK), WaitClosed()])
    with sojourn.compat.Session() as session:
        response = session.post(server.url(), data=b"tea", headers=EXPECT)
        assert (response.status_code, response.content) == (200, b"ok")
