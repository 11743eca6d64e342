"""URLs that are sent as they stand: set by hand, or given under ``path_as_is``; and escapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn.exceptions import InvalidURL
from tests.servers.proxy import ProxyServer
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer, Received

TARGETS = ["/a/../b", "/%7e/./x?%2f%2F=[/../]", "//a/?", "/%zz?a|b"]


def by_hand(url: str) -> Any:
    request = sojourn.Request("GET", "http://a.test/").prepare()
    request.url = url
    return request


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_set_by_hand_is_sent(
    binding: Binding, serve: Callable[..., HandlerServer], target: str
) -> None:
    server = serve(lambda request: answer(200))
    request = by_hand(server.url(target))
    response = binding.run(binding.session().send(request))
    assert [each.target for each in server.requests] == [target]
    assert request.path_url == target
    assert response.url == request.url == server.url(target)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_given_is_sent_under_path_as_is(
    binding: Binding, serve: Callable[..., HandlerServer], target: str
) -> None:
    server = serve(lambda request: answer(200))
    session = binding.session(policy=sojourn.Policy(path_as_is=True))
    binding.run(session.get(server.url(target)))
    binding.run(session.get(server.url("/a/../b"), params={"x": "/"}))
    assert [each.target for each in server.requests] == [target, "/a/../b?x=%2F"]


@pytest.mark.parametrize("target", ["/a b", "/a\r\nX: 1", "/\x7f", "/?\0", "/#\t"])
def test_nothing_is_connected_to_for_blanks_and_control_characters(
    binding: Binding, serve: Callable[..., HandlerServer], target: str
) -> None:
    server = serve(lambda request: answer(200))
    session = binding.session()
    request = by_hand(server.url("/")[:-1] + target)
    with pytest.raises(InvalidURL, match="blank or a control character") as caught:
        binding.run(session.send(request))
    assert caught.value.request is request
    assert not caught.value.maybe_sent
    given = binding.session(policy=sojourn.Policy(path_as_is=True))
    with pytest.raises(InvalidURL, match="blank or a control character"):
        binding.run(given.get(f"{request.url}."))  # Blanks around are taken off.
    assert server.connections == 0


def test_an_authentication_may_set_a_url(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    def signed(request: Any) -> Any:
        request.url += "?sig=a%2bb%3d%7e"
        return request

    server = serve(lambda request: answer(200))
    binding.run(binding.session().get(server.url("/x"), auth=signed))
    assert [each.target for each in server.requests] == ["/x?sig=a%2bb%3d%7e"]


def test_escapes_are_sent_in_their_own_case(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    location = "/%c3%a4/..?sig=a%2bb%3d&x=%2F"

    def act(request: Received) -> bytes:
        return answer(302, ("Location", location)) if "first" in request.target else answer(200)

    server = serve(act)
    given = "/first%2f%C3?sig=a%2bb%3d%7e"
    response = binding.run(binding.session().get(server.url(given)))
    sent = ["/first%2f%C3?sig=a%2bb%3d~", "/?sig=a%2bb%3d&x=%2F"]
    assert [each.target for each in server.requests] == sent
    assert response.url == server.url(sent[-1])


def test_redirects_cookies_and_digest_go_by_the_text_that_was_sent(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    def act(request: Received) -> bytes:
        if request.target == "/a/../b" and request.value("authorization") is None:
            challenge = 'Digest realm="r", nonce="n", qop="auth"'
            return answer(401, ("WWW-Authenticate", challenge), ("Set-Cookie", "k=1"))
        if request.target == "/a/../b":
            return answer(307, ("Location", "?y"))
        return answer(200)

    server = serve(act)
    session = binding.session()
    request = by_hand(server.url("/a/../b"))
    request.prepare_auth(sojourn.HTTPDigestAuth("user", "pass"))
    response = binding.run(session.send(request))
    assert response.url == server.url("/a/../b?y")
    assert [each.target for each in server.requests] == ["/a/../b", "/a/../b", "/a/../b?y"]
    for seen in server.requests[1:]:
        assert f'uri="{seen.target}"' in (seen.value("authorization") or "")
    assert [cookie.path for cookie in session.cookies] == ["/a/.."]


def test_a_proxy_is_told_the_same_text(
    binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda request: answer(200))
    with ProxyServer() as proxy:
        session = binding.session()
        session.proxies = {"http": proxy.url()}
        binding.run(session.send(by_hand(server.url("/a/../b"))))
        assert [each.target for each in proxy.requests] == [server.url("/a/../b")]
