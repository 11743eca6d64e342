"""Credentials of one's own through both bindings: the flow that the documentation shows."""

from __future__ import annotations

import asyncio
import base64
import io
import runpy
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

import sojourn
from sojourn.exceptions import RequestException, UnrewindableBodyError
from tests.servers import squid as squid_server
from tests.servers.scripted import HandlerServer, Received
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bindings.clients import Binding
    from tests.servers.squid import Squid

EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "examples" / "token_flow.py"
CLIENT: Final = "Basic " + base64.b64encode(b"the-client:its-secret").decode()
ASKED: Final = "/x?y"


class Tokens:
    """A site that takes the latest token, and one that gives tokens out.

    Attributes:
        site: Answers with the content that it is sent.
        giver: Gives tokens to the client; on another origin, or the same.
        given: How many tokens there were.
        good: How many requests each of them is good for.
    """

    def __init__(self, serve: Callable[..., HandlerServer], *, apart: bool) -> None:
        self._lock = threading.Lock()
        self.given = 0
        self.good = 1_000_000
        self._left = 0
        self.site = serve(self._answer)
        self.giver = serve(self._answer) if apart else self.site

    def flow(self, secret: str = "its-secret") -> Any:
        kind = runpy.run_path(str(EXAMPLE))["TokenFlow"]
        return kind(self.giver.url("/token"), "the-client", secret)

    def _answer(self, request: Received) -> bytes:
        with self._lock:
            if request.target == "/token":
                return self._give(request)
            if request.target == "/moved":
                return answer(307, ("Location", ASKED))
            known = request.value("Authorization") == f"Bearer t{self.given}"
            if not known or not self._left:
                return answer(401, ("WWW-Authenticate", "Bearer"), ("Set-Cookie", "seen=1"))
            self._left -= 1
            return answer(200, content=request.content)

    def _give(self, request: Received) -> bytes:
        assert (request.method, request.content) == ("POST", b"grant_type=client_credentials")
        if request.value("Authorization") != CLIENT:
            return answer(403)
        self.given += 1
        self._left = self.good
        return answer(200, content=b'{"access_token": "t%d"}' % self.given)


@pytest.fixture(params=[False, True], ids=["same-origin", "apart"])
def tokens(request: pytest.FixtureRequest, serve: Callable[..., HandlerServer]) -> Tokens:
    return Tokens(serve, apart=request.param)


def earlier(response: Any) -> list[tuple[str, int]]:
    """Methods and statuses that led to a response."""
    return [(each.request.method, each.status_code) for each in response.history]


def test_a_token_is_fetched_once(binding: Binding, tokens: Tokens) -> None:
    session = binding.session()
    session.auth = tokens.flow()
    responses = [
        binding.run(session.put(tokens.site.url(ASKED), data=data)) for data in (b"a", b"b")
    ]
    assert [each.content for each in responses] == [b"a", b"b"]
    assert [earlier(each) for each in responses] == [[("PUT", 401), ("POST", 200)], []]
    assert tokens.given == 1
    assert responses[0].url == tokens.site.url(ASKED)


def test_a_token_is_renewed(binding: Binding, tokens: Tokens) -> None:
    tokens.good = 2
    session = binding.session()
    session.auth = tokens.flow()
    responses = [binding.run(session.get(tokens.site.url(ASKED))) for _ in range(5)]
    assert {each.status_code for each in responses} == {200}
    assert [len(each.history) for each in responses] == [2, 0, 2, 0, 2]
    assert tokens.given == 3


def test_a_token_that_is_no_good_is_not_fetched_again(binding: Binding, tokens: Tokens) -> None:
    tokens.good = 0
    response = binding.run(binding.session().get(tokens.site.url(ASKED), auth=tokens.flow()))
    assert response.status_code == 401
    assert earlier(response) == [("GET", 401), ("POST", 200)]


def test_a_flow_may_give_up(binding: Binding, tokens: Tokens) -> None:
    with pytest.raises(RequestException, match="no token: status 403") as caught:
        binding.run(binding.session().get(tokens.site.url(ASKED), auth=tokens.flow("wrong")))
    assert caught.value.response.status_code == 403
    assert caught.value.request.url == tokens.giver.url("/token")


def test_a_redirect_takes_the_token_along(binding: Binding, tokens: Tokens) -> None:
    session = binding.session()
    session.auth = tokens.flow()
    response = binding.run(session.post(tokens.site.url("/moved"), data=b"a"))
    assert response.content == b"a"
    assert earlier(response) == [("POST", 307), ("POST", 401), ("POST", 200)]


