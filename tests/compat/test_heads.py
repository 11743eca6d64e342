"""The drop-in reads heads that are not quite valid, under its policy and under a stricter one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

import sojourn
import sojourn.compat as ours
from sojourn import Policy
from tests.odd_heads import READ, REFUSED
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.odd_heads import OddHead
    from tests.servers.scripted import ScriptedServer

    Serve = Callable[..., ScriptedServer]


def once(odd: OddHead) -> tuple[Any, ...]:
    """The script of a connection that is used for one request."""
    return ReadHead(), Send(odd.octets), Close() if odd.ends else WaitClosed()


@pytest.mark.parametrize("odd", READ, ids=lambda odd: odd.name)
def test_an_odd_head_is_read_and_its_connection_closed(odd: OddHead, scripted: Serve) -> None:
    second = ReadHead(), Send(answer(200, content=b"2")), WaitClosed()
    server = scripted(once(odd), second)
    with ours.Session() as session:
        response = session.get(server.url())
        assert response.content == b"ok"
        assert [f"{each.code} {each.subject}" for each in response.decisions] == [*odd.decisions]
        assert session.get(server.url()).content == b"2"


@pytest.mark.parametrize("odd", REFUSED, ids=lambda odd: odd.name)
def test_what_can_be_framed_in_two_ways_is_refused(odd: OddHead, scripted: Serve) -> None:
    server = scripted(once(odd))
    with ours.Session() as session, pytest.raises(odd.error, match="not valid HTTP"):
        session.get(server.url())


@pytest.mark.parametrize("odd", READ, ids=lambda odd: odd.name)
def test_a_policy_of_ones_own_decides(odd: OddHead, scripted: Serve) -> None:
    server = scripted(once(odd))
    with ours.Session() as session:
        session.policy = session.policy.replace(lenient_heads=False)
        with pytest.raises(ours.ConnectionError, match="not valid HTTP"):
            session.get(server.url())


@pytest.mark.parametrize(
    ("policy", "read"), [(Policy(), False), (Policy(lenient_heads=True), True)], ids=["off", "on"]
)
@pytest.mark.parametrize("adapter", [sojourn.HTTPAdapter, ours.adapters.HTTPAdapter])
def test_the_policy_of_a_session_reaches_every_adapter(
    adapter: Any, policy: Policy, read: bool, scripted: Serve
) -> None:
    server = scripted(once(READ[0]))
    with sojourn.Session(policy=policy) as session:
        session.mount("http://", adapter())
        if read:
            assert session.get(server.url()).content == b"ok"
        else:
            with pytest.raises(ours.ConnectionError, match="not valid HTTP"):
                session.get(server.url())


@pytest.mark.parametrize("lenient", [False, True])
def test_a_kept_connection_is_not_shared_with_a_stricter_policy(
    lenient: bool, scripted: Serve
) -> None:
    good = ReadHead(), Send(answer(200, content=b"1"))
    server = scripted((*good, WaitClosed()), once(READ[0]))
    with sojourn.Session(policy=Policy(lenient_heads=not lenient)) as session:
        assert session.get(server.url()).content == b"1"
        session.policy = Policy(lenient_heads=lenient)
        if lenient:
            assert session.get(server.url()).content == b"ok"
        else:
            with pytest.raises(ours.ConnectionError, match="not valid HTTP"):
                session.get(server.url())


def test_an_adapter_that_is_called_by_hand(scripted: Serve) -> None:
    server = scripted(once(READ[0]))
    adapter = ours.adapters.HTTPAdapter()
    response = adapter.send(ours.Request("GET", server.url()).prepare())
    assert response.content == b"ok"
    adapter.close()


@pytest.mark.parametrize("said", ["2", "2, 2", "+2", "+2, 2"])
def test_the_length_that_remains(said: str, scripted: Serve) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {said}\r\n\r\n".encode()
    for module in (requests, ours):
        server = scripted((ReadHead(), Send(head + b"ok"), Close()))
        with module.Session() as session:
            response = session.get(server.url(), stream=True)
            assert response.raw.length_remaining == 2
            assert response.raw.read() == b"ok"
            assert response.raw.length_remaining == 0
