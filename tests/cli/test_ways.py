"""The way of a request: proxies, TLS, sockets, Expect, HTTP/1.0, and how often it is sent."""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from tests.servers.microsocks import PASSWORD, USER
from tests.servers.scripted import Received, response
from tests.servers.steps import Close, ReadContent, ReadHead, Send, StartTLS, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.servers.authority import Authority
    from tests.servers.microsocks import Microsocks
    from tests.servers.nginx import Nginx
    from tests.servers.scripted import HandlerServer, ScriptedServer

    Run = Callable[..., Ended]
    Serve = Callable[..., HandlerServer]
    Script = Callable[..., ScriptedServer]

pytestmark = pytest.mark.usefixtures("no_leaks")

OPEN: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
OK: Final = response(200, content=b"hello\n")


def hello(_: Received) -> bytes:
    return OK


# --- proxies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["http://u:p@127.0.0.1:{}", "u:p@127.0.0.1:{}"])
@pytest.mark.parametrize("option", ["-x", "--proxy"])
def test_a_proxy(
    run: Run, serve: Serve, form: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts more than what the environment says."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server = serve(hello)
    ended = run("get", "http://a.test/x", option, form.format(server.port))
    assert (ended.code, ended.out) == (0, b"hello\n")
    (received,) = server.requests
    assert received.target == "http://a.test/x"
    assert received.value("proxy-authorization") == "Basic dTpw"


@pytest.mark.parametrize(
    "arguments", [["-x", ""], ["--noproxy", "*"], ["-x", "http://127.0.0.1:1", "--noproxy", "*"]]
)
def test_no_proxy(
    run: Run, serve: Serve, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server = serve(hello)
    assert run("get", server.url("/x"), *arguments).code == 0
    assert server.requests[0].target == "/x"


def test_a_tunnel_for_http(run: Run, scripted: Script) -> None:
    server = scripted([ReadHead(), Send(OPEN), ReadHead(), Send(OK), WaitClosed()])
    assert run("get", "http://a.test/x", "-p", "-x", f"http://127.0.0.1:{server.port}").code == 0
    assert server.received[0].startswith(b"CONNECT a.test:80 HTTP/1.1\r\n")


@pytest.mark.parametrize("version", ["socks5", "socks5h"])
def test_a_proxy_that_speaks_socks(
    run: Run, serve: Serve, guarded_microsocks: Microsocks, version: str
) -> None:
    server = serve(hello)
    who = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    place = f"{version}://{who}@127.0.0.1:{guarded_microsocks.port}"
    assert run("get", server.url("/x", host="localhost"), "-x", place).code == 0
    assert server.requests[0].target == "/x"


@pytest.mark.parametrize(
    ("trust", "code"),
    [([], 3), (["--proxy-cacert"], 0), (["--proxy-insecure"], 0), (["--cacert"], 0), (["-k"], 0)],
)
def test_a_proxy_that_speaks_tls(
    run: Run, scripted: Script, ca: Authority, trust: list[str], code: int
) -> None:
    """It is trusted by what the request trusts, unless an option is about it alone."""
    script = [ReadHead(), Send(OK), WaitClosed()] if code == 0 else [WaitClosed()]
    server = scripted(script, context=ca.server_context())
    given = [*trust, *([str(ca.path)] if trust and trust[0].endswith("cacert") else [])]
    ended = run("get", "http://a.test/x", "-x", f"https://127.0.0.1:{server.port}", *given)
    assert ended.code == code
    if code == 0:
        assert server.received[0].startswith(b"GET http://a.test/x HTTP/1.1\r\n")


def test_trust_in_a_proxy_is_none_in_an_origin(run: Run, scripted: Script, ca: Authority) -> None:
    tls = StartTLS(ca.server_context())
    server = scripted([ReadHead(), Send(OPEN), tls], context=ca.server_context())
    place = f"https://127.0.0.1:{server.port}"
    ended = run("get", "https://a.test/", "-x", place, "--proxy-insecure")
    assert ended.code == 3
    assert "certificate" in ended.err


@pytest.mark.parametrize("arguments", [["-x", "ftp://a.test"], ["-x", "http://"]])
def test_what_is_no_proxy(run: Run, arguments: list[str]) -> None:
    ended = run("get", "http://a.test/", *arguments)
    assert ended.code == 2
    assert ended.err.count("\n") == 1


def test_explain_tells_the_proxy(run: Run) -> None:
    told = run("explain", "http://a.test/", "-x", "http://proxy.test:3128").out.decode()
    assert "http://proxy.test:3128" in told
    told = run("explain", "http://a.test/", "-x", "http://proxy.test:3128", "--noproxy", "a.test")
    assert "http://proxy.test:3128" not in told.out.decode()


# --- TLS ------------------------------------------------------------------------------------------


def secure(serve: Serve, ca: Authority, **settings: Any) -> HandlerServer:
    context = ca.server_context()
    for name, value in settings.items():
        setattr(context, name, value)
    return serve(hello, context=context)


@pytest.mark.parametrize(("option", "code"), [("--tlsv1.2", 0), ("--tlsv1.3", 3)])
def test_the_least_version(run: Run, serve: Serve, ca: Authority, option: str, code: int) -> None:
    server = secure(serve, ca, maximum_version=ssl.TLSVersion.TLSv1_2)
    ended = run("get", server.url(), "--cacert", str(ca.path), option)
    assert ended.code == code, ended.err


@pytest.mark.parametrize(
    ("ciphers", "code"),
    [("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384", 0), ("NO-SUCH", 2)],
)
def test_ciphers(run: Run, serve: Serve, ca: Authority, ciphers: str, code: int) -> None:
    server = secure(serve, ca, maximum_version=ssl.TLSVersion.TLSv1_2)
    ended = run("get", server.url(), "--cacert", str(ca.path), "--ciphers", ciphers)
    assert ended.code == code, ended.err


def test_a_fingerprint(run: Run, serve: Serve, ca: Authority) -> None:
    server = secure(serve, ca)
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))
    good, bad = hashlib.sha256(der).hexdigest(), "0" * 64
    trust = ["--cacert", str(ca.path)]
    assert run("get", server.url(), *trust, "--fingerprint", good).code == 0
    assert run("get", server.url(), *trust, "--fingerprint", bad, "--fingerprint", good).code == 0
    assert run("get", server.url(), *trust, "--fingerprint", bad).code == 3
    assert run("get", server.url(), "-k", "--fingerprint", bad).code == 3
    ended = run("get", server.url(), "--fingerprint", "12")
    assert (ended.code, len(server.requests)) == (2, 2)
    assert "fingerprint" in ended.err