def test_files_are_sent_again_and_generators_are_not(binding: Binding, tokens: Tokens) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"once"

    session = binding.session()
    session.auth = tokens.flow()
    url = tokens.site.url(ASKED)
    with pytest.raises(UnrewindableBodyError):
        binding.run(session.put(url, data=binding.upload(pieces)))
    session.auth = tokens.flow()
    response = binding.run(session.put(url, data=io.BytesIO(b"file")))
    assert (response.content, len(response.history)) == (b"file", 2)
    response = binding.run(session.put(url, data=binding.upload(pieces)))
    assert (response.content, response.history) == (b"once", [])


@pytest.mark.parametrize("by_hand", [False, True])
def test_cookies_of_the_request_come_back_with_it(
    binding: Binding, tokens: Tokens, by_hand: bool
) -> None:
    """And those of the challenge; the giver of tokens has none but its own origin's."""
    session = binding.session()
    session.auth = tokens.flow()
    given: Any = {"headers": {"Cookie": "own=1"}} if by_hand else {"cookies": {"own": "1"}}
    assert binding.run(session.get(tokens.site.url(ASKED), **given)).status_code == 200
    asked = [each for each in tokens.site.requests if each.target == ASKED]
    fields = [each.value("Cookie") for each in asked]
    assert fields[0] == "own=1"
    assert fields[1] in ({"own=1"} if by_hand else {"own=1; seen=1", "seen=1; own=1"})
    (fetched,) = [each for each in tokens.giver.requests if each.target == "/token"]
    assert "own" not in (fetched.value("Cookie") or "")


def test_a_proxy_may_ask_on_the_way_to_the_giver(
    binding: Binding, squid: Squid, serve: Callable[..., HandlerServer]
) -> None:
    tokens = Tokens(serve, apart=True)
    flow = tokens.flow()
    flow.url = tokens.giver.url("/token", host="b.test")  # Squid knows it, and nobody else.
    userinfo = f"{quote(squid_server.USER, safe='')}:{quote(squid_server.PASSWORD, safe='')}"
    session = binding.session()
    session.proxies = {"http://b.test": squid.url(digest=True, userinfo=userinfo)}
    response = binding.run(session.get(tokens.site.url(ASKED), auth=flow))
    assert earlier(response) == [("GET", 401), ("POST", 407), ("POST", 200)]
    assert response.status_code == 200


def test_another_origin_gets_no_token(
    binding: Binding, tokens: Tokens, serve: Callable[..., HandlerServer]
) -> None:
    asks = ("WWW-Authenticate", "Bearer")
    foreign = serve(lambda _: answer(401, asks))
    entry = serve(lambda _: answer(302, ("Location", foreign.url())))
    session = binding.session()
    session.auth = tokens.flow()
    assert binding.run(session.get(tokens.site.url(ASKED))).status_code == 200
    response = binding.run(session.get(entry.url()))
    assert [each.status_code for each in (*response.history, response)] == [302, 401]
    assert [each.value("Authorization") for each in foreign.requests] == [None]
    assert tokens.given == 1


def test_tasks_share_one_flow(tokens: Tokens) -> None:
    async def work() -> list[int]:
        async with sojourn.AsyncSession() as session:
            session.auth = tokens.flow()
            asked = [session.get(tokens.site.url(ASKED)) for _ in range(20)]
            first = [each.status_code for each in await asyncio.gather(*asked)]
            return [*first, (await session.get(tokens.site.url(ASKED))).status_code]

    statuses = asyncio.run(work())
    # A token that another call has fetched in the meantime takes the place of one's own.
    assert set(statuses) <= {200, 401}
    assert statuses[-1] == 200


def test_one_flow_serves_both_bindings(tokens: Tokens) -> None:
    flow = tokens.flow()

    async def get() -> Any:
        async with sojourn.AsyncSession() as session:
            return await session.get(tokens.site.url(ASKED), auth=flow)

    with sojourn.Session() as session:
        first = session.get(tokens.site.url(ASKED), auth=flow)
        second = asyncio.run(get())
        third = session.get(tokens.site.url(ASKED), auth=flow)
    assert [each.status_code for each in (first, second, third)] == [200] * 3
    assert [len(each.history) for each in (first, second, third)] == [2, 0, 0]
