"""``sojourn get`` to where it is told: pinned names and Unix sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.scripted import Received, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended
    from tests.servers.scripted import HandlerServer

pytestmark = pytest.mark.usefixtures("no_leaks")


def named(received: Received) -> bytes:
    return response(200, content=(received.value("host") or "").encode())


@pytest.mark.parametrize("found", ["127.0.0.1", "[::1],127.0.0.1"])
def test_a_name_is_pinned(
    run: Callable[..., Ended], serve: Callable[..., HandlerServer], found: str
) -> None:
    port = serve(named).port
    ended = run("get", f"http://A.test:{port}/", "--resolve", f"a.test:{port}:{found}")
    assert (ended.code, ended.out) == (0, b"a.test:%d" % port)


@pytest.mark.parametrize(
    "pin", ["a.test", "a.test:80", "a.test:x:1.2.3.4", "a.test:80:b.test", ":80:1.2.3.4"]
)
def test_what_is_no_pin(run: Callable[..., Ended], pin: str) -> None:
    ended = run("get", "http://a.test/", "--resolve", pin)
    assert ended.code == 2
    assert f"invalid HOST:PORT:ADDRESS value: '{pin}'" in ended.err


def test_a_unix_socket_that_is_not_there(run: Callable[..., Ended]) -> None:
    ended = run("get", "http://a.test/", "--unix-socket", "/nowhere/x.sock")
    assert ended.code != 0
    assert "/nowhere/x.sock" in ended.err