def test_trust_of_the_environment_stays_beside_other_settings(
    run: Run, serve: Serve, ca: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = secure(serve, ca)
    assert run("get", server.url(), "--tlsv1.2").code == 3
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca.path))
    assert run("get", server.url(), "--tlsv1.2").code == 0


def test_a_client_certificate(run: Run, nginx: Nginx, ca: Authority, tmp_path: Path) -> None:
    chain, key = client_files(ca, tmp_path)
    url = nginx.url("/client-verified", scheme="https")
    trust = ["--cacert", str(ca.path)]
    assert run("get", url, *trust).out == b"NONE"
    assert run("get", url, *trust, "-E", str(chain), "--key", str(key)).out == b"SUCCESS"
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + chain.read_bytes())
    assert run("get", url, *trust, "--cert", str(both)).out == b"SUCCESS"
    ended = run("get", url, *trust, "--cert", str(tmp_path / "none.pem"))
    assert (ended.code, ended.err.count("\n")) == (2, 1)


def test_the_password_of_a_key(run: Run, nginx: Nginx, ca: Authority, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as pem

    chain, key = client_files(ca, tmp_path)
    made = pem.load_pem_private_key(key.read_bytes(), None)
    locked = pem.BestAvailableEncryption(b"sesame")
    form = pem.PrivateFormat.PKCS8
    key.write_bytes(made.private_bytes(pem.Encoding.PEM, form, locked))
    asked = ["get", nginx.url("/client-verified", scheme="https"), "--cacert", str(ca.path)]
    asked += ["--cert", str(chain), "--key", str(key)]
    assert run(*asked, "--pass", "sesame").out == b"SUCCESS"
    ended = run(*asked, "--pass", "mistaken")
    assert ended.code == 2
    assert "mistaken" not in ended.err


def client_files(ca: Authority, folder: Path) -> tuple[Path, Path]:
    """The chain and the key of a client, in files of their own."""
    text = ca.client_certificate.read_text()
    at = text.index("-----BEGIN CERTIFICATE")
    chain, key = folder / "chain.pem", folder / "key.pem"
    key.write_text(text[:at])
    chain.write_text(text[at:])
    return chain, key


# --- the message, and how often it is sent --------------------------------------------------------


def test_content_waits_until_it_is_wanted(run: Run, scripted: Script) -> None:
    server = scripted(
        [ReadHead(), Send(b"HTTP/1.1 100 Continue\r\n\r\n"), ReadContent(3), Send(OK), WaitClosed()]
    )
    assert run("get", server.url(), "--expect", "-d", "a=1").code == 0
    assert b"\r\nExpect: 100-continue\r\n" in server.received[0]


def test_content_that_is_refused_stays(run: Run, scripted: Script) -> None:
    server = scripted([ReadHead(), Send(response(413, content=b"no")), WaitClosed()])
    assert run("get", server.url(), "--expect", "--fail", "-d", "a=1").code == 1
    assert server.received[0].endswith(b"\r\n\r\n")


def test_nothing_waits_without_content(run: Run, serve: Serve) -> None:
    server = serve(hello)
    assert run("get", server.url(), "--expect").code == 0
    assert server.requests[0].value("expect") is None


@pytest.mark.parametrize("option", ["-0", "--http1.0"])
def test_http_1_0(run: Run, scripted: Script, option: str) -> None:
    server = scripted([ReadHead(), Send(b"HTTP/1.0 200 OK\r\n\r\nhello\n"), Close()])
    assert run("get", server.url("/x"), option).out == b"hello\n"
    assert server.received[0].startswith(b"GET /x HTTP/1.0\r\n")


def test_fields_with_options_of_their_own(run: Run, serve: Serve) -> None:
    server = serve(hello)
    given = ["-A", "me/1", "-e", "http://b.test/", "-b", "a=1; b=2", "-b", "c=3"]
    assert run("get", server.url(), *given).code == 0
    (received,) = server.requests
    assert received.value("user-agent") == "me/1"
    assert received.value("referer") == "http://b.test/"
    assert received.value("cookie") == "a=1; b=2; c=3"
    assert run("get", server.url(), "-b", "cookies.txt").code == 2


def test_redirects_are_followed_in_any_case(run: Run, serve: Serve) -> None:
    server = serve(lambda asked: OK if asked.target == "/2" else response(302, ("Location", "/2")))
    for arguments in ([], ["-L"], ["--location"]):
        assert run("get", server.url("/1"), *arguments).out == b"hello\n"


def test_a_limit_on_the_rate(run: Run, serve: Serve) -> None:
    server = serve(lambda asked: OK if asked.target == "/2" else response(302, ("Location", "/2")))
    ended = run("get", server.url("/1"), "--limit", "1/100s", "-m", "50", "--explain")
    assert ended.code == 3
    assert "the next turn" in ended.err
    assert len(server.requests) == 1
    assert run("get", server.url("/1"), "--limit", "server").code == 0
    ended = run("get", server.url("/1"), "--limit", "often")
    assert (ended.code, ended.err.count("\n")) == (2, 1)


def test_a_second_request(run: Run, scripted: Script) -> None:
    server = scripted([ReadHead(), WaitClosed()], [ReadHead(), Send(OK), WaitClosed()])
    ended = run("get", server.url(), "--hedge", "0.05", "--explain")
    assert (ended.code, ended.out) == (0, b"hello\n")
    assert "the second was answered" in ended.err


def test_an_address_of_this_machine(run: Run, serve: Serve) -> None:
    server = serve(hello)
    assert run("get", server.url(), "--interface", "127.0.0.3").code == 0
    assert run("get", server.url(), "--interface", "192.0.2.1").code == 3
    assert run("get", server.url(), "--unix-socket", "/x", "--interface", "127.0.0.3").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--interface", "eth0"],
        ["--connect-timeout", "0"],
        ["--hedge", "-1"],
        ["--tlsv1.2", "--tlsv1.3"],
    ],
)
def test_what_makes_no_sense(run: Run, arguments: list[str]) -> None:
    ended = run("get", "http://a.test/", *arguments)
    assert ended.code == 2
    assert "usage: sojourn get" in ended.err


def test_hops_past_a_proxy(run: Run, serve: Serve) -> None:
    """Each hop is asked anew: the second goes past, and the third does not."""

    def lead(asked: Received) -> bytes:
        match asked.target.rpartition("/")[2]:
            case "1":
                return response(302, ("Location", f"http://127.0.0.1:{server.port}/2"))
            case "2":
                return response(302, ("Location", "http://b.test/3"))
            case _:
                return OK

    server = serve(lead)
    proxy = ["-x", f"http://127.0.0.1:{server.port}", "--noproxy", "127.0.0.1"]
    assert run("get", "http://a.test/1", *proxy).code == 0
    assert [each.target for each in server.requests] == ["http://a.test/1", "/2", "http://b.test/3"]
