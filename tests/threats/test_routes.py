"""Threats in the choice of a proxy, and in the low-level ways to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
from sojourn_core import Request, RequestException, Session, parse_url
from sojourn_core.rules.proxies import bypasses, resolve_proxies
from sojourn_core.values.environment import Environment
from sojourn_core.values.errors import ProxyError, SSLError
from tests.servers.scripted import response
from tests.servers.steps import Expect, Offer, Send, StartTLS, WaitClosed

from . import rows
from .rows import tries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

TRIED: Final = rows.TRIED
PROXY: Final = "http://proxy.test:3128"

BYPASSES: Final = (
    # A zone is no part of a name.
    ("CVE-2025-22870", "http://[fe80::1%25.example.com]:8080/", "*.example.com", False),
    ("CVE-2025-22870", "http://[fe80::1%25.example.com]/", ".example.com", False),
    ("CVE-2025-22870", "http://[fe80::1%25example.com]/", "example.com", False),
    ("CVE-2025-22870", "http://[fe80::1%25en0]/", "fe80::1", True),
    # One machine by all of its names.
    ("CVE-2026-42038", "http://127.0.0.1/", "localhost", True),
    ("CVE-2026-42038", "http://127.8.9.10/", "localhost", True),
    ("CVE-2026-42038", "http://[::1]/", "localhost", True),
    ("CVE-2026-42038", "http://[::ffff:127.0.0.1]/", "localhost", True),
    ("CVE-2026-42038", "http://LOCALHOST./", "localhost", True),
    ("CVE-2026-42038", "http://localhost/", "LocalHost.", True),
    ("CVE-2026-42038", "http://localhost/", "127.0.0.1", True),
    ("CVE-2026-42038", "http://[::1]/", "127.0.0.1", True),
    ("CVE-2026-42038", "http://localhost.evil.test/", "localhost", False),
    ("CVE-2026-42038", "http://notlocalhost/", "localhost", False),
    # Whole labels, and the end of the name.
    ("REQUESTS-7427", "http://example.com/", "example.com", True),
    ("REQUESTS-7427", "http://sub.example.com/", "example.com", True),
    ("REQUESTS-7427", "http://SUB.Example.com./", "example.com", True),
    ("REQUESTS-7427", "http://notexample.com/", "example.com", False),
    ("REQUESTS-7427", "http://example.com.evil.test/", "example.com", False),
    ("REQUESTS-7427", "http://example.comx/", "example.com", False),
    ("REQUESTS-7427", "http://com/", "example.com", False),
    ("REQUESTS-7427", "http://notexample.com/", ".example.com", False),
)


@pytest.mark.parametrize(("row", "url", "no_proxy", "expected"), BYPASSES)
def test_who_goes_past_the_proxy(row: str, url: str, no_proxy: str, expected: bool) -> None:
    assert row
    assert bypasses(parse_url(url), no_proxy) is expected
    environment = Environment(proxies={"http": PROXY}, no_proxy=no_proxy)
    found = resolve_proxies(parse_url(url), None, environment, trust_env=True)
    assert found == ({} if expected else {"http": PROXY})


rows.TRIED.update(row for row, *_ in BYPASSES)


@tries("CVE-2026-42038")
@pytest.mark.parametrize("url", ["http://127.1", "http://2130706433", "http://0x7f.1"])
def test_addresses_in_other_forms_are_refused(row: str, url: str) -> None:
    with pytest.raises(RequestException):
        Session().prepare_request(Request("GET", url))


@tries("CVE-2026-44431")
@pytest.mark.parametrize("session", [sojourn.Session, sojourn.compat.Session])
def test_a_transport_follows_no_redirect_by_itself(
    row: str, session: Any, serve: Callable[..., HandlerServer]
) -> None:
    def redirects(request: Received) -> bytes:
        if request.target.endswith("/stolen"):
            return response(200)
        return response(302, ("Location", "http://b.test/stolen"))

    proxy = serve(redirects)
    through = {"http": proxy.url()}
    headers = {"Authorization": "SECRET-1", "Cookie": "SECRET-1"}
    with session() as made:
        adapter = made.get_adapter("http://a.test/")
        prepared = made.prepare_request(
            session_request(session)("GET", "http://a.test/x", headers=headers)
        )
        got = adapter.send(prepared, proxies=through)
        assert got.status_code == 302
        got.close()
        manager: Any = getattr(adapter, "proxy_manager_for", lambda _: None)(proxy.url())
        assert not hasattr(manager, "urlopen")  # The drop-in's pools hold settings, and send none.
        # The session follows, and leaves them behind.
        assert made.send(prepared, proxies=through).status_code == 200
    assert [each.value("authorization") for each in proxy.requests] == ["SECRET-1"] * 2 + [None]
    assert [each.value("cookie") for each in proxy.requests] == ["SECRET-1"] * 2 + [None]


def session_request(session: Any) -> Any:
    """The class of the requests that a session prepares."""
    return sojourn.compat.Request if session is sojourn.compat.Session else sojourn.Request


@tries("CVE-2023-49081")
@pytest.mark.parametrize("session", [sojourn.Session, sojourn.compat.Session])
def test_nobody_can_say_the_version(
    row: str, session: Any, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda _: response(200))
    evil = "HTTP/1.1\r\nX-Inj: 1\r\nX:"
    with session() as made:
        with pytest.raises(TypeError):
            made.get(server.url(), version=evil)
        prepared = made.prepare_request(session_request(session)("GET", server.url("/x")))
        for name in ("version", "http_version", "_http_vsn_str"):
            try:
                setattr(prepared, name, evil)
            except AttributeError:
                continue
        made.send(prepared)
    assert server.received[0].startswith(b"GET /x HTTP/1.1\r\nHost: ")
    assert b"X-Inj" not in server.received[0]


SESSIONS: Final = pytest.mark.parametrize("session", [sojourn.Session, sojourn.compat.Session])


@tries("CVE-2026-55568")
@SESSIONS
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("proxy", ["https", "HTTPS"])
def test_an_https_proxy_is_not_spoken_to_in_clear_text(
    row: str, session: Any, scheme: str, proxy: str, scripted: Callable[..., ScriptedServer]
) -> None:
    """Not even one that says that it speaks nothing else."""
    server = scripted([Expect(b"\x16\x03"), Offer(b"HTTP/1.1 400 No\r\n\r\n"), WaitClosed()])
    with session() as made, pytest.raises(ProxyError):
        made.get(
            f"{scheme}://a.test/SECRET-1",
            proxies={"all": f"{proxy}://user:SECRET-1@127.0.0.1:{server.port}"},
        )
    assert b"SECRET-1" not in server.received[0]
    assert b"a.test" not in server.received[0]


@tries("CVE-2026-9697")
@SESSIONS
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks4a"])
def test_the_origin_behind_a_socks_proxy_is_verified(
    row: str,
    session: Any,
    scheme: str,
    scripted: Callable[..., ScriptedServer],
    ca: Authority,
) -> None:
    """An authority that is not trusted, and a name that is not in the certificate."""
    opens = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"), Expect(b"\x05\x01\x00"))
    script = [*opens, Send(b"\x05\x00\x00\x01" + bytes(6))]
    if scheme.startswith("socks4"):
        script = [Expect(b"\x04\x01"), Send(b"\x00\x5a" + bytes(6))]
    script += [StartTLS(ca.server_context()), WaitClosed()]
    server = scripted(script, script)
    proxies = {"all": f"{scheme}://127.0.0.1:{server.port}"}
    for url, verify in (("https://127.0.0.1/", True), ("https://127.0.0.2/", str(ca.path))):
        with session() as made, pytest.raises(SSLError):
            made.get(url, proxies=proxies, verify=verify)
