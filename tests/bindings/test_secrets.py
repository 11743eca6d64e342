"""No ``repr``, no message and no decision shows a credential, a cookie's value or content."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn.exceptions import RequestException
from tests.bindings.clients import Binding, pool_of
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadHead

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

SECRET: Final = "s3cr3t-canary"
COOKIE: Final = f"{SECRET}-cookie"


def handler(request: Received) -> bytes:
    if request.target == "/":
        cookie = ("Set-Cookie", f"sid={COOKIE}; Path=/")
        return answer(302, cookie, ("Location", "/next"), content=SECRET.encode())
    return answer(200, ("X-Echo", SECRET), content=SECRET.encode())


def dressed(session: Any) -> Any:
    """A session with a secret wherever there is room for one."""
    session.auth = ("user", SECRET)
    session.headers["Proxy-Authorization"] = f"Basic {SECRET}"
    session.cookies.set("kept", COOKIE)
    session.params = {"key": SECRET}
    session.proxies = {"ftp": f"http://user:{SECRET}@proxy.test"}
    return session


def shown(*things: Any) -> str:
    """What is seen of things that are printed, or looked at in a debugger."""
    return "\n".join(text for thing in things for text in (repr(thing), f"{thing}"))


def test_reprs_of_what_a_call_leaves_behind(
    binding: Binding, serve: Callable[..., HandlerServer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = dressed(binding.session())
    response = binding.run(
        session.post(serve(handler).url(), data={"password": SECRET}, cookies={"own": COOKIE})
    )
    assert response.content == SECRET.encode()  # It was there to be shown.
    pool = pool_of(session)
    (connection,) = pool._idle
    text = shown(
        session,
        session.cookies,
        list(session.cookies),
        session.adapters,
        session.get_adapter(response.url),
        pool,
        connection,
        connection.stream,
        connection.key,
        connection.codec,
        response,
        response.history,
        response.cookies,
        response.request,
        response.request.headers,
        response.decisions,
        sojourn.Request("GET", response.url, auth=("user", SECRET), data=SECRET),
        sojourn.HTTPBasicAuth("user", SECRET),
        sojourn.BearerAuth(SECRET),
    )
    assert SECRET not in text + response.explain() + caplog.text


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="the connection is lost"),
        pytest.param({"headers": {"X-Key": f"{SECRET}\r\n"}}, id="a field value with CR LF"),
        pytest.param({"headers": {"X-Key": f"{SECRET}\0"}}, id="a field value with NUL"),
        pytest.param({"headers": {"X-Key": f"{SECRET}\u20ac"}}, id="a field value with a euro"),
        pytest.param({"auth": (f"a:{SECRET}", SECRET)}, id="a user name with a colon"),
        pytest.param({"auth": ("user", f"{SECRET}\n")}, id="a password with LF"),
        pytest.param({"cookies": {"a": f"{SECRET};"}}, id="a cookie with a semicolon"),
        pytest.param({"data": object(), "params": {"key": SECRET}}, id="content of no type"),
        pytest.param({"data": [(SECRET,)]}, id="a form of no pairs"),
    ],
)
def test_errors_show_no_secret(
    binding: Binding, scripted: Callable[..., ScriptedServer], options: dict[str, Any]
) -> None:
    server = scripted([ReadHead()])
    session = dressed(binding.session())
    session.params = {}
    with pytest.raises((RequestException, ValueError)) as caught:
        binding.run(session.post(server.url(), **options))
    binding.turn()
    error = caught.value
    said = "".join(traceback.format_exception_only(error))
    while error is not None:
        said += shown(error, getattr(error, "request", None), getattr(error, "progress", None))
        error = error.__cause__  # type: ignore[assignment]  # the loop ends at None
    assert SECRET not in said


def test_errors_about_a_url_do_not_show_its_password(binding: Binding) -> None:
    session = binding.session()
    urls = [
        f"http://user:{SECRET}@",
        f"http://user:{SECRET}@a b/",
        f"http://user:{SECRET}@a.test:99999/",
        f"ftp://user:{SECRET}@a.test/",
        f"http://user:{SECRET}@[::1/",
        f"http://user:{SECRET}@127.0.0.1:1/",
    ]
    for url in urls:
        with pytest.raises(RequestException) as caught:
            binding.run(session.get(url))
        assert SECRET not in shown(caught.value, caught.value.request), url
