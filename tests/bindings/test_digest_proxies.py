"""Digest for proxies through both bindings: a real Squid, which takes nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from sojourn import HTTPDigestAuth, HTTPProxyDigestAuth
from sojourn.exceptions import ProxyError, UnrewindableBodyError
from tests.servers import squid as squid_server
from tests.servers.apache import PASSWORD, USER
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bindings.clients import Binding
    from tests.servers.apache import Apache
    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, Received
    from tests.servers.squid import Squid

CONTENT: Final = b"sojourn." * 8192
USERINFO: Final = f"{quote(squid_server.USER, safe='')}:{quote(squid_server.PASSWORD, safe='')}"
SCHEMES: Final = pytest.mark.parametrize("scheme", ["http", "https"])
CLOSE: Final = {"Connection": "close"}  # So that each request has a tunnel of its own.


def earlier(response: Any) -> list[int]:
    """The statuses that led to a response."""
    return [each.status_code for each in response.history]


def pieces() -> Iterator[bytes]:
    yield b"so"
    yield b"journ"


@pytest.fixture
def origins(serve: Callable[..., HandlerServer], ca: Authority) -> dict[str, HandlerServer]:
    def tell(request: Received) -> bytes:
        return answer(200, content=request.content)

    return {"http": serve(tell), "https": serve(tell, context=ca.server_context())}


@pytest.fixture
def through(binding: Binding, ca: Authority) -> Any:
    """A session that trusts the origins."""
    made = binding.session()
    made.verify = str(ca.path)
    return made


@SCHEMES
@pytest.mark.parametrize("given", ["in the URL", "as auth"])
def test_squid_asks_for_digest(
    binding: Binding,
    through: Any,
    squid: Squid,
    origins: dict[str, HandlerServer],
    scheme: str,
    given: str,
) -> None:
    in_url = given == "in the URL"
    through.proxies = {"all": squid.url(digest=True, userinfo=USERINFO if in_url else "")}
    if not in_url:
        through.auth = HTTPProxyDigestAuth(squid_server.USER, squid_server.PASSWORD)
    answered: list[bool] = []
    for turn in range(4 * squid_server.NONCE_COUNT_MAX):
        url = origins[scheme].url(f"/{turn}?y", host="b.test")
        response = binding.run(through.put(url, data=CONTENT, headers=CLOSE))
        assert (response.status_code, response.content) == (200, CONTENT)
        codes = [each.code for each in response.decisions]
        answered.append("auth.answered.proxy" in codes)
        assert codes.count("auth.answered.proxy") < 2
        assert earlier(response) == ([407] if scheme == "http" and answered[-1] else [])
    assert answered[:3] == [True, False, False]
    assert True in answered[3:]  # A nonce went stale.
    for request in origins[scheme].requests:
        assert request.value("Proxy-Authorization") is None
        assert request.value("Authorization") is None


@pytest.mark.parametrize("given", ["in the URL", "as auth"])
def test_squid_refuses_a_wrong_password(
    binding: Binding,
    through: Any,
    squid: Squid,
    origins: dict[str, HandlerServer],
    given: str,
) -> None:
    if given == "as auth":
        through.auth = HTTPProxyDigestAuth(squid_server.USER, "wr0ng")
        through.proxies = {"all": squid.url(digest=True)}
    else:
        through.proxies = {"all": squid.url(digest=True, userinfo="me:wr0ng")}
    response = binding.run(through.get(origins["http"].url(host="a.test")))
    assert (earlier(response), response.status_code) == ([407], 407)
    with pytest.raises(ProxyError, match="407") as caught:
        binding.run(through.get(origins["https"].url(host="a.test")))
    assert caught.value.response.status_code == 407
    assert "wr0ng" not in str(caught.value)
    assert origins["http"].requests == origins["https"].requests == []


@SCHEMES
def test_squid_asks_and_nobody_answers(
    binding: Binding, through: Any, squid: Squid, origins: dict[str, HandlerServer], scheme: str
) -> None:
    """Credentials of an origin are not for its proxy."""
    through.proxies = {"all": squid.url(digest=True)}
    through.auth = HTTPDigestAuth(squid_server.USER, squid_server.PASSWORD)
    url = origins[scheme].url(host="a.test")
    if scheme == "http":
        response = binding.run(through.get(url))
        assert (earlier(response), response.status_code) == ([], 407)
    else:
        with pytest.raises(ProxyError, match="407"):
            binding.run(through.get(url))


def test_a_proxy_and_an_origin_both_ask(binding: Binding, squid: Squid, apache: Apache) -> None:
    session = binding.session()
    session.auth = HTTPDigestAuth(USER, PASSWORD)
    session.proxies = {"http": squid.url(digest=True, userinfo=USERINFO)}
    url = apache.url("/digest/echo", host="a.test")
    content = CONTENT[:1000]  # With 64 KiB, Squid 5 forgets a connection on which it sent 407.
    responses = [binding.run(session.post(url, data=content)) for _ in range(3)]
    assert [earlier(each) for each in responses] == [[407, 401], [], []]
    assert {each.content for each in responses} == {content}


def test_a_generator_cannot_follow_a_challenge_of_the_proxy(
    binding: Binding, through: Any, squid: Squid, origins: dict[str, HandlerServer]
) -> None:
    """By a tunnel it can: it is not sent before the tunnel is open."""
    through.proxies = {"all": squid.url(digest=True, userinfo=USERINFO)}
    response = binding.run(
        through.put(origins["https"].url(host="a.test"), data=binding.upload(pieces))
    )
    assert response.content == b"sojourn"
    other = binding.session()
    other.proxies = through.proxies
    with pytest.raises(UnrewindableBodyError):
        binding.run(other.put(origins["http"].url(host="a.test"), data=binding.upload(pieces)))
