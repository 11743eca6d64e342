"""One prepared request that is sent by two calls at a time, or one after the other."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn import compat
from sojourn.aio.adapter import AsyncHTTPAdapter
from sojourn.sync.adapter import HTTPAdapter
from sojourn_core.values.errors import AddressRefused
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer

CLOSED = sojourn.Policy(refused_networks=("127.0.0.0/8",))


class Meeting:
    """A transport's ``send`` that goes on when both calls have come to it."""

    def __init__(self) -> None:
        self.both = threading.Barrier(2, timeout=10)
        # The one that is first here is the last to look at what the call insists on.
        self.first_is_through = threading.Event()

    def send_in_turn(self, send: Callable[[], Any]) -> Any:
        if self.both.wait() == 0:
            try:
                return send()
            finally:
                self.first_is_through.set()
        assert self.first_is_through.wait(10)
        return send()


class Blocking(HTTPAdapter):
    def __init__(self, meeting: Meeting) -> None:
        super().__init__()
        self.meeting = meeting

    def send(self, request: Any, **given: Any) -> Any:
        return self.meeting.send_in_turn(lambda: HTTPAdapter.send(self, request, **given))


class CompatBlocking(compat.adapters.HTTPAdapter):
    def __init__(self, meeting: Meeting) -> None:
        super().__init__()
        self.meeting = meeting

    def send(self, request: Any, *given: Any, **more: Any) -> Any:
        plain = compat.adapters.HTTPAdapter.send
        return self.meeting.send_in_turn(lambda: plain(self, request, *given, **more))


@pytest.mark.parametrize("surface", ["sync", "compat"])
def test_two_threads_are_both_refused_a_closed_network(
    surface: str, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: response(200, content=b"reached"))
    session: Any = sojourn.Session(policy=CLOSED) if surface == "sync" else compat.Session()
    if surface == "compat":
        session.policy = replace(sojourn.Policy.requests(), refused_networks=("127.0.0.0/8",))
    kind = Blocking if surface == "sync" else CompatBlocking
    session.mount("http://", kind(Meeting()))
    made = sojourn.Request if surface == "sync" else compat.Request
    # By a name: addresses are looked at once more when it is resolved.
    url = f"http://localhost:{server.port}/"
    request = session.prepare_request(made("GET", url))
    with session, ThreadPoolExecutor(2) as threads:
        for found in [threads.submit(session.send, request) for _ in range(2)]:
            with pytest.raises(AddressRefused) as caught:
                found.result()
            assert caught.value.request is request
    assert server.requests == []
    assert request.constraints is None


class Awaited(AsyncHTTPAdapter):
    def __init__(self) -> None:
        super().__init__()
        self.arrived = 0
        self.both = asyncio.Event()
        self.first_is_through = asyncio.Event()

    async def send(self, request: Any, **given: Any) -> Any:
        self.arrived += 1
        if self.arrived == 1:
            await self.both.wait()
            try:
                return await super().send(request, **given)
            finally:
                self.first_is_through.set()
        self.both.set()
        await self.first_is_through.wait()
        return await super().send(request, **given)


def test_two_tasks_are_both_refused_a_closed_network(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=b"reached"))

    async def main() -> list[Any]:
        async with sojourn.AsyncSession(policy=CLOSED) as session:
            session.mount("http://", Awaited())
            url = f"http://localhost:{server.port}/"
            request = session.prepare_request(sojourn.Request("GET", url))
            sent = [session.send(request), session.send(request)]
            found = await asyncio.gather(*sent, return_exceptions=True)
            assert all(error.request is request for error in found)
            return found

    assert [type(error) for error in asyncio.run(main())] == [AddressRefused, AddressRefused]
    assert server.requests == []


def test_a_request_that_is_sent_again_has_the_same_decisions(
    serve: Callable[..., HandlerServer], binding: Any
) -> None:
    server = serve(lambda request: response(200, content=b"ok"))
    session = binding.session()
    session.cookies.set("a", "1", domain="127.0.0.1")
    request = session.prepare_request(sojourn.Request("GET", server.url("/"), auth=("u", "p")))
    found = [binding.run(session.send(request)) for _ in range(2)]
    assert [decision.code for decision in found[0].decisions] == ["cookie.sent", "auth.added"]
    assert found[1].decisions == found[0].decisions
    assert found[0].request is found[1].request is request


def test_what_a_transport_of_ones_own_changes_is_seen_on_the_request(
    serve: Callable[..., HandlerServer],
) -> None:
    class Signing(HTTPAdapter):
        def send(self, request: Any, **given: Any) -> Any:
            request.headers["X-Signature"] = "signed"
            request.url = f"{request.url}?signed"
            return super().send(request, **given)

    server = serve(lambda request: response(200, content=request.target.encode()))
    with sojourn.Session() as session:
        session.mount("http://", Signing())
        request = session.prepare_request(sojourn.Request("GET", server.url("/")))
        found = session.send(request)
        assert found.request is request
        assert found.content == b"/?signed"
        assert request.headers["X-Signature"] == "signed"
        assert request.url == server.url("/?signed")
