"""The drop-in by SOCKS and HTTPS proxies, beside Requests."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
import requests

from sojourn import compat
from tests.servers.authority import Authority
from tests.servers.microsocks import PASSWORD, USER
from tests.servers.scripted import response as answer
from tests.servers.steps import ReadHead, Send, StartTLS, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.microsocks import Microsocks
    from tests.servers.scripted import HandlerServer, ScriptedServer

BOTH: Final = pytest.mark.parametrize("library", [requests, compat], ids=["theirs", "ours"])
OK: Final = answer(200, content=b"ok")
OPEN: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.fixture
def origins(serve: Callable[..., HandlerServer], ca: Authority) -> dict[str, HandlerServer]:
    def tell(request: Any) -> bytes:
        return OK

    return {"http": serve(tell), "https": serve(tell, context=ca.server_context())}


@pytest.fixture
def strange(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@BOTH
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["socks5", "socks5h"])
@pytest.mark.parametrize("by_environment", [False, True])
def test_socks(
    library: Any,
    guarded_microsocks: Microsocks,
    origins: dict[str, HandlerServer],
    ca: Authority,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    version: str,
    by_environment: bool,
) -> None:
    userinfo = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    proxy = f"{version}://{userinfo}@127.0.0.1:{guarded_microsocks.port}"
    if by_environment:
        monkeypatch.setenv("all_proxy", proxy)
    with library.Session() as session:
        proxies = None if by_environment else {scheme: proxy}
        url = origins[scheme].url(host="localhost")
        for _ in range(2):
            response = session.get(url, proxies=proxies, verify=str(ca.path))
            assert response.content == b"ok"
    assert origins[scheme].connections == 1
    assert origins[scheme].requests[0].target == "/"


@BOTH
@pytest.mark.parametrize("userinfo", ["", "me:wrong@"])
def test_a_password_that_is_wrong(
    library: Any, guarded_microsocks: Microsocks, userinfo: str
) -> None:
    proxies = {"http": f"socks5h://{userinfo}127.0.0.1:{guarded_microsocks.port}"}
    with library.Session() as session, pytest.raises(library.ConnectionError) as caught:
        session.get("http://localhost:1/", proxies=proxies)
    assert type(caught.value.args[0].reason).__name__ == "NewConnectionError"
    assert "wrong" not in str(caught.value)


@BOTH
def test_an_https_proxy(
    library: Any, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    server = scripted(
        [ReadHead(), Send(OPEN), StartTLS(ca.server_context()), ReadHead(), Send(OK), WaitClosed()],
        context=ca.server_context(),
    )
    proxies = {"https": f"https://me:secret@127.0.0.1:{server.port}"}
    with library.Session() as session:
        response = session.get("https://a.test/x", proxies=proxies, verify=str(ca.path))
        assert response.content == b"ok"
    head, _, inner = server.received[0].partition(b"\r\n\r\n")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in head
    assert b"Proxy-Authorization" not in inner


@BOTH
def test_an_https_proxy_that_nobody_vouches_for(
    library: Any, scripted: Callable[..., ScriptedServer], ca: Authority, strange: Authority
) -> None:
    server = scripted([WaitClosed()], context=strange.server_context())
    proxies = {"https": f"https://127.0.0.1:{server.port}"}
    with library.Session() as session, pytest.raises(library.exceptions.ProxyError) as caught:
        session.get("https://a.test/", proxies=proxies, verify=str(ca.path))
    assert "certificate verify failed" in str(caught.value)


def test_http_does_not_make_a_proxy_trusted(
    scripted: Callable[..., ScriptedServer], strange: Authority
) -> None:
    """Requests verifies no HTTPS proxy that forwards."""
    server = scripted([WaitClosed()], context=strange.server_context())
    proxies = {"http": f"https://127.0.0.1:{server.port}"}
    with compat.Session() as session, pytest.raises(compat.exceptions.ProxyError):
        session.get("http://a.test/", proxies=proxies)


@pytest.mark.parametrize("how", ["context", "name", "fingerprint"])
def test_what_managers_say_of_the_proxy(
    scripted: Callable[..., ScriptedServer], strange: Authority, how: str
) -> None:
    """The names are urllib3's."""
    fails = how != "context"
    steps = [WaitClosed()] if fails else [ReadHead(), Send(OK), WaitClosed()]
    server = scripted(steps, context=strange.server_context())
    trust = ssl.create_default_context(cafile=strange.path)
    settings: dict[str, Any] = {"proxy_ssl_context": trust}
    if how == "name":
        settings["proxy_assert_hostname"] = "other.test"
    elif how == "fingerprint":
        settings["proxy_assert_fingerprint"] = "00" * 32
    proxy = f"https://127.0.0.1:{server.port}"
    with compat.Session() as session:
        session.get_adapter("http://a.test/").proxy_manager_for(proxy, **settings)
        if fails:
            with pytest.raises(compat.exceptions.ProxyError):
                session.get("http://a.test/", proxies={"http": proxy})
            return
        assert session.get("http://a.test/", proxies={"http": proxy}).content == b"ok"
